# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tests import HttpCase, tagged

from .common import ComplaintCommon


@tagged("post_install", "-at_install")
class TestTour(ComplaintCommon, HttpCase):
    def test_register_by_order_number_accept_and_print(self):
        """R021, R146, R366: the job of the first minute, in the real browser."""
        self.start_tour("/odoo", "complaint_registration", login="complaint_handler")
        ticket = self.env["helpdesk.ticket"].search(
            [("create_uid", "=", self.user_handler.id)]
        )
        self.assertEqual(len(ticket), 1)
        self.assertEqual(ticket.complaint_phase, "accepted")
        self.assertEqual(ticket.complaint_line_ids.lot_id, self.lot)
        self.assertEqual(ticket.name, "Cracked cages in 12 of 500 bearings")
