# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime

from odoo import api, models

from ..kernel.register_import import find_choice

_OPINIONS = {
    "cause": "cause",
    "countermeasure": "countermeasure",
    "result": "handling_opinion",
}
_LINE_FIELDS = (
    "sale_order_id",
    "product_id",
    "lot_id",
    "defect_id",
    "serials",
    "delivered_qty",
    "claimed_qty",
    "defective_qty",
    "delivered_date",
)
# what has no field of its own, unless it was linked
_WITHOUT_FIELD = (
    "customer_code",
    "customer",
    "product_code",
    "product",
    "defect",
    "category",
    "severity",
    "channel",
    "department",
    "handler",
    "receiver",
    "remark",
)
_CHUNK = 1000


class ComplaintRegisterLoader(models.AbstractModel):
    """Creates the complaints that `complaint.register.reader` has checked."""

    _name = "complaint.register.loader"
    _description = "Complaint Register Loader"

    @api.model
    def _load(self, cases, labels, wizard):
        """Create the complaints of checked cases.

        :param dict labels: ``{meaning: header}``
        :return: the new tickets
        """
        loader = self.with_context(
            complaint_import=True,
            tracking_disable=True,
            mail_activity_automation_skip=True,
        ).with_company(wizard.company_id)
        stages = {
            phase: wizard.team_id._get_complaint_stage(phase).id
            for phase in {case["state"] for case in cases}
        }
        tickets = loader.env["helpdesk.ticket"]
        references = loader._get_references()
        for start in range(0, len(cases), _CHUNK):
            chunk = cases[start : start + _CHUNK]
            created = tickets.create(
                [
                    {
                        "number": next(references),
                        **loader._prepare_ticket_vals(case, labels, stages, wizard),
                    }
                    for case in chunk
                ]
            )
            # nobody can have rated them, and helpdesk_mgmt_rating asks one by one
            rate = tickets._fields["positive_rate_percentage"]
            self.env.remove_to_compute(rate, created)
            pairs = list(zip(created, chunk, strict=True))
            loader.env["complaint.line"].create(
                [
                    {"ticket_id": ticket.id, **vals}
                    for ticket, case in pairs
                    if (vals := loader._prepare_line_vals(case))
                ]
            )
            loader.env["complaint.opinion"].create(
                [
                    {"ticket_id": ticket.id, "department_id": False, **vals}
                    for ticket, case in pairs
                    for vals in loader._prepare_opinion_vals(case)
                ]
            )
            tickets += created
        return tickets.with_env(self.env)

    @api.model
    def _get_references(self):
        """Generate ticket references; the sequence is looked up only once."""
        sequence = (
            self.env["ir.sequence"]
            # sudo: as helpdesk.ticket does it when it is created
            .sudo()
            .search(
                [
                    ("code", "=", "helpdesk.ticket.sequence"),
                    ("company_id", "in", [self.env.company.id, False]),
                ],
                order="company_id",
                limit=1,
            )
        )
        while True:
            yield sequence._next() if sequence else "/"

    @api.model
    def _prepare_ticket_vals(self, case, labels, stages, wizard):
        """Hook: return the create values of one complaint."""
        at = case["at"]
        content = self._get_content(case, labels)
        ended = at.get("closed") or max(at.values())
        vals = {
            "name": self._get_title(case, content),
            "is_complaint": True,
            "company_id": wizard.company_id.id,
            "team_id": wizard.team_id.id,
            "complaint_procedure_id": wizard.procedure_id.id,
            "stage_id": stages[case["state"]],
            "complaint_number": case["number"],
            "complaint_content": content,
            "complaint_demand_note": case.get("demand"),
            "complaint_customer_reference": case.get("customer_reference"),
            "complaint_severity": self._get_severity(case) or "minor",
            "category_id": case.get("category_id"),
            "channel_id": case.get("channel_id"),
            "user_id": case.get("user_id"),
            "complaint_department_id": case.get("department_id"),
            "complaint_received_by_id": case.get("receiver_id"),
            "last_stage_update": ended,
            "complaint_import_note": self.env._(
                "Imported from %(file)s, row %(row)s.",
                file=wizard.file_name,
                row=case["row"],
            ),
            **{f"complaint_{name}_at": value for name, value in at.items()},
            **self._prepare_complainant_vals(case),
        }
        if case["state"] in ("closed", "cancelled"):
            vals["closed_date"] = ended
        if case["state"] == "cancelled":
            vals["complaint_cancel_reason"] = case.get("result") or self.env._(
                "Cancelled in the old register."
            )
        return vals

    @api.model
    def _prepare_complainant_vals(self, case):
        vals = {
            f"complaint_complainant_{name}": case[meaning]
            for name, meaning in (
                ("name", "complainant"),
                ("phone", "phone"),
                ("address", "address"),
            )
            if case.get(meaning)
        }
        if case.get("partner_id"):
            vals["partner_id"] = case["partner_id"]
        else:
            customer = case.get("customer") or case.get("customer_code")
            vals["complaint_complainant_organisation"] = customer
            vals.setdefault("complaint_complainant_name", customer)
        return vals

    @api.model
    def _get_severity(self, case):
        text = case.get("severity")
        return find_choice("severity", text) if text else None

    @api.model
    def _get_content(self, case, labels):
        """The complaint in words, then whatever has no field of its own."""
        kept = set(case["linked"])
        if not case.get("partner_id"):
            kept.add("customer")
        if case.get("product_id"):
            kept |= {"product", "product_code"}
        if self._get_severity(case):
            kept.add("severity")
        parts = [case["content"]] if case.get("content") else []
        parts += [
            f"{labels.get(meaning, meaning)}: {case[meaning]}"
            for meaning in _WITHOUT_FIELD
            if case.get(meaning) and meaning not in kept
        ]
        return "\n".join(parts) or case.get("subject") or "-"

    @api.model
    def _get_title(self, case, content):
        text = case.get("subject") or case.get("content")
        text = text or case.get("product") or case.get("customer") or content
        return text.splitlines()[0][:80]

    @api.model
    def _prepare_line_vals(self, case):
        """Hook: return the values of the goods, empty when nothing is said of them."""
        vals = {name: case[name] for name in _LINE_FIELDS if case.get(name)}
        if isinstance(vals.get("delivered_date"), datetime):
            vals["delivered_date"] = vals["delivered_date"].date()
        if case.get("lot"):
            vals["lot_name"] = case["lot"]
        if case.get("order") and not case.get("sale_order_id"):
            vals["service_reference"] = case["order"]
        demand = find_choice("demand", case["demand"]) if case.get("demand") else None
        if demand:
            vals["demand"] = demand
        if vals and case.get("content"):
            vals["symptom"] = case["content"]
        return vals

    @api.model
    def _prepare_opinion_vals(self, case):
        """Hook: return what others wrote; unsigned, nobody signed it here."""
        return [
            {"kind": kind, "text": case[meaning]}
            for meaning, kind in _OPINIONS.items()
            if case.get(meaning)
        ]
