# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from .complaint_dispatch_people_mixin import OPEN_STATES
from .complaint_past import complaint_now

# Value of the context key with which states are written. No client can send it.
DISPATCHING = object()
ENDED_STATES = ("done", "returned", "cancelled")
# kinds that are answered in writing even outside of a procedure (R188)
_WRITTEN_KINDS = ("opinion",)


class ComplaintDispatchFlowMixin(models.AbstractModel):
    """Sending, accepting, returning, finishing, cancelling, reviewing a task.

    `_get_blocking_reasons` is the only truth about what is possible: buttons, RPC
    calls and the words on the form ask it. Every change writes the row first, which
    locks it: who does the same at the same moment waits, his request is run again
    and then told who was first.
    """

    _name = "complaint.dispatch.flow.mixin"
    _description = "Flow of a Complaint Dispatch"

    can_cancel = fields.Boolean(compute="_compute_can")
    can_review = fields.Boolean(compute="_compute_can")
    can_accept = fields.Boolean(compute="_compute_can")
    can_finish = fields.Boolean(compute="_compute_can")

    @api.depends("state", "reviewed_at")
    @api.depends_context("uid")
    def _compute_can(self):
        names = {
            "can_accept": "accepted",
            "can_finish": "returned",
            "can_cancel": "cancelled",
            "can_review": "reviewed",
        }
        for name, state in names.items():
            reasons = self._get_blocking_reasons(state)
            for dispatch in self:
                dispatch[name] = not reasons.get(dispatch.id, [True])

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_accept(self):
        """Take the task over."""
        self._check_transition("accepted")
        self._accept(complaint_now(self.env))
        return True

    def action_return(self, reason=None):
        """Give the task back; without a reason the user is asked for it.

        :param str reason: why
        """
        if not isinstance(reason, str):
            return self._get_answer_action("return", self.env._("Return"))
        self._check_text(reason)
        self._check_transition("returned")
        self._end("returned", "dispatch_returned", reason, returned_reason=reason)
        return True

    def action_done(self, result=None):
        """Finish with a result; asked for unless it stands on the form already.

        Where the task only wants an opinion, what was signed is its result: nobody
        has to write the same twice.

        :param str result: what came out; the text on the form stays when empty
        """
        if not isinstance(result, str) and not all(self.mapped("result")):
            if not all(d.result or d._get_signed_result() for d in self):
                return self._get_answer_action("done", self.env._("Finish"))
            for dispatch in self.filtered(lambda d: not d.result):
                # checked for the right to answer, as below
                dispatch._check_transition("progress")
                dispatch._write_system({"result": dispatch._get_signed_result()})
        if isinstance(result, str) and result.strip():
            # checked for the right to answer below; in the same transaction
            self._check_transition("progress")
            self._write_system({"result": result})
        self._check_transition("done")
        now = complaint_now(self.env)
        self.filtered(lambda d: d.state == "sent")._accept(now)
        values = {"done_at": now, "done_by_id": self.env.uid}
        for dispatch in self:
            dispatch._end("done", "dispatch_done", dispatch.result, **values)
        return True

    def action_cancel(self, reason=None):
        """Withdraw the task; without a reason the user is asked for it.

        :param str reason: why
        """
        if not isinstance(reason, str):
            return self._get_answer_action("cancel", self.env._("Cancel"))
        self._check_text(reason)
        self._check_transition("cancelled")
        self._end("cancelled", "dispatch_cancelled", reason, returned_reason=reason)
        return True

    def action_report_progress(self, text=None):
        """Say how far it is (R313, R315); without a text the user is asked for it.

        :param str text: situation and progress
        """
        if not isinstance(text, str):
            return self._get_answer_action("progress", self.env._("Report Progress"))
        self._check_text(text)
        self._check_transition("progress")
        for dispatch in self:
            dispatch._log("progress_reported", note=text)
        return True

    def action_review(self, note=None):
        """Review a finished task (R353); a note is asked for, but may be empty.

        :param str note: what the review found
        """
        if not isinstance(note, str):
            return self._get_answer_action("review", self.env._("Review"))
        self._check_transition("reviewed")
        now = complaint_now(self.env)
        self._write_system(
            {"reviewed_at": now, "reviewed_by_id": self.env.uid, "review_note": note}
        )
        for dispatch in self:
            dispatch._log("dispatch_reviewed", at=now, note=note)
        return True

    def action_open_ticket(self):
        """Open the complaint of this task."""
        self.ensure_one()
        return self.ticket_id.action_complaint_open()

    def action_write_opinion(self):
        """Open a new opinion that answers this task."""
        self.ensure_one()
        # sudo: set-up of the procedure
        kind = self.sudo().step_id.opinion_kind or "comment"
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Opinion"),
            "res_model": "complaint.opinion",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_ticket_id": self.ticket_id.id,
                "default_dispatch_id": self.id,
                "default_kind": kind,
            },
        }

    def _get_signed_result(self):
        """Return the text of the opinion that this task wants, once it is signed."""
        self.ensure_one()
        step = self.sudo().step_id  # sudo: set-up
        signed = self.opinion_ids.filtered(
            lambda o: o.is_current and o.kind == step.opinion_kind
        )
        return "" if step.needs_result else "\n".join(signed.mapped("text"))

    def _get_answer_action(self, kind, title):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "complaint.dispatch.answer",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_kind": kind,
                "default_dispatch_ids": [fields.Command.set(self.ids)],
            },
        }

    # ------------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------------

    @api.model
    def _prepare_send_vals(self, ticket, said, sequence):
        """Return the complete values of a new task.

        :param dict said: what the sender chose; a step fills in the rest
        :param int sequence: running number within the complaint
        :raise UserError: naming what is missing or not possible
        """
        # sudo: the step and who holds its role are set-up
        step = self.env["complaint.procedure.step"].sudo()
        step = step.browse(said.get("step_id") or [])
        ticket._complaint_check_can_dispatch(step)
        vals = {"kind": step.task_kind or "handling", "instruction": step.instruction}
        vals |= {name: value for name, value in said.items() if value}
        if not (vals.get("to_department_id") or vals.get("to_user_id")):
            # sudo: fields of the complaint that say whose turn it is
            targets, _missing = step and step._get_targets(ticket.sudo()) or ([], None)
            vals |= targets[0] if targets else {}
        department = self._check_target(ticket, vals)
        # sudo: an internal column of the complaint
        cycle = ticket.sudo().complaint_cycle
        return {
            **vals,
            "ticket_id": ticket.id,
            "number": f"{ticket.complaint_number or ticket.number}/{sequence}",
            "sequence": sequence,
            "cycle": cycle,
            "to_department_id": department.id,
            "from_user_id": self.env.uid,
            "from_department_id": self.env.user._complaint_get_department().id,
            "sent_at": complaint_now(self.env),
            "state": "sent",
            "customer_told": bool(vals.get("customer_told")),
            **dict.fromkeys(
                (
                    "accepted_at",
                    "accepted_by_id",
                    "done_at",
                    "done_by_id",
                    "reviewed_at",
                    "reviewed_by_id",
                    "review_note",
                    "result",
                    "returned_reason",
                ),
                False,
            ),
        }

    def _prepare_replacement_vals(self):
        """Return how this task is sent to the department in place of the person.

        Empty where the department has nobody else who could take it.
        """
        self.ensure_one()
        if not (self.to_department_id and self._get_recipients(False)[self]):
            return {}
        return {
            "step_id": self.step_id.id,
            "kind": self.kind,
            "to_department_id": self.to_department_id.id,
            "instruction": self.instruction,
            "customer_told": self.customer_told,
        }

    @api.model
    def _check_target(self, ticket, vals):
        """Return the department; refuse strangers, the recused and nobody.

        :raise UserError: naming whom to choose instead
        """
        # sudo: companies of users and departments are compared
        user = self.env["res.users"].sudo().browse(vals.get("to_user_id") or [])
        # sudo: as above
        department = self.env["hr.department"].sudo()
        department = department.browse(vals.get("to_department_id") or [])
        company = ticket.company_id
        if user and not department:
            own = user.with_company(company)._complaint_get_department()
            department = own.sudo()  # sudo: as above
        if not user and not department:
            raise UserError(self.env._("Choose the department or person it is for."))
        if user and (user.share or not user.active or company not in user.company_ids):
            raise UserError(
                self.env._(
                    "%(user)s does not work in the company of this complaint.",
                    user=user.name,
                )
            )
        if department.company_id and department.company_id != company:
            raise UserError(
                self.env._(
                    "%(department)s does not belong to the company of this complaint.",
                    department=department.name,
                )
            )
        if user:
            ticket.sudo()._complaint_check_not_recused(user)  # sudo: internal field
        return department

    def _after_send(self):
        """Log, then tell who shall act."""
        tickets = self.env["helpdesk.ticket"]
        tickets._complaint_create_events(
            [
                dispatch._prepare_event_vals(
                    "dispatched",
                    at=dispatch.sent_at,
                    note=f"{dispatch.number}: {dispatch._get_target_name()}",
                    payload={"told": dispatch.customer_told},
                )
                for dispatch in self
            ]
        )
        self._tell_sent()

    # ------------------------------------------------------------------
    # Changing
    # ------------------------------------------------------------------

    def _accept(self, now):
        self._write_system(
            {"state": "accepted", "accepted_at": now, "accepted_by_id": self.env.uid}
        )
        for dispatch in self:
            dispatch._log("dispatch_accepted", at=now)
            dispatch._close_activities()
            dispatch._schedule_activity(self.env.user)
            dispatch.ticket_id._complaint_after_dispatch(dispatch)

    def _end(self, state, code, note, **vals):
        """Bring tasks to their last state, log it and tell who sent them."""
        now = vals.get("done_at") or complaint_now(self.env)
        recipients = self._get_recipients()
        self._write_system({"state": state, **vals})
        self._close_activities()
        for dispatch in self:
            dispatch._log(code, at=now, note=note)
            text = dispatch._get_end_text()
            if state == "cancelled":
                users = dispatch.accepted_by_id or recipients[dispatch]
                dispatch._tell(users, text, note)
            else:
                dispatch._tell_answered(text, note)
            if state == "done":
                dispatch._log_step_event(now)
            dispatch.ticket_id._complaint_after_dispatch(dispatch)

    def _get_end_text(self):
        self.ensure_one()
        words = {"user": self.env.user.name, "number": self.number}
        if self.state == "done":
            return self.env._("%(user)s finished %(number)s.", **words)
        if self.state == "returned":
            return self.env._("%(user)s returned %(number)s.", **words)
        return self.env._("%(user)s cancelled %(number)s.", **words)

    def _write_system(self, vals):
        """Write states and times; locks the rows before anything is logged."""
        # sudo: closed to clients; each caller checked who may do it
        rows = self.sudo().with_context(complaint_dispatching=DISPATCHING)
        rows.write(vals)
        rows.flush_recordset(list(vals))

    def _log(self, code, at=None, note=None):
        self.ensure_one()
        self.ticket_id._complaint_create_events(
            [self._prepare_event_vals(code, at=at, note=note)]
        )

    def _prepare_event_vals(self, code, at=None, note=None, payload=None):
        """Hook: return the values of an event of this task."""
        self.ensure_one()
        # sudo: the code of the step is set-up
        kind = self.sudo().step_id.code or self.kind
        return self.ticket_id._prepare_complaint_event_vals(
            code,
            at=at,
            note=note,
            scope_key=self._get_scope_key(),
            payload={"kind": kind, "dispatch_id": self.id, **(payload or {})},
        )

    def _log_step_event(self, now):
        """Log the event that the step stands for, on the complaint itself."""
        self.ensure_one()
        step = self.sudo().step_id  # sudo: set-up
        if step.event_type_id:
            self.ticket_id._complaint_event(
                step.event_type_id.code,
                at=now,
                note=self.result or None,
                payload={"kind": step.code, "dispatch_id": self.id},
            )

    # ------------------------------------------------------------------
    # What is possible
    # ------------------------------------------------------------------

    def _check_text(self, text):
        if not text.strip():
            raise UserError(self.env._("Write the reason or the report."))

    def _check_transition(self, state):
        """Raise when one of these tasks cannot come to a state.

        :raise UserError: with the sentences of `_get_blocking_reasons`
        """
        self.check_access("read")
        reasons = self._get_blocking_reasons(state)
        for dispatch in self:
            if reasons[dispatch.id]:
                raise UserError(
                    "\n".join([f"{dispatch.number}:", *reasons[dispatch.id]])
                )

    def _get_blocking_reasons(self, state):
        """Return why tasks cannot come to a state now, for the current user.

        :param str state: ``accepted``, ``returned``, ``done``, ``cancelled``;
            ``reviewed`` and ``progress`` are asked for likewise
        :return: ``{dispatch_id: [full sentence, ...]}``, empty list when free
        """
        persons = self._get_person_reasons(state)
        reasons = {}
        for dispatch in self:
            found = dispatch._get_order_reasons(state)
            reasons[dispatch.id] = found or list(persons[dispatch.id])
        if state == "done":
            pending = self.env["complaint.escalation"]._get_pending_instructions(
                self.ticket_id
            )
            for dispatch in self:
                reasons[dispatch.id] += dispatch._get_result_reasons(pending)
        return reasons

    def _get_order_reasons(self, state):
        """Reasons that lie in the state itself."""
        self.ensure_one()
        if state == "reviewed":
            if self.state != "done":
                return [self.env._("Only a finished dispatch can be reviewed.")]
            if self.reviewed_at:
                return [
                    self.env._(
                        "%(user)s reviewed it already.", user=self.reviewed_by_id.name
                    )
                ]
            return []
        if self.state not in OPEN_STATES:
            label = dict(self._fields["state"]._description_selection(self.env))
            return [
                self.env._("It is %(state)s already.", state=label[self.state].lower())
            ]
        if state == "accepted" and self.state == "accepted":
            return [
                self.env._(
                    "%(user)s accepted it already, on %(time)s.",
                    user=self.accepted_by_id.name,
                    time=format_datetime(self.env, self.accepted_at),
                )
            ]
        if state != "cancelled" and self.ticket_id.complaint_phase == "cancelled":
            return [self.env._("The complaint was cancelled.")]
        return []

    def _get_person_reasons(self, state):
        """Reasons why the current user may not do it, ``{dispatch_id: [...]}``."""
        reasons = {dispatch.id: [] for dispatch in self}
        if self.env.su:
            return reasons
        user = self.env.user
        prefix = "helpdesk_mgmt_complaint.group_complaint_"
        is_handler = user.has_group(f"{prefix}handler")
        recipients = self._get_recipients()
        for dispatch in self:
            # sudo: who is recused is an internal field
            if user in dispatch.ticket_id.sudo()._complaint_get_recused():
                reasons[dispatch.id].append(
                    self.env._("You are recused from this complaint.")
                )
            elif state == "cancelled":
                if not (is_handler or user == dispatch.from_user_id):
                    reasons[dispatch.id].append(
                        self.env._("Only who sent it or a handler can cancel it.")
                    )
            elif state == "reviewed":
                if not (
                    is_handler
                    or user.has_group(f"{prefix}supervisor")
                    or dispatch._is_department_head(user)
                ):
                    reasons[dispatch.id].append(
                        self.env._(
                            "Only the head of the department, a handler or a "
                            "supervisor can review it."
                        )
                    )
            elif user not in recipients[dispatch] and (
                recipients[dispatch] or not is_handler
            ):
                reasons[dispatch.id].append(
                    self.env._(
                        "It was sent to %(target)s: only they can do this.",
                        target=dispatch._get_target_name(),
                    )
                )
        return reasons

    def _get_result_reasons(self, pending):
        """Reasons that lie in what has to come out.

        :param pending: `complaint.escalation` whose instruction is missing
        """
        self.ensure_one()
        reasons = []
        step = self.sudo().step_id  # sudo: set-up
        signed = self.opinion_ids.filtered("is_current")
        has_text = bool((self.result or "").strip())
        if step.needs_result and not has_text:
            reasons.append(self.env._("Write the result."))
        if step.opinion_kind and step.opinion_kind not in signed.mapped("kind"):
            kinds = step._fields["opinion_kind"]._description_selection(self.env)
            reasons.append(
                self.env._(
                    "Write and sign the opinion of the kind %(kind)s.",
                    kind=dict(kinds)[step.opinion_kind],
                )
            )
        if not step and self.kind in _WRITTEN_KINDS and not (has_text or signed):
            reasons.append(self.env._("Answer in writing: a result or an opinion."))
        own = pending.filtered(
            lambda row: row.ticket_id.id == self.ticket_id.id
            and row.deadline_id.scope_key in (False, "", self._get_scope_key())
        )
        return reasons + own._get_instruction_reasons(self.env)

    def _get_next_step_note(self, missing, refused):
        """Hook: return what the current user can do now, in words."""
        self.ensure_one()
        target = self._get_target_name()
        if self.state in OPEN_STATES and refused:
            return self.env._("Waiting for %(target)s.", target=target)
        if self.state == "sent":
            return self.env._("Accept it, or return it with a reason.")
        if self.state == "accepted":
            if missing:
                return "\n".join([self.env._("Before you can finish:"), *missing])
            return self.env._("Do what is asked, then finish with the result.")
        if self.state == "done" and not self.reviewed_at:
            return self.env._("Finished. It can be reviewed.")
        if self.state == "done":
            return self.env._("Finished and reviewed.")
        return self.returned_reason or ""
