# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models


class ResPartner(models.Model):
    """Terms of a customer that matter for complaints (R558)."""

    _inherit = "res.partner"

    complaint_class = fields.Selection(
        [
            ("important", "Important"),
            ("stable", "Stable"),
            ("general", "General"),
            ("potential", "Potential"),
        ],
        string="Customer Class",
        groups="base.group_user",
    )
    complaint_over_qty_ratio = fields.Float(
        string="Over-quantity Tolerance",
        groups="base.group_user",
        help="How much more than authorised the customer may return, as a share.",
    )
    complaint_lot_required = fields.Boolean(
        string="Lot Required",
        groups="base.group_user",
        help="Complaints of this customer cannot be accepted without the lot.",
    )
    complaint_answer_type = fields.Selection(
        [
            ("short", "Short answer"),
            ("3d", "3D report"),
            ("5d", "5D report"),
            ("8d", "8D report"),
        ],
        string="Answer Format",
        groups="base.group_user",
    )
    complaint_sla_policy_id = fields.Many2one(
        "complaint.sla.policy",
        string="Deadline Policy",
        ondelete="restrict",
        groups="base.group_user",
        help="Deadlines agreed with this customer; they go before all others.",
    )
    complaint_terms = fields.Text(
        string="Further Complaint Terms",
        groups="base.group_user",
        help="The customer's own form, deadlines and information he demands.",
    )
    complaint_count = fields.Integer(
        string="Complaints",
        compute="_compute_complaint_count",
        groups="base.group_user",
    )
    complaint_open_count = fields.Integer(
        string="Open Complaints",
        compute="_compute_complaint_count",
        groups="base.group_user",
    )
    complaint_ids = fields.One2many(
        "helpdesk.ticket",
        "commercial_partner_id",
        string="Complaint History",
        domain=[("is_complaint", "=", True)],
        groups="base.group_user",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_complaint_count(self):
        """A company counts all its contacts' complaints, a contact his own."""
        totals, opened = {}, {}
        if self.ids:
            for partner, commercial, phase, count in self.env[
                "helpdesk.ticket"
            ]._read_group(
                self._get_complaint_domain(),
                ["partner_id", "commercial_partner_id", "complaint_phase"],
                ["__count"],
            ):
                for partner_id in {partner.id, commercial.id}:
                    totals[partner_id] = totals.get(partner_id, 0) + count
                    if phase not in ("closed", "cancelled"):
                        opened[partner_id] = opened.get(partner_id, 0) + count
        for partner in self:
            partner.complaint_count = totals.get(partner._origin.id, 0)
            partner.complaint_open_count = opened.get(partner._origin.id, 0)

    def action_view_complaints(self):
        """Open the complaints of these customers."""
        return self.env["helpdesk.ticket"]._get_complaint_list_action(
            self._get_complaint_domain(),
            self.env._("Complaints"),
            {"default_partner_id": self[:1].id},
        )

    def _get_complaint_domain(self):
        return [
            ("is_complaint", "=", True),
            "|",
            ("partner_id", "in", self.ids),
            ("commercial_partner_id", "in", self.ids),
        ]
