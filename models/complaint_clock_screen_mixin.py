# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.fields import Domain


class ComplaintClockScreenMixin(models.AbstractModel):
    """How the clocks of a complaint are shown to people."""

    _name = "complaint.clock.screen.mixin"
    _description = "Complaint Clocks on the Screen"
    _inherit = ["complaint.due.mixin"]

    complaint_next_due_text = fields.Char(
        string="Due in",
        compute="_compute_complaint_next_due_text",
        groups="base.group_user",
        help="How far the next due time is away, or how late it is.",
    )
    complaint_is_overdue = fields.Boolean(
        string="Overdue",
        compute="_compute_complaint_next_due_text",
        groups="base.group_user",
    )
    complaint_timeline = fields.Html(
        string="Timeline",
        compute="_compute_complaint_timeline",
        # made by the server; the template escapes every text
        sanitize=False,
        groups="base.group_user",
    )
    complaint_escalation_ids = fields.One2many(
        "complaint.escalation",
        "ticket_id",
        string="Escalations",
        groups="base.group_user",
    )
    complaint_reaction_ids = fields.One2many(
        "complaint.deadline.reaction",
        "ticket_id",
        string="Overdue Reactions",
        groups="base.group_user",
    )
    complaint_told_me = fields.Boolean(
        string="I Was Told",
        compute="_compute_complaint_told_me",
        search="_search_complaint_told_me",
        groups="base.group_user",
        help="An escalation of this complaint reached me.",
    )

    @api.depends("complaint_next_due_at")
    @api.depends_context("lang")
    def _compute_complaint_next_due_text(self):
        now = fields.Datetime.now()
        for ticket in self:
            due = ticket.complaint_next_due_at
            ticket.complaint_next_due_text = ticket._complaint_get_due_text(due, now)
            ticket.complaint_is_overdue = bool(due and due < now)

    @api.depends("complaint_deadline_ids")
    @api.depends_context("lang", "tz", "uid")
    def _compute_complaint_timeline(self):
        for ticket in self:
            deadlines = ticket._origin.complaint_deadline_ids
            ticket.complaint_timeline = deadlines._render_timeline()

    @api.depends("complaint_escalation_ids")
    @api.depends_context("uid")
    def _compute_complaint_told_me(self):
        told = self.filtered_domain(self._get_complaint_told_domain())
        for ticket in self:
            ticket.complaint_told_me = ticket in told

    @api.model
    def _search_complaint_told_me(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        told = self._get_complaint_told_domain()
        wanted = (True in value) == (operator == "in")
        return told if wanted else ~told

    @api.model
    def _get_complaint_told_domain(self):
        """Hook: return the complaints that this user was told of."""
        return Domain("complaint_escalation_ids.user_ids", "in", self.env.user.ids)
