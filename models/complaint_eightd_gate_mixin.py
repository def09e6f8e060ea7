# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models
from odoo.tools import float_compare

from .complaint_past import complaint_now

# disciplines that may be done whatever else is open; containment comes first and
# does not wait for the end of the description
FREE_ORDER = {"d0": None, "d1": None, "d3": {"d0", "d1"}}
# where a person has to have looked, even if nothing was there
PLACES = ("stock", "wip", "transit", "customer")
# 5W2H
QUESTIONS = (
    "what",
    "where_found",
    "when_found",
    "who_found",
    "why_problem",
    "how_found",
    "how_many",
)
# which kinds of causes a format asks for
CAUSE_TYPES = {
    "5d": ("occurrence", "non_detection"),
    "8d": ("occurrence", "non_detection", "systemic"),
}
# disciplines whose texts are checked by the lint
_LINTED = ("d4", "d5", "d6", "d7", "d8")
_DIGITS = 6
# what the log of the complaints says when a discipline is done
_EVENTS = {"d3": "contained", "d6": "capa_done"}


class ComplaintEightdGateMixin(models.AbstractModel):
    """What disciplines still lack, in full sentences.

    `_get_blocking_reasons` is the only truth: the words on the page, the button and
    the refusal of an RPC call all come from it. What each discipline asks for follows
    the table of the VDA volume on 8D.
    """

    _name = "complaint.eightd.gate.mixin"
    _description = "Gates of an 8D"

    def _get_blocking_reasons(self, code):
        """Return what keeps a discipline from being done.

        :param str code: ``d0`` ... ``d8``
        :return: ``{8D id: [sentence, ...]}``, empty lists where nothing is missing
        """
        return {
            eightd.id: [
                *eightd._get_state_reasons(),
                *eightd._get_order_reasons(code),
                *eightd._get_content_reasons(code),
            ]
            for eightd in self
        }

    def _get_content_reasons(self, code):
        """Return what its own page lacks, whatever the other ones say."""
        self.ensure_one()
        # sudo: quantities and verdicts of customers whom a member does not know;
        # sentences name no customer
        eightd = self.sudo()
        reasons = getattr(eightd, f"_get_reasons_{code}")()
        if code in _LINTED:
            reasons += eightd._get_lint_reasons(code)
        return reasons

    # ------------------------------------------------------------------
    # Frame
    # ------------------------------------------------------------------

    def _get_state_reasons(self):
        self.ensure_one()
        if self.state == "open":
            return []
        texts = {
            "requested": self.env._("This 8D was requested and not approved yet."),
            "cancelled": self.env._("This 8D was cancelled."),
        }
        closed = self.env._("This 8D is closed; it is evidence and does not change.")
        return [texts.get(self.state, closed)]

    def _get_order_reasons(self, code):
        """Return the first earlier discipline to do, and that a leader is missing."""
        self.ensure_one()
        wanted = FREE_ORDER.get(code, {row.code for row in self.discipline_ids})
        names = dict(
            self.discipline_ids._fields["code"]._description_selection(self.env)
        )
        variant = self._get_variant_codes(self.answer_type)
        reasons = [
            self.env._("Finish %(discipline)s first.", discipline=names[row.code])
            for row in self.discipline_ids.sorted("code")
            if wanted
            and row.code in wanted
            and row.code in variant
            and row.code < code
            and row.state != "done"
        ][:1]
        if code not in ("d0", "d1") and not self.leader_id:
            reasons.append(self.env._("Name the leader above the pages."))
        return reasons

    def _get_empty_reasons(self, names):
        """Return one sentence that lists which of these fields are empty."""
        empty = [
            self._fields[name]._description_string(self.env)
            for name in names
            if not (self[name] or "").strip()
        ]
        if not empty:
            return []
        return [self.env._("Fill in: %(fields)s.", fields=", ".join(empty))]

    # ------------------------------------------------------------------
    # Disciplines
    # ------------------------------------------------------------------

    def _get_reasons_d0(self):
        """The symptom, and why this format was chosen."""
        return self._get_empty_reasons(["symptom", "decision_reason"])

    def _get_reasons_d1(self):
        """A leader, a team, and a sponsor who stands above it."""
        reasons = []
        if not self.leader_id:
            reasons.append(self.env._("Name the leader."))
        elif not self.leader_id.active:
            reasons.append(self.env._("The leader left. Name another one."))
        others = self.member_ids.filtered(lambda m: m.user_id != self.leader_id)
        if not others:
            reasons.append(self.env._("Name at least one member besides the leader."))
        team = self.member_ids.user_id | self.leader_id
        recused = team & self._get_current_links().ticket_id._complaint_get_recused()
        if recused:
            reasons.append(
                self.env._(
                    "%(users)s takes no part in one of the complaints. Name somebody "
                    "else.",
                    users=", ".join(recused.mapped("name")),
                )
            )
        if self.sponsor_id & team:
            reasons.append(
                self.env._(
                    "%(sponsor)s is the sponsor and cannot belong to the team.",
                    sponsor=self.sponsor_id.name,
                )
            )
        return reasons

    def _get_reasons_d2(self):
        """Own words that say more than the symptom, 5W2H, quantities that fit."""
        is_short = self.answer_type == "short"
        names = ["problem", *(() if is_short else QUESTIONS)]
        reasons = self._get_empty_reasons(names)
        if self.problem and _squeeze(self.problem) == _squeeze(self.symptom):
            reasons.append(
                self.env._(
                    "The problem repeats the symptom. Say what deviates from which "
                    "specification, by how much."
                )
            )
        if any(
            link.delivered_qty
            and float_compare(
                link.claimed_qty, link.delivered_qty, precision_digits=_DIGITS
            )
            > 0
            for link in self._get_current_links()
        ):
            reasons.append(
                self.env._(
                    "A customer claims more than was delivered to him. Correct the "
                    "quantities of the complaints."
                )
            )
        return reasons

    def _get_reasons_d3(self):
        """Every place is answered, and where something was, it is contained."""
        reasons = []
        places = dict(
            self.containment_ids._fields["place"]._description_selection(self.env)
        )
        answered = {*self.containment_ids.mapped("place"), *self._get_proven_places()}
        missing = [places[place] for place in PLACES if place not in answered]
        if missing:
            reasons.append(
                self.env._(
                    "Say how much there is, even if it is 0: %(places)s.",
                    places=", ".join(missing),
                )
            )
        for row in self.containment_ids.filtered(lambda row: row.quantity > 0):
            reasons += row._get_missing_reasons()
        return reasons

    def _get_reasons_d4(self):
        """A verified root cause of each type, with evidence, adding up to 100 %."""
        reasons = []
        types = dict(
            self.cause_ids._fields["cause_type"]._description_selection(self.env)
        )
        verified = self.cause_ids.filtered(lambda c: c.state == "verified")
        roots = verified.filtered("is_root")
        missing = [
            types[kind]
            for kind in CAUSE_TYPES.get(self.answer_type, ())
            if kind not in roots.mapped("cause_type")
        ]
        if missing and not (self.no_cause_reasons or "").strip():
            reasons.append(
                self.env._(
                    "Verify a root cause, or say why there is none: %(types)s.",
                    types="; ".join(missing),
                )
            )
        for cause in verified:
            if not (cause.evidence or "").strip() and not cause.attachment_ids:
                reasons.append(
                    self.env._("Give the evidence of “%(cause)s”.", cause=cause.name)
                )
        if self.department_id and not self.department_confirmed:
            reasons.append(
                self.env._(
                    "Confirm that %(department)s is responsible, or name another one.",
                    department=self.department_id.name,
                )
            )
        return reasons + self._get_contribution_reasons()

    def _get_reasons_d5(self):
        """Each verified root cause has an action that was chosen."""
        reasons = []
        roots = self._get_verified_roots()
        for cause in roots:
            chosen = cause.action_ids.filtered(
                lambda action: action.complaint_choice == "selected"
            )
            if not chosen:
                reasons.append(
                    self.env._(
                        "Choose an action against “%(cause)s”.", cause=cause.name
                    )
                )
        for action in self._get_selected_actions():
            if not action.user_id or not action.date_deadline:
                reasons.append(
                    self.env._(
                        "“%(action)s” needs a person and a due date.",
                        action=action.name,
                    )
                )
        if not roots and not self._get_selected_actions():
            reasons.append(self.env._("Choose at least one action."))
        return reasons

    def _get_reasons_d6(self):
        """Actions are in place, containment is lifted, the effect was measured."""
        reasons = []
        for action in self._get_selected_actions():
            if not action._complaint_is_tracked() or action._complaint_is_done():
                continue
            if action.complaint_implemented_by_id:
                text = self.env._(
                    "“%(action)s”: somebody else confirms that it works.",
                    action=action.name,
                )
            else:
                text = self.env._(
                    "“%(action)s”: write down how and when it was implemented.",
                    action=action.name,
                )
            reasons.append(text)
        stay = self.containment_ids.filtered(
            lambda row: row.quantity > 0
            and not row.lifted_at
            and not (row.lifted_reason or "").strip()
        )
        if stay:
            reasons.append(
                self.env._(
                    "Lift the containment of D3, or say why it stays: %(rows)s.",
                    rows=", ".join(stay.mapped("display_name")),
                )
            )
        if self.validation_qty <= 0:
            reasons.append(self.env._("Enter how many parts were watched."))
        elif self.validation_nok_qty > self.validation_qty:
            reasons.append(self.env._("More bad parts were found than watched."))
        if not self.validation_from or not self.validation_to:
            reasons.append(self.env._("Enter in which period they were watched."))
        elif self.validation_from > self.validation_to:
            reasons.append(self.env._("The period begins after it ends."))
        return reasons + self._get_empty_reasons(["validation_result"])

    def _get_reasons_d7(self):
        """Documents are changed or why not, read across answered, lessons drawn."""
        reasons = []
        kinds = set(self.document_ids.mapped("kind"))
        if not kinds & {"pfmea", "dfmea"}:
            reasons.append(
                self.env._("Answer for the FMEA: the new revision, or why not.")
            )
        if "control_plan" not in kinds:
            reasons.append(
                self.env._("Answer for the control plan: the new revision, or why not.")
            )
        for row in self.document_ids.filtered(lambda row: not row._is_answered()):
            reasons.append(
                self.env._(
                    "%(document)s: enter the new revision and its date, or why it does "
                    "not change.",
                    document=row.display_name,
                )
            )
        for row in self.transfer_ids.filtered(lambda row: not row._is_answered()):
            reasons.append(
                self.env._(
                    "%(name)s: say whether it is affected and what was done.",
                    name=row.name,
                )
            )
        return reasons + self._get_empty_reasons(["lessons"])

    def _get_reasons_d8(self):
        """Customers accepted it, the effect is decided, nothing before broke."""
        reasons = self._get_stale_reasons()
        links = self._get_current_links()
        waiting = links.filtered(
            lambda link: not link.is_answered
            and not (link.no_verdict_reason or "").strip()
        )
        if waiting:
            reasons.append(
                self.env._(
                    "%(count)s of %(total)s complaints: the customer has not accepted "
                    "the answer. Send it, or say on the page Customers why it ends "
                    "without.",
                    count=len(waiting),
                    total=len(links),
                )
            )
        if "d6" in self._get_variant_codes(self.answer_type) and not self.effect:
            reasons.append(self.env._("Decide whether the actions are effective."))
        reasons += self._get_score_reasons()
        return reasons + self._get_empty_reasons(["recognition"])

    def _get_stale_reasons(self):
        """Return what disciplines lack that are done, since something changed."""
        names = dict(
            self.discipline_ids._fields["code"]._description_selection(self.env)
        )
        reasons = []
        for row in self.discipline_ids.sorted("code"):
            if row.state == "done" and row.code != "d8":
                reasons += [
                    f"{names[row.code]}: {text}"
                    for text in self._get_content_reasons(row.code)
                ]
        return reasons

    # ------------------------------------------------------------------
    # Facts
    # ------------------------------------------------------------------

    def _get_current_links(self):
        """Return the links of complaints that this 8D answers now.

        Not by the field of the page: what is cached of it is what a user may read.
        """
        # sudo: only the same links again, with the rights of the caller
        links = self.sudo().rule_link_ids.sudo(self.env.su)
        return links.filtered(lambda link: not link.date_to)

    def _get_verified_roots(self):
        return self.cause_ids.filtered(lambda c: c.is_root and c.state == "verified")

    def _get_selected_actions(self):
        """Return the corrective actions that were chosen."""
        return self.action_ids.filtered(
            lambda action: action.complaint_choice == "selected"
            and action.complaint_discipline in (False, "d5", "d6")
        )

    def _get_lint_reasons(self, code):
        """Hook: return what the lint found in a discipline and nobody waived."""
        return []

    # ------------------------------------------------------------------
    # What follows
    # ------------------------------------------------------------------

    def _after_discipline(self, code):
        """Hook: a discipline of these 8D was just done; closing comes with d8.

        :param str code: ``d0`` ... ``d8``
        """
        if event := _EVENTS.get(code):
            self._log_on_links(event)
        if code == "d8":
            # sudo: the state follows from D8 alone, whose gate was passed
            self.sudo().write({"state": "done", "closed_at": complaint_now(self.env)})
            self._drop_todos()

    def _log_on_links(self, code, note=None):
        """Log an event on every complaint that these 8D answer now.

        :param str code: of `complaint.event.type`
        """
        # sudo: members of the team may not know the complaints
        for link in self.sudo()._get_current_links():
            link.ticket_id._complaint_event(
                code,
                at=complaint_now(self.env),
                user=self.env.user,
                note=note,
                scope_key=link._get_scope_key(),
            )


def _squeeze(text):
    return "".join((text or "").split()).casefold()
