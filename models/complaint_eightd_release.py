# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import hashlib
import secrets
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.orm.models import NO_ACCESS
from odoo.tools import consteq

from .complaint_eightd_link_clock_mixin import ANSWERING, VERDICTS
from .complaint_eightd_release_values_mixin import RELEASE_TYPES

_TEMPLATE = "helpdesk_mgmt_complaint.complaint_eightd_release_document"
_REPORT = "helpdesk_mgmt_complaint.report_complaint_eightd_release"


class ComplaintEightdRelease(models.Model):
    """What a customer got, frozen: text, PDF, checksum, and what he said to it.

    Written once by `_release`, and once more by `_record_verdict`. Nobody has rights
    to create or write one, and no call without the module's own key is heard.
    """

    _name = "complaint.eightd.release"
    _description = "8D Release"
    _inherit = [
        "complaint.eightd.child.mixin",
        "complaint.eightd.release.verdict.mixin",
        "complaint.eightd.release.mail.mixin",
    ]
    _order = "link_id, revision desc"

    link_id = fields.Many2one(
        "complaint.eightd.link", required=True, ondelete="restrict", index=True
    )
    ticket_id = fields.Many2one(related="link_id.ticket_id", store=True, index=True)
    revision = fields.Integer(required=True, readonly=True)
    answer_type = fields.Selection(
        RELEASE_TYPES, string="Answer", required=True, readonly=True
    )
    is_preliminary = fields.Boolean(
        string="Preliminary", readonly=True, help="Not all its disciplines were done."
    )
    done_codes = fields.Char(
        string="Disciplines Done", readonly=True, help="Of those that it contains."
    )
    lang = fields.Char(readonly=True)
    content = fields.Json(readonly=True, help="The values that it was made from.")
    html = fields.Html(readonly=True, sanitize=False)
    attachment_id = fields.Many2one("ir.attachment", readonly=True, ondelete="restrict")
    sha256 = fields.Char(string="SHA-256 of the PDF", readonly=True)
    released_at = fields.Datetime(readonly=True)
    released_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    leak_reason = fields.Char(
        string="Names of Others Are Right, Because", readonly=True
    )
    verdict = fields.Selection(VERDICTS, required=True, default="sent", readonly=True)
    verdict_at = fields.Datetime(string="Answered on", readonly=True)
    verdict_name = fields.Char(string="Answered by", readonly=True)
    verdict_comment = fields.Text(string="Comment", readonly=True)

    # The customer's page
    access_token = fields.Char(readonly=True, groups=NO_ACCESS)
    expires_at = fields.Datetime(string="Page Open until", readonly=True)
    is_current = fields.Boolean(compute="_compute_is_current")

    _revision_unique = models.UniqueIndex(
        "(link_id, revision)", "This release was already given."
    )

    @api.depends("link_id.ticket_id", "answer_type", "revision")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["answer_type"]._description_selection(self.env))
        for release in self:
            release.display_name = self.env._(
                "%(answer)s, release %(revision)s",
                answer=labels.get(release.answer_type, ""),
                revision=release.revision,
            )

    @api.depends("link_id.release_ids")
    def _compute_is_current(self):
        """Only the last release of a link can be answered."""
        for release in self:
            last = release.link_id.release_ids.sorted("revision")[-1:]
            release.is_current = release == last

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._check_own_call()
        return super().create(vals_list)

    def write(self, vals):
        self._check_own_call()
        return super().write(vals)

    def copy(self, default=None):  # pylint: disable=method-required-super  # never copies
        raise UserError(self.env._("A release cannot be copied. Release another one."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("A release is evidence of what the customer got and stays.")
        )

    def action_download(self):
        """Download exactly the PDF that the customer got."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.attachment_id.id}?download=true",
            "target": "new",
        }

    def _check_own_call(self):
        # the key is an object of this module: no client can send it
        if self.env.context.get("complaint_answering") is not ANSWERING:
            raise UserError(
                self.env._(
                    "A release is what the customer got and cannot be changed. Release "
                    "another one."
                )
            )

    # ------------------------------------------------------------------
    # Releasing
    # ------------------------------------------------------------------

    @api.model
    def _release(
        self, link, answer_type=None, lang=None, with_diagrams=False, leak_reason=None
    ):
        """Freeze an answer: HTML, PDF, checksum. It counts as sent from now on.

        :param link: `complaint.eightd.link`
        :param str answer_type: key of `RELEASE_TYPES`, default the wanted format
        :param str lang: code, default the link's
        :param str leak_reason: why it is right that others are named
        :return: the `complaint.eightd.release`
        :raise UserError: others are named and no reason is given
        :raise ConcurrencyError: somebody released at the same moment; Odoo runs the
            request again
        """
        link._check_can_answer()
        answer_type = answer_type or link._get_wanted_type()
        lang = lang or link.lang or self.env.lang or "en_US"
        writer = link.with_context(lang=lang)
        values = writer._get_release_values(answer_type, with_diagrams)
        leaks = link._get_release_leaks(values)
        if leaks and not leak_reason:
            raise UserError(
                self.env._(
                    "The answer names others: %(names)s. Change the wording for this "
                    "customer, or say why it is right.",
                    names=", ".join(leaks),
                )
            )
        html = self.env["ir.qweb"].with_context(lang=lang)
        vals = {
            **self._prepare_release_vals(link, values),
            "lang": lang,
            "leak_reason": leak_reason if leaks else False,
            "html": html._render(_TEMPLATE, {"v": values}, minimal_qcontext=True),
        }
        # sudo: nobody has rights to create a release, so that none can be forged; who
        # may answer the customer was checked
        rows = self.sudo().with_context(complaint_answering=ANSWERING)
        try:
            release = rows.create(vals)
        except psycopg2.errors.UniqueViolation as error:
            raise ConcurrencyError(str(error)) from error
        release._freeze_pdf()
        release = release.with_env(self.env)
        link._log_sent(release)
        return release

    @api.model
    def _prepare_release_vals(self, link, values):
        """Hook: return the values of a release but for its frozen text."""
        now = fields.Datetime.now()
        company = link.company_id.sudo()  # sudo: settings of the own company
        days = company.complaint_eightd_page_days
        done = link._get_release_done_codes(values["answer_type"])
        return {
            "eightd_id": link.eightd_id.id,
            "link_id": link.id,
            "revision": values["revision"],
            "answer_type": values["answer_type"],
            "is_preliminary": values["is_preliminary"],
            "done_codes": ",".join(done),
            "content": values,
            "released_at": now,
            "released_by_id": self.env.user.id,
            "access_token": secrets.token_urlsafe(32),
            "expires_at": now + timedelta(days=days) if days else False,
        }

    def _freeze_pdf(self):
        """Print the frozen text and keep exactly these bytes."""
        self.ensure_one()
        reports = self.env["ir.actions.report"].with_context(lang=self.lang)
        raw, kind = reports._render_qweb_pdf(_REPORT, self.ids)
        attachment = self.env["ir.attachment"].create(
            {
                "name": f"{self._get_file_name()}.{kind}",
                "raw": raw,
                "mimetype": "application/pdf" if kind == "pdf" else "text/html",
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        digest = hashlib.sha256(raw).hexdigest()
        self.write({"attachment_id": attachment.id, "sha256": digest})

    def _get_file_name(self):
        """Return the name of the file without extension: type, number, release."""
        self.ensure_one()
        reference = (self.content or {}).get("reference", "").replace("/", "-")
        return f"{self.answer_type.upper()} {reference} R{self.revision}".strip()

    # ------------------------------------------------------------------
    # Token
    # ------------------------------------------------------------------

    @api.model
    def _find_by_token(self, release_id, token):
        """Return the release that a link of a mail shows, empty for anything else.

        Superseded and expired ones are not found either: a page that says so would say
        that they exist.
        """
        # sudo: visitors have no rights; the token decides
        release = self.sudo().search([("id", "=", release_id)])
        known = release.access_token or secrets.token_urlsafe(32)
        # as bytes: other than ASCII cannot be compared
        if not consteq(known.encode(), str(token or "").encode()):
            return release.browse()
        now = fields.Datetime.now()
        if not release.is_current or release.expires_at and release.expires_at <= now:
            return release.browse()
        return release

    def _get_page_url(self, suffix=""):
        """Return the address of the customer's page, relative."""
        self.ensure_one()
        token = self.sudo().access_token  # sudo: nobody may read it but in the mail
        return f"/complaint/8d/{self.id}{suffix}?access_token={token}"

    def _prepare_portal_vals(self):
        """Return what the customer's complaint page shows of a release."""
        self.ensure_one()
        labels = dict(self._fields["verdict"]._description_selection(self.env))
        company = self.company_id
        at = self.env["complaint.print.tools"]._format_time(self.released_at, company)
        is_open = self._find_by_token(self.id, self.access_token)
        return {
            "name": self.display_name,
            "released_at": at,
            "verdict": labels[self.verdict],
            "pdf_url": f"/complaint/8d/{self.id}/pdf",
            "page_url": self._get_page_url() if is_open else False,
        }

    def _check_unchanged(self):
        """Return whether the kept file still is the one that was released."""
        self.ensure_one()
        raw = self.sudo().attachment_id.raw or b""  # sudo: only compared
        return hashlib.sha256(raw).hexdigest() == self.sha256
