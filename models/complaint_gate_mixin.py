# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

COMPLAINT_PHASES = [
    ("draft", "Draft"),
    ("accepted", "Accepted"),
    ("investigation", "Investigation"),
    ("decision", "Decision"),
    ("execution", "Execution"),
    ("verification", "Verification"),
    ("closed", "Closed"),
    ("cancelled", "Cancelled"),
]
ENDED_PHASES = ("closed", "cancelled")
# a demand for these is only clear with a quantity, or with the marker of R037
_QUANTITY_DEMANDS = ("return", "exchange", "redelivery")


class ComplaintGateMixin(models.AbstractModel):
    """Phases of a complaint and what must be true to enter them.

    `_complaint_get_blocking_reasons` is the only truth: button, kanban drag,
    import and RPC call all end in the constraint that asks it.
    """

    _name = "complaint.gate.mixin"
    _description = "Complaint Gates"

    complaint_phase = fields.Selection(
        COMPLAINT_PHASES,
        string="Phase",
        compute="_compute_complaint_phase",
        store=True,
        index=True,
        help="Follows the stage; gates look at phases, never at stage names.",
    )
    complaint_allowed_stage_ids = fields.Many2many(
        "helpdesk.ticket.stage",
        string="Possible Stages",
        compute="_compute_complaint_allowed_stage_ids",
        groups="base.group_user",
        help="Of the team and company, and the one it is in.",
    )
    complaint_cancel_reason = fields.Text(
        string="Reason for Cancelling", copy=False, groups="base.group_user"
    )
    complaint_blocking_note = fields.Text(
        string="Still Missing",
        compute="_compute_complaint_blocking_note",
        groups="base.group_user",
    )

    @api.depends("stage_id")
    def _compute_complaint_phase(self):
        for ticket in self:
            # sudo: a stage may belong to a company the user left
            ticket.complaint_phase = ticket.stage_id.sudo().complaint_phase

    @api.depends("team_id", "company_id", "stage_id")
    def _compute_complaint_allowed_stage_ids(self):
        for (team, company), tickets in self.grouped(
            lambda t: (t.team_id, t.company_id)
        ).items():
            stages = team._get_complaint_stages(company)
            for ticket in tickets:
                ticket.complaint_allowed_stage_ids = stages | ticket.stage_id

    @api.depends(lambda self: self._get_complaint_blocking_depends())
    def _compute_complaint_blocking_note(self):
        drafts = self.filtered(lambda t: t.complaint_phase == "draft")
        reasons = drafts._complaint_get_blocking_reasons("accepted")
        for ticket in self:
            ticket.complaint_blocking_note = "\n".join(reasons.get(ticket.id, []))

    @api.constrains("complaint_content", "complaint_cancel_reason")
    def _check_complaint_record_kept(self):
        """What a gate asked for cannot be emptied once the gate was passed."""
        if self._complaint_is_import():
            return
        for ticket in self.filtered("is_complaint"):
            phase = ticket.complaint_phase
            needed = ticket.complaint_content
            if phase == "cancelled":
                needed = ticket.complaint_cancel_reason
            if phase not in (False, "draft") and not (needed or "").strip():
                raise ValidationError(
                    self.env._(
                        "%(complaint)s: its written content, or the reason why it was "
                        "cancelled, cannot be emptied.",
                        complaint=ticket.display_name,
                    )
                )

    @api.constrains("stage_id")
    def _check_complaint_phase_gate(self):
        if self._complaint_is_import():
            return
        complaints = self.filtered("is_complaint")
        # the stage itself: while stage and phase are being recomputed the stored
        # phase is still the old one. sudo: it may belong to a company the user left
        groups = complaints.grouped(lambda t: t.stage_id.sudo().complaint_phase)
        for phase, tickets in groups.items():
            if not phase:
                raise ValidationError(
                    self.env._(
                        "The stage %(stage)s has no complaint phase. Choose a "
                        "complaint stage, or set its phase in the stage settings.",
                        stage=tickets[:1].stage_id.name or "-",
                    )
                )
            reasons = tickets._complaint_get_blocking_reasons(phase)
            blocked = [t for t in tickets if reasons.get(t.id)]
            if blocked:
                raise ValidationError(self._complaint_format_reasons(blocked, reasons))

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_complaint_accept(self):
        """Accept: the clock starts and, by most procedures, the number is given.

        Drafts only: on a form that is out of date, or in a selection of the list,
        a complaint that went on already is not moved back.
        """
        self.check_access("write")
        self._complaint_refuse_ended()
        drafts = self.filtered(lambda t: t.complaint_phase == "draft")
        drafts._complaint_move_to_phase("accepted")
        return True

    def action_complaint_close(self):
        """Close the complaint."""
        self._complaint_move_to_phase("closed")
        return True

    def action_complaint_cancel(self):
        """Ask for the reason, then cancel (see `_complaint_cancel`)."""
        return self._get_complaint_reason_action("cancel", self.env._("Cancel"))

    def action_complaint_reopen(self, reason=None):
        """Reopen an ended complaint; without a reason the user is asked for it.

        :param str reason: why it is opened again
        :raise UserError: when a complaint is still open
        """
        reason = reason if isinstance(reason, str) else ""
        if not reason.strip():
            return self._get_complaint_reason_action("reopen", self.env._("Reopen"))
        self._complaint_check_is_handler()
        running = self.filtered(lambda t: t.complaint_phase not in ENDED_PHASES)
        if running:
            raise UserError(
                self.env._(
                    "%(names)s: still open, there is nothing to reopen.",
                    names=", ".join(running.mapped("display_name")),
                )
            )
        self.check_access("write")
        self._complaint_event("reopened", note=reason)
        for ticket in self:
            # sudo: the cycle is read-only for users and only changes here
            ticket.sudo().complaint_cycle += 1
        self._complaint_move_to_phase("accepted")
        self.write({"closed_date": False, "complaint_cancel_reason": False})
        return True

    def _get_complaint_reason_action(self, kind, title):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "complaint.reason",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_kind": kind,
                "default_ticket_ids": [fields.Command.set(self.ids)],
            },
        }

    # ------------------------------------------------------------------
    # Gates
    # ------------------------------------------------------------------

    def _complaint_get_blocking_reasons(self, phase):
        """Return why tickets may not enter (or stay in) a phase.

        Extensions call super and append to the lists.

        :param str phase: target phase
        :return: ``{ticket_id: [full sentence, ...]}``, empty list when free
        """
        reasons = {ticket.id: [] for ticket in self}
        logged = self._complaint_read_events(["accepted", "closed", "cancelled"])
        for ticket in self:
            found = reasons[ticket.id]
            found += ticket._get_complaint_history_reasons(
                phase, logged.get(ticket._origin.id, ())
            )
            if phase == "cancelled":
                found += ticket._get_complaint_cancel_reasons()
            elif phase != "draft":
                found += ticket._get_complaint_registration_reasons()
            if phase == "closed":
                found += ticket._get_complaint_closing_reasons()
        return reasons

    def _get_complaint_blocking_depends(self):
        """Hook: fields the registration reasons look at (for the form)."""
        return [
            "partner_id",
            "channel_id",
            "complaint_oral",
            "complaint_content",
            "complaint_anonymous",
            "complaint_complainant_name",
            "complaint_phase",
            "complaint_procedure_id",
            "complaint_line_ids.product_id",
            "complaint_line_ids.lot_id",
            "complaint_line_ids.lot_name",
            "complaint_line_ids.symptom",
            "complaint_line_ids.demand",
            "complaint_line_ids.demand_qty",
            "complaint_line_ids.demand_undetermined",
            "complaint_line_ids.is_proposed",
            "complaint_line_ids.serials",
        ]

    def _get_complaint_history_reasons(self, phase, events):
        """Reasons that lie in what already happened in this cycle."""
        self.ensure_one()
        cycle = self.complaint_cycle
        codes = {event["code"] for event in events if event["cycle"] == cycle}
        if phase == "draft" and codes & {"accepted", "closed", "cancelled"}:
            return [
                self.env._(
                    "It was already accepted and cannot become a draft again. Cancel "
                    "it with a reason if it was a mistake."
                )
            ]
        if ("closed" in codes and phase != "closed") or (
            "cancelled" in codes and phase != "cancelled"
        ):
            return [
                self.env._("It is closed or cancelled. Use Reopen and give the reason.")
            ]
        return []

    def _get_complaint_cancel_reasons(self):
        self.ensure_one()
        if (self.complaint_cancel_reason or "").strip():
            return []
        return [self.env._("Give the reason for cancelling (use the Cancel button).")]

    def _get_complaint_closing_reasons(self):
        """The marker of R037 must be replaced by a quantity before closing."""
        self.ensure_one()
        return [
            self.env._(
                "%(line)s: the demanded quantity is still undetermined. Enter it "
                "before closing.",
                line=line.display_name,
            )
            for line in self.complaint_line_ids
            if line.demand_undetermined
        ]

    def _get_complaint_registration_reasons(self):
        """Reasons why the registration is not complete enough to be accepted."""
        self.ensure_one()
        reasons = []
        if not (
            self.partner_id
            or (self.complaint_complainant_name or "").strip()
            or self.complaint_anonymous
        ):
            reasons.append(
                self.env._(
                    "Enter the customer or the name of the complainant, or tick "
                    "Anonymous."
                )
            )
        if not self.channel_id:
            reasons.append(
                self.env._("Choose the channel by which the complaint arrived.")
            )
        if not (self.complaint_content or "").strip():
            reasons.append(
                self.env._(
                    "The complaint was made orally: type its content as a written "
                    "record."
                )
                if self.complaint_oral
                else self.env._("Describe the complaint in Content.")
            )
        if not self.complaint_procedure_id:
            reasons.append(
                self.env._(
                    "Choose the procedure: it gives the complaint its number. If there "
                    "is none, add one under Configuration / Procedures."
                )
            )
        return reasons + self._get_complaint_line_reasons()

    def _get_complaint_line_reasons(self):
        self.ensure_one()
        reasons = []
        lines = self.complaint_line_ids
        if lines.filtered("is_proposed"):
            reasons.append(
                self.env._(
                    "%(count)s line(s) were proposed by the system. Confirm or remove "
                    "them.",
                    count=len(lines.filtered("is_proposed")),
                )
            )
        # sudo: whoever registers may not read the customer's terms, only obey them
        customer = self.partner_id.commercial_partner_id.sudo()
        if customer.complaint_lot_required and not lines:
            reasons.append(
                self.env._(
                    "%(customer)s requires the lot: add a line with its lot number.",
                    customer=customer.name,
                )
            )
        for line in lines:
            reasons += line._get_complaint_blocking_reasons(
                customer.complaint_lot_required, _QUANTITY_DEMANDS
            )
        return reasons

    @api.model
    def _complaint_format_reasons(self, tickets, reasons):
        blocks = []
        for ticket in tickets:
            title = ticket.complaint_number or ticket.number or ticket.name
            lines = "\n".join(f"- {reason}" for reason in reasons[ticket.id])
            blocks.append(
                self.env._(
                    "%(complaint)s cannot go on:\n%(reasons)s",
                    complaint=title,
                    reasons=lines,
                )
            )
        return "\n\n".join(blocks)

    # ------------------------------------------------------------------
    # Doing
    # ------------------------------------------------------------------

    def _complaint_move_to_phase(self, phase):
        """Write the first stage of a phase; gates and events follow from it.

        :raise UserError: when the team has no stage of this phase
        """
        for (team, company), tickets in self.grouped(
            lambda t: (t.team_id, t.company_id)
        ).items():
            stage = team._get_complaint_stage(phase, company)
            if not stage:
                raise UserError(
                    self.env._(
                        "There is no stage with the phase %(phase)s for the team "
                        "%(team)s. Add one under Configuration / Stages.",
                        phase=dict(
                            self._fields["complaint_phase"]._description_selection(
                                self.env
                            )
                        )[phase],
                        team=team.display_name or "-",
                    )
                )
            tickets.write({"stage_id": stage.id})

    def _complaint_cancel(self, reason):
        """Cancel with a reason; nothing is deleted (R512).

        :raise UserError: for what is closed or cancelled already
        """
        self._complaint_refuse_ended()
        self.write({"complaint_cancel_reason": reason})
        self._complaint_move_to_phase("cancelled")

    def _complaint_refuse_ended(self):
        """Raise when one of these complaints is closed or cancelled."""
        ended = self._complaint_is_ended()
        if ended:
            raise UserError(
                self.env._(
                    "%(names)s: closed or cancelled, use Reopen.",
                    names=", ".join(ended.mapped("display_name")),
                )
            )

    def _complaint_check_is_handler(self):
        """Raise unless the user belongs to the complaint team."""
        if self.env.su or self.env.user.has_group(
            "helpdesk_mgmt_complaint.group_complaint_handler"
        ):
            return
        raise UserError(
            self.env._(
                "Only a complaint handler may do this. Everybody may register a "
                "complaint; the handlers accept it."
            )
        )

    @api.model
    def _complaint_is_import(self):
        """Return whether a manager imports an old register (no gates, no mail).

        Superuser mode proves nothing: Odoo runs constraints of a recomputed stage
        in it, with whatever context the client sent.
        """
        return bool(self.env.context.get("complaint_import")) and (
            self.env.user.has_group("helpdesk_mgmt_complaint.group_complaint_manager")
        )

    def _complaint_after_phase_change(self, before):
        """Log what a change of stage meant, then give numbers.

        :param dict before: ``{ticket_id: phase}`` before the write
        """
        if self._complaint_is_import():
            return
        moved = self.filtered(
            lambda t: t.is_complaint and before.get(t.id) != t.complaint_phase
        )
        # The rows are locked first: who does the same at the same moment waits
        # here, and his request is run again. In the log it would be an error.
        moved.flush_recordset(["stage_id", "complaint_phase"])
        accepted = moved.filtered(
            lambda t: t.complaint_phase not in ("draft", "cancelled")
        )
        if accepted:
            accepted._complaint_check_is_handler()
            newly = accepted._complaint_event("accepted").ticket_id.with_env(self.env)
        for phase in ENDED_PHASES:
            ended = moved.filtered(lambda t, phase=phase: t.complaint_phase == phase)
            if ended:
                ended._complaint_event(phase)
        if accepted:
            newly._complaint_ask_for_serials()
            accepted._complaint_assign_number("acceptance")

    def _complaint_ask_for_serials(self):
        """To-do "ask the customer for the SN" when he replaces the part (R035)."""
        for ticket in self:
            # sudo: the rule is set-up of the procedure
            if not ticket.complaint_procedure_id.sudo().serial_required:
                continue
            missing = ticket.complaint_line_ids.filtered(
                lambda line: line.demand == "exchange"
                and not (line.serials or "").strip()
            )
            if missing:
                ticket.activity_schedule(
                    "helpdesk_mgmt_complaint.mail_activity_type_serial",
                    user_id=(ticket.user_id or self.env.user).id,
                    note=", ".join(missing.mapped("display_name")),
                )
