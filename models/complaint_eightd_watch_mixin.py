# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .complaint_past import complaint_now

_ACTIVITY = "helpdesk_mgmt_complaint.mail_activity_type_recurrence"
# 8D that a new complaint can prove wrong
_WATCHED_STATES = ("open", "done", "not_effective")


class ComplaintEightdWatchMixin(models.AbstractModel):
    """The same product and defect again after D6: it was not effective.

    Which complaints count, and how they are judged, is written down where they are:
    see `complaint.eightd.recurrence`.
    """

    _name = "complaint.eightd.watch.mixin"
    _description = "Watch Window of an 8D"

    watch_from = fields.Date(string="Watched from", readonly=True, copy=False)
    watch_result = fields.Selection(
        [
            ("running", "Watched"),
            ("passed", "No recurrence"),
            ("failed", "Occurred again"),
        ],
        string="Watch",
        readonly=True,
        copy=False,
    )
    recurrence_ids = fields.One2many(
        "complaint.eightd.recurrence", "eightd_id", string="Occurred Again"
    )
    suspect_count = fields.Integer(
        string="To Be Judged", compute="_compute_suspect_count", compute_sudo=True
    )

    @api.depends("recurrence_ids.state")
    def _compute_suspect_count(self):
        # counted: the field may be cached as another user may read it
        counts = self.env["complaint.eightd.recurrence"]._read_group(
            [("eightd_id", "in", self._origin.ids), ("state", "=", "suspect")],
            ["eightd_id"],
            ["__count"],
        )
        counts = dict(counts)
        for eightd in self:
            eightd.suspect_count = counts.get(eightd._origin, 0)

    def _after_discipline(self, code):
        """The watch begins when the actions are implemented."""
        result = super()._after_discipline(code)
        if code in ("d6", "d8"):
            for eightd in self:
                if eightd._is_capa_complete():
                    eightd._start_watch()
        return result

    def _start_watch(self):
        """Begin the watch window, once."""
        today = {e: e._get_watch_day(complaint_now(e.env)) for e in self}
        for eightd in self.filtered(lambda e: not e.watch_until and e.watch_days > 0):
            # sudo: stamps are closed to clients; called when D6 is done
            eightd.sudo().write(
                {
                    "watch_from": today[eightd],
                    "watch_until": today[eightd] + timedelta(days=eightd.watch_days),
                    "watch_result": "running",
                }
            )

    def _get_watch_day(self, at):
        """Return the day of a UTC time where the company is."""
        self.ensure_one()
        # sudo: its time zone only
        company = self.company_id.sudo()
        return self.env["complaint.print.tools"]._get_local(at, company).date()

    def _get_fix_day(self):
        """Return from when goods are made with the correction."""
        self.ensure_one()
        # sudo: all actions count, whoever may open them
        actions = self.sudo()._get_corrective_actions()
        days = [
            self._get_watch_day(at)
            for at in actions.mapped("complaint_implemented_at")
            if at
        ]
        return max(days) if days else self.watch_from

    # ------------------------------------------------------------------
    # Finding
    # ------------------------------------------------------------------

    @api.model
    def _check_watch(self, tickets):
        """Find and judge recurrences in complaints with goods, new or changed.

        The number of queries does not depend on how many there are.

        :param tickets: `helpdesk.ticket`, of any kind and phase
        """
        # sudo: who registers a complaint knows nothing of 8D and their watch
        tickets = tickets.sudo().filtered("is_complaint")
        lines = tickets.complaint_line_ids.filtered(
            lambda line: line.product_id and line.defect_id and not line.is_proposed
        )
        hits = self.sudo()._find_watch_hits(lines)  # sudo: as above
        recurrences = self.env["complaint.eightd.recurrence"].sudo()  # sudo: as above
        recurrences._sync_with_hits(tickets, hits)

    @api.model
    def _find_watch_hits(self, lines):
        """Return ``{(8D, complaint): lines}`` of lines inside a watch window."""
        hits = {}
        if not lines:
            return hits
        found = self.search_fetch(self._get_watch_domain(lines))
        if not found:
            return hits
        linked = found._get_watch_linked()
        by_product = found.grouped("product_id")
        for line in lines:
            for eightd in by_product.get(line.product_id, ()):
                ticket = line.ticket_id
                if (eightd, ticket) in linked or not eightd._is_watching(line):
                    continue
                hits.setdefault((eightd, ticket), line.browse())
                hits[eightd, ticket] |= line
        return hits

    @api.model
    def _get_watch_domain(self, lines):
        return (
            Domain("product_id", "in", lines.product_id.ids)
            & Domain("defect_id", "parent_of", lines.defect_id.ids)
            & Domain("company_id", "in", lines.company_id.ids)
            & Domain("state", "in", _WATCHED_STATES)
            & Domain("watch_until", "!=", False)
        )

    def _get_watch_linked(self):
        """Return the pairs of 8D and complaint that belong together anyway."""
        links = self.link_ids
        pairs = {(link.eightd_id, link.ticket_id) for link in links}
        # a reopened or second 8D answers complaints of the first one
        later = self.next_ids.link_ids
        return pairs | {(row.eightd_id.previous_id, row.ticket_id) for row in later}

    def _is_watching(self, line):
        """Whether a complaint line is of the same kind and new enough.

        The same variant; the same defect or one below it in the catalogue, for
        that is a closer description of the same. A more general one may be another
        defect and does not count.
        """
        self.ensure_one()
        ticket = line.ticket_id
        reported_at = ticket.complaint_reported_at
        if not reported_at or ticket.company_id != self.company_id:
            return False
        path, own = line.defect_id.parent_path or "", self.defect_id.parent_path
        if not own or not path.startswith(own):
            return False
        return self.watch_from <= self._get_watch_day(reported_at) <= self.watch_until

    # ------------------------------------------------------------------
    # Consequences
    # ------------------------------------------------------------------

    def _mark_recurred(self, recurrences):
        """Say that these 8D were not effective; evidence and verdict stay.

        :param recurrences: confirmed `complaint.eightd.recurrence`, sudo
        """
        for eightd, rows in recurrences.grouped("eightd_id").items():
            numbers = ", ".join(rows._get_ticket_numbers())
            if eightd.state in ("open", "done"):
                eightd.write({"state": "not_effective"})
            eightd.watch_result = "failed"
            note = self.env._(
                "The same product and defect again, complaint %(numbers)s.",
                numbers=numbers,
            )
            eightd._post_effect(self.env._("Found not effective."), note)
            eightd._log_verdict(
                "effect_refuted", note, {"eightd_id": eightd.id, "by": "recurrence"}
            )
            eightd._tell_recurrence(note, rows)

    def _restore_after_dismissal(self):
        """Nothing speaks against these 8D any more: back to what they were."""
        for eightd in self:
            confirmed = eightd.recurrence_ids.filtered(lambda r: r.state == "confirmed")
            if confirmed or eightd.state != "not_effective":
                continue
            if eightd.effect == "not_effective":
                continue
            eightd.write(
                {
                    "state": "done" if eightd.closed_at else "open",
                    "watch_result": "running",
                }
            )
            eightd._post_effect(
                self.env._("No longer “not effective”: the recurrence was dismissed."),
                "",
            )

    def _tell_recurrence(self, note, recurrences):
        """One to-do per person, however many complaints follow."""
        self.ensure_one()
        told = self.activity_search([_ACTIVITY]).user_id
        for user in self._get_watch_people(recurrences) - told:
            self.activity_schedule(_ACTIVITY, user_id=user.id, note=note)

    def _get_watch_people(self, recurrences):
        """Return leader, sponsor and the head of quality, who may know of it."""
        self.ensure_one()
        tickets = recurrences.ticket_id | self.link_ids.ticket_id
        recused = tickets.complaint_recused_user_ids
        people = self.leader_id | self.sponsor_id
        roles = self.env["complaint.role"].search(
            [("code", "in", ("quality", "quality_manager"))]
        )
        for role in roles:
            holder = role._get_holder_user(self.company_id, recused)
            if holder and holder._complaint_reads_all_eightd():
                people |= holder
        people |= self.effect_by_id
        return people.filtered(lambda user: user.active and user not in recused)

    @api.model
    def _cron_watch_passed(self):
        """Register the result of windows that ended without a recurrence."""
        ended = self.search(
            [
                ("watch_result", "=", "running"),
                ("watch_until", "<", fields.Date.today()),
                ("recurrence_ids.state", "not in", ("suspect", "confirmed")),
            ]
        )
        ended = ended.filtered(
            lambda e: e._get_watch_day(fields.Datetime.now()) > e.watch_until
            and not e.recurrence_ids.filtered(lambda r: r.state != "dismissed")
        )
        ended.write({"watch_result": "passed"})
        for eightd in ended:
            eightd.message_post(
                body=self.env._(
                    "The watch ended on %(day)s without a recurrence.",
                    day=eightd.watch_until,
                )
            )
