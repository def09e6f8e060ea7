# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from .complaint_eightd_discipline import DISCIPLINES

# only the server writes these, with the methods that check what they mean
_SYSTEM_FIELDS = {
    "approved_at",
    "approved_by_id",
    "approver_ids",
    "closed_at",
    "effect",
    "effect_at",
    "effect_by_id",
    "end_reason",
    "next_discipline",
    "next_due_date",
    "number",
    "number_id",
    "previous_id",
    "reader_user_ids",
    "requested_by_id",
    "state",
    "watch_until",
    "writer_user_ids",
}
# which discipline says the last word on a field
_FIELDS_OF = {
    "d0": (
        "symptom",
        "decision_reason",
        "emergency_action",
        "emergency_at",
        "emergency_effect",
    ),
    "d1": ("sponsor_id", "leader_id", "member_ids"),
    "d2": (
        "problem",
        "what",
        "where_found",
        "when_found",
        "who_found",
        "why_problem",
        "how_found",
        "how_many",
        "history",
        "risk",
        "isnot_ids",
    ),
    "d3": ("first_clean_lot",),
    "d4": (
        "analysis_method",
        "no_cause_reasons",
        "cause_ids",
        "department_confirmed",
    ),
    "d6": (
        "validation_qty",
        "validation_nok_qty",
        "validation_from",
        "validation_to",
        "validation_result",
    ),
    "d7": ("lessons", "document_ids", "transfer_ids"),
}
_DISCIPLINE_OF = {name: code for code, names in _FIELDS_OF.items() for name in names}
_RUNNING = ("requested", "open")
# what the chatter and to-dos keep on the record itself
_SIDE_FIELDS = ("message_", "activity_", "website_message_", "rating_")


