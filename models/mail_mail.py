# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize_all


class MailMail(models.Model):
    _inherit = "mail.mail"

    @api.model_create_multi
    def create(self, vals_list):
        mails = super().create(vals_list)
        mails._check_complaint_mail_forms()
        return mails

    def write(self, vals):
        result = super().write(vals)
        if {"attachment_ids", "recipient_ids", "email_to", "email_cc"} & set(vals):
            self._check_complaint_mail_forms()
        return result

    def _check_complaint_mail_forms(self):
        """R518: an internal form is mailed to our own users only."""
        for mail in self:
            # sudo: the question is what is sent to whom, whoever sends it
            mail = mail.sudo()
            forms = mail.attachment_ids._get_complaint_internal_forms()
            if forms and mail._get_complaint_external_addresses():
                raise UserError(
                    self.env._(
                        "%(files)s: an internal complaint form must not be sent to "
                        "%(people)s.",
                        files=", ".join(forms.sudo().mapped("name")),  # sudo: as above
                        people=", ".join(mail._get_complaint_external_addresses()[:3]),
                    )
                )

    def _get_complaint_external_addresses(self):
        """Return who of the recipients is none of our internal users."""
        self.ensure_one()
        partners = self.recipient_ids.filtered("partner_share")
        addresses = set(email_normalize_all(self.email_to or ""))
        addresses |= set(email_normalize_all(self.email_cc or ""))
        if addresses:
            # sudo: addresses of users are compared, nothing is returned
            users = self.env["res.users"].sudo()
            users = users.search(
                [("share", "=", False), ("email_normalized", "in", list(addresses))]
            )
            addresses -= set(users.mapped("email_normalized"))
        return [*partners.mapped("display_name"), *sorted(addresses)]
