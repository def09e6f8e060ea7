# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from ast import literal_eval
from datetime import timedelta

from lxml import html

from odoo import Command, fields
from odoo.tests import Form, tagged

from .common_escalation import EscalationCommon
from .common_screens import HOSTILE, ScreenCommon, plain, text_of
from .common_sla import MONDAY

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestTimeline(ScreenCommon):
    """The clocks of a complaint as the handler sees them."""

    def _timeline(self, ticket, user=None, **context):
        self.env.flush_all()
        self.env.invalidate_all()
        ticket = ticket.with_user(user or self.user_handler)
        context = {"tz": "Asia/Shanghai", "lang": "en_US", **context}
        return ticket.with_context(**context).complaint_timeline

    def _show(self, ticket, at, **context):
        context = {"tz": "Asia/Shanghai", "lang": "en_US", **context}
        return plain(ticket.with_context(**context)._complaint_format(at))

    def test_policy_value_stays_visible_when_overridden(self):
        """R319: both times, who set the other one."""
        self._create_line()
        ticket = self._accept()
        ticket.complaint_customer_deadline = MONDAY + 6 * HOUR
        text = text_of(self._timeline(ticket))
        by_policy = self._show(ticket, MONDAY + 24 * HOUR)
        by_customer = self._show(ticket, MONDAY + 6 * HOUR)
        self.assertIn(f"Due {by_policy} (Policy)", text)
        self.assertIn(f"Due {by_customer} (Customer's deadline)", text)
        self.assertIn(f"by {self.user_handler.name}", text)

    def test_pause_extension_and_waiver_with_reasons(self):
        """R241: why the clock stood, who gave more time, why it was waived."""
        self._create_line()
        ticket = self._accept()
        self.now.tick(HOUR)
        ticket.action_complaint_pause("waiting for the sample")
        self.assertIn("Paused: waiting for the sample", text_of(self._timeline(ticket)))
        self.now.tick(HOUR)
        ticket.action_complaint_resume("it came")
        deadline = self._deadlines(ticket)
        ticket._complaint_extend(
            deadline, MONDAY + 3 * DAY, self.user_supervisor, "lab is full"
        )
        self.now.tick(HOUR)
        ticket._complaint_waive(self._deadlines(ticket), "customer went elsewhere")
        text = text_of(self._timeline(ticket))
        for part in (
            "Went on",
            "(Extended)",
            f"approved by {self.user_supervisor.name}: lab is full",
            "Waived: customer went elsewhere",
        ):
            self.assertIn(part, text)
        self.assertIn("o_complaint_part_pause", self._timeline(ticket))

    def test_pause_of_a_fixed_date_with_a_level_in_percent(self):
        """R319: such a date does not move; the pause is noted and breaks nothing."""
        self._create_line(
            escalation_ids=[
                Command.create({"level": 1, "moment": "percent", "amount": 75})
            ]
        )
        ticket = self._accept(complaint_customer_deadline=MONDAY + 8 * HOUR)
        self.now.tick(HOUR)
        ticket.action_complaint_pause("waiting")
        self.assertEqual(self._deadlines(ticket).state, "running")
        text = text_of(self._timeline(ticket))
        self.assertIn("Paused: waiting", text)
        self.assertIn("Level 1 will be told", text)

    def test_phase_pause_is_named_by_the_phase(self):
        """R241: not by the technical name."""
        self._create_line(pause_phases="investigation")
        ticket = self._accept()
        stage = self.env.ref("helpdesk_mgmt_complaint.stage_investigation")
        ticket.stage_id = stage
        self.assertIn("Paused: Investigation", text_of(self._timeline(ticket)))

    def test_reached_and_missed(self):
        """R241: met/missed with the times."""
        self._create_line(amount=2)
        ticket = self._accept()
        self.now.tick(3 * HOUR)
        ticket._complaint_event("acknowledged")
        text = text_of(self._timeline(ticket))
        self.assertIn("Missed", text)
        self.assertIn(f"{self._show(ticket, MONDAY + 3 * HOUR)} Reached", text)
        self.assertIn("60 min late", text)
        self.assertIn("o_complaint_part_late", self._timeline(ticket))

    def test_who_was_told_and_who_will_be(self):
        """R241, R323: levels that fired with names, and those to come."""
        self.company.complaint_supervisor_id = self.user_supervisor
        level = {"do_mail": False}
        self._create_line(
            escalation_ids=[
                Command.create(
                    {"level": 1, "moment": "before_due", "amount": 4, **level}
                ),
                Command.create(
                    {"level": 2, "moment": "after_due", "amount": 1}
                    | {"role": "supervisor", **level}
                ),
            ]
        )
        ticket = self._accept(user_id=self.user_handler.id)
        self.now.tick(21 * HOUR)
        self._deadlines(ticket).sudo()._escalate(fields.Datetime.now())
        source = self._timeline(ticket)
        text = text_of(source)
        self.assertIn(
            f"Level 1 told: {self.user_handler.name} (Handler, activity)", text
        )
        at = self._show(ticket, MONDAY + 25 * HOUR)
        self.assertIn(f"{at} Level 2 will be told: Customer service supervisor", text)
        self.assertEqual(source.count("o_complaint_mark_told"), 2)  # and the legend
        self.assertIn("o_complaint_now", source)

    def test_hostile_texts_are_text(self):
        """R241: names, reasons and people cannot bring in HTML."""
        self._create_line(name=HOSTILE)
        self.user_handler.name = HOSTILE
        ticket = self._accept()
        ticket.action_complaint_pause(HOSTILE)
        ticket.action_complaint_resume(HOSTILE)
        ticket.complaint_customer_deadline = MONDAY + 6 * HOUR
        source = self._timeline(ticket)
        self.assertNotIn("<script", source)
        self.assertNotIn("<b>Bold", source)
        self.assertIn(HOSTILE, html.fromstring(source).text_content())

    def test_language_and_zone_of_the_reader(self):
        """R241: words are translated, times are local."""
        self.env["res.lang"]._activate_lang("zh_CN")
        self._create_line()
        ticket = self._accept()
        shanghai = self._show(ticket, MONDAY)
        berlin = self._show(ticket, MONDAY, tz="Europe/Berlin")
        self.assertNotEqual(shanghai, berlin)
        self.assertIn(shanghai, text_of(self._timeline(ticket)))
        self.assertIn(berlin, text_of(self._timeline(ticket, tz="Europe/Berlin")))
        chinese = self._show(ticket, MONDAY, lang="zh_CN")
        self.assertIn(chinese, text_of(self._timeline(ticket, lang="zh_CN")))

    def test_no_clock_no_timeline(self):
        """R241: nothing is shown, also for a new form."""
        ticket = self._register()
        self.assertFalse(ticket.complaint_timeline)
        form = Form(
            self.env["helpdesk.ticket"]
            .with_user(self.user_register)
            .with_context(default_is_complaint=True),
            "helpdesk_mgmt_complaint.complaint_view_form",
        )
        self.assertFalse(form.complaint_timeline)

    def test_deadline_without_any_due_time(self):
        """R320: no calendar: the bar runs until now and says why."""
        self.company.resource_calendar_id = False
        self._create_line(unit="working_day", amount=2)
        ticket = self._accept()
        self.assertIn("No working hours are set up", text_of(self._timeline(ticket)))

    def test_registrar_sees_it_too(self):
        """R520: who may read the complaint, and no more rights than that."""
        self._create_line(
            unit="working_day",
            amount=1,
            escalation_ids=[
                Command.create(
                    {"level": 1, "moment": "before_due", "amount": 1}
                    | {"unit": "working_hour"}
                )
            ],
        )
        ticket = self._accept()
        text = text_of(self._timeline(ticket, user=self.user_register))
        self.assertIn("Level 1 will be told: Handler", text)

    def test_queries_do_not_depend_on_the_number_of_clocks(self):
        """R241: 30 clocks with levels cost what two cost; all are shown."""
        few, many = self.env["complaint.sla.policy"].create(
            [{"name": "Few", "is_preset": True}, {"name": "Many", "is_preset": True}]
        )
        tickets = []
        for policy, count in ((few, 2), (many, 30)):
            for number in range(count):
                self._create_line(
                    name=f"Limit {number}",
                    policy_id=policy.id,
                    amount=number + 1,
                    escalation_ids=[
                        Command.create({"level": 1, "moment": "before_due"})
                    ],
                )
            self.customer.complaint_sla_policy_id = policy
            ticket = self._accept()
            ticket.action_complaint_pause("why")
            ticket.action_complaint_resume("because")
            self.now.tick(HOUR)
            self._deadlines(ticket).sudo()._escalate(fields.Datetime.now())
            tickets.append(ticket)
        # the page of the form: timeline, list of deadlines, reactions
        arch = self.env.ref("helpdesk_mgmt_complaint.complaint_deadline_view_list").arch
        rows = {
            node.get("name"): {} for node in html.fromstring(arch).xpath(".//field")
        }
        page = {
            "complaint_timeline": {},
            "complaint_next_due_text": {},
            "complaint_deadline_ids": {"fields": rows},
            "complaint_reaction_ids": {"fields": {"text": {}}},
        }
        tickets[0].web_read(page)  # compiles the template
        counts = [
            self._count_queries(lambda t=ticket: t.web_read(page)) for ticket in tickets
        ]
        self.assertLessEqual(counts[1], counts[0], counts)
        source = self._timeline(tickets[1])
        self.assertEqual(source.count("<details"), 30)

    def test_hundreds_of_days_are_cut(self):
        """R315: a daily line over months does not make an endless page."""
        self._create_line(
            targets=("progress_reported",),
            unit="wall_clock",
            amount=1,
            at_time=17.0,
            recurrence="daily",
        )
        ticket = self._accept()
        self.now.tick(70 * DAY)
        ticket.sudo()._complaint_clock_refresh()
        source = self._timeline(ticket)
        self.assertEqual(source.count("<details"), 60)
        self.assertIn("And 11 more", text_of(source))


