# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models
from odoo.exceptions import UserError


class ComplaintEventEntry(models.TransientModel):
    """Record an event by hand that no screen logs by itself (signed off ...)."""

    _name = "complaint.event.entry"
    _description = "Record an Event"

    ticket_ids = fields.Many2many("helpdesk.ticket", string="Complaints", required=True)
    type_id = fields.Many2one(
        "complaint.event.type",
        string="Event",
        required=True,
        domain="[('is_manual', '=', True)]",
    )
    at = fields.Datetime(
        string="Happened at", required=True, default=fields.Datetime.now
    )
    note = fields.Text(required=True)

    def action_confirm(self):
        """Log the event in the user's own name.

        :raise UserError: for other events, ended complaints, recused users, roles
            the user does not hold, and what is recorded already
        """
        self.ensure_one()
        tickets = self.ticket_ids
        tickets.check_access("write")
        tickets._complaint_check_is_handler()
        tickets._complaint_refuse_ended()
        tickets._complaint_check_not_recused(self.env.user)
        if not self.type_id.is_manual:
            raise UserError(
                self.env._(
                    "%(event)s is logged by the system when it happens and cannot be "
                    "recorded by hand.",
                    event=self.type_id.name,
                )
            )
        tickets._complaint_check_event_role(self.type_id)
        for ticket in tickets:
            if not ticket._complaint_event(
                self.type_id.code, at=self.at, note=self.note, payload={"manual": True}
            ):
                raise UserError(
                    self.env._(
                        "%(complaint)s: %(event)s is recorded already.",
                        complaint=ticket.display_name,
                        event=self.type_id.name,
                    )
                )
        return {"type": "ir.actions.act_window_close"}
