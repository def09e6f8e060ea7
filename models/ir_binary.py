# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models
from odoo.exceptions import AccessError


class IrBinary(models.AbstractModel):
    _inherit = "ir.binary"

    def _find_record(self, *args, **kwargs):
        """An access token opens no internal form either (R518)."""
        record = super()._find_record(*args, **kwargs)
        if (
            record._name == "ir.attachment"
            and not self.env.user._is_internal()
            and record._get_complaint_internal_forms()
        ):
            raise AccessError(self.env._("Complaint forms are not for customers."))
        return record
