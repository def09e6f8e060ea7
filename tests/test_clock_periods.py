# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import random
from datetime import datetime, timedelta

from ..kernel.clock_policy import applicable_lines, check_lines, holds
from ..kernel.clock_rules import Alternative, check_payload
from ..kernel.clock_units import Limit
from .common_clock import DAY, HOUR, START, ClockCase, at, event, line


class TestClockRules(ClockCase):
    """What holds for any log, and what is refused."""

    def test_derivation_depends_on_the_log_alone(self):
        """R321: any order of the rows, any later time and any later event give the
        same finished rows."""
        rng = random.Random(7)
        codes = [
            "accepted",
            "closed",
            "paused",
            "resumed",
            "acknowledged",
            "progress_reported",
            "cancelled",
            "reopened",
            "extended",
            "waived",
            "phase_changed",
            "customer_deadline_set",
        ]
        lines = [
            line(
                "a", "accepted", "closed", Limit(9, "working_hour"), calendar="office"
            ),
            line(
                "b", "accepted", "acknowledged", Limit(12, "hour"), counts_earlier=True
            ),
            line(
                "c",
                "accepted",
                "progress_reported",
                Limit(1, "wall_clock", at="17:00"),
                recurring=True,
                until_codes=("closed",),
            ),
            line(
                "e",
                "accepted",
                "closed",
                Limit(30, "hour"),
                alternatives=(Alternative(("progress_reported",), False),),
                pause_phases=frozenset({"verification"}),
                override_kinds=frozenset({"customer_deadline"}),
            ),
            line(
                "d",
                "reported",
                "closed",
                Limit(2, "working_day"),
                calendar="office",
                restart_on_reopen=True,
            ),
        ]
        for _sample in range(600):
            log, cycle, when = [event("reported", START, 1)], 1, START
            for number in range(2, 2 + rng.randrange(12)):
                when += timedelta(minutes=rng.randrange(1, 1500))
                code = rng.choice(codes)
                payload = {
                    "lines": [rng.choice("abcde")],
                    "due": str(when + timedelta(hours=rng.randrange(40))),
                    "new": rng.choice(["verification", "execution"]),
                }
                log.append(event(code, when, number, cycle=cycle, **payload))
                cycle += code == "reopened"
            found = self.derive(lines, log, when)
            known = {d.key: d for d in found}
            for deadline in self.derive(lines, log[:-2], log[-3:][0].at):
                # "a finished row is never rewritten", whatever is logged later
                if not deadline.is_open:
                    self.assertEqual(known[deadline.key], deadline)
            shuffled = rng.sample(log, len(log))
            self.assertEqual(self.derive(lines, shuffled, when), found)
            later = {d.key: d for d in self.derive(lines, log, when + 9 * DAY)}
            for deadline in found:
                self._check_sane(deadline, when)
                if not deadline.is_open:
                    self.assertEqual(later[deadline.key], deadline)
            keys = [d.key for d in found]
            self.assertEqual(len(set(keys)), len(keys))

    def _check_sane(self, deadline, now):
        if deadline.state == "met":
            self.assertLessEqual(deadline.reached_at, deadline.due_at)
            # a late extension heals the state, but not the breach
            self.assertTrue(deadline.changes[1:] or not deadline.breached_at)
        if deadline.state == "missed":
            self.assertTrue(deadline.breached_at)
        if deadline.state == "running":
            self.assertLessEqual(now, deadline.due_at)
        if deadline.state in ("running", "paused"):
            self.assertTrue(deadline.is_open)

    def test_bad_rules_are_refused_with_a_code(self):
        """R241: unknown events, circular replacement, doubles."""
        self.assertClockError("no_target", line, target=())
        self.assertClockError(
            "unknown_override", line, override_kinds=frozenset({"mood"})
        )
        self.assertClockError(
            "bad_recurrence", line, limit=Limit(1, "minute"), recurring=True
        )
        self.assertClockError(
            "bad_recurrence", line, limit=Limit(0, "hour"), recurring=True
        )
        self.assertClockError(
            "ambiguous_occurrence",
            line,
            recurring=True,
            limit=Limit(1, "calendar_day"),
            each_start=True,
        )
        self.assertClockError("duplicate_line", check_lines, [line("a"), line("a")])
        self.assertClockError(
            "unknown_line", check_lines, [line("a", yields_to=("b",))]
        )
        self.assertClockError("unknown_event", check_lines, [line("a")], {"accepted"})
        check_lines([line("a", target="closed:kind")], {"accepted", "closed"})
        circle = [
            line("a", yields_to=("b",)),
            line("b", yields_to=("c",)),
            line("c", yields_to=("a",)),
        ]
        self.assertClockError("circular_override", check_lines, circle)
        self.assertClockError(
            "circular_override", check_lines, [line("a", yields_to=("a",))]
        )
        self.assertClockError("circular_override", self.derive, circle, [], facts={})
        self.assertClockError("bad_condition", holds, {"a": {"over": 5}}, {})

    def test_bad_payloads_are_refused_before_they_are_logged(self):
        for code, payload in (
            ("extended", {"due": "2026-07-09 09:00:00"}),
            ("extended", {"lines": ["a"]}),
            ("extended", {"lines": ["a"], "due": "tomorrow"}),
            ("extended", {"lines": ["a"], "due": 5}),
            ("waived", {}),
            ("paused", {"lines": "a"}),
            ("phase_changed", {}),
            ("customer_deadline_set", {"due": "2026-07-09T09:00:00+02:00"}),
            ("customer_progress_told", {"next_due": "soon"}),
        ):
            with self.subTest(code=code, payload=payload):
                self.assertClockError("bad_payload", check_payload, code, payload)
        check_payload("paused", None)
        check_payload("customer_deadline_set", {"due": None})

    def test_specific_lines_replace_general_ones(self):
        """R301, R302: the customer's own requirement prevails."""
        lines = [
            line("general", yields_to=("customer",)),
            line("customer", condition={"customer": ["ACME"]}, yields_to=("critical",)),
            line("critical", condition={"severity": "critical"}),
        ]
        for facts, keys in (
            ({}, ["general"]),
            ({"customer": "ACME"}, ["customer"]),
            ({"severity": "critical"}, ["critical"]),
            ({"customer": "ACME", "severity": "critical"}, ["critical"]),
        ):
            self.assertEqual(
                [each.key for each in applicable_lines(lines, facts)], keys
            )
        self.assertTrue(holds({"severity": {"not": "minor"}}, {"severity": "major"}))
        self.assertFalse(holds({"severity": {"not": ["minor", None]}}, {}))


