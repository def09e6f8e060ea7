# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import re
from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..kernel.procedure_route import Step
from .complaint_dispatch import DISPATCH_KINDS
from .complaint_gate_mixin import COMPLAINT_PHASES, ENDED_PHASES

# what route, time limits ("code:kind") and gates can refer to
_CODE = re.compile(r"[a-z][a-z0-9_]*")


class ComplaintProcedureStep(models.Model):
    """One step of a procedure: who does what, and what has to come out.

    A step is either a task of a department, which opens a dispatch, or met by an
    event that is logged elsewhere (accepted, decided, closed ...).
    """

    _name = "complaint.procedure.step"
    _description = "Step of a Complaint Procedure"
    _order = "procedure_id, sequence, id"

    procedure_id = fields.Many2one(
        "complaint.procedure", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="procedure_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        help="Names this step in the event log and in time limits; stays the same in "
        "copies of the procedure.",
    )
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [("dispatch", "Task of a department"), ("event", "Met by an event")],
        required=True,
        default="dispatch",
    )
    task_kind = fields.Selection(DISPATCH_KINDS, string="Task", default="handling")
    role_id = fields.Many2one("complaint.role", ondelete="restrict")
    more_role_ids = fields.Many2many(
        "complaint.role",
        "complaint_procedure_step_role_rel",
        "step_id",
        "role_id",
        string="Together with",
        help="Each of these roles gets a task too; the step is finished when all "
        "have finished (joint handling).",
    )
    instruction = fields.Text(
        translate=True, help="What is asked for; stands on the dispatch slip."
    )
    is_parallel = fields.Boolean(
        string="Together with the Previous Step",
        help="Starts at the same time as the step before it.",
    )
    condition = fields.Selection(
        [
            ("always", "Always"),
            ("if_needed", "Only if needed"),
            ("domain", "Where a condition holds"),
        ],
        required=True,
        default="always",
        help="Only if needed: the handler starts or skips it.",
    )
    condition_domain = fields.Char(string="Condition as Domain", default="[]")
    phase = fields.Selection(
        COMPLAINT_PHASES,
        help="The complaint enters this phase when the step starts, through the "
        "gates. Accepting and closing stay with the handler.",
    )
    opinion_kind = fields.Selection(
        selection=lambda self: (
            self.env["complaint.opinion"]
            ._fields["kind"]
            ._description_selection(self.env)
        ),
        string="Required Opinion",
        help="The task can only be finished with a signed opinion of this kind.",
    )
    needs_result = fields.Boolean(
        string="Required Result", help="The task is finished with a written result."
    )
    event_type_id = fields.Many2one(
        "complaint.event.type",
        string="Event",
        ondelete="restrict",
        help="Meets the step, or is logged when its task is finished.",
    )
    summary = fields.Char(
        string="In Words", compute="_compute_summary", help="Who, when and what."
    )

    _code_unique = models.Constraint(
        "UNIQUE(procedure_id, code)", "A step with this code exists already."
    )

    @api.depends(
        "kind",
        "role_id",
        "more_role_ids",
        "condition",
        "is_parallel",
        "opinion_kind",
        "needs_result",
        "event_type_id",
    )
    def _compute_summary(self):
        kinds = dict(self._fields["opinion_kind"]._description_selection(self.env))
        for step in self:
            parts = [", ".join((step.role_id | step.more_role_ids).mapped("name"))]
            if step.is_parallel:
                parts.append(self.env._("together with the step before"))
            if step.condition == "if_needed":
                parts.append(self.env._("only if needed"))
            elif step.condition == "domain":
                parts.append(self.env._("only where the condition holds"))
            if step.opinion_kind:
                parts.append(
                    self.env._(
                        "gives a signed opinion: %(kind)s",
                        kind=kinds[step.opinion_kind],
                    )
                )
            if step.needs_result:
                parts.append(self.env._("gives a written result"))
            if step.kind == "event":
                parts.append(
                    self.env._(
                        "finished by: %(event)s", event=step.event_type_id.name or "?"
                    )
                )
            step.summary = "; ".join(part for part in parts if part)

    @api.constrains("code")
    def _check_code(self):
        for step in self:
            if not _CODE.fullmatch(step.code or ""):
                raise ValidationError(
                    self.env._(
                        "%(code)s: a code consists of small letters, digits and _ "
                        "and begins with a letter.",
                        code=step.code,
                    )
                )

    @api.constrains("kind", "event_type_id")
    def _check_event_type(self):
        for step in self:
            if step.kind == "event" and not step.event_type_id:
                raise ValidationError(
                    self.env._(
                        "%(step)s: choose the event that meets this step.",
                        step=step.name,
                    )
                )

    @api.constrains("phase")
    def _check_phase(self):
        for step in self:
            if step.phase in ("draft", "cancelled"):
                raise ValidationError(
                    self.env._(
                        "%(step)s: no step makes a complaint a draft or cancels it.",
                        step=step.name,
                    )
                )

    @api.constrains("condition", "condition_domain")
    def _check_condition_domain(self):
        tickets = self.env["helpdesk.ticket"]
        for step in self.filtered(lambda step: step.condition == "domain"):
            try:
                Domain(step._get_condition_domain()).validate(tickets)
            except (ValueError, SyntaxError, TypeError) as error:
                raise ValidationError(
                    self.env._(
                        "%(step)s: the condition %(domain)s cannot be read. Choose it "
                        "with the editor.",
                        step=step.name,
                        domain=step.condition_domain,
                    )
                ) from error

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        changed = self.filtered(
            lambda step: step.code != vals.get("code", step.code)
            or step.procedure_id.id != vals.get("procedure_id", step.procedure_id.id)
        )
        if changed and changed._get_used():
            raise UserError(
                self.env._(
                    "%(steps)s: complaints follow this step already, its code and "
                    "procedure stay. Archive it and add another one.",
                    steps=", ".join(changed._get_used().mapped("name")),
                )
            )
        self.env.registry.clear_cache()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """Steps of complaints are part of their record."""
        used = self._get_used()
        if used:
            raise UserError(
                self.env._(
                    "%(steps)s: complaints follow these steps. Archive them instead: "
                    "new complaints go without, running ones finish what was sent.",
                    steps=", ".join(used.mapped("name")),
                )
            )
        self.env.registry.clear_cache()

    # ------------------------------------------------------------------
    # Use
    # ------------------------------------------------------------------

    def _get_used(self):
        """Return the steps that a task names or a running complaint goes through."""
        # sudo: complaints of other companies count too, none is returned
        steps = self.sudo()
        dispatches = steps.env["complaint.dispatch"]
        named = dispatches._read_group([("step_id", "in", steps.ids)], ["step_id"])
        used = steps.browse(step.id for (step,) in named)
        running = steps.env["helpdesk.ticket"]._read_group(
            [
                ("complaint_procedure_id", "in", steps.procedure_id.ids),
                ("complaint_phase", "not in", [False, "draft", *ENDED_PHASES]),
            ],
            ["complaint_procedure_id"],
        )
        procedures = [procedure.id for (procedure,) in running]
        used |= steps.filtered(lambda step: step.procedure_id.id in procedures)
        return used.with_env(self.env)

    def _get_condition_domain(self):
        """Return the condition as list.

        :raise ValueError, SyntaxError: what is no plain list
        """
        self.ensure_one()
        domain = literal_eval((self.condition_domain or "[]").strip())
        if not isinstance(domain, list):
            raise ValueError(domain)
        return domain

    def _is_needed(self, ticket):
        """Return True, False, or None when the handler decides.

        :param ticket: one `helpdesk.ticket`; its fields are read, nothing is searched
        """
        self.ensure_one()
        if self.condition == "if_needed":
            return None
        if self.condition == "domain":
            return bool(ticket.filtered_domain(self._get_condition_domain()))
        return True

    def _get_kernel_step(self, ticket, began_at):
        """Return this step as `kernel.procedure_route.Step` for one complaint.

        :param began_at: when the first task of this cycle was sent, if any
        """
        return Step(
            code=self.code,
            parallel=self.is_parallel,
            is_event=self.kind == "event",
            needed=self._is_needed(ticket),
            is_new=bool(began_at and self.create_date > began_at),
        )

    def _is_met_by(self, event):
        """Return whether this event finishes the step.

        An event that belongs to the task of another step does not. A task that wants
        an opinion or a result is finished by whoever got it, with these.

        :param event: `complaint.event`
        """
        self.ensure_one()
        if event.type_id != self.event_type_id or self._wants_answer():
            return False
        payload = event.payload or {}
        if event.code == "opinion_signed" and self.opinion_kind:
            return payload.get("kind") == self.opinion_kind
        return not payload.get("dispatch_id") or payload.get("kind") == self.code

    def _wants_answer(self):
        """Return whether only a finished task of this step finishes it."""
        self.ensure_one()
        return self.kind == "dispatch" and bool(self.opinion_kind or self.needs_result)

    def _get_targets(self, ticket):
        """Return who does this step: ``(dispatch values, roles without holder)``.

        Each role that somebody holds in the company of the complaint gives one task
        (R225); what nobody holds must be addressed by hand.
        """
        self.ensure_one()
        roles = self.role_id | self.more_role_ids
        targets, missing = [], roles.browse()
        department = ticket.complaint_department_id
        if not roles and department:
            # no role: whichever department the complaint was routed to (R205)
            target = {"to_department_id": department.id, "to_user_id": False}
            if self.task_kind == "review":
                # its head, who does not leave it to those who did the work (R353)
                # sudo: hr.employee is protected; only the user behind it is taken
                head = department.sudo().manager_id.user_id
                allowed = head.active and head not in ticket._complaint_get_recused()
                target["to_user_id"] = head.id if allowed else False
            targets.append(target)
        for role, holder in roles._get_holders(ticket.company_id).items():
            target = role._get_target(holder, ticket)
            if not target:
                missing |= role
            elif target not in targets:
                targets.append(target)
        return targets, missing
