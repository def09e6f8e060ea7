# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from datetime import timedelta

from psycopg2 import DatabaseError

from odoo import Command, api, fields, models
from odoo.tools import email_normalize
from odoo.tools.mail import email_split_and_format

from ..kernel import mailtext
from ..kernel.reference_words import PUBLIC_MAIL_DOMAINS
from .complaint_gate_mixin import ENDED_PHASES
from .complaint_intake import IntakeRun

_logger = logging.getLogger(__name__)

# the Date header of a mail is believed within these bounds
_MAX_MAIL_AGE = timedelta(days=60)
_MAX_MAIL_FUTURE = timedelta(minutes=5)
_RECEIPT = "receipt_sent"


class ComplaintIntakeMixin(models.AbstractModel):
    """How a mail becomes a complaint, or an entry on one (R003, R373).

    Must stand before `helpdesk.ticket` in the ticket's bases: it extends the
    helpdesk's `message_new` and `message_update`.
    """

    _name = "complaint.intake.mixin"
    _description = "Complaint Mail Intake of a Ticket"

    # ------------------------------------------------------------------
    # Gateway
    # ------------------------------------------------------------------

    @api.model
    def message_new(self, msg, custom_values=None):
        """Fill a complaint from its mail; other tickets are left to the helpdesk."""
        custom_values = dict(custom_values or {})
        if not self._complaint_get_new_flags([custom_values])[0]:
            return super().message_new(msg, custom_values=custom_values)
        values = self._prepare_complaint_mail_vals(msg, custom_values)
        # sudo: companies of partners are compared
        customer = self.env["res.partner"].sudo().browse(values["partner_id"] or [])
        msg = self._complaint_drop_foreign_cc(msg, customer.commercial_partner_id)
        gateway = self.with_context(complaint_gateway=True)
        ticket = super(ComplaintIntakeMixin, gateway).message_new(
            msg, custom_values={**values, **custom_values}
        )
        ticket._complaint_drop_foreign_followers()
        run = IntakeRun.of(self.env)
        if run:
            run.new_ids.append(ticket.id)
            run.ticket_id = ticket.id
        return ticket.with_context(complaint_gateway=False)

    def message_update(self, msg, update_vals=None):
        """An answer on a complaint; on an ended one somebody is told (R373)."""
        complaints = self.filtered("is_complaint")
        if not complaints:
            return super().message_update(msg, update_vals=update_vals)
        # sudo: companies of partners are compared
        customer = complaints[:1].sudo().commercial_partner_id
        msg = self._complaint_drop_foreign_cc(msg, customer)
        gateway = self.with_context(complaint_gateway=True)
        result = super(ComplaintIntakeMixin, gateway).message_update(
            msg, update_vals=update_vals
        )
        run = IntakeRun.of(self.env)
        if run:
            run.ticket_id = self[:1].id
        # sudo: the gateway's user need not read contacts
        author = self.env["res.partner"].sudo().browse(msg.get("author_id") or [])
        is_ours = bool(author) and not author.partner_share
        if not is_ours and not (run and run.headers.is_auto_reply):
            complaints._complaint_notify_late_answer()
        return result

    @api.model
    def _complaint_drop_foreign_cc(self, msg, customer):
        """Leave other customers out of Cc: the form would propose them as receivers
        of every answer. Who they are can be seen in the original mail."""
        addresses = email_split_and_format(msg.get("cc") or "")
        if not addresses:
            return msg
        # sudo: companies of partners are compared, nothing is returned
        threads = self.env["mail.thread"].sudo()
        partners = threads._partner_find_from_emails_single(addresses, no_create=True)
        foreign = {
            partner.email_normalized
            for partner in partners
            if partner.partner_share and partner.commercial_partner_id != customer
        }
        kept = [text for text in addresses if email_normalize(text) not in foreign]
        return {**msg, "cc": ", ".join(kept)}

    def _message_subscribe(self, partner_ids=None, subtype_ids=None, customer_ids=None):
        """The gateway subscribes our people and the customer's, nobody else.

        helpdesk_mgmt subscribes everybody in To and Cc: a supplier or another
        customer in Cc would get every later message of the case.
        """
        if not self.env.context.get("complaint_gateway") or not partner_ids:
            return super()._message_subscribe(partner_ids, subtype_ids, customer_ids)
        for ticket in self:
            allowed = ticket._complaint_filter_followers(partner_ids)
            if allowed:
                super(ComplaintIntakeMixin, ticket)._message_subscribe(
                    allowed, subtype_ids, customer_ids
                )
        return True

    def _complaint_filter_followers(self, partner_ids):
        self.ensure_one()
        # sudo: companies of partners are compared, nothing is returned
        partners = self.env["res.partner"].sudo().browse(partner_ids)
        customer = self.sudo().commercial_partner_id  # sudo: as above
        return [
            partner.id
            for partner in partners
            if not self.is_complaint
            or not partner.partner_share
            or (customer and partner.commercial_partner_id == customer)
        ]

    def _complaint_drop_foreign_followers(self):
        """Followers of the team that are no people of ours nor of the customer."""
        for ticket in self.sudo():  # sudo: the gateway's user need not read followers
            followers = ticket.message_partner_ids
            allowed = ticket._complaint_filter_followers(followers.ids)
            foreign = followers.filtered(lambda p, allowed=allowed: p.id not in allowed)
            if foreign:
                ticket.message_unsubscribe(foreign.ids)

    # ------------------------------------------------------------------
    # Values of a new complaint
    # ------------------------------------------------------------------

    @api.model
    def _prepare_complaint_mail_vals(self, msg, custom_values):
        """Hook: return the values of a complaint that arrives by mail."""
        # sudo: set-up
        team = self.env["helpdesk.ticket.team"].sudo()
        team = team.browse(custom_values.get("team_id"))
        levels = mailtext.split_levels(mailtext.html_to_text(msg.get("body")))
        sender = self._complaint_find_sender(msg, levels)
        company = team.company_id or sender["partner"].company_id or self.env.company
        found = self._complaint_recognise(msg, levels, sender["company"], company)
        notes = [note for note in (sender["note"], found["note"]) if note]
        channel = self.env.ref(
            "helpdesk_mgmt_complaint.channel_email", raise_if_not_found=False
        )
        user = sender["user"]
        return {
            "company_id": company.id,
            "channel_id": channel.id if channel else False,
            "partner_id": sender["partner"].id,
            "partner_name": sender["partner"].name or False,
            "partner_email": sender["email"],
            "complaint_content": self._complaint_get_mail_content(msg, levels),
            "complaint_reported_at": self._complaint_get_mail_date(msg),
            "complaint_received_by_id": user.id,
            "complaint_first_contact_id": user.id or team.user_id.id,
            "complaint_received_department_id": (
                user._complaint_get_department().id if user else False
            ),
            "complaint_line_ids": [Command.create(vals) for vals in found["lines"]],
            "complaint_reference_note": "\n".join(notes) or False,
        }

    @api.model
    def _complaint_get_mail_content(self, msg, levels):
        """What the customer writes: own words, the whole chain when forwarded."""
        is_forward = mailtext.is_forward_subject(msg.get("subject"))
        if is_forward or not levels[0].strip():
            text = "\n\n".join(levels)
        else:
            text = levels[0]
        return text.replace("\t", "    ").strip() or msg.get("subject") or False

    @api.model
    def _complaint_get_mail_date(self, msg):
        """The Date header when it is sane; the customer's clock is not ours."""
        now = fields.Datetime.now()
        date = fields.Datetime.to_datetime(msg.get("date") or False) or now
        return date if now - _MAX_MAIL_AGE <= date <= now + _MAX_MAIL_FUTURE else now

    @api.model
    def _complaint_recognise(self, msg, levels, commercial_partner, company):
        """Hook: return proposed lines and the note of what was not linked (R366).

        Recognition is a help: when it fails, the complaint is still registered.
        """
        parts = [("subject", msg.get("subject"), 0)]
        parts += [("body", text, level) for level, text in enumerate(levels)]
        for attachment in msg.get("attachments") or []:
            parts.append(("attachment", attachment[0], 0))
        reference = self.env["complaint.reference"].with_context(
            lang=company.sudo().partner_id.lang  # sudo: language of the notes
        )
        try:
            return reference._propose(parts, company, commercial_partner)
        except DatabaseError:
            # the transaction is broken: the intake keeps the mail and starts again
            raise
        except Exception:
            _logger.exception("References of mail %s", msg.get("message_id"))
            note = self.env._("Numbers in the mail could not be looked up.")
            return {"lines": [], "note": note}

    # ------------------------------------------------------------------
    # Sender
    # ------------------------------------------------------------------

    @api.model
    def _complaint_find_sender(self, msg, levels):
        """Return who complains: partner, his company, address, note, our user.

        A mail that one of our people forwards comes from the customer whose mail it
        is; our person is then the one who received it.
        """
        # sudo: everybody may write to us
        partners = self.env["res.partner"].sudo()
        partner = partners.browse(msg.get("author_id") or [])
        address = msg.get("email_from") or msg.get("from") or ""
        user = partner.user_ids.filtered(lambda u: not u.share)[:1]
        if user:
            address = mailtext.forwarded_sender("\n".join(levels))
            partner = self._complaint_find_partner(address)
            if partner.user_ids.filtered(lambda u: not u.share):
                partner, address = partners, ""
        note, company = "", partner.commercial_partner_id
        if not partner and address:
            company = self._complaint_find_company_by_domain(address)
            partner = company
            if company:
                note = self.env._(
                    "The customer was recognised by the mail domain of %(address)s.",
                    address=address,
                )
        return {
            "partner": partner,
            "company": company,
            "email": address or msg.get("email_from"),
            "note": note,
            "user": user,
        }

    @api.model
    def _complaint_find_partner(self, address):
        # sudo: everybody may write to us
        threads = self.env["mail.thread"].sudo()
        if not address:
            return threads.env["res.partner"]
        return threads._partner_find_from_emails_single([address], no_create=True)[:1]

    @api.model
    def _complaint_find_company_by_domain(self, address):
        """The only company whose contacts have this mail domain, else nothing."""
        # sudo: everybody may write to us
        partners = self.env["res.partner"].sudo()
        domain = (email_normalize(address) or "").rpartition("@")[2]
        if not domain or domain in PUBLIC_MAIL_DOMAINS:
            return partners
        found = partners.search_fetch(
            [("email_normalized", "=like", f"%@{domain}")],
            ["commercial_partner_id", "partner_share"],
            limit=50,
        )
        companies = found.commercial_partner_id
        if len(companies) != 1 or not companies.is_company:
            return partners
        return companies if all(found.mapped("partner_share")) else partners

    def _complaint_is_known_sender(self, address):
        """Whether this address may answer on the case by naming its number."""
        self.ensure_one()
        normalised = email_normalize(address or "", strict=False)
        if not normalised:
            return False
        # sudo: the gateway compares companies
        ticket = self.sudo()
        if normalised == email_normalize(ticket.partner_email or "", strict=False):
            return True
        partner = self._complaint_find_partner(normalised)
        company = partner.commercial_partner_id
        if not partner:
            company = self._complaint_find_company_by_domain(normalised)
        is_ours = bool(partner) and not partner.partner_share
        return is_ours or bool(company and company == ticket.commercial_partner_id)

    # ------------------------------------------------------------------
    # Acknowledgement
    # ------------------------------------------------------------------

    def _complaint_acknowledge(self, msg=None, is_automatic=False):
        """Send the customer the reference of his complaint, once (R455).

        The log tells this receipt from an answer of ours: a time limit for the first
        reply (R243, R245, R291) is not met by a machine.

        :param dict msg: the mail that has just become this complaint, if it did
        :param bool is_automatic: the mail was sent by a machine
        """
        self.ensure_one()
        template = self.env.ref(
            "helpdesk_mgmt_complaint.mail_template_acknowledgement",
            raise_if_not_found=False,
        )
        # sudo: set-up of the procedure
        wanted = self.sudo().complaint_procedure_id.acknowledge
        address = self._complaint_get_acknowledge_address()
        if not (wanted and template and address) or is_automatic:
            return False
        if not msg and any(
            self._complaint_get_logged(code) for code in (_RECEIPT, "acknowledged")
        ):
            return False
        if not self.env["complaint.intake"]._may_acknowledge(address):
            return False
        try:
            with self.env.cr.savepoint():
                mail = self._complaint_send_acknowledgement(template, address, msg)
        except Exception:
            # a template that a user broke must not cost the complaint
            _logger.exception("Acknowledgement of complaint %s", self.id)
            return False
        self._complaint_event(_RECEIPT, note=address)
        return mail

    def _complaint_get_acknowledge_address(self):
        """The address that complained, unless it is one of our own."""
        self.ensure_one()
        # sudo: the gateway answers, whoever wrote
        ticket = self.sudo()
        address = email_normalize(
            ticket.partner_email or ticket.partner_id.email or "", strict=False
        )
        if not address:
            return ""
        partner = ticket.partner_id
        if partner.email_normalized != address:
            partner = self._complaint_find_partner(address)
        if partner:
            # never found for an address of the gateway
            return address if partner.partner_share else ""
        # sudo: set-up of the mail gateway
        aliases = self.env["mail.alias.domain"].sudo()._find_aliases([address])
        return "" if address in aliases else address

    def _complaint_send_acknowledgement(self, template, address, msg):
        headers = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
        values = {
            "email_to": address,
            "recipient_ids": [],
            "headers": repr(headers),
            "auto_delete": False,
            "reply_to": self._notify_get_reply_to()[self.id],
        }
        if msg and msg.get("message_id"):
            values["references"] = msg["message_id"]
        # sudo: the template is rendered for the customer, not for the gateway's user
        mail_id = template.sudo().send_mail(
            self.id, force_send=False, email_values=values
        )
        return self.env["mail.mail"].browse(mail_id)

    # ------------------------------------------------------------------
    # Answer on an ended complaint
    # ------------------------------------------------------------------

    def _complaint_notify_late_answer(self):
        """Somebody must look at an answer that arrives after the end (R373)."""
        summary = self.env._("Customer answered on a closed or cancelled case")
        for ticket in self.filtered(lambda t: t.complaint_phase in ENDED_PHASES):
            # sudo: the gateway plans the activity, whoever wrote
            ticket = ticket.sudo()
            user = ticket._complaint_get_late_answer_user()
            if ticket.activity_ids.filtered(lambda a: a.summary == summary):
                continue
            ticket.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=summary,
                note=self.env._(
                    "Read the new message; reopen the complaint with a reason if it "
                    "is not settled."
                ),
                user_id=user.id,
            )

    def _complaint_get_late_answer_user(self):
        """Hook: return who looks at it: handler, first contact, team leader."""
        self.ensure_one()
        group = self.env.ref("helpdesk_mgmt_complaint.group_complaint_handler")
        candidates = (
            self.user_id
            | self.complaint_first_contact_id
            | self.team_id.user_id
            | self.team_id.user_ids
            | group.all_user_ids
        )
        return candidates.filtered(lambda u: u.active and not u.share)[:1]
