# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models

_ADDON = "helpdesk_mgmt_complaint"


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    @api.model
    def _load_module_terms(self, modules, langs, overwrite=False):
        """Presets that were loaded before a language came learn it, too."""
        result = super()._load_module_terms(modules, langs, overwrite=overwrite)
        if _ADDON in modules and "complaint.procedure" in self.env:
            self.env["complaint.procedure"]._translate_preset_copies(langs)
        return result
