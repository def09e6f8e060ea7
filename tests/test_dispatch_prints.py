# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tests import tagged

from .common_dispatch import DispatchCommon
from .common_prints import PrintCommon


@tagged("post_install", "-at_install")
class TestDispatchPrints(PrintCommon, DispatchCommon):
    """The dispatch slip, printed by those who get it (R136, F66)."""

    def _text(self, pdf):
        return "\n".join(page.extract_text() for page in pdf.pages)

    def test_slip_has_number_matter_instruction_and_empty_result(self):
        """R136: no., first report, caller, matter, department, times; two copies."""
        self.complaint.complaint_line_ids.create(
            {"ticket_id": self.complaint.id, "product_id": self.product.id}
        )
        dispatch = self._send(instruction="请检查热处理炉 Check the furnace")
        pdf = self._print("report_complaint_dispatch", dispatch, self.worker)
        self.assertEqual(len(pdf.pages), 2)
        text = self._text(pdf)
        for expected in (
            dispatch.number,
            "Service dispatch slip",
            "xx-QR-KF-021",
            "Anna Meyer",
            "Production",
            "Check the furnace",
            "12 of 500 bearings have cracked cages.",
            "Copy 2: Responsible department",
            "INTERNAL",
        ):
            with self.subTest(expected=expected):
                self.assertIn(expected, text)

    def test_finished_slip_has_result_progress_and_persons(self):
        """R136: completion time, handler; long texts run over pages."""
        dispatch = self._send()
        mine = self._as(dispatch, self.worker)
        mine.action_accept()
        mine.action_report_progress("Parts ordered")
        mine.action_done("Line by line. " * 600 + "The end.")
        text = self._text(self._print("report_complaint_dispatch", mine, self.worker))
        for expected in ("Parts ordered", "The end.", "dispatch_worker", "Done"):
            with self.subTest(expected=expected):
                self.assertIn(expected, text)

    def test_company_prints_its_own_slip(self):
        """R067: a company copies the form and changes title and number."""
        form = self.env.ref("helpdesk_mgmt_complaint.complaint_form_f66")
        own = form.copy({"company_id": self.company.id})
        own.write({"name": "Work order", "form_number": "KD-21"})
        own.copy_ids.unlink()
        pdf = self._print("report_complaint_dispatch", self._send(), self.worker)
        self.assertEqual(len(pdf.pages), 1)
        self.assertIn("KD-21", self._text(pdf))
