# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""100 registration forms in one PDF beside 100 of Odoo's own sale orders.

Per page, in the same run, with the real wkhtmltopdf. Budget: at most 1.2x the time.
"""

import contextlib
import io
import logging
import statistics
import threading
import time

from benchkit import World, nothing_stays, print_table
from pypdf import PdfReader
from werkzeug.serving import make_server

from odoo import Command
from odoo.http import root

_COUNT = 100
_TURNS = 3
_FORM = "helpdesk_mgmt_complaint.report_complaint_form"
_ORDER = "sale.report_saleorder"


def run(env):
    """Measure on a database with the addon; returns ``{name: ms per page}``."""
    with nothing_stays(env), _serve(env):
        world = World(env)
        seller = world._user("bench_seller", "sales_team.group_sale_salesman_all_leads")
        works = {
            "sale orders": (seller, _ORDER, _create_orders(world)),
            "registration forms": (world.handler, _FORM, _create_complaints(world)),
        }
        turns = [
            {name: _print(env, *work) for name, work in works.items()}
            for _turn in range(_TURNS + 1)
        ][1:]
    return _show(turns)


@contextlib.contextmanager
def _serve(env):
    """Serve the style sheets that wkhtmltopdf fetches."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, root, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    parameters = env["ir.config_parameter"].sudo()
    parameters.set_param("report.url", f"http://127.0.0.1:{server.server_port}")
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


def _create_products(world):
    return world.env["product.product"].create(
        [{"name": f"Deep groove ball bearing 620{n}"} for n in range(3)]
    )


def _create_orders(world):
    products = _create_products(world)
    return world.env["sale.order"].create(
        [
            {
                "partner_id": world.customer.id,
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_qty": 5})
                    for product in products
                ],
            }
            for _index in range(_COUNT)
        ]
    )


def _create_complaints(world):
    """Complaints with three goods, printed without further copies."""
    env = world.env
    form = env.ref("helpdesk_mgmt_complaint.complaint_form_f01")
    form.copy({"company_id": env.company.id}).copy_ids.unlink()
    products = _create_products(world)
    return env["helpdesk.ticket"].create(
        [
            {
                **vals,
                "complaint_line_ids": [
                    Command.create({"product_id": product.id, "defective_qty": 5})
                    for product in products
                ],
            }
            for vals in world.complaint_vals(_COUNT)
        ]
    )


def _print(env, user, report, records):
    """Return ``(pages, seconds, seconds of the HTML alone)``."""
    env.flush_all()
    env.invalidate_all()
    reports = env["ir.actions.report"].with_user(user)
    reports = reports.with_context(force_report_rendering=True, lang="en_US")
    start = time.perf_counter()
    reports._render_qweb_html(report, records.ids)
    html = time.perf_counter() - start
    env.invalidate_all()
    start = time.perf_counter()
    pdf, _kind = reports._render_qweb_pdf(report, records.ids)
    seconds = time.perf_counter() - start
    return len(PdfReader(io.BytesIO(pdf)).pages), seconds, html


def _show(turns):
    rows, result = [], {}
    base = "sale orders"
    for name in turns[0]:
        pages = turns[0][name][0]
        each = [turn[name][1] * 1000 / turn[name][0] for turn in turns]
        ratios = [
            turn[name][1] / turn[name][0] / (turn[base][1] / turn[base][0])
            for turn in turns
        ]
        result[name] = statistics.median(each)
        html = statistics.median(turn[name][2] * 1000 / turn[name][0] for turn in turns)
        rows.append(
            [
                f"{_COUNT} {name}",
                pages,
                f"{result[name]:.1f}",
                f"{html:.1f}",
                f"{statistics.median(ratios):.2f}x",
            ]
        )
    head = ["", "pages", "ms per page", "of which HTML", "time ratio"]
    print_table("One PDF, by a handler and by a seller", head, rows)
    return result
