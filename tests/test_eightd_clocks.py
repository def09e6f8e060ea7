# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_eightd_answer import AnswerCommon
from .common_sla import MONDAY, SlaCommon

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestEightdClocks(AnswerCommon, SlaCommon):
    """Every answer of an 8D has clocks of its own (R301, R302)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        shared = {"start": "eightd_received", "per_scope": True, "each_start": True}
        cls.line_3d = cls._create_line(
            targets=("containment_sent",), name="Containment", amount=24, **shared
        )
        cls.line_8d = cls._create_line(
            targets=("longterm_sent",),
            name="Long-term",
            amount=5,
            unit="working_day",
            **shared,
        )

    def setUp(self):
        super().setUp()
        self.ticket, self.ticket_b = self._accept(), self._accept()
        with self._not_received():
            self.eightd = self._create_eightd(self.ticket | self.ticket_b)
        self._fill_eightd(self.eightd)
        self.link, self.link_b = self.eightd.link_ids.sorted("id")
        self.mine = self.link.with_user(self.user_handler)

    def _accept(self):
        ticket = self._create_complaint(
            user_id=self.user_handler.id, complaint_sla_policy_id=self.policy.id
        )
        ticket.action_complaint_accept()
        return ticket

    def _tick(self, delta):
        self.now.move_to(MONDAY + delta)

    def _rows(self, link, line):
        return link.deadline_ids.filtered(lambda row: row.line_id == line).sorted(
            "occurrence"
        )

    def _reject(self, release):
        release._record_customer_verdict(
            "rejected", "Anna", verdict_comment="Not convincing"
        )
        self.env.invalidate_all()

    def test_each_link_runs_by_itself_from_its_receipt(self):
        """R301, R302: 24 h and 5 working days from the receipt by quality."""
        self.assertFalse(self.link.deadline_ids)
        self.link._mark_received()
        self._tick(3 * HOUR)
        self.link_b._mark_received(at=MONDAY + HOUR)
        self.assertEqual(self._rows(self.link, self.line_3d).due_at, MONDAY + DAY)
        self.assertEqual(
            self._rows(self.link_b, self.line_3d).due_at, MONDAY + DAY + HOUR
        )
        self.assertEqual(len(self._rows(self.link, self.line_8d)), 1)
        self.assertEqual(self.link.received_at, MONDAY)
        self.assertEqual(self.link.due_at, MONDAY + DAY)
        self.assertEqual(self.link.deadline_ids.ticket_id, self.link.ticket_id)
        # received once
        self._tick(5 * HOUR)
        self.link._mark_received()
        self.assertEqual(len(self.link.deadline_ids), 2)
        self.assertEqual(self.link.received_at, MONDAY)

    def test_released_disciplines_meet_their_limits(self):
        """R301, R302: containment when D3 was done, long-term when D5 was."""
        (self.link | self.link_b)._mark_received()
        self._tick(2 * HOUR)
        # nothing is done: a preliminary answer meets nothing
        self._release(answer_type="3d")
        self.assertEqual(self._rows(self.link, self.line_3d).state, "running")
        self._finish(self.eightd, "d1", "d2", "d3")
        self._release(answer_type="3d")
        row = self._rows(self.link, self.line_3d)
        self.assertEqual((row.state, row.reached_at), ("met", MONDAY + 2 * HOUR))
        self.assertEqual(self._rows(self.link, self.line_8d).state, "running")
        self._finish(self.eightd, "d4", "d5", "d6", "d7")
        self._release(answer_type="8d")
        self.assertEqual(self._rows(self.link, self.line_8d).state, "met")
        # the other customer got nothing yet
        self.assertEqual(self._rows(self.link_b, self.line_3d).state, "running")
        self.assertEqual(self._rows(self.link_b, self.line_8d).state, "running")

    def test_rejection_starts_anew_what_had_ended(self):
        """R301, R302: from the rejection; what still runs is not prolonged."""
        self.link._mark_received()
        self._tick(2 * HOUR)
        self._finish(self.eightd, "d1", "d2", "d3")
        release = self._release(answer_type="3d")
        self._tick(4 * HOUR)
        self._reject(release)
        first, second = self._rows(self.link, self.line_3d)
        self.assertEqual(first.state, "met")
        self.assertEqual(second.state, "running")
        self.assertEqual(second.due_at, MONDAY + 4 * HOUR + DAY)
        longterm = self._rows(self.link, self.line_8d)
        self.assertEqual(len(longterm), 1)
        due = longterm.due_at
        self._tick(5 * HOUR)
        self._release(answer_type="3d")
        self.assertEqual(second.state, "met")
        self.assertEqual(longterm.due_at, due)
        self.assertEqual(self.link.verdict, "sent")

    def test_rejected_8d_runs_again_as_a_whole(self):
        """R302: both limits, each counted from the rejection."""
        self.link._mark_received()
        self._finish(self.eightd, *[f"d{number}" for number in range(1, 8)])
        release = self._release()
        self._tick(6 * HOUR)
        self._reject(release)
        for line in (self.line_3d, self.line_8d):
            first, second = self._rows(self.link, line)
            self.assertEqual((first.state, second.state), ("met", "running"))
            self.assertEqual(second.started_at, MONDAY + 6 * HOUR)
        self.assertEqual(self.link.verdict, "rejected")

    def test_customers_own_date_prevails(self):
        """R301, R302: his date is for the first answer, not for the next."""
        self.ticket.complaint_customer_deadline = MONDAY + 5 * HOUR
        self.link._mark_received()
        row = self._rows(self.link, self.line_3d)
        self.assertEqual(row.due_at, MONDAY + 5 * HOUR)
        self.assertEqual(row.due_kind, "customer_deadline")
        self._tick(4 * HOUR)
        self._finish(self.eightd, "d1", "d2", "d3")
        release = self._release(answer_type="3d")
        self._tick(8 * HOUR)
        self._reject(release)
        first, second = self._rows(self.link, self.line_3d)
        self.assertEqual(first.state, "met")
        self.assertEqual(second.due_at, MONDAY + 8 * HOUR + DAY)
        self.assertFalse(second.breached_at)
        # the other limit still runs and was missed by his date
        longterm = self._rows(self.link, self.line_8d)
        self.assertEqual(longterm.due_at, MONDAY + 5 * HOUR)
        self.assertEqual(longterm.state, "missed")

    def test_deadline_knows_the_8d_and_who_works_on_it(self):
        """R301: leader or owner of D3 and the handler are told."""
        self.link._mark_received()
        row = self._rows(self.link, self.line_3d)
        self.assertEqual(row.eightd_link_id, self.link)
        self.assertEqual(row.user_id, self.user_quality)
        level = self.env["complaint.sla.escalation"].create(
            {"line_id": self.line_3d.id, "role": "handler"}
        )
        self.assertEqual(
            level._get_people(row)[0], self.user_handler | self.user_quality
        )
        d3 = self.eightd.discipline_ids.filtered(lambda r: r.code == "d3")
        d3.owner_id = self.user_member
        self.assertEqual(self.link._get_responsible(self.line_3d), d3.owner_id)
        self.assertEqual(self.link._get_responsible(self.line_8d), self.user_quality)
        self.assertTrue(self.ticket.complaint_deadline_ids._render_timeline())

    def test_answer_by_phone_is_entered_with_its_source(self):
        """R452: marked as entered by us; who, when, from which call."""
        release = self._release()
        with self.assertRaisesRegex(UserError, "where the answer stands"):
            release._record_entered_verdict("accepted", "Anna", " ")
        action = release.action_enter_verdict()
        wizards = self.env[action["res_model"]].with_user(self.user_handler)
        wizards.with_context(**action["context"]).create(
            {"verdict_name": "Anna Meyer", "verdict_source": "Call of 6 July"}
        ).action_record()
        self.assertRecordValues(
            release,
            [
                {
                    "verdict": "accepted",
                    "verdict_channel": "entered",
                    "verdict_by_id": self.user_handler.id,
                    "verdict_source": "Call of 6 July",
                }
            ],
        )
        with self.assertRaisesRegex(UserError, "given already"):
            release._record_entered_verdict(
                "rejected", "Anna", "Mail", verdict_comment="No"
            )

    def test_only_handlers_enter_an_answer(self):
        """R452, R520: no team member, customer or other company."""
        release = self._release()
        for user in (self.user_member, self.portal_user, self.user_handler_b):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                release.with_user(user)._record_entered_verdict("accepted", "A", "B")

    def test_no_answer_in_time_is_recorded_by_a_person(self):
        """R452: after the days of the customer or company, with reason, as answered."""
        self.company.complaint_eightd_answer_days = 30
        self._finish(self.eightd, *[f"d{number}" for number in range(1, 8)])
        release = self._release()
        vals = {"verdict_comment": "Two reminders"}
        self._tick(29 * DAY)
        with self.assertRaisesRegex(UserError, "time to answer until"):
            release._record_entered_verdict("timed_out", False, "No reply", **vals)
        self._tick(31 * DAY)
        # nobody said so yet
        self.assertEqual(self.link.verdict, "sent")
        with self.assertRaisesRegex(UserError, "what is wrong or missing"):
            release._record_entered_verdict("timed_out", False, "No reply")
        release._record_entered_verdict("timed_out", False, "No reply", **vals)
        self.assertEqual(self.link.verdict, "timed_out")
        self.assertTrue(self.link.is_answered)
        codes = self.ticket.complaint_event_ids.mapped("code")
        self.assertNotIn("customer_accepted", codes)

    def test_complete_accepted_answer_is_an_answer(self):
        """R452: an accepted 3D or preliminary 8D does not end the case."""
        self._finish(self.eightd, "d1", "d2", "d3")
        for answer_type in ("3d", "8d"):
            release = self._release(answer_type=answer_type)
            release._record_customer_verdict("accepted", "Anna")
            self.env.invalidate_all()
            self.assertFalse(self.link.is_answered, answer_type)
        self._finish(self.eightd, "d4", "d5", "d6", "d7")
        self._release()._record_customer_verdict("accepted", "Anna")
        self.env.invalidate_all()
        self.assertTrue(self.link.is_answered)

    def test_superseded_release_is_not_answered(self):
        """R452: the customer answers what he got last."""
        release = self._release()
        self._release()
        with self.assertRaisesRegex(UserError, "newer release"):
            release._record_entered_verdict("accepted", "Anna", "Call")

    def test_shipped_limits_start_again_after_a_rejection(self):
        """R301, R302: the presets have each start and each link by itself."""
        for name in ("r301", "r302"):
            line = self.env.ref(f"helpdesk_mgmt_complaint.sla_line_m3_{name}")
            self.assertTrue(line.per_scope and line.each_start, name)
            self.assertEqual(line.start_type_id.code, "eightd_received")
