# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models

from .complaint_eightd_discipline import DISCIPLINES


class ComplaintEightdTerm(models.Model):
    """Until when a discipline is planned, in days after opening (R422, R423).

    A row of a company goes before the one without company.
    """

    _name = "complaint.eightd.term"
    _description = "8D Term"
    _order = "company_id, code"
    _rec_name = "code"

    company_id = fields.Many2one("res.company", help="Empty: all companies.")
    code = fields.Selection(DISCIPLINES, string="Discipline", required=True)
    days = fields.Integer(
        required=True,
        help="Calendar days. A limit of a customer that ends earlier is proposed "
        "instead.",
    )

    _code_unique = models.UniqueIndex(
        "(COALESCE(company_id, 0), code)", "This discipline has its days already."
    )
    _days_positive = models.Constraint("CHECK(days >= 0)", "Enter 0 days or more.")

    @api.model
    def _get_days(self, company):
        """Return ``{code: days}`` of a company."""
        # sudo: set-up, also for members of a team who set up nothing
        rows = self.sudo().search([("company_id", "in", [False, company.id])])
        days = {row.code: row.days for row in rows if not row.company_id}
        days.update({row.code: row.days for row in rows if row.company_id})
        return days