class ComplaintEightdFlowMixin(models.AbstractModel):
    """From opening to the end of an 8D, and that what is done stays as it is.

    States are written in superuser mode by the methods here and those of the request
    and the effect, which check first. What people write by form, import or RPC is
    refused for system fields, for disciplines that are done and for closed 8D.
    """

    _name = "complaint.eightd.flow.mixin"
    _description = "Flow of an 8D"

    number_id = fields.Many2one(
        "complaint.number",
        string="Number Ledger Row",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    end_reason = fields.Text(
        string="Refused or Cancelled, Because", readonly=True, copy=False
    )
    next_discipline = fields.Selection(
        DISCIPLINES,
        string="Next",
        compute="_compute_next_discipline",
        store=True,
        compute_sudo=True,
        help="The first discipline that is not done.",
    )
    next_due_date = fields.Date(
        string="Next Due",
        compute="_compute_next_discipline",
        store=True,
        compute_sudo=True,
        index="btree_not_null",
    )

    @api.depends("discipline_ids.state", "discipline_ids.due_date", "state")
    def _compute_next_discipline(self):
        for eightd in self:
            rows = eightd.discipline_ids.filtered(lambda row: row.state == "open")
            if eightd.state not in _RUNNING:
                rows = rows.browse()
            eightd.next_discipline = rows.sorted("code")[:1].code
            eightd.next_due_date = min(
                (row.due_date for row in rows if row.due_date), default=False
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Open 8D of quality at once; those of others wait for approval (R347).

        Whatever a client says of numbers and states is not heard.
        """
        prepared = [self._prepare_create_vals(vals) for vals in vals_list]
        eightds = super().create(prepared)
        for eightd, vals in zip(eightds, vals_list, strict=True):
            if not vals.get("answer_type"):
                eightd._propose_answer_type()
        eightds._sync_disciplines()
        eightds.filtered(lambda e: e.state == "requested")._ask_approvers()
        eightds.filtered(lambda e: e.state == "open")._after_open()
        return eightds

    def write(self, vals):
        if not self.env.su:
            self._check_client_vals(vals)
        leaders = {eightd: eightd.leader_id for eightd in self}
        result = super().write(vals)
        if "answer_type" in vals:
            self._sync_disciplines()
        if "leader_id" in vals:
            self.filtered(
                lambda e: e.state == "open" and e.leader_id != leaders[e]
            )._tell_leader()
        if vals.get("department_id"):
            self.filtered(lambda e: e.state == "open")._tell_department()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("An 8D cannot be deleted. Cancel it with a reason."))

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_discipline_done(self):
        """Finish the discipline of the page; its code is in the context."""
        return self._get_page_discipline().action_done()

    def action_discipline_reopen(self):
        """Ask why the discipline of the page is opened again."""
        return self._get_page_discipline().action_reopen()

    def action_discipline_edit(self):
        """Open owner and due date of the discipline of the page."""
        return self._get_page_discipline().action_edit()

    def action_cancel(self, reason=None):
        """End it without result; without a reason the user is asked for it.

        Its complaints are free for another 8D.

        :param str reason: why
        """
        if not isinstance(reason, str):
            return self._get_reason_action("cancel")
        self.check_access("write")
        if not self._is_quality():
            raise UserError(self.env._("Only quality may cancel an 8D."))
        self._check_open()
        self._end(reason)
        return True

    def action_open_next(self):
        """Start again where the actions had no effect; the first one stays.

        Complaints, team and symptom move on, under a new number.

        :raise UserError: unless it was found not effective, or was followed already
        """
        self.ensure_one()
        self.check_access("write")
        if self.state != "not_effective":
            raise UserError(
                self.env._("Only an 8D that was not effective is followed by another.")
            )
        # sudo: also those that this user may not know count
        if self.sudo().next_ids.filtered(lambda e: e.state != "cancelled"):
            raise UserError(
                self.env._("%(name)s is followed already.", name=self.display_name)
            )
        # sudo: the follower is opened for whoever works on this one; its links are
        # those of complaints that he may not know
        follower = self.sudo().create(self._prepare_next_vals())
        self.sudo()._get_current_links()._move_to(follower)  # sudo: as above
        follower._propose_due_dates()
        follower.message_post(
            body=self.env._(
                "%(user)s opened it because %(previous)s was not effective.",
                user=self.env.user.name,
                previous=self.display_name,
            )
        )
        return follower.with_env(self.env)._get_form_action()

    # ------------------------------------------------------------------
    # Guards
    # ------------------------------------------------------------------

    @api.model
    def _prepare_create_vals(self, vals):
        """Return create values without what only the server says."""
        if self.env.su:
            return vals
        forged = dict.fromkeys(
            _SYSTEM_FIELDS
            - {"next_discipline", "next_due_date", "reader_user_ids"}
            - {"writer_user_ids", "approver_ids"},
            False,
        )
        said = {name: vals[name] for name in vals if name not in _SYSTEM_FIELDS}
        is_quality = self._is_quality()
        return {
            **said,
            **forged,
            "state": "open" if is_quality else "requested",
            "requested_by_id": False if is_quality else self.env.uid,
        }

    def _check_client_vals(self, vals):
        """Refuse what would forge a state or change evidence.

        :raise UserError: naming what to do instead
        """
        if _SYSTEM_FIELDS & set(vals):
            raise UserError(
                self.env._(
                    "Numbers, states and approvals follow from the buttons of the 8D."
                )
            )
        names = [name for name in vals if not name.startswith(_SIDE_FIELDS)]
        if not names:
            return
        self._check_open({_DISCIPLINE_OF[n] for n in names if n in _DISCIPLINE_OF})
        if not vals.get("active", True):
            raise UserError(
                self.env._("An 8D is not archived. Cancel it with a reason.")
            )
        if "company_id" in vals and any(
            eightd.company_id.id != vals["company_id"] for eightd in self
        ):
            raise UserError(self.env._("An 8D stays in its company."))

    def _check_open(self, codes=()):
        """Raise when these 8D are closed, or one of these disciplines is done.

        The server itself is not stopped: it writes what follows from a check.

        :param codes: codes of disciplines that somebody wants to change
        """
        if self.env.su:
            return
        # sudo: who answers a customer need not be in the team; only states are read
        eightds = self.sudo()
        closed = eightds.filtered(lambda e: e.state not in _RUNNING)
        if closed:
            raise UserError(
                self.env._(
                    "%(names)s: closed, it is evidence and nothing of it can be "
                    "changed or deleted.",
                    names=", ".join(closed.mapped("display_name")),
                )
            )
        rows = eightds.discipline_ids.filtered(
            lambda row: row.state == "done" and row.code in codes
        )
        if rows:
            raise UserError(
                self.env._(
                    "%(disciplines)s: done. Press Reopen on its page and say why, "
                    "then it can be changed.",
                    disciplines=", ".join(rows.mapped("display_name")),
                )
            )

    def _is_quality(self):
        """Return whether the user works for quality."""
        return self.env.su or self.env.user.has_group(
            "helpdesk_mgmt_complaint.group_complaint_quality"
        )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _prepare_next_vals(self):
        """Hook: return the values of the 8D that follows on this one."""
        self.ensure_one()
        members = self.member_ids.filtered(lambda m: not m.user_id or m.user_id.active)
        return {
            "name": self.name,
            "company_id": self.company_id.id,
            "previous_id": self.id,
            "state": "open",
            "answer_type": self.answer_type,
            "severity": self.severity,
            "product_id": self.product_id.id,
            "lot_ids": [Command.set(self.lot_ids.ids)],
            "defect_id": self.defect_id.id,
            "department_id": self.department_id.id,
            "symptom": self.symptom,
            "sponsor_id": self.sponsor_id.id,
            "leader_id": self.leader_id.id,
            "watch_days": self.watch_days,
            "member_ids": [
                Command.create(
                    {
                        "user_id": member.user_id.id,
                        "name": member.name,
                        "function": member.function,
                        "phone": member.phone,
                        "email": member.email,
                        "may_write": member.may_write,
                    }
                )
                for member in members
            ],
        }

    def _end(self, reason):
        """Cancel with a reason; the caller checked who may.

        :raise UserError: without a reason
        """
        if not reason.strip():
            raise UserError(self.env._("Write the reason."))
        # sudo: states are closed to clients
        eightds = self.sudo()
        eightds.write({"state": "cancelled", "end_reason": reason})
        eightds._get_current_links()._end_answer()
        eightds._drop_todos()
        for eightd in eightds:
            eightd.message_post(
                body=self.env._(
                    "%(user)s ended it: %(reason)s",
                    user=self.env.user.name,
                    reason=reason,
                )
            )

    def _drop_todos(self):
        """An 8D that ended waits for nobody."""
        kinds = ("eightd_approve", "eightd_lead", "eightd_solve", "capa")
        # sudo: to-dos of others, given by the system
        self.sudo().activity_unlink(
            [f"helpdesk_mgmt_complaint.mail_activity_type_{kind}" for kind in kinds]
        )

    def _check_may_close(self):
        """Raise unless the user leads the team or works for quality."""
        for eightd in self:
            if eightd.leader_id != self.env.user and not self._is_quality():
                raise UserError(self.env._("Only the leader and quality close an 8D."))

    def _get_owned_names(self, user):
        """Return what somebody still has to do in these 8D, as names."""
        rows = self.discipline_ids.filtered(
            lambda row: row.owner_id == user and row.state == "open"
        )
        actions = self.action_ids.filtered(
            lambda action: action.user_id == user
            and action.complaint_choice != "rejected"
            and action._complaint_is_tracked()
            and not action._complaint_is_done()
        )
        return [*rows.mapped("display_name"), *actions.mapped("name")]

    def _note_discipline(self, row, text):
        """Say in the chatter what happened to a discipline."""
        self.message_post(
            body=self.env._(
                "%(discipline)s: %(text)s", discipline=row.display_name, text=text
            )
        )

    def _get_page_discipline(self):
        """Return the discipline that the button of a page is about."""
        self.ensure_one()
        code = self.env.context.get("complaint_discipline")
        row = self.discipline_ids.filtered(lambda row: row.code == code)
        if not row:
            raise UserError(self.env._("This format has no such discipline."))
        return row

    def _get_reason_action(self, kind, discipline=None):
        """Return the dialog that asks why."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reason"),
            "res_model": "complaint.eightd.reason",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_kind": kind,
                "default_eightd_id": self[:1].id,
                "default_discipline_id": discipline.id if discipline else False,
            },
        }

    def _get_form_action(self):
        """Return the action that opens this 8D."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }
