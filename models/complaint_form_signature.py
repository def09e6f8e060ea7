# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class ComplaintFormSignature(models.Model):
    """A signature block of a form: who states or approves what (R070).

    It is filled from the signed opinions of its kind, or left blank for a pen.
    """

    _name = "complaint.form.signature"
    _description = "Signature Block of a Complaint Form"
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
        help='Role and subject, for example "Quality: cause analysis".',
    )
    kind = fields.Selection(
        selection=lambda self: self.env["complaint.opinion"]
        ._fields["kind"]
        ._description_selection(self.env),
        string="Filled from",
        required=True,
    )
    show_text = fields.Boolean(
        string="With Text",
        default=True,
        help="Print what was stated above the signature; otherwise only the signature.",
    )
