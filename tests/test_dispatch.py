# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common_dispatch import DispatchCommon


@tagged("post_install", "-at_install")
class TestDispatch(DispatchCommon):
    """Sending tasks and what comes back, by employees without complaint groups."""

    # ------------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------------

    def test_sent_dispatch_has_number_times_and_event(self):
        """R182: from, to, time and whether the customer was told are kept."""
        dispatch = self._send(instruction="Check the furnace", customer_told=True)
        number = self.complaint.complaint_number
        self.assertEqual(dispatch.number, f"{number}/1")
        self.assertEqual(dispatch.state, "sent")
        self.assertEqual(dispatch.from_user_id, self.user_handler)
        self.assertEqual(dispatch.to_department_id, self.production)
        self.assertTrue(dispatch.customer_told)
        event = dispatch.event_ids
        self.assertEqual(event.code, "dispatched")
        self.assertEqual(event.at, dispatch.sent_at)
        self.assertEqual(
            event.payload,
            {"kind": "handling", "dispatch_id": dispatch.id, "told": True},
        )

    def test_several_dispatches_are_numbered_in_a_row(self):
        """R205: by content to one or several departments at the same time."""
        first = self._send()
        second = self._send(to_department_id=self.stores.id)
        both = self.env["complaint.dispatch"].with_user(self.user_handler)
        both = both.create(
            [
                {"ticket_id": self.complaint.id, "to_user_id": user.id}
                for user in (self.worker, self.stranger)
            ]
        )
        number = self.complaint.complaint_number
        self.assertEqual(
            (first + second + both).mapped("number"),
            [f"{number}/{index}" for index in (1, 2, 3, 4)],
        )
        self.assertEqual(both[0].to_department_id, self.production)

    def test_draft_complaint_numbers_with_its_provisional_reference(self):
        """R182: the slip can go out before the complaint is accepted."""
        draft = self._create_complaint()
        dispatch = self._send(draft)
        self.assertEqual(dispatch.number, f"{draft.number}/1")

    def test_step_fills_in_kind_instruction_and_role_holder(self):
        """R225: the role of a step names department and person of the company."""
        role = self.env["complaint.role"].create({"name": "Works", "code": "x_works"})
        self.env["complaint.role.assignment"].create(
            {
                "role_id": role.id,
                "company_id": self.company.id,
                "department_id": self.production.id,
                "user_id": self.worker.id,
            }
        )
        step = self._create_step(
            task_kind="investigation", instruction="Find the cause", role_id=role.id
        )
        dispatch = self.complaint.with_user(self.user_handler)
        dispatch = dispatch._complaint_send_dispatch({"step_id": step.id})
        self.assertEqual(dispatch.kind, "investigation")
        self.assertEqual(dispatch.instruction, "Find the cause")
        self.assertEqual(dispatch.to_user_id, self.worker)
        self.assertEqual(dispatch.to_department_id, self.production)
        self.assertEqual(dispatch.event_ids.payload["kind"], "handle")

    def test_dialog_fills_in_the_holder_of_a_role(self):
        """R183: the dialog asks whether the customer was told."""
        role = self.env["complaint.role"].create({"name": "Works", "code": "x_works"})
        self.env["complaint.role.assignment"].create(
            {
                "role_id": role.id,
                "company_id": self.company.id,
                "department_id": self.production.id,
            }
        )
        action = self.complaint.with_user(self.user_handler)
        action = action.action_complaint_send_dispatch()
        wizard = self.env[action["res_model"]].with_user(self.user_handler)
        with Form(wizard.with_context(**action["context"])) as form:
            form.role_id = role
            self.assertEqual(form.to_department_id, self.production)
            form.instruction = "Look at it"
            form.customer_told = True
        result = form.record.action_send()
        dispatch = self.env["complaint.dispatch"].browse(result["res_id"])
        self.assertEqual(dispatch.to_department_id, self.production)
        self.assertTrue(dispatch.customer_told)

    def test_sending_to_nobody_or_the_wrong_company_is_refused(self):
        """R182: a task has somebody of the company to do it."""
        foreign = self._create_company_b_department()
        for vals in (
            {"to_department_id": False},
            {"to_user_id": self.user_handler_b.id},
            {"to_user_id": self.portal_user.id},
            {"to_department_id": foreign.id},
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                self._send(**vals)
        self.worker.active = False
        with self.assertRaises(UserError):
            self._send(to_user_id=self.worker.id)

    def test_foreign_step_is_refused(self):
        """R182: only steps of the complaint's own procedure."""
        other = self.procedure.copy({"name": "Other"})
        step = self._create_step(procedure_id=other.id, code="elsewhere")
        with self.assertRaisesRegex(UserError, "no step of the procedure"):
            self._send(step_id=step.id)

    def test_ended_complaint_takes_no_new_dispatch(self):
        """R182: after closing only steps of the procedure go on (execution)."""
        step = self._create_step()
        self.complaint.action_complaint_close()
        with self.assertRaises(UserError):
            self._send()
        self.assertEqual(self._send(step_id=step.id).state, "sent")

    # ------------------------------------------------------------------
    # The way back
    # ------------------------------------------------------------------

    def test_member_accepts_and_finishes(self):
        """R205: the department returns the result; the times are those of events."""
        dispatch = self._send()
        mine = self._as(dispatch, self.worker)
        mine.action_accept()
        self.assertEqual(mine.accepted_by_id, self.worker)
        mine.action_done("Furnace repaired")
        self.assertEqual(mine.state, "done")
        self.assertEqual(mine.result, "Furnace repaired")
        self.assertEqual(mine.done_by_id, self.worker)
        events = dispatch.event_ids.sorted("id")
        self.assertEqual(
            events.mapped("code"), ["dispatched", "dispatch_accepted", "dispatch_done"]
        )
        self.assertEqual(
            events.mapped("at"), [mine.sent_at, mine.accepted_at, mine.done_at]
        )
        self.assertEqual(events[2].user_id, self.worker)
        self.assertEqual(events[2].department_id, self.production)

    def test_finishing_at_once_accepts_too(self):
        """R182: wrong order on paper is no error, both events are there."""
        dispatch = self._send(to_user_id=self.worker.id)
        self._as(dispatch, self.worker).action_done("Done")
        self.assertEqual(
            self._events(dispatch), ["dispatched", "dispatch_accepted", "dispatch_done"]
        )
        self.assertEqual(dispatch.accepted_at, dispatch.done_at)

    def test_second_to_accept_is_told_who_was_first(self):
        """R182: twice, and by two people of a department."""
        dispatch = self._send()
        self._as(dispatch, self.worker).action_accept()
        for user in (self.worker, self.colleague):
            with self.assertRaisesRegex(UserError, "worker .* accepted it already"):
                self._as(dispatch, user).action_accept()
        self.assertEqual(self._events(dispatch).count("dispatch_accepted"), 1)

    def test_only_recipients_answer(self):
        """R182: neither handlers nor others answer for the department."""
        dispatch = self._send(to_user_id=self.worker.id)
        for user in (self.user_handler, self.user_manager):
            own = self._as(dispatch, user)
            for method, args in (
                ("action_accept", ()),
                ("action_return", ("no",)),
                ("action_done", ("yes",)),
                ("action_report_progress", ("so far",)),
            ):
                with self.subTest(user=user.login, method=method):
                    with self.assertRaisesRegex(UserError, "only they"):
                        getattr(own, method)(*args)
        self._as(dispatch, self.worker).action_accept()

    def test_returned_dispatch_is_fixed(self):
        """R182: reason and time are kept; afterwards nothing changes."""
        dispatch = self._send()
        mine = self._as(dispatch, self.worker)
        with self.assertRaises(UserError):
            mine.action_return("  ")
        mine.action_return("Not our product")
        self.assertEqual(mine.state, "returned")
        self.assertEqual(mine.returned_reason, "Not our product")
        for method in ("action_accept", "action_done", "action_return"):
            args = () if method == "action_accept" else ("again",)
            with self.subTest(method=method), self.assertRaises(UserError):
                getattr(mine, method)(*args)
        for user in (self.user_handler, self.user_manager):
            with self.assertRaises(UserError):
                self._as(dispatch, user).write({"result": "x"})
        with self.assertRaises(UserError):
            dispatch.sudo().unlink()
        with self.assertRaises(UserError):
            dispatch.sudo().copy()

    def test_sender_or_handler_cancels_with_reason(self):
        """R182: the recipient cannot cancel, he returns."""
        dispatch = self._send()
        with self.assertRaises(UserError):
            self._as(dispatch, self.worker).action_cancel("no time")
        self._as(dispatch, self.user_quality).action_cancel("Sent twice")
        self.assertEqual(dispatch.state, "cancelled")
        self.assertEqual(self._events(dispatch)[-1], "dispatch_cancelled")

    def test_without_text_a_dialog_asks_for_it(self):
        """R182: each button opens the dialog, which does the same."""
        for kind, user in (("return", self.worker), ("cancel", self.user_handler)):
            dispatch = self._as(self._send(), user)
            action = getattr(dispatch, f"action_{kind}")()
            self.assertEqual(action["res_model"], "complaint.dispatch.answer")
            wizard = self.env[action["res_model"]].with_user(user)
            wizard = wizard.with_context(**action["context"])
            wizard.create({"text": "because"}).action_confirm()
            self.assertEqual(dispatch.returned_reason, "because")
        dispatch = self._as(self._send(), self.worker)
        self.assertEqual(
            dispatch.action_done()["res_model"], "complaint.dispatch.answer"
        )
        dispatch.result = "Typed on the form"
        self.assertTrue(dispatch.action_done())
        self.assertEqual(dispatch.state, "done")

    def test_cancelled_complaint_withdraws_its_open_dispatches(self):
        """R182: nobody works on what was withdrawn."""
        done, waiting = self._send(), self._send()
        self._as(done, self.worker).action_done("ok")
        self.complaint.with_user(self.user_handler)._complaint_cancel("Mistake")
        self.assertEqual(done.state, "done")
        self.assertEqual(waiting.state, "cancelled")
        self.assertEqual(waiting.returned_reason, "Mistake")

    def test_department_without_login_is_answered_by_handlers(self):
        """R182: a workshop without computers answers on paper."""
        silent = self.env["hr.department"].create({"name": "Workshop"})
        dispatch = self._send(to_department_id=silent.id)
        with self.assertRaises(UserError):
            dispatch.with_user(self.user_supervisor).action_accept()
        dispatch.action_done("On paper")
        self.assertEqual(dispatch.state, "done")

    def test_head_stands_in_for_a_person_who_left(self):
        """R234: a task never gets stuck with somebody who is gone."""
        dispatch = self._send(to_user_id=self.worker.id)
        self.worker.active = False
        self._as(dispatch, self.head).action_done("Done by the head")
        self.assertEqual(dispatch.done_by_id, self.head)

    # ------------------------------------------------------------------
    # What has to come out
    # ------------------------------------------------------------------

    def test_step_asks_for_result_and_signed_opinion(self):
        """R188: concerned departments answer in writing, inside the case."""
        step = self._create_step(
            needs_result=True,
            opinion_kind="cause",
            event_type_id=self.env.ref(
                "helpdesk_mgmt_complaint.event_type_investigated"
            ).id,
        )
        mine = self._as(self._send(step_id=step.id), self.worker)
        mine.action_accept()
        self.assertEqual(len(mine._get_blocking_reasons("done")[mine.id]), 2)
        self.assertIn("Write the result", mine.next_step_note)
        with self.assertRaisesRegex(UserError, "Cause analysis"):
            mine.action_done("Furnace")
        self._sign(mine, self.worker, kind="comment")
        with self.assertRaisesRegex(UserError, "Cause analysis"):
            mine.action_done("Furnace")
        self._sign(mine, self.worker)
        with self.assertRaisesRegex(UserError, "Write the result"):
            mine.action_done(" ")
        mine.action_done("Furnace")
        event = self.complaint.complaint_event_ids.filtered(
            lambda e: e.code == "investigated"
        )
        self.assertFalse(event.scope_key)
        self.assertEqual(event.at, mine.done_at)
        self.assertEqual(event.payload["dispatch_id"], mine.id)

    def test_opinion_that_was_asked_for_freely_is_written(self):
        """R188: an answer in writing also outside of a procedure."""
        mine = self._as(self._send(kind="opinion"), self.worker)
        mine.result = " "
        with self.assertRaisesRegex(UserError, "in writing"):
            mine.action_done("")
        self._sign(mine, self.worker, kind="comment")
        mine.action_done("")
        self.assertEqual(mine.state, "done")

    def test_progress_is_reported_and_visible(self):
        """R313, R315: situation and progress, as often as needed."""
        mine = self._as(self._send(), self.worker)
        mine.action_accept()
        for text in ("Parts ordered", "Parts arrived"):
            mine.action_report_progress(text)
        dispatch = mine.with_user(self.user_handler)
        self.assertEqual(dispatch.progress_note, "Parts arrived")
        self.assertEqual(self._events(dispatch).count("progress_reported"), 2)
        mine.action_done("Mounted")
        with self.assertRaises(UserError):
            mine.action_report_progress("too late")

    def test_head_reviews_once(self):
        """R353: who and when; not before it is finished, not by colleagues."""
        dispatch = self._send()
        with self.assertRaisesRegex(UserError, "finished"):
            self._as(dispatch, self.head).action_review("")
        self._as(dispatch, self.worker).action_done("ok")
        with self.assertRaisesRegex(UserError, "head of the department"):
            self._as(dispatch, self.colleague).action_review("")
        self._as(dispatch, self.head).action_review("Looked at it")
        self.assertEqual(dispatch.reviewed_by_id, self.head)
        self.assertEqual(self._events(dispatch)[-1], "dispatch_reviewed")
        with self.assertRaisesRegex(UserError, "already"):
            self._as(dispatch, self.user_supervisor).action_review("")

    def test_opinion_of_another_complaint_is_refused(self):
        """R188: an opinion answers a task of its own complaint."""
        other = self._create_complaint()
        dispatch = self._send()
        with self.assertRaises(ValidationError):
            self.env["complaint.opinion"].create(
                {"ticket_id": other.id, "dispatch_id": dispatch.id, "text": "x"}
            )

    # ------------------------------------------------------------------
    # Telling
    # ------------------------------------------------------------------

    def _messages(self, work):
        """Return the partners told by `work`, one entry per message and partner."""
        last = self.env["mail.message"].search([], order="id desc", limit=1).id
        work()
        messages = self.env["mail.message"].search(
            [("id", ">", last), ("message_type", "=", "user_notification")]
        )
        return sorted(
            partner.id
            for message in messages
            for partner in message.notified_partner_ids
        )

    def test_each_hand_over_tells_everybody_once(self):
        """R185: the first contact hears of sending, returning, finishing and the end.

        Head and recipient get one message, not one more for their activity.
        """
        partner = {
            name: getattr(self, name).partner_id.id
            for name in ("worker", "head", "user_register", "user_handler")
        }
        sent = []

        def send():
            sent.append(self._send(to_user_id=self.worker.id))

        told = self._messages(send)
        self.assertEqual(
            told,
            sorted(partner[n] for n in ("worker", "head", "user_register")),
        )
        mine = self._as(sent[0], self.worker)
        back = sorted(partner[n] for n in ("user_handler", "user_register"))
        self.assertEqual(self._messages(lambda: mine.action_return("no")), back)
        send()
        mine = self._as(sent[1], self.worker)
        self.assertEqual(self._messages(lambda: mine.action_done("yes")), back)
        close = self.complaint.with_user(self.user_handler).action_complaint_close
        self.assertEqual(self._messages(close), [partner["user_register"]])

    def test_to_do_follows_the_dispatch(self):
        """R182: one to-do for the head, then for who accepted, then none."""
        dispatch = self._send()
        activities = self.env["mail.activity"].sudo()
        domain = [("complaint_dispatch_id", "=", dispatch.id)]
        self.assertEqual(activities.search(domain).user_id, self.head)
        self._as(dispatch, self.worker).action_accept()
        self.assertEqual(activities.search(domain).user_id, self.worker)
        self._as(dispatch, self.worker).action_done("ok")
        self.assertFalse(activities.search(domain))

    def test_head_follows_the_complaint(self):
        """R234: personally, also where a person of his department is named."""
        self._send(to_user_id=self.worker.id)
        self.assertIn(self.head.partner_id, self.complaint.message_partner_ids)

    # ------------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------------

    def test_counter_and_words_for_each_person(self):
        """R182: what to do now, in words."""
        dispatch = self._send()
        ticket = self.complaint.with_user(self.user_handler)
        ticket.invalidate_recordset(["complaint_dispatch_open_count"])
        self.assertEqual(ticket.complaint_dispatch_open_count, 1)
        self.assertIn("Accept", self._as(dispatch, self.worker).next_step_note)
        self.assertIn("Production", dispatch.next_step_note)
        self._as(dispatch, self.worker).action_accept()
        self.assertIn("finish", self._as(dispatch, self.worker).next_step_note)
        self._as(dispatch, self.worker).action_done("ok")
        ticket.invalidate_recordset(["complaint_dispatch_open_count"])
        self.assertEqual(ticket.complaint_dispatch_open_count, 0)
        self.assertTrue(self._as(dispatch, self.head).can_review)
        self.assertFalse(self._as(dispatch, self.colleague).can_review)

    def test_form_is_saved_by_a_worker(self):
        """R182: result is written on the form of the task."""
        dispatch = self._as(self._send(), self.worker)
        with Form(dispatch) as form:
            form.result = "Half of it"
        self.assertEqual(dispatch.result, "Half of it")
        self.assertEqual(dispatch.ticket_content, self.complaint.complaint_content)

    def test_lists_find_what_waits(self):
        """R182: to me, my department, open."""
        dispatch = self._send()
        other = self._send(to_user_id=self.stranger.id)
        found = self.env["complaint.dispatch"]
        for user, expected in (
            (self.worker, dispatch),
            (self.head, dispatch),
            (self.stranger, other),
        ):
            own = found.with_user(user)
            with self.subTest(user=user.login):
                self.assertEqual(own.search([("can_answer", "=", True)]), expected)
                self.assertEqual(own.search([("is_involved", "=", True)]), expected)
        sent = found.with_user(self.user_handler)
        self.assertFalse(sent.search([("can_answer", "=", True)]))
        self.assertEqual(sent.search([("is_involved", "=", True)]), dispatch + other)
        self.assertFalse(sent.search([("due_at", "<", fields.Datetime.now())]))
