# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from dataclasses import replace
from datetime import date, timedelta

from odoo.tests import BaseCase

from ..kernel import eightd_lint as lint
from ..kernel.eightd_facts import (
    Action,
    Cause,
    Containment,
    Document,
    Facts,
    Quantities,
    Transfer,
)
from ..kernel.eightd_score import propose, total

TODAY = date(2026, 7, 20)
SOON, PAST = TODAY + timedelta(days=5), TODAY - timedelta(days=1)
HELD = tuple(
    Containment(n, place, "全检", 100, 100, 2, True)
    for n, place in enumerate(lint.PLACES)
)
OCCURRED = Cause("c1", "冷却水道堵塞,模温升至95℃", evidence="30件中27件开裂", whys=4)
PASSED = Cause("c2", "Camera accepts dark parts", "non_detection", "10 of 10", whys=3)
FILTER = Action("a1", "Install a filter, 5 µm", cause="c1", due_date=SOON)
LIGHT = Action("a2", "照度低于400lx时报警停机", cause="c2", due_date=SOON)
PLAN = Document("p", "control_plan", "B", "C")
FMEA = Document("f", "pfmea", "4", "5")
SISTER = Transfer("t", "Mould 12", "Same channel, filter installed", True, "yes")
GOOD = Facts(
    TODAY,
    symptom="Cracks at the hook of 12 of 500 housings",
    problem="500件中12件卡扣根部有2~5mm裂纹,规格不允许裂纹",
    causes=(OCCURRED, PASSED),
    actions=(FILTER, LIGHT),
    containments=HELD,
    documents=(PLAN, FMEA),
    transfers=(SISTER,),
    quantities=(Quantities("q", 500, 12, 12),),
    validation_qty=12000,
    validation_from=date(2026, 5, 1),
    validation_to=date(2026, 6, 30),
    is_effective=True,
)


def _held(**vals):
    return {"containments": (replace(HELD[0], **vals), *HELD[1:])}


def _caused(**vals):
    return {"causes": (replace(OCCURRED, **vals), PASSED)}


def _acted(**vals):
    return {"actions": (replace(FILTER, **vals), LIGHT)}


def _filed(*rows):
    return {"documents": rows}


def _told(*numbers):
    return {"quantities": (Quantities("q", *numbers),)}


def _watched(first, last, **vals):
    return {"validation_from": first, "validation_to": last, **vals}


def _moved(**vals):
    return {"transfers": (replace(SISTER, **vals),)}


