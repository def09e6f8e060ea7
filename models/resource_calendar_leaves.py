# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models


class ResourceCalendarLeaves(models.Model):
    """Public holidays: a change is seen by the clocks at once."""

    _inherit = "resource.calendar.leaves"

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._complaint_clear_working_time()
        return leaves

    def write(self, vals):
        self._complaint_clear_working_time()
        result = super().write(vals)
        self._complaint_clear_working_time()
        return result

    def unlink(self):
        self._complaint_clear_working_time()
        return super().unlink()

    def _complaint_clear_working_time(self):
        """Time off of one person moves no deadline, so it clears no cache."""
        if any(not leave.resource_id for leave in self):
            self.env["resource.calendar"]._complaint_clear_working_time()
