# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import hashlib
import json

import psycopg2
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError, ValidationError
from odoo.tools import SQL

from ..kernel.statement_figures import range_label

KINDS = [
    ("cases", "Statistics of closed complaints"),
    ("special", "Second, major and key-customer complaints"),
    ("trend", "Categories and channels"),
    ("ontime", "Time limits kept"),
    ("feedback", "Feedback summary"),
]
WEIGHTS = [("count", "Complaints"), ("quantity", "Quantity"), ("amount", "Loss")]


class ComplaintStatement(models.Model):
    """The figures of a period, as the management signs them (统计表).

    A draft is filled from the complaints and may be refreshed. The departments
    concerned review it, the ratios are confirmed, then it is issued: from there on
    it is what it is, and so are its PDF and its workbook. What changes afterwards
    in the complaints is told by the next statement of its kind.
    """

    _name = "complaint.statement"
    _description = "Complaint Statement"
    _inherit = [
        "complaint.statement.guard.mixin",
        "complaint.statement.query.mixin",
        "complaint.statement.case.mixin",
        "complaint.statement.count.mixin",
        "complaint.statement.correction.mixin",
        "complaint.statement.flow.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_from desc, kind, id desc"

    name = fields.Char(readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="To", required=True, readonly=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("review", "In review"),
            ("confirmed", "Confirmed"),
            ("issued", "Issued"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="draft",
        tracking=True,
    )
    owner_id = fields.Many2one(
        "res.users",
        string="Issued by (to be)",
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Prepares and issues it, beside supervisors and complaint managers.",
    )
    lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        required=True,
    )
    form_id = fields.Many2one(
        "complaint.form",
        string="Form",
        required=True,
        ondelete="restrict",
        domain="[('template', '=', 'statement'), ('statement_kind', '=', kind),"
        " ('company_id', 'in', [company_id, False])]",
    )
    weight = fields.Selection(
        WEIGHTS,
        string="Pareto by",
        required=True,
        default="count",
        help="What the Pareto chart of items adds up.",
    )
    summary = fields.Text(
        string="Analysis", help="Common problems, causes, proposed measures."
    )
    generated_at = fields.Datetime(string="Figures of", readonly=True)
    line_count = fields.Integer(string="Rows", readonly=True)
    case_count = fields.Integer(string="Complaints", readonly=True)
    line_ids = fields.One2many("complaint.statement.line", "statement_id")
    case_line_ids = fields.One2many(
        "complaint.statement.line",
        "statement_id",
        string="Cases",
        domain=[("section", "=", "case")],
    )
    count_line_ids = fields.One2many(
        "complaint.statement.line",
        "statement_id",
        string="Figures",
        domain=[("section", "not in", ["case", "month"])],
    )
    ratio_ids = fields.One2many(
        "complaint.statement.ratio", "statement_id", string="Responsibility"
    )
    correction_ids = fields.One2many(
        "complaint.statement.correction", "statement_id", string="Corrections"
    )
    corrected_by_ids = fields.One2many(
        "complaint.statement.correction", "source_id", string="Corrected Later"
    )
    deadline_ids = fields.One2many(
        "complaint.deadline", "statement_id", string="Recurring Duty"
    )
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    # Issued
    issued_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    issued_at = fields.Datetime(readonly=True)
    pdf_id = fields.Many2one("ir.attachment", readonly=True, ondelete="restrict")
    pdf_sha256 = fields.Char(string="SHA-256 of the PDF", readonly=True)
    xlsx_id = fields.Many2one("ir.attachment", readonly=True, ondelete="restrict")
    xlsx_sha256 = fields.Char(string="SHA-256 of the Workbook", readonly=True)
    are_files_intact = fields.Boolean(
        string="Files Intact",
        compute="_compute_are_files_intact",
        help="Both files are those that were stored when it was issued.",
    )

    _period_unique = models.UniqueIndex(
        "(company_id, kind, date_from, date_to) WHERE state != 'cancelled'",
        "There is a statement of this kind for this period already.",
    )

    @api.depends("line_ids", "ratio_ids", "correction_ids", "state", "weight")
    @api.depends_context("lang")
    def _compute_preview(self):
        document = self.env["complaint.statement.document"]
        for statement in self:
            statement.preview = statement._origin and Markup(
                document._get_html(statement._origin)
            )

    @api.depends("pdf_sha256", "xlsx_sha256")
    def _compute_are_files_intact(self):
        for statement in self:
            # sudo: only compared; a screen asks for sizes instead of contents
            files = statement.sudo().with_context(bin_size=False)
            pairs = (
                (files.pdf_id, files.pdf_sha256),
                (files.xlsx_id, files.xlsx_sha256),
            )
            statement.are_files_intact = all(
                file and hashlib.sha256(file.raw or b"").hexdigest() == digest
                for file, digest in pairs
            )

    @api.constrains("date_from", "date_to")
    def _check_period(self):
        for statement in self:
            if statement.date_to < statement.date_from:
                raise ValidationError(self.env._("The period ends before it begins."))

    # ------------------------------------------------------------------
    # Generating
    # ------------------------------------------------------------------

    @api.model
    def _generate(self, kind, company, first, last, owner=None):
        """Return the live statement of a period; a new one is filled.

        Nobody checks rights here: callers are the scheduler and the dialog.

        :param str kind: one of `KINDS`
        :param date first, last: days of the company
        :param owner: `res.users` who is to issue it
        :raise ConcurrencyError: somebody made it at the same moment
        """
        # sudo: a statement tells of all complaints of the company, whoever has it
        # made; who reads it is said by its rules
        statements = self.sudo()
        found = statements._find_live(kind, company, first, last)
        if not found:
            vals = statements._prepare_statement_vals(kind, company, first, last, owner)
            try:
                with self.env.cr.savepoint():
                    found = statements._at_work().create(vals)
            except psycopg2.errors.UniqueViolation as error:
                raise ConcurrencyError(str(error)) from error
            found._refresh()
        return found.with_env(self.env)

    @api.model
    def _find_live(self, kind, company, first, last):
        return self.search(
            [
                ("kind", "=", kind),
                ("company_id", "=", company.id),
                ("date_from", "=", first),
                ("date_to", "=", last),
                ("state", "!=", "cancelled"),
            ]
        )

    @api.model
    def _prepare_statement_vals(self, kind, company, first, last, owner):
        """Hook: return the values of a new statement."""
        forms = self.env["complaint.form"]._get_company_forms(company, "statement")
        form = forms.filtered(lambda form: form.statement_kind == kind)[:1]
        if not form:
            raise UserError(
                self.env._(
                    "%(company)s has no form for this statement. Add one under "
                    "Configuration / Forms.",
                    company=company.name,
                )
            )
        lang = company.partner_id.lang or self.env.lang or "en_US"
        title = form.with_context(lang=lang).name
        return {
            "name": f"{title} {range_label(first, last)}",
            "kind": kind,
            "company_id": company.id,
            "currency_id": company.currency_id.id,
            "date_from": first,
            "date_to": last,
            "owner_id": owner and owner.id,
            "lang": lang,
            "form_id": form.id,
        }

    def _refresh(self):
        """Read the figures again; what people entered stays.

        :raise UserError: unless it is a draft
        """
        # sudo: as in `_generate`
        for statement in self.sudo():
            statement._check_is_draft()
            statement = statement._at_work().with_context(lang=statement.lang)
            count = statement._store_rows()
            statement._store_ratios()
            statement._store_corrections()
            statement.write(
                {
                    "generated_at": fields.Datetime.now(),
                    "line_count": count,
                    "case_count": statement._count_cases(),
                }
            )

    def _count_cases(self):
        """Return how many complaints the figures are about."""
        sections = {"trend": "category", "ontime": "limit"}
        section = sections.get(self.kind, "case")
        lines = self.env["complaint.statement.line"]
        domain = [("statement_id", "=", self.id), ("section", "=", section)]
        return lines._read_group(domain, [], ["case_count:sum"])[0][0] or 0

    def _store_ratios(self):
        """Bring the parties up to date; reviewers and comments stay (R482, R501)."""
        found = {row["key"]: row for row in self._read_ratios()}
        kept = self.env["complaint.statement.ratio"]
        for row in self.ratio_ids:
            vals = found.pop(row.key, None)
            if not vals and not row.is_manual:
                row.unlink()
                continue
            zero = {"case_count": 0, "ratio": 0, "amount": 0}
            row.write({**zero, **(vals or {})})
            kept |= row
        new = []
        for vals in found.values():
            department = self.env["hr.department"].browse(vals["department_id"])
            reviewer = kept._find_reviewer(department)
            new.append({"statement_id": self.id, "reviewer_id": reviewer.id, **vals})
        kept.create(new)

    def _read_ratios(self):
        """Return the values of each liable party, from the rows just stored."""
        if self.kind != "cases":
            return []
        self.env.cr.execute(
            SQL(
                """SELECT share.key, share.department_id, MAX(share.name) AS party,
                          COUNT(DISTINCT line.id) AS case_count,
                          round(SUM(share.ratio) / MAX(total.count), 2) AS ratio,
                          round(SUM(COALESCE(line.amount, 0) * share.ratio / 100),
                                %(digits)s) AS amount
                     FROM complaint_statement_line line
                    CROSS JOIN (SELECT COUNT(*) AS count
                                  FROM complaint_statement_line
                                 WHERE statement_id = %(id)s AND section = 'case') total
                    CROSS JOIN jsonb_to_recordset(
                          COALESCE(NULLIF(line.liability, 'null'), %(nobody)s::jsonb)
                          ) AS share (key text, department_id int, name text,
                                      ratio numeric)
                    WHERE line.statement_id = %(id)s AND line.section = 'case'
                    GROUP BY share.key, share.department_id""",
                id=self.id,
                digits=self.currency_id.decimal_places,
                nobody=self._get_nobody(),
            )
        )
        rows = self.env.cr.dictfetchall()
        # a party that is not liable for anything asks for no signature
        return [row for row in rows if row["ratio"] or row["key"] != "none"]

    def _get_nobody(self):
        """Return the share of complaints without liability, as JSON."""
        return json.dumps(
            [{"key": "none", "name": self.env._("Not assigned"), "ratio": 100}]
        )
