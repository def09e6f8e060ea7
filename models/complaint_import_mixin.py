# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models

from .complaint_gate_mixin import ENDED_PHASES


class ComplaintImportMixin(models.AbstractModel):
    """Complaints of an old register, with their number, dates and state.

    They are history: no gate, number, clock, mail or activity follows from them.
    The context key ``complaint_import`` asks for that and is honoured for
    complaint managers only (`_complaint_is_import`).
    """

    _name = "complaint.import.mixin"
    _description = "Complaint Import"

    @api.model
    def load(self, fields, data):
        """Odoo's own import: complaints that bring their number are history."""
        importer = self
        if "complaint_number" in fields:
            importer = self.with_context(complaint_import=True)
            if importer._complaint_is_import():
                importer = importer.with_context(tracking_disable=True)
        return super(ComplaintImportMixin, importer).load(fields, data)

    @api.model
    def _complaint_pop_import_vals(self, vals, extra):
        """Take out of create values what only an import knows, in place.

        A register often has one date only: then it is the one of all beginnings.

        :param dict extra: see `_prepare_complaint_create_vals`, completed here
        """
        accepted = vals.pop("complaint_accepted_at", None)
        closed = vals.pop("complaint_closed_at", None)
        note = vals.pop("complaint_import_note", None)
        if not self._complaint_is_import():
            return
        reported, received = extra["reported_at"], extra["received_at"]
        extra.update(
            is_import=True,
            reported_at=reported or received or accepted,
            received_at=received or reported or accepted,
            accepted_at=accepted,
            closed_at=closed,
            note=note,
        )

    def _complaint_was_imported(self):
        """Return whether this open complaint came in from an old register."""
        self.ensure_one()
        # sudo: asked on behalf of whoever moves the complaint
        accepted = self.sudo().complaint_event_ids.filtered(
            lambda event: event.code == "accepted"
        )
        return any((event.payload or {}).get("imported") for event in accepted)

    def _prepare_complaint_import_events(self, extra):
        """Return the events of an imported complaint after its registration.

        :param dict extra: see `_complaint_pop_import_vals`
        """
        self.ensure_one()
        phase, note, events = self.complaint_phase, extra["note"], []
        start = extra["accepted_at"] or extra["received_at"]
        if extra["accepted_at"] or phase not in ("draft", "cancelled"):
            # by that the route knows that it does not begin with its first step
            events.append(
                self._prepare_complaint_event_vals(
                    "accepted", start, note=note, payload={"imported": True}
                )
            )
        if phase in ENDED_PHASES:
            closed = extra["closed_at"]
            if not closed:
                unknown = self.env._("The date of the end is not known.")
                note = f"{note} {unknown}" if note else unknown
                known = [extra[name] for name in ("reported_at", "received_at")]
                closed = max(
                    map(fields.Datetime.to_datetime, filter(None, [*known, start])),
                    default=None,
                )
            events.append(self._prepare_complaint_event_vals(phase, closed, note=note))
        return events
