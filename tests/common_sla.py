# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime

from freezegun import freeze_time

from odoo import Command

from .common import ComplaintCommon

# Monday 6 July 2026, 9:00 in Shanghai
MONDAY = datetime(2026, 7, 6, 1, 0)
WEEK = tuple(range(5))


class SlaCommon(ComplaintCommon):
    """A policy with one line, a handler at work on Monday morning."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls._create_calendar("Asia/Shanghai")
        cls.company.resource_calendar_id = cls.calendar
        cls.policy = cls.env["complaint.sla.policy"].create({"name": "Standard"})

    def setUp(self):
        super().setUp()
        self.clock = freeze_time(MONDAY)
        self.now = self.clock.start()
        self.addCleanup(self.clock.stop)

    @classmethod
    def _create_calendar(cls, tz, hours=((8, 12), (13, 17)), days=WEEK):
        return cls.env["resource.calendar"].create(
            {
                "name": f"Office {tz}",
                "tz": tz,
                "company_id": False,
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "name": "Work",
                            "dayofweek": str(day),
                            "hour_from": begin,
                            "hour_to": end,
                            "day_period": "morning" if begin < 12 else "afternoon",
                        }
                    )
                    for day in days
                    for begin, end in hours
                ],
            }
        )

    @classmethod
    def _type(cls, code):
        return cls.env.ref(f"helpdesk_mgmt_complaint.event_type_{code}")

    @classmethod
    def _create_line(cls, start="accepted", targets=("acknowledged",), **vals):
        """Return a line, by default 24 hours from acceptance to first reply."""
        types = [cls._type(code).id for code in targets]
        return cls.env["complaint.sla.line"].create(
            {
                "policy_id": cls.policy.id,
                "name": "First reply",
                "start_type_id": cls._type(start).id,
                "target_type_ids": [Command.set(types)],
                "amount": 24,
                "unit": "hour",
                **vals,
            }
        )

    def _register(self, **vals):
        """Register as any employee, then look at it as handler."""
        tickets = self.env["helpdesk.ticket"].with_user(self.user_register)
        ticket = tickets.create(self._complaint_vals(**vals))
        return ticket.with_user(self.user_handler)

    def _accept(self, **vals):
        ticket = self._register(**vals)
        ticket.action_complaint_accept()
        return ticket

    def _deadlines(self, ticket, **values):
        """Return what the handler sees of a complaint's deadlines."""
        ticket.invalidate_recordset(["complaint_deadline_ids"])
        return ticket.complaint_deadline_ids.sorted("id").filtered(
            lambda d: all(d[name] == value for name, value in values.items())
        )

    def _wizard(self, ticket, kind, deadlines=None, **vals):
        wizard = self.env["complaint.deadline.change"].with_user(self.user_handler)
        return wizard.create(
            {
                "ticket_id": ticket.id,
                "kind": kind,
                "deadline_ids": [Command.set(deadlines.ids if deadlines else [])],
                "reason": "because",
                **vals,
            }
        ).action_confirm()

    def assertSameAsLog(self, tickets):
        """What is stored equals what the event log alone says (R241)."""
        self.env.flush_all()
        self.env.invalidate_all()
        tickets = tickets.sudo()
        derived = tickets._complaint_derive_deadlines()
        for ticket in tickets:
            stored = {
                (d.line_key, d.scope_key, d.cycle, d.occurrence): d
                for d in ticket.complaint_deadline_ids
            }
            expected = {
                (d.line, d.scope, d.cycle, d.occurrence): d for d in derived[ticket]
            }
            self.assertEqual(set(stored), set(expected))
            for key, row in stored.items():
                deadline = expected[key]
                for name in (
                    "started_at",
                    "policy_due_at",
                    "due_at",
                    "due_kind",
                    "breached_at",
                    "reached_at",
                    "finished_at",
                    "state",
                ):
                    self.assertEqual(
                        row[name] or None, getattr(deadline, name), (key, name)
                    )
                pauses = [(p.start_at, p.end_at or None) for p in row.pause_ids]
                self.assertEqual(pauses, list(deadline.pauses))
