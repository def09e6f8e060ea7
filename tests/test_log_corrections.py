# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import users

from .common import ComplaintCommon


class TestLogCorrections(ComplaintCommon):
    """Corrected times of visits, samples and talks reach the event log."""

    def setUp(self):
        super().setUp()
        self.now = fields.Datetime.now().replace(microsecond=0)

    def _hours_ago(self, hours):
        return self.now - timedelta(hours=hours)

    def _create(self, model, **vals):
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        return self.env[model].create({"ticket_id": ticket.id, **vals})

    def _create_talk(self, **vals):
        vals.setdefault("at", self._hours_ago(5))
        return self._create(
            "complaint.communication",
            channel_id=self.channel_phone.id,
            content="Told",
            **vals,
        )

    def _events(self, record, code):
        """Return (effective, corrected) events of the code."""
        events = record.ticket_id.complaint_event_ids.filtered(
            lambda event: event.code == code
        )
        effective = events.filtered(lambda event: not event.corrected_by_ids)
        return effective, events - effective

    def _codes(self, record):
        events = record.ticket_id.complaint_event_ids
        codes = events.filtered(lambda e: not e.corrected_by_ids).mapped("code")
        return sorted(set(codes) - {"reported", "registered"})

    @users("complaint_handler")
    def test_arrival_is_corrected_in_the_log(self):
        """R571: the first time stays visible, the last one counts."""
        visit = self._create("complaint.visit", arrival_at=self._hours_ago(5))
        visit.arrival_at = self._hours_ago(3)
        visit.arrival_at = self._hours_ago(2)
        visit.arrival_at = self._hours_ago(2)
        effective, corrected = self._events(visit, "on_site")
        self.assertEqual(effective.at, self._hours_ago(2))
        self.assertEqual(len(corrected), 2)
        self.assertEqual(effective.corrects_id.at, self._hours_ago(3))
        self.assertEqual(effective.user_id, self.env.user)
        self.assertEqual(len(self._events(visit, "visit_decided")[0]), 1)

    @users("complaint_handler")
    def test_sample_times_are_corrected_in_the_log(self):
        """R040: of the sample that was logged, not of another one."""
        first = self._create("complaint.sample", name="1")
        second = first.copy({"name": "2"})
        first.received_at = self._hours_ago(5)
        second.write(
            {"received_at": self._hours_ago(3), "requested_at": self._hours_ago(9)}
        )
        self.assertEqual(
            self._events(first, "sample_received")[0].at, first.received_at
        )
        second.received_at = self._hours_ago(2)
        self.assertFalse(self._events(first, "sample_received")[1])
        first.received_at = self._hours_ago(4)
        second.requested_at = self._hours_ago(8)
        self.assertEqual(
            self._events(first, "sample_received")[0].at, self._hours_ago(4)
        )
        self.assertEqual(
            self._events(first, "sample_requested")[0].at, self._hours_ago(8)
        )

    @users("complaint_handler")
    def test_time_of_a_talk_is_corrected_in_the_log(self):
        """R456, R469: first reply and decision follow the record."""
        talk = self._create_talk(purpose="decision")
        talk.at = self._hours_ago(1)
        for code in ("acknowledged", "customer_informed"):
            effective, corrected = self._events(talk, code)
            self.assertEqual(effective.at, self._hours_ago(1))
            self.assertEqual(corrected.at, self._hours_ago(5))
        talk.user_id = self.user_quality.id
        effective = self._events(talk, "customer_informed")[0]
        self.assertEqual(effective.user_id, self.user_quality)
        with self.assertRaises(UserError):
            talk.at = self.now + timedelta(days=1)

    @users("complaint_handler")
    def test_purpose_and_direction_are_corrected_in_the_log(self):
        """R469: a talk that turns out to be the decision counts as one."""
        talk = self._create_talk(direction="in", purpose="question")
        self.assertEqual(self._codes(talk), [])
        talk.write({"direction": "out", "purpose": "decision"})
        self.assertEqual(self._codes(talk), ["acknowledged", "customer_informed"])
        talk.purpose = "progress"
        self.assertEqual(self._codes(talk), ["acknowledged", "customer_progress_told"])
        talk.purpose = "other"
        self.assertEqual(self._codes(talk), ["acknowledged"])
        with self.assertRaisesRegex(UserError, "correction instead"):
            talk.direction = "in"

    @users("complaint_handler")
    def test_first_reply_of_somebody_else_is_not_touched(self):
        """R456: only the record's own events are corrected."""
        first = self._create_talk(at=self._hours_ago(7))
        second = first.copy({"at": self._hours_ago(4)})
        second.at = self._hours_ago(2)
        effective, corrected = self._events(first, "acknowledged")
        self.assertEqual(effective.at, self._hours_ago(7))
        self.assertFalse(corrected)

    @users("complaint_handler")
    def test_logged_records_are_not_deleted(self):
        """R512: what deadlines were measured by stays; the rest may go."""
        logged = [
            self._create("complaint.visit"),
            self._create("complaint.sample", name="1", received_at=self._hours_ago(1)),
            self._create_talk(),
        ]
        other = self.env["helpdesk.ticket"].create(self._complaint_vals())
        for record in logged:
            with self.subTest(model=record._name):
                with self.assertRaisesRegex(UserError, "correction instead"):
                    record.unlink()
                with self.assertRaisesRegex(UserError, "correction instead"):
                    record.ticket_id = other
        with self.assertRaisesRegex(UserError, "correction instead"):
            logged[1].received_at = False
        self._create("complaint.sample", name="2").unlink()
        self._create_talk(direction="in").unlink()
