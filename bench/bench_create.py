# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Registering and accepting complaints beside creating plain helpdesk tickets.

Budget: at most 3 own queries per complaint on top of a
plain ticket, and at most 1.3x its time, in a batch of 100.
"""

from benchkit import World, compare, nothing_stays, print_ratios

_COUNT = 100


def run(env):
    """Measure on a database with the addon; returns the figures."""
    with nothing_stays(env):
        world = World(env)
        created = compare(env, _get_creations(world))
        accepted = compare(env, _get_acceptances(world))
    print_ratios("Create, by an employee", created, _COUNT)
    (base, *_others), *ours = created.values()
    for queries, *_others in ours:
        print(f"  own queries per complaint: {(queries - base) / _COUNT:+.2f}")
    print()
    print_ratios(f"Accept {_COUNT}, by a handler", accepted, _COUNT)
    return created, accepted


def _get_creations(world):
    plain = world.tickets_of(world.helpdesk_user)
    complaints = world.tickets_of(world.employee)
    procedures = world.env["complaint.procedure"]
    procedure = procedures._get_default_procedure(world.env.company)

    def numbered_at(trigger):
        return (
            lambda _set: complaints.create(world.complaint_vals(_COUNT)),
            lambda: procedure.write({"number_trigger": trigger}),
        )

    return {
        f"plain tickets, batch of {_COUNT}": (
            lambda: plain.create(world.plain_vals(_COUNT)),
            None,
        ),
        "complaints, numbered at acceptance": numbered_at("acceptance"),
        "complaints, numbered at registration": numbered_at("registration"),
    }


def _get_acceptances(world):
    plain = world.tickets_of(world.helpdesk_user)
    complaints = world.tickets_of(world.handler)
    stage = world.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_in_progress")
    return {
        "plain tickets, another stage": (
            lambda tickets: tickets.write({"stage_id": stage.id}),
            lambda: plain.create(world.plain_vals(_COUNT)),
        ),
        "complaints, accepted and numbered": (
            lambda tickets: tickets.action_complaint_accept(),
            lambda: complaints.create(world.complaint_vals(_COUNT)),
        ),
    }
