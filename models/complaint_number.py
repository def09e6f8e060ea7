# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from collections import Counter

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.sql import table_exists

from ..kernel.numbering import free_numbers, period_key, read_number

# transactions that draw at the same moment queue up; each pass outlives one queue
_MAX_PASSES = 50
# how far ahead to look for numbers already given under another pattern
_PROBE = 200


class ComplaintNumber(models.Model):
    """Ledger of numbers of complaints and 8D: one row per number ever given.

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
    eightd_ids = fields.One2many("complaint.eightd", "number_id", string="8D")

    _counter_unique = models.UniqueIndex(
        "(company_id, pattern, period, sequence)",
        "This running number was already given.",
    )
    _name_unique = models.UniqueIndex(
        "(company_id, name)", "This complaint number was already given."
    )

    def write(self, vals):  # pylint: disable=method-required-super  # never writes
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
        taken = set()
        for _pass in range(_MAX_PASSES):
            free = free_numbers(pattern, day, last, count, taken)
            ids = self._insert_rows(
                [(company.id, pattern, period, *number) for number in free]
            )
            if ids:
                return self.browse(ids)
            last = self._get_last_committed(company, pattern, period)
            probe = count + len(taken) + _PROBE
            names = [name for _seq, name in free_numbers(pattern, day, last, probe)]
            taken |= self._get_taken_names(company, names)
        raise UserError(
            self.env._("Too many complaints are being numbered now. Please try again.")
        )

    @api.model
    def _enter_numbers(self, company, pattern, numbers):
        """Enter existing numbers (import), so that the counter goes on after them.

        A number that does not follow the pattern gets a period of its own.

        :param list numbers: number texts
        :return: the ledger rows, in the same order
        :raise UserError: when a number exists already, naming it
        """
        taken = self._get_taken_names(company, numbers)
        taken |= {number for number, times in Counter(numbers).items() if times > 1}
        if taken:
            raise UserError(
                self.env._(
                    "The complaint number exists already: %(numbers)s. It can be "
                    "given only once.",
                    numbers=", ".join(sorted(taken)),
                )
            )
        vals_list = []
        for number in numbers:
            period, sequence = read_number(pattern, number) or (f"={number}", 1)
            vals_list.append(
                {
                    "company_id": company.id,
                    "pattern": pattern,
                    "period": period,
                    "sequence": sequence,
                    "name": number,
                }
            )
        # sudo: nobody has create rights on the ledger; the caller checked the
        # right to bring in old numbers
        return self.sudo().create(vals_list)

    @api.model
    def _insert_rows(self, rows):
        """Insert ledger rows; return their ids, or None if one is taken."""
        cr = self.env.cr
        values = SQL(", ").join(
            SQL(
                "(%s, %s, %s, %s, %s, %s, NOW() AT TIME ZONE 'UTC')", *row, self.env.uid
            )
            for row in rows
        )
        query = SQL(
            """INSERT INTO complaint_number (company_id, pattern, period, sequence,
                                            name, create_uid, create_date)
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
    def _get_last_committed(self, company, pattern, period):
        """Return the sequence to continue after, once a number proved taken.

        The own snapshot cannot see what others committed meanwhile, a new
        transaction can; what this transaction drew before, only the own one.
        """
        with self.env.registry.cursor() as cr:
            last = self._get_last_sequence(cr, company, pattern, period)
        own = self._get_last_sequence(self.env.cr, company, pattern, period)
        return max(last, own)

    @api.model
    def _get_taken_names(self, company, names):
        """Return which of these number texts exist, under whatever pattern.

        Both views are asked for the reason given in `_get_last_committed`.
        """
        query = SQL(
            """SELECT name FROM complaint_number
                WHERE company_id = %s AND name = ANY(%s)""",
            company.id,
            list(names),
        )
        taken = set()
        with self.env.registry.cursor() as other:
            for cr in (self.env.cr, other):
                # while the addon is being installed (with demo data), no other
                # transaction sees the ledger yet
                if cr is self.env.cr or table_exists(cr, self._table):
                    cr.execute(query)
                    taken.update(row[0] for row in cr.fetchall())
        return taken
