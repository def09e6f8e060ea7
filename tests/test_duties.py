# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import re
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import ConcurrencyError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.complaint_duty_period_mixin import ComplaintDutyPeriodMixin
from .common_duty import WEDNESDAY, DutyCommon

SECOND = timedelta(seconds=1)
# preset, requirement -> period, opens, reminder, due: what a company in Shanghai
# that starts on 15 July 2026 gets first (all in UTC)
JULY = ("2026-06-30 16:00:00", "2026-07-23 21:59:59", "2026-07-31 15:59:59")
QUARTER = ("2026-06-30 16:00:00", "2026-09-07 15:59:59", "2026-09-30 15:59:59")
YEAR = ("2025-12-31 16:00:00", "2026-10-01 09:59:59", "2026-12-31 15:59:59")
AFTER_JULY = ("2026-07-31 16:00:00", "2026-08-07 09:59:59", "2026-08-09 15:59:59")
FIRST_PERIODS = {
    "m1_statistics": ("R259", "2026-07", *AFTER_JULY),
    "m1_sanctions": ("R260", "2026-07", *AFTER_JULY),
    "pm_special_report": (
        "R318",
        "2026-07",
        "2026-06-30 16:00:00",
        "2026-07-18 15:59:59",
        "2026-07-24 15:59:59",
    ),
    "pm_monthly_report": ("R300", "2026-06", *JULY),
    "gen_assessment": ("R268", "2026-Q2", *QUARTER),
    "gen_problem_report": ("R283", "2026-06", *JULY),
    "gas_briefing": ("R270", "2026-07", *JULY),
    "m2_opinions": ("R272", "2026", *YEAR),
    "m2_survey_military": ("R286", "2026-07", *JULY),
    "m2_survey_civil": ("R287", "2026", *YEAR),
    "m2_revisit": ("R292", "2026", *YEAR),
    "tec_supervision": ("R277", "2026-07", *JULY),
    "tec_new_year": (
        "R278",
        "2026",
        "2026-11-30 16:00:00",
        "2026-12-23 21:59:59",
        "2026-12-31 15:59:59",
    ),
    "tec_weekly": (
        "R279",
        "2026-W29",
        "2026-07-12 16:00:00",
        "2026-07-16 03:15:00",
        "2026-07-17 07:00:00",
    ),
    "tec_callback_new": ("R280", "2026-07", *JULY),
    "tec_callback_old": ("R281", "2026-Q3", *QUARTER),
    "med_survey": (
        "R293",
        "2026",
        "2026-09-30 16:00:00",
        "2026-12-08 15:59:59",
        "2026-12-31 15:59:59",
    ),
    "med_feedback": ("R294", "2026-Q2", *QUARTER),
    "all_process_review": ("R322", "2026-Q3", *QUARTER),
    "all_survey": ("R322", "2026", *YEAR),
    "all_feedback_analysis": ("R322", "2026-07", *JULY),
    "all_meeting": ("R322", "2026-07", *JULY),
    "all_training": ("R322", "2026-Q3", *QUARTER),
    "all_performance": ("R322", "2026-Q3", *QUARTER),
    "all_customer_data": ("R322", "2026-Q3", *QUARTER),
    "all_contact": ("R322", "2026-07", *JULY),
}


