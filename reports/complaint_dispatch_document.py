# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models
from odoo.exceptions import AccessError, UserError


class ComplaintDispatchDocument(models.AbstractModel):
    """What stands on a dispatch slip (F66); the template only lays out."""

    _name = "complaint.dispatch.document"
    _description = "Content of a Dispatch Slip"
    _inherit = ["complaint.form.document"]

    @api.model
    def _get_dispatch_pages(self, dispatches):
        """Return the page sets of these slips, in their order, all copies.

        :raise AccessError: for customers, and for tasks one cannot read
        :raise UserError: the company has no form for it
        """
        if not self.env.user._is_internal():
            raise AccessError(self.env._("Complaint forms are not for customers."))
        dispatches.check_access("read")
        pages = []
        for dispatch in dispatches:
            document = self._prepare_slip(dispatch, self._get_slip_form(dispatch))
            for label in self._get_copy_labels(document["form"]):
                pages.append({"document": document, "copy_label": label})
        return pages

    @api.model
    def _get_slip_form(self, dispatch):
        company = dispatch.company_id or self.env.company
        found = self.env["complaint.form"]._get_company_forms(company, "dispatch")
        if not found:
            raise UserError(
                self.env._(
                    "%(company)s has no dispatch slip. Add one under Configuration / "
                    "Forms.",
                    company=company.name,
                )
            )
        return found[0]

    @api.model
    def _prepare_slip(self, dispatch, form):
        """Hook: return everything that the template of one slip prints."""
        ticket = dispatch.ticket_id
        # sudo: logo and name of the company, names of the goods, of a complaint
        # that one may read
        company = (dispatch.company_id or self.env.company).sudo()
        lines = ticket.complaint_line_ids.sudo()  # sudo: as above
        goods = [self._prepare_goods(line) for line in lines if form.show_goods]
        return {
            "form": form,
            "lang": self.env.lang,
            "company": company,
            "reference": dispatch.number,
            "is_provisional": False,
            "ticket": ticket,
            "content": self._get_content(ticket),
            "facts": self._get_slip_facts(dispatch, form, company),
            "goods": goods,
            "instruction": dispatch.instruction or "",
            "handling": self._get_slip_handling(dispatch, company),
            "result": dispatch.result or dispatch.returned_reason or "",
            "progress": self._get_events(
                dispatch.event_ids.filtered(lambda e: e.code == "progress_reported"),
                company,
            ),
            "has_long_text": self._has_long_text,
            "qr": form.show_qr and self._get_ticket_qr(ticket, form),
        }

    @api.model
    def _get_slip_facts(self, dispatch, form, company):
        """Hook: return ``(label, value)``: who calls, when, to whom it goes."""
        # sudo: names of related records only
        names = dispatch.sudo()
        ticket = names.ticket_id
        caller = ticket.complaint_complainant_name or ticket.partner_id.display_name
        facts = [
            (self.env._("Complaint No."), ticket.complaint_number or ticket.number),
            (
                self.env._("First Reported"),
                self._format_time(ticket.complaint_reported_at, company),
            ),
        ]
        if form.show_complainant:
            phone = ticket.complaint_complainant_phone or ticket.partner_id.phone
            address = ticket.complaint_complainant_address
            address = address or ticket.partner_id._display_address(True)
            facts += [
                (self.env._("Caller"), caller),
                (self.env._("Phone"), phone),
                (self.env._("Address"), " ".join((address or "").split())),
                (self.env._("Site"), ticket.complaint_site),
            ]
        return [
            *facts,
            (self.env._("Department"), names.to_department_id.name),
            (self.env._("Person"), names.to_user_id.name),
            (self.env._("Task"), self._get_choice(dispatch, "kind")),
            (
                self.env._("Sent by"),
                self._join([names.from_user_id.name, names.from_department_id.name]),
            ),
            (self.env._("Sent on"), self._format_time(dispatch.sent_at, company)),
            (self.env._("Due"), self._format_time(dispatch.due_at, company)),
            (
                self.env._("Agreed Time"),
                self._format_time(ticket.complaint_appointment_at, company),
            ),
            (
                self.env._("Customer Told"),
                self.env._("Yes") if dispatch.customer_told else "",
            ),
        ]

    @api.model
    def _get_slip_handling(self, dispatch, company):
        """Return ``(label, value)`` of what came back; empty boxes stay for a pen."""
        # sudo: names of persons only
        names = dispatch.sudo()
        return [
            (self.env._("State"), self._get_choice(dispatch, "state")),
            (self.env._("Accepted by"), names.accepted_by_id.name),
            (
                self.env._("Accepted on"),
                self._format_time(dispatch.accepted_at, company),
            ),
            (self.env._("Finished on"), self._format_time(dispatch.done_at, company)),
            (self.env._("Handler"), names.done_by_id.name),
            (self.env._("Reviewed by"), names.reviewed_by_id.name),
        ]
