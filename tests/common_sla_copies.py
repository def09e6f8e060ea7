# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime

from odoo import Command, fields
from odoo.tests import new_test_user

from .common_escalation import EscalationCommon
from .common_sla import SlaCommon

_MODULE = "helpdesk_mgmt_complaint"
PRESETS = ("m1", "m2", "m3", "pm", "med", "gas", "con", "law", "lab", "tec", "gen")


class SlaPresetCommon(SlaCommon, EscalationCommon):
    """Every preset copied, as a company does it, and a person for each role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the copies alone
        cls.policy.active = False
        cls.env["resource.calendar.leaves"].create(
            {
                "name": "Public holiday",
                "calendar_id": cls.calendar.id,
                "company_id": cls.company.id,
                "date_from": datetime(2026, 7, 7, 16, 0),
                "date_to": datetime(2026, 7, 8, 15, 59, 59),
            }
        )
        cls.people["handler"] = cls.user_handler
        cls._assign_roles()
        manager = cls.env["complaint.sla.policy"].with_user(cls.user_manager)
        cls.copies, cls.procedures = {}, {}
        for code in PRESETS:
            preset = cls.env.ref(f"{_MODULE}.sla_policy_{code}")
            cls.procedures[code] = cls.procedure.copy({"name": f"As {code}"})
            cls.copies[code] = manager.browse(preset.id).copy(
                {"procedure_ids": [Command.set(cls.procedures[code].ids)]}
            )

    @classmethod
    def _assign_roles(cls):
        levels = cls.env["complaint.sla.escalation"].search(
            [("line_id.policy_id.preset", "!=", False)]
        )
        cls.env["complaint.role.assignment"].search([]).unlink()
        for role in levels.role_id:
            cls.people[role.code] = new_test_user(
                cls.env,
                f"holder_{role.code}",
                groups=f"{_MODULE}.group_complaint_handler",
                name=role.name,
            )
            cls.env["complaint.role.assignment"].create(
                {"role_id": role.id, "user_id": cls.people[role.code].id}
            )

    @classmethod
    def _get_line(cls, key):
        """Return the line of a company's copy, switched on."""
        original = cls.env.ref(f"{_MODULE}.sla_line_{key}")
        lines = cls.copies[key.partition("_")[0]].current_line_ids
        line = lines.filtered(lambda line: line.sequence == original.sequence)
        line.active = True
        return line

    def _register_case(self, preset, at=None, channel=None, **vals):
        """Return a complaint of a procedure, registered by its handler."""
        if at:
            self.now.move_to(at)
        if channel:
            vals["channel_id"] = self.env.ref(f"{_MODULE}.channel_{channel}").id
        tickets = self.env["helpdesk.ticket"].with_user(self.user_handler)
        return tickets.create(
            self._complaint_vals(
                **{
                    "team_id": self.team.id,
                    "user_id": self.user_handler.id,
                    "complaint_first_contact_id": self.people["first_contact"].id,
                    "complaint_department_id": self.department.id,
                    "complaint_procedure_id": self.procedures[preset].id,
                    **vals,
                }
            )
        )

    def _log(self, ticket, spec, scope=""):
        """Log ``code`` or ``code:kind``, now."""
        code, _colon, kind = spec.partition(":")
        extra = {"payload": {"kind": kind}} if kind else {}
        ticket._complaint_event(code, scope_key=scope, **extra)

    def _get_rows(self, ticket, line):
        ticket.invalidate_recordset(["complaint_deadline_ids"])
        rows = ticket.complaint_deadline_ids.filtered(lambda d: d.line_id == line)
        return rows.sorted(lambda d: (d.cycle, d.occurrence))

    def _get_told(self, deadline):
        rows = self.env["complaint.escalation"].search(
            [("deadline_id", "=", deadline.id)], order="level"
        )
        return [
            (row.level, fields.Datetime.to_string(row.due_at), row.user_ids)
            for row in rows
        ]
