# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command

from .common import ComplaintCommon


class ProcedureCommon(ComplaintCommon):
    """A procedure without gates, a role with a holder, an accepted complaint."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.procedure = cls.env["complaint.procedure"].create(
            {"name": "KD-07", "sequence": 1, "number_pattern": "K{YY}{MM}{##}"}
        )
        cls.role = cls.env.ref("helpdesk_mgmt_complaint.role_management_representative")
        cls.department = cls.env["hr.department"].create({"name": "Quality office"})
        cls._hold_role(cls.role, cls.user_quality)
        cls.ticket = cls._create_complaint(
            complaint_procedure_id=cls.procedure.id, user_id=cls.user_handler.id
        ).with_user(cls.user_handler)
        cls.ticket.action_complaint_accept()

    @classmethod
    def _hold_role(cls, role, user=None, department=None):
        return cls.env["complaint.role.assignment"].create(
            {
                "role_id": role.id,
                "company_id": cls.company.id,
                "user_id": user and user.id,
                "department_id": department and department.id,
            }
        )

    @classmethod
    def _create_employee(cls, user, **vals):
        return cls.env["hr.employee"].create(
            {"name": user.name, "user_id": user.id, **vals}
        )

    @classmethod
    def _add_gate(cls, kind, phase="closed", **vals):
        return cls.env["complaint.procedure.gate"].create(
            {"procedure_id": cls.procedure.id, "phase": phase, "kind": kind, **vals}
        )

    @classmethod
    def _event_type(cls, code):
        return cls.env.ref(f"helpdesk_mgmt_complaint.event_type_{code}")

    def _sign(self, kind, user=None, ticket=None):
        """Write and sign an opinion as `user` (default: the handler)."""
        opinion = (
            self.env["complaint.opinion"]
            .with_user(user or self.user_handler)
            .create(
                {"ticket_id": (ticket or self.ticket).id, "kind": kind, "text": "So."}
            )
        )
        opinion.action_sign()
        return opinion

    def _record(self, code, user=None, at=None):
        """Record an event by hand, as the dialog does."""
        vals = {"type_id": self._event_type(code).id, "note": "Seen"}
        vals["ticket_ids"] = [Command.set(self.ticket.ids)]
        if at:
            vals["at"] = at
        entries = self.env["complaint.event.entry"].with_user(user or self.user_handler)
        entries.create(vals).action_confirm()

    def _call_back(self, satisfied="yes", user=None, **vals):
        return (
            self.env["complaint.callback"]
            .with_user(user or self.user_handler)
            .create(
                {
                    "ticket_id": self.ticket.id,
                    "channel_id": self.channel_phone.id,
                    "person": "Anna Meyer",
                    "content": "Runs well.",
                    "satisfied": satisfied,
                    **vals,
                }
            )
        )

    def _get_reasons(self, phase="closed"):
        reasons = self.ticket._complaint_get_blocking_reasons(phase)
        return "\n".join(reasons[self.ticket.id])
