# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class ComplaintEightdJudgement(models.TransientModel):
    """Why an 8D is reopened, or why a recurrence counts or does not."""

    _name = "complaint.eightd.judgement"
    _description = "Judge an 8D"

    eightd_id = fields.Many2one("complaint.eightd", string="8D", required=True)
    recurrence_id = fields.Many2one("complaint.eightd.recurrence")
    state = fields.Selection(
        [("confirmed", "Same problem"), ("dismissed", "Does not count")],
        string="Judgement",
    )
    reason = fields.Text(required=True)

    def action_confirm(self):
        """Judge the recurrence; without one, reopen the 8D."""
        self.ensure_one()
        if self.recurrence_id:
            self.recurrence_id.action_decide(self.state, self.reason)
        else:
            self.eightd_id.action_reopen_effect(self.reason)
        return {"type": "ir.actions.act_window_close"}
