# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from contextlib import contextmanager

import psycopg2

from odoo import api
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_concurrency import TaskConcurrencyCase


@tagged("post_install", "-at_install")
class TestRouteConcurrency(TaskConcurrencyCase):
    """Two departments and two handlers who move one route at the same moment."""

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            # without a number, which could not be taken back
            procedure = env["complaint.procedure"].create(
                {"name": self.mark, "number_trigger": "review"}
            )
            for index, code in enumerate(("left", "right", "last")):
                env["complaint.procedure.step"].create(
                    {
                        "procedure_id": procedure.id,
                        "name": code,
                        "code": code,
                        "sequence": index,
                        "is_parallel": code == "right",
                    }
                )
            self.procedure_id = procedure.id
            ticket = env["helpdesk.ticket"].browse(self.ticket_id)
            ticket.write(
                {
                    "complaint_procedure_id": procedure.id,
                    "complaint_department_id": self.department_id,
                    "user_id": self.user_ids[0],
                }
            )
            procedure.auto_advance = False
            ticket.with_user(self.user_ids[0]).action_complaint_accept()
            procedure.auto_advance = True

    def _remove_data(self):
        result = super()._remove_data()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            env["complaint.procedure"].browse(self.procedure_id).unlink()
        return result

    @contextmanager
    def _assert_meets(self):
        """The second of two requests fails in the way that Odoo runs it again."""
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.SerializationFailure),
        ):
            yield

    def _get_codes(self, cr):
        tasks = self._ticket(cr, 0).sudo().complaint_dispatch_ids
        return [task.step_id.code for task in tasks]

    def test_two_handlers_start_the_next_step_once(self):
        """R189: the second one finds it started."""
        with self.registry.cursor() as slow, self.registry.cursor() as quick:
            late = self._ticket(slow, 1)
            self.assertFalse(late.complaint_dispatch_ids)
            self._ticket(quick, 0).action_complaint_next_step()
            quick.commit()
            with self._assert_meets():
                late.action_complaint_next_step()
            slow.rollback()
        with self.registry.cursor() as cr:
            self.assertEqual(self._get_codes(cr), ["left", "right"])

    def test_last_two_tasks_finished_at_once_open_one_step(self):
        """R190: whoever finishes second opens what follows, once."""
        with self.registry.cursor() as cr:
            self._ticket(cr, 0).action_complaint_next_step()
        with self.registry.cursor() as slow, self.registry.cursor() as quick:
            late = self._ticket(slow, 1).complaint_dispatch_ids[1]
            self.assertEqual(late.state, "sent")
            self._ticket(quick, 0).complaint_dispatch_ids[0].action_done("Left")
            quick.commit()
            with self._assert_meets():
                late.action_done("Right")
            slow.rollback()
            self._ticket(slow, 1).complaint_dispatch_ids[1].action_done("Right")
            slow.commit()
        with self.registry.cursor() as cr:
            self.assertEqual(self._get_codes(cr), ["left", "right", "last"])