# rule -> five changes that make a good 8D bad, five that leave it good
CASES = {
    "quantities_inconsistent": (
        [
            _told(500, 501, 0),
            _told(10, 2, 12),
            _held(nok_qty=101),
            _held(checked_qty=101),
            {"validation_qty": 5, "validation_nok_qty": 6},
        ],
        [
            _told(0, 12, 12),
            _told(500, 500, 500),
            _held(quantity=0, checked_qty=0, nok_qty=0),
            _held(checked_qty=40, nok_qty=40),
            {"validation_qty": 6, "validation_nok_qty": 6},
        ],
    ),
    "containment_place_missing": (
        [{"containments": HELD[:n]} for n in range(4)]
        + [{"containments": (*HELD[:3], Containment("x", "field"))}],
        [
            {},
            _held(quantity=0, checked_qty=0, nok_qty=0, action=""),
            {"containments": (*HELD, Containment("x", "field"))},
            {"containments": (*HELD, replace(HELD[0], key="y"))},
            {"containments": HELD[::-1]},
        ],
    ),
    "containment_never_lifted": (
        [
            {"containments": (*HELD[:n], replace(HELD[n], is_lifted=False))}
            for n in range(4)
        ]
        + [{"containments": (Containment("x", "field", "recall", 3),)}],
        [
            {},
            {"containments": ()},
            _held(is_lifted=False, quantity=0),
            {"containments": HELD[:1]},
            {"containments": (Containment("x", "field", "none there"),)},
        ],
    ),
    "five_why_too_short": (
        [
            _caused(whys=1),
            _caused(whys=2),
            {"causes": (OCCURRED, replace(PASSED, whys=1))},
            {"limits": {"five_why_too_short": 5}},
            _caused(whys=0),
        ],
        [
            {},
            _caused(whys=3),
            _caused(whys=9),
            _caused(whys=2) | {"limits": {"five_why_too_short": 2}},
            {"causes": ()},
        ],
    ),
    "non_detection_missing": (
        [
            {"causes": (OCCURRED,)},
            {"causes": ()},
            {"causes": (replace(PASSED, cause_type="systemic"),)},
            {"causes": (OCCURRED,), "no_cause_reasons": "N/A"},
            {"causes": (OCCURRED,), "no_cause_reasons": "无。"},
        ],
        [
            {},
            {"causes": (PASSED,)},
            {"causes": (PASSED, replace(PASSED, key="c3"))},
            {"causes": (OCCURRED,), "no_cause_reasons": "出货检验按抽样,AQL允许"},
            {"causes": (), "no_cause_reasons": "Found by our own inspection"},
        ],
    ),
    "action_without_cause": (
        [
            _acted(cause=None),
            {"actions": (FILTER, replace(LIGHT, cause=None))},
            _acted(cause=None, is_done=True),
            _acted(cause=None, name="更换模具"),
            {"actions": (replace(FILTER, cause=None),)},
        ],
        [
            {},
            _acted(cause=None, discipline="d3"),
            _acted(cause=None, discipline="d7"),
            _acted(cause=None, discipline="d6"),
            {"actions": ()},
        ],
    ),
    "action_without_date_or_owner": (
        [
            _acted(due_date=None),
            _acted(has_owner=False),
            _acted(due_date=None, has_owner=False),
            _acted(due_date=None, discipline="d3"),
            _acted(has_owner=False, discipline="d7"),
        ],
        [
            {},
            _acted(due_date=PAST),
            _acted(due_date=None, exempt=True),
            _acted(discipline="d7"),
            {"actions": ()},
        ],
    ),
    "action_due_past": (
        [
            _acted(due_date=PAST),
            _acted(due_date=PAST, discipline="d7"),
            _acted(due_date=date(2020, 1, 1)),
            {"actions": (FILTER, replace(LIGHT, due_date=PAST))},
            _acted(due_date=PAST, has_owner=False),
        ],
        [
            {},
            _acted(due_date=TODAY),
            _acted(due_date=PAST, is_done=True),
            _acted(due_date=PAST, exempt=True),
            _acted(due_date=None),
        ],
    ),
    "cause_without_action": (
        [
            {"actions": (FILTER,)},
            {"actions": ()},
            _acted(cause="c2"),
            _acted(cause=None),
            {"causes": (OCCURRED, PASSED, replace(PASSED, key="c3"))},
        ],
        [
            {},
            {"causes": ()},
            _acted(discipline="d6"),
            _acted(discipline="d7"),
            {"actions": (FILTER, LIGHT, replace(LIGHT, key="a3"))},
        ],
    ),
    "effect_without_quantity": (
        [
            {"validation_qty": 0},
            {"validation_qty": -1},
            {"validation_qty": 0, "validation_from": None},
            {"validation_qty": 0, "is_effective": False},
            {"validation_qty": 0.0, "validation_nok_qty": 0},
        ],
        [
            {},
            {"validation_qty": 1},
            {"validation_qty": 0.5},
            {"validation_qty": 12000, "validation_nok_qty": 3},
            {"validation_qty": 3, "validation_to": None},
        ],
    ),
    "effect_period_short": (
        [
            _watched(None, None),
            _watched(TODAY, None),
            _watched(TODAY, TODAY),
            _watched(TODAY - timedelta(days=28), TODAY),
            _watched(TODAY, TODAY - timedelta(days=90)),
        ],
        [
            {},
            _watched(TODAY - timedelta(days=29), TODAY),
            _watched(TODAY - timedelta(days=90), TODAY),
            _watched(TODAY, TODAY, limits={"effect_period_short": 1}),
            _watched(TODAY - timedelta(days=400), TODAY),
        ],
    ),
    "control_plan_not_touched": (
        [
            _filed(),
            _filed(PLAN),
            _filed(FMEA),
            _filed(Document("i", "instruction", "B", "C"), FMEA),
            _filed(PLAN, Document("d", "drawing", "1", "2")),
        ],
        [
            {},
            _filed(PLAN, replace(FMEA, kind="dfmea")),
            _filed(PLAN, FMEA, Document("i", "instruction", "B", "C")),
            _filed(
                replace(PLAN, new_revision="", no_change_reason="第12行已覆盖"), FMEA
            ),
            _filed(FMEA, PLAN, replace(FMEA, kind="dfmea")),
        ],
    ),
    "no_new_revision": (
        [
            _filed(replace(PLAN, new_revision="")),
            _filed(PLAN, replace(FMEA, new_revision="4")),
            _filed(replace(PLAN, new_revision="N/A", no_change_reason="无")),
            _filed(replace(PLAN, new_revision="", no_change_reason="不需要")),
            _filed(replace(PLAN, new_revision=" ｂ ")),
        ],
        [
            {},
            _filed(),
            _filed(replace(PLAN, old_revision="")),
            _filed(
                replace(PLAN, new_revision="", no_change_reason="第12行已要求每班点检")
            ),
            _filed(
                replace(PLAN, new_revision="B", no_change_reason="Row 12 asks for it")
            ),
        ],
    ),
    "read_across_missing": (
        [
            {"transfers": ()},
            _moved(is_affected=""),
            _moved(is_done=False, note=""),
            _moved(is_done=False, note="n/a"),
            {"transfers": (SISTER, Transfer("t2", "5号线"))},
        ],
        [
            {},
            _moved(is_done=False),
            _moved(is_affected="no", is_done=False, note="没有冷却水道"),
            _moved(note=""),
            {"transfers": (SISTER, replace(SISTER, key="t2"))},
        ],
    ),
    "repeat_after_effective": (
        [{"repeats": n} for n in (1, 2, 3, 10)] + [{"repeats": 1, "containments": ()}],
        [
            {},
            {"repeats": 0},
            {"repeats": 1, "is_effective": False},
            {"repeats": 9, "is_effective": False},
            {"repeats": 0, "is_effective": False},
        ],
    ),
}


