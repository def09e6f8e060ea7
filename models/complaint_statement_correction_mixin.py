# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.tools import SQL

from ..kernel.statement_figures import add_months

# how far back issued statements are read again
_MONTHS = 24


class ComplaintStatementCorrectionMixin(models.AbstractModel):
    """Finds what issued statements would say differently today."""

    _name = "complaint.statement.correction.mixin"
    _description = "Corrections of Earlier Statements"

    def _get_sources(self):
        """Return the issued statements that this one may correct."""
        self.ensure_one()
        oldest = add_months(self.date_from.replace(day=1), -_MONTHS)
        return self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("kind", "=", self.kind),
                ("state", "=", "issued"),
                ("date_from", ">=", oldest),
                ("id", "!=", self.id),
            ]
        )

    def _store_corrections(self):
        """Write the corrections anew; one statement for all earlier statements.

        The known value of a row is what the last issued correction said, else what
        was frozen. Rows are read again by the query that read them first.
        """
        self.ensure_one()
        sources = self._get_sources()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "DELETE FROM complaint_statement_correction WHERE statement_id = %s",
                self.id,
            )
        )
        if sources:
            self.env.cr.execute(self._get_corrections_query(sources))
        self.env["complaint.statement.correction"].invalidate_model(flush=False)
        self.invalidate_recordset(["correction_ids"], flush=False)

    def _get_corrections_query(self, sources):
        periods = [(source.id, source.date_from, source.date_to) for source in sources]
        return SQL(
            """%(query)s,
               told AS (
                   SELECT statement_id, section, key, case_id, number, name, compared,
                          0 AS at
                     FROM complaint_statement_line
                    WHERE statement_id IN %(sources)s AND compared IS NOT NULL
                    UNION ALL
                   SELECT correction.source_id, correction.section, correction.key,
                          correction.case_id, correction.number, correction.name,
                          correction.values_after, correction.id
                     FROM complaint_statement_correction correction
                     JOIN complaint_statement teller
                       ON teller.id = correction.statement_id
                      AND teller.state = 'issued'
                    WHERE correction.source_id IN %(sources)s),
               known AS (
                   SELECT DISTINCT ON (statement_id, section, key) *
                     FROM told ORDER BY statement_id, section, key, at DESC),
               today AS (
                   SELECT * FROM fresh
                    WHERE statement_id IN %(sources)s AND compared IS NOT NULL)
               INSERT INTO complaint_statement_correction
                      (statement_id, company_id, create_uid, create_date, write_uid,
                       write_date, source_id, section, key, case_id, number, name,
                       kind, field_name, old_value, new_value, values_after)
               SELECT %(id)s, %(company)s, %(uid)s, %(now)s, %(uid)s, %(now)s,
                      statement_id, section, key,
                      COALESCE(today.case_id, ticket.id),
                      COALESCE(today.number, known.number),
                      COALESCE(today.name, known.name),
                      difference.kind, difference.field_name, difference.old_value,
                      difference.new_value, today.compared
                 FROM known
                 FULL JOIN today USING (statement_id, section, key)
                 LEFT JOIN helpdesk_ticket ticket ON ticket.id = known.case_id
                CROSS JOIN LATERAL (%(difference)s) difference""",
            query=self._get_rows_query(periods, with_history=False),
            sources=tuple(sources.ids),
            id=self.id,
            company=self.company_id.id,
            uid=self.env.uid,
            now=fields.Datetime.now(),
            difference=self._get_difference_query(),
        )

    def _get_difference_query(self):
        """Return what differs between ``known`` and ``today``: no, one or more rows.

        A row of counts that is gone or new says its number; a complaint that is
        gone or new says what it was counted with.
        """
        return SQL(
            """SELECT 'removed' AS kind, NULL AS field_name,
                      %(before)s AS old_value, NULL AS new_value
                WHERE known.compared IS NOT NULL AND today.compared IS NULL
                UNION ALL
               SELECT 'added', NULL, NULL, %(after)s
                WHERE known.compared IS NULL AND today.compared IS NOT NULL
                UNION ALL
               SELECT 'changed', cell.key, known.compared->cell.key->>1, cell.value->>1
                 FROM jsonb_each(today.compared) cell
                WHERE known.compared ? cell.key
                  -- who was anonymised is not named once more (R514)
                  AND (cell.key <> 'customer'
                       OR ticket.complaint_anonymised_at IS NULL)
                  AND known.compared->cell.key->0 IS DISTINCT FROM cell.value->0""",
            before=self._get_summary(SQL("known.compared")),
            after=self._get_summary(SQL("today.compared")),
        )

    @api.model
    def _get_summary(self, column):
        return SQL(
            """(SELECT string_agg(cell.value->>1, ' · ' ORDER BY cell.key)
                  FROM jsonb_each(%s) cell WHERE cell.value->>1 <> '')""",
            column,
        )
