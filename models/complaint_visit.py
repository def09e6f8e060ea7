# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ComplaintVisit(models.Model):
    """A trip to the customer because of a complaint (R571)."""

    _name = "complaint.visit"
    _description = "Complaint Visit"
    _inherit = ["complaint.logged.mixin"]
    _order = "departure_at desc, id desc"
    _rec_name = "place"
    _complaint_logged_fields = ("arrival_at",)

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

    def _get_complaint_log_entries(self):
        entries = super()._get_complaint_log_entries()
        # no time: it is decided when it is entered
        entries["visit_decided"] = {}
        if self.arrival_at:
            entries["on_site"] = {"at": self.arrival_at, "note": self.place}
        return entries
