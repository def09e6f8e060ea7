# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .test_scope import ScopeCommon


@tagged("post_install", "-at_install")
class TestEightdScope(ScopeCommon):
    """R422, R368: D3 is filled from what stock says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_member = new_test_user(cls.env, "complaint_member")
        cls.complaint = cls._create_complaint()
        cls._deliver(cls.bearing_lots[0], 30, cls.customer)
        cls._deliver(cls.bearing_lots[0], 20, cls.other_customer)
        eightds = cls.env["complaint.eightd"].with_user(cls.user_quality)
        cls.eightd = eightds.create(
            {
                "name": "Cracked rings",
                "product_id": cls.product.id,
                "lot_ids": [Command.set(cls.bearing_lots[0].ids)],
                "leader_id": cls.user_quality.id,
                "member_ids": [Command.create({"user_id": cls.user_member.id})],
                "link_ids": [Command.create({"ticket_id": cls.complaint.id})],
            }
        )

    def _rows(self, place):
        return self.eightd.containment_ids.filtered(lambda row: row.place == place)

    def test_places_with_quantities_and_proofs(self):
        """R422: what is on hand, at customers, and 0 where nothing is."""
        self.eightd.action_fill_containment()
        self.assertEqual(self._rows("stock").quantity, 100)
        self.assertEqual(self._rows("stock").place_note, self.stock.display_name)
        self.assertEqual(self._rows("customer").quantity, 50)
        self.assertEqual(self._rows("wip").quantity, 0)
        self.assertEqual(self._rows("transit").quantity, 0)
        self.assertTrue(all(self.eightd.containment_ids.mapped("scope_line_id")))
        self.assertEqual(self._rows("stock").scope_state, "To be checked")
        self.assertFalse(self._rows("customer").scope_state)

    def test_again_keeps_what_people_wrote(self):
        """R422: quantities follow stock, entries stay, nothing is doubled."""
        self.eightd.action_fill_containment()
        row = self._rows("stock").with_user(self.user_member)
        row.write({"action": "全检", "owner_id": self.user_member.id, "nok_qty": 3})
        self.eightd.containment_ids.create(
            {"eightd_id": self.eightd.id, "place": "customer", "quantity": 7}
        )
        count = len(self.eightd.containment_ids)
        self._deliver(self.bearing_lots[0], 10, self.customer)
        self.eightd.action_fill_containment()
        self.assertEqual(len(self.eightd.containment_ids), count)
        self.assertRecordValues(
            row,
            [
                {
                    "quantity": 90,
                    "action": "全检",
                    "owner_id": self.user_member.id,
                    "nok_qty": 3,
                }
            ],
        )
        self.assertEqual(sorted(self._rows("customer").mapped("quantity")), [7, 60])

    def test_typed_rows_take_what_stock_says(self):
        """R422: who wrote down a place before stock was asked gets no second row."""
        typed = self.eightd.containment_ids.create(
            {
                "eightd_id": self.eightd.id,
                "place": "stock",
                "action": "Locked",
                "quantity": 1,
            }
        )
        self.eightd.action_fill_containment()
        self.assertEqual(self._rows("stock"), typed)
        self.assertEqual((typed.quantity, typed.action), (100, "Locked"))
        self.assertTrue(typed.scope_line_id)
        self.assertEqual(typed.lot_id, self.bearing_lots[0])
        self.eightd.action_fill_containment()
        self.assertEqual(self._rows("stock"), typed)

    def test_no_name_of_a_customer(self):
        """R520: members read how much is out, not with whom."""
        self.eightd.action_fill_containment()
        rows = self.eightd.containment_ids.with_user(self.user_member)
        for row in rows.read():
            text = str(row)
            self.assertNotIn(self.customer.name, text)
            self.assertNotIn(self.other_customer.name, text)
        with self.assertRaises(AccessError):
            rows.scope_line_id.read(["quantity"])
        with self.assertRaises(AccessError):
            self.eightd.with_user(self.user_member).action_fill_containment()

    def test_button_of_the_scope(self):
        """R368: from the scope of the complaint, and from chosen rows of it."""
        scope = (
            self.env["complaint.scope"]
            .with_user(self.user_quality)
            ._create_for_lots(
                self.bearing_lots[0],
                ticket_id=self.complaint.id,
                company_id=self.company.id,
            )
        )
        rows = scope.line_ids.filtered(lambda line: line.kind == "on_hand")
        rows.action_copy_to_eightd()
        self.assertEqual(self.eightd.containment_ids.mapped("place"), ["stock"])
        self.assertEqual(scope.eightd_id, self.eightd)
        action = scope.action_copy_to_eightd()
        self.assertEqual(action["res_id"], self.eightd.id)
        places = set(self.eightd.containment_ids.mapped("place"))
        self.assertEqual(places, {"stock", "wip", "transit", "customer"})

    def test_scope_without_8d(self):
        """R368: it is said how to get one."""
        scope = (
            self.env["complaint.scope"]
            .with_user(self.user_quality)
            ._create_for_lots(self.bearing_lots[1], company_id=self.company.id)
        )
        with self.assertRaisesRegex(UserError, "Open an 8D"):
            scope.action_copy_to_eightd()
        scope.eightd_id = self.eightd
        scope.action_copy_to_eightd()
        self.assertEqual(self.eightd.containment_ids.lot_id, self.bearing_lots[1])

    def test_two_scopes_of_one_lot_do_not_double(self):
        """R422: the same place and lot is one row."""
        self.eightd.action_fill_containment()
        count = len(self.eightd.containment_ids)
        scopes = self.env["complaint.scope"].with_user(self.user_quality)
        scope = scopes._create_for_lots(
            self.bearing_lots[0], eightd_id=self.eightd.id, company_id=self.company.id
        )
        scope.action_copy_to_eightd()
        self.assertEqual(len(self.eightd.containment_ids), count)

    def test_done_discipline_is_not_refilled(self):
        """R420: what is done is evidence; reopen it first."""
        self.eightd.action_fill_containment()
        # sudo: the gate is not what is tested
        self.eightd.sudo().discipline_ids.filtered(
            lambda row: row.code == "d3"
        ).state = "done"
        with self.assertRaisesRegex(UserError, "Press Reopen"):
            self.eightd.action_fill_containment()

    def test_proofs_answer_places(self):
        """R422: a scope that found nothing in a place is an answer of D3."""
        self.eightd.action_scope()
        self.assertEqual(self.eightd._get_proven_places(), {"wip", "transit"})
        reasons = self.eightd._get_blocking_reasons("d3")[self.eightd.id]
        self.assertIn(
            "Say how much there is, even if it is 0: Own stock, At customers.", reasons
        )

    def test_without_lots(self):
        """R368: nothing to ask stock for."""
        self.eightd.lot_ids = False
        with self.assertRaisesRegex(UserError, "Enter the lots"):
            self.eightd.action_fill_containment()

    def test_scope_of_another_company(self):
        """R520: a scope belongs to the company of its 8D."""
        with self.assertRaises(ValidationError):
            self.env["complaint.scope"].create(
                {"company_id": self.company_b.id, "eightd_id": self.eightd.id}
            )
