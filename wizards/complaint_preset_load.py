# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class ComplaintPresetLoad(models.TransientModel):
    """Choose your procedure: load a preset into a company (R222, R225)."""

    _name = "complaint.preset.load"
    _description = "Choose Your Procedure"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    master_id = fields.Many2one(
        "complaint.procedure",
        string="Procedure",
        required=True,
        domain="[('is_preset', '=', True)]",
        help="With all time limits, routing rules and duties of its preset.",
    )
    master_ids = fields.Many2many(
        "complaint.procedure",
        string="Variants",
        compute="_compute_master_ids",
        store=True,
        readonly=False,
        domain="[('is_preset', '=', True), ('preset', '=', preset)]",
        help="Procedures of this preset that are loaded; the chosen one comes first.",
    )
    preset = fields.Char(related="master_id.preset")
    has_stages = fields.Boolean(compute="_compute_counts")
    own_stages = fields.Boolean(
        string="Stages of This Procedure",
        compute="_compute_own_stages",
        store=True,
        readonly=False,
        help="Complaints then use only the stages that this procedure names. Leave it "
        "off if complaints are already on their way in the shared stages.",
    )
    role_ids = fields.One2many(
        "complaint.preset.load.role",
        "load_id",
        string="Who Does What",
        compute="_compute_role_ids",
        store=True,
        readonly=False,
    )
    step_count = fields.Integer(compute="_compute_counts")
    line_count = fields.Integer(compute="_compute_counts")
    off_count = fields.Integer(compute="_compute_counts")
    is_loaded = fields.Boolean(compute="_compute_counts")

    @api.depends("master_id")
    def _compute_master_ids(self):
        for load in self:
            load.master_ids = load.master_id

    @api.depends("company_id")
    def _compute_own_stages(self):
        for load in self:
            load.own_stages = (
                not self.env["helpdesk.ticket"]
                # sudo: whether there are any, also those one may not know of
                .sudo()
                .search_count(
                    [
                        ("company_id", "=", load.company_id.id),
                        ("is_complaint", "=", True),
                    ],
                    limit=1,
                )
            )

    @api.depends("master_ids", "company_id")
    def _compute_role_ids(self):
        for load in self:
            roles = load._get_roles()
            holders = roles._get_holders(load.company_id)
            names = load._get_departments_by_name()
            load.role_ids = [
                Command.clear(),
                *(
                    Command.create(
                        {
                            "role_id": role.id,
                            "department_id": holder.department_id.id
                            or names.get(role.name.casefold(), False),
                            "user_id": holder.user_id.id,
                        }
                    )
                    for role, holder in holders.items()
                ),
            ]

    @api.depends("master_ids", "company_id")
    def _compute_counts(self):
        for load in self:
            masters = load.master_ids.with_context(active_test=False)
            lines = masters.sla_policy_id.current_line_ids
            load.step_count = len(masters.step_ids)
            load.has_stages = bool(masters.stage_ids)
            load.line_count = len(lines.filtered("active"))
            load.off_count = len(lines) - load.line_count
            load.is_loaded = bool(masters._origin._get_loaded(load.company_id))

    def action_load(self):
        """Load the preset, remember who holds which role, show the procedures."""
        self.ensure_one()
        if self.company_id not in self.env.companies:
            raise UserError(
                self.env._(
                    "Switch to %(company)s first, then load its procedure.",
                    company=self.company_id.name,
                )
            )
        self.role_ids._save_assignments()
        procedures = self.env["complaint.procedure"]._load_preset(
            self.preset,
            self.company_id,
            self.master_id | self.master_ids,
            own_stages=self.own_stages,
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_mgmt_complaint.complaint_procedure_action"
        )
        action["domain"] = [("id", "in", procedures.ids)]
        if len(procedures) == 1:
            action.update({"views": [(False, "form")], "res_id": procedures.id})
        return action

    def _get_roles(self):
        """Return the roles that procedures, their time limits and duties name."""
        self.ensure_one()
        masters = self.master_ids._origin
        roles = masters.step_ids.role_id | masters.step_ids.more_role_ids
        roles |= masters.gate_ids.role_id
        roles |= masters.sla_policy_id.current_line_ids.escalation_ids.role_id
        if self.preset:
            duties = self.env["complaint.duty"]._get_preset_masters(self.preset)
            roles |= duties.filtered("active").role_id
            rules = self.env["complaint.routing.rule"]._get_preset_masters(self.preset)
            roles |= rules.role_id | rules.informed_role_ids
        return roles.sorted("sequence")

    def _get_departments_by_name(self):
        """Return ``{name in lower case: department id}`` of the company."""
        departments = self.env["hr.department"].search(
            [("company_id", "in", [self.company_id.id, False])]
        )
        return {row.name.strip().casefold(): row.id for row in departments if row.name}
