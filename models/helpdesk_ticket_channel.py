# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class HelpdeskTicketChannel(models.Model):
    _name = "helpdesk.ticket.channel"
    _inherit = ["helpdesk.ticket.channel", "complaint.sla.condition.value.mixin"]

    complaint_code = fields.Char(
        string="Code", help="Channels with a code are offered on complaints."
    )
    complaint_oral = fields.Boolean(
        string="Oral", help="What arrives here must be written down before acceptance."
    )
    complaint_response_hours = fields.Float(
        string="First Reply Within (Hours)",
        help="Response target of this channel; 0 means that the policy decides.",
    )
