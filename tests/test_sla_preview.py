# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime, timedelta

from lxml import html

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common_screens import HOSTILE, ScreenCommon, plain, text_of
from .common_sla import MONDAY

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestSlaPreview(ScreenCommon):
    """Time limits in plain words."""

    def test_all_settings_are_named(self):
        """R241, R320: unit, calendar, condition, other dates, pauses, events."""
        line = self._create_line(
            amount=2,
            unit="working_day",
            calendar_id=self.calendar.id,
            cond_overseas="yes",
            pause_phases="investigation",
            use_appointment=True,
            requires_breach_reason=True,
        )
        self.assertEqual(
            line.with_user(self.user_handler).preview,
            "2 working days (until the end of the last day) after Accepted, met by "
            "First reply to the customer; working hours Office Asia/Shanghai, holidays "
            "excluded; only overseas; the customer's deadline wins; the appointment "
            "wins; paused in Investigation; not needed after Closed; a miss must be "
            "explained",
        )

    def test_daily_line_says_its_time_and_end(self):
        """R315: at 17:00 daily until closed; no date of the customer replaces it."""
        line = self._create_line(
            targets=("progress_reported",),
            unit="wall_clock",
            amount=1,
            at_time=17.0,
            recurrence="daily",
            working_days_only=True,
            weekdays="0,4",
        )
        self.assertEqual(
            line.preview,
            "at 17:00 daily (only Monday, Friday) (only working days), from Accepted "
            "until Closed, each time met by Progress reported to us; working "
            "hours of the team, else of the company, holidays excluded",
        )

    def test_clock_hours_say_that_nights_count(self):
        """R320: the reading of the unit is visible on the line."""
        line = self._create_line(amount=1)
        self.assertIn("1 hour after Accepted", line.preview)
        self.assertIn("nights, weekends and holidays count", line.preview)

    def test_month_day_and_other_units(self):
        """R318: before the 25th of each month."""
        line = self._create_line(
            unit="before_day_of_month", day_of_month=25, recurrence="daily"
        )
        self.assertIn("before day 25 of each month, from Accepted", line.preview)
        line = self._create_line(unit="before_day_of_month", day_of_month=9, at_time=12)
        self.assertIn("by 12:00 on day 9 of the month after Accepted", line.preview)
        line = self._create_line(unit="calendar_day", amount=3, day_rule="same_time")
        self.assertIn("3 calendar days (at the same time of day)", line.preview)
        line = self._create_line(unit="wall_clock", amount=2, at_time=9.5)
        self.assertIn("at 9:30, the 2. time after Accepted", line.preview)

    def test_kinds_alternatives_and_replacements(self):
        """R220: the kind of an opinion, what answers it instead, what replaces it."""
        other = self._create_line(name="Visit", cond_visit_needed="yes")
        line = self._create_line(
            targets=("opinion_signed",),
            target_kind="review",
            alternative_type_ids=[Command.set(self._type("progress_reported").ids)],
            yields_to_ids=[Command.set(other.ids)],
            use_customer_deadline=False,
        )
        self.assertIn("met by Opinion signed (Review)", line.preview)
        self.assertIn(
            "or answered by Progress reported to us with a reason, then it starts "
            "again",
            line.preview,
        )
        self.assertIn("replaced by Visit", line.preview)
        self.assertNotIn("customer's deadline", line.preview)

    def test_levels_in_words(self):
        """R241, R458: when, who and how of each level."""
        line = self._create_line(
            escalation_ids=[
                Command.create(
                    {"level": 2, "moment": "after_due", "amount": 0, "role": "fixed"}
                    | {"user_ids": self.user_manager.ids, "do_mail": False}
                ),
                Command.create(
                    {"level": 1, "moment": "before_due", "amount": 1}
                    | {"unit": "calendar_day", "role": "handler"}
                ),
                Command.create(
                    {"level": 3, "moment": "percent", "amount": 150}
                    | {"role": "supervisor", "require_instruction": True}
                ),
            ]
        )
        self.assertEqual(
            line.escalation_preview.split("\n"),
            [
                "1 calendar day before it is due: Handler (activity, e-mail)",
                f"when it is due: {self.user_manager.name} (activity)",
                "after 150 % of the time: Customer service supervisor (activity, "
                "e-mail, written instruction required)",
            ],
        )

    def test_conditions_steps_and_upper_limits_are_named(self):
        """R241, R242, R258, R296, R299: whatever decides stands in the sentence."""
        line = self._create_line(
            start="dispatched",
            start_step_code="handle",
            targets=("dispatch_done",),
            target_step_code="handle,check",
            is_maximum=True,
            cond_key_customer="yes",
            cond_nature="repair",
            cond_established="no",
            cond_severity="major",
            cond_channel_ids=[
                Command.set((self.channel_phone + self.channel_email).ids)
            ],
            cond_category_ids=[Command.set(self.category.ids)],
        )
        preview = line.with_user(self.user_register).preview
        for text in (
            "after Dispatched (step handle), met by Dispatch "
            "finished (step handle,check)",
            "only important customers",
            "only nature: Product failure, repair",
            "only established: Not established",
            "only severity: Major or above",
            f"only category: {self.category.display_name}",
            "an upper limit",
        ):
            self.assertIn(text, preview)
        for channel in self.channel_phone + self.channel_email:
            self.assertIn(channel.name, preview)
        line.write({"cond_key_customer": "no", "cond_severity": False})
        self.assertIn("not for important customers", line.preview)
        self.assertNotIn("severity", line.preview)

    def test_level_names_the_role_of_the_company(self):
        """R241, R323: not "role of the company"; also when the role is renamed."""
        role = self.env.ref("helpdesk_mgmt_complaint.role_gm_office")
        line = self._create_line(
            escalation_ids=[
                Command.create(
                    {"moment": "after_due", "amount": 0}
                    | {"role": "assigned", "role_id": role.id}
                )
            ]
        )
        reader = line.with_user(self.user_register)
        self.assertIn(f"when it is due: {role.name} (", reader.escalation_preview)
        role.name = "Office of Ms Wang"
        self.assertIn("Office of Ms Wang", reader.escalation_preview)
        form = Form(self.env["complaint.duty"].with_user(self.user_manager))
        form.name = "Monthly report"
        with form.escalation_ids.new() as level:
            level.role = "assigned"
            level.role_id = role
        self.assertEqual(form.save().escalation_ids.role_id, role)

    def test_preview_follows_the_editing(self):
        """R241: also of a line that is not saved yet, also while it is nonsense."""
        form = Form(self.env["complaint.sla.policy"].with_user(self.user_manager))
        form.name = "New"
        with form.current_line_ids.new() as line:
            line.name = "Reply"
            line.start_type_id = self._type("reported")
            self.assertIn("1 hour after", line.preview)
            line.target_type_ids.add(self._type("acknowledged"))
            line.amount = 3
            self.assertIn("3 hours after", line.preview)
            self.assertIn("met by First reply", line.preview)
            line.unit = "wall_clock"
            line.weekdays = "1,x"
            self.assertIn("only Tuesday, x", line.preview)
            line.weekdays = False
            line.at_time = 17
            line.amount = 1
            self.assertIn("at the next 17:00", line.preview)
            with line.escalation_ids.new() as level:
                level.amount = 2
            self.assertIn("2 hours after it was due", line.escalation_preview)
        form.save()

    def test_preview_is_in_the_language_of_the_reader(self):
        """R241: names of events are translated, so are the words between."""
        self.env["res.lang"]._activate_lang("zh_CN")
        kind = self._type("accepted")
        kind.with_context(lang="zh_CN").name = "已受理"
        line = self._create_line()
        self.assertIn("已受理", line.with_context(lang="zh_CN").preview)
        self.assertIn("Accepted", line.with_context(lang="en_US").preview)


