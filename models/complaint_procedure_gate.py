# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import ast

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .complaint_gate_mixin import COMPLAINT_PHASES

# what a kind of gate cannot do without
_NEEDED_FIELDS = {
    "opinion": "opinion_kind",
    "event": "event_type_id",
    "step": "step_code",
}
# kinds that somebody does at a time, so that role and order can be asked for
_TIMED_KINDS = ("opinion", "event", "callback", "effect")


class ComplaintProcedureGate(models.Model):
    """One condition that a procedure sets for entering a phase.

    It holds for the phase it names and no other. What a kind asks for is in its
    method `_get_reason_<kind>`; a new kind is a value of the selection and such a
    method. They read facts that were collected for all complaints at once, see
    `_complaint_read_gate_facts` of the ticket.
    """

    _name = "complaint.procedure.gate"
    _description = "Gate of a Complaint Procedure"
    _order = "procedure_id, sequence, id"

    procedure_id = fields.Many2one(
        "complaint.procedure", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="procedure_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    phase = fields.Selection(COMPLAINT_PHASES, required=True)
    kind = fields.Selection(
        [
            ("opinion", "Signed opinion"),
            ("event", "Event"),
            ("step", "Finished step"),
            ("investigation", "Check for the same problem"),
            ("established", "Established or not"),
            ("liability", "Liability adds up to 100 %"),
            ("settlement", "Decided settlement"),
            ("capa", "Corrective action, or a reason for none"),
            ("effect", "Effect verified"),
            ("callback", "Callback with a satisfied customer"),
        ],
        required=True,
    )
    opinion_kind = fields.Selection(
        selection=lambda self: (
            self.env["complaint.opinion"]
            ._fields["kind"]
            ._description_selection(self.env)
        ),
    )
    event_type_id = fields.Many2one("complaint.event.type", ondelete="restrict")
    step_code = fields.Char(string="Step")
    role_id = fields.Many2one(
        "complaint.role",
        string="By the Role",
        ondelete="restrict",
        help="Only what the holder of this role signed or did counts.",
    )
    after_code = fields.Char(
        string="Later than the Event",
        help="Code of an event type: only counts when it was done after the last such "
        "event, for example a review after the callback.",
    )
    condition_domain = fields.Char(
        string="Only Where", default="[]", help="Holds for these complaints only."
    )

    @api.constrains("phase", "kind", "opinion_kind", "event_type_id", "step_code")
    def _check_needed_fields(self):
        for gate in self:
            if gate.phase == "draft":
                raise ValidationError(
                    self.env._(
                        "%(procedure)s: a draft has no gate, it is where complaints "
                        "begin. Choose a later phase.",
                        procedure=gate.procedure_id.display_name,
                    )
                )
            needed = _NEEDED_FIELDS.get(gate.kind)
            if needed and not gate[needed]:
                kinds = dict(self._fields["kind"]._description_selection(self.env))
                raise ValidationError(
                    self.env._(
                        "%(procedure)s: the gate “%(gate)s” needs the field "
                        "“%(field)s”.",
                        procedure=gate.procedure_id.display_name,
                        gate=kinds[gate.kind],
                        field=gate._fields[needed]._description_string(self.env),
                    )
                )

    @api.constrains("kind", "role_id", "after_code")
    def _check_role_and_order(self):
        known = self.env["complaint.event.type"]._get_type_map()
        for gate in self:
            if gate.kind not in _TIMED_KINDS and (gate.role_id or gate.after_code):
                raise ValidationError(
                    self.env._(
                        "Only opinions, events, effects and callbacks are done by a "
                        "role or after an event. Empty these fields."
                    )
                )
            if gate.after_code and gate.after_code not in known:
                raise ValidationError(
                    self.env._(
                        "There is no event type with the code %(code)s. See "
                        "Configuration / Event Types.",
                        code=gate.after_code,
                    )
                )

    @api.constrains("condition_domain")
    def _check_condition_domain(self):
        tickets = self.env["helpdesk.ticket"]
        for gate in self:
            try:
                domain = gate._get_condition()
                domain.validate(tickets)
                # a complaint in memory: what only SQL can evaluate fails here
                tickets.new({}).filtered_domain(domain)
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "%(procedure)s: “%(domain)s” is no condition on complaints: "
                        "%(error)s. Write a list such as "
                        "[('complaint_severity', '=', 'critical')].",
                        procedure=gate.procedure_id.display_name,
                        domain=gate.condition_domain,
                        error=error,
                    )
                ) from error

    def _get_condition(self):
        """Return `condition_domain` as `Domain`; literals only, nothing is run."""
        self.ensure_one()
        return Domain(ast.literal_eval((self.condition_domain or "").strip() or "[]"))

    # ------------------------------------------------------------------
    # Evaluation
    # ------------------------------------------------------------------

    def _get_fact_codes(self):
        """Return the codes of the events that these gates look at."""
        codes = set(self.filtered("after_code").mapped("after_code"))
        codes.update(self.event_type_id.mapped("code"))
        kinds = set(self.mapped("kind"))
        if "opinion" in kinds:
            codes.add("opinion_signed")
        if "callback" in kinds:
            codes.add("called_back")
        if "capa" in kinds:
            codes.update(("capa_done", "no_capa_confirmed"))
        if "effect" in kinds:
            codes.update(("effect_verified", "effect_refuted"))
        return codes

    def _get_reason(self, ticket, facts):
        """Return what one complaint still lacks by this gate.

        :param ticket: `helpdesk.ticket` of which the gate's condition holds
        :param dict facts: see `_complaint_read_gate_facts` of the ticket
        :return: a full sentence that says what to do, or None
        """
        self.ensure_one()
        return getattr(self, f"_get_reason_{self.kind}")(ticket, facts)

    def _counts(self, ticket, entry, facts):
        """Whether who did something, and when, is what the gate asks for.

        :param dict entry: ``at``, ``id``, ``user``, ``department`` of an event
        """
        if entry["user"] in ticket._origin._complaint_get_recused():
            return False
        if self.role_id:
            holder = facts["holders"][ticket.company_id.id][self.role_id]
            if not holder._is_held_by(entry["user"], entry["department"]):
                return False
        if not self.after_code:
            return True
        before = facts["events"][ticket._origin.id].get(self.after_code)
        return bool(before) and (entry["at"], entry["id"]) > max(
            (event["at"], event["id"]) for event in before
        )

    def _add_demands(self, sentence):
        """Append who has to do it and in which order."""
        parts = [sentence]
        if self.role_id:
            parts.append(
                self.env._(
                    "Only the role “%(role)s” counts.", role=self.role_id.display_name
                )
            )
        if self.after_code:
            types = self.env["complaint.event.type"]
            # by the cached map: asked for every complaint of a list
            known = types._get_type_map().get(self.after_code)
            event = types.browse(known and known[0])
            parts.append(
                self.env._(
                    "It has to come after “%(event)s”.",
                    event=event.name or self.after_code,
                )
            )
        return " ".join(parts)

    def _get_reason_opinion(self, ticket, facts):
        """R039, R217, R343: a valid signature of this kind in this cycle."""
        for opinion in facts["opinions"][ticket._origin.id]:
            if opinion["kind"] == self.opinion_kind and self._counts(
                ticket, opinion, facts
            ):
                return None
        kinds = dict(self._fields["opinion_kind"]._description_selection(self.env))
        return self._add_demands(
            self.env._(
                "Write the opinion “%(kind)s” on the page Opinions and sign it.",
                kind=kinds[self.opinion_kind],
            )
        )

    def _get_reason_event(self, ticket, facts):
        """R214, R346: this event in this cycle."""
        events = facts["events"][ticket._origin.id]
        for event in events.get(self.event_type_id.code, ()):
            if self._counts(ticket, event, facts):
                return None
        return self._add_demands(
            self.env._(
                "“%(event)s” is not recorded yet: do it, or record it on the page Log.",
                event=self.event_type_id.name,
            )
        )

    def _get_reason_step(self, ticket, facts):
        """R190: the task of a step is done, or the event that meets it logged."""
        step = self.procedure_id.step_ids.filtered(lambda s: s.code == self.step_code)
        if not step:
            return self.env._(
                "The procedure has no step %(code)s any more. Correct its gates under "
                "Configuration / Procedures.",
                code=self.step_code,
            )
        if self.step_code in facts["steps"][ticket._origin.id]:
            return None
        return self.env._("Finish the step “%(step)s” first.", step=step.name)

    def _get_reason_investigation(self, ticket, facts):
        """R192: the areas were checked for the same problem."""
        if ticket.complaint_investigation_answer in ("found", "not_found"):
            return None
        return self.env._(
            "Check stock, work in progress and inspection records for the same "
            "problem and enter what was found (page Conclusion)."
        )

    def _get_reason_established(self, ticket, facts):
        """R211: decided whether it is established, with the grounds."""
        grounds = (ticket.complaint_established_grounds or "").strip()
        if ticket.complaint_established in ("yes", "no") and grounds:
            return None
        return self.env._(
            "Decide whether the complaint is established and write the grounds (page "
            "Classification)."
        )

    def _get_reason_liability(self, ticket, facts):
        """R058: who is responsible, 100 % in all."""
        return ticket._get_complaint_liability_reason(needed=True)

    def _get_reason_settlement(self, ticket, facts):
        """R340: at least one settlement of this cycle is decided."""
        settlements = ticket.complaint_settlement_ids.filtered(
            lambda s: s.state == "decided" and s.cycle == ticket.complaint_cycle
        )
        if settlements:
            return None
        return self.env._("Enter the settlement and decide it (page Conclusion).")

    def _get_reason_capa(self, ticket, facts):
        """R059, R349, R350, R426, R427: corrective action, or a confirmed reason.

        The 8D of the complaint is the corrective action, once there is one; what
        else was recorded as done does not stand in for it.
        """
        events = facts["events"][ticket._origin.id]
        always = self.procedure_id.capa_policy == "always"
        eightd = ticket._complaint_get_eightd()
        if eightd and (always or ticket.complaint_capa_required != "no"):
            return self._get_reason_eightd(ticket, eightd, events)
        if events.get("capa_done"):
            return None
        if always or ticket.complaint_capa_required == "yes":
            return self.env._(
                "Corrective action is required: open an 8D or request it from a "
                "department (page Conclusion), or carry it out and record it as done."
            )
        if ticket.complaint_capa_required != "no":
            return self.env._(
                "Decide whether corrective action is needed (page Conclusion)."
            )
        if not (ticket.complaint_no_capa_reason or "").strip():
            return self.env._(
                "Write the reason why there is no corrective action (page Conclusion)."
            )
        if self.procedure_id.no_capa_approval == "none":
            return None
        if ticket._complaint_is_no_capa_confirmed(events.get("no_capa_confirmed", ())):
            return None
        role = self.procedure_id.no_capa_role_id.name
        if self.procedure_id.no_capa_approval == "inform":
            return self.env._(
                "Inform the role “%(role)s” that there is no corrective action "
                "(button on the page Conclusion).",
                role=role,
            )
        return self.env._(
            "The role “%(role)s” has to approve that there is no corrective action "
            "(button on the page Conclusion).",
            role=role,
        )

    def _get_reason_eightd(self, ticket, eightd, events):
        """What the 8D lacks; finished before a reopening, it is looked at again."""
        reason = eightd._get_capa_reason()
        if reason or ticket.complaint_cycle == 1 or events.get("capa_done"):
            return reason
        return self.env._(
            "The 8D %(eightd)s was finished before this complaint was opened again. "
            "Record that its corrective action is still enough, or verify it as not "
            "effective and open the next 8D.",
            eightd=eightd.number or eightd.name,
        )

    def _get_reason_effect(self, ticket, facts):
        """R445, R446: found effective, and nothing was found against it since.

        Of an 8D with D6 the verdict of quality, of anything else what was recorded.
        """
        eightd = ticket._complaint_get_eightd()
        if eightd and eightd._get_capa_code() == "d6":
            return eightd._get_effect_reason()
        events = facts["events"][ticket._origin.id]
        last = max((e["id"] for e in events.get("effect_refuted", ())), default=0)
        for event in events.get("effect_verified", ()):
            if event["id"] > last and self._counts(ticket, event, facts):
                return None
        return self._add_demands(
            self.env._(
                "The effect is not verified: look whether it helped and record it."
            )
        )

    def _get_reason_callback(self, ticket, facts):
        """R217, R450: the last callback of this cycle found a satisfied customer."""
        events = facts["events"][ticket._origin.id].get("called_back", ())
        times = {
            event["payload"].get("id"): event
            for event in events
            if event["payload"].get("model") == "complaint.callback"
        }
        callbacks = ticket.complaint_callback_ids.filtered(
            lambda c: (
                c.cycle == ticket.complaint_cycle
                and c._origin.id in times
                and self._counts(ticket, times[c._origin.id], facts)
            )
        )
        last = callbacks.sorted(lambda c: (c.at, c._origin.id))[-1:]
        if last.satisfied == "yes":
            return None
        if last:
            return self.env._(
                "The customer was not satisfied at the last callback. Go back, solve "
                "it and call again."
            )
        return self._add_demands(
            self.env._(
                "Call the customer back and enter whether he is satisfied (page "
                "Conclusion)."
            )
        )
