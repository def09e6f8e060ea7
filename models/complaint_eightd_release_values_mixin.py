# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import base64
import json

from odoo import api, models
from odoo.tools import html2plaintext
from odoo.tools.image import image_data_uri
from odoo.tools.misc import format_date, formatLang

from .complaint_eightd_discipline import ANSWER_TYPES

RELEASE_TYPES = [("initial", "Initial response"), *ANSWER_TYPES]
# which disciplines a customer gets with which answer
RELEASE_CODES = {
    "initial": ("d0", "d2"),
    "short": ("d2", "d8"),
    "3d": ("d1", "d2", "d3"),
    "5d": ("d1", "d2", "d3", "d4", "d5"),
    "8d": ("d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8"),
}
# where goods lie that may be those of another customer
_OUTSIDE = ("transit", "customer", "field")


class ComplaintEightdReleaseValuesMixin(models.AbstractModel):
    """What a customer gets to read: the release's own list of values.

    Templates of releases get the dictionary of `_get_release_values` and nothing
    else: plain values, never a record. What is not named here cannot leave, whatever
    a company changes in its template. Not in it are: costs, lint and scores, notes,
    evidence and rejected causes, storage places, recognition, lessons, and everything
    that another link of the 8D says.
    """

    _name = "complaint.eightd.release.values.mixin"
    _description = "Content of an 8D Release"

    def _get_release_values(self, answer_type=None, with_diagrams=False):
        """Return the content of an answer, in the language of the context.

        :param str answer_type: key of `RELEASE_CODES`, default the wanted format
        :param bool with_diagrams: the diagrams of D4, where it has a D4
        :return: dict of strings, numbers, booleans, lists and dicts of such
        """
        self.ensure_one()
        self.check_access("read")
        answer_type = answer_type or self._get_wanted_type()
        codes = RELEASE_CODES[answer_type]
        # sudo: who answers the customer need not be in the team; this list is what
        # of an 8D he passes on
        link = self.sudo()
        values = link._prepare_release_head(answer_type, codes)
        for code in codes:
            values.update(getattr(link, f"_prepare_release_{code}")())
        values["diagrams"] = []
        if with_diagrams and "d4" in codes:
            values["diagrams"] = link._prepare_release_diagrams()
        # fails on anything that is no plain value, also when a hook adds it
        return json.loads(json.dumps(values))

    def _get_release_done_codes(self, answer_type):
        """Return the codes of this answer whose disciplines are done."""
        self.ensure_one()
        done = self.sudo().eightd_id.discipline_ids.filtered(  # sudo: codes only
            lambda row: row.state == "done"
        )
        codes = set(done.mapped("code"))
        return [code for code in RELEASE_CODES[answer_type] if code in codes]

    def _get_release_open_codes(self, answer_type):
        """Return the codes of this answer that are not done; D8 is for the end."""
        self.ensure_one()
        done = {*self._get_release_done_codes(answer_type), "d8"}
        return [code for code in RELEASE_CODES[answer_type] if code not in done]

    # ------------------------------------------------------------------
    # Head
    # ------------------------------------------------------------------

    def _prepare_release_head(self, answer_type, codes):
        """Hook: company, form, references, which disciplines follow."""
        eightd, ticket = self.eightd_id, self.ticket_id
        company = eightd.company_id
        form = self._get_release_form(company)
        customer = ticket.partner_id.commercial_partner_id
        open_codes = self._get_release_open_codes(answer_type)
        names = dict(
            self.env["complaint.eightd.discipline"]
            ._fields["code"]
            ._description_selection(self.env)
        )
        return {
            "lang": self.env.lang or "en_US",
            "company": company.name or "",
            "logo": self._get_release_logo(company),
            "form_name": form.name or self.env._("8D report"),
            "form_number": form.form_number or "",
            "form_revision": form.revision or "",
            "answer_type": answer_type,
            "type_label": self._get_release_type_label(answer_type),
            "reference": ticket.complaint_number or ticket.number or "",
            "revision": max(self.release_ids.mapped("revision"), default=0) + 1,
            "codes": list(codes),
            "titles": {code: names[code] for code in codes},
            "open_titles": [names[code] for code in open_codes],
            "is_preliminary": bool(open_codes),
            "facts": [
                [self.env._("Customer"), customer.name or ""],
                [self.env._("Your Reference"), self.customer_reference or ""],
                [self.env._("Our 8D"), eightd.number or ""],
                [self.env._("Released on"), self._format_release_day()],
            ],
            "signatures": self._get_release_signatures(),
        }

    @api.model
    def _get_release_type_label(self, answer_type):
        field = self.env["complaint.eightd.release"]._fields["answer_type"]
        return dict(field._description_selection(self.env))[answer_type]

    @api.model
    def _get_release_form(self, company):
        forms = self.env["complaint.form"]._get_company_forms(company, "eightd")
        return forms[:1]

    @api.model
    def _get_release_logo(self, company):
        if company.uses_default_logo or not company.logo:
            return ""
        return image_data_uri(company.logo)

    def _get_release_signatures(self):
        """Return ``[role, name]`` of who signs for us."""
        leader = self.eightd_id.leader_id
        return [
            [self.env._("Leader of the team"), leader.name or ""],
            [self.env._("Sponsor"), self.eightd_id.sponsor_id.name or ""],
            [self.env._("Customer"), ""],
        ]

    # ------------------------------------------------------------------
    # Disciplines
    # ------------------------------------------------------------------

    def _prepare_release_d0(self):
        eightd = self.eightd_id
        return {
            "emergency": eightd.emergency_action or "",
            "emergency_on": self._format_release_time(eightd.emergency_at),
        }

    def _prepare_release_d1(self):
        eightd = self.eightd_id
        team = [
            [self.env._("Sponsor"), eightd.sponsor_id.name or "", ""],
            [self.env._("Leader"), eightd.leader_id.name or "", ""],
        ]
        for member in eightd.member_ids:
            row = [self.env._("Member"), member.name or "", member.function or ""]
            team.append(row)
        return {"team": [row for row in team if row[1]]}

    def _prepare_release_d2(self):
        lines = self.ticket_id.complaint_line_ids
        quantities = [
            [self.env._("Delivered"), self._format_release_number(self.delivered_qty)],
            [self.env._("Claimed"), self._format_release_number(self.claimed_qty)],
            [self.env._("Returned"), self._format_release_number(self.returned_qty)],
        ]
        return {
            "customer_wording": self.customer_wording or "",
            "problem": self.problem_text or self.eightd_id.problem or "",
            "goods": [self._prepare_release_goods(line) for line in lines],
            "quantities": [row for row in quantities if row[1]],
        }

    @api.model
    def _prepare_release_goods(self, line):
        return {
            "product": line.product_id.name or "",
            "part": line.product_id.default_code or "",
            "lot": line.lot_id.name or line.lot_name or "",
            "order": line.sale_order_id.client_order_ref or "",
            "defect": line.defect_id.name or "",
        }

    def _prepare_release_d3(self):
        rows = self.eightd_id.containment_ids.browse()
        if not self.containment_text:
            rows = self.eightd_id.containment_ids.filtered(self._is_own_containment)
        return {
            "containment": self.containment_text or "",
            "containments": [self._prepare_release_containment(row) for row in rows],
            "first_clean_lot": self.eightd_id.first_clean_lot or "",
        }

    def _is_own_containment(self, row):
        """Return whether a containment may be told to this customer.

        Ours are; what lies outside only where it is his, or nobody else's.
        """
        mine = self.ticket_id.partner_id.commercial_partner_id
        partner = row.scope_line_id.partner_id.commercial_partner_id
        if partner:
            return partner == mine
        if row.place not in _OUTSIDE:
            return True
        others = self.eightd_id.link_ids.ticket_id.partner_id.commercial_partner_id
        return not others - mine

    def _prepare_release_containment(self, row):
        places = dict(row._fields["place"]._description_selection(self.env))
        return {
            "place": places[row.place],
            "action": row.action or "",
            "quantity": self._format_release_number(row.quantity, zero="0"),
            "checked": self._format_release_number(row.checked_qty),
            "bad": self._format_release_number(row.nok_qty, zero="0")
            if row.checked_qty
            else "",
            "from": self._format_release_time(row.effective_from or row.introduced_at),
            "until": self._format_release_day(row.lifted_at) if row.lifted_at else "",
        }

    def _prepare_release_d4(self):
        causes = self.eightd_id.cause_ids.browse()
        if not self.cause_text:
            causes = self.eightd_id.cause_ids.filtered(
                lambda cause: cause.is_root and cause.state == "verified"
            )
        kinds = dict(causes._fields["cause_type"]._description_selection(self.env))
        return {
            "cause": self.cause_text or "",
            "causes": [
                {
                    "kind": kinds[cause.cause_type],
                    "name": cause.name or "",
                    "share": f"{cause.contribution:g} %" if cause.contribution else "",
                }
                for cause in causes
            ],
        }

    def _prepare_release_diagrams(self):
        """Return the diagrams as pictures; in a picture no script can run."""
        eightd, lang = self.eightd_id, self.env.lang
        wanted = [
            (self.env._("5-why"), "_get_five_why_svg"),
            (self.env._("Cause and effect"), "_get_ishikawa_svg"),
        ]
        diagrams = []
        for title, method in wanted:
            drawn = getattr(eightd, method, None)
            svg = drawn(lang) if drawn else ""
            if svg:
                coded = base64.b64encode(str(svg).encode()).decode()
                uri = f"data:image/svg+xml;base64,{coded}"
                diagrams.append({"title": title, "svg": str(svg), "uri": uri})
        return diagrams

    def _prepare_release_d5(self):
        actions = [] if self.action_text else self._get_release_actions(("d5",))
        return {
            "action": self.action_text or "",
            "actions": [self._prepare_release_action(action) for action in actions],
        }

    def _get_release_actions(self, disciplines):
        return self.eightd_id.action_ids.filtered(
            lambda action: action.complaint_discipline in disciplines
            and action.complaint_choice == "selected"
        )

    def _prepare_release_action(self, action):
        return {
            "name": action.name or "",
            "department": action.complaint_department_id.name or "",
            "due": self._format_release_day(action.date_deadline)
            if action.date_deadline
            else "",
            "done": self._format_release_time(action.complaint_implemented_at),
        }

    def _prepare_release_d6(self):
        eightd = self.eightd_id
        actions = []
        if not self.effect_text:
            actions = self._get_release_actions(("d5", "d6"))
        effect = dict(eightd._fields["effect"]._description_selection(self.env))
        days = [
            self._format_release_day(day)
            for day in (eightd.validation_from, eightd.validation_to)
            if day
        ]
        quantity = self._format_release_number(eightd.validation_qty)
        facts = [
            [self.env._("Watched"), " - ".join(days)],
            [self.env._("Parts Watched"), quantity],
            [
                self.env._("Of Them Bad"),
                self._format_release_number(eightd.validation_nok_qty, zero="0")
                if quantity
                else "",
            ],
            [self.env._("Effect"), effect.get(eightd.effect, "")],
        ]
        return {
            "effect": self.effect_text or eightd.validation_result or "",
            "implemented": [self._prepare_release_action(row) for row in actions],
            "validation": [row for row in facts if row[1]],
        }

    def _prepare_release_d7(self):
        eightd = self.eightd_id
        documents, actions = [], []
        if not self.prevention_text:
            documents = eightd.document_ids.filtered("new_revision")
            actions = self._get_release_actions(("d7",))
        return {
            "prevention": self.prevention_text or "",
            "documents": [self._prepare_release_document(row) for row in documents],
            "prevention_actions": [
                self._prepare_release_action(action) for action in actions
            ],
        }

    def _prepare_release_document(self, row):
        kinds = dict(row._fields["kind"]._description_selection(self.env))
        return {
            "kind": kinds[row.kind],
            "name": row.name or "",
            "old": row.old_revision or "",
            "new": row.new_revision or "",
            "on": self._format_release_day(row.changed_at) if row.changed_at else "",
        }

    def _prepare_release_d8(self):
        return {
            "closing": self.closing_text or "",
            "closed_on": self._format_release_time(self.eightd_id.closed_at),
        }

    # ------------------------------------------------------------------
    # Leaks
    # ------------------------------------------------------------------

    def _get_release_leaks(self, values):
        """Return words of an answer that name others: somebody should read it again.

        Texts are typed by people. Found are names and references of the other
        customers of this 8D and of persons who are complained about.

        :param dict values: see `_get_release_values`
        :return: sorted list of str
        """
        self.ensure_one()
        parts = [*_iter_texts(values)]
        parts += [html2plaintext(row["svg"]) for row in values["diagrams"]]
        text = "\n".join(parts).casefold()
        link = self.sudo()  # sudo: names of others are looked for, that is the point
        own = link._get_release_names(link).casefold()
        others = link.eightd_id.link_ids - link
        names = set()
        for other in others:
            names |= set(link._get_release_names(other).split("\n"))
        for ticket in link.eightd_id.link_ids.ticket_id:
            names |= set(ticket.complaint_accused_employee_ids.mapped("name"))
            names |= set(ticket.complaint_recused_user_ids.mapped("name"))
        return sorted(
            name
            for name in names
            if len(name or "") > 1
            and name.casefold() in text
            and name.casefold() not in own
        )

    @api.model
    def _get_release_names(self, link):
        ticket = link.ticket_id
        customer = ticket.partner_id
        parts = [
            customer.name,
            customer.commercial_partner_id.name,
            link.customer_reference,
            ticket.complaint_customer_reference,
            ticket.complaint_number,
            ticket.complaint_complainant_name,
        ]
        return "\n".join(part for part in parts if part)

    # ------------------------------------------------------------------
    # Format
    # ------------------------------------------------------------------

    def _format_release_day(self, day=None):
        """Return a day in the language of the context, default today."""
        return format_date(self.env, day or self.company_id._complaint_today())

    def _format_release_time(self, at):
        """Return the day of a UTC time where the company is, empty without."""
        tools = self.env["complaint.print.tools"]
        local = tools._get_local(at, self.company_id)
        return self._format_release_day(local.date()) if local else ""

    @api.model
    def _format_release_number(self, number, zero=""):
        if not number:
            return zero
        digits = 0 if number == int(number) else 3
        return formatLang(self.env, number, digits=digits)


def _iter_texts(value):
    """Yield all strings of nested plain values, without encoded pictures."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in ("uri", "logo"):
                yield from _iter_texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _iter_texts(item)
    elif isinstance(value, str):
        yield value
