# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models

from .complaint_eightd_discipline import ANSWER_TYPES


class ComplaintEightdRelease(models.Model):
    """What a customer got, frozen: text, PDF, checksum, and what he said to it."""

    _name = "complaint.eightd.release"
    _description = "8D Release"
    _inherit = ["complaint.eightd.child.mixin"]
    _order = "link_id, revision desc"

    link_id = fields.Many2one(
        "complaint.eightd.link", required=True, ondelete="restrict", index=True
    )
    ticket_id = fields.Many2one(related="link_id.ticket_id", store=True, index=True)
    revision = fields.Integer(required=True, readonly=True)
    answer_type = fields.Selection(ANSWER_TYPES, required=True, readonly=True)
    lang = fields.Char(readonly=True)
    html = fields.Html(readonly=True, sanitize=False)
    attachment_id = fields.Many2one("ir.attachment", readonly=True, ondelete="restrict")
    sha256 = fields.Char(readonly=True)
    released_at = fields.Datetime(readonly=True)
    released_by_id = fields.Many2one("res.users", readonly=True)
    verdict = fields.Selection(
        [("sent", "Sent"), ("accepted", "Accepted"), ("rejected", "Rejected")],
        required=True,
        default="sent",
        readonly=True,
    )
    verdict_at = fields.Datetime(readonly=True)
    verdict_name = fields.Char(string="Answered by", readonly=True)
    verdict_comment = fields.Text(readonly=True)

    _revision_unique = models.UniqueIndex(
        "(link_id, revision)", "This release was already given."
    )
