# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common_route import RouteCommon


@tagged("post_install", "-at_install")
class TestRoute(RouteCommon):
    """The way of a complaint through the steps of its procedure."""

    def test_acceptance_sends_the_first_task_to_who_holds_the_role(self):
        """R189, R225: roles become departments and people of the company."""
        ticket = self._accepted()
        task = self._open_tasks(ticket)
        self.assertEqual(len(task), 1)
        self.assertEqual(task.step_id, self.step_cause)
        self.assertEqual(task.to_department_id, self.dept_quality)
        self.assertEqual(task.to_user_id, self.analyst)
        self.assertEqual(
            self._states(ticket),
            {"cause": "now", "fix": "pending", "rd": "pending", "check": "pending"},
        )
        self.assertEqual(ticket.complaint_current_step, "Cause")

    def test_round_of_departments_goes_on_by_itself_and_asks_where_needed(self):
        """R189: quality, production, R&D only if needed, check."""
        ticket = self._accepted()
        self._finish(ticket, "cause")
        self._finish(ticket, "fix")
        self.assertEqual(
            self._states(ticket),
            {"cause": "done", "fix": "done", "rd": "next", "check": "pending"},
        )
        self.assertFalse(self._open_tasks(ticket))
        to_do = self._to_dos(ticket)
        self.assertEqual(to_do.user_id, self.user_handler)
        self.assertIn("Rd", to_do.note)
        ticket.action_complaint_skip_step("No new material")
        self.assertFalse(self._to_dos(ticket))
        self._finish(ticket, "check")
        self.assertEqual(
            self._states(ticket),
            {"cause": "done", "fix": "done", "rd": "skipped", "check": "done"},
        )
        skipped = ticket.complaint_event_ids.filtered(
            lambda e: e.code == "step_skipped"
        )
        self.assertEqual(skipped.note, "No new material")
        self.assertEqual(skipped.payload["kind"], "rd")
        self.assertEqual(skipped.user_id, self.user_handler)

    def test_step_that_is_needed_is_started_by_the_handler(self):
        """R057: 送研发部 when the case asks for it."""
        ticket = self._accepted()
        self._finish(ticket, "cause")
        self._finish(ticket, "fix")
        ticket.action_complaint_next_step("rd")
        self.assertEqual(self._open_tasks(ticket).to_user_id, self.developer)
        self._finish(ticket, "rd")
        self.assertEqual(self._states(ticket)["check"], "now")

    def test_starting_twice_sends_one_task(self):
        ticket = self._accepted()
        with self.assertRaisesRegex(UserError, "no step to start"):
            ticket.action_complaint_next_step()
        self.assertEqual(len(self._open_tasks(ticket)), 1)

    def test_without_automatic_advance_the_handler_sends_each_task(self):
        """R189: a company may want to look at each result first."""
        self.route.auto_advance = False
        ticket = self._accepted()
        self.assertFalse(self._open_tasks(ticket))
        self.assertEqual(self._states(ticket)["cause"], "next")
        ticket.action_complaint_next_step()
        self._finish(ticket, "cause")
        self.assertFalse(self._open_tasks(ticket))
        ticket.action_complaint_next_step()
        self.assertEqual(self._open_tasks(ticket).step_id, self.step_fix)

    def test_parallel_steps_and_several_roles_all_have_to_finish(self):
        """R190: joint handling by several departments."""
        self.step_fix.is_parallel = True
        self._set_more_roles(self.step_fix, self.role_rd)
        ticket = self._accepted()
        self.assertEqual(
            self._open_tasks(ticket).to_user_id,
            self.analyst | self.maker | self.developer,
        )
        self._finish(ticket, "cause")
        tasks = self._open_tasks(ticket, "fix")
        tasks[0].with_user(tasks[0].to_user_id).action_done("First")
        self.assertEqual(self._states(ticket)["rd"], "pending")
        tasks[1].with_user(tasks[1].to_user_id).action_done("Second")
        self.assertEqual(self._states(ticket)["rd"], "next")

    def test_liability_of_a_supplier_opens_joint_handling(self):
        """R190: 会同有关单位共同处理, also when it turns out later."""
        joint = self._create_step(
            "joint",
            self.role_quality,
            sequence=15,
            task_kind="joint",
            condition="domain",
            condition_domain="[('complaint_liability_outcome', 'in', "
            "['supplier', 'subcontractor', 'other_company'])]",
        )
        self._set_more_roles(joint, self.role_production)
        ticket = self._accepted()
        self._finish(ticket, "cause")
        self.assertEqual(self._states(ticket)["joint"], "skipped")
        self.assertEqual(self._states(ticket)["fix"], "now")
        ticket.complaint_liability_outcome = "supplier"
        tasks = self._open_tasks(ticket, "joint")
        self.assertEqual(tasks.to_user_id, self.analyst | self.maker)
        self.assertEqual(set(tasks.mapped("kind")), {"joint"})
        ticket.complaint_liability_outcome = "other_company"
        self.assertEqual(self._open_tasks(ticket, "joint"), tasks)

    def test_returned_task_waits_for_the_handler(self):
        """R181: nobody is asked the same again by a machine."""
        ticket = self._accepted()
        task = self._open_tasks(ticket)
        task.with_user(self.analyst).action_return("Not our product")
        self.assertFalse(self._open_tasks(ticket))
        self.assertEqual(self._states(ticket)["cause"], "waiting")
        ticket.action_complaint_next_step()
        self.assertEqual(self._open_tasks(ticket).to_user_id, self.analyst)
        self.assertEqual(self._states(ticket)["cause"], "now")

    def test_step_moves_the_phase_forward_and_never_back(self):
        """R189: phases follow the steps."""
        self.step_cause.phase = "investigation"
        self.step_fix.phase = "accepted"
        self.step_rd.active = False
        self.step_check.phase = "decision"
        ticket = self._accepted()
        self.assertEqual(ticket.complaint_phase, "investigation")
        self._finish(ticket, "cause")
        self.assertEqual(ticket.complaint_phase, "investigation")
        self._finish(ticket, "fix")
        self.assertEqual(ticket.complaint_phase, "decision")

    def test_blocked_gate_keeps_the_finished_task_and_says_why(self):
        """R189: what was done stays done; the handler goes on when it is mended."""
        self.step_fix.phase = "investigation"
        ticket = self._accepted()
        # the registration gate holds for every later phase
        self.env["complaint.line"].create(
            {"ticket_id": ticket.id, "product_id": self.product.id}
            | {"is_proposed": True}
        )
        task = self._open_tasks(ticket)
        task.with_user(self.analyst).action_done("Heat treatment")
        self.assertEqual(task.state, "done")
        self.assertEqual(task.result, "Heat treatment")
        self.assertEqual(ticket.complaint_phase, "accepted")
        states = self._states(ticket)
        self.assertEqual((states["cause"], states["fix"]), ("done", "waiting"))
        item = next(i for i in ticket.complaint_route if i["code"] == "fix")
        self.assertIn("Confirm or remove", item["note"])
        self.assertIn("Confirm or remove", self._to_dos(ticket).note)
        with self.assertRaisesRegex(UserError, "Confirm or remove"):
            ticket.action_complaint_next_step()
        ticket.complaint_line_ids.is_proposed = False
        ticket.action_complaint_next_step()
        self.assertEqual(ticket.complaint_phase, "investigation")
        self.assertEqual(self._open_tasks(ticket).to_user_id, self.maker)

    def test_role_nobody_holds_is_told_and_addressed_by_hand(self):
        """R225: set-up that is missing is no crash."""
        self.step_fix.role_id = self.role_nobody
        ticket = self._accepted()
        self._finish(ticket, "cause")
        self.assertEqual(self._states(ticket)["fix"], "next")
        self.assertIn("Laboratory", self._to_dos(ticket).note)
        action = ticket.action_complaint_next_step()
        self.assertEqual(action["context"]["default_step_id"], self.step_fix.id)
        ticket._complaint_send_dispatch(
            {"step_id": self.step_fix.id, "to_user_id": self.maker.id}
        )
        self.assertEqual(self._states(ticket)["fix"], "now")

    def test_role_can_mean_the_handler_of_the_complaint(self):
        """R225: small companies need no table of roles."""
        self.role_nobody.default_holder = "user_id"
        self.step_cause.role_id = self.role_nobody
        ticket = self._accepted()
        self.assertEqual(self._open_tasks(ticket).to_user_id, self.user_handler)

    def test_archived_person_gives_the_task_to_the_department(self):
        self.analyst.active = False
        ticket = self._accepted()
        task = self._open_tasks(ticket)
        self.assertFalse(task.to_user_id)
        self.assertEqual(task.to_department_id, self.dept_quality)

    def test_roles_of_another_company_do_nothing_here(self):
        """R225: who holds a role is said per company."""
        self.env["complaint.role.assignment"].create(
            {
                "role_id": self.role_nobody.id,
                "company_id": self.company_b.id,
                "user_id": self.user_handler_b.id,
            }
        )
        self.step_cause.role_id = self.role_nobody
        self.assertFalse(self._open_tasks(self._accepted()))

    def test_event_meets_its_step(self):
        """R189: steps that are recorded elsewhere need no task."""
        self._create_step(
            "decide",
            kind="event",
            event_type_id=self._event_type("decided").id,
            sequence=15,
        )
        ticket = self._accepted()
        self._finish(ticket, "cause")
        self.assertEqual(self._states(ticket)["decide"], "now")
        self.assertFalse(self._open_tasks(ticket))
        ticket._complaint_event("decided")
        self.assertEqual(self._states(ticket)["decide"], "done")
        ticket.action_complaint_next_step()
        self.assertEqual(self._open_tasks(ticket).step_id, self.step_fix)

    def test_step_that_wants_an_answer_is_not_finished_by_an_event(self):
        """R189: who logs or signs the same elsewhere did not answer the task."""
        self.step_cause.event_type_id = self._event_type("investigated")
        for demand in ({"needs_result": True}, {"opinion_kind": "cause"}):
            with self.subTest(demand=demand):
                self.step_cause.write({"needs_result": False, **demand})
                ticket = self._accepted()
                self._open_tasks(ticket).action_cancel("Later.")
                ticket._complaint_event("investigated")
                self.assertEqual(self._states(ticket)["cause"], "next")

    def test_event_finishes_a_task_that_wants_nothing_else(self):
        self.step_cause.event_type_id = self._event_type("investigated")
        ticket = self._accepted()
        self._open_tasks(ticket).action_cancel("Later.")
        ticket._complaint_event("investigated")
        self.assertEqual(self._states(ticket)["cause"], "done")

    def test_nothing_passes_a_step_that_was_returned_to(self):
        """R213: closing and later phases wait until it was done again."""
        self.step_check.phase = "verification"
        ticket = self._accepted()
        for code in ("cause", "fix"):
            self._finish(ticket, code)
        ticket.action_complaint_skip_step("No new material")
        self._finish(ticket, "check")
        ticket.action_complaint_return_to_step("fix", "Not effective.")
        for move in (
            ticket.action_complaint_close,
            lambda: ticket._complaint_move_to_phase("verification"),
        ):
            with self.assertRaisesRegex(ValidationError, "finish these steps again"):
                move()
        self._finish(ticket, "fix")
        with self.assertRaisesRegex(ValidationError, "Rd, Check"):
            ticket.action_complaint_close()
        ticket.action_complaint_skip_step("No new material")
        self._finish(ticket, "check")
        ticket.action_complaint_close()
        self.assertEqual(ticket.complaint_phase, "closed")

    def test_steps_after_closing_begin_with_the_closing(self):
        """001: the complaint is closed before it is executed."""
        self._create_step(
            "closing",
            kind="event",
            event_type_id=self._event_type("closed").id,
            sequence=50,
        )
        self._create_step("execute", self.role_production, sequence=60)
        ticket = self._accepted()
        self._finish(ticket, "cause")
        self._finish(ticket, "fix")
        ticket.action_complaint_skip_step("No new material")
        self._finish(ticket, "check")
        ticket.action_complaint_close()
        self.assertEqual(self._states(ticket)["execute"], "now")
        self.assertEqual(ticket.complaint_phase, "closed")
        self._finish(ticket, "execute")
        self.assertEqual(self._states(ticket)["execute"], "done")
        self.assertEqual(ticket.complaint_phase, "closed")

    def test_task_finished_after_closing_sends_nothing_more(self):
        ticket = self._accepted()
        ticket.action_complaint_close()
        self._finish(ticket, "cause")
        self.assertFalse(self._open_tasks(ticket))

    # ------------------------------------------------------------------
    # Return, rounds
    # ------------------------------------------------------------------

    def test_return_to_an_earlier_step_opens_a_further_round(self):
        """R213, R338: on the same case, with the reason."""
        self.step_cause.phase = "investigation"
        self.step_fix.phase = "decision"
        ticket = self._accepted()
        self._finish(ticket, "cause")
        running = self._open_tasks(ticket)
        with self.assertRaisesRegex(UserError, "not come yet"):
            ticket.action_complaint_return_to_step("check", "Too early")
        ticket.action_complaint_return_to_step("cause", "Customer wants proof")
        self.assertEqual(running.state, "cancelled")
        self.assertEqual(ticket.complaint_phase, "investigation")
        self.assertEqual(self._open_tasks(ticket).step_id, self.step_cause)
        states = self._states(ticket)
        self.assertEqual((states["cause"], states["fix"]), ("now", "pending"))
        event = ticket.complaint_event_ids.filtered(lambda e: e.code == "step_returned")
        self.assertEqual(event.note, "Customer wants proof")
        self._finish(ticket, "cause")
        self.assertEqual(self._states(ticket)["fix"], "now")
        self.assertEqual(ticket.complaint_phase, "decision")

    def test_reopened_complaint_begins_where_the_handler_says(self):
        """R213: the new round keeps what needs no repetition."""
        ticket = self._accepted()
        self._finish(ticket, "cause")
        ticket.action_complaint_close()
        old = self._open_tasks(ticket)
        ticket.action_complaint_reopen("It broke again")
        self.assertEqual(self._open_tasks(ticket), old)
        self.assertEqual(self._states(ticket)["cause"], "next")
        ticket.action_complaint_return_to_step("fix", "Other measure")
        # nobody has to do the same twice
        self.assertEqual(old.state, "cancelled")
        self.assertEqual(len(self._open_tasks(ticket)), 1)
        self.assertEqual(
            self._states(ticket),
            {"cause": "skipped", "fix": "now", "rd": "pending", "check": "pending"},
        )
        self._finish(ticket, "fix")
        self.assertEqual(self._states(ticket)["rd"], "next")

    def test_customer_who_does_not_accept_opens_the_case_again(self):
        """R213, R338: back to the handler, the follow-up is recorded."""
        ticket = self._accepted()
        ticket.action_complaint_close()
        ticket.action_complaint_customer_rejects("The bearings still fail")
        self.assertEqual(ticket.complaint_phase, "accepted")
        self.assertEqual(ticket.complaint_cycle, 2)
        event = ticket.complaint_event_ids.filtered(
            lambda e: e.code == "customer_rejected"
        )
        self.assertEqual(event.note, "The bearings still fail")
        self.assertEqual(self._to_dos(ticket).user_id, self.user_handler)

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------

    def test_only_handlers_move_a_complaint_along(self):
        """R524: by RPC too; who got a task is no handler."""
        ticket = self._accepted()
        for user in (self.analyst, self.outsider, self.portal_user):
            other = ticket.with_user(user)
            for call in (
                lambda t: t.action_complaint_next_step(),
                lambda t: t.action_complaint_skip_step("No", step="cause"),
                lambda t: t.action_complaint_return_to_step("cause", "No"),
                lambda t: t.action_complaint_customer_rejects("No"),
                lambda t: t.action_complaint_refile(),
            ):
                with self.assertRaises(UserError):
                    call(other)
        self.assertEqual(self._states(ticket)["cause"], "now")
        self.assertEqual(len(ticket.sudo().complaint_dispatch_ids), 1)

    def test_step_that_always_belongs_is_skipped_by_managers_only(self):
        """R189: a handler does not leave out a department."""
        self.route.auto_advance = False
        ticket = self._accepted()
        with self.assertRaisesRegex(UserError, "complaint manager"):
            ticket.action_complaint_skip_step("In a hurry")
        ticket.with_user(self.user_manager).action_complaint_skip_step("Known cause")
        self.assertEqual(self._states(ticket)["cause"], "skipped")

    def test_skipping_needs_a_reason_and_a_step_that_is_open(self):
        ticket = self._accepted()
        action = ticket.action_complaint_skip_step(step="rd")
        self.assertEqual(action["res_model"], "complaint.route.change")
        with self.assertRaisesRegex(UserError, "in work"):
            ticket.with_user(self.user_manager).action_complaint_skip_step(
                "No", step="cause"
            )
        with self.assertRaisesRegex(UserError, "no such step"):
            ticket.action_complaint_skip_step("No", step="missing")
        dialog = (
            self.env["complaint.route.change"]
            .with_user(self.user_handler)
            .with_context(**action["context"])
            .create({"reason": "Not needed"})
        )
        dialog.action_confirm()
        self.assertEqual(self._states(ticket)["rd"], "skipped")

    def test_cancelled_complaint_stays_where_it_is(self):
        ticket = self._accepted()
        ticket._complaint_cancel("Twice")
        with self.assertRaisesRegex(UserError, "Reopen"):
            ticket.action_complaint_next_step()
        with self.assertRaisesRegex(UserError, "Reopen"):
            ticket.action_complaint_return_to_step("cause", "No")

    def test_draft_is_not_accepted_by_its_route(self):
        """R146: accepting is an act of a handler."""
        self.step_cause.phase = "accepted"
        tickets = self.env["helpdesk.ticket"].with_user(self.user_handler)
        ticket = tickets.create(
            self._complaint_vals(complaint_procedure_id=self.route.id)
        )
        with self.assertRaisesRegex(UserError, "Accept"):
            ticket.action_complaint_next_step()
        self.assertEqual(ticket.complaint_phase, "draft")

    # ------------------------------------------------------------------
    # Editing a procedure that is in use
    # ------------------------------------------------------------------

    def test_step_in_use_is_archived_not_deleted(self):
        ticket = self._accepted()
        for step in (self.step_cause, self.step_check):
            with self.assertRaisesRegex(UserError, "Archive"):
                step.unlink()
            with self.assertRaisesRegex(UserError, "Archive"):
                step.code = "other"
        self.step_cause.active = False
        self.assertEqual(self._states(ticket)["cause"], "now")
        self._finish(ticket, "cause")
        self.assertEqual(self._states(ticket)["fix"], "now")
        self.step_check.active = False
        self.assertNotIn("check", self._states(ticket))
        self.assertNotIn("cause", self._states(self._accepted()))

    def test_unused_step_can_be_deleted(self):
        self.step_check.unlink()
        self.assertNotIn("check", self._states(self._accepted()))

    def test_editing_a_procedure_does_not_stop_running_complaints(self):
        """R189: order, roles and new steps; what was sent stays valid."""
        ticket = self._accepted()
        self._finish(ticket, "cause")
        new = self._create_step("photo", self.role_quality, sequence=12)
        # one transaction, one time: say that the step came later
        new.flush_recordset()
        self.env.cr.execute(
            "UPDATE complaint_procedure_step SET create_date = create_date + "
            "interval '1 hour' WHERE id = %s",
            [new.id],
        )
        new.invalidate_recordset()
        self.step_fix.role_id = self.role_nobody
        self.step_check.sequence = 25
        states = self._states(ticket)
        self.assertEqual(list(states), ["cause", "photo", "fix", "check", "rd"])
        self.assertEqual(states["photo"], "skipped")
        self.assertEqual(states["fix"], "now")
        self._finish(ticket, "fix")
        self.assertEqual(self._states(ticket)["check"], "now")

    def test_other_procedure_with_the_same_codes_keeps_what_was_done(self):
        """R189: copies of a procedure name their steps alike."""
        ticket = self._accepted()
        self._finish(ticket, "cause")
        copied = self.route.copy({"name": "Second edition"})
        self.assertEqual(
            copied.step_ids.mapped("code"), self.route.step_ids.mapped("code")
        )
        ticket.complaint_procedure_id = copied
        states = self._states(ticket)
        self.assertEqual((states["cause"], states["fix"]), ("done", "now"))

    def test_set_up_that_cannot_work_is_refused(self):
        for vals in (
            {"code": "Not A Code"},
            {"kind": "event", "event_type_id": False},
            {"phase": "cancelled"},
            {"condition": "domain", "condition_domain": "[('nothing', '=', 1)]"},
            {"condition": "domain", "condition_domain": "__import__('os')"},
        ):
            with self.subTest(vals=vals), self.assertRaises(ValidationError):
                self.step_cause.write(vals)
        with self.assertRaisesRegex(ValidationError, "choose a department"):
            self.role_quality.assignment_ids.write(
                {"department_id": False, "user_id": False}
            )

    def test_step_says_in_words_what_it_is(self):
        self.step_rd.write({"opinion_kind": "rd_opinion", "needs_result": True})
        self.assertRegex(self.step_rd.summary, "only if needed.*R&D opinion.*result")

    # ------------------------------------------------------------------
    # Lists
    # ------------------------------------------------------------------

    def test_current_step_of_many_complaints_takes_constant_queries(self):
        """Lists with the column cost the same for 3 and for 9 complaints."""
        tickets = self.env["helpdesk.ticket"].browse()
        for _i in range(9):
            tickets |= self._accepted()
        counts = []
        for some in (tickets[:3], tickets):
            self.env.invalidate_all()
            some.with_user(self.user_handler).mapped("complaint_number")
            before = self.cr.sql_log_count
            names = some.with_user(self.user_handler).mapped("complaint_current_step")
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual(set(names), {"Cause"})
        self.assertLessEqual(counts[1], counts[0])

    def test_complaints_are_found_by_their_current_step(self):
        ticket = self._accepted()
        found = self.env["helpdesk.ticket"].with_user(self.user_handler)
        self.assertIn(ticket, found.search([("complaint_current_step", "=", "Cause")]))
        self.assertFalse(found.search([("complaint_current_step", "=", "Fix")]))

    def test_employee_with_a_task_sees_the_bar_without_buttons(self):
        """R520: he is involved; the route is the handler's to move."""
        ticket = self._accepted().with_user(self.analyst)
        items = ticket.complaint_route
        self.assertEqual(items[0]["state"], "now")
        self.assertEqual(items[0]["who"], "Analyst")
        self.assertFalse(any(i["can_start"] or i["can_skip"] for i in items))
