# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

_ACCUSED = "complaint_accused_employee_ids"
_SOURCES = {_ACCUSED, "complaint_recused_extra_ids"}
# all that a client may do to the list of employees: it is written with sudo
_LINK_COMMANDS = (Command.UNLINK, Command.LINK, Command.CLEAR, Command.SET)
# what follows from them and from the procedure
_DERIVED = ("complaint_recused_user_ids", "complaint_recused_blind")


class ComplaintRecusalMixin(models.AbstractModel):
    """Who is complained about takes no part in it (R519).

    The record rules (`complaint_write_domain`, `complaint_access_domain`) refuse
    writing to recused users, and reading where the procedure wants it. What is
    here keeps them from being handler or first contact, and is asked wherever
    somebody acts in his own name.
    """

    _name = "complaint.recusal.mixin"
    _description = "Complaint Recusal"

    complaint_accused_employee_ids = fields.Many2many(
        "hr.employee",
        "complaint_accused_employee_rel",
        "ticket_id",
        "employee_id",
        string="Complained-about Persons",
        context={"active_test": False},
        groups="base.group_user",
        copy=False,
    )
    complaint_recused_extra_ids = fields.Many2many(
        "res.users",
        "complaint_recused_extra_rel",
        "ticket_id",
        "user_id",
        string="Also Recused",
        domain="[('share', '=', False)]",
        context={"active_test": False},
        groups="base.group_user",
        copy=False,
        help="Others who must not deal with it, for example relatives.",
    )
    complaint_recused_user_ids = fields.Many2many(
        "res.users",
        "complaint_recused_user_rel",
        "ticket_id",
        "user_id",
        string="Recused",
        compute="_compute_complaint_recused_user_ids",
        store=True,
        context={"active_test": False},
        groups="base.group_user",
        copy=False,
    )
    complaint_recused_blind = fields.Boolean(
        string="Recused See Nothing",
        compute="_compute_complaint_recused_blind",
        store=True,
        groups="base.group_user",
    )

    @api.depends(
        "complaint_accused_employee_ids.user_id", "complaint_recused_extra_ids"
    )
    def _compute_complaint_recused_user_ids(self):
        for ticket in self:
            # sudo: hr.employee is protected; only the users behind are taken
            accused = ticket.sudo().complaint_accused_employee_ids.user_id
            extra = ticket.sudo().complaint_recused_extra_ids  # sudo: as above
            ticket.complaint_recused_user_ids = [Command.set((accused | extra).ids)]

    @api.depends("complaint_procedure_id.recused_blind")
    def _compute_complaint_recused_blind(self):
        for ticket in self:
            # sudo: set-up
            procedure = ticket.sudo().complaint_procedure_id
            ticket.complaint_recused_blind = procedure.recused_blind

    @api.constrains("user_id", "complaint_first_contact_id")
    def _check_handler_not_recused(self):
        for ticket in self:
            # sudo: handlers of plain tickets need no rights on complaints
            people = ticket.sudo()
            ticket._complaint_check_not_recused(
                people.user_id | people.complaint_first_contact_id
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def default_get(self, fields_list):
        """Nobody is recused, or not, by the context or a user's own default."""
        defaults = super().default_get(fields_list)
        for name in _DERIVED:
            defaults.pop(name, None)
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            for name in _DERIVED:
                vals.pop(name, None)
        accused = [vals.pop(_ACCUSED, None) for vals in vals_list]
        tickets = super().create(vals_list)
        for ticket, commands in zip(tickets, accused, strict=True):
            if commands:
                ticket._complaint_write_accused(commands)
        if any(accused) or any(_SOURCES & set(vals) for vals in vals_list):
            tickets._complaint_after_recusal()
        return tickets

    def write(self, vals):
        if set(_DERIVED) & set(vals):
            raise UserError(
                self.env._(
                    "Name the complained-about persons, or add users to “Also Recused”."
                )
            )
        if not _SOURCES & set(vals):
            return super().write(vals)
        vals = dict(vals)
        # the right to write is that of before: nobody frees himself by this write
        self.check_access("write")
        if _ACCUSED in vals:
            self._complaint_write_accused(vals.pop(_ACCUSED))
        result = super().write(vals) if vals else True
        self._complaint_after_recusal()
        return result

    def _complaint_write_accused(self, value):
        """Write the list of employees, whom few users may read as such.

        :param value: commands, a list of ids or `hr.employee` records
        :raise UserError: for commands that would change employees themselves
        """
        if isinstance(value, models.BaseModel):
            value = value.ids
        commands = list(value or [Command.clear()])
        if all(isinstance(item, int) for item in commands):
            commands = [Command.set(commands)]
        if any(command[0] not in _LINK_COMMANDS for command in commands):
            raise UserError(self.env._("Choose the persons among your employees."))
        # sudo: only links are written, and the caller checked the right to write
        return super(ComplaintRecusalMixin, self.sudo()).write({_ACCUSED: commands})

    # ------------------------------------------------------------------
    # Mail
    # ------------------------------------------------------------------

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Whoever must not know of the complaint gets no message about it."""
        found = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        # sudo: who is recused is asked on behalf of everybody who writes
        ticket = self.sudo()
        if len(ticket) != 1 or not ticket.complaint_recused_blind:
            return found
        hidden = set(ticket.complaint_recused_user_ids.partner_id.ids)
        return [recipient for recipient in found if recipient["id"] not in hidden]

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _complaint_get_recused(self):
        """Return the users who take no part in these complaints."""
        # sudo: who is recused is asked on behalf of everybody who acts
        return self.sudo().complaint_recused_user_ids.sudo(self.env.su)

    def _complaint_check_not_recused(self, users):
        """Refuse users who must not deal with these complaints (R519).

        :param users: `res.users` who act, or would be chosen
        :raise UserError: naming the first complaint and the person
        """
        for ticket in self:
            recused = users & ticket._complaint_get_recused()
            if recused:
                raise UserError(
                    self.env._(
                        "%(complaint)s: %(users)s is complained about or recused and "
                        "takes no part in it. Choose somebody else.",
                        complaint=ticket.display_name,
                        # sudo: names of colleagues
                        users=", ".join(recused.sudo().mapped("name")),
                    )
                )

    def _complaint_after_recusal(self):
        """Log who is recused now, and take the complaint out of his hands."""
        # sudo: who recuses somebody need not have the rights on what that one had
        for ticket in self.sudo().filtered("is_complaint"):
            recused = ticket.complaint_recused_user_ids
            ticket._complaint_event(
                "recused",
                note=", ".join(
                    ticket.complaint_accused_employee_ids.mapped("name")
                    + ticket.complaint_recused_extra_ids.mapped("name")
                ),
                payload={"user_ids": recused.ids},
            )
            if ticket.complaint_recused_blind and self.env.user in recused:
                raise UserError(
                    self.env._(
                        "By this procedure you may not see a complaint about yourself. "
                        "Ask a colleague to register it, or to name you in it."
                    )
                )
            ticket.message_unsubscribe(partner_ids=recused.partner_id.ids)
            if recused and not ticket._complaint_is_ended():
                ticket._complaint_replace_recused(recused)

    def _complaint_replace_recused(self, recused):
        """Hook: hand over what recused users hold in this complaint.

        :param recused: `res.users`
        """
        self.ensure_one()
        successor = self._get_complaint_successor(recused)
        changes = {
            name: successor.id
            for name in ("user_id", "complaint_first_contact_id")
            if self[name] & recused
        }
        if changes and successor:
            self._complaint_transfer(
                changes, self.env._("Complained about, therefore recused."), False
            )
        elif changes:
            raise UserError(
                self.env._(
                    "There is nobody to take the complaint over from the recused "
                    "person. Choose another handler and first contact first."
                )
            )
        activities = self.activity_ids.filtered(lambda a: a.user_id in recused)
        if activities and successor:
            activities.write({"user_id": successor.id})

    def _get_complaint_successor(self, recused):
        """Hook: return who takes over from recused users: the managers first."""
        self.ensure_one()
        employees = recused.employee_ids
        company = self.company_id
        candidates = [
            self.complaint_department_id.manager_id.user_id,
            self.team_id.user_id,
            *employees.department_id.manager_id.user_id,
            *employees.parent_id.user_id,
            self.user_id,
            self.complaint_first_contact_id,
            self.env.user,
        ]
        for user in candidates:
            if (
                user
                and user not in recused
                and not user.share
                and user.active
                and company in user.company_ids
            ):
                return user
        return self.env["res.users"]
