# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models

from ..kernel import form_mark


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        """Mark internal forms, so that a downloaded one is known again (R518)."""
        content, kind = super()._render_qweb_pdf(report_ref, res_ids, data)
        if kind == "pdf" and self._complaint_is_internal(report_ref, res_ids):
            content = form_mark.add_mark(content)
        return content, kind

    def _complaint_is_internal(self, report_ref, res_ids):
        """Return whether this print is an internal form.

        Ours say so with a method `_is_internal_print` of their report model.
        """
        name = f"report.{self._get_report(report_ref).report_name}"
        ask = getattr(self.env.get(name), "_is_internal_print", None)
        if not ask:
            return False
        return ask([res_ids] if isinstance(res_ids, int) else res_ids or [])
