# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class ComplaintEightdMixin(models.AbstractModel):
    """What a complaint knows of its 8D."""

    _name = "complaint.eightd.mixin"
    _description = "8D of a Complaint"

    complaint_eightd_id = fields.Many2one(
        "complaint.eightd",
        string="8D",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="base.group_user",
        help="The current 8D; the links keep the earlier ones.",
    )
    complaint_eightd_link_ids = fields.One2many(
        "complaint.eightd.link",
        "ticket_id",
        string="8D Links",
        groups="base.group_user",
    )
