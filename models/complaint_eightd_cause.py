# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare, float_is_zero

CAUSE_TYPES = [
    ("occurrence", "Why it occurred"),
    ("non_detection", "Why it was not detected"),
    ("systemic", "Why the system allowed it"),
]
# first letter of outline numbers, and the order of the types
_TYPE_LETTERS = {"occurrence": "O", "non_detection": "N", "systemic": "S"}
_SHOWN_NAME = 70
# what the entry in the management system repeats
_REGISTER_FIELDS = {"name", "state", "is_root", "contribution", "cause_type"}


class ComplaintEightdCause(models.Model):
    """A cause in the tree of D4; a chain of whys leads to a root cause.

    Possible causes are open, then tested; the evidence says why one is verified or
    rejected. Only verified ones can be root causes (R424).
    """

    _name = "complaint.eightd.cause"
    _description = "8D Cause"
    _inherit = ["complaint.eightd.child.mixin"]
    _order = "eightd_id, position, id"
    _parent_store = True

    name = fields.Text(string="Because", required=True)
    parent_id = fields.Many2one(
        "complaint.eightd.cause",
        string="Why of",
        ondelete="cascade",
        index=True,
        domain="[('eightd_id', '=', eightd_id)]",
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("complaint.eightd.cause", "parent_id")
    position = fields.Char(
        compute="_compute_position",
        store=True,
        recursive=True,
        help="Sorts each cause below the one that it explains.",
    )
    outline = fields.Char(string="No.", compute="_compute_outline")
    outline_indented = fields.Char(string="Why", compute="_compute_outline")
    cause_type = fields.Selection(
        CAUSE_TYPES,
        string="Type",
        required=True,
        compute="_compute_cause_type",
        store=True,
        readonly=False,
        recursive=True,
        precompute=True,
        help="Of the first why; those below follow it.",
    )
    branch = fields.Selection(
        [
            ("man", "Man"),
            ("machine", "Machine"),
            ("material", "Material"),
            ("method", "Method"),
            ("measurement", "Measurement"),
            ("environment", "Environment"),
        ],
        help="Branch of the Ishikawa diagram (6M).",
    )
    state = fields.Selection(
        [
            ("open", "To be tested"),
            ("tested", "Tested"),
            ("rejected", "Rejected"),
            ("verified", "Verified"),
        ],
        required=True,
        default="open",
    )
    is_root = fields.Boolean(string="Root Cause")
    contribution = fields.Float(
        string="Contribution (%)",
        help="The root causes of one type together make 100 %.",
    )
    evidence = fields.Text(
        string="Evidence or Reason", help="What was tested, with which result."
    )
    attachment_ids = fields.Many2many("ir.attachment", string="Proofs")
    reproducible = fields.Selection(
        [("yes", "Yes"), ("no", "No")], help="The problem can be switched on and off."
    )
    action_ids = fields.One2many("mgmtsystem.action", "complaint_cause_id")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("parent_id.cause_type")
    def _compute_cause_type(self):
        for cause in self:
            inherited = cause.parent_id.cause_type
            cause.cause_type = inherited or cause.cause_type or "occurrence"

    @api.depends("sequence", "cause_type", "parent_id.position")
    def _compute_position(self):
        types = list(_TYPE_LETTERS)
        for cause in self:
            start = cause.parent_id.position
            if not start:
                start = f"{types.index(cause.cause_type or types[0])}/"
            number = cause._origin.id or 0
            cause.position = f"{start}{max(cause.sequence, 0):06}-{number:010}/"

    @api.depends("position", "parent_id", "eightd_id.cause_ids.position")
    def _compute_outline(self):
        numbers = {}
        for eightd in self.eightd_id:
            numbers.update(eightd.cause_ids._get_outlines())
        for cause in self:
            cause.outline = outline = numbers.get(cause, "")
            # blanks that browsers keep
            cause.outline_indented = "\u2003" * outline.count(".") + outline

    @api.depends("outline", "name")
    def _compute_display_name(self):
        for cause in self:
            name = " ".join((cause.name or "").split())
            if len(name) > _SHOWN_NAME:
                name = name[:_SHOWN_NAME].rstrip() + "…"
            cause.display_name = " ".join(filter(None, (cause.outline, name)))

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("parent_id", "eightd_id", "cause_type")
    def _check_parent(self):
        for cause in self:
            if cause._has_cycle():
                raise ValidationError(
                    self.env._("A cause cannot explain itself: choose another one.")
                )
            parent = cause.parent_id
            if parent and parent.eightd_id != cause.eightd_id:
                raise ValidationError(
                    self.env._(
                        "%(cause)s: the cause above belongs to another 8D.",
                        cause=cause.display_name,
                    )
                )
            if parent and parent.cause_type != cause.cause_type:
                raise ValidationError(
                    self.env._(
                        "%(cause)s: all whys of a chain have the type of the first "
                        "one. Change it there.",
                        cause=cause.display_name,
                    )
                )

    @api.constrains("eightd_id")
    def _check_eightd(self):
        for cause in self:
            foreign = cause.child_ids.eightd_id | (
                # sudo: actions, also those that the user may not read
                cause.sudo().action_ids.complaint_eightd_id
            )
            if foreign - cause.eightd_id:
                raise ValidationError(
                    self.env._(
                        "%(cause)s is used in its 8D and stays there.",
                        cause=cause.display_name,
                    )
                )

    @api.constrains("state", "evidence", "attachment_ids", "is_root")
    def _check_evidence(self):
        """R424: neither verified nor rejected without saying why."""
        for cause in self:
            told = (cause.evidence or "").strip() or cause.attachment_ids
            if cause.state == "verified" and not told:
                raise ValidationError(
                    self.env._(
                        "%(cause)s: a verified cause needs its evidence: what was "
                        "tested, with which result.",
                        cause=cause.display_name,
                    )
                )
            if cause.state == "rejected" and not told:
                raise ValidationError(
                    self.env._(
                        "%(cause)s: say why it is rejected.", cause=cause.display_name
                    )
                )
            if cause.is_root and cause.state != "verified":
                raise ValidationError(
                    self.env._(
                        "%(cause)s: only a verified cause can be a root cause. Verify "
                        "it first, or take the mark off.",
                        cause=cause.display_name,
                    )
                )

    @api.constrains("contribution", "is_root", "cause_type", "eightd_id")
    def _check_contribution(self):
        for cause in self:
            share = cause.contribution
            if float_compare(share, 0, 2) < 0 or float_compare(share, 100, 2) > 0:
                raise ValidationError(
                    self.env._(
                        "%(cause)s: a contribution lies between 0 and 100 %%.",
                        cause=cause.display_name,
                    )
                )
        for eightd in self.eightd_id:
            for kind, share in eightd.cause_ids._get_root_shares().items():
                if float_compare(share, 100, 2) > 0:
                    raise ValidationError(
                        self.env._(
                            "%(kind)s: the root causes make %(share)g %%, that is "
                            "more than 100 %%.",
                            kind=self._get_type_labels()[kind],
                            share=share,
                        )
                    )

    @api.onchange("is_root")
    def _onchange_is_root(self):
        """Propose what is left to 100 %."""
        if not self.is_root:
            self.contribution = 0
        elif float_is_zero(self.contribution, 2):
            others = self.eightd_id.cause_ids.filtered(lambda c: c._origin.id)
            others -= self._origin | self
            used = others._get_root_shares().get(self.cause_type, 0)
            self.contribution = max(0, 100 - used)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        above = self.browse(v["parent_id"] for v in vals_list if v.get("parent_id"))
        eightd_ids = {cause.id: cause.eightd_id.id for cause in above}
        for vals in vals_list:
            if vals.get("parent_id"):
                vals.setdefault("eightd_id", eightd_ids[vals["parent_id"]])
        causes = super().create(vals_list)
        causes._keep_files()
        causes.eightd_id._sync_register()
        return causes

    def write(self, vals):
        result = super().write(vals)
        if "attachment_ids" in vals:
            self._keep_files()
        if _REGISTER_FIELDS & set(vals):
            self.eightd_id._sync_register()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """A cause that actions fight stays, and so do those above it."""
        # sudo: actions, also those that the user may not read
        below = self.sudo().search([("id", "child_of", self.ids)])
        for cause in below.filtered("action_ids"):
            raise UserError(
                self.env._(
                    "%(cause)s: there is an action against it (%(actions)s). Reject "
                    "the cause instead, with the reason.",
                    cause=cause.display_name,
                    actions=", ".join(cause.action_ids.mapped("display_name")),
                )
            )

    def unlink(self):
        eightds = self.eightd_id
        result = super().unlink()
        eightds._sync_register()
        return result

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_ask_why(self):
        """Open the next why below this one."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why? %(cause)s", cause=self.display_name),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_eightd_id": self.eightd_id.id,
                "default_parent_id": self.id,
            },
        }

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _sort(self):
        """Return them in the order of the tree, also before they are saved."""
        return self.sorted(lambda c: (c.position or "", c._origin.id or 0))

    def _get_outlines(self):
        """Return ``{cause: "O1.2"}`` of all causes of one 8D."""
        numbers, counts = {}, {}
        for cause in self._sort():
            parent = cause.parent_id
            start = numbers.get(parent, "") or numbers.get(parent._origin, "")
            start = f"{start}." if start else _TYPE_LETTERS.get(cause.cause_type, "")
            counts[start] = counts.get(start, 0) + 1
            numbers[cause] = f"{start}{counts[start]}"
        return numbers

    def _keep_files(self):
        for cause in self:
            cause.attachment_ids._complaint_tie_to(cause)

    def _get_root_shares(self):
        """Return ``{type: total contribution}`` of the root causes among these."""
        shares = {}
        for cause in self.filtered("is_root"):
            share = shares.get(cause.cause_type, 0) + cause.contribution
            shares[cause.cause_type] = share
        return shares

    @api.model
    def _get_type_labels(self):
        """Return ``{type: its name}`` in the language of the environment."""
        return dict(self._fields["cause_type"]._description_selection(self.env))
