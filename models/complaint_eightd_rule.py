# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models

from ..kernel.eightd_lint import LIMITS, RULES
from .complaint_eightd_discipline import DISCIPLINES

# what users read instead of the code; a rule is named in words, not what it finds
_LABELS = {
    "problem_contains_cause": "Problem with a cause",
    "problem_without_number": "Problem without quantity",
    "quantities_inconsistent": "Quantities",
    "containment_place_missing": "Places of containment",
    "cause_is_person": "Person as the cause",
    "cause_repeats_symptom": "Symptom as the cause",
    "cause_without_evidence": "Evidence of the cause",
    "five_why_too_short": "Number of whys",
    "last_why_not_actionable": "Last why",
    "non_detection_missing": "Cause of non-detection",
    "action_only_training": "Only training",
    "action_vague": "Vague action",
    "action_without_cause": "Action without cause",
    "action_without_date_or_owner": "Date and owner",
    "cause_without_action": "Cause without action",
    "copy_paste": "Repeated text",
    "action_due_past": "Overdue action",
    "effect_period_short": "Time of the effect check",
    "effect_without_quantity": "Quantity of the effect",
    "control_plan_not_touched": "FMEA and control plan",
    "no_new_revision": "New revision",
    "read_across_missing": "Similar products",
    "containment_never_lifted": "Containment not lifted",
    "repeat_after_effective": "Repeated problem",
}


class ComplaintEightdRule(models.Model):
    """How serious a rule of the 8D check is, and what it says.

    What it looks for is in `kernel/eightd_lint.py`. A row of a company takes the place
    of the row for all companies.
    """

    _name = "complaint.eightd.rule"
    _description = "8D Check Rule"
    _order = "discipline, id"

    code = fields.Selection(
        [(code, _LABELS[code]) for code in RULES], string="Rule", required=True
    )
    discipline = fields.Selection(
        DISCIPLINES, compute="_compute_discipline", store=True
    )
    name = fields.Char(string="Finding", required=True, translate=True)
    advice = fields.Text(string="What to Do", translate=True)
    level = fields.Selection(
        [("error", "Error"), ("warning", "Warning"), ("off", "Off")],
        required=True,
        default="warning",
        help="An error keeps its discipline open until it is mended or waived.",
    )
    limit = fields.Integer(
        help="Number of whys, or days; 0 takes the usual one. Other rules have none."
    )
    has_limit = fields.Boolean(compute="_compute_discipline", store=True)
    company_id = fields.Many2one("res.company", help="Empty: all companies.")

    _code_unique = models.UniqueIndex(
        "(code) WHERE company_id IS NULL", "There is a row of this rule already."
    )
    _company_code_unique = models.UniqueIndex(
        "(company_id, code) WHERE company_id IS NOT NULL",
        "This company has a row of this rule already.",
    )
    _limit_positive = models.Constraint(
        'CHECK("limit" >= 0)', "A limit cannot be below zero."
    )

    @api.depends("code")
    def _compute_discipline(self):
        for rule in self:
            rule.discipline = RULES.get(rule.code)
            rule.has_limit = rule.code in LIMITS

    @api.model
    def _get_rules_by_company(self, companies):
        """Return the rules that are on: ``{company: {code: rule}}``."""
        # sudo: how rules are set is no secret, and the check of an 8D must not depend
        # on which companies its reader has switched on
        rules = self.sudo().search([("company_id", "in", [False, *companies.ids])])
        found = {}
        for company in companies:
            mine = {rule.code: rule for rule in rules if not rule.company_id}
            mine.update(
                (rule.code, rule) for rule in rules if rule.company_id == company
            )
            found[company] = {
                code: rule for code, rule in mine.items() if rule.level != "off"
            }
        return found
