# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The monthly statement of closed complaints beside one hand-written statement.

Budget: among 1 000 000 complaints, generating the statement of one month
(rows, ratios per department, losses) takes at most 2x one hand-written SQL statement
that reads and stores the same rows. Reading 24 issued statements again for
corrections is shown beside it.
"""

import time
from datetime import date

from benchkit import World, compare, measure, nothing_stays, print_ratios

from odoo.tools import SQL

_COMPLAINTS, _MONTHS = 1_000_000, 60
_MONTH = (date(2026, 7, 1), date(2026, 7, 31))
_BUDGET = 2
_HAND, _OURS = "one hand-written statement", "the statement, by a quality user"

# The same rows and losses in one statement, for this month and these fields only.
_BY_HAND = """
WITH found AS (
    SELECT DISTINCT ON (ticket.id) ticket.*, event.at
      FROM complaint_event event
      JOIN helpdesk_ticket ticket ON ticket.id = event.ticket_id
     WHERE event.code = 'closed' AND event.company_id = %(company)s
       AND event.at >= '2026-07-01' AND event.at < '2026-08-01'
       AND ticket.complaint_phase = 'closed' AND ticket.is_complaint
       AND NOT EXISTS (SELECT FROM complaint_event other
                        WHERE other.corrects_id = event.id)
       AND NOT EXISTS (SELECT FROM complaint_event other
                        WHERE other.ticket_id = event.ticket_id
                          AND other.code = 'closed' AND other.at > event.at)
     ORDER BY ticket.id, event.at DESC),
accepted AS (
    SELECT event.ticket_id, MAX(event.at) AS at
      FROM found JOIN complaint_event event
        ON event.ticket_id = found.id AND event.code = 'accepted'
     GROUP BY event.ticket_id),
goods AS (
    SELECT line.ticket_id, SUM(line.defective_qty) AS quantity,
           MIN(defect.code || ' ' || (defect.name->>'en_US')) AS item,
           string_agg(DISTINCT product.name->>'en_US', ', ') AS products
      FROM found JOIN complaint_line line ON line.ticket_id = found.id
      LEFT JOIN complaint_defect defect ON defect.id = line.defect_id
      LEFT JOIN product_product variant ON variant.id = line.product_id
      LEFT JOIN product_template product
        ON product.id = variant.product_tmpl_id
     GROUP BY line.ticket_id),
shares AS (
    SELECT share.ticket_id,
           string_agg(department.name->>'en_US' || ' ' || share.ratio,
                      ', ') AS text,
           jsonb_agg(jsonb_build_array(department.id, share.ratio)) AS json
      FROM found JOIN complaint_liability share
        ON share.ticket_id = found.id
      JOIN hr_department department ON department.id = share.department_id
     GROUP BY share.ticket_id),
losses AS (
    SELECT settlement.ticket_id, SUM(settlement.amount_total) AS amount
      FROM found JOIN complaint_settlement settlement
        ON settlement.ticket_id = found.id
     WHERE settlement.state = 'decided' GROUP BY settlement.ticket_id),
opinions AS (
    SELECT own.ticket_id,
           string_agg(own.text, ' ') FILTER (
               WHERE own.kind = 'countermeasure') AS countermeasure,
           string_agg(own.text, ' ') FILTER (
               WHERE own.kind = 'decision') AS result
      FROM found JOIN complaint_opinion own ON own.ticket_id = found.id
     WHERE own.signed_at IS NOT NULL AND NOT EXISTS (
           SELECT FROM complaint_opinion newer
            WHERE newer.replaces_id = own.id
              AND newer.signed_at IS NOT NULL)
     GROUP BY own.ticket_id),
statement AS (
    INSERT INTO complaint_statement
           (name, kind, company_id, currency_id, date_from, date_to, state,
            lang, form_id, weight)
    SELECT 'Bench', 'cases', %(company)s, %(currency)s, '2026-07-01',
           '2026-07-31', 'draft', 'en_US', %(form)s, 'count'
 RETURNING id)
INSERT INTO complaint_statement_line
       (statement_id, company_id, section, key, case_id, number, name,
        customer, product, item, department, countermeasure, result, at,
        case_count, days, quantity, amount, liability, compared)
