# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import ComplaintCommon

_LATER = "2040-01-10 12:00:00"
_DATA = (
    "Anna Meyer",
    "anna.meyer@meyer.example.com",
    "+49 421 5550101",
    "Hafenstrasse 7",
    "Herr Schulz",
)


@tagged("post_install", "-at_install")
class TestFormRetention(ComplaintCommon):
    """How long forms are kept, and what remains afterwards (R285, R506, R514)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.procedure.gate_ids.unlink()
        shared = cls.env.ref("helpdesk_mgmt_complaint.complaint_form_f01")
        cls.form = shared.copy()
        cls.procedure.form_ids = shared
        cls.department = cls.env["hr.department"].create({"name": "Archive"})
        cls.form.write(
            {
                "retention_years": 3,
                "retention_start": "closing",
                "retention_place": "Room 12",
                "retention_department_id": cls.department.id,
            }
        )
        cls.ticket = cls._create_person_complaint()
        cls._close(cls.ticket)

    @classmethod
    def _create_person_complaint(cls):
        ticket = cls._create_complaint(
            name="Anna Meyer: cracked cages",
            complaint_content="Anna Meyer (+49 421 5550101) found 12 cracked cages.",
            complaint_complainant_name="Anna Meyer",
            complaint_complainant_phone="+49 421 5550101",
            complaint_complainant_address="Hafenstrasse 7",
            complaint_line_ids=[
                Command.create({"product_id": cls.product.id, "lot_id": cls.lot.id})
            ],
        )
        vals = {"ticket_id": ticket.id}
        cls.env["complaint.communication"].create(
            {
                **vals,
                "channel_id": cls.channel_phone.id,
                "partner_id": cls.customer_contact.id,
                "persons": "Herr Schulz",
                "content": "Herr Schulz waits for the exchange",
            }
        )
        cls.env["complaint.visit"].create(
            {
                **vals,
                "place": "Hafenstrasse 7",
                "persons": "Herr Schulz",
                "arrival_at": "2026-07-06 08:00:00",
                "findings": "Seen with Herr Schulz",
            }
        )
        cls.env["complaint.callback"].create(
            {
                **vals,
                "channel_id": cls.channel_phone.id,
                "person": "Anna Meyer",
                "content": "Anna Meyer is content",
                "satisfied": "yes",
            }
        )
        ticket.message_post(
            body="Regards, Anna Meyer, Hafenstrasse 7",
            message_type="email",
            author_id=cls.customer_contact.id,
            attachments=[("letter.txt", b"Anna Meyer"), ("cage.jpg", b"\xff\xd8\xff")],
            subtype_xmlid="mail.mt_comment",
        )
        ticket.with_user(cls.user_handler).message_post(
            body="Dear Anna Meyer, we exchange them", subtype_xmlid="mail.mt_comment"
        )
        opinion = (
            cls.env["complaint.opinion"]
            .with_user(cls.user_quality)
            .create({**vals, "kind": "cause", "text": "Rivet force too low"})
        )
        opinion.action_sign()
        return ticket

    @classmethod
    def _close(cls, ticket):
        stages = cls.team
        for phase in ("accepted", "closed"):
            stage = stages._get_complaint_stage(phase, cls.company)
            ticket.with_user(cls.user_handler).stage_id = stage

    def _rows(self, ticket=None, user=None):
        rows = self.env["complaint.retention.report"].with_user(
            user or self.user_handler
        )
        return rows.search([("ticket_id", "=", (ticket or self.ticket).id)])

    def _anonymise(self, user=None, ticket=None, **kwargs):
        own = (ticket or self.ticket).with_user(user or self.user_manager)
        kwargs = {"reason": "Retention is over", "confirmed": True, **kwargs}
        return own.action_complaint_anonymise(**kwargs)

    # ------------------------------------------------------------------
    # Due list
    # ------------------------------------------------------------------

    def test_due_list_follows_the_rule_of_the_form(self):
        """R506: period, start event, place and owner of the company's own form."""
        row = self._rows()
        closed = self.ticket.complaint_closed_at.date()
        self.assertEqual(row.form_id, self.form)
        self.assertEqual((row.years, row.place), (3, "Room 12"))
        self.assertEqual(row.department_id, self.department)
        self.assertLessEqual(abs((row.date_start - closed).days), 1)
        self.assertEqual(
            row.date_until, row.date_start.replace(year=row.date_start.year + 3)
        )

    def test_start_of_the_period_is_data(self):
        """R506: registration, closing, or the end of the year."""
        self.form.retention_start = "year_end"
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self._rows().date_start.strftime("%m-%d"), "12-31")
        self.form.retention_start = "registration"
        self.env.invalidate_all()
        self.assertTrue(self._rows().date_start)

    def test_without_rule_of_the_form_that_of_the_procedure_holds(self):
        """R506, R507"""
        self.form.retention_years = 0
        self.assertFalse(self._rows())
        self.procedure.write({"retention_years": 1, "retention_start": "closing"})
        self.env.invalidate_all()
        self.assertEqual(self._rows().years, 1)
        self.assertEqual(self._rows().place, "Room 12")
        self.procedure.form_ids = False
        self.env.invalidate_all()
        self.assertFalse(self._rows().form_id)
        self.assertEqual(len(self._rows()), 1)
        with self.assertRaises(ValidationError):
            self.procedure.retention_years = -1

    def test_feedback_of_the_general_preset_is_kept_one_year(self):
        """R285 R507: the preset value."""
        preset = self.env.ref("helpdesk_mgmt_complaint.procedure_gen")
        self.assertEqual(
            (preset.retention_years, preset.retention_start), (1, "closing")
        )

    def test_open_complaints_are_not_in_the_list(self):
        self.ticket.with_user(self.user_manager).action_complaint_reopen("Again")
        self.assertFalse(self._rows())

    def test_list_hides_other_companies_and_foreign_complaints(self):
        self.assertFalse(self._rows(user=self.user_handler_b))
        for user in (self.user_register, self.portal_user):
            with self.assertRaises(AccessError):
                self._rows(user=user)

    # ------------------------------------------------------------------
    # Anonymisation
    # ------------------------------------------------------------------

    def test_persons_go_and_the_quality_record_stays(self):
        """R514: nobody is found any more; goods, times, causes, decisions stay."""
        number, closed = self.ticket.complaint_number, self.ticket.complaint_closed_at
        deadlines = self.ticket.complaint_deadline_ids.mapped("state")
        with freeze_time(_LATER):
            self._anonymise()
        self.env.flush_all()
        self.env.invalidate_all()
        ticket = self.ticket
        self.assertEqual(self._find_persons(), [])
        self.assertEqual(ticket.partner_id, self.customer)
        self.assertEqual(
            (ticket.complaint_number, ticket.complaint_closed_at), (number, closed)
        )
        self.assertIn("found 12 cracked cages", ticket.complaint_content)
        self.assertEqual(ticket.complaint_line_ids.lot_id, self.lot)
        self.assertEqual(ticket.complaint_satisfaction, "satisfied")
        opinion = ticket.complaint_opinion_ids
        self.assertEqual(opinion.signed_by_id, self.user_quality)
        self.assertEqual(ticket.complaint_deadline_ids.mapped("state"), deadlines)
        self.assertTrue(
            self.env["ir.attachment"].search_count(
                [("res_id", "=", ticket.id), ("name", "=", "cage.jpg")]
            )
        )
        self.assertTrue(self.customer_contact.exists())

    def _find_persons(self):
        """Return where one of the persons still stands, as `(model, field)`."""
        ticket, found = self.ticket.sudo(), []
        messages = self.env["mail.message"].search(
            [("model", "=", "helpdesk.ticket"), ("res_id", "=", ticket.id)]
        )
        records = [ticket, *messages, *messages.attachment_ids]
        for name in ("communication", "visit", "callback", "event", "opinion"):
            records += list(ticket[f"complaint_{name}_ids"])
        for record in records:
            for name, field in record._fields.items():
                if not field.store or field.type not in ("char", "text", "html"):
                    continue
                if any(text in str(record[name] or "") for text in _DATA):
                    found.append((record._name, name))
            if "author_id" in record._fields and record.author_id.partner_share:
                found.append((record._name, "author_id"))
        files = self.env["ir.attachment"].search(
            [("res_model", "=", "helpdesk.ticket"), ("res_id", "=", ticket.id)]
        )
        found += [
            ("ir.attachment", f.name) for f in files if b"Meyer" in (f.raw or b"")
        ]
        return found

    def test_who_when_and_what_is_logged_for_good(self):
        """R514: append-only; twice is refused."""
        with freeze_time(_LATER):
            self._anonymise()
            event = self.ticket.complaint_event_ids.filtered(
                lambda e: e.code == "anonymised"
            )
            self.assertEqual(event.user_id, self.user_manager)
            self.assertEqual(event.note, "Retention is over")
            self.assertGreater(event.payload["messages"], 0)
            with self.assertRaisesRegex(UserError, "anonymised already"):
                self._anonymise()
        self.assertTrue(self.ticket.complaint_anonymised_at)
        with self.assertRaises(UserError):
            event.write({"note": "x"})

    def test_only_managers_remove_persons(self):
        """R514: whatever other users call."""
        with freeze_time(_LATER):
            for user in (
                self.user_register,
                self.user_handler,
                self.user_quality,
                self.user_supervisor,
                self.portal_user,
                self.user_handler_b,
            ):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    self._anonymise(user)
        self.assertEqual(self.ticket.complaint_complainant_name, "Anna Meyer")

    def test_manager_of_other_company_removes_nothing(self):
        manager = self.user_manager.copy(
            {
                "login": "manager_b",
                "company_id": self.company_b.id,
                "company_ids": [Command.set(self.company_b.ids)],
            }
        )
        with freeze_time(_LATER), self.assertRaises(AccessError):
            self._anonymise(manager)

    def test_not_before_the_last_form_is_due(self):
        """R514: the longest retention counts, and somebody has to confirm."""
        with self.assertRaisesRegex(UserError, "it is kept until"):
            self._anonymise()
        other = self.env.ref("helpdesk_mgmt_complaint.complaint_form_f02").copy()
        other.retention_years = 90
        self.procedure.form_ids |= other
        with freeze_time(_LATER):
            with self.assertRaisesRegex(UserError, "it is kept until"):
                self._anonymise()
            other.retention_years = 1
            with self.assertRaisesRegex(UserError, "Confirm"):
                self._anonymise(confirmed=False)
            other.retention_years = self.form.retention_years = 0
            with self.assertRaisesRegex(UserError, "have no retention"):
                self._anonymise()

    def test_open_complaint_keeps_its_persons(self):
        """R514: never on open cases."""
        self.ticket.with_user(self.user_manager).action_complaint_reopen("Again")
        with freeze_time(_LATER), self.assertRaisesRegex(UserError, "not closed"):
            self._anonymise()

    def test_legal_hold_keeps_everything(self):
        """R514: set and lifted with a reason, in the log."""
        held = self.ticket.with_user(self.user_supervisor)
        self.assertEqual(held.action_complaint_hold()["target"], "new")
        held.action_complaint_hold("Court case 12 O 34/26")
        self.assertTrue(self._rows().legal_hold)
        with freeze_time(_LATER):
            with self.assertRaisesRegex(UserError, "legal hold"):
                self._anonymise()
            held.action_complaint_release("Case is over")
            self._anonymise()
        codes = self.ticket.complaint_event_ids.mapped("code")
        self.assertIn("legal_hold_set", codes)
        self.assertIn("legal_hold_lifted", codes)

    def test_stamps_cannot_be_forged(self):
        """R514: by RPC, at creation, by default values."""
        for vals in (
            {"complaint_legal_hold": True},
            {"complaint_legal_hold": False},
            {"complaint_anonymised_at": "2026-01-01"},
        ):
            for user in (self.user_handler, self.user_manager):
                with self.assertRaisesRegex(UserError, "Use the buttons"):
                    self.ticket.with_user(user).write(vals)
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.user_handler).action_complaint_hold("No")
        fresh = (
            self.env["helpdesk.ticket"]
            .with_user(self.user_handler)
            .with_context(default_complaint_legal_hold=True)
            .create(self._complaint_vals(complaint_anonymised_at="2026-01-01"))
        )
        self.assertFalse(fresh.complaint_legal_hold or fresh.complaint_anonymised_at)
        copied = self.ticket.with_user(self.user_handler).copy()
        self.assertFalse(copied.complaint_anonymised_at)

    def test_dialog_says_what_hinders_it(self):
        dialog = self.env["complaint.retention.change"].with_user(self.user_manager)
        change = dialog.create(
            {
                "ticket_ids": [Command.set(self.ticket.ids)],
                "kind": "anonymise",
                "reason": "Retention is over",
            }
        )
        self.assertIn("it is kept until", change.refused)
        with freeze_time(_LATER):
            change.invalidate_recordset(["refused"])
            self.assertFalse(change.refused)
            with self.assertRaisesRegex(UserError, "Confirm"):
                change.action_confirm()
            change.confirmed = True
            change.action_confirm()
        self.assertTrue(self.ticket.complaint_anonymised_at)

    def test_private_customer_is_unlinked(self):
        """R514: a person as customer leaves; his class and time limits stay."""
        person = self.env["res.partner"].create(
            {"name": "Erika Mustermann", "email": "erika@example.com"}
        )
        ticket = self._create_complaint(partner_id=person.id)
        ticket.complaint_is_key_customer = True
        self._close(ticket)
        with freeze_time(_LATER):
            self._anonymise(ticket=ticket)
        self.assertFalse(ticket.partner_id)
        self.assertTrue(ticket.complaint_is_key_customer)
        self.assertFalse(ticket.complaint_deadline_ids.partner_id)

    def test_printed_copies_go_but_their_checksum_stays(self):
        issue = self.env["complaint.form.issue"].create(
            {
                "ticket_id": self.ticket.id,
                "form_id": self.form.id,
                "occasion": "closing",
                "content": "JVBERi0=",
                "checksum": "abc",
                "state": "ready",
            }
        )
        with freeze_time(_LATER):
            self._anonymise()
        self.assertFalse(issue.content)
        self.assertEqual((issue.state, issue.checksum), ("removed", "abc"))
        with self.assertRaisesRegex(UserError, "retention is over"):
            issue.action_open()
