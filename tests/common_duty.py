# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime

from freezegun import freeze_time

from odoo.tests import new_test_user

from .common_escalation import EscalationCommon

# Wednesday 15 July 2026, 10:00 in Shanghai
WEDNESDAY = datetime(2026, 7, 15, 2, 0)


class DutyCommon(EscalationCommon):
    """An owner who is nothing but an employee, and a clock that can be moved."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = new_test_user(
            cls.env,
            "duty_owner",
            groups="base.group_user",
            email="duty_owner@example.com",
            name="Olga Owner",
        )
        cls.boss = cls.people["general_manager"]
        cls.duties = cls.env["complaint.duty"]

    def setUp(self):
        super().setUp()
        clock = freeze_time(WEDNESDAY)
        self.now = clock.start()
        self.addCleanup(clock.stop)

    def _create_duty(self, **vals):
        """Return a monthly duty of the owner, due on the last day."""
        values = {"name": "Feedback report", "owner_id": self.owner.id, **vals}
        return self.duties.with_user(self.user_manager).create(values).sudo()

    def _rows(self, duty, **values):
        """Return the deadlines of a duty, oldest first."""
        self.env.flush_all()
        self.env.invalidate_all()
        rows = duty.sudo().with_context(active_test=False).deadline_ids
        return rows.sorted("id").filtered(
            lambda row: all(row[name] == value for name, value in values.items())
        )

    def _run(self, at=None):
        """Move the clock, then do what the scheduler does."""
        if at:
            self.now.move_to(at)
        self.deadlines._cron_escalate()

    def _enter(self, row, user=None, **vals):
        """Enter the result of a period, as its owner."""
        results = self.env["complaint.duty.result"].with_user(user or self.owner)
        return results.create(
            {"deadline_id": row.id, "text": "12 cases, two repeated", **vals}
        )

    def _todos(self, duty, user=None):
        kind = self.env.ref("helpdesk_mgmt_complaint.mail_activity_type_duty")
        found = duty.sudo().activity_ids.filtered(lambda a: a.activity_type_id == kind)
        return found.filtered(lambda a: not user or a.user_id == user)
