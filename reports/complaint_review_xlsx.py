# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models


class ComplaintReviewXlsx(models.AbstractModel):
    """Input for the management review: one workbook (R438, K25, K26)."""

    _name = "report.helpdesk_mgmt_complaint.complaint_review_xlsx"
    _description = "Management Review (XLSX)"
    _inherit = ["report.helpdesk_mgmt_complaint.complaint_register_xlsx"]

    @api.model
    def _get_registers(self, choices):
        registers = []
        for choice in choices:
            tickets = choice._get_tickets()
            eightds = choice._get_eightds(tickets)
            registers += [
                self._get_review_sheet(choice, *sheet)
                for sheet in (
                    self._get_count_sheet(tickets, eightds),
                    self._get_ticket_sheet(tickets, choice.company_id),
                    self._get_eightd_sheet(eightds, choice.company_id),
                    self._get_no_capa_sheet(tickets, choice.company_id),
                )
            ]
        return registers

    @api.model
    def _get_review_sheet(self, choice, title, columns, rows):
        """Return a sheet as the register document would, see there."""
        tools = self.env["complaint.print.tools"]
        days = (choice.date_from, choice.date_to)
        return {
            "form": self.env["complaint.form"].new(
                {"name": title, "is_internal": True, "landscape": True}
            ),
            "company": choice.company_id,
            "period": " – ".join(tools._format_day(day) for day in days),
            "columns": [
                {"key": str(at), "heading": heading, "width": width}
                for at, (heading, width) in enumerate(columns)
            ],
            "rows": rows,
        }

    @api.model
    def _get_count_sheet(self, tickets, eightds):
        """K25: open, closed, effective; and complaints without any 8D."""
        answered = eightds.link_ids.ticket_id
        effective = eightds.filtered(
            lambda e: e.effect == "effective" and e.state != "not_effective"
        )
        refuted = eightds.filtered(
            lambda e: e.state == "not_effective" or e.effect == "not_effective"
        )
        verified = len(effective | refuted)
        without = (tickets - answered).filtered(
            lambda t: t.complaint_capa_required == "no"
        )
        rate = len(effective) / verified * 100 if verified else ""
        rows = [
            [self.env._("Complaints"), len(tickets)],
            [self.env._("of these with an 8D"), len(tickets & answered)],
            [self.env._("of these without corrective action"), len(without)],
            [self.env._("8D"), len(eightds)],
            [self.env._("open"), self._count(eightds, "requested", "open")],
            [self.env._("closed"), self._count(eightds, "done")],
            [self.env._("not effective"), len(refuted)],
            [self.env._("effective"), len(effective)],
            [self.env._("effective, % of those verified"), rate],
        ]
        columns = [(self.env._("Figure"), 40), (self.env._("Value"), 12)]
        return self.env._("Summary"), columns, rows

    @api.model
    def _count(self, eightds, *states):
        return len(eightds.filtered(lambda e: e.state in states))

    @api.model
    def _get_ticket_sheet(self, tickets, company):
        tools = self.env["complaint.print.tools"]
        rows = []
        for ticket in tickets:
            # sudo: names of what stands on a complaint one may read
            names = ticket.sudo()
            lines = names.complaint_line_ids
            eightd = names.complaint_eightd_id
            rows.append(
                [
                    ticket.complaint_number or ticket.number,
                    tools._get_local(ticket.complaint_reported_at, company),
                    names.partner_id.commercial_partner_id.name or "",
                    ", ".join(lines.product_id.mapped("display_name")),
                    ", ".join(lines.defect_id.mapped("display_name")),
                    tools._get_choice(ticket, "complaint_established"),
                    tools._get_choice(ticket, "complaint_phase"),
                    tools._get_choice(ticket, "complaint_capa_required"),
                    eightd.number or eightd.name or "",
                ]
            )
        columns = [
            (self.env._("Complaint"), 14),
            (self.env._("Reported"), 11),
            (self.env._("Customer"), 26),
            (self.env._("Product"), 26),
            (self.env._("Defect"), 20),
            (self.env._("Is Established"), 14),
            (self.env._("Phase"), 12),
            (self.env._("Corrective Action"), 14),
            (self.env._("8D"), 16),
        ]
        return self.env._("Complaints"), columns, rows

    @api.model
    def _get_eightd_sheet(self, eightds, company):
        rows = [self._get_eightd_row(eightd, company) for eightd in eightds]
        columns = [
            (self.env._("8D"), 14),
            (self.env._("Title"), 28),
            (self.env._("Complaints"), 18),
            (self.env._("Responsible Department"), 18),
            (self.env._("State"), 12),
            (self.env._("Root Causes"), 34),
            (self.env._("Actions"), 40),
            (self.env._("Effect"), 12),
            (self.env._("Verified by"), 14),
            (self.env._("Watch"), 14),
        ]
        return self.env._("Corrective Actions"), columns, rows

    @api.model
    def _get_eightd_row(self, eightd, company):
        tools = self.env["complaint.print.tools"]
        document = self.env["complaint.capa.document"]
        roots = eightd.cause_ids.filtered(lambda c: c.is_root and c.state != "rejected")
        actions = []
        for action in document._get_capa_actions(eightd):
            at = tools._format_time(action.complaint_implemented_at, company)
            actions.append(f"{action.name} ({at})" if at else action.name)
        tickets = eightd.link_ids.ticket_id
        return [
            eightd.number or "",
            eightd.name,
            ", ".join(t.complaint_number or t.number for t in tickets),
            # sudo: the name of a department
            eightd.sudo().department_id.name or "",
            tools._get_choice(eightd, "state"),
            "\n".join(roots.mapped("name")),
            "\n".join(actions),
            tools._get_choice(eightd, "effect"),
            eightd.effect_by_id.name or "",
            tools._get_choice(eightd, "watch_result"),
        ]

    @api.model
    def _get_no_capa_sheet(self, tickets, company):
        """K26: why there was no corrective action, and who approved it."""
        tools = self.env["complaint.print.tools"]
        rows = [
            [
                ticket.complaint_number or ticket.number,
                ticket.complaint_no_capa_reason or "",
                ticket.complaint_no_capa_approver_id.name or "",
                tools._get_local(ticket.complaint_no_capa_approved_at, company),
            ]
            for ticket in tickets
            if ticket.complaint_capa_required == "no"
        ]
        columns = [
            (self.env._("Complaint"), 14),
            (self.env._("Reason for No Corrective Action"), 60),
            (self.env._("Informed or Approved by"), 20),
            (self.env._("Informed or Approved on"), 14),
        ]
        return self.env._("No Corrective Action"), columns, rows
