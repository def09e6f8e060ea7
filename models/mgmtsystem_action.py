# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class MgmtsystemAction(models.Model):
    _inherit = "mgmtsystem.action"

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
        domain="[('eightd_id', '=', complaint_eightd_id)]",
    )
    complaint_department_id = fields.Many2one("hr.department", string="Department")
    complaint_choice = fields.Selection(
        [
            ("candidate", "Candidate"),
            ("selected", "Selected"),
            ("rejected", "Not chosen"),
        ],
        string="Decision",
        default="selected",
    )
    complaint_side_effects = fields.Text(string="Risk of Side Effects")
    complaint_implementation = fields.Text(string="Implementation Record")
    complaint_implemented_at = fields.Datetime(string="Implemented on")
    complaint_implemented_by_id = fields.Many2one(
        "res.users", string="Implemented by", readonly=True, copy=False
    )
    complaint_verification = fields.Text(string="Verification")
    complaint_effect = fields.Selection(
        [("effective", "Effective"), ("not_effective", "Not effective")],
        string="Effect",
    )
    complaint_verified_by_id = fields.Many2one(
        "res.users", string="Verified by", readonly=True, copy=False
    )
    complaint_verified_at = fields.Datetime(
        string="Verified on", readonly=True, copy=False
    )
    complaint_tracking_exempt = fields.Boolean(
        string="Exempt from Tracking",
        help="Only where the cause is human negligence (R174).",
    )
    complaint_exempt_reason = fields.Text(string="Reason of the Exemption")
    complaint_poka_yoke = fields.Selection(
        [("yes", "Yes"), ("no", "No")], string="Error-Proofing"
    )
    complaint_poka_yoke_reason = fields.Text(string="Error-Proofing: How, or Why Not")

    def _complaint_is_tracked(self):
        """Return whether this action has to be implemented; see R174."""
        self.ensure_one()
        return not self.complaint_tracking_exempt

    def _complaint_is_done(self):
        """Return whether it is implemented, with a record of who did what (R430)."""
        self.ensure_one()
        return bool(self.complaint_implemented_at and self.complaint_implementation)
