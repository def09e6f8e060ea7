# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..kernel.statement_figures import percent
from .complaint_statement_guard_mixin import is_working

SECTIONS = [
    ("case", "Complaint"),
    ("category", "Category"),
    ("channel", "Salesperson and channel"),
    ("class", "Class and validity"),
    ("month", "Month"),
    ("limit", "Time limit"),
    ("department", "Department"),
    ("person", "Person"),
    ("market", "Closing, by market"),
]


class ComplaintStatementLine(models.Model):
    """One row of a statement: values as they were, no links to what may change.

    Written by the query of the statement alone; people add a remark (R448).
    """

    _name = "complaint.statement.line"
    _description = "Complaint Statement Line"
    _order = "statement_id, section, sequence, id"

    statement_id = fields.Many2one(
        "complaint.statement", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one("res.company", readonly=True)
    section = fields.Selection(SECTIONS, required=True, readonly=True)
    sequence = fields.Integer(readonly=True)
    key = fields.Char(required=True, readonly=True)
    case_id = fields.Many2one(
        "helpdesk.ticket",
        string="Complaint",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="To open the complaint; what it says today may differ from this row.",
    )
    number = fields.Char(readonly=True)
    name = fields.Char(string="Title", readonly=True)
    customer = fields.Char(readonly=True)
    product = fields.Char(readonly=True)
    item = fields.Char(readonly=True, help="Defect, else category.")
    department = fields.Text(string="Responsible", readonly=True)
    reason = fields.Char(readonly=True)
    phase = fields.Char(string="State", readonly=True)
    countermeasure = fields.Text(readonly=True)
    result = fields.Text(readonly=True)
    at = fields.Date(string="Date", readonly=True)
    case_count = fields.Integer(string="Complaints", readonly=True)
    previous_count = fields.Integer(string="Period Before", readonly=True)
    met_count = fields.Integer(string="Met", readonly=True)
    missed_count = fields.Integer(string="Missed", readonly=True)
    on_time_rate = fields.Float(
        string="On Time (%)", digits=(5, 1), compute="_compute_on_time_rate"
    )
    days = fields.Float(digits=(8, 1), readonly=True, aggregator="avg")
    quantity = fields.Float(string="Defective", digits="Product Unit", readonly=True)
    currency_id = fields.Many2one(related="statement_id.currency_id")
    amount = fields.Monetary(string="Loss", readonly=True)
    liability = fields.Json(readonly=True)
    compared = fields.Json(readonly=True)
    remark = fields.Text(help="What the review added, for example on the measure.")

    _key_unique = models.UniqueIndex("(statement_id, section, key)")

    @api.depends("met_count", "missed_count")
    def _compute_on_time_rate(self):
        for line in self:
            line.on_time_rate = percent(
                line.met_count, line.met_count + line.missed_count
            )

    @api.model_create_multi
    # pylint: disable-next=method-required-super
    def create(self, vals_list):  # only the query writes rows
        raise UserError(self.env._("Rows come from the complaints: use Refresh."))

    def write(self, vals):
        if not is_working(self.env):
            if set(vals) - {"remark"}:
                raise UserError(
                    self.env._("Figures come from the complaints: use Refresh.")
                )
            self.statement_id._refuse_frozen()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if not is_working(self.env):
            raise UserError(self.env._("Rows come from the complaints: use Refresh."))