class TestClockRecurring(ClockCase):
    def setUp(self):
        super().setUp()
        self.daily = line(
            "progress",
            "dispatched",
            "progress_reported",
            Limit(1, "wall_clock", at="17:00"),
            recurring=True,
            until_codes=("closed",),
        )

    def test_daily_progress_is_met_or_missed_day_by_day(self):
        """R315: every day before 17:00, until the case is closed."""
        log = [
            event("dispatched", at(0, 10), 1),
            event("progress_reported", at(0, 16), 2),
            event("progress_reported", at(1, 17, 5), 3),
            event("progress_reported", at(3, 17), 4),
        ]
        found = self.derive(self.daily, log, at(4, 9))
        self.assertEqual(
            [(d.occurrence, d.due_at, d.state) for d in found],
            [
                (1, at(0, 17), "met"),
                (2, at(1, 17), "missed"),
                # the late report of the day before is one of this day
                (3, at(2, 17), "met"),
                (4, at(3, 17), "met"),
                (5, at(4, 17), "running"),
            ],
        )
        self.assertEqual(
            (found[1].finished_at, found[1].breached_at), (at(1, 17), at(1, 17))
        )
        log.append(event("closed", at(4, 12), 5))
        found = self.derive(self.daily, log, at(9))
        self.assertEqual(
            (len(found), found[-1].state, found[-1].reason),
            (5, "cancelled", "not_needed"),
        )

    def test_next_day_runs_once_today_is_reported(self):
        log = [
            event("dispatched", at(0, 10), 1),
            event("progress_reported", at(0, 11), 2),
        ]
        found = self.derive(self.daily, log, at(0, 12))
        self.assertEqual(
            [(d.due_at, d.state) for d in found],
            [(at(0, 17), "met"), (at(1, 17), "running")],
        )

    def test_paused_days_are_not_asked_for(self):
        log = [event("dispatched", at(0, 10), 1), event("paused", at(0, 18), 2)]
        found = self.derive(self.daily, log, at(3, 9))
        self.assertEqual(
            [(d.due_at, d.state) for d in found],
            [(at(0, 17), "missed"), (None, "paused")],
        )
        log.append(event("resumed", at(3, 8), 3))
        found = self.derive(self.daily, log, at(3, 9))
        self.assertEqual(
            [d.state for d in found], ["missed", "cancelled", "cancelled", "running"]
        )
        self.assertEqual([d.reason for d in found[1:3]], ["paused", "paused"])

    def test_one_day_can_be_waived_or_extended(self):
        log = [
            event("dispatched", at(0, 10), 1),
            event("waived", at(0, 11), 2, lines=["progress"]),
            event(
                "extended", at(1, 11), 3, lines=["progress"], due="2026-07-07 19:00:00"
            ),
            event("progress_reported", at(1, 18), 4),
            event("waived", at(1, 12), 5, lines=["progress"], occurrence=3),
        ]
        found = self.derive(self.daily, log, at(3, 9))
        self.assertEqual(
            [d.state for d in found], ["waived", "met", "waived", "running"]
        )
        self.assertEqual(
            (found[1].policy_due_at, found[1].due_at), (at(1, 17), at(1, 19))
        )
        self.assertEqual([d.breached_at for d in found], [None] * 4)

    def test_monthly_statement_of_the_company(self):
        """R259, R318: a clock without a ticket; month by month."""
        monthly = line(
            "statement",
            "month_begun",
            "statement_sent",
            Limit(10, "month_day"),
            recurring=True,
        )
        log = [
            event("month_begun", datetime(2026, 7, 1), 1),
            event("statement_sent", datetime(2026, 7, 8), 2),
        ]
        found = self.derive(monthly, log, datetime(2026, 8, 10))
        self.assertEqual([d.state for d in found], ["met", "missed", "running"])
        self.assertEqual(found[2].due_at, datetime(2026, 9, 9, 23, 59, 59))

    def test_callbacks_every_so_many_days(self):
        """R280: monthly callbacks, counted from the start."""
        call = line(
            "call", "executed", "called_back", Limit(30, "calendar_day"), recurring=True
        )
        found = self.derive(call, [event("executed", START, 1)], START + 70 * DAY)
        self.assertEqual(
            [d.due_at.date() for d in found],
            [(START + n * DAY).date() for n in (30, 60, 90)],
        )

    def test_endless_line_ends_with_a_reason(self):
        hourly = line("hourly", limit=Limit(1, "hour"), recurring=True)
        found = self.derive(hourly, [event("accepted", START, 1)], START + 4500 * HOUR)
        self.assertEqual((len(found), found[-1].reason), (4001, "horizon_exceeded"))
        work = line(
            "work", limit=Limit(8, "working_hour"), calendar="office", recurring=True
        )
        found = self.derive(work, [event("accepted", START, 1)], calendars={})
        self.assertEqual([d.reason for d in found], ["no_calendar"])
