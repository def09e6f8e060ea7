# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models
from odoo.tools import html_escape

from .complaint_past import complaint_now

# Value of the context key with which answers and verdicts are written. No client can
# send it.
ANSWERING = object()
VERDICTS = [
    ("sent", "Sent"),
    ("accepted", "Accepted"),
    ("rejected", "Rejected"),
    ("timed_out", "No answer in time"),
]


class ComplaintEightdLinkClockMixin(models.AbstractModel):
    """The clocks of one answer: received, sent, rejected, received again.

    All events carry the scope key of the link, so that limits with *per scope* run for
    every complaint of an 8D by itself (R301, R302).
    """

    _name = "complaint.eightd.link.clock.mixin"
    _description = "Clocks of an 8D Answer"

    def _get_scope_key(self):
        """Return what events and deadlines of this answer are marked with."""
        self.ensure_one()
        return f"eightd,{self.id}"

    def _mark_received(self, at=None):
        """Quality has the 8D of these complaints now: their clocks start, once.

        :param datetime at: when, UTC, naive; default now
        """
        at = fields.Datetime.to_datetime(at) or complaint_now(self.env)
        waiting = self.filtered(lambda link: not link.received_at)
        for link in waiting:
            link._complaint_event_of_link("eightd_received", at=at)
        waiting._write_answer({"received_at": at})
        return waiting

    def _complaint_event_of_link(self, code, **extra):
        """Log an event of this answer on its complaint."""
        self.ensure_one()
        ticket = self.ticket_id
        return ticket._complaint_event(code, scope_key=self._get_scope_key(), **extra)

    def _write_answer(self, vals):
        """Write fields that follow from what happened."""
        # sudo: the caller has checked who may answer; customers have no rights at all
        rows = self.sudo().with_context(complaint_answering=ANSWERING)
        return rows.write(vals)

    def _log_sent(self, release):
        """What was sent meets the limits of what it contains and was finished."""
        self.ensure_one()
        done = set(release.done_codes.split(",")) if release.done_codes else set()
        if "d3" in done:
            self._complaint_event_of_link("containment_sent", note=release.display_name)
        if "d5" in done:
            self._complaint_event_of_link("longterm_sent", note=release.display_name)
        self._write_answer({"verdict": "sent", "verdict_at": False})

    # ------------------------------------------------------------------
    # Verdict
    # ------------------------------------------------------------------

    def _log_verdict(self, release):
        """Take over what was said to a release, and tell who has to know."""
        self.ensure_one()
        verdict = release.verdict
        self._write_answer({"verdict": verdict, "verdict_at": release.verdict_at})
        note = release._get_verdict_note()
        if verdict == "accepted":
            self._complaint_event_of_link("customer_accepted", note=note)
        elif verdict == "rejected":
            self._complaint_event_of_link("customer_rejected", note=note)
            self._start_clocks_again(note)
        ticket = self.ticket_id
        ticket.message_post(
            body=note, message_type="comment", subtype_xmlid="mail.mt_note"
        )
        if verdict == "rejected":
            self._tell_rejected(note)
        self._complaint_after_verdict(verdict)

    def _complaint_after_verdict(self, verdict):
        """Hook: the customer accepted or rejected, or did not answer in time.

        :param str verdict: ``accepted``, ``rejected``, ``timed_out``
        """

    def _start_clocks_again(self, note):
        """A rejected answer is asked for again: what had ended starts anew.

        A limit that still runs goes on; a rejected 3D is no more time for the 8D. A
        date of the customer that has passed was for the first answer.
        """
        self.ensure_one()
        # sudo: deadlines of this complaint, whoever may read them
        rows = self.sudo().deadline_ids
        running = set(rows.filtered(lambda r: not r.finished_at).mapped("line_key"))
        ended = rows.filtered(lambda row: row.line_key not in running)
        lines = sorted(set(ended.mapped("line_key")))
        deadline = self.sudo().ticket_id.complaint_customer_deadline  # sudo: as above
        if lines and deadline and deadline <= complaint_now(self.env):
            payload = {"due": None, "lines": lines}
            self._complaint_event_of_link(
                "customer_deadline_set", payload=payload, note=note
            )
        self._complaint_event_of_link(
            "eightd_received", payload={"lines": lines}, note=note
        )

    def _tell_rejected(self, note):
        """The handler and the leader of the 8D get a task with the comment."""
        self.ensure_one()
        ticket, summary = self.ticket_id, self.env._("Answer rejected by the customer")
        leader = self.sudo().eightd_id.leader_id  # sudo: who leads is no secret
        handler = ticket.user_id or leader
        note = html_escape(note)
        for user in handler | leader:
            if not user.active:
                continue
            # the 8D is read by people who may not know of this complaint
            may_read = ticket.with_user(user).has_access("read")
            record = ticket if may_read else self.sudo().eightd_id  # sudo: as above
            record.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=summary,
                note=note if may_read else False,
                user_id=user.id,
            )

    def _get_responsible(self, line=None):
        """Return who works on what a limit asks for: owner of D3 or D5, else leader.

        :param line: `complaint.sla.line`
        """
        self.ensure_one()
        eightd = self.sudo().eightd_id  # sudo: who leads is no secret
        codes = set(line.target_type_ids.mapped("code")) if line else set()
        code = {"containment_sent": "d3", "longterm_sent": "d5"}
        wanted = {code[name] for name in codes & set(code)}
        owners = eightd.discipline_ids.filtered(lambda d: d.code in wanted).owner_id
        return owners[:1] or eightd.leader_id
