# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models
from odoo.exceptions import AccessError, UserError

# kind of a signature block -> discipline whose end is the signature
_SIGNED_BY = {
    "instruction": "d2",
    "cause": "d4",
    "countermeasure": "d5",
    "handling_opinion": "d6",
    "review": "d8",
}
# the verdict on the effect is the signature of this kind
_EFFECT_KIND = "check"


class ComplaintCapaDocument(models.AbstractModel):
    """What stands on the forms of corrective action (F15 ... F62) of an 8D.

    The catalogue chooses the sections. Everything is read with the rights of who
    prints: members of the team who may not know the complaints print no numbers
    and customers.
    """

    _name = "complaint.capa.document"
    _description = "Content of a Corrective Action Form"
    _inherit = ["complaint.form.document"]

    @api.model
    def _get_capa_pages(self, eightds, form=None, lang=None):
        """Return the page sets of these 8D, in their order, all copies.

        :param eightds: `complaint.eightd`
        :param form: `complaint.form`, or None for the first one of each company
        :param lang: language code, or None for the user's
        :raise AccessError: for customers, and for 8D one cannot read
        :raise UserError: the company has no form for it
        """
        if not self.env.user._is_internal():
            raise AccessError(self.env._("Complaint forms are not for customers."))
        eightds.check_access("read")
        writer = self.with_context(lang=lang or self.env.lang or self.env.user.lang)
        pages = []
        for eightd in eightds.with_env(writer.env):
            own = writer._get_capa_form(eightd, form)
            document = writer._prepare_capa(eightd, own.with_env(writer.env))
            for label in self._get_copy_labels(document["form"]):
                pages.append({"document": document, "copy_label": label})
        return pages

    @api.model
    def _get_capa_form(self, eightd, form=None):
        if form:
            return form._get_for_company(eightd.company_id)
        found = self.env["complaint.form"]._get_company_forms(eightd.company_id, "capa")
        if not found:
            raise UserError(
                self.env._(
                    "%(company)s has no form for corrective action. Add one under "
                    "Configuration / Forms.",
                    company=eightd.company_id.name,
                )
            )
        return found[0]

    @api.model
    def _prepare_capa(self, eightd, form):
        """Hook: return everything that the template of one form prints."""
        # sudo: logo and name of the company of an 8D one may read
        company = eightd.company_id.sudo()
        return {
            "form": form,
            "lang": self.env.lang,
            "company": company,
            "reference": eightd.number or "",
            "is_provisional": not eightd.number,
            "facts": self._get_capa_facts(eightd),
            "sections": self._get_capa_sections(eightd, form, company),
            "signatures": self._get_capa_signatures(eightd, form, company),
            "has_long_text": self._has_long_text,
        }

    @api.model
    def _get_capa_facts(self, eightd):
        """Hook: return ``(label, value)`` of the head."""
        # searched, not read: only what who prints may know of
        links = self.env["complaint.eightd.link"].search(
            [("eightd_id", "=", eightd.id), ("date_to", "=", False)]
        )
        tickets = links.ticket_id
        # sudo: names of what stands on an 8D that one may read
        names = eightd.sudo()
        customers = links.sudo().partner_id.commercial_partner_id  # sudo: as above
        numbers = [t.complaint_number or t.number for t in tickets]
        return [
            (self.env._("Title"), eightd.name),
            (self.env._("State"), self._get_choice(eightd, "state")),
            (self.env._("Complaints"), self._join(numbers)),
            (self.env._("Customer"), self._join(customers.mapped("name"))),
            (self.env._("Product"), names.product_id.display_name),
            (self.env._("Lots"), self._join(names.lot_ids.mapped("name"))),
            (self.env._("Defect"), names.defect_id.display_name),
            (self.env._("Severity"), self._get_choice(eightd, "severity")),
            (self.env._("Responsible Department"), names.department_id.name),
            (self.env._("Leader"), names.leader_id.name),
            (self.env._("Sponsor"), names.sponsor_id.name),
            (self.env._("Team"), self._join(eightd.member_ids.mapped("name"))),
        ]

    # ------------------------------------------------------------------
    # Sections
    # ------------------------------------------------------------------

    @api.model
    def _get_capa_sections(self, eightd, form, company):
        """Hook: return the sections to print, in their order.

        Each is a dict with ``title`` and one of ``text``, ``facts``, ``svg`` or
        ``columns`` (heading, width in %) with ``rows`` (lists of texts).
        """
        makers = (
            ("show_problem", self._get_problem_sections),
            ("show_analysis", self._get_analysis_sections),
            ("show_plan", self._get_plan_sections),
            ("show_implementation", self._get_implementation_sections),
            ("show_effect", self._get_effect_sections),
            ("show_prevention", self._get_prevention_sections),
        )
        sections = []
        for name, maker in makers:
            if form[name]:
                sections += maker(eightd, company)
        return sections

    @api.model
    def _get_problem_sections(self, eightd, company):
        asked = eightd.decision_reason or ""
        text = self._join([eightd.symptom, eightd.problem], "\n")
        rows = [
            [
                self._join([self._get_choice(row, "place"), row.place_note]),
                row.action or "",
                self._format_quantity(row.quantity, None) or "0",
                self._format_time(row.introduced_at, company),
                row.effect_note or "",
            ]
            for row in eightd.containment_ids
        ]
        sections = [{"title": self.env._("Nonconformity"), "text": text}]
        if asked:
            sections.append({"title": self.env._("What Is Asked For"), "text": asked})
        if rows:
            columns = [
                (self.env._("Where"), 20),
                (self.env._("Immediate Action"), 34),
                (self.env._("Quantity"), 10),
                (self.env._("Introduced on"), 15),
                (self.env._("Effect"), 21),
            ]
            title = self.env._("Containment")
            sections.append({"title": title, "columns": columns, "rows": rows})
        return sections

    @api.model
    def _get_analysis_sections(self, eightd, company):
        causes = eightd.cause_ids.filtered(lambda c: c.state != "rejected")
        roots = causes.filtered("is_root")
        rows = [
            [
                self._get_choice(cause, "cause_type"),
                self._join([self._get_choice(cause, "branch"), cause.name], ": "),
                f"{cause.contribution:.0f} %" if cause.contribution else "",
                cause.evidence or "",
                self._get_choice(cause, "state"),
            ]
            for cause in roots or causes
        ]
        columns = [
            (self.env._("Type"), 18),
            (self.env._("Root Cause"), 36),
            (self.env._("Share"), 8),
            (self.env._("Evidence"), 26),
            (self.env._("State"), 12),
        ]
        title = self.env._("Root Causes")
        sections = [{"title": title, "columns": columns, "rows": rows or [[""] * 5]}]
        for title, name in (
            (self.env._("Chain of Causes (5 Why)"), "_get_five_why_svg"),
            (self.env._("Cause and Effect (Ishikawa)"), "_get_ishikawa_svg"),
        ):
            draw = getattr(eightd, name, None)
            svg = draw(self.env.lang) if draw and causes else ""
            if svg:
                sections.append({"title": title, "svg": svg})
        return sections

    @api.model
    def _get_plan_sections(self, eightd, company):
        rows = [
            [
                str(number),
                action.name,
                self._get_choice(action, "complaint_discipline"),
                action.complaint_department_id.name or "",
                action.user_id.name or "",
                self._format_day(action.date_deadline),
            ]
            for number, action in enumerate(self._get_capa_actions(eightd), 1)
        ]
        columns = [
            (self.env._("No."), 6),
            (self.env._("Corrective or Preventive Action"), 38),
            (self.env._("Kind"), 16),
            (self.env._("Department"), 14),
            (self.env._("Responsible"), 13),
            (self.env._("Due"), 13),
        ]
        title = self.env._("Action Plan")
        return [{"title": title, "columns": columns, "rows": rows or [[""] * 6]}]

    @api.model
    def _get_implementation_sections(self, eightd, company):
        rows = [
            [
                str(number),
                action.name,
                action.complaint_implementation or "",
                self._format_time(action.complaint_implemented_at, company),
                action.complaint_implemented_by_id.name or "",
                self._join(
                    [
                        self._get_choice(action, "complaint_effect"),
                        action.complaint_verification,
                    ],
                    "\n",
                ),
            ]
            for number, action in enumerate(self._get_capa_actions(eightd), 1)
        ]
        columns = [
            (self.env._("No."), 6),
            (self.env._("Action"), 24),
            (self.env._("How It Was Carried out"), 26),
            (self.env._("Carried out on"), 14),
            (self.env._("By"), 12),
            (self.env._("Followed up by the Department"), 18),
        ]
        title = self.env._("Implementation")
        return [{"title": title, "columns": columns, "rows": rows or [[""] * 6]}]

    @api.model
    def _get_effect_sections(self, eightd, company):
        period = self._join(
            [
                self._format_day(eightd.validation_from),
                self._format_day(eightd.validation_to),
            ],
            " – ",
        )
        parts = self._format_quantity(eightd.validation_qty, None)
        bad = self._format_quantity(eightd.validation_nok_qty, None)
        facts = [
            (self.env._("Parts Watched"), parts),
            (self.env._("Of Them Bad"), bad or (parts and "0")),
            (self.env._("Period"), period),
            (self.env._("Effect"), self._get_choice(eightd, "effect")),
            (self.env._("Watched until"), self._format_day(eightd.watch_until)),
            (self.env._("Watch"), self._get_choice(eightd, "watch_result")),
            (self.env._("Evidence"), eightd.validation_result or ""),
        ]
        return [{"title": self.env._("Verification of the Effect"), "facts": facts}]

    @api.model
    def _get_prevention_sections(self, eightd, company):
        rows = [
            [
                self._join([self._get_choice(row, "kind"), row.name], ": "),
                self._join([row.old_revision, row.new_revision], " → "),
                self._format_day(row.changed_at),
                row.no_change_reason or "",
            ]
            for row in eightd.document_ids
        ]
        columns = [
            (self.env._("Document"), 36),
            (self.env._("Revision"), 18),
            (self.env._("Changed on"), 14),
            (self.env._("Not Changed, Because"), 32),
        ]
        sections = []
        if rows:
            title = self.env._("Changed Documents")
            sections.append({"title": title, "columns": columns, "rows": rows})
        if eightd.lessons:
            title = self.env._("Lessons Learned")
            sections.append({"title": title, "text": eightd.lessons})
        return sections

    @api.model
    def _get_capa_actions(self, eightd):
        """Return the chosen actions; who reads the 8D reads what it does."""
        # sudo: actions of an 8D one may read, and the names of who does them
        actions = eightd.sudo().action_ids
        chosen = actions.filtered(lambda a: a.complaint_choice == "selected")
        return chosen.sorted(lambda a: (a.complaint_discipline or "", a.id))

    @api.model
    def _get_capa_signatures(self, eightd, form, company):
        """Return one block per signature row: who finished, who verified (R070)."""
        blocks = []
        rows = eightd.discipline_ids.filtered(lambda d: d.state == "done")
        done = {row.code: (row.done_by_id, row.done_at) for row in rows}
        for row in form.signature_ids:
            user, at = done.get(_SIGNED_BY.get(row.kind), (None, None))
            if row.kind == _EFFECT_KIND:
                user, at = eightd.effect_by_id, eightd.effect_at
            blocks.append(
                {
                    "label": row.label,
                    "show_text": False,
                    "is_short": True,
                    "entries": [
                        {
                            "text": "",
                            "signer": (user and user.name) or "",
                            "department": (
                                user and user._complaint_get_department().name
                            )
                            or "",
                            "date": self._format_time(at, company),
                        }
                    ],
                }
            )
        return blocks
