# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import date

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..kernel.numbering import PatternError, format_number, parse_pattern


class ComplaintProcedure(models.Model):
    """How a company handles complaints (管理办法): the rules are data.

    A complaint follows the first procedure of its company by sequence, unless
    another one is chosen on it.
    """

    _name = "complaint.procedure"
    _description = "Complaint Procedure"
    _inherit = ["complaint.procedure.preset.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", help="Leave empty to offer it to every company."
    )
    preset_origin_id = fields.Many2one(
        "complaint.procedure",
        string="Loaded from",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    step_ids = fields.One2many(
        "complaint.procedure.step", "procedure_id", string="Steps", copy=True
    )
    gate_ids = fields.One2many(
        "complaint.procedure.gate", "procedure_id", string="Gates", copy=True
    )
    auto_advance = fields.Boolean(
        string="Go On Automatically",
        default=True,
        help="When a step is finished, the tasks of the next one are sent at once. "
        "Otherwise the handler sends them.",
    )
    objection_role_id = fields.Many2one(
        "complaint.role",
        string="Objections Go to",
        ondelete="restrict",
        help="Empty: the superior of the department that objects, otherwise the "
        "general manager.",
    )
    number_trigger = fields.Selection(
        [
            ("registration", "At registration"),
            ("acceptance", "At acceptance"),
            ("review", "By the reviewer, with a button"),
        ],
        required=True,
        default="acceptance",
        help="Until then a complaint shows its provisional ticket reference.",
    )
    number_pattern = fields.Char(
        required=True,
        default="{YY}{MM}{##}",
        help="{YYYY} or {YY}: year, {MM}: month, {DD}: day, {##}: running number "
        "with at least as many digits as #. The running number restarts with the "
        "smallest calendar part.",
    )
    number_example = fields.Char(compute="_compute_number_example")
    repeat_window_days = fields.Integer(
        default=180,
        help="A complaint with the same problem of the same customer within so "
        "many days is offered as a repeat complaint. 0 switches this off.",
    )
    serial_required = fields.Boolean(
        string="Serial Numbers Required",
        help="Goods to be repaired need their serial number; for an exchange by the "
        "customer himself a to-do asks him for it.",
    )
    sla_policy_id = fields.Many2one(
        "complaint.sla.policy",
        string="Deadline Policy",
        ondelete="restrict",
        help="Deadlines of complaints of this procedure. Empty: the first policy "
        "whose conditions are fulfilled.",
    )
    capa_policy = fields.Selection(
        [("always", "Always"), ("when_needed", "When needed")],
        string="Corrective Action",
        required=True,
        default="when_needed",
        help="Always: no complaint goes without one. A gate asks for it (R426, R427).",
    )
    no_capa_approval = fields.Selection(
        [
            ("none", "The reason is enough"),
            ("inform", "The role is informed of the reason"),
            ("role", "The role approves the reason"),
        ],
        string="Without Corrective Action",
        required=True,
        default="none",
    )
    no_capa_role_id = fields.Many2one(
        "complaint.role",
        string="Informed or Approving Role",
        ondelete="restrict",
        help="Who is told, or has to approve, that there is no corrective action.",
    )
    no_promise_before_decision = fields.Boolean(
        string="No Promise before the Decision",
        help="Until it is decided the customer is given no promise, no solution and "
        "no decision (R341, R342).",
    )
    recused_blind = fields.Boolean(
        string="Complained-about Person Sees Nothing",
        help="Recused persons may not even read the complaint. Without this they "
        "only take no part in it (R519).",
    )
    conduct_guidance = fields.Html(
        translate=True,
        help="Shown on the complaint to whoever talks to the customer.",
    )
    acknowledge = fields.Boolean(
        string="Acknowledge by E-mail",
        default=True,
        help="Send the customer a mail with the reference when his e-mail arrives.",
    )

    # How long its complaints are kept, where the form says nothing (R506)
    retention_years = fields.Integer(help="0: not decided.")
    retention_start = fields.Selection(
        selection=lambda self: (
            self.env["complaint.form"]
            ._fields["retention_start"]
            ._description_selection(self.env)
        ),
        string="Retention Starts at",
        default="closing",
    )
    retention_place = fields.Char(string="Kept at")
    retention_department_id = fields.Many2one("hr.department", string="Kept by")

    @api.depends("number_pattern")
    def _compute_number_example(self):
        for procedure in self:
            try:
                procedure.number_example = format_number(
                    procedure.number_pattern, date(2026, 7, 13), 1
                )
            except PatternError:
                procedure.number_example = False

    @api.constrains("number_pattern")
    def _check_number_pattern(self):
        texts = {
            "unknown_token": self.env._(
                "Only {YYYY}, {YY}, {MM}, {DD} and {##} may stand in braces."
            ),
            "one_counter": self.env._(
                "The pattern needs exactly one running number such as {##}."
            ),
            "ambiguous_period": self.env._(
                "A month needs a year and a day needs a month beside it, "
                "otherwise numbers would repeat."
            ),
        }
        for procedure in self:
            try:
                parse_pattern(procedure.number_pattern)
            except PatternError as error:
                raise ValidationError(texts[error.args[0]]) from error

    @api.constrains("no_capa_approval", "no_capa_role_id")
    def _check_no_capa_role(self):
        for procedure in self:
            if procedure.no_capa_approval != "none" and not procedure.no_capa_role_id:
                raise ValidationError(
                    self.env._(
                        "%(procedure)s: choose the role that is informed of, or "
                        "approves, a complaint without corrective action.",
                        procedure=procedure.name,
                    )
                )

    @api.constrains("retention_years")
    def _check_retention_years(self):
        if any(procedure.retention_years < 0 for procedure in self):
            raise ValidationError(
                self.env._("The retention is a number of years, 0 or more.")
            )

    @api.constrains("repeat_window_days")
    def _check_repeat_window_days(self):
        if any(procedure.repeat_window_days < 0 for procedure in self):
            raise ValidationError(
                self.env._("The repeat window is a number of days, 0 or more.")
            )

    def write(self, vals):
        result = super().write(vals)
        if "form_ids" in vals:
            # the cache of the forms that are issued
            self.env.registry.clear_cache()
        return result

    @api.model
    @tools.ormcache("procedure_id")
    def _get_route_fields(self, procedure_id):
        """Return the ticket fields that conditions of a procedure's steps look at."""
        # sudo: set-up, and the cache must not depend on a user
        steps = self.sudo().browse(procedure_id).step_ids
        steps = steps.filtered(lambda step: step.condition == "domain")
        return frozenset(
            condition.field_expr.split(".")[0]
            for step in steps
            for condition in Domain(step._get_condition_domain()).iter_conditions()
        )

    @api.model
    def _get_default_procedure(self, company):
        """Return the procedure that complaints of `company` follow."""
        # sudo: an employee who registers need not read the set-up of procedures
        found = self.sudo().search(
            [("company_id", "in", [company.id, False]), ("is_preset", "=", False)]
        )
        return found.sorted(lambda p: (not p.company_id, p.sequence, p.id))[:1]
