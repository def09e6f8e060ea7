# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models

_ACTIVITY_TYPE = "helpdesk_mgmt_complaint.mail_activity_type_eightd_action"
_TEMPLATE = "mgmtsystem_action.email_template_new_action_reminder"
# nobody is told of what a file or a script brings along
_SILENT = ("import_file", "complaint_past", "install_mode")


class ComplaintActionReminderMixin(models.AbstractModel):
    """Who is told of an action of an 8D: one queued mail, one to-do with its date."""

    _name = "complaint.action.reminder.mixin"
    _description = "Reminders of an 8D Action"

    complaint_told_user_id = fields.Many2one(
        "res.users",
        copy=False,
        readonly=True,
        groups="base.group_system",
        help="Who was told by mail already.",
    )

    def send_mail_for_action(self, force_send=True):
        """Actions of an 8D are told by `_complaint_tell_owners`: once, when they are
        decided, and not while the user waits."""
        plain = self.filtered(lambda action: not action.complaint_eightd_id)
        if plain:
            super(ComplaintActionReminderMixin, plain).send_mail_for_action(
                force_send=force_send
            )
        return True

    def _message_get_default_recipients(self, *args, **kwargs):
        """The addon's templates fall back to these; it has no partner to find."""
        result = super()._message_get_default_recipients(*args, **kwargs)
        for action in self.filtered("complaint_eightd_id"):
            result[action.id] = {
                "email_cc": "",
                "email_to": "",
                "partner_ids": action.user_id.partner_id.ids,
            }
        return result

    def _complaint_tell_owners(self):
        """Queue one mail to each owner who has not been told."""
        if any(self.env.context.get(key) for key in _SILENT):
            return
        template = self.env.ref(_TEMPLATE, raise_if_not_found=False)
        for action in self:
            owner = action.user_id
            if owner in (action.complaint_told_user_id, self.env.user):
                continue
            action.complaint_told_user_id = owner
            if template and owner.email:
                template.send_mail(action.id, force_send=False)

    def _complaint_sync_activities(self):
        """Keep one to-do per action that waits for somebody, with its due date."""
        kind = self.env.ref(_ACTIVITY_TYPE, raise_if_not_found=False)
        if not kind:
            return
        activities = self.env["mail.activity"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("activity_type_id", "=", kind.id),
            ]
        )
        by_action = activities.grouped("res_id")
        for action in self:
            found = by_action.get(action.id, activities.browse())
            user = action._get_complaint_waiting_user()
            if not user:
                found.unlink()
                continue
            action._complaint_keep_activity(found, user)
        waiting = self.filtered(
            lambda a: a.complaint_choice == "selected"
            and not a.complaint_implemented_by_id
        )
        waiting._complaint_tell_owners()

    def _complaint_keep_activity(self, found, user):
        """Make or move the to-do of one action."""
        self.ensure_one()
        lang = self.with_context(lang=user.lang)
        vals = {
            "user_id": user.id,
            "summary": lang._get_complaint_todo_summary(),
            "date_deadline": self.date_deadline or fields.Date.context_today(self),
        }
        kept, rest = found[:1], found[1:]
        rest.unlink()
        if not kept:
            quick = self.with_context(mail_activity_quick_update=True)
            quick.activity_schedule(_ACTIVITY_TYPE, **vals)
            return
        if not self.date_deadline and kept.user_id == user:
            del vals["date_deadline"]
        changed = {
            name: value
            for name, value in vals.items()
            if kept._fields[name].convert_to_write(kept[name], kept) != value
        }
        if changed:
            kept.with_context(mail_activity_quick_update=True).write(changed)

    def _get_complaint_todo_summary(self):
        if self.complaint_implemented_by_id and not self.complaint_effect:
            return self.env._("Verify the effect: %(action)s", action=self.name)
        return self.env._("8D action: %(action)s", action=self.name)

    def _get_complaint_waiting_user(self):
        """Hook: return for whom an action waits now, or nobody.

        The owner until it is implemented; then leader or sponsor to verify it,
        whoever of them did not implement it.
        """
        self.ensure_one()
        eightd, nobody = self.complaint_eightd_id, self.env["res.users"]
        if self.complaint_choice != "selected" or self._complaint_is_done():
            return nobody
        if eightd.state in ("done", "cancelled", "not_effective"):
            return nobody
        done_by = self.complaint_implemented_by_id
        if not done_by or self.complaint_effect:
            return self.user_id.filtered("active")
        others = (eightd.leader_id | eightd.sponsor_id | eightd.create_uid) - done_by
        return others.filtered(lambda u: u.active and not u.share)[:1]
