# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Our clocks beside `helpdesk_mgmt_sla`, on the same complaints.

Both watch one limit of 24 working hours per complaint, from its registration to
its acceptance, by the same calendar. What counts is what each adds to complaints
without any clock. There is no budget: the neighbour has one row per ticket and
nothing else; ours are derived from the log, versioned, paused and escalated.
"""

from datetime import timedelta

from benchkit import World, compare, nothing_stays, print_ratios

from odoo import Command, fields

TEMPLATE = "neighbours"  # the database this benchmark needs
_COUNT = 100
_NONE, _OTHER, _OURS = "no clock", "helpdesk_mgmt_sla", "our policy of one line"
_EVENT = "helpdesk_mgmt_complaint.event_type_"


def run(env):
    """Measure on a database with both addons; returns the figures."""
    with nothing_stays(env):
        bench = _Bench(World(env))
        created = compare(env, bench.get_creations(), repeat=5)
        accepted = compare(env, bench.get_acceptances(), repeat=5)
        looked = compare(env, bench.get_lookups(), repeat=9)
    _print(f"Register {_COUNT} complaints", created)
    _print(f"Accept {_COUNT}: the limit is met", accepted)
    print_ratios(
        f"Which of {_COUNT} complaints are overdue, and since when", looked, _COUNT
    )
    return created, accepted, looked


def _print(title, results):
    print_ratios(title, results, _COUNT)
    (queries, seconds, _ratio), *others = results.values()
    for name, (more, longer, _ratio) in zip(list(results)[1:], others, strict=True):
        print(
            f"  {name} adds {(more - queries) / _COUNT:+.2f} queries and "
            f"{(longer - seconds) * 1000 / _COUNT:+.2f} ms per complaint"
        )
    print()


class _Bench:
    """One team, an SLA of the neighbour and a policy of ours, switched in turns."""

    def __init__(self, world):
        self.world, self.env = world, world.env
        # rows of the neighbour are written by users of the helpdesk only
        self.user = world.handler
        group = self.env.ref("helpdesk_mgmt.group_helpdesk_user")
        self.user.group_ids = [Command.link(group.id)]
        self.complaints = world.tickets_of(self.user)
        self.team = world.complaint_team
        self.team.resource_calendar_id = self.env.company.resource_calendar_id
        self.stage = self.team._get_complaint_stage("accepted", self.env.company)
        self.env["helpdesk.sla"].search([]).active = False
        self.env["complaint.sla.policy"].search([("is_preset", "=", False)]).write(
            {"active": False}
        )
        self.env["helpdesk.sla"].create(
            {
                "name": "Acceptance",
                "team_ids": [Command.set(self.team.ids)],
                "stage_id": self.stage.id,
                "hours": 24,
            }
        )
        line = {
            "name": "Acceptance",
            "start_type_id": self.env.ref(f"{_EVENT}registered").id,
            "target_type_ids": [Command.set(self.env.ref(f"{_EVENT}accepted").ids)],
            "amount": 24,
            "unit": "working_hour",
        }
        self.policy = self.env["complaint.sla.policy"].create(
            {"name": "Acceptance", "line_ids": [Command.create(line)]}
        )

    def _switch(self, name):
        self.team.use_sla = name == _OTHER
        self.policy.active = name == _OURS

    def _create(self, name):
        self._switch(name)
        return self.complaints.create(self.world.complaint_vals(_COUNT))

    def _check(self, name, tickets):
        """Both must have one row for each complaint, the other one none."""
        found = {
            _OTHER: len(tickets.ticket_sla_ids),
            _OURS: len(tickets.complaint_deadline_ids),
        }
        expected = {key: _COUNT if key == name else 0 for key in found}
        if found != expected:
            raise AssertionError(f"{name}: {found}")

    def get_creations(self):
        for name in (_NONE, _OTHER, _OURS):
            self._check(name, self._create(name))
        return {
            name: (
                lambda _set: self.complaints.create(self.world.complaint_vals(_COUNT)),
                lambda name=name: self._switch(name),
            )
            for name in (_NONE, _OTHER, _OURS)
        }

    def get_acceptances(self):
        return {
            name: (
                lambda tickets: tickets.action_complaint_accept(),
                lambda name=name: self._create(name),
            )
            for name in (_NONE, _OTHER, _OURS)
        }

    def get_lookups(self):
        """The computed fields of the one, the rows of the other."""
        late = fields.Datetime.now() - timedelta(days=30)
        for name in (_OTHER, _OURS):
            tickets = self._create(name)
            tickets.sudo().ticket_sla_ids.deadline = late
            tickets.sudo().complaint_deadline_ids.due_at = late
            if name == _OTHER:
                theirs = tickets
            else:
                ours = tickets
        return {
            _OTHER: (lambda: _assert_all(_read_theirs(theirs)), None),
            _OURS: (lambda: _assert_all(_read_ours(ours)), None),
        }


def _read_theirs(tickets):
    return [t.sla_expired and bool(t.sla_deadline) for t in tickets]


def _read_ours(tickets):
    deadlines = tickets.env["complaint.deadline"].search_fetch(
        [("ticket_id", "in", tickets.ids), ("is_overdue", "=", True)],
        ["ticket_id", "due_at"],
    )
    late = {deadline.ticket_id: deadline.due_at for deadline in deadlines}
    return [bool(late.get(ticket)) for ticket in tickets]


def _assert_all(answers):
    if not all(answers) or len(answers) != _COUNT:
        raise AssertionError(f"{sum(map(bool, answers))} of {_COUNT} are overdue")
