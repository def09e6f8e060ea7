# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Groupings of the statistics over 1 000 000 complaints.

Budget: each takes at most 2x the one hand-written statement for the same figures,
which knows nothing of rights. The data is committed and vacuumed: this needs a
database of its own, which the runner throws away.
"""

import time

from benchkit import World, compare, print_ratios
from statistics_data import fill

_BUDGET = 2
_COMPLAINTS = 1_000_000
_MOVES = 500_000
_LOCAL = "AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Shanghai'"


def run(env):
    """Measure on a database with the addon; returns the figures."""
    env.company.complaint_tz = "Asia/Shanghai"
    bench = _Bench(World(env))
    start = time.perf_counter()
    fill(bench.world, _COMPLAINTS, _MOVES)
    print(f"{_COMPLAINTS} complaints in {time.perf_counter() - start:.0f} s\n")
    results = {}
    for title, (ours, statement) in bench.get_works().items():
        found = compare(
            env,
            {
                "one statement": (lambda s=statement: bench.run_statement(s), None),
                "ours": (ours, None),
            },
            repeat=3,
        )
        print_ratios(title, found)
        results[title] = found["ours"][2]
    worst = max(results.values())
    print(f"  worst {worst:.2f}x the statement (budget {_BUDGET}x)\n")
    return results


class _Bench:
    """What is asked, as a client asks for it and as one would write it by hand."""

    def __init__(self, world):
        self.world, self.env = world, world.env
        self.company = world.env.company
        self.quality = world._user(
            "bench_quality", "helpdesk_mgmt_complaint.group_complaint_quality"
        )

    def run_statement(self, statement):
        self.env.cr.execute(statement, {"company": self.company.id})
        return self.env.cr.fetchall()

    def get_works(self):
        """Return ``{title: (ours, hand-written statement)}``.

        The monthly statement is a grouping of closed cases, too; its own model may
        be added here.
        """
        return self._get_complaints() | self._get_goods() | self._get_ppm()

    def _get_complaints(self):
        ask = self._ask("complaint.report", self.world.handler)
        june = [
            ("phase", "=", "closed"),
            ("date_closed", ">=", "2026-06-01"),
            ("date_closed", "<", "2026-07-01"),
        ]
        deadlines = self._ask("complaint.deadline.report", self.world.handler)
        return {
            "month reported x category": (
                ask(["date_reported:month", "category_id"], ["nbr:sum"]),
                _MONTH_CATEGORY,
            ),
            "department x severity, with lead time": (
                ask(
                    ["department_id", "severity"],
                    ["nbr:sum", "nbr_closed:sum", "lead_days:avg"],
                ),
                _DEPARTMENT_SEVERITY,
            ),
            "closed cases of one month by category": (
                ask(["category_id"], ["nbr_closed:sum"], june),
                _CLOSED_IN_JUNE,
            ),
            "channel x handler, first reply on time": (
                ask(
                    ["channel_id", "user_id"],
                    ["nbr:sum", "reply_rate:avg", "satisfaction_rate:avg"],
                ),
                _CHANNEL_HANDLER,
            ),
            "deadlines: month x limit": (
                deadlines(
                    ["counted_date:month", "line_id"],
                    ["on_time_rate:avg", "met_count:sum", "missed_count:sum"],
                ),
                _DEADLINES,
            ),
        }

    def _get_goods(self):
        ask = self._ask("complaint.report", self.world.handler)
        counts = ["nbr:sum", "claimed_qty:sum"]
        year = [("date_reported", ">=", "2026-01-01")]
        return {
            "product x defect, complaints and quantities": (
                ask(["product_id", "defect_id"], counts),
                _PRODUCT_DEFECT,
            ),
            "products of half a year": (
                ask(["product_id"], counts, year),
                _PRODUCT_2026,
            ),
        }

    def _get_ppm(self):
        ask = self._ask("complaint.ppm.report", self.quality)
        return {
            "PPM by month": (
                ask(["date:month"], ["ppm:avg", "delivered_qty:sum", "nok_qty:sum"]),
                _PPM,
            ),
            "PPM by month, rolling twelve": (
                ask(["date:month"], ["ppm_12m:avg", "delivered_12m_qty:sum"]),
                _PPM_ROLLING,
            ),
            "PPM by product": (
                ask(["product_id"], ["ppm:avg", "delivered_qty:sum"]),
                _PPM_PRODUCT,
            ),
        }

    def _ask(self, name, user):
        report = self.env[name].with_user(user).with_context(lang="en_US")

        def ask(groupby, aggregates, domain=()):
            return lambda: report.formatted_read_grouping_sets(
                list(domain), [groupby], aggregates
            )

        return ask


def _event(code, what="MIN(at) AS at"):
    return f"""SELECT ticket_id, {what} FROM complaint_event event
                WHERE code = '{code}'
                  AND NOT EXISTS (SELECT 1 FROM complaint_event later
                                   WHERE later.corrects_id = event.id)
                GROUP BY ticket_id"""


_OURS = """t.is_complaint AND t.company_id = %(company)s
       AND t.complaint_phase <> 'cancelled'"""
_MONTH_CATEGORY = f"""
    SELECT date_trunc('month', reported.at {_LOCAL}), t.category_id, COUNT(*)
      FROM helpdesk_ticket t JOIN ({_event("reported")}) reported
        ON reported.ticket_id = t.id
     WHERE {_OURS} GROUP BY 1, 2 ORDER BY 1, 2"""
_DEPARTMENT_SEVERITY = f"""
    SELECT t.complaint_department_id, t.complaint_severity, COUNT(*),
           COUNT(*) FILTER (WHERE t.complaint_phase = 'closed'),
           AVG(EXTRACT(EPOCH FROM closed.at - accepted.at) / 86400)
               FILTER (WHERE t.complaint_phase = 'closed')
      FROM helpdesk_ticket t
      LEFT JOIN ({_event("accepted")}) accepted ON accepted.ticket_id = t.id
      LEFT JOIN ({_event("closed", "MAX(at) AS at")}) closed ON closed.ticket_id = t.id
     WHERE {_OURS} GROUP BY 1, 2 ORDER BY 1, 2"""
_CLOSED_IN_JUNE = f"""
    SELECT t.category_id, COUNT(*)
      FROM helpdesk_ticket t
      JOIN ({_event("closed", "MAX(at) AS at")}) closed ON closed.ticket_id = t.id
     WHERE {_OURS} AND t.complaint_phase = 'closed'
       AND (closed.at {_LOCAL})::date >= '2026-06-01'
       AND (closed.at {_LOCAL})::date < '2026-07-01'
     GROUP BY 1 ORDER BY 1"""
_GOODS = """
      FROM helpdesk_ticket t LEFT JOIN complaint_line l ON l.ticket_id = t.id
      LEFT JOIN product_product p ON p.id = l.product_id
      LEFT JOIN product_template pt ON pt.id = p.product_tmpl_id
      LEFT JOIN uom_uom u ON u.id = l.uom_id
      LEFT JOIN uom_uom pu ON pu.id = pt.uom_id"""
_PRODUCT_DEFECT = f"""
    SELECT l.product_id, l.defect_id, COUNT(DISTINCT t.id),
           SUM(l.claimed_qty * u.factor / pu.factor)
    {_GOODS} WHERE {_OURS} GROUP BY 1, 2 ORDER BY 1, 2"""
_PRODUCT_2026 = f"""
    SELECT l.product_id, COUNT(DISTINCT t.id),
           SUM(l.claimed_qty * u.factor / pu.factor)
    {_GOODS} JOIN ({_event("reported")}) reported ON reported.ticket_id = t.id
     WHERE {_OURS} AND (reported.at {_LOCAL})::date >= '2026-01-01'
     GROUP BY 1 ORDER BY 1"""
_CHANNEL_HANDLER = f"""
    SELECT t.channel_id, t.user_id, COUNT(*),
           100.0 * COUNT(*) FILTER (WHERE kept.result = 'met')
                 / NULLIF(COUNT(kept.result), 0),
           100.0 * COUNT(*) FILTER (WHERE t.complaint_satisfaction = 'satisfied')
                 / NULLIF(COUNT(t.complaint_satisfaction), 0)
      FROM helpdesk_ticket t
      LEFT JOIN (
          SELECT d.ticket_id,
                 CASE WHEN BOOL_OR(d.breached_at IS NOT NULL OR d.state = 'missed'
                                OR d.state = 'running' AND d.due_at < now())
                      THEN 'missed'
                      WHEN BOOL_OR(d.state = 'met') THEN 'met' END AS result
            FROM complaint_deadline d
           WHERE d.line_id IN (SELECT line_id FROM complaint_sla_line_target_rel link
                                 JOIN complaint_event_type type
                                   ON type.id = link.type_id
                                WHERE type.code = 'acknowledged')
           GROUP BY d.ticket_id) kept ON kept.ticket_id = t.id
     WHERE {_OURS} GROUP BY 1, 2 ORDER BY 1, 2"""
_DEADLINES = f"""
    SELECT date_trunc('month', counted {_LOCAL}), line_id,
           100.0 * COUNT(*) FILTER (WHERE NOT missed) / COUNT(*),
           COUNT(*) FILTER (WHERE NOT missed), COUNT(*) FILTER (WHERE missed)
      FROM (SELECT line_id, breached_at IS NOT NULL OR state <> 'met' AS missed,
                   COALESCE(breached_at, CASE WHEN state <> 'met' THEN due_at END,
                            reached_at) AS counted
              FROM complaint_deadline
             WHERE company_id = %(company)s
               AND (state IN ('met', 'missed') OR breached_at IS NOT NULL
                    OR state = 'running' AND due_at < now() AT TIME ZONE 'UTC')) d
     GROUP BY 1, 2 ORDER BY 1, 2"""
_FACTS = f"""
    SELECT (m.date {_LOCAL})::date AS day, m.product_id,
           CASE WHEN target.usage = 'customer' THEN 1 ELSE -1 END
           * m.quantity * u.factor / pu.factor AS delivered, 0 AS nok
      FROM stock_move m
      JOIN stock_location source ON source.id = m.location_id
      JOIN stock_location target ON target.id = m.location_dest_id
      JOIN product_product p ON p.id = m.product_id
      JOIN product_template pt ON pt.id = p.product_tmpl_id
      JOIN uom_uom u ON u.id = m.product_uom JOIN uom_uom pu ON pu.id = pt.uom_id
     WHERE m.state = 'done' AND m.company_id = %(company)s
       AND (source.usage = 'customer') <> (target.usage = 'customer')
     UNION ALL
    SELECT (reported.at {_LOCAL})::date, l.product_id, 0,
           l.accepted_qty * u.factor / pu.factor
      FROM helpdesk_ticket t JOIN complaint_line l ON l.ticket_id = t.id
      JOIN ({_event("reported")}) reported ON reported.ticket_id = t.id
      JOIN product_product p ON p.id = l.product_id
      JOIN product_template pt ON pt.id = p.product_tmpl_id
      JOIN uom_uom u ON u.id = l.uom_id JOIN uom_uom pu ON pu.id = pt.uom_id
     WHERE {_OURS}"""
_RATE = "1e6 * SUM(nok) / NULLIF(SUM(delivered), 0), SUM(delivered), SUM(nok)"
_PPM = f"""
    SELECT date_trunc('month', day), {_RATE}
      FROM ({_FACTS}) fact GROUP BY 1 ORDER BY 1"""
_PPM_PRODUCT = f"""
    SELECT product_id, {_RATE} FROM ({_FACTS}) fact GROUP BY 1 ORDER BY 1"""
_PPM_ROLLING = f"""
    SELECT month, 1e6 * SUM(nok) OVER twelve / SUM(delivered) OVER twelve
      FROM (SELECT date_trunc('month', day) AS month, SUM(nok) AS nok,
                   SUM(delivered) AS delivered
              FROM ({_FACTS}) fact GROUP BY 1) monthly
    WINDOW twelve AS (ORDER BY month RANGE BETWEEN INTERVAL '11 months' PRECEDING
                      AND CURRENT ROW)"""
