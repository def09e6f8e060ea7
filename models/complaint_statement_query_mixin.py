# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

# What a section may fill, with its type in the database. A section leaves out what
# it does not have.
COLUMNS = {
    "key": SQL("varchar"),
    "case_id": SQL("int4"),
    "number": SQL("varchar"),
    "name": SQL("varchar"),
    "customer": SQL("varchar"),
    "product": SQL("varchar"),
    "item": SQL("varchar"),
    "department": SQL("varchar"),
    "reason": SQL("varchar"),
    "phase": SQL("varchar"),
    "countermeasure": SQL("text"),
    "result": SQL("text"),
    "at": SQL("date"),
    "case_count": SQL("int4"),
    "previous_count": SQL("int4"),
    "met_count": SQL("int4"),
    "missed_count": SQL("int4"),
    "days": SQL("float8"),
    "quantity": SQL("float8"),
    "amount": SQL("numeric"),
    "liability": SQL("jsonb"),
    "compared": SQL("jsonb"),
}


class ComplaintStatementQueryMixin(models.AbstractModel):
    """The one query that the rows of a statement come from.

    A kind consists of sections, a section of one SELECT over common table
    expressions. The query takes any number of periods at once: the rows of a new
    statement and those of all earlier ones, read again, are the same query. It
    runs for a company, not for a user: the figures of a statement must not depend
    on who asked for it.

    `compared` of a row is ``{column: [key, text]}``: what must not change any more
    once the statement is issued. The key decides, so that a new name of a defect
    or department is no correction; the text is what people read.
    """

    _name = "complaint.statement.query.mixin"
    _description = "Query of a Complaint Statement"

    # ------------------------------------------------------------------
    # Putting it together
    # ------------------------------------------------------------------

    def _get_rows_query(self, periods, with_history=True):
        """Return a WITH query whose last table is ``fresh``: rows of all periods.

        :param list periods: ``(statement id, first day, last day)``
        :param bool with_history: also the sections that are never compared
        :return: SQL, to be followed by a statement that reads ``fresh``
        """
        self.ensure_one()
        sections = getattr(self, f"_get_{self.kind}_sections")()
        if not with_history:
            sections = {
                name: section
                for name, section in sections.items()
                if "compared" in section[1]
            }
        tables = {
            "period": self._get_period_table(periods),
            **getattr(self, f"_get_{self.kind}_tables")(),
            "fresh": SQL(" UNION ALL ").join(
                self._get_section(name, *section) for name, section in sections.items()
            ),
        }
        return SQL(
            "WITH %s",
            SQL(", ").join(
                SQL("%s AS (%s)", SQL.identifier(name), table)
                for name, table in tables.items()
            ),
        )

    @api.model
    def _get_section(self, name, source, columns, group=None, order=None):
        """Return the SELECT of one section, all columns in the same order.

        :param SQL source: what stands after FROM; has a table with `statement_id`
            that is called ``base``
        :param dict columns: ``{column: SQL}``
        :param SQL group: what stands after GROUP BY, beside the statement
        :param SQL order: in which order the rows are shown
        """
        cells = SQL(", ").join(
            SQL(
                "%s::%s AS %s",
                columns.get(column, SQL("NULL")),
                kind,
                SQL.identifier(column),
            )
            for column, kind in COLUMNS.items()
        )
        return SQL(
            """(SELECT base.statement_id, %(name)s::varchar AS section,
                       ROW_NUMBER() OVER (PARTITION BY base.statement_id
                                              ORDER BY %(order)s) AS sequence,
                       %(cells)s
                  FROM %(source)s %(group)s)""",
            name=name,
            order=order or SQL("1"),
            cells=cells,
            source=source,
            group=SQL("GROUP BY base.statement_id, %s", group) if group else SQL(),
        )

    def _get_period_table(self, periods):
        """Return the periods with their limits in UTC, days in the company's zone."""
        tools = self.env["complaint.print.tools"]
        day = timedelta(days=1)
        return SQL(
            """SELECT * FROM (VALUES %s)
                    AS given (statement_id, first, last, begin, until)""",
            SQL(", ").join(
                SQL(
                    "(%s::int4, %s::date, %s::date, %s::timestamp, %s::timestamp)",
                    statement_id,
                    first,
                    last,
                    tools._get_day_start(first, self.company_id),
                    tools._get_day_start(last + day, self.company_id),
                )
                for statement_id, first, last in periods
            ),
        )

    # ------------------------------------------------------------------
    # Pieces of SQL
    # ------------------------------------------------------------------

    @api.model
    def _compare(self, **columns):
        """Return the JSON of compared columns.

        :param columns: ``name=(key, text)`` or ``name=value``, SQL
        """
        parts = []
        for name, value in columns.items():
            key, text = value if isinstance(value, tuple) else (value, value)
            parts.append(SQL("%s::text, jsonb_build_array(%s, %s)", name, key, text))
        return SQL("jsonb_build_object(%s)", SQL(", ").join(parts))

    def _get_local_day(self, moment):
        """Return the day of a UTC column in the zone of the company."""
        return SQL(
            "((%s AT TIME ZONE 'UTC') AT TIME ZONE %s)::date",
            moment,
            self.company_id.complaint_tz or "UTC",
        )

    @api.model
    def _get_label(self, model, name, column):
        """Return the label of a selection column in the language of `self`."""
        labels = self.env[model]._fields[name]._description_selection(self.env)
        cases = SQL(" ").join(
            SQL("WHEN %s THEN %s", key, label) for key, label in labels
        )
        return SQL("(CASE %s %s ELSE '' END)", column, cases)

    @api.model
    def _get_name(self, model, alias, name="name"):
        """Return a stored text column, translated where it is."""
        # sudo: only names of what the cases refer to
        return self.env[model].sudo()._field_to_sql(alias, name)

    def _get_reported_table(self):
        """Return the complaints first reported in a period, but for cancelled ones."""
        return self._get_event_table(
            "reported",
            SQL("(other.at, other.id) < (event.at, event.id)"),
            SQL("ticket.complaint_phase IS DISTINCT FROM 'cancelled'"),
        )

    def _get_closed_table(self):
        """Return the complaints closed in a period, and not opened again."""
        return self._get_event_table(
            "closed",
            SQL("(other.at, other.id) > (event.at, event.id)"),
            SQL("ticket.complaint_phase = 'closed'"),
        )

    def _get_event_table(self, code, is_better, condition):
        """Return ``(statement_id, ticket_id, at)`` by an event that counts once.

        :param SQL is_better: when another event of the complaint counts instead
        :param SQL condition: on the ticket
        """
        is_effective = SQL(
            "NOT EXISTS (SELECT FROM complaint_event correction"
            " WHERE correction.corrects_id = %s)",
            SQL.identifier("event", "id"),
        )
        other_effective = SQL(
            "NOT EXISTS (SELECT FROM complaint_event correction"
            " WHERE correction.corrects_id = %s)",
            SQL.identifier("other", "id"),
        )
        return SQL(
            """SELECT period.statement_id, ticket.id AS ticket_id, event.at
                 FROM period
                 JOIN complaint_event event
                   ON event.company_id = %(company)s AND event.code = %(code)s
                  AND event.at >= period.begin AND event.at < period.until
                 JOIN helpdesk_ticket ticket ON ticket.id = event.ticket_id
                WHERE ticket.is_complaint AND ticket.company_id = %(company)s
                  AND %(condition)s AND %(is_effective)s
                  AND NOT EXISTS (
                      SELECT FROM complaint_event other
                       WHERE other.ticket_id = event.ticket_id
                         AND other.code = %(code)s
                         AND %(is_better)s AND %(other_effective)s)""",
            company=self.company_id.id,
            code=code,
            condition=condition,
            is_effective=is_effective,
            is_better=is_better,
            other_effective=other_effective,
        )

    # ------------------------------------------------------------------
    # Storing
    # ------------------------------------------------------------------

    def _store_rows(self):
        """Write the rows of this statement: new ones, changed ones, fewer ones.

        One statement for all. What people entered on a row stays, since rows are
        known again by section and key.

        :return: number of rows
        """
        self.ensure_one()
        self.env.flush_all()
        columns = SQL(", ").join(map(SQL.identifier, COLUMNS))
        updates = SQL(", ").join(
            SQL("%s = EXCLUDED.%s", SQL.identifier(name), SQL.identifier(name))
            for name in ("sequence", "write_uid", "write_date", *COLUMNS)
        )
        self.env.cr.execute(
            SQL(
                """%(query)s,
                   gone AS (
                       DELETE FROM complaint_statement_line line
                        WHERE line.statement_id = %(id)s AND NOT EXISTS (
                              SELECT FROM fresh
                               WHERE fresh.section = line.section
                                 AND fresh.key = line.key))
                   INSERT INTO complaint_statement_line
                          (statement_id, company_id, section, sequence, create_uid,
                           create_date, write_uid, write_date, %(columns)s)
                   SELECT statement_id, %(company)s, section, sequence, %(uid)s,
                          %(now)s, %(uid)s, %(now)s, %(columns)s
                     FROM fresh
                       ON CONFLICT (statement_id, section, key)
                       DO UPDATE SET %(updates)s""",
                query=self._get_rows_query(
                    [(self.id, self.date_from, self.date_to)], with_history=True
                ),
                id=self.id,
                company=self.company_id.id,
                columns=columns,
                updates=updates,
                uid=self.env.uid,
                now=fields.Datetime.now(),
            )
        )
        count = self.env.cr.rowcount
        self.env["complaint.statement.line"].invalidate_model(flush=False)
        self.invalidate_recordset(["line_ids"], flush=False)
        return count
