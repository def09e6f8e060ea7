# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..kernel.clock_units import WORKING_UNITS
from ..kernel.clock_working import ClockError
from ..kernel.escalation_ladder import Level

# from the one who works on it upward; who is missing is replaced by the next
ROLES = [
    ("handler", "Handler"),
    ("first_contact", "First contact"),
    ("team_leader", "Team leader"),
    ("department_manager", "Department manager"),
    ("quality_manager", "Quality manager"),
    ("supervisor", "Customer service supervisor"),
    ("general_manager", "General manager"),
]
# chosen by name or by the company's table of roles: they have no rank
NAMED = [("assigned", "Role of the company"), ("fixed", "Named users")]
# who is told when nobody of those is there
_ABOVE_NAMED = "department_manager"


class ComplaintSlaEscalation(models.Model):
    """One level of a line's escalation: when, who, what (R241, R323, R334)."""

    _name = "complaint.sla.escalation"
    _description = "Escalation Level"
    _order = "line_id, level, sequence, id"

    line_id = fields.Many2one("complaint.sla.line", ondelete="cascade", index=True)
    duty_id = fields.Many2one("complaint.duty", ondelete="cascade", index=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    level = fields.Integer(default=1, required=True)
    moment = fields.Selection(
        [
            ("before_due", "Before it is due"),
            ("after_due", "After it was due"),
            ("after_start", "After the start"),
            ("percent", "Percent of the time"),
        ],
        required=True,
        default="after_due",
    )
    amount = fields.Float(
        help="How many units, or how many percent of the time from start to due."
    )
    unit = fields.Selection(
        [
            ("minute", "Minutes"),
            ("hour", "Hours"),
            ("working_hour", "Working hours"),
            ("working_day", "Working days"),
            ("calendar_day", "Calendar days"),
        ],
        required=True,
        default="hour",
        help="For a percentage: whether only working time is counted.",
    )
    role = fields.Selection(
        [*ROLES, *NAMED],
        required=True,
        default="handler",
        help="Who holds the role is looked up when the level is reached. Who is "
        "missing or archived is replaced by the next higher role.",
    )
    role_id = fields.Many2one(
        "complaint.role",
        string="Company Role",
        ondelete="restrict",
        help="Who holds it is set up for each company.",
    )
    user_ids = fields.Many2many(
        "res.users", string="Users", domain="[('share', '=', False)]"
    )
    do_activity = fields.Boolean(string="Activity", default=True)
    do_mail = fields.Boolean(
        string="E-mail", default=True, help="All of one run in one mail per person."
    )
    do_priority = fields.Boolean(string="Raise Priority")
    require_instruction = fields.Boolean(
        string="Written Instruction Required",
        help="The person who is told has to sign a written instruction.",
    )

    _one_owner = models.Constraint(
        "CHECK((line_id IS NULL) != (duty_id IS NULL))",
        "An escalation level belongs to a time limit or to a recurring duty.",
    )
    _amount_positive = models.Constraint(
        "CHECK(amount >= 0)", "The amount of an escalation level cannot be negative."
    )

    @api.depends("level", "moment", "amount", "unit", "role", "role_id.name")
    def _compute_display_name(self):
        labels = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in ("moment", "unit", "role")
        }
        for level in self:
            unit = "%" if level.moment == "percent" else labels["unit"].get(level.unit)
            level.display_name = self.env._(
                "Level %(level)s: %(amount)g %(unit)s, %(moment)s: %(role)s",
                level=level.level,
                amount=level.amount,
                unit=unit,
                moment=labels["moment"].get(level.moment),
                role=(level.role == "assigned" and level.role_id.name)
                or labels["role"].get(level.role),
            )

    @api.constrains("moment", "amount", "unit")
    def _check_amount(self):
        for level in self:
            try:
                level._get_kernel_level()
            except ClockError as error:
                raise ValidationError(
                    self.env._(
                        "Level %(level)s cannot be %(amount)g %(unit)s. Enter a "
                        "number of 0 or more, and whole days.",
                        level=level.level,
                        amount=level.amount,
                        unit=level.unit,
                    )
                ) from error

    @api.constrains("role", "role_id", "user_ids")
    def _check_users(self):
        for level in self:
            if level.role == "assigned" and not level.role_id:
                raise ValidationError(
                    self.env._(
                        "Level %(level)s names no role of the company. Choose one.",
                        level=level.level,
                    )
                )
            if level.role == "fixed" and not level.user_ids:
                raise ValidationError(
                    self.env._(
                        "Level %(level)s names no user. Choose who is told, or "
                        "choose a role.",
                        level=level.level,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fired(self):
        """What was escalated stays evidence (R321)."""
        # sudo: the answer must not depend on which complaints one may read
        fired = self.env["complaint.escalation"].sudo()
        if fired.search_count([("level_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._(
                    "This level was reached by complaints. Archive it, so that "
                    "their record stays complete."
                )
            )

    def _get_kernel_level(self):
        """Return this level in the words of the kernel.

        :raise ClockError: amount and unit make no sense
        """
        self.ensure_one()
        return Level(self.id, self.moment, self.amount, self.unit)

    # ------------------------------------------------------------------
    # In words
    # ------------------------------------------------------------------

    def _get_preview(self):
        """Return for example "1 hour before it is due: Handler (activity, e-mail)"."""
        self.ensure_one()
        ways = {
            "do_activity": self.env._("activity"),
            "do_mail": self.env._("e-mail"),
            "do_priority": self.env._("raised priority"),
            "require_instruction": self.env._("written instruction required"),
        }
        chosen = [text for name, text in ways.items() if self[name]]
        return self.env._(
            "%(when)s: %(who)s (%(how)s)",
            when=self._get_preview_moment(),
            who=self._get_preview_who(),
            how=", ".join(chosen) or self.env._("only noted"),
        )

    def _get_preview_moment(self):
        """Return when the level is reached, in words."""
        if self.moment == "percent":
            if self.unit in WORKING_UNITS:
                return self.env._(
                    "after %(percent)g %% of the working time", percent=self.amount
                )
            return self.env._("after %(percent)g %% of the time", percent=self.amount)
        if not self.amount:
            if self.moment == "after_start":
                return self.env._("at the start")
            return self.env._("when it is due")
        time = self.line_id._get_amount_text(self.amount, self.unit)
        if self.moment == "before_due":
            return self.env._("%(time)s before it is due", time=time)
        if self.moment == "after_start":
            return self.env._("%(time)s after the start", time=time)
        return self.env._("%(time)s after it was due", time=time)

    def _get_preview_who(self):
        """Return the role, as the company calls it, or the names of fixed users."""
        if self.role == "fixed":
            return ", ".join(name for name in self.user_ids.mapped("name") if name)
        if self.role == "assigned":
            # sudo: names of roles are no secret
            return self.sudo().role_id.name or "…"
        roles = dict(self._fields["role"]._description_selection(self.env))
        return roles.get(self.role, "")

    # ------------------------------------------------------------------
    # Who
    # ------------------------------------------------------------------

    def _get_people(self, deadline):
        """Return ``(users, role that they hold, note)`` of this level, now.

        :param deadline: one `complaint.deadline`
        :return: `res.users`, maybe empty; a key of `ROLES` or `NAMED`; text
            that says who was replaced, empty when nobody was
        """
        self.ensure_one()
        users, role, skipped = self._find_people(self.role, deadline)
        return users, role or self.role, self._get_people_note(skipped, users)

    def _find_people(self, role, deadline):
        """Return ``(users, role that they hold, roles without anybody)``.

        :param str role: a key of `ROLES`, or of `NAMED` for those this level names
        :param deadline: one `complaint.deadline`
        """
        skipped = []
        if role in dict(NAMED):
            users = self._keep_available(self._get_named(deadline), deadline)
            if users:
                return users, role, skipped
            skipped.append(role)
            role = _ABOVE_NAMED
        names = [name for name, _label in ROLES]
        for name in names[names.index(role) :]:
            for candidates in self._get_candidates(name, deadline):
                if users := self._keep_available(candidates, deadline):
                    return users, name, skipped
            skipped.append(name)
        return self.env["res.users"], None, skipped

    def _get_named(self, deadline):
        """Return the users of a level that names them, or names their role."""
        if self.role == "fixed":
            return self.user_ids
        # sudo: who holds a role is set-up; the sweep tells whoever it is. Read from
        # the role, so that one sweep asks once
        holders = self.sudo().role_id.assignment_ids.filtered(
            lambda row: row.company_id == deadline.company_id
        )
        users = holders.user_id or holders.department_id.manager_id.user_id
        return users.with_env(self.env)

    @api.model
    def _get_candidates(self, role, deadline):
        """Hook: yield users for a role, best first (a department's parents next)."""
        ticket, company = deadline.ticket_id, deadline.company_id
        if role == "handler" and deadline.duty_id:
            yield from deadline.duty_id._get_owner_candidates()
        elif role == "handler":
            # of a task: whose task it is
            is_task = deadline.dispatch_id or not ticket
            people = deadline.user_id if is_task else ticket.user_id
            if deadline.eightd_link_id:
                # whose discipline is asked for works on it, the handler answers
                people |= deadline.user_id
            yield people
        elif role == "first_contact":
            yield ticket.complaint_first_contact_id
        elif role == "team_leader":
            yield ticket.team_id.user_id
        elif role == "department_manager":
            department = ticket.complaint_department_id or deadline.department_id
            if deadline.dispatch_id or deadline.eightd_link_id:
                department = deadline.department_id
            while department:
                yield department.manager_id.user_id
                department = department.parent_id
        else:
            yield company[f"complaint_{role}_id"]

    @api.model
    def _keep_available(self, users, deadline):
        """Return who can act: active, internal, of the company, not recused."""
        users = users.filtered(
            lambda user: user.active
            and not user.share
            and (not deadline.company_id or deadline.company_id in user.company_ids)
        )
        ticket = deadline.ticket_id
        if "complaint_recused_user_ids" in ticket._fields:
            users -= ticket.complaint_recused_user_ids
        return users

    def _get_people_note(self, skipped, users):
        if not skipped:
            return ""
        roles = dict(self._fields["role"]._description_selection(self.env))
        if self.role == "assigned":
            roles["assigned"] = self.role_id.name
        missing = ", ".join(roles[name] for name in skipped)
        if not users:
            return self.env._(
                "Nobody could be told, not available: %(roles)s.", roles=missing
            )
        return self.env._(
            "Not available: %(roles)s. Told instead: %(names)s.",
            roles=missing,
            names=", ".join(users.mapped("name")),
        )
