# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from collections import Counter
from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError

# how much of a text is printed; a row must never be taller than a page
_PRINTED_LINES = 20
# the opinions that state what came of a complaint, the most final first
_RESULT_KINDS = ("decision", "synthesis", "handling_opinion")


class ComplaintRegisterDocument(models.AbstractModel):
    """Lines of the complaint register (登记追踪表): PDF and XLSX read them here.

    All is read for the whole batch; no column may cause a query per complaint.
    A cell is text, a number or a naive datetime in the company's time zone.
    """

    _name = "complaint.register.document"
    _description = "Content of a Complaint Register"
    _inherit = ["complaint.print.tools"]

    @api.model
    def _get_register(self, tickets, form=None, period=""):
        """Return the content of one register.

        :param tickets: `helpdesk.ticket` records the user may read
        :param form: `complaint.form` of the template ``register``, or None for
            the first one of the company
        :param str period: text that says what was selected
        :return: dict with ``form``, ``company``, ``period``, ``columns`` and
            ``rows`` (lists of cells)
        """
        tickets = self._check_can_print(tickets)
        company = tickets.company_id[:1] or self.env.company
        form = form or self._get_form(company)
        columns = form.column_ids
        getters = [getattr(self, f"_get_{column.column}") for column in columns]
        opinions = self._read_opinions(tickets, columns)
        tickets = self._sort_tickets(tickets)
        rows = [
            [getter(ticket, opinions) for getter in getters]
            # sudo: names of goods, customers and departments of complaints one may
            # read; plain employees have no rights on orders and stock
            for ticket in tickets.sudo()
        ]
        return {
            "form": form,
            # sudo: name and logo of the company only
            "company": company.sudo(),
            "period": period,
            "printed_at": self._format_time(fields.Datetime.now(), company),
            "columns": [
                {
                    "key": column.column,
                    "heading": column._get_heading(),
                    "width": column._get_width(),
                }
                for column in columns
            ],
            "rows": rows,
        }

    @api.model
    def _get_form(self, company):
        found = self.env["complaint.form"]._get_company_forms(company, "register")
        if not found:
            raise UserError(
                self.env._(
                    "%(company)s has no register form. Add one under "
                    "Configuration / Forms.",
                    company=company.name,
                )
            )
        return found[0]

    @api.model
    def _format_cell(self, cell, width):
        """Return the printed text of a cell; the workbook has all of it."""
        if isinstance(cell, datetime):
            return self._format_day(cell.date())
        if isinstance(cell, int | float):
            return self._format_quantity(cell, None)
        text = cell or ""
        longest = width * _PRINTED_LINES
        return text if len(text) <= longest else f"{text[:longest]} …"

    @api.model
    def _sort_tickets(self, tickets):
        """By company and number; complaints without number come last.

        The number text does not sort: 2607100 comes after 260799 and before
        260801. The ledger knows period and running number.
        """

        def key(ticket):
            # sudo: the ledger of numbers is for handlers, its order is not secret
            row = ticket.sudo().complaint_number_id
            return (
                ticket.company_id.id,
                not ticket.complaint_number,
                row.period or "",
                row.sequence,
                ticket.complaint_number or "",
                ticket.id,
            )

        return tickets.sorted(key)

    @api.model
    def _read_opinions(self, tickets, columns):
        """Return ``{(ticket_id, kind): text}`` as far as the columns need it."""
        kinds = []
        if "result" in columns.mapped("column"):
            kinds += _RESULT_KINDS
        if "review" in columns.mapped("column"):
            kinds.append("review")
        if not kinds:
            return {}
        domain = [
            ("ticket_id", "in", tickets.ids),
            ("kind", "in", kinds),
            ("is_current", "=", True),
        ]
        texts = {}
        for opinion in self.env["complaint.opinion"].search(domain, order="id"):
            key = (opinion.ticket_id.id, opinion.kind)
            texts[key] = self._join([texts.get(key), opinion.text], "\n")
        return texts

    @api.model
    def _join_lines(self, values):
        """Return the different values of the lines of a complaint, in order."""
        return self._join(dict.fromkeys(value for value in values if value), "\n")

    @api.model
    def _add_quantities(self, ticket, field_name):
        """Return one number, or text when the lines have different units."""
        totals = Counter()
        for line in ticket.complaint_line_ids:
            totals[line.uom_id] += line[field_name]
        totals = {uom: total for uom, total in totals.items() if total}
        if len(totals) > 1:
            return self._join_lines(
                self._format_quantity(total, uom) for uom, total in totals.items()
            )
        return next(iter(totals.values()), "")

    # ------------------------------------------------------------------
    # Columns: `_get_<key>` for each key of complaint.form.column
    # ------------------------------------------------------------------

    @api.model
    def _get_number(self, ticket, opinions):
        return ticket.complaint_number or self.env._(
            "%(reference)s provisional", reference=ticket.number
        )

    @api.model
    def _get_reported(self, ticket, opinions):
        return self._get_local(ticket.complaint_reported_at, ticket.company_id)

    @api.model
    def _get_accepted(self, ticket, opinions):
        return self._get_local(ticket.complaint_accepted_at, ticket.company_id)

    @api.model
    def _get_closed(self, ticket, opinions):
        return self._get_local(ticket.complaint_closed_at, ticket.company_id)

    @api.model
    def _get_channel(self, ticket, opinions):
        return ticket.channel_id.name

    @api.model
    def _get_medium(self, ticket, opinions):
        return self.env._("oral") if ticket.complaint_oral else self.env._("written")

    @api.model
    def _get_customer(self, ticket, opinions):
        return (
            ticket.partner_id.commercial_partner_id.name
            or ticket.complaint_complainant_organisation
            or ticket.complaint_complainant_name
        )

    @api.model
    def _get_complainant(self, ticket, opinions):
        return self._join_lines(
            [ticket.complaint_complainant_name, ticket.complaint_complainant_phone]
        )

    @api.model
    def _get_customer_reference(self, ticket, opinions):
        return ticket.complaint_customer_reference

    @api.model
    def _get_order(self, ticket, opinions):
        lines = ticket.complaint_line_ids
        return self._join_lines(
            line.sale_order_id.name or line.service_reference for line in lines
        )

    @api.model
    def _get_product(self, ticket, opinions):
        return self._join_lines(ticket.complaint_line_ids.product_id.mapped("name"))

    @api.model
    def _get_part(self, ticket, opinions):
        products = ticket.complaint_line_ids.product_id
        return self._join_lines(products.mapped("default_code"))

    @api.model
    def _get_lot(self, ticket, opinions):
        lines = ticket.complaint_line_ids
        return self._join_lines(line.lot_id.name or line.lot_name for line in lines)

    @api.model
    def _get_serials(self, ticket, opinions):
        return self._join_lines(ticket.complaint_line_ids.mapped("serials"))

    @api.model
    def _get_delivered(self, ticket, opinions):
        return self._add_quantities(ticket, "delivered_qty")

    @api.model
    def _get_defective(self, ticket, opinions):
        return self._add_quantities(ticket, "defective_qty")

    @api.model
    def _get_problem(self, ticket, opinions):
        defects = ticket.complaint_line_ids.defect_id.mapped("name")
        return self._join_lines([ticket.name, *defects])

    @api.model
    def _get_content(self, ticket, opinions):
        return ticket.complaint_content

    @api.model
    def _get_category(self, ticket, opinions):
        return ticket.category_id.name

    @api.model
    def _get_demand(self, ticket, opinions):
        texts = []
        for line in ticket.complaint_line_ids:
            quantity = self._format_quantity(line.demand_qty, line.uom_id)
            if line.demand_undetermined:
                quantity = self.env._("Customer still processing - undetermined")
            texts.append(self._join([self._get_choice(line, "demand"), quantity], " "))
        return self._join_lines(texts)

    @api.model
    def _get_department(self, ticket, opinions):
        return ticket.complaint_department_id.name

    @api.model
    def _get_receiver(self, ticket, opinions):
        return ticket.complaint_received_by_id.name

    @api.model
    def _get_handler(self, ticket, opinions):
        return ticket.user_id.name

    @api.model
    def _get_stage(self, ticket, opinions):
        return ticket.stage_id.name

    @api.model
    def _get_review(self, ticket, opinions):
        return opinions.get((ticket.id, "review"))

    @api.model
    def _get_result(self, ticket, opinions):
        if ticket.complaint_phase == "cancelled":
            return self.env._(
                "Cancelled: %(reason)s", reason=ticket.complaint_cancel_reason or "-"
            )
        found = (opinions.get((ticket.id, kind)) for kind in _RESULT_KINDS)
        return next(filter(None, found), "")

    @api.model
    def _get_answer(self, ticket, opinions):
        """What the customer was told last."""
        told = ticket.complaint_communication_ids.filtered(
            lambda talk: talk.direction == "out"
        )
        last = told.sorted(lambda talk: (talk.at, talk.id))[-1:]
        return last.content

    @api.model
    def _get_position(self, ticket, opinions):
        return ticket.user_id.employee_ids[:1].job_title

    @api.model
    def _get_evidence(self, ticket, opinions):
        return self._join_lines(
            self._join([sample.name, sample.place])
            for sample in ticket.complaint_sample_ids
        )

    @api.model
    def _get_due(self, ticket, opinions):
        return self._get_local(ticket.complaint_next_due_at, ticket.company_id)

    @api.model
    def _get_satisfaction(self, ticket, opinions):
        return self._get_choice(ticket, "complaint_satisfaction")

    @api.model
    def _get_pen(self, ticket, opinions):
        return ""
