# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Routing 10 000 complaints by 200 rules beside one complaint by one rule.

Rules are met in memory: the queries of a chunk depend neither on the number of rules
nor on that of the complaints in it.
"""

from benchkit import World, compare, nothing_stays, print_ratios

from odoo import Command
from odoo.tools import SQL

_COMPLAINTS, _RULES, _CHUNK = 10_000, 200, 1_000
_WORDS = (
    "交期 数量 产能 price invoice crack* rust* noise 裂纹 包装 damage delivery".split()
)


def run(env):
    """Measure on a database with the addon; returns the figures."""
    with nothing_stays(env):
        bench = _Bench(env)
        single = compare(
            env,
            {
                "1 complaint, 1 rule": (bench.route_one, lambda: bench.use(1)),
                f"1 complaint, {_RULES} rules": (
                    bench.route_one,
                    lambda: bench.use(_RULES),
                ),
            },
        )
        many = compare(
            env,
            {
                f"{_COMPLAINTS} complaints, 1 rule": (
                    bench.route_all,
                    lambda: bench.use(1),
                ),
                f"{_COMPLAINTS} complaints, {_RULES} rules": (
                    bench.route_all,
                    lambda: bench.use(_RULES),
                ),
            },
            repeat=3,
        )
    print_ratios("Route one complaint", single)
    print_ratios(f"Route {_COMPLAINTS}", many, _COMPLAINTS)
    return single | many


class _Bench:
    """One complaint copied by SQL, and rules of every kind of condition."""

    def __init__(self, env):
        self.env = env
        self.world = World(env)
        self.rules = env["complaint.routing.rule"]
        self.rules.search([]).active = False
        self.all_rules = self.rules.create([self._vals(i) for i in range(_RULES)])
        self._fill()

    def _vals(self, index):
        """Every other rule looks for words; the last one holds for all."""
        vals = {"name": f"Rule {index}", "sequence": index, "active": False}
        if index == _RULES - 1:
            return vals
        words = ", ".join(_WORDS[index % len(_WORDS) :])
        kinds = [
            {"keywords": f"{words}, word{index}", "severity": "critical"},
            {"keywords": f"word{index}, 没有{index}"},
            {"channel_ids": [Command.set(self._create_channel(index).ids)]},
            {"category_ids": [Command.set(self._create_category(index).ids)]},
            {"customer_class": "potential"},
            {"nature": "suggestion"},
            {"is_overseas": "yes"},
            {"keywords": f"stop{index}*"},
        ]
        return vals | kinds[index % len(kinds)]

    def _create_channel(self, index):
        return self.env["helpdesk.ticket.channel"].create({"name": f"Bench {index}"})

    def _create_category(self, index):
        return self.env["helpdesk.ticket.category"].create({"name": f"Bench {index}"})

    def _fill(self):
        env = self.env
        ticket = self.world.tickets_of(self.world.employee).create(
            self.world.complaint_vals(1)
        )
        ticket.complaint_content = (
            "我司收到贵司轴承500套，其中12套保持架有问题，"
            "请尽快处理。"
            "Twelve of 500 rings run hot after two days; our line waits for your "
            "answer. " * 3
        )
        env.flush_all()
        env.cr.execute(
            """SELECT column_name FROM information_schema.columns
                WHERE table_name = 'helpdesk_ticket' AND column_name != 'id'"""
        )
        special = {
            "name": SQL("'Bench routing ' || counter"),
            "number": SQL("'R' || counter"),
            "access_token": SQL("NULL"),
        }
        columns = [name for (name,) in env.cr.fetchall()]
        env.cr.execute(
            SQL(
                """INSERT INTO helpdesk_ticket (%s)
                   SELECT %s FROM helpdesk_ticket base, generate_series(1, %s) counter
                    WHERE base.id = %s RETURNING id""",
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(
                    special.get(name) or SQL.identifier("base", name)
                    for name in columns
                ),
                _COMPLAINTS,
                ticket.id,
            )
        )
        ids = [row[0] for row in env.cr.fetchall()]
        self.tickets = env["helpdesk.ticket"].browse(ids)
        env.invalidate_all()

    def use(self, count):
        """Activate the last `count` rules."""
        self.all_rules.active = False
        self.all_rules[-count:].active = True
        self.env.flush_all()
        return count

    def route_one(self, _count):
        """Find the route of one complaint; nothing is written."""
        self._check(self.rules._get_routes(self.tickets[0]), 1)

    def route_all(self, _count):
        """Find all routes, in chunks as a batch would."""
        found = {}
        for start in range(0, _COMPLAINTS, _CHUNK):
            chunk = self.tickets[start : start + _CHUNK].with_prefetch()
            found |= self.rules._get_routes(chunk)
        self._check(found, _COMPLAINTS)

    def _check(self, routes, count):
        last = self.all_rules[-1]
        if len(routes) != count or any(r.rule != last for r in routes.values()):
            raise AssertionError("a complaint met a wrong rule")
