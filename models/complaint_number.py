# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..kernel.numbering import format_number, period_key, read_number

# transactions that draw at the same moment queue up; each pass outlives one queue
_MAX_PASSES = 50


class ComplaintNumber(models.Model):
    """Ledger of complaint numbers: one row per number ever given.

    A row is inserted in the transaction that needs the number. If that rolls
    back, the row is gone and the number is free again: no hole (R143, R144).
    If two transactions want the same number, the unique index makes the second
    wait for the first and then take the next one. A counter row updated in
    place would instead fail with a serialization error under PostgreSQL's
    repeatable-read isolation, which is what Odoo uses.
    """

    _name = "complaint.number"
    _description = "Complaint Number"
    _order = "id desc"

    name = fields.Char(string="Number", required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="restrict"
    )
    pattern = fields.Char(required=True, readonly=True)
    period = fields.Char(required=True, readonly=True, default="")
    sequence = fields.Integer(required=True, readonly=True)
    ticket_ids = fields.One2many(
        "helpdesk.ticket", "complaint_number_id", string="Complaint"
    )

    _counter_unique = models.UniqueIndex(
        "(company_id, pattern, period, sequence)",
        "This running number was already given.",
    )
    _name_unique = models.UniqueIndex(
        "(company_id, name)", "This complaint number was already given."
    )

    def write(self, vals):
        raise UserError(self.env._("A complaint number that was given never changes."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("A complaint number that was given is never used again.")
        )

    @api.model
    def _draw(self, company, pattern, day, count=1):
        """Return `count` new ledger rows; call it last in a transaction.

        :param company: `res.company` record
        :param str pattern: valid pattern, see kernel/numbering.py
        :param datetime.date day: today in the company's time zone
        :raise UserError: when the numbers cannot be had (queue too long)
        """
        period = period_key(pattern, day)
        last = self._get_last_sequence(self.env.cr, company, pattern, period)
        for _pass in range(_MAX_PASSES):
            rows = [
                (company.id, pattern, period, seq, format_number(pattern, day, seq))
                for seq in range(last + 1, last + 1 + count)
            ]
            ids = self._insert_rows(rows)
            if ids:
                return self.browse(ids)
            last = self._get_last_committed(company, pattern, period, rows)
        raise UserError(
            self.env._("Too many complaints are being numbered now. Please try again.")
        )

    @api.model
    def _register(self, company, pattern, number):
        """Enter an existing number (import), so that the counter goes on after it.

        A number that does not follow the pattern gets a period of its own.

        :return: the ledger row
        """
        # sudo: nobody has create rights on the ledger
        found = read_number(pattern, number)
        period, sequence = found or (f"={number}", 1)
        return self.sudo().create(
            {
                "company_id": company.id,
                "pattern": pattern,
                "period": period,
                "sequence": sequence,
                "name": number,
            }
        )

    @api.model
    def _insert_rows(self, rows):
        """Insert ledger rows; return their ids, or None if one is taken."""
        cr = self.env.cr
        values = SQL(", ").join(
            SQL("(%s, %s, %s, %s, %s, %s, NOW() AT TIME ZONE 'UTC')", *row, self.env.uid)
            for row in rows
        )
        query = SQL(
            """INSERT INTO complaint_number
                   (company_id, pattern, period, sequence, name, create_uid, create_date)
               VALUES %s RETURNING id""",
            values,
        )
        try:
            with cr.savepoint(flush=False):
                cr.execute(query, log_exceptions=False)
                return [row[0] for row in cr.fetchall()]
        except psycopg2.errors.UniqueViolation:
            return None

    @api.model
    def _get_last_sequence(self, cr, company, pattern, period):
        cr.execute(
            SQL(
                """SELECT COALESCE(MAX(sequence), 0) FROM complaint_number
                    WHERE company_id = %s AND pattern = %s AND period = %s""",
                company.id,
                pattern,
                period,
            )
        )
        return cr.fetchone()[0]

    @api.model
    def _get_last_committed(self, company, pattern, period, rows):
        """Return the sequence to continue after, once a number proved taken.

        The own snapshot cannot see what others committed meanwhile, a new
        transaction can. If the clash came from the number text (given under
        another pattern), step over that one number.
        """
        with self.env.registry.cursor() as cr:
            last = self._get_last_sequence(cr, company, pattern, period)
            cr.execute(
                SQL(
                    """SELECT MIN(name) FROM complaint_number
                        WHERE company_id = %s AND name = ANY(%s)
                          AND NOT (pattern = %s AND period = %s)""",
                    company.id,
                    [row[4] for row in rows],
                    pattern,
                    period,
                )
            )
            clash = cr.fetchone()[0]
        own = self._get_last_sequence(self.env.cr, company, pattern, period)
        last = max(last, own)
        if clash:
            last = max(last, next(row[3] for row in rows if row[4] == clash))
        return last
