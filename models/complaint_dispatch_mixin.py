# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class ComplaintDispatchMixin(models.AbstractModel):
    """Tasks sent to departments (R182, F66)."""

    _name = "complaint.dispatch.mixin"
    _description = "Complaint Dispatches"

    complaint_dispatch_ids = fields.One2many(
        "complaint.dispatch",
        "ticket_id",
        string="Dispatches",
        groups="base.group_user",
    )
