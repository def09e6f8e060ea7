# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class ComplaintEightdCause(models.Model):
    """A cause in the tree of D4; a chain of whys leads to a root cause."""

    _name = "complaint.eightd.cause"
    _description = "8D Cause"
    _inherit = ["complaint.eightd.child.mixin"]
    _order = "eightd_id, cause_type, sequence, id"
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
    cause_type = fields.Selection(
        [
            ("occurrence", "Why it occurred"),
            ("non_detection", "Why it was not detected"),
            ("systemic", "Why the system allowed it"),
        ],
        required=True,
        default="occurrence",
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
    contribution = fields.Float(string="Contribution (%)")
    evidence = fields.Text()
    attachment_ids = fields.Many2many("ir.attachment", string="Proofs")
    reproducible = fields.Selection([("yes", "Yes"), ("no", "No")])
    action_ids = fields.One2many("mgmtsystem.action", "complaint_cause_id")
