# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta, timezone
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.complaint_escalation import ComplaintEscalation
from ..models.complaint_sla_escalation import ComplaintSlaEscalation
from .common_escalation import NOW, EscalationCommon

_ENGINE = "odoo.addons.helpdesk_mgmt_complaint.models"
_ENGINE_LOG = f"{_ENGINE}.complaint_deadline_escalation_mixin"


@tagged("post_install", "-at_install")
class TestEscalation(EscalationCommon):
    """Levels of deadlines: when they fire, once, and what they do."""

    def test_level_after_due_tells_the_role_and_logs(self):
        """R323, R241: activity, queued mail, log row and event in one sweep."""
        level = self._levels(self.line, ("after_due", 1, "team_leader"))
        deadline = self._deadline(due=-2)
        self.assertEqual(self._sweep(), 1)
        row = deadline.escalation_ids
        self.assertEqual(row.level_id, level)
        self.assertEqual(row.user_ids, self.people["team_leader"])
        self.assertEqual(row.due_at, deadline.due_at + timedelta(hours=1))
        ticket = deadline.ticket_id
        self.assertEqual(len(self._activities(ticket, row.user_ids)), 1)
        mail = self._mails(row.user_ids)
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.state, "outgoing")
        self.assertIn("First reply", mail.body_html)
        self.assertFalse(row.pending_user_ids)
        event = ticket.complaint_event_ids.filtered(lambda e: e.code == "escalated")
        self.assertEqual(event.payload["levels"][0]["level"], 1)
        self.assertEqual(event.payload["levels"][0]["users"], row.user_ids.ids)
        self.assertEqual(deadline.state, "missed")
        self.assertEqual(deadline.breached_at, deadline.due_at)
        self.assertFalse(deadline.next_alarm_at)

    def test_levels_wait_for_their_time(self):
        """R334, R458: before, percent, after start, after due, each at its time."""
        self._levels(
            self.line,
            ("percent", 50, "handler"),
            ("before_due", 4, "first_contact"),
            ("after_start", 22, "team_leader"),
            ("after_due", 0, "department_manager"),
            ("after_due", 24, "general_manager"),
        )
        deadline = self._deadline(start=0, due=24)
        start = deadline.started_at
        self.assertEqual(deadline.next_alarm_at, deadline.due_at - timedelta(hours=12))
        reached = {11: 0, 12: 1, 19: 1, 20: 2, 22: 3, 25: 4, 47: 4, 48: 5}
        for hours, count in reached.items():
            with freeze_time(start + timedelta(hours=hours)):
                self._sweep()
                self.assertEqual(len(deadline.escalation_ids), count, hours)
        self.assertFalse(deadline.next_alarm_at)
        told = deadline.escalation_ids.sorted("level").user_ids
        self.assertEqual(told[0], self.user_handler)
        self.assertEqual(len(told), 5)

    def test_cron_off_for_a_day_fires_all_once_in_order(self):
        """R323: what was slept through fires later, in order, each once."""
        self._levels(
            self.line,
            ("before_due", 4, "handler"),
            ("after_due", 0, "team_leader"),
            ("after_due", 8, "general_manager"),
        )
        deadline = self._deadline(start=-48, due=-24)
        self._sweep()
        rows = deadline.escalation_ids.sorted("id")
        self.assertEqual(rows.mapped("level"), [1, 2, 3])
        self.assertEqual(rows.sorted("due_at"), rows)
        self.assertEqual(self._sweep(), 0)
        deadline._plan_alarm()
        self.assertEqual(self._sweep(), 0)
        self.assertEqual(len(deadline.escalation_ids), 3)

    def test_fifty_levels_make_one_mail_and_one_activity(self):
        """R323: one digest per person, not fifty mails; one event."""
        self._levels(self.line, *[("after_due", n, "handler") for n in range(50)])
        deadline = self._deadline(start=-99, due=-60)
        self._sweep()
        self.assertEqual(len(deadline.escalation_ids), 50)
        mail = self._mails()
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.subject, "Complaint deadlines: 50 need your attention")
        self.assertEqual(len(self._activities(deadline.ticket_id)), 1)
        events = deadline.ticket_id.complaint_event_ids
        self.assertEqual(events.mapped("code").count("escalated"), 1)

    def test_many_cases_make_one_mail_per_person(self):
        """R323: batches are small, the digest is for the whole sweep."""
        self._levels(self.line, ("after_due", 0, "handler"))
        for _number in range(5):
            self._deadline(due=-1)
        self._sweep(limit=2)
        self.assertEqual([done for done, _left in self.commits][:3], [2, 2, 1])
        self.assertEqual(len(self._mails(self.user_handler)), 1)
        self.assertEqual(len(self._mails()), 1)

    def test_mails_are_only_queued(self):
        """R323: no mail server is asked during a sweep, so none can break it."""
        self._levels(self.line, ("after_due", 0, "handler"))
        self._deadline(due=-1)
        with patch(
            "odoo.addons.mail.models.mail_mail.MailMail.send",
            side_effect=AssertionError("sent"),
        ):
            self._sweep()
        self.assertEqual(self._mails().state, "outgoing")

    def test_mail_that_cannot_be_written_is_kept_for_the_next_sweep(self):
        """R323: an error in the template delays the mail and loses nothing."""
        self._levels(self.line, ("after_due", 0, "handler"))
        deadline = self._deadline(due=-1)
        with (
            patch.object(ComplaintEscalation, "_queue_digest", side_effect=ValueError),
            mute_logger(f"{_ENGINE}.complaint_escalation"),
        ):
            self._sweep()
        self.assertFalse(self._mails())
        self.assertEqual(deadline.escalation_ids.pending_user_ids, self.user_handler)
        self.assertEqual(self._sweep(), 0)
        self.assertEqual(len(self._mails()), 1)

    def test_failing_row_is_parked_and_blocks_nobody(self):
        """R323: the error stands on the row, the others are escalated."""
        self._levels(self.line, ("after_due", 0, "handler"))
        deadlines = [self._deadline(due=-1) for _number in range(5)]
        broken = deadlines[2]
        get_people = ComplaintSlaEscalation._get_people

        def fail(level, deadline):
            if deadline == broken:
                raise ValueError("no such thing")
            return get_people(level, deadline)

        with (
            patch.object(ComplaintSlaEscalation, "_get_people", fail),
            self.assertLogs(_ENGINE_LOG, "WARNING"),
        ):
            self._sweep()
        for deadline in deadlines:
            expected = 0 if deadline == broken else 1
            self.assertEqual(len(deadline.escalation_ids), expected)
        self.assertIn("no such thing", broken.alarm_error)
        self.assertGreater(broken.next_alarm_at, NOW())
        with freeze_time(NOW() + timedelta(hours=2)):
            self._sweep()
        self.assertEqual(len(broken.escalation_ids), 1)
        self.assertFalse(broken.alarm_error)

    def test_finished_and_paused_deadlines_do_not_fire(self):
        """R323: what was met, or stands still, tells nobody."""
        self._levels(self.line, ("after_due", 0, "handler"))
        met = self._deadline(due=-1)
        met.write({"state": "met", "reached_at": NOW(), "finished_at": NOW()})
        met._plan_alarm()
        paused = self._deadline(due=-1)
        paused.write({"state": "paused", "due_at": False})
        stale = self._deadline(due=-1)
        stale.write({"state": "waived", "finished_at": NOW()})
        self.assertFalse(met.next_alarm_at)
        self._sweep()
        rows = met + paused + stale
        self.assertFalse(rows.escalation_ids)
        self.assertFalse(any(rows.mapped("next_alarm_at")))

    def test_meeting_the_deadline_removes_the_activity(self):
        """R323: no to-do is left for what was done; the log row stays."""
        self._levels(self.line, ("after_due", 0, "handler"))
        deadline = self._deadline(due=-1)
        self._sweep()
        self.assertTrue(self._activities(deadline.ticket_id))
        deadline.write({"reached_at": NOW(), "finished_at": NOW()})
        deadline._plan_alarm()
        self.assertFalse(self._activities(deadline.ticket_id))
        self.assertEqual(len(deadline.escalation_ids), 1)

    def test_priority_is_raised(self):
        """R323: one step per level, at most the highest."""
        level = {"do_priority": True, "do_mail": False, "do_activity": False}
        self._levels(self.line, *[{**level, "amount": n} for n in range(4)])
        ticket = self._case(priority="1")
        self._deadline(ticket, due=-2)
        self._sweep()
        self.assertEqual(ticket.priority, "3")
        self.assertFalse(self._mails())
        self.assertFalse(self._activities(ticket))
        rows = self.env["complaint.escalation"].search([("ticket_id", "=", ticket.id)])
        self.assertFalse(any(rows.mapped("priority_pending")))

    def test_plain_levels_do_not_write_the_ticket(self):
        """R323: who is saving the complaint meets no lock of the sweep."""
        self._levels(self.line, ("after_due", 0, "handler"))
        deadline = self._deadline(due=-1)
        ticket = deadline.ticket_id
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT xmin::text, ctid::text FROM helpdesk_ticket WHERE id = %s",
            [ticket.id],
        )
        before = self.env.cr.fetchone()
        self._sweep()
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT xmin::text, ctid::text FROM helpdesk_ticket WHERE id = %s",
            [ticket.id],
        )
        self.assertEqual(self.env.cr.fetchone(), before)

    def test_required_instruction_is_noted(self):
        """R324: the row says that a written instruction is required."""
        self._levels(
            self.line,
            {"role": "department_manager", "amount": 0, "require_instruction": True},
        )
        deadline = self._deadline(due=-1)
        self._sweep()
        self.assertTrue(deadline.escalation_ids.instruction_required)
        self.assertFalse(deadline.escalation_ids.instruction_opinion_id)
        self.assertIn("written instruction", self._mails().body_html)

    def test_new_cycle_has_a_new_ladder(self):
        """R323: once per deadline; a reopened complaint has new deadlines."""
        self._levels(self.line, ("after_due", 0, "handler"))
        first = self._deadline(due=-2)
        self._sweep()
        second = self._deadline(first.ticket_id, due=-1, cycle=2)
        self._sweep()
        self.assertEqual(len(first.escalation_ids), 1)
        self.assertEqual(len(second.escalation_ids), 1)


