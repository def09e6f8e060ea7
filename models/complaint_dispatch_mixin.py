# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

from .complaint_dispatch_people_mixin import OPEN_STATES


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
    complaint_dispatch_open_count = fields.Integer(
        string="Open Dispatches",
        compute="_compute_complaint_dispatch_open_count",
        groups="base.group_user",
    )

    @api.depends("complaint_dispatch_ids.state")
    def _compute_complaint_dispatch_open_count(self):
        groups = self.env["complaint.dispatch"]._read_group(
            [("ticket_id", "in", self._origin.ids), ("state", "in", OPEN_STATES)],
            ["ticket_id"],
            ["__count"],
        )
        counts = {ticket.id: count for ticket, count in groups}
        for ticket in self:
            ticket.complaint_dispatch_open_count = counts.get(ticket._origin.id, 0)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        if "company_id" in vals:
            # sudo: whatever tasks the user may read
            moved = self.sudo().filtered(
                lambda t: t.company_id.id != vals["company_id"]
            )
            if moved.complaint_dispatch_ids:
                raise UserError(
                    self.env._(
                        "Tasks were sent already, so the company cannot change. Cancel "
                        "the complaint with a reason and register it in the other "
                        "company."
                    )
                )
        return super().write(vals)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_complaint_send_dispatch(self):
        """Open the dialog that sends a task to a department or person."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send Dispatch"),
            "res_model": "complaint.dispatch.send",
            "view_mode": "form",
            "target": "new",
            "context": {"default_ticket_id": self.id},
        }

    def action_complaint_view_dispatches(self):
        """List the tasks of this complaint."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_mgmt_complaint.complaint_dispatch_action"
        )
        return {
            **action,
            "domain": [("ticket_id", "=", self.id)],
            "context": {"default_ticket_id": self.id},
        }

    def _complaint_send_dispatch(self, vals):
        """Send a task (R182); creating a `complaint.dispatch` does the same.

        :param dict vals: ``step_id``, ``kind``, ``to_department_id``,
            ``to_user_id``, ``instruction``, ``customer_told``; what is missing comes
            from the step and from who holds its role
        :return: the `complaint.dispatch`
        :raise UserError: naming why it cannot be sent
        """
        self.ensure_one()
        return self.env["complaint.dispatch"].create({**vals, "ticket_id": self.id})

    def _complaint_after_dispatch(self, dispatch):
        """Hook: a task of this complaint was accepted, done, returned or cancelled."""

    def _complaint_check_can_dispatch(self, step):
        """Raise unless the user may send a task of this complaint now.

        :param step: `complaint.procedure.step`, may be empty
        """
        if not self:
            raise UserError(self.env._("Choose the complaint."))
        self.ensure_one()
        self.check_access("write")
        self._complaint_check_is_handler()
        if not self.is_complaint:
            raise UserError(self.env._("Only complaints have dispatches."))
        # a procedure may execute after it closed, but nothing else goes on then
        if self.complaint_phase == "cancelled" or (
            self.complaint_phase == "closed" and not step
        ):
            self._complaint_refuse_ended()
        # sudo: internal field, compared only
        if step and step.procedure_id != self.sudo().complaint_procedure_id:
            raise UserError(
                self.env._(
                    "%(step)s is no step of the procedure of this complaint.",
                    step=step.name,
                )
            )

    def _complaint_get_blocking_reasons(self, phase):
        """A written instruction that was asked for must be there (R324)."""
        reasons = super()._complaint_get_blocking_reasons(phase)
        if phase == "closed":
            pending = self.env["complaint.escalation"]._get_pending_instructions(self)
            for ticket, rows in pending.grouped("ticket_id").items():
                reasons[ticket.id] += rows._get_instruction_reasons(self.env)
        return reasons

    def _complaint_after_phase_change(self, before):
        """Tell the first contact of the end (R185); what is cancelled needs no work."""
        result = super()._complaint_after_phase_change(before)
        if self._complaint_is_import():
            return result
        ended = self._complaint_is_ended().filtered(
            lambda t: t.is_complaint and before.get(t.id) != t.complaint_phase
        )
        for ticket in ended:
            ticket._complaint_end_dispatches()
            ticket._complaint_tell_first_contact()
        return result

    def _complaint_end_dispatches(self):
        """Withdraw the open tasks of a cancelled complaint."""
        self.ensure_one()
        if self.complaint_phase != "cancelled":
            return
        # sudo: whoever may cancel the complaint cancels its tasks
        waiting = self.sudo().complaint_dispatch_ids
        waiting = waiting.filtered(lambda d: d.state in OPEN_STATES)
        if waiting:
            waiting.action_cancel(
                self.complaint_cancel_reason or self.env._("Complaint cancelled")
            )

    def _complaint_replace_recused(self, recused):
        """Withdraw the tasks of recused users; their departments get them (R519)."""
        result = super()._complaint_replace_recused(recused)
        # sudo: who recuses somebody need not know all tasks of the complaint
        held = self.sudo().complaint_dispatch_ids.filtered(
            lambda d: d.state in OPEN_STATES
            and (d.accepted_by_id or d.to_user_id) & recused
        )
        for dispatch in held:
            dispatch.action_cancel(self.env._("Complained about, therefore recused."))
            vals = dispatch._prepare_replacement_vals()
            if vals:
                self.sudo()._complaint_send_dispatch(vals)  # sudo: as above
            else:
                self._complaint_tell_handler(
                    self.env._(
                        "%(number)s was withdrawn from a recused person. Send it to "
                        "somebody else.",
                        number=dispatch.number,
                    )
                )
        return result

    def _complaint_tell_first_contact(self):
        self.ensure_one()
        # sudo: internal field
        contact = self.sudo().complaint_first_contact_id - self.env.user
        contact = contact.filtered("active")
        if not contact:
            return
        stage = self.stage_id.name
        self.message_notify(
            partner_ids=contact.partner_id.ids,
            subject=self.display_name,
            body=self.env._(
                "%(user)s ended this complaint (%(stage)s). You received the customer "
                "first.",
                user=self.env.user.name,
                stage=stage,
            ),
            model=self._name,
            res_id=self.id,
        )
