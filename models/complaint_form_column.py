# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models

# characters; also the proportions of the printed table
_DEFAULT_WIDTHS = {
    "number": 13,
    "channel": 10,
    "customer": 14,
    "complainant": 14,
    "order": 10,
    "product": 14,
    "serials": 13,
    "medium": 9,
    "problem": 16,
    "content": 24,
    "department": 14,
    "review": 18,
    "result": 16,
    "answer": 18,
}
_WIDTH = 12


class ComplaintFormColumn(models.Model):
    """A column of a register: which columns a register has is data."""

    _name = "complaint.form.column"
    _description = "Column of a Complaint Register"
    _order = "form_id, sequence, id"
    _rec_name = "column"

    form_id = fields.Many2one(
        "complaint.form", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    # an added key needs a method `_get_<key>` on complaint.register.document
    column = fields.Selection(
        [
            ("number", "No."),
            ("reported", "Reported"),
            ("accepted", "Accepted on"),
            ("channel", "Channel"),
            ("medium", "Written / Oral"),
            ("customer", "Customer"),
            ("complainant", "Complainant"),
            ("customer_reference", "Customer's No."),
            ("order", "Order"),
            ("product", "Product"),
            ("part", "Part No."),
            ("lot", "Lot"),
            ("serials", "Serial Numbers"),
            ("delivered", "Delivered"),
            ("defective", "Defective"),
            ("problem", "Problem"),
            ("content", "Content"),
            ("category", "Category"),
            ("demand", "Demand"),
            ("department", "Responsible Department"),
            ("receiver", "Received by"),
            ("handler", "Handler"),
            ("stage", "Stage"),
            ("closed", "Closed on"),
            ("review", "Review Opinion"),
            ("result", "Result"),
            ("answer", "Answer to the Customer"),
            ("position", "Handler's Position"),
            ("evidence", "Originals Kept"),
            ("due", "Due"),
            ("satisfaction", "Satisfaction"),
            ("pen", "Signature"),
        ],
        required=True,
    )
    label = fields.Char(
        string="Own Heading",
        translate=True,
        help="Leave empty to print the usual heading.",
    )
    width = fields.Integer(help="In characters; 0 for the usual width.")

    def _get_heading(self):
        """Return the heading in the language of the environment."""
        self.ensure_one()
        usual = dict(self._fields["column"]._description_selection(self.env))
        return self.label or usual[self.column]

    def _get_width(self):
        self.ensure_one()
        return max(self.width, 0) or _DEFAULT_WIDTHS.get(self.column, _WIDTH)
