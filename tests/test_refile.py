# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from psycopg2.errors import UniqueViolation

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_route import RouteCommon


@tagged("post_install", "-at_install")
class TestRefile(RouteCommon):
    """A new form in place of the one that the customer did not accept."""

    def _decided(self):
        ticket = self._accepted(complaint_customer_reference="CR-4711")
        self.env["complaint.line"].with_user(self.user_handler).create(
            {
                "ticket_id": ticket.id,
                "product_id": self.product.id,
                "lot_id": self.lot.id,
                "claimed_qty": 12,
                "symptom": "Cracked cage",
            }
        )
        ticket.action_complaint_close()
        return ticket

    def test_new_form_carries_the_case_and_begins_anew(self):
        """R208: linked both ways, own number (G07), procedure from its start."""
        ticket = self._decided()
        action = ticket.action_complaint_refile()
        new = ticket.complaint_refiled_ids
        self.assertEqual(action["res_id"], new.id)
        self.assertEqual(new.complaint_previous_id, ticket)
        self.assertEqual(new.complaint_phase, "draft")
        self.assertFalse(new.complaint_number)
        for name in (
            "name",
            "partner_id",
            "complaint_content",
            "complaint_customer_reference",
            "complaint_procedure_id",
            "user_id",
        ):
            self.assertEqual(new[name], ticket[name], name)
        line = new.complaint_line_ids
        self.assertEqual((line.product_id, line.lot_id), (self.product, self.lot))
        self.assertEqual((line.claimed_qty, line.symptom), (12, "Cracked cage"))
        new.action_complaint_accept()
        self.assertTrue(new.complaint_number)
        self.assertNotEqual(new.complaint_number, ticket.complaint_number)
        self.assertEqual(self._states(new)["cause"], "now")
        self.assertEqual(ticket.complaint_phase, "closed")
        codes = ticket.complaint_event_ids.mapped("code")
        self.assertEqual(codes.count("customer_rejected"), 1)
        self.assertIn("refiled", codes)

    def test_filing_again_twice_is_refused(self):
        """R208: a double click gives one form; a cancelled one may be replaced."""
        ticket = self._decided()
        ticket.action_complaint_refile()
        new = ticket.complaint_refiled_ids
        with self.assertRaisesRegex(UserError, "filed again already"):
            ticket.action_complaint_refile()
        # two at the same moment: the database lets one through
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self._create_complaint(complaint_previous_id=ticket.id)
        new._complaint_cancel("Wrong form")
        ticket.action_complaint_refile()
        self.assertEqual(len(ticket.complaint_refiled_ids), 2)

    def test_forms_of_a_case_travel_together(self):
        """R208: from each of them all others are one click away."""
        first = self._decided()
        first.action_complaint_refile()
        second = first.complaint_refiled_ids
        second.action_complaint_accept()
        second.action_complaint_refile()
        third = second.complaint_refiled_ids
        for ticket in (first, second, third):
            domain = ticket.action_complaint_view_refiled()["domain"]
            found = self.env["helpdesk.ticket"].with_user(self.user_handler)
            self.assertEqual(found.search(domain), (first | second | third))
            self.assertTrue(ticket.complaint_refiled_count)

    def test_drafts_and_cancelled_complaints_are_not_filed_again(self):
        tickets = self.env["helpdesk.ticket"].with_user(self.user_handler)
        draft = tickets.create(self._complaint_vals())
        with self.assertRaisesRegex(UserError, "Only an accepted"):
            draft.action_complaint_refile()
        draft._complaint_cancel("Twice")
        with self.assertRaisesRegex(UserError, "Reopen"):
            draft.action_complaint_refile()