@tagged("post_install", "-at_install")
class TestSlaWhatif(ScreenCommon):
    """The dialog asks the clocks of real complaints."""

    def _whatif(self, user=None, **vals):
        wizards = self.env["complaint.sla.whatif"].with_user(user or self.user_handler)
        return wizards.with_context(tz="Asia/Shanghai").create(
            {"policy_id": self.policy.id, "start_at": MONDAY, **vals}
        )

    def test_same_due_times_as_a_real_complaint(self):
        """R241: every unit; what the dialog says is what the complaint gets."""
        self._create_line(name="A", amount=3)
        self._create_line(name="B", unit="working_hour", amount=10)
        self._create_line(name="C", unit="working_day", amount=5)
        self._create_line(name="D", unit="wall_clock", amount=1, at_time=17.0)
        self._create_line(name="E", unit="calendar_day", amount=10)
        self._create_line(name="F", unit="before_day_of_month", day_of_month=25)
        wizard = self._whatif()
        shown = {row["name"]: row["due"] for row in wizard._prepare_result()["rows"]}
        deadlines = self._deadlines(self._accept())
        self.assertEqual(len(deadlines), 6)
        for deadline in deadlines:
            with self.subTest(line=deadline.name):
                self.assertEqual(
                    shown[deadline.name], wizard._complaint_format(deadline.due_at)
                )
        for due in shown.values():
            self.assertIn(plain(due), text_of(wizard.result))

    def test_same_levels_as_the_sweep(self):
        """R458: the moments at which levels fire are those of the ladder."""
        line = self._create_line(
            escalation_ids=[
                Command.create({"level": 1, "moment": "before_due", "amount": 4}),
                Command.create({"level": 2, "moment": "percent", "amount": 50}),
                Command.create({"level": 3, "moment": "after_due", "amount": 0}),
            ]
        )
        wizard = self._whatif()
        [row] = wizard._prepare_result()["rows"]
        levels = [(level["at"], level["text"]) for level in row["levels"]]
        expected = [MONDAY + 12 * HOUR, MONDAY + 20 * HOUR, MONDAY + 24 * HOUR]
        self.assertEqual(
            [at for at, _text in levels],
            [wizard._complaint_format(at) for at in expected],
        )
        self.assertEqual(
            [text.split(":")[0] for _at, text in levels],
            ["after 50 % of the time", "4 hours before it is due", "when it is due"],
        )
        deadline = self._deadlines(self._accept())
        alarms = deadline.sudo()._get_alarms({})
        self.assertEqual([alarm.at for alarm in alarms], expected)
        self.assertEqual(deadline.line_id, line)

    def test_facts_choose_the_lines(self):
        """R256: what does not hold says why."""
        self._create_line(name="Abroad", cond_overseas="yes")
        self._create_line(name="Home", cond_overseas="no")
        for overseas, holding in ((True, "Abroad"), (False, "Home")):
            rows = self._whatif(is_overseas=overseas)._prepare_result()["rows"]
            self.assertEqual([r["name"] for r in rows if r["holds"]], [holding])
            [other] = [row for row in rows if not row["holds"]]
            self.assertIn("overseas", other["reason"])

    def test_every_fact_is_asked(self):
        """R242, R249, R291, R296, R298: what real complaints are matched by."""
        child = self.category.create(
            {"name": "Surface", "parent_id": self.category.id, "company_id": False}
        )
        cases = (
            ({"cond_key_customer": "yes"}, {"is_key_customer": True}),
            ({"cond_out_of_province": "yes"}, {"is_out_of_province": True}),
            ({"cond_visit_needed": "yes"}, {"visit_needed": True}),
            ({"cond_major": "yes"}, {"is_major": True}),
            ({"cond_nature": "repair"}, {"nature": "repair"}),
            ({"cond_established": "no"}, {"established": "no"}),
            ({"cond_severity": "major"}, {"severity": "critical"}),
            (
                {"cond_channel_ids": [Command.set(self.channel_phone.ids)]},
                {"channel_id": self.channel_phone.id},
            ),
            (
                {"cond_category_ids": [Command.set(self.category.ids)]},
                {"category_id": child.id},
            ),
        )
        for vals, facts in cases:
            with self.subTest(facts):
                line = self._create_line(**vals)
                [row] = self._whatif(**facts)._prepare_result()["rows"]
                self.assertTrue(row["holds"])
                [row] = self._whatif()._prepare_result()["rows"]
                self.assertFalse(row["holds"])
                self.assertIn(line._get_preview_conditions()[0], row["reason"])
                line.unlink()

    def test_every_shipped_policy_can_be_tried(self):
        """R241: each limit holds or says why not; also of one of several steps."""
        presets = self.env["complaint.sla.policy"].search([("is_preset", "=", True)])
        for preset in presets.filtered("preset"):
            with self.subTest(preset.preset):
                rows = self._whatif(policy_id=preset.id)._prepare_result()["rows"]
                self.assertEqual(len(rows), len(preset.line_ids))
                for row in rows:
                    self.assertTrue(row.get("due") or row["reason"], row["name"])

    def test_customers_deadline_wins_and_the_policy_stays_visible(self):
        """R319: on lines that allow it."""
        self._create_line(name="Wins")
        self._create_line(name="Stays", use_customer_deadline=False)
        wizard = self._whatif(customer_deadline=MONDAY + 5 * HOUR)
        rows = {row["name"]: row for row in wizard._prepare_result()["rows"]}
        by_customer = wizard._complaint_format(MONDAY + 5 * HOUR)
        by_policy = wizard._complaint_format(MONDAY + 24 * HOUR)
        self.assertEqual(rows["Wins"]["due"], by_customer)
        self.assertEqual(rows["Wins"]["policy_due"], by_policy)
        self.assertEqual(rows["Stays"]["due"], by_policy)
        self.assertIn("Customer's deadline", text_of(wizard.result))

    def test_no_calendar_says_why(self):
        """R320: no crash, the reason stands where the time would be."""
        self.company.resource_calendar_id = False
        self.team.complaint_calendar_id = False
        self._create_line(unit="working_day", amount=2)
        text = text_of(self._whatif().result)
        self.assertIn("No working hours are set up", text)

    def test_calendar_of_the_team_comes_first(self):
        """R320: as for real complaints."""
        self.team.complaint_calendar_id = self._create_calendar(
            "Asia/Shanghai", ((8, 20),)
        )
        self._create_line(unit="working_hour", amount=8)
        with_team = self._whatif(team_id=self.team.id)._prepare_result()["rows"][0]
        without = self._whatif()._prepare_result()["rows"][0]
        self.assertNotEqual(with_team["due"], without["due"])

    def test_nothing_is_stored_and_nothing_runs(self):
        """R241: imagined complaints leave no trace; a far year is no crash."""
        self._create_line()
        models = ("helpdesk.ticket", "complaint.deadline", "complaint.event")
        before = [self.env[model].search_count([]) for model in models]
        wizard = self._whatif()
        self.assertTrue(wizard.result)
        wizard.start_at = datetime(9998, 12, 31)
        self.assertIn("Choose a start", text_of(wizard.result))
        self.env.flush_all()
        self.assertEqual([self.env[model].search_count([]) for model in models], before)

    def test_hostile_names_are_text(self):
        """R241: names of lines are escaped."""
        self._create_line(name=HOSTILE)
        result = self._whatif().result
        self.assertNotIn("<script>", result)
        self.assertIn(HOSTILE, html.fromstring(result).text_content())

    def test_employee_has_no_access(self):
        """R524: the dialog is for those who handle complaints."""
        with self.assertRaises(AccessError):
            self._whatif(user=self.user_register)

    def test_policies_of_other_companies_are_out_of_reach(self):
        """R524: an id sent by a client opens nothing that rules keep closed."""
        self._create_line()
        self.policy.company_id = self.company
        with self.assertRaises(AccessError):
            self._whatif(user=self.user_handler_b, company_id=self.company_b.id).read(
                ["result"]
            )
        self.policy.company_id = False
        with self.assertRaises(AccessError):
            self._whatif(user=self.user_handler_b, company_id=self.company.id).read(
                ["result"]
            )
        own = self._whatif(user=self.user_handler_b, company_id=self.company_b.id)
        self.assertTrue(own.result)

    def test_opened_from_the_policy(self):
        """R241: with the policy filled in."""
        action = self.policy.with_user(self.user_handler).action_whatif()
        wizards = self.env[action["res_model"]].with_user(self.user_handler)
        form = Form(wizards.with_context(**action["context"]))
        self.assertEqual(form.policy_id, self.policy)
        form.is_major = True
        self.assertTrue(form.result)
