# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .complaint_past import complaint_now


class ComplaintOpinion(models.Model):
    """A signed statement on a complaint: opinion, instruction, review, decision.

    Gates and the signature blocks of the forms read these rows. Once signed a
    row never changes; a new version replaces it and both stay visible.
    """

    _name = "complaint.opinion"
    _description = "Complaint Opinion"
    _inherit = ["complaint.child.mixin", "complaint.opinion.objection.mixin"]
    _order = "ticket_id, id"
    _rec_name = "kind"

    kind = fields.Selection(
        [
            ("business_opinion", "Business opinion"),
            ("cause", "Cause analysis"),
            ("countermeasure", "Countermeasure"),
            ("comment", "Comment"),
            ("rd_opinion", "R&D opinion"),
            ("check", "Check result"),
            ("handling_opinion", "Handling opinion"),
            ("negotiation", "Negotiation outcome"),
            ("synthesis", "Synthesised opinion"),
            ("instruction", "Instruction"),
            ("review", "Review"),
            ("decision", "Decision"),
            ("objection", "Objection"),
            ("objection_answer", "Decision on an objection"),
        ],
        required=True,
        default="business_opinion",
    )
    text = fields.Text(required=True)
    department_id = fields.Many2one(
        "hr.department",
        default=lambda self: self.env.user._complaint_get_department(),
    )
    dispatch_id = fields.Many2one(
        "complaint.dispatch",
        ondelete="restrict",
        index="btree_not_null",
        help="The task that this opinion answers.",
    )
    signed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    signed_at = fields.Datetime(readonly=True, copy=False)
    is_signed = fields.Boolean(compute="_compute_is_signed")
    replaces_id = fields.Many2one(
        "complaint.opinion", string="Replaces", readonly=True, copy=False
    )
    replaced_by_ids = fields.One2many("complaint.opinion", "replaces_id")
    is_current = fields.Boolean(
        compute="_compute_is_current", search="_search_is_current"
    )

    _replaces_unique = models.UniqueIndex(
        "(replaces_id) WHERE replaces_id IS NOT NULL",
        "A newer version of this opinion exists already.",
    )

    @api.depends("signed_at")
    def _compute_is_signed(self):
        for opinion in self:
            opinion.is_signed = bool(opinion.signed_at)

    @api.depends("signed_at", "replaced_by_ids.signed_at")
    def _compute_is_current(self):
        for opinion in self:
            opinion.is_current = bool(opinion.signed_at) and not any(
                opinion.replaced_by_ids.mapped("signed_at")
            )

    @api.model
    def _search_is_current(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        wanted = (True in value) == (operator == "in")
        current = [
            ("signed_at", "!=", False),
            ("replaced_by_ids", "not any", [("signed_at", "!=", False)]),
        ]
        return current if wanted else ["!", "&", *current]

    @api.constrains("replaces_id", "ticket_id")
    def _check_replaces_same_complaint(self):
        """A version takes effect for its own complaint only."""
        for opinion in self:
            # sudo: the other complaint may be one the user must not know
            opinion = opinion.sudo()
            replaced = opinion.replaces_id
            if replaced and replaced.ticket_id != opinion.ticket_id:
                raise ValidationError(
                    self.env._("A new version belongs to the complaint of the old one.")
                )

    @api.constrains("dispatch_id", "ticket_id")
    def _check_dispatch_same_complaint(self):
        for opinion in self:
            # sudo: the other complaint may be one the user must not know
            opinion = opinion.sudo()
            dispatch = opinion.dispatch_id
            if dispatch and dispatch.ticket_id != opinion.ticket_id:
                raise ValidationError(
                    self.env._("An opinion answers a dispatch of its own complaint.")
                )

    @api.model
    def default_get(self, fields_list):
        """No signature by the context or a user's own default."""
        defaults = super().default_get(fields_list)
        for name in ("signed_by_id", "signed_at"):
            defaults.pop(name, None)
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("signed_by_id") or vals.get("signed_at") for vals in vals_list):
            self._refuse_forged_signature()
        opinions = super().create(vals_list)
        opinions._check_overrules_nobody()
        return opinions

    def write(self, vals):
        if {"signed_by_id", "signed_at"} & set(vals):
            self._refuse_forged_signature()
        if any(opinion.signed_at for opinion in self):
            raise UserError(
                self.env._(
                    "A signed opinion cannot be changed. Use New Version: the old "
                    "one stays visible."
                )
            )
        result = super().write(vals)
        self._check_overrules_nobody()
        if {"dispatch_id", "kind"} & set(vals):
            # rules were checked for the old task and kind, not for the new ones
            self.check_access("write")
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        if any(opinion.signed_at for opinion in self):
            raise UserError(self.env._("A signed opinion cannot be deleted."))

    def action_sign(self):
        """Sign with one's own name, now; logged as `opinion_signed`."""
        self.check_access("write")
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        self.ticket_id._complaint_check_not_recused(self.env.user)
        logged_too = self.env["complaint.event.type"]._get_opinion_codes()
        for opinion in self:
            if opinion.signed_at:
                raise UserError(self.env._("This opinion is signed already."))
            if not opinion.text.strip():
                raise UserError(self.env._("Write the opinion before signing it."))
            opinion._complaint_before_sign()
            # the name written is that of the current user
            # sudo: signature columns are closed to clients (no forged signature)
            opinion.sudo().with_context(complaint_signing=True).write(
                opinion._prepare_signature_vals()
            )
            for code in ["opinion_signed", *logged_too.get(opinion.kind, ())]:
                opinion.ticket_id._complaint_event(
                    code,
                    note=kinds[opinion.kind],
                    payload={"opinion_id": opinion.id, "kind": opinion.kind},
                )
            if opinion.kind == "instruction":
                self.env["complaint.escalation"]._take_instruction(opinion)
            opinion._complaint_after_sign()
        return True

    def action_new_version(self):
        """Open a copy that replaces this signed opinion once it is signed."""
        self.ensure_one()
        version = self.copy({"replaces_id": self.id})
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": version.id,
            "view_mode": "form",
            "target": "new",
        }

    def _prepare_signature_vals(self):
        """Hook: return who signs and when; who only answers a task, as his own unit."""
        self.ensure_one()
        vals = {"signed_by_id": self.env.uid, "signed_at": complaint_now(self.env)}
        if not self._is_handler():
            vals["department_id"] = self.env.user._complaint_get_department().id
        return vals

    def _check_overrules_nobody(self):
        """Who only answers a task replaces no statement that others signed.

        No constraint: Odoo runs those in superuser mode.
        """
        if self._is_handler():
            return
        # sudo: compared only
        for replaced in self.sudo().replaces_id:
            if replaced.signed_by_id != self.env.user:
                raise ValidationError(
                    self.env._("You can only replace an opinion that you signed.")
                )

    @api.model
    def _is_handler(self):
        return self.env.su or self.env.user.has_group(
            "helpdesk_mgmt_complaint.group_complaint_handler"
        )

    def _refuse_forged_signature(self):
        # the context key alone proves nothing, a client can send it
        if self.env.su and self.env.context.get("complaint_signing"):
            return
        raise UserError(
            self.env._("Use the Sign button: everybody signs with his own name only.")
        )
