# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import base64
import io

from PIL import Image
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_prints import PrintCommon

_LONG = "热处理后保持架出现裂纹，需要复检全部库存。" * 3
_GERMAN = "Wälzlagerkäfigbruchuntersuchungsbericht " * 4


@tagged("post_install", "-at_install")
class TestFormCatalogue(PrintCommon):
    """Every form of the catalogue prints what its procedure asks for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls._create_rich_complaint(cls)

    def _create_rich_complaint(self):
        """Return a complaint with one record of every kind."""
        ticket = self._create_full_complaint(
            self,
            complaint_complainant_name="Anna Meyer",
            complaint_complainant_phone="+49 421 5550101",
            complaint_capa_required="no",
            complaint_no_capa_reason="Single case, " + _GERMAN,
        )
        vals = {"ticket_id": ticket.id}
        env = self.env
        env["complaint.visit"].create(
            {
                **vals,
                "place": "Bremen, works 2",
                "persons": "Herr Schulz",
                "arrival_at": "2026-07-06 08:00:00",
                "findings": "Three cages cracked. " + _LONG,
                "agreed_handling": "Exchange within two days",
            }
        )
        env["complaint.callback"].create(
            {
                **vals,
                "channel_id": self.channel_phone.id,
                "person": "Frau Meyer",
                "content": "Works again",
                "satisfied": "yes",
                "further_needs": "A spare bearing",
            }
        )
        env["complaint.communication"].create(
            {
                **vals,
                "channel_id": self.channel_phone.id,
                "purpose": "progress",
                "content": "We told him about the check. " + _LONG,
                "persons": "Herr Schulz",
                "result": "He waits",
            }
        )
        env["complaint.investigation"].create(
            {
                **vals,
                "area": "stock",
                "result": "found",
                "note": "Two more in stock " + _GERMAN,
            }
        )
        return ticket

    def _print_code(self, code, **vals):
        form = self.env.ref(
            f"helpdesk_mgmt_complaint.complaint_form_{code.lower().replace('-', '_')}"
        )
        return self._print_form(self.ticket, form, keep=f"{code}.pdf", **vals)

    def test_every_form_of_a_complaint_prints_within_the_page(self):
        """R067 R074 R075 R094 R097 R098 R103 R105 R107 R110 R112 R113 R118 R127
        R128 R129 R134: title, number, page, QR code; nothing beyond the margins."""
        forms = self.env["complaint.form"].search(
            [("template", "=", "registration"), ("company_id", "=", False)]
        )
        self.assertGreaterEqual(len(forms), 20)
        for form in forms:
            with self.subTest(form=form.code):
                pdf = self._print_code(form.code)
                self.assertPrinted(pdf, form.name, self.ticket.complaint_number)
                self.assertEqual("INTERNAL" in self._text(pdf), form.is_internal)
                self.assertTrue(pdf.pages[0].images, "QR code")
                self.assertInBounds(pdf)
                for row in form.signature_ids:
                    self.assertPrinted(pdf, row.label)

    def test_visit_record(self):
        """R095: problems, handling opinions and results of a visit."""
        pdf = self._print_code("F25")
        self.assertPrinted(
            pdf,
            "Visit record",
            "Bremen, works 2",
            "Herr Schulz",
            "cages cracked",
            "Exchange within two days",
        )
        self.assertInBounds(pdf)

    def test_callback_record(self):
        """R105 R140: evaluation and further needs."""
        pdf = self._print_code("F70-2")
        self.assertPrinted(pdf, "Callback record", "Satisfied", "A spare bearing")
        self.assertPrinted(self._print_code("F35"), "Works again", "Frau Meyer")

    def test_communication_record(self):
        """R106 R139 R140: persons, method, content, result."""
        for code, number in (("F36", ""), ("F69", "xx-QR-KF-029"), ("F70", "")):
            pdf = self._print_code(code)
            self.assertPrinted(pdf, "about the check", "He waits", "Progress", number)
            self.assertInBounds(pdf)

    def test_memo_has_objection_and_decision(self):
        """R076: department, decision objected to, reason, decision."""
        self._sign(self.ticket, "decision", "Refund in full", self.user_handler)
        self._sign(self.ticket, "objection", "The share is too high", self.user_handler)
        pdf = self._print_code("F06")
        self.assertPrinted(pdf, "Special-case memo", "Refund in full", "too high")
        self.assertInBounds(pdf)

    def test_inspection_report_of_the_lot(self):
        """R090: lot, quantity and judgement of the goods' inspection."""
        inspection = self.env["qc.inspection"].create(
            {"object_id": f"stock.lot,{self.lot.id}", "qty": 8}
        )
        inspection.write({"state": "failed", "external_notes": "Rivets too short"})
        pdf = self._print_code("F20")
        self.assertPrinted(
            pdf, inspection.name, self.lot.name, "Rivets too short", "Quality failed"
        )

    def test_record_form_without_record_is_blank_for_a_pen(self):
        form = self.env.ref("helpdesk_mgmt_complaint.complaint_form_f25")
        pdf = self._print_form(self._create_complaint(), form)
        self.assertEqual(len(pdf.pages), 1)
        self.assertPrinted(pdf, "Visit record", "Cracked cages", "Findings")

    def test_two_visits_are_two_sheets(self):
        self.env["complaint.visit"].create(
            {"ticket_id": self.ticket.id, "place": "Second place"}
        )
        pdf = self._print_code("F25")
        self.assertEqual(len(pdf.pages), 2)
        self.assertPrinted(pdf.pages[1], "Second place")

    def test_direct_print_of_records(self):
        for name, report, text in (
            ("visit", "visit", "cages cracked"),
            ("callback", "callback", "A spare bearing"),
            ("communication", "communication", "He waits"),
        ):
            record = self.ticket[f"complaint_{name}_ids"]
            pdf = self._print(f"report_complaint_{report}", record)
            self.assertPrinted(pdf, text, self.ticket.complaint_number)
        opinion = self._sign(self.ticket, "comment", "No objection")
        with self.assertRaisesRegex(UserError, "choose objections"):
            self._print("report_complaint_objection", opinion)

    def test_long_table_repeats_its_head_and_leaves_no_head_alone(self):
        """R067: 60 callbacks over pages: a head on each, never at the foot alone."""
        self.env["complaint.callback"].create(
            [
                {
                    "ticket_id": self.ticket.id,
                    "channel_id": self.channel_phone.id,
                    "person": f"Person {number:02d}",
                    "content": _LONG if number % 3 else "short",
                    "satisfied": "yes",
                }
                for number in range(60)
            ]
        )
        pdf = self._print_code("F35")
        self.assertGreaterEqual(len(pdf.pages), 4)
        self.assertInBounds(pdf)
        names = [f"Person {number:02d}" for number in range(60)]
        for number, page in enumerate(pdf.pages):
            rows = self._find_heights(page, "Person")
            heads = self._find_heights(page, "Further Needs")
            if rows:
                self.assertEqual(len(heads), 1, number)
                self.assertGreater(heads[0], max(rows), "head above its rows")
            else:
                self.assertFalse(heads, "head without rows")
        self.assertPrinted(pdf, *names)

    def _find_heights(self, page, text):
        return [y for found, _x, y in self._get_positions(page) if text in found]

    def test_qr_code_is_the_address_of_the_record(self):
        """The modules are those of the address; drawn without a picture backend."""
        tools = self.env["complaint.print.tools"]
        address = "https://example.com/mail/view?model=helpdesk.ticket&res_id=1"
        code = QRCode(None, QRErrorCorrectLevel.M)
        code.addData(address)
        code.version = code.calculate_version()
        code.makeImpl(False, 0)
        raw = base64.b64decode(tools._get_qr(address).partition(",")[2])
        picture = Image.open(io.BytesIO(raw))
        scale = picture.width // code.getModuleCount()
        found = [
            [not picture.getpixel((x * scale, y * scale)) for x in range(len(row))]
            for y, row in enumerate(code.modules)
        ]
        self.assertEqual(found, [[bool(dark) for dark in row] for row in code.modules])

    def test_copies_say_who_keeps_them(self):
        """R068: the distribution list marks the copy at hand."""
        form = self.env.ref("helpdesk_mgmt_complaint.complaint_form_f01")
        form.show_distribution = True
        department = self.env["hr.department"].create({"name": "Quality Dept"})
        self.env["complaint.role.assignment"].create(
            {
                "role_id": self.env.ref("helpdesk_mgmt_complaint.role_quality").id,
                "department_id": department.id,
                "user_id": self.user_quality.id,
            }
        )
        pdf = self._print_code("F01", copy_ids=[Command.set(form.copy_ids[0].ids)])
        self.assertPrinted(pdf, "Distribution", "Quality Dept, complaint_quality")

    def test_registers_print_their_columns(self):
        """R093 R099 R104 R109: letters and visits, complaint log, weekly report,
        register of opinions."""
        self.ticket.complaint_satisfaction = "satisfied"
        for code in ("F23", "F29", "F34", "F39"):
            name = f"complaint_form_{code.lower()}"
            form = self.env.ref(f"helpdesk_mgmt_complaint.{name}")
            choice = (
                self.env["complaint.register.print"]
                .with_user(self.user_handler)
                .create(
                    {
                        "form_id": form.id,
                        "ticket_ids": [Command.set(self.ticket.ids)],
                    }
                )
            )
            pdf = self._print(
                "report_complaint_register_choice", choice, keep=f"{code}.pdf"
            )
            with self.subTest(code=code):
                self.assertPrinted(pdf, form.name, self.ticket.complaint_number)
                for column in form.column_ids:
                    self.assertPrinted(pdf, column._get_heading())
                self.assertInBounds(pdf)
        self.assertPrinted(pdf, "about the check", "Satisfied", "QA shelf 4")
