# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common_eightd import EightdCommon


@tagged("post_install", "-at_install")
class TestEightdRequest(EightdCommon):
    """R347, R421: sales asks, its manager agrees, quality gets it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.role = cls.env.ref("helpdesk_mgmt_complaint.role_business_manager")
        cls.role.assignment_ids.unlink()
        cls.user_boss = new_test_user(cls.env, "complaint_boss")
        cls.user_deputy = new_test_user(cls.env, "complaint_deputy")
        cls.assignment = cls.env["complaint.role.assignment"].create(
            {
                "role_id": cls.role.id,
                "user_id": cls.user_boss.id,
                "deputy_id": cls.user_deputy.id,
            }
        )
        cls.ticket = cls._create_complaint()
        cls.ticket.with_user(cls.user_handler).action_complaint_accept()

    def _request(self, user=None):
        """Ask for an 8D by the button of the complaint."""
        user = user or self.user_handler
        ticket = self.ticket.with_user(user)
        action = ticket.action_complaint_eightd()
        wizard = (
            self.env["complaint.eightd.open"]
            .with_user(user)
            .with_context(**action["context"])
            .create({})
        )
        result = wizard.action_confirm()
        return self.env["complaint.eightd"].browse(result["res_id"])

    def _received(self):
        return self.ticket.sudo().complaint_event_ids.filtered(
            lambda e: e.code == "eightd_received"
        )

    def test_manager_approves(self):
        """R347: no number and no clock before; then quality has it."""
        eightd = self._request()
        self.assertEqual(eightd.state, "requested")
        self.assertFalse(eightd.number)
        self.assertFalse(self._received())
        self.assertEqual(self.ticket.complaint_eightd_id, eightd)
        eightd.with_user(self.user_boss).action_approve()
        self.assertRecordValues(
            eightd, [{"state": "open", "approved_by_id": self.user_boss.id}]
        )
        self.assertTrue(eightd.number)
        self.assertEqual(len(self._received()), 1)
        self.assertEqual(self._received().user_id, self.user_boss)
        self.assertTrue(eightd.link_ids.received_at)

    def test_deputy_approves_once(self):
        """R347: the deputy counts; a second decision is told so."""
        eightd = self._request()
        eightd.with_user(self.user_deputy).action_approve()
        with self.assertRaisesRegex(UserError, "does not wait"):
            eightd.with_user(self.user_boss).action_approve()
        with self.assertRaisesRegex(UserError, "does not wait"):
            eightd.with_user(self.user_boss).action_refuse("Too late")

    def test_department_manager_approves(self):
        """R347: where nobody holds the role, the manager of the department."""
        self.assignment.unlink()
        with self.assertRaisesRegex(UserError, "Nobody can approve"):
            self._request()
        boss = self.env["hr.employee"].create(
            {"name": "Boss", "user_id": self.user_boss.id}
        )
        department = self.env["hr.department"].create(
            {"name": "Sales", "manager_id": boss.id}
        )
        self.env["hr.employee"].create(
            {
                "name": "Handler",
                "user_id": self.user_handler.id,
                "department_id": department.id,
            }
        )
        eightd = self._request()
        self.assertEqual(eightd.approver_ids, self.user_boss)
        eightd.with_user(self.user_boss).action_approve()
        self.assertEqual(eightd.state, "open")

    def test_refused_with_reason(self):
        """R347: the complaint is free again, the reason stays."""
        eightd = self._request()
        with self.assertRaisesRegex(UserError, "Write the reason"):
            eightd.with_user(self.user_boss).action_refuse("")
        eightd.with_user(self.user_boss).action_refuse("客户误用")
        self.assertRecordValues(
            eightd, [{"state": "cancelled", "end_reason": "客户误用"}]
        )
        self.assertFalse(self.ticket.complaint_eightd_id)
        self.assertEqual(self._request().state, "requested")

    def test_nobody_else_approves(self):
        """R347: not who asks, not quality, not by RPC."""
        eightd = self._request()
        for user in (self.user_handler, self.user_quality):
            with self.assertRaisesRegex(UserError, "Only complaint_boss"):
                eightd.with_user(user).action_approve()
            for vals in (
                {"state": "open"},
                {"approver_ids": [Command.link(user.id)]},
                {"approved_by_id": user.id},
                {"number": "8D-1"},
                {"requested_by_id": self.user_boss.id},
            ):
                with self.assertRaisesRegex(UserError, "follow from the buttons"):
                    eightd.with_user(user).write(vals)
        for user in (self.user_register, self.portal_user, self.user_handler_b):
            with self.assertRaises(AccessError):
                eightd.with_user(user).action_approve()

    def test_forged_creation(self):
        """R347: what a handler says of state and approval is not heard."""
        eightd = (
            self.env["complaint.eightd"]
            .with_user(self.user_handler)
            .with_context(default_state="open", default_number="8D-9")
            .create(
                {
                    "name": "Forged",
                    "state": "open",
                    "number": "8D-77",
                    "approved_by_id": self.user_boss.id,
                    "approver_ids": [Command.link(self.user_handler.id)],
                }
            )
        )
        self.assertRecordValues(
            eightd, [{"state": "requested", "number": False, "approved_by_id": False}]
        )
        self.assertEqual(eightd.approver_ids, self.user_boss | self.user_deputy)

    def test_manager_himself_asks(self):
        """R347: his own request needs nobody else."""
        self.user_boss.group_ids |= self.env.ref(
            "helpdesk_mgmt_complaint.group_complaint_handler"
        )
        eightd = self._request(self.user_boss)
        self.assertRecordValues(
            eightd, [{"state": "open", "approved_by_id": self.user_boss.id}]
        )

    def test_not_approved_is_not_worked_on(self):
        """R347: disciplines wait for the approval."""
        eightd = self._request()
        self._fill("d0", eightd.with_user(self.user_handler))
        row = self._discipline("d0", eightd).with_user(self.user_handler)
        with self.assertRaisesRegex(UserError, "not approved yet"):
            row.action_done()

    def test_quality_opens_directly(self):
        """R421: the other start: received at once."""
        eightd = self._request(self.user_quality)
        self.assertEqual(eightd.state, "open")
        self.assertTrue(eightd.number)
        self.assertEqual(self._received().user_id, self.user_quality)

    def test_changed_manager_is_asked(self):
        """R347: who left is replaced by asking again."""
        eightd = self._request()
        self.assignment.write({"user_id": self.user_manager.id, "deputy_id": False})
        eightd.with_user(self.user_handler).action_ask_again()
        self.assertEqual(eightd.approver_ids, self.user_manager)
