# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a customer's e-mail costs: a complaint team beside a plain helpdesk team.

Budget: at most 1.5x plain helpdesk_mgmt, recognition of orders
and lots included. Waiting for the disk is left out: the mail itself is committed
first, in a transaction of its own, which here is a savepoint.
"""

import contextlib
import itertools
from unittest.mock import patch

from benchkit import World, compare, nothing_stays, print_ratios

from odoo import Command

_MAIL = """\
From: Anna Meyer <anna@customer.example.com>
To: {alias}
Subject: Cracked cages ({number})
Message-ID: <bench-{number}@customer.example.com>
Date: Fri, 3 Jul 2026 08:00:00 +0000
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

{text}
"""
_TEXT = """Dear colleagues,

12 of the 500 bearings BRG-6204 that you delivered with your order {order} have
cracked cages. The boxes say lot L260703-A. Please send us your 8D report.

Best regards
Anna Meyer
"""


def run(env):
    """Measure on a database with the addon; returns the figures."""
    with nothing_stays(env):
        world = World(env)
        order = _create_order(world)
        named = _TEXT.format(order=order.name)
        unnamed = _TEXT.format(order="of last week")
        numbers = itertools.count(1)

        def receive(team, text, **kwargs):
            return _get_work(world, team, text, numbers, **kwargs)

        ours = world.complaint_team
        results = compare(
            env,
            {
                "plain team": receive(world.plain_team, named),
                "complaint team, no acknowledgement": receive(
                    ours, named, acknowledge=False, lines=1
                ),
                "complaint team, nothing to recognise": receive(ours, unnamed),
                "complaint team, order recognised": receive(ours, named, lines=1),
            },
            repeat=15,
        )
    print_ratios("One e-mail through the gateway", results)
    return results


def _get_work(world, team, text, numbers, acknowledge=True, lines=0):
    """Return ``(work, prepare)`` that sends one new mail to a team."""
    env = world.env
    silent = patch.object(
        type(env["helpdesk.ticket"]),
        "_complaint_acknowledge",
        lambda *args, **kwargs: False,
    )

    def prepare():
        address = f"{team.alias_name}@{world.domain.name}"
        return _MAIL.format(alias=address, number=next(numbers), text=text).encode()

    def work(mail):
        with contextlib.nullcontext() if acknowledge else silent:
            ticket_id = env["mail.thread"].message_process(None, mail)
        ticket = env["helpdesk.ticket"].browse(ticket_id)
        assert ticket.team_id == team
        assert not lines or len(ticket.complaint_line_ids) == lines

    return work, prepare


def _create_order(world):
    env = world.env
    product = env["product.product"].create(
        {"name": "Deep groove ball bearing", "default_code": "BRG-6204"}
    )
    order = env["sale.order"].create(
        {
            "partner_id": world.customer.id,
            "order_line": [
                Command.create({"product_id": product.id, "product_uom_qty": 500})
            ],
        }
    )
    order.action_confirm()
    return order
