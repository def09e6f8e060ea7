# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .complaint_past import complaint_now

# numbers of Odoo's palette: blue, yellow, green, red; all else is grey
_COLORS = {"running": 4, "paused": 3, "met": 10, "missed": 1}


class ComplaintDeadlineScreenMixin(models.AbstractModel):
    """How a deadline is shown, and what people answer to an overdue one (R323)."""

    _name = "complaint.deadline.screen.mixin"
    _description = "Deadlines on the Screen"
    _inherit = ["complaint.due.mixin"]

    due_text = fields.Char(
        string="Due in",
        compute="_compute_due_text",
        help="How far the due time is away, or how late it is.",
    )
    state_color = fields.Integer(
        compute="_compute_state_color", help="Colour in calendars, by state."
    )
    reaction_ids = fields.One2many(
        "complaint.deadline.reaction", "deadline_id", string="Reactions"
    )
    reacted_at = fields.Datetime(string="Last Reaction", compute="_compute_reacted_at")
    is_late = fields.Boolean(
        string="Past Its Limit",
        compute="_compute_is_late",
        search="_search_is_late",
        help="Overdue now, or missed: it needs a reaction. One that got more time "
        "is not: who extended it and why is in its history.",
    )

    @api.depends("due_at", "finished_at", "state")
    @api.depends_context("lang")
    def _compute_due_text(self):
        for deadline in self:
            due, end = deadline.due_at, deadline.finished_at
            if deadline.state == "paused":
                deadline.due_text = self.env._("Paused")
            elif not end or (deadline.state == "missed" and due and end > due):
                deadline.due_text = deadline._complaint_get_due_text(due, end)
            else:
                # in time, not needed, or a day without report: not late any more
                deadline.due_text = ""

    @api.depends("state")
    def _compute_state_color(self):
        for deadline in self:
            deadline.state_color = _COLORS.get(deadline.state, 0)

    @api.depends("reaction_ids")
    def _compute_reacted_at(self):
        for deadline in self:
            times = deadline.reaction_ids.mapped("at")
            deadline.reacted_at = max(times, default=False)

    @api.depends("due_at", "finished_at", "state")
    def _compute_is_late(self):
        for deadline in self:
            deadline.is_late = deadline.is_overdue or deadline.state == "missed"

    @api.model
    def _search_is_late(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        late = Domain("is_overdue", "=", True) | Domain("state", "=", "missed")
        wanted = (True in value) == (operator == "in")
        return late if wanted else ~late

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_react(self):
        """Open the dialog that records the reaction to overdue deadlines."""
        self._check_reaction()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Overdue Reaction"),
            "res_model": "complaint.deadline.react",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_deadline_ids": [fields.Command.set(self.ids)],
                "default_department_id": self.department_id.id
                if len(self.department_id) == 1
                else False,
            },
        }

    # ------------------------------------------------------------------
    # Reactions
    # ------------------------------------------------------------------

    def _check_reaction(self):
        """Raise unless this user may react to these deadlines.

        :raise UserError: not of these groups, none chosen, or one is in time
        """
        groups = (
            "helpdesk_mgmt_complaint.group_complaint_handler",
            "helpdesk_mgmt_complaint.group_complaint_supervisor",
        )
        if not any(self.env.user.has_group(group) for group in groups):
            raise UserError(
                self.env._(
                    "Only complaint handlers, quality and supervisors react to "
                    "overdue deadlines."
                )
            )
        if not self:
            raise UserError(self.env._("Choose the overdue deadlines."))
        self.check_access("read")
        in_time = self.filtered(lambda deadline: not deadline.is_late)
        if in_time:
            raise UserError(
                self.env._(
                    "%(names)s: not overdue, there is nothing to react to.",
                    names=", ".join(in_time.mapped("display_name")),
                )
            )

    def _react(self, text, measure=None, expected_date=None, department=None):
        """Store the reaction to these overdue deadlines and log it (R323).

        :param str text: what was asked or decided
        :param str measure: what will be done
        :param expected_date: until when
        :param department: `hr.department` that was asked, by default each
            deadline's own
        :return: `complaint.deadline.reaction`
        :raise UserError: see `_check_reaction`; nothing written
        """
        self._check_reaction()
        if not (text or "").strip():
            raise UserError(self.env._("Write what was asked or decided."))
        values = [
            deadline._prepare_reaction_vals(text, measure, expected_date, department)
            for deadline in self
        ]
        # sudo: nobody has create rights, so that no reaction is forged by RPC; who
        # may react, and to what, was checked
        reactions = self.env["complaint.deadline.reaction"].sudo().create(values)
        # as the user himself from here on
        reactions = reactions.sudo(self.env.su)
        for ticket, deadlines in self.grouped("ticket_id").items():
            if ticket:
                ticket._complaint_event(
                    "overdue_reacted",
                    note=text,
                    payload=deadlines._prepare_reaction_payload(reactions),
                )
        return reactions

    def _prepare_reaction_vals(self, text, measure, expected_date, department):
        """Hook: return the values of one reaction."""
        self.ensure_one()
        return {
            "deadline_id": self.id,
            "user_id": self.env.uid,
            "at": complaint_now(self.env),
            "department_id": (department or self.department_id).id,
            "days_late": self.days_late,
            "text": text,
            "measure": measure,
            "expected_date": expected_date,
        }

    def _prepare_reaction_payload(self, reactions):
        """Hook: return what the event says of the reactions to these deadlines."""
        own = reactions.filtered(lambda reaction: reaction.deadline_id in self)
        return {
            "deadlines": [
                {"id": deadline.id, "line": deadline.line_key, "name": deadline.name}
                for deadline in self
            ],
            "reactions": own.ids,
        }