SELECT statement.id, %(company)s, 'case', found.id, found.id,
       found.complaint_number, found.name, customer.name, goods.products,
       goods.item, shares.text, opinions.countermeasure, opinions.result,
       found.at::date, 1,
       EXTRACT(EPOCH FROM found.at - accepted.at) / 86400, goods.quantity,
       losses.amount, shares.json,
       jsonb_build_object('at', found.at, 'item', goods.item,
           'department', shares.json, 'amount', losses.amount,
           'quantity', goods.quantity, 'customer', customer.id,
           'result', opinions.result,
           'countermeasure', opinions.countermeasure)
  FROM found CROSS JOIN statement
  LEFT JOIN accepted ON accepted.ticket_id = found.id
  LEFT JOIN goods ON goods.ticket_id = found.id
  LEFT JOIN shares ON shares.ticket_id = found.id
  LEFT JOIN losses ON losses.ticket_id = found.id
  LEFT JOIN opinions ON opinions.ticket_id = found.id
  LEFT JOIN res_partner contact ON contact.id = found.partner_id
  LEFT JOIN res_partner customer
    ON customer.id = contact.commercial_partner_id
"""


def run(env):
    """Measure on a database with the addon; returns the figures."""
    with nothing_stays(env):
        bench = _Bench(World(env))
        results = compare(
            env,
            {_HAND: (bench.run_by_hand, None), _OURS: (bench.generate, None)},
            repeat=3,
        )
        bench.check()
        title = f"Statement of one month, {bench.count} of {_COMPLAINTS} complaints"
        print_ratios(title, results, bench.count)
        ratio = results[_OURS][2]
        print(f"  {ratio:.2f}x the hand-written statement (budget {_BUDGET}x)\n")
        first = measure(env, bench.generate)
        bench.issue()
        again = measure(env, bench.generate)
    print("Corrections: 24 issued statements are read again with the new one")
    print(f"  {first[1]:.1f} s alone, {again[1]:.1f} s with them\n")
    return results


class _Bench:
    """A million complaints by SQL, closed over five years."""

    def __init__(self, world):
        self.world, self.env = world, world.env
        self.company = self.env.company
        self.company.complaint_tz = "UTC"
        groups = "helpdesk_mgmt_complaint.group_complaint_quality"
        self.quality = self.world._user("bench_quality", groups)
        names = ("Machining", "Assembly", "Purchasing", "Shipping")
        self.departments = self.env["hr.department"].create(
            [{"name": name} for name in names]
        )
        self.defects = self.env["complaint.defect"].create(
            [{"name": f"Defect {at}", "code": f"B{at}"} for at in range(40)]
        )
        self.product = self.env["product.product"].create({"name": "Bearing"})
        start = time.perf_counter()
        self._fill()
        print(f"  {_COMPLAINTS} complaints in {time.perf_counter() - start:.0f} s\n")

    # ------------------------------------------------------------------
    # Rows
    # ------------------------------------------------------------------

    def _fill(self):
        """Copy one complaint with its line, share, opinions and events by SQL."""
        env = self.env
        ticket = self.world.tickets_of(self.world.employee).create(
            self.world.complaint_vals(1)
        )
        children = {
            "complaint_line": env["complaint.line"].create(
                {
                    "ticket_id": ticket.id,
                    "product_id": self.product.id,
                    "defect_id": self.defects[0].id,
                    "defective_qty": 3,
                }
            ),
            "complaint_liability": env["complaint.liability"].create(
                {"ticket_id": ticket.id, "department_id": self.departments[0].id}
            ),
            "complaint_opinion": env["complaint.opinion"].create(
                {"ticket_id": ticket.id, "kind": "countermeasure", "text": "New gauge"}
            ),
            "complaint_event": ticket.sudo().complaint_event_ids.filtered(
                lambda event: event.code == "reported"
            ),
        }
        env.flush_all()
        self._drop_foreign_keys(["helpdesk_ticket", *children])
        self._copy_all(ticket, children)
        for table in ("helpdesk_ticket", *children):
            env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
        env.invalidate_all(flush=False)

    def _copy_all(self, ticket, children):
        self._copy_tickets(ticket)
        at = self._get_closed_at()
        number = SQL("(ticket.id - %s)", self.first)
        self._copy(
            children["complaint_line"],
            {"defect_id": self._pick(self.defects.ids, number)},
        )
        self._copy(
            children["complaint_liability"],
            {"department_id": self._pick(self.departments.ids, number)},
        )
        for kind in ("countermeasure", "decision"):
            opinion = {"kind": SQL("%s", kind), "signed_at": at}
            self._copy(children["complaint_opinion"], opinion)
        types = self.env["complaint.event.type"]
        for code, moment in (
            ("reported", SQL("%s - interval '10 days'", at)),
            ("accepted", SQL("%s - interval '9 days'", at)),
            ("closed", at),
        ):
            vals = {"code": SQL("%s", code), "at": moment}
            vals["type_id"] = SQL("%s", types._get_type(code)[0])
            self._copy(children["complaint_event"], vals)

    def _drop_foreign_keys(self, tables):
        """The rows are copies of right ones; all is rolled back in the end."""
        self.env.cr.execute(
            """SELECT conrelid::regclass::text, conname FROM pg_constraint
                WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])""",
            [tables],
        )
        for table, name in self.env.cr.fetchall():
            self.env.cr.execute(
                SQL(
                    "ALTER TABLE %s DROP CONSTRAINT %s",
                    SQL.identifier(table),
                    SQL.identifier(name),
                )
            )

    def _get_closed_at(self):
        """Spread over five years that end with 2026."""
        return SQL(
            """timestamp '2022-01-01' + (ticket.id - %s) %% %s * interval '1 month'
               + (ticket.id - %s) %% 27 * interval '1 day'""",
            self.first,
            _MONTHS,
            self.first,
        )

    @staticmethod
    def _pick(ids, number):
        return SQL("(%s::int[])[1 + %s %% %s]", ids, number, len(ids))

    def _copy_tickets(self, ticket):
        columns = self._get_columns("helpdesk_ticket")
        special = {
            "number": SQL("'M' || counter"),
            "complaint_number": SQL("'M' || counter"),
            "complaint_phase": SQL("'closed'"),
            "access_token": SQL("NULL"),
            "complaint_number_id": SQL("NULL"),
        }
        self.env.cr.execute("SELECT MAX(id) + 1 FROM helpdesk_ticket")
        self.first = self.env.cr.fetchone()[0]
        self._insert(
            "helpdesk_ticket",
            ["id", *columns],
            [
                SQL("%s + counter - 1", self.first),
                *(special.get(c) or SQL.identifier("base", c) for c in columns),
            ],
            SQL(
                """helpdesk_ticket base, generate_series(1, %s) counter
                    WHERE base.id = %s""",
                _COMPLAINTS,
                ticket.id,
            ),
        )

    def _copy(self, record, special):
        """Insert one copy of a child for each complaint."""
        table = record._table
        columns = self._get_columns(table)
        special = {"ticket_id": SQL("ticket.id"), **special}
        self._insert(
            table,
            columns,
            [special.get(c) or SQL.identifier("base", c) for c in columns],
            SQL(
                """%s base, helpdesk_ticket ticket
                    WHERE base.id = %s AND ticket.id >= %s""",
                SQL.identifier(table),
                record.id,
                self.first,
            ),
        )

    def _get_columns(self, table):
        self.env.cr.execute(
            """SELECT column_name FROM information_schema.columns
                WHERE table_name = %s AND column_name != 'id'""",
            [table],
        )
        return [name for (name,) in self.env.cr.fetchall()]

    def _insert(self, table, columns, values, source):
        self.env.cr.execute(
            SQL(
                "INSERT INTO %s (%s) SELECT %s FROM %s",
                SQL.identifier(table),
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(values),
                source,
            )
        )

    # ------------------------------------------------------------------
    # Works
    # ------------------------------------------------------------------

    def generate(self, _prepared=None):
        """What the button does: rows, ratios, corrections."""
        wizard = self.env["complaint.statement.generate"].with_user(self.quality)
        wizard = wizard.create(
            {"kind": "cases", "date_from": _MONTH[0], "date_to": _MONTH[1]}
        )
        statement = self.env["complaint.statement"].browse(
            wizard.action_generate()["res_id"]
        )
        self.count = statement.case_count
        self.ratios = sorted(statement.ratio_ids.mapped("ratio"))

    def issue(self):
        """Store 24 months before as issued."""
        statements = self.env["complaint.statement"]
        for back in range(24):
            year, month = divmod(2026 * 12 + 5 - back, 12)
            first = date(year, month + 1, 1)
            last = date(year, month + 1, 28)
            statement = statements._generate("cases", self.company, first, last)
            statement._write_state("issued", issued_at="2026-07-01")

    def run_by_hand(self, _prepared=None):
        """The same rows, ratios and losses in one statement, for this month only."""
        self.env.cr.execute(
            _BY_HAND,
            {
                "company": self.company.id,
                "currency": self.company.currency_id.id,
                "form": self.env.ref("helpdesk_mgmt_complaint.complaint_form_f03").id,
            },
        )
        self.by_hand = self.env.cr.rowcount

    def check(self):
        """Both found the same complaints, and the ratios are complete."""
        if self.by_hand != self.count or round(sum(self.ratios)) != 100:
            raise AssertionError(f"{self.by_hand} {self.count} {self.ratios}")
