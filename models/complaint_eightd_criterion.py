# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models

from .complaint_eightd_discipline import DISCIPLINES


class ComplaintEightdCriterion(models.Model):
    """One question of a score scheme."""

    _name = "complaint.eightd.criterion"
    _description = "8D Score Criterion"
    _order = "scheme_id, sequence, id"

    scheme_id = fields.Many2one(
        "complaint.eightd.scheme", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        "res.company", related="scheme_id.company_id", store=True, precompute=True
    )
    sequence = fields.Integer(default=10)
    discipline = fields.Selection(DISCIPLINES, required=True)
    name = fields.Char(string="Criterion", required=True, translate=True)
    question = fields.Text(translate=True)
    weight = fields.Float(default=1.0, help="0: looked at, but does not count.")
    rule_ids = fields.Many2many(
        "complaint.eightd.rule",
        string="Rules",
        domain="[('company_id', '=', False)]",
        help="The guess is the share of them without a finding.",
    )

    _weight_positive = models.Constraint(
        "CHECK(weight >= 0)", "A weight cannot be below zero."
    )
