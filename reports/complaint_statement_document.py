# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import base64
from typing import NamedTuple

from odoo import api, models

from ..kernel.chart_svg import draw
from ..kernel.statement_figures import add_months, pareto, percent, range_label

# how many lines a trend chart shows
_TREND_LINES = 5
_WEIGHT_FIELDS = {"count": "case_count", "quantity": "quantity", "amount": "amount"}
# a row must never be taller than a page
_PRINTED = 600


class Column(NamedTuple):
    """One column of a printed table; a tuple would hide its label from translation."""

    name: str
    label: str
    width: int
    kind: str


class ComplaintStatementDocument(models.AbstractModel):
    """What a statement shows: tables and charts; PDF, workbook and screen read it.

    Everything comes from the rows of the statement, in its language. A table is
    ``{title, columns: [{key, heading, width, kind}], rows: [[cell]]}``, a chart what
    `kernel.chart_svg` draws.
    """

    _name = "complaint.statement.document"
    _description = "Content of a Complaint Statement"
    _inherit = ["complaint.print.tools"]

    @api.model
    def _get_document(self, statement):
        """Return the content of one statement.

        :param statement: one `complaint.statement` the user may read
        """
        statement.check_access("read")
        self = self.with_context(lang=statement.lang)
        # sudo: names and amounts of what one may read; rows are those of its rules
        statement = statement.with_context(lang=statement.lang).sudo()
        rows = statement.line_ids.grouped("section")
        tables, charts = getattr(self, f"_get_{statement.kind}_parts")(statement, rows)
        tables += self._get_review_tables(statement)
        tables += self._get_correction_tables(statement)
        return {
            "statement": statement,
            "form": statement.form_id,
            "company": statement.company_id,
            "lang": statement.lang,
            "period": range_label(statement.date_from, statement.date_to),
            "is_issued": statement.state == "issued",
            "facts": self._get_facts(statement),
            "tables": [table for table in tables if table],
            "charts": [
                {**chart, "image": self._get_image(chart)} for chart in charts if chart
            ],
            "format_cell": self._format_cell,
        }

    @api.model
    def _get_html(self, statement):
        """Return tables and charts for the screen."""
        return self.env["ir.qweb"]._render(
            "helpdesk_mgmt_complaint.complaint_statement_body",
            {"doc": self._get_document(statement), "on_screen": True},
            lang=statement.lang,
        )

    @api.model
    def _get_image(self, chart):
        """Return the drawn chart as an image: the print keeps it as vectors."""
        svg = draw(chart, empty=self.env._("No complaints."))
        return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"

    @api.model
    def _get_facts(self, statement):
        company = statement.company_id
        issued = self._join(
            [
                statement.issued_by_id.name,
                self._format_time(statement.issued_at, company),
            ]
        )
        first = self._format_day(statement.date_from)
        return [
            (
                self.env._("Period"),
                f"{first} – {self._format_day(statement.date_to)}",
            ),
            (self.env._("Complaints"), self._format_number(statement.case_count)),
            (
                self.env._("Figures of"),
                self._format_time(statement.generated_at, company),
            ),
            (self.env._("Issued"), issued or self._get_choice(statement, "state")),
        ]

    # ------------------------------------------------------------------
    # Kinds
    # ------------------------------------------------------------------

    @api.model
    def _get_cases_parts(self, statement, rows):
        """F03: items with Pareto, the cases, loss by responsible party."""
        lines = rows.get("case", statement.line_ids.browse())
        items = self._get_items(statement, lines)
        ratios = statement.ratio_ids
        charts = [
            self._get_pareto_chart(
                self.env._("Items by %(weight)s", weight=self._get_weight(statement)),
                items,
                self._get_weight(statement),
            ),
            self._get_bars(
                self.env._("Responsibility ratio (%)"),
                [(row.party, row.ratio) for row in ratios],
            ),
            self._get_bars(
                self.env._(
                    "Loss by responsible party (%(currency)s)",
                    currency=statement.currency_id.name,
                ),
                [(row.party, row.amount) for row in ratios if row.amount],
            ),
        ]
        columns = [
            Column("number", self.env._("No."), 10, "text"),
            Column("at", self.env._("Closed on"), 11, "date"),
            Column("customer", self.env._("Customer"), 14, "text"),
            Column("item", self.env._("Item"), 14, "text"),
            Column("quantity", self.env._("Defective"), 9, "number"),
            Column("department", self.env._("Responsible, ratio"), 17, "text"),
            Column("countermeasure", self.env._("Countermeasure"), 20, "text"),
            Column("result", self.env._("Handling result"), 20, "text"),
            Column("amount", self.env._("Loss"), 9, "money"),
            Column("remark", self.env._("Remark of the review"), 12, "text"),
        ]
        return [
            self._get_item_table(statement, lines, items),
            self._get_table(self.env._("Closed complaints"), columns, lines),
        ], charts

    @api.model
    def _get_special_parts(self, statement, rows):
        """F68: second, major and key-customer complaints with handling state."""
        lines = rows.get("case", statement.line_ids.browse())
        labels = statement._get_special_labels().values()
        counts = [
            (label, sum(label in (line.reason or "") for line in lines))
            for label in labels
        ]
        states = {}
        for line in lines:
            states[line.phase] = states.get(line.phase, 0) + 1
        columns = [
            Column("number", self.env._("No."), 10, "text"),
            Column("at", self.env._("Reported on"), 11, "date"),
            Column("customer", self.env._("Customer"), 15, "text"),
            Column("name", self.env._("Complaint"), 18, "text"),
            Column("reason", self.env._("Reported because"), 14, "text"),
            Column("department", self.env._("Department"), 12, "text"),
            Column("phase", self.env._("Handling state"), 10, "text"),
            Column("countermeasure", self.env._("Countermeasure"), 18, "text"),
            Column("result", self.env._("Handling result"), 18, "text"),
            Column("remark", self.env._("Remark of the review"), 12, "text"),
        ]
        charts = [
            self._get_bars(self.env._("Complaints by reason"), counts if lines else []),
            self._get_bars(self.env._("Complaints by handling state"), states.items()),
        ]
        title = self.env._("Second, major and key-customer complaints")
        return [self._get_table(title, columns, lines)], charts

    @api.model
    def _get_trend_parts(self, statement, rows):
        """Categories, channels per salesperson, class and validity (K19 to K21)."""
        nothing = statement.line_ids.browse()
        count = self.env._("Complaints")
        titles = {
            "category": (self.env._("By category"), self.env._("Category"), None),
            "channel": (
                self.env._("By salesperson and channel"),
                self.env._("Salesperson"),
                self.env._("Channel"),
            ),
            "class": (
                self.env._("By class and validity"),
                self.env._("Class"),
                self.env._("Validity"),
            ),
        }
        tables = []
        for section, (title, first, second) in titles.items():
            lines = rows.get(section, nothing)
            total = sum(lines.mapped("case_count"))
            columns = [("name", first, 30, "text")]
            if second:
                columns.append(Column("item", second, 25, "text"))
            columns += [
                Column("case_count", count, 12, "number"),
                Column("share", self.env._("Share (%)"), 12, "percent"),
                Column("previous_count", self.env._("Period before"), 12, "number"),
                Column("change", self.env._("Change"), 12, "number"),
            ]
            extra = {
                "name": self._get_group_name,
                "share": lambda line, total=total: percent(line.case_count, total),
                "change": lambda line: line.case_count - line.previous_count,
            }
            tables.append(self._get_table(title, columns, lines, extra))
        channels = {}
        for line in rows.get("channel", nothing):
            name = self._join([line.name, line.item], " · ")
            channels[name] = channels.get(name, 0) + line.case_count
        categories = [
            (self._get_group_name(line), line.case_count)
            for line in rows.get("category", nothing)
        ]
        charts = [
            self._get_pareto_chart(self.env._("Categories"), categories, count),
            self._get_month_chart(statement, rows.get("month", nothing)),
            self._get_bars(self.env._("Salesperson and channel"), channels.items()),
        ]
        return tables, charts

    @api.model
    def _get_ontime_parts(self, statement, rows):
        """Met and missed by limit, market, department and person (K03, K11 to K13)."""
        titles = {
            "limit": (self.env._("By time limit"), self.env._("Time limit")),
            "market": (self.env._("Closing"), self.env._("Market")),
            "department": (self.env._("By department"), self.env._("Department")),
            "person": (self.env._("By person"), self.env._("Person")),
        }
        tables, charts = [], []
        for section, (title, heading) in titles.items():
            lines = rows.get(section, statement.line_ids.browse())
            columns = [
                Column("name", heading, 40, "text"),
                Column("case_count", self.env._("Decided"), 12, "number"),
                Column("met_count", self.env._("Met"), 12, "number"),
                Column("missed_count", self.env._("Missed"), 12, "number"),
                Column("on_time_rate", self.env._("On time (%)"), 12, "percent"),
                Column("days", self.env._("Days late (mean)"), 12, "number"),
            ]
            extra = {"name": self._get_group_name}
            tables.append(self._get_table(title, columns, lines, extra))
            charts.append(
                {
                    "type": "stacked",
                    "title": title,
                    "labels": [self._get_group_name(line) for line in lines],
                    "series": [
                        (self.env._("Met"), lines.mapped("met_count")),
                        (self.env._("Missed"), lines.mapped("missed_count")),
                    ],
                }
            )
        return tables, charts

    @api.model
    def _get_feedback_parts(self, statement, rows):
        """F30, F41: counts by category with typical items, the ledger of problems."""
        nothing = statement.line_ids.browse()
        counts, lines = rows.get("category", nothing), rows.get("case", nothing)
        total = sum(counts.mapped("case_count"))
        columns = [
            Column("name", self.env._("Category"), 22, "text"),
            Column("case_count", self.env._("Complaints"), 10, "number"),
            Column("share", self.env._("Share (%)"), 10, "percent"),
            Column("met_count", self.env._("Closed"), 10, "number"),
            Column("missed_count", self.env._("Not closed"), 10, "number"),
            Column("result", self.env._("Typical items"), 38, "text"),
        ]
        extra = {
            "name": self._get_group_name,
            "share": lambda line: percent(line.case_count, total),
        }
        ledger = [
            Column("number", self.env._("No."), 10, "text"),
            Column("at", self.env._("Reported on"), 11, "date"),
            Column("customer", self.env._("Customer"), 16, "text"),
            Column("name", self.env._("Problem"), 22, "text"),
            Column("item", self.env._("Category"), 14, "text"),
            Column("department", self.env._("Responsible"), 12, "text"),
            Column("phase", self.env._("State"), 10, "text"),
            Column("result", self.env._("Solution"), 22, "text"),
            Column("remark", self.env._("Remark of the review"), 12, "text"),
        ]
        pairs = [(self._get_group_name(line), line.case_count) for line in counts]
        return [
            self._get_table(self.env._("By category"), columns, counts, extra),
            self._get_table(self.env._("Ledger of problems"), ledger, lines),
        ], [
            self._get_pareto_chart(
                self.env._("Categories"), pairs, self.env._("Complaints")
            )
        ]

    # ------------------------------------------------------------------
    # Reviews and corrections
    # ------------------------------------------------------------------

    @api.model
    def _get_review_tables(self, statement):
        """Responsibility with the names of who reviewed and confirmed (R482)."""
        company = statement.company_id

        def stamp(user, at):
            return self._join([user.name, self._format_time(at, company)], "\n")

        columns = [
            Column("party", self.env._("Responsible party"), 22, "text"),
            Column("case_count", self.env._("Complaints"), 9, "number"),
            Column("ratio", self.env._("Ratio (%)"), 9, "percent"),
            Column("amount", self.env._("Loss"), 11, "money"),
            Column("comment", self.env._("Comment"), 25, "text"),
            Column("reviewed", self.env._("Reviewed by, on"), 17, "text"),
            Column("confirmed", self.env._("Ratio confirmed by, on"), 17, "text"),
        ]
        if statement.kind != "cases":
            columns = [c for c in columns if c[0] in ("party", "comment", "reviewed")]
        extra = {
            "reviewed": lambda row: stamp(row.reviewed_by_id, row.reviewed_at),
            "confirmed": lambda row: stamp(row.confirmed_by_id, row.confirmed_at),
        }
        if not statement.ratio_ids:
            return []
        title = self.env._("Responsibility and review")
        return [self._get_table(title, columns, statement.ratio_ids, extra)]

    @api.model
    def _get_correction_tables(self, statement):
        if not statement.correction_ids:
            return []
        columns = [
            Column("source", self.env._("Statement"), 18, "text"),
            Column("number", self.env._("No."), 11, "text"),
            Column("name", self.env._("Title"), 20, "text"),
            Column("what", self.env._("What"), 15, "text"),
            Column("old_value", self.env._("It says"), 24, "text"),
            Column("new_value", self.env._("Correct is"), 24, "text"),
        ]
        extra = {
            "source": lambda row: row.source_id.name,
            "what": lambda row: row.field_label or self._get_choice(row, "kind"),
        }
        title = self.env._("Corrections of earlier statements")
        return [self._get_table(title, columns, statement.correction_ids, extra)]

    # ------------------------------------------------------------------
    # Building blocks
    # ------------------------------------------------------------------

    @api.model
    def _get_table(self, title, columns, records, extra=None):
        """Return a table of records.

        :param columns: ``(field or name, heading, width, kind)``
        :param extra: ``{name: function of the record}`` for what is no field
        """
        extra = extra or {}
        return {
            "title": title,
            "columns": [
                {"key": key, "heading": heading, "width": width, "kind": kind}
                for key, heading, width, kind in columns
            ],
            "rows": [
                [
                    extra[key](record) if key in extra else record[key]
                    for key, _heading, _width, _kind in columns
                ]
                for record in records
            ],
        }

    @api.model
    def _get_group_name(self, line):
        return line.name or self.env._("None")

    @api.model
    def _get_items(self, statement, lines):
        """Return ``(item, weight)`` of the closed complaints (K01)."""
        name = _WEIGHT_FIELDS[statement.weight]
        weights = {}
        for line in lines:
            item = line.item or self.env._("None")
            weights[item] = weights.get(item, 0) + line[name]
        return list(weights.items())

    @api.model
    def _get_item_table(self, statement, lines, items):
        by_item = lines.grouped(lambda line: line.item or self.env._("None"))
        ranked = pareto(items, limit=len(items) or 1)
        weighed = {label for label, *_rest in ranked}
        ranked += [(label, 0, 0, 100) for label, _w in items if label not in weighed]
        rows = [
            [
                label,
                len(by_item[label]),
                sum(by_item[label].mapped("quantity")),
                sum(by_item[label].mapped("amount")),
                share,
                cumulative,
            ]
            for label, _weight, share, cumulative in ranked
        ]
        weight = self._get_weight(statement)
        columns = [
            Column("item", self.env._("Item"), 40, "text"),
            Column("count", self.env._("Complaints"), 12, "number"),
            Column("quantity", self.env._("Defective"), 12, "number"),
            Column("amount", self.env._("Loss"), 12, "money"),
            Column(
                "share",
                self.env._("Share of %(weight)s (%%)", weight=weight),
                12,
                "percent",
            ),
            Column("cumulative", self.env._("Cumulative (%)"), 12, "percent"),
        ]
        table = self._get_table(self.env._("Items"), columns, [])
        return {**table, "rows": rows}

    @api.model
    def _get_weight(self, statement):
        return self._get_choice(statement, "weight")

    @api.model
    def _get_pareto_chart(self, title, pairs, weight):
        ranked = pareto(pairs, others=self.env._("Others"))
        return {
            "type": "pareto",
            "title": title,
            "labels": [row[0] for row in ranked],
            "series": [
                (weight, [row[1] for row in ranked]),
                (self.env._("Cumulative (%)"), [row[3] for row in ranked]),
            ],
        }

    @api.model
    def _get_bars(self, title, pairs):
        pairs = [(label or self.env._("None"), value) for label, value in pairs]
        return {
            "type": "bars",
            "title": title,
            "labels": [label for label, _value in pairs],
            "series": [(title, [value for _label, value in pairs])],
        }

    @api.model
    def _get_month_chart(self, statement, lines):
        """Return the last months of the largest categories as lines (R487)."""
        totals, cells = {}, {}
        for line in lines:
            name = self._get_group_name(line)
            totals[name] = totals.get(name, 0) + line.case_count
            cells[name, line.item] = cells.get((name, line.item), 0) + line.case_count
        last = statement.date_to.replace(day=1)
        months = [f"{add_months(last, back - 11):%Y-%m}" for back in range(12)]
        names = sorted(totals, key=lambda name: (-totals[name], name))[:_TREND_LINES]
        return {
            "type": "lines",
            "title": self.env._("Categories by month"),
            "labels": months,
            "series": [
                (name, [cells.get((name, month), 0) for month in months])
                for name in names
            ],
        }

    # ------------------------------------------------------------------
    # Texts
    # ------------------------------------------------------------------

    @api.model
    def _format_cell(self, cell, kind):
        """Return the printed text of a cell; the workbook has all of it."""
        if kind == "date":
            return self._format_day(cell)
        if kind in ("number", "percent", "money"):
            digits = {"percent": 1, "money": 2}.get(kind)
            return self._format_number(cell, digits)
        text = cell or ""
        return text if len(text) <= _PRINTED else f"{text[:_PRINTED]} …"

    @api.model
    def _format_number(self, value, digits=None):
        if value is None or value is False:
            return ""
        if digits is None:
            digits = 0 if value == int(value) else 1
        lang = self.env["res.lang"]._lang_get(self.env.lang or "en_US")
        return lang.format(f"%.{digits}f", value, grouping=True)
