# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models


class ComplaintSample(models.Model):
    """An abnormal sample (or photos instead): where it is, who has it (R040)."""

    _name = "complaint.sample"
    _description = "Complaint Sample"
    _inherit = ["complaint.logged.mixin"]
    _order = "ticket_id, id"
    _complaint_logged_fields = ("requested_at", "received_at")

    name = fields.Char(string="Sample", required=True)
    line_id = fields.Many2one(
        "complaint.line",
        string="Goods",
        domain="[('ticket_id', '=', ticket_id)]",
        ondelete="set null",
    )
    quantity = fields.Float(digits="Product Unit", default=1.0)
    photos_only = fields.Boolean(
        string="Photos Instead", help="No sample is available, photos replace it."
    )
    requested_at = fields.Datetime(string="Requested on")
    received_at = fields.Datetime(string="Received on")
    received_by_id = fields.Many2one("res.users", string="Received by")
    place = fields.Char(string="Kept at")
    is_complete_set = fields.Boolean(
        string="Complete Set",
        help="Came back complete, not dismantled and not mixed up.",
    )
    attachment_ids = fields.Many2many("ir.attachment", string="Photos")

    @api.onchange("received_at")
    def _onchange_received_at(self):
        if self.received_at and not self.received_by_id:
            self.received_by_id = self.env.user

    def _get_complaint_log_entries(self):
        entries = super()._get_complaint_log_entries()
        for code, at in (
            ("sample_requested", self.requested_at),
            ("sample_received", self.received_at),
        ):
            if at:
                entries[code] = {"at": at, "note": self.name}
        return entries
