# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models

from ..models.complaint_eightd_release_values_mixin import RELEASE_TYPES

_TEMPLATE = "helpdesk_mgmt_complaint.complaint_eightd_release_document"


class ComplaintEightdLinkRelease(models.TransientModel):
    """Release an answer: which format, to whom, after a look at it (R460)."""

    _name = "complaint.eightd.link.release"
    _description = "Release an 8D to the Customer"

    link_id = fields.Many2one("complaint.eightd.link", required=True, readonly=True)
    ticket_id = fields.Many2one(related="link_id.ticket_id")
    customer_id = fields.Many2one(
        related="link_id.ticket_id.partner_id.commercial_partner_id"
    )
    answer_type = fields.Selection(
        RELEASE_TYPES,
        string="Answer",
        required=True,
        compute="_compute_from_link",
        store=True,
        readonly=False,
    )
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        required=True,
        compute="_compute_from_link",
        store=True,
        readonly=False,
    )
    with_diagrams = fields.Boolean(
        help="5-why and cause-and-effect diagram of D4, as they are."
    )
    send_mail = fields.Boolean(
        string="Send by Mail",
        default=True,
        help="Otherwise it is handed over another way: the customer's own portal, fax, "
        "in person. It counts as sent in both cases.",
    )
    partner_ids = fields.Many2many(
        "res.partner",
        string="Recipients",
        compute="_compute_partner_ids",
        store=True,
        readonly=False,
        domain="[('commercial_partner_id', '=', customer_id)]",
    )
    open_note = fields.Text(string="Not Finished", compute="_compute_preview")
    leak_note = fields.Text(string="Names Others", compute="_compute_preview")
    leak_reason = fields.Char(string="That Is Right, Because")
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.depends("link_id")
    def _compute_from_link(self):
        for wizard in self:
            link = wizard.link_id
            wizard.answer_type = link._get_wanted_type() if link else False
            wizard.lang = link.lang or self.env.lang

    @api.depends("link_id")
    def _compute_partner_ids(self):
        releases = self.env["complaint.eightd.release"]
        for wizard in self:
            wizard.partner_ids = releases._get_default_recipients(wizard.link_id)

    @api.depends("link_id", "answer_type", "lang", "with_diagrams")
    def _compute_preview(self):
        """What will be frozen, as the customer will read it."""
        for wizard in self:
            link = wizard.link_id.with_context(lang=wizard.lang)
            if not link or not wizard.answer_type:
                wizard.preview = wizard.leak_note = wizard.open_note = False
                continue
            values = link._get_release_values(wizard.answer_type, wizard.with_diagrams)
            qweb = self.env["ir.qweb"].with_context(lang=wizard.lang)
            wizard.preview = qweb._render(
                _TEMPLATE, {"v": values}, minimal_qcontext=True
            )
            wizard.leak_note = ", ".join(link._get_release_leaks(values))
            wizard.open_note = ", ".join(values["open_titles"])

    def action_release(self):
        """Release it, and send it."""
        self.ensure_one()
        link = self.link_id
        link._check_can_answer()
        releases = self.env["complaint.eightd.release"]
        if self.send_mail:
            releases._check_recipients(self.partner_ids, link.ticket_id)
        release = releases._release(
            link,
            answer_type=self.answer_type,
            lang=self.lang,
            with_diagrams=self.with_diagrams,
            leak_reason=self.leak_reason,
        )
        if self.send_mail:
            release._send_mail(self.partner_ids)
        return {
            "type": "ir.actions.act_window",
            "res_model": release._name,
            "res_id": release.id,
            "view_mode": "form",
        }
