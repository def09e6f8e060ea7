# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tests import Form, TransactionCase, tagged

_ADDON = "helpdesk_mgmt_complaint"
_PASSWORD = "demo"
_ROLES = {
    "sales_clerk": "register",
    "handler": "handler",
    "quality": "quality",
    "finance": "finance",
    "supervisor": "supervisor",
    "manager": "manager",
    "handler_hamburg": "handler",
}
_PHASES = {
    "ludong_rust": "closed",
    "huateng_noise": "closed",
    "pennine_short": "accepted",
    "nordwind_bore": "verification",
    "jiangnan_late": "cancelled",
    "jiangnan_rust": "decision",
    "huateng_noise_again": "investigation",
    "nordwind_grease": "accepted",
    "ludong_stiff": "draft",
    "pennine_label": "draft",
    "alster_clearance": "accepted",
    "alster_noise": "draft",
    "nordwind_cage": "decision",
    "jiangnan_cage": "investigation",
    "huateng_life": "investigation",
    "ludong_bore": "investigation",
    "pennine_reply": "investigation",
    "jiangnan_date": "draft",
}


@tagged("post_install", "-at_install", "-standard", "hmc_demo")
class TestDemo(TransactionCase):
    """The demo data is complete and tells one coherent story.

    Runs only in the stage that installs with demo data.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.europe = cls._ref("company_europe_demo")
        cls.tickets = cls.env["helpdesk.ticket"].browse(
            cls._ref(f"complaint_{name}_demo").id for name in _PHASES
        )

    @classmethod
    def _ref(cls, name):
        return cls.env.ref(f"{_ADDON}.{name}")

    def _authenticate(self, user):
        credential = {"login": user.login, "password": _PASSWORD, "type": "password"}
        return self.env["res.users"].authenticate(credential, {"interactive": False})

    def test_every_role_logs_in_and_lands_in_the_app(self):
        """One user per role, the password is `demo`, the app is the home action."""
        for name, role in _ROLES.items():
            user = self._ref(f"user_{name}_demo")
            with self.subTest(login=user.login):
                found = self._authenticate(user)
                self.assertEqual(found["uid"], user.id)
                self.assertTrue(user.has_group(f"{_ADDON}.group_complaint_{role}"))
                self.assertEqual(user.action_id.id, self._ref("complaint_action").id)
                employee = user.with_company(user.company_id).employee_id
                self.assertTrue(employee.department_id)
                visible = self.env["helpdesk.ticket"].with_user(user).search([])
                self.assertTrue(visible & self.tickets)

    def test_forms_open_for_every_role(self):
        """Whoever sees a complaint can open it, with all that the form shows."""
        for name in _ROLES:
            user = self._ref(f"user_{name}_demo")
            tickets = self.env["helpdesk.ticket"].with_user(user)
            tickets = tickets.with_context(allowed_company_ids=user.company_ids.ids)
            for ticket in tickets.search([("id", "in", self.tickets.ids)], limit=3):
                with self.subTest(login=user.login, complaint=ticket.name):
                    form = Form(ticket, view=f"{_ADDON}.complaint_view_form")
                    self.assertTrue(form.complaint_content)

    def test_plain_employee_sees_his_own_only(self):
        """R520: the sales clerk knows what she took in, not the rest."""
        clerk = self._ref("user_sales_clerk_demo")
        seen = self.env["helpdesk.ticket"].with_user(clerk).search([]) & self.tickets
        self.assertIn(self._ref("complaint_ludong_stiff_demo"), seen)
        self.assertNotIn(self._ref("complaint_nordwind_bore_demo"), seen)

    def test_customer_sees_his_company_in_the_portal(self):
        """The portal login works and shows the cases of his company only."""
        user = self._ref("user_customer_demo")
        found = self._authenticate(user)
        self.assertEqual(found["uid"], user.id)
        seen = self.env["helpdesk.ticket"].with_user(user).search([])
        self.assertEqual(
            seen & self.tickets,
            self._ref("complaint_nordwind_bore_demo")
            + self._ref("complaint_nordwind_grease_demo")
            + self._ref("complaint_nordwind_cage_demo"),
        )

    def test_complaints_are_in_their_phases(self):
        """Every state of the register is there, one reopened, one cancelled."""
        for name, phase in _PHASES.items():
            with self.subTest(complaint=name):
                ticket = self._ref(f"complaint_{name}_demo")
                self.assertEqual(ticket.complaint_phase, phase)
                self.assertTrue(ticket.complaint_content)
        self.assertEqual(self._ref("complaint_pennine_short_demo").complaint_cycle, 2)
        self.assertTrue(
            self._ref("complaint_jiangnan_late_demo").complaint_cancel_reason
        )

    def test_lines_belong_to_the_customer_and_his_delivery(self):
        """Order, delivery, invoice, product and lot of a line fit together."""
        lines = self.tickets.complaint_line_ids
        # one is about a person, one about goods that are still to come
        goods = self.tickets - self._ref("complaint_pennine_reply_demo")
        goods -= self._ref("complaint_jiangnan_date_demo")
        self.assertEqual(lines.ticket_id, goods)
        for line in lines:
            with self.subTest(line=line.display_name):
                customer = line.ticket_id.partner_id.commercial_partner_id
                order = line.sale_order_id
                self.assertEqual(order.partner_id.commercial_partner_id, customer)
                self.assertEqual(order.company_id, line.ticket_id.company_id)
                self.assertEqual(line.sale_line_id.order_id, order)
                self.assertEqual(line.sale_line_id.product_id, line.product_id)
                self.assertEqual(line.picking_id.sale_id, order)
                self.assertEqual(line.picking_id.state, "done")
                self.assertEqual(line.delivered_qty, line.sale_line_id.qty_delivered)
                self.assertEqual(line.delivered_date, line.picking_id.date_done.date())
                self.assertLess(
                    line.picking_id.date_done, line.ticket_id.complaint_reported_at
                )
                if line.lot_id:
                    shipped = line.move_id.move_line_ids.lot_id
                    self.assertEqual(shipped, line.lot_id)
                if line.invoice_id:
                    self.assertEqual(line.invoice_id.state, "posted")
                    self.assertEqual(line.invoice_id.commercial_partner_id, customer)

    def test_numbers_follow_the_procedures(self):
        """R143, R148: without a hole by month here, by year and at once there."""
        numbered = self.tickets.filtered("complaint_number")
        drafts = self.tickets.filtered(lambda t: t.complaint_phase == "draft")
        self.assertEqual(
            self.tickets - numbered,
            drafts.filtered(lambda t: t.company_id != self.europe),
        )
        months = {}
        for ticket in numbered.sorted("complaint_number"):
            if ticket.company_id == self.europe:
                self.assertRegex(ticket.complaint_number, r"^EU-\d{4}-\d{3}$")
                continue
            at = ticket.complaint_accepted_at
            if ticket.complaint_cycle == 1:
                self.assertEqual(ticket.complaint_number[:4], at.strftime("%y%m"))
            months.setdefault(ticket.complaint_number[:4], []).append(
                int(ticket.complaint_number[4:])
            )
        for month, numbers in months.items():
            self.assertEqual(numbers, list(range(1, len(numbers) + 1)), month)
        accepted = self._ref("complaint_ludong_stiff_demo").copy()
        accepted.complaint_line_ids.unlink()
        accepted.action_complaint_accept()
        self.assertNotIn(accepted.complaint_number, numbered.mapped("complaint_number"))

    def test_event_log_is_in_order(self):
        """Reported, registered, accepted, ended: never in the wrong order."""
        order = ["reported", "registered", "accepted", "investigated", "decided"]
        order += ["executed", "closed"]
        for ticket in self.tickets:
            events = ticket.complaint_event_ids.filtered(lambda e: e.cycle == 1)
            times = {event.code: event.at for event in events.sorted("at")}
            found = [times[code] for code in order if code in times]
            with self.subTest(complaint=ticket.name):
                self.assertEqual(found, sorted(found))
                self.assertIn("registered", times)

    def test_repeat_is_linked(self):
        """R164: the second noise complaint points to the first."""
        first = self._ref("complaint_huateng_noise_demo")
        second = self._ref("complaint_huateng_noise_again_demo")
        self.assertEqual(second.complaint_repeat_of_id, first)
        self.assertEqual(first.complaint_repeat_count, 1)

    def test_opinions_are_signed_but_one(self):
        """A draft opinion waits for its signature, the others carry one."""
        opinions = self.tickets.complaint_opinion_ids
        waiting = self._ref("opinion_jiangnan_synthesis_demo")
        self.assertEqual(opinions.filtered(lambda o: not o.is_signed), waiting)
        signed = opinions - waiting
        self.assertTrue(all(signed.mapped("signed_by_id")))
        for opinion in signed:
            logged = opinion.ticket_id.complaint_event_ids.filtered(
                lambda e, opinion=opinion: e.code == "opinion_signed"
                and (e.payload or {}).get("opinion_id") == opinion.id
            )
            self.assertEqual(len(logged), 1)

    def test_tasks_are_on_their_way(self):
        """R188, R189: done, returned, late and new tasks, each by who got it."""
        tasks = {
            name: self._ref(f"complaint_{name}_demo").complaint_dispatch_ids
            for name in (
                "nordwind_cage",
                "jiangnan_cage",
                "huateng_life",
                "ludong_bore",
                "pennine_reply",
            )
        }
        for name, step, state, overdue in (
            ("nordwind_cage", "cause", "done", False),
            ("nordwind_cage", "negotiation", "accepted", False),
            ("huateng_life", "cause", "accepted", True),
            ("ludong_bore", "countermeasure", "returned", False),
            ("pennine_reply", "cause", "sent", False),
        ):
            with self.subTest(complaint=name, step=step):
                task = tasks[name].filtered(lambda d, s=step: d.step_id.code == s)
                self.assertEqual(task.state, state)
                self.assertEqual(task.is_overdue, overdue)
        for task in sum(tasks.values(), self.env["complaint.dispatch"]):
            people = task._get_recipients()[task] | task.accepted_by_id
            self.assertTrue(people, task.number)
            if task.state == "done":
                self.assertLess(task.sent_at, task.done_at)
                self.assertIn(task.done_by_id, people)
        late = tasks["huateng_life"].deadline_ids.filtered("is_overdue")
        reaction = late.reaction_ids
        self.assertEqual(reaction.user_id, self._ref("user_supervisor_demo"))

    def test_plain_employee_finds_his_task(self):
        """R188: production has one task to do and sees no other department's."""
        user = self._ref("user_production_demo")
        self.assertTrue(self._authenticate(user))
        tasks = self.env["complaint.dispatch"].with_user(user)
        waiting = tasks.search([("can_answer", "=", True)])
        self.assertEqual(waiting.ticket_id, self._ref("complaint_huateng_life_demo"))
        self.assertTrue(waiting.can_accept)

    def test_conclusions_are_drawn(self):
        """R058, R192, R209, R450, R519: liability, checks, objection, recusal."""
        cage = self._ref("complaint_jiangnan_cage_demo")
        self.assertEqual(sum(cage.complaint_liability_ids.mapped("ratio")), 100)
        self.assertEqual(cage.complaint_investigation_answer, "found")
        objection = cage.complaint_opinion_ids.filtered("is_unanswered")
        self.assertEqual(objection.signed_by_id, self._ref("user_quality_demo"))
        reply = self._ref("complaint_pennine_reply_demo")
        self.assertEqual(
            reply.complaint_recused_user_ids, self._ref("user_sales_clerk_demo")
        )
        noise = self._ref("complaint_huateng_noise_demo")
        self.assertEqual(noise.complaint_satisfaction, "satisfied")

    def test_rules_and_roles_find_people(self):
        """R181, R225: a rule chose department and handler; the steps have holders."""
        routed = self._ref("complaint_jiangnan_date_demo")
        self.assertEqual(
            routed.complaint_routing_rule_id, self._ref("routing_delivery_demo")
        )
        self.assertEqual(
            routed.complaint_department_id, self._ref("department_production_demo")
        )
        procedure = routed.complaint_procedure_id
        self.assertEqual(procedure.preset_origin_id, self._ref("procedure_m1"))
        holders = procedure.step_ids.role_id._get_holders(self.env.company)
        self.assertTrue(all(holders.values()))
        managers = self._ref("department_production_demo")
        for row in holders.values():
            managers |= row.department_id
        self.assertTrue(all(managers.manager_id.mapped("user_id")))
        self.assertEqual(
            procedure._get_default_procedure(self.europe),
            self._ref("procedure_europe_demo"),
        )

    def test_deadlines_look_like_a_company_at_work(self):
        """Most limits were met; what is late now is less than a quarter."""
        deadlines = self.env["complaint.deadline"].search(
            [("ticket_id", "in", self.tickets.ids)]
        )
        states = {"met", "missed", "running"}
        self.assertLessEqual(states, set(deadlines.mapped("state")))
        ended = deadlines.filtered("finished_at")
        met = ended.filtered(lambda d: d.state == "met")
        self.assertGreater(len(met), len(ended) * 0.7)
        waiting = deadlines - ended
        late = waiting.filtered("is_overdue")
        self.assertLess(len(late), len(waiting) / 4)

    def test_duty_of_last_month_has_its_result(self):
        """R322: the statement before the 10th was entered in time."""
        duty = self.env["complaint.duty"].search(
            [("preset_origin_id", "=", self._ref("duty_m1_statistics").id)]
        )
        past = duty.deadline_ids.filtered("result_ids")
        self.assertEqual(past.state, "met")
        self.assertEqual(past.result_ids.user_id, self._ref("user_supervisor_demo"))

    def test_proposal_waits_for_a_person(self):
        """A recognised order number is shown with the text that matched."""
        ticket = self._ref("complaint_pennine_label_demo")
        self.assertTrue(ticket.complaint_line_ids.is_proposed)
        self.assertIn(ticket.complaint_line_ids.matched_text, ticket.complaint_content)
        self.assertIn("Confirm or remove", ticket.complaint_blocking_note)

    def test_teams_have_an_address(self):
        """A mail to these addresses becomes a complaint of that company."""
        for name, address in (
            ("complaint_team", "complaints@demo.example.com"),
            ("team_hamburg_demo", "complaints.hamburg@demo.example.com"),
        ):
            self.assertEqual(self._ref(name).alias_id.alias_full_name, address)
        self.assertEqual(self.env.company.alias_domain_id.name, "demo.example.com")

    def test_external_ids_tell_that_they_are_demo(self):
        """Whatever a demo file creates is named `..._demo`."""
        rows = self.env["ir.model.data"].search(
            [
                ("module", "=", _ADDON),
                ("model", "in", ["res.users", "res.partner", "res.company"]),
            ]
        )
        # Odoo names the partner that comes with a user after the user
        names = [name.removesuffix("_res_partner") for name in rows.mapped("name")]
        self.assertTrue(names)
        self.assertFalse([name for name in names if not name.endswith("_demo")])
