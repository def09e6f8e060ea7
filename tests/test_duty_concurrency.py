# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import uuid

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import ConcurrencyError
from odoo.modules.registry import DummyRLock, Registry
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import mute_logger

_QUIET = {"tracking_disable": True, "mail_create_nosubscribe": True}


@tagged("post_install", "-at_install")
class TestDutyConcurrency(BaseCase):
    """Two real transactions: data is committed, then removed."""

    def setUp(self):
        super().setUp()
        # tests run while the registry is being loaded, which holds its lock
        self.patch(Registry, "_lock", DummyRLock())
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            duty = self._env(cr)["complaint.duty"].create(
                {"name": f"Duty {uuid.uuid4().hex[:8]}", "active": False}
            )
            self.duty_id = duty.id
            self.addCleanup(self._remove_data)
            # active without having opened anything
            duty.flush_recordset()
            cr.execute(
                "UPDATE complaint_duty SET active = true, start_at = %s WHERE id = %s",
                [fields.Datetime.subtract(duty.start_at, weeks=9), duty.id],
            )

    def _env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, _QUIET)

    def _duty(self, cr):
        return self._env(cr)["complaint.duty"].browse(self.duty_id)

    def _remove_data(self):
        with self.registry.cursor() as cr:
            for statement in (
                "DELETE FROM complaint_deadline WHERE duty_id = %s",
                "DELETE FROM mail_followers WHERE res_model = 'complaint.duty'"
                " AND res_id = %s",
                "DELETE FROM mail_message WHERE model = 'complaint.duty'"
                " AND res_id = %s",
                "DELETE FROM complaint_duty WHERE id = %s",
            ):
                cr.execute(statement, [self.duty_id])

    def _read_periods(self):
        with self.registry.cursor() as cr:
            return self._duty(cr).deadline_ids.mapped("period_start")

    def test_two_workers_open_each_period_once(self):
        """R322: who comes second does not wait, and finds what the first one did."""
        with self.registry.cursor() as late:
            # the snapshot is older than what the other one does
            self.assertFalse(self._duty(late).deadline_ids)
            with self.registry.cursor() as first:
                opened = self._duty(first)._open_periods()
                self.assertGreaterEqual(len(opened), 3)
                first.flush()
                # locked by the other one: nothing to do here
                self.assertFalse(self._duty(late)._open_periods())
            with mute_logger("odoo.sql_db"), self.assertRaises(ConcurrencyError):
                self._duty(late)._open_periods()
            late.rollback()
            late.transaction.reset()
            self.assertFalse(self._duty(late)._open_periods())
        periods = self._read_periods()
        self.assertEqual(len(periods), len(opened))
        self.assertEqual(len(set(periods)), len(periods))

    def test_worker_that_dies_leaves_nothing_half_done(self):
        """R322: what was not committed is opened by the next one."""
        with self.registry.cursor() as cr:
            opened = len(self._duty(cr)._open_periods())
            cr.rollback()
        self.assertFalse(self._read_periods())
        with self.registry.cursor() as cr:
            self._duty(cr)._open_periods()
        self.assertEqual(len(self._read_periods()), opened)
