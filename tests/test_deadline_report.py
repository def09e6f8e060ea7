# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import random
from collections import defaultdict
from datetime import date, datetime, timedelta, timezone
from unittest.mock import patch
from zoneinfo import ZoneInfo

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from ..models.res_users import ResUsers
from .common_sla import MONDAY, SlaCommon

HOUR = timedelta(hours=1)
_COUNTS = ("started", "finished", "met", "missed", "waived", "not_needed", "open")
_MEASURES = [
    *(f"{name}_count:sum" for name in _COUNTS),
    "on_time_rate:avg",
    "days_late:sum",
    "hours_late:avg",
    "hours_to_reach:avg",
]
# zones of the database session in which every figure must be the same
_SESSION_ZONES = ("UTC", "Pacific/Auckland", "America/Los_Angeles")


class DeadlineReportCommon(SlaCommon):
    """Deadlines of any kind, beside those that the clocks would make."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.line = cls._create_line()
        cls.report = cls.env["complaint.deadline.report"]
        # the clocks are proven elsewhere: these complaints have only our rows
        cls.policy.is_preset = True
        cls.ticket = cls._create_complaint()

    @classmethod
    def _deadline(cls, state="running", start=-24, due=0, ticket=None, **vals):
        """Return a row; times are hours from Monday, None for none."""
        for name in ("breached_at", "reached_at", "finished_at"):
            if not isinstance(vals.get(name), datetime):
                vals[name] = _get_time(vals.get(name))
        deadlines = cls.env["complaint.deadline"]
        ticket = cls.ticket if ticket is None else ticket
        return deadlines.create(
            {
                "ticket_id": ticket.id,
                "company_id": cls.company.id,
                "policy_id": cls.policy.id,
                "line_id": cls.line.id,
                "line_key": cls.line.key,
                "name": cls.line.name,
                "occurrence": deadlines.search_count([]) + 1,
                "started_at": _get_time(start),
                "due_at": _get_time(due),
                "state": state,
                **vals,
            }
        )

    def _row(self, deadline):
        report = self.report.with_user(self.user_handler)
        return report.search([("deadline_id", "=", deadline.id)])

    def _groups(self, groupby=(), user=None, domain=()):
        """Return ``{group key: measures}`` as a pivot asks for them."""
        report = self.report.with_user(user or self.user_handler)
        domain = [("company_id", "=", self.company.id), *domain]
        [found] = report.formatted_read_grouping_sets(domain, [groupby], _MEASURES)
        return {
            tuple(_get_key(group[name]) for name in groupby): {
                name: group[name] for name in _MEASURES
            }
            for group in found
        }


def _get_time(hours):
    return False if hours is None else MONDAY + hours * HOUR


def _get_key(value):
    """Groups by relations and by months come as pairs; the first one counts."""
    return value[0] if isinstance(value, tuple | list) else value


@tagged("post_install", "-at_install")
class TestDeadlineReport(DeadlineReportCommon):
    """What counts as kept, when, and for whom."""

    def test_each_outcome_counts_once(self):
        """R498, K03, K04: result, lateness and day of every possible outcome."""
        cases = [
            # how the row ended, result, hours late, counted, hours to reach
            ({"due": 5}, "open", 0, None, 0),
            ({"state": "paused", "due": None}, "open", 0, None, 0),
            ({"due": -2}, "missed", 2, -2, 0),  # no sweep has been there yet
            ({"state": "missed", "due": -2, "breached_at": -2}, "missed", 2, -2, 0),
            ({"state": "met", "reached_at": -1, "finished_at": -1}, "met", 0, -1, 23),
            (
                {
                    "state": "missed",
                    "due": -9,
                    "breached_at": -9,
                    "reached_at": -3,
                    "finished_at": -3,
                },
                "missed",
                6,
                -9,
                21,
            ),
            # extended after the miss, met within the extension: still a miss
            (
                {
                    "state": "met",
                    "due": 9,
                    "breached_at": -9,
                    "reached_at": -1,
                    "finished_at": -1,
                },
                "missed",
                8,
                -9,
                23,
            ),
            # waived in time, and waived when it was too late
            ({"state": "waived", "due": 9, "finished_at": -2}, "waived", 0, -2, 0),
            (
                {"state": "waived", "due": 9, "breached_at": -9, "finished_at": -2},
                "missed",
                7,
                -9,
                0,
            ),
            (
                {"state": "cancelled", "due": 9, "finished_at": -4},
                "not_needed",
                0,
                -4,
                0,
            ),
            # nothing was due, for want of a calendar: neither kept nor missed
            (
                {"state": "met", "due": None, "reached_at": -1, "finished_at": -1},
                "no_due",
                0,
                -1,
                23,
            ),
        ]
        for vals, result, late, counted, hours in cases:
            with self.subTest(vals=vals):
                row = self._row(self._deadline(**vals))
                self.assertEqual(row.result, result)
                self.assertAlmostEqual(row.hours_late, late)
                self.assertAlmostEqual(row.days_late, late / 24)
                self.assertAlmostEqual(row.hours_to_reach, hours)
                day = _get_time(counted) and _local(_get_time(counted), self.company)
                self.assertEqual(row.counted_date, day)
                self.assertEqual(row.state, vals.get("state", "running"))
        # every row stands in one column, and the rate is that of met and missed
        [total] = self._groups().values()
        counts = {name: total[f"{name}_count:sum"] for name in _COUNTS}
        self.assertEqual(
            counts,
            {
                "started": 11,
                "finished": 7,
                "met": 1,
                "missed": 5,
                "waived": 1,
                "not_needed": 2,
                "open": 2,
            },
        )
        self.assertAlmostEqual(total["on_time_rate:avg"], 100 / 6)

    def test_missed_then_extended_stays_missed(self):
        """R498, R319: the whole way: accepted, late, extended, answered."""
        self.policy.is_preset = False
        ticket = self._accept()
        deadline = self._deadlines(ticket)
        self.now.move_to(MONDAY + 25 * HOUR)
        self.assertEqual(self._row(deadline).result, "missed")  # nothing was swept
        self._wizard(
            ticket,
            "extend",
            deadline,
            due_at=MONDAY + 48 * HOUR,
            approver_id=self.user_supervisor.id,
        )
        self.now.move_to(MONDAY + 30 * HOUR)
        ticket._complaint_event("acknowledged")
        self.env.invalidate_all()
        row = self._row(deadline)
        self.assertEqual(row.state, "met")
        self.assertEqual(row.result, "missed")
        self.assertAlmostEqual(row.hours_late, 6)
        self.assertAlmostEqual(row.hours_to_reach, 30)

    def test_totals_equal_an_independent_count_in_every_dimension(self):
        """R498, R323, K03, K04: random rows, counted again in Python."""
        deadlines = self._create_random()
        now = fields.Datetime.now()
        dimensions = {
            "line_id": lambda d: d.line_id.id,
            "policy_id": lambda d: d.policy_id.id,
            "department_id": lambda d: d.department_id.id,
            "user_id": lambda d: d.user_id.id,
            "partner_id": lambda d: d.partner_id.id,
            "category_id": lambda d: d.category_id.id,
            "company_id": lambda d: d.company_id.id,
            "channel_id": lambda d: d.ticket_id.channel_id.id,
            "is_overseas": lambda d: d.ticket_id.complaint_is_overseas,
            "counted_date:month": lambda d: _get_month(d, now),
        }
        for name, get_key in dimensions.items():
            expected = defaultdict(self.env["complaint.deadline"].browse)
            for deadline in deadlines:
                expected[get_key(deadline) or False] |= deadline
            for zone in _SESSION_ZONES:
                self._set_session_zone(zone)
                groups = self._groups((name,))
                with self.subTest(dimension=name, zone=zone):
                    self.assertEqual(
                        {_to_text(key) for (key,) in groups},
                        {_to_text(key) for key in expected},
                    )
                    for (key,), measures in groups.items():
                        rows = {_to_text(k): v for k, v in expected.items()}
                        self._assert_counted(measures, rows[_to_text(key)], now)

    def _assert_counted(self, measures, deadlines, now):
        """Compare the measures of a group with what is counted here."""
        results = [_judge(deadline, now) for deadline in deadlines]
        kinds = [kind for kind, _missed_at in results]
        counts = {name: kinds.count(name) for name in ("met", "missed", "waived")}
        counts["not_needed"] = kinds.count("cancelled")
        counts["open"] = kinds.count("open")
        counts["started"] = len(deadlines)
        counts["finished"] = len(deadlines.filtered("finished_at"))
        for name, count in counts.items():
            self.assertEqual(measures[f"{name}_count:sum"], count, name)
        judged = counts["met"] + counts["missed"]
        if judged:
            rate = 100 * counts["met"] / judged
            self.assertAlmostEqual(measures["on_time_rate:avg"], rate)
        else:
            self.assertIn(measures["on_time_rate:avg"], (False, None))
        late = [
            (d.reached_at or d.finished_at or now) - missed_at
            for d, (kind, missed_at) in zip(deadlines, results, strict=True)
            if kind == "missed"
        ]
        total = sum(late, timedelta())
        self.assertAlmostEqual(measures["days_late:sum"] or 0, total / (24 * HOUR), 5)
        if late:
            mean = total / HOUR / len(late)
            self.assertAlmostEqual(measures["hours_late:avg"], mean, 5)
        reached = [
            (d.reached_at - d.started_at) / HOUR for d in deadlines if d.reached_at
        ]
        if reached:
            mean = sum(reached) / len(reached)
            self.assertAlmostEqual(measures["hours_to_reach:avg"], mean, 5)

    def _create_random(self, count=150):
        rng = random.Random(498)
        lines = self.line | self._create_line(name="Solution")
        departments = self.env["hr.department"].create([{"name": "A"}, {"name": "B"}])
        tickets = [self._create_complaint(channel_id=self.channel_phone.id)]
        tickets += [self.ticket, self.env["helpdesk.ticket"]]
        found = self.env["complaint.deadline"]
        for _number in range(count):
            start = -rng.randrange(2, 24 * 150)
            due = start + rng.randrange(1, 400)
            end = min(-1, start + rng.randrange(1, 600))
            late = due < end
            vals = {
                "running": {"due": max(due, 1 - due)},
                "missed": {"breached_at": due, "due": due} if due < 0 else {"due": due},
                "met": {"reached_at": end, "finished_at": end},
                "waived": {"finished_at": end},
                "cancelled": {"finished_at": end},
            }
            state = rng.choice([*vals, "met", "met"])
            vals = {"due": due, **vals[state]}
            if state == "missed":
                state = "running" if due >= 0 else state
                if state == "missed" and late and rng.random() < 0.6:
                    vals |= {"reached_at": end, "finished_at": end}
            elif state == "met":
                # met late only within an extension; the miss is kept
                vals |= {"breached_at": due, "due": end + 5} if late else {}
            elif late and state in ("waived", "cancelled"):
                vals |= {"breached_at": due, "due": end + 5}
            found |= self._deadline(
                state,
                start,
                ticket=rng.choice(tickets),
                line_id=rng.choice(lines).id,
                department_id=rng.choice([False, *departments.ids]),
                user_id=rng.choice([self.user_handler.id, self.user_quality.id]),
                partner_id=rng.choice([self.customer.id, self.other_customer.id]),
                category_id=rng.choice([False, self.category.id]),
                **vals,
            )
        return found

    # ------------------------------------------------------------------
    # Time zones
    # ------------------------------------------------------------------

    def _set_session_zone(self, zone):
        self.env.cr.execute(SQL("SET LOCAL TIME ZONE %s", zone))
        self.env.invalidate_all()

    def test_month_is_that_of_the_company_whatever_the_session(self):
        """R498: half past midnight on 1 August in Shanghai, and in Berlin."""
        shanghai = datetime(2026, 7, 31, 16, 30)
        berlin = datetime(2026, 7, 31, 22, 30)
        finished = {"state": "met", "due": 24 * 60, "start": 0}
        rows = {
            self._deadline(reached_at=at, finished_at=at, **finished, **more): day
            for at, more, day in (
                (shanghai, {}, date(2026, 8, 1)),
                (shanghai - HOUR, {}, date(2026, 7, 31)),
                (berlin, {"company_id": self.company_b.id}, date(2026, 8, 1)),
                (berlin - HOUR, {"company_id": self.company_b.id}, date(2026, 7, 31)),
            )
        }
        # both companies are only seen by who works in both
        for zone in _SESSION_ZONES:
            self._set_session_zone(zone)
            for deadline, day in rows.items():
                row = self.report.browse(deadline.id)
                with self.subTest(zone=zone, day=day, company=row.company_id.name):
                    self.assertEqual(row.counted_date, day)
                    self.assertEqual(row.finished_date, day)
            groups = self._groups(("counted_date:month",))
            self.assertEqual(
                {str(month): row["met_count:sum"] for (month,), row in groups.items()},
                {"2026-07-01": 1, "2026-08-01": 1},
            )

    def test_month_ignores_the_zone_of_the_reader(self):
        """R498: two readers in two zones see the same statistics."""
        at = datetime(2026, 7, 31, 16, 30)
        self._deadline("met", 0, 24 * 60, reached_at=at, finished_at=at)
        for zone in ("America/Los_Angeles", "Pacific/Auckland"):
            self.user_handler.tz = zone
            [month] = self._groups(("counted_date:month",))
            self.assertEqual(str(month[0]), "2026-08-01")

    def test_company_without_zone_counts_in_utc(self):
        """R498: nothing is lost where the zone was never set."""
        self.env.cr.execute(
            "UPDATE res_company SET complaint_tz = NULL WHERE id = %s",
            [self.company.id],
        )
        self.env.invalidate_all()
        at = datetime(2026, 7, 31, 16, 30)
        deadline = self._deadline("met", 0, 24 * 60, reached_at=at, finished_at=at)
        self.assertEqual(self._row(deadline).counted_date, date(2026, 7, 31))

    def test_due_in_hours_is_not_late_whatever_the_session(self):
        """R498 (defect X8 of another report): due in 5 h is open, 5 h ago missed."""
        ahead, behind = self._deadline(due=5), self._deadline(due=-5)
        for zone in (*_SESSION_ZONES, "Asia/Tokyo"):
            self._set_session_zone(zone)
            with self.subTest(zone=zone):
                self.assertEqual(self._row(ahead).result, "open")
                self.assertEqual(self._row(behind).result, "missed")
                self.assertAlmostEqual(self._row(behind).hours_late, 5)

    # ------------------------------------------------------------------
    # Lines, duties, emptiness
    # ------------------------------------------------------------------

    def test_versions_of_a_limit_count_together(self):
        """R321, R498: an edited line goes on as a new one, statistics do not break."""
        self._deadline("met", reached_at=-1, finished_at=-1)
        self.line.is_used = True
        self.line.amount = 48
        newest = self.policy.line_ids
        self.assertNotEqual(newest, self.line)
        late = {"due": -5, "breached_at": -5, "line_id": newest.id}
        self._deadline("missed", **late)
        [(key, measures)] = self._groups(("line_id",)).items()
        self.assertEqual(key, (newest.id,))
        self.assertEqual(measures["on_time_rate:avg"], 50)

    def test_duty_of_the_company_counts(self):
        """R318, R498: a deadline without complaint, for example the statement."""
        self._deadline("met", reached_at=-1, finished_at=-1)
        nobody = self.env["helpdesk.ticket"]
        duty = self._deadline("missed", due=-5, breached_at=-5, ticket=nobody)
        self.assertFalse(self._row(duty).ticket_id)
        [total] = self._groups().values()
        self.assertEqual(total["on_time_rate:avg"], 50)
        domain = self._get_filters()["duty"]
        [total] = self._groups(domain=domain).values()
        self.assertEqual(total["started_count:sum"], 1)

    def test_without_deadlines_there_are_no_figures_and_no_errors(self):
        """R498: a new database."""
        report = self.report.with_user(self.user_handler_b)
        self.assertFalse(report.search([]))
        [total] = report.formatted_read_group([], aggregates=_MEASURES)
        self.assertFalse(any(total[name] for name in _MEASURES))
        self.assertFalse(report.formatted_read_group([], ["line_id"], _MEASURES))

    def test_reading_costs_the_same_for_few_and_many(self):
        """R498: one statement, however many deadlines."""

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._groups(("line_id", "counted_date:month"))
            return self.env.cr.sql_log_count - before

        self._deadline(due=-5)
        count()  # fills the caches of the registry
        few = count()
        for _number in range(30):
            self._deadline(due=-5)
        self.assertEqual(count(), few)

    # ------------------------------------------------------------------
    # Views
    # ------------------------------------------------------------------

    def _get_filters(self):
        """Return ``{name: domain}`` of the search view, as the handler gets it."""
        report = self.report.with_user(self.user_handler)
        arch = (
            self.env["ir.ui.view"]
            .browse(report.get_view(view_type="search")["id"])
            ._get_combined_arch()
        )
        return {
            node.get("name"): safe_eval(node.get("domain"))
            for node in arch.iter("filter")
            if node.get("domain")
        }

    def test_views_filters_and_row_work_for_a_handler(self):
        """R498, K11-K14: every view loads, every filter finds, a row opens."""
        report = self.report.with_user(self.user_handler)
        report.get_views([(False, kind) for kind in ("pivot", "graph", "list")])
        deadline = self._deadline(due=-5)
        row = self._row(deadline)
        found = {
            name
            for name, domain in self._get_filters().items()
            if row in report.search(domain)
        }
        expected = {"counting", "missed", "late_now", "reply", "domestic"}
        self.assertEqual(found, expected)
        action = row.action_open_deadline()
        opened = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(opened, deadline)

    def test_rows_are_exported(self):
        """R498: the list as a table, for who may export."""
        self.user_handler.group_ids += self.env.ref("base.group_allow_export")
        row = self._row(self._deadline(due=-5))
        names = ["line_id", "result", "due_date", "missed_count"]
        [exported] = row.export_data(names)["datas"]
        self.assertEqual(exported[:2], [self.line.display_name, "Missed"])
        self.assertEqual(exported[3], 1)


def _local(moment, company):
    zone = ZoneInfo(company.complaint_tz)
    return moment.replace(tzinfo=timezone.utc).astimezone(zone).date()


def _judge(deadline, now):
    """Return ``(result, when it was first missed)``, without looking at the SQL."""
    if deadline.breached_at:
        return "missed", deadline.breached_at
    is_open = not deadline.finished_at
    if is_open and deadline.due_at and deadline.due_at < now:
        return "missed", deadline.due_at
    return ("open" if is_open else deadline.state), None


def _get_month(deadline, now):
    result, missed_at = _judge(deadline, now)
    if result == "open":
        return False
    moment = missed_at or deadline.reached_at or deadline.finished_at
    return _local(moment, deadline.company_id).replace(day=1)


def _to_text(key):
    return str(key or False)


@tagged("post_install", "-at_install")
class TestDeadlineReportSecurity(DeadlineReportCommon):
    """Who sees the figures (R520, R524)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.row = cls._deadline(due=-5)

    def test_customers_and_plain_employees_see_nothing(self):
        """R518, R524: only roles that handle complaints read statistics."""
        public = self.env.ref("base.public_user")
        users = self.portal_user | public | self.user_register | self.user_helpdesk
        for user in users | self.user_helpdesk_manager:
            report = self.report.with_user(user)
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    report.search([])
                with self.assertRaises(AccessError):
                    report.formatted_read_group([], aggregates=_MEASURES)
                with self.assertRaises(AccessError):
                    report.browse(self.row.id).read(["result"])

    def test_roles_read_and_nobody_writes(self):
        """R524: handler, quality, supervisor and manager read; no one changes it."""
        for user in (
            self.user_handler,
            self.user_quality,
            self.user_supervisor,
            self.user_manager,
        ):
            row = self.report.with_user(user).browse(self.row.id)
            with self.subTest(user=user.login):
                self.assertEqual(row.result, "missed")
                for operation in ("write", "create", "unlink"):
                    with self.assertRaises(AccessError):
                        row.check_access(operation)
                with self.assertRaises(AccessError):
                    row.write({"name": "x"})
                with self.assertRaises(AccessError):
                    row.unlink()

    def test_other_company_is_not_counted(self):
        """R524: each company sees its own figures."""
        other = self._deadline(due=-5, company_id=self.company_b.id)
        for user, own, foreign in (
            (self.user_handler, self.row, other),
            (self.user_handler_b, other, self.row),
        ):
            report = self.report.with_user(user)
            self.assertEqual(report.search([]).ids, own.ids)
            with self.assertRaises(AccessError):
                report.browse(foreign.id).read(["result"])
            [total] = report.formatted_read_group([], aggregates=_MEASURES)
            self.assertEqual(total["started_count:sum"], 1)

    def test_need_to_know_holds_for_the_figures(self):
        """R520: one truth: what closes the complaint closes its statistics."""
        mine = self._create_complaint(user_id=self.user_handler.id)
        known = self._deadline(due=-5, ticket=mine)
        duty = self._deadline(due=-5, ticket=self.env["helpdesk.ticket"])
        self.env.registry.clear_cache()
        self.addCleanup(self.env.registry.clear_cache)
        with patch.object(ResUsers, "_complaint_reads_all", lambda _user: False):
            report = self.report.with_user(self.user_handler)
            self.assertEqual(sorted(report.search([]).ids), (known | duty).ids)
            [total] = report.formatted_read_group([], aggregates=_MEASURES)
        self.assertEqual(total["started_count:sum"], 2)