@tagged("post_install", "-at_install")
class TestDutyPresets(DutyCommon):
    """What the documents demand, as models that a company copies."""

    def _presets(self):
        presets = self.duties.with_context(active_test=False)
        return presets.search([("is_preset", "=", True)])

    def _hold_roles(self):
        """Let the owner hold every role that the presets name."""
        for role in self._presets().role_id:
            self.env["complaint.role.assignment"].create(
                {
                    "role_id": role.id,
                    "company_id": self.company.id,
                    "user_id": self.owner.id,
                }
            )

    def test_nothing_is_due_in_a_fresh_installation(self):
        """R322: presets are inert, whatever the scheduler does."""
        presets = self._presets()
        self.assertEqual(len(presets), len(FIRST_PERIODS))
        self._run()
        self._run(datetime(2027, 7, 1))
        self.assertFalse(self.deadlines.search([("duty_id", "in", presets.ids)]))
        self.assertFalse(presets.responsible_id)

    def test_every_preset_duty_is_walked_through(self):
        """R259, R260, R318, R268, R270, R272, R277-R281, R283, R286, R287, R292-R294,
        R300, R322: opens, reminds the owner, is missed, tells the manager, is met."""
        self._hold_roles()
        for name, expected in FIRST_PERIODS.items():
            with self.subTest(name):
                self._walk(
                    self.env.ref(f"helpdesk_mgmt_complaint.duty_{name}"), *expected
                )

    def _walk(self, preset, requirement, period, opens, reminder, due):
        opens, reminder, due = map(datetime.fromisoformat, (opens, reminder, due))
        self.assertIn(requirement, re.findall(r"R\d+", preset.source))
        self.now.move_to(WEDNESDAY)
        duty = preset.copy({"company_id": self.company.id, "active": True})
        if opens > WEDNESDAY:
            self._run(opens - SECOND)
            self.assertFalse(self._rows(duty))
        self._run(max(opens, WEDNESDAY))
        row = self._rows(duty)
        self.assertEqual((row.started_at, row.due_at), (opens, due))
        self.assertEqual(row.name, f"{duty.name} ({period})")
        self.assertEqual((row.user_id, row.state), (self.owner, "running"))
        self._run(max(reminder - SECOND, WEDNESDAY))
        self.assertFalse(row.escalation_ids)
        self._run(reminder)
        self.assertEqual(row.escalation_ids.user_ids, self.owner)
        self.assertEqual(len(self._todos(duty, self.owner)), 1)
        self._run(due)
        self.assertEqual((row.state, len(row.escalation_ids)), ("running", 2))
        self._run(due + SECOND)
        self.assertEqual((row.state, row.breached_at), ("missed", due))
        told = row.escalation_ids.filtered(lambda level: level.level == 2)
        self.assertEqual(told.user_ids, self.boss)
        self._enter(row)
        self.assertEqual((row.state, row.finished_at), ("missed", due + SECOND))
        # the next one, in time
        for days in range(10, 400, 10):
            self._run(due + timedelta(days=days))
            if later := self._rows(duty, state="running")[-1:]:
                break
        self._enter(later)
        self.assertEqual(later.state, "met")
        self.assertFalse(later.breached_at)
        duty.active = False

    def test_loading_a_preset_twice_adds_nothing(self):
        """R322: neither doubles nor overwrites what was edited or archived."""
        duties = self.duties.with_user(self.user_manager)
        loaded = duties._load_preset("M1", self.company)
        of_all = loaded.preset_origin_id.filtered(lambda d: d.preset == "ALL")
        self.assertEqual(len(loaded - self._presets()), 10)
        self.assertEqual(len(of_all), 8)
        # without a number in the documents nothing is active
        self.assertEqual(
            sorted(loaded.filtered("active").preset_origin_id.mapped("preset")),
            ["M1", "M1"],
        )
        self.assertFalse(any(loaded.mapped("is_preset")))
        statistics = loaded[0]
        self.assertFalse(self._rows(statistics))
        statistics.write({"name": "Our statistics", "day_of_month": 5})
        loaded[1].active = False
        self.assertFalse(duties._load_preset("M1", self.company))
        self.assertEqual(statistics.day_of_month, 5)
        self.assertFalse(loaded[1].active)
        # another preset brings its own duties, the common ones are there already
        medical = duties._load_preset("MED", self.company)
        self.assertEqual(set(medical.preset_origin_id.mapped("preset")), {"MED"})
        self.assertFalse(duties._load_preset("LAW", self.company))
        # the model itself was not touched
        self.assertEqual(statistics.preset_origin_id.day_of_month, 10)

    def test_loading_a_procedure_brings_its_duties(self):
        """R222, R322: the preset of the procedures and that of the duties are one."""
        procedures = self.env["complaint.procedure"].with_user(self.user_manager)
        company = self.env.company
        domain = [("is_preset", "=", False), ("company_id", "=", company.id)]
        before = self.duties.search(domain)
        procedures._load_preset("GAS", company)
        loaded = self.duties.search(domain) - before
        briefing = self.env.ref("helpdesk_mgmt_complaint.duty_gas_briefing")
        self.assertEqual(loaded.preset_origin_id, briefing)
        self.assertEqual(self._rows(loaded).state, "running")
        procedures._load_preset("GAS", company)
        self.assertEqual(self.duties.search(domain) - before, loaded)

    def test_presets_of_two_companies_are_separate(self):
        """R524, R322: each has its own duties, in its own time zone."""
        loaded = self.duties._load_preset("PM", self.company)
        loaded_b = self.duties._load_preset("PM", self.company_b)
        self.assertFalse(loaded & loaded_b)
        self.assertEqual(loaded_b.company_id, self.company_b)
        origin = self.env.ref("helpdesk_mgmt_complaint.duty_pm_special_report")
        copies = (loaded | loaded_b).filtered(lambda d: d.preset_origin_id == origin)
        by_company = copies.grouped("company_id")
        self.assertEqual(
            self._rows(by_company[self.company]).due_at,
            datetime(2026, 7, 24, 15, 59, 59),
        )
        # Berlin, summer time
        self.assertEqual(
            self._rows(by_company[self.company_b]).due_at,
            datetime(2026, 7, 24, 21, 59, 59),
        )

    def test_preset_twice_in_a_company_is_refused(self):
        """R322: also when two managers load it at the same moment."""
        preset = self.env.ref("helpdesk_mgmt_complaint.duty_gas_briefing")
        values = {"company_id": self.company.id, "preset_origin_id": preset.id}
        preset.copy(values)
        with (
            self.assertRaises(Exception),  # noqa: B017  # of the database
            mute_logger("odoo.sql_db"),
        ):
            preset.copy(values)


