# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

from .complaint_past import complaint_now

# filled by buttons and by the watch only
_STAMPS = {
    "effect",
    "effect_at",
    "effect_by_id",
    "watch_from",
    "watch_until",
    "watch_result",
}
# what the verdict rests on: stays as it was looked at
_EVIDENCE = {
    "validation_qty",
    "validation_nok_qty",
    "validation_from",
    "validation_to",
    "validation_result",
}
_QUALITY = "helpdesk_mgmt_complaint.group_complaint_quality"


class ComplaintEightdEffectMixin(models.AbstractModel):
    """Whether it helped: verified by quality, kept as it was found (R445, R446).

    A verdict is never overwritten. What is found against it later is a new entry
    in log and chatter and the state "not effective"; only reopening D6 with a
    reason makes room for a new verdict.
    """

    _name = "complaint.eightd.effect.mixin"
    _description = "Effect of an 8D"
    _inherit = ["complaint.eightd.watch.mixin", "complaint.eightd.capa.mixin"]

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def default_get(self, fields_list):
        """No verdict by the context or a user's own default."""
        defaults = super().default_get(fields_list)
        return {key: value for key, value in defaults.items() if key not in _STAMPS}

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [
                {key: value for key, value in vals.items() if key not in _STAMPS}
                for vals in vals_list
            ]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._check_effect_vals(set(vals))
        return super().write(vals)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_verify_effect(self):
        """Ask for numbers and verdict (wizard)."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Verify Effect"),
            "res_model": "complaint.eightd.effect",
            "view_mode": "form",
            "target": "new",
            "context": {"default_eightd_id": self.id},
        }

    def action_effect(self, effect, note=None):
        """Record the verdict of quality on the effect; it is final (R445, R446).

        :param str effect: ``effective`` or ``not_effective``
        :param str note: what it rests on; required when it is not effective
        :raise UserError: who may not, what is missing, or verified already
        """
        self.check_access("write")
        note = (note or "").strip()
        for eightd in self:
            eightd._check_may_verify(effect, note)
            eightd._record_effect(effect, note)
        return True

    def action_reopen_effect(self, reason):
        """Open D5, D6 and D8 again after "not effective" (R446).

        :param str reason: why, kept by the disciplines and in the chatter
        :raise UserError: by others than quality, or when nothing is to reopen
        """
        self.check_access("write")
        self._check_is_quality()
        reason = (reason or "").strip()
        for eightd in self:
            if not reason:
                raise UserError(self.env._("Write the reason."))
            if eightd.state != "not_effective":
                raise UserError(
                    self.env._(
                        "%(eightd)s was not found “not effective”.",
                        eightd=eightd.display_name,
                    )
                )
            # sudo: whether it is followed, whoever may read that one
            if eightd.sudo().next_ids.filtered(lambda e: e.state != "cancelled"):
                raise UserError(
                    self.env._(
                        "%(eightd)s is followed by another 8D: go on there.",
                        eightd=eightd.display_name,
                    )
                )
            eightd._reopen_effect(reason)
        return True

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def _check_effect_vals(self, names):
        """Raise when a client writes a verdict, or the evidence of one."""
        if names & _STAMPS:
            raise UserError(
                self.env._("Use “Verify Effect”: everybody verifies in his own name.")
            )
        if names & _EVIDENCE and any(self.mapped("effect")):
            raise UserError(
                self.env._(
                    "The effect is verified: its numbers stay as they were looked "
                    "at. Reopen D6 with a reason to look again."
                )
            )
        if "watch_days" in names and any(self.mapped("watch_until")):
            raise UserError(
                self.env._("The watch has begun, its length cannot be changed.")
            )

    def _check_is_quality(self):
        if not (self.env.su or self.env.user.has_group(_QUALITY)):
            raise UserError(self.env._("Only quality judges the effect of an 8D."))

    def _check_may_verify(self, effect, note):
        self.ensure_one()
        self._check_is_quality()
        if effect not in ("effective", "not_effective"):
            raise UserError(self.env._("Choose “Effective” or “Not effective”."))
        if self.state not in ("open", "done"):
            raise UserError(
                self.env._(
                    "%(eightd)s is not in progress. Reopen it first.",
                    eightd=self.display_name,
                )
            )
        if self.effect and (self.effect, effect) != ("effective", "not_effective"):
            raise UserError(
                self.env._(
                    "%(eightd)s: verified already by %(person)s. A verdict is not "
                    "changed; reopen D6 with a reason to verify again.",
                    eightd=self.display_name,
                    person=self.effect_by_id.name,
                )
            )
        reasons = self._get_effect_reasons() if effect == "effective" else []
        if effect == "not_effective" and not note:
            reasons.append(self.env._("Write what shows that it did not help."))
        # sudo: all actions count, whoever may open them
        people = self.sudo()._get_corrective_actions().complaint_implemented_by_id
        if people and people == self.env.user:
            reasons.append(
                self.env._(
                    "You carried out the actions yourself: somebody else of quality "
                    "has to verify them."
                )
            )
        if reasons:
            raise UserError("\n".join(reasons))

    def _get_effect_reasons(self):
        """Return what is still missing to call it effective, full sentences.

        Quantity, period and result of the validation, and that there is an effect
        to be seen: the actions were carried out.
        """
        self.ensure_one()
        today = self._get_watch_day(complaint_now(self.env))
        start, end = self.validation_from, self.validation_to
        checks = (
            (
                self.validation_qty <= 0,
                self.env._("Enter how many parts were watched (D6)."),
            ),
            (
                not 0 <= self.validation_nok_qty <= max(self.validation_qty, 0),
                self.env._("The bad parts are a part of those that were watched."),
            ),
            (
                not (start and end) or end < start,
                self.env._("Enter from when to when parts were watched (D6)."),
            ),
            (
                bool(end) and end > today,
                self.env._("The parts are still being watched: wait until that ends."),
            ),
            (
                not (self.validation_result or "").strip(),
                self.env._("Write the evidence of the effect (D6)."),
            ),
        )
        reasons = [text for missing, text in checks if missing]
        # sudo: all actions count, whoever may open them
        return reasons + self.sudo()._get_open_action_reasons()

    def _get_open_action_reasons(self):
        return [
            self.env._("The action “%(action)s” is not carried out.", action=a.name)
            for a in self._get_corrective_actions()
            if not (a.complaint_implemented_at or a.complaint_tracking_exempt)
        ]

    def _get_corrective_actions(self):
        """Return the chosen actions of D5 and D6."""
        return self.action_ids.filtered(
            lambda a: a.complaint_discipline in ("d5", "d6")
            and a.complaint_choice == "selected"
        )

    # ------------------------------------------------------------------
    # Doing
    # ------------------------------------------------------------------

    def _record_effect(self, effect, note):
        """Stamp the first verdict, log every one; "not effective" ends it."""
        self.ensure_one()
        if not self.effect:
            # sudo: stamps are closed to clients; who may was checked by the caller
            self.sudo().write(
                {
                    "effect": effect,
                    "effect_at": complaint_now(self.env),
                    "effect_by_id": self.env.uid,
                }
            )
        code = "effect_verified" if effect == "effective" else "effect_refuted"
        self._log_verdict(code, note, self._prepare_effect_payload(effect))
        if effect == "effective":
            self._post_effect(self.env._("Verified as effective."), note)
            if self._is_capa_complete():
                self._start_watch()
            return
        self._post_effect(self.env._("Found not effective."), note)
        # sudo: the state is closed to clients, as above
        self.sudo().write({"state": "not_effective", "watch_result": "failed"})

    def _prepare_effect_payload(self, effect):
        return {
            "effect": effect,
            "eightd_id": self.id,
            "quantity": self.validation_qty,
            "bad": self.validation_nok_qty,
            "from": fields.Date.to_string(self.validation_from) or None,
            "to": fields.Date.to_string(self.validation_to) or None,
            "evidence": self.validation_result or "",
        }

    def _log_verdict(self, code, note=None, payload=None):
        """Log an event on every complaint that is linked now, by its own key."""
        # sudo: it happened to all complaints, also those that the user may not open
        for link in self.sudo()._get_current_links():
            link.ticket_id._complaint_event(
                code, note=note, payload=payload, scope_key=link._get_scope_key()
            )

    def _post_effect(self, title, note):
        # sudo: plain members may not write messages of an 8D that they only read
        self.sudo().message_post(
            body=f"{title}\n{note}" if note else title,
            author_id=self.env.user.partner_id.id,
        )

    def _reopen_effect(self, reason):
        """Make room for a new round; the old verdict stays in log and chatter."""
        self.ensure_one()
        self._post_effect(self.env._("Reopened after “not effective”."), reason)
        # sudo: state and stamps are closed to clients; who may was checked
        self.sudo().write(
            {
                "state": "open",
                "closed_at": False,
                "watch_result": False,
                **dict.fromkeys(_STAMPS, False),
            }
        )
        self._reopen_disciplines(("d8", "d6", "d5"), reason)

    def _reopen_disciplines(self, codes, reason):
        for code in codes:
            done = self.discipline_ids.filtered(
                lambda d, code=code: d.code == code and d.state == "done"
            )
            if done:
                done.action_reopen(reason)
