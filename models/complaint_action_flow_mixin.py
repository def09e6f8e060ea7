# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime, time

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .complaint_past import complaint_now


class ComplaintActionFlowMixin(models.AbstractModel):
    """From the decision to the confirmed effect: actions of an 8D.

    The stage on the boards of the management system follows, it never leads.
    """

    _name = "complaint.action.flow.mixin"
    _description = "Course of an 8D Action"
    _inherit = ["complaint.past.mixin"]

    complaint_may_implement = fields.Boolean(compute="_compute_complaint_may")
    complaint_may_verify = fields.Boolean(compute="_compute_complaint_may")

    @api.depends(
        "complaint_eightd_id",
        "complaint_choice",
        "complaint_implemented_by_id",
        "complaint_effect",
    )
    @api.depends_context("uid")
    def _compute_complaint_may(self):
        for action in self:
            chosen = (
                action.complaint_eightd_id and action.complaint_choice == "selected"
            )
            done = action.complaint_implemented_by_id
            effect = action.complaint_effect
            waits = not done or effect == "not_effective"
            action.complaint_may_implement = chosen and waits
            action.complaint_may_verify = (
                chosen
                and not waits
                and not effect
                and done != self.env.user
                and action.complaint_is_writer
            )

    @api.depends("complaint_eightd_id")
    def _compute_number_of_days_to_open(self):
        """The addon counts backwards; right for the actions of an 8D."""
        result = super()._compute_number_of_days_to_open()
        for action in self.filtered("complaint_eightd_id"):
            action.number_of_days_to_open = action._elapsed_days(
                action.date_open, action.create_date
            )
        return result

    @api.depends("complaint_eightd_id")
    def _compute_number_of_days_to_close(self):
        result = super()._compute_number_of_days_to_close()
        for action in self.filtered("complaint_eightd_id"):
            action.number_of_days_to_close = action._elapsed_days(
                action.date_closed, action.create_date
            )
        return result

    @api.constrains("stage_id")
    def _check_complaint_stage(self):
        """R430: on a board nobody closes what has no record and no verification."""
        for action in self.filtered("complaint_eightd_id"):
            is_done = action._complaint_is_done()
            if action.stage_id.is_ending and not is_done:
                raise ValidationError(
                    self.env._(
                        "%(action)s belongs to an 8D: it is closed when its record of "
                        "implementation is written and somebody else has confirmed "
                        "the effect, cancelled when the team decides “Not chosen”.",
                        action=action.name,
                    )
                )
            if is_done and not action.stage_id.is_ending:
                raise ValidationError(
                    self.env._(
                        "%(action)s is done and stays closed.", action=action.name
                    )
                )

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_complaint_implemented(self):
        """Report these actions as done by the user who presses the button (R430).

        :raise UserError: without record of implementation, when not selected, done
            already, or dated in the future
        """
        self.check_access("write")
        for action in self:
            reason = action._get_complaint_cannot_implement_reason()
            if reason:
                raise UserError(reason)
            # sudo: stamps are closed to clients; all was checked above
            action.sudo().write(
                {
                    "complaint_implemented_by_id": self.env.uid,
                    "complaint_implemented_at": action._get_complaint_done_at(),
                    "complaint_effect": False,
                    "complaint_verified_by_id": False,
                    "complaint_verified_at": False,
                }
            )
        return True

    def action_complaint_effective(self):
        """Confirm that these actions work, see `_complaint_verify`."""
        return self._complaint_verify("effective")

    def action_complaint_not_effective(self):
        """Say that these actions do not work; they are open again."""
        return self._complaint_verify("not_effective")

    def _complaint_verify(self, effect):
        """Record what somebody other than the implementer found out.

        :param str effect: effective or not_effective
        """
        self.check_access("write")
        # the owner alone is not enough
        self.complaint_eightd_id.check_access("write")
        for action in self:
            reason = action._get_complaint_cannot_verify_reason()
            if reason:
                raise UserError(reason)
            # sudo: stamps are closed to clients; all was checked above
            action.sudo().write(
                {
                    "complaint_effect": effect,
                    "complaint_verified_by_id": self.env.uid,
                    "complaint_verified_at": complaint_now(self.env),
                }
            )
        return True

    # ------------------------------------------------------------------
    # State
    # ------------------------------------------------------------------

    def _complaint_is_tracked(self):
        """Return whether it stays on the tracking list until its effect is confirmed.

        All selected actions of an 8D, except those exempt (R434, R174).
        """
        self.ensure_one()
        return bool(
            self.complaint_eightd_id
            and self.complaint_choice == "selected"
            and not self.complaint_tracking_exempt
        )

    def _complaint_is_done(self):
        """Return whether nothing is left to do: not chosen, or implemented and
        confirmed; exempt ones need no confirmation."""
        self.ensure_one()
        if self.complaint_choice == "rejected":
            return True
        if self.complaint_choice != "selected" or not self.complaint_implemented_by_id:
            return False
        return self.complaint_effect == "effective" or bool(
            self.complaint_tracking_exempt and not self.complaint_effect
        )

    def _get_complaint_row(self):
        """Return it as plain values, see `complaint.eightd._get_action_rows`."""
        self.ensure_one()

        def label(name):
            choices = dict(self._fields[name]._description_selection(self.env))
            return choices.get(self[name], "")

        # sudo: names of departments and persons are no secret
        row = self.sudo()
        return {
            "reference": self.reference or "",
            "name": self.name,
            "discipline": self.complaint_discipline,
            "type": label("type_action"),
            "cause": row.complaint_cause_id.display_name or "",
            "owner": row.user_id.name or "",
            "department": row.complaint_department_id.name or "",
            "partner": row.complaint_partner_id.name or "",
            "due": self.date_deadline,
            "choice": label("complaint_choice"),
            "is_done": self._complaint_is_done(),
            "is_exempt": self.complaint_tracking_exempt,
            "implementation": self.complaint_implementation or "",
            "implemented_by": row.complaint_implemented_by_id.name or "",
            "implemented_at": self.complaint_implemented_at,
            "verification": self.complaint_verification or "",
            "effect": label("complaint_effect"),
            "verified_by": row.complaint_verified_by_id.name or "",
            "verified_at": self.complaint_verified_at,
        }

    @api.model
    def _get_complaint_tracking_domain(self):
        """Return the actions of the tracking list."""
        return [
            ("complaint_eightd_id", "!=", False),
            ("complaint_choice", "=", "selected"),
            ("complaint_tracking_exempt", "=", False),
            ("stage_id.is_ending", "=", False),
        ]

    def _complaint_after_change(self):
        """Bring stage, to-dos and register in step with the actions."""
        # sudo: they follow from what was checked; who reports an action as done need
        # not have rights on boards or to-dos of others
        actions = self.sudo()
        actions._complaint_sync_stage()
        actions._complaint_sync_activities()
        actions.complaint_eightd_id._sync_register()

    def _complaint_sync_stage(self):
        for action in self:
            stage = action._get_complaint_stage()
            if stage and stage != action.stage_id:
                action.stage_id = stage

    def _get_complaint_stage(self):
        """Return the stage that fits; empty: any open stage will do."""
        self.ensure_one()
        current = self.stage_id
        if self._complaint_is_done():
            if current.is_ending:
                return current
            is_cancelled = self.complaint_choice == "rejected"
            return self._get_complaint_stage_of(
                "stage_cancel" if is_cancelled else "stage_close", is_ending=True
            )
        if current.is_ending or (
            self.complaint_implemented_by_id and current.is_starting
        ):
            return self._get_complaint_stage_of("stage_open", is_ending=False)
        return current.browse()

    @api.model
    def _get_complaint_stage_of(self, name, is_ending):
        """Return a stage of the addon, or another one where it was deleted."""
        stages = self.env["mgmtsystem.action.stage"]
        stage = self.env.ref(f"mgmtsystem_action.{name}", raise_if_not_found=False)
        return stage or stages.search(
            [("is_ending", "=", is_ending), ("is_starting", "=", False)], limit=1
        )

    # ------------------------------------------------------------------
    # Reasons
    # ------------------------------------------------------------------

    def _get_complaint_cannot_implement_reason(self):
        """Return why it cannot be reported as done, a sentence, or False."""
        self.ensure_one()
        names = {"action": self.name}
        if not self.complaint_eightd_id:
            return self.env._("%(action)s does not belong to an 8D.", **names)
        if not self.complaint_may_implement:
            return self.env._(
                "%(action)s is reported as done already, or not selected.", **names
            )
        if not (self.complaint_implementation or "").strip():
            return self.env._(
                "%(action)s: write the record of implementation first: what was done, "
                "where, with which result.",
                **names,
            )
        day = self.complaint_done_on
        if day and day > fields.Date.context_today(self):
            return self.env._("%(action)s: the date lies in the future.", **names)
        if self.complaint_is_training and not (
            (self.complaint_training_persons or "").strip()
            or self.complaint_attachment_ids
        ):
            return self.env._(
                "%(action)s: enter who was trained, or add the training record.",
                **names,
            )
        if self.complaint_partner_id and not self.complaint_passed_at:
            return self.env._(
                "%(action)s: enter when the external party got the documents.",
                **names,
            )
        return False

    def _get_complaint_done_at(self):
        now = complaint_now(self.env)
        if not self.complaint_done_on:
            return now
        # noon in UTC is the same day nearly everywhere
        return min(now, datetime.combine(self.complaint_done_on, time(12)))

    def _get_complaint_cannot_verify_reason(self):
        """Return why the user cannot verify it, a sentence, or False."""
        self.ensure_one()
        names = {"action": self.name}
        if not self.complaint_implemented_by_id or self.complaint_effect:
            return self.env._("%(action)s does not wait for a verification.", **names)
        if self.complaint_implemented_by_id == self.env.user:
            return self.env._(
                "%(action)s: somebody other than who implemented it confirms the "
                "effect.",
                **names,
            )
        if not (self.complaint_verification or "").strip():
            return self.env._(
                "%(action)s: write how the effect was checked, with which result.",
                **names,
            )
        return False