@tagged("post_install", "-at_install")
class TestDuties(DutyCommon):
    """Opening, catching up, changing, archiving."""

    def test_new_duty_opens_the_running_period_at_once(self):
        """R322: and never a second time."""
        duty = self._create_duty()
        row = self._rows(duty)
        self.assertEqual(row.name, "Feedback report (2026-07)")
        self.assertEqual(row.due_at, datetime(2026, 7, 31, 15, 59, 59))
        self.assertFalse(row.ticket_id)
        duty.note = "Trends"
        self._run()
        self._run(WEDNESDAY + timedelta(days=10))
        self.assertEqual(self._rows(duty), row)
        self.assertEqual(duty.next_due_at, row.due_at)

    def test_what_was_due_before_it_began_is_not_asked_for(self):
        """R322: a duty that starts on the 15th has not missed the 10th."""
        after = {"period_done": "next", "due_day": "day", "inclusive": False}
        self.assertFalse(self._rows(self._create_duty(day_of_month=10, **after)))
        june = self._rows(self._create_duty(day_of_month=20, **after))
        self.assertEqual(june.name, "Feedback report (2026-06)")
        self.assertEqual(june.due_at, datetime(2026, 7, 19, 15, 59, 59))

    def test_scheduler_off_for_three_months_catches_up(self):
        """R322: every period once, each level once, one mail per person."""
        duty = self._create_duty()
        self._run()
        self._run(datetime(2026, 10, 20))
        rows = self._rows(duty)
        self.assertEqual(
            [row.name[-8:-1] for row in rows],
            ["2026-07", "2026-08", "2026-09", "2026-10"],
        )
        self.assertEqual(rows.mapped("state"), ["missed"] * 3 + ["running"])
        levels = [sorted(row.escalation_ids.mapped("level")) for row in rows]
        self.assertEqual(levels, [[1, 2]] * 3 + [[]])
        self.assertEqual(len(self._mails(self.owner)), 1)
        self.assertEqual(len(self._mails(self.boss)), 1)
        self.assertEqual(duty.missed_count, 3)
        self._run()
        self.assertEqual(self._rows(duty), rows)
        # entering one leaves the to-do for the others, entering all removes it
        self._enter(rows[0])
        self.assertTrue(self._todos(duty, self.owner))
        for row in rows[1:3]:
            self._enter(row)
        self.assertFalse(self._todos(duty))
        self.assertEqual(rows[:3].mapped("state"), ["missed"] * 3)

    def test_years_without_scheduler_are_made_up_in_portions(self):
        """R322: the rest follows with the next runs, nothing is left out."""
        duty = self._create_duty(cycle="week")
        self._run(WEDNESDAY + timedelta(weeks=130))
        self.assertEqual(len(self._rows(duty)), 101)
        self._run()
        rows = self._rows(duty)
        self.assertEqual(len(rows), 131)
        self.assertEqual(len(set(rows.mapped("period_start"))), 131)

    def test_duty_that_cannot_be_opened_blocks_no_other(self):
        """R322: it is logged, and comes when it is repaired."""
        broken, sound = self._create_duty(), self._create_duty()
        prepare = ComplaintDutyPeriodMixin._prepare_deadline_vals

        def fail(duty, period):
            if duty == broken:
                raise ValueError("no such thing")
            return prepare(duty, period)

        logger = ComplaintDutyPeriodMixin.__module__
        with (
            patch.object(ComplaintDutyPeriodMixin, "_prepare_deadline_vals", fail),
            self.assertLogs(logger, "WARNING"),
        ):
            self._run(datetime(2026, 8, 3))
        self.assertEqual(len(self._rows(broken)), 1)
        self.assertEqual(len(self._rows(sound)), 2)
        self._run()
        self.assertEqual(len(self._rows(broken)), 2)

    def test_period_opened_by_somebody_else_is_not_doubled(self):
        """R322: whose view is too old runs again (a worker, a manager)."""
        duty = self._create_duty()
        with (
            patch.object(ComplaintDutyPeriodMixin, "_get_last_days", lambda _self: {}),
            mute_logger("odoo.sql_db"),
            self.assertRaises(ConcurrencyError),
            self.env.cr.savepoint(),
        ):
            duty._open_periods()
        self.assertEqual(len(self._rows(duty)), 1)

    def test_edited_duty_leaves_opened_periods_as_they_are(self):
        """R321: the new rule holds for the periods after them."""
        duty = self._create_duty()
        july = self._rows(duty)
        manager = duty.with_user(self.user_manager)
        manager.write({"name": "Report", "cycle": "week", "due_day": "day"})
        self.assertEqual(july.due_at, datetime(2026, 7, 31, 15, 59, 59))
        self.assertEqual(july.name, "Feedback report (2026-07)")
        # 1 and 2 August belong to a week of July
        self._run(datetime(2026, 8, 4))
        week = self._rows(duty) - july
        self.assertEqual(week.name, "Report (2026-W32)")
        self.assertEqual(week.period_start.isoformat(), "2026-08-03")
        self.assertEqual(week.due_at, datetime(2026, 8, 7, 15, 59, 59))
        manager.cycle = "year"
        self.assertEqual(self._rows(duty), july + week)
        self._run(datetime(2027, 1, 2))
        self.assertEqual(self._rows(duty)[-1:].name, "Report (2027)")

    def test_archived_duty_is_not_due_but_a_miss_stays(self):
        """R322: what is coming is cancelled, what was missed can still be done."""
        duty = self._create_duty()
        self._run(datetime(2026, 8, 10))
        july, august = self._rows(duty)
        duty.with_user(self.user_manager).active = False
        self.assertEqual((july.state, july.finished_at), ("missed", False))
        self.assertEqual(august.state, "cancelled")
        self.assertEqual(august.no_due_reason, "not_needed")
        self._run(datetime(2026, 9, 10))
        self.assertEqual(self._rows(duty), july + august)
        self.assertEqual(self._enter(july).state, "missed")
        # back again: from now on, not for the time between
        duty.with_user(self.user_manager).active = True
        self.assertEqual(self._rows(duty)[2:].name, "Feedback report (2026-09)")

    def test_archived_by_mistake_comes_back_for_the_same_period(self):
        """R322: the cancelled row stays, a new one counts."""
        duty = self._create_duty()
        duty.active = False
        duty.active = True
        self.assertEqual(self._rows(duty).mapped("state"), ["cancelled", "running"])
        self.assertEqual(len(set(self._rows(duty).mapped("period_start"))), 1)

    def test_time_zone_of_the_calendar_and_clock_change(self):
        """R320: Berlin in winter and in summer; working days only."""
        calendar = self.env["resource.calendar"].create(
            {"name": "Hamburg", "tz": "Europe/Berlin", "company_id": False}
        )
        duty = self._create_duty(
            calendar_id=calendar.id,
            working_days_only=True,
            at_time=17.5,
        )
        self._run(datetime(2026, 11, 2))
        dues = [str(row.due_at) for row in self._rows(duty)]
        self.assertEqual(
            dues,
            [
                "2026-07-31 15:30:00",  # Friday, summer
                "2026-08-31 15:30:00",
                "2026-09-30 15:30:00",
                "2026-10-30 16:30:00",  # Friday before the 31st, winter
                "2026-11-30 16:30:00",
            ],
        )
        with self.assertRaisesRegex(UserError, "Feedback report"):
            calendar.unlink()

    def test_company_without_zone_and_calendar_still_has_due_times(self):
        """R322: never a crash; UTC, and every day counts as a working day."""
        self.company_b.write({"complaint_tz": False, "resource_calendar_id": False})
        duty = self._create_duty_b(working_days_only=True)
        self.assertEqual(self._rows(duty).due_at.isoformat(), "2026-07-31T23:59:59")

    def _create_duty_b(self, **vals):
        return self.duties.create(
            {"name": "Report of B", "company_id": self.company_b.id, **vals}
        )

    def test_impossible_rules_are_refused(self):
        """R322: with a sentence that says what to do."""
        for message, vals in {
            "from 1 to 31": {"due_day": "day", "day_of_month": 32},
            "number from 1 to 31": {"due_day": "day", "day_of_month": 0},
            "1 to 3 in a quarter": {"cycle": "quarter", "due_month": 4},
            "from 1 to 12": {"cycle": "year", "open_month": 0},
            "0:00 to 24:00": {"at_time": 24.5},
            "before it opens": {"due_day": "day", "inclusive": False},
            "belongs to a company": {"company_id": False},
            "a preset to none": {"is_preset": True},
        }.items():
            with (
                self.subTest(message),
                self.assertRaisesRegex(ValidationError, message),
            ):
                self._create_duty(**vals)

    def test_used_duty_is_neither_deleted_nor_moved(self):
        """R322: its periods are evidence."""
        duty = self._create_duty().with_user(self.user_manager)
        with self.assertRaisesRegex(UserError, "Archive it"):
            duty.unlink()
        with self.assertRaisesRegex(UserError, "Archive it"):
            duty.sudo().company_id = self.company_b
        with self.assertRaises(UserError):
            self._rows(duty).unlink()
        unused = self._create_duty(active=False)
        unused.with_user(self.user_manager).unlink()
        self.assertFalse(unused.exists())

    def test_copy_is_a_duty_of_its_own(self):
        """R322: with its own levels and periods."""
        duty = self._create_duty()
        copied = duty.with_user(self.user_manager).copy()
        self.assertEqual(copied.name, "Feedback report (copy)")
        self.assertEqual(len(copied.escalation_ids), 2)
        self.assertFalse(copied.escalation_ids & duty.escalation_ids)
        self.assertEqual(len(self._rows(copied)), 1)


