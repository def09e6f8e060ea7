# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Due times of the kernel beside `resource.calendar.plan_hours` and `plan_days`.

Budget: at least 300 times as fast, at equal results.
"""

import random
import time
from datetime import datetime, timedelta, timezone

import pytz
from benchkit import nothing_stays, print_table

from odoo import Command

from odoo.addons.helpdesk_mgmt_complaint.kernel.clock_deadlines import derive
from odoo.addons.helpdesk_mgmt_complaint.kernel.clock_rules import Event, Line
from odoo.addons.helpdesk_mgmt_complaint.kernel.clock_units import Ground, Limit
from odoo.addons.helpdesk_mgmt_complaint.kernel.clock_working import WorkingTime
from odoo.addons.helpdesk_mgmt_complaint.kernel.escalation_ladder import Level, climb

_BUDGET = 300
_SAMPLES = 250
# the best round counts, so that a busy machine does not flatter the kernel
_ODOO_ROUNDS, _ROUNDS = 4, 20
_FROM, _UNTIL = datetime(2026, 1, 5), datetime(2028, 1, 3)


def _create_calendar(env):
    """Monday to Friday with a lunch break, twenty holidays."""
    hours = [(day, *part) for day in range(5) for part in ((8, 12), (13, 17))]
    return env["resource.calendar"].create(
        {
            "name": "Bench office",
            "tz": "Europe/Berlin",
            "attendance_ids": [Command.clear()]
            + [
                Command.create(
                    {
                        "name": "Work",
                        "dayofweek": str(day),
                        "hour_from": begin,
                        "hour_to": end,
                    }
                )
                for day, begin, end in hours
            ],
            "leave_ids": [
                Command.create(
                    {
                        "name": "Holiday",
                        "date_from": _FROM + timedelta(days=35 * number),
                        "date_to": _FROM + timedelta(days=35 * number + 1),
                    }
                )
                for number in range(20)
            ],
        }
    )


def _read(calendar):
    intervals = calendar._work_intervals_batch(
        _FROM.replace(tzinfo=pytz.utc), _UNTIL.replace(tzinfo=pytz.utc)
    )[False]
    slots = [
        tuple(at.astimezone(timezone.utc).replace(tzinfo=None) for at in interval[:2])
        for interval in intervals
    ]
    return WorkingTime(slots, calendar.tz, _FROM, _UNTIL)


def _timed(function, samples, rounds=1):
    """Return ``(results, best seconds per call)``."""
    best = float("inf")
    for _round in range(rounds):
        start = time.perf_counter()
        results = [function(*sample) for sample in samples]
        best = min(best, time.perf_counter() - start)
    return results, best / len(samples)


def _compare(env, calendar, working, rng):
    """Return ``{name: (Odoo's seconds, ours, queries each, equal results)}``."""
    found = {}
    for name, amounts in (("plan_hours", (1, 160)), ("plan_days", (1, 20))):
        samples = [
            (
                rng.randrange(*amounts),
                _FROM + timedelta(minutes=15 * rng.randrange(60_000)),
            )
            for _sample in range(_SAMPLES)
        ]
        plan, twin = getattr(calendar, name), getattr(working, name)
        plan(1, _FROM, compute_leaves=True)
        queries = env.cr.sql_log_count
        expected, odoo = _timed(
            lambda *args, p=plan: p(*args, True), samples, _ODOO_ROUNDS
        )
        queries = (env.cr.sql_log_count - queries) / len(samples) / _ODOO_ROUNDS
        results, ours = _timed(twin, samples, _ROUNDS)
        equal = sum(a == b for a, b in zip(results, expected, strict=True))
        found[name] = odoo, ours, queries, equal
    return found


def _bench_case(working):
    """Return the seconds for all clocks of one case, and for its ladder."""
    begin = datetime(2026, 7, 6, 9)
    lines = [
        Line(number, "accepted", ("closed",), limit, calendar="office")
        for number, limit in enumerate(
            [
                Limit(2, "hour"),
                Limit(4, "working_hour"),
                Limit(5, "working_day"),
                Limit(15, "calendar_day"),
                Limit(24, "hour"),
            ]
        )
    ]
    codes = ["reported", "accepted", "paused", "resumed", "assessed", "decided"]
    log = [
        Event(code, begin + timedelta(hours=number), id=number)
        for number, code in enumerate(codes)
    ]
    now = begin + timedelta(days=2)

    def derive_case():
        return derive(lines, log, {"office": working}, now)

    [deadlines, *_more], seconds = _timed(derive_case, [()] * 200, 5)
    levels = [Level(number, "after_due", number, "working_hour") for number in range(4)]
    ground = Ground(working.zone, working)
    samples = [(levels, deadline, ground, (), now) for deadline in deadlines]
    _climbs, climbing = _timed(climb, samples * 40, 5)
    return seconds, climbing


def run(env):
    """Measure as an employee; returns the figures."""
    rng = random.Random(20)
    with nothing_stays(env):
        calendar = _create_calendar(env)
        user = env["res.users"].create({"name": "Bench", "login": "bench_clock"})
        calendar = calendar.with_user(user)
        env.flush_all()
        start = time.perf_counter()
        working = _read(calendar)
        reading = time.perf_counter() - start
        results = _compare(env, calendar, working, rng)
        case, climbing = _bench_case(working)
    print_table(
        f"Due times, {_SAMPLES} each",
        ["", "Odoo ms", "queries", "kernel ms", "equal", "ratio", "budget"],
        [
            [
                name,
                f"{odoo * 1000:.3f}",
                f"{queries:.1f}",
                f"{ours * 1000:.4f}",
                f"{equal}/{_SAMPLES}",
                f"{odoo / ours:.0f}x",
                f">= {_BUDGET}x",
            ]
            for name, (odoo, ours, queries, equal) in results.items()
        ],
    )
    slowest = results["plan_hours"][0]
    print(f"  reading two years of a calendar: {reading * 1000:.1f} ms, once")
    print(f"  paid back after {reading / slowest:.0f} due times")
    print(f"  a case with 5 lines, 6 events: {case * 1000:.3f} ms")
    print(f"  a ladder of 4 levels: {climbing * 1000:.4f} ms")
    return results
