# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import psycopg2

from odoo.exceptions import ConcurrencyError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_concurrency import TaskConcurrencyCase


@tagged("post_install", "-at_install")
class TestDispatchConcurrency(TaskConcurrencyCase):
    """Sending and accepting the same at the same moment."""

    def test_two_who_send_at_once_get_different_numbers(self):
        """R182: the second request is run again and takes the next number."""
        with self.registry.cursor() as slow, self.registry.cursor() as quick:
            late = self._ticket(slow, 1)
            self.assertFalse(late.complaint_dispatch_ids)
            first = self._send(self._ticket(quick, 0)).number
            quick.commit()
            with self.assertRaises(ConcurrencyError), mute_logger("odoo.sql_db"):
                self._send(late)
            slow.rollback()
            second = self._send(self._ticket(slow, 1)).number
            slow.commit()
        self.assertEqual(first.rpartition("/")[2], "1")
        self.assertEqual(second.rpartition("/")[2], "2")

    def test_two_who_accept_at_once_get_one_event(self):
        """R182: the second request is run again and names the first."""
        with self.registry.cursor() as cr:
            dispatch_id = self._send(self._ticket(cr, 0)).id
        with self.registry.cursor() as slow, self.registry.cursor() as quick:
            late = self._ticket(slow, 1).complaint_dispatch_ids
            self.assertEqual(late.state, "sent")
            self._ticket(quick, 0).complaint_dispatch_ids.action_accept()
            quick.commit()
            with self.assertRaises(psycopg2.errors.SerializationFailure):
                with mute_logger("odoo.sql_db"):
                    late.action_accept()
            slow.rollback()
            late = self._ticket(slow, 1).complaint_dispatch_ids
            with self.assertRaisesRegex(UserError, "0 accepted it already"):
                late.action_accept()
            slow.rollback()
        with self.registry.cursor() as cr:
            ticket = self._ticket(cr, 0)
            self.assertEqual(ticket.complaint_dispatch_ids.id, dispatch_id)
            codes = ticket.complaint_event_ids.mapped("code")
            self.assertEqual(codes.count("dispatch_accepted"), 1)
