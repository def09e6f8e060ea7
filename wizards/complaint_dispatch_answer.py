# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class ComplaintDispatchAnswer(models.TransientModel):
    """Ask for the text that belongs to an answer: reason, result, progress."""

    _name = "complaint.dispatch.answer"
    _description = "Answer a Complaint Dispatch"

    dispatch_ids = fields.Many2many(
        "complaint.dispatch", string="Dispatches", required=True
    )
    kind = fields.Selection(
        [
            ("return", "Return"),
            ("done", "Finish"),
            ("cancel", "Cancel"),
            ("progress", "Report Progress"),
            ("review", "Review"),
        ],
        required=True,
        readonly=True,
    )
    text = fields.Text()

    def action_confirm(self):
        """Do what was asked for, with the text; the dispatch checks who may."""
        self.ensure_one()
        action = {
            "return": self.dispatch_ids.action_return,
            "done": self.dispatch_ids.action_done,
            "cancel": self.dispatch_ids.action_cancel,
            "progress": self.dispatch_ids.action_report_progress,
            "review": self.dispatch_ids.action_review,
        }[self.kind]
        action(self.text or "")
        return {"type": "ir.actions.act_window_close"}
