# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import os
import signal
import threading
import time
import traceback
import uuid
from datetime import timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID, Command, api, fields, sql_db
from odoo.modules.registry import DummyRLock, Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import SQL, mute_logger

from ..models.complaint_escalation import ComplaintEscalation

_ENGINE = (
    "odoo.addons.helpdesk_mgmt_complaint.models.complaint_deadline_escalation_mixin"
)
_CASES = 24
_QUIET = {"tracking_disable": True, "mail_create_nosubscribe": True}
_WAIT = 30  # seconds until something that hangs fails


@tagged("post_install", "-at_install")
class TestEscalationConcurrency(BaseCase):
    """Real processes with real transactions: data is committed, then removed."""

    def setUp(self):
        super().setUp()
        # tests run while the registry is being loaded, which holds its lock
        self.patch(Registry, "_lock", DummyRLock())
        self.registry = Registry(get_db_name())
        self.mark = f"Sweep {uuid.uuid4().hex[:8]}"
        self.ticket_ids, self.deadline_ids, self.others = [], [], {}
        self.policy_id = self.user_id = self.partner_id = 0
        self.children = []
        self.addCleanup(self._remove_data)
        self._create_data()

    # ------------------------------------------------------------------
    # Data
    # ------------------------------------------------------------------

    def _env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, _QUIET)

    def _create_data(self):
        with self.registry.cursor() as cr:
            env = self._env(cr)
            # what the database itself waits for is none of our business
            cr.execute(
                """SELECT id, next_alarm_at FROM complaint_deadline
                    WHERE next_alarm_at IS NOT NULL"""
            )
            self.others = dict(cr.fetchall())
            cr.execute("UPDATE complaint_deadline SET next_alarm_at = NULL")
            users = env["res.users"].with_context(no_reset_password=True)
            self.user = users.create(
                {
                    "name": self.mark,
                    "login": self.mark,
                    "email": f"{uuid.uuid4().hex}@example.com",
                    "group_ids": [Command.set(env.ref("base.group_user").ids)],
                }
            )
            self.user_id, self.partner_id = self.user.id, self.user.partner_id.id
            self.policy_id = self._create_policy(env).id
            tickets = env["helpdesk.ticket"].create(
                [self._prepare_ticket(env, index) for index in range(_CASES)]
            )
            self.ticket_ids = tickets.ids
            self.deadline_ids = self._create_deadlines(env, tickets).ids

    def _prepare_ticket(self, env, index):
        return {
            "name": f"{self.mark} {index}",
            "is_complaint": True,
            "complaint_anonymous": True,
            "complaint_content": "Broken",
            "channel_id": env.ref("helpdesk_mgmt_complaint.channel_phone").id,
            "priority": "1",
        }

    def _create_policy(self, env):
        event = "helpdesk_mgmt_complaint.event_type_"
        users = [Command.set([self.user_id])]
        level = {"amount": 0, "role": "fixed", "user_ids": users}
        return env["complaint.sla.policy"].create(
            {
                "name": self.mark,
                "is_preset": True,
                "line_ids": [
                    Command.create(
                        {
                            "name": self.mark,
                            "start_type_id": env.ref(f"{event}accepted").id,
                            "target_type_ids": [
                                Command.set(env.ref(f"{event}acknowledged").ids)
                            ],
                            "escalation_ids": [
                                Command.create({**level, "level": number})
                                for number in (1, 2)
                            ],
                        }
                    )
                ],
            }
        )

    def _create_deadlines(self, env, tickets):
        now, line = fields.Datetime.now(), self._line(env)
        return env["complaint.deadline"].create(
            [
                {
                    "ticket_id": ticket.id,
                    "company_id": ticket.company_id.id,
                    "policy_id": line.policy_id.id,
                    "line_id": line.id,
                    "line_key": line.key,
                    "name": line.name,
                    "started_at": now - timedelta(hours=24),
                    "due_at": now - timedelta(hours=1),
                    "state": "running",
                    "next_alarm_at": now - timedelta(hours=1),
                }
                for ticket in tickets
            ]
        )

    def _line(self, env):
        return env["complaint.sla.policy"].browse(self.policy_id).line_ids

    def _remove_data(self):
        for child in self.children:
            self._kill(child)
        tickets, line = (
            self.ticket_ids,
            SQL(
                "(SELECT id FROM complaint_sla_line WHERE policy_id = %s)",
                self.policy_id,
            ),
        )
        statements = [
            SQL("DELETE FROM complaint_escalation WHERE ticket_id = ANY(%s)", tickets),
            SQL("DELETE FROM complaint_deadline WHERE ticket_id = ANY(%s)", tickets),
            SQL(
                "DELETE FROM mail_activity WHERE res_model = 'helpdesk.ticket'"
                " AND res_id = ANY(%s)",
                tickets,
            ),
            SQL(
                "DELETE FROM mail_mail WHERE mail_message_id IN (SELECT id FROM"
                " mail_message WHERE model = 'res.users' AND res_id = %s)",
                self.user_id,
            ),
            SQL(
                "DELETE FROM mail_message WHERE model = 'res.users' AND res_id = %s",
                self.user_id,
            ),
            SQL(
                "DELETE FROM mail_message WHERE model = 'helpdesk.ticket'"
                " AND res_id = ANY(%s)",
                tickets,
            ),
            SQL(
                "DELETE FROM mail_followers WHERE res_model = 'helpdesk.ticket'"
                " AND res_id = ANY(%s)",
                tickets,
            ),
            SQL("DELETE FROM helpdesk_ticket WHERE id = ANY(%s)", tickets),
            SQL("DELETE FROM complaint_sla_escalation WHERE line_id IN %s", line),
            SQL("DELETE FROM complaint_sla_line WHERE policy_id = %s", self.policy_id),
            SQL("DELETE FROM complaint_sla_policy WHERE id = %s", self.policy_id),
            *(
                SQL(
                    "UPDATE complaint_deadline SET next_alarm_at = %s WHERE id = %s",
                    at,
                    deadline_id,
                )
                for deadline_id, at in self.others.items()
            ),
        ]
        with self.registry.cursor() as cr:
            for statement in statements:
                cr.execute(statement)
        with self.registry.cursor() as cr:
            env = self._env(cr)
            env["res.users"].browse(self.user_id).unlink()
            env["res.partner"].browse(self.partner_id).unlink()
            env.registry.clear_cache()

    # ------------------------------------------------------------------
    # Processes
    # ------------------------------------------------------------------

    def _fork(self, work):
        """Run `work(write)` in a process with its own connections.

        :return: ``(process id, file descriptor that reads what it writes)``
        """
        read, write = os.pipe()
        child = os.fork()
        if child:
            os.close(write)
            self.children.append(child)
            return child, read
        status = 1
        try:
            os.close(read)
            # connections of the parent must not be used (nor closed) here
            self.kept = sql_db._Pool, sql_db._Pool_readonly
            sql_db._Pool = sql_db._Pool_readonly = None
            self.registry._db = sql_db.db_connect(get_db_name())
            work(lambda: os.write(write, b"x"))
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)

    def _kill(self, child):
        """kill -9, if it is still alive."""
        if child in self.children:
            self.children.remove(child)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)

    def _wait(self, child):
        end = time.monotonic() + _WAIT
        while time.monotonic() < end:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                self.children.remove(child)
                self.assertEqual(status, 0)
                return
            time.sleep(0.05)
        self.fail("a worker waits for ever")

    def _sweep(self, limit=5):
        """One run of the cron with a transaction of its own."""
        with self.registry.cursor() as cr:
            return self._env(cr)["complaint.deadline"]._sweep(limit=limit)

    def _sweep_until_done(self):
        """The server frees the rows of a dead worker within moments."""
        end = time.monotonic() + _WAIT
        while time.monotonic() < end:
            self._sweep()
            with self.registry.cursor() as cr:
                cr.execute(
                    """SELECT count(*) FROM complaint_deadline
                        WHERE id = ANY(%s) AND next_alarm_at IS NOT NULL""",
                    [self.deadline_ids],
                )
                if cr.fetchone() == (0,):
                    return
            time.sleep(0.1)
        self.fail("rows are left")

    # ------------------------------------------------------------------
    # What must be true in the end
    # ------------------------------------------------------------------

    def _read_counts(self):
        """Return rows, events, activities, people in mails still to be queued."""
        with self.registry.cursor() as cr:
            env = self._env(cr)
            rows = env["complaint.escalation"].search(
                [("deadline_id", "in", self.deadline_ids)]
            )
            tickets = env["helpdesk.ticket"].browse(self.ticket_ids)
            codes = tickets.complaint_event_ids.mapped("code")
            return (
                len(rows),
                codes.count("escalated"),
                len(tickets.activity_ids),
                len(rows.filtered("pending_user_ids")),
            )

    def _read_mailed(self):
        """Return how often each complaint is named in the queued mails."""
        with self.registry.cursor() as cr:
            bodies = self._env(cr)["mail.mail"].search(
                [("model", "=", "res.users"), ("res_id", "=", self.user_id)]
            )
            text = "".join(bodies.mapped("body_html"))
        return [text.count(f'/{ticket_id}"') for ticket_id in self.ticket_ids]

    def _assert_each_once(self):
        self.assertEqual(
            self._read_counts(), (_CASES * 2, _CASES, _CASES, 0), "lost or doubled"
        )
        # both levels of a complaint are in the one mail
        self.assertEqual(self._read_mailed(), [2] * _CASES)

    # ------------------------------------------------------------------
    # Tests
    # ------------------------------------------------------------------

    def test_two_worker_processes_fire_each_level_once(self):
        """R323: two servers sweep the same rows at the same time."""
        workers = [
            self._fork(lambda _write: self._sweep_thrice()) for _number in range(2)
        ]
        for child, _read in workers:
            self._wait(child)
        self._sweep_until_done()
        self._assert_each_once()

    def _sweep_thrice(self):
        with mute_logger("odoo.sql_db"):  # it logs the races that are lost
            for _turn in range(3):
                self._sweep(limit=3)

    def test_kill_9_in_a_batch_loses_and_doubles_nothing(self):
        """R323: the next worker does what the dead one had not committed."""
        tell, calls = ComplaintEscalation._tell, []

        def die_later(rows, write):
            tell(rows)
            rows.env.flush_all()
            calls.append(rows)
            if len(calls) == 2:
                write()
                time.sleep(_WAIT)

        def work(write):
            with patch.object(
                ComplaintEscalation, "_tell", lambda rows: die_later(rows, write)
            ):
                self._sweep()

        child, read = self._fork(work)
        self.assertEqual(os.read(read, 1), b"x")
        self._kill(child)
        self.assertEqual(self._read_counts(), (10, 5, 5, 10))
        self._sweep_until_done()
        self._assert_each_once()

    def test_kill_9_while_mails_are_queued(self):
        """R323: rows are escalated, the mails of the dead worker are not lost."""

        def work(write):
            def hang(_rows, _user):
                write()
                time.sleep(_WAIT)

            with patch.object(ComplaintEscalation, "_queue_digest", hang):
                self._sweep(limit=100)

        child, read = self._fork(work)
        self.assertEqual(os.read(read, 1), b"x")
        self._kill(child)
        self.assertEqual(self._read_counts(), (_CASES * 2, _CASES, _CASES, _CASES * 2))
        self.assertEqual(self._read_mailed(), [0] * _CASES)
        end = time.monotonic() + _WAIT
        while self._read_counts()[3] and time.monotonic() < end:
            self._sweep()
        self._assert_each_once()

    def test_users_saving_meanwhile_get_no_error(self):
        """R323: complaints that are being saved are escalated, and saved."""
        with self.registry.cursor() as cr:
            tickets = self._env(cr)["helpdesk.ticket"].browse(self.ticket_ids)
            tickets.mapped("name")  # the snapshot is older than the sweep
            half = tickets[: _CASES // 2]
            half.write({"complaint_lessons": "before"})
            half.flush_recordset()
            thread = threading.Thread(target=self._sweep, daemon=True)
            thread.start()
            thread.join(_WAIT)
            self.assertFalse(thread.is_alive(), "the sweep waits for a user")
            tickets.write({"complaint_lessons": "after"})
            tickets.flush_recordset()
        with self.registry.cursor() as cr:
            tickets = self._env(cr)["helpdesk.ticket"].browse(self.ticket_ids)
            self.assertEqual(set(tickets.mapped("complaint_lessons")), {"after"})
        self._assert_each_once()

    def test_save_that_moves_the_clocks_is_run_again(self):
        """R323: who writes the rows that a sweep just wrote sees no error.

        Odoo runs his request a second time, as it does for every lost race.
        """
        tries = []
        with self.registry.cursor() as cr:
            env = self._env(cr)

            def save():
                rows = env["complaint.deadline"].browse(self.deadline_ids)
                rows.mapped("state")  # takes the snapshot
                if not tries:
                    thread = threading.Thread(target=self._sweep, daemon=True)
                    thread.start()
                    thread.join(_WAIT)
                    self.assertFalse(thread.is_alive(), "the sweep waits for a user")
                tries.append(True)
                rows.user_id = self.user_id  # as the clocks do for a new handler
                env.flush_all()

            with mute_logger("odoo.sql_db"):
                retrying(save, env)
        self.assertEqual(len(tries), 2)
        with self.registry.cursor() as cr:
            env = self._env(cr)
            rows = env["complaint.deadline"].browse(self.deadline_ids)
            self.assertEqual(rows.user_id.ids, [self.user_id])
            self.assertEqual(set(rows.mapped("state")), {"missed"})
        self._assert_each_once()

    def test_priority_waits_for_who_is_saving(self):
        """R323: a locked complaint is not waited for; its priority comes later."""
        with self.registry.cursor() as cr:
            self._line(self._env(cr)).escalation_ids[0].do_priority = True
        with self.registry.cursor() as cr:
            tickets = self._env(cr)["helpdesk.ticket"].browse(self.ticket_ids)
            tickets[0].complaint_lessons = "being saved"
            tickets.flush_recordset()
            thread = threading.Thread(target=self._sweep, daemon=True)
            thread.start()
            thread.join(_WAIT)
            self.assertFalse(thread.is_alive(), "the sweep waits for a user")
        self.assertEqual(self._read_priorities(), ["1"] + ["2"] * (_CASES - 1))
        self._sweep()
        self.assertEqual(self._read_priorities(), ["2"] * _CASES)
        self._assert_each_once()

    def _read_priorities(self):
        with self.registry.cursor() as cr:
            tickets = self._env(cr)["helpdesk.ticket"].browse(self.ticket_ids)
            return tickets.mapped("priority")

    def test_deadline_met_meanwhile_is_not_escalated(self):
        """R323: who is just meeting it wins; the sweep leaves the row alone."""
        with self.registry.cursor() as cr:
            deadline = self._env(cr)["complaint.deadline"].browse(self.deadline_ids[0])
            now = fields.Datetime.now()
            deadline.write({"state": "met", "reached_at": now, "finished_at": now})
            deadline.flush_recordset()
            thread = threading.Thread(target=self._sweep, daemon=True)
            thread.start()
            thread.join(_WAIT)
            self.assertFalse(thread.is_alive(), "the sweep waits for a user")
        self.assertEqual(self._read_counts()[0], (_CASES - 1) * 2)
        self._sweep()
        self.assertEqual(self._read_counts()[0], (_CASES - 1) * 2)

    def test_lost_race_is_run_again(self):
        """R323: a serialization failure costs a batch, not the sweep."""
        with self.registry.cursor() as slow:
            env = self._env(slow)
            slow.execute("SELECT 1 FROM complaint_deadline LIMIT 1")
            with self.registry.cursor() as quick:
                rows = self._env(quick)["complaint.deadline"]
                row = rows.browse(self.deadline_ids[0])
                row.alarm_error = "changed after the snapshot"
            with mute_logger("odoo.sql_db"), patch(f"{_ENGINE}.time.sleep") as slept:
                env["complaint.deadline"]._sweep()
        self.assertEqual(slept.call_count, 1)
        self._assert_each_once()
