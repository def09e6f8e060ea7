# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    complaint_dispatch_id = fields.Many2one(
        "complaint.dispatch",
        string="Dispatch",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
    )
