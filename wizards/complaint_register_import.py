# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import base64
import hashlib

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

from ..kernel.register_book import MAX_ROWS, Book, BookError
from ..kernel.register_import import clean_text, is_total, match_headers
from ..kernel.register_words import HEADERS

_SHOWN_ERRORS = 200


def _get_letters(index):
    """0 -> A, 26 -> AA: the name of a column in Excel."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


class ComplaintRegisterImport(models.TransientModel):
    """Going live: brings an old register (XLSX) in, all of it or nothing.

    First everything is checked and shown: what each header was understood as,
    how many rows, what is wrong in which row and column. The import itself
    changes nothing that other people notice: see `complaint.import.mixin`.
    """

    _name = "complaint.register.import"
    _description = "Import an Old Register"

    file = fields.Binary(string="Register (XLSX)", required=True, attachment=False)
    file_name = fields.Char()
    sheet_name = fields.Char(
        string="Sheet", help="Empty: the first sheet that holds a register."
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        required=True,
        compute="_compute_team_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('complaint_team', '=', True), "
        "('company_id', 'in', [False, company_id])]",
    )
    procedure_id = fields.Many2one(
        "complaint.procedure",
        required=True,
        compute="_compute_procedure_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('company_id', 'in', [False, company_id])]",
        help="Its number pattern says which numbers the counter continues after.",
    )
    column_ids = fields.One2many("complaint.register.import.column", "import_id")
    columns_of = fields.Char(readonly=True)
    row_count = fields.Integer(string="Complaints", readonly=True)
    error_count = fields.Integer(string="Errors", readonly=True)
    summary = fields.Text(readonly=True)
    errors = fields.Text(string="What Is Wrong", readonly=True)

    @api.depends("company_id")
    def _compute_team_id(self):
        for wizard in self:
            companies = [False, wizard.company_id.id]
            if wizard.team_id.company_id.id not in companies or not wizard.team_id:
                wizard.team_id = self.env["helpdesk.ticket.team"].search(
                    [("complaint_team", "=", True), ("company_id", "in", companies)],
                    limit=1,
                )

    @api.depends("company_id")
    def _compute_procedure_id(self):
        procedures = self.env["complaint.procedure"]
        for wizard in self:
            wizard.procedure_id = procedures._get_default_procedure(wizard.company_id)

    @api.onchange("file", "sheet_name")
    def _onchange_file(self):
        self.row_count = self.error_count = 0
        self.summary = self.errors = False

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_check(self):
        """Show what would be imported, change nothing."""
        self.ensure_one()
        self._check_may_import()
        cases, errors, notes = self._read_register()
        self.write(
            {
                "row_count": len(cases),
                "error_count": len(errors),
                "errors": self._format_errors(errors),
                "summary": "\n".join(notes),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "name": self.env._("Import an Old Register"),
        }

    def action_import(self):
        """Import everything, or nothing with the list of errors."""
        self.ensure_one()
        self._check_may_import()
        cases, errors, _notes = self._read_register()
        if errors:
            raise UserError(
                self.env._(
                    "Nothing was imported. Correct the file and choose it again:"
                    "\n%(errors)s",
                    errors=self._format_errors(errors),
                )
            )
        labels = {column.meaning: column.header for column in self.column_ids}
        tickets = self.env["complaint.register.loader"]._load(cases, labels, self)
        return tickets._get_complaint_list_action(
            [("id", "in", tickets.ids)],
            self.env._("%s Imported Complaints", len(tickets)),
            {"search_default_open": 0},
        )

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    def _check_may_import(self):
        """Only a manager, and only into a company he works for."""
        if not self._may_import():
            raise AccessError(
                self.env._("Only a complaint manager may import an old register.")
            )
        if self.company_id not in self.env.companies:
            raise UserError(
                self.env._(
                    "Switch to the company %(company)s first.",
                    company=self.company_id.name,
                )
            )

    def _may_import(self):
        tickets = self.env["helpdesk.ticket"].with_context(complaint_import=True)
        return tickets._complaint_is_import()

    def _read_register(self):
        """Read the file, guess the columns if it is new, check all rows.

        :return: ``(cases, errors, notes)``
        :raise UserError: when the file as a whole cannot be used
        """
        try:
            book = Book(base64.b64decode(self.with_context(bin_size=False).file or b""))
            registers = book.find_registers()
            sheet = self._choose_sheet(book, registers)
            rows = book.rows(sheet)
        except BookError as error:
            raise UserError(self._get_book_message(error.args[0])) from error
        header = registers[sheet]
        self._guess_columns(sheet, rows, header)
        columns = [
            (column.position, column.letters, column.header, column.meaning)
            for column in self.column_ids
            if column.meaning and column.meaning != "ignore"
        ]
        self._check_columns(columns)
        # the first row in Excel is row 1
        numbered = [
            (index + 1, row)
            for index, row in enumerate(rows)
            if index > header and not is_total(row)
        ]
        cases, errors = self.env["complaint.register.reader"]._read(
            numbered, columns, self, book.epoch
        )
        if not cases:
            errors = [(header + 2, self.env._("there is nothing under the headers."))]
        return cases, errors, self._get_notes(sheet, registers, cases)

    def _choose_sheet(self, book, registers):
        wanted = (self.sheet_name or "").strip()
        if wanted and wanted not in book.sheet_names:
            raise UserError(
                self.env._(
                    "There is no sheet “%(sheet)s”. The file has: %(sheets)s.",
                    sheet=wanted,
                    sheets=", ".join(book.sheet_names),
                )
            )
        if not registers or (wanted and wanted not in registers):
            raise UserError(
                self.env._(
                    "No row with headers was found. One row near the top must name "
                    "the columns; one of them is the complaint number (客诉编号 or "
                    "Complaint No.) and at least one more is known, for example "
                    "日期 or Date."
                )
            )
        return wanted or next(iter(registers))

    def _guess_columns(self, sheet, rows, header):
        """Fill the columns, unless the user already saw those of this sheet."""
        digest = hashlib.sha256(repr((sheet, rows[header])).encode()).hexdigest()
        if self.columns_of == digest:
            return
        meanings = match_headers(rows[header])
        self.write(
            {
                "columns_of": digest,
                "column_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "position": position,
                                "letters": _get_letters(position),
                                "header": " ".join(clean_text(title).split()),
                                "meaning": meanings[position],
                                "sample": self._get_sample(rows, header, position),
                            }
                        )
                        for position, title in enumerate(rows[header])
                        if title not in (None, "")
                    ),
                ],
            }
        )

    def _get_sample(self, rows, header, position):
        """Return the first filled cell under a header."""
        for row in rows[header + 1 : header + 50]:
            if position < len(row) and row[position] not in (None, ""):
                return str(row[position])[:60]
        return False

    def _check_columns(self, columns):
        meanings = [meaning for _i, _letters, _header, meaning in columns]
        labels = dict(self.env["complaint.register.import.column"]._get_meanings())
        double = sorted({name for name in meanings if meanings.count(name) > 1})
        if double:
            raise UserError(
                self.env._(
                    "Two columns cannot mean the same: %(names)s.",
                    names=", ".join(labels[name] for name in double),
                )
            )
        if "number" not in meanings:
            raise UserError(self.env._("Say which column holds the complaint number."))

    # ------------------------------------------------------------------
    # Texts
    # ------------------------------------------------------------------

    def _get_book_message(self, code):
        messages = {
            "empty": self.env._("The file is empty."),
            "password": self.env._(
                "The file is protected by a password. Open it in Excel, remove the "
                "password, save it and choose it again."
            ),
            "old_excel": self.env._(
                "This is a file of an old Excel (.xls). Open it and save it as "
                "“Excel Workbook (.xlsx)”."
            ),
            "not_excel": self.env._(
                "This is no Excel workbook. Save the register (also a CSV file) as "
                "“Excel Workbook (.xlsx)” and choose that file."
            ),
            "too_big": self.env._(
                "The workbook is too big. Split it, for example by year."
            ),
            "too_many_rows": self.env._(
                "The sheet has more than %s rows. Split it, for example by year.",
                MAX_ROWS,
            ),
            "broken": self.env._(
                "The workbook is damaged. Open it in Excel, save it again and choose "
                "the new file."
            ),
        }
        return messages[code]

    def _format_errors(self, errors):
        lines = [
            self.env._("Row %(row)s, %(message)s", row=row, message=message)
            for row, message in errors[:_SHOWN_ERRORS]
        ]
        if len(errors) > _SHOWN_ERRORS:
            more = len(errors) - _SHOWN_ERRORS
            lines.append(self.env._("... and %s more.", more))
        return "\n".join(lines)

    def _get_notes(self, sheet, registers, cases):
        """Return sentences on what the import would do."""
        notes = [
            self.env._(
                "%(count)s complaints in the sheet “%(sheet)s”.",
                count=len(cases),
                sheet=sheet,
            )
        ]
        others = [name for name in registers if name != sheet]
        if others:
            notes.append(
                self.env._(
                    "More registers are in the sheets %s; import them one by one.",
                    ", ".join(others),
                )
            )
        unknown = self.column_ids.filtered(lambda column: not column.meaning)
        if unknown:
            notes.append(
                self.env._(
                    "Not imported, because the header is not known: %s. Choose a "
                    "meaning below if it is needed.",
                    ", ".join(unknown.mapped("header")),
                )
            )
        labels = dict(self.env["complaint.register.import.column"]._get_meanings())
        unlinked = self.env["complaint.register.reader"]._get_unlinked_counts(cases)
        notes += [
            self.env._(
                "%(name)s: %(count)s rows name none that exists once in Odoo; the "
                "text is kept.",
                name=labels[meaning],
                count=count,
            )
            for meaning, count in unlinked.items()
        ]
        return notes


class ComplaintRegisterImportColumn(models.TransientModel):
    """One column of the register and what it means."""

    _name = "complaint.register.import.column"
    _description = "Column of an Old Register"
    _order = "position"

    import_id = fields.Many2one(
        "complaint.register.import", required=True, ondelete="cascade"
    )
    position = fields.Integer(required=True, readonly=True)
    letters = fields.Char(string="Column", readonly=True)
    header = fields.Char(readonly=True)
    sample = fields.Char(string="Example", readonly=True)
    meaning = fields.Selection(
        selection="_get_meanings", help="Empty: the column is not imported."
    )

    @api.model
    def _get_meanings(self):
        """Return the selection of what a column can mean."""
        labels = {
            "number": self.env._("Complaint number"),
            "reported": self.env._("First reported"),
            "received": self.env._("Received on"),
            "accepted": self.env._("Accepted on"),
            "state": self.env._("State"),
            "closed": self.env._("Closed on"),
            "customer": self.env._("Customer"),
            "customer_code": self.env._("Customer number"),
            "complainant": self.env._("Complainant"),
            "phone": self.env._("Phone"),
            "address": self.env._("Address"),
            "customer_reference": self.env._("Customer's complaint number"),
            "subject": self.env._("Subject"),
            "content": self.env._("Content"),
            "order": self.env._("Order"),
            "product_code": self.env._("Part number"),
            "product": self.env._("Product name"),
            "lot": self.env._("Lot"),
            "serials": self.env._("Serial number"),
            "delivered_qty": self.env._("Delivered quantity"),
            "delivered_date": self.env._("Shipped on"),
            "claimed_qty": self.env._("Claimed quantity"),
            "defective_qty": self.env._("Defective quantity"),
            "defect": self.env._("Defect"),
            "category": self.env._("Category"),
            "severity": self.env._("Severity"),
            "channel": self.env._("Channel"),
            "demand": self.env._("Customer demand"),
            "department": self.env._("Department"),
            "handler": self.env._("Handler"),
            "receiver": self.env._("Received by"),
            "cause": self.env._("Cause"),
            "countermeasure": self.env._("Countermeasure"),
            "result": self.env._("Result"),
            "remark": self.env._("Remark"),
            "ignore": self.env._("Leave out"),
        }
        return [(meaning, labels[meaning]) for meaning in HEADERS]
