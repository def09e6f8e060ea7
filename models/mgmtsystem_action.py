# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

# R425: what corrects and what prevents are different types of action
DISCIPLINE_TYPES = {
    "d3": ("immediate",),
    "d5": ("correction",),
    "d6": ("correction",),
    "d7": ("prevention", "improvement"),
}
_TYPE_DISCIPLINES = {
    "immediate": "d3",
    "correction": "d5",
    "prevention": "d7",
    "improvement": "d7",
}
# what the buttons fill
_STAMPS = {
    "complaint_implemented_at",
    "complaint_implemented_by_id",
    "complaint_effect",
    "complaint_verified_by_id",
    "complaint_verified_at",
    "complaint_exempt_by_id",
    "complaint_told_user_id",
}
_EXEMPTION = {"complaint_tracking_exempt", "complaint_exempt_reason"}
_RECORD = {"complaint_implementation", "complaint_done_on"}
_ENDED_STATES = ("done", "cancelled", "not_effective")
# what the owner fills in without being in the team
_OWNER_FIELDS = _RECORD | {
    "stage_id",
    "sequence",
    "priority",
    "complaint_attachment_ids",
    "complaint_training_persons",
    "complaint_passed_at",
}
# stage, to-dos and register follow from these
_STEERING_FIELDS = {
    "complaint_eightd_id",
    "complaint_choice",
    "complaint_implemented_by_id",
    "complaint_effect",
    "complaint_tracking_exempt",
    "date_deadline",
    "name",
    "user_id",
}
# boards sort and mark by these, also when the 8D is closed
_BOARD_FIELDS = {"sequence", "priority", "tag_ids", "system_id"}


