# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta
from io import BytesIO

from openpyxl import load_workbook

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_prints import PrintCommon
from .test_eightd_effect import EffectCommon


@tagged("post_install", "-at_install")
class TestCapaPrints(EffectCommon, PrintCommon):
    """Forms of corrective action, printed from one 8D."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eightd.sudo().write(
            {
                "number": "8D-26-0042",
                "symptom": "Cage cracks at the snap hook.",
                "problem": "12 of 500 cages, lot L260703-A, crack within 200 h.",
                "decision_reason": "Find the cause, answer until Friday.",
                "lot_ids": [Command.set(cls.lot.ids)],
                "severity": "major",
                "lessons": "Watch the granulate dryer.",
            }
        )
        cls._create_rows()
        cls._enter_validation(cls.eightd)
        cls.eightd.with_user(cls.user_quality).action_effect("effective")

    @classmethod
    def _create_rows(cls):
        causes = cls.env["complaint.eightd.cause"]
        root = causes.create(
            {
                "eightd_id": cls.eightd.id,
                "name": "Granulate too wet",
                "is_root": True,
                "branch": "material",
                "contribution": 100,
                "evidence": "水分 0.31 %,标准 0.15 %",
                "state": "verified",
            }
        )
        causes.create(
            {
                "eightd_id": cls.eightd.id,
                "name": "Operator in a hurry",
                "state": "rejected",
                "evidence": "Three shifts, the same share of cracks",
                "branch": "man",
            }
        )
        department = cls.env["hr.department"].create({"name": "注塑车间"})
        cls.action.write(
            {
                "complaint_cause_id": root.id,
                "complaint_department_id": department.id,
                "complaint_implementation": "Dryer interlocked with the press.",
                "complaint_verification": "Moisture log of four weeks.",
                "date_deadline": fields.Date.today(),
            }
        )
        cls.env["complaint.eightd.containment"].create(
            {
                "eightd_id": cls.eightd.id,
                "place": "stock",
                "action": "Sorted, 0 pieces left",
                "effect_note": "0 of 800",
            }
        )
        cls.env["complaint.eightd.document"].create(
            {
                "eightd_id": cls.eightd.id,
                "kind": "pfmea",
                "name": "PFMEA 6204",
                "old_revision": "C",
                "new_revision": "D",
                "changed_at": fields.Date.today(),
            }
        )

    def _print_capa(self, code, user=None, lang=None):
        user = user or self.user_quality
        choice = (
            self.env["complaint.capa.print"]
            .with_user(user)
            .create(
                {
                    "eightd_ids": [Command.set(self.eightd.ids)],
                    "form_id": self.env.ref(
                        f"helpdesk_mgmt_complaint.complaint_form_{code}"
                    ).id,
                    "lang": lang,
                }
            )
        )
        keep = f"capa_{code}_{lang or 'en'}.pdf"
        return self._print("report_complaint_capa_choice", choice, user, keep=keep)

    def test_forms_of_the_catalogue(self):
        """R085, R087, R089, R115, R130: one 8D on the form of each company."""
        for code in ("f15", "f17", "f19", "f45", "f60"):
            with self.subTest(form=code):
                pdf = self._print_capa(code)
                self.assertPrinted(
                    pdf,
                    "8D-26-0042",
                    "INTERNAL",
                    "Granulate too wet",
                    "水分 0.31 %",
                    "Camera at the press",
                    "注塑车间",
                    "3,000",
                    "Sorted, 0 pieces left",
                )
        self.assertPrinted(self._print_capa("f60"), "LD-GL-19", "Quality director")
        self.assertPrinted(self._print_capa("f45"), "PFMEA 6204", "C → D")

    def test_plan_and_implementation_report(self):
        """R131, R132, R447: who does what until when, and how it was done."""
        for code, number in (("f61", "LD-GL-17"), ("f62", "LD-GL-18")):
            pdf = self._print_capa(code)
            self.assertPrinted(
                pdf,
                number,
                "Dryer interlocked",
                "Moisture log of four weeks",
                self.user_engineer.name,
            )
        self.assertNotPrinted(self._print_capa("f61"), "Granulate too wet")

    def test_chinese(self):
        """R085: in Chinese, with long texts over pages."""
        sentence = "保持架在卡扣处开裂,客户装机后二百小时内失效。"
        self.eightd.sudo().problem = sentence * 120
        pdf = self._print_capa("f15", lang="zh_CN")
        self.assertGreater(len(pdf.pages), 1)
        self.assertPrinted(pdf, "保持架在卡扣处开裂", "注塑车间")

    def test_member_prints_without_the_customer(self):
        """R520: who works in the 8D but may not know the complaint."""
        pdf = self._print_capa("f15", self.user_member)
        self.assertPrinted(pdf, "Granulate too wet")
        self.assertNotPrinted(pdf, "Meyer")
        self.assertPrinted(self._print_capa("f15"), "Meyer")

    def test_nobody_else_prints(self):
        """R518: neither other employees nor customers by the address."""
        for user in (self.user_register, self.portal_user, self.user_handler_b):
            documents = self.env["complaint.capa.document"].with_user(user)
            with self.assertRaises(AccessError):
                documents._get_capa_pages(self.eightd.with_user(user))

    def test_direct_print_takes_the_first_form_of_the_company(self):
        """R085: a company's own title and number win."""
        shared = self.env.ref("helpdesk_mgmt_complaint.complaint_form_f15")
        shared.copy(
            {"code": "F15", "company_id": self.company.id, "form_number": "QR-85"}
        )
        pdf = self._print("report_complaint_capa", self.eightd, self.user_quality)
        self.assertPrinted(pdf, "QR-85", "Granulate too wet")


