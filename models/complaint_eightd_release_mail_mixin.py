# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .complaint_eightd_link_clock_mixin import ANSWERING

_TEMPLATE = "helpdesk_mgmt_complaint.mail_template_eightd_release"


class ComplaintEightdReleaseMailMixin(models.AbstractModel):
    """The mail with which a release goes to the customer (R460)."""

    _name = "complaint.eightd.release.mail.mixin"
    _description = "Mail of an 8D Release"

    mail_partner_ids = fields.Many2many(
        "res.partner",
        "complaint_eightd_release_mail_rel",
        "release_id",
        "partner_id",
        string="Sent to",
        readonly=True,
    )

    def action_send_again(self):
        """Send the mail again, to the same people; the link in it is the same."""
        self.ensure_one()
        self.link_id._check_can_answer()
        if not self.is_current:
            raise UserError(self.env._("There is a newer release; send that one."))
        self._send_mail(self.mail_partner_ids or self.ticket_id.partner_id)
        return True

    def _send_mail(self, partners):
        """Send the frozen PDF and the link to the page, on the complaint's record.

        :param partners: `res.partner` of the customer
        :raise UserError: somebody is of another customer, or has no address
        """
        self.ensure_one()
        self._check_recipients(partners, self.ticket_id)
        template = self.env.ref(_TEMPLATE, raise_if_not_found=False)
        if not template:
            raise UserError(self.env._("The mail template of 8D releases is missing."))
        # sudo: the token stands nowhere but in the mail; who may answer was checked
        release = self.sudo()
        template = template.sudo().with_context(lang=self.lang)  # sudo: as above
        subject = template._render_field("subject", release.ids)[release.id]
        body = template._render_field("body_html", release.ids)[release.id]
        # queued, so that a mail server that is down keeps nobody from releasing
        ticket = self.ticket_id.with_context(mail_notify_force_send=False)
        message = ticket.message_post(
            subject=subject,
            body=body,
            partner_ids=partners.ids,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachments=[(release.attachment_id.name, release.attachment_id.raw)],
        )
        self._write_mailed(partners)
        return message

    def _write_mailed(self, partners):
        # sudo: nobody may write a release; only to whom it went is noted
        release = self.sudo().with_context(complaint_answering=ANSWERING)
        release.write({"mail_partner_ids": [Command.link(row) for row in partners.ids]})

    @api.model
    def _check_recipients(self, partners, ticket):
        customer = ticket.partner_id.commercial_partner_id
        others = partners.filtered(lambda p: p.commercial_partner_id != customer)
        if others:
            raise UserError(
                self.env._(
                    "%(names)s: not of this customer. The answer is for him alone.",
                    names=", ".join(others.mapped("name")),
                )
            )
        missing = partners.filtered(lambda p: not p.email)
        if missing or not partners:
            raise UserError(
                self.env._(
                    "%(names)s: no e-mail address. Enter one, or choose that the "
                    "answer is handed over another way.",
                    names=", ".join(missing.mapped("name")) or "-",
                )
            )

    @api.model
    def _get_default_recipients(self, link):
        """Hook: return who gets the answer: the contact of the complaint."""
        return link.ticket_id.partner_id.filtered("email")

    def _get_absolute_page_url(self):
        """Return the address of the page as a mail needs it."""
        self.ensure_one()
        base = self.company_id.get_base_url()
        return f"{base.rstrip('/')}{self._get_page_url()}"