class MgmtsystemAction(models.Model):
    """An action of the management system; here: those of an 8D.

    Candidate, selected, implemented with a record, verified by somebody else. Actions
    without an 8D are as they always were.
    """

    _name = "mgmtsystem.action"
    _inherit = [
        "complaint.action.flow.mixin",
        "complaint.action.reminder.mixin",
        "mgmtsystem.action",
    ]

    complaint_eightd_id = fields.Many2one(
        "complaint.eightd", string="8D", index="btree_not_null", ondelete="restrict"
    )
    complaint_discipline = fields.Selection(
        [
            ("d3", "D3 Containment"),
            ("d5", "D5 Corrective"),
            ("d6", "D6 Implementation"),
            ("d7", "D7 Preventive"),
        ],
        string="Discipline",
    )
    complaint_cause_id = fields.Many2one(
        "complaint.eightd.cause",
        string="Cause",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('eightd_id', '=', complaint_eightd_id)]",
    )
    complaint_department_id = fields.Many2one("hr.department", string="Department")
    complaint_partner_id = fields.Many2one(
        "res.partner",
        string="External Party",
        help="Supplier or subcontractor who has to act (R443).",
    )
    complaint_passed_at = fields.Date(
        string="Documents Passed on",
        copy=False,
        help="When the external party got the documents.",
    )
    complaint_choice = fields.Selection(
        [
            ("candidate", "Candidate"),
            ("selected", "Selected"),
            ("rejected", "Not chosen"),
        ],
        string="Decision",
        default="selected",
        tracking=True,
    )
    complaint_choice_reason = fields.Text(string="Why Chosen or Not")
    complaint_side_effects = fields.Text(string="Risk of Side Effects")
    complaint_is_training = fields.Boolean(
        string="Training", help="Internal training; the record says who was trained."
    )
    complaint_training_persons = fields.Text(string="Persons Trained", copy=False)
    complaint_attachment_ids = fields.Many2many(
        "ir.attachment",
        string="Documents",
        copy=False,
        help="Proofs, training records, documents for an external party.",
    )
    complaint_implementation = fields.Text(
        string="Implementation Record",
        copy=False,
        help="Written by the person who did it (R430).",
    )
    complaint_done_on = fields.Date(
        string="Done on", copy=False, help="If it was not today."
    )
    complaint_implemented_at = fields.Datetime(
        string="Implemented on", readonly=True, copy=False
    )
    complaint_implemented_by_id = fields.Many2one(
        "res.users",
        string="Implemented by",
        readonly=True,
        copy=False,
        tracking=True,
    )
    complaint_verification = fields.Text(
        string="Verification",
        copy=False,
        help="How the effect was checked, with which result.",
    )
    complaint_effect = fields.Selection(
        [("effective", "Effective"), ("not_effective", "Not effective")],
        string="Effect",
        readonly=True,
        copy=False,
        tracking=True,
    )
    complaint_verified_by_id = fields.Many2one(
        "res.users", string="Verified by", readonly=True, copy=False
    )
    complaint_verified_at = fields.Datetime(
        string="Verified on", readonly=True, copy=False
    )
    complaint_tracking_exempt = fields.Boolean(
        string="Exempt from Tracking",
        copy=False,
        tracking=True,
        help="Only where the cause is human negligence (R174).",
    )
    complaint_exempt_reason = fields.Text(string="Reason of the Exemption", copy=False)
    complaint_exempt_by_id = fields.Many2one(
        "res.users", string="Exempted by", readonly=True, copy=False
    )
    complaint_poka_yoke = fields.Selection(
        [("yes", "Yes"), ("no", "No")], string="Error-Proofing"
    )
    complaint_poka_yoke_reason = fields.Text(string="Error-Proofing: How, or Why Not")
    complaint_is_writer = fields.Boolean(compute="_compute_complaint_is_writer")

    @api.depends("complaint_eightd_id")
    @api.depends_context("uid")
    def _compute_complaint_is_writer(self):
        eightds = self.complaint_eightd_id._origin._filtered_access("write")
        for action in self:
            eightd = action.complaint_eightd_id._origin
            action.complaint_is_writer = not eightd or eightd in eightds

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains(
        "complaint_eightd_id",
        "complaint_discipline",
        "complaint_cause_id",
        "type_action",
        "company_id",
        "user_id",
    )
    def _check_complaint_eightd(self):
        # sudo: the cause is compared only; the owner may not read it
        for action in self.sudo().filtered("complaint_eightd_id"):
            cause, eightd = action.complaint_cause_id, action.complaint_eightd_id
            if cause and cause.eightd_id != eightd:
                raise ValidationError(
                    self.env._(
                        "%(action)s: the cause belongs to another 8D.",
                        action=action.name,
                    )
                )
            if action.company_id != eightd.company_id:
                raise ValidationError(
                    self.env._(
                        "%(action)s: action and 8D belong to different companies.",
                        action=action.name,
                    )
                )
            if action.user_id.share:
                raise ValidationError(
                    self.env._(
                        "%(action)s: responsible is one of our people. Enter an "
                        "outside party as External Party.",
                        action=action.name,
                    )
                )
            action._check_complaint_type()

    @api.constrains(
        "complaint_tracking_exempt", "complaint_exempt_reason", "complaint_cause_id"
    )
    def _check_complaint_exemption(self):
        """R174: only for human negligence, with a reason."""
        # sudo: the cause is compared only
        for action in self.sudo().filtered("complaint_tracking_exempt"):
            if not (action.complaint_exempt_reason or "").strip():
                raise ValidationError(
                    self.env._(
                        "%(action)s: write why it is exempt from tracking.",
                        action=action.name,
                    )
                )
            branch = action.complaint_cause_id.branch
            if branch and branch != "man":
                raise ValidationError(
                    self.env._(
                        "%(action)s: only where the cause is human negligence an "
                        "action is exempt from tracking; this cause is on another "
                        "branch.",
                        action=action.name,
                    )
                )

    @api.constrains("active", "complaint_choice", "complaint_eightd_id")
    def _check_complaint_active(self):
        for action in self.filtered("complaint_eightd_id"):
            if not action.active and action.complaint_choice != "rejected":
                raise ValidationError(
                    self.env._(
                        "%(action)s belongs to an 8D and cannot be archived. Decide "
                        "“Not chosen” instead.",
                        action=action.name,
                    )
                )

    @api.onchange("complaint_discipline")
    def _onchange_complaint_discipline(self):
        types = DISCIPLINE_TYPES.get(self.complaint_discipline, ())
        if types and self.type_action not in types:
            self.type_action = types[0]

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def default_get(self, fields_list):
        """No report or verification by the context or a user's own default."""
        forbidden = _STAMPS | _EXEMPTION
        defaults = super().default_get(fields_list)
        return {key: value for key, value in defaults.items() if key not in forbidden}

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._complaint_complete_vals(vals)
            if not self.env.su:
                self._complaint_check_new_vals(vals)
        actions = super().create(vals_list)
        actions._complaint_keep_files()
        actions.filtered("complaint_eightd_id")._complaint_after_change()
        return actions

    def write(self, vals):
        if not self.env.su:
            self._complaint_check_vals(vals)
        if "complaint_tracking_exempt" in vals:
            exempt = vals["complaint_tracking_exempt"]
            vals = {**vals, "complaint_exempt_by_id": exempt and self.env.uid}
        result = super().write(vals)
        if vals.get("complaint_eightd_id") and not self.env.su:
            self.complaint_eightd_id.check_access("write")
        if "complaint_attachment_ids" in vals:
            self._complaint_keep_files()
        if _STEERING_FIELDS & set(vals):
            self.filtered("complaint_eightd_id")._complaint_after_change()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_eightd(self):
        if self.filtered("complaint_eightd_id"):
            raise UserError(
                self.env._(
                    "Actions of an 8D cannot be deleted. Decide “Not chosen” instead."
                )
            )

    # ------------------------------------------------------------------
    # Guards
    # ------------------------------------------------------------------

    @api.model
    def _complaint_complete_vals(self, vals):
        """Fill what follows from the 8D and the discipline."""
        eightd_id = vals.get("complaint_eightd_id") or self.env.context.get(
            "default_complaint_eightd_id"
        )
        if not eightd_id:
            return
        # sudo: its company only; whether one may add actions is asked by rules
        eightd = self.env["complaint.eightd"].sudo().browse(eightd_id)
        vals["company_id"] = eightd.company_id.id
        if vals.get("complaint_choice") == "rejected":
            # entered as not chosen: it never was open
            stage = self._get_complaint_stage_of("stage_cancel", is_ending=True)
            vals["stage_id"] = stage.id
        kind = vals.get("type_action") or self.env.context.get("default_type_action")
        discipline = vals.get("complaint_discipline") or self.env.context.get(
            "default_complaint_discipline"
        )
        discipline = discipline or _TYPE_DISCIPLINES.get(kind, "d5")
        vals["complaint_discipline"] = discipline
        vals["type_action"] = kind or DISCIPLINE_TYPES[discipline][0]

    @api.model
    def _complaint_check_new_vals(self, vals):
        self._complaint_refuse_stamps(vals)
        if vals.get("complaint_tracking_exempt"):
            self._complaint_check_quality()
            vals["complaint_exempt_by_id"] = self.env.uid
        eightd = self.env["complaint.eightd"].browse(vals.get("complaint_eightd_id"))
        self._complaint_refuse_ended(eightd)

    def _complaint_check_vals(self, vals):
        """Raise when this user must not write these values on actions of an 8D."""
        self._complaint_refuse_stamps(vals)
        if _EXEMPTION & set(vals):
            self._complaint_check_quality()
        for action in self.filtered("complaint_eightd_id"):
            if "complaint_eightd_id" in vals:
                if vals["complaint_eightd_id"] != action.complaint_eightd_id.id:
                    raise UserError(
                        self.env._("An action stays in the 8D that it was made for.")
                    )
            foreign = set(vals) - _OWNER_FIELDS
            if foreign and not action.complaint_is_writer:
                raise UserError(
                    self.env._(
                        "Only the team of the 8D changes what is to be done. You fill "
                        "in what you did."
                    )
                )
            if set(vals) - _BOARD_FIELDS:
                self._complaint_refuse_ended(action.complaint_eightd_id)
            action._complaint_refuse_frozen(vals)

    def _check_complaint_type(self):
        """R425: corrective and preventive actions are kept apart."""
        types = DISCIPLINE_TYPES.get(self.complaint_discipline, ())
        if self.type_action in types:
            return
        labels = dict(self._fields["type_action"]._description_selection(self.env))
        disciplines = self._fields["complaint_discipline"]
        raise ValidationError(
            self.env._(
                "%(action)s: an action of %(discipline)s is of the type %(types)s.",
                action=self.name,
                discipline=dict(disciplines._description_selection(self.env)).get(
                    self.complaint_discipline, self.env._("an 8D")
                ),
                types=" / ".join(labels[kind] for kind in types) or "-",
            )
        )

    def _complaint_keep_files(self):
        for action in self:
            action.complaint_attachment_ids._complaint_tie_to(action)

    def _complaint_refuse_frozen(self, vals):
        self.ensure_one()
        is_over = self.complaint_effect != "not_effective"
        frozen = set()
        if self.complaint_implemented_by_id and is_over:
            frozen |= _RECORD
        if self.complaint_effect == "effective":
            frozen |= {"complaint_verification", "complaint_choice"}
        if frozen & set(vals):
            raise UserError(
                self.env._(
                    "%(action)s: what was reported as done stays as it is. If it does "
                    "not work, verify it as not effective.",
                    action=self.name,
                )
            )

    @api.model
    def _complaint_refuse_stamps(self, vals):
        if any(vals.get(name) for name in _STAMPS):
            raise UserError(
                self.env._("Use the buttons Implemented, Effective or Not Effective.")
            )
        for name in _STAMPS & set(vals):
            if self:
                raise UserError(self.env._("What was reported stays as it is."))
            del vals[name]

    @api.model
    def _complaint_check_quality(self):
        if not self.env.user.has_group(
            "helpdesk_mgmt_complaint.group_complaint_quality"
        ):
            raise UserError(
                self.env._("Only quality decides that an action is not tracked.")
            )

    @api.model
    def _complaint_refuse_ended(self, eightd):
        # sudo: its state only; the owner of an action may not read it
        ended = eightd.sudo().filtered(lambda e: e.state in _ENDED_STATES)
        if ended:
            raise UserError(
                self.env._(
                    "The 8D %(name)s is closed: its actions do not change any more.",
                    name=ended[0].number or "",
                )
            )
