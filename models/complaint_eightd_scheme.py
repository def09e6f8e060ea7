# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models

SCALES = [("10", "0 to 10"), ("5", "0 to 5"), ("steps", "0, 3, 6, 10")]


class ComplaintEightdScheme(models.Model):
    """How 8D are scored, usually because a customer asks for it: questions, weights."""

    _name = "complaint.eightd.scheme"
    _description = "8D Score Scheme"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", help="Empty: all companies.")
    partner_ids = fields.Many2many(
        "res.partner",
        string="Customers",
        help="For these and for whoever belongs to them.",
    )
    is_default = fields.Boolean(
        string="For All Others", help="Where no scheme names the customer."
    )
    is_required = fields.Boolean(
        string="Required Before Closing",
        help="D8 waits until the own score is complete.",
    )
    scale = fields.Selection(SCALES, required=True, default="10")
    criterion_ids = fields.One2many(
        "complaint.eightd.criterion", "scheme_id", string="Criteria", copy=True
    )

    @api.model
    def _get_schemes(self, links):
        """Return ``{link: scheme}``: customer, his company, then the default."""
        companies = links.company_id
        # sudo: which customer has which scheme is read to set up scores, not shown
        schemes = self.sudo().search([("company_id", "in", [False, *companies.ids])])
        found = {}
        for link in links:
            # own ones of the company before those of all
            mine = schemes.filtered(
                lambda row, link=link: row.company_id == link.company_id
            )
            mine += schemes.filtered(lambda row: not row.company_id)
            # sudo: only compared
            partner = link.sudo().partner_id
            found[link] = self.browse(mine._choose(partner).id)
        return found

    def _choose(self, partner):
        """Return the first of these schemes that fits a customer, or none."""
        for candidate in (partner, partner.commercial_partner_id):
            named = self.filtered(
                lambda row, candidate=candidate: candidate
                and candidate in row.partner_ids
            )
            if named:
                return named[0]
        return self.filtered("is_default")[:1]
