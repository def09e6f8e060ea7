# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_date

_STATUS_FIELDS = {f"d{number}": f"d{number}_status" for number in range(9)}
_STYLES = {
    "done": ("fa-check-circle", "text-bg-success"),
    "late": ("fa-exclamation-circle", "text-bg-danger"),
    "ready": ("fa-arrow-circle-right", "text-bg-primary"),
    "open": ("fa-circle-o", "text-bg-light border"),
}


class ComplaintEightdScreenMixin(models.AbstractModel):
    """What the team reads above each page: whose, until when, what is missing.

    Made on the server, so that it is escaped and translated; the sentences are those
    that the button Done would refuse with.
    """

    _name = "complaint.eightd.screen.mixin"
    _description = "Screens of an 8D"

    progress_html = fields.Html(
        string="Progress", compute="_compute_status", sanitize=False
    )
    done_codes = fields.Char(compute="_compute_status")
    used_codes = fields.Char(compute="_compute_status")
    d0_status = fields.Html(compute="_compute_status", sanitize=False)
    d1_status = fields.Html(compute="_compute_status", sanitize=False)
    d2_status = fields.Html(compute="_compute_status", sanitize=False)
    d3_status = fields.Html(compute="_compute_status", sanitize=False)
    d4_status = fields.Html(compute="_compute_status", sanitize=False)
    d5_status = fields.Html(compute="_compute_status", sanitize=False)
    d6_status = fields.Html(compute="_compute_status", sanitize=False)
    d7_status = fields.Html(compute="_compute_status", sanitize=False)
    d8_status = fields.Html(compute="_compute_status", sanitize=False)
    link_count = fields.Integer(
        string="Number of Complaints", compute="_compute_link_count", compute_sudo=True
    )
    history_count = fields.Integer(compute="_compute_history_count")
    answer_type_note = fields.Char(compute="_compute_answer_type_note")

    @api.depends("state", "answer_type", "leader_id")
    @api.depends(
        "discipline_ids.state", "discipline_ids.owner_id", "discipline_ids.due_date"
    )
    @api.depends_context("lang")
    def _compute_status(self):
        for eightd in self:
            saved = eightd._origin
            rows = saved.discipline_ids.sorted("code")
            done = rows.filtered(lambda row: row.state == "done")
            eightd.done_codes = ",".join(done.mapped("code"))
            eightd.used_codes = ",".join(rows.mapped("code"))
            shown = {}
            badges = []
            for row in rows:
                reasons = saved._get_blocking_reasons(row.code)[saved.id]
                shown[row.code] = saved._get_status_html(row, reasons)
                badges.append(saved._get_badge_html(row, reasons))
            eightd.progress_html = Markup(
                '<div class="d-flex flex-wrap gap-1 mb-2">%s</div>'
            ) % Markup().join(badges)
            for code, name in _STATUS_FIELDS.items():
                eightd[name] = shown.get(code, False)

    @api.depends("link_ids.date_to")
    def _compute_link_count(self):
        for eightd in self:
            eightd.link_count = len(eightd._get_current_links())

    @api.depends("previous_id", "next_ids")
    def _compute_history_count(self):
        for eightd in self:
            eightd.history_count = len(eightd._get_versions())

    @api.depends("link_ids.answer_type", "answer_type")
    @api.depends_context("lang")
    def _compute_answer_type_note(self):
        names = dict(self._fields["answer_type"]._description_selection(self.env))
        order = list(names)
        for eightd in self:
            # sudo: the format only, of whichever complaint
            wanted = eightd.sudo()._get_current_links().mapped("answer_type")
            deepest = max((order.index(c) for c in wanted if c in names), default=-1)
            is_deeper = deepest > order.index(eightd.answer_type or "short")
            eightd.answer_type_note = is_deeper and self.env._(
                "A customer asks for: %(format)s", format=names[order[deepest]]
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_view_versions(self):
        """Show this 8D with those it follows and that follow it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_mgmt_complaint.complaint_eightd_action"
        )
        action.update({"domain": [("id", "in", self._get_versions().ids)]})
        action["context"] = {}
        return action

    def action_view_complaints(self):
        """Show the complaints that this 8D answers and the user may know."""
        self.ensure_one()
        return self.env["helpdesk.ticket"]._get_complaint_list_action(
            [("complaint_eightd_link_ids.eightd_id", "=", self.id)], self.display_name
        )

    def _get_versions(self):
        """Return this 8D with those before and after it."""
        self.ensure_one()
        # sudo: a chain may hold some that the user may not read; they are left out
        start = found = self._origin.sudo()
        current = start.previous_id
        while current - found:
            found |= current
            current = current.previous_id
        current = start.next_ids
        while current - found:
            found |= current
            current = current.next_ids
        return found.with_env(self.env)._filtered_access("read")

    # ------------------------------------------------------------------
    # HTML
    # ------------------------------------------------------------------

    def _get_badge_html(self, row, reasons):
        """Return one discipline of the progress bar."""
        if row.state == "done":
            kind, word = "done", self.env._("done")
        elif row.is_overdue:
            kind, word = "late", self.env._("overdue")
        elif not reasons:
            kind, word = "ready", self.env._("complete")
        else:
            kind, word = "open", self.env._("open")
        icon, style = _STYLES[kind]
        names = (row.owner_id.name, self._get_due_text(row), word)
        title = " · ".join(name for name in (row.display_name, *names) if name)
        return Markup(
            '<span class="badge %s" title="%s"><i class="fa %s me-1"></i>%s'
            '<span class="ms-1 fw-normal">%s</span></span>'
        ) % (style, title, icon, row.code.upper(), word)

    def _get_status_html(self, row, reasons):
        """Return what stands above the page of a discipline."""
        if row.state == "done":
            text = self.env._(
                "Done on %(date)s by %(user)s.",
                date=self._get_local_date(row.done_at),
                user=row.done_by_id.name,
            )
            stale = self._get_content_reasons(row.code) if self.state == "open" else []
            head = Markup('<div class="text-success"><b>%s</b></div>') % text
            if not stale:
                return head
            warning = self.env._("Something changed since; it is not complete now:")
            return head + self._get_list_html(warning, stale)
        owner = row.owner_id or self.leader_id
        due = self._get_due_text(row) or self.env._("no due date")
        head = Markup('<div><b>%s</b> · <span class="%s">%s</span></div>') % (
            owner.name or self.env._("no owner"),
            "text-danger fw-bold" if row.is_overdue else "",
            due,
        )
        if self.state != "open" or not reasons:
            ready = self.env._("Nothing is missing.") if self.state == "open" else ""
            return head + Markup('<div class="text-success">%s</div>') % ready
        return head + self._get_list_html(self.env._("Still missing:"), reasons)

    @api.model
    def _get_list_html(self, title, texts):
        items = Markup().join(Markup("<li>%s</li>") % text for text in texts)
        return Markup(
            '<div class="text-warning-emphasis">%s<ul class="mb-0">%s</ul></div>'
        ) % (title, items)

    def _get_due_text(self, row):
        if not row.due_date:
            return ""
        text = self.env._("due %(date)s", date=format_date(self.env, row.due_date))
        return self.env._("%(due)s, overdue", due=text) if row.is_overdue else text

    def _get_local_date(self, at):
        if not at:
            return ""
        return format_date(self.env, fields.Datetime.context_timestamp(self, at).date())
