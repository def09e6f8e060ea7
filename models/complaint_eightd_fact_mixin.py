# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models
from odoo.tools import html2plaintext

from ..kernel import eightd_facts as facts


class ComplaintEightdFactMixin(models.AbstractModel):
    """Turns records of an 8D into the facts that the kernel judges."""

    _name = "complaint.eightd.fact.mixin"
    _description = "Facts of an 8D"

    def _prepare_lint_facts(self, limits, code=None):
        """Return ``{id: Facts}``; the number of queries does not depend on `self`.

        :param dict limits: ``{company: {rule code: limit}}``
        :param str code: the discipline to judge; without, those with content
        """
        # sudo: the check must say the same to everybody who may read the 8D, though
        # actions and quantities of customers have rules of their own; findings name
        # rows of the 8D only
        eightds = self.sudo()
        repeats = eightds._get_lint_repeats()
        return {
            eightd.id: eightd._prepare_lint_fact(
                limits.get(eightd.company_id, {}), repeats.get(eightd, 0), code
            )
            for eightd in eightds
        }

    def _prepare_lint_fact(self, limits, repeats, code):
        asked = {code} if code else self._get_lint_disciplines()
        return facts.Facts(
            today=fields.Date.context_today(self),
            asked=frozenset(asked & set(self._get_variant_codes(self.answer_type))),
            symptom=self.symptom or "",
            problem=self.problem or "",
            how_many=self.how_many or "",
            no_cause_reasons=self.no_cause_reasons or "",
            causes=tuple(map(self._prepare_lint_cause, self._get_lint_causes())),
            actions=tuple(map(self._prepare_lint_action, self._get_lint_actions())),
            containments=tuple(
                map(self._prepare_lint_containment, self.containment_ids)
            ),
            documents=tuple(map(self._prepare_lint_document, self.document_ids)),
            transfers=tuple(map(self._prepare_lint_transfer, self.transfer_ids)),
            quantities=tuple(
                self._prepare_lint_quantities(link)
                for link in self._get_current_links()
            ),
            validation_qty=self.validation_qty,
            validation_nok_qty=self.validation_nok_qty,
            validation_from=self.validation_from or None,
            validation_to=self.validation_to or None,
            is_effective=self.effect == "effective",
            repeats=repeats,
            limits=limits,
        )

    def _get_lint_disciplines(self):
        """Hook: return the codes of the disciplines to judge without being asked.

        Those that somebody has worked in, and the first one that is not done.
        """
        actions = self._get_lint_actions()
        implemented = any(actions.mapped("complaint_implemented_at"))
        content = {
            "d2": self.symptom or self.problem,
            "d3": self.containment_ids,
            "d4": self._get_lint_causes(),
            "d5": actions.filtered(lambda row: row.complaint_discipline != "d3"),
            "d6": self.validation_qty or self.validation_from or implemented,
            "d7": self.document_ids or self.transfer_ids,
            "d8": self.effect,
        }
        is_open = self.discipline_ids.filtered(lambda row: row.state == "open")
        codes = {code for code, found in content.items() if found}
        codes |= set((self.discipline_ids - is_open).mapped("code"))
        return codes | set(sorted(is_open.mapped("code"))[:1])

    def _get_lint_causes(self):
        """Return the causes that the 8D stands on: root causes, verified ends."""
        causes = self.cause_ids.filtered(lambda cause: cause.state != "rejected")
        verified = causes.filtered(lambda cause: cause.state == "verified")
        ends = verified - verified.parent_id
        found = causes.filtered(lambda cause: cause.is_root or cause in ends)
        return found.with_prefetch(self.cause_ids._prefetch_ids)

    def _get_lint_actions(self):
        found = self.action_ids.filtered(
            lambda action: action.complaint_choice not in ("candidate", "rejected")
        )
        return found.with_prefetch(self.action_ids._prefetch_ids)

    def _prepare_lint_cause(self, cause):
        actions = self._get_lint_actions().filtered(
            lambda action: action.complaint_cause_id == cause
        )
        path = (cause.parent_path or "").strip("/")
        return facts.Cause(
            key=(cause._name, cause.id),
            name=cause.name or "",
            cause_type=cause.cause_type,
            evidence=cause.evidence or "",
            proofs=len(cause.attachment_ids),
            whys=path.count("/") + 1,
            exempt=bool(actions)
            and all(action.complaint_tracking_exempt for action in actions),
        )

    def _prepare_lint_action(self, action):
        cause = action.complaint_cause_id
        parts = (action.name, html2plaintext(action.description or ""))
        return facts.Action(
            key=(action._name, action.id),
            name="\n".join(part for part in parts if part),
            discipline=action.complaint_discipline or "d5",
            cause=(cause._name, cause.id) if cause else None,
            has_owner=bool(action.user_id),
            due_date=action.date_deadline or None,
            is_done=bool(action.complaint_implemented_at),
            exempt=action.complaint_tracking_exempt,
        )

    def _prepare_lint_containment(self, row):
        return facts.Containment(
            key=(row._name, row.id),
            place=row.place,
            action=row.action or "",
            quantity=row.quantity,
            checked_qty=row.checked_qty,
            nok_qty=row.nok_qty,
            # or it is said why it stays
            is_lifted=bool(row.lifted_at or (row.lifted_reason or "").strip()),
        )

    def _prepare_lint_document(self, row):
        return facts.Document(
            key=(row._name, row.id),
            kind=row.kind,
            old_revision=row.old_revision or "",
            new_revision=row.new_revision or row._get_training_revision(),
            no_change_reason=row.no_change_reason or "",
        )

    def _prepare_lint_transfer(self, row):
        return facts.Transfer(
            key=(row._name, row.id),
            name=row.name or "",
            note=row.note or "",
            is_done=bool(row.done_at),
            is_affected=row.is_affected or "",
        )

    def _prepare_lint_quantities(self, link):
        return facts.Quantities(
            key=(link._name, link.id),
            delivered=link.delivered_qty,
            claimed=link.claimed_qty,
            returned=link.returned_qty,
        )

    def _get_lint_repeats(self):
        """Return how many complaints came with the same product and defect since.

        :return: ``{eightd: count}`` of those whose effect is verified; one query
        """
        proven = self.filtered(
            lambda eightd: eightd.effect == "effective"
            and eightd.effect_at
            and eightd.product_id
            and eightd.defect_id
        )
        if not proven:
            return {}
        lines = self.env["complaint.line"].search(
            [
                ("product_id", "in", proven.product_id.ids),
                ("defect_id", "in", proven.defect_id.ids),
                ("company_id", "in", proven.company_id.ids),
                ("ticket_id.create_date", ">", min(proven.mapped("effect_at"))),
                ("ticket_id.complaint_phase", "!=", "cancelled"),
            ]
        )
        return {
            eightd: len(
                lines.filtered(
                    lambda line, eightd=eightd: eightd._is_lint_repeat(line)
                ).ticket_id
            )
            for eightd in proven
        }

    def _is_lint_repeat(self, line):
        return (
            line.product_id == self.product_id
            and line.defect_id == self.defect_id
            and line.company_id == self.company_id
            and line.ticket_id.create_date > self.effect_at
        )