@tagged("post_install", "-at_install")
class TestDueText(ScreenCommon):
    """Due times beside the dates, filters of lists."""

    def test_units_fit(self):
        """R241: minutes, hours, days; never more time than there is."""
        ticket = self.env["helpdesk.ticket"]
        for span, text in (
            (timedelta(seconds=30), "now"),
            (timedelta(minutes=59, seconds=59), "in 59 min"),
            (timedelta(minutes=119), "in 119 min"),
            (timedelta(hours=3, minutes=59), "in 3 h"),
            (timedelta(hours=47), "in 47 h"),
            (timedelta(days=2), "in 2 days"),
            (timedelta(days=9, hours=23), "in 9 days"),
            (-timedelta(seconds=1), "1 min late"),
            (-timedelta(minutes=30), "30 min late"),
            (-timedelta(hours=5), "5 h late"),
            (-timedelta(days=2, hours=1), "2 days late"),
        ):
            with self.subTest(span=span):
                self.assertEqual(
                    ticket._complaint_get_due_text(MONDAY + span, MONDAY), text
                )
        self.assertEqual(ticket._complaint_get_due_text(False), "")

    def test_complaint_and_deadline_follow_the_clock(self):
        """R241: remaining time, then late; paused; nothing once it is met."""
        self._create_line()
        ticket = self._accept()
        deadline = self._deadlines(ticket)
        self.assertEqual(ticket.complaint_next_due_text, "in 24 h")
        self.assertEqual(deadline.due_text, "in 24 h")
        self.assertFalse(ticket.complaint_is_overdue)
        self.now.tick(3 * DAY)
        self.env.invalidate_all()
        self.assertEqual(ticket.complaint_next_due_text, "2 days late")
        self.assertEqual(deadline.due_text, "2 days late")
        self.assertTrue(ticket.complaint_is_overdue)
        ticket._complaint_event("acknowledged")
        self.now.tick(30 * DAY)
        self.env.invalidate_all()
        self.assertEqual(deadline.due_text, "2 days late")
        self.assertFalse(ticket.complaint_next_due_text)

    def test_missed_day_is_missed_but_not_late(self):
        """R315: a day without report is over; it waits for a reaction."""
        self._create_line(
            targets=("progress_reported",),
            unit="wall_clock",
            amount=1,
            at_time=17.0,
            recurrence="daily",
        )
        ticket = self._accept()
        self.now.tick(DAY)
        ticket.sudo()._complaint_clock_refresh()
        missed = self._deadlines(ticket, state="missed")
        self.assertEqual(len(missed), 1)
        self.assertFalse(missed.due_text)
        self.assertTrue(missed.is_late)

    def test_extension_takes_it_from_the_late_ones(self):
        """R323: who extended it and why is recorded; it is due again later."""
        self._create_line(amount=2)
        ticket = self._accept()
        self.now.tick(3 * HOUR)
        self.assertTrue(self._deadlines(ticket).is_late)
        ticket._complaint_extend(
            self._deadlines(ticket), MONDAY + DAY, self.user_supervisor, "lab is full"
        )
        deadline = self._deadlines(ticket)
        self.assertFalse(deadline.is_late)
        self.assertTrue(deadline.breached_at)
        self.assertEqual(deadline.due_text, "in 21 h")

    def test_filters_of_deadlines(self):
        """R241, R315: running, today, this week, overdue, paused, mine, daily."""
        self._create_line(name="Today", amount=2)
        self._create_line(name="Friday", amount=96)
        self._create_line(name="Later", unit="calendar_day", amount=20)
        self._create_line(
            name="Daily",
            targets=("progress_reported",),
            unit="wall_clock",
            amount=1,
            at_time=17.0,
            recurrence="daily",
        )
        ticket = self._accept(user_id=self.user_handler.id)
        deadlines = self.env["complaint.deadline"].with_user(self.user_handler)
        deadlines = deadlines.with_context(tz="Asia/Shanghai")
        view = self.env.ref("helpdesk_mgmt_complaint.complaint_deadline_view_search")

        def found(name):
            [node] = html.fromstring(view.arch).xpath(f"//filter[@name='{name}']")
            domain = node.get("domain").replace("uid", str(self.user_handler.id))
            domain = fields.Domain(
                [*literal_eval(domain), ("ticket_id", "=", ticket.id)]
            )
            return set(deadlines.search(domain).mapped("name"))

        everything = {"Today", "Friday", "Later", "Daily"}
        self.assertEqual(found("running"), everything)
        self.assertEqual(found("due_today"), {"Today", "Daily"})
        self.assertEqual(found("due_week"), {"Today", "Friday", "Daily"})
        self.assertEqual(found("overdue"), set())
        self.assertEqual(found("mine"), everything)
        self.assertEqual(found("daily"), {"Daily"})
        self.assertEqual(found("told_me"), set())
        self.now.tick(3 * HOUR)
        self.assertEqual(found("overdue"), {"Today"})
        self.assertEqual(found("no_reaction"), {"Today"})
        ticket.action_complaint_pause("why")
        self.assertEqual(found("paused"), {"Friday", "Later", "Daily"})

    def test_daily_progress_shows_each_day_by_department(self):
        """R315: who reported before 17:00 on which day, and who did not."""
        self._create_line(
            targets=("progress_reported",),
            unit="wall_clock",
            amount=1,
            at_time=17.0,
            recurrence="daily",
        )
        good, bad = self.env["hr.department"].create([{"name": "A"}, {"name": "B"}])
        tickets = [
            self._accept(complaint_department_id=department.id)
            for department in (good, bad)
        ]
        self.now.tick(HOUR)
        tickets[0]._complaint_event("progress_reported")
        self.now.tick(DAY)
        for ticket in tickets:
            ticket.sudo()._complaint_clock_refresh()
        action = self.env.ref("helpdesk_mgmt_complaint.complaint_deadline_action_daily")
        domain = literal_eval(action.domain) + [("finished_at", "!=", False)]
        deadlines = self.env["complaint.deadline"].with_user(self.user_supervisor)
        groups = deadlines.with_context(tz="Asia/Shanghai").formatted_read_group(
            [*domain, ("ticket_id", "in", [t.id for t in tickets])],
            ["department_id", "due_at:day", "state"],
            ["__count"],
        )
        rows = {(g["department_id"][1], g["state"]): g["__count"] for g in groups}
        self.assertEqual(rows, {("A", "met"): 1, ("B", "missed"): 1})
        self.assertTrue(all(g["due_at:day"][0].startswith("2026-07-0") for g in groups))

    def test_list_of_eighty_reads_no_row_alone(self):
        """R241: the lists, with all their columns, at constant queries."""
        self._create_line()
        self._create_line(name="Solution", targets=("solution_given",), amount=2)
        for _number in range(40):
            self._accept()
        self.now.tick(3 * HOUR)
        deadlines = self.env["complaint.deadline"].with_user(self.user_handler)
        for view in (
            "complaint_deadline_view_list",
            "complaint_deadline_view_list_overdue",
        ):
            arch = self.env.ref(f"helpdesk_mgmt_complaint.{view}").arch
            names = [n.get("name") for n in html.fromstring(arch).xpath(".//field")]
            fields_spec = {
                name: {"fields": {"display_name": {}}}
                if deadlines._fields[name].type == "many2one"
                else {}
                for name in names
            }

            def read(limit, fields_spec=fields_spec):
                return lambda: deadlines.web_search_read(
                    [("company_id", "=", self.company.id)], fields_spec, limit=limit
                )

            read(1)()
            few, many = (self._count_queries(read(limit)) for limit in (5, 80))
            with self.subTest(view=view):
                self.assertLessEqual(many, few, (few, many))

    def test_list_of_complaints_reads_no_row_alone(self):
        """R241: the relative time costs no query per complaint."""
        self._create_line()
        for _number in range(20):
            self._accept()
        tickets = self.env["helpdesk.ticket"].with_user(self.user_handler)
        names = dict.fromkeys(
            (
                "complaint_next_due_at",
                "complaint_next_due_text",
                "complaint_is_overdue",
            ),
            {},
        )

        def read(limit):
            return lambda: tickets.web_search_read(
                [("is_complaint", "=", True)], names, limit=limit
            )

        read(1)()
        self.assertEqual(self._count_queries(read(3)), self._count_queries(read(20)))