@tagged("post_install", "-at_install")
class TestReviewExport(EffectCommon):
    """Input for the management review."""

    def _export(self, user):
        exports = self.env["complaint.review.export"].with_user(user)
        export = exports.create(
            {"date_from": self.today - timedelta(days=1), "date_to": self.today}
        )
        content, kind = (
            self.env["ir.actions.report"]
            .with_user(user)
            ._render_xlsx(
                "helpdesk_mgmt_complaint.action_report_complaint_review_xlsx",
                export.ids,
                {},
            )
        )
        self.assertEqual(kind, "xlsx")
        book = load_workbook(BytesIO(content))
        return {
            sheet.title: [[cell.value for cell in row] for row in sheet.rows]
            for sheet in book
        }

    def test_complaints_and_actions_in_one_workbook(self):
        """R438, K25, K26: counts, complaints, actions with effect, and the noes."""
        other = self._create_complaint(
            complaint_capa_required="no", complaint_no_capa_reason="Misuse."
        )
        other.action_complaint_accept()
        self.eightd.sudo().number = "8D-26-0042"
        self._enter_validation(self.eightd)
        self.eightd.with_user(self.user_quality).action_effect("effective")
        for user in (self.user_quality, self.user_supervisor):
            sheets = self._export(user)
            figures = {row[0]: row[1] for row in sheets["Summary"]}
            self.assertGreaterEqual(figures["Complaints"], 2)
            self.assertGreaterEqual(figures["effective"], 1)
            row = next(r for r in sheets["Corrective Actions"] if r[0] == "8D-26-0042")
            self.assertIn("Camera at the press", row[6])
            self.assertEqual(row[7:9], ["Effective", self.user_quality.name])
            noes = sheets["No Corrective Action"]
            self.assertIn("Misuse.", [row[1] for row in noes])
            numbers = [row[0] for row in sheets["Complaints"]]
            self.assertIn(self.complaint.complaint_number, numbers)

    def test_only_quality_and_supervisors(self):
        """R438: others cannot collect everything in one file."""
        for user in (self.user_register, self.user_handler):
            with self.assertRaises(AccessError):
                self.env["complaint.review.export"].with_user(user).create({})
