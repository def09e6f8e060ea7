# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import io
import zipfile

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..kernel.form_mark import has_mark
from .common_duty import DutyCommon
from .common_prints import PrintCommon
from .common_statement import AFTER_AUGUST, AUGUST, StatementCommon


@tagged("post_install", "-at_install")
class TestStatementReview(StatementCommon, PrintCommon):
    """What a statement must not tell, and must tell like the analysis does."""

    def setUp(self):
        super().setUp()
        self._create_july()

    def test_files_are_known_as_internal(self):
        """R518: a statement names every customer; neither file can be sent."""
        self.make_pdf.stop()
        with self.allow_pdf_render():
            statement = self._issue(
                self._generate().with_context(force_report_rendering=True)
            )
        self.make_pdf.start()
        self.assertTrue(statement.form_id.is_internal)
        for file in (statement.sudo().pdf_id, statement.sudo().xlsx_id):
            with self.subTest(file=file.name):
                self.assertTrue(has_mark(file.raw))
                self.assertTrue(file.complaint_is_internal_form)
                ticket = self.cases["first"].with_user(self.user_quality)
                with self.assertRaisesRegex(UserError, "internal complaint form"):
                    self.env["mail.message"].create(
                        {
                            "model": ticket._name,
                            "res_id": ticket.id,
                            "message_type": "comment",
                            "subtype_id": self.env.ref("mail.mt_comment").id,
                            "attachment_ids": [Command.set(file.ids)],
                        }
                    )

    def test_customer_facing_statement_is_not_marked(self):
        """R518: the company says which form is internal."""
        statement = self._generate()
        statement.sudo().form_id.is_internal = False
        raw = statement._make_xlsx()
        self.assertFalse(has_mark(raw))
        self.assertTrue(zipfile.is_zipfile(io.BytesIO(raw)))