@tagged("post_install", "-at_install")
class TestDutyPeople(DutyCommon):
    """Who has to do it, who is told."""

    def test_owner_is_a_person_a_role_or_the_head_of_a_department(self):
        """R322: the first of them who is there."""
        role = self.env["complaint.role"].create({"name": "Office", "code": "office"})
        duty = self._create_duty(
            role_id=role.id, owner_id=False, department_id=self.department.id
        )
        head = self.people["department_manager"]
        self.assertEqual(duty.responsible_id, head)
        holder = self.env["complaint.role.assignment"].create(
            {
                "role_id": role.id,
                "company_id": self.company.id,
                "user_id": self.user_quality.id,
            }
        )
        self.assertEqual(duty.responsible_id, self.user_quality)
        duty.owner_id = self.owner
        self.assertEqual(duty.responsible_id, self.owner)
        self.assertEqual(self._rows(duty).user_id, self.owner)
        # a role of the settings, without holder
        holder.unlink()
        supervisor = self.env.ref("helpdesk_mgmt_complaint.role_supervisor")
        self.env["complaint.role.assignment"].search(
            [("role_id", "=", supervisor.id)]
        ).unlink()
        duty.write({"owner_id": False, "role_id": supervisor.id})
        self.assertEqual(duty.responsible_id, self.people["supervisor"])

    def test_owner_who_left_is_replaced_upward(self):
        """R322: at once, and open periods follow; finished ones do not."""
        duty = self._create_duty()
        self._run(datetime(2026, 8, 3))
        july, august = self._rows(duty)
        self._enter(july)
        self.owner.active = False
        self.assertEqual(duty.responsible_id, self.people["quality_manager"])
        self._run()
        self.assertEqual(august.user_id, self.people["quality_manager"])
        self.assertEqual(july.user_id, self.owner)
        self._run(datetime(2026, 8, 26))
        reminder = august.escalation_ids
        self.assertEqual(reminder.user_ids, self.people["quality_manager"])
        self.assertIn("Handler", reminder.note)
        self._enter(august, self.people["quality_manager"])
        self.assertEqual(august.state, "met")

    def test_nobody_at_all_is_no_crash(self):
        """R322: the period is there, missed, and says that nobody was told."""
        for name in ("quality_manager", "supervisor", "general_manager"):
            self.company[f"complaint_{name}_id"] = False
        duty = self._create_duty(owner_id=False)
        self._run(datetime(2026, 8, 2))
        july = self._rows(duty)[0]
        self.assertFalse(july.user_id)
        self.assertEqual(july.state, "missed")
        self.assertIn("Nobody could be told", july.escalation_ids[0].note)
        self._enter(july, self.user_supervisor)
        self.assertTrue(july.reached_at)

    def test_owner_of_another_company_is_passed_over(self):
        """R524: an obligation is no business of another company."""
        duty = self._create_duty(owner_id=self.user_handler_b.id)
        self.assertEqual(duty.responsible_id, self.people["quality_manager"])

    def test_reminder_is_a_todo_and_a_mail_that_leads_to_the_period(self):
        """R322: both open what they speak of, for a plain employee."""
        duty = self._create_duty()
        self._run(datetime(2026, 7, 24))
        row = self._rows(duty)
        [todo] = self._todos(duty, self.owner)
        self.assertIn("Feedback report (2026-07)", todo.summary)
        self.assertEqual(todo.with_user(self.owner).res_name, "Feedback report")
        mail = self._mails(self.owner)
        self.assertIn(f"/odoo/complaint.deadline/{row.id}", mail.body_html)
        self.assertIn("Feedback report (2026-07)", mail.body_html)
        self.assertTrue(row.with_user(self.owner).may_enter_result)

    def test_own_levels_and_working_days(self):
        """R322: the reminder is configurable, in working days."""
        self.company.resource_calendar_id = self.env["resource.calendar"].create(
            {"name": "Office", "tz": "Asia/Shanghai", "company_id": False}
        )
        level = {"level": 1, "moment": "before_due", "amount": 2, "role": "fixed"}
        duty = self._create_duty(
            escalation_ids=[
                Command.create(
                    {
                        **level,
                        "unit": "working_day",
                        "user_ids": [Command.set(self.user_quality.ids)],
                    }
                )
            ]
        )
        # due on Friday 31 July 23:59:59; work ends at 17:00, two days before
        self._run(datetime(2026, 7, 29, 8, 59, 59))
        self.assertFalse(self._rows(duty).escalation_ids)
        self._run(datetime(2026, 7, 29, 9, 0))
        self.assertEqual(self._rows(duty).escalation_ids.user_ids, self.user_quality)

    def test_level_belongs_to_a_limit_or_to_a_duty(self):
        """R322: to one of them."""
        duty = self._create_duty()
        for vals in ({}, {"line_id": self.line.id, "duty_id": duty.id}):
            with (
                self.subTest(vals=vals),
                self.assertRaises(Exception),  # noqa: B017  # of the database
                mute_logger("odoo.sql_db"),
            ):
                self.env["complaint.sla.escalation"].create({"amount": 1, **vals})
