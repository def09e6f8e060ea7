# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# fields that decide who gets a message and what hangs on it
_SHARING = {
    "attachment_ids",
    "is_internal",
    "message_type",
    "model",
    "partner_ids",
    "res_id",
    "subtype_id",
}


class MailMessage(models.Model):
    _inherit = "mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        messages = super().create(vals_list)
        if any(vals.get("attachment_ids") for vals in vals_list):
            messages._check_complaint_internal_forms()
        return messages

    def write(self, vals):
        result = super().write(vals)
        if _SHARING & set(vals):
            self._check_complaint_internal_forms()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ended_complaint(self):
        """R512: the correspondence of an ended complaint stays."""
        ticket_ids = {
            message.res_id
            for message in self
            if message.model == "helpdesk.ticket"
            and message.message_type != "user_notification"
        }
        if not ticket_ids:
            return
        # sudo: the question is whether it is ended, whoever may read it
        tickets = self.env["helpdesk.ticket"].sudo().browse(ticket_ids).exists()
        if tickets._complaint_is_ended():
            raise UserError(
                self.env._(
                    "Messages of a closed or cancelled complaint cannot be deleted."
                )
            )

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        """Leave out complaints that the user must not know of (R519).

        Odoo shows messages to who wrote them or was told; a recused person may have
        been either.
        """
        if not self.env.su and not bypass_access and self.env.user._is_internal():
            hidden = self.env.user._complaint_get_hidden_tickets()
            if hidden:
                domain = Domain(domain) & ~self._get_complaint_domain(hidden)
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _check_complaint_internal_forms(self):
        """R518: an internal form hangs on internal notes only.

        Everything else can be read by customers who follow, or is mailed to them.
        """
        for message in self:
            # sudo: the question is what is attached, whoever may read it
            forms = message.sudo().attachment_ids._get_complaint_internal_forms()
            if forms and message.sudo()._complaint_may_leave():  # sudo: as above
                raise UserError(
                    self.env._(
                        "%(files)s: an internal complaint form must not reach a "
                        "customer. Attach it to an internal note without external "
                        "recipients, or remove it.",
                        files=", ".join(forms.sudo().mapped("name")),  # sudo: as above
                    )
                )

    def _complaint_may_leave(self):
        """Return whether somebody outside the company can get this message."""
        self.ensure_one()
        if self.partner_ids.filtered("partner_share"):
            return True
        if self.is_internal or self.subtype_id.internal:
            return False
        if self.message_type == "email" and self.author_id.partner_share:
            # it came from outside: there is nothing left to keep
            return False
        if self.model == "discuss.channel" and self.res_id:
            members = self.env[self.model].browse(self.res_id).channel_member_ids
            return any(m.guest_id or m.partner_id.partner_share for m in members)
        # a mail on its own: mail.mail looks at its recipients
        is_mail = self.message_type == "email_outgoing" and not self.subtype_id
        return not is_mail and self.message_type != "user_notification"

    @api.model
    def _get_complaint_domain(self, tickets):
        """Return the domain "message of one of these tickets"."""
        return Domain("model", "=", "helpdesk.ticket") & Domain(
            "res_id", "in", tickets.ids
        )

    def _get_forbidden_access(self, operation):
        """Customers read no internal message of a complaint (R518).

        Odoo hides them from searches, but refuses reading by id to comments only:
        what it logs itself (feedback of an activity, our own notes) would be open.
        """
        forbidden = super()._get_forbidden_access(operation)
        if self.env.user._is_internal():
            hidden = self.env.user._complaint_get_hidden_tickets()
            if hidden:
                # sudo: the question is which messages are about them
                about = self.sudo().filtered_domain(self._get_complaint_domain(hidden))
                forbidden |= self.browse(about.ids)
            return forbidden
        if operation != "read":
            return forbidden
        # sudo: the question is which messages are internal; nothing is returned
        messages = (self - forbidden).sudo()
        internal = messages.filtered_domain(
            Domain("model", "=", "helpdesk.ticket")
            & ~Domain(self._get_search_domain_share())
        )
        tickets = messages.env["helpdesk.ticket"].browse(internal.mapped("res_id"))
        complaints = set(tickets.exists().filtered("is_complaint").ids)
        internal = internal.filtered(lambda message: message.res_id in complaints)
        return forbidden | self.browse(internal.ids)
