# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

from .complaint_procedure_gate_mixin import PROMISE_CODES

# what an outgoing message of a purpose means for the clocks
_PURPOSE_EVENTS = {
    "acknowledgement": "acknowledged",
    "progress": "customer_progress_told",
    "solution": "solution_given",
    "decision": "customer_informed",
    "result": "result_given",
}
# what the customer's own message says
_ANSWER_EVENTS = {
    "acceptance": "customer_accepted",
    "rejection": "customer_rejected",
}


class ComplaintCommunication(models.Model):
    """A talk or message with the customer: who, when, how, what (沟通记录, R373)."""

    _name = "complaint.communication"
    _description = "Complaint Communication"
    _inherit = ["complaint.logged.mixin"]
    _order = "at desc, id desc"
    _rec_name = "purpose"
    _complaint_logged_fields = (
        "direction",
        "purpose",
        "at",
        "user_id",
        "expected_at",
        "delay_reason",
    )

    direction = fields.Selection(
        [("in", "From the customer"), ("out", "To the customer")],
        required=True,
        default="out",
    )
    purpose = fields.Selection(
        [
            ("acknowledgement", "Acknowledgement"),
            ("question", "Question"),
            ("progress", "Progress"),
            ("solution", "Solution"),
            ("decision", "Decision"),
            ("result", "Result"),
            ("acceptance", "Customer accepts"),
            ("rejection", "Customer rejects"),
            ("other", "Other"),
        ],
        required=True,
        default="other",
        help="What the customer was told decides which deadline is met by it.",
    )
    channel_id = fields.Many2one(
        "helpdesk.ticket.channel",
        domain="[('complaint_code', '!=', False)]",
        required=True,
    )
    at = fields.Datetime(required=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users", string="Our Person", default=lambda self: self.env.user
    )
    partner_id = fields.Many2one("res.partner", string="Customer's Person")
    persons = fields.Char(string="Persons Taking Part")
    content = fields.Text(required=True)
    result = fields.Text()
    promise = fields.Text(string="Promised")
    expected_at = fields.Datetime(
        string="Expected Completion Told",
        help="Estimated completion that the customer was told; earlier estimates "
        "stay in earlier records.",
    )
    delay_reason = fields.Text(
        string="Reason for the Delay",
        help="Why there is no solution yet, as the customer was told. With it a "
        "progress report answers the time limits that allow that; they are due "
        "again at the completion told.",
    )
    attachment_ids = fields.Many2many("ir.attachment", string="Attachments")

    @api.constrains("direction", "purpose")
    def _check_answer_is_the_customers(self):
        for talk in self:
            if talk.direction == "out" and talk.purpose in _ANSWER_EVENTS:
                raise UserError(
                    self.env._(
                        "Only the customer accepts or rejects: choose “From the "
                        "customer” as direction."
                    )
                )

    @api.constrains("direction", "purpose", "promise", "ticket_id")
    def _check_promise(self):
        """R341, R342: no promise, solution or decision before the decision."""
        for talk in self:
            code = _PURPOSE_EVENTS.get(talk.purpose)
            promises = (talk.promise or "").strip() or code in PROMISE_CODES
            if talk.direction == "out" and promises:
                talk.ticket_id._complaint_check_promise()

    def _get_complaint_log_entries(self):
        """What this outgoing message means; any first one is a first reply."""
        entries = super()._get_complaint_log_entries()
        if self.direction == "out":
            note = (self.content or "")[:200]
            told = {"at": self.at, "user": self.user_id, "note": note}
            entries["acknowledged"] = told
            entries[_PURPOSE_EVENTS.get(self.purpose, "acknowledged")] = told
        elif self.purpose in _ANSWER_EVENTS:
            entries[_ANSWER_EVENTS[self.purpose]] = {
                "at": self.at,
                "user": self.user_id,
                "note": (self.content or "")[:200],
            }
        return entries

    def _get_complaint_log_fallback(self):
        # whatever the purpose, the customer was told something
        return "acknowledged" if self.direction == "out" else None

    def _get_complaint_log_payload(self, code):
        """A progress report says why, and until when (R220, R247, R303, R458)."""
        details = super()._get_complaint_log_payload(code)
        if code == "customer_progress_told":
            details["reason"] = (self.delay_reason or "").strip()
            details["next_due"] = fields.Datetime.to_string(self.expected_at) or None
        return details