@tagged("post_install", "-at_install")
class TestEscalationScreens(EscalationCommon):
    """What the handler sees of a reminder before the due time."""

    def test_reminder_before_due_is_in_the_systray_and_the_mail(self):
        """R458: the handler is reminded before the due time, on his screen."""
        self._levels(self.line, ("before_due", 4, "handler"))
        ticket = self._case()
        deadline = self._deadline(ticket, start=-22, due=2)
        self._sweep()
        self.assertFalse(deadline.is_overdue)
        user = self.user_handler
        groups = user.with_user(user)._get_activity_groups()
        [group] = [g for g in groups if g["model"] == "helpdesk.ticket"]
        self.assertEqual(group["today_count"], 1)
        self.assertEqual(group["overdue_count"], 0)
        activity = self._activities(ticket, user)
        self.assertEqual(activity.date_deadline, fields.Date.today())
        self.assertEqual(activity.summary, "First reply")
        self.assertEqual(activity.activity_type_id.icon, "fa-bell")
        self.assertIn("First reply", self._mails(user).body_html)

    def test_to_do_opens_the_complaint(self):
        """R458: the complaint's own form, from the to-do, the list and the mail."""
        self._levels(self.line, ("before_due", 4, "handler"))
        ticket = self._case()
        self._deadline(ticket, start=-22, due=2)
        self._sweep()
        user = self.user_handler
        activity = self._activities(ticket, user).with_user(user)
        form = self.env.ref("helpdesk_mgmt_complaint.complaint_view_form")
        action = activity.action_open_document()
        self.assertEqual(action["res_id"], ticket.id)
        self.assertEqual(action["views"], [(form.id, "form")])
        [group] = [
            g
            for g in user.with_user(user)._get_activity_groups()
            if g["model"] == "helpdesk.ticket"
        ]
        self.assertIn([form.id, "form"], [list(v) for v in group["complaint_views"]])
        found = ticket.with_user(user).search(group["domain"])
        self.assertIn(ticket, found)
        self.assertIn(f"/odoo/complaints/{ticket.id}", self._mails(user).body_html)

    def test_to_dos_of_plain_tickets_keep_the_helpdesk(self):
        """R458: where both kinds have to-dos, nothing of the helpdesk changes."""
        user = self.user_helpdesk
        plain = self.env["helpdesk.ticket"].create(
            {"name": "Printer", "description": "<p>x</p>", "user_id": user.id}
        )
        plain.activity_schedule("mail.mail_activity_data_todo", user_id=user.id)
        [group] = [
            g
            for g in user.with_user(user)._get_activity_groups()
            if g["model"] == "helpdesk.ticket"
        ]
        self.assertNotIn("complaint_views", group)
        action = plain.activity_ids.with_user(user).action_open_document()
        self.assertEqual(action["res_id"], plain.id)
        self.assertEqual([list(view) for view in action["views"]], [[False, "form"]])

    def test_reminder_says_the_time_of_its_reader(self):
        """R458: a due time in another zone would be worse than none."""
        self.user_handler.tz = "Asia/Shanghai"
        self._levels(self.line, ("before_due", 4, "handler"))
        ticket = self._case()
        deadline = self._deadline(ticket, start=-22, due=2)
        self._sweep()
        local = deadline.with_context(tz="Asia/Shanghai")
        expected = plain(local._complaint_format(deadline.due_at))
        utc = deadline.with_context(tz="UTC")._complaint_format(deadline.due_at)
        self.assertNotEqual(expected, plain(utc))
        note = self._activities(ticket, self.user_handler).note
        self.assertIn(expected, text_of(note))
        self.assertIn(expected, text_of(self._mails(self.user_handler).body_html))

    def test_my_escalations_finds_what_i_was_told(self):
        """R241: complaints and deadlines, nobody else's."""
        self._levels(self.line, ("after_due", 0, "supervisor"))
        told, quiet = self._case(), self._case()
        self._deadline(told, due=-1)
        self._deadline(quiet, due=5)
        self._sweep()
        cases = told + quiet
        supervisor = self.people["supervisor"]
        for user, expected in ((supervisor, told), (self.user_handler, cases[:0])):
            tickets = cases.with_user(user)
            domain = [("id", "in", cases.ids)]
            found = tickets.search([*domain, ("complaint_told_me", "=", True)])
            self.assertEqual(found, expected.with_user(user))
            others = tickets.search([*domain, ("complaint_told_me", "=", False)])
            self.assertEqual(others, (cases - expected).with_user(user))
            self.assertEqual(tickets.filtered("complaint_told_me"), found)
