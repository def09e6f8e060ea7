# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_dispatch import DispatchCommon

_PAST = datetime(2026, 3, 2, 8, 0)


@tagged("post_install", "-at_install")
class TestPast(DispatchCommon):
    """Scripts bring a history along; nobody else dates anything back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tasks = cls.env["complaint.dispatch"].with_user(cls.user_handler)
        cls.task = tasks.create(
            {
                "ticket_id": cls.complaint.id,
                "kind": "handling",
                "to_department_id": cls.production.id,
            }
        )

    def test_script_dates_a_task_back_by_who_did_it(self):
        """Row and log say the earlier time, and when it was recorded."""
        task = self.task.with_user(self.worker)
        task._complaint_do_past(_PAST, "action_accept")
        self.assertEqual(task.accepted_at, _PAST)
        self.assertEqual(task.accepted_by_id, self.worker)
        event = self.complaint.complaint_event_ids.filtered(
            lambda e: e.code == "dispatch_accepted"
        )
        self.assertEqual(event.at, _PAST)
        self.assertGreater(event.recorded_at, _PAST)

    def test_past_knows_the_same_rights(self):
        """Who may not answer now may not have answered."""
        task = self.task.with_user(self.stranger).sudo(False)
        with self.assertRaises(UserError):
            task._complaint_do_past(_PAST, "action_accept")

    def test_client_cannot_date_back(self):
        """The context of a client is not heard."""
        before = fields.Datetime.now()
        for value in (_PAST, "2026-03-02 08:00:00", [1], True):
            with self.subTest(value=value):
                opinion = self.env["complaint.opinion"].with_user(self.user_handler)
                opinion = opinion.create(
                    {"ticket_id": self.complaint.id, "text": "Checked"}
                )
                opinion.with_context(complaint_past=value).action_sign()
                self.assertGreaterEqual(opinion.signed_at, before)
