# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import base64
import binascii
import io

from markupsafe import Markup
from PIL import Image

from odoo import http
from odoo.exceptions import LockError, UserError
from odoo.http import content_disposition, request

# more than the database can count to is not found either
_PAGE = "/complaint/8d/<int(max=2147483647):release_id>"
_TEMPLATE = "helpdesk_mgmt_complaint.complaint_eightd_page"
_PNG = "data:image/png;base64,"
# a drawn name has a few thousand bytes
_MAX_REQUEST = 1024 * 1024
_MAX_SIGNATURE = 300 * 1000
_MAX_PIXELS = (2000, 1000)
_MAX_NAME = 200
_MAX_COMMENT = 20000
_HEADERS = {
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    # the address holds the token: other sites must not get it
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; "
    "style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
}


class ComplaintEightdController(http.Controller):
    """The page of one release: read, download, accept or reject, without login.

    A wrong, old or foreign token gets the same answer as a release that does not
    exist.
    """

    @http.route(_PAGE, type="http", auth="public", methods=["GET"], sitemap=False)
    def eightd_release(self, release_id, access_token=None, **_kw):
        """Show a release."""
        release = self._find(release_id, access_token)
        if not release:
            return self._refuse()
        return self._render_page(release, access_token)

    @http.route(
        f"{_PAGE}/pdf", type="http", auth="public", methods=["GET"], sitemap=False
    )
    def eightd_release_pdf(self, release_id, access_token=None, **_kw):
        """Download exactly the released file."""
        release = self._find(release_id, access_token) or self._find_own(release_id)
        if not release:
            return self._refuse()
        # sudo: found by its token, or by the customer whose complaint it answers
        attachment = release.sudo().attachment_id
        headers = {
            **_HEADERS,
            "Content-Type": attachment.mimetype,
            "Content-Disposition": content_disposition(attachment.name),
        }
        return request.make_response(attachment.raw, list(headers.items()))

    @http.route(
        f"{_PAGE}/verdict",
        type="http",
        auth="public",
        methods=["POST"],
        sitemap=False,
        max_content_length=_MAX_REQUEST,
    )
    def eightd_release_verdict(self, release_id, access_token=None, **post):
        """Take the customer's answer, once."""
        release = self._find(release_id, access_token)
        if not release:
            return self._refuse()
        if release.verdict != "sent":
            return self._render_page(release, access_token, status=409)
        release = release.with_context(lang=release.lang)
        try:
            vals = self._read_verdict(release.env, post)
            release._record_customer_verdict(**vals)
        except LockError:
            error = release.env._("Somebody answers at this moment. Please try again.")
            return self._render_page(release, access_token, post, error, 409)
        except UserError as error:
            return self._render_page(release, access_token, post, str(error), 400)
        return self._render_page(release, access_token)

    # ------------------------------------------------------------------
    # Finding
    # ------------------------------------------------------------------

    def _find(self, release_id, token):
        """Return the release that this token opens, in sudo, else none."""
        return request.env["complaint.eightd.release"]._find_by_token(release_id, token)

    def _find_own(self, release_id):
        """Return a release of a complaint that the logged-in customer may read."""
        releases = request.env["complaint.eightd.release"]
        if request.env.user._is_public():
            return releases
        # sudo: only looked up; the rules of the complaint decide
        release = releases.sudo().search([("id", "=", release_id)])
        tickets = request.env["helpdesk.ticket"]
        own = tickets.search([("id", "=", release.ticket_id.id)])
        return release if own else releases

    def _refuse(self):
        """Return the one answer to everything that opens no release."""
        headers = [*_HEADERS.items(), ("Content-Type", "text/plain")]
        return request.make_response("Not found", headers, status=404)

    # ------------------------------------------------------------------
    # Answering
    # ------------------------------------------------------------------

    def _read_verdict(self, env, post):
        """Return the arguments of `_record_customer_verdict` from a posted form.

        :raise UserError: in words for the customer
        """
        if request.env.user._is_internal():
            raise UserError(
                env._(
                    "You are logged in as an employee. The customer answers here; what "
                    "he said to you is entered on the complaint."
                )
            )
        verdict = post.get("verdict")
        name = (post.get("name") or "").strip()
        comment = (post.get("comment") or "").strip()
        if len(name) > _MAX_NAME or len(comment) > _MAX_COMMENT:
            raise UserError(env._("The text is too long. Please send it by mail."))
        if verdict not in ("accepted", "rejected"):
            raise UserError(env._("Please accept or reject."))
        release = env["complaint.eightd.release"]
        reasons = dict(release._fields["verdict_reason"].selection)
        reason = post.get("reason") if post.get("reason") in reasons else False
        return {
            "verdict": verdict,
            "name": name,
            "verdict_comment": comment,
            "verdict_reason": reason if verdict == "rejected" else False,
            "verdict_signature": self._read_signature(env, post.get("signature")),
            "verdict_address": request.httprequest.remote_addr,
        }

    def _read_signature(self, env, value):
        """Return a drawn signature, base64; a typed name alone is enough.

        :raise UserError: it is no picture of a reasonable size
        """
        if not value:
            return False
        refused = UserError(
            env._("The signature cannot be read. Please type the name.")
        )
        if not value.startswith(_PNG) or len(value) > _MAX_SIGNATURE:
            raise refused
        try:
            raw = base64.b64decode(value[len(_PNG) :], validate=True)
            # only the head is read: a small file may unpack to a huge picture
            image = Image.open(io.BytesIO(raw), formats=["PNG"])
        except (binascii.Error, OSError, ValueError, SyntaxError) as error:
            raise refused from error
        width, height = image.size
        if width > _MAX_PIXELS[0] or height > _MAX_PIXELS[1]:
            raise refused
        return base64.b64encode(raw)

    # ------------------------------------------------------------------
    # Page
    # ------------------------------------------------------------------

    def _render_page(self, release, token, post=None, error=None, status=200):
        release = release.with_context(lang=release.lang)
        request.update_context(lang=release.lang)
        values = self._prepare_page(release, token, post or {}, error)
        html = request.env["ir.qweb"]._render(_TEMPLATE, values, minimal_qcontext=True)
        return request.make_response(
            Markup("<!DOCTYPE html>\n") + html, list(_HEADERS.items()), status=status
        )

    def _prepare_page(self, release, token, post, error):
        """Return what the page shows: plain values, as in the release itself."""
        labels = dict(release._fields["verdict"]._description_selection(release.env))
        reasons = release._fields["verdict_reason"]._description_selection(release.env)
        tools = release.env["complaint.print.tools"]
        # sudo: the company's time zone
        company = release.company_id.sudo()
        query = f"?access_token={token}"
        return {
            "v": release.content,
            # made by our own template, which escapes all values
            "html": Markup(release.html),
            "pdf_url": f"/complaint/8d/{release.id}/pdf{query}",
            "post_url": f"/complaint/8d/{release.id}/verdict",
            "token": token,
            "csrf_token": request.csrf_token(),
            "verdict": release.verdict,
            "verdict_label": labels[release.verdict],
            "verdict_name": release.verdict_name or "",
            "verdict_on": tools._format_time(release.verdict_at, company)
            if release.verdict_at
            else "",
            "verdict_comment": release.verdict_comment or "",
            "reasons": reasons,
            "post": {
                name: post.get(name) or ""
                for name in ("name", "comment", "reason", "verdict")
            },
            "error": error,
        }
