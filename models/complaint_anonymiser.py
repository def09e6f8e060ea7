# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command, api, fields, models

from ..kernel.person_words import compile_names

_MARK = "…"
_TICKET_FIELDS = (
    "partner_name",
    "partner_email",
    "complaint_complainant_name",
    "complaint_complainant_phone",
    "complaint_complainant_address",
    "complaint_site",
    "email_cc",
)
# part of a complaint -> (fields emptied, fields in which names are replaced)
_PARTS = {
    "complaint.communication": (
        {"partner_id": False, "persons": False},
        ("content", "result", "promise", "delay_reason"),
    ),
    "complaint.visit": (
        {"partner_id": False, "persons": False, "place": False},
        ("findings", "agreed_handling"),
    ),
    "complaint.callback": ({"person": _MARK}, ("content", "further_needs")),
    "complaint.line": ({}, ("symptom",)),
    "complaint.sample": ({}, ("name", "place")),
    "complaint.settlement": ({}, ("note",)),
    "complaint.dispatch": (
        {},
        ("instruction", "result", "returned_reason", "review_note"),
    ),
    "complaint.eightd.link": ({}, ("customer_wording", "closing_text")),
    "complaint.eightd.score": ({}, ("customer_comment",)),
    "complaint.event": ({}, ("note",)),
}


