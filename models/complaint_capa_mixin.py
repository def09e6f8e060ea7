# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

from .complaint_eightd_capa_mixin import RUNNING_STATES

# what a running 8D logs by itself
_LOGGED_BY_EIGHTD = ("capa_done", "effect_verified")


class ComplaintCapaMixin(models.AbstractModel):
    """Corrective action of a complaint: its 8D, and what speaks against one."""

    _name = "complaint.capa.mixin"
    _description = "Corrective Action of a Complaint"

    complaint_recurrence_ids = fields.One2many(
        "complaint.eightd.recurrence",
        "ticket_id",
        string="Same Problem as an Earlier 8D",
        groups="base.group_user",
    )
    complaint_recurrence_note = fields.Char(
        compute="_compute_complaint_recurrence_note",
        groups="base.group_user",
        help="Earlier 8D about the same product and defect.",
    )

    @api.depends("complaint_recurrence_ids.state")
    @api.depends_context("lang")
    def _compute_complaint_recurrence_note(self):
        """Name the 8D that this complaint proves wrong, or may prove wrong."""
        for ticket in self:
            # sudo: number and state of an 8D; handlers have to know that there is one
            rows = ticket.sudo().complaint_recurrence_ids.filtered(
                lambda row: row.state != "dismissed"
            )
            found = rows.eightd_id
            names = ", ".join(eightd.number or eightd.name for eightd in found)
            note = False
            if rows.filtered(lambda row: row.state == "confirmed"):
                note = self.env._(
                    "Similar 8D found, not effective: %(names)s. Reopen it or open a "
                    "second 8D.",
                    names=names,
                )
            elif rows:
                note = self.env._(
                    "Similar 8D found: %(names)s. Same product and defect inside its "
                    "watch window.",
                    names=names,
                )
            ticket.complaint_recurrence_note = note

    def write(self, vals):
        result = super().write(vals)
        if "complaint_established" in vals:
            self.env["complaint.eightd"]._check_watch(self)
        return result

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_complaint_request_capa(self):
        """Ask a department for corrective action (wizard, R428, R429)."""
        self.ensure_one()
        self._complaint_refuse_ended()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Request Corrective Action"),
            "res_model": "complaint.capa.request",
            "view_mode": "form",
            "target": "new",
            "context": {"default_ticket_id": self.id},
        }

    def action_complaint_view_recurrence(self):
        """Open the earlier 8D about the same product and defect."""
        self.ensure_one()
        rows = self.complaint_recurrence_ids.filtered(lambda r: r.state != "dismissed")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Similar 8D"),
            "res_model": "complaint.eightd",
            "view_mode": "list,form" if len(rows) > 1 else "form",
            "views": [(False, "list"), (False, "form")][len(rows) < 2 :],
            "res_id": rows.eightd_id[:1].id,
            "domain": [("id", "in", rows.eightd_id.ids)],
        }

    def action_complaint_next_eightd(self):
        """Answer this complaint by the 8D that follows on the one it proves wrong."""
        self.ensure_one()
        self.env["complaint.eightd"]._check_is_quality()
        rows = self.complaint_recurrence_ids.filtered(lambda r: r.state == "confirmed")
        if not rows:
            raise UserError(
                self.env._("No 8D was found not effective by this complaint.")
            )
        eightd = rows.eightd_id[-1:]
        running = eightd.next_ids.filtered(lambda e: e.state in RUNNING_STATES)
        if not running:
            eightd.action_open_next()
            running = eightd.next_ids.filtered(lambda e: e.state in RUNNING_STATES)
        if not self.complaint_eightd_id:
            running.link_ids.create({"eightd_id": running[:1].id, "ticket_id": self.id})
        return running[:1]._get_form_action()

    def action_complaint_judge_recurrence(self):
        """Judge the suspicion that waits first (quality)."""
        self.ensure_one()
        rows = self.complaint_recurrence_ids.filtered(lambda r: r.state == "suspect")
        if not rows:
            raise UserError(self.env._("There is nothing to judge."))
        return rows[0].action_judge()

    # ------------------------------------------------------------------
    # Hooks of the watch
    # ------------------------------------------------------------------

    def _complaint_after_create(self, prepared):
        result = super()._complaint_after_create(prepared)
        self.env["complaint.eightd"]._check_watch(self)
        return result

    def _complaint_after_phase_change(self, before):
        result = super()._complaint_after_phase_change(before)
        # new ones come by _complaint_after_create
        moved = self.filtered(
            lambda t: t.id in before and before[t.id] != t.complaint_phase
        )
        if moved:
            self.env["complaint.eightd"]._check_watch(moved)
        return result

    # ------------------------------------------------------------------
    # One truth
    # ------------------------------------------------------------------

    def _complaint_get_eightd(self):
        """Return the 8D of this complaint that was not cancelled."""
        self.ensure_one()
        # not filtered: that would read one 8D after the other
        eightd = self.complaint_eightd_id
        return eightd if eightd.state != "cancelled" else eightd.browse()

    def _complaint_check_event_role(self, event_type):
        """Refuse to record by hand what the running 8D records itself (R426)."""
        if event_type.code in _LOGGED_BY_EIGHTD:
            # sudo: whether there is one, whoever asks
            for ticket in self.sudo():
                eightd = ticket.complaint_eightd_id
                if eightd.state in RUNNING_STATES:
                    raise UserError(
                        self.env._(
                            "%(complaint)s: the 8D %(eightd)s is running and records "
                            "this itself. Finish it there.",
                            complaint=ticket.display_name,
                            eightd=eightd.number or eightd.name,
                        )
                    )
        return super()._complaint_check_event_role(event_type)
