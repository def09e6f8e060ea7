# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models
from odoo.exceptions import UserError


class ComplaintObjectionMixin(models.AbstractModel):
    """Departments and customers who disagree with a decision (R209, R210, R338)."""

    _name = "complaint.objection.mixin"
    _description = "Complaint Objections"

    def action_complaint_object(self, text=None):
        """Write an objection memo; it goes up for decision (R209).

        Handlers may, and every department that got a task of this complaint.

        :param str text: the memo; without it the user is asked for it
        """
        self.ensure_one()
        self.check_access("read")
        self._complaint_check_may_object()
        if not (text or "").strip():
            return self._get_complaint_route_dialog("object")
        # sudo: that the user takes part was checked; he signs with his own name
        opinion = self.env["complaint.opinion"].sudo()
        opinion = opinion.create(self._prepare_complaint_objection_vals(text))
        opinion.action_sign()
        return True

    def action_complaint_customer_rejects(self, reason=None):
        """The customer does not accept the conclusion; the case goes on (R213, R338).

        A closed complaint is opened again. Judged not established, it goes to the
        superior (R210); otherwise the handler chooses the step where the next round
        begins, or files it again in a new form.

        :param str reason: what the customer says; without it the user is asked
        """
        self.ensure_one()
        self._complaint_check_route_user()
        if self.complaint_phase == "draft":
            raise UserError(self.env._("Nothing was decided yet: accept it first."))
        if not (reason or "").strip():
            return self._get_complaint_route_dialog("reject")
        self._complaint_event("customer_rejected", note=reason)
        if self.complaint_phase == "closed":
            self.action_complaint_reopen(reason)
        if self.complaint_established == "no":
            return self.action_complaint_object(
                self.env._("The customer objects: %(reason)s", reason=reason)
            )
        self._complaint_tell_handler(
            self.env._(
                "The customer does not accept the conclusion: %(reason)s Return to a "
                "step, or file it again in a new form.",
                reason=reason,
            )
        )
        return True

    def _complaint_get_blocking_reasons(self, phase):
        """No closing while a department waits for an answer to its objection."""
        reasons = super()._complaint_get_blocking_reasons(phase)
        if phase != "closed" or not self.ids:
            return reasons
        # sudo: objections of a complaint are the same for everybody who closes it
        waiting = self.env["complaint.opinion"].sudo()
        waiting = waiting.search(
            [("ticket_id", "in", self.ids), ("kind", "=", "objection")]
        ).filtered("is_unanswered")
        for opinion in waiting:
            reasons[opinion.ticket_id.id].append(
                self.env._(
                    "The objection of %(name)s has not been decided yet.",
                    name=opinion.department_id.name or opinion.signed_by_id.name,
                )
            )
        return reasons

    def _complaint_check_may_object(self):
        """Raise unless the user handles this complaint or got a task of it."""
        self.ensure_one()
        self._complaint_refuse_ended()
        if self.complaint_phase == "draft":
            raise UserError(self.env._("There is no decision to object to."))
        self._complaint_check_not_recused(self.env.user)
        user = self.env.user
        if user.has_group("helpdesk_mgmt_complaint.group_complaint_handler"):
            return
        # sudo: only whether the user or his department is among them is told
        tasks = self.sudo().complaint_dispatch_ids
        tasks = tasks.filtered(lambda d: d.state != "cancelled")
        department = user._complaint_get_department()
        if user not in tasks.to_user_id and department not in tasks.to_department_id:
            raise UserError(
                self.env._(
                    "Only the departments that take part in a complaint, and its "
                    "handlers, can object."
                )
            )

    def _prepare_complaint_objection_vals(self, text):
        """Hook: return the values of the opinion that objects."""
        self.ensure_one()
        return {
            "ticket_id": self.id,
            "kind": "objection",
            "text": text,
            "department_id": self.env.user._complaint_get_department().id,
        }

    def _complaint_send_up(self, opinion):
        """Send an objection to the superior who decides; return the dispatch.

        Empty when nobody is known: the handler is told and sends it by hand.

        :param opinion: `complaint.opinion` of kind objection, not yet signed
        """
        self.ensure_one()
        # sudo: the department that objects need not be a handler
        ticket = self.sudo()
        for target in ticket._get_complaint_superiors(opinion):
            return ticket._complaint_send_dispatch(
                {
                    "kind": "decision",
                    "instruction": self.env._(
                        "Objection, please decide: %(text)s", text=opinion.text
                    ),
                    **target,
                }
            )
        ticket._complaint_tell_handler(
            self.env._(
                "An objection waits for a decision and no superior is known. Send it "
                'with a task "Decision", and enter the holder under Configuration / '
                "Roles."
            )
        )
        return self.env["complaint.dispatch"]

    def _get_complaint_superiors(self, opinion):
        """Hook: return dispatch targets for an objection, the best one first.

        The role that the procedure names; else the head of the department above
        the one that objects; else the general manager. Never the objector.
        """
        self.ensure_one()
        role = self.complaint_procedure_id.objection_role_id
        general = self.env["complaint.role"].search([("code", "=", "general_manager")])
        barred = self.env.user | self._complaint_get_recused()
        targets = [self._get_complaint_role_target(role)]
        # sudo: heads of departments are no secret, but hr.employee is protected
        above = opinion.sudo().department_id.parent_id
        while above:
            user = above.manager_id.user_id
            if user.active and user not in barred:
                targets.append({"to_department_id": above.id, "to_user_id": user.id})
            above = above.parent_id
        targets.append(self._get_complaint_role_target(general))
        return [
            target
            for target in targets
            if target and target["to_user_id"] not in barred.ids
        ]

    def _get_complaint_role_target(self, role):
        """Return who holds a role here as values of a dispatch, or {}."""
        self.ensure_one()
        if not role:
            return {}
        target = role._get_target(role._get_holders(self.company_id)[role], self)
        if target and not target["to_user_id"]:
            department = self.env["hr.department"].browse(target["to_department_id"])
            target["to_user_id"] = department.manager_id.user_id.id
        return target
