# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models


class ComplaintDefect(models.Model):
    """Catalogue of defects, as a tree; what a complaint line refers to."""

    _name = "complaint.defect"
    _description = "Complaint Defect"
    _parent_store = True
    _order = "complete_name"
    _rec_name = "complete_name"
    _rec_names_search = ["complete_name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(index=True)
    parent_id = fields.Many2one("complaint.defect", index=True, ondelete="restrict")
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("complaint.defect", "parent_id")
    complete_name = fields.Char(
        compute="_compute_complete_name", store=True, recursive=True
    )
    product_categ_ids = fields.Many2many(
        "product.category", string="Product Categories", help="Empty: all products."
    )
    company_id = fields.Many2one("res.company")
    active = fields.Boolean(default=True)

    _code_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0)) WHERE code IS NOT NULL",
        "This defect code exists already.",
    )

    @api.depends("name", "code", "parent_id.complete_name")
    def _compute_complete_name(self):
        for defect in self:
            own = f"{defect.code} {defect.name}" if defect.code else defect.name
            parent = defect.parent_id.complete_name
            defect.complete_name = f"{parent} / {own}" if parent else own
