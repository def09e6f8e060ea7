# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class ComplaintLoggedMixin(models.AbstractModel):
    """A record of a complaint whose times stand in the event log as well.

    The log is append-only: when such a time is corrected, a correcting event is
    added. An event knows its record by the payload keys `model` and `id`, because
    one code can come from several records.
    """

    _name = "complaint.logged.mixin"
    _description = "Part of a Complaint that is Logged"
    _inherit = ["complaint.child.mixin"]
    # fields that the entries below are made of
    _complaint_logged_fields = ()

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._complaint_sync_log({})
        return records

    def write(self, vals):
        if "ticket_id" in vals:
            # leaving a complaint is like being deleted from it
            moved = self.filtered(lambda r: r.ticket_id.id != vals["ticket_id"])
            moved._unlink_except_logged()
        before = {}
        is_logged = any(name in vals for name in self._complaint_logged_fields)
        if is_logged:
            before = {rec: set(rec._get_complaint_log_entries()) for rec in self}
        result = super().write(vals)
        if is_logged:
            self._complaint_sync_log(before)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_logged(self):
        """What deadlines were measured by stays."""
        self._raise_complaint_logged(self.browse(self._get_complaint_own_events()))

    def _raise_complaint_logged(self, records):
        if records:
            raise UserError(
                self.env._(
                    "%(names)s: this stands in the event log of the complaint and "
                    "cannot be deleted or emptied. Record a correction instead: "
                    "enter the right time or purpose.",
                    names=", ".join(rec.display_name or "" for rec in records),
                )
            )

    def _get_complaint_log_entries(self):
        """Hook: return ``{event code: values}`` that this record stands for.

        The values are those of `_complaint_event`; without ``at`` the time of the
        event is not taken from the record and never corrected.
        """
        self.ensure_one()
        return {}

    def _get_complaint_log_payload(self, code):
        """Hook: return further details of an event that this record stands for."""
        self.ensure_one()
        return {}

    def _get_complaint_log_fallback(self):
        """Hook: return the code that replaces one that does not apply any more."""
        self.ensure_one()
        return None

    def _get_complaint_own_events(self):
        """Return ``{id: effective events}`` that these records have logged."""
        events = (
            self.env["complaint.event"]
            # sudo: what a record has logged decides on its correction, whoever edits
            # it; nothing of the log is shown
            .sudo()
            .search(
                [
                    ("ticket_id", "in", self.ticket_id.ids),
                    ("corrected_by_ids", "=", False),
                ],
                order="id",
            )
        )
        result = {}
        for event in events:
            payload = event.payload or {}
            if payload.get("model") == self._name and payload.get("id") in self.ids:
                result.setdefault(payload["id"], []).append(event)
        return result

    def _complaint_sync_log(self, before):
        """Log what is new in these records and correct what changed.

        :param dict before: the codes each record stood for before it was changed
        """
        own = self._get_complaint_own_events() if before else {}
        for record in self:
            events = own.get(record.id, [])
            wanted = record._get_complaint_log_entries()
            known = before.get(record, set()) | {event.code for event in events}
            new_codes = [code for code in sorted(wanted) if code not in known]
            for event in events:
                code = event.code
                if code not in wanted:
                    code = (
                        new_codes.pop(0)
                        if new_codes
                        else record._get_complaint_log_fallback()
                    )
                if not code:
                    record._raise_complaint_logged(record)
                record._complaint_correct_event(event, code, wanted.get(code, {}))
            for code in new_codes:
                payload = {"model": record._name, "id": record.id}
                payload |= record._get_complaint_log_payload(code)
                record.ticket_id._complaint_event(code, **wanted[code], payload=payload)

    def _complaint_correct_event(self, event, code, values):
        """Add the event that corrects this one, if anything differs."""
        self.ensure_one()
        at = values.get("at") or event.at
        user = values.get("user") or self.env["res.users"]
        details = self._get_complaint_log_payload(code)
        is_same = all(
            (event.payload.get(key) or "") == (details[key] or "") for key in details
        )
        if (code, at, is_same) == (event.code, event.at, True) and user in (
            event.user_id,
            self.env["res.users"],
        ):
            return
        self.ticket_id._complaint_event(
            code,
            at=at,
            user=user,
            note=values.get("note") or event.note,
            cycle=event.cycle,
            corrects_id=event.id,
            payload={
                "model": self._name,
                "id": self.id,
                "old": fields.Datetime.to_string(event.at),
                "new": fields.Datetime.to_string(at),
                **details,
            },
        )