@tagged("post_install", "-at_install")
class TestEscalationPeople(EscalationCommon):
    """Roles are looked up when a level fires, falling back upward (R323)."""

    def _told(self, role, ticket=None, **level):
        line = self._create_line()
        self._levels(line, {"role": role, "amount": 0, **level})
        deadline = self._deadline(ticket, line=line, due=-1)
        self._sweep()
        return deadline.escalation_ids

    def test_every_role_is_found(self):
        """R233, R323: seven roles and named users."""
        ticket = self._case()
        self.assertEqual(self._told("handler", ticket).user_ids, self.user_handler)
        for role, user in self.people.items():
            row = self._told(role, ticket)
            self.assertEqual(row.user_ids, user)
            self.assertEqual(row.role, role)
            self.assertFalse(row.note)
        users = self.user_quality + self.user_manager
        row = self._told("fixed", ticket, user_ids=[Command.set(users.ids)])
        self.assertEqual(row.user_ids, users)

    def test_archived_role_falls_back_upward_and_says_so(self):
        """R323: no handler, archived first contact: the team leader is told."""
        self.people["first_contact"].active = False
        row = self._told("handler", self._case(user_id=False))
        self.assertEqual(row.user_ids, self.people["team_leader"])
        self.assertEqual(row.role, "team_leader")
        self.assertIn("Handler, First contact", row.note)
        self.assertIn("Team Leader", row.note)
        event = row.ticket_id.complaint_event_ids.filtered(
            lambda e: e.code == "escalated"
        )
        self.assertIn("Handler, First contact", event.note)

    def test_department_without_manager_asks_its_parent(self):
        """R324: the department above, before the next role."""
        child = self.env["hr.department"].create(
            {"name": "Hotline", "parent_id": self.department.id}
        )
        row = self._told(
            "department_manager", self._case(complaint_department_id=child.id)
        )
        self.assertEqual(row.user_ids, self.people["department_manager"])
        self.assertFalse(row.note)

    def test_archived_named_users_fall_back(self):
        """R323: named users who left are replaced by the department's head."""
        line = self._create_line()
        self._levels(
            line, {"role": "fixed", "user_ids": [Command.set(self.user_quality.ids)]}
        )
        deadline = self._deadline(line=line, due=-1)
        self.user_quality.active = False
        self._sweep()
        row = deadline.escalation_ids
        self.assertEqual(row.user_ids, self.people["department_manager"])
        self.assertIn("Named users", row.note)

    def test_user_of_another_company_is_not_told(self):
        """R520, R524: who may not know of the complaint is replaced."""
        row = self._told("handler", self._case(user_id=self.user_handler_b.id))
        self.assertEqual(row.user_ids, self.people["first_contact"])

    def test_nobody_left_is_noted_and_no_crash(self):
        """R323: the row says that nobody could be told; other rows go on."""
        for name in ("quality_manager", "supervisor", "general_manager"):
            self.company[f"complaint_{name}_id"] = False
        row = self._told("quality_manager")
        self.assertFalse(row.user_ids)
        self.assertIn("Nobody could be told", row.note)
        self.assertFalse(self._mails())

    def test_role_is_resolved_when_it_fires(self):
        """R323: a new supervisor is told, not the one of the day it started."""
        line = self._create_line()
        self._levels(line, ("after_due", 0, "supervisor"))
        deadline = self._deadline(line=line, due=-1)
        self.company.complaint_supervisor_id = self.user_supervisor
        self._sweep()
        self.assertEqual(deadline.escalation_ids.user_ids, self.user_supervisor)

    def test_user_without_address_gets_the_activity(self):
        """R323: no e-mail address is no reason to lose the level."""
        self.user_handler.partner_id.email = False
        row = self._told("handler")
        self.assertFalse(self._mails())
        self.assertFalse(row.pending_user_ids)
        self.assertTrue(self._activities(row.ticket_id, self.user_handler))

    def test_obligation_without_complaint_is_mailed(self):
        """R318: a deadline without a ticket has no activity, so a mail."""
        line = self._create_line()
        self._levels(line, {"role": "supervisor", "do_mail": False})
        deadline = self._deadline(self.env["helpdesk.ticket"], line=line, due=-1)
        self._sweep()
        self.assertEqual(len(self._mails(self.people["supervisor"])), 1)
        self.assertTrue(deadline.escalation_ids.by_mail)

    def test_mail_is_in_the_language_of_its_reader(self):
        """R241: lang of the user, not of the cron."""
        self.env["res.lang"]._activate_lang("de_DE")
        template = self.env.ref(
            "helpdesk_mgmt_complaint.mail_template_escalation_digest"
        )
        template.with_context(lang="de_DE").subject = "Complaint deadlines: Fristen"
        self.people["supervisor"].lang = "de_DE"
        self._told("supervisor")
        self.assertEqual(
            self._mails(self.people["supervisor"]).subject,
            "Complaint deadlines: Fristen",
        )


