# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The escalation sweep beside the best SQL statement for the same work.

Budget: with 100 000 running deadlines of which 1 000 are
due, claim, state and escalation log take at most 3x one set-based statement.
Activities and mails are shown beside plain `activity_schedule`.
"""

from datetime import timedelta

from benchkit import World, compare, nothing_stays, print_ratios

from odoo import Command, fields
from odoo.tools import SQL

_RUNNING, _DUE = 100_000, 1_000
_BUDGET = 3
_SQL, _OURS = "one SQL statement", "sweep: claim, state, log"


def run(env):
    """Measure on a database with the addon; returns the figures."""
    with nothing_stays(env):
        world = World(env)
        bench = _Bench(world)
        results = compare(
            env,
            {
                _SQL: (bench.run_statement, None),
                _OURS: (bench.sweep, None),
            },
            repeat=5,
        )
        bench.check()
        told = compare(
            env,
            {
                "plain activity_schedule": (bench.schedule, None),
                "sweep with activities and mails": (bench.sweep, bench.tell_people),
            },
            repeat=3,
        )
    title = f"Escalation sweep: {_DUE} due of {_RUNNING} running deadlines"
    print_ratios(title, results, _DUE)
    ratio = results[_OURS][1] / results[_SQL][1]
    print(f"  {ratio:.2f}x the SQL statement (budget {_BUDGET}x)\n")
    print_ratios("The same with people told", told, _DUE)
    return results | told


class _Bench:
    """A policy, one complaint per due deadline, and the works to compare."""

    def __init__(self, world):
        self.world, self.env = world, world.env
        self.now = fields.Datetime.now()
        self.env["complaint.deadline"].search(
            [("next_alarm_at", "!=", False)]
        ).next_alarm_at = False
        self.policy = self._create_policy()
        self.line = self.policy.line_ids
        self.level = self.line.escalation_ids
        self._fill()

    def _create_policy(self):
        ref, event = self.env.ref, "helpdesk_mgmt_complaint.event_type_"
        users = [Command.set(self.world.handler.ids)]
        level = {"role": "fixed", "user_ids": users, "amount": 0}
        line = {
            "name": "First reply",
            "start_type_id": ref(f"{event}accepted").id,
            "target_type_ids": [Command.set(ref(f"{event}acknowledged").ids)],
            "escalation_ids": [
                Command.create({**level, "do_activity": False, "do_mail": False})
            ],
        }
        return self.env["complaint.sla.policy"].create(
            {"name": "Bench", "is_preset": True, "line_ids": [Command.create(line)]}
        )

    # ------------------------------------------------------------------
    # Rows
    # ------------------------------------------------------------------

    def _fill(self):
        """Copy one complaint and one deadline by SQL."""
        env = self.env
        ticket = self.world.tickets_of(self.world.employee).create(
            self.world.complaint_vals(1)
        )
        row = env["complaint.deadline"].create(
            {
                "ticket_id": ticket.id,
                "company_id": ticket.company_id.id,
                "policy_id": self.policy.id,
                "line_id": self.line.id,
                "line_key": "bench",
                "name": self.line.name,
                "occurrence": 0,
                "started_at": self.now - timedelta(hours=24),
                "due_at": self.now - timedelta(hours=1),
                "state": "running",
            }
        )
        env.flush_all()
        self._copy(
            "helpdesk_ticket",
            ticket.id,
            _DUE,
            {
                "name": SQL("'Bench sweep ' || counter"),
                "number": SQL("'S' || counter"),
                "access_token": SQL("NULL"),
            },
        )
        self._copy_deadlines(row)

    def _copy_deadlines(self, row):
        env = self.env
        env.cr.execute(
            "SELECT array_agg(id) FROM helpdesk_ticket WHERE name LIKE 'Bench sweep %'"
        )
        self.ticket_ids = env.cr.fetchone()[0]
        is_due = SQL("counter <= %s", _DUE)
        due = SQL("CASE WHEN %s THEN base.due_at ELSE %s END", is_due, self._later())
        self._copy(
            "complaint_deadline",
            row.id,
            _RUNNING,
            {
                "ticket_id": SQL(
                    "(%s::int[])[1 + counter %% %s]", self.ticket_ids, _DUE
                ),
                "occurrence": SQL("counter"),
                "due_at": due,
                "next_alarm_at": due,
            },
        )
        for table in ("helpdesk_ticket", "complaint_deadline"):
            env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
        env.invalidate_all(flush=False)

    def _later(self):
        return SQL("base.due_at + interval '1 day' + counter * interval '1 minute'")

    def _copy(self, table, row_id, count, special):
        cr = self.env.cr
        cr.execute(
            """SELECT column_name FROM information_schema.columns
                WHERE table_name = %s AND column_name != 'id'""",
            [table],
        )
        columns = [name for (name,) in cr.fetchall()]
        cr.execute(
            SQL(
                """INSERT INTO %s (%s)
                   SELECT %s FROM %s base, generate_series(1, %s) counter
                    WHERE base.id = %s""",
                SQL.identifier(table),
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(
                    special.get(name) or SQL.identifier("base", name)
                    for name in columns
                ),
                SQL.identifier(table),
                count,
                row_id,
            )
        )

    # ------------------------------------------------------------------
    # Works
    # ------------------------------------------------------------------

    def sweep(self, _prepared=None):
        """What the cron does, its commits being savepoints."""
        with self.env.registry.cursor() as cr:
            deadlines = self.env(cr=cr)["complaint.deadline"]
            handled = deadlines._sweep()
        if handled != _DUE:
            raise AssertionError(f"{handled} of {_DUE} were handled")

    def tell_people(self):
        """The same level with activity and mail."""
        self.level.write({"do_activity": True, "do_mail": True})
        self.env.flush_all()

    def schedule(self):
        """What a short scheduled action would do, without any log."""
        tickets = self.env["helpdesk.ticket"].browse(self.ticket_ids)
        tickets.activity_schedule(
            "helpdesk_mgmt_complaint.mail_activity_type_escalation",
            user_id=self.world.handler.id,
            summary="First reply",
        )

    def run_statement(self):
        """Claim, state, log rows, people and events in one statement."""
        kind_id, _once = self.env["complaint.event.type"]._get_type("escalated")
        query = SQL(
            """WITH due AS (
                   SELECT id, ticket_id, company_id, due_at
                     FROM complaint_deadline
                    WHERE next_alarm_at <= %(now)s
                    ORDER BY next_alarm_at, id
                      FOR NO KEY UPDATE SKIP LOCKED
               ), log AS (
                   INSERT INTO complaint_escalation (deadline_id, ticket_id,
                          company_id, level_id, level, role, due_at, fired_at,
                          create_uid, create_date, write_uid, write_date)
                   SELECT id, ticket_id, company_id, %(level)s, 1, 'fixed', due_at,
                          %(now)s, 1, %(now)s, 1, %(now)s
                     FROM due
                RETURNING id
               ), told AS (
                   INSERT INTO %(told)s (complaint_escalation_id, res_users_id)
                   SELECT id, %(user)s FROM log
               ), event AS (
                   INSERT INTO complaint_event (ticket_id, company_id, cycle, type_id,
                          code, once_only, scope_key, at, recorded_at, user_id, note,
                          payload, create_uid, create_date, write_uid, write_date)
                   SELECT ticket_id, company_id, 1, %(kind)s, 'escalated', false, '',
                          %(now)s, %(now)s, 1, 'Level 1: First reply',
                          jsonb_build_object('levels', jsonb_build_array(
                              jsonb_build_object('deadline', id, 'level', 1))),
                          1, %(now)s, 1, %(now)s
                     FROM due
               )
               UPDATE complaint_deadline deadline
                  SET next_alarm_at = NULL, state = 'missed', breached_at = due.due_at,
                      write_uid = 1, write_date = %(now)s
                 FROM due
                WHERE deadline.id = due.id""",
            now=fields.Datetime.now(),
            level=self.level.id,
            told=SQL.identifier(
                self.env["complaint.escalation"]._fields["user_ids"].relation
            ),
            user=self.world.handler.id,
            kind=kind_id,
        )
        self.env.cr.execute(query)
        if self.env.cr.rowcount != _DUE:
            raise AssertionError(f"{self.env.cr.rowcount} rows")

    def check(self):
        """Both must have done the work: everything was rolled back, so redo it."""
        if self.env["complaint.escalation"].search_count(
            [("level_id", "=", self.level.id)]
        ):
            raise AssertionError("a measurement was not rolled back")
