# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import base64
import io
import os
from pathlib import Path

from PIL import Image
from pypdf import PdfReader

from odoo.tests import HttpCase

from .common import ComplaintCommon

# set it to a folder to keep the printed files and look at them
_KEEP = "HMC_KEEP_PRINTS"


class PrintCommon(ComplaintCommon):
    """Prints with the real wkhtmltopdf and reads the files again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # where wkhtmltopdf fetches the style sheets; only HttpCase sets it
        parameters = cls.env["ir.config_parameter"]
        parameters.set_param("report.url", HttpCase.base_url())
        parameters.set_param("report.print_delay", "0")
        cls.env["res.lang"]._activate_lang("zh_CN")
        addon = cls.env.ref("base.module_helpdesk_mgmt_complaint")
        addon._update_translations(["zh_CN"])
        cls.form_f01 = cls.env.ref("helpdesk_mgmt_complaint.complaint_form_f01")
        cls.form_f18 = cls.env.ref("helpdesk_mgmt_complaint.complaint_form_f18")

    def _print(self, report, record, user=None, keep=None):
        """Return the `PdfReader` of a report printed by `user` (a handler)."""
        reports = self.env["ir.actions.report"].with_user(user or self.user_handler)
        reports = reports.with_context(force_report_rendering=True)
        with self.allow_pdf_render():
            content, kind = reports._render_qweb_pdf(
                f"helpdesk_mgmt_complaint.{report}", record.ids
            )
        self.assertEqual(kind, "pdf")
        self._keep(keep or f"{self._testMethodName}.pdf", content)
        return PdfReader(io.BytesIO(content))

    def _keep(self, name, content):
        if os.environ.get(_KEEP):
            (Path(os.environ[_KEEP]) / name).write_bytes(content)

    def _print_form(self, ticket, form=None, user=None, keep=None, **vals):
        """Print through the dialog; without `form` directly."""
        user = user or self.user_handler
        if not form:
            return self._print("report_complaint_form", ticket, user)
        choice = (
            self.env["complaint.form.print"]
            .with_user(user)
            .create({"ticket_ids": [(6, 0, ticket.ids)], "form_id": form.id, **vals})
        )
        return self._print("report_complaint_form_choice", choice, user, keep)

    @classmethod
    def _dense(cls, text):
        """Return the text without blanks: lines wrap where they must."""
        return "".join(text.split())

    @classmethod
    def _text(cls, pdf):
        """Return the text of all pages, without blanks."""
        return cls._dense("".join(page.extract_text() for page in pdf.pages))

    def assertPrinted(self, source, *texts):
        """Each text stands in a file or page."""
        pages = source.pages if isinstance(source, PdfReader) else [source]
        found = self._dense("".join(page.extract_text() for page in pages))
        for text in texts:
            self.assertIn(self._dense(text), found)

    def assertNotPrinted(self, source, *texts):
        found = self._text(source)
        for text in texts:
            self.assertNotIn(self._dense(text), found)

    def assertInBounds(self, pdf):
        """No text of a file begins beyond the margins or is laid over the foot."""
        for number, page in enumerate(pdf.pages, start=1):
            width, height = float(page.mediabox.width), float(page.mediabox.height)
            outside = [
                (text, round(x), round(y))
                for text, x, y in self._get_positions(page)
                if not (15 < x < width - 15 and 8 < y < height - 8)
            ]
            self.assertFalse(outside, f"page {number} of {width} x {height}")

    @classmethod
    def _get_positions(cls, page):
        """Return ``(text, x, y)`` of the texts of a page, in points."""
        found = []

        def visit(text, matrix, at, font, size):
            # text matrix within the matrix of the page
            x = at[4] * matrix[0] + at[5] * matrix[2] + matrix[4]
            y = at[4] * matrix[1] + at[5] * matrix[3] + matrix[5]
            if text.strip():
                found.append((text.strip()[:40], x, y))

        page.extract_text(visitor_text=visit)
        return found

    @classmethod
    def _photo(cls, colour, size=(1600, 1200), kind="JPEG"):
        stream = io.BytesIO()
        Image.new("RGB", size, colour).save(stream, kind)
        return stream.getvalue()

    def _attach(self, record, name, raw):
        return self.env["ir.attachment"].create(
            {
                "name": name,
                "datas": base64.b64encode(raw),
                "res_model": record._name,
                "res_id": record.id,
            }
        )

    def _sign(self, ticket, kind, text, user=None):
        opinion = (
            self.env["complaint.opinion"]
            .with_user(user or self.user_quality)
            .create({"ticket_id": ticket.id, "kind": kind, "text": text})
        )
        opinion.action_sign()
        return opinion

    def _create_full_complaint(self, **vals):
        """Return an accepted complaint with goods, demand, sample and opinions."""
        line = {
            "sale_order_id": self.order.id,
            "product_id": self.product.id,
            "lot_id": self.lot.id,
            "delivered_qty": 500,
            "delivered_date": "2026-07-03",
            "defective_qty": 12,
            "defect_id": self.defect.id,
            "symptom": "Cage broken at two rivets, noise from 800 rpm",
            "demand": "exchange",
            "demand_qty": 12,
            "production_unit": "Workshop 3",
            "production_shift": "M-07 / night",
            "operators": "Li Wei",
        }
        ticket = self._create_complaint(
            complaint_line_ids=[(0, 0, line)],
            complaint_customer_reference="QM-2231",
            complaint_demand_note="Please replace before the end of the month.",
            **vals,
        )
        self.env["complaint.sample"].create(
            {"ticket_id": ticket.id, "name": "Two broken cages", "place": "QA shelf 4"}
        )
        ticket.with_user(self.user_handler).action_complaint_accept()
        return ticket
