# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import date

from odoo import api, models

from ..kernel import form_mark

_MAX_TEXT = 32767
_MAX_SHEET_NAME = 31
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_HEAD_ROW = 3
# rows that a chart takes
_CHART_ROWS = 18
_FORMATS = {
    "number": "#,##0.##",
    "percent": "0.0",
    "money": "#,##0.00",
    "date": "yyyy-mm-dd",
}


class ComplaintStatementXlsx(models.AbstractModel):
    """The statement as a workbook: a sheet per table, charts that Excel draws."""

    _name = "report.helpdesk_mgmt_complaint.complaint_statement_xlsx"
    _description = "Complaint Statement (XLSX)"
    _inherit = ["report.report_xlsx.abstract"]

    def get_workbook_options(self):
        # texts of customers stay texts, whatever they begin with
        return {"strings_to_formulas": False, "strings_to_urls": False}

    def generate_xlsx_report(self, workbook, data, objs):
        for statement in objs:
            doc = self.env["complaint.statement.document"]._get_document(statement)
            self = self.with_context(lang=doc["lang"])
            if doc["form"].is_internal:
                workbook.set_properties({"keywords": form_mark.MARK})
            formats = self._get_formats(workbook)
            self._write_charts(workbook, doc, formats)
            for table in doc["tables"]:
                self._write_table(workbook, doc, table, formats)

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
            **{
                kind: workbook.add_format({**top, "num_format": pattern})
                for kind, pattern in _FORMATS.items()
            },
        }

    @api.model
    def _add_sheet(self, workbook, title):
        name = title.translate(_FORBIDDEN).strip()[:_MAX_SHEET_NAME] or "-"
        taken = {sheet.name.lower() for sheet in workbook.worksheets()}
        number, unique = 1, name
        while unique.lower() in taken:
            number += 1
            unique = f"{name[: _MAX_SHEET_NAME - 4]} {number}"
        return workbook.add_worksheet(unique)

    @api.model
    def _write_head(self, sheet, doc, title, formats):
        form = doc["form"]
        parts = [
            doc["company"].name,
            form.form_number,
            form.revision and self.env._("Rev. %(revision)s", revision=form.revision),
            doc["period"],
            form.is_internal and self.env._("INTERNAL – not for customers"),
        ]
        subtitle = " · ".join(part for part in parts if part)
        sheet.write_string(0, 0, title, formats["title"])
        sheet.write_string(1, 0, subtitle, formats["note"])
        sheet.set_paper(9)  # A4
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L{subtitle[:200]}&R&P / &N")

    # ------------------------------------------------------------------
    # Tables
    # ------------------------------------------------------------------

    @api.model
    def _write_table(self, workbook, doc, table, formats):
        sheet = self._add_sheet(workbook, table["title"])
        self._write_head(sheet, doc, table["title"], formats)
        columns = table["columns"]
        for at, column in enumerate(columns):
            sheet.set_column(at, at, column["width"] * 1.3)
        for at, row in enumerate(table["rows"], start=_HEAD_ROW + 1):
            for number, (cell, column) in enumerate(zip(row, columns, strict=True)):
                self._write_cell(sheet, at, number, cell, column["kind"], formats)
        headings, seen = [], set()
        for column in columns:
            heading = column["heading"]
            while heading.lower() in seen:
                heading += " "
            seen.add(heading.lower())
            headings.append({"header": heading, "header_format": formats["head"]})
        last_row = _HEAD_ROW + max(len(table["rows"]), 1)
        sheet.add_table(
            _HEAD_ROW,
            0,
            last_row,
            len(headings) - 1,
            {"columns": headings, "style": "Table Style Light 1"},
        )
        sheet.freeze_panes(_HEAD_ROW + 1, 1)
        sheet.repeat_rows(_HEAD_ROW)

    @api.model
    def _write_cell(self, sheet, row, column, cell, kind, formats):
        is_number = isinstance(cell, int | float) and not isinstance(cell, bool)
        if isinstance(cell, date):
            sheet.write_datetime(row, column, cell, formats["date"])
        elif kind != "text" and is_number:
            sheet.write_number(row, column, cell, formats[kind])
        else:
            text = "" if cell is None or cell is False else str(cell)
            sheet.write_string(row, column, text[:_MAX_TEXT], formats["text"])

    # ------------------------------------------------------------------
    # Charts
    # ------------------------------------------------------------------

    @api.model
    def _write_charts(self, workbook, doc, formats):
        """Write the figures of each chart, and beside them the chart."""
        sheet = self._add_sheet(workbook, doc["form"].name)
        self._write_head(sheet, doc, doc["statement"].name, formats)
        sheet.set_column(0, 0, 30)
        for at, (label, value) in enumerate(doc["facts"], start=2):
            sheet.write_string(at, 0, label, formats["head"])
            sheet.write_string(at, 1, value or "", formats["text"])
        row = 3 + len(doc["facts"])
        if doc["statement"].summary:
            sheet.write_string(row, 0, doc["statement"].summary[:_MAX_TEXT])
            row += 2
        for chart in doc["charts"]:
            row = self._write_chart(workbook, sheet, row, chart, formats)

    @api.model
    def _write_chart(self, workbook, sheet, row, chart, formats):
        labels, series = chart["labels"], chart["series"]
        sheet.write_string(row, 0, chart["title"], formats["head"])
        for column, (name, values) in enumerate(series, start=1):
            sheet.write_string(row, column, name, formats["head"])
            for at, value in enumerate(values, start=row + 1):
                if value is not None:
                    sheet.write_number(at, column, value, formats["number"])
        for at, label in enumerate(labels, start=row + 1):
            sheet.write_string(at, 0, label, formats["text"])
        if labels and series:
            drawn = self._make_chart(workbook, sheet, row, chart)
            sheet.insert_chart(row, len(series) + 2, drawn)
        return row + max(len(labels) + 3, _CHART_ROWS)

    @api.model
    def _make_chart(self, workbook, sheet, row, chart):
        last = row + len(chart["labels"])
        kinds = {
            "bars": {"type": "bar"},
            "stacked": {"type": "bar", "subtype": "stacked"},
            "pareto": {"type": "column"},
            "lines": {"type": "line"},
        }
        kind = chart["type"]
        drawn = workbook.add_chart(kinds[kind])
        line = workbook.add_chart({"type": "line"}) if kind == "pareto" else None
        for column, (_name, _values) in enumerate(chart["series"], start=1):
            series = {
                "name": [sheet.name, row, column],
                "categories": [sheet.name, row + 1, 0, last, 0],
                "values": [sheet.name, row + 1, column, last, column],
            }
            if line and column == 2:
                line.add_series(
                    {**series, "y2_axis": True, "marker": {"type": "circle"}}
                )
            else:
                drawn.add_series(series)
        if line:
            line.set_y2_axis({"min": 0, "max": 100})
            drawn.combine(line)
        drawn.set_title({"name": chart["title"], "name_font": {"size": 12}})
        if len(chart["series"]) == 1:
            drawn.set_legend({"none": True})
        if kind in ("bars", "stacked"):
            # the first row on top, as in the table
            drawn.set_y_axis({"reverse": True})
        drawn.set_size({"width": 640, "height": 330})
        return drawn
