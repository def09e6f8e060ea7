# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models
from odoo.exceptions import UserError

from .complaint_past import complaint_now


class ComplaintEightdRecurrence(models.Model):
    """A complaint about the product and defect of an 8D inside its watch window.

    Found by the system, never typed. It is a suspicion while the complaint is a
    draft, and as long as its goods are known to be older than the correction;
    those are judged by quality. Otherwise the acceptance of the complaint confirms
    it. A complaint that is cancelled or not established does not count; a judgement
    of quality is not changed by the system again.
    """

    _name = "complaint.eightd.recurrence"
    _description = "8D Recurrence"
    _inherit = ["complaint.eightd.child.mixin"]
    _order = "eightd_id, id"
    _rec_name = "ticket_id"

    eightd_id = fields.Many2one(ondelete="restrict")
    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="Complaint",
        required=True,
        ondelete="cascade",
        index=True,
    )
    found_at = fields.Datetime(required=True, default=fields.Datetime.now)
    state = fields.Selection(
        [
            ("suspect", "To be judged"),
            ("confirmed", "Same problem"),
            ("dismissed", "Does not count"),
        ],
        required=True,
        default="suspect",
    )
    is_old_goods = fields.Boolean(
        string="Made before the Correction",
        help="By production, shipping or delivery date of the goods.",
    )
    reason = fields.Text()
    decided_by_id = fields.Many2one(
        "res.users", string="Judged by", ondelete="restrict", help="Empty: the system."
    )
    decided_at = fields.Datetime(string="Judged on")

    _pair_unique = models.UniqueIndex(
        "(eightd_id, ticket_id)", "This complaint is known to the 8D already."
    )

    # ------------------------------------------------------------------
    # Judgement of quality
    # ------------------------------------------------------------------

    def action_judge(self):
        """Ask quality for judgement and reason (wizard)."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Same Problem?"),
            "res_model": "complaint.eightd.judgement",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_recurrence_id": self.id,
                "default_eightd_id": self.eightd_id.id,
            },
        }

    def action_decide(self, state, reason):
        """Record the judgement of quality, in the user's own name.

        :param str state: ``confirmed`` or ``dismissed``
        :param str reason: what it rests on
        :raise UserError: by others than quality, or without reason
        """
        self.check_access("read")
        self.eightd_id.check_access("write")
        self.eightd_id._check_is_quality()
        reason = (reason or "").strip()
        if state not in ("confirmed", "dismissed") or not reason:
            raise UserError(
                self.env._("Say whether it is the same problem, and write the reason.")
            )
        # sudo: rows are closed to clients; who may was checked above
        self.sudo()._set_state(state, reason, self.env.user)
        return True

    # ------------------------------------------------------------------
    # Judgement of the system; everything below runs in sudo
    # ------------------------------------------------------------------

    def _sync_with_hits(self, tickets, hits):
        """Bring the rows of complaints up to date.

        :param tickets: `helpdesk.ticket`
        :param dict hits: see `_find_watch_hits` of the 8D
        """
        # not searched: complaints that were just created have none, without asking
        known = tickets.complaint_recurrence_ids
        pairs = {(row.eightd_id, row.ticket_id): row for row in known}
        counting = {pair: lines for pair, lines in hits.items() if _counts(pair[1])}
        new = self.create(
            [
                {"eightd_id": eightd.id, "ticket_id": ticket.id}
                for eightd, ticket in counting
                if (eightd, ticket) not in pairs
            ]
        )
        open_rows = (known | new).filtered(lambda row: not row.decided_by_id)
        lines = {row: counting.get((row.eightd_id, row.ticket_id)) for row in open_rows}
        for row in open_rows.filtered(lines.get):
            row.is_old_goods = row._is_old(lines[row])
        states = open_rows.grouped(lambda row: row._get_system_state(bool(lines[row])))
        for state, rows in states.items():
            changed = rows.filtered(lambda row, state=state: row.state != state)
            changed._set_state(state, self._get_system_reason(state))
        (known | new)._ask_for_judgement()

    def _get_system_state(self, is_hit):
        self.ensure_one()
        if not is_hit:
            return "dismissed"
        if self.is_old_goods or self.ticket_id.complaint_phase == "draft":
            return "suspect"
        return "confirmed"

    def _get_system_reason(self, state):
        reasons = {
            "confirmed": self.env._("Accepted in the watch window."),
            "dismissed": self.env._(
                "The complaint was cancelled, not established, or is about something "
                "else."
            ),
        }
        return reasons.get(state, False)

    def _is_old(self, lines):
        """Whether all these goods are known to be made before the correction."""
        fixed_on = self.eightd_id._get_fix_day()
        return all(_get_goods_day(line, fixed_on) < fixed_on for line in lines)

    def _set_state(self, state, reason, user=None):
        """Write the judgement and what follows for the 8D."""
        before = {row: row.state for row in self}
        self.write(
            {
                "state": state,
                "reason": reason,
                "decided_by_id": user and user.id,
                "decided_at": state != "suspect" and complaint_now(self.env),
            }
        )
        if state == "confirmed":
            fresh = self.filtered(lambda row: before[row] != "confirmed")
            fresh.eightd_id._mark_recurred(fresh)
            for row in fresh:
                row.ticket_id._complaint_event(
                    "recurrence_found", payload={"eightd_id": row.eightd_id.id}
                )
        else:
            was = self.filtered(lambda row: before[row] == "confirmed")
            was.eightd_id._restore_after_dismissal()

    def _ask_for_judgement(self):
        """Tell the people of the 8D that accepted complaints wait for quality."""
        waiting = self.filtered(
            lambda row: row.state == "suspect"
            and row.ticket_id.complaint_phase != "draft"
        )
        for eightd, rows in waiting.grouped("eightd_id").items():
            note = self.env._(
                "Same product and defect, but goods from before the correction: "
                "complaint %(numbers)s. Judge whether it is the same problem.",
                numbers=", ".join(rows._get_ticket_numbers()),
            )
            eightd._tell_recurrence(note, rows)

    def _get_ticket_numbers(self):
        return [row.ticket_id.complaint_number or row.ticket_id.number for row in self]


def _counts(ticket):
    """Whether a complaint can prove anything: not cancelled, not refuted."""
    return (
        ticket.complaint_phase != "cancelled" and ticket.complaint_established != "no"
    )


def _get_goods_day(line, unknown):
    """Return when goods were made, or left at the latest; `unknown` if not known."""
    done = line.picking_id.date_done
    return (
        line.production_date or line.delivered_date or (done and done.date()) or unknown
    )
