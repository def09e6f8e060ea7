# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class ComplaintCycleMixin(models.AbstractModel):
    """Part of one cycle: what a gate reads again after the complaint was reopened."""

    _name = "complaint.cycle.mixin"
    _description = "Part of a Cycle of a Complaint"
    _inherit = ["complaint.child.mixin"]

    cycle = fields.Integer(
        readonly=True,
        copy=False,
        default=1,
        help="1 until the first reopening, then 2, 3 ...",
    )

    @api.model_create_multi
    def create(self, vals_list):
        # sudo: the cycle of a complaint is a plain counter
        tickets = self.env["helpdesk.ticket"].sudo()
        default = self.default_get(["ticket_id"]).get("ticket_id")
        vals_list = [
            {
                **vals,
                "cycle": tickets.browse(
                    vals.get("ticket_id") or default
                ).complaint_cycle,
            }
            for vals in vals_list
        ]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and "cycle" in vals:
            raise UserError(self.env._("The cycle counts reopenings by itself."))
        # sudo: the cycle of a complaint is a plain counter
        past = self.filtered(lambda r: r.cycle < r.ticket_id.sudo().complaint_cycle)
        if past:
            raise UserError(
                self.env._(
                    "%(names)s: belongs to the time before the complaint was reopened "
                    "and stays as it is. Add a new record.",
                    names=", ".join(rec.display_name or "" for rec in past),
                )
            )
        return super().write(vals)
