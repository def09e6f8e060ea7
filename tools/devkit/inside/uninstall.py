"""Uninstalls the addon and looks whether the tickets survive.

usage: uninstall.py CONFIGURATION DATABASE ADDON"""

import sys
from datetime import date

from bootstrap import configure, environment

_MONTH = (date(2026, 1, 1), date(2026, 1, 31))


def prepare(database, addon):
    """Tickets in every stage that belongs to the addon: these stages disappear."""
    with environment(database) as env:
        stages = env["ir.model.data"].search(
            [("module", "=", addon), ("model", "=", "helpdesk.ticket.stage")]
        )
        ids = stages.mapped("res_id")
        tickets = env["helpdesk.ticket"].with_context(complaint_import=True)
        tickets.create({"name": "Plain ticket", "description": "<p>Plain</p>"})
        for stage in env["helpdesk.ticket.stage"].browse(ids).exists():
            fill(
                tickets.create(
                    {
                        "name": stage.name,
                        "description": "<p>Complaint</p>",
                        "stage_id": stage.id,
                        "is_complaint": True,
                        "complaint_number": f"OLD-{stage.id}",
                        "channel_id": env.ref(f"{addon}.channel_phone").id,
                        "team_id": env.ref(f"{addon}.complaint_team").id,
                    }
                )
            )
        everything = env["helpdesk.ticket"].with_context(active_test=False).search([])
        print(f"{len(everything)} tickets, {len(ids)} own stages")
        return {ticket.id: ticket.closed for ticket in everything}


def fill(ticket):
    """One record of each kind that refers to data of the addon."""
    env, part = ticket.env, {"ticket_id": ticket.id}
    env["complaint.line"].create({**part, "symptom": "Cracked"})
    env["complaint.opinion"].create({**part, "text": "Ours"}).action_sign()
    env["complaint.visit"].create({**part, "place": "Bremen"})
    env["complaint.sample"].create({**part, "name": "2 pieces"})
    env["complaint.communication"].create(
        {**part, "content": "Told", "channel_id": ticket.channel_id.id}
    )
    env["complaint.form.issue"].create(
        {
            **part,
            "form_id": env.ref("helpdesk_mgmt_complaint.complaint_form_f01").id,
            "occasion": "closing",
        }
    )
    for kind in ("cases", "trend"):
        env["complaint.statement"]._generate(kind, ticket.company_id, *_MONTH)
    env["complaint.routing.rule"].create(
        {
            "name": f"Turns {ticket.id}",
            "active": False,
            "responsible": "round_robin",
            "user_ids": [(6, 0, env.ref("base.user_admin").ids)],
        }
    )
    env["ir.filters"].create(
        {
            "name": f"Mine {ticket.id}",
            "model_id": "helpdesk.ticket",
            "domain": "[('complaint_phase', '=', 'draft')]",
        }
    )


def uninstall(database, addon):
    with environment(database) as env:
        module = env["ir.module.module"].search([("name", "=", addon)])
        assert module.state == "installed", module.state
        module.button_immediate_uninstall()


def check(database, addon, known):
    from odoo.tests import Form

    with environment(database) as env:
        module = env["ir.module.module"].search([("name", "=", addon)])
        assert module.state == "uninstalled", module.state
        tickets = env["helpdesk.ticket"].browse(known)
        assert len(tickets.exists()) == len(known), "tickets were deleted"
        env["helpdesk.ticket"].get_views([(False, "list"), (False, "kanban")])
        for ticket in tickets:
            assert ticket.stage_id, f"ticket {ticket.id} lost its stage"
            before = known[ticket.id]
            assert ticket.closed == before, f"ticket {ticket.id}: closed was {before}"
            ticket.read()
        with Form(tickets[-1]) as form:
            form.name = "Still editable"
        env.cr.rollback()


def main():
    configuration, database, addon = sys.argv[1:]
    configure(configuration, database)
    known = prepare(database, addon)
    uninstall(database, addon)
    check(database, addon, known)
    print("uninstalled", addon)


main()