@tagged("post_install", "-at_install")
class TestEscalationSetup(EscalationCommon):
    """Triggers of the cron, checks of levels, rights."""

    def setUp(self):
        super().setUp()
        self.cron = self.env.ref("helpdesk_mgmt_complaint.ir_cron_complaint_escalate")
        self._triggers().unlink()

    def _triggers(self):
        return self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)])

    def test_one_trigger_is_kept_at_the_next_alarm(self):
        """R323: later alarms add no trigger, earlier ones do."""
        self._levels(self.line, ("after_due", 0, "handler"))
        for hours in (5, 6, 7, 5, 30):
            self._deadline(start=0, due=hours)
        self.assertEqual(len(self._triggers()), 1)
        self._deadline(start=0, due=3)
        self.assertEqual(len(self._triggers()), 2)
        first = min(self._triggers().mapped("call_at"))
        due = min(
            self.deadlines.search([("next_alarm_at", "!=", False)]).mapped(
                "next_alarm_at"
            )
        )
        self.assertLessEqual(timedelta(), first - due)
        self.assertLess(first - due, timedelta(minutes=1))

    def test_sweep_plans_the_next_alarm(self):
        """R323: after a sweep the cron is woken for what comes next."""
        self._levels(self.line, *[("after_due", n, "handler") for n in (0, 5)])
        self._deadline(due=-1)
        self._triggers().unlink()
        self._sweep()
        self.assertEqual(len(self._triggers()), 1)
        self.assertGreater(self._triggers().call_at, NOW() + timedelta(hours=3))

    def test_disabled_cron_does_not_break_saving(self):
        """R323: planning works, and the next run makes up for it."""
        self.cron.active = False
        self._levels(self.line, ("after_due", 0, "handler"))
        deadline = self._deadline(due=-1)
        self.assertTrue(deadline.next_alarm_at)

    def test_cron_calls_the_sweep(self):
        """R323: the scheduled action runs as Odoo runs it."""
        self._levels(self.line, ("after_due", 0, "handler"))
        deadline = self._deadline(due=-1)
        self.cron.ir_actions_server_id.run()
        self.assertEqual(len(deadline.escalation_ids), 1)

    def test_nonsense_levels_are_refused(self):
        """R241: negative amounts, parts of days, named users without names."""
        for vals in (
            {"amount": 0.5, "unit": "working_day"},
            {"amount": 0, "role": "fixed"},
        ):
            with self.assertRaises(ValidationError):
                self._levels(self.line, vals)
        with (
            self.assertRaises(Exception),  # noqa: B017  # constraint or check
            mute_logger("odoo.sql_db"),
        ):
            self._levels(self.line, {"amount": -1})

    def test_fired_level_cannot_be_deleted(self):
        """R321: what was escalated stays evidence; archive the level."""
        level = self._levels(self.line, ("after_due", 0, "handler"))
        deadline = self._deadline(due=-1)
        self._sweep()
        with self.assertRaisesRegex(UserError, "Archive"):
            level.unlink()
        level.active = False
        self.assertEqual(deadline.escalation_ids.level_id, level)

    def test_users_can_read_but_not_forge(self):
        """R520, R524: only the engine writes; only who may know reads."""
        self._levels(self.line, ("after_due", 0, "handler"))
        deadline = self._deadline(due=-1)
        self._sweep()
        row = deadline.escalation_ids
        self.assertEqual(row.with_user(self.user_handler).level, 1)
        rows = self.env["complaint.escalation"]
        self.assertFalse(
            rows.with_user(self.user_register).search([("id", "=", row.id)])
        )
        self.assertFalse(
            rows.with_user(self.user_handler_b).search([("id", "=", row.id)])
        )
        for user in (self.user_handler, self.user_manager):
            with self.assertRaises(AccessError):
                row.with_user(user).note = "x"
            with self.assertRaises(AccessError):
                row.with_user(user).unlink()

    def test_manager_sets_up_the_roles(self):
        """R233: the roles of the company are in its settings."""
        fields = self.env["res.config.settings"].fields_get()
        for name in ("quality_manager", "supervisor", "general_manager"):
            self.assertIn(f"complaint_{name}_id", fields)


