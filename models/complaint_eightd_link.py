# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models

from .complaint_eightd_discipline import ANSWER_TYPES


class ComplaintEightdLink(models.Model):
    """A complaint that an 8D answers, with all that is this customer's own."""

    _name = "complaint.eightd.link"
    _description = "Complaint of an 8D"
    _inherit = ["complaint.eightd.link.mixin", "complaint.eightd.child.mixin"]
    _order = "eightd_id, id"
    _rec_name = "ticket_id"

    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="Complaint",
        required=True,
        ondelete="restrict",
        index=True,
        domain="[('is_complaint', '=', True)]",
    )
    partner_id = fields.Many2one(related="ticket_id.partner_id", string="Customer")
    answer_type = fields.Selection(ANSWER_TYPES, string="Requested Answer")
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(), string="Language"
    )
    customer_wording = fields.Text()
    customer_reference = fields.Char()
    delivered_qty = fields.Float(string="Delivered", digits="Product Unit")
    claimed_qty = fields.Float(string="Claimed", digits="Product Unit")
    returned_qty = fields.Float(string="Returned", digits="Product Unit")
    received_at = fields.Datetime(
        string="Received by Quality", readonly=True, copy=False
    )
    date_from = fields.Datetime(string="Linked on", default=fields.Datetime.now)
    date_to = fields.Datetime(string="Linked until", readonly=True, copy=False)
    verdict = fields.Selection(
        [
            ("none", "Not answered"),
            ("sent", "Sent"),
            ("accepted", "Accepted"),
            ("rejected", "Rejected"),
        ],
        required=True,
        default="none",
        readonly=True,
        copy=False,
    )
    release_ids = fields.One2many("complaint.eightd.release", "link_id")

    _current_unique = models.UniqueIndex(
        "(ticket_id) WHERE date_to IS NULL",
        "This complaint is answered by an 8D already.",
    )

    def _get_scope_key(self):
        """Return what events and deadlines of this answer are marked with."""
        return f"eightd,{self.id}"
