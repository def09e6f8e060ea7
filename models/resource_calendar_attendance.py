# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models


class ResourceCalendarAttendance(models.Model):
    """Working hours: a change is seen by the clocks at once."""

    _inherit = "resource.calendar.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        self.env["resource.calendar"]._complaint_clear_working_time()
        return super().create(vals_list)

    def write(self, vals):
        self.env["resource.calendar"]._complaint_clear_working_time()
        return super().write(vals)

    def unlink(self):
        self.env["resource.calendar"]._complaint_clear_working_time()
        return super().unlink()
