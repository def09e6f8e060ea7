"""Deadlines that are due, for two servers that sweep them.

usage: twoservers_seed.py CONFIGURATION DATABASE TICKETS DEADLINES LEVELS"""

import sys
from datetime import timedelta

from bootstrap import configure, environment

ADDON = "helpdesk_mgmt_complaint"


def create_policy(env, levels):
    """One limit whose levels, all reached at once, tell one person each."""
    from odoo import Command

    users = env["res.users"].create(
        [
            {
                "name": f"Told {number}",
                "login": f"told_{number}",
                "email": f"told_{number}@example.com",
                "group_ids": [Command.set(env.ref("base.group_user").ids)],
            }
            for number in range(levels)
        ]
    )
    line = {
        "name": "First reply",
        "start_type_id": env.ref(f"{ADDON}.event_type_accepted").id,
        "target_type_ids": [
            Command.set(env.ref(f"{ADDON}.event_type_acknowledged").ids)
        ],
        "escalation_ids": [
            Command.create(
                {
                    "level": number,
                    "role": "fixed",
                    "user_ids": [Command.set(user.ids)],
                    "amount": 0,
                }
            )
            for number, user in enumerate(users, 1)
        ],
    }
    return env["complaint.sla.policy"].create(
        # a preset: no complaint follows it, the rows are ours
        {"name": "Two servers", "is_preset": True, "line_ids": [Command.create(line)]}
    )


def create_deadlines(env, line, ticket_count, deadline_count):
    from odoo import fields

    tickets = env["helpdesk.ticket"].create(
        [
            {
                "name": f"Two servers {number}",
                "is_complaint": True,
                "complaint_anonymous": True,
                "complaint_content": "Broken",
                "channel_id": env.ref(f"{ADDON}.channel_phone").id,
            }
            for number in range(ticket_count)
        ]
    )
    now = fields.Datetime.now()
    env["complaint.deadline"].create(
        [
            {
                "ticket_id": ticket.id,
                "company_id": ticket.company_id.id,
                "policy_id": line.policy_id.id,
                "line_id": line.id,
                "line_key": line.key,
                "name": line.name,
                "occurrence": occurrence,
                "started_at": now - timedelta(hours=24),
                "due_at": now - timedelta(hours=1) + timedelta(seconds=number),
                "next_alarm_at": now - timedelta(hours=1) + timedelta(seconds=number),
                "state": "running",
            }
            for number, ticket in enumerate(tickets)
            for occurrence in range(1, deadline_count + 1)
        ]
    )


def main():
    configuration, database, *numbers = sys.argv[1:]
    ticket_count, deadline_count, level_count = map(int, numbers)
    configure(configuration, database)
    with environment(database) as env:
        # nothing of the database's own, and no other cron
        env["complaint.deadline"].search([])._set_alarm(False)
        env["ir.cron"].search([]).write({"active": False})
        env["ir.cron.trigger"].search([]).unlink()
        policy = create_policy(env, level_count)
        create_deadlines(env, policy.line_ids, ticket_count, deadline_count)
    print("seeded", database)


main()
