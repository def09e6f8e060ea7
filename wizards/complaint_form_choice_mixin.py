# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models


class ComplaintFormChoiceMixin(models.AbstractModel):
    """The form in a print dialog: one of those that fit what is printed."""

    _name = "complaint.form.choice.mixin"
    _description = "Choice of a Form"

    allowed_form_ids = fields.Many2many(
        "complaint.form", compute="_compute_allowed_form_ids"
    )
    form_id = fields.Many2one(
        "complaint.form",
        string="Form",
        required=True,
        compute="_compute_form_id",
        precompute=True,
        store=True,
        readonly=False,
        domain="[('id', 'in', allowed_form_ids)]",
    )

    @api.depends(lambda self: self._get_form_choice_depends())
    def _compute_allowed_form_ids(self):
        for choice in self:
            choice.allowed_form_ids = choice._get_allowed_forms()

    @api.depends(lambda self: self._get_form_choice_depends())
    def _compute_form_id(self):
        for choice in self:
            choice.form_id = choice.form_id or choice._get_allowed_forms()[:1]

    @api.model
    def _get_form_choice_depends(self):
        """Hook: return the fields that say which forms fit."""
        return []

    def _get_allowed_forms(self):
        """Hook: return the `complaint.form` records that fit."""
        return self.env["complaint.form"]
