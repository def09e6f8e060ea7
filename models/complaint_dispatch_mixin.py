# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class ComplaintDispatchMixin(models.AbstractModel):
    """Tasks sent to departments (R182, F66)."""

    _name = "complaint.dispatch.mixin"
    _description = "Complaint Dispatches"

    complaint_dispatch_ids = fields.One2many(
        "complaint.dispatch",
        "ticket_id",
        string="Dispatches",
        groups="base.group_user",
    )

    def action_complaint_send_dispatch(self):
        """Open a new task of this complaint."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "complaint.dispatch",
            "view_mode": "form",
            "target": "new",
            "context": {"default_ticket_id": self.id},
        }

    def _complaint_send_dispatch(self, vals):
        """Send one task; the only way a dispatch is created.

        :param dict vals: step_id, kind, to_department_id, to_user_id, instruction
        :return: the new `complaint.dispatch`
        """
        self.ensure_one()
        # sudo: the caller checked who may send
        dispatch = (
            self.env["complaint.dispatch"]
            .sudo()
            .create(
                {
                    "ticket_id": self.id,
                    "cycle": self.complaint_cycle,
                    "sent_at": fields.Datetime.now(),
                    **vals,
                }
            )
        )
        dispatch.number = f"{self.number}-{dispatch.id}"
        self._complaint_event(
            "dispatched",
            scope_key=f"dispatch,{dispatch.id}",
            payload={
                "kind": dispatch.step_id.code or dispatch.kind,
                "dispatch_id": dispatch.id,
            },
        )
        return dispatch.with_env(self.env)

    def _complaint_after_dispatch(self, dispatch):
        """Hook: a task of this complaint was accepted, done, returned or cancelled."""
