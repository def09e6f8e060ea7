#!/usr/bin/env python3
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How well are orders, deliveries, lots and invoices recognised in mails?

`run(env)` builds the world of `mail_corpus/records.json`, feeds every mail of the
corpus through the mail gateway, compares the lines of the complaint with
`mail_corpus/expected.json`, prints the figures and leaves nothing behind.

Run as a script it only checks the corpus itself; that needs nothing but Python.
"""

import contextlib
import email
import email.policy
import json
import logging
import sys
import threading
from collections import defaultdict
from pathlib import Path
from unittest.mock import patch

CORPUS = Path(__file__).parent / "mail_corpus"
KINDS = ("order", "delivery", "lot", "invoice")
LABELS = ("expected", "forbidden", "ambiguous", "allowed")
SIZE_LIMIT = 1_000_000

_logger = logging.getLogger(__name__)


def _key(link):
    """(kind, name, product); the product only tells lots of one name apart."""
    return link["kind"], link["name"], link.get("product", "")


class Corpus:
    """The mails, their labels and the records they are about."""

    def __init__(self, folder=CORPUS):
        self.folder = folder
        self.records = json.loads((folder / "records.json").read_text("utf-8"))
        self.mails = json.loads((folder / "expected.json").read_text("utf-8"))
        self.partners = {item["key"]: item for item in self.records["partners"]}
        # What hangs together: order name -> [(kind, name, product)]
        self.deliveries = defaultdict(set)
        self.lots = defaultdict(set)
        self.invoices = defaultdict(set)
        self.shipped = defaultdict(set)  # lot -> deliveries
        self.owner = defaultdict(set)  # anything -> orders
        self.customer = {}  # order or delivery -> customer
        self._index()

    def _index(self):
        for order in self.records["orders"]:
            key = ("order", order["name"], "")
            self.customer[key] = self.commercial(order["partner"])
            for delivery in order["deliveries"]:
                picking = ("delivery", delivery["name"], "")
                self.customer[picking] = self.customer[key]
                self._link(self.deliveries, key, picking)
                for move in delivery["moves"]:
                    lot = ("lot", move["lot"], move["product"])
                    self._link(self.lots, key, lot)
                    self.lots[picking].add(lot)
                    self.shipped[lot].add(picking)
            for name in order["invoices"]:
                self._link(self.invoices, key, ("invoice", name, ""))

    def _link(self, table, order, other):
        table[order].add(other)
        self.owner[other].add(order)

    def commercial(self, key):
        partner = self.partners[key]
        while not partner["is_company"] and partner.get("parent"):
            partner = self.partners[partner["parent"]]
        return partner["key"]

    def customers_of(self, address):
        return {
            self.commercial(partner["key"])
            for partner in self.partners.values()
            if partner.get("email") == address
        }

    def known(self):
        return set(self.customer).union(self.owner)

    def raw(self, mail):
        """As a mail server hands it over: lines end with CR LF."""
        data = (self.folder / mail["file"]).read_bytes()
        return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")

    def labels(self, mail):
        return {label: {_key(link) for link in mail[label]} for label in LABELS}

    def tolerated(self, mail):
        """What follows beyond doubt from the expected records.

        The only delivery, lot or invoice of an order, the order of a delivery, the
        only order in which this customer got a lot. It is not asked for, but no
        mistake either, unless the labels forbid it.
        """
        labels = self.labels(mail)
        result = labels["expected"] | labels["allowed"]
        customers = self.customers_of(mail["sender"])
        todo = list(result)
        while todo:
            key = todo.pop()
            new = self._contents(key) | self._origin(key, customers)
            todo.extend(new - result)
            result |= new
        return result - labels["forbidden"] - labels["ambiguous"]

    def _contents(self, key):
        """The delivery, lot or invoice of an order, where it has only one."""
        tables = (self.deliveries, self.lots, self.invoices)
        only = [table[key] for table in tables if len(table.get(key, ())) == 1]
        return set().union(*only)

    def _origin(self, key, customers):
        """The order or delivery of this customer where a record comes from."""
        result = set()
        for table in (self.owner, self.shipped):
            sources = table.get(key, set())
            if len(sources) > 1:
                sources = {one for one in sources if self.customer[one] in customers}
            if len(sources) == 1:
                result |= sources
        return result

    def mistakes(self, mail, linked):
        """Wrong links; what a wrongly linked order brings along counts once."""
        wrong = linked - self.tolerated(mail)
        brought = (self._contents(key) for key in wrong if key[0] == "order")
        return wrong.difference(*brought)

    # Self check

    def problems(self):
        """Faults of the corpus itself, as sentences."""
        yield from self._file_problems()
        known = self.known()
        seen = set()
        for mail in self.mails:
            labels = self.labels(mail)
            for label, keys in labels.items():
                for key in sorted(keys - known):
                    yield f"{mail['id']}: {label} {key} is not in records.json"
            for label in ("forbidden", "ambiguous"):
                for key in sorted(labels[label] & labels["expected"]):
                    yield f"{mail['id']}: {key} is expected and {label}"
            for text in self._mail_problems(mail, seen):
                yield f"{mail['id']}: {text}"

    def _file_problems(self):
        named = [mail["file"] for mail in self.mails]
        present = {path.name for path in self.folder.glob("*.eml")}
        if len(set(named)) != len(named):
            yield "a file is named twice in expected.json"
        for name in sorted(present.symmetric_difference(named)):
            yield f"{name}: not both a file and an entry of expected.json"
        size = sum(path.stat().st_size for path in self.folder.iterdir())
        if size > SIZE_LIMIT:
            yield f"the corpus has {size} bytes"

    def _mail_problems(self, mail, seen):
        path = self.folder / mail["file"]
        if not path.exists():
            return
        message = email.message_from_bytes(self.raw(mail), policy=email.policy.SMTP)
        for part in message.walk():
            for defect in part.defects:
                yield f"broken MIME: {defect!r}"
            if part.get_content_maintype() == "text" and not part.get_content().strip():
                yield "empty text"
        addresses = [address.addr_spec for address in message["From"].addresses]
        if addresses != [mail["sender"]]:
            yield f"sent by {addresses}"
        if not message["Message-ID"] or message["Message-ID"] in seen:
            yield "Message-ID is missing or used twice"
        seen.add(message["Message-ID"])


class World:
    """The records of the corpus as Odoo records."""

    def __init__(self, env, corpus):
        self.corpus = corpus
        self.team = env.ref("helpdesk_mgmt_complaint.complaint_team")
        self.company = self.team.company_id or env.company
        context = {
            "tracking_disable": True,
            "no_reset_password": True,
            "mail_create_nosubscribe": True,
        }
        self.env = env(context=dict(env.context, **context))
        self.env = self.env["res.company"].with_company(self.company).env
        self.partners = {}
        self.products = {}
        self.records = {}  # (kind, name, product) -> record

    def build(self):
        self._prepare_company()
        self._create_partners()
        self._create_staff()
        self._create_products()
        self._create_stock()
        for order in self.corpus.records["orders"]:
            self._create_order(order)
        self.env.flush_all()
        missing = self.corpus.known() - set(self.records)
        if missing:
            raise RuntimeError(f"not created: {sorted(missing)}")

    def _prepare_company(self):
        names = [order["name"] for order in self.corpus.records["orders"]]
        if self.env["sale.order"].search_count([("name", "in", names)]):
            raise RuntimeError("the database already has orders of these names")
        journal = [("type", "=", "sale"), ("company_id", "=", self.company.id)]
        if not self.env["account.journal"].search_count(journal):
            self.env["account.chart.template"].try_loading(
                "generic_coa", company=self.company, install_demo=False
            )
        self.warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", self.company.id)], limit=1
        )
        # Automatic names must not meet those of the corpus.
        self.warehouse.out_type_id.sequence_id.prefix = "BENCH/"

    def _create_partners(self):
        codes = {item.get("country") for item in self.corpus.records["partners"]}
        countries = {
            country.code: country.id
            for country in self.env["res.country"].search([("code", "in", list(codes))])
        }
        for item in self.corpus.records["partners"]:
            self.partners[item["key"]] = self.env["res.partner"].create(
                {
                    "name": item["name"],
                    "email": item.get("email"),
                    "phone": item.get("phone"),
                    "is_company": item["is_company"],
                    "type": item["type"],
                    "zip": item.get("zip"),
                    "city": item.get("city"),
                    "country_id": countries.get(item.get("country")),
                    "parent_id": self.partners[item["parent"]].id
                    if item.get("parent")
                    else False,
                }
            )

    def _create_staff(self):
        for item in self.corpus.records["staff"]:
            self.env["res.users"].create(
                {
                    "name": item["name"],
                    "login": item["login"],
                    "email": item["email"],
                    "company_id": self.company.id,
                    "company_ids": [(6, 0, self.company.ids)],
                    "group_ids": [(6, 0, self.env.ref("base.group_user").ids)],
                }
            )

    def _create_products(self):
        for item in self.corpus.records["products"]:
            self.products[item["code"]] = self.env["product.product"].create(
                {
                    "name": item["name"],
                    "default_code": item["code"],
                    "type": "consu",
                    "is_storable": True,
                    "tracking": "lot",
                    "list_price": 10.0,
                    "invoice_policy": "delivery",
                }
            )

    def _create_stock(self):
        quantities = defaultdict(float)
        for order in self.corpus.records["orders"]:
            for move in self._moves_of(order):
                quantities[move["lot"], move["product"]] += move["qty"]
        for (name, code), quantity in quantities.items():
            product = self.products[code]
            lot = self.env["stock.lot"].create(
                {"name": name, "product_id": product.id, "company_id": self.company.id}
            )
            self.records["lot", name, code] = lot
            self.env["stock.quant"]._update_available_quantity(
                product, self.warehouse.lot_stock_id, quantity, lot_id=lot
            )

    @staticmethod
    def _moves_of(order):
        return [move for item in order["deliveries"] for move in item["moves"]]

    def _create_order(self, item):
        quantities = defaultdict(float)
        for move in self._moves_of(item):
            quantities[move["product"]] += move["qty"]
        partner = self.partners[item["partner"]]
        shipping = self.partners[item.get("shipping") or item["partner"]]
        order = self.env["sale.order"].create(
            {
                "name": item["name"],
                "partner_id": partner.id,
                "partner_shipping_id": shipping.id,
                "client_order_ref": item["client_order_ref"],
                "company_id": self.company.id,
                "warehouse_id": self.warehouse.id,
                "order_line": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.products[code].id,
                            "product_uom_qty": quantity,
                        },
                    )
                    for code, quantity in quantities.items()
                ],
            }
        )
        order.action_confirm()
        order.date_order = item["date"]
        self.records["order", item["name"], ""] = order
        for delivery in item["deliveries"]:
            self._deliver(order, delivery)
        for name in item["invoices"]:
            self._invoice(order, name, item["deliveries"][0]["date"])

    def _deliver(self, order, item):
        picking = order.picking_ids.filtered(
            lambda p: p.state not in ("done", "cancel")
        )
        picking.ensure_one()
        picking.do_unreserve()
        picking.move_ids.move_line_ids.unlink()
        for move in item["moves"]:
            product = self.products[move["product"]]
            stock_move = picking.move_ids.filtered(
                lambda m, product=product: m.product_id == product
            )
            self.env["stock.move.line"].create(
                {
                    "move_id": stock_move.id,
                    "picking_id": picking.id,
                    "product_id": product.id,
                    "lot_id": self.records["lot", move["lot"], move["product"]].id,
                    "quantity": move["qty"],
                    "location_id": picking.location_id.id,
                    "location_dest_id": picking.location_dest_id.id,
                    "picked": True,
                }
            )
        # What is not in this delivery becomes a back order.
        picking.with_context(skip_backorder=True).button_validate()
        if picking.state != "done":
            raise RuntimeError(f"{item['name']} is {picking.state}")
        picking.move_ids.date = item["date"]
        picking.write({"name": item["name"], "date_done": item["date"]})
        self.records["delivery", item["name"], ""] = picking

    def _invoice(self, order, name, date):
        invoice = order._create_invoices()
        invoice.write({"invoice_date": date, "name": name})
        invoice.action_post()
        if invoice.name != name:
            invoice.name = name
        self.records["invoice", name, ""] = invoice

    # Reading the result

    def linked(self, ticket):
        """The records on the lines of a complaint, as keys."""
        by_record = {
            (record._name, record.id): key for key, record in self.records.items()
        }
        lines = ticket.complaint_line_ids
        pickings = lines.picking_id | lines.move_id.picking_id
        found = {}
        for kind, records in zip(
            KINDS,
            (lines.sale_order_id, pickings, lines.lot_id, lines.invoice_id),
            strict=True,
        ):
            for record in records:
                unknown = (kind, record.display_name, "?")
                found[by_record.get((record._name, record.id), unknown)] = record
        return set(found)


class _Caller:
    """Stands in for a test: `TestCursor` asks one for permission."""

    canonical_tag = "bench_mail_recognition"
    test_cursor_lock_timeout = 20

    def assertCanOpenTestCursor(self):
        return True


@contextlib.contextmanager
def _nothing_stays(env):
    """Undo everything, also what code commits in a cursor of its own."""
    from odoo.modules import module
    from odoo.tests.test_cursor import TestCursor

    lock = threading.RLock()

    def cursor(readonly=False):
        return TestCursor(env.cr, lock, False)

    with contextlib.ExitStack() as stack:
        if not isinstance(env.cr, TestCursor) and not module.current_test:
            # With a "test" running, Odoo also sends no mail to the outside.
            stack.enter_context(patch.object(module, "current_test", _Caller()))
            stack.enter_context(patch.object(env.registry, "cursor", cursor))
        stack.enter_context(contextlib.closing(env.cr.savepoint()))
        yield
    # What waits for the end of the transaction speaks of records that are gone.
    env.cr.postcommit.clear()
    env.cr.postrollback.clear()


def _receive(world, mail):
    """Keys of the linked records; None when the mail became no complaint."""
    env = world.env
    with contextlib.closing(env.cr.savepoint()):
        thread = env["mail.thread"].with_context(tracking_disable=False)
        try:
            ticket_id = thread.message_process(
                "helpdesk.ticket",
                world.corpus.raw(mail),
                custom_values={"team_id": world.team.id},
            )
        except Exception:
            _logger.exception("mail %s was not processed", mail["id"])
            return None
        ticket = env["helpdesk.ticket"].browse(ticket_id or 0).exists()
        return world.linked(ticket) if ticket else None


def _judge(corpus, mail, linked):
    labels = corpus.labels(mail)
    linked = linked or set()
    wrong = corpus.mistakes(mail, linked)
    return {
        "language": mail["language"],
        "category": mail["category"],
        "expected": len(labels["expected"]),
        "found": len(labels["expected"] & linked),
        "wrong": len(wrong),
        "silent": len(wrong & labels["ambiguous"]),
    }


def _sum(results):
    total = {
        "mails": len(results),
        **{
            name: sum(result[name] for result in results)
            for name in ("expected", "found", "wrong", "silent")
        },
    }
    linked = total["found"] + total["wrong"]
    total["recall"] = total["found"] / total["expected"] if total["expected"] else 1.0
    total["precision"] = total["found"] / linked if linked else 1.0
    return total


def _summarise(results, failed):
    """:param results: {id of the mail: judgement}"""
    figures = _sum(list(results.values()))
    for group in ("language", "category"):
        groups = defaultdict(list)
        for result in results.values():
            groups[result[group]].append(result)
        figures[f"by_{group}"] = {
            name: _sum(members) for name, members in sorted(groups.items())
        }
    figures["wrong_ids"] = [name for name, result in results.items() if result["wrong"]]
    figures["missed_ids"] = [
        name for name, result in results.items() if result["found"] < result["expected"]
    ]
    figures["not_processed_ids"] = failed
    return figures


def _row(name, total):
    return [
        name,
        *(str(total[column]) for column in ("mails", "expected", "found")),
        f"{total['recall']:.1%}",
        *(str(total[column]) for column in ("wrong", "silent")),
        f"{total['precision']:.1%}",
    ]


def _print_table(rows):
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        first, *others = (
            cell.ljust(width) if not index else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join([first, *others]).rstrip())


def _print_figures(figures):
    head = ["", "mails", "expected", "found", "recall", "wrong", "ambiguous"]
    rows = [[*head, "precision"], _row("all", figures)]
    rows += [_row(name, total) for name, total in figures["by_language"].items()]
    print("Recognition of records in mails (wrong: links nobody would have made;")
    print("ambiguous: those of them that were guesses among several candidates)")
    _print_table(rows)
    for title, name in (
        ("mails with wrong links", "wrong_ids"),
        ("mails with missed links", "missed_ids"),
        ("mails that became no complaint", "not_processed_ids"),
    ):
        print(f"{title}: {' '.join(figures[name]) or 'none'}")


def run(env):
    """Measure on a database with the addon; returns the figures."""
    corpus = Corpus()
    results, failed = {}, []
    with _nothing_stays(env):
        world = World(env, corpus)
        world.build()
        for mail in corpus.mails:
            linked = _receive(world, mail)
            if linked is None:
                failed.append(mail["id"])
            results[mail["id"]] = _judge(corpus, mail, linked)
    figures = _summarise(results, failed)
    _print_figures(figures)
    return figures


def check():
    """Look for faults in the corpus; returns their number."""
    corpus = Corpus()
    problems = list(corpus.problems())
    for problem in problems:
        print(problem)
    print(f"{len(corpus.mails)} mails, {len(problems)} problems")
    return len(problems)


if __name__ == "__main__":
    sys.exit(1 if check() else 0)
