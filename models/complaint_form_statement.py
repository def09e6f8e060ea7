# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models

from .complaint_statement import KINDS


class ComplaintForm(models.Model):
    _inherit = "complaint.form"

    template = fields.Selection(
        selection_add=[("statement", "Statement: the figures of a period")],
        ondelete={"statement": "cascade"},
    )
    statement_kind = fields.Selection(KINDS, string="Statement")
