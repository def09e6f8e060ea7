# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from datetime import datetime, timedelta
from unittest.mock import patch

import psycopg2

from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.tests import tagged

from .common_sla import MONDAY, SlaCommon

_logger = logging.getLogger(__name__)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestDeadlines(SlaCommon):
    """The life of a deadline, by the users who cause it."""

    # ------------------------------------------------------------------
    # Start, due times
    # ------------------------------------------------------------------

    def test_start_event_creates_the_deadline(self):
        """R241: none before its start event; name, policy, customer copied."""
        line = self._create_line()
        ticket = self._register()
        self.assertEqual(ticket.complaint_sla_policy_id, self.policy)
        self.assertFalse(ticket.complaint_deadline_ids)
        self.now.tick(HOUR)
        ticket.action_complaint_accept()
        deadline = self._deadlines(ticket)
        self.assertEqual(deadline.line_id, line)
        self.assertEqual(deadline.name, "First reply")
        self.assertEqual(deadline.policy_id, self.policy)
        self.assertEqual(deadline.partner_id, self.customer)
        self.assertEqual(deadline.company_id, ticket.company_id)
        self.assertEqual(deadline.started_at, MONDAY + HOUR)
        self.assertEqual(deadline.due_at, MONDAY + 25 * HOUR)
        self.assertEqual(deadline.state, "running")
        self.assertEqual(ticket.complaint_next_due_at, deadline.due_at)
        self.assertSameAsLog(ticket)

    def test_several_lines_make_several_deadlines(self):
        """R245, R246: the list sorts by the earliest of them."""
        self._create_line("reported", amount=2)
        self._create_line("registered", ("solution_given",), amount=24)
        self._create_line("closed", ("called_back",), amount=1)
        ticket = self._register()
        self.assertEqual(
            self._deadlines(ticket).mapped("due_at"),
            [MONDAY + 2 * HOUR, MONDAY + 24 * HOUR],
        )
        self.assertEqual(ticket.complaint_next_due_at, MONDAY + 2 * HOUR)
        ticket._complaint_event("acknowledged")
        self.assertEqual(ticket.complaint_next_due_at, MONDAY + 24 * HOUR)
        self.assertSameAsLog(ticket)

    def test_working_hours_of_the_calendar(self):
        """R320: 9:00 + 10 working hours is Tuesday 11:00 (lunch left out)."""
        self._create_line(unit="working_hour", amount=10)
        # 9-12, 13-17: 7 h on Monday, 3 h from Tuesday 8:00
        self.assertEqual(
            self._deadlines(self._accept()).due_at, datetime(2026, 7, 7, 3, 0)
        )

    def test_working_days_skip_weekend_and_holiday(self):
        """R248: two working days after Thursday, Friday being a holiday."""
        self._create_line(unit="working_day", amount=2)
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "company_id": self.company.id,
                "date_from": datetime(2026, 7, 9, 16, 0),
                "date_to": datetime(2026, 7, 10, 15, 59, 59),
            }
        )
        self.now.move_to(MONDAY + 3 * DAY)
        # Tuesday 14 July, end of work 17:00 in Shanghai
        self.assertEqual(
            self._deadlines(self._accept()).due_at, datetime(2026, 7, 14, 9, 0)
        )

    def test_new_holiday_counts_for_the_next_complaint(self):
        """R320: the working hours are cached, a change is seen at once."""
        self._create_line(unit="working_day", amount=1)
        first = self._deadlines(self._accept())
        self.assertEqual(first.due_at, datetime(2026, 7, 7, 9, 0))
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Typhoon",
                "calendar_id": self.calendar.id,
                "company_id": self.company.id,
                "date_from": datetime(2026, 7, 6, 16, 0),
                "date_to": datetime(2026, 7, 7, 15, 59, 59),
            }
        )
        second = self._deadlines(self._accept())
        self.assertEqual(second.due_at, datetime(2026, 7, 8, 9, 0))

    def test_clock_change_keeps_the_local_hour(self):
        """R320: DST in Berlin: the same local time on the next day is 23 h later."""
        calendar = self._create_calendar("Europe/Berlin", ((0, 24),), range(7))
        self._create_line(
            unit="calendar_day", amount=1, day_rule="same_time", calendar_id=calendar.id
        )
        self.now.move_to(datetime(2026, 3, 28, 12, 0))
        self.assertEqual(
            self._deadlines(self._accept()).due_at,
            datetime(2026, 3, 28, 12) + 23 * HOUR,
        )

    def test_daily_time_of_day(self):
        """R315: every day before 17:00, company-local, until closed."""
        self._create_line(
            targets=("progress_reported",),
            unit="wall_clock",
            amount=1,
            at_time=17,
            recurrence="daily",
        )
        ticket = self._accept()
        self.assertEqual(self._deadlines(ticket).due_at, datetime(2026, 7, 6, 9, 0))
        ticket._complaint_event("progress_reported")
        self.now.move_to(datetime(2026, 7, 6, 10, 0))
        ticket._complaint_clock_refresh()
        self.assertEqual(self._deadlines(ticket).mapped("state"), ["met", "running"])
        self.assertEqual(
            self._deadlines(ticket, state="running").due_at, datetime(2026, 7, 7, 9, 0)
        )
        self.now.move_to(datetime(2026, 7, 7, 10, 0))
        ticket._complaint_clock_refresh()
        self.assertEqual(
            self._deadlines(ticket).mapped("state"), ["met", "missed", "running"]
        )
        self.assertSameAsLog(ticket)

    # ------------------------------------------------------------------
    # Met, missed
    # ------------------------------------------------------------------

    def test_any_target_meets_it(self):
        """R248: arrival or opinion."""
        self._create_line(targets=("on_site", "assessed"))
        ticket = self._accept()
        self.now.tick(HOUR)
        ticket._complaint_event("assessed")
        deadline = self._deadlines(ticket)
        self.assertEqual(deadline.state, "met")
        self.assertEqual(deadline.reached_at, MONDAY + HOUR)
        self.assertFalse(ticket.complaint_next_due_at)
        self.assertFalse(deadline.is_overdue)
        self.assertSameAsLog(ticket)

    def test_overdue_then_reached_late_stays_missed(self):
        """R323: overdue lists, days late, and the miss stays."""
        self._create_line()
        ticket = self._accept()
        deadline = self._deadlines(ticket)
        self.now.tick(48 * HOUR)
        overdue = self.env["complaint.deadline"].with_user(self.user_handler)
        self.assertIn(deadline, overdue.search([("is_overdue", "=", True)]))
        deadline.invalidate_recordset()
        self.assertTrue(deadline.is_overdue)
        self.assertAlmostEqual(deadline.days_late, 1.0)
        tickets = self.env["helpdesk.ticket"].with_user(self.user_handler)
        self.assertIn(ticket, tickets.search([("complaint_next_due_at", "<", "now")]))
        ticket._complaint_event("acknowledged")
        self.assertEqual(deadline.state, "missed")
        self.assertEqual(deadline.breached_at, MONDAY + 24 * HOUR)
        self.assertEqual(deadline.finished_at, MONDAY + 48 * HOUR)
        self.assertNotIn(deadline, overdue.search([("is_overdue", "=", True)]))
        self.assertAlmostEqual(deadline.days_late, 1.0)
        self.assertSameAsLog(ticket)

    def test_progress_with_reason_keeps_the_solution_open(self):
        """R220, R247: answered with a reason, the solution gets a new due time."""
        self._create_line(
            targets=("solution_given",),
            alternative_type_ids=[(6, 0, self._type("customer_progress_told").ids)],
        )
        ticket = self._accept()
        self.now.tick(HOUR)
        ticket._complaint_event("customer_progress_told")
        self.assertEqual(self._deadlines(ticket).mapped("state"), ["running"])
        ticket._complaint_event("customer_progress_told", payload={"reason": "X-ray"})
        self.assertEqual(self._deadlines(ticket).mapped("state"), ["met", "running"])
        self.assertEqual(
            self._deadlines(ticket, state="running").due_at, MONDAY + 25 * HOUR
        )
        self.assertSameAsLog(ticket)

    # ------------------------------------------------------------------
    # Re-match
    # ------------------------------------------------------------------

    def _create_strict(self, **conditions):
        strict = self.env["complaint.sla.policy"].create(
            {"name": "Strict", "sequence": 1, **conditions}
        )
        self._create_line(policy_id=strict.id, amount=4)
        return strict

    def test_what_the_policy_depends_on_rematches(self):
        """R321: severity, category, customer, procedure, major while open."""
        self._create_line()
        procedure = self.procedure.copy({"name": "Other"})
        cases = {
            "severity": ({"severity": "critical"}, {"complaint_severity": "critical"}),
            "category": (
                {"category_ids": self.category.ids},
                {"category_id": self.category.id},
            ),
            "customer": (
                {"partner_ids": self.other_customer.ids},
                {"partner_id": self.other_customer.id},
            ),
            "procedure": (
                {"procedure_ids": procedure.ids},
                {"complaint_procedure_id": procedure.id},
            ),
            "major": ({"is_major": "yes"}, {"complaint_is_major": True}),
        }
        for name, (conditions, change) in cases.items():
            with self.subTest(name):
                strict = self._create_strict(**conditions)
                ticket = self._accept()
                self.assertEqual(ticket.complaint_sla_policy_id, self.policy)
                self.now.tick(HOUR)
                ticket.write(change)
                self.assertEqual(ticket.complaint_sla_policy_id, strict)
                old, new = self._deadlines(ticket)
                self.assertEqual(old.state, "cancelled")
                self.assertEqual(old.no_due_reason, "policy_changed")
                self.assertEqual(old.policy_id, self.policy)
                self.assertEqual(new.due_at, new.started_at + 4 * HOUR)
                self.assertIn(
                    "Strict",
                    ticket.complaint_event_ids.filtered(
                        lambda e: e.code == "reclassified"
                    )
                    .sorted("id")[-1]
                    .note,
                )
                self.assertSameAsLog(ticket)
                strict.active = False

    def test_region_decides_the_line(self):
        """R256, R257: domestic and overseas have their own limit."""
        self._create_line(amount=4, cond_overseas="no")
        self._create_line(amount=48, cond_overseas="yes")
        ticket = self._accept()
        self.assertEqual(self._deadlines(ticket).due_at, MONDAY + 4 * HOUR)
        self.now.tick(HOUR)
        ticket.complaint_is_overseas = True
        self.assertEqual(
            self._deadlines(ticket, state="running").due_at, MONDAY + 48 * HOUR
        )
        self.assertSameAsLog(ticket)

    def test_visit_decides_the_line(self):
        """R274: only when a visit is needed."""
        self._create_line(targets=("on_site",), amount=48, cond_visit_needed="yes")
        ticket = self._accept()
        self.assertFalse(self._deadlines(ticket))
        ticket._complaint_event("visit_decided")
        self.assertEqual(self._deadlines(ticket).due_at, MONDAY + 48 * HOUR)
        self.assertSameAsLog(ticket)

    def test_a_line_replaces_another(self):
        """R274: where the stricter line holds, the general one does not."""
        general = self._create_line(amount=24)
        strict = self._create_line(amount=4, cond_major="yes")
        general.yields_to_ids = strict
        ticket = self._accept()
        self.assertEqual(self._deadlines(ticket).line_id, general)
        ticket.complaint_is_major = True
        self.assertEqual(self._deadlines(ticket, state="running").line_id, strict)

    def test_rematch_keeps_pauses_and_dates(self):
        """R319: neither a pause nor a customer's date is lost."""
        self._create_line()
        self._create_strict(severity="critical")
        ticket = self._accept()
        ticket._complaint_pause("Waiting for the sample")
        self.now.tick(5 * HOUR)
        ticket._complaint_resume("Sample is here")
        ticket.complaint_severity = "critical"
        deadline = self._deadlines(ticket, state="running")
        self.assertEqual(deadline.due_at, MONDAY + 9 * HOUR)
        self.assertEqual(len(deadline.pause_ids), 1)
        self.assertEqual(deadline.pause_ids.reason, "Waiting for the sample")
        wanted = MONDAY + 30 * HOUR
        self.now.tick(HOUR)
        ticket.complaint_customer_deadline = wanted
        self.now.tick(HOUR)
        # its former policy comes back: that row runs on
        ticket.complaint_severity = "minor"
        deadline = self._deadlines(ticket, state="running")
        self.assertEqual(len(deadline), 1)
        self.assertEqual(deadline.policy_id, self.policy)
        self.assertEqual(deadline.due_at, wanted)
        self.assertEqual(deadline.policy_due_at, MONDAY + 29 * HOUR)
        self.assertSameAsLog(ticket)

    # ------------------------------------------------------------------
    # Never a crash
    # ------------------------------------------------------------------

    def test_without_working_hours_the_row_says_why(self):
        """R320: no calendar, an empty one: no crash, no due time."""
        empty = self._create_calendar("Asia/Shanghai", ())
        self._create_line(unit="working_day", amount=2, calendar_id=empty.id)
        self._create_line(unit="working_hour", amount=2)
        self.company.resource_calendar_id = False
        ticket = self._accept(team_id=False)
        self.assertEqual(
            self._deadlines(ticket).mapped("no_due_reason"),
            ["empty_calendar", "no_calendar"],
        )
        self.assertEqual(self._deadlines(ticket).mapped("due_at"), [False, False])
        self.assertFalse(ticket.complaint_next_due_at)
        self.assertSameAsLog(ticket)

    def test_without_contact_and_with_archived_handler(self):
        """R021: anonymous, nobody responsible."""
        self._create_line()
        ticket = self._accept(partner_id=False, complaint_anonymous=True)
        self.assertFalse(self._deadlines(ticket).partner_id)
        ticket.user_id = self.user_quality
        self.user_quality.active = False
        ticket._complaint_event("acknowledged")
        self.assertEqual(self._deadlines(ticket).state, "met")

    def test_imported_complaints_have_no_clocks(self):
        """History starts no clock, not even later."""
        self._create_line("reported")
        tickets = self.env["helpdesk.ticket"].with_user(self.user_manager)
        stage = self.env.ref("helpdesk_mgmt_complaint.stage_accepted")
        ticket = tickets.with_context(complaint_import=True).create(
            self._complaint_vals(
                stage_id=stage.id, complaint_received_at="2020-01-01 08:00:00"
            )
        )
        ticket = tickets.browse(ticket.id)
        ticket.complaint_severity = "critical"
        ticket._complaint_event("acknowledged")
        self.assertFalse(ticket.complaint_deadline_ids)
        self.assertFalse(ticket.complaint_sla_policy_id)

    def test_plain_ticket_that_becomes_a_complaint(self):
        """R021: its clocks start with its registration."""
        self._create_line("registered")
        plain = self.env["helpdesk.ticket"].create(
            {"name": "Noise", "description": "<p>It is loud</p>"}
        )
        self.assertFalse(plain.complaint_deadline_ids)
        # later than the database's clock, which is not frozen
        self.now.move_to(datetime(2030, 1, 1))
        plain.is_complaint = True
        self.assertEqual(len(plain.complaint_deadline_ids), 1)
        codes = plain.complaint_event_ids.mapped("code")
        self.assertEqual(codes.count("reclassified"), 1)

    def test_deleted_draft_takes_its_clocks_along(self):
        """R512: only drafts can be deleted, running clocks do not stop that."""
        self._create_line("registered", pause_phases="draft")
        ticket = self._register()
        ticket._complaint_pause("x")
        deadline = self._deadlines(ticket)
        self.assertEqual(deadline.state, "paused")
        ticket.sudo().unlink()
        self.assertFalse(deadline.exists())

    def test_corrected_time_moves_the_clock(self):
        """R023: the acceptance of a report is corrected in the log only."""
        self._create_line("reported")
        ticket = self._register()
        ticket.complaint_reported_at = MONDAY - 2 * HOUR
        self.assertEqual(self._deadlines(ticket).due_at, MONDAY + 22 * HOUR)
        ticket.complaint_received_at = MONDAY - HOUR
        self.assertEqual(ticket.complaint_sla_policy_id, self.policy)
        self.assertEqual(self._deadlines(ticket).state, "running")
        self.assertSameAsLog(ticket)

    def test_two_requests_at_once_are_run_again(self):
        """R241: who derived the same row at the same moment sees it then."""
        self._create_line()
        ticket = self._register()
        deadlines = type(self.env["complaint.deadline"])
        error = psycopg2.errors.UniqueViolation("deadline")
        with patch.object(deadlines, "create", side_effect=error):
            with self.assertRaises(ConcurrencyError):
                ticket.action_complaint_accept()

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------

    def test_nobody_writes_deadlines(self):
        """R524: not even a manager; finished rows not even the system."""
        self._create_line()
        ticket = self._accept()
        deadline = self._deadlines(ticket).with_user(self.user_manager)
        for work in (
            lambda: deadline.write({"due_at": MONDAY}),
            lambda: deadline.unlink(),
            lambda: deadline.copy(),
        ):
            with self.assertRaises(AccessError):
                work()
        with self.assertRaises(UserError):
            ticket.complaint_next_due_at = MONDAY
        with self.assertRaises(UserError):
            ticket.complaint_sla_policy_id = False
        ticket._complaint_event("acknowledged")
        with self.assertRaisesRegex(UserError, "evidence"):
            deadline.sudo().write({"due_at": MONDAY})
        with self.assertRaisesRegex(UserError, "evidence"):
            deadline.sudo().unlink()

    def test_employee_sees_the_deadlines_of_what_he_registered(self):
        """R520: and no others."""
        self._create_line()
        ticket = self._accept()
        other = self._create_complaint()
        other.action_complaint_accept()
        deadlines = self.env["complaint.deadline"].with_user(self.user_register)
        self.assertEqual(deadlines.search([]).ticket_id, ticket)

    # ------------------------------------------------------------------
    # Batches
    # ------------------------------------------------------------------

    def _count_create(self, count):
        tickets = self.env(user=self.user_register, context={})["helpdesk.ticket"]
        vals_list = [self._complaint_vals() for _index in range(count)]
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        created = tickets.create(vals_list)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before, created

    def test_clocks_of_a_batch_cost_a_constant_number_of_queries(self):
        """R241: 100 complaints with two deadlines each, no query per complaint."""
        self._create_line("registered")
        self._create_line(
            "reported",
            ("solution_given",),
            unit="working_day",
            amount=2,
            calendar_id=self.calendar.id,
        )
        # the first one marks the lines as used, the second fills the caches
        self._count_create(1)
        self._count_create(1)
        few, _tickets = self._count_create(10)
        many, tickets = self._count_create(100)
        self.assertEqual(len(tickets.sudo().complaint_deadline_ids), 200)
        self.policy.active = False
        self._count_create(1)
        few_plain, _tickets = self._count_create(10)
        many_plain, _tickets = self._count_create(100)
        extra_few, extra_many = few - few_plain, many - many_plain
        # rows are inserted a hundred at a time
        _logger.info("own queries: %s of 10, %s of 100", extra_few, extra_many)
        self.assertLessEqual(extra_many, extra_few + 4, (few, many))
        self.assertLessEqual(extra_many, 60)

    def test_without_policy_a_batch_costs_one_query(self):
        """R241: the question whether there is one; an event costs nothing."""
        self.policy.active = False
        self._count_create(1)
        asked, _tickets = self._count_create(10)
        policies = type(self.env["complaint.sla.policy"])

        def match_nothing(policy, tickets):
            return {ticket: policy for ticket in tickets}

        with patch.object(policies, "_match", match_nothing):
            not_asked, _tickets = self._count_create(10)
        self.assertLessEqual(asked - not_asked, 1)
        ticket = self._accept()
        self.env.flush_all()
        ticket.sudo().mapped("complaint_sla_policy_id")
        before = self.env.cr.sql_log_count
        ticket._complaint_clock_refresh()
        self.assertEqual(self.env.cr.sql_log_count - before, 0)
