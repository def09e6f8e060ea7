# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import http
from odoo.http import request

from odoo.addons.helpdesk_mgmt.controllers.main import HelpdeskTicketController


class ComplaintHelpdeskController(HelpdeskTicketController):
    """What a customer may do with his tickets when they are complaints."""

    @http.route()
    def support_ticket_close(self, **kw):
        """Close plain tickets of one's own only; complaints never.

        The helpdesk's method takes any ticket id with sudo. Here the user must be
        able to read the ticket, and a complaint is closed by its gates alone.
        """
        ticket = self._get_own_ticket(kw.get("ticket_id"))
        if not ticket:
            return request.redirect("/my/tickets")
        if ticket.is_complaint or not self._is_plain_stage(kw.get("stage_id")):
            return request.redirect(f"/my/ticket/{ticket.id}")
        return super().support_ticket_close(**kw)

    def _get_own_ticket(self, ticket_id):
        """Return the ticket of a request parameter if the user may read it."""
        tickets = request.env["helpdesk.ticket"]
        if not str(ticket_id or "").isdecimal():
            return tickets
        # search, not browse: record rules answer, also for ids that do not exist
        return tickets.search([("id", "=", int(ticket_id))])

    def _is_plain_stage(self, stage_id):
        """Return whether a request parameter names a stage that is no phase."""
        if not str(stage_id or "").isdecimal():
            return False
        stages = request.env["helpdesk.ticket.stage"]
        return bool(
            stages.search_count(
                [("id", "=", int(stage_id)), ("complaint_phase", "=", False)], limit=1
            )
        )

    def _prepare_submit_ticket_vals(self, **kw):
        vals = super()._prepare_submit_ticket_vals(**kw)
        # sudo: whether a team or category makes complaints is set-up
        team = request.env["helpdesk.ticket.team"].sudo().browse(vals.get("team_id"))
        category = (
            # sudo: see above
            request.env["helpdesk.ticket.category"].sudo().browse(vals["category_id"])
        )
        if team.complaint_team or category.complaint_default:
            vals.update(self._prepare_complaint_submit_vals(vals))
        return vals

    def _prepare_complaint_submit_vals(self, vals):
        """Hook: return the values that a complaint adds to those of a ticket.

        Everything comes from here, nothing from the request: a forged parameter
        cannot fill a field. Team and category count only if the form offers them.
        """
        offered = [("show_in_portal", "=", True)]
        team = request.env["helpdesk.ticket.team"].search(
            [("id", "=", vals.get("team_id")), *offered]
        )
        category = request.env["helpdesk.ticket.category"].search(
            [("id", "=", vals["category_id"]), *offered]
        )
        channel = request.env.ref("helpdesk_mgmt_complaint.channel_web", False)
        return {
            "is_complaint": True,
            "team_id": team.id,
            "category_id": category.id,
            "stage_id": team._get_complaint_stage("draft").id,
            "channel_id": channel.id if channel else vals["channel_id"],
        }
