# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from xmlrpc.client import Binary

from odoo import api, models

from ..kernel import mailraw
from ..kernel.reference_words import COMPLAINT
from ..kernel.references import find_candidates
from .complaint_intake import IntakeRun


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def message_process(
        self,
        model,
        message,
        custom_values=None,
        save_original=False,
        strip_attachments=False,
        thread_id=None,
    ):
        """Keep mails that may concern complaints before they are processed.

        All other mails pass untouched; only those that nothing in Odoo expects are
        kept when the gateway raises.
        """
        kwargs = {
            "custom_values": custom_values,
            "save_original": save_original,
            "strip_attachments": strip_attachments,
            "thread_id": thread_id,
        }
        if IntakeRun.of(self.env):
            return super().message_process(model, message, **kwargs)
        raw = message.data if isinstance(message, Binary) else message
        raw = raw.encode() if isinstance(raw, str) else bytes(raw)
        headers = mailraw.read_headers(raw)
        intake = self.env["complaint.intake"]
        kind = intake._classify(raw, headers, model)
        if kind == "concerned":
            return intake._receive(self, raw, headers, model, **kwargs)
        try:
            return super().message_process(model, raw, **kwargs)
        except Exception as error:
            if kind == "unclaimed":
                intake._keep(raw, headers, **intake._prepare_error_vals(error))
            raise

    @api.model
    def message_route(
        self, message, message_dict, model=None, thread_id=None, custom_values=None
    ):
        """Thread answers whose client stripped the headers, by their subject, and
        open no complaint for automatic replies."""
        run = IntakeRun.of(self.env)
        if not run:
            return super().message_route(
                message, message_dict, model, thread_id, custom_values
            )
        if message_dict.get("is_bounce"):
            run.ignored = self.env._("A bounce of one of our mails.")
            bounced = message_dict.get("bounced_message")
            if bounced and bounced.model == "helpdesk.ticket":
                run.ticket_id = bounced.res_id
        elif not message_dict.get("parent_id"):
            ticket = self._complaint_find_by_subject(message_dict)
            if ticket or (run.forced_team_id and not run.has_alias):
                route = self._complaint_prepare_route(message_dict, ticket, run)
                if not run.has_alias:
                    return [route]
                model_routes = super().message_route(
                    message, message_dict, model, thread_id, custom_values
                )
                return [self._complaint_redirect(r, route) for r in model_routes]
        routes = super().message_route(
            message, message_dict, model, thread_id, custom_values
        )
        return self._complaint_filter_routes(routes, run)

    @api.model
    def _complaint_prepare_route(self, message_dict, ticket, run):
        user = self._mail_find_user_for_gateway(message_dict["email_from"])
        values = {} if ticket else {"team_id": run.forced_team_id}
        uid = user.id or self.env.uid
        return ("helpdesk.ticket", ticket.id or 0, values, uid, None)

    @api.model
    def _complaint_redirect(self, route, target):
        is_new_ticket = route[0] == "helpdesk.ticket" and not route[1]
        return (*target[:4], route[4]) if is_new_ticket else route

    @api.model
    def _complaint_filter_routes(self, routes, run):
        """Automatic replies are kept on their thread, but open nothing new."""
        if not run.headers.is_auto_reply or run.forced_team_id:
            return routes
        kept = [r for r in routes or [] if r[0] != "helpdesk.ticket" or r[1]]
        if len(kept) < len(routes or []):
            run.ignored = self.env._("An automatic reply that belongs to no complaint.")
        return kept

    @api.model
    def _complaint_find_by_subject(self, message_dict):
        """Return the complaint that an answer names in its subject.

        Only for somebody of the same customer, or of our own: a number is easily
        guessed, and nobody may write into the case of another customer.
        """
        tickets = self.env["helpdesk.ticket"].sudo()  # sudo: as the gateway does
        subject = message_dict.get("subject") or ""
        tokens = [
            token
            for token in find_candidates([("subject", subject, 0)])
            if not token.needs_hint
            or token.hint == COMPLAINT
            or f"[{token.text}]" in subject
        ]
        spellings = list({text for token in tokens for text in token.variants})
        if not spellings:
            return tickets
        found = tickets.search(
            [
                ("is_complaint", "=", True),
                "|",
                ("number", "in", spellings),
                ("complaint_number", "in", spellings),
            ],
            limit=20,
        )
        sender = message_dict.get("email_from")
        found = found.filtered(lambda t: t._complaint_is_known_sender(sender))
        return found if len(found) == 1 else tickets

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        """Keep foreign addressees out of the message, acknowledge afterwards."""
        run = IntakeRun.of(self.env)
        if not run:
            return super()._message_route_process(message, message_dict, routes)
        message_dict["partner_ids"] = self._complaint_filter_partners(message_dict)
        result = super()._message_route_process(message, message_dict, routes)
        # sudo: the gateway answers, whoever wrote
        tickets = self.env["helpdesk.ticket"].sudo().browse(run.new_ids)
        for ticket in tickets:
            ticket._complaint_acknowledge(message_dict, run.headers.is_automatic)
        return result

    @api.model
    def _complaint_filter_partners(self, message_dict):
        """Addressees of a message may read it: only ours and the sender's company."""
        # sudo: companies of addressees are compared, nothing is returned
        partners = self.env["res.partner"].sudo()
        author = partners.browse(message_dict.get("author_id"))
        company = author.commercial_partner_id
        return (
            partners.browse(message_dict.get("partner_ids") or [])
            .filtered(
                lambda p: not p.partner_share or p.commercial_partner_id == company
            )
            .ids
        )
