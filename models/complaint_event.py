# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class ComplaintEvent(models.Model):
    """One fact in the life of a complaint, written once and never changed.

    Clocks, timelines and evidence are derived from these rows alone. A wrong
    row is corrected by a new one that points to it (`corrects_id`). Rows are
    created by `helpdesk.ticket._complaint_event` only.
    """

    _name = "complaint.event"
    _description = "Complaint Event"
    _order = "at desc, id desc"
    _rec_name = "type_id"

    ticket_id = fields.Many2one(
        "helpdesk.ticket", string="Complaint", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", related="ticket_id.company_id", store=True, precompute=True
    )
    cycle = fields.Integer(
        required=True, default=1, help="1 until the first reopening, then 2, 3 ..."
    )
    type_id = fields.Many2one(
        "complaint.event.type", string="Event", required=True, ondelete="restrict"
    )
    code = fields.Char(required=True)
    once_only = fields.Boolean()
    scope_key = fields.Char(
        required=True,
        default="",
        help="Empty for the complaint itself, otherwise the dispatch or 8D.",
    )
    at = fields.Datetime(string="Happened at", required=True)
    recorded_at = fields.Datetime(required=True, default=fields.Datetime.now)
    user_id = fields.Many2one("res.users", string="By", ondelete="restrict")
    department_id = fields.Many2one("hr.department", ondelete="restrict")
    note = fields.Text()
    payload = fields.Json(help="Old and new values, where a value changed.")
    corrects_id = fields.Many2one(
        "complaint.event", string="Corrects", ondelete="restrict"
    )
    corrected_by_ids = fields.One2many("complaint.event", "corrects_id")
    is_effective = fields.Boolean(
        compute="_compute_is_effective", search="_search_is_effective"
    )

    # serves the clocks (all events of one complaint by code) and the timeline
    _ticket_code_at_idx = models.Index("(ticket_id, code, at)")
    # serves the statistics: when each complaint was reported, accepted, closed
    _milestone_idx = models.Index(
        "(code, ticket_id, at, id) "
        "WHERE code IN ('reported', 'accepted', 'decided', 'closed')"
    )
    _once_only_unique = models.UniqueIndex(
        "(ticket_id, scope_key, cycle, code) WHERE once_only AND corrects_id IS NULL",
        "This event was already recorded for the complaint.",
    )
    # serves statements: what was reported or closed in a period
    _statement_idx = models.Index(
        "(company_id, code, at) WHERE code IN ('reported', 'closed')"
    )
    _corrects_unique = models.UniqueIndex(
        "(corrects_id) WHERE corrects_id IS NOT NULL",
        "This event was already corrected; correct its correction instead.",
    )

    @api.depends("corrected_by_ids")
    def _compute_is_effective(self):
        for event in self:
            event.is_effective = not event.corrected_by_ids

    @api.model
    def _search_is_effective(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        wanted = (True in value) == (operator == "in")
        return [("corrected_by_ids", "=" if wanted else "!=", False)]

    def write(self, vals):  # pylint: disable=method-required-super  # never writes
        raise UserError(
            self.env._(
                "The event log cannot be changed. Record a correction instead, "
                "so that the original stays visible."
            )
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The event log cannot be deleted."))
