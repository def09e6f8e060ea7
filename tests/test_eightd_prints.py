# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import hashlib
import io

from pypdf import PdfReader

from odoo import Command
from odoo.tests import tagged

from .common_eightd_answer import AnswerCommon
from .common_prints import PrintCommon

_SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="700" height="200">
<rect x="10" y="10" width="680" height="180" fill="none" stroke="#555"/>
<line x1="40" y1="100" x2="600" y2="100" stroke="#111" stroke-width="2"/>
<text x="60" y="90" font-size="16">铆接压力 Rivet force</text></svg>"""


@tagged("post_install", "-at_install")
class TestEightdPrints(PrintCommon, AnswerCommon):
    """The 8D report on paper (R120, F50)."""

    def _print_release(self, **kwargs):
        link = self.mine.with_context(force_report_rendering=True)
        with self.allow_pdf_render():
            release = (
                self.env["complaint.eightd.release"]
                .with_user(self.user_handler)
                .with_context(force_report_rendering=True)
                ._release(link, **kwargs)
            )
        raw = release.sudo().attachment_id.raw
        self.assertEqual(hashlib.sha256(raw).hexdigest(), release.sha256)
        self._keep(f"{self._testMethodName}.pdf", raw)
        return PdfReader(io.BytesIO(raw))

    def _fill(self, rows, text):
        eightd = self.eightd
        # sudo: the number is the system's
        eightd.sudo().write(
            {
                "number": "8D-2607-001",
                "sponsor_id": self.user_manager.id,
                "containment_ids": [
                    Command.create(
                        {
                            "place": "stock",
                            "action": f"{text} {number}",
                            "quantity": 120,
                            "checked_qty": 120,
                            "nok_qty": 3,
                            "effective_from": "2026-07-06 10:00:00",
                        }
                    )
                    for number in range(rows)
                ],
            }
        )
        line = {"product_id": self.product.id, "lot_id": self.lot.id}
        line.update(sale_order_id=self.order.id, defect_id=self.defect.id)
        self.complaint.complaint_line_ids = [Command.create(line)]
        self.link.write({"claimed_qty": 12, "delivered_qty": 500})

    def test_8d_report_has_number_references_and_disciplines(self):
        """R120, R422, R423: F50, containment and actions are sections of their own."""
        self._fill(3, "库存全检 Stock sorted")
        form = self.env.ref("helpdesk_mgmt_complaint.complaint_form_f50")
        form.revision = "B"
        self._finish(self.eightd, *[f"d{number}" for number in range(9)])
        pdf = self._print_release(answer_type="8d")
        self.assertPrinted(
            pdf,
            "Complaint analysis report 8D",
            "SZ-QER-QA-59",
            "8D-2607-001",
            "Meyer Anlagenbau GmbH",
            "库存全检 Stock sorted 2",
            "D3 Containment",
            "D5 Corrective actions",
            "Force of the press is watched",
            "PO-88213",
            "L260703-A",
            "CP-12",
            "Page 1 / 2",
        )
        self.assertNotPrinted(pdf, "INTERNAL", "PRELIMINARY")

    def test_long_texts_and_many_rows_break_over_pages(self):
        """R120: 40 rows, a text longer than a page; each page has its number."""
        self._fill(40, "Sorted by hand, 目视全检")
        self.eightd.cause_ids.name = "铆接压力不足。Force too low. " * 400 + "The end."
        pdf = self._print_release(answer_type="8d")
        self.assertGreater(len(pdf.pages), 3)
        self.assertPrinted(pdf, "目视全检 39", "The end.")
        for number, page in enumerate(pdf.pages, 1):
            self.assertPrinted(page, f"Page {number} / {len(pdf.pages)}")

    def test_diagram_is_drawn(self):
        """R420: 5-why as a picture on the 8D."""
        self._draw("_get_five_why_svg", _SVG)
        plain = self._print_release(answer_type="8d")
        drawn = self._print_release(answer_type="8d", with_diagrams=True)
        self.assertNotPrinted(plain, "5-why")
        self.assertPrinted(drawn, "5-why")

    def test_empty_8d_can_be_printed(self):
        """R120: nothing filled in, no customer, no logo, no form of the catalogue."""
        self.env.ref("helpdesk_mgmt_complaint.complaint_form_f50").active = False
        self.complaint.write({"partner_id": False, "complaint_anonymous": True})
        eightd = self.eightd
        eightd.write({"leader_id": False, "problem": False, "first_clean_lot": False})
        for rows in (eightd.cause_ids, eightd.containment_ids, eightd.document_ids):
            rows.unlink()
        eightd.action_ids.complaint_choice = "rejected"
        self.link.customer_wording = False
        pdf = self._print_release(answer_type="8d")
        self.assertPrinted(pdf, "8D report", "D8")
