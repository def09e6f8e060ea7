# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class ComplaintFormCopy(models.Model):
    """A numbered copy of a form (联): who keeps it (R068, R503, R504)."""

    _name = "complaint.form.copy"
    _description = "Copy of a Complaint Form"
    _order = "form_id, sequence, id"
    _rec_name = "label"

    form_id = fields.Many2one(
        "complaint.form", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    label = fields.Char(
        string="Printed Label",
        required=True,
        translate=True,
        help='Printed on this copy, for example "Copy 1: Quality".',
    )
