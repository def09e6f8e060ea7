# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

from .complaint_statement_guard_mixin import is_working

# what people enter themselves
_CLIENT_FIELDS = {"comment", "reviewer_id"}
_NEW_FIELDS = {"statement_id", "department_id", *_CLIENT_FIELDS}


class ComplaintStatementRatio(models.Model):
    """A party of a statement: its share of the responsibility, who reviewed it.

    One row per department or other company that is liable (K02, K05), and per
    department that is to review as well. Its head signs, then the ratio is
    confirmed; both with name and time (R481, R482).
    """

    _name = "complaint.statement.ratio"
    _description = "Responsibility in a Complaint Statement"
    _order = "statement_id, ratio desc, id"
    _rec_name = "party"

    statement_id = fields.Many2one(
        "complaint.statement", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="statement_id.company_id", store=True, precompute=True
    )
    state = fields.Selection(related="statement_id.state", string="Statement State")
    key = fields.Char(readonly=True)
    department_id = fields.Many2one("hr.department", ondelete="restrict")
    party = fields.Char(
        string="Responsible", compute="_compute_party", store=True, readonly=True
    )
    is_manual = fields.Boolean(readonly=True, help="Reviews without being liable.")
    case_count = fields.Integer(string="Complaints", readonly=True)
    ratio = fields.Float(
        string="Ratio (%)",
        digits=(5, 2),
        readonly=True,
        help="Its shares added up, divided by the number of closed complaints (K02).",
    )
    currency_id = fields.Many2one(related="statement_id.currency_id")
    amount = fields.Monetary(
        string="Loss", readonly=True, help="Losses split by the shares (K05)."
    )
    reviewer_id = fields.Many2one(
        "res.users",
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Head of the department. Where nobody is named, a supervisor signs.",
    )
    comment = fields.Text()
    reviewed_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    reviewed_at = fields.Datetime(readonly=True)
    confirmed_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    confirmed_at = fields.Datetime(readonly=True)
    may_review = fields.Boolean(compute="_compute_may_review")

    _key_unique = models.UniqueIndex(
        "(statement_id, key)", "This department is in the statement already."
    )

    @api.depends("department_id")
    def _compute_party(self):
        for row in self:
            if row.department_id or not row.party:
                # sudo: names of departments are no secret
                row.party = row.department_id.sudo().name

    @api.depends("state", "reviewed_at", "reviewer_id")
    @api.depends_context("uid")
    def _compute_may_review(self):
        for row in self:
            row.may_review = row._may_review()

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if is_working(self.env):
            return super().create(vals_list)
        for vals in vals_list:
            if set(vals) - _NEW_FIELDS or not vals.get("department_id"):
                raise UserError(
                    self.env._(
                        "Ratios come from the complaints. Choose a department that "
                        "is to review the statement as well."
                    )
                )
        statements = self.env["complaint.statement"]
        statements = statements.browse(vals["statement_id"] for vals in vals_list)
        statements._check_may_decide()
        statements._check_is_draft()
        departments = self.env["hr.department"].browse(
            vals["department_id"] for vals in vals_list
        )
        return super().create(
            [
                {
                    "reviewer_id": self._find_reviewer(department).id,
                    **vals,
                    "key": f"department,{department.id}",
                    "is_manual": True,
                }
                for vals, department in zip(vals_list, departments, strict=True)
            ]
        )

    def write(self, vals):
        if not is_working(self.env):
            if set(vals) - _CLIENT_FIELDS:
                raise UserError(
                    self.env._(
                        "Ratios come from the complaints, and everybody signs in his "
                        "own name: use Refresh and the buttons."
                    )
                )
            self.statement_id._refuse_frozen()
            if any(row.reviewed_at for row in self):
                raise UserError(self.env._("This row is signed already."))
            others = self.filtered(lambda row: row.reviewer_id != self.env.user)
            if "reviewer_id" in vals:
                others = self
            others.statement_id._check_may_decide()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_manual(self):
        if is_working(self.env):
            return
        self.statement_id._check_may_decide()
        self.statement_id._check_is_draft()
        if not all(row.is_manual for row in self):
            raise UserError(self.env._("Who is liable reviews the statement."))

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_review(self):
        """Sign that one has reviewed the statement; the head of the department.

        :raise UserError: by somebody else, twice, or when it is not in review
        """
        for row in self:
            if row.statement_id.state != "review" or row.reviewed_at:
                raise UserError(
                    self.env._(
                        "%(party)s: reviewed already, or it is not in review.",
                        party=row.party,
                    )
                )
            if not row._may_review():
                raise UserError(
                    self.env._(
                        "Only %(person)s or a supervisor reviews for %(party)s.",
                        person=row.reviewer_id.name or "-",
                        party=row.party,
                    )
                )
        stamps = {
            "reviewed_by_id": self.env.uid,
            "reviewed_at": fields.Datetime.now(),
        }
        # sudo: stamps are closed to clients; who may was checked above
        self.sudo().statement_id._at_work().ratio_ids.filtered(
            lambda row: row.id in self.ids
        ).write(stamps)
        self.statement_id._after_review(self.reviewer_id | self.env.user)
        return True

    def action_confirm(self):
        """Confirm the ratio of these rows, with one's own name and now (R482)."""
        self.statement_id._check_may_decide()
        for row in self:
            if (
                row.statement_id.state != "review"
                or not row.reviewed_at
                and row._asks()
            ):
                raise UserError(
                    self.env._(
                        "%(party)s: the head of the department reviews it first.",
                        party=row.party,
                    )
                )
        stamps = {
            "confirmed_by_id": self.env.uid,
            "confirmed_at": fields.Datetime.now(),
        }
        # sudo: stamps are closed to clients; who may was checked above
        statements = self.sudo().statement_id._at_work()
        rows = statements.ratio_ids.filtered(lambda row: row.id in self.ids)
        rows.filtered(lambda row: not row.confirmed_at).write(stamps)
        self.statement_id._after_confirm()
        return True

    def _asks(self):
        """Whether somebody of the company has to review this row."""
        self.ensure_one()
        return bool(self.department_id)

    def _may_review(self):
        self.ensure_one()
        if self.state != "review" or self.reviewed_at or not self._asks():
            return False
        return self.env.user == self.reviewer_id or self.env.user.has_group(
            "helpdesk_mgmt_complaint.group_complaint_supervisor"
        )

    @api.model
    def _find_reviewer(self, department):
        """Return the head of a department, else the next one upward."""
        # sudo: hr.employee is protected; who heads a department is no secret
        department = department.sudo()
        while department:
            user = department.manager_id.user_id
            if user.active and not user.share:
                return user.with_env(self.env)
            department = department.parent_id
        return self.env["res.users"]
