# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models
from odoo.tools import SQL

from ..kernel.statement_figures import add_months, previous_period

# how many months a trend shows, and of how many categories
_MONTHS = 12


class ComplaintStatementCountMixin(models.AbstractModel):
    """Statements of counted rows: categories and channels, time limits kept."""

    _name = "complaint.statement.count.mixin"
    _description = "Counts of a Statement"

    # ------------------------------------------------------------------
    # Channels, categories and their trend (R486, R487, R500, K19 to K21)
    # ------------------------------------------------------------------

    def _get_trend_tables(self):
        first, last = previous_period(self.date_from, self.date_to)
        tools = self.env["complaint.print.tools"]
        # one table for the periods and what came before this one
        earlier = SQL(
            """SELECT statement_id, first, last, begin, until, 0 AS back FROM period
                UNION ALL
               SELECT %s, %s::date, %s::date, %s::timestamp, %s::timestamp, 1""",
            self.id,
            first,
            last,
            tools._get_day_start(first, self.company_id),
            tools._get_day_start(self.date_from, self.company_id),
        )
        return {
            "span": earlier,
            "base": SQL(
                """SELECT span.statement_id, span.back, found.ticket_id
                     FROM span
                    CROSS JOIN LATERAL (
                          WITH period AS (
                               SELECT span.statement_id, span.begin, span.until)
                          %s) found""",
                self._get_reported_table(),
            ),
            "month": self._get_month_table(),
        }

    def _get_month_table(self):
        """Return the complaints of the last twelve months, by month."""
        last = self.date_to.replace(day=1)
        tools = self.env["complaint.print.tools"]
        months = SQL(", ").join(
            SQL(
                "(%s, %s::timestamp, %s::timestamp)",
                f"{month:%Y-%m}",
                tools._get_day_start(month, self.company_id),
                tools._get_day_start(add_months(month, 1), self.company_id),
            )
            for month in (add_months(last, -back) for back in range(_MONTHS))
        )
        return SQL(
            """SELECT %s AS statement_id, given.label, found.ticket_id
                 FROM (VALUES %s) AS given (label, begin, until)
                CROSS JOIN LATERAL (
                      WITH period AS (
                           SELECT 0 AS statement_id, given.begin, given.until)
                      %s) found""",
            self.id,
            months,
            self._get_reported_table(),
        )

    def _get_trend_sections(self):
        """Hook: by salesperson and channel, category, class and validity, month."""
        category = SQL(
            "COALESCE(%s, '')", self._get_name("helpdesk.ticket.category", "category")
        )
        channel = SQL(
            "COALESCE(%s, '')", self._get_name("helpdesk.ticket.channel", "channel")
        )
        severity = self._get_label(
            "helpdesk.ticket", "complaint_severity", SQL("ticket.complaint_severity")
        )
        validity = self._get_label(
            "helpdesk.ticket", "complaint_validity", SQL("ticket.complaint_validity")
        )
        person = SQL("COALESCE(person.name, '')")
        return {
            "channel": self._get_trend_section(
                (SQL("handler.id"), person), (SQL("channel.id"), channel)
            ),
            "category": self._get_trend_section((SQL("category.id"), category)),
            "class": self._get_trend_section(
                (SQL("ticket.complaint_severity"), severity),
                (SQL("ticket.complaint_validity"), validity),
            ),
            "month": (
                SQL(
                    """month base
                       JOIN helpdesk_ticket ticket ON ticket.id = base.ticket_id
                  LEFT JOIN helpdesk_ticket_category category
                         ON category.id = ticket.category_id"""
                ),
                {
                    "key": SQL("base.label || ',' || COALESCE(category.id, 0)"),
                    "name": category,
                    "item": SQL("base.label"),
                    "case_count": SQL("COUNT(*)"),
                },
                SQL("base.label, category.id, %s", category),
                SQL("base.label, COUNT(*) DESC"),
            ),
        }

    def _get_trend_section(self, *groups):
        """Return a section that counts by one or two groups, now and before.

        :param groups: ``(key, label)``, SQL; the second one fills `item`
        """
        keys = [SQL("COALESCE(%s::text, '')", key) for key, _label in groups]
        labels = [label for _key, label in groups]
        count = SQL("COUNT(*) FILTER (WHERE base.back = 0)")
        columns = {
            "key": SQL("concat_ws(',', %s)", SQL(", ").join(keys)),
            "case_count": count,
            "previous_count": SQL("COUNT(*) FILTER (WHERE base.back = 1)"),
            # what only the period before had is no figure of this one
            "compared": SQL(
                "CASE WHEN %s > 0 THEN %s END", count, self._compare(case_count=count)
            ),
            **dict(zip(("name", "item"), labels, strict=False)),
        }
        source = SQL(
            """base JOIN helpdesk_ticket ticket ON ticket.id = base.ticket_id
                    LEFT JOIN helpdesk_ticket_category category
                      ON category.id = ticket.category_id
                    LEFT JOIN helpdesk_ticket_channel channel
                      ON channel.id = ticket.channel_id
                    LEFT JOIN res_users handler
                      ON handler.id = COALESCE(ticket.complaint_first_contact_id,
                            ticket.complaint_received_by_id, ticket.user_id)
                    LEFT JOIN res_partner person ON person.id = handler.partner_id"""
        )
        group = SQL(", ").join([*keys, *labels])
        return source, columns, group, SQL("%s DESC, %s", count, labels[0])

    # ------------------------------------------------------------------
    # Time limits kept (R498, K03, K11 to K13)
    # ------------------------------------------------------------------

    def _get_ontime_tables(self):
        # the report says what counts as met and missed; here it is only added up
        report = self.env["complaint.deadline.report"]._table_query
        return {
            "base": SQL(
                """SELECT period.statement_id, report.*
                     FROM period
                     JOIN (%s) report ON report.company_id = %s
                      AND report.counted_date BETWEEN period.first AND period.last
                    WHERE report.ticket_id IS NOT NULL
                      AND report.result IN ('met', 'missed')""",
                report,
                self.company_id.id,
            )
        }

    def _get_ontime_sections(self):
        """Hook: by time limit, department, person, and closing by market (K03)."""
        market = SQL(
            "CASE WHEN base.is_overseas THEN %s ELSE %s END",
            self.env._("Overseas"),
            self.env._("Domestic"),
        )
        closing = SQL(
            """EXISTS (SELECT FROM complaint_sla_line_target_rel target
                         JOIN complaint_event_type kind
                           ON kind.id = target.%s AND kind.code = 'closed'
                        WHERE target.%s = base.line_id)""",
            SQL.identifier(self._get_target_columns()[1]),
            SQL.identifier(self._get_target_columns()[0]),
        )
        return {
            "limit": self._get_ontime_section(
                SQL("COALESCE(line.root_key, line.id::text)"),
                self._get_name("complaint.sla.line", "line"),
                SQL("complaint_sla_line line ON line.id = base.line_id"),
            ),
            "department": self._get_ontime_section(
                SQL("department.id"),
                self._get_name("hr.department", "department"),
                SQL("hr_department department ON department.id = base.department_id"),
            ),
            "person": self._get_ontime_section(
                SQL("handler.id"),
                SQL("person.name"),
                SQL(
                    """res_users handler ON handler.id = base.user_id
                       LEFT JOIN res_partner person ON person.id = handler.partner_id"""
                ),
            ),
            "market": self._get_ontime_section(
                SQL("base.is_overseas"),
                market,
                SQL(
                    "(SELECT 1 AS one) nothing ON TRUE WHERE base.line_id IS NOT NULL"
                    " AND %s",
                    closing,
                ),
            ),
        }

    def _get_target_columns(self):
        field = self.env["complaint.sla.line"]._fields["target_type_ids"]
        return field.column1, field.column2

    def _get_ontime_section(self, key, name, source):
        met = SQL("SUM(base.met_count)")
        missed = SQL("SUM(base.missed_count)")
        key = SQL("COALESCE((%s)::text, '')", key)
        name = SQL("COALESCE(%s, '')", name)
        columns = {
            "key": key,
            "name": name,
            "case_count": SQL("COUNT(*)"),
            "met_count": met,
            "missed_count": missed,
            "days": SQL("AVG(base.days_late) FILTER (WHERE base.missed_count > 0)"),
            "compared": self._compare(met_count=met, missed_count=missed),
        }
        return (
            SQL("base LEFT JOIN %s", source),
            columns,
            SQL("%s, %s", key, name),
            SQL("%s DESC, %s", missed, name),
        )