class ComplaintAnonymiser(models.AbstractModel):
    """Takes the persons of the customer out of one ended complaint, for good (R514).

    Goods, lots, numbers, times, causes, signed opinions, decisions and photos stay,
    and so do our own persons. It writes below the guards of the parts, which keep
    everybody else from changing an ended complaint.
    """

    _name = "complaint.anonymiser"
    _description = "Anonymisation of a Complaint"

    @api.model
    def _anonymise(self, ticket):
        """Remove the persons; return what was done, for the log.

        :param ticket: one ended `helpdesk.ticket`; who may was checked by the caller
        :return: dict of counts
        """
        ticket = ticket.with_env(self.env).with_context(
            tracking_disable=True, mail_notrack=True
        )
        names = self._get_names(ticket)
        done = {
            "parts": self._clean_parts(ticket, names),
            "messages": self._clean_messages(ticket, names),
            "files": self._clean_files(ticket),
            "mails": self._clean_intake(ticket),
            "copies": self._clean_copies(ticket),
        }
        self._clean_ticket(ticket, names)
        return done

    @api.model
    def _get_names(self, ticket):
        """Return a pattern of the persons' names, numbers and addresses, or None."""
        person = self._get_person(ticket.partner_id)
        parts = (
            ticket.complaint_communication_ids.partner_id
            | ticket.complaint_visit_ids.partner_id
        )
        texts = [ticket[name] for name in _TICKET_FIELDS]
        for partner in person | parts:
            if not partner.is_company:
                texts += [partner.name, partner.email, partner.phone]
        texts += ticket.complaint_callback_ids.mapped("person")
        texts += ticket.complaint_visit_ids.mapped("persons")
        texts += ticket.complaint_visit_ids.mapped("place")
        texts += ticket.complaint_communication_ids.mapped("persons")
        return compile_names(texts)

    @api.model
    def _get_person(self, partner):
        """Return the partner if it is a person, else nobody."""
        return partner.filtered(lambda p: not p.is_company)

    @api.model
    def _get_customer(self, partner):
        """Return what may stay of a partner: the company, or nobody."""
        return partner.commercial_partner_id.filtered("is_company")

    @api.model
    def _replace(self, names, text):
        return names.sub(_MARK, text) if names and text else text

    @api.model
    def _clean_parts(self, ticket, names):
        count = 0
        for model, (emptied, texts) in _PARTS.items():
            # archived ones, too
            records = self.env[model].with_context(active_test=False)
            for record in records.search([("ticket_id", "=", ticket.id)]):
                vals = {name: self._replace(names, record[name]) for name in texts}
                vals = {
                    name: text for name, text in vals.items() if text != record[name]
                }
                vals |= {name: value for name, value in emptied.items() if record[name]}
                if vals:
                    models.BaseModel.write(record, vals)
                    count += 1
        for deadline in ticket.complaint_deadline_ids:
            customer = self._get_customer(deadline.partner_id)
            if deadline.partner_id != customer:
                models.BaseModel.write(deadline, {"partner_id": customer.id})
        return count

    @api.model
    def _clean_messages(self, ticket, names):
        """Mails of the customer lose author and text, others the names."""
        messages = self.env["mail.message"].search(
            [("model", "=", ticket._name), ("res_id", "=", ticket.id)]
        )
        for message in messages:
            is_theirs = message.author_id.partner_share or (
                message.message_type == "email" and not message.author_id
            )
            vals = {
                "partner_ids": [
                    Command.unlink(partner.id)
                    for partner in message.partner_ids
                    if partner.partner_share
                ]
            }
            if is_theirs:
                vals |= {
                    "author_id": False,
                    "email_from": False,
                    "reply_to": False,
                    "subject": False,
                    "body": self.env._("Removed after the retention period."),
                }
            else:
                vals["body"] = self._replace(names, message.body)
                vals["subject"] = self._replace(names, message.subject)
            message.write(vals)
        messages.tracking_value_ids.filtered(
            lambda value: value.field_id.name in (*_TICKET_FIELDS, "partner_id")
        ).unlink()
        followers = ticket.message_partner_ids.filtered("partner_share")
        ticket.message_unsubscribe(followers.ids)
        return len(messages)

    @api.model
    def _clean_files(self, ticket):
        """Pictures are evidence of the goods; other files of the customer go.

        Emptied, not deleted: that there was a file belongs to the record.
        """
        own = self.env["ir.attachment"].search(
            [
                ("res_model", "=", ticket._name),
                ("res_id", "=", ticket.id),
                ("res_field", "=", False),
            ]
        )
        own |= (
            ticket.complaint_communication_ids.attachment_ids
            | ticket.complaint_callback_ids.attachment_ids
        )
        files = own.filtered(
            lambda file: not (file.mimetype or "").startswith("image/")
        )
        text = self.env._("Removed after the retention period.")
        for file in files:
            file.write(
                {"name": f"{_MARK}.txt", "raw": text.encode(), "mimetype": "text/plain"}
            )
        return len(files)

    @api.model
    def _clean_intake(self, ticket):
        """The original mails, with all their headers."""
        mails = self.env["complaint.intake"].search([("ticket_id", "=", ticket.id)])
        for mail in mails:
            models.BaseModel.write(
                mail,
                {
                    "email_from": False,
                    "recipients": False,
                    "subject": False,
                    "raw": False,
                },
            )
        return len(mails)

    @api.model
    def _clean_copies(self, ticket):
        """The retention of the printed copies is over; their SHA-256 stays."""
        copies = ticket.complaint_form_issue_ids.filtered(
            lambda copy: copy.state != "removed"
        )
        copies.write({"content": False, "state": "removed"})
        return len(copies)

    @api.model
    def _clean_ticket(self, ticket, names):
        vals = {name: False for name in _TICKET_FIELDS if name in ticket._fields}
        # classes of the customer stay as they were judged
        kept = (
            "complaint_is_key_customer",
            "complaint_is_overseas",
            "complaint_is_out_of_province",
        )
        vals |= {name: ticket[name] for name in kept}
        vals |= {
            "partner_id": self._get_customer(ticket.partner_id).id,
            "name": self._replace(names, ticket.name),
            "complaint_content": self._replace(names, ticket.complaint_content),
            "complaint_demand_note": self._replace(names, ticket.complaint_demand_note),
            "description": self._replace(names, str(ticket.description or "")),
            "complaint_anonymised_at": fields.Datetime.now(),
            "complaint_anonymised_by_id": self.env.uid,
        }
        ticket.write(vals)
        for rating in ticket.rating_ids:
            rating.write({"partner_id": False})
