# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models
from odoo.tools import SQL


class ComplaintLiabilityReport(models.Model):
    """Who is responsible: one row per share of a complaint (R501, K02, K05, K32).

    Shares and losses follow the ratio, so they add up to the complaints and their
    losses. A complaint without liability is one row of nobody, as a whole.
    """

    _name = "complaint.liability.report"
    _description = "Complaint Liability Analysis"
    _inherit = ["complaint.report.mixin"]
    _auto = False
    _depends = {
        "complaint.liability": [
            "ticket_id",
            "party_kind",
            "department_id",
            "partner_id",
            "ratio",
            "confirmed_at",
        ]
    }
    _row_fields = (
        "party_kind",
        "liable_department_id",
        "liable_partner_id",
        "is_confirmed",
        "share",
        "share_closed",
        "loss_amount",
    )

    party_kind = fields.Selection(
        selection=lambda self: self._get_selection("complaint.liability", "party_kind"),
        string="Liable",
        readonly=True,
    )
    liable_department_id = fields.Many2one(
        "hr.department", string="Responsible Department", readonly=True
    )
    liable_partner_id = fields.Many2one(
        "res.partner", string="Other Party", readonly=True
    )
    is_confirmed = fields.Boolean(string="Confirmed", readonly=True)
    share = fields.Float(
        string="Cases by Share",
        readonly=True,
        digits=(16, 2),
        help="A complaint for which two departments are responsible by halves counts "
        "one half for each.",
    )
    share_closed = fields.Float(
        string="Closed Cases by Share", readonly=True, digits=(16, 2)
    )
    loss_amount = fields.Monetary(
        help="What decided settlements give to customers, by the share of the "
        "responsible party."
    )

    def _get_row_join(self):
        if not self._has_rows():
            return SQL()
        return SQL("LEFT JOIN complaint_liability part ON part.ticket_id = ticket.id")

    def _get_first(self):
        return SQL(
            """(part.id IS NULL OR NOT EXISTS (
                   SELECT 1 FROM complaint_liability earlier
                    WHERE earlier.ticket_id = part.ticket_id AND earlier.id < part.id
               ))"""
        )

    def _get_columns(self):
        columns = super()._get_columns()
        if not self._has_rows():
            return columns
        ratio = SQL("COALESCE(part.ratio, 100) / 100")
        return columns | {
            "party_kind": SQL("part.party_kind"),
            "liable_department_id": SQL("part.department_id"),
            "liable_partner_id": SQL("part.partner_id"),
            "is_confirmed": SQL("(part.confirmed_at IS NOT NULL)"),
            "share": SQL(
                "CASE WHEN %s THEN 0 ELSE %s END", self._is("cancelled"), ratio
            ),
            "share_closed": SQL(
                "CASE WHEN %s THEN %s ELSE 0 END", self._is("closed"), ratio
            ),
            "loss_amount": SQL("loss.amount * %s", ratio),
        }

    def _is(self, phase):
        return SQL("COALESCE(ticket.complaint_phase, 'draft') = %s", phase)
