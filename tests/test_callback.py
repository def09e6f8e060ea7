# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError

from .common_procedure import ProcedureCommon


class TestCallback(ProcedureCommon):
    """Is the customer satisfied? (R450, R451)"""

    def test_callback_is_logged_with_its_time(self):
        """R450: method, person, time, evaluation, needs and receipt."""
        at = fields.Datetime.now() - timedelta(hours=2)
        callback = self._call_back(at=at, further_needs="A test report")
        event = self.ticket.complaint_event_ids.filtered(
            lambda e: e.code == "called_back"
        )
        self.assertEqual(event.at, at)
        self.assertEqual(event.user_id, self.user_handler)
        self.assertEqual(self.ticket.complaint_satisfaction, "satisfied")
        callback.at = at - timedelta(hours=1)
        effective = self.ticket.complaint_event_ids.filtered(
            lambda e: e.code == "called_back" and e.is_effective
        )
        self.assertEqual(effective.at, at - timedelta(hours=1))

    def test_gate_wants_the_last_callback_satisfied(self):
        """R450: not satisfied, so it goes back; the next callback counts."""
        self._add_gate("callback")
        self.assertIn("Call the customer back", self._get_reasons())
        now = fields.Datetime.now()
        self._call_back("yes", at=now - timedelta(hours=3))
        self._call_back("no", at=now - timedelta(hours=2))
        with self.assertRaisesRegex(ValidationError, "not satisfied"):
            self.ticket.action_complaint_close()
        self.assertEqual(self.ticket.complaint_satisfaction, "unsatisfied")
        self._call_back("yes", at=now - timedelta(hours=1))
        self.ticket.action_complaint_close()
        self.ticket.action_complaint_reopen("Again")
        self.assertIn("Call the customer back", self._get_reasons())

    def test_callback_stays(self):
        """R450: a record, not a note: no deletion, no change by a colleague."""
        callback = self._call_back("no")
        with self.assertRaises(UserError):
            callback.unlink()
        with self.assertRaisesRegex(UserError, "another callback"):
            callback.with_user(self.user_quality).satisfied = "yes"
        with self.assertRaises(AccessError):
            self._call_back(user=self.user_supervisor)
        with self.assertRaises(UserError):
            self._call_back(at=fields.Datetime.now() + timedelta(days=1))
