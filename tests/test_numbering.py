# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import date, datetime
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import users

from ..models.res_company import ResCompany
from .common import ComplaintCommon

MONTHLY = "{YY}{MM}{##}"
JULY = date(2026, 7, 3)


class TestNumbering(ComplaintCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # other tests and demo data number in the standard pattern
        cls.procedure = cls.procedure.copy(
            {"number_pattern": "T{YY}{MM}{##}", "company_id": cls.company.id}
        )
        cls.procedure.sequence = 1
        cls.numbers = cls.env["complaint.number"]

    def _on(self, day):
        return patch.object(ResCompany, "_complaint_today", lambda self: day)

    def _create(self, count=1, **vals):
        return self.env["helpdesk.ticket"].create(
            [self._complaint_vals(**vals) for _index in range(count)]
        )

    @users("complaint_handler")
    def test_number_is_given_at_acceptance(self):
        """R143, R146: provisional reference before, official number after."""
        ticket = self._create()
        self.assertFalse(ticket.complaint_number)
        self.assertIn(ticket.number, ticket.display_name)
        with self._on(JULY):
            ticket.action_complaint_accept()
        self.assertEqual(ticket.complaint_number, "T260701")
        self.assertIn("T260701", ticket.display_name)

    @users("complaint_register")
    def test_number_is_given_at_registration(self):
        """R148: at once, for a plain employee who may not read the ledger."""
        self.procedure.sudo().number_trigger = "registration"
        with self._on(JULY):
            tickets = self._create(3)
        self.assertEqual(
            tickets.mapped("complaint_number"), ["T260701", "T260702", "T260703"]
        )
        with self.assertRaises(AccessError):
            self.env["complaint.number"].search([])

    @users("complaint_handler")
    def test_number_is_given_by_the_reviewer(self):
        """R147: by a button, and not before the complaint is accepted."""
        self.procedure.sudo().number_trigger = "review"
        ticket = self._create()
        with self.assertRaisesRegex(UserError, "accept"):
            ticket.action_complaint_assign_number()
        ticket.action_complaint_accept()
        self.assertFalse(ticket.complaint_number)
        with self._on(JULY):
            ticket.action_complaint_assign_number()
            ticket.action_complaint_assign_number()
        self.assertEqual(ticket.complaint_number, "T260701")

    @users("complaint_register")
    def test_registrar_cannot_review(self):
        """R147: the reviewer is a handler, not whoever registered."""
        self.procedure.sudo().number_trigger = "review"
        with self.assertRaisesRegex(UserError, "handler"):
            self._create().action_complaint_assign_number()

    @users("complaint_handler")
    def test_missed_moment_is_made_up_for(self):
        """R146, R148: the procedure changed between registration and acceptance."""
        ticket = self._create()
        self.procedure.sudo().number_trigger = "registration"
        ticket.action_complaint_accept()
        self.assertTrue(ticket.complaint_number)

    @users("complaint_handler")
    def test_serial_restarts_each_month(self):
        """R144: 编号周期以年度月份为原则."""
        tickets = self._create(4)
        days = [JULY, date(2026, 7, 31), date(2026, 8, 1), date(2027, 7, 1)]
        for ticket, day in zip(tickets, days, strict=True):
            with self._on(day):
                ticket.action_complaint_accept()
        self.assertEqual(
            tickets.mapped("complaint_number"),
            ["T260701", "T260702", "T260801", "T270701"],
        )

    @users("complaint_handler")
    def test_month_changes_in_the_company_time_zone(self):
        """R144: at midnight in Shanghai, not at midnight UTC."""
        now = "odoo.fields.Datetime.now"
        company = self.company.with_user(self.env.user)
        with patch(now, return_value=datetime(2026, 7, 31, 15, 59, 59)):
            self.assertEqual(company._complaint_today(), date(2026, 7, 31))
        with patch(now, return_value=datetime(2026, 7, 31, 16, 0, 0)):
            self.assertEqual(company._complaint_today(), date(2026, 8, 1))
            # Berlin is still in July
            company_b = self.company_b.sudo()
            self.assertEqual(company_b._complaint_today(), date(2026, 7, 31))
        tickets = self._create(2)
        for ticket, hour in zip(tickets, (15, 16), strict=True):
            with patch(now, return_value=datetime(2026, 7, 31, hour, 0, 0)):
                day = company._complaint_today()
            with self._on(day):
                ticket.action_complaint_accept()
        self.assertEqual(tickets.mapped("complaint_number"), ["T260701", "T260801"])

    @users("complaint_handler")
    def test_serial_grows_beyond_99(self):
        """R145: the 100th complaint of a month neither fails nor repeats."""
        rows = self.numbers._draw(self.company, "T{YY}{MM}{##}", JULY, 98)
        self.assertEqual(len(set(rows.mapped("name"))), 98)
        tickets = self._create(3)
        with self._on(JULY):
            tickets.action_complaint_accept()
        self.assertEqual(
            tickets.mapped("complaint_number"), ["T260799", "T2607100", "T2607101"]
        )

    def test_companies_count_on_their_own(self):
        """R143: each company has its own register, the same number in both."""
        ticket = self._create()
        other = self.env["helpdesk.ticket"].create(
            {
                **self._complaint_vals(),
                "company_id": self.company_b.id,
                "complaint_procedure_id": self.procedure.copy(
                    {"company_id": self.company_b.id}
                ).id,
            }
        )
        with self._on(JULY):
            (ticket | other).action_complaint_accept()
        self.assertEqual(ticket.complaint_number, "T260701")
        self.assertEqual(other.complaint_number, "T260701")

    def test_company_of_a_numbered_complaint_stays(self):
        """R143: moving it would break two registers; a draft may still move."""
        draft, ticket = self._create(2)
        ticket.action_complaint_accept()
        with self.assertRaisesRegex(UserError, "cannot"):
            ticket.company_id = self.company_b
        ticket.company_id = self.company
        draft.write({"company_id": self.company_b.id})
        self.assertEqual(draft.company_id, self.company_b)

    @users("complaint_manager")
    def test_nobody_writes_a_number(self):
        """R148: not by form, RPC, context, copy, a plain ticket or the ledger."""
        ticket = self._create()
        ticket.action_complaint_accept()
        number = ticket.complaint_number
        for vals in ({"complaint_number": "X"}, {"complaint_number_id": False}):
            with self.assertRaisesRegex(UserError, "system"):
                ticket.write(vals)
            with self.assertRaisesRegex(UserError, "system"):
                ticket.with_context(complaint_numbering=True).write(vals)
        self.assertEqual(ticket.complaint_number, number)
        self.assertFalse(ticket.copy().complaint_number)
        row = ticket.complaint_number_id
        with self.assertRaises(UserError):
            row.sudo().name = "X"
        with self.assertRaises(UserError):
            row.sudo().unlink()
        with self.assertRaises(AccessError):
            self.numbers.with_user(self.env.user).create({"name": "X"})

    @users("complaint_handler")
    def test_only_a_manager_brings_numbers_along(self):
        """R148: a handler cannot choose a number when he registers."""
        with self.assertRaisesRegex(UserError, "manager"):
            self._create(complaint_number="T260777")

    @users("complaint_helpdesk")
    def test_plain_ticket_brings_no_number_along(self):
        """R148: no detour over a ticket that becomes a complaint later."""
        with self.assertRaisesRegex(UserError, "manager"):
            self.env["helpdesk.ticket"].create(
                {"name": "x", "description": "x", "complaint_number": "T260777"}
            )
        ticket = (
            self.env["helpdesk.ticket"]
            .sudo()
            .create({"name": "x", "description": "x", "complaint_number": "T260777"})
        )
        self.assertFalse(ticket.complaint_number)

    @users("complaint_manager")
    def test_counter_continues_after_numbers_brought_along(self):
        """R144: going live with an old register."""
        old = self._create(complaint_number="T260741")
        foreign = self._create(complaint_number="旧-2019/7")
        self.assertEqual(old.complaint_number, "T260741")
        self.assertEqual(foreign.complaint_number, "旧-2019/7")
        ticket = self._create()
        with self._on(JULY):
            ticket.action_complaint_accept()
        self.assertEqual(ticket.complaint_number, "T260742")
        with self.assertRaisesRegex(UserError, "T260741"):
            self._create(complaint_number="T260741")
        with self.assertRaisesRegex(UserError, "T260750"):
            self._create(2, complaint_number="T260750")

    @users("complaint_handler")
    def test_rolled_back_acceptance_leaves_no_hole(self):
        """R143, R144: what was not accepted has taken no number."""
        first, second, third = self._create(3)
        with self._on(JULY):
            first.action_complaint_accept()
            with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
                second.action_complaint_accept()
                self.assertEqual(second.complaint_number, "T260702")
                raise ZeroDivisionError
            self.env.invalidate_all()
            third.action_complaint_accept()
        self.assertFalse(second.complaint_number)
        self.assertEqual(third.complaint_number, "T260702")

    @users("complaint_handler")
    def test_blocked_acceptance_takes_no_number(self):
        """R146: the gate comes before the number."""
        ticket = self._create(channel_id=False)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            ticket.action_complaint_accept()
        self.assertFalse(self.numbers.search([("name", "=like", "T%")]))

    def test_hundred_numbers_are_one_statement(self):
        """R143: accepting a batch costs one insert, not one per complaint."""
        tickets = self._create(100)
        self.env.flush_all()
        inserts = []
        insert = type(self.numbers)._insert_rows

        def counted(model, rows):
            inserts.append(len(rows))
            return insert(model, rows)

        with patch.object(type(self.numbers), "_insert_rows", counted):
            with self._on(JULY):
                tickets.action_complaint_accept()
        self.assertEqual(inserts, [100])
        self.assertEqual(len(set(tickets.mapped("complaint_number"))), 100)
        self.assertEqual(tickets[-1].complaint_number, "T2607100")
        # one to look, then savepoint, insert, release
        with self.assertQueryCount(4):
            self.numbers._draw(self.company, "T{YY}{MM}{##}", JULY, 100)

    def test_numbers_given_under_another_pattern_are_stepped_over(self):
        """R148: two procedures may write alike; no number is given twice."""
        self.numbers._enter_numbers(
            self.company, "{#####}", [f"2607{serial}" for serial in range(12, 90)]
        )
        self.numbers._enter_numbers(self.company, "{#}", ["260703"])
        rows = self.numbers._draw(self.company, MONTHLY, JULY, 5)
        self.assertEqual(
            rows.mapped("name"), ["260701", "260702", "260704", "260705", "260706"]
        )
        rows = self.numbers._draw(self.company, MONTHLY, JULY, 6)
        self.assertEqual(
            rows.mapped("name"),
            ["260707", "260708", "260709", "260710", "260711", "260790"],
        )

    def test_long_block_of_another_pattern_is_stepped_over(self):
        """R148: also when far more numbers are taken than one look finds."""
        block = [f"2607{serial:02}" for serial in range(1, 1500)]
        self.numbers._enter_numbers(self.company, "{#####}", block)
        row = self.numbers._draw(self.company, MONTHLY, JULY)
        self.assertEqual(row.name, "26071500")

    def test_pattern_is_checked_and_shown(self):
        """R143: patterns are data; a bad one is refused in plain words."""
        self.assertEqual(self.procedure.number_example, "T260701")
        for pattern, text in (
            ("{YY}{MM}", "exactly one"),
            ("{MM}{##}", "needs a year"),
            ("{XX}{##}", "may stand in braces"),
        ):
            with self.assertRaisesRegex(ValidationError, text):
                self.procedure.number_pattern = pattern
