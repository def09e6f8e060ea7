# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare

# filled by buttons only
_STAMPS = ("complaint_no_capa_approver_id", "complaint_no_capa_approved_at")
# liable party -> outcome of the complaint (R158)
_OUTCOMES = {
    "department": "own",
    "supplier": "supplier",
    "subcontractor": "subcontractor",
    "customer": "customer",
    "carrier": "carrier",
    "other": "other_company",
}
# areas without which nobody can say that a problem was not found (R192)
_AREAS = {"stock", "wip", "inspection"}


class ComplaintConclusionMixin(models.AbstractModel):
    """Investigation, liability, corrective action, callback and settlement."""

    _name = "complaint.conclusion.mixin"
    _description = "Complaint Conclusion"

    complaint_investigation_ids = fields.One2many(
        "complaint.investigation",
        "ticket_id",
        string="Checks for the Same Problem",
        groups="base.group_user",
    )
    complaint_investigation_answer = fields.Selection(
        [
            ("open", "Not answered"),
            ("found", "Same problem found"),
            ("not_found", "Not found"),
        ],
        string="Same Problem",
        compute="_compute_complaint_investigation_answer",
        groups="base.group_user",
        help="Found: corrective action may start at once. Not found: the customer is "
        "asked for a sample or pictures.",
    )
    complaint_liability_ids = fields.One2many(
        "complaint.liability",
        "ticket_id",
        string="Liabilities",
        groups="base.group_user",
    )
    complaint_capa_required = fields.Selection(
        [("yes", "Required"), ("no", "Not required")],
        string="Corrective Action",
        groups="base.group_user",
        copy=False,
    )
    complaint_no_capa_reason = fields.Text(
        string="Reason for No Corrective Action", groups="base.group_user", copy=False
    )
    complaint_no_capa_approver_id = fields.Many2one(
        "res.users",
        string="Informed or Approved by",
        groups="base.group_user",
        readonly=True,
        copy=False,
    )
    complaint_no_capa_approved_at = fields.Datetime(
        string="Informed or Approved on",
        groups="base.group_user",
        readonly=True,
        copy=False,
    )
    complaint_no_capa_approval = fields.Char(
        compute="_compute_complaint_no_capa_approval",
        groups="base.group_user",
        help="What the procedure wants when there is no corrective action.",
    )
    complaint_callback_ids = fields.One2many(
        "complaint.callback", "ticket_id", string="Callbacks", groups="base.group_user"
    )
    complaint_satisfaction = fields.Selection(
        [("satisfied", "Satisfied"), ("unsatisfied", "Not satisfied")],
        string="Satisfaction",
        compute="_compute_complaint_satisfaction",
        store=True,
        readonly=False,
        copy=False,
        groups="base.group_user",
        help="As of the last callback, unless entered by hand.",
    )
    complaint_settlement_ids = fields.One2many(
        "complaint.settlement",
        "ticket_id",
        string="Settlements",
        groups="base.group_user",
    )

    @api.depends(
        "complaint_investigation_ids.result",
        "complaint_investigation_ids.area",
        "complaint_cycle",
    )
    def _compute_complaint_investigation_answer(self):
        """Found in one area is found; not found needs every area answered."""
        for ticket in self:
            rows = ticket.complaint_investigation_ids.filtered(
                lambda r, cycle=ticket.complaint_cycle: (r.cycle or 1) == cycle
            )
            results = set(rows.mapped("result"))
            answered = set(rows.filtered("result").mapped("area"))
            answer = "open"
            if "found" in results:
                answer = "found"
            elif "not_found" in results and answered >= _AREAS and False not in results:
                answer = "not_found"
            ticket.complaint_investigation_answer = answer

    @api.depends("complaint_procedure_id.no_capa_approval")
    def _compute_complaint_no_capa_approval(self):
        for ticket in self:
            # sudo: set-up
            procedure = ticket.sudo().complaint_procedure_id
            ticket.complaint_no_capa_approval = procedure.no_capa_approval

    @api.depends("complaint_callback_ids.satisfied", "complaint_callback_ids.at")
    def _compute_complaint_satisfaction(self):
        for ticket in self:
            last = ticket.complaint_callback_ids.sorted(lambda c: (c.at, c._origin.id))
            if last:
                is_satisfied = last[-1].satisfied == "yes"
                ticket.complaint_satisfaction = (
                    "satisfied" if is_satisfied else "unsatisfied"
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def default_get(self, fields_list):
        """No approval by the context or a user's own default."""
        defaults = super().default_get(fields_list)
        for name in _STAMPS:
            defaults.pop(name, None)
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            for name in _STAMPS:
                vals.pop(name, None)
        return super().create(vals_list)

    def write(self, vals):
        if set(_STAMPS) & set(vals):
            if not self.env.su:
                raise UserError(
                    self.env._("Use the buttons: everybody approves in his own name.")
                )
            return super().write(vals)
        result = super().write(vals)
        if {"complaint_no_capa_reason", "complaint_capa_required"} & set(vals):
            # sudo: stamps are closed to clients; another reason needs a new approval
            self.sudo().filtered("complaint_no_capa_approver_id").write(
                dict.fromkeys(_STAMPS, False)
            )
        return result

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_complaint_investigate(self):
        """Add the areas that nobody has on his list yet (R192)."""
        self.check_access("write")
        self._complaint_refuse_ended()
        rows = self.env["complaint.investigation"]
        for ticket in self:
            cycle = ticket.complaint_cycle
            known = ticket.complaint_investigation_ids.filtered(
                lambda r, cycle=cycle: r.cycle == cycle
            ).mapped("area")
            for area, _name in rows._fields["area"].selection:
                if area in _AREAS and area not in known:
                    rows.create({"ticket_id": ticket.id, "area": area})
        return True

    def action_complaint_confirm_liability(self):
        """Confirm who is responsible; logged as `responsibility_decided` (R058).

        :raise UserError: unless it adds up to 100 %
        """
        self.check_access("write")
        self._complaint_refuse_ended()
        self._complaint_check_not_recused(self.env.user)
        for ticket in self:
            reason = ticket._get_complaint_liability_reason(needed=True)
            if reason:
                raise UserError(reason)
            rows = ticket.complaint_liability_ids
            if all(row.confirmed_at for row in rows):
                continue
            # sudo: stamps are closed to clients; the right to write was checked
            rows.sudo().write(
                {"confirmed_by_id": self.env.uid, "confirmed_at": fields.Datetime.now()}
            )
            if not ticket.complaint_liability_outcome:
                largest = rows.sorted("ratio", reverse=True)[0]
                ticket.complaint_liability_outcome = _OUTCOMES[largest.party_kind]
            ticket._complaint_event(
                "responsibility_decided",
                payload={
                    "shares": [
                        [row._get_complaint_party_name(), row.ratio] for row in rows
                    ]
                },
            )
        return True

    def action_complaint_confirm_no_capa(self):
        """Inform the role of, or approve, the lack of corrective action (R349, R350).

        :raise UserError: without reason, or when another person has to approve
        """
        self.check_access("read")
        self._complaint_refuse_ended()
        self._complaint_check_not_recused(self.env.user)
        for ticket in self:
            ticket._complaint_confirm_no_capa()
        return True

    # ------------------------------------------------------------------
    # Gates
    # ------------------------------------------------------------------

    def _get_complaint_blocking_depends(self):
        return [
            *super()._get_complaint_blocking_depends(),
            "complaint_established",
            "complaint_established_grounds",
            "complaint_capa_required",
            "complaint_no_capa_reason",
            "complaint_investigation_ids.result",
            "complaint_liability_ids.ratio",
            "complaint_opinion_ids.signed_at",
            "complaint_callback_ids.satisfied",
            "complaint_settlement_ids.state",
            "complaint_event_ids",
        ]

    def _get_complaint_closing_reasons(self):
        """Responsibility that was begun is complete, whatever the procedure (R058)."""
        reasons = super()._get_complaint_closing_reasons()
        reason = self._get_complaint_liability_reason()
        return [*reasons, reason] if reason else reasons

    def _get_complaint_liability_reason(self, needed=False):
        """Return why the responsibility is not complete, or None.

        :param bool needed: whether there has to be any
        """
        self.ensure_one()
        total = sum(self.complaint_liability_ids.mapped("ratio"))
        if not self.complaint_liability_ids:
            return (
                self.env._("Enter who is responsible, 100 % in all (page Conclusion).")
                if needed
                else None
            )
        if float_compare(total, 100, precision_digits=2) == 0:
            return None
        return self.env._(
            "The responsibility adds up to %(total).2f %%: complete it to 100 %% "
            "(page Conclusion).",
            total=total,
        )

    # ------------------------------------------------------------------
    # Investigation
    # ------------------------------------------------------------------

    def _complaint_after_investigation(self):
        """Log the answer; ask for a sample or start corrective action (R192, R193)."""
        for ticket in self:
            answer = ticket.complaint_investigation_answer
            if answer == "open":
                continue
            ticket._complaint_event("investigated", payload={"answer": answer})
            if answer == "found":
                if not ticket.complaint_capa_required:
                    ticket.complaint_capa_required = "yes"
                continue
            had_sample = ticket._complaint_get_logged("sample_requested")
            had_sample |= ticket._complaint_get_logged("sample_received")
            if not had_sample and ticket._complaint_event("sample_wanted"):
                ticket._complaint_ask_for_sample()

    def _complaint_ask_for_sample(self):
        """To-do for business: ask the customer for a sample or pictures (R193)."""
        self.ensure_one()
        # sudo: set-up
        role = self.env["complaint.role"].sudo().search([("code", "=", "business")])
        recused = self._complaint_get_recused()
        candidates = (
            role and role._get_holder_user(self.company_id, recused),
            self.complaint_first_contact_id,
            self.user_id,
            self.env.user,
        )
        user = next((u for u in candidates if u and u not in recused), self.env.user)
        self.activity_schedule(
            "helpdesk_mgmt_complaint.mail_activity_type_sample",
            user_id=user.id,
            note=self.env._(
                "The same problem was not found in our stock, production and records. "
                "Enter the sample or the pictures on the page Samples."
            ),
        )

    # ------------------------------------------------------------------
    # No corrective action
    # ------------------------------------------------------------------

    def _complaint_confirm_no_capa(self):
        self.ensure_one()
        # sudo: set-up
        procedure = self.sudo().complaint_procedure_id
        reason = (self.complaint_no_capa_reason or "").strip()
        if self.complaint_capa_required != "no" or not reason:
            raise UserError(
                self.env._(
                    "%(complaint)s: choose that corrective action is not required, "
                    "and write the reason.",
                    complaint=self.display_name,
                )
            )
        mode = procedure.no_capa_approval
        if mode == "none":
            raise UserError(
                self.env._("By this procedure the written reason is enough.")
            )
        role = procedure.no_capa_role_id
        holder = role._get_holder_user(self.company_id, self._complaint_get_recused())
        if not holder:
            raise UserError(
                self.env._(
                    "Nobody holds the role “%(role)s” in %(company)s, or who does "
                    "may not act here. Assign it, or a deputy, under Configuration / "
                    "Roles.",
                    role=role.name,
                    company=self.company_id.name,
                )
            )
        if mode == "role" and holder != self.env.user:
            raise UserError(
                self.env._(
                    "Only %(person)s may approve this (role “%(role)s”).",
                    person=holder.name,
                    role=role.name,
                )
            )
        if mode == "inform":
            self.check_access("write")
            self._complaint_tell_no_capa(holder, reason)
        self._complaint_stamp_no_capa(holder, mode, reason)

    def _complaint_tell_no_capa(self, holder, reason):
        self.message_notify(
            partner_ids=holder.partner_id.ids,
            subject=self.display_name,
            body=self.env._(
                "No corrective action for this complaint: %(reason)s", reason=reason
            ),
            model=self._name,
            res_id=self.id,
        )

    def _complaint_stamp_no_capa(self, holder, mode, reason):
        """Write down who knows or approved it; the log keeps the reason."""
        # sudo: stamps are closed to clients; who may was checked by the caller. The
        # approver need not be a handler
        self.sudo().write(
            {
                "complaint_no_capa_approver_id": holder.id,
                "complaint_no_capa_approved_at": fields.Datetime.now(),
            }
        )
        self._complaint_event(
            "no_capa_confirmed",
            note=reason,
            payload={"mode": mode, "holder_id": holder.id},
        )

    def _complaint_is_no_capa_confirmed(self, events):
        """Whether the present reason was confirmed in this cycle as demanded.

        :param events: those of `no_capa_confirmed` of this cycle
        """
        self.ensure_one()
        approver = self.complaint_no_capa_approver_id
        if not approver or not events or approver in self._complaint_get_recused():
            return False
        last = max(events, key=lambda event: event["id"])
        wanted = self.complaint_procedure_id.no_capa_approval
        return wanted == "inform" or last["payload"].get("mode") == wanted
