# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.helpdesk_mgmt.controllers.myaccount import CustomerPortalHelpdesk


class ComplaintCustomerPortal(CustomerPortalHelpdesk):
    """A customer sees his complaint, its status and what was sent to him."""

    @http.route()
    def portal_my_tickets(self, *args, **kw):
        """Do not offer our internal stages as filters."""
        response = super().portal_my_tickets(*args, **kw)
        filters = getattr(response, "qcontext", {}).get("searchbar_filters")
        if filters:
            stages = request.env["helpdesk.ticket.stage"].search(
                [("complaint_phase", "!=", False)]
            )
            for stage in stages:
                filters.pop(str(stage.id), None)
        return response

    @http.route()
    def portal_my_ticket(self, ticket_id, access_token=None, **kw):
        """Show a complaint without making its internal files accessible.

        For other tickets the helpdesk gives every file of the ticket an access
        token and lists it.
        """
        try:
            ticket_sudo = self._document_check_access(
                "helpdesk.ticket", ticket_id, access_token=access_token
            )
        except (AccessError, MissingError):
            return request.redirect("/my")
        if not ticket_sudo.is_complaint:
            return super().portal_my_ticket(ticket_id, access_token=access_token, **kw)
        values = self._ticket_get_page_view_values(ticket_sudo, access_token, **kw)
        return request.render("helpdesk_mgmt.portal_helpdesk_ticket_page", values)

    def _ticket_get_page_view_values(self, ticket, access_token, **kwargs):
        values = super()._ticket_get_page_view_values(ticket, access_token, **kwargs)
        if ticket.is_complaint:
            attachments = ticket._get_complaint_customer_attachments()
            attachments.generate_access_token()
            values["complaint_attachments"] = attachments
            values["closed_stages"] = values["closed_stages"].browse()
            values["complaint_releases"] = self._get_complaint_releases(ticket)
        return values

    def _get_complaint_releases(self, ticket):
        """Return the 8D releases of a complaint for a customer who is logged in."""
        # visitors with the link of a ticket have no rights at all
        if request.env.user._is_public():
            return []
        if not request.env["helpdesk.ticket"].search([("id", "=", ticket.id)]):
            return []
        # sudo: customers have no rights on releases; plain values of their own only
        releases = request.env["complaint.eightd.release"].sudo()
        found = releases.search([("ticket_id", "=", ticket.id)])
        return [release._prepare_portal_vals() for release in found]

    def _ticket_get_search_domain(self, search_in, search):
        domain = super()._ticket_get_search_domain(search_in, search)
        if search_in in ("number", "all"):
            for name in ("complaint_number", "complaint_customer_reference"):
                domain |= Domain(name, "ilike", search)
        return domain
