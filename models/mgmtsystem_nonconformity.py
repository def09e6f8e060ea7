# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models
from odoo.exceptions import UserError


class MgmtsystemNonconformity(models.Model):
    _inherit = "mgmtsystem.nonconformity"

    complaint_eightd_id = fields.Many2one(
        "complaint.eightd",
        string="8D",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The 8D that this entry follows.",
    )

    _complaint_eightd_unique = models.UniqueIndex(
        "(complaint_eightd_id) WHERE complaint_eightd_id IS NOT NULL",
        "This 8D is in the register already.",
    )

    def write(self, vals):
        if not self.env.su:
            self._complaint_refuse_own_stage(vals)
        return super().write(vals)

    def action_open_complaint_eightd(self):
        """Open the 8D behind this entry."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "complaint.eightd",
            "res_id": self.complaint_eightd_id.id,
            "view_mode": "form",
        }

    def _complaint_refuse_own_stage(self, vals):
        """The stage says how far the 8D is: only the 8D moves it."""
        kept = self.filtered("complaint_eightd_id")
        if kept and {"stage_id", "complaint_eightd_id"} & set(vals):
            raise UserError(
                self.env._(
                    "%(name)s follows its 8D: its stage changes with the 8D.",
                    name=kept[0].ref,
                )
            )
