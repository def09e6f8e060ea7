# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models

# code of the event -> field of the complaint and the value that it stands for
_FINDINGS = {
    "major_found": ("complaint_is_major", True),
    "urgency_found": ("complaint_severity", "critical"),
}
_WATCHED = {name for name, _value in _FINDINGS.values()}


class ComplaintFindingMixin(models.AbstractModel):
    """When a complaint was found to be major or urgent (R251, R282, R284, R290).

    What has to be reported "at once" counts from that moment, not from the
    registration, so the log says it. Once in each cycle: who unticks and ticks
    the box again does not gain time.
    """

    _name = "complaint.finding.mixin"
    _description = "Findings that Start Clocks"

    def write(self, vals):
        watched = bool(_WATCHED & set(vals))
        before = self._complaint_get_findings() if watched else {}
        result = super().write(vals)
        if watched:
            self._complaint_log_findings(before)
        return result

    @api.model
    def _complaint_create_events(self, vals_list):
        """Log what was known at the registration together with it."""
        more = self._prepare_complaint_finding_events(vals_list)
        events = super()._complaint_create_events([*vals_list, *more])
        return events[: len(vals_list)]

    def _complaint_get_findings(self):
        """Return ``{ticket id: codes of what is found}`` of complaints."""
        return {
            ticket.id: {
                code
                for code, (name, value) in _FINDINGS.items()
                if ticket.is_complaint and ticket[name] == value
            }
            # sudo: internal fields; only compared
            for ticket in self.sudo()
        }

    def _complaint_log_findings(self, before):
        """Log what was not found `before`, on complaints that are registered."""
        after = self._complaint_get_findings()
        changed = self.filtered(lambda t: after[t.id] - before[t.id])
        # until the registration it is logged together with that
        registered = changed._complaint_read_events(["registered"])
        for code in _FINDINGS:
            new = changed.filtered(
                lambda t, c=code: (
                    t.id in registered and c in after[t.id] - before[t.id]
                )
            )
            if new:
                new._complaint_event(code)

    @api.model
    def _prepare_complaint_finding_events(self, vals_list):
        """Return the rows that go with registrations among the given rows."""
        if self._complaint_is_import():
            return []
        registered = {
            vals["ticket_id"]: vals["at"]
            for vals in vals_list
            if vals["code"] == "registered" and not vals.get("corrects_id")
        }
        tickets = self.browse(registered)
        findings = tickets._complaint_get_findings()
        return [
            ticket._prepare_complaint_event_vals(code, at=registered[ticket.id])
            for ticket in tickets
            for code in sorted(findings[ticket.id])
        ]
