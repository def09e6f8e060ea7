# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models
from odoo.exceptions import UserError

from ..models.complaint_form import RECORD_TEMPLATES

_PAGE = "helpdesk_mgmt_complaint.complaint_record_page"


class ComplaintRecordDocument(models.AbstractModel):
    """Forms of one record of a complaint: visit, callback, talk, memo, inspection.

    The head is that of the complaint, below it what the record says. Each template
    has its method ``_prepare_<template>``.
    """

    _name = "complaint.record.document"
    _description = "Content of a Record of a Complaint"
    _inherit = ["complaint.form.document"]

    @api.model
    def _get_record_pages(self, ticket, form, lang, records=None):
        """Return the page sets of a complaint's records of the form's kind.

        Without any record one blank page set is printed, for a pen.

        :param ticket: one `helpdesk.ticket` that the user may read
        :param form: `complaint.form` of one of RECORD_TEMPLATES
        :param str lang: language of the print
        :param records: only these, default all of the complaint
        """
        writer = self.with_context(lang=lang)
        ticket = ticket.with_env(writer.env)
        form = form.with_env(writer.env)
        if records is None:
            records = writer._find_records(ticket, form)
        pages = []
        for record in records.with_env(writer.env) or [records.browse()]:
            document = writer._prepare_record_document(ticket, form, record)
            for label in writer._get_copy_labels(form):
                pages.append(
                    {"template": _PAGE, "document": document, "copy_label": label}
                )
        return pages

    @api.model
    def _get_direct_pages(self, records):
        """Return the page sets of these records, in the company's first form.

        :param records: visits, callbacks, talks or objections of complaints
        :raise AccessError: for customers, and for records one cannot read
        :raise UserError: the company has no form for them
        """
        records.check_access("read")
        if records._name == "complaint.opinion":
            records = records.filtered(lambda o: o.kind == "objection")
        self._check_can_print(records.ticket_id)
        pages = []
        for record, form in self._get_record_forms(records).items():
            ticket = record.ticket_id
            lang = self._get_language(ticket, form)
            pages += self._get_record_pages(ticket, form, lang, record)
        if not pages:
            raise UserError(self.env._("There is nothing to print: choose objections."))
        return pages

    @api.model
    def _get_record_forms(self, records):
        """Return ``{record: complaint.form}``, the first form of each company."""
        template = next(
            key for key, value in RECORD_TEMPLATES.items() if value[0] == records._name
        )
        return {
            record: self._get_record_form(record.ticket_id.company_id, template)
            for record in records
        }

    @api.model
    def _get_record_form(self, company, template):
        company = company or self.env.company
        found = self.env["complaint.form"]._get_company_forms(company, template)
        if not found:
            raise UserError(
                self.env._(
                    "%(company)s has no form for this. Add one under Configuration / "
                    "Forms.",
                    company=company.name,
                )
            )
        return found[0]

    @api.model
    def _find_records(self, ticket, form):
        if form.template == "inspection":
            # sudo: whoever handles a complaint reads the results of its lots
            return self._get_inspections(ticket.sudo())
        found = ticket[RECORD_TEMPLATES[form.template][1]].sorted("id")
        if form.template == "objection":
            found = found.filtered(lambda o: o.kind == "objection" and o.is_current)
        return found

    @api.model
    def _prepare_record_document(self, ticket, form, record):
        """Hook: return everything that the template of one record prints."""
        # sudo: logo and name of the company, names of the goods, of a complaint
        # that one may read
        company = (ticket.company_id or self.env.company).sudo()
        lines = ticket.complaint_line_ids.sudo()  # sudo: as above
        document = {
            "ticket": ticket,
            "form": form,
            "lang": self.env.lang,
            "company": company,
            "reference": ticket.complaint_number or ticket.number,
            "is_provisional": not ticket.complaint_number,
            "facts": self._get_facts(ticket, form, company)[:4],
            "complainant": self._get_complainant(ticket),
            "content": self._get_content(ticket),
            "goods": [self._prepare_goods(line) for line in lines],
            "has_long_text": self._has_long_text,
            "qr": form.show_qr and self._get_ticket_qr(ticket, form),
            "findings": [],
            "signatures": [],
            "pens": [],
        }
        # sudo: names of persons, channels and products of a record one may read
        names = record.sudo()
        document.update(getattr(self, f"_prepare_{form.template}")(names, company))
        photos = document.pop("photos", self.env["ir.attachment"])
        photos = photos.filtered(lambda a: (a.mimetype or "").startswith("image/"))
        return {**document, **self._get_photo_values(photos, form)}

    # ------------------------------------------------------------------
    # One method per template
    # ------------------------------------------------------------------

    @api.model
    def _prepare_visit(self, visit, company):
        """走访记录: problems, handling opinions, results (R095, R140)."""
        return {
            "record_title": self.env._("Visit"),
            "record_facts": [
                (self.env._("Customer's Site"), visit.partner_id.display_name),
                (self.env._("Place"), visit.place),
                (self.env._("Visitors"), ", ".join(visit.user_ids.mapped("name"))),
                (self.env._("Met at the Customer"), visit.persons),
                (
                    self.env._("Departure"),
                    self._format_time(visit.departure_at, company),
                ),
                (self.env._("Arrival"), self._format_time(visit.arrival_at, company)),
            ],
            "boxes": [
                (self.env._("Findings"), visit.findings),
                (self.env._("Agreed Handling"), visit.agreed_handling),
            ],
            "pens": [self.env._("Visitor"), self.env._("Reviewed by")],
            "photos": visit.attachment_ids,
        }

    @api.model
    def _prepare_callback(self, callback, company):
        """回访记录: evaluation and further needs (R140)."""
        return {
            "record_title": self.env._("Callback"),
            "record_facts": [
                (self.env._("Date"), self._format_time(callback.at, company)),
                (self.env._("Method"), callback.channel_id.name),
                (self.env._("Called by"), callback.user_id.name),
                (self.env._("Spoke with"), callback.person),
                (self.env._("Customer Is"), self._get_choice(callback, "satisfied")),
            ],
            "boxes": [
                (self.env._("What the Customer Says"), callback.content),
                (self.env._("Further Needs"), callback.further_needs),
            ],
            "pens": [self.env._("Called by"), self.env._("Reviewed by")],
            "photos": callback.attachment_ids,
        }

    @api.model
    def _prepare_communication(self, talk, company):
        """沟通记录表, 来电来访记录, 客户访谈记录表 (R106, R139, R140)."""
        return {
            "record_title": self.env._("Communication"),
            "record_facts": [
                (self.env._("Date"), self._format_time(talk.at, company)),
                (self.env._("Method"), talk.channel_id.name),
                (self.env._("Direction"), self._get_choice(talk, "direction")),
                (self.env._("Purpose"), self._get_choice(talk, "purpose")),
                (self.env._("Our Person"), talk.user_id.name),
                (
                    self.env._("Customer's Persons"),
                    self._join([talk.partner_id.name, talk.persons]),
                ),
            ],
            "boxes": [
                (self.env._("Content"), talk.content),
                (self.env._("Result"), talk.result),
                (self.env._("Promised"), talk.promise),
            ],
            "pens": [self.env._("Recorded by"), self.env._("Reviewed by")],
            "photos": talk.attachment_ids,
        }

    @api.model
    def _prepare_objection(self, objection, company):
        """签呈: department, decision objected to, reason, decision (R076, R209)."""
        answer = objection.answer_ids.filtered("is_current")[:1]
        decisions = objection.ticket_id.complaint_opinion_ids.filtered(
            lambda o: o.kind in ("synthesis", "decision")
            and o.is_current
            and o.id < objection.id
        )
        return {
            "record_title": self.env._("Objection"),
            "record_facts": [
                (self.env._("Department"), objection.department_id.name),
                (self.env._("Objection by"), objection.signed_by_id.name),
                (self.env._("Date"), self._format_time(objection.signed_at, company)),
                (
                    self.env._("Sent to"),
                    objection.objection_dispatch_id.to_user_id.name
                    or objection.objection_dispatch_id.to_department_id.name,
                ),
            ],
            "boxes": [
                (self.env._("Decision Objected to"), decisions[-1:].text),
                (self.env._("Reason and Proposal"), objection.text),
            ],
            "signatures": [
                {
                    "label": self.env._("Decision on the Objection"),
                    "show_text": True,
                    "is_short": len(answer.text or "") < 1200,
                    "entries": [
                        {
                            "text": answer.text or "",
                            "signer": answer.signed_by_id.name or "",
                            "department": answer.department_id.name or "",
                            "date": self._format_time(answer.signed_at, company),
                        }
                    ],
                }
            ],
        }

    @api.model
    def _prepare_inspection(self, inspection, company):
        """成品检验报告: lot, quantity, findings, judgement (R090)."""
        columns = [
            (self.env._("Characteristic"), 34),
            (self.env._("Measured"), 22),
            (self.env._("Permitted"), 22),
            (self.env._("Judgement"), 22),
        ]
        rows = [
            [
                line.name or "",
                line.qualitative_value.name
                or self._format_measure(line.quantitative_value, line.uom_id),
                line.valid_values or "",
                self.env._("Passed") if line.success else self.env._("Failed"),
            ]
            for line in inspection.inspection_lines
        ]
        return {
            "record_title": self.env._("Inspection"),
            "record_facts": [
                (self.env._("Inspection No."), inspection.name),
                (
                    self.env._("Date"),
                    self._format_time(inspection.date_done or inspection.date, company),
                ),
                (self.env._("Product"), inspection.product_id.display_name),
                (self.env._("Lot"), inspection.complaint_lot_id.name),
                (self.env._("Quantity"), self._format_quantity(inspection.qty, None)),
                (self.env._("Inspector"), inspection.user.name),
                (self.env._("Test"), inspection.test.name),
                (self.env._("Judgement"), self._get_choice(inspection, "state")),
            ],
            "findings": [
                self._prepare_table(self.env._("Findings"), columns, rows),
            ],
            "boxes": [(self.env._("Remarks"), inspection.external_notes)],
            "pens": [self.env._("Inspector"), self.env._("Quality Manager")],
        }

    @api.model
    def _format_measure(self, value, uom):
        return self._join([f"{value:g}" if value is not None else "", uom.name], " ")