@tagged("post_install", "-at_install")
class TestEscalationOfClocks(EscalationCommon):
    """From events to levels: nobody writes a deadline by hand (R241, R323)."""

    def setUp(self):
        super().setUp()
        self.procedure.sla_policy_id = self.policy

    def _accept(self, **vals):
        ticket = self._case(complaint_procedure_id=self.procedure.id, **vals)
        ticket.action_complaint_accept()
        return ticket

    def _assert_stored_is_derived(self, ticket):
        [derived] = ticket.sudo()._complaint_derive_deadlines().values()
        stored = ticket.complaint_deadline_ids.sorted("occurrence")
        self.assertEqual(
            [(d.state, d.due_at, d.breached_at, d.finished_at) for d in derived],
            [
                (d.state, d.due_at, d.breached_at or None, d.finished_at or None)
                for d in stored
            ],
        )

    def test_accepted_complaint_climbs_and_stops_when_answered(self):
        """R245, R323: accepted, missed, escalated, answered: no level more."""
        self._levels(
            self.line,
            ("before_due", 4, "handler"),
            ("after_due", 0, "team_leader"),
            ("after_due", 24, "general_manager"),
        )
        start = NOW()
        ticket = self._accept()
        deadline = ticket.complaint_deadline_ids
        self.assertEqual(deadline.next_alarm_at, deadline.due_at - timedelta(hours=4))
        with freeze_time(start + timedelta(hours=25)):
            self._sweep()
            levels = deadline.escalation_ids.mapped("level")
            self.assertEqual(sorted(levels), [1, 2])
            self._assert_stored_is_derived(ticket)
        with freeze_time(start + timedelta(hours=30)):
            ticket._complaint_event("acknowledged")
            self._assert_stored_is_derived(ticket)
            self.assertFalse(deadline.next_alarm_at)
            self.assertFalse(self._activities(ticket))
        with freeze_time(start + timedelta(hours=60)):
            self._sweep()
        self.assertEqual(len(deadline.escalation_ids), 2)

    def test_breach_is_noted_without_any_level(self):
        """R241: met or missed is right although no event happened."""
        start = NOW()
        ticket = self._accept()
        with freeze_time(start + timedelta(hours=24, seconds=2)):
            self._sweep()
            self.assertEqual(ticket.complaint_deadline_ids.state, "missed")
            self._assert_stored_is_derived(ticket)

    def test_daily_line_goes_on_and_each_day_escalates(self):
        """R315: a missed 17:00 is escalated, and the next day has its own."""
        self.line.write({"unit": "wall_clock", "at_time": 17, "amount": 1})
        self.line.recurrence = "daily"
        self._levels(
            self.line, ("after_due", 0, "handler"), ("after_due", 2, "team_leader")
        )
        start = NOW()
        ticket = self._accept()
        for day in range(1, 4):
            with freeze_time(start + timedelta(days=day, minutes=1)):
                self._sweep()
                self._sweep()
                self._assert_stored_is_derived(ticket)
        days = ticket.complaint_deadline_ids.sorted("occurrence")
        self.assertEqual(len(days), 4)
        with freeze_time(days[2].due_at + timedelta(hours=3)):
            self._sweep()
        levels = [sorted(day.escalation_ids.mapped("level")) for day in days]
        self.assertEqual(levels, [[1, 2], [1, 2], [1, 2], []])

    def test_escalation_starts_the_clock_of_the_instruction(self):
        """R324: the written instruction has a limit from the escalation on."""
        self._levels(self.line, ("after_due", 0, "department_manager"))
        event = "helpdesk_mgmt_complaint.event_type_"
        instruction = self._create_line(
            name="Written instruction",
            start_type_id=self.env.ref(f"{event}escalated").id,
            target_type_ids=[Command.set(self.env.ref(f"{event}opinion_signed").ids)],
            amount=4,
        )
        start = NOW()
        ticket = self._accept()
        with freeze_time(start + timedelta(hours=25)):
            self._sweep()
        found = ticket.complaint_deadline_ids.filtered(
            lambda d: d.line_id == instruction
        )
        self.assertEqual(found.state, "running")
        self.assertTrue(found.next_alarm_at)

    def test_working_time_levels_follow_the_calendar(self):
        """R458: two working hours before, over a weekend and a lunch break."""
        self._levels(
            self.line,
            {
                "moment": "before_due",
                "amount": 2,
                "unit": "working_hour",
                "role": "handler",
            },
        )
        with freeze_time("2026-07-02 00:00:00"):  # a Thursday
            ticket = self._accept()
            deadline = ticket.complaint_deadline_ids
            calendar = ticket._complaint_get_calendar("default")
            expected = calendar.plan_hours(
                -2, deadline.due_at.replace(tzinfo=timezone.utc), compute_leaves=True
            )
            self.assertEqual(
                deadline.next_alarm_at,
                expected.astimezone(timezone.utc).replace(tzinfo=None),
            )
