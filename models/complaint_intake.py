# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import email
import email.policy
import logging
import re
import traceback
from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import email_normalize
from odoo.tools.safe_eval import const_eval

from ..kernel import mailraw, mailrepair

_logger = logging.getLogger(__name__)

_OWN_MESSAGE_ID = re.compile(rb"openerp-(\d{1,9})-helpdesk\.ticket@")
_ACKNOWLEDGE_WINDOW = timedelta(hours=1)
_ACKNOWLEDGE_LIMIT = 5


class IntakeRun:
    """One mail on its way through the gateway, carried in the context.

    An object, not an id: nothing that comes by RPC can be one.
    """

    def __init__(self, headers, forced_team_id=False):
        self.headers = headers
        self.has_alias = headers.has_alias  # an address of ours fits
        self.forced_team_id = forced_team_id
        self.new_ids = []
        self.ticket_id = False
        self.ignored = ""
        self.notes = []

    @classmethod
    def of(cls, env):
        """Return the run of this environment, or None outside of an intake."""
        run = env.context.get("complaint_intake_run")
        return run if isinstance(run, cls) else None


class ComplaintIntake(models.Model):
    """Every mail that may concern a complaint, kept as it came (R003, R373).

    The row is written and committed by a cursor of its own before the gateway looks
    at the mail, because a mail that fails is rolled back by Odoo and then deleted
    from a POP mailbox. Life of a row: received -> done (complaint or thread entry),
    ignored (automatic reply, bounce) or error; the Retry button starts again.
    """

    _name = "complaint.intake"
    _description = "Complaint Mail Intake"
    _order = "id desc"
    _rec_name = "subject"

    message_id = fields.Char(string="Message-Id", required=True, readonly=True)
    digest = fields.Char(required=True, readonly=True)
    email_from = fields.Char(string="From", readonly=True)
    recipients = fields.Char(readonly=True)
    subject = fields.Char(readonly=True)
    received_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )
    company_id = fields.Many2one("res.company", readonly=True, index=True)
    state = fields.Selection(
        [
            ("received", "Received"),
            ("done", "Done"),
            ("error", "Error"),
            ("ignored", "Ignored"),
        ],
        required=True,
        readonly=True,
        default="received",
        index=True,
    )
    error = fields.Text(string="What happened", readonly=True)
    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="Complaint",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    raw = fields.Binary(string="Original Mail", attachment=True, readonly=True)
    raw_name = fields.Char(compute="_compute_raw_name")
    raw_size = fields.Integer(string="Size (bytes)", readonly=True)
    attempts = fields.Integer(readonly=True, default=1)

    _message_unique = models.UniqueIndex("(message_id, digest)")
    _sender_idx = models.Index("(email_from, received_at)")

    @api.depends("message_id")
    def _compute_raw_name(self):
        for intake in self:
            intake.raw_name = f"mail-{intake.id}.eml"

    def action_retry(self):
        """Process kept mails again; a mail that became a complaint stays one."""
        if not self.env.user.has_group(
            "helpdesk_mgmt_complaint.group_complaint_handler"
        ):
            raise AccessError(
                self.env._("Only a complaint handler may process kept mails again.")
            )
        self.check_access("read")
        for intake in self:
            intake._retry()
        return True

    # ------------------------------------------------------------------
    # Which mails
    # ------------------------------------------------------------------

    @api.model
    def _classify(self, raw, headers, model):
        """Decide what a mail of this database has to do with complaints.

        :return: ``concerned`` (kept before processing), ``unclaimed`` (no other
            part of Odoo expects it: kept when the gateway fails) or ``foreign``
        """
        aliases = self._find_aliases(headers.addresses)
        headers.has_alias = bool(aliases)
        if self._leads_to_complaint(aliases) or model == "helpdesk.ticket":
            return "concerned"
        # the Message-Ids of our own mails name the ticket: an answer or a bounce
        if self._is_any_complaint(map(int, _OWN_MESSAGE_ID.findall(raw)[:50])):
            return "concerned"
        if aliases or (model and model != "mail.thread"):
            return "foreign"
        parent = self._find_message(headers.references[-32:])
        if parent.model == "helpdesk.ticket" and self._is_any_complaint(
            [parent.res_id]
        ):
            return "concerned"
        if parent:
            return "foreign"
        if self._is_catchall(headers.addresses):
            return "concerned"
        return "unclaimed"

    @api.model
    def _find_aliases(self, addresses):
        if not addresses:
            return self.env["mail.alias"]
        return (
            self.env["mail.alias"]
            # sudo: the same search the gateway does for every mail
            .sudo()
            .search_fetch(
                [
                    "|",
                    ("alias_full_name", "in", addresses),
                    "&",
                    ("alias_name", "in", [a.split("@", 1)[0] for a in addresses]),
                    ("alias_incoming_local", "=", True),
                ],
                ["alias_model_id", "alias_defaults"],
            )
        )

    @api.model
    def _leads_to_complaint(self, aliases):
        ticket_model_id = self.env["ir.model"]._get_id("helpdesk.ticket")
        defaults = []
        for alias in aliases:
            if alias.alias_model_id.id == ticket_model_id:
                try:
                    defaults.append(dict(const_eval(alias.alias_defaults or "{}")))
                except Exception:
                    # not readable: the gateway will fail on it, so keep the mail
                    return True
        tickets = self.env["helpdesk.ticket"]
        return any(tickets._complaint_get_new_flags(defaults))

    @api.model
    def _find_message(self, message_ids):
        """Return the newest message of our database with one of these Message-Ids."""
        if not message_ids:
            return self.env["mail.message"]
        return (
            self.env["mail.message"]
            # sudo: the same search the gateway does for every answer
            .sudo()
            .search_fetch(
                [("message_id", "in", message_ids)],
                ["model", "res_id"],
                limit=1,
                order="id desc",
            )
        )

    @api.model
    def _is_any_complaint(self, ticket_ids):
        ticket_ids = list(ticket_ids)
        if not ticket_ids:
            return False
        # sudo: only whether there is one
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        domain = [("id", "in", ticket_ids), ("is_complaint", "=", True)]
        return bool(tickets.search_count(domain, limit=1))

    @api.model
    def _is_catchall(self, addresses):
        domains = (
            self.env["mail.alias.domain"]
            # sudo: set-up of the mail gateway
            .sudo()
            .search_fetch([("catchall_alias", "!=", False)], ["catchall_email"])
        )
        return bool(set(domains.mapped("catchall_email")) & set(addresses))

    # ------------------------------------------------------------------
    # First processing
    # ------------------------------------------------------------------

    @api.model
    def _receive(self, thread, raw, headers, model, **kwargs):
        """Keep the mail, let the gateway work, note what came of it.

        :param thread: `mail.thread` in the gateway's environment
        :return: what `message_process` returns, False after a failure
        """
        row_id, state = self._keep(raw, headers)
        if state == "done":
            return False
        run = IntakeRun(headers)
        try:
            result = self._process(thread, raw, run, model, **kwargs)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY as error:
            # the caller may start the whole transaction again
            self._write_apart(row_id, self._prepare_error_vals(error))
            raise
        except Exception as error:
            _logger.info("Mail %s failed, kept", headers.message_id, exc_info=True)
            self._write_apart(row_id, self._prepare_error_vals(error))
            return False
        self._finish_after_commit(row_id, self._prepare_outcome_vals(run, result))
        return result

    @api.model
    def _keep(self, raw, headers, **vals):
        """Write the row of a mail in its own transaction.

        :return: (id, state) of the new row, or of the one this mail already has
        """
        company = self.env.company.id
        try:
            with self.env.registry.cursor() as cr:
                intakes = self._with_cursor(cr)
                row = intakes._find_row(headers)
                if not row:
                    row = intakes._create_row(raw, headers, company, **vals)
                return row.id, row.state
        except IntegrityError:
            # another worker got the same mail in the same moment
            with self.env.registry.cursor() as cr:
                row = self._with_cursor(cr)._find_row(headers)
                return row.id, row.state

    def _with_cursor(self, cr):
        # superuser: rows are written by nobody but the gateway
        return self.with_env(api.Environment(cr, SUPERUSER_ID, {}))

    @api.model
    def _find_row(self, headers):
        return self.search(
            [("message_id", "=", headers.message_id), ("digest", "=", headers.digest)],
            limit=1,
        )

    @api.model
    def _create_row(self, raw, headers, company_id, **vals):
        row = self.create(
            {
                "message_id": headers.message_id,
                "digest": headers.digest,
                "email_from": headers.email_from,
                "recipients": ", ".join(headers.addresses[:20]),
                "subject": headers.subject,
                "company_id": company_id,
                "raw_size": len(raw),
                **vals,
            }
        )
        self.env["ir.attachment"].create(
            {
                "name": "raw",
                "res_model": self._name,
                "res_field": "raw",
                "res_id": row.id,
                "raw": raw,
                "mimetype": "application/octet-stream",
            }
        )
        return row

    @api.model
    def _write_apart(self, row_id, vals):
        """Write a row in its own transaction: it stays when the caller rolls back."""
        with self.env.registry.cursor() as cr:
            self._with_cursor(cr).browse(row_id).write(vals)

    @api.model
    def _finish_after_commit(self, row_id, vals):
        """Note the result when it is sure: the ticket may still be rolled back."""

        def finish(values):
            try:
                self._write_apart(row_id, values)
            except Exception:
                # the row stays "received"; a retry finds the mail already there
                _logger.info("Intake row %s not updated", row_id, exc_info=True)

        lost = {
            "state": "error",
            "error": self.env._("The transaction failed after the mail was processed."),
        }
        self.env.cr.postcommit.add(lambda: finish(vals))
        self.env.cr.postrollback.add(lambda: finish(lost))

    @api.model
    def _process(self, thread, raw, run, model, **kwargs):
        """Give the mail to Odoo's gateway, rebuilt when it cannot be parsed.

        Each attempt in a savepoint: after a failure nothing half-made is left.
        """
        thread = thread.with_context(complaint_intake_run=run)
        fixed = mailrepair.repair(raw, run.headers.message_id)
        try:
            with self.env.cr.savepoint():
                return thread.message_process(model, fixed, **kwargs)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            if self._is_parsable(thread, fixed):
                raise
        run.notes.append(
            self.env._(
                "The mail was damaged. Its text was read as well as possible; the "
                "original is attached."
            )
        )
        rebuilt = mailrepair.with_message_id(
            mailrepair.rebuild_mail(raw), run.headers.message_id
        )
        with self.env.cr.savepoint():
            return thread.message_process(model, rebuilt, **kwargs)

    @api.model
    def _is_parsable(self, thread, raw):
        try:
            with self.env.cr.savepoint():
                thread.message_parse(
                    email.message_from_bytes(raw, policy=email.policy.SMTP)
                )
        except Exception:
            return False
        return True

    # ------------------------------------------------------------------
    # Result
    # ------------------------------------------------------------------

    @api.model
    def _prepare_error_vals(self, error):
        text = "".join(traceback.format_exception(error))
        return {"state": "error", "error": f"{error}\n\n{text[-4000:]}"}

    @api.model
    def _prepare_outcome_vals(self, run, result):
        """Return the row values that say what came of a processed mail."""
        ticket_id = run.ticket_id
        if not ticket_id and not run.ignored and not result:
            ticket_id = self._find_known_ticket(run.headers)
        vals = {"ticket_id": ticket_id, "error": "\n".join(run.notes) or False}
        if ticket_id and not run.ignored:
            vals["state"] = "done"
        elif run.ignored:
            vals.update(state="ignored", error=run.ignored)
        elif result:
            vals["state"] = "done"
        else:
            vals["state"] = "error"
            vals["error"] = self.env._(
                "The mail gateway did not accept the mail: no address of ours fits, "
                "the sender may not write to it, the same Message-Id came before, or "
                "it looked like a loop. Use Retry to make a complaint of it."
            )
        return vals

    @api.model
    def _find_known_ticket(self, headers):
        """Return the ticket this very mail became before, or False."""
        message = self._find_message([headers.message_id])
        if message.model != "helpdesk.ticket":
            return False
        # another mail under the same Message-Id is not this mail
        # sudo: asked by the gateway and by the handler's retry
        twins = self.sudo().search_count(
            [
                ("message_id", "=", headers.message_id),
                ("digest", "!=", headers.digest),
                ("ticket_id", "!=", False),
            ],
            limit=1,
        )
        return False if twins else message.res_id

    # ------------------------------------------------------------------
    # Retry
    # ------------------------------------------------------------------

    def _retry(self):
        self.ensure_one()
        # sudo: nobody has write rights on the list; handlers may only retry
        row = self.sudo()
        if not row.try_lock_for_update():
            raise UserError(
                self.env._("%(mail)s is being processed.", mail=self.display_name)
            )
        if row.state == "done":
            return
        raw = row._get_raw()
        headers = mailraw.read_headers(raw)
        headers.message_id = row._get_retry_message_id()
        headers.has_alias = bool(self._find_aliases(headers.addresses))
        run = IntakeRun(headers, self._get_retry_team().id)
        # superuser as the mail gateway, for which the mail was meant
        thread = self.env["mail.thread"].with_user(SUPERUSER_ID)
        thread = thread.with_company(row.company_id or self.env.company)
        try:
            result = self._process(thread, raw, run, None)
            vals = self._prepare_outcome_vals(run, result)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            _logger.info("Retry of mail %s failed", row.message_id, exc_info=True)
            vals = self._prepare_error_vals(error)
        row.write({**vals, "attempts": row.attempts + 1})

    def _get_raw(self):
        """Return the bytes of the original mail."""
        self.ensure_one()
        attachment = (
            self.env["ir.attachment"]
            # sudo: the caller checked the access to the row
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_field", "=", "raw"),
                    ("res_id", "=", self.id),
                ],
                limit=1,
            )
        )
        return attachment.raw or b""

    def _get_retry_message_id(self):
        """A different mail under a Message-Id that is taken gets its own."""
        self.ensure_one()
        # sudo: rows of all companies share the Message-Ids
        twin = self.sudo().search(
            [
                ("message_id", "=", self.message_id),
                ("id", "!=", self.id),
                ("ticket_id", "!=", False),
            ],
            limit=1,
        )
        return f"<{self.digest[:40]}@complaint.intake>" if twin else self.message_id

    def _get_retry_team(self):
        """The team that gets a mail no address of ours fits."""
        return (
            self.env["helpdesk.ticket.team"]
            # sudo: set-up
            .sudo()
            .search(
                [
                    ("complaint_team", "=", True),
                    ("company_id", "in", [False, self.company_id.id]),
                ],
                limit=1,
            )
        )

    # ------------------------------------------------------------------
    # Acknowledgement limit
    # ------------------------------------------------------------------

    @api.model
    def _may_acknowledge(self, address):
        """Whether this address got few enough mails to rule out a loop."""
        address = email_normalize(address) or address
        # sudo: counts only
        count = self.sudo().search_count(
            [
                ("email_from", "=", address),
                ("received_at", ">", fields.Datetime.now() - _ACKNOWLEDGE_WINDOW),
            ],
            limit=_ACKNOWLEDGE_LIMIT + 1,
        )
        return count <= _ACKNOWLEDGE_LIMIT
