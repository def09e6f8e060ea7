# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from collections import Counter

from odoo import Command

from .common_statement import AFTER_AUGUST, AUGUST, StatementCommon


class TestStatementKinds(StatementCommon):
    """Figures of the other kinds beside an independent count."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        categories = cls.env["helpdesk.ticket.category"]
        cls.late_delivery = categories.create(
            {"name": "Late delivery", "company_id": False}
        )

    def _create_reported(self):
        """Complaints reported in June, July and August, of two categories."""
        make = self._create_closed
        quality, late = self.category.id, self.late_delivery.id
        phone = self.channel_phone.id
        self.june = make((2026, 6, 10), None, category_id=quality)
        self.july = [
            make((2026, 7, 1), None, category_id=quality, complaint_is_major=True),
            make((2026, 7, 5), (2026, 7, 9), category_id=quality, channel_id=phone),
            make((2026, 7, 9), None, category_id=late, complaint_validity="invalid"),
            # 1 August in Shanghai
            make((2026, 7, 31, 17), None, category_id=late),
        ]
        self.july[1].complaint_repeat_of_id = self.june.id

    def _counts(self, statement, section, *names):
        return {
            tuple(line[name] or "" for name in names): line.case_count
            for line in self._lines(statement, section)
            if line.case_count
        }

    def test_special_report(self):
        """R484, R318, K17: second, major and key-customer complaints with state."""
        self._create_reported()
        self.other_customer.complaint_class = "important"
        with self._at(2026, 7, 12):
            key = self._create_complaint(partner_id=self.other_customer.id)
            key.action_complaint_accept()
        statement = self._generate("special", user=self.user_supervisor)
        found = [
            (line.case_id, line.reason, line.phase) for line in self._lines(statement)
        ]
        major, second = self.july[0].sudo(), self.july[1].sudo()
        self.assertEqual(
            found,
            [
                (major, "Major case", "Accepted"),
                (second, "Second complaint", "Closed"),
                (key, "Key customer", "Accepted"),
            ],
        )

    def test_special_report_of_a_running_month_is_completed_by_the_next(self):
        """R318: issued before the 25th; what came after it is told next month."""
        with self._at(2026, 8, 24):
            self._create_closed((2026, 8, 3), None, complaint_is_major=True)
            august = self._generate("special", AUGUST)
            self._issue(august)
        with self._at(2026, 8, 28):
            late = self._create_closed((2026, 8, 28), None, complaint_is_major=True)
        self.now.move_to("2026-09-20 02:00:00")
        september = self._generate("special", ("2026-09-01", "2026-09-30"))
        self.assertEqual(
            [row[:3] for row in self._corrections(september)],
            [(august.sudo(), late.complaint_number, "added")],
        )

    def test_progress_of_a_special_case_is_no_correction(self):
        """R484: the handling state is that of its day; cancelling is another matter."""
        ticket = self._create_closed((2026, 7, 3), None, complaint_is_major=True)
        other = self._create_closed((2026, 7, 4), None, complaint_is_major=True)
        self._issue(self._generate("special"))
        ticket.action_complaint_close()
        other._complaint_cancel("Entered twice")
        self.now.move_to(AFTER_AUGUST)
        august = self._generate("special", AUGUST)
        self.assertEqual(
            [row[1:3] for row in self._corrections(august)],
            [(other.complaint_number, "removed")],
        )

    def test_categories_channels_and_classes(self):
        """R486, R487, R500, K19 to K21: with the month before and shares."""
        self._create_reported()
        statement = self._generate("trend")
        tickets = [ticket.sudo() for ticket in self.july[:3]]
        self.assertEqual(
            self._counts(statement, "category", "name"),
            Counter((t.category_id.name,) for t in tickets),
        )
        handler = tickets[0].complaint_first_contact_id or self.user_handler
        self.assertEqual(
            self._counts(statement, "channel", "item"),
            Counter((t.channel_id.name,) for t in tickets),
        )
        self.assertIn(handler.name, self._lines(statement, "channel").mapped("name"))
        self.assertEqual(
            self._counts(statement, "class", "item"),
            {("Valid",): 2, ("Invalid",): 1},
        )
        before = {
            line.name: line.previous_count
            for line in self._lines(statement, "category")
        }
        self.assertEqual(before, {"Product quality": 1, "Late delivery": 0})
        months = self._counts(statement, "month", "item", "name")
        self.assertEqual(months["2026-06", "Product quality"], 1)
        self.assertEqual(months["2026-07", "Product quality"], 2)
        self.assertEqual(months["2026-07", "Late delivery"], 1)
        self.assertFalse(any(month > "2026-07" for month, _name in months))

    def test_counts_are_corrected_as_counts(self):
        """R487: a cancelled complaint and one of another category."""
        self._create_reported()
        self._issue(self._generate("trend"))
        self.july[0]._complaint_cancel("Entered twice")
        self.july[2].category_id = self.category
        self.now.move_to(AFTER_AUGUST)
        august = self._generate("trend", AUGUST)
        rows = august.sudo().correction_ids.filtered(lambda r: r.section == "category")
        self.assertEqual(
            [(row.name, row.kind, row.old_value, row.new_value) for row in rows],
            [("Late delivery", "removed", "1", False)],
        )
        rows = august.sudo().correction_ids.filtered(lambda r: r.section == "channel")
        self.assertEqual(rows.mapped("kind"), ["changed"])
        self.assertEqual((rows.old_value, rows.new_value), ("2", "1"))
        self.assertEqual(rows.field_label, "Complaints")

    def test_feedback_summary_and_ledger(self):
        """R100, R111: counts by category with typical items, and each problem."""
        self._create_reported()
        statement = self._generate("feedback")
        found = {
            line.name: (line.case_count, line.met_count, line.missed_count, line.result)
            for line in self._lines(statement, "category")
        }
        self.assertEqual(
            found,
            {
                "Product quality": (2, 1, 1, "Cracked cages\nCracked cages"),
                "Late delivery": (1, 0, 1, "Cracked cages"),
            },
        )
        self.assertEqual(len(self._lines(statement)), 3)
        self.assertEqual(
            statement.form_id,
            self.env.ref("helpdesk_mgmt_complaint.complaint_form_f30"),
        )

    def test_time_limits_kept(self):
        """R498, K03, K11, K12: by limit, department, person; closing by market."""
        event = "helpdesk_mgmt_complaint.event_type_"
        policy = self.env["complaint.sla.policy"].create(
            {
                "name": "Closing",
                "sequence": 0,
                "company_id": self.company.id,
                "line_ids": [
                    Command.create(
                        {
                            "name": "Closed in five days",
                            "start_type_id": self.env.ref(f"{event}accepted").id,
                            "target_type_ids": [
                                Command.set(self.env.ref(f"{event}closed").ids)
                            ],
                            "amount": 5,
                            "unit": "calendar_day",
                        }
                    )
                ],
            }
        )
        self.procedure.sla_policy_id = policy
        self._create_closed((2026, 7, 1), (2026, 7, 3))
        self._create_closed((2026, 7, 1), (2026, 7, 20), complaint_is_overseas=True)
        self._create_closed((2026, 7, 10), (2026, 7, 12))
        statement = self._generate("ontime")
        lines = self._lines(statement, "limit")
        mine = lines.filtered(lambda line: line.name == "Closed in five days")
        self.assertEqual((mine.met_count, mine.missed_count), (2, 1))
        self.assertAlmostEqual(mine.on_time_rate, 66.7, 1)
        market = {
            line.name: (line.met_count, line.missed_count)
            for line in self._lines(statement, "market")
        }
        self.assertEqual(market, {"Domestic": (2, 0), "Overseas": (0, 1)})
        report = self.env["complaint.deadline.report"].search(
            [
                ("counted_date", ">=", "2026-07-01"),
                ("counted_date", "<=", "2026-07-31"),
                ("result", "in", ["met", "missed"]),
                ("ticket_id", "!=", False),
            ]
        )
        persons = self._lines(statement, "person")
        self.assertEqual(sum(persons.mapped("case_count")), len(report))
        self.assertEqual(
            sum(persons.mapped("met_count")), sum(report.mapped("met_count"))
        )

    def test_loss_in_another_currency(self):
        """R501, K05: at the rate of the day of the decision, whatever comes later."""
        euro = self.env.ref("base.EUR")
        dollar = self.env.ref("base.USD")
        own = self.company.currency_id
        other = euro if own == dollar else dollar
        other.active = True
        rates = self.env["res.currency.rate"]
        rates.search([("currency_id", "=", other.id)]).unlink()
        for day, rate in (("2026-06-01", 2), ("2026-08-01", 4)):
            rates.create(
                {
                    "currency_id": other.id,
                    "name": day,
                    "rate": rate,
                    "company_id": self.company.id,
                }
            )
        ticket = self._create_closed((2026, 7, 1), None)
        with self._at(2026, 7, 10):
            self._sign_text(ticket, "decision", "Allowance")
            settlement = self.env["complaint.settlement"].create(
                {
                    "ticket_id": ticket.id,
                    "currency_id": other.id,
                    "line_ids": [
                        Command.create(
                            {"kind": "allowance", "quantity": 1, "price": 300}
                        )
                    ],
                }
            )
            settlement.action_decide()
            ticket.action_complaint_close()
        statement = self._generate()
        expected = other._convert(300, own, self.company, settlement.decided_at.date())
        self.assertEqual(expected, 150)
        self.assertEqual(self._lines(statement).amount, expected)

    def test_other_company_has_its_own(self):
        """R524: its complaints and its statement stay apart."""
        self._create_reported()
        self.user_quality.company_ids += self.company_b
        wizard = self.env["complaint.statement.generate"].with_user(self.user_quality)
        wizard = wizard.with_context(
            allowed_company_ids=(self.company + self.company_b).ids
        ).create(
            {
                "kind": "feedback",
                "company_id": self.company_b.id,
                "date_from": "2026-07-01",
                "date_to": "2026-07-31",
            }
        )
        other = self.statements.browse(wizard.action_generate()["res_id"])
        self.assertFalse(other.line_ids)
        self.assertEqual(other.company_id, self.company_b)
