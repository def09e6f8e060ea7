# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .complaint_gate_mixin import ENDED_PHASES

# written by the buttons only
_STAMPS = {
    "complaint_legal_hold",
    "complaint_legal_hold_reason",
    "complaint_anonymised_at",
    "complaint_anonymised_by_id",
}
_GROUP = "helpdesk_mgmt_complaint.group_complaint_"


class ComplaintRetentionMixin(models.AbstractModel):
    """How long a complaint is kept with the names of persons (R285, R506, R514).

    The quality record stays for good; after the retention a manager removes who
    the persons were. A legal hold keeps everything as it is.
    """

    _name = "complaint.retention.mixin"
    _description = "Complaint Retention"

    complaint_legal_hold = fields.Boolean(
        string="Legal Hold", readonly=True, copy=False, groups="base.group_user"
    )
    complaint_legal_hold_reason = fields.Text(
        string="Reason for the Hold",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    complaint_anonymised_at = fields.Datetime(
        string="Anonymised on", readonly=True, copy=False, groups="base.group_user"
    )
    complaint_anonymised_by_id = fields.Many2one(
        "res.users",
        string="Anonymised by",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )

    @api.model
    def default_get(self, fields_list):
        """No stamp by the context or a user's own default."""
        defaults = super().default_get(fields_list)
        for name in _STAMPS:
            defaults.pop(name, None)
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [
            {name: value for name, value in vals.items() if name not in _STAMPS}
            for vals in vals_list
        ]
        return super().create(vals_list)

    def write(self, vals):
        if _STAMPS & set(vals) and not self.env.su:
            raise UserError(
                self.env._("Use the buttons Legal Hold and Anonymise on the complaint.")
            )
        return super().write(vals)

    # ------------------------------------------------------------------
    # Legal hold
    # ------------------------------------------------------------------

    def action_complaint_hold(self, reason=None):
        """Keep everything of these complaints, whatever the retention says.

        :param str reason: why; without it the user is asked
        """
        self._complaint_check_retention_user("supervisor")
        if not (reason or "").strip():
            return self._get_complaint_retention_dialog("hold")
        # sudo: stamps are closed to clients; who may was checked above
        self.sudo().write(
            {"complaint_legal_hold": True, "complaint_legal_hold_reason": reason}
        )
        self._complaint_event("legal_hold_set", note=reason)
        return True

    def action_complaint_release(self, reason=None):
        """Lift the legal hold, with a reason."""
        self._complaint_check_retention_user("supervisor")
        if not (reason or "").strip():
            return self._get_complaint_retention_dialog("release")
        # sudo: see action_complaint_hold; the log keeps the old reason
        held = self.sudo().filtered("complaint_legal_hold")
        held.write({"complaint_legal_hold": False})
        held.with_env(self.env)._complaint_event("legal_hold_lifted", note=reason)
        return True

    # ------------------------------------------------------------------
    # Anonymisation
    # ------------------------------------------------------------------

    def action_complaint_anonymise(self, reason=None, confirmed=False):
        """Remove the persons of these complaints for good (R514).

        :param str reason: why, kept in the log; without it the user is asked
        :param bool confirmed: that it cannot be undone
        :raise AccessError: for everybody but complaint managers
        :raise UserError: open, under hold, not due, done before, or not confirmed
        """
        self._complaint_check_retention_user("manager")
        if not (reason or "").strip():
            return self._get_complaint_retention_dialog("anonymise")
        refused = self._get_complaint_cannot_anonymise_reasons()
        if refused:
            raise UserError("\n".join(refused.values()))
        if not confirmed:
            raise UserError(
                self.env._("Confirm that the persons cannot be brought back.")
            )
        for ticket in self:
            # sudo: a manager of complaints has no rights on mails and log; that he
            # may anonymise this complaint was checked
            removed = self.env["complaint.anonymiser"].sudo()._anonymise(ticket)
            ticket._complaint_event("anonymised", note=reason, payload=removed)
        return True

    def _get_complaint_cannot_anonymise_reasons(self):
        """Return ``{ticket: why its persons cannot be removed}``."""
        # sudo: the last day of any form counts, whoever may see the forms
        rows = self.env["complaint.retention.report"].sudo()
        by_ticket = rows.search([("ticket_id", "in", self.ids)]).grouped(
            lambda row: row.ticket_id.id
        )
        today = fields.Date.context_today(self)
        reasons = {}
        for ticket in self:
            until = max(
                by_ticket.get(ticket.id, rows).mapped("date_until"), default=None
            )
            reason = False
            if not ticket.is_complaint or ticket.complaint_phase not in ENDED_PHASES:
                reason = self.env._("it is not closed.")
            elif ticket.complaint_legal_hold:
                reason = self.env._("it is under legal hold.")
            elif ticket.complaint_anonymised_at:
                reason = self.env._("it is anonymised already.")
            elif not until:
                reason = self.env._(
                    "its procedure and forms have no retention. Enter it under "
                    "Configuration / Forms or Procedures."
                )
            elif until >= today:
                reason = self.env._("it is kept until %(day)s.", day=until)
            if reason:
                reasons[ticket] = f"{ticket.display_name}: {reason}"
        return reasons

    def _complaint_check_retention_user(self, group):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group(f"{_GROUP}{group}"):
            raise AccessError(
                self.env._(
                    "Holds are set by complaint supervisors, persons are removed by "
                    "complaint managers."
                )
            )
        self._complaint_check_not_recused(self.env.user)

    def _get_complaint_retention_dialog(self, kind):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_mgmt_complaint.complaint_retention_change_action"
        )
        action["context"] = {
            "default_ticket_ids": self.ids,
            "default_kind": kind,
        }
        return action
