# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import random
from collections import defaultdict
from datetime import date, datetime

from freezegun import freeze_time

from odoo import Command
from odoo.tools.safe_eval import safe_eval

from .common_report import DAY, JULY, SESSION_ZONES, ReportCommon, get_local

_COUNTS = ("nbr", "nbr_open", "nbr_closed", "nbr_cancelled", "nbr_repeat", "nbr_major")
_QUANTITIES = ("nbr_lines", "claimed_qty", "defective_qty", "accepted_qty")


class TestReport(ReportCommon):
    """What counts as a complaint, for whom, and when."""

    def _create_random(self, count=40):
        """Return complaints of all kinds, registered and handled in 2026."""
        rng = random.Random(487)
        tickets = self.env["helpdesk.ticket"]
        products = [self.product, self.ring]
        for _number in range(count):
            at = JULY + rng.randrange(100) * DAY + rng.randrange(24) * DAY / 24
            steps = [at]
            if rng.random() < 0.8:
                at += rng.randrange(1, 5) * DAY / 2
                steps.append((at, "accept"))
                ending = rng.choice(["close", "close", "cancel", None])
                if ending:
                    steps.append((at + rng.randrange(1, 40) * DAY / 2, ending))
            tickets |= self._history(
                *steps,
                lines=[
                    {
                        "product_id": rng.choice(products).id,
                        "claimed_qty": rng.randrange(1, 50),
                        "defective_qty": rng.randrange(20),
                        "accepted_qty": rng.randrange(10),
                        "symptom": "cracked",
                    }
                    for _line in range(rng.randrange(4))
                ],
                category_id=rng.choice(
                    [False, self.category.id, self.category_late.id]
                ),
                channel_id=rng.choice([self.channel_email, self.channel_phone]).id,
                partner_id=rng.choice([self.customer, self.other_customer]).id,
                complaint_severity=rng.choice(["minor", "major"]),
                complaint_is_major=rng.random() < 0.3,
                complaint_repeat_of_id=rng.choice([False, *tickets.ids][:3]),
            )
        return tickets

    def test_totals_equal_an_independent_count_in_every_dimension(self):
        """R486, R487, R499, R500, K01, K18-K21: counted again in Python."""
        tickets = self._create_random()
        dimensions = {
            "category_id": lambda t: t.category_id.id,
            "category_class": lambda t: t.category_id.complaint_class,
            "channel_id": lambda t: t.channel_id.id,
            "partner_id": lambda t: t.partner_id.id,
            "severity": lambda t: t.complaint_severity,
            "is_major": lambda t: t.complaint_is_major,
            "phase": lambda t: t.complaint_phase,
            "date_reported:month": lambda t: self._month(t, "reported"),
            "date_closed:month": lambda t: self._month(t, "closed"),
        }
        for zone in SESSION_ZONES:
            self._set_session_zone(zone)
            for name, get_key in dimensions.items():
                expected = defaultdict(self.env["helpdesk.ticket"].browse)
                for ticket in tickets:
                    expected[str(get_key(ticket) or False)] |= ticket
                # with and without the rows of the goods
                for measures in (_COUNTS, (*_COUNTS, *_QUANTITIES)):
                    groups = self._groups([name], measures, self._mine(tickets))
                    found = {str(key or False): row for (key,), row in groups.items()}
                    with self.subTest(dimension=name, zone=zone, measures=measures):
                        self.assertEqual(set(found), set(expected))
                        for key, row in found.items():
                            self._assert_counted(row, expected[key])

    def _mine(self, tickets):
        return [("ticket_id", "in", tickets.ids)]

    def _month(self, ticket, what):
        moment = ticket[f"complaint_{what}_at"]
        return moment and get_local(moment, ticket.company_id).replace(day=1)

    def _assert_counted(self, row, tickets):
        kept = tickets.filtered(lambda t: t.complaint_phase != "cancelled")
        closed = kept.filtered(lambda t: t.complaint_phase == "closed")
        self.assertEqual(row["nbr"], len(kept))
        self.assertEqual(row["nbr_closed"], len(closed))
        self.assertEqual(row["nbr_open"], len(kept - closed))
        self.assertEqual(row["nbr_cancelled"], len(tickets - kept))
        self.assertEqual(
            row["nbr_repeat"], len(kept.filtered("complaint_repeat_of_id"))
        )
        self.assertEqual(row["nbr_major"], len(kept.filtered("complaint_is_major")))
        if "nbr_lines" in row:
            lines = kept.complaint_line_ids
            self.assertEqual(row["nbr_lines"], len(lines))
            for name in _QUANTITIES[1:]:
                self.assertAlmostEqual(row[name] or 0, sum(lines.mapped(name)))

    def test_complaint_of_two_products_counts_for_both_and_once_in_all(self):
        """R487, K27: lines do not multiply complaints, lead times or callbacks."""
        two = self._history(
            JULY,
            (JULY, "accept"),
            (JULY + 10 * DAY, "close"),
            lines=[
                {"product_id": self.product.id, "symptom": "a", "claimed_qty": 5},
                {"product_id": self.product.id, "symptom": "b", "claimed_qty": 6},
                {"product_id": self.ring.id, "symptom": "c", "claimed_qty": 7},
            ],
        )
        one = self._history(
            JULY,
            (JULY, "accept"),
            (JULY + 20 * DAY, "close"),
            lines=[{"product_id": self.ring.id, "symptom": "d", "claimed_qty": 8}],
        )
        self._call_back(two, 2)
        aggregates = ["nbr", "lead_days:avg", "nbr_callbacks", "claimed_qty"]
        domain = self._mine(two | one)
        groups = self._groups(["product_id"], aggregates, domain)
        bearing, ring = groups[self.product.id,], groups[self.ring.id,]
        self.assertEqual(list(bearing.values()), [1, 10, 2, 11])
        self.assertEqual(list(ring.values()), [2, 15, 2, 15])
        for measures in (aggregates, aggregates[:3]):
            [total] = self._groups([], measures, domain).values()
            self.assertEqual(total["nbr"], 2)
            self.assertAlmostEqual(total["lead_days"], 15)
            self.assertEqual(total["nbr_callbacks"], 2)
        # rows add up as well, for who exports them
        rows = self._rows(two | one)
        self.assertEqual(len(rows), 4)
        self.assertEqual(sum(rows.mapped("nbr_closed")), 2)

    def _call_back(self, ticket, count, satisfied="yes"):
        for _number in range(count):
            self.env["complaint.callback"].create(
                {
                    "ticket_id": ticket.id,
                    "channel_id": self.channel_phone.id,
                    "person": "Anna Meyer",
                    "content": "Everything works now.",
                    "satisfied": satisfied,
                }
            )

    def test_grouped_list_counts_its_rows(self):
        """R485: the number at a group of the list is that of its lines."""
        ticket = self._history(
            JULY,
            lines=[
                {"product_id": self.product.id, "symptom": "a"},
                {"product_id": self.ring.id, "symptom": "b"},
            ],
        )
        self.env.flush_all()
        report = self.report.with_user(self.user_handler)
        found = report.web_read_group(
            self._mine(ticket),
            ["channel_id"],
            ["nbr:sum"],
            auto_unfold=True,
            unfold_read_specification={"line_id": {"fields": {"display_name": {}}}},
        )
        [group] = found["groups"]
        self.assertEqual(group["__count"], 2)
        self.assertEqual(group["nbr:sum"], 1)
        self.assertEqual(len(group["__records"]), 2)

    def test_shares_are_ratios_of_the_group(self):
        """K18, K22, K23, K35: of all groups, never the mean of their ratios."""
        closed = [
            self._history(JULY, (JULY, "accept"), (JULY + DAY, "close"), name=str(at))
            for at in range(4)
        ]
        first, second, third, fourth = closed
        self._call_back(first, 1)
        self._call_back(second, 1, "no")
        second.partner_id = third.partner_id = fourth.partner_id = self.other_customer
        third.complaint_satisfaction = "satisfied"
        fourth.complaint_repeat_of_id = first
        fourth.complaint_previous_id = second
        fourth._complaint_event("decided")
        third._complaint_event("decided")
        tickets = self.env["helpdesk.ticket"].union(*closed)
        aggregates = [
            f"{name}_rate:avg"
            for name in ("satisfaction", "callback", "repeat", "refile")
        ]
        for grouping in (["channel_id"], ["channel_id", "line_id"]):
            [row] = self._groups(grouping, aggregates, self._mine(tickets)).values()
            expected = [100 * 2 / 3, 50, 25, 50]
            for value, wanted in zip(row.values(), expected, strict=True):
                self.assertAlmostEqual(value, wanted)
        groups = self._groups(["partner_id"], aggregates, self._mine(tickets))
        other = groups[self.other_customer.id,]
        self.assertAlmostEqual(other["satisfaction_rate"], 50)
        self.assertAlmostEqual(other["callback_rate"], 100 / 3)

    def test_reopened_complaint_is_open_and_lasts_from_its_first_acceptance(self):
        """K33, R498: reopening does not make a complaint quick."""
        ticket = self._history(
            JULY,
            (JULY + DAY, "accept"),
            (JULY + 5 * DAY, "close"),
            (JULY + 20 * DAY, "reopen"),
        )
        row = self._rows(ticket)
        self.assertFalse(row.date_closed)
        self.assertEqual(row.phase, "accepted")
        self.assertEqual(row.nbr_open, 1)
        self.assertFalse(row.lead_days)
        self.assertAlmostEqual(row.age_days, 200)
        with freeze_time(JULY + 31 * DAY):
            ticket.action_complaint_close()
        self.env.invalidate_all()
        row = self._rows(ticket)
        self.assertEqual(row.date_closed, date(2026, 8, 1))
        self.assertEqual(row.date_accepted, date(2026, 7, 21))
        self.assertAlmostEqual(row.lead_days, 30)

    def test_month_is_that_of_the_company_whatever_the_session(self):
        """R487, R498: half past midnight on 1 August in Shanghai."""
        late = datetime(2026, 7, 31, 16, 30)
        ticket = self._history(late, (late, "accept"), (late, "close"))
        early = self._history(
            late - DAY / 24, (late - DAY / 24, "accept"), (late - DAY / 24, "close")
        )
        for zone in SESSION_ZONES:
            self._set_session_zone(zone)
            for one, day in ((ticket, date(2026, 8, 1)), (early, date(2026, 7, 31))):
                row = self._rows(one)
                for name in ("date_reported", "date_accepted", "date_closed"):
                    self.assertEqual(row[name], day, (zone, name))
            found = self._groups(
                ["date_reported:month"], ["nbr"], self._mine(ticket | early)
            )
            months = {str(month): row["nbr"] for (month,), row in found.items()}
            self.assertEqual(months, {"2026-07-01": 1, "2026-08-01": 1})

    def test_each_company_has_its_zone_when_one_works_in_several(self):
        """R498: half past midnight in Shanghai is the evening before in Berlin."""
        ticket = self._history(datetime(2026, 7, 31, 16, 30))
        companies = self.company | self.company_b
        self.user_handler.company_ids = companies
        report = self.report.with_user(self.user_handler).with_context(
            allowed_company_ids=companies.ids
        )
        for company, day in (
            (self.company, date(2026, 8, 1)),
            (self.company_b, date(2026, 7, 31)),
        ):
            self.env.flush_all()
            # the rest of the complaint stays where it is; only its zone is asked
            self.env.cr.execute(
                "UPDATE helpdesk_ticket SET company_id = %s WHERE id = %s",
                [company.id, ticket.id],
            )
            self.env.invalidate_all()
            row = report.search(self._mine(ticket))
            self.assertEqual(row.date_reported, day, company.name)

    def test_corrected_time_counts(self):
        """R487: the log says when it was reported, a correction replaces it."""
        ticket = self._history(JULY + 40 * DAY)
        ticket.complaint_reported_at = JULY
        self.env.flush_all()
        self.assertEqual(self._rows(ticket).date_reported, date(2026, 7, 1))

    def test_quantities_are_in_the_unit_of_the_product(self):
        """K08: two dozen are 24; the rate is that of the sums."""
        dozen = self.env.ref("uom.product_uom_dozen")
        ticket = self._history(
            JULY,
            lines=[
                {
                    "product_id": self.ring.id,
                    "uom_id": dozen.id,
                    "symptom": "a",
                    "claimed_qty": 2,
                    "defective_qty": 1,
                    "delivered_qty": 10,
                },
                {
                    "product_id": self.ring.id,
                    "symptom": "b",
                    "claimed_qty": 1,
                    "defective_qty": 4,
                    "delivered_qty": 40,
                },
                # of an unknown delivery: claimed, but no part of the rate
                {"product_id": self.ring.id, "symptom": "c", "defective_qty": 99},
            ],
        )
        [row] = self._groups(
            ["product_id"],
            ["claimed_qty", "defective_qty", "delivered_qty", "defect_rate:avg"],
            self._mine(ticket),
        ).values()
        self.assertEqual(row["claimed_qty"], 25)
        self.assertEqual(row["defective_qty"], 115)
        self.assertEqual(row["delivered_qty"], 160)
        self.assertAlmostEqual(row["defect_rate"], 10)

    def test_special_complaints_and_undetermined_quantities_are_found(self):
        """R484, K17, K26, K34: by a filter each."""
        plain = self._history(JULY, partner_id=self.other_customer.id)
        major = self._history(JULY, complaint_is_major=True)
        repeat = self._history(JULY, complaint_repeat_of_id=plain.id)
        waiting = self._history(
            JULY,
            lines=[{"symptom": "a", "demand_undetermined": True}],
            complaint_capa_required="no",
            complaint_no_capa_reason="customer's mistake",
        )
        key = self._history(JULY, complaint_is_key_customer=True)
        tickets = plain | major | repeat | waiting | key
        filters = self._get_filters("complaint.report")
        report = self.report.with_user(self.user_handler)
        self.env.flush_all()

        def find(name):
            return report.search(filters[name] + self._mine(tickets)).ticket_id

        self.assertEqual(find("special"), major | repeat | key)
        self.assertEqual(find("repeat"), repeat)
        self.assertEqual(find("undetermined"), waiting)
        row = report.search(filters["no_capa"] + self._mine(tickets))
        self.assertEqual(row.ticket_id, waiting)
        self.assertEqual(row.no_capa_reason, "customer's mistake")
        [total] = self._groups([], ["nbr_undetermined"], self._mine(tickets)).values()
        self.assertEqual(total["nbr_undetermined"], 1)
        for name in filters:
            find(name)

    def _get_filters(self, model):
        report = self.env[model].with_user(self.user_quality)
        view = self.env["ir.ui.view"].browse(report.get_view(view_type="search")["id"])
        return {
            node.get("name"): safe_eval(node.get("domain"))
            for node in view._get_combined_arch().iter("filter")
            if node.get("domain")
        }

    def test_objections_and_limits(self):
        """R498, K03, K11, K12, K35: signed objections; results of the limits."""
        ticket = self._history(JULY, (JULY, "accept"))
        self.env["complaint.opinion"].create(
            {"ticket_id": ticket.id, "kind": "objection", "text": "not our fault"}
        ).action_sign()
        policy = self.env["complaint.sla.policy"].create(
            {"name": "Standard", "is_preset": True}
        )
        results = {"acknowledged": "met", "solution_given": "missed", "closed": "open"}
        for code, result in results.items():
            self._add_deadline(ticket, policy, code, result)
        row = self._rows(ticket)
        self.assertEqual(row.nbr_objections, 1)
        self.assertEqual(row.reply_result, "met")
        self.assertEqual(row.solution_result, "missed")
        self.assertEqual(row.closing_result, "open")
        self.assertTrue(row.is_late)
        other = self._history(JULY, (JULY, "accept"))
        self._add_deadline(other, policy, "acknowledged", "missed")
        [total] = self._groups(
            [],
            ["reply_rate:avg", "solution_rate:avg", "closing_rate:avg", "nbr_late"],
            self._mine(ticket | other),
        ).values()
        self.assertEqual(total["reply_rate"], 50)
        self.assertEqual(total["solution_rate"], 0)
        self.assertIsNone(total["closing_rate"] or None)
        self.assertEqual(total["nbr_late"], 2)

    def _add_deadline(self, ticket, policy, code, result):
        event_type = self.env.ref(f"helpdesk_mgmt_complaint.event_type_{code}")
        line = self.env["complaint.sla.line"].create(
            {
                "policy_id": policy.id,
                "name": code,
                "start_type_id": self.env.ref(
                    "helpdesk_mgmt_complaint.event_type_accepted"
                ).id,
                "target_type_ids": [Command.set(event_type.ids)],
                "amount": 24,
                "unit": "hour",
            }
        )
        due = JULY + (400 if result == "open" else 1) * DAY
        vals = {
            "met": {"reached_at": JULY, "finished_at": JULY},
            "missed": {"breached_at": due},
            "open": {},
        }
        self.env["complaint.deadline"].create(
            {
                "ticket_id": ticket.id,
                "company_id": self.company.id,
                "policy_id": policy.id,
                "line_id": line.id,
                "line_key": line.key,
                "name": code,
                "started_at": JULY,
                "due_at": due,
                "state": "running" if result == "open" else result,
                **vals[result],
            }
        )

    def test_reading_costs_the_same_for_few_and_many(self):
        """R487: one statement, however many complaints."""

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._groups(["category_id", "date_reported:month"], ["nbr"])
            return self.env.cr.sql_log_count - before

        self._history(JULY)
        count()
        few = count()
        for _number in range(10):
            self._history(JULY)
        self.assertEqual(count(), few)

    def test_views_rows_and_export(self):
        """R502: views load, a row opens its complaint, the list is exported."""
        for name in ("complaint.report", "complaint.liability.report"):
            report = self.env[name].with_user(self.user_handler)
            report.get_views([(False, kind) for kind in ("pivot", "graph", "list")])
        ticket = self._history(JULY, lines=[{"symptom": "a", "lot_id": self.lot.id}])
        row = self._rows(ticket)
        self.assertEqual(row.action_open_complaint()["res_id"], ticket.id)
        self.user_handler.group_ids += self.env.ref("base.group_allow_export")
        names = ["ticket_id", "lot_id", "phase", "date_reported", "nbr"]
        [exported] = row.export_data(names)["datas"]
        self.assertEqual(exported[0], ticket.display_name)
        self.assertEqual(exported[1], self.lot.name)
        self.assertEqual(exported[2], "Draft")
        self.assertEqual(exported[4], 1)

    def test_without_complaints_there_are_no_figures_and_no_errors(self):
        """R487: a new database."""
        names = [name for name in self.report._fields if name.startswith("nbr")]
        domain = [("ticket_id", "=", 0)]
        [total] = self._groups([], [*names, "lead_days:avg"], domain).values()
        self.assertFalse(any(total.values()))
