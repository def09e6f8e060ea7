# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from collections import defaultdict

from odoo import api, fields, models

from ..kernel.procedure_route import Mark, Task, route_states, undone_again
from .complaint_gate_mixin import COMPLAINT_PHASES

_MARKS = {"step_skipped": "skipped", "step_returned": "restarted"}
# states in which a step is what somebody has to deal with now
CURRENT_STATES = ("now", "waiting", "next")
PHASE_ORDER = {phase: i for i, (phase, _name) in enumerate(COMPLAINT_PHASES)}


class ComplaintRouteMixin(models.AbstractModel):
    """Where a complaint stands in its procedure.

    Nothing of it is stored: the kernel derives it from the steps, the dispatches
    and the event log. What moves it is in the mixin of its actions.
    """

    _name = "complaint.route.mixin"
    _description = "Complaint Route"

    complaint_route = fields.Json(
        string="Procedure Steps",
        compute="_compute_complaint_route",
        groups="base.group_user",
    )
    complaint_current_step = fields.Char(
        string="Current Step",
        compute="_compute_complaint_current_step",
        search="_search_complaint_current_step",
        groups="base.group_user",
    )
    # written by every change of the route, so that two that come at the same
    # moment meet: the second one waits and is run again with what the first did
    complaint_route_revision = fields.Integer(
        copy=False, readonly=True, groups="base.group_user"
    )

    @api.depends(
        "complaint_procedure_id",
        "complaint_phase",
        "complaint_cycle",
        "complaint_route_revision",
        "complaint_dispatch_ids.state",
        "complaint_event_ids",
    )
    def _compute_complaint_route(self):
        """The bar on the form: one dictionary per step."""
        routes = self._complaint_get_routes()
        for ticket in self:
            ticket.complaint_route = [
                ticket._prepare_complaint_route_item(*row)
                for row in routes.get(ticket._origin.id, ())
            ]

    @api.depends(
        "complaint_procedure_id",
        "complaint_cycle",
        "complaint_route_revision",
        "complaint_dispatch_ids.state",
        "complaint_event_ids",
    )
    def _compute_complaint_current_step(self):
        routes = self._complaint_get_routes()
        for ticket in self:
            names = [
                step.name
                for step, state, _tasks in routes.get(ticket._origin.id, ())
                if state.state in CURRENT_STATES
            ]
            ticket.complaint_current_step = " / ".join(names)

    @api.model
    def _search_complaint_current_step(self, operator, value):
        """Complaints with an open task of such a step; events are not searched."""
        return [
            (
                "complaint_dispatch_ids",
                "any",
                [
                    ("state", "in", ["sent", "accepted"]),
                    ("step_id.name", operator, value),
                ],
            )
        ]

    # ------------------------------------------------------------------
    # Gates
    # ------------------------------------------------------------------

    def _get_complaint_blocking_depends(self):
        return [*super()._get_complaint_blocking_depends(), "complaint_route_revision"]

    def _complaint_get_blocking_reasons(self, phase):
        """After a return, what was done before it lets nothing pass (R213, R338)."""
        reasons = super()._complaint_get_blocking_reasons(phase)
        if phase not in PHASE_ORDER or phase in ("draft", "accepted", "cancelled"):
            # nothing of the route comes before these
            return reasons
        # sudo: gates look at everything, whoever moves the complaint. A return counts
        # as a change of the route, which spares the queries for all others
        moved = self.sudo().filtered("complaint_route_revision")
        returned = moved._origin._complaint_get_logged("step_returned")
        routes = returned._complaint_get_routes()
        for ticket in moved:
            route = routes.get(ticket._origin.id, ())
            until = self._get_complaint_steps_before(route, phase)
            undone = undone_again([state for _step, state, _tasks in route], until)
            if undone:
                names = [step.name for step, *_rest in route if step.code in undone]
                reasons[ticket.id].append(
                    self.env._(
                        "The complaint went back: finish these steps again: %(steps)s.",
                        steps=", ".join(names),
                    )
                )
        return reasons

    @api.model
    def _get_complaint_steps_before(self, route, phase):
        """Return how many steps of a route come before a phase."""
        for i, (step, _state, _tasks) in enumerate(route):
            if step.event_type_id.code == "closed" and step.kind == "event":
                return i
            if step.phase and PHASE_ORDER[step.phase] >= PHASE_ORDER[phase]:
                return i
        return len(route)

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    def _complaint_get_routes(self):
        """Return ``{ticket_id: [(step, StepState, dispatches of the step), ...]}``.

        A constant number of queries. Steps that were archived stay as long as one
        of their tasks belongs to this cycle.
        """
        # sudo: the state of a step is the same whoever asks; names of steps and
        # tasks of complaints that the user reads
        tickets = self._origin.sudo().filtered("is_complaint")
        tickets = tickets.filtered("complaint_procedure_id")
        if not tickets:
            return {}
        dispatches, events = tickets._complaint_read_route_facts()
        return {
            ticket.id: ticket._get_complaint_route(
                dispatches[ticket.id], events[ticket.id]
            )
            for ticket in tickets
        }

    def _complaint_read_route_facts(self):
        """Return dispatches and events of the current cycles, both by ticket id."""
        steps = self.complaint_procedure_id.step_ids
        codes = {"dispatched", "dispatch_returned", *_MARKS}
        codes |= set(steps.event_type_id.mapped("code"))
        tasks, log = self.env["complaint.dispatch"], self.env["complaint.event"]
        dispatches, events = defaultdict(tasks.browse), defaultdict(log.browse)
        for dispatch in tasks.search_fetch(
            [("ticket_id", "in", self.ids), ("step_id", "!=", False)],
            ["ticket_id", "step_id", "state", "cycle", "create_date"]
            + ["to_user_id", "to_department_id"],
            order="id",
        ):
            if dispatch.cycle == dispatch.ticket_id.complaint_cycle:
                dispatches[dispatch.ticket_id.id] |= dispatch
        for event in log.search_fetch(
            [
                ("ticket_id", "in", self.ids),
                ("code", "in", list(codes)),
                ("corrected_by_ids", "=", False),
            ],
            ["ticket_id", "type_id", "code", "cycle", "payload", "scope_key"]
            + ["once_only", "corrects_id"],
            order="id",
        ):
            if event.cycle == event.ticket_id.complaint_cycle:
                events[event.ticket_id.id] |= event
        return dispatches, events

    def _get_complaint_route(self, dispatches, events):
        """Return ``[(step, StepState, dispatches), ...]`` of this complaint."""
        self.ensure_one()
        procedure = self.complaint_procedure_id.with_context(active_test=False)
        by_code = dispatches.grouped(lambda dispatch: dispatch.step_id.code)
        began_at = min(dispatches.mapped("create_date"), default=None)
        steps = procedure.step_ids.sorted(lambda s: (s.sequence, s.id)).filtered(
            lambda step: step.active
            or any(d.state != "cancelled" for d in by_code.get(step.code, ()))
        )
        states = route_states(
            [step._get_kernel_step(self, began_at) for step in steps],
            self._get_complaint_route_tasks(dispatches, events),
            self._get_complaint_route_marks(steps, events),
        )
        nothing = dispatches.browse()
        return [
            (step, state, by_code.get(step.code, nothing))
            for step, state in zip(steps, states, strict=True)
        ]

    @api.model
    def _get_complaint_route_tasks(self, dispatches, events):
        """Return the dispatches as `Task`; the log says when they were sent."""
        sent, ended = {}, {}
        for event in events:
            if event.code == "dispatched":
                sent[event.scope_key] = event.id
            elif event.code == "dispatch_returned":
                ended[event.scope_key] = event.id
        return [
            Task(
                dispatch.step_id.code,
                dispatch.state,
                sent.get(f"dispatch,{dispatch.id}", 0),
                ended.get(f"dispatch,{dispatch.id}", 0),
            )
            for dispatch in dispatches
        ]

    @api.model
    def _get_complaint_route_marks(self, steps, events):
        """Return what was logged for steps as `Mark`."""
        marks = []
        for event in events:
            if event.code in _MARKS:
                code = (event.payload or {}).get("kind")
                marks.append(Mark(code, _MARKS[event.code], event.id))
                continue
            order = event.corrects_id.id or event.id
            lasting = event.once_only and not event.scope_key
            marks += [
                Mark(step.code, "met", order, lasting)
                for step in steps
                if step._is_met_by(event)
            ]
        return marks

    def _prepare_complaint_route_item(self, step, state, dispatches):
        """Hook: return what the bar shows of one step."""
        self.ensure_one()
        names = self._get_complaint_step_state_names()
        may = self.env.user.has_group("helpdesk_mgmt_complaint.group_complaint_handler")
        reasons = []
        shown = state.state
        if shown in ("next", "now") and state.why in ("", "undecided", "event"):
            # sudo: what is missing is the same whoever looks at the bar
            reasons = self._origin.sudo()._get_complaint_start_reasons(step)
            shown = "waiting" if reasons and not dispatches else shown
        people = {
            d.to_user_id.name or d.to_department_id.name
            for d in dispatches
            if d.state != "cancelled"
        }
        reasons += self._get_complaint_why_texts(state.why)
        return {
            "step_id": step.id,
            "code": step.code,
            "name": step.name,
            "state": shown,
            "state_name": names[shown],
            "note": "\n".join(reasons),
            "who": ", ".join(sorted(name for name in people if name)),
            "dispatch_ids": dispatches.ids,
            "can_start": may
            and step.kind == "dispatch"
            and state.state in ("next", "waiting"),
            "can_skip": may
            and step.condition != "always"
            and state.state in CURRENT_STATES,
        }

    @api.model
    def _get_complaint_step_state_names(self):
        return {
            "done": self.env._("Done"),
            "now": self.env._("In work"),
            "next": self.env._("Next"),
            "waiting": self.env._("Waiting"),
            "skipped": self.env._("Skipped"),
            "pending": self.env._("Later"),
        }

    @api.model
    def _get_complaint_why_texts(self, why):
        """Return in a list why a step is in its state, see `route_states`."""
        texts = {
            "returned": self.env._(
                "The task came back. Send it again, to another department if needed."
            ),
            "cancelled": self.env._("The task was cancelled. Send it again or skip."),
            "undecided": self.env._("Only if needed: start or skip it."),
            "event": self.env._("Waits for what finishes it to be recorded."),
            "condition": self.env._("Its condition does not hold."),
            "added": self.env._("Added to the procedure when the case was past it."),
        }
        return [texts[why]] if why in texts else []
