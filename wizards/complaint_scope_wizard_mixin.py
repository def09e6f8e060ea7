# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class ComplaintScopeWizardMixin(models.AbstractModel):
    """What the dialogs that work on rows of an affected scope share."""

    _name = "complaint.scope.wizard.mixin"
    _description = "Dialog of an Affected Scope"

    scope_id = fields.Many2one("complaint.scope", required=True, readonly=True)
    company_id = fields.Many2one(related="scope_id.company_id")

    def _get_open_action(self, name):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
