# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import base64
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .common_eightd import EightdCommon

_CLOSED = "mgmtsystem_action.stage_close"
_CANCELLED = "mgmtsystem_action.stage_cancel"


class ActionCommon(EightdCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_owner = new_test_user(
            cls.env, "complaint_owner", email="owner@example.com"
        )
        cls.actions = cls.env["mgmtsystem.action"].with_user(cls.user_member)

    @classmethod
    def _create_action(cls, name="Heat the mould", **vals):
        return cls.actions.create(
            {"name": name, "complaint_eightd_id": cls.eightd.id, **vals}
        )

    def _implement(self, action, user=None):
        action = action.with_user(user or self.user_member)
        action.complaint_implementation = "模温机设定为 60 °C"
        action.action_complaint_implemented()

    def _verify(self, action, user=None, effect="effective"):
        action = action.with_user(user or self.user_quality)
        action.complaint_verification = "0 of 500 parts"
        getattr(action, f"action_complaint_{effect}")()


@tagged("post_install", "-at_install")
class TestEightdActions(ActionCommon):
    """R430: person, due date, state, record of who did it, verification."""

    def test_types_follow_the_disciplines_and_stay_apart(self):
        """R422, R423, R425: containment, corrective, preventive."""
        kinds = {"d3": "immediate", "d5": "correction", "d6": "correction"}
        for discipline, kind in {**kinds, "d7": "prevention"}.items():
            action = self._create_action(complaint_discipline=discipline)
            self.assertEqual(action.type_action, kind)
        self.assertEqual(
            self._create_action(type_action="prevention").complaint_discipline, "d7"
        )
        self.assertEqual(self._create_action().complaint_discipline, "d5")
        with self.assertRaisesRegex(ValidationError, "of the type"):
            action.type_action = "correction"
        with self.assertRaisesRegex(ValidationError, "of the type"):
            self._create_action(complaint_discipline="d5", type_action="prevention")

    def test_form_changes_the_type_with_the_discipline(self):
        """R425: as a member of the team without rights on the management system."""
        with Form(self._create_action()) as form:
            form.complaint_discipline = "d7"
            self.assertEqual(form.type_action, "prevention")

    def test_pages_of_the_8d_plan_and_prevent(self):
        """R423, R425: rows added on D5 and D7 are of the right type."""
        with Form(self.eightd.with_user(self.user_quality)) as form:
            with form.cause_ids.new() as cause:
                cause.name = "模具温度过低"
            with form.plan_action_ids.new() as action:
                action.name = "Heat the mould"
                action.user_id = self.user_owner
            with form.preventive_action_ids.new() as action:
                action.name = "Alarm of the heater"
        self.assertRecordValues(
            self.eightd.action_ids.sorted("id"),
            [
                {"complaint_discipline": "d5", "type_action": "correction"},
                {"complaint_discipline": "d7", "type_action": "prevention"},
            ],
        )
        self.assertEqual(self.eightd.cause_ids.outline, "O1")

    def test_implementer_writes_the_record_and_another_one_verifies(self):
        """R430: 由执行人员记录."""
        action = self._create_action()
        with self.assertRaisesRegex(UserError, "record of implementation"):
            action.action_complaint_implemented()
        self._implement(action)
        self.assertEqual(action.complaint_implemented_by_id, self.user_member)
        self.assertTrue(action.complaint_implemented_at)
        self.assertEqual(action.stage_id, self.env.ref("mgmtsystem_action.stage_open"))
        self.assertFalse(action._complaint_is_done())
        action.complaint_verification = "0 of 500"
        with self.assertRaisesRegex(UserError, "somebody other"):
            action.action_complaint_effective()
        action.with_user(self.user_quality).complaint_verification = " "
        with self.assertRaisesRegex(UserError, "how the effect"):
            action.with_user(self.user_quality).action_complaint_effective()
        self._verify(action)
        self.assertEqual(action.complaint_verified_by_id, self.user_quality)
        self.assertTrue(action._complaint_is_done())
        self.assertEqual(action.stage_id, self.env.ref(_CLOSED))
        self.assertTrue(action.date_closed)

    def test_what_was_reported_cannot_be_written_again(self):
        """R430: by RPC neither stamps nor the record."""
        action = self._create_action()
        for name, value in (
            ("complaint_implemented_by_id", self.user_quality.id),
            ("complaint_implemented_at", "2026-07-01 08:00:00"),
            ("complaint_effect", "effective"),
            ("complaint_verified_by_id", self.user_quality.id),
        ):
            with self.assertRaisesRegex(UserError, "Use the buttons"):
                action.with_user(self.user_quality).write({name: value})
            with self.assertRaisesRegex(UserError, "Use the buttons"):
                self._create_action(**{name: value})
        self._implement(action)
        with self.assertRaisesRegex(UserError, "stays as it is"):
            action.complaint_implementation = "Something else"
        with self.assertRaisesRegex(UserError, "stays as it is"):
            action.write({"complaint_implemented_by_id": False})
        with self.assertRaisesRegex(UserError, "already"):
            action.action_complaint_implemented()
        self._verify(action)
        for vals in ({"complaint_verification": "x"}, {"complaint_choice": "rejected"}):
            with self.assertRaisesRegex(UserError, "stays as it is"):
                action.with_user(self.user_quality).write(vals)
        with self.assertRaisesRegex(UserError, "does not wait"):
            action.with_user(self.user_quality).action_complaint_not_effective()

    def test_action_that_does_not_work_is_done_again(self):
        """R434: it stays on the list until the effect is confirmed."""
        action = self._create_action()
        self._implement(action)
        self._verify(action, effect="not_effective")
        self.assertFalse(action._complaint_is_done())
        self.assertFalse(action.stage_id.is_ending)
        self._implement(action)
        self.assertFalse(action.complaint_effect)
        self._verify(action)
        self.assertTrue(action._complaint_is_done())

    def test_earlier_day_of_implementation_is_kept(self):
        action = self._create_action(complaint_done_on="2026-07-01")
        self._implement(action)
        self.assertEqual(str(action.complaint_implemented_at), "2026-07-01 12:00:00")
        tomorrow = fields.Date.today() + timedelta(days=2)
        action = self._create_action(complaint_done_on=tomorrow)
        with self.assertRaisesRegex(UserError, "future"):
            self._implement(action)

    def test_board_closes_nothing_without_record_and_verification(self):
        """R430: a drag on the board meets the same wall as a button."""
        action = self._create_action()
        board = action.with_user(self.user_quality)
        self.user_quality.group_ids += self.env.ref(
            "mgmtsystem.group_mgmtsystem_manager"
        )
        for name in (_CLOSED, _CANCELLED):
            with self.assertRaisesRegex(ValidationError, "belongs to an 8D"):
                board.stage_id = self.env.ref(name)
        board.case_open()
        self._implement(action)
        with self.assertRaisesRegex(ValidationError, "belongs to an 8D"):
            board.stage_id = self.env.ref(_CLOSED)
        self._verify(action)
        with self.assertRaisesRegex(ValidationError, "stays closed"):
            board.stage_id = self.env.ref("mgmtsystem_action.stage_open")

    def test_candidate_not_chosen_is_cancelled_and_may_come_back(self):
        action = self._create_action(complaint_choice="candidate")
        with self.assertRaisesRegex(UserError, "not selected"):
            self._implement(action)
        action.complaint_choice = "rejected"
        self.assertEqual(action.stage_id, self.env.ref(_CANCELLED))
        self.assertTrue(action._complaint_is_done())
        self.assertFalse(action._complaint_is_tracked())
        action.complaint_choice = "selected"
        self.assertFalse(action.stage_id.is_ending)

    def test_gate_cannot_be_passed_by_archive_move_or_delete(self):
        """R430: what is to be done does not disappear."""
        action = self._create_action()
        other = self._create_eightd(self._create_complaint())
        for vals in ({"active": False}, {"complaint_eightd_id": other.id}):
            with self.assertRaises(UserError):
                action.write(vals)
        with self.assertRaises(UserError):
            action.complaint_eightd_id = False
        with self.assertRaises(AccessError):
            action.unlink()
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            action.sudo().unlink()

    def test_closed_8d_gets_no_action(self):
        action = self._create_action()
        self.eightd.sudo().state = "done"
        with self.assertRaisesRegex(UserError, "closed"):
            action.name = "Something else"
        with self.assertRaisesRegex(UserError, "closed"):
            self._create_action()

    def test_cause_and_company_are_those_of_the_8d(self):
        other = self._create_eightd(self._create_complaint())
        cause = self.env["complaint.eightd.cause"].create(
            {"eightd_id": other.id, "name": "Elsewhere"}
        )
        with self.assertRaisesRegex(ValidationError, "another 8D"):
            self._create_action(complaint_cause_id=cause.id)
        with self.assertRaisesRegex(ValidationError, "different companies"):
            self._create_action().sudo().company_id = self.company_b
        with self.assertRaisesRegex(ValidationError, "one of our people"):
            self._create_action(user_id=self.portal_user.id)

    def test_training_names_the_persons_or_has_its_record(self):
        """R440: internal training as an action, with its record."""
        action = self._create_action(
            complaint_discipline="d7", complaint_is_training=True
        )
        with self.assertRaisesRegex(UserError, "who was trained"):
            self._implement(action)
        file = self.env["ir.attachment"].with_user(self.user_member)
        file = file.create({"name": "签到表.pdf", "datas": base64.b64encode(b"x")})
        action.complaint_attachment_ids = file
        self.assertEqual((file.res_model, file.res_id), (action._name, action.id))
        self._implement(action)
        second = self._create_action(
            complaint_is_training=True, complaint_training_persons="Li Wei, 王芳"
        )
        self._implement(second)
        self.assertTrue(second.complaint_implemented_by_id)

    def test_external_party_gets_the_documents_first(self):
        """R443: 传递给责任方."""
        action = self._create_action(complaint_partner_id=self.other_customer.id)
        with self.assertRaisesRegex(UserError, "documents"):
            self._implement(action)
        action.complaint_passed_at = "2026-07-01"
        self._implement(action)
        self.assertTrue(action.complaint_implemented_by_id)

    def test_only_quality_exempts_for_human_negligence_with_a_reason(self):
        """R174: 人为疏忽免列案追踪."""
        action = self._create_action()
        exempt = {"complaint_tracking_exempt": True, "complaint_exempt_reason": "疏忽"}
        with self.assertRaisesRegex(UserError, "Only quality"):
            action.write(exempt)
        with self.assertRaisesRegex(UserError, "Only quality"):
            self._create_action(**exempt)
        quality = action.with_user(self.user_quality)
        with self.assertRaisesRegex(ValidationError, "why it is exempt"):
            quality.complaint_tracking_exempt = True
        causes = self.env["complaint.eightd.cause"].with_user(self.user_member)
        cause = causes.create(
            {"eightd_id": self.eightd.id, "name": "Cold", "branch": "machine"}
        )
        action.complaint_cause_id = cause
        with self.assertRaisesRegex(ValidationError, "human negligence"):
            quality.write(exempt)
        action.complaint_cause_id = False
        quality.write(exempt)
        self.assertEqual(action.complaint_exempt_by_id, self.user_quality)
        self.assertFalse(action._complaint_is_tracked())
        self._implement(action)
        self.assertTrue(action._complaint_is_done())
        self.assertEqual(action.stage_id, self.env.ref(_CLOSED))

    def test_tracking_list_has_all_others_until_the_effect_is_confirmed(self):
        """R434: except when judged human negligence."""
        open_one, exempt, done = (self._create_action(name) for name in "abc")
        self._create_action("d", complaint_choice="candidate")
        exempt.with_user(self.user_quality).write(
            {"complaint_tracking_exempt": True, "complaint_exempt_reason": "Slip"}
        )
        self._implement(done)
        domain = self.actions._get_complaint_tracking_domain()
        domain += [("complaint_eightd_id", "=", self.eightd.id)]
        self.assertEqual(self.actions.search(domain), done | open_one)
        self._verify(done)
        self.assertEqual(self.actions.search(domain), open_one)
        self.assertTrue(open_one._complaint_is_tracked())
        self.assertFalse(exempt._complaint_is_tracked())

    def test_menu_shows_what_the_domain_says(self):
        """R434: filter of the menu and domain of the code are the same."""
        arch = self.env.ref("helpdesk_mgmt_complaint.view_mgmtsystem_action_filter")
        for term in self.actions._get_complaint_tracking_domain():
            self.assertIn(str(term), arch.arch)

    def test_owner_is_told_once_by_a_queued_mail(self):
        """R430: not at once, not for imports, not twice, not for candidates."""
        mails = self.env["mail.mail"].sudo()
        before = mails.search([])
        action = self._create_action(user_id=self.user_owner.id)
        mail = mails.search([]) - before
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual(mail.recipient_ids, self.user_owner.partner_id)
        action.name = "Renamed"
        candidate = self._create_action(
            user_id=self.user_owner.id, complaint_choice="candidate"
        )
        self.actions.with_context(import_file=True).create(
            {
                "name": "Imported",
                "complaint_eightd_id": self.eightd.id,
                "user_id": self.user_owner.id,
            }
        )
        self._create_action("My own")
        self.assertEqual(mails.search([]) - before, mail)
        candidate.complaint_choice = "selected"
        self.assertEqual(len(mails.search([]) - before), 2)

    def test_reminder_of_the_addon_reaches_the_owner(self):
        """R430: its mail ten days before had no recipient."""
        due = fields.Date.today() + timedelta(days=10)
        self._create_action(user_id=self.user_owner.id, date_deadline=due)
        mails = self.env["mail.mail"].sudo()
        before = mails.search([])
        self.env["mgmtsystem.action"].process_reminder_queue()
        mail = (mails.search([]) - before).filtered(
            lambda m: self.user_owner.partner_id in m.recipient_ids
        )
        self.assertEqual(mail.state, "outgoing")

    def test_to_do_follows_due_date_owner_and_state(self):
        """R430: a due date moved moves the to-do, done clears it."""
        action = self._create_action(
            user_id=self.user_owner.id, date_deadline="2030-01-10"
        )
        activity = action.sudo().activity_ids
        self.assertEqual(activity.user_id, self.user_owner)
        self.assertEqual(str(activity.date_deadline), "2030-01-10")
        action.date_deadline = "2030-02-01"
        self.assertEqual(action.sudo().activity_ids, activity)
        self.assertEqual(str(activity.date_deadline), "2030-02-01")
        self._implement(action, self.user_owner)
        activity = action.sudo().activity_ids
        self.assertEqual(activity.user_id, self.user_quality)
        self.assertIn("Verify", activity.summary)
        self._verify(action)
        self.assertFalse(action.sudo().activity_ids)

    def test_days_are_counted_forwards(self):
        """R430: the addon counts them backwards."""
        action = self._create_action()
        action.flush_recordset()
        self.env.cr.execute(
            "UPDATE mgmtsystem_action SET create_date = create_date - interval "
            "'5 days' WHERE id = %s",
            (action.id,),
        )
        action.invalidate_recordset()
        self._implement(action)
        self.assertEqual(action.number_of_days_to_open, 5)

    def test_rows_for_prints_are_plain_values(self):
        action = self._create_action(date_deadline="2026-08-01")
        self._implement(action)
        self._create_action(complaint_discipline="d7")
        [row] = self.eightd._get_action_rows(("d5", "d6"))
        self.assertEqual(row["implemented_by"], self.user_member.name)
        self.assertEqual(str(row["due"]), "2026-08-01")
        self.assertFalse(row["is_done"])
        for value in row.values():
            self.assertNotIsInstance(value, type(action))
