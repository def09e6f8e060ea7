# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import base64
from datetime import datetime, timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import get_public_method
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common_duty import WEDNESDAY, DutyCommon

LATE = datetime(2026, 8, 3)


class DutyResultCommon(DutyCommon):
    """One duty with an open period, an employee who has nothing to do with it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = new_test_user(cls.env, "duty_stranger", groups="base.group_user")

    def setUp(self):
        super().setUp()
        self.duty = self._create_duty()
        self.row = self._rows(self.duty)
        self.results = self.env["complaint.duty.result"]

    def _file(self, user, **vals):
        return (
            self.env["ir.attachment"]
            .with_user(user)
            .create(
                {
                    "name": "minutes.txt",
                    "datas": base64.b64encode(b"minutes"),
                    "res_model": "complaint.duty.result",
                    **vals,
                }
            )
        )


@tagged("post_install", "-at_install")
class TestDutyResults(DutyResultCommon):
    """What is entered counts once, from the moment it was entered."""

    def test_result_in_time_meets_the_period(self):
        """R322: stored with who, when, what; no reminder any more."""
        self.now.tick(timedelta(days=1))
        result = self._enter(self.row)
        self.assertEqual(self.row.state, "met")
        now = WEDNESDAY + timedelta(days=1)
        self.assertEqual((self.row.reached_at, self.row.finished_at), (now, now))
        self.assertEqual((result.entered_at, result.done_at), (now, now))
        self.assertEqual(result.user_id, self.owner)
        self.assertEqual(result.duty_id, self.duty)
        self._run(LATE)
        self.assertFalse(self.row.escalation_ids)
        self.assertFalse(self.row.next_alarm_at)

    def test_last_second_is_in_time_and_the_next_one_late(self):
        """R322: whether or not the scheduler has noticed."""
        for seconds, state in ((0, "met"), (1, "missed")):
            row = self._rows(self._create_duty(name=f"Late {seconds}"))
            self.now.move_to(row.due_at + timedelta(seconds=seconds))
            self._enter(row)
            self.assertEqual(row.state, state)
            self.assertEqual(bool(row.breached_at), bool(seconds))
            self.now.move_to(WEDNESDAY)

    def test_a_miss_stays_a_miss(self):
        """R322: a late result ends the escalation, not the miss."""
        self._run(LATE)
        self.assertEqual(self.row.state, "missed")
        self._enter(self.row)
        self.assertEqual(self.row.state, "missed")
        self.assertEqual(self.row.breached_at, self.row.due_at)
        self.assertEqual(self.row.reached_at, LATE)
        self.assertAlmostEqual(self.row.days_late, 2.33, 1)
        self.assertFalse(self._todos(self.duty))
        with self.assertRaisesRegex(UserError, "evidence"):
            self.row.sudo().state = "met"

    def test_result_is_entered_once(self):
        """R322: not a second time, by nobody."""
        self._enter(self.row)
        for user in (self.owner, self.user_manager):
            with self.assertRaisesRegex(UserError, "ended already"):
                self._enter(self.row, user)

    def test_two_results_at_the_same_moment(self):
        """R322: the second one fails as a whole."""
        with (
            self.assertRaises(Exception),  # noqa: B017  # constraint or check
            mute_logger("odoo.sql_db"),
        ):
            self.results.with_user(self.owner).create(
                [{"deadline_id": self.row.id, "text": text} for text in ("a", "b")]
            )
        self.assertFalse(self._rows(self.duty).result_ids)

    def test_result_is_never_changed_or_deleted(self):
        """R322: append-only, also for the manager and the system."""
        result = self._enter(self.row)
        for user in (self.owner, self.user_manager, self.env.ref("base.user_root")):
            with self.assertRaises(UserError):
                result.with_user(user).write({"text": "other"})
            with self.assertRaises(UserError):
                result.with_user(user).unlink()
        with self.assertRaisesRegex(UserError, "evidence"):
            result.sudo().text = "other"

    def test_ordinary_users_do_not_backdate(self):
        """R322: neither the work, nor the entry, nor the name."""
        yesterday = WEDNESDAY - timedelta(days=1)
        with self.assertRaisesRegex(UserError, "another time"):
            self._enter(self.row, done_at=yesterday)
        with self.assertRaisesRegex(UserError, "another time"):
            self._enter(self.row, self.owner, done_at=WEDNESDAY + timedelta(days=1))
        results = self.results.with_user(self.owner).with_context(
            default_done_at=yesterday,
            default_entered_at=yesterday,
            default_user_id=self.user_manager.id,
        )
        result = results.create(
            {
                "deadline_id": self.row.id,
                "text": "x",
                "entered_at": yesterday,
                "user_id": self.user_manager.id,
                "duty_id": self._create_duty().id,
            }
        )
        self.assertEqual(result.done_at, WEDNESDAY)
        self.assertEqual(result.entered_at, WEDNESDAY)
        self.assertEqual(result.user_id, self.owner)
        self.assertEqual(result.duty_id, self.duty)

    def test_supervisor_tells_when_it_was_done_but_a_miss_stays(self):
        """R322: the date of the work is kept; late entered is late."""
        self._run(LATE)
        done_at = datetime(2026, 7, 30, 3)
        for wrong in (LATE + timedelta(days=1), datetime(2026, 6, 1)):
            with self.assertRaisesRegex(UserError, "Correct the time"):
                self._enter(self.row, self.user_supervisor, done_at=wrong)
        self._enter(self.row, self.user_supervisor, done_at=done_at)
        self.assertEqual((self.row.reached_at, self.row.state), (done_at, "missed"))

    def test_empty_result_is_refused(self):
        """R322: something must be written."""
        for text in ("", "  \n"):
            with self.assertRaisesRegex(UserError, "Write the result"):
                self._enter(self.row, text=text)

    def test_deadline_of_a_complaint_takes_no_result(self):
        """R322: only periods of duties."""
        for deadline_id in (self._deadline().id, False):
            with self.assertRaisesRegex(UserError, "recurring duty"):
                self.results.with_user(self.user_manager).create(
                    {"deadline_id": deadline_id, "text": "x"}
                )

    def test_waiver_needs_a_reason_and_a_supervisor(self):
        """R322: waived is neither met nor missed; what was breached stays so."""
        with self.assertRaisesRegex(UserError, "Only supervisors"):
            self._enter(self.row, kind="waived")
        with self.assertRaisesRegex(UserError, "Only supervisors"):
            self._enter(self.row, self.user_handler, kind="waived")
        with self.assertRaisesRegex(UserError, "Write the result"):
            self._enter(self.row, self.user_supervisor, kind="waived", text=" ")
        self._run(LATE)
        july, august = self._rows(self.duty)
        for row in (july, august):
            self._enter(row, self.user_supervisor, kind="waived", text="No cases")
            self.assertEqual((row.state, row.waive_reason), ("waived", "No cases"))
            self.assertFalse(row.reached_at)
        self.assertEqual(july.breached_at, july.due_at)
        self.assertFalse(august.breached_at)
        self._run(datetime(2026, 9, 20))
        self.assertFalse(august.escalation_ids)

    def test_files_are_kept_with_the_result(self):
        """R322: readable for who reads the result, unchangeable for all."""
        file = self._file(self.owner, public=True)
        result = self._enter(self.row, attachment_ids=[Command.set(file.ids)])
        self.assertEqual((file.res_id, file.public), (result.id, False))
        self.assertEqual(file.with_user(self.user_quality).raw, b"minutes")
        with self.assertRaises(AccessError):
            file.with_user(self.stranger).read(["raw"])
        for user in (self.owner, self.user_manager):
            with self.assertRaises(AccessError):
                file.with_user(user).raw = b"forged"
            with self.assertRaises(AccessError):
                file.with_user(user).unlink()

    def test_files_of_others_are_not_taken(self):
        """R520: a result is no way to somebody else's file."""
        foreign = self._file(self.user_quality)
        bound = self._file(self.owner)
        bound.sudo().write({"res_model": "complaint.duty", "res_id": self.duty.id})
        for file in (foreign, bound):
            with self.assertRaises(UserError):
                self._enter(self.row, attachment_ids=[Command.set(file.ids)])
        self.assertEqual(self.row.state, "running")

    def test_done_button_opens_the_form(self):
        """R322: period and kind are filled in, the text is asked for."""
        action = self.row.with_user(self.owner).action_duty_done()
        results = self.results.with_user(self.owner).with_context(**action["context"])
        with Form(results, action.get("view_id")) as form:
            self.assertEqual(form.deadline_id, self.row)
            form.text = "Report sent to the management"
        self.assertEqual(self.row.state, "met")
        action = self._rows(self._create_duty()).action_duty_waive()
        self.assertEqual(action["context"]["default_kind"], "waived")


