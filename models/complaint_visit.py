# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ComplaintVisit(models.Model):
    """A trip to the customer because of a complaint (R571)."""

    _name = "complaint.visit"
    _description = "Complaint Visit"
    _inherit = ["complaint.child.mixin"]
    _order = "departure_at desc, id desc"
    _rec_name = "place"

    user_ids = fields.Many2many(
        "res.users",
        string="Visitors",
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    partner_id = fields.Many2one("res.partner", string="Customer's Site")
    place = fields.Char(
        compute="_compute_place", store=True, readonly=False, precompute=True
    )
    planned_at = fields.Datetime(string="Planned Arrival")
    departure_at = fields.Datetime()
    arrival_at = fields.Datetime(string="Arrival on Site")
    persons = fields.Char(string="Met at the Customer")
    findings = fields.Text()
    agreed_handling = fields.Text()
    attachment_ids = fields.Many2many("ir.attachment", string="Photos and Files")

    @api.depends("partner_id")
    def _compute_place(self):
        for visit in self:
            partner = visit.partner_id
            visit.place = partner.contact_address_inline or visit.place or False

    @api.constrains("departure_at", "arrival_at")
    def _check_arrival(self):
        for visit in self:
            if (
                visit.departure_at
                and visit.arrival_at
                and visit.arrival_at < visit.departure_at
            ):
                raise ValidationError(
                    self.env._("The arrival lies before the departure.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        visits = super().create(vals_list)
        visits.ticket_id._complaint_event("visit_decided")
        visits._log_arrival()
        return visits

    def write(self, vals):
        result = super().write(vals)
        if vals.get("arrival_at"):
            self._log_arrival()
        return result

    def _log_arrival(self):
        for visit in self.filtered("arrival_at"):
            visit.ticket_id._complaint_event(
                "on_site", at=visit.arrival_at, note=visit.place
            )
