# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common_eightd import EightdCommon


@tagged("post_install", "-at_install")
class TestEightdRegister(EightdCommon):
    """R425, R430: one nonconformity per 8D, kept in step."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_mgmt = new_test_user(
            cls.env,
            "complaint_mgmt_user",
            # its form shows procedures
            groups="mgmtsystem.group_mgmtsystem_manager,"
            "document_knowledge.group_document_user",
        )
        cls.entry = cls._get_entry(cls.eightd)

    @classmethod
    def _get_entry(cls, eightd):
        return cls.env["mgmtsystem.nonconformity"].search(
            [("complaint_eightd_id", "=", eightd.id)]
        )

    def _finish(self, *codes):
        """Mark disciplines as done, as the gates would."""
        for code in codes:
            row = self.eightd.discipline_ids.filtered(lambda d, c=code: d.code == c)
            if not row:
                row = self.env["complaint.eightd.discipline"].create(
                    {"eightd_id": self.eightd.id, "code": code}
                )
            row.sudo().state = "done"
        self.eightd._sync_register()

    def test_opening_an_8d_fills_the_register(self):
        """R425: no customer, no HTML, nothing required left out."""
        self.assertEqual(len(self.entry), 1)
        self.assertEqual(self.entry.partner_id, self.company.partner_id)
        self.assertEqual(self.entry.responsible_user_id, self.user_quality)
        self.assertEqual(self.entry.user_id, self.user_quality)
        self.assertEqual(self.entry.manager_user_id, self.user_quality)
        self.assertEqual(self.entry.description, self.eightd.name)
        self.assertEqual(self.entry.origin_ids.name, "Customer Complaint")
        self.assertEqual(self.entry.state, "analysis")
        self.assertEqual(self.entry.company_id, self.eightd.company_id)
        # nobody is told of a record that he cannot open
        self.assertFalse(self.entry.message_partner_ids)

    def test_no_name_of_a_customer_reaches_the_register(self):
        """R520: the 8D answers several customers."""
        self.env["complaint.eightd.link"].with_user(self.user_quality).create(
            {
                "eightd_id": self.eightd.id,
                "ticket_id": self._create_complaint(
                    partner_id=self.other_customer.id
                ).id,
                "customer_wording": "Secret wording",
            }
        )
        self.eightd.with_user(self.user_member).problem = "<b>Crack</b> at the hook"
        entry = self.entry.with_user(self.user_mgmt)
        text = str(entry.read())
        for word in ("Meyer", "华东", "Secret", self.complaint.name):
            self.assertNotIn(word, text)
        self.assertEqual(entry.description, "<b>Crack</b> at the hook")

    def test_member_without_rights_there_keeps_it_in_step(self):
        """R430: causes, actions, words; twice is the same as once."""
        eightd = self.eightd.with_user(self.user_member)
        eightd.name = "Cracks at the hook"
        cause = self.env["complaint.eightd.cause"].with_user(self.user_member)
        cause.create(
            [
                {"eightd_id": eightd.id, "name": "Only an idea"},
                {
                    "eightd_id": eightd.id,
                    "name": "模具温度过低",
                    "state": "verified",
                    "evidence": "Trial 3",
                    "is_root": True,
                    "contribution": 100,
                },
            ]
        )
        action = self.env["mgmtsystem.action"].with_user(self.user_member)
        action = action.create({"name": "Heat", "complaint_eightd_id": eightd.id})
        self.assertEqual(self.entry.name, "Cracks at the hook")
        self.assertEqual(self.entry.analysis, "O2 模具温度过低 (100 %)")
        self.assertIn("Heat", self.entry.action_comments)
        self.assertEqual(self.entry.action_ids.ids, action.ids)
        self.env.flush_all()
        written = self.entry.write_date
        before = self.env.cr.sql_log_count
        eightd._sync_register()
        self.env.flush_all()
        self.assertEqual(self.entry.write_date, written)
        self.assertEqual(self._get_entry(self.eightd), self.entry)
        self.assertLess(self.env.cr.sql_log_count - before, 30)

    def test_stages_follow_the_disciplines(self):
        """R430: closed only with evaluation and all actions ended."""
        action = self.env["mgmtsystem.action"].with_user(self.user_member)
        action = action.create({"name": "Heat", "complaint_eightd_id": self.eightd.id})
        self._finish("d4")
        self.assertEqual(self.entry.state, "pending")
        self._finish("d5")
        self.assertEqual(self.entry.state, "open")
        # the management system opens the actions with it
        self.assertFalse(action.stage_id.is_starting)
        self.eightd.sudo().write({"state": "done", "validation_result": "0 of 500"})
        self.assertEqual(self.entry.state, "open")
        self.eightd.sudo().state = "open"
        action.complaint_implementation = "Heated to 60 °C"
        action.action_complaint_implemented()
        other = action.with_user(self.user_quality)
        other.complaint_verification = "0 of 500 parts"
        other.action_complaint_effective()
        self.eightd.sudo().write({"state": "done", "effect": "effective"})
        self.assertEqual(self.entry.state, "done")
        self.assertEqual(self.entry.evaluation_comments, "Effective\n0 of 500")
        self.assertTrue(self.entry.closing_date)
        self.eightd.sudo().state = "open"
        self.assertEqual(self.entry.state, "open")

    def test_cancelled_8d_takes_its_open_actions_along(self):
        action = self.env["mgmtsystem.action"].with_user(self.user_member)
        action = action.create({"name": "Heat", "complaint_eightd_id": self.eightd.id})
        self.eightd.sudo().state = "cancelled"
        self.assertEqual(self.entry.state, "cancel")
        self.assertEqual(action.complaint_choice, "rejected")
        self.assertTrue(action.stage_id.is_ending)

    def test_register_does_not_lead(self):
        """R425: what is edited there does not come back, the stage is refused."""
        entry = self.entry.with_user(self.user_mgmt)
        entry.write({"name": "Renamed", "kanban_state": "blocked"})
        self.assertEqual(self.eightd.name, "Housings crack at the snap hook")
        with self.assertRaisesRegex(UserError, "follows its 8D"):
            entry.stage_id = self.env.ref("mgmtsystem_nonconformity.stage_cancel")
        self.eightd.with_user(self.user_member).problem = "Crack"
        self.assertEqual(entry.name, self.eightd.name)
        self.assertEqual(entry.kanban_state, "blocked")

    def test_other_entries_are_as_they_were(self):
        """R425: a nonconformity without an 8D moves as the addon says."""
        entry = self.env["mgmtsystem.nonconformity"].with_user(self.user_mgmt)
        entry = entry.create(
            {
                "name": "Audit",
                "partner_id": self.company.partner_id.id,
                "responsible_user_id": self.user_mgmt.id,
                "manager_user_id": self.user_mgmt.id,
                "description": "Label missing",
            }
        )
        entry.stage_id = self.env.ref("mgmtsystem_nonconformity.stage_cancel")
        self.assertEqual(entry.state, "cancel")

    def test_requested_8d_is_not_in_the_register_yet(self):
        eightds = self.env["complaint.eightd"].with_user(self.user_quality)
        eightd = eightds.sudo().create({"name": "Asked for", "state": "requested"})
        self.assertFalse(self._get_entry(eightd))
        eightd.state = "open"
        self.assertEqual(self._get_entry(eightd).name, "Asked for")

    def test_recused_person_does_not_read_it_there(self):
        """R519: not through the register either."""
        self.assertTrue(self.entry.with_user(self.user_mgmt).read(["name"]))
        self.complaint.sudo().complaint_recused_extra_ids = [
            Command.link(self.user_mgmt.id)
        ]
        with self.assertRaises(AccessError):
            self.entry.with_user(self.user_mgmt).read(["name"])

    def test_buttons_lead_from_one_to_the_other(self):
        self.user_mgmt.group_ids += self.env.ref(
            "helpdesk_mgmt_complaint.group_complaint_quality"
        )
        eightd = self.eightd.with_user(self.user_mgmt)
        self.assertEqual(eightd.action_open_register()["res_id"], self.entry.id)
        entry = self.entry.with_user(self.user_mgmt)
        action = entry.action_open_complaint_eightd()
        self.assertEqual(action["res_id"], self.eightd.id)
        Form(entry)
        Form(eightd)
