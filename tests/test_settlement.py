# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command
from odoo.exceptions import UserError, ValidationError

from .common_procedure import ProcedureCommon


class TestSettlement(ProcedureCommon):
    """What the customer gets, and that nothing changes once it is decided (R340)."""

    def setUp(self):
        super().setUp()
        lines = [
            {"kind": "return", "quantity": 12, "price": 2.5},
            {"kind": "allowance"},
        ]
        self.settlement = (
            self.env["complaint.settlement"]
            .with_user(self.user_handler)
            .create(
                {
                    "ticket_id": self.ticket.id,
                    "state": "decided",
                    "decided_by_id": self.user_quality.id,
                    "line_ids": [Command.create(vals) for vals in lines],
                }
            )
        )

    def test_new_settlement_is_a_draft(self):
        """R340: whatever state the values bring."""
        self.assertEqual(self.settlement.state, "draft")
        self.assertFalse(self.settlement.decided_by_id)
        self.assertEqual(self.settlement.amount_total, 30)
        with self.assertRaises(UserError):
            self.settlement.state = "decided"
        with self.assertRaises(ValidationError):
            self.settlement.line_ids[0].price = -1

    def test_deciding_needs_a_signed_decision(self):
        """R340, R341: nobody decides by a button alone."""
        self._add_gate("settlement")
        with self.assertRaisesRegex(UserError, "no signed decision"):
            self.settlement.action_decide()
        self.assertIn("settlement", self._get_reasons())
        opinion = self._sign("decision")
        self.settlement.action_decide()
        self.assertEqual(self.settlement.opinion_id, opinion)
        self.assertEqual(self.settlement.decided_by_id, self.user_handler)
        self.assertFalse(self._get_reasons())

    def test_decided_settlement_is_frozen(self):
        """R340: neither lines nor amounts, neither added nor removed."""
        self._sign("decision")
        self.settlement.action_decide()
        line = self.settlement.line_ids[0]
        for change in (
            lambda: line.write({"price": 3}),
            lambda: line.unlink(),
            lambda: line.copy(),
            lambda: self.settlement.write({"note": "x"}),
            lambda: self.settlement.unlink(),
            lambda: self.settlement.action_decide(),
        ):
            with self.assertRaisesRegex(UserError, "decided"):
                change()
        copied = self.settlement.copy()
        self.assertEqual(copied.state, "draft")
        with self.assertRaisesRegex(UserError, "stays in its settlement"):
            copied.line_ids[0].settlement_id = self.settlement
        other = self._create_complaint()
        with self.assertRaisesRegex(UserError, "stays in its settlement"):
            copied.line_ids[0].ticket_id = other
        line = copied.line_ids.create(
            {"settlement_id": copied.id, "kind": "repair", "ticket_id": other.id}
        )
        self.assertEqual(line.ticket_id, self.ticket)

    def test_empty_settlement_is_not_decided(self):
        """R340: enter what the customer gets."""
        self._sign("decision")
        self.settlement.line_ids.unlink()
        with self.assertRaisesRegex(UserError, "what the customer gets"):
            self.settlement.action_decide()
