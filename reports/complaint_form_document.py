# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models
from odoo.exceptions import UserError

from ..models.complaint_form import RECORD_TEMPLATES
from .complaint_print_tools import SHORT_TEXT

# boxes that get a pen when they are empty
_BLANK_SIGNATURE = {"text": "", "signer": "", "department": "", "date": ""}


class ComplaintFormDocument(models.AbstractModel):
    """What stands on a registration and handling form; the template only lays out.

    One dictionary per page set: a copy label and the content of one complaint.
    Relations are read with sudo for their names only, as on the screen.
    """

    _name = "complaint.form.document"
    _description = "Content of a Complaint Form"
    _inherit = [
        "complaint.print.tools",
        "complaint.form.photos",
        "complaint.form.sections",
    ]

    @api.model
    def _get_pages(self, tickets, form=None, copies=None, lang=None):
        """Return the page sets of `tickets`, in their order.

        :param tickets: `helpdesk.ticket` records
        :param form: `complaint.form`, or None for the first form of each company
        :param copies: `complaint.form.copy` to print, or None for all of the form
        :param lang: language code, or None: internal forms in the user's
            language, others in the customer's
        :return: list of dict with ``document`` and ``copy_label``
        """
        tickets = self._check_can_print(tickets)
        forms = self._get_forms(tickets, form)
        languages = {
            ticket: lang or self._get_language(ticket, forms[ticket])
            for ticket in tickets
        }
        if form and form.template in RECORD_TEMPLATES:
            writer = self.env["complaint.record.document"]
            return [
                page
                for ticket in tickets
                for page in writer._get_record_pages(
                    ticket, forms[ticket], languages[ticket]
                )
            ]
        documents = {}
        for code, group in tickets.grouped(languages.get).items():
            writer = self.with_context(lang=code)
            localised = group.with_env(writer.env)
            parts = writer._read_parts(localised)
            for ticket in localised:
                own = forms[ticket].with_env(writer.env)
                documents[ticket.id] = writer._prepare_document(ticket, own, parts)
        pages = []
        for ticket in tickets:
            document = documents[ticket.id]
            for label in self._get_copy_labels(document["form"], copies):
                pages.append({"document": document, "copy_label": label})
        return pages

    @api.model
    def _get_forms(self, tickets, form=None):
        """Return ``{ticket: complaint.form}``, looked up once per company."""
        by_company = {
            company: self._get_form(group[0], form)
            for company, group in tickets.grouped("company_id").items()
        }
        return {ticket: by_company[ticket.company_id] for ticket in tickets}

    @api.model
    def _get_form(self, ticket, form=None):
        company = ticket.company_id or self.env.company
        if form:
            return form._get_for_company(company)
        found = self.env["complaint.form"]._get_company_forms(company, "registration")
        if not found:
            raise UserError(
                self.env._(
                    "%(company)s has no registration form. Add one under "
                    "Configuration / Forms.",
                    company=company.name,
                )
            )
        return found[0]

    @api.model
    def _get_language(self, ticket, form):
        """Internal forms are for the reader, others for the customer."""
        own = self.env.lang or self.env.user.lang or "en_US"
        if form.is_internal:
            return own
        # sudo: only the language of the customer is read
        customer = ticket.partner_id.sudo()
        code = customer.lang or customer.commercial_partner_id.lang
        installed = {lang for lang, _name in self.env["res.lang"].get_installed()}
        return code if code in installed else own

    @api.model
    def _get_copy_labels(self, form, copies=None):
        """Return the labels to print; one unlabelled page set if there are none."""
        chosen = form.copy_ids
        if copies is not None and copies.form_id == form:
            chosen &= copies
        return chosen.mapped("label") or [""]

    @api.model
    def _read_parts(self, tickets):
        """Read what hangs on the complaints, once for all of them."""
        opinions = self.env["complaint.opinion"].search(
            [("ticket_id", "in", tickets.ids), ("is_current", "=", True)], order="id"
        )
        events = self.env["complaint.event"].search(
            [("ticket_id", "in", tickets.ids), ("is_effective", "=", True)],
            order="at, id",
        )
        return {
            "opinions": opinions.grouped("ticket_id"),
            "events": events.grouped("ticket_id"),
            "photos": self._read_photos(tickets),
        }

    @api.model
    def _prepare_document(self, ticket, form, parts):
        """Hook: return everything that the template of one complaint prints."""
        # sudo: logo and name of the company of a complaint one may read
        company = (ticket.company_id or self.env.company).sudo()
        # sudo: names of the goods of a complaint one may read; plain employees
        # have no rights on orders and stock
        lines = ticket.complaint_line_ids.sudo()
        return {
            "ticket": ticket,
            "form": form,
            "lang": self.env.lang,
            "company": company,
            "reference": ticket.complaint_number or ticket.number,
            "is_provisional": not ticket.complaint_number,
            "facts": self._get_facts(ticket, form, company),
            "complainant": self._get_complainant(ticket),
            "content": self._get_content(ticket),
            "goods": [self._prepare_goods(line) for line in lines],
            "demands": [self._prepare_demand(line) for line in lines],
            "production": [self._prepare_production(line) for line in lines],
            "samples": self._get_samples(ticket, company),
            "liability": self._get_liability(ticket),
            "communication": self._get_communication(ticket, company),
            "signatures": self._get_signatures(
                form, parts["opinions"].get(ticket, ()), company
            ),
            "events": self._get_events(parts["events"].get(ticket, ()), company),
            "has_long_text": self._has_long_text,
            "qr": form.show_qr and self._get_ticket_qr(ticket, form),
            **self._get_section_values(ticket, form, company),
            **self._get_photo_values(parts["photos"].get(ticket.id), form),
        }

    @api.model
    def _has_long_text(self, rows):
        """Return whether a row may be taller than a page: no repeated head then."""
        return any(
            len(value) > SHORT_TEXT
            for row in rows
            for value in row.values()
            if isinstance(value, str)
        )

    # ------------------------------------------------------------------
    # Sections
    # ------------------------------------------------------------------

    @api.model
    def _get_facts(self, ticket, form, company):
        """Hook: return ``(label, value)`` of the head; empty boxes stay for a pen."""
        # sudo: names of related records only
        names = ticket.sudo()
        customer = names.partner_id.commercial_partner_id
        contact = (names.partner_id - customer).name
        if not customer:
            contact = names.complaint_complainant_name
        reported = self._format_time(names.complaint_reported_at, company)
        facts = [
            (self.env._("Customer"), customer.name),
            (self.env._("Contact"), contact),
            (self.env._("Customer's No."), names.complaint_customer_reference),
            (self.env._("Reported"), reported),
        ]
        if form.is_internal:
            facts += self._get_internal_facts(names, company)
            facts += self._get_optional_facts(names, company)
        return facts

    @api.model
    def _get_internal_facts(self, names, company):
        receiver = self._join(
            [
                names.complaint_received_by_id.name,
                names.complaint_received_department_id.name,
            ]
        )
        received = self._format_time(names.complaint_received_at, company)
        accepted = self._format_time(names.complaint_accepted_at, company)
        return [
            (self.env._("Channel"), self._get_channel(names)),
            (self.env._("Received on"), received),
            (self.env._("Received by"), receiver),
            (self.env._("Accepted on"), accepted),
            (self.env._("Category"), names.category_id.name),
            (self.env._("Classification"), self._get_classification(names)),
            (self.env._("Responsible Department"), names.complaint_department_id.name),
            (self.env._("Handler"), names.user_id.name),
        ]

    @api.model
    def _get_optional_facts(self, names, company):
        """Facts that most complaints do not have: no empty boxes for them."""
        original = names.complaint_previous_id
        original_number = original.complaint_number or original.number
        repeat_of = names.complaint_repeat_of_id
        deadline = self._format_time(names.complaint_customer_deadline, company)
        closed = self._format_time(names.complaint_closed_at, company)
        facts = [
            (self.env._("Customer's Deadline"), deadline),
            (self.env._("Original Form No."), original_number),
            (self.env._("Repeat of"), repeat_of.complaint_number or repeat_of.number),
            (self.env._("Closed on"), closed),
            (self.env._("Reason for Cancelling"), names.complaint_cancel_reason),
        ]
        return [(label, value) for label, value in facts if value]

    @api.model
    def _get_channel(self, names):
        medium = self.env._("oral") if names.complaint_oral else self.env._("written")
        return self._join([names.channel_id.name, medium])

    @api.model
    def _get_classification(self, ticket):
        return self._join(
            [
                self._get_choice(ticket, "complaint_nature"),
                self._get_choice(ticket, "complaint_cause_class"),
                self._get_choice(ticket, "complaint_severity"),
                ticket.complaint_is_major and self.env._("Major Case"),
                ticket.complaint_is_key_customer and self.env._("Key customer"),
            ],
            " · ",
        )

    @api.model
    def _get_complainant(self, ticket):
        anonymous = ticket.complaint_anonymous and self.env._("Anonymous")
        return [
            (self.env._("Complainant"), ticket.complaint_complainant_name or anonymous),
            (self.env._("Organisation"), ticket.complaint_complainant_organisation),
            (self.env._("Phone"), ticket.complaint_complainant_phone),
            (self.env._("Address"), ticket.complaint_complainant_address),
        ]

    @api.model
    def _get_content(self, ticket):
        return (
            ticket.complaint_content
            or ticket._complaint_text_from_html(ticket.description)
            or ""
        )

    @api.model
    def _prepare_goods(self, line):
        order = line.sale_order_id
        rate = line.defect_rate
        return {
            "order": order.name or line.service_reference or "",
            "customer_order": order.client_order_ref or "",
            "product": line.product_id.name or "",
            "part": line.product_id.default_code or "",
            "lot": line.lot_id.name or line.lot_name or "",
            "serials": ", ".join((line.serials or "").split()),
            "shipped": self._format_day(line.delivered_date),
            "delivered": self._format_quantity(line.delivered_qty, line.uom_id),
            "defective": self._format_quantity(line.defective_qty, line.uom_id),
            "rate": f"{rate:.1%}" if rate else "",
            "defect": line.defect_id.name or "",
            "symptom": line.symptom or "",
        }

    @api.model
    def _prepare_demand(self, line):
        quantity = self._format_quantity(line.demand_qty, line.uom_id)
        if line.demand_undetermined:
            quantity = self.env._("Customer still processing - undetermined")
        return {
            "goods": line.product_id.name or line.lot_id.name or line.lot_name or "",
            "demand": self._get_choice(line, "demand"),
            "quantity": quantity,
            "is_undetermined": line.demand_undetermined,
        }

    @api.model
    def _prepare_production(self, line):
        return {
            "lot": line.lot_id.name or line.lot_name or "",
            "unit": line.production_unit or "",
            "shift": line.production_shift or "",
            "date": self._format_day(line.production_date),
            "operators": line.operators or "",
        }

    @api.model
    def _get_samples(self, ticket, company):
        return [
            {
                "name": sample.name,
                "quantity": self._format_quantity(sample.quantity, None),
                "received": self._format_time(sample.received_at, company),
                "received_by": sample.received_by_id.name or "",
                "place": sample.place or "",
                "photos_only": sample.photos_only,
            }
            for sample in ticket.complaint_sample_ids
        ]

    @api.model
    def _get_liability(self, ticket):
        """Return only what is recorded: most complaints are printed before."""
        liability = self._get_choice(ticket, "complaint_liability_outcome")
        facts = [
            (self.env._("Liability"), liability),
            (self.env._("Grounds"), ticket.complaint_established_grounds),
            (self.env._("Confirmed Reason"), ticket.complaint_confirmed_reason),
        ]
        if ticket.complaint_established != "undecided":
            label = self._get_choice(ticket, "complaint_established")
            facts.insert(0, (self.env._("Complaint"), label))
        return [(label, value) for label, value in facts if value]

    @api.model
    def _get_communication(self, ticket, company):
        return [
            {
                "at": self._format_time(record.at, company),
                "direction": self._get_choice(record, "direction"),
                "channel": record.channel_id.name,
                "persons": self._join(
                    [record.user_id.name, record.partner_id.name, record.persons]
                ),
                "content": self._join(
                    [record.content, record.result, record.promise], "\n"
                ),
            }
            # sudo: names of channels and persons of a complaint one may read
            for record in ticket.complaint_communication_ids.sorted("at").sudo()
        ]

    @api.model
    def _get_signatures(self, form, opinions, company):
        """Return one block per signature row, filled from signed opinions (R070)."""
        blocks = []
        for row in form.signature_ids:
            entries = [
                {
                    "text": opinion.text if row.show_text else "",
                    "signer": opinion.signed_by_id.name,
                    "department": opinion.department_id.name or "",
                    "date": self._format_time(opinion.signed_at, company),
                }
                for opinion in opinions
                if opinion.kind == row.kind
            ]
            blocks.append(
                {
                    "label": row.label,
                    "show_text": row.show_text,
                    "is_short": sum(len(e["text"]) for e in entries) < SHORT_TEXT,
                    "entries": entries or [_BLANK_SIGNATURE],
                }
            )
        return blocks

    @api.model
    def _get_events(self, events, company):
        return [
            {
                "at": self._format_time(event.at, company),
                "name": event.type_id.name,
                "by": self._join([event.user_id.name, event.department_id.name]),
                "note": event.note or "",
            }
            for event in events
        ]
