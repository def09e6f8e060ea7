# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models
from odoo.exceptions import UserError

from ..kernel.procedure_route import FINISHED
from .complaint_gate_mixin import COMPLAINT_PHASES, ENDED_PHASES

# what tells the customer how his complaint ends (R341, R342)
PROMISE_CODES = ("customer_informed", "solution_given", "result_given")


class ComplaintProcedureGateMixin(models.AbstractModel):
    """Asks the gates of the procedure, and collects the facts they look at."""

    _name = "complaint.procedure.gate.mixin"
    _description = "Complaint Gates of the Procedure"

    @api.depends(lambda self: self._get_complaint_blocking_depends())
    def _compute_complaint_blocking_note(self):
        """For open complaints: what each phase ahead still needs."""
        result = super()._compute_complaint_blocking_note()
        names = dict(self._fields["complaint_phase"]._description_selection(self.env))
        later = self.filtered(
            lambda t: t.is_complaint
            and t.complaint_phase not in (False, "draft", *ENDED_PHASES)
        )
        notes = {ticket.id: [] for ticket in later}
        for phase, tickets in later._get_complaint_phases_ahead().items():
            reasons = tickets._complaint_get_blocking_reasons(phase)
            for ticket in tickets:
                told = "\n".join(notes[ticket.id])
                new = [line for line in reasons[ticket.id] if line not in told]
                if new:
                    lines = "\n".join(f"- {line}" for line in new)
                    notes[ticket.id].append(f"{names[phase]}:\n{lines}")
        for ticket in later:
            ticket.complaint_blocking_note = "\n".join(notes[ticket.id])
        return result

    # ------------------------------------------------------------------
    # Gates
    # ------------------------------------------------------------------

    def _complaint_get_blocking_reasons(self, phase):
        """Add what the gates of the procedures ask for."""
        reasons = super()._complaint_get_blocking_reasons(phase)
        gates = self._complaint_get_gates(phase)
        if gates:
            # a reopened complaint begins accepted: what that needs was there before
            any_cycle = phase == "accepted"
            facts = self._complaint_read_gate_facts(list(gates), any_cycle)
            for gate, tickets in gates.items():
                for ticket in tickets:
                    reason = gate._get_reason(ticket, facts)
                    if reason and reason not in reasons[ticket.id]:
                        reasons[ticket.id].append(reason)
        return reasons

    def _complaint_get_procedure_gates(self):
        """Return the active gates of the procedures of these complaints.

        Presets are models for procedures: their gates ask nothing.
        """
        # sudo: set-up
        procedures = self.sudo().complaint_procedure_id
        gates = procedures.filtered(lambda p: not p.is_preset).gate_ids
        return gates.filtered("active")

    def _complaint_get_gates(self, phase):
        """Return ``{gate: complaints it holds for}`` of one phase."""
        # sudo: gates look at everything, whoever moves the complaint
        tickets = self.sudo().filtered("is_complaint")
        gates = tickets._complaint_get_procedure_gates()
        result = {}
        for gate in gates.filtered(lambda g: g.phase == phase):
            found = tickets.filtered(
                lambda t, gate=gate: t.complaint_procedure_id == gate.procedure_id
            )
            found = found.filtered_domain(gate._get_condition())
            if found:
                result[gate] = found
        return result

    def _get_complaint_phases_ahead(self):
        """Return ``{phase: complaints}``: later phases with a gate, and closing."""
        order = [phase for phase, _name in COMPLAINT_PHASES if phase != "cancelled"]
        gated = {
            (gate.procedure_id.id, gate.phase)
            for gate in self._complaint_get_procedure_gates()
        }
        result = {}
        for index, phase in enumerate(order):
            tickets = self.filtered(
                lambda t, index=index, phase=phase: (
                    index > order.index(t.complaint_phase)
                    and (
                        phase == "closed"
                        or (t.complaint_procedure_id.id, phase) in gated
                    )
                )
            )
            if tickets:
                result[phase] = tickets
        return result

    def _complaint_read_gate_facts(self, gates, any_cycle=False):
        """Read what gates look at for all these complaints, whatever their number.

        :param gates: list of `complaint.procedure.gate`
        :param bool any_cycle: events and opinions of earlier cycles count as well
        :return: dict of ``events`` (``{ticket_id: {code: [event]}}``, those of the
            current cycle that were not corrected), ``opinions`` (``{ticket_id:
            [opinion]}``, signed in this cycle and not replaced), ``steps``
            (``{ticket_id: {codes of finished steps}}``) and ``holders``
            (``{company_id: {role: complaint.role.assignment}}``). Events and
            opinions are dicts with ``id``, ``at``, ``user``, ``department``.
        """
        gates = self.env["complaint.procedure.gate"].sudo().union(*gates)  # sudo: setup
        # sudo: gates look at everything, whoever moves the complaint
        tickets = self.sudo()
        events = tickets._origin._complaint_read_cycle_events(
            gates._get_fact_codes(), any_cycle
        )
        steps = {}
        if "step" in gates.mapped("kind"):
            steps = tickets._origin._complaint_get_finished_steps()
        return {
            "events": events,
            "steps": steps,
            "opinions": tickets._origin._complaint_read_signed_opinions(events),
            "holders": {
                company.id: gates.role_id._get_holders(company)
                for company in tickets.company_id
            },
        }

    def _complaint_read_cycle_events(self, codes, any_cycle=False):
        """Return ``{ticket_id: {code: [event]}}`` of the current cycles, one query.

        :param bool any_cycle: those of earlier cycles as well
        """
        codes = {*codes, "step_skipped"}
        cycles = {ticket.id: ticket.complaint_cycle for ticket in self}
        # a complaint that is being typed has no id yet
        result = {ticket_id: {} for ticket_id in (False, *cycles)}
        # sudo: see _complaint_read_gate_facts
        events = self.env["complaint.event"].sudo()
        found = events.search_fetch(
            [("ticket_id", "in", list(cycles)), ("code", "in", list(codes))],
            [
                "ticket_id",
                "code",
                "cycle",
                "at",
                "user_id",
                "department_id",
                "payload",
                "corrects_id",
            ],
        )
        corrected = set(found.corrects_id.ids)
        kept = self._complaint_get_kept_facts(found)
        for event in found:
            is_old = event.cycle != cycles[event.ticket_id.id] and not any_cycle
            if is_old and event.code in kept.get(event.ticket_id.id, ()):
                is_old = False
            if is_old and event.code == "opinion_signed":
                kind = (event.payload or {}).get("kind")
                is_old = ("opinion", kind) not in kept.get(event.ticket_id.id, ())
            if event.id in corrected or is_old:
                continue
            result[event.ticket_id.id].setdefault(event.code, []).append(
                {
                    "id": event.id,
                    "at": event.at,
                    "user": event.user_id,
                    "department": event.department_id,
                    "payload": event.payload or {},
                }
            )
        return result

    @api.model
    def _complaint_get_kept_facts(self, events):
        """Return what still counts in reopened complaints, by ticket id (R213).

        The new cycle begins at the step that the handler chose; what the steps
        before it gave in an earlier cycle need not be done and signed once more.

        :param events: `complaint.event` of all cycles, with those of `step_skipped`
        :return: ``{ticket_id: {event code, ..., ("opinion", kind), ...}}``
        """
        passed = {}
        for event in events:
            cycle = event.ticket_id.complaint_cycle
            if event.code == "step_skipped" and cycle == event.cycle > 1:
                code = (event.payload or {}).get("kind")
                passed.setdefault(event.ticket_id, set()).add(code)
        return {
            ticket.id: self._complaint_get_step_facts(
                ticket.complaint_procedure_id.step_ids.filtered(
                    lambda step, codes=codes: step.code in codes
                )
            )
            - self._complaint_get_step_facts(
                ticket.complaint_procedure_id.step_ids.filtered(
                    lambda step, codes=codes: step.code not in codes
                )
            )
            for ticket, codes in passed.items()
        }

    @api.model
    def _complaint_get_step_facts(self, steps):
        """Return what these steps give: event codes and ``("opinion", kind)``."""
        facts = set(steps.event_type_id.mapped("code"))
        return facts | {("opinion", kind) for kind in steps.mapped("opinion_kind")}

    def _complaint_read_signed_opinions(self, events):
        """Return ``{ticket_id: [opinion]}``: who signed what in this cycle.

        :param dict events: with those of `opinion_signed`, which know the cycle
        """
        result = {ticket_id: [] for ticket_id in (False, *self.ids)}
        signed = {}
        for by_code in events.values():
            for event in by_code.get("opinion_signed", ()):
                signed[event["payload"].get("opinion_id")] = event
        # sudo: see _complaint_read_gate_facts
        opinions = self.env["complaint.opinion"].sudo()
        if signed:
            opinions = opinions.search(
                [("id", "in", list(signed)), ("is_current", "=", True)]
            )
        for opinion in opinions:
            result[opinion.ticket_id.id].append(
                {
                    **signed[opinion.id],
                    "user": opinion.signed_by_id,
                    "kind": opinion.kind,
                    "opinion": opinion,
                }
            )
        return result

    def _complaint_get_finished_steps(self):
        """Hook: return ``{ticket_id: {codes of finished steps}}`` of this cycle.

        As the bar shows them: also those that were skipped, for a reason or because
        their condition does not hold; not those that a return calls for again.
        """
        routes = self._complaint_get_routes()
        result = {ticket_id: set() for ticket_id in (False, *self.ids)}
        for ticket_id, rows in routes.items():
            result[ticket_id] = {
                step.code for step, state, _tasks in rows if state.state in FINISHED
            }
        return result

    def _complaint_check_event_role(self, event_type):
        """Refuse events by hand that a gate wants from a role the user does not hold.

        :param event_type: `complaint.event.type`
        :raise UserError: naming the role
        """
        user = self.env.user
        department = user._complaint_get_department()
        # sudo: gates and holders are set-up
        for ticket in self.sudo():
            gates = ticket._complaint_get_procedure_gates().filtered(
                lambda g, ticket=ticket: g.kind == "event"
                and g.event_type_id == event_type
                and ticket.filtered_domain(g._get_condition())
            )
            for role, row in gates.role_id._get_holders(ticket.company_id).items():
                if not row._is_held_by(user, department):
                    raise UserError(
                        self.env._(
                            "%(complaint)s: by its procedure only the role “%(role)s” "
                            "records this.",
                            complaint=ticket.display_name,
                            role=role.name,
                        )
                    )

    # ------------------------------------------------------------------
    # Decision and promises
    # ------------------------------------------------------------------

    def _complaint_get_current_decision(self):
        """Return the decision of this cycle that was signed last, by who may.

        Where a gate of the procedure names the role that decides, only its
        signature counts.
        """
        self.ensure_one()
        # sudo: the question is whether it is decided, whoever asks
        ticket = self.sudo()
        gates = ticket._complaint_get_procedure_gates().filtered(
            lambda g: g.kind == "opinion" and g.opinion_kind == "decision"
        )
        gates = gates.filtered(
            lambda g: ticket.filtered_domain(g._get_condition())
        ) or gates.new({"kind": "opinion", "opinion_kind": "decision"})
        facts = ticket._complaint_read_gate_facts(list(gates))
        found = [
            entry
            for entry in facts["opinions"][ticket.id]
            if entry["kind"] == "decision"
            and all(gate._counts(ticket, entry, facts) for gate in gates)
        ]
        decisions = self.env["complaint.opinion"]
        if found:
            last = max(found, key=lambda entry: (entry["at"], entry["id"]))
            # sudo: back to the rights of the caller
            decisions = last["opinion"].sudo(self.env.su)
        return decisions

    def _complaint_check_promise(self):
        """Refuse promises to the customer before the decision (R341, R342).

        :raise UserError: where the procedure says so and nothing is decided
        """
        bound = self.filtered(
            # sudo: set-up
            lambda t: t.sudo().complaint_procedure_id.no_promise_before_decision
        )
        for ticket in bound:
            if not ticket._complaint_get_current_decision():
                raise UserError(
                    self.env._(
                        "%(complaint)s: nothing is decided yet, so the customer gets "
                        "no promise, solution or decision. Have the decision signed "
                        "first (page Opinions).",
                        complaint=ticket.display_name,
                    )
                )

    def _complaint_event(self, code, at=None, user=None, note=None, **extra):
        """Guard what tells the customer the outcome, then log."""
        if code in PROMISE_CODES and not self._complaint_is_import():
            self._complaint_check_promise()
        return super()._complaint_event(code, at=at, user=user, note=note, **extra)
