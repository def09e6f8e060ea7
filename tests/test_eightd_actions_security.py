# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .test_eightd_actions import ActionCommon

_CLOSED = "mgmtsystem_action.stage_close"


@tagged("post_install", "-at_install")
class TestEightdActionsSecurity(ActionCommon):
    """R520, R524: actions of an 8D for its people, nothing else opens up."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_viewer, cls.user_mgmt = (
            new_test_user(cls.env, f"complaint_{name}", groups=f"mgmtsystem.{group}")
            for name, group in (
                ("mgmt_viewer", "group_mgmtsystem_viewer"),
                ("mgmt_manager", "group_mgmtsystem_manager"),
            )
        )
        cls.action = cls._create_action(user_id=cls.user_owner.id)
        cls.plain = cls.env["mgmtsystem.action"].create(
            {"name": "Audit", "type_action": "improvement", "user_id": cls.env.uid}
        )

    def _reads(self, record, user):
        return bool(record.with_user(user)._filtered_access("read"))

    def _writes(self, record, user):
        return bool(record.with_user(user)._filtered_access("write"))

    def test_who_reads_and_writes_an_action_of_an_8d(self):
        """R520: team, owner, quality; supervisors read."""
        expected = {
            self.user_member: (True, True),
            self.user_owner: (True, True),
            self.user_quality: (True, True),
            self.user_supervisor: (True, False),
            self.user_handler: (False, False),
            self.user_register: (False, False),
            self.user_helpdesk: (False, False),
            self.user_helpdesk_manager: (False, False),
            self.user_viewer: (False, False),
            self.user_mgmt: (False, False),
            self.user_handler_b: (False, False),
            self.portal_user: (False, False),
        }
        for user, rights in expected.items():
            with self.subTest(user=user.login):
                found = (
                    self._reads(self.action, user),
                    self._writes(self.action, user),
                )
                self.assertEqual(found, rights)

    def test_plain_actions_stay_with_the_management_system(self):
        """R524: employees got no right on them, its groups lost none."""
        for user in (
            self.user_member,
            self.user_owner,
            self.user_quality,
            self.user_manager,
            self.user_helpdesk,
            self.portal_user,
        ):
            with self.subTest(user=user.login):
                self.assertFalse(self._reads(self.plain, user))
                self.assertFalse(self._writes(self.plain, user))
                with self.assertRaises(AccessError):
                    self.actions.with_user(user).create(
                        {"name": "x", "type_action": "improvement"}
                    )
        self.assertTrue(self._reads(self.plain, self.user_viewer))
        self.assertFalse(self._writes(self.plain, self.user_viewer))
        with self.assertRaises(AccessError):
            self.actions.with_user(self.user_viewer).create(
                {"name": "x", "type_action": "improvement"}
            )
        self.assertTrue(self._writes(self.plain, self.user_mgmt))
        own = self.actions.with_user(self.user_mgmt).create(
            {"name": "x", "type_action": "improvement"}
        )
        own.stage_id = self.env.ref(_CLOSED)
        self.assertTrue(own.date_closed)

    def test_nothing_else_of_the_management_system_opens_up(self):
        """R524: what a member of a team can read there."""
        models = self.env["ir.model"].search([("model", "=like", "mgmtsystem%")])
        found = {
            model.model
            for model in models
            if self.env[model.model].with_user(self.user_member).has_access("read")
        }
        self.assertEqual(found, {"mgmtsystem.action", "mgmtsystem.action.stage"})

    def test_owner_outside_the_team_fills_in_his_action_only(self):
        """R430: 执行人员; the 8D stays closed to him."""
        action = self.action.with_user(self.user_owner)
        with self.assertRaises(AccessError):
            self.eightd.with_user(self.user_owner).read(["name"])
        for vals in (
            {"name": "Easier"},
            {"date_deadline": "2035-01-01"},
            {"user_id": self.user_member.id},
            {"complaint_choice": "rejected"},
        ):
            with self.assertRaisesRegex(UserError, "Only the team"):
                action.write(vals)
        with Form(action) as form:
            form.complaint_implementation = "Done at the machine"
        action.action_complaint_implemented()
        self.assertEqual(self.action.complaint_implemented_by_id, self.user_owner)
        with self.assertRaises(AccessError):
            action.action_complaint_effective()
        [row] = action.web_read({"complaint_eightd_id": {"fields": {}}})
        self.assertTrue(row["complaint_eightd_id"])

    def test_nobody_makes_himself_an_action_to_get_into_an_8d(self):
        """R520: create needs the right to write the 8D."""
        vals = {
            "name": "x",
            "complaint_eightd_id": self.eightd.id,
            "user_id": self.user_register.id,
        }
        for user in (self.user_register, self.user_mgmt, self.user_supervisor):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.actions.with_user(user).create({**vals, "user_id": user.id})
        plain = self.plain.with_user(self.user_mgmt)
        with self.assertRaises(AccessError):
            plain.write(
                {
                    "complaint_eightd_id": self.eightd.id,
                    "complaint_discipline": "d7",
                    "user_id": self.user_mgmt.id,
                }
            )

    def test_recused_owner_is_out(self):
        """R519: whatever was assigned to him."""
        self.complaint.sudo().complaint_recused_extra_ids = [
            Command.link(self.user_owner.id)
        ]
        self.assertFalse(self._reads(self.action, self.user_owner))
        self.assertFalse(self._writes(self.action, self.user_owner))

    def test_member_who_only_reads_changes_no_action(self):
        self.eightd.member_ids.filtered("user_id").may_write = False
        self.assertTrue(self._reads(self.action, self.user_member))
        self.assertFalse(self._writes(self.action, self.user_member))

    def test_screens_open_for_a_member_and_for_the_management_system(self):
        """R430: forms, lists and searches without rights on the rest."""
        for user in (self.user_member, self.user_owner, self.user_mgmt):
            views = self.actions.with_user(user).get_views(
                [(False, "form"), (False, "list"), (False, "search"), (False, "kanban")]
            )
            fields_read = views["models"]["mgmtsystem.action"]["fields"]
            self.assertIn("complaint_eightd_id", fields_read)
        # lots need rights on stock
        Form(self.eightd.with_user(self.user_quality))
        Form(self.plain.with_user(self.user_mgmt))