class TestEightdLintFacts(BaseCase):
    """Rules that compare rows of an 8D: five bad and five good sets of facts each."""

    def _rules(self, facts):
        return {finding.rule for finding in lint.check(facts)}

    def test_the_good_one_has_no_findings(self):
        self.assertEqual(lint.check(GOOD), [])

    def test_cases_of_every_rule(self):
        """R301, R302, R424, R445: what is missing on paper is found, no more."""
        for rule, (bad, good) in CASES.items():
            self.assertEqual((len(bad), len(good)), (5, 5), rule)
            for number, vals in enumerate([*bad, *good]):
                with self.subTest(rule=rule, number=number):
                    found = rule in self._rules(replace(GOOD, **vals))
                    self.assertEqual(found, number < 5)

    def test_every_rule_has_texts_or_facts(self):
        from .test_eightd_lint_texts import JUDGES

        self.assertEqual(set(lint.RULES), set(JUDGES) | set(CASES))

    def test_text_rules_read_the_right_rows(self):
        """Each text is asked where it stands; the finding names the row."""
        blame, talk = "Operator was careless", "Retrain all operators"
        for vals, rule, key in (
            (_caused(name=blame), "cause_is_person", "c1"),
            (_caused(name="天气潮湿"), "last_why_not_actionable", "c1"),
            (_caused(name="卡扣根部有裂纹"), "cause_repeats_symptom", "c1"),
            (_caused(evidence="已确认"), "cause_without_evidence", "c1"),
            (_acted(name=talk), "action_only_training", "a1"),
            (_acted(name="加强管理"), "action_vague", "a1"),
            (_acted(name=OCCURRED.name), "copy_paste", "a1"),
            ({"problem": "由于模具磨损,12件开裂"}, "problem_contains_cause", None),
            ({"problem": "Housings crack"}, "problem_without_number", None),
        ):
            with self.subTest(rule=rule):
                found = {f.rule: f.key for f in lint.check(replace(GOOD, **vals))}
                self.assertIn(rule, found)
                self.assertEqual(found[rule], key)

    def test_training_beside_a_change_for_the_same_cause_is_fine(self):
        talk = Action("a3", "Retrain all operators", cause="c1", due_date=SOON)
        both = replace(GOOD, actions=(FILTER, LIGHT, talk))
        self.assertEqual(self._rules(both), set())
        alone = replace(GOOD, actions=(LIGHT, talk))
        self.assertEqual(self._rules(alone), {"action_only_training"})

    def test_negligence_that_is_exempt_from_tracking_may_stand(self):
        """R174: improvement of mere negligence is not tracked, so not asked for."""
        cause = replace(OCCURRED, name="员工疏忽大意", exempt=True)
        talk = Action("a3", "提醒当事人", cause="c1", exempt=True)
        facts = replace(GOOD, causes=(cause, PASSED), actions=(LIGHT, talk))
        self.assertEqual(self._rules(facts), set())

    def test_proofs_stand_for_a_text(self):
        facts = replace(GOOD, **_caused(evidence="见附件", proofs=1))
        self.assertEqual(self._rules(facts), set())

    def test_only_what_is_asked_and_switched_on_is_judged(self):
        bad = Facts(TODAY)
        self.assertEqual(lint.check(replace(bad, asked=frozenset())), [])
        self.assertEqual(
            {f.discipline for f in lint.check(replace(bad, asked=frozenset({"d7"})))},
            {"d7"},
        )
        self.assertEqual(
            [f.rule for f in lint.check(bad, {"read_across_missing"})],
            ["read_across_missing"],
        )

    def test_score_counts_what_was_scored(self):
        """Weights of zero, missing scores, scores above a shorter scale."""
        rows = [(10, 2), (0, 1), (None, 5), (3, 0)]
        found = total(rows, "10")
        self.assertEqual((found.percent, found.scored, found.count), (66.7, 2, 3))
        self.assertEqual(total([(6, 1)], "steps").percent, 60)
        self.assertEqual(total([(9, 1)], "5").percent, 100)
        self.assertIsNone(total([], "10").percent)

    def test_guess_is_on_the_scale(self):
        self.assertEqual([propose(n, 4, "steps") for n in range(5)], [0, 3, 6, 6, 10])
        self.assertEqual([propose(n, 2, "10") for n in range(3)], [0, 5, 10])