@tagged("post_install", "-at_install")
class TestDutyRights(DutyResultCommon):
    """Managers set up, owners enter, complaint staff reads its own company."""

    def _models(self, user):
        return [
            self.duty.with_user(user),
            self.row.with_user(user),
            self.row.result_ids.with_user(user),
            self.row.escalation_ids.with_user(user),
        ]

    def _assert_visible(self, user, visible):
        for record in self._models(user):
            with self.subTest(model=record._name, user=user.login):
                self.assertTrue(record.ids)
                found = record.search([("id", "in", record.ids)])
                self.assertEqual(found.ids, record.ids if visible else [])

    def test_who_sees_a_duty_its_periods_and_results(self):
        """R520, R524: owner, who was told, complaint staff; nobody else."""
        self._run(LATE)
        self._enter(self.row)
        for user in (
            self.owner,
            self.user_handler,
            self.user_quality,
            self.user_supervisor,
            self.user_manager,
        ):
            self._assert_visible(user, True)
        for user in (
            self.stranger,
            self.user_register,
            self.user_helpdesk,
            self.user_helpdesk_manager,
            self.user_handler_b,
        ):
            self._assert_visible(user, False)
        for user in (self.portal_user, self.env.ref("base.public_user")):
            for record in self._models(user):
                with self.assertRaises(AccessError):
                    record.search([])

    def test_employee_who_was_told_sees_it(self):
        """R322: the mail leads to something that opens."""
        self.company.complaint_general_manager_id = self.stranger
        self._run(LATE)
        self.assertEqual(self.row.with_user(self.stranger).state, "missed")
        self.assertTrue(self.duty.with_user(self.stranger).name)
        with self.assertRaises(AccessError):
            self._enter(self.row, self.stranger)

    def test_new_owner_sees_and_enters_the_former_still_reads(self):
        """R322: what he did stays readable for him, new periods are not his."""
        self._enter(self.row)
        self.duty.owner_id = self.stranger
        self._run(LATE)
        august = self._rows(self.duty)[-1]
        self.assertEqual(self.row.with_user(self.owner).state, "met")
        self.assertTrue(self.row.result_ids.with_user(self.owner).text)
        with self.assertRaises(AccessError):
            august.with_user(self.owner).read(["state"])
        with self.assertRaises(AccessError):
            self._enter(august, self.owner)
        self._enter(august, self.stranger)

    def test_who_enters_results(self):
        """R524: owner, supervisor, manager; not who only reads."""
        for user in (self.stranger, self.user_handler, self.user_quality):
            with self.assertRaises(AccessError):
                self._enter(self.row, user)
        self.assertEqual(self.row.state, "running")
        self.assertFalse(self.row.with_user(self.user_handler).may_enter_result)
        self._enter(self.row, self.user_supervisor)

    def test_only_managers_set_up_duties(self):
        """R524: nobody else creates, edits, archives or deletes them."""
        for user in (self.owner, self.user_handler, self.user_supervisor):
            duty = self.duty.with_user(user)
            for call in (
                lambda duty=duty: duty.write({"active": False}),
                lambda duty=duty: duty.create({"name": "x"}),
                lambda duty=duty: duty.copy(),
                lambda duty=duty: duty.unlink(),
                lambda duty=duty: duty.escalation_ids.write({"amount": 1}),
                lambda duty=duty: duty._load_preset("M1", self.company),
            ):
                with self.assertRaises(AccessError):
                    call()
        self.duty.with_user(self.user_manager).day_of_month = 3

    def test_second_company_is_out_of_reach(self):
        """R524: neither read nor entered nor loaded into, by no role."""
        duty_b = self.duties.create(
            {"name": "B", "company_id": self.company_b.id, "owner_id": self.owner.id}
        )
        row_b = self._rows(duty_b)
        manager = self.user_manager
        self.assertFalse(duty_b.with_user(manager).search([("id", "=", duty_b.id)]))
        with self.assertRaises(AccessError):
            self._enter(row_b, manager)
        with self.assertRaises(AccessError):
            self._enter(row_b, self.owner)
        duties = self.duties.with_user(manager)
        with self.assertRaises(AccessError):
            duties.create({"name": "x", "company_id": self.company_b.id})
        with self.assertRaises(AccessError):
            duties._load_preset("GAS", self.company_b)
        level = duty_b.escalation_ids[0].with_user(manager)
        self.assertFalse(level.search([("id", "=", level.id)]))
        self.assertEqual(
            duty_b.with_user(self.user_handler_b).search([("id", "=", duty_b.id)]),
            duty_b,
        )

    def test_deadlines_are_not_forged_through_duties(self):
        """R524: periods are written by the engine only."""
        for user in (self.owner, self.user_manager):
            with self.assertRaises(AccessError):
                self.row.with_user(user).write({"state": "met"})
            with self.assertRaises(AccessError):
                self.duty.with_user(user).write(
                    {
                        "deadline_ids": [
                            Command.update(self.row.id, {"due_at": LATE}),
                        ]
                    }
                )
        for name in ("_load_preset", "_open_periods", "_open_all"):
            with self.assertRaises(AccessError):
                get_public_method(self.duties, name)
        with self.assertRaises(AccessError):
            get_public_method(self.deadlines, "_finish_by_result")

    def test_obligations_of_no_duty_stay_visible(self):
        """R318: deadlines without complaint and duty are for all, as before."""
        plain = self._deadline(self.env["helpdesk.ticket"])
        self.assertEqual(
            plain.with_user(self.stranger).search([("id", "=", plain.id)]), plain
        )
