# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models

# what an outgoing message of a purpose means for the clocks
_PURPOSE_EVENTS = {
    "acknowledgement": "acknowledged",
    "progress": "customer_progress_told",
    "decision": "customer_informed",
}


class ComplaintCommunication(models.Model):
    """A talk or message with the customer: who, when, how, what (沟通记录, R373)."""

    _name = "complaint.communication"
    _description = "Complaint Communication"
    _inherit = ["complaint.child.mixin"]
    _order = "at desc, id desc"
    _rec_name = "purpose"

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
            ("decision", "Decision"),
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
    attachment_ids = fields.Many2many("ir.attachment", string="Attachments")

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        for record in records.filtered(lambda r: r.direction == "out"):
            record._log_told()
        return records

    def _log_told(self):
        """Log what this outgoing message means; any first one is a first reply."""
        self.ensure_one()
        note = self.content[:200]
        codes = {"acknowledged", _PURPOSE_EVENTS.get(self.purpose, "acknowledged")}
        for code in sorted(codes):
            self.ticket_id._complaint_event(
                code, at=self.at, user=self.user_id, note=note
            )
