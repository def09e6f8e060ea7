# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import new_test_user

from odoo.addons.base.models.ir_cron import IrCron

from .common import ComplaintCommon

NOW = fields.Datetime.now


class EscalationCommon(ComplaintCommon):
    """A policy with one line; deadlines with any times; a sweep that stays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {
            name: new_test_user(
                cls.env,
                f"escalation_{name}",
                groups="helpdesk_mgmt_complaint.group_complaint_handler",
                email=f"escalation_{name}@example.com",
                name=name.replace("_", " ").title(),
            )
            for name in (
                "first_contact",
                "team_leader",
                "department_manager",
                "quality_manager",
                "supervisor",
                "general_manager",
            )
        }
        for name in ("quality_manager", "supervisor", "general_manager"):
            cls.company[f"complaint_{name}_id"] = cls.people[name]
        manager = cls.env["hr.employee"].create(
            {"name": "Head", "user_id": cls.people["department_manager"].id}
        )
        cls.department = cls.env["hr.department"].create(
            {"name": "Service", "manager_id": manager.id}
        )
        cls.team.user_id = cls.people["team_leader"]
        cls.team.user_ids += cls.user_handler
        cls.policy = cls.env["complaint.sla.policy"].create(
            # presets are only matched when chosen: these tests make their own rows
            {"name": "Escalation test", "is_preset": True}
        )
        cls.line = cls._create_line()

    @classmethod
    def _create_line(cls, levels=(), **vals):
        return cls.env["complaint.sla.line"].create(
            {
                "policy_id": cls.policy.id,
                "name": "First reply",
                "start_type_id": cls.env.ref(
                    "helpdesk_mgmt_complaint.event_type_accepted"
                ).id,
                "target_type_ids": [
                    Command.set(
                        cls.env.ref(
                            "helpdesk_mgmt_complaint.event_type_acknowledged"
                        ).ids
                    )
                ],
                "amount": 24,
                "unit": "hour",
                "escalation_ids": [Command.create(level) for level in levels],
                **vals,
            }
        )

    def setUp(self):
        super().setUp()
        # a test may not commit; what the batches do is seen by the next ones
        self.commits = []
        patcher = patch.object(IrCron, "_commit_progress", self._fake_commit)
        patcher.start()
        self.addCleanup(patcher.stop)
        self.deadlines = self.env["complaint.deadline"]
        # nothing of the database's own
        self.old_mails = self._mails().ids
        self.deadlines.search([("next_alarm_at", "!=", False)])._set_alarm(False)

    def _fake_commit(self, processed=0, *, remaining=None, deactivate=False):
        self.env.flush_all()
        self.commits.append((processed, remaining))
        return float("inf")

    def _case(self, **vals):
        """Return a complaint with everybody in place."""
        return self._create_complaint(
            **{
                "team_id": self.team.id,
                "user_id": self.user_handler.id,
                "complaint_first_contact_id": self.people["first_contact"].id,
                "complaint_department_id": self.department.id,
                **vals,
            }
        )

    def _deadline(self, ticket=None, line=None, start=-24, due=0, **vals):
        """Return a running deadline; `start` and `due` in hours from now."""
        ticket = ticket if ticket is not None else self._case()
        line = line or self.line
        now = NOW()
        deadline = self.deadlines.create(
            {
                "ticket_id": ticket.id,
                "company_id": self.company.id,
                "policy_id": self.policy.id,
                "line_id": line.id,
                "line_key": line.key or f"line,{line.id}",
                "name": line.name,
                "started_at": now + timedelta(hours=start),
                "policy_due_at": now + timedelta(hours=due),
                "due_at": now + timedelta(hours=due),
                "state": "running",
                **vals,
            }
        )
        deadline._plan_alarm()
        return deadline

    def _levels(self, line, *levels):
        """Give a line levels, ``(moment, amount, role)`` or dictionaries."""
        for number, level in enumerate(levels, 1):
            if not isinstance(level, dict):
                moment, amount, role = level
                level = {"moment": moment, "amount": amount, "role": role}
            line.escalation_ids = [Command.create({"level": number, **level})]
        return line.escalation_ids

    def _sweep(self, **kwargs):
        return self.deadlines._sweep(**kwargs)

    def _mails(self, user=None):
        domain = [("model", "=", "res.users"), ("subject", "like", "Complaint deadl")]
        if user:
            domain.append(("res_id", "=", user.id))
        domain.append(("id", "not in", getattr(self, "old_mails", [])))
        return self.env["mail.mail"].search(domain)

    def _activities(self, ticket, user=None):
        kind = self.env.ref("helpdesk_mgmt_complaint.mail_activity_type_escalation")
        found = ticket.activity_ids.filtered(lambda a: a.activity_type_id == kind)
        return found.filtered(lambda a: not user or a.user_id == user)
