# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError

from .common_procedure import ProcedureCommon


class TestLiability(ProcedureCommon):
    """Who is responsible, and how much (R058, R158, R191)."""

    def _add(self, ratio=100, user=None, **vals):
        vals = vals or {"department_id": self.department.id}
        return (
            self.env["complaint.liability"]
            .with_user(user or self.user_handler)
            .create({"ticket_id": self.ticket.id, "ratio": ratio, **vals})
        )

    def _add_supplier(self, ratio=100):
        return self._add(
            ratio, party_kind="supplier", partner_id=self.other_customer.id
        )

    def test_begun_responsibility_is_completed_before_closing(self):
        """R058: whatever the procedure, shares add up to 100 %."""
        self._add(33.33)
        with self.assertRaisesRegex(ValidationError, "33.33 %"):
            self.ticket.action_complaint_close()
        self._add(33.33)
        self._add(33.34)
        self.ticket.action_complaint_close()
        self.assertEqual(self.ticket.complaint_phase, "closed")

    def test_without_gate_none_is_needed(self):
        """R058: a procedure that asks for it has the gate."""
        self.assertFalse(self._get_reasons())
        self._add_gate("liability")
        self.assertIn("Enter who is responsible", self._get_reasons())

    def test_shares_beyond_the_whole_are_refused(self):
        """R058: 0 < share <= 100, and 100 in all, also in two steps."""
        for ratio in (0, -5, 100.5):
            with self.subTest(ratio=ratio), self.assertRaises(ValidationError):
                self._add(ratio)
        first, second = self._add(60), self._add(40)
        with self.assertRaisesRegex(ValidationError, "add up"):
            self._add(1)
        with self.assertRaisesRegex(ValidationError, "add up"):
            second.ratio = 50
        (first + second).write({"ratio": 50})
        self.assertEqual(sum((first + second).mapped("ratio")), 100)

    def test_party_is_named(self):
        """R158: a department of ours, or the other company."""
        for kind in ("department", "supplier", "subcontractor", "customer", "other"):
            with self.subTest(kind=kind), self.assertRaises(ValidationError):
                self._add(party_kind=kind)
        self.assertTrue(self._add(party_kind="carrier", note="Truck 12"))

    def test_confirming_logs_the_shares(self):
        """R058, R158: `responsibility_decided`, who and when, outcome filled."""
        self._add(40)
        with self.assertRaisesRegex(UserError, "40.00 %"):
            self.ticket.action_complaint_confirm_liability()
        supplier = self._add_supplier(60)
        self.ticket.action_complaint_confirm_liability()
        self.ticket.action_complaint_confirm_liability()
        events = self.ticket.complaint_event_ids.filtered(
            lambda e: e.code == "responsibility_decided"
        )
        self.assertEqual(len(events), 1)
        self.assertEqual([share for _name, share in events.payload["shares"]], [40, 60])
        self.assertEqual(supplier.confirmed_by_id, self.user_handler)
        self.assertEqual(self.ticket.complaint_liability_outcome, "supplier")

    def test_changed_share_is_confirmed_again(self):
        """R058: what was confirmed is not this any more; it is not deleted."""
        row = self._add()
        self.ticket.action_complaint_confirm_liability()
        with self.assertRaises(UserError):
            row.unlink()
        row.ratio = 90
        self.assertFalse(row.confirmed_at)

    def test_stamps_cannot_be_forged(self):
        """R058: not by values, context or RPC write."""
        row = self._add(
            confirmed_by_id=self.user_quality.id,
            passed_at=fields.Datetime.now(),
            department_id=self.department.id,
        )
        self.assertFalse(row.confirmed_by_id)
        self.assertFalse(row.passed_at)
        with self.assertRaisesRegex(UserError, "own name"):
            row.confirmed_by_id = self.user_quality

    def test_file_is_passed_through_purchasing(self):
        """R191: recorded, and purchasing gets the to-do for the supplier."""
        purchasing = self.env.ref("helpdesk_mgmt_complaint.role_purchasing")
        self._hold_role(purchasing, self.user_supervisor)
        row = self._add_supplier()
        row.action_pass_file()
        event = self.ticket.complaint_event_ids.filtered(
            lambda e: e.code == "liability_passed"
        )
        self.assertEqual(event.payload["role"], "purchasing")
        self.assertIn(self.other_customer.name, event.note)
        self.assertEqual(row.passed_by_id, self.user_handler)
        self.assertEqual(self.ticket.activity_ids.user_id, self.user_supervisor)
        with self.assertRaisesRegex(UserError, "once"):
            row.action_pass_file()

    def test_file_of_the_customer_goes_through_business(self):
        """R191: sales; nobody holds the role, so it is only recorded."""
        row = self._add(party_kind="customer", partner_id=self.customer.id)
        row.action_pass_file()
        event = self.ticket.complaint_event_ids.filtered(
            lambda e: e.code == "liability_passed"
        )
        self.assertEqual(event.payload["role"], "business")
        self.assertFalse(self.ticket.activity_ids)

    def test_own_department_gets_no_file(self):
        """R191: it gets a dispatch."""
        with self.assertRaisesRegex(UserError, "dispatch"):
            self._add().action_pass_file()

    def test_supervisor_reads_only(self):
        """R524: he sees the shares and cannot set them."""
        row = self._add()
        self.assertEqual(row.with_user(self.user_supervisor).ratio, 100)
        with self.assertRaises(AccessError):
            row.with_user(self.user_supervisor).ratio = 50
        with self.assertRaises(AccessError):
            row.with_user(self.user_supervisor).action_pass_file()
