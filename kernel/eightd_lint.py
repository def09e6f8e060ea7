# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Named rules that read an 8D as a critical customer would (IATF 10.2.3, VDA 8D).

Deterministic: the same facts give the same findings. A rule looks at plain facts and
yields findings; what it is called, how serious it is and what to do are data of Odoo
(`complaint.eightd.rule`). Texts are judged by `eightd_text`.
"""

from collections import Counter
from dataclasses import dataclass

from . import eightd_text as text

# rule -> discipline whose completion it may hinder
RULES = {
    "problem_contains_cause": "d2",
    "problem_without_number": "d2",
    "quantities_inconsistent": "d2",
    "containment_place_missing": "d3",
    "cause_is_person": "d4",
    "cause_repeats_symptom": "d4",
    "cause_without_evidence": "d4",
    "five_why_too_short": "d4",
    "last_why_not_actionable": "d4",
    "non_detection_missing": "d4",
    "action_only_training": "d5",
    "action_vague": "d5",
    "action_without_cause": "d5",
    "action_without_date_or_owner": "d5",
    "cause_without_action": "d5",
    "copy_paste": "d5",
    "action_due_past": "d6",
    "effect_period_short": "d6",
    "effect_without_quantity": "d6",
    "control_plan_not_touched": "d7",
    "no_new_revision": "d7",
    "read_across_missing": "d7",
    "containment_never_lifted": "d8",
    "repeat_after_effective": "d8",
}
# what a rule is satisfied with, unless the company says otherwise
LIMITS = {"five_why_too_short": 3, "effect_period_short": 30}
PLACES = ("stock", "wip", "transit", "customer")


@dataclass(frozen=True)
class Finding:
    """`key`: the row that it is about, None for the 8D; `subject`: what was judged."""

    rule: str
    key: object = None
    subject: str = ""

    @property
    def discipline(self):
        """Return whose completion it may hinder."""
        return RULES[self.rule]


def check(facts, rules=tuple(RULES)):
    """Return what is wrong with an 8D, in the order of the disciplines.

    >>> from datetime import date
    >>> from . import eightd_facts as facts
    >>> cause = facts.Cause(7, "Operator was careless", evidence="Trial: 3 of 3")
    >>> other = facts.Cause(8, "No gauge in the plan", "non_detection", "12 of 12")
    >>> one = facts.Facts(date(2026, 7, 3), frozenset({"d4"}), causes=(cause, other))
    >>> [(finding.rule, finding.key) for finding in check(one)]
    [('cause_is_person', 7)]

    :param facts: `Facts`
    :param rules: codes of the rules that are switched on
    :return: list of `Finding`
    """
    return [
        finding
        for rule, discipline in RULES.items()
        if rule in rules and discipline in facts.asked
        for finding in _RULES[rule](facts)
    ]


def _rows(rule, rows, is_bad, subject=None):
    """Yield a finding for each row that is bad."""
    for row in rows:
        if is_bad(row):
            yield Finding(rule, row.key, subject(row) if subject else "")


def _limit(facts, rule):
    return facts.limits.get(rule) or LIMITS[rule]


def _name(row):
    return row.name


def _problem_contains_cause(facts):
    for value in (facts.symptom, facts.problem):
        if text.names_cause(value):
            yield Finding("problem_contains_cause", None, value)


def _problem_without_number(facts):
    value = f"{facts.problem}\n{facts.how_many}".strip()
    if not text.has_number(value):
        yield Finding("problem_without_number", None, value)


def _quantities_inconsistent(facts):
    rule = "quantities_inconsistent"
    yield from _rows(
        rule,
        facts.quantities,
        lambda row: row.delivered and max(row.claimed, row.returned) > row.delivered,
        lambda row: f"{row.delivered:g} {row.claimed:g} {row.returned:g}",
    )
    yield from _rows(
        rule,
        facts.containments,
        lambda row: row.nok_qty > row.checked_qty or row.checked_qty > row.quantity,
        lambda row: f"{row.quantity:g} {row.checked_qty:g} {row.nok_qty:g}",
    )
    if facts.validation_nok_qty > facts.validation_qty:
        subject = f"{facts.validation_qty:g} {facts.validation_nok_qty:g}"
        yield Finding(rule, None, subject)


def _containment_place_missing(facts):
    answered = {row.place for row in facts.containments}
    missing = [place for place in PLACES if place not in answered]
    if missing:
        yield Finding("containment_place_missing", None, " ".join(missing))


def _containment_never_lifted(facts):
    """A row of 0 pieces is a proof that somebody looked; nothing was held there."""
    yield from _rows(
        "containment_never_lifted",
        facts.containments,
        lambda row: row.quantity and not row.is_lifted,
    )


def _cause_is_person(facts):
    yield from _rows(
        "cause_is_person",
        facts.causes,
        lambda row: not row.exempt and text.blames_person(row.name),
        _name,
    )


def _cause_repeats_symptom(facts):
    said = [value for value in (facts.symptom, facts.problem) if value]
    yield from _rows(
        "cause_repeats_symptom",
        facts.causes,
        lambda row: any(text.repeats(row.name, value) for value in said),
        _name,
    )


def _cause_without_evidence(facts):
    yield from _rows(
        "cause_without_evidence",
        facts.causes,
        lambda row: not row.proofs and text.is_thin_evidence(row.evidence),
        lambda row: row.evidence,
    )


def _five_why_too_short(facts):
    limit = _limit(facts, "five_why_too_short")
    yield from _rows("five_why_too_short", facts.causes, lambda row: row.whys < limit)


def _last_why_not_actionable(facts):
    yield from _rows(
        "last_why_not_actionable",
        facts.causes,
        lambda row: text.is_beyond_control(row.name),
        _name,
    )


def _non_detection_missing(facts):
    types = {row.cause_type for row in facts.causes}
    if "non_detection" not in types and text.is_empty(facts.no_cause_reasons):
        yield Finding("non_detection_missing")


def _lasting(facts):
    """Return the actions that are meant to last, without those for negligence."""
    rows = (row for row in facts.actions if row.discipline != "d3")
    return [row for row in rows if not row.exempt]


def _action_only_training(facts):
    """A talk is fine beside a change for the same cause."""
    lasting = _lasting(facts)
    talks = [row for row in lasting if text.is_talk_only(row.name)]
    changed = {row.cause for row in lasting if row not in talks}
    yield from _rows(
        "action_only_training", talks, lambda row: row.cause not in changed, _name
    )


def _action_vague(facts):
    yield from _rows(
        "action_vague", _lasting(facts), lambda row: text.is_vague(row.name), _name
    )


def _action_without_cause(facts):
    yield from _rows(
        "action_without_cause",
        facts.actions,
        lambda row: row.discipline == "d5" and row.cause is None,
    )


def _action_without_date_or_owner(facts):
    yield from _rows(
        "action_without_date_or_owner",
        facts.actions,
        lambda row: not (row.exempt or (row.has_owner and row.due_date)),
    )


def _action_due_past(facts):
    yield from _rows(
        "action_due_past",
        facts.actions,
        lambda row: row.due_date
        and row.due_date < facts.today
        and not (row.is_done or row.exempt),
    )


def _cause_without_action(facts):
    acted = {row.cause for row in facts.actions}
    yield from _rows(
        "cause_without_action", facts.causes, lambda row: row.key not in acted
    )


def _copy_paste(facts):
    """D5 repeats D3, or an action repeats its cause: nobody thought twice."""
    held = [row.action for row in facts.containments]
    held += [row.name for row in facts.actions if row.discipline == "d3"]
    held += [row.name for row in facts.causes]
    yield from _rows(
        "copy_paste",
        _lasting(facts),
        lambda row: any(text.is_copy(row.name, value) for value in held),
        _name,
    )


def _effect_without_quantity(facts):
    if facts.validation_qty <= 0:
        yield Finding("effect_without_quantity")


def _effect_period_short(facts):
    first, last = facts.validation_from, facts.validation_to
    days = (last - first).days + 1 if first and last else 0
    if days < _limit(facts, "effect_period_short"):
        yield Finding("effect_period_short", None, f"{first} {last}")


def _control_plan_not_touched(facts):
    kinds = Counter(row.kind for row in facts.documents)
    if not (kinds["control_plan"] and (kinds["pfmea"] or kinds["dfmea"])):
        yield Finding("control_plan_not_touched")


def _is_revised(row):
    old, new = text.plain(row.old_revision), text.plain(row.new_revision)
    return not text.is_empty(new) and new != old


def _no_new_revision(facts):
    yield from _rows(
        "no_new_revision",
        facts.documents,
        lambda row: not _is_revised(row) and text.is_empty(row.no_change_reason),
        lambda row: f"{row.old_revision} {row.new_revision} {row.no_change_reason}",
    )


def _read_across_missing(facts):
    if not facts.transfers:
        yield Finding("read_across_missing")
    yield from _rows(
        "read_across_missing",
        facts.transfers,
        lambda row: not row.is_affected
        or (not row.is_done and text.is_empty(row.note)),
    )


def _repeat_after_effective(facts):
    if facts.is_effective and facts.repeats:
        yield Finding("repeat_after_effective", None, str(facts.repeats))


_RULES = {rule: globals()[f"_{rule}"] for rule in RULES}
