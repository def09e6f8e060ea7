# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import base64
import hashlib
import logging

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)

_REPORT = "helpdesk_mgmt_complaint.action_report_complaint_form_issue"
_CRON = "helpdesk_mgmt_complaint.ir_cron_complaint_form_issue"
_TRIES = 3
# what was printed stays; only the anonymisation at the end of the retention empties it
_FROZEN = {"content", "checksum", "printed_at", "label", "form_name", "reference"}


class ComplaintFormIssue(models.Model):
    """A copy of a form that was issued to who keeps it (联, R503, R504).

    Rows are made when the complaint is registered or closed, and printed afterwards
    in the background: a printer that fails must not keep a complaint from closing.
    What was printed is frozen. Keepers see their copy, even of a complaint that
    they may not read; recused persons never do.
    """

    _name = "complaint.form.issue"
    _description = "Issued Copy of a Complaint Form"
    _order = "id desc"
    _rec_name = "label"

    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="Complaint",
        required=True,
        ondelete="cascade",
        index=True,
        readonly=True,
    )
    company_id = fields.Many2one(
        "res.company", related="ticket_id.company_id", store=True, precompute=True
    )
    cycle = fields.Integer(readonly=True, default=1)
    occasion = fields.Selection(
        [("registration", "Registration"), ("closing", "Closing")],
        string="Issued at",
        required=True,
        readonly=True,
    )
    form_id = fields.Many2one(
        "complaint.form", required=True, ondelete="restrict", readonly=True
    )
    copy_id = fields.Many2one(
        "complaint.form.copy", string="Copy", ondelete="set null", readonly=True
    )
    form_name = fields.Char(string="Form Title", readonly=True)
    label = fields.Char(string="Copy Label", readonly=True)
    reference = fields.Char(string="Complaint No.", readonly=True)
    department_id = fields.Many2one(
        "hr.department", string="Kept by", ondelete="restrict", readonly=True
    )
    user_ids = fields.Many2many(
        "res.users",
        "complaint_form_issue_user_rel",
        "issue_id",
        "user_id",
        string="Recipients",
        readonly=True,
    )
    opened_user_ids = fields.Many2many(
        "res.users",
        "complaint_form_issue_opened_rel",
        "issue_id",
        "user_id",
        string="Opened by",
        readonly=True,
    )
    is_opened = fields.Boolean(
        string="Opened", compute="_compute_is_opened", search="_search_is_opened"
    )
    state = fields.Selection(
        [
            ("waiting", "Being printed"),
            ("ready", "Ready"),
            ("failed", "Not printed"),
            ("removed", "Removed after retention"),
        ],
        required=True,
        default="waiting",
        readonly=True,
    )
    tries = fields.Integer(readonly=True)
    error = fields.Char(readonly=True)
    printed_at = fields.Datetime(string="Printed on", readonly=True)
    content = fields.Binary(string="Copy as PDF", attachment=True, readonly=True)
    file_name = fields.Char(compute="_compute_file_name")
    checksum = fields.Char(
        string="SHA-256", readonly=True, help="Of the file as it was printed."
    )

    _copy_unique = models.UniqueIndex(
        "(ticket_id, copy_id, occasion, cycle) WHERE copy_id IS NOT NULL",
        "This copy was issued already.",
    )
    # the cron asks for these only
    _waiting_idx = models.Index("(id) WHERE state = 'waiting'")

    @api.depends("opened_user_ids")
    @api.depends_context("uid")
    def _compute_is_opened(self):
        for issue in self:
            issue.is_opened = self.env.user in issue.opened_user_ids

    @api.model
    def _search_is_opened(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        wanted = (True in value) == (operator == "in")
        return [("opened_user_ids", "in" if wanted else "not in", [self.env.uid])]

    @api.depends("form_name", "label", "reference")
    def _compute_file_name(self):
        for issue in self:
            parts = (issue.form_name, issue.reference, issue.label)
            name = " ".join(part for part in parts if part)
            issue.file_name = f"{name.translate(str.maketrans('/:', '--'))}.pdf"

    @api.depends("label", "form_name", "reference")
    def _compute_display_name(self):
        for issue in self:
            parts = (issue.reference, issue.form_name, issue.label)
            issue.display_name = " · ".join(part for part in parts if part)

    def write(self, vals):
        frozen = self.filtered("checksum")
        is_removal = vals == {"content": False, "state": "removed"}
        if frozen and _FROZEN & set(vals) and not is_removal:
            raise UserError(self.env._("An issued copy cannot be changed any more."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Issued copies cannot be deleted."))

    def action_open(self):
        """Show the copy; one that still waits is printed now."""
        self.ensure_one()
        self.check_access("read")
        # sudo: who may read the copy was checked; its recipients need not be able to
        # read the complaint it is made of
        issue = self.sudo()
        if issue.state in ("waiting", "failed"):
            issue._print_now()
        if not issue.content:
            raise UserError(
                self.env._("This copy is not there: %(why)s", why=issue._get_why())
            )
        if self.env.user in issue.user_ids:
            issue.opened_user_ids = [Command.link(self.env.uid)]
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/content",
            "target": "new",
        }

    def _get_why(self):
        self.ensure_one()
        if self.state == "removed":
            return self.env._("its retention is over.")
        return self.error or self.env._("it is being printed, try again in a minute.")

    # ------------------------------------------------------------------
    # Issue
    # ------------------------------------------------------------------

    @api.model
    def _issue(self, tickets, occasion):
        """Make the rows of what is issued at this occasion, and wake the cron.

        A form of which nobody in the company keeps any copy is not issued.

        :param tickets: `helpdesk.ticket` of complaints
        :param str occasion: ``registration`` or ``closing``
        :return: the new rows
        """
        values, keepers = [], {}
        for ticket in tickets:
            company = ticket.company_id
            for form in self._get_issued_forms(ticket, occasion):
                key = form, company
                if key not in keepers:
                    keepers[key] = {
                        copy: copy._get_keeper(company) for copy in form.copy_ids
                    }
                if any(users for _department, users in keepers[key].values()):
                    values += [
                        self._prepare_issue_vals(ticket, copy, occasion, *keeper)
                        for copy, keeper in keepers[key].items()
                    ]
        issues = self.create(self._leave_out_issued(tickets, occasion, values))
        cron = self.env.ref(_CRON, raise_if_not_found=False)
        if issues and cron:
            cron._trigger()
        return issues

    @api.model
    def _get_issued_forms(self, ticket, occasion):
        forms = self.env["complaint.form"]
        return forms.browse(
            forms._get_issued_ids(
                ticket.company_id.id, ticket.complaint_procedure_id.id, occasion
            )
        )

    @api.model
    def _leave_out_issued(self, tickets, occasion, values):
        """Return the values of copies that are not issued yet; twice is once."""
        if not values:
            return []
        domain = [("ticket_id", "in", tickets.ids), ("occasion", "=", occasion)]
        known = {
            (row.ticket_id.id, row.copy_id.id, row.cycle) for row in self.search(domain)
        }
        return [
            vals
            for vals in values
            if (vals["ticket_id"], vals["copy_id"], vals["cycle"]) not in known
        ]

    @api.model
    def _prepare_issue_vals(self, ticket, copy, occasion, department, users):
        """Hook: return the values of one row."""
        copy = copy.with_context(lang=ticket.company_id.partner_id.lang or "en_US")
        return {
            "ticket_id": ticket.id,
            "cycle": ticket.complaint_cycle,
            "occasion": occasion,
            "form_id": copy.form_id.id,
            "copy_id": copy.id,
            "form_name": copy.form_id.name,
            "label": copy.label,
            "department_id": department.id,
            "user_ids": [Command.set((users - ticket._complaint_get_recused()).ids)],
        }

    # ------------------------------------------------------------------
    # Print
    # ------------------------------------------------------------------

    @api.model
    def _cron_print(self, limit=20):
        """Print what waits; each copy is committed by itself.

        :param int limit: at most so many in one go, then the cron is woken again
        """
        waiting = self.search([("state", "=", "waiting")], order="id", limit=limit)
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=self.search_count([("state", "=", "waiting")]))
        for issue in waiting:
            issue._print_now()
            if not cron._commit_progress(1):
                break

    def _print_now(self):
        """Print one copy and tell its keepers; a failure is written down.

        Does nothing when another process prints it at this moment.
        """
        self.ensure_one()
        if not self.try_lock_for_update():
            return
        self.invalidate_recordset()
        if self.content or self.state == "removed":
            return
        try:
            with self.env.cr.savepoint():
                self._freeze(self._render())
                self._notify_ready()
        except Exception as error:  # whatever breaks a print: a picture, a template
            tries = self.tries + 1
            self.write(
                {
                    "tries": tries,
                    "error": str(error)[:500],
                    "state": "failed" if tries >= _TRIES else "waiting",
                }
            )
            _logger.warning("Copy %s of a complaint form not printed: %s", self, error)

    def _render(self):
        """Return the PDF of this copy in the language of the company."""
        self.ensure_one()
        pdf, kind = self.env["ir.actions.report"]._render_qweb_pdf(_REPORT, self.ids)
        if kind != "pdf":
            raise UserError(self.env._("The PDF printer does not answer."))
        return pdf

    def _freeze(self, pdf):
        ticket = self.ticket_id
        self.write(
            {
                "content": base64.b64encode(pdf),
                "checksum": hashlib.sha256(pdf).hexdigest(),
                "reference": ticket.complaint_number or ticket.number,
                "printed_at": fields.Datetime.now(),
                "state": "ready",
                "error": False,
            }
        )

    def _notify_ready(self):
        """Tell the keepers; who was recused meanwhile is not told."""
        self.ensure_one()
        users = self.user_ids - self.ticket_id._complaint_get_recused()
        for user in users:
            self.env["mail.thread"].message_notify(
                partner_ids=user.partner_id.ids,
                subject=self.display_name,
                body=self.with_context(lang=user.lang).env._(
                    "Your copy is ready: %(copy)s. See Complaints / My Form Copies.",
                    copy=self.display_name,
                ),
            )

    def _get_pages(self):
        """Return the page set of this copy."""
        self.ensure_one()
        lang = self.company_id.partner_id.lang or "en_US"
        document = self.env["complaint.form.document"].with_context(lang=lang)
        return document._get_pages(self.ticket_id, self.form_id, self.copy_id, lang)
