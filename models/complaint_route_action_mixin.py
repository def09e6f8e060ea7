# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext, plaintext2html

from ..kernel.procedure_route import FINISHED, OPEN_STATES, group_numbers
from .complaint_gate_mixin import ENDED_PHASES
from .complaint_route_mixin import CURRENT_STATES, PHASE_ORDER

# a client that sends this key only keeps its own request from going on by itself
_STAY = "complaint_route_stay"
_ACTIVITY = "helpdesk_mgmt_complaint.mail_activity_type_route"


class ComplaintRouteActionMixin(models.AbstractModel):
    """Moving along the route: next step, skip, return, and going on by itself."""

    _name = "complaint.route.action.mixin"
    _description = "Complaint Route Actions"

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if not self.env.context.get(_STAY):
            self._complaint_get_route_changed(vals)._complaint_try_advance()
        return result

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_complaint_next_step(self, step=None):
        """Send the tasks of the next step, or of the one that is named.

        :param step: optional code or id of a step whose turn has come
        :return: the form of a dispatch to address by hand when nobody holds the role
        :raise UserError: not a handler, recused, blocked (with the reasons)
        """
        self.ensure_one()
        self._complaint_check_route_user()
        rows = self._get_complaint_startable(step)
        if not rows:
            raise UserError(
                self.env._(
                    "There is no step to start: see in the bar what is in work or "
                    "what has to be recorded first."
                )
            )
        self._complaint_touch_route()
        for row, _state, _tasks in rows:
            reasons = self._get_complaint_start_reasons(row)
            if reasons:
                raise UserError(
                    self.env._(
                        "%(step)s cannot start:\n%(reasons)s",
                        step=row.name,
                        reasons="\n".join(f"- {reason}" for reason in reasons),
                    )
                )
        unaddressed = [
            row for row, _s, _t in rows if not self._complaint_start_step(row)
        ]
        if unaddressed:
            return self._get_complaint_dispatch_form(unaddressed[0])
        return True

    def action_complaint_skip_step(self, reason=None, step=None):
        """Skip a step with a reason; without one the user is asked for it.

        Steps that a procedure always wants are skipped by complaint managers only.

        :param str reason: why
        :param step: code or id; without it the step whose turn has come
        """
        self.ensure_one()
        self._complaint_check_route_user()
        step, state, _tasks = self._get_complaint_route_row(step)
        if not (reason or "").strip():
            return self._get_complaint_route_dialog("skip", step)
        is_manager = self.env.su or self.env.user.has_group(
            "helpdesk_mgmt_complaint.group_complaint_manager"
        )
        if step.condition == "always" and not is_manager:
            raise UserError(
                self.env._(
                    "%(step)s belongs to every complaint of this procedure. Only a "
                    "complaint manager can skip it.",
                    step=step.name,
                )
            )
        self._complaint_touch_route()
        if state.state not in (*CURRENT_STATES, "pending") or (
            state.state == "now" and state.why != "event"
        ):
            raise UserError(
                self.env._(
                    "%(step)s: finished or in work. A task that is no longer needed "
                    "is cancelled.",
                    step=step.name,
                )
            )
        self._complaint_log_step("step_skipped", step, reason)
        self._complaint_try_advance()
        return True

    def action_complaint_return_to_step(self, step=None, reason=None):
        """Go back to a step: it and what follows count again (R213, R338).

        Open tasks of these steps are cancelled, the phase goes back to the one of
        the step. In a reopened complaint it says where the new round begins.

        :param step: code or id of a step that was begun, in this round or before
        :param str reason: why; without it the user is asked
        """
        self.ensure_one()
        self._complaint_check_route_user()
        self._complaint_refuse_ended()
        if step is None or not (reason or "").strip():
            found = step is not None and self._get_complaint_route_row(step)[0]
            return self._get_complaint_route_dialog("return", found)
        step, state, _tasks = self._get_complaint_route_row(step)
        if state.state == "pending" and not self._complaint_begins_anywhere():
            raise UserError(
                self.env._(
                    "%(step)s: its turn has not come yet, there is nothing to return "
                    "to.",
                    step=step.name,
                )
            )
        self._complaint_touch_route()
        self._complaint_leave_steps(step, reason)
        self._complaint_log_step("step_returned", step, reason)
        self._complaint_move_back(step)
        rows = self._get_complaint_startable(step.code)
        if rows and not self._get_complaint_start_reasons(step):
            if not self._complaint_start_step(step):
                return self._get_complaint_dispatch_form(step)
        return True

    # ------------------------------------------------------------------
    # What makes a complaint go on
    # ------------------------------------------------------------------

    def _complaint_get_route_changed(self, vals):
        """Return the complaints whose steps have a condition on these fields (R190).

        When, for example, a supplier turns out to be liable, joint handling opens.
        """
        # sudo: set-up of the procedure
        complaints = self.sudo().filtered(
            lambda t: t.is_complaint
            and t.complaint_procedure_id
            and t.complaint_phase not in (False, "draft", *ENDED_PHASES)
        )
        procedures = self.env["complaint.procedure"]
        changed = set(vals)
        return complaints.filtered(
            lambda t: changed
            & procedures._get_route_fields(t.complaint_procedure_id.id)
        ).with_env(self.env)

    def _complaint_after_phase_change(self, before):
        """An accepted complaint begins its route; closing may open what follows."""
        result = super()._complaint_after_phase_change(before)
        if self._complaint_is_import() or self.env.context.get(_STAY):
            return result
        self.filtered(
            lambda t: t.is_complaint
            and t.complaint_phase not in ("draft", "cancelled")
            and before.get(t.id) != t.complaint_phase
        )._complaint_try_advance()
        return result

    def _complaint_after_dispatch(self, dispatch):
        """The next step follows when all tasks of a step are done."""
        result = super()._complaint_after_dispatch(dispatch)
        if dispatch.state in OPEN_STATES or self.env.context.get(_STAY):
            return result
        # sudo: who finishes a task need not be a handler of complaints
        self.sudo()._complaint_touch_route()
        if dispatch.state == "done":
            self._complaint_try_advance()
        return result

    def _complaint_try_advance(self):
        """Go on where the procedure says so; what hinders is told to the handler.

        Never raises for what is missing in the complaint or the set-up: what was
        finished stays finished, the step waits.
        """
        # sudo: who finishes a task need not be a handler; the log names him
        routed = self.sudo().filtered(
            lambda t: t.is_complaint
            and t.complaint_procedure_id.auto_advance
            and t.complaint_procedure_id.step_ids
        )
        routes = routed._complaint_get_routes()
        for ticket in routed:
            if not ticket._complaint_may_advance(routes.get(ticket.id, [])):
                continue
            try:
                with self.env.cr.savepoint():
                    ticket._complaint_advance()
            except UserError as error:
                ticket._complaint_tell_handler(str(error))

    def _complaint_may_advance(self, route):
        """Return whether this complaint goes on by itself now.

        :param route: its route, see `_complaint_get_routes`
        """
        self.ensure_one()
        phase = self.complaint_phase
        if phase == "cancelled":
            return False
        if phase == "closed":
            # only what the procedure itself places after closing (001: execution)
            return any(
                step.event_type_id.code == "closed" and state.state == "done"
                for step, state, _tasks in route
            )
        # a reopened or imported complaint goes on where the handler says
        begun = any(tasks or state.why == "skipped" for _step, state, tasks in route)
        return begun or not self._complaint_begins_anywhere()

    def _complaint_begins_anywhere(self):
        """Return whether the handler says with which step this round begins."""
        return self.complaint_cycle > 1 or self._complaint_was_imported()

    def _complaint_advance(self):
        """Start what comes next until something has to be done by people."""
        self.ensure_one()
        tried = set()
        while True:
            ready = [
                (step, state)
                for step, state, _tasks in self._complaint_get_routes().get(self.id, [])
                if state.state in ("next", "now") and step.id not in tried
            ]
            begun = [row for row in ready if row[1].why in ("", "event")]
            for step, state in ready:
                if state.why == "undecided":
                    tried.add(step.id)
                    self._complaint_tell_handler(
                        self.env._(
                            "Step %(step)s: only if needed. Start or skip it.",
                            step=step.name,
                        )
                    )
            # in work already: nothing to start
            begun = [(s, st) for s, st in begun if st.state == "next" or st.why]
            if not begun:
                return
            for step, _state in begun:
                tried.add(step.id)
                self._complaint_start_step(step)

    # ------------------------------------------------------------------
    # Who and what
    # ------------------------------------------------------------------

    def _complaint_check_route_user(self):
        """Raise unless the user may move this complaint along its route."""
        self._complaint_check_is_handler()
        self.check_access("write")
        self._complaint_check_not_recused(self.env.user)
        if self.filtered(lambda t: t.complaint_phase == "cancelled"):
            self._complaint_refuse_ended()

    def _get_complaint_route_row(self, step=None):
        """Return ``(step, state, dispatches)`` of a code, id or record.

        Without `step` the first one whose turn has come.

        :raise UserError: when the route has no such step
        """
        self.ensure_one()
        code = step if isinstance(step, str) else False
        step_id = getattr(step, "id", step)
        for row in self._complaint_get_routes().get(self.id, []):
            if step is None:
                if row[1].state in ("next", "waiting") or row[1].why == "event":
                    return row
            elif row[0].code == code or row[0].id == step_id:
                return row
        raise UserError(
            self.env._("There is no such step in the procedure of this complaint.")
        )

    def _get_complaint_startable(self, step=None):
        """Return the rows of the route that `action_complaint_next_step` starts."""
        if step is not None:
            rows = [self._get_complaint_route_row(step)]
        else:
            rows = self._complaint_get_routes().get(self.id, [])
        rows = [
            row
            for row in rows
            if row[1].state in ("next", "waiting") and row[0].kind == "dispatch"
        ]
        # what only the handler decides is started by itself or by its own button
        decided = [row for row in rows if row[1].why != "undecided"]
        return rows if step is not None else decided or rows

    def _get_complaint_start_reasons(self, step):
        """Return why a step cannot start: the gates of the phase that it enters."""
        self.ensure_one()
        if not self._complaint_step_moves(step):
            return []
        if self.complaint_phase == "draft":
            return [self.env._("Accept the complaint first.")]
        if not self.team_id._get_complaint_stage(step.phase, self.company_id):
            return [
                self.env._(
                    "There is no stage for the phase of this step. Add one under "
                    "Configuration / Stages."
                )
            ]
        return self._complaint_get_blocking_reasons(step.phase).get(self.id, [])

    def _complaint_step_moves(self, step):
        """Return whether starting a step takes the complaint into another phase.

        Forward only, never out of an ended one, and closing is done by people.
        """
        phase = self.complaint_phase
        if not step.phase or step.phase == "closed" or phase in ENDED_PHASES:
            return False
        return PHASE_ORDER[step.phase] > PHASE_ORDER[phase or "draft"]

    def _get_complaint_dispatch_form(self, step):
        """Return the dialog that sends the task of this step, to address by hand."""
        self.ensure_one()
        action = self.action_complaint_send_dispatch()
        context = {**action.get("context", {}), "default_step_id": step.id}
        return {**action, "name": step.name, "context": context}

    def _get_complaint_route_dialog(self, kind, step=None, **defaults):
        """Return the dialog that asks for a step and a text."""
        self.ensure_one()
        titles = {
            "skip": self.env._("Skip Step"),
            "return": self.env._("Return to Step"),
            "object": self.env._("Objection Memo"),
            "answer": self.env._("Decide on the Objection"),
            "reject": self.env._("Customer Does Not Accept"),
        }
        return {
            "type": "ir.actions.act_window",
            "name": titles[kind],
            "res_model": "complaint.route.change",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_ticket_id": self.id,
                "default_kind": kind,
                "default_step_id": step.id if step else False,
                **{f"default_{name}": value for name, value in defaults.items()},
            },
        }

    # ------------------------------------------------------------------
    # Doing
    # ------------------------------------------------------------------

    def _complaint_touch_route(self):
        """Let whoever changes the same route at this moment wait and look again.

        To-dos about what the route waited for are settled; what it still waits for
        is told again when it goes on.
        """
        for ticket in self.sudo():  # sudo: a technical counter, access was checked
            ticket.complaint_route_revision += 1
            ticket.activity_unlink([_ACTIVITY])
        self.flush_recordset(["complaint_route_revision"])

    def _complaint_log_step(self, code, step, reason):
        self.ensure_one()
        self._complaint_event(
            code, note=reason, payload={"kind": step.code, "step_id": step.id}
        )

    def _complaint_start_step(self, step):
        """Enter the phase of a step and send its tasks.

        Blocked by a gate, nothing is sent: the step waits and the handler is told.

        :return: whether the step is under way (False: address it by hand)
        """
        self.ensure_one()
        reasons = self._get_complaint_start_reasons(step)
        if reasons:
            self._complaint_tell_handler(
                self.env._(
                    "%(step)s waits: %(reasons)s",
                    step=step.name,
                    reasons=" ".join(reasons),
                )
            )
            return True
        # sudo: the caller checked who moves the complaint along
        ticket = self.sudo().with_context(**{_STAY: True})
        if ticket._complaint_step_moves(step):
            ticket._complaint_move_to_phase(step.phase)
        if step.kind == "event":
            return True
        targets, missing = step._get_targets(ticket)
        for target in targets:
            ticket._complaint_send_dispatch(
                self._prepare_complaint_step_dispatch_vals(step, target)
            )
        if missing:
            self._complaint_tell_handler(
                self.env._(
                    "%(step)s: nobody holds the role %(roles)s. Send this task by "
                    "hand, and enter the holder under Configuration / Roles.",
                    step=step.name,
                    roles=", ".join(missing.mapped("name")),
                )
            )
        elif not targets:
            self._complaint_tell_handler(
                self.env._(
                    "%(step)s goes to the owner department, and this complaint has "
                    "none. Choose it with Hand Over, then start the step.",
                    step=step.name,
                )
            )
        return bool(targets)

    def _prepare_complaint_step_dispatch_vals(self, step, target):
        """Hook: return the values of a dispatch that a step sends.

        :param dict target: to_department_id and to_user_id
        """
        return {
            "step_id": step.id,
            "kind": step.task_kind or "handling",
            "instruction": step.instruction,
            **target,
        }

    def _complaint_leave_steps(self, target, reason):
        """Cancel what is open from `target` on; pass over what is open before it.

        Tasks that were left open in an earlier round are cancelled too: nobody has
        to do the same twice.
        """
        old = self.complaint_dispatch_ids.filtered(
            lambda d: d.cycle < self.complaint_cycle and d.state in OPEN_STATES
        )
        old.with_context(**{_STAY: True}).action_cancel(reason)
        route = self._complaint_get_routes().get(self.id, [])
        steps = [step._get_kernel_step(self, False) for step, *_rest in route]
        groups = group_numbers(steps)
        place = next(i for i, row in enumerate(route) if row[0] == target)
        for i, (step, state, tasks) in enumerate(route):
            running = tasks.filtered(lambda task: task.state in OPEN_STATES)
            if i == place or groups[i] > groups[place]:
                running = running.with_env(self.env).with_context(**{_STAY: True})
                running.action_cancel(reason)
            elif groups[i] < groups[place] and self._complaint_begins_anywhere():
                # the new round begins later: what was not done again is passed over
                if not running and state.state not in FINISHED:
                    self._complaint_log_step("step_skipped", step, reason)

    def _complaint_move_back(self, step):
        """Return to the phase that the complaint had in a step: accepted at first.

        :raise UserError: when the gates of that phase do not let it in
        """
        phase = "accepted"
        for other, _state, _tasks in self._complaint_get_routes().get(self.id, []):
            phase = (other.phase != "closed" and other.phase) or phase
            if other == step:
                break
        if PHASE_ORDER[phase] < PHASE_ORDER[self.complaint_phase]:
            self.with_context(**{_STAY: True})._complaint_move_to_phase(phase)

    def _complaint_tell_handler(self, note):
        """Leave the handler one to-do with this text, however often it happens."""
        self.ensure_one()
        ticket = self.sudo()  # sudo: a to-do for the handler, whoever causes it
        user = ticket.user_id or ticket.complaint_first_contact_id or self.env.user
        told = [
            " ".join(html2plaintext(activity.note or "").split())
            for activity in ticket.activity_ids
        ]
        if " ".join(note.split()) not in told:
            ticket.activity_schedule(
                _ACTIVITY, note=plaintext2html(note), user_id=user.id
            )
