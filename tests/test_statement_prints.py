# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import io
import zipfile

import openpyxl
from pypdf import PdfReader

from .common_prints import PrintCommon
from .common_statement import AFTER_AUGUST, AUGUST, StatementCommon


class TestStatementPrints(StatementCommon, PrintCommon):
    """The files that a manager gets, opened again."""

    def setUp(self):
        super().setUp()
        self._create_july()

    def _issue(self, statement, user=None):
        """Print for real, with the issue."""
        self.make_pdf.stop()
        try:
            with self.allow_pdf_render():
                return super()._issue(
                    statement.with_context(force_report_rendering=True), user
                )
        finally:
            self.make_pdf.start()

    def _open(self, statement):
        raw = statement.sudo().xlsx_id.raw
        self._keep(f"{self._testMethodName}.xlsx", raw)
        return openpyxl.load_workbook(io.BytesIO(raw)), zipfile.ZipFile(io.BytesIO(raw))

    def _read_pdf(self, statement):
        raw = statement.sudo().pdf_id.raw
        self._keep(f"{self._testMethodName}.pdf", raw)
        self.assertTrue(raw.startswith(b"%PDF"))
        return PdfReader(io.BytesIO(raw))

    def test_case_statistics(self):
        """R073, R502: F03 with items, cases, ratios, signatures, page numbers."""
        statement = self._generate()
        statement.summary = "Two of three cases: cages. 保持架占三分之二。"
        self._lines(statement)[0].with_user(self.user_quality).remark = "OK, seen"
        statement = self._issue(statement)
        pdf = self._read_pdf(statement)
        self.assertPrinted(
            pdf,
            "Complaint case statistics",
            "2026-07",
            "保持架占三分之二",
            "D-100 Cracked cage",
            "Purchasing 70 %",
            "New gauge at station 4",
            "Exchange accepted",
            "43.3",
            "1,150.00",
            "Head of Machining",
            "OK, seen",
            "Page 1 / ",
            *(self.cases[name].complaint_number for name in ("first", "shared")),
        )
        self.assertNotPrinted(pdf, "DRAFT")
        box = pdf.pages[0].mediabox
        self.assertGreater(box.width, box.height)
        self.assertTrue(statement.are_files_intact)

    def test_draft_says_so(self):
        """R481: what is not issued cannot be taken for it."""
        statement = self._generate()
        pdf = self._print(
            "report_complaint_statement", statement, user=self.user_quality
        )
        self.assertPrinted(pdf, "DRAFT – not issued")

    def test_chinese(self):
        """R073: in the language of the company, also its labels and charts."""
        self.company.partner_id.lang = "zh_CN"
        self.defect.with_context(lang="zh_CN").name = "保持架断裂"
        statement = self._generate()
        self.assertEqual(statement.lang, "zh_CN")
        self.assertIn("保持架断裂", self._lines(statement)[1].item)
        statement = self._issue(statement)
        self.assertPrinted(self._read_pdf(statement), "保持架断裂", "2026-07")

    def test_workbook_has_figures_and_native_charts(self):
        """R502: sheets with the same figures, charts that Excel draws itself."""
        statement = self._issue(self._generate())
        book, package = self._open(statement)
        sheet = book["Closed complaints"]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5)]
        self.assertEqual(
            [row[0] for row in rows],
            [
                self.cases[name].complaint_number
                for name in ("midnight", "first", "shared")
            ],
        )
        self.assertEqual(rows[2][8], 500)
        self.assertEqual(str(rows[0][1].date()), "2026-07-01")
        items = [[c.value for c in row] for row in book["Items"].iter_rows(min_row=5)]
        self.assertEqual(items[0][:2], ["D-100 Cracked cage", 2])
        self.assertAlmostEqual(items[0][5], 66.67, 1)
        self.assertEqual(items[1][5], 100)
        ratios = book["Responsibility and review"]
        found = {row[0].value: row[2].value for row in ratios.iter_rows(min_row=5)}
        self.assertEqual(found, {"Machining": 43.33, "Purchasing": 56.67})
        charts = self._get_charts(package)
        self.assertEqual(len(charts), 3)
        pareto = charts[0]
        for tag in ("<c:barChart>", "<c:lineChart>"):
            self.assertIn(tag, pareto)
        # the cumulative line has an axis of its own
        self.assertEqual(pareto.count("<c:valAx>"), 2)
        self.assertIn("'Complaint case statistics'!$B$", pareto)

    def _get_charts(self, package):
        names = [n for n in package.namelist() if n.startswith("xl/charts/chart")]
        return [package.read(name).decode() for name in sorted(names)]

    def test_other_kinds(self):
        """R138, R486, R487, R498, R100: each prints and has its charts."""
        self._create_closed(
            (2026, 7, 3), None, complaint_is_major=True, category_id=self.category.id
        )
        for kind, title, charts, tag in (
            ("special", "Complaint statistics analysis", 2, "barChart"),
            ("trend", "Complaints by category and channel", 3, "lineChart"),
            ("ontime", "Time limits kept", 0, ""),
            ("feedback", "Feedback summary table", 1, "barChart"),
        ):
            with self.subTest(kind=kind):
                statement = self._issue(self._generate(kind))
                self._keep(f"{kind}.pdf", statement.sudo().pdf_id.raw)
                self.assertPrinted(self._read_pdf(statement), title)
                found = self._get_charts(self._open(statement)[1])
                self.assertGreaterEqual(len(found), charts)
                if tag:
                    self.assertIn(f"<c:{tag}>", "".join(found))

    def test_corrections_are_printed(self):
        """R481: July's files stay byte for byte; August tells the difference."""
        july = self._issue(self._generate())
        before = (july.sudo().pdf_id.raw, july.sudo().xlsx_id.raw)
        number = self.cases["first"].complaint_number
        with self._at(2026, 8, 20):
            self.cases["first"].action_complaint_reopen("Found again")
            self.cases["shared"].complaint_liability_ids.write({"ratio": 50})
        self.now.move_to(AFTER_AUGUST)
        august = self._issue(self._generate(period=AUGUST))
        pdf = self._read_pdf(august)
        self.assertPrinted(
            pdf,
            "Corrections of earlier statements",
            july.name,
            number,
            "Counts no more",
            "Machining 50 %",
        )
        sheet = self._open(august)[0]["Corrections of earlier statemen"]
        self.assertEqual(sheet.max_row, 6)
        self.env.invalidate_all()
        self.assertEqual(before, (july.sudo().pdf_id.raw, july.sudo().xlsx_id.raw))
        self.assertTrue(july.are_files_intact)

    def test_formula_of_a_customer_stays_text(self):
        """R502: a name that begins like a formula is not computed."""
        self.customer.name = "=1+1"
        statement = self._issue(self._generate())
        sheet = self._open(statement)[0]["Closed complaints"]
        self.assertEqual(sheet.cell(row=5, column=3).value, "=1+1")
        self.assertEqual(sheet.cell(row=5, column=3).data_type, "s")

    def test_preview_shows_the_charts(self):
        """R502: what is printed is seen before."""
        statement = self._generate()
        preview = str(statement.preview)
        self.assertEqual(preview.count("data:image/svg+xml;base64,"), 3)
