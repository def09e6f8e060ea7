# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from .common_intake import IntakeCommon
from .common_prints import PrintCommon


class TestMailToPaper(IntakeCommon, PrintCommon):
    def test_customers_mail_ends_as_numbered_printed_complaint(self):
        """R003, R027, R034, R071, R146, R366: from the mail to the paper."""
        self.customer.lang = "en_US"
        raw = self._mail(
            "Hello,\n\n12 of 500 bearings of our order 4500012345 have cracked "
            "cages, lot L260703-A.\nPlease send replacements.\n\nAnna Meyer",
            Subject="Complaint about PO 4500012345",
        )
        ticket = self.env["helpdesk.ticket"].browse(self._receive(raw))
        self.assertTrue(ticket.is_complaint)
        self.assertEqual(ticket.partner_id, self.customer_contact)
        self.assertRecordValues(
            ticket.complaint_line_ids,
            [
                {
                    "sale_order_id": self.order.id,
                    "lot_id": self.lot.id,
                    "delivered_qty": 500,
                    "is_proposed": True,
                }
            ],
        )
        ticket = ticket.with_user(self.user_handler)
        ticket.complaint_line_ids.defective_qty = 12
        ticket.action_complaint_confirm_lines()
        ticket.action_complaint_accept()
        self.assertRegex(ticket.complaint_number, r"^\d{6}$")
        pdf = self._print_form(ticket, self.form_f01)
        self.assertPrinted(
            pdf,
            ticket.complaint_number,
            "SO26-0042",
            "L260703-A",
            "BRG-6204",
            "Meyer Anlagenbau GmbH",
            "12 of 500 bearings of our order",
        )
