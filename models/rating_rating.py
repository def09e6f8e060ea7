# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models


class RatingRating(models.Model):
    """Ratings carry the title of what was rated; every employee may read them.

    The link makes record rules possible: whoever may not know of a complaint
    does not see its rating either (R520).
    """

    _inherit = "rating.rating"

    complaint_ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="Ticket",
        compute="_compute_complaint_ticket_id",
        store=True,
        compute_sudo=True,
        index="btree_not_null",
        ondelete="cascade",
        groups="base.group_user",
    )

    @api.depends("res_model", "res_id")
    def _compute_complaint_ticket_id(self):
        for rating in self:
            is_ticket = rating.res_model == "helpdesk.ticket"
            rating.complaint_ticket_id = is_ticket and rating.res_id
