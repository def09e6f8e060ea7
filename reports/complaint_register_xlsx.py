# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime

from odoo import api, models

from ..kernel import form_mark

# limits of the file format
_MAX_TEXT = 32767
_MAX_SHEET_NAME = 31
_FORBIDDEN_IN_SHEET_NAME = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_HEAD_ROW = 3
# a screen has more room than paper
_WIDTH_FACTOR = 1.5


class ComplaintRegisterXlsx(models.AbstractModel):
    """The register as a workbook: one native table, to sort and filter on."""

    _name = "report.helpdesk_mgmt_complaint.complaint_register_xlsx"
    _description = "Complaint Register (XLSX)"
    _inherit = ["report.report_xlsx.abstract"]

    def get_workbook_options(self):
        # texts of customers stay texts, whatever they begin with
        return {"strings_to_formulas": False, "strings_to_urls": False}

    def generate_xlsx_report(self, workbook, data, objs):
        for register in self._get_registers(objs):
            if register["form"].is_internal:
                workbook.set_properties({"keywords": form_mark.MARK})
            self._write_sheet(workbook, register)

    @api.model
    def _get_registers(self, tickets):
        """Hook: return the registers to write, one sheet each."""
        return [self.env["complaint.register.document"]._get_register(tickets)]

    @api.model
    def _get_formats(self, workbook):
        top = {"valign": "top", "text_wrap": True}
        return {
            "title": workbook.add_format({"bold": True, "font_size": 16}),
            "note": workbook.add_format({"font_color": "#555555"}),
            "head": workbook.add_format(
                {"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1}
            ),
            "text": workbook.add_format(top),
            "number": workbook.add_format({**top, "num_format": "#,##0.###"}),
            "date": workbook.add_format({**top, "num_format": "yyyy-mm-dd"}),
        }

    @api.model
    def _write_sheet(self, workbook, register):
        form, columns = register["form"], register["columns"]
        name = form.name.translate(_FORBIDDEN_IN_SHEET_NAME)[:_MAX_SHEET_NAME]
        sheet = workbook.add_worksheet(name.strip())
        formats = self._get_formats(workbook)
        sheet.write_string(0, 0, form.name, formats["title"])
        sheet.write_string(1, 0, self._get_subtitle(register), formats["note"])
        for at, column in enumerate(columns):
            sheet.set_column(at, at, column["width"] * _WIDTH_FACTOR)
        for at, row in enumerate(register["rows"], start=_HEAD_ROW + 1):
            for column, cell in enumerate(row):
                self._write_cell(sheet, at, column, cell, formats)
        self._add_table(sheet, register, formats)
        self._set_page(sheet, register)

    @api.model
    def _get_subtitle(self, register):
        form = register["form"]
        parts = [
            register["company"].name,
            form.form_number,
            form.revision and self.env._("Rev. %(revision)s", revision=form.revision),
            register["period"],
            form.is_internal and self.env._("INTERNAL – not for customers"),
        ]
        return " · ".join(part for part in parts if part)

    @api.model
    def _write_cell(self, sheet, row, column, cell, formats):
        if isinstance(cell, datetime):
            day = cell.replace(hour=0, minute=0, second=0, microsecond=0)
            sheet.write_datetime(row, column, day, formats["date"])
        elif isinstance(cell, int | float) and not isinstance(cell, bool):
            sheet.write_number(row, column, cell, formats["number"])
        else:
            text = str(cell or "")[:_MAX_TEXT]
            sheet.write_string(row, column, text, formats["text"])

    @api.model
    def _add_table(self, sheet, register, formats):
        """Add the native table; its headings must differ and it needs a row."""
        headings, seen = [], set()
        for column in register["columns"]:
            heading = column["heading"]
            while heading.lower() in seen:
                heading += " "
            seen.add(heading.lower())
            headings.append({"header": heading, "header_format": formats["head"]})
        if not headings:
            return
        last_row = _HEAD_ROW + max(len(register["rows"]), 1)
        sheet.add_table(
            _HEAD_ROW,
            0,
            last_row,
            len(headings) - 1,
            {"columns": headings, "style": "Table Style Light 1"},
        )
        sheet.freeze_panes(_HEAD_ROW + 1, 1)

    @api.model
    def _set_page(self, sheet, register):
        sheet.set_paper(9)  # A4
        if register["form"].landscape:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(_HEAD_ROW)
        sheet.set_footer("&L" + self._get_subtitle(register)[:200] + "&R&P / &N")


class ComplaintRegisterChoiceXlsx(models.AbstractModel):
    """The register chosen in the register dialog as a workbook."""

    _name = "report.helpdesk_mgmt_complaint.complaint_register_choice_xlsx"
    _description = "Chosen Complaint Register (XLSX)"
    _inherit = ["report.helpdesk_mgmt_complaint.complaint_register_xlsx"]

    @api.model
    def _get_registers(self, choices):
        return [choice._get_register() for choice in choices]
