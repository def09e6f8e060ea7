# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a row of the complaint statistics is joined with.

Each join finds at most one row, by a key or by grouping, so that PostgreSQL leaves
it out when nothing of it is used.
"""

from odoo import fields
from odoo.tools import SQL

# measure -> event that meets the limit
_TARGETS = {
    "reply": "acknowledged",
    "solution": "solution_given",
    "closing": "closed",
}


def get_joins():
    """Return all joins of a `ticket`."""
    return SQL(" ").join(
        [
            SQL(
                """LEFT JOIN res_company company ON company.id = ticket.company_id
                   LEFT JOIN res_partner partner ON partner.id = ticket.partner_id
                   LEFT JOIN res_partner customer
                          ON customer.id = ticket.commercial_partner_id
                   LEFT JOIN helpdesk_ticket_category category
                          ON category.id = ticket.category_id"""
            ),
            *(get_event_join(code) for code in ("reported", "accepted", "decided")),
            # of closed ones only: then nobody has to ask whether it still counts
            get_event_join("closed", SQL("ticket.complaint_phase = 'closed'")),
            _get_count_join("callback", "complaint_callback", SQL("TRUE")),
            _get_count_join(
                "objection",
                "complaint_opinion",
                SQL("kind = 'objection' AND signed_at IS NOT NULL"),
            ),
            _get_kept_join(),
            SQL(
                "LEFT JOIN (%s) loss ON loss.ticket_id = ticket.id",
                get_loss(SQL("ticket_id")),
            ),
        ]
    )


def get_event_join(code, condition=None):
    """Return the join of the first and last effective event of a code.

    The index of the log on these codes has all that is read here.

    :param SQL condition: which tickets are joined, all by default
    """
    return SQL(
        """LEFT JOIN (
               SELECT event.ticket_id, MIN(event.at) AS first_at,
                      MAX(event.at) AS last_at
                 FROM complaint_event event
                WHERE event.code = %(code)s
                  AND NOT EXISTS (SELECT 1 FROM complaint_event later
                                   WHERE later.corrects_id = event.id)
                GROUP BY event.ticket_id
           ) %(alias)s ON %(alias)s.ticket_id = ticket.id AND %(condition)s""",
        code=code,
        alias=SQL.identifier(code),
        condition=condition or SQL("TRUE"),
    )


def get_loss(key, condition=None):
    """Return what decided settlements give, by a column of their lines.

    Amounts are turned into the currency of the company at the rate of the day of
    the decision, as Odoo does (`res.currency._get_rates`).

    :param SQL key: column to group by
    :param SQL condition: which lines, all by default
    """
    return SQL(
        """SELECT line.%(key)s,
                  SUM(line.amount * CASE
                      WHEN settlement.currency_id = company.currency_id THEN 1
                      ELSE %(company_rate)s / %(rate)s END) AS amount
             FROM complaint_settlement_line line
             JOIN complaint_settlement settlement
               ON settlement.id = line.settlement_id
             JOIN res_company company ON company.id = line.company_id
            WHERE settlement.state = 'decided'
              AND line.kind <> 'reject' AND %(condition)s
            GROUP BY line.%(key)s""",
        key=key,
        condition=condition or SQL("TRUE"),
        company_rate=_get_rate(SQL("company.currency_id")),
        rate=_get_rate(SQL("settlement.currency_id")),
    )


def _get_rate(currency):
    return SQL(
        """COALESCE((
               SELECT rate.rate FROM res_currency_rate rate
                WHERE rate.currency_id = %s
                  AND (rate.company_id IS NULL OR rate.company_id
                       = SPLIT_PART(company.parent_path, '/', 1)::int)
                ORDER BY rate.name <= settlement.decided_at::date DESC,
                         rate.company_id,
                         ABS(rate.name - settlement.decided_at::date)
                LIMIT 1), 1)""",
        currency,
    )


def _get_count_join(alias, table, condition):
    return SQL(
        """LEFT JOIN (SELECT ticket_id, COUNT(*) AS nbr FROM %(table)s
                       WHERE %(condition)s GROUP BY ticket_id) %(alias)s
                  ON %(alias)s.ticket_id = ticket.id""",
        alias=SQL.identifier(alias),
        table=SQL.identifier(table),
        condition=condition,
    )


def _get_kept_join():
    """Return the join of the deadlines, one result per kind of limit.

    Missed as in `complaint.deadline.report`: for good, swept or not.
    """
    missed = SQL(
        """(deadline.breached_at IS NOT NULL OR deadline.state = 'missed'
            OR deadline.state = 'running' AND deadline.finished_at IS NULL
           AND deadline.due_at < %s::timestamp)""",
        fields.Datetime.now(),
    )
    columns = [SQL("deadline.ticket_id"), SQL("BOOL_OR(%s) AS is_late", missed)]
    for kind, code in _TARGETS.items():
        columns.append(
            SQL(
                """CASE WHEN BOOL_OR(target.codes @> %(code)s AND %(missed)s)
                        THEN 'missed'
                        WHEN BOOL_OR(target.codes @> %(code)s
                                 AND deadline.state = 'met'
                                 AND deadline.due_at IS NOT NULL)
                        THEN 'met'
                        WHEN BOOL_OR(target.codes @> %(code)s
                                 AND deadline.state IN ('running', 'paused'))
                        THEN 'open' END AS %(alias)s""",
                code=SQL("ARRAY[%s]::text[]", code),
                missed=missed,
                alias=SQL.identifier(f"{kind}_result"),
            )
        )
    return SQL(
        """LEFT JOIN (
               SELECT %s
                 FROM complaint_deadline deadline
                 LEFT JOIN (SELECT link.line_id, ARRAY_AGG(type.code::text) AS codes
                              FROM complaint_sla_line_target_rel link
                              JOIN complaint_event_type type ON type.id = link.type_id
                             GROUP BY link.line_id) target
                        ON target.line_id = deadline.line_id
                WHERE deadline.ticket_id IS NOT NULL
                GROUP BY deadline.ticket_id
           ) kept ON kept.ticket_id = ticket.id""",
        SQL(", ").join(columns),
    )
