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
from .test_deadline_report import DeadlineReportCommon


@tagged("post_install", "-at_install")
class TestStatementReview(StatementCommon, PrintCommon):
    """What a statement must not tell, and must tell like the analysis does."""

    def setUp(self):
        super().setUp()
        self._create_july()

    def _correct_in_august(self):
        """Return the August statement, which corrects the issued one of July."""
        july = self._issue(self._generate())
        liability = self.env["complaint.liability"].sudo()
        row = liability.search([("ticket_id", "=", self.cases["first"].id)])
        self.env.cr.execute(
            "UPDATE complaint_liability SET department_id = %s WHERE id = %s",
            (self.departments["Purchasing"].id, row.id),
        )
        self.env.invalidate_all()
        self.now.move_to(AFTER_AUGUST)
        august = self._generate(period=AUGUST)
        self.assertTrue(august.correction_ids)
        return july, august

    def test_blindly_recused_reads_no_correction(self):
        """R519: a later statement that corrects the case does not tell of it."""
        _july, august = self._correct_in_august()
        user = self.user_supervisor
        corrections = self.env["complaint.statement.correction"].with_user(user)
        domain = [("statement_id", "=", august.id)]
        self.assertTrue(corrections.search_count(domain))
        self.procedure.recused_blind = True
        self.cases["first"].sudo().complaint_recused_extra_ids += user
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(corrections.search_count(domain))
        found = self.statements.with_user(user).search([("id", "=", august.id)])
        self.assertFalse(found)

    def test_anonymised_person_is_not_told_again(self):
        """R514: what was taken out of the complaint is no correction."""
        person = self.env["res.partner"].create({"name": "Erika Mustermann"})
        ticket = self._create_closed((2026, 7, 1), (2026, 7, 9), partner_id=person.id)
        statement = self._issue(self._generate())
        self.assertIn(ticket, statement.sudo().line_ids.case_id)
        self.env["complaint.anonymiser"].sudo()._anonymise(ticket.sudo())
        self.assertFalse(ticket.sudo().partner_id)
        self.now.move_to(AFTER_AUGUST)
        august = self._generate(period=AUGUST)
        self.assertFalse(august.sudo().correction_ids)

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

    def test_same_quantity_and_days_as_the_analysis(self):
        """R500, K33: other unit than the product, accepted twice."""
        dozen = self.env.ref("uom.product_uom_dozen")
        ticket = self._create_closed((2026, 7, 1), None, quantity=2)
        ticket.sudo().complaint_line_ids.uom_id = dozen
        with self._at(2026, 7, 5):
            ticket.action_complaint_close()
        with self._at(2026, 7, 8):
            ticket.with_user(self.user_manager).action_complaint_reopen("Again")
            if ticket.complaint_phase != "accepted":
                ticket.action_complaint_accept()
            ticket.sudo()._complaint_event("accepted")
        with self._at(2026, 7, 21):
            ticket.action_complaint_close()
        events = ticket.sudo().complaint_event_ids
        self.assertEqual(len(events.filtered(lambda e: e.code == "accepted")), 2)
        lines = self._lines(self._generate())
        line = lines.filtered(lambda row: row.case_id == ticket)
        report = self.env["complaint.report"].with_user(self.user_quality)
        ((quantity, days),) = report._read_group(
            [("ticket_id", "=", ticket.id)],
            aggregates=["defective_qty:sum", "lead_days:avg"],
        )
        self.assertEqual((line.quantity, quantity), (24, 24))
        self.assertAlmostEqual(days, 20)
        self.assertAlmostEqual(line.days, days)

    def test_same_loss_as_the_analysis(self):
        """K05: a demand that was refused costs nothing."""
        with self._at(2026, 7, 1):
            ticket = self._create_closed((2026, 6, 20), None).sudo()
            self._sign_text(ticket, "countermeasure", "New gauge")
            self._sign_text(ticket, "decision", "100 are granted")
            settlement = self.env["complaint.settlement"].create(
                {
                    "ticket_id": ticket.id,
                    "line_ids": [
                        Command.create({"kind": kind, "quantity": 1, "price": price})
                        for kind, price in (("allowance", 100), ("reject", 900))
                    ],
                }
            )
            settlement.action_decide()
            ticket.with_user(self.user_handler).action_complaint_close()
        line = self._lines(self._generate()).filtered(lambda r: r.case_id == ticket)
        report = self.env["complaint.report"].with_user(self.user_quality)
        ((loss,),) = report._read_group(
            [("ticket_id", "=", ticket.id)], aggregates=["loss_amount:sum"]
        )
        self.assertEqual((line.amount, loss), (100, 100))


@tagged("post_install", "-at_install")
class TestStatementDutyReview(StatementCommon, DutyCommon):
    def setUp(self):
        super().setUp()
        self._create_july()
        self.now.move_to("2026-07-15 02:00:00")

    def test_issued_before_the_scheduler_came(self):
        """R259, R322: the duty is done, by who issued it."""
        duty = self._create_duty(
            name="Case statistics",
            statement_kind="cases",
            period_done="next",
            due_day="day",
            day_of_month=10,
        )
        self.now.move_to("2026-08-03 02:00:00")
        statement = self._issue(self._generate())
        self._run("2026-08-03 03:00:00")
        row = self._rows(duty).filtered(lambda r: str(r.period_start) == "2026-07-01")
        self.assertEqual(row.statement_id, statement.sudo())
        self.assertEqual(row.state, "met")
        self.assertEqual(row.result_ids.user_id, self.user_quality)


@tagged("post_install", "-at_install")
class TestAnonymiserReview(StatementCommon):
    def test_words_of_the_customer_lose_his_name(self):
        """R514: in the symptom as well; what he saw stays."""
        ticket = self._create_complaint(
            complaint_complainant_name="Erika Mustermann",
            complaint_line_ids=[
                Command.create(
                    {
                        "product_id": self.product.id,
                        "symptom": "Erika Mustermann saw 3 cracked cages",
                    }
                )
            ],
        )
        with freeze_time("2026-08-06 02:00:00"):
            self.env["complaint.anonymiser"].sudo()._anonymise(ticket.sudo())
        self.assertEqual(ticket.complaint_line_ids.symptom, "… saw 3 cracked cages")


@tagged("post_install", "-at_install")
class TestDeadlineReportReview(DeadlineReportCommon):
    def test_blindly_recused_counts_no_deadline(self):
        """R519: the query hides what the rule hid, from searches and by id."""
        other = self._deadline(due=-5, ticket=self._create_complaint())
        own = self._deadline(due=-5)
        duty = self._deadline(due=-5, ticket=self.env["helpdesk.ticket"])
        report = self.report.with_user(self.user_quality)
        self.assertEqual(set(report.search([]).ids), {other.id, own.id, duty.id})
        self.procedure.recused_blind = True
        self.ticket.complaint_recused_extra_ids += self.user_quality
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertTrue(self.ticket.complaint_recused_blind)
        self.assertEqual(set(report.search([]).ids), {other.id, duty.id})
        self.assertFalse(report.browse(own.id).read(["result"]))
        self.assertIn(own.id, self.report.sudo().search([]).ids)
