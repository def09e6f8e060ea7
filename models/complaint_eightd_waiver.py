# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

from .complaint_eightd_discipline import DISCIPLINES


class ComplaintEightdWaiver(models.Model):
    """Quality accepts a finding of the check, with a reason (or takes that back).

    Written once by `complaint.eightd._waive_findings` and `action_revoke`; nobody has
    rights to create, change or delete. It holds for the text that was judged: if that
    changes, the rule asks again.
    """

    _name = "complaint.eightd.waiver"
    _description = "8D Waiver"
    _inherit = ["complaint.eightd.child.mixin"]
    _order = "eightd_id, id desc"
    _rec_name = "text"

    rule = fields.Char(required=True, readonly=True)
    discipline = fields.Selection(DISCIPLINES, readonly=True)
    target = fields.Char(
        readonly=True, default="", help="Model and id of the row; empty: the 8D."
    )
    digest = fields.Char(readonly=True, help="Checksum of what was judged.")
    text = fields.Text(string="Finding", readonly=True)
    reason = fields.Text(required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="By", required=True, readonly=True, ondelete="restrict"
    )
    at = fields.Datetime(string="On", required=True, readonly=True)
    revokes_id = fields.Many2one(
        "complaint.eightd.waiver", string="Revokes", readonly=True, ondelete="restrict"
    )
    revoked_by_ids = fields.One2many("complaint.eightd.waiver", "revokes_id")
    is_valid = fields.Boolean(string="Holds", compute="_compute_is_valid")

    _revokes_unique = models.UniqueIndex(
        "(revokes_id) WHERE revokes_id IS NOT NULL", "This waiver was already revoked."
    )

    @api.depends("revokes_id", "revoked_by_ids")
    def _compute_is_valid(self):
        for waiver in self:
            waiver.is_valid = not (waiver.revokes_id or waiver.revoked_by_ids)

    def action_open_revoke(self):
        """Open the dialog that asks for the reason."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Revoke Waiver"),
            "res_model": "complaint.eightd.waive",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_eightd_id": self.eightd_id.id,
                "default_revokes_id": self.id,
            },
        }

    def _revoke(self, reason):
        """Take a waiver back by a new row.

        :raise UserError: not by quality, without reason, or not valid any more
        """
        self.ensure_one()
        self.eightd_id._check_can_waive(reason)
        if not self.is_valid:
            raise UserError(self.env._("This waiver does not hold any more."))
        # sudo: rows are written here only; who may do it was checked
        return self.sudo().create(
            {
                "eightd_id": self.eightd_id.id,
                "rule": self.rule,
                "discipline": self.discipline,
                "target": self.target,
                "digest": self.digest,
                "text": self.text,
                "reason": reason,
                "user_id": self.env.uid,
                "at": fields.Datetime.now(),
                "revokes_id": self.id,
            }
        )
