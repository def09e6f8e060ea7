# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the benchmarks share: a small company, counting, tables."""

import contextlib
import statistics
import threading
import time
from unittest.mock import patch

from odoo import Command
from odoo.modules import module
from odoo.tests.test_cursor import TestCursor

_HELPDESK = "helpdesk_mgmt.group_helpdesk_user"
_HANDLER = "helpdesk_mgmt_complaint.group_complaint_handler"


class _Caller:
    """Stands in for a test: `TestCursor` asks one for permission, and while one
    runs Odoo sends no mail."""

    canonical_tag = "benchmark"
    test_cursor_lock_timeout = 20

    def assertCanOpenTestCursor(self):
        return True


@contextlib.contextmanager
def nothing_stays(env):
    """Whatever happens inside is rolled back, also what code commits on its own.

    Cursors that are opened inside are savepoints of the one of `env`.
    """
    lock = threading.RLock()

    def cursor(readonly=False):
        return TestCursor(env.cr, lock, False)

    try:
        with (
            patch.object(module, "current_test", _Caller()),
            patch.object(env.registry, "cursor", cursor),
        ):
            yield
    finally:
        env.cr.rollback()
        env.invalidate_all(flush=False)
        # what waits for the end of the transaction speaks of records that are gone
        env.cr.postcommit.clear()
        env.cr.postrollback.clear()


class World:
    """Users of the lowest rights, one customer, one team of each kind.

    The teams are alike but for being a complaint team, so that the difference
    measured is ours.
    """

    def __init__(self, env):
        self.env = env
        self.employee = self._user("bench_employee", "base.group_user")
        self.helpdesk_user = self._user("bench_helpdesk", _HELPDESK)
        self.handler = self._user("bench_handler", _HANDLER)
        self.customer = env["res.partner"].create(
            {"name": "Bench Customer", "email": "anna@customer.example.com"}
        )
        self.channel = env.ref("helpdesk_mgmt_complaint.channel_phone")
        self.domain = env["mail.alias.domain"].create({"name": "bench.example.com"})
        teams = env["helpdesk.ticket.team"]
        self.complaint_team = teams.create(
            {
                "name": "Bench Complaints",
                "alias_name": "bench-complaints",
                "alias_domain_id": self.domain.id,
                "complaint_team": True,
            }
        )
        self.plain_team = teams.create(
            {
                "name": "Bench Helpdesk",
                "alias_name": "bench-helpdesk",
                "alias_domain_id": self.domain.id,
            }
        )
        env.flush_all()

    def _user(self, login, group):
        return self.env["res.users"].create(
            {
                "name": login,
                "login": login,
                "email": f"{login}@bench.example.com",
                "group_ids": [
                    Command.set(
                        [self.env.ref("base.group_user").id, self.env.ref(group).id]
                    )
                ],
            }
        )

    def tickets_of(self, user):
        """The ticket model as this user sees it."""
        return self.env["helpdesk.ticket"].with_user(user).with_context(lang="en_US")

    def plain_vals(self, count):
        return [
            {
                "name": f"Printer {index}",
                "description": "<p>It does not print.</p>",
                "partner_id": self.customer.id,
                "channel_id": self.channel.id,
                "team_id": self.plain_team.id,
            }
            for index in range(count)
        ]

    def complaint_vals(self, count):
        return [
            {
                "name": f"Cracked cage {index}",
                "complaint_content": "12 of 500 bearings have cracked cages.",
                "partner_id": self.customer.id,
                "channel_id": self.channel.id,
                "team_id": self.complaint_team.id,
            }
            for index in range(count)
        ]


def measure(env, work, prepare=None):
    """Run `work` once in a savepoint that is rolled back.

    :param prepare: called first, outside the measurement; its result is the
        argument of `work`
    :return: ``(queries, seconds)``, writing to the database included
    """
    cursor = env.cr
    with contextlib.closing(cursor.savepoint()) as savepoint:
        arguments = [] if prepare is None else [prepare()]
        cursor.flush()
        env.invalidate_all()
        queries, start = cursor.sql_log_count, time.perf_counter()
        work(*arguments)
        cursor.flush()
        result = cursor.sql_log_count - queries, time.perf_counter() - start
        savepoint.rollback()
        env.invalidate_all(flush=False)
    return result


def compare(env, works, repeat=9):
    """Measure several works in turns, so that a busy machine hits all alike.

    :param dict works: ``{name: (work, prepare or None)}``; the first is the base
    :return: ``{name: (queries, seconds, ratio)}``: medians, the ratio to the base
        taken turn by turn; the first turn warms up
    """
    base, turns = next(iter(works)), []
    for _turn in range(repeat + 1):
        turns.append({name: measure(env, *work) for name, work in works.items()})
    return {
        name: (
            statistics.median(turn[name][0] for turn in turns[1:]),
            statistics.median(turn[name][1] for turn in turns[1:]),
            statistics.median(turn[name][1] / turn[base][1] for turn in turns[1:]),
        )
        for name in works
    }


def print_table(title, head, rows):
    """Print aligned columns, the first one to the left."""
    table = [head, *([str(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    print(title)
    for row in table:
        first, *others = (
            cell.rjust(width) if index else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  " + "  ".join([first, *others]).rstrip())
    print()


def print_ratios(title, results, each=1):
    """Print what `compare` found, per piece where a work does `each` pieces."""
    print_table(
        title,
        ["", "queries", "per piece", "ms", "ms per piece", "time ratio"],
        [
            [
                name,
                f"{queries:.0f}",
                f"{queries / each:.2f}",
                f"{seconds * 1000:.1f}",
                f"{seconds * 1000 / each:.2f}",
                f"{ratio:.2f}x",
            ]
            for name, (queries, seconds, ratio) in results.items()
        ],
    )
