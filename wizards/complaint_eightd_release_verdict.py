# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models

from ..models.complaint_eightd_release_verdict_mixin import REJECT_REASONS


class ComplaintEightdReleaseVerdict(models.TransientModel):
    """What a customer said by phone or mail, or that no answer came in time (R452)."""

    _name = "complaint.eightd.release.verdict"
    _description = "Answer of a Customer to an 8D"

    release_id = fields.Many2one(
        "complaint.eightd.release", required=True, readonly=True
    )
    verdict = fields.Selection(
        [
            ("accepted", "Accepted"),
            ("rejected", "Rejected"),
            ("timed_out", "No answer in time"),
        ],
        string="Answer",
        required=True,
        default="accepted",
    )
    verdict_name = fields.Char(string="Who Said It")
    verdict_reason = fields.Selection(REJECT_REASONS, string="Standard Reason")
    verdict_source = fields.Char(
        string="Source", help="Which call, mail or letter says so."
    )
    verdict_comment = fields.Text(string="Comment")

    def action_record(self):
        """Record it; it cannot be changed afterwards."""
        self.ensure_one()
        is_rejected = self.verdict == "rejected"
        self.release_id._record_entered_verdict(
            self.verdict,
            self.verdict_name,
            self.verdict_source,
            verdict_comment=self.verdict_comment,
            verdict_reason=is_rejected and self.verdict_reason,
        )
        return {"type": "ir.actions.act_window_close"}
