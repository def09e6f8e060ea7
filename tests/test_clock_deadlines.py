# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from ..kernel.clock_rules import Alternative, Event, events_from_rows
from ..kernel.clock_units import Limit
from ..kernel.clock_working import WorkingTime
from .common_clock import DAY, HOUR, START, ClockCase, at, event, line, office_hours


class TestClockDeadlines(ClockCase):
    """Events and policy lines become deadlines."""

    def test_clock_starts_runs_and_is_met_or_missed(self):
        """R241: due time, then met or missed, for any pair of events."""
        reply = line("reply", "reported", "acknowledged", Limit(2, "hour"))
        self.assertEqual(self.derive(reply, []), [])
        log = [event("reported", START)]
        found = self.derive_one(reply, log, START + HOUR)
        self.assertEqual((found.state, found.due_at), ("running", START + 2 * HOUR))
        self.assertTrue(found.is_open)
        found = self.derive_one(reply, log, START + 2 * HOUR)
        self.assertEqual(found.state, "running")
        found = self.derive_one(reply, log, START + 3 * HOUR)
        self.assertEqual((found.state, found.reached_at), ("missed", None))
        self.assertTrue(found.is_open, "the reply is still owed")
        for reached, state in ((2, "met"), (3, "missed")):
            reply_event = event("acknowledged", START + reached * HOUR, 7)
            found = self.derive_one(reply, [*log, reply_event], START + 9 * HOUR)
            self.assertEqual((found.state, found.reached_event_id), (state, 7))
            self.assertEqual(found.finished_at, found.reached_at)

    def test_any_of_several_targets_meets_it(self):
        """R248: arrival or handling opinion, whichever is first; R249: only one."""
        inside = line(
            "in",
            "accepted",
            ("on_site", "opinion_signed:handling_opinion"),
            Limit(2, "working_day"),
            calendar="office",
            condition={"is_out_of_province": False},
        )
        outside = line(
            "out",
            "accepted",
            ("opinion_signed:handling_opinion",),
            Limit(5, "calendar_day"),
            condition={"is_out_of_province": True},
        )
        log = [
            event("accepted", START, 1),
            event("opinion_signed", at(0, 12), 2, kind="cause"),
            event("on_site", at(1, 9), 3),
            event("opinion_signed", at(2, 9), 4, kind="handling_opinion"),
        ]
        found = self.derive_one(
            [inside, outside], log, facts={"is_out_of_province": False}
        )
        self.assertEqual(
            (found.line, found.reached_by, found.due_at), ("in", "on_site", at(2, 17))
        )
        found = self.derive_one(
            [inside, outside], log, facts={"is_out_of_province": True}
        )
        self.assertEqual((found.line, found.reached_event_id), ("out", 4))
        self.assertEqual(found.due_at, at(5, 23, 59) + timedelta(seconds=59))

    def test_domestic_and_overseas_have_own_lines(self):
        """R256, R257: 15 and 20 days."""
        lines = [
            line(
                "home",
                limit=Limit(15, "calendar_day"),
                condition={"is_overseas": False},
            ),
            line(
                "abroad",
                limit=Limit(20, "calendar_day"),
                condition={"is_overseas": True},
            ),
        ]
        log = [event("accepted", START)]
        for facts, key, days in (
            ({}, "home", 15),
            ({"is_overseas": True}, "abroad", 20),
        ):
            found = self.derive_one(lines, log, facts=facts)
            self.assertEqual(
                (found.line, found.due_at.date()), (key, (START + DAY * days).date())
            )

    def test_two_clocks_of_different_starts_are_independent(self):
        """R312, R314, R023: 12 h from the dispatch, 24 h from the first report."""
        lines = [
            line("done", "dispatch_accepted", "dispatch_done", Limit(12, "hour")),
            line("escalate", "reported", "dispatch_done", Limit(24, "hour")),
        ]
        log = [event("reported", START), event("dispatch_accepted", START + 20 * HOUR)]
        done, escalate = self.derive(lines, log)
        self.assertEqual(done.due_at, START + 32 * HOUR)
        self.assertEqual(escalate.due_at, START + 24 * HOUR)

    def test_visit_clock_only_where_a_visit_is_needed(self):
        """R274: 48 h on site, only if flagged."""
        visit = line(
            "visit",
            "registered",
            "on_site",
            Limit(48, "hour"),
            condition={"visit_needed": True},
        )
        log = [event("registered", START)]
        self.assertEqual(self.derive(visit, log, facts={"visit_needed": False}), [])
        self.assertEqual(self.derive(visit, log, facts={}), [])
        found = self.derive_one(visit, log, facts={"visit_needed": True})
        self.assertEqual(found.due_at, START + 48 * HOUR)

    def test_progress_report_with_a_reason_meets_the_solution_line(self):
        """R220, R247: the solution stays open with a new due time."""
        solution = line(
            "solution",
            "registered",
            "solution_given",
            Limit(24, "hour"),
            alternatives=(Alternative(("customer_progress_told",)),),
        )
        log = [
            event("registered", START, 1),
            event("customer_progress_told", START + HOUR, 2),
        ]
        found = self.derive_one(solution, log)
        self.assertEqual(
            found.state, "running", "a report without a reason does not count"
        )
        log.append(
            event(
                "customer_progress_told",
                START + 2 * HOUR,
                3,
                reason="lab",
                next_due="2026-07-09 12:00:00",
            )
        )
        first, second = self.derive(solution, log)
        self.assertEqual(
            (first.state, first.reached_by), ("met", "customer_progress_told")
        )
        self.assertEqual(
            (second.state, second.occurrence, second.due_kind),
            ("running", 2, "next_due"),
        )
        self.assertEqual(
            (second.started_at, second.due_at), (START + 2 * HOUR, at(3, 12))
        )
        log.append(event("customer_progress_told", at(3, 11), 4, reason="lab"))
        log.append(event("solution_given", at(4, 10), 5))
        first, second, third = self.derive(solution, log, at(5))
        self.assertEqual(
            [d.state for d in (first, second, third)], ["met"] * 2 + ["met"]
        )
        self.assertEqual(
            (third.due_at, third.reached_by), (at(4, 11), "solution_given")
        )

    def test_customer_date_replaces_the_policy_which_stays_visible(self):
        """R319, R275, R276."""
        done = line(
            "done",
            "registered",
            "executed",
            Limit(5, "working_day"),
            calendar="office",
            override_kinds=frozenset({"customer_deadline"}),
        )
        log = [event("registered", START, 1)]
        self.assertEqual(self.derive_one(done, log).due_at, at(7, 17))
        log.append(event("customer_deadline_set", START, 2, due="2026-07-08 12:00:00"))
        found = self.derive_one(done, log)
        self.assertEqual(
            (found.due_at, found.due_kind), (at(2, 12), "customer_deadline")
        )
        self.assertEqual(found.policy_due_at, at(7, 17))
        self.assertEqual(
            [c.kind for c in found.changes], ["policy", "customer_deadline"]
        )
        # a line that does not name the kind keeps its time
        plain = line("done", "registered", "executed", Limit(1, "hour"))
        self.assertEqual(self.derive_one(plain, log).due_at, START + HOUR)
        # withdrawn
        log.append(event("customer_deadline_set", START + HOUR, 3, due=None))
        found = self.derive_one(done, log)
        self.assertEqual((found.due_at, found.due_kind), (at(7, 17), "policy"))

    def test_appointment_replaces_the_policy(self):
        """R319, R317: 12 h or a time agreed with the owner."""
        visit = line(
            "visit",
            "visit_decided",
            "on_site",
            Limit(12, "hour"),
            override_kinds=frozenset({"appointment"}),
        )
        log = [
            event("visit_decided", START, 1),
            event("appointment_set", START, 2, due="2026-07-08 15:00:00"),
        ]
        self.assertEqual(self.derive_one(visit, log).due_at, at(2, 15))

    def test_fixed_dates_never_move(self):
        """R319: neither pauses nor another policy move a customer's date."""
        kinds = frozenset({"customer_deadline", "manual"})
        done = line("done", limit=Limit(4, "hour"), override_kinds=kinds)
        other = line("other", limit=Limit(400, "hour"), override_kinds=kinds)
        for code in ("customer_deadline_set", "due_set"):
            log = [
                event("accepted", START, 1, clock_lines=["done"]),
                event(code, START, 2, due="2026-07-07 09:00:00"),
                event("paused", at(0, 10), 3),
                event("reclassified", at(0, 11), 4, clock_lines=["other"]),
            ]
            done_row, other_row = self.derive([done, other], log, at(0, 12))
            self.assertEqual(
                (done_row.state, done_row.reason), ("cancelled", "policy_changed")
            )
            self.assertEqual((other_row.state, other_row.due_at), ("running", at(1)))
            self.assertEqual(other_row.pauses, ((at(0, 10), None),))
            self.assertEqual(self.derive([done, other], log, at(2))[1].state, "missed")

    def test_pause_by_hand_stops_and_shows_what_is_left(self):
        work = line("work", limit=Limit(8, "working_hour"), calendar="office")
        log = [event("accepted", at(0, 8), 1), event("paused", at(0, 16), 2)]
        found = self.derive_one(work, log, at(2))
        self.assertEqual((found.state, found.due_at), ("paused", None))
        self.assertEqual((found.policy_due_at, found.remaining), (at(0, 17), HOUR))
        log.append(event("resumed", at(2, 8, 30), 3))
        found = self.derive_one(work, log, at(2))
        self.assertEqual((found.state, found.due_at), ("running", at(2, 9, 30)))
        self.assertEqual(found.pauses, ((at(0, 16), at(2, 8, 30)),))

    def test_pause_of_some_lines_leaves_the_others_running(self):
        lines = [line("a"), line("b")]
        log = [
            event("accepted", START, 1),
            event("paused", at(0, 10), 2, lines=["a"]),
            event("resumed", at(0, 11), 3, lines=["b"]),
        ]
        self.assertEqual(
            [d.state for d in self.derive(lines, log, at(0, 12))], ["paused", "running"]
        )
        log.append(event("resumed", at(0, 12), 4))
        self.assertEqual(
            [d.due_at for d in self.derive(lines, log, at(0, 12))],
            [at(1, 11), at(1, 9)],
        )

    def test_pause_by_phase_and_by_hand_overlap(self):
        work = line("work", pause_phases=frozenset({"verification"}))
        log = [
            event("accepted", START, 1),
            event("phase_changed", at(0, 10), 2, old="execution", new="verification"),
            event("paused", at(0, 11), 3),
            event("phase_changed", at(0, 12), 4, old="verification", new="execution"),
        ]
        self.assertEqual(self.derive_one(work, log, at(0, 13)).state, "paused")
        log.append(event("resumed", at(0, 14), 5))
        found = self.derive_one(work, log, at(0, 15))
        self.assertEqual(found.pauses, ((at(0, 10), at(0, 14)),))
        self.assertEqual(found.due_at, at(1, 13))
        # a line without this phase only sees the pause by hand
        self.assertEqual(self.derive_one(line("work"), log).due_at, at(1, 12))

    def test_target_reached_while_paused_is_on_time(self):
        log = [
            event("accepted", START, 1),
            event("paused", at(0, 10), 2),
            event("closed", at(9), 3),
        ]
        found = self.derive_one(line(), log, at(10))
        self.assertEqual((found.state, found.pauses), ("met", ((at(0, 10), at(9)),)))

    def test_pause_after_the_due_time_does_not_heal(self):
        log = [event("accepted", START, 1), event("paused", at(1, 10), 2)]
        found = self.derive_one(line(), log, at(2))
        self.assertEqual((found.state, found.due_at), ("missed", at(1)))
        log.append(event("resumed", at(3), 3))
        self.assertEqual(self.derive_one(line(), log, at(4)).breached_at, at(1))

    def test_extension_keeps_the_old_date(self):
        """R303: a longer time with an updated date; the old one stays."""
        log = [
            event("accepted", START, 1),
            event("extended", at(0, 12), 2, lines=["line"], due="2026-07-09 09:00:00"),
        ]
        found = self.derive_one(line(), log, at(2))
        self.assertEqual(
            (found.state, found.due_at, found.due_kind), ("running", at(3), "extended")
        )
        self.assertEqual([c.due_at for c in found.changes], [at(1), at(3)])
        self.assertEqual((found.policy_due_at, found.breached_at), (at(1), None))

    def test_late_extension_does_not_hide_the_breach(self):
        """R498: an extension after the due time does not make it on time."""
        log = [
            event("accepted", START, 1),
            event("extended", at(2), 2, lines=["line"], due="2026-07-09 09:00:00"),
        ]
        found = self.derive_one(line(), log, at(2, 10))
        self.assertEqual((found.state, found.breached_at), ("running", at(1)))
        log.append(event("closed", at(2, 12), 3))
        found = self.derive_one(line(), log, at(4))
        self.assertEqual((found.state, found.breached_at), ("met", at(1)))

    def test_waiver_ends_the_clock(self):
        log = [event("accepted", START, 1), event("waived", at(2), 2, lines=["line"])]
        found = self.derive_one(line(), log, at(3))
        self.assertEqual(
            (found.state, found.finished_at, found.breached_at),
            ("waived", at(2), at(1)),
        )
        log.append(event("closed", at(4), 3))
        self.assertEqual(self.derive_one(line(), log, at(5)).state, "waived")
        other = [
            event("accepted", START, 1),
            event("waived", at(0, 10), 2, lines=["other"]),
        ]
        self.assertEqual(self.derive_one(line(), other).state, "running")

    def test_cancelled_case_stops_its_clocks(self):
        log = [event("accepted", START, 1), event("cancelled", at(0, 10), 2)]
        found = self.derive_one(line(), log, at(9))
        self.assertEqual(
            (found.state, found.finished_at, found.breached_at),
            ("cancelled", at(0, 10), None),
        )
        # what was missed before stays missed
        log = [event("accepted", START, 1), event("cancelled", at(2), 2)]
        found = self.derive_one(line(), log, at(9))
        self.assertEqual(
            (found.state, found.reason, found.breached_at),
            ("missed", "cancelled", at(1)),
        )

    def test_reopening_is_a_new_cycle_and_leaves_old_rows(self):
        """R338: the case goes back to the handler; history stays."""
        lines = [line("close"), line("call", "closed", "called_back", Limit(1, "hour"))]
        log = [event("accepted", START, 1), event("closed", at(0, 20), 2)]
        before = self.derive(lines, log, at(0, 20))
        log += [
            # logged with the number of the cycle that it ends
            event("reopened", at(0, 20, 30), 3, cycle=1),
            event("accepted", at(0, 20, 31), 4, cycle=2),
        ]
        close, call, again = self.derive(lines, log, at(1))
        self.assertEqual(close, before[0])
        self.assertEqual((call.state, call.reason), ("cancelled", "reopened"))
        self.assertEqual(
            (again.key, again.due_at), (("close", 2, "", 1), at(1, 20, 31))
        )

    def test_line_restarts_at_the_reopening_where_it_had_started(self):
        restart = line("reply", "reported", "solution_given", restart_on_reopen=True)
        never = line("visit", "visit_decided", "on_site", restart_on_reopen=True)
        log = [event("reported", START, 1), event("reopened", at(5), 2, cycle=1)]
        _old, new = self.derive([restart, never], log, at(5))
        self.assertEqual((new.line, new.cycle, new.started_at), ("reply", 2, at(5)))
        self.assertEqual(len(self.derive(line("reply", "reported", "x"), log)), 1)

    def test_pause_and_date_of_the_old_cycle_end_with_it(self):
        work = line("work", override_kinds=frozenset({"customer_deadline"}))
        log = [
            event("accepted", START, 1),
            event("customer_deadline_set", START, 2, due="2026-07-20 09:00:00"),
            event("paused", at(0, 10), 3),
            event("reopened", at(5), 4),
            event("accepted", at(5), 5, cycle=2),
        ]
        old, new = self.derive(work, log, at(5))
        self.assertEqual(old.pauses, ((at(0, 10), at(5)),))
        self.assertEqual((new.state, new.due_at, new.pauses), ("running", at(6), ()))

    def test_corrected_event_moves_the_clock(self):
        """R023: only the last correction of a time counts."""
        rows = [
            {
                "id": 1,
                "code": "accepted",
                "cycle": 1,
                "at": START,
                "corrects_id": False,
                "payload": None,
            },
            {
                "id": 2,
                "code": "accepted",
                "cycle": 1,
                "at": at(1),
                "corrects_id": 1,
                "scope_key": "",
            },
        ]
        self.assertEqual(self.derive_one(line(), events_from_rows(rows)).due_at, at(2))
        marked = [Event("accepted", START, corrected=True), event("accepted", at(1))]
        self.assertEqual(self.derive_one(line(), marked).due_at, at(2))

    def test_every_dispatch_has_its_own_clock(self):
        """R312: from the slip that a department received."""
        done = line(
            "done", "dispatched", "dispatch_done", Limit(12, "hour"), per_scope=True
        )
        log = [
            event("dispatched", START, 1, scope="dispatch,1"),
            event("dispatched", at(0, 11), 2, scope="dispatch,2"),
            event("paused", at(0, 12), 3, scope="dispatch,2"),
            event("dispatch_done", at(0, 13), 4, scope="dispatch,1"),
        ]
        one, two = self.derive(done, log, at(0, 14))
        self.assertEqual((one.scope, one.state), ("dispatch,1", "met"))
        self.assertEqual((two.scope, two.state), ("dispatch,2", "paused"))
        # a line of the complaint takes the event of any dispatch
        whole = line("whole", "dispatched", "dispatch_done")
        self.assertEqual(self.derive_one(whole, log, at(0, 14)).reached_at, at(0, 13))

    def test_every_start_can_have_its_own_clock(self):
        answer = line(
            "answer",
            "customer_rejected",
            "customer_informed",
            Limit(2, "hour"),
            each_start=True,
        )
        log = [
            event("customer_rejected", START, 1),
            event("customer_informed", at(0, 10), 2),
            event("customer_rejected", at(0, 11), 3),
        ]
        found = self.derive(answer, log, at(0, 12))
        self.assertEqual(
            [(d.occurrence, d.state) for d in found], [(1, "met"), (2, "running")]
        )

    def test_target_before_the_start_counts_only_where_it_may(self):
        reply = line("reply", "accepted", "acknowledged", Limit(2, "hour"))
        early = line(
            "reply", "accepted", "acknowledged", Limit(2, "hour"), counts_earlier=True
        )
        log = [event("acknowledged", START, 1), event("accepted", at(0, 10), 2)]
        self.assertEqual(self.derive_one(reply, log).state, "running")
        found = self.derive_one(early, log)
        self.assertEqual((found.state, found.reached_at), ("met", START))

    def test_start_event_is_not_its_own_target(self):
        again = line("again", "called_back", "called_back", Limit(30, "calendar_day"))
        log = [event("called_back", START, 1)]
        self.assertEqual(self.derive_one(again, log).state, "running")

    def test_no_calendar_leaves_a_row_with_the_reason(self):
        """X2, X3: no crash; the row says why it has no due time."""
        work = line("work", limit=Limit(4, "working_hour"), calendar="office")
        log = [event("accepted", START, 1)]
        for calendars, reason in (
            ({}, "no_calendar"),
            (lambda _ref: None, "no_calendar"),
            ({"office": WorkingTime([])}, "empty_calendar"),
            ({"office": office_hours(days=1)}, "horizon_exceeded"),
        ):
            found = self.derive_one(work, log, calendars=calendars)
            self.assertEqual(
                (found.due_at, found.reason, found.state), (None, reason, "running")
            )
        reached = self.derive_one(work, [*log, event("closed", at(1), 2)], calendars={})
        self.assertEqual((reached.state, reached.reason), ("met", "no_calendar"))
        paused = self.derive_one(
            work, [*log, event("paused", at(0, 10), 2)], calendars={}
        )
        self.assertEqual((paused.state, paused.reason), ("paused", "no_calendar"))
        fixed = line(
            "work", limit=Limit(4, "working_hour"), override_kinds=frozenset({"manual"})
        )
        dated = self.derive_one(
            fixed, [*log, event("due_set", START, 2, due="2026-07-07 09:00:00")]
        )
        self.assertEqual((dated.due_at, dated.reason), (at(1), ""))

    def test_rematch_keeps_pauses_and_the_first_start(self):
        """R321, X4: severity raised while open; the new line counts from the start."""
        lines = [
            line("slow", limit=Limit(100, "hour")),
            line("fast", limit=Limit(24, "hour")),
        ]
        log = [
            event("accepted", START, 1),
            event("registered", START, 2, clock_lines=["slow"]),
            event("paused", at(0, 10), 3),
            event("resumed", at(0, 12), 4),
            event("reclassified", at(0, 15), 5, clock_lines=["fast"]),
        ]
        slow, fast = self.derive(lines, log, at(0, 16))
        self.assertEqual((slow.state, slow.reason), ("cancelled", "policy_changed"))
        self.assertEqual((fast.started_at, fast.due_at), (START, at(1, 11)))
        self.assertEqual(fast.pauses, ((at(0, 10), at(0, 12)),))

    def test_finished_rows_survive_a_rematch(self):
        """R321: what was finished is not judged by the new policy."""
        lines = [
            line("old", "accepted", "acknowledged", Limit(24, "hour")),
            line("new", "accepted", "acknowledged", Limit(1, "hour")),
        ]
        log = [
            event("accepted", START, 1, clock_lines=["old"]),
            event("acknowledged", at(0, 20), 2),
            event("reclassified", at(1), 3, clock_lines=["new"]),
        ]
        found = self.derive_one(lines, log, at(5))
        self.assertEqual((found.line, found.state), ("old", "met"))
