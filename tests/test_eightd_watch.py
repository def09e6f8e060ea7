# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_eightd_effect import EffectCommon


@tagged("post_install", "-at_install")
class TestEightdWatch(EffectCommon):
    """A new complaint about product and defect of an 8D says it did not help."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._pass(cls.eightd, "d6")

    def _complain(self, accept=True, line=None, **vals):
        """Return a complaint of the other customer, in the ways of the handler."""
        goods = {"product_id": self.product.id, "defect_id": self.defect.id}
        complaint = (
            self.env["helpdesk.ticket"]
            .with_user(self.user_handler)
            .create(
                self._complaint_vals(
                    partner_id=self.other_customer.id,
                    complaint_line_ids=[Command.create({**goods, **(line or {})})],
                    **vals,
                )
            )
        )
        if accept:
            complaint.action_complaint_accept()
        return complaint

    def _recurrence(self, complaint):
        rows = self.env["complaint.eightd.recurrence"].sudo()
        return rows.search([("ticket_id", "=", complaint.id)])

    def _activities(self):
        return self.eightd.sudo().activity_search(
            ["helpdesk_mgmt_complaint.mail_activity_type_recurrence"]
        )

    def test_window_begins_with_d6(self):
        """R446: watched for the days that were agreed, from D6 on."""
        self.assertEqual(self.eightd.watch_result, "running")
        days = self.eightd.watch_until - self.eightd.watch_from
        self.assertEqual(days.days, self.eightd.watch_days)
        with self.assertRaisesRegex(UserError, "watch has begun"):
            self.eightd.with_user(self.user_quality).watch_days = 1

    def test_accepted_complaint_marks_the_8d(self):
        """R446: not effective, people told once, evidence untouched."""
        self._enter_validation(self.eightd)
        self.eightd.action_effect("effective")
        self.eightd.sudo().write({"state": "done", "closed_at": fields.Datetime.now()})
        complaint = self._complain()
        self.assertEqual(self._recurrence(complaint).state, "confirmed")
        self.assertEqual(self.eightd.state, "not_effective")
        self.assertEqual(self.eightd.effect, "effective")
        self.assertEqual(self.eightd.watch_result, "failed")
        self.assertTrue(self._events("effect_refuted"))
        self.assertTrue(self._events("recurrence_found", complaint))
        self.assertEqual(self._activities().user_id, self.user_quality)
        self.assertIn(
            "not effective",
            complaint.with_user(self.user_handler).complaint_recurrence_note,
        )
        self._complain()
        self.assertEqual(len(self._activities()), 1)

    def test_no_name_of_the_other_customer_on_the_8d(self):
        """R520: the team reads that it happened again, not to whom."""
        self._complain(name="Huadong: cages crack")
        texts = "".join(self.eightd.message_ids.mapped("body"))
        texts += "".join(self._activities().mapped("note"))
        for secret in ("Huadong", "华东"):
            self.assertNotIn(secret, texts)
        with self.assertRaises(AccessError):
            self.eightd.recurrence_ids.with_user(self.user_member).read(["ticket_id"])

    def test_draft_is_a_suspicion(self):
        """R446: what nobody accepted yet does not condemn an 8D."""
        complaint = self._complain(accept=False)
        self.assertEqual(self._recurrence(complaint).state, "suspect")
        self.assertEqual(self.eightd.state, "open")
        self.assertFalse(self._activities())
        complaint.action_complaint_accept()
        self.assertEqual(self.eightd.state, "not_effective")

    def test_other_problem_does_not_count(self):
        """R446: another product, defect or company is another problem."""
        other = self.env["product.product"].create({"name": "Bearing 6205"})
        parent = self.env["complaint.defect"].create({"name": "Broken"})
        self.defect.parent_id = parent
        for line in (
            {"product_id": other.id},
            {"defect_id": parent.id},
            {"defect_id": False},
        ):
            with self.subTest(line=line):
                self.assertFalse(self._recurrence(self._complain(line=line)))
        self.assertEqual(self.eightd.state, "open")

    def test_closer_description_of_the_defect_counts(self):
        """R446: a defect below the one of the 8D is the same."""
        below = self.env["complaint.defect"].create(
            {"name": "Crack at the pocket", "parent_id": self.defect.id}
        )
        complaint = self._complain(line={"defect_id": below.id})
        self.assertEqual(self._recurrence(complaint).state, "confirmed")

    def test_only_inside_the_window(self):
        """R446: neither reported before D6 nor after the window."""
        before = fields.Datetime.now() - timedelta(days=3)
        old = self._complain(complaint_reported_at=before)
        self.assertFalse(self._recurrence(old))
        self.eightd.sudo().watch_until = self.today - timedelta(days=1)
        self.assertFalse(self._recurrence(self._complain()))

    def test_own_complaints_do_not_count(self):
        """R446: what the 8D answers is no recurrence of it."""
        self.complaint.complaint_line_ids = [
            Command.create({"product_id": self.product.id, "defect_id": self.defect.id})
        ]
        self.assertFalse(self._recurrence(self.complaint))

    def test_line_that_is_corrected_later(self):
        """R446: found when the defect is entered, dropped when it was another."""
        complaint = self._complain(line={"defect_id": False})
        line = complaint.complaint_line_ids
        line.defect_id = self.defect
        self.assertEqual(self.eightd.state, "not_effective")
        line.unlink()
        self.assertEqual(self._recurrence(complaint).state, "dismissed")
        self.assertEqual(self.eightd.state, "open")

    def test_goods_from_before_the_correction_are_judged(self):
        """R446: made before the fix proves nothing until quality says so."""
        made = {"production_date": self.today - timedelta(days=60)}
        complaint = self._complain(line=made)
        row = self._recurrence(complaint)
        self.assertEqual((row.state, row.is_old_goods), ("suspect", True))
        self.assertEqual(self.eightd.state, "open")
        self.assertEqual(len(self._activities()), 1)
        mine = row.with_user(self.user_quality)
        with self.assertRaises(UserError):
            mine.action_decide("dismissed", "")
        with self.assertRaises(AccessError):
            row.with_user(self.user_handler).action_decide("dismissed", "No.")
        wizard = self.env["complaint.eightd.judgement"].with_user(self.user_quality)
        wizard.create(
            {
                "eightd_id": self.eightd.id,
                "recurrence_id": row.id,
                "state": "dismissed",
                "reason": "Lot from before the camera.",
            }
        ).action_confirm()
        self.assertEqual(row.state, "dismissed")
        self.assertEqual(row.decided_by_id, self.user_quality)
        # the system does not change what quality said
        complaint.complaint_line_ids.production_date = self.today
        self.assertEqual(row.state, "dismissed")
        mine.action_decide("confirmed", "Lot was sorted with the camera.")
        self.assertEqual(self.eightd.state, "not_effective")

    def test_delivered_before_the_correction(self):
        """R446: what had left the house cannot have the correction."""
        shipped = {"delivered_date": self.today - timedelta(days=40)}
        row = self._recurrence(self._complain(line=shipped))
        self.assertTrue(row.is_old_goods)

    def test_cancelled_or_refuted_complaint_does_not_count(self):
        """R446: the mark goes when nothing speaks against the 8D any more."""
        cancelled, refuted = self._complain(), self._complain()
        cancelled._complaint_cancel("Registered twice.")
        self.assertEqual(self.eightd.state, "not_effective")
        refuted.complaint_established = "no"
        self.assertEqual(self.eightd.state, "open")
        self.assertEqual(self.eightd.watch_result, "running")

    def test_rows_are_written_by_the_system_only(self):
        """R446: nobody condemns or saves an 8D by RPC."""
        row = self._recurrence(self._complain()).with_user(self.user_manager)
        for call in (
            lambda: row.write({"state": "dismissed"}),
            lambda: row.unlink(),
            lambda: row.copy(),
            lambda: row.create({"eightd_id": row.eightd_id.id}),
        ):
            with self.assertRaises(UserError):
                call()
        for user in (self.portal_other, self.user_register, self.user_handler_b):
            with self.assertRaises(AccessError):
                row.with_user(user).read(["ticket_id"])

    def test_clean_window_is_registered(self):
        """R446: the result of the watch is written down."""
        self.env["complaint.eightd"]._cron_watch_passed()
        self.assertEqual(self.eightd.watch_result, "running")
        complaint = self._complain(
            line={"production_date": self.today - timedelta(days=60)}
        )
        self.eightd.sudo().watch_until = self.today - timedelta(days=3)
        self.env["complaint.eightd"]._cron_watch_passed()
        self.assertEqual(self.eightd.watch_result, "running")
        row = self._recurrence(complaint).with_user(self.user_quality)
        row.action_decide("dismissed", "Old lot.")
        self.env["complaint.eightd"]._cron_watch_passed()
        self.assertEqual(self.eightd.watch_result, "passed")

    def test_number_of_queries_is_constant(self):
        """One search for all complaints of a batch, however many."""
        tickets = self.env["helpdesk.ticket"]
        few, many = tickets, tickets
        other = self.env["product.product"].create({"name": "Bearing 6205"})
        for index in range(12):
            ticket = self._complain(accept=False, line={"product_id": other.id})
            few |= ticket if index < 2 else tickets
            many |= ticket
        counts = []
        for batch in (few, many):
            self.env.flush_all()
            self.env.invalidate_all()
            batch.complaint_line_ids.mapped("defect_id.parent_path")
            batch.sudo().mapped("complaint_phase")
            before = self.cr.sql_log_count
            self.env["complaint.eightd"]._check_watch(batch)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[1], 8)
