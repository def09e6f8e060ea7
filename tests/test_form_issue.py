# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import base64
import hashlib
import io
from unittest.mock import patch

from psycopg2 import IntegrityError
from pypdf import PdfReader

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common_prints import PrintCommon

_LOG = "odoo.addons.helpdesk_mgmt_complaint.models.complaint_form_issue"


@tagged("post_install", "-at_install")
class TestFormIssue(PrintCommon):
    """Copies of forms are issued to who keeps them (R503, R504)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.form_f14 = cls.env.ref("helpdesk_mgmt_complaint.complaint_form_f14")
        cls.procedure.gate_ids.unlink()
        cls.procedure.form_ids = cls.form_f01 | cls.form_f14
        cls.keepers = {}
        for number, role in enumerate(
            ("quality", "production", "business", "finance", "gm_office")
        ):
            department = cls.env["hr.department"].create({"name": f"Dept {role}"})
            user = new_test_user(cls.env, f"keeper_{role}", groups="base.group_user")
            cls.env["complaint.role.assignment"].create(
                {
                    "role_id": cls.env.ref(f"helpdesk_mgmt_complaint.role_{role}").id,
                    "department_id": department.id,
                    "user_id": user.id,
                }
            )
            cls.keepers[number + 1] = user
        cls.quality = cls.keepers[1]

    def _close(self, ticket):
        stage = self.team._get_complaint_stage("closed", self.company)
        ticket.with_user(self.user_handler).stage_id = stage
        self.assertEqual(ticket.complaint_phase, "closed")

    def _issues(self, ticket, form):
        return ticket.complaint_form_issue_ids.filtered(
            lambda issue: issue.form_id == form
        ).sorted("id")

    def _print_issues(self, issues):
        for issue in issues.sudo().with_context(force_report_rendering=True):
            with self.allow_pdf_render():
                issue._print_now()

    def test_closing_issues_five_copies_to_their_keepers(self):
        """R503: five copies, each for the unit that keeps it; nothing before."""
        ticket = self._create_full_complaint()
        self.assertFalse(self._issues(ticket, self.form_f01))
        self._close(ticket)
        issues = self._issues(ticket, self.form_f01)
        self.assertEqual(len(issues), 5)
        for number, issue in enumerate(issues, start=1):
            self.assertTrue(issue.label.startswith(f"Copy {number}:"))
            self.assertEqual(issue.user_ids, self.keepers[number])
            self.assertEqual((issue.state, issue.occasion), ("waiting", "closing"))

    def test_registration_issues_three_copies(self):
        """R504: sales manager, quality-technology, production; at registration."""
        ticket = self._create_complaint()
        issues = self._issues(ticket, self.form_f14)
        self.assertEqual(len(issues), 3)
        self.assertEqual(set(issues.mapped("occasion")), {"registration"})
        self.assertEqual(issues[1].user_ids, self.quality)
        self.assertEqual(issues[2].user_ids, self.keepers[2])
        # nobody holds this role yet: the handlers see that
        self.assertFalse(issues[0].user_ids)

    def test_copy_is_printed_frozen_and_told(self):
        """R503: the keeper is told and sees exactly what was printed."""
        ticket = self._create_full_complaint()
        self._close(ticket)
        issue = self._issues(ticket, self.form_f01)[0]
        self._print_issues(issue)
        self.assertEqual(issue.state, "ready")
        raw = base64.b64decode(issue.content)
        self.assertEqual(issue.checksum, hashlib.sha256(raw).hexdigest())
        pdf = PdfReader(io.BytesIO(raw))
        self.assertPrinted(pdf, "Copy 1: Quality", ticket.complaint_number, "INTERNAL")
        # the other copies stand in the distribution list only
        self.assertEqual(self._text(pdf).count("Copy2:Manufacturing"), 1)
        told = self.env["mail.notification"].search(
            [("res_partner_id", "=", self.quality.partner_id.id)]
        )
        self.assertTrue(told)
        before = issue.content
        ticket.sudo().name = "Changed afterwards"
        self._print_issues(issue)
        self.assertEqual(issue.content, before)
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            issue.sudo().content = base64.b64encode(b"%PDF-forged")
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            issue.sudo().unlink()

    def test_keeper_reads_his_copy_but_not_the_complaint(self):
        """R503, R520: the copy, not the complaint, and no copy of others."""
        ticket = self._create_full_complaint()
        self._close(ticket)
        issues = self._issues(ticket, self.form_f01)
        self._print_issues(issues[:2])
        mine = issues.with_user(self.quality)
        domain = [("form_id", "=", self.form_f01.id)]
        self.assertEqual(mine.search(domain), mine[0])
        self.assertEqual(mine[0].read(["label"])[0]["label"], "Copy 1: Quality")
        with self.assertRaises(AccessError):
            mine[1].read(["label"])
        with self.assertRaises(AccessError):
            ticket.with_user(self.quality).read(["name"])
        self.assertFalse(mine[0].is_opened)
        action = mine[0].action_open()
        self.assertIn(f"/{mine[0].id}/content", action["url"])
        self.assertTrue(mine[0].is_opened)
        self.assertEqual(issues[0].opened_user_ids, self.quality)
        with self.assertRaises(AccessError):
            mine[1].action_open()

    def test_recused_keeper_gets_nothing(self):
        """R519: neither at the issue nor when recused afterwards."""
        first, second = self._create_full_complaint(), self._create_full_complaint()
        first.complaint_recused_extra_ids = self.quality
        self._close(first)
        self._close(second)
        issue = self._issues(first, self.form_f01)[0]
        self.assertFalse(issue.user_ids)
        later = self._issues(second, self.form_f01)[0]
        self.assertEqual(later.user_ids, self.quality)
        second.sudo().complaint_recused_extra_ids = self.quality
        self._print_issues(later)
        for own in (issue, later):
            with self.assertRaises(AccessError):
                own.with_user(self.quality).read(["label"])
        self.assertFalse(
            self.env["mail.notification"].search_count(
                [("res_partner_id", "=", self.quality.partner_id.id)]
            )
        )

    def test_no_client_writes_copies(self):
        """R503: read only for everybody, also for managers."""
        ticket = self._create_full_complaint()
        issue = self._issues(ticket, self.form_f14)[0]
        for user in (self.user_handler, self.user_manager):
            own = issue.with_user(user)
            self.assertTrue(own.label)
            for call in (
                lambda own=own: own.write({"user_ids": [Command.clear()]}),
                lambda own=own: own.unlink(),
                lambda own=own: own.copy(),
                lambda own=own: own.create(
                    {
                        "ticket_id": ticket.id,
                        "form_id": self.form_f01.id,
                        "occasion": "closing",
                    }
                ),
            ):
                with self.assertRaises(AccessError):
                    call()

    def test_other_company_and_customer_see_no_copy(self):
        ticket = self._create_full_complaint()
        issue = self._issues(ticket, self.form_f14)[0]
        for user in (self.user_handler_b, self.portal_user):
            with self.assertRaises(AccessError):
                issue.with_user(user).read(["label"])

    def test_failing_printer_keeps_nobody_from_closing(self):
        """R503: printing is done afterwards; a failure is written down, tried again
        and shown."""
        ticket = self._create_full_complaint()
        path = "odoo.addons.base.models.ir_actions_report.IrActionsReport"
        with patch(f"{path}._run_wkhtmltopdf", side_effect=UserError("No paper")):
            self._close(ticket)
            issue = self._issues(ticket, self.form_f01)[0]
            with mute_logger(_LOG):
                self._print_issues(issue)
            self.assertEqual((issue.state, issue.error), ("waiting", "No paper"))
            with mute_logger(_LOG):
                self._print_issues(issue)
                self._print_issues(issue)
            self.assertEqual(issue.state, "failed")
            with mute_logger(_LOG), self.assertRaisesRegex(UserError, "No paper"):
                issue.with_context(force_report_rendering=True).action_open()
        self._print_issues(issue)
        self.assertEqual((issue.state, issue.error), ("ready", False))

    def test_opening_a_waiting_copy_prints_it(self):
        ticket = self._create_full_complaint()
        self._close(ticket)
        issue = self._issues(ticket, self.form_f01)[0].with_user(self.quality)
        with self.allow_pdf_render():
            issue.with_context(force_report_rendering=True).action_open()
        self.assertEqual(issue.state, "ready")

    def test_cron_prints_what_waits(self):
        ticket = self._create_full_complaint()
        issues = self._issues(ticket, self.form_f14)
        waiting = self.env["complaint.form.issue"].search([("state", "=", "waiting")])
        model = waiting.with_context(force_report_rendering=True)
        cron = type(self.env["ir.cron"])
        with (
            self.allow_pdf_render(),
            patch.object(cron, "_commit_progress", return_value=60),
        ):
            model._cron_print()
        self.assertEqual(set(issues.mapped("state")), {"ready"})

    def test_every_cycle_has_its_own_copies_once(self):
        """R503: closed again after reopening: new copies, the old ones stay."""
        ticket = self._create_full_complaint()
        self._close(ticket)
        issue = self.env["complaint.form.issue"].sudo()
        self.assertFalse(issue._issue(ticket, "closing"))
        ticket.with_user(self.user_manager).action_complaint_reopen("Not solved")
        self._close(ticket)
        issues = self._issues(ticket, self.form_f01)
        self.assertEqual(issues.mapped("cycle"), [1] * 5 + [2] * 5)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            issue.create(issues[-1].sudo().copy_data()[0])
            self.env.flush_all()

    def test_when_copies_are_issued_is_set_on_the_form(self):
        self.form_f14.distribute_at = "never"
        self.form_f01.distribute_at = "registration"
        ticket = self._create_complaint()
        self.assertEqual(ticket.complaint_form_issue_ids.form_id, self.form_f01)

    def test_deleted_draft_leaves_no_file(self):
        ticket = self._create_complaint()
        issue = self._issues(ticket, self.form_f14)[0]
        issue.sudo().write({"content": "JVBERi0=", "state": "ready"})
        domain = [
            ("res_model", "=", "complaint.form.issue"),
            ("res_field", "=", "content"),
            ("res_id", "=", issue.id),
        ]
        files = self.env["ir.attachment"]
        self.assertTrue(files.search(domain))
        ticket.with_user(self.user_manager).unlink()
        self.assertFalse(files.search(domain))

    def test_form_that_nobody_keeps_is_not_issued(self):
        self.env["complaint.role.assignment"].search([]).unlink()
        ticket = self._create_full_complaint()
        self._close(ticket)
        self.assertFalse(ticket.complaint_form_issue_ids)

    def test_issuing_asks_once_for_many(self):
        """Registering ten costs hardly more queries for copies than one."""
        counts = []
        for number in (1, 10):
            tickets = self.env["helpdesk.ticket"]
            self.form_f14.distribute_at = "never"
            for _index in range(number):
                tickets |= self._create_complaint()
            self.form_f14.distribute_at = "registration"
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            issues = self.env["complaint.form.issue"].sudo()
            issues._issue(tickets, "registration")
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(tickets.complaint_form_issue_ids), 3 * number)
        self.assertLess(counts[1], counts[0] + 10)

    def test_company_prints_copies_of_its_own_form(self):
        own = self.form_f14.copy()
        own.copy_ids[1:].unlink()
        own.copy_ids.department_id = self.env["hr.department"].create(
            {"name": "Own", "manager_id": self._employee(self.user_register).id}
        )
        issue = self._create_complaint().complaint_form_issue_ids
        self.assertEqual((issue.form_id, issue.user_ids), (own, self.user_register))

    def _employee(self, user):
        return self.env["hr.employee"].create({"name": user.name, "user_id": user.id})
