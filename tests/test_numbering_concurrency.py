# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import random
import threading
import uuid
from collections import Counter
from datetime import date
from unittest.mock import patch

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import DummyRLock, Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import SQL, mute_logger

from ..models.res_company import ResCompany

THREADS = 8
DAYS = (date(2026, 7, 31), date(2026, 8, 1))
_QUIET = {"tracking_disable": True, "mail_create_nosubscribe": True}


@tagged("post_install", "-at_install")
class TestNumberingConcurrency(BaseCase):
    """Real threads with real transactions: data is committed, then removed."""

    def setUp(self):
        super().setUp()
        # tests run while the registry is being loaded, which holds its lock
        self.patch(Registry, "_lock", DummyRLock())
        self.registry = Registry(get_db_name())
        # patterns of its own: nothing of the database's own counters is touched
        self.pattern = f"{uuid.uuid4().hex[:8]}-{{YY}}{{MM}}{{##}}"
        self.ticket_ids, self.procedure_id = [], 0
        self.addCleanup(self._remove_data)

    def _remove_data(self):
        with self.registry.cursor() as cr:
            for statement in (
                SQL(
                    "DELETE FROM mail_message WHERE model = 'helpdesk.ticket'"
                    " AND res_id = ANY(%s)",
                    self.ticket_ids,
                ),
                SQL(
                    "DELETE FROM mail_followers WHERE res_model = 'helpdesk.ticket'"
                    " AND res_id = ANY(%s)",
                    self.ticket_ids,
                ),
                SQL("DELETE FROM helpdesk_ticket WHERE id = ANY(%s)", self.ticket_ids),
                SQL("DELETE FROM complaint_procedure WHERE id = %s", self.procedure_id),
                SQL("DELETE FROM complaint_number WHERE pattern = %s", self.pattern),
            ):
                cr.execute(statement)

    def _env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, _QUIET)

    def _run_threads(self, work):
        """Run `work(index)` in parallel; fail with what any of them raised."""
        errors, barrier = [], threading.Barrier(THREADS)

        def body(index):
            try:
                barrier.wait(30)
                work(index)
            except BaseException as error:  # noqa: BLE001
                errors.append(error)

        threads = [
            threading.Thread(target=body, args=(index,), daemon=True)
            for index in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            self.assertFalse(thread.is_alive(), "a transaction waits for ever")
        self.assertFalse(errors)

    def _read_numbers(self):
        with self.registry.cursor() as cr:
            cr.execute(
                SQL(
                    """SELECT period, sequence, name FROM complaint_number
                        WHERE pattern = %s ORDER BY period, sequence""",
                    self.pattern,
                )
            )
            return cr.fetchall()

    def _assert_no_hole(self, expected):
        rows = self._read_numbers()
        self.assertEqual(len(rows), expected)
        self.assertEqual(len({name for _period, _seq, name in rows}), expected)
        counts = Counter(period for period, _seq, _name in rows)
        self.assertEqual(set(counts), {"2607", "2608"})
        for period, count in counts.items():
            given = [seq for row_period, seq, _name in rows if row_period == period]
            self.assertEqual(given, list(range(1, count + 1)))

    def test_parallel_draws_leave_no_hole_and_no_duplicate(self):
        """R143, R144, R145: 8 transactions over a month change, some roll back."""
        kept = Counter()

        def work(index):
            chance = random.Random(index)
            for turn in range(12):
                day = DAYS[turn > 5] if index % 2 else DAYS[turn > 6]
                with self.registry.cursor() as cr:
                    env = self._env(cr)
                    env.cr.execute("SELECT 1")  # the snapshot is older than the draw
                    count = chance.choice((1, 1, 3))
                    rows = env["complaint.number"]._draw(
                        env.ref("base.main_company"), self.pattern, day, count
                    )
                    self.assertEqual(len(rows), count)
                    if chance.random() < 0.2:
                        cr.rollback()
                    else:
                        kept[index] += count

        self._run_threads(work)
        self._assert_no_hole(sum(kept.values()))

    def _create_tickets(self, count):
        with self.registry.cursor() as cr:
            env = self._env(cr)
            procedure = env["complaint.procedure"].create(
                {"name": "Concurrency", "number_pattern": self.pattern}
            )
            self.procedure_id = procedure.id
            tickets = env["helpdesk.ticket"].create(
                [
                    {
                        "name": f"Parallel {index}",
                        "is_complaint": True,
                        "complaint_anonymous": True,
                        "complaint_content": "Broken",
                        "channel_id": env.ref(
                            "helpdesk_mgmt_complaint.channel_phone"
                        ).id,
                        "complaint_procedure_id": procedure.id,
                    }
                    for index in range(count)
                ]
            )
            self.ticket_ids = tickets.ids
        return self.ticket_ids

    def test_parallel_acceptance_shows_no_error(self):
        """R143, R146: 8 people accept at once, also the same complaint twice."""
        ids = self._create_tickets(THREADS * 3)
        tried = []

        def work(index):
            # every complaint is accepted by two people, in opposite order
            mine = ids[index::THREADS] + ids[(index + 1) % THREADS :: THREADS][::-1]
            for ticket_id in mine:
                with self.registry.cursor() as cr:
                    env = self._env(cr)
                    ticket = env["helpdesk.ticket"].browse(ticket_id)

                    def accept(ticket=ticket):
                        tried.append(ticket.id)
                        if ticket.complaint_phase == "draft":
                            ticket.action_complaint_accept()

                    retrying(accept, env)

        today = ResCompany._complaint_today

        def change_of_month(company):
            self.assertTrue(today(company))
            return DAYS[len(tried) > THREADS * 3]

        with (
            patch.object(ResCompany, "_complaint_today", change_of_month),
            patch("odoo.service.model.time.sleep"),
            mute_logger("odoo.sql_db"),
        ):
            self._run_threads(work)
        with self.registry.cursor() as cr:
            tickets = self._env(cr)["helpdesk.ticket"].browse(ids)
            numbers = tickets.mapped("complaint_number")
            self.assertTrue(all(numbers))
            self.assertEqual(len(set(numbers)), len(ids))
            codes = tickets.complaint_event_ids.mapped("code")
            self.assertEqual(codes.count("accepted"), len(ids))
        self._assert_no_hole(len(ids))

    def test_parallel_events_are_logged_once(self):
        """R023: two people press the same button; neither sees an error."""
        [ticket_id] = self._create_tickets(1)
        waiting = threading.Barrier(THREADS)

        def work(_index):
            waited = []

            def log():
                ticket = self._env(cr)["helpdesk.ticket"].browse(ticket_id)
                ticket.complaint_event_ids.mapped("code")
                if not waited:
                    waited.append(waiting.wait(30))
                ticket._complaint_event("acknowledged")

            with self.registry.cursor() as cr:
                retrying(log, self._env(cr))

        with patch("odoo.service.model.time.sleep"), mute_logger("odoo.sql_db"):
            self._run_threads(work)
        with self.registry.cursor() as cr:
            ticket = self._env(cr)["helpdesk.ticket"].browse(ticket_id)
            codes = ticket.complaint_event_ids.mapped("code")
        self.assertEqual(codes.count("acknowledged"), 1)

    def test_opposite_orders_do_not_deadlock(self):
        """R143: two patterns in one batch are always drawn in the same order."""
        ids = self._create_tickets(THREADS * 4)
        with self.registry.cursor() as cr:
            env = self._env(cr)
            other = env["complaint.procedure"].browse(self.procedure_id).copy()
            self.addCleanup(self._remove_procedure, other.id, f"B{self.pattern}")
            other.number_pattern = f"B{self.pattern}"
            tickets = env["helpdesk.ticket"].browse(ids[::2])
            tickets.complaint_procedure_id = other

        def work(index):
            mine = ids[index * 4 : index * 4 + 4]
            with self.registry.cursor() as cr:
                tickets = self._env(cr)["helpdesk.ticket"].browse(mine)
                ordered = tickets if index % 2 else tickets[::-1]
                ordered._complaint_assign_number("acceptance")
                ordered.flush_recordset()

        self._run_threads(work)
        with self.registry.cursor() as cr:
            tickets = self._env(cr)["helpdesk.ticket"].browse(ids)
            self.assertEqual(len(set(tickets.mapped("complaint_number"))), len(ids))

    def _remove_procedure(self, procedure_id, pattern):
        with self.registry.cursor() as cr:
            cr.execute(
                SQL("DELETE FROM helpdesk_ticket WHERE id = ANY(%s)", self.ticket_ids)
            )
            cr.execute(
                SQL("DELETE FROM complaint_procedure WHERE id = %s", procedure_id)
            )
            cr.execute(SQL("DELETE FROM complaint_number WHERE pattern = %s", pattern))

    def test_upsert_of_a_counter_row_would_fail(self):
        """R143: why the ledger: what a counter row in place would do instead.

        Both ways start from a snapshot taken before the other one committed.
        """
        table = SQL.identifier(f"complaint_test_{uuid.uuid4().hex[:8]}")
        upsert = SQL(
            """INSERT INTO %s AS own VALUES (1, 1)
               ON CONFLICT (key) DO UPDATE SET value = own.value + 1""",
            table,
        )
        with self.registry.cursor() as cr:
            cr.execute(SQL("CREATE TABLE %s (key int PRIMARY KEY, value int)", table))
        try:
            with self.registry.cursor() as slow:
                slow.execute(SQL("SELECT 1 FROM %s", table))
                with self.registry.cursor() as quick:
                    quick.execute(upsert)
                with self.assertRaises(psycopg2.errors.SerializationFailure):
                    slow.execute(upsert, log_exceptions=False)
                slow.rollback()
        finally:
            with self.registry.cursor() as cr:
                cr.execute(SQL("DROP TABLE %s", table))
        with self.registry.cursor() as slow:
            slow.execute("SELECT 1 FROM complaint_number LIMIT 1")
            with self.registry.cursor() as quick:
                self._draw_one(quick)
            self.assertTrue(self._draw_one(slow).endswith("260702"))

    def _draw_one(self, cr):
        env = self._env(cr)
        company = env.ref("base.main_company")
        row = env["complaint.number"]._draw(company, self.pattern, DAYS[0])
        return row.name
