# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import re
from datetime import datetime, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from .common_sla import MONDAY
from .common_sla_copies import PRESETS, SlaPresetCommon
from .common_sla_presets import STARTS

MON, FRI = STARTS["MON"], STARTS["FRI"]
_SECOND = timedelta(seconds=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_MODULE = "helpdesk_mgmt_complaint"
# the P1 and P2 limits of single complaints in the kind "time limit", but for R263
# (rings of a telephone: only counted, in assessments)
_REQUIRED = """
    R242-R258 R261-R262 R264-R267 R271 R273-R276 R282 R284 R288-R291 R295-R299
    R301-R317
"""
# the source states no number, so nobody is held to one
_OFF = "gen_r262 gen_r264 gen_r265 gen_r266 gen_r267 m1_r258 m1_r261 med_r295"


def _expand(text):
    """``R1-R3 R7`` -> the set of these ids."""
    ids = set()
    for part in text.split():
        first, _dash, last = part.partition("-")
        numbers = range(int(first[1:]), int((last or first)[1:]) + 1)
        ids |= {f"R{number}" for number in numbers}
    return ids


@tagged("post_install", "-at_install")
class TestSlaPresetRules(SlaPresetCommon):
    """What the table of walks cannot say: other dates, conditions, repetition."""

    def _get_row(self, ticket, key):
        return self._get_rows(ticket, self._get_line(key))

    # ------------------------------------------------------------------
    # Complete, and inert
    # ------------------------------------------------------------------

    def _get_preset_lines(self):
        lines = self.env["complaint.sla.line"].with_context(active_test=False)
        return lines.search([("policy_id.preset", "!=", False)])

    def test_every_limit_of_the_procedures_is_shipped(self):
        """R241-R317: each P1 and P2 limit of a single complaint has its line."""
        shipped = set()
        for line in self._get_preset_lines():
            ids = set(re.findall(r"\bR\d{3}\b", line.source))
            self.assertTrue(ids, line.name)
            shipped |= ids
        self.assertFalse(_expand(_REQUIRED) - shipped)

    def test_each_preset_has_its_lines_and_each_line_its_reaction(self):
        """R241, R323, G16: no miss stays unnoticed."""
        for code in PRESETS:
            policy = self.env.ref(f"{_MODULE}.sla_policy_{code}")
            self.assertTrue(policy.is_preset)
            self.assertTrue(policy.current_line_ids, code)
        for line in self._get_preset_lines():
            with self.subTest(line.source):
                moments = line.escalation_ids.mapped("moment")
                self.assertIn("after_due", moments)
                # warned before, or told at the very start
                self.assertTrue({"before_due", "after_start"} & set(moments))

    def test_what_the_source_leaves_blank_is_off(self):
        """R258, R261, R262, R264-R267, R295, G09: nobody is held to a number that
        was made up."""
        off = self._get_preset_lines().filtered(lambda line: not line.active)
        expected = [self.env.ref(f"{_MODULE}.sla_line_{key}") for key in _OFF.split()]
        self.assertEqual(set(off), set(expected))
        for line in off:
            self.assertIn("off until", line.source)
        proposed = self._get_preset_lines().filtered(
            lambda line: "no number in the source" in line.source
        )
        self.assertTrue(all(proposed.mapped("active")))
        ids = set(re.findall(r"R\d{3}", " ".join(proposed.mapped("source"))))
        self.assertLessEqual(
            {"R244", "R250", "R251", "R252", "R254", "R271", "R282", "R289"}
            | {"R290", "R304", "R305", "R310"},
            ids,
        )

    def test_no_preset_holds_for_anybody_after_the_installation(self):
        """R241: master data starts no clock."""
        tickets = self.env["helpdesk.ticket"]
        self.assertFalse(
            tickets.search([("complaint_sla_policy_id.is_preset", "=", True)])
        )
        self.assertFalse(
            self.deadlines.search([("policy_id.is_preset", "=", True)], limit=1)
        )
        for policy in self.copies.values():
            policy.active = False
        self.now.move_to(MON)
        ticket = self._accept(complaint_is_major=True, complaint_severity="critical")
        self.assertFalse(ticket.complaint_sla_policy_id)
        self.assertFalse(ticket.complaint_deadline_ids)

    def test_no_shipped_limit_listens_to_escalations(self):
        """R323: else every sweep would ask all clocks again."""
        for line in self._get_preset_lines():
            self.assertNotIn("escalated", line._to_kernel().codes, line.source)

    # ------------------------------------------------------------------
    # Copies
    # ------------------------------------------------------------------

    def test_manager_uses_a_copy_from_the_screen(self):
        """R241: the button opens a policy that is followed, blank limits still off."""
        presets = self.env["complaint.sla.policy"].with_user(self.user_manager)
        view = self.env.ref(f"{_MODULE}.complaint_sla_policy_view_search")
        arch = presets.get_view(view.id, "search")["arch"]
        domain = re.search(r'name="preset"[^>]*domain="([^"]*)"', arch).group(1)
        found = presets.search(safe_eval(domain))
        self.assertEqual(len(found.filtered("preset")), len(PRESETS))
        preset = found.filtered(lambda policy: policy.preset == "GEN")
        action = preset.action_use_copy()
        copied = presets.browse(action["res_id"])
        self.assertFalse(copied.is_preset)
        self.assertTrue(copied.active)
        self.assertEqual(len(copied.current_line_ids), len(preset.current_line_ids))
        self.assertEqual(len(copied.line_ids), len(preset.line_ids))
        blank = copied.current_line_ids - copied.line_ids
        self.assertEqual(len(blank), 5)
        self.assertEqual(len(copied.current_line_ids.escalation_ids), 25)
        # fill in a blank limit on the form and switch it on
        with Form(copied) as form:
            form.severity = "major"
            index = copied.current_line_ids.ids.index(blank[0].id)
            with form.current_line_ids.edit(index) as line:
                line.amount = 6
                line.active = True
        self.assertEqual(len(copied.line_ids), len(preset.line_ids) + 1)
        self.assertFalse(
            self.env.ref(f"{_MODULE}.sla_line_gen_r262").active, "the preset is as was"
        )
        self.now.move_to(FRI)
        values = {"complaint_nature": "enquiry", "channel_id": self.channel_phone.id}
        other = self._register(**values)
        self.assertFalse(other.complaint_sla_policy_id)
        ticket = self._register(complaint_severity="major", **values)
        self.assertEqual(ticket.complaint_sla_policy_id, copied)
        row = self._deadlines(ticket, line_id=blank[0])
        self.assertEqual(row.due_at, datetime(2026, 7, 10, 15, 30))

    def test_handler_cannot_use_a_copy(self):
        """R524: policies are set up by managers."""
        preset = self.env.ref(f"{_MODULE}.sla_policy_gen").with_user(self.user_handler)
        with self.assertRaises(AccessError):
            preset.action_use_copy()

    def test_copy_takes_the_newest_versions(self):
        """R321: what a used line was replaced by, and what was switched off."""
        copied = self.copies["gas"]
        ticket = self._register_case("gas", MON)
        self._log(ticket, "accepted")
        line = self._get_line("gas_r288")
        line.amount = 5
        self.assertEqual(line.successor_id.amount, 5)
        self._get_line("gas_r289").active = False
        again = copied.copy()
        self.assertEqual(len(again.current_line_ids), 4)
        self.assertEqual(sum(again.current_line_ids.mapped("active")), 3)
        self.assertIn(5, again.line_ids.mapped("amount"))
        self.assertNotIn(line, again.current_line_ids | copied.current_line_ids)

    # ------------------------------------------------------------------
    # Other dates (R319)
    # ------------------------------------------------------------------

    def test_customers_deadline_replaces_the_limits_of_completion(self):
        """R275, R319: without one 5 working days (R276); a reply does not wait."""
        ticket = self._register_case("m2", MON)
        wanted = datetime(2026, 7, 20, 4, 0)
        ticket.complaint_customer_deadline = wanted
        row = self._get_row(ticket, "m2_r276")
        self.assertEqual((row.due_at, row.due_kind), (wanted, "customer_deadline"))
        self.assertEqual(row.policy_due_at, datetime(2026, 7, 14, 9, 0))
        self.assertEqual(self._get_row(ticket, "m2_r246").due_at, wanted)
        self.assertEqual(
            self._get_row(ticket, "m2_r245").due_at, datetime(2026, 7, 6, 3, 0)
        )

    def test_limits_that_the_customers_deadline_replaces(self):
        """R319, R275, R301, R302: completion and answers, as the sources say."""
        keys = (
            "m1_r256 m1_r257 m2_r246 m2_r276 m3_r301 m3_r302 m3_r308 gas_r288 gen_r303"
        )
        expected = [self.env.ref(f"{_MODULE}.sla_line_{key}") for key in keys.split()]
        lines = self._get_preset_lines()
        self.assertEqual(set(lines.filtered("use_customer_deadline")), set(expected))

    def test_appointment_replaces_the_limit(self):
        """R296, R297, R312, R313, R317, R319: and the policy's time stays visible."""
        agreed = datetime(2026, 7, 11, 2, 0)
        task, visit = "dispatched:handling", "visit_decided"
        urgent = {"complaint_severity": "critical", "complaint_nature": "repair"}
        for key, start, vals, policy_due in (
            ("pm_r296", "", urgent, "2026-07-10 09:45:00"),
            ("pm_r297", "", {"complaint_nature": "repair"}, "2026-07-10 09:50:00"),
            ("pm_r312", task, {}, "2026-07-10 21:30:00"),
            ("pm_r313", task, {}, "2026-07-11 09:30:00"),
            ("pm_r317", visit, {}, "2026-07-10 21:30:00"),
        ):
            with self.subTest(key.partition("_")[2].upper()):
                ticket = self._register_case("pm", FRI, **vals)
                if start:
                    self._log(ticket, start)
                ticket.complaint_appointment_at = agreed
                row = self._get_row(ticket, key)
                self.assertEqual((row.due_at, row.due_kind), (agreed, "appointment"))
                self.assertEqual(
                    fields.Datetime.to_string(row.policy_due_at), policy_due
                )
        self.assertEqual(
            sum(self._get_preset_lines().mapped("use_appointment")), 5, "no other"
        )

    def test_progress_with_a_reason_instead_of_a_solution(self):
        """R247, R220, R303: the solution stays open, due when the customer was told."""
        promised = datetime(2026, 7, 28, 4, 0)
        for preset, key in (("m2", "m2_r246"), ("gen", "gen_r303")):
            with self.subTest(key):
                ticket = self._register_case(preset, MON)
                self.now.tick(_HOUR)
                talk = self._tell_progress(ticket, expected_at=promised)
                self.assertEqual(
                    self._get_row(ticket, key).mapped("state"), ["running"]
                )
                # the reason may be added: the log says so
                talk.delay_reason = "The crack needs an X-ray"
                first, second = self._get_row(ticket, key)
                self.assertEqual(first.state, "met")
                self.assertEqual((second.state, second.due_at), ("running", promised))
                # and again, without a date: the same limit from there
                self.now.tick(_HOUR)
                self._tell_progress(ticket, delay_reason="X-ray is broken")
                third = self._get_row(ticket, key)[-1]
                self.assertEqual(third.state, "running")

    def _tell_progress(self, ticket, **vals):
        return (
            self.env["complaint.communication"]
            .create(
                {
                    "ticket_id": ticket.id,
                    "purpose": "progress",
                    "channel_id": self.channel_phone.id,
                    "content": "We are still looking into it.",
                    **vals,
                }
            )
            .with_user(self.user_handler)
        )

    def test_estimate_replaces_the_day_of_a_public_repair(self):
        """R298, R299: by hand within 30 days; a later one is refused, always."""
        ticket = self._register_case("pm", MON, complaint_nature="repair")
        row = self._get_row(ticket, "pm_r299")
        limit = datetime(2026, 8, 5, 15, 59, 59)
        for kind, values in (
            ("set", {}),
            ("extend", {"approver_id": self.user_supervisor.id}),
        ):
            with self.assertRaisesRegex(UserError, "upper limit"):
                self._change(row, kind, limit + _SECOND, **values)
        self.assertEqual(self._get_row(ticket, "pm_r298").state, "running")
        self._change(row, "set", datetime(2026, 7, 24, 9, 0))
        self.assertEqual(row.due_at, datetime(2026, 7, 24, 9, 0))
        self.assertEqual(row.policy_due_at, limit)
        short = self._get_row(ticket, "pm_r298")
        self.assertEqual(
            (short.state, short.no_due_reason), ("cancelled", "not_needed")
        )
        # an estimate may be wrong, up to the limit
        self.now.tick(_HOUR)
        self._change(row, "set", limit)
        self.assertEqual(row.due_at, limit)

    def _change(self, row, kind, due_at, **values):
        ticket = row.ticket_id.with_user(self.user_handler)
        if kind == "set":
            return ticket._complaint_set_due(row, due_at, "Pump has to be ordered")
        approver = self.env["res.users"].browse(values["approver_id"])
        return ticket._complaint_extend(row, due_at, approver, "Pump is late")

    # ------------------------------------------------------------------
    # For which complaints
    # ------------------------------------------------------------------

    def _assert_running(self, ticket, **expected):
        """Each key holds for the complaint, or does not."""
        for key, holds in expected.items():
            self.assertEqual(bool(self._get_row(ticket, key)), holds, key)

    def test_place_decides(self):
        """R248, R249, R256, R257: inside, outside, abroad; exactly one of each."""
        for vals, inside in (
            ({}, True),
            ({"complaint_is_out_of_province": True}, False),
            ({"complaint_is_overseas": True}, False),
        ):
            ticket = self._register_case("m2", MON, **vals)
            self._log(ticket, "dispatched:handle")
            self._assert_running(ticket, m2_r248=inside, m2_r249=not inside)
        for overseas in (False, True):
            ticket = self._register_case("m1", MON, complaint_is_overseas=overseas)
            self._log(ticket, "accepted")
            self._assert_running(ticket, m1_r256=not overseas, m1_r257=overseas)

    def test_channel_decides_who_must_reply_when(self):
        """R242, R243, R244, R291: a corrected channel moves the clock."""
        ticket = self._register_case("gen", FRI, channel="phone")
        self._assert_running(ticket, gen_r242=True, gen_r243=False, gen_r244=False)
        self.now.tick(_HOUR)
        ticket.channel_id = self.channel_email
        self.assertEqual(self._get_row(ticket, "gen_r242").state, "cancelled")
        row = self._get_row(ticket, "gen_r243")
        self.assertEqual(row.due_at, fields.Datetime.to_datetime(FRI) + 48 * _HOUR)
        for channel, holds in (("phone", True), ("letter", True), ("email", False)):
            ticket = self._register_case("m2", FRI, channel=channel)
            self._assert_running(ticket, m2_r291=holds)

    def test_kind_of_matter_decides(self):
        """R296, R297, R298, R311: repairs have their own limits, urgent ones one."""
        urgent = {"complaint_nature": "repair", "complaint_severity": "critical"}
        for vals, holds in (
            ({}, {"pm_r311": True, "pm_r314": True, "pm_r297": False}),
            ({"complaint_nature": "repair"}, {"pm_r297": True, "pm_r296": False}),
            (urgent, {"pm_r296": True, "pm_r297": False, "pm_r298": True}),
            ({"complaint_nature": "repair"}, {"pm_r311": False, "pm_r314": False}),
        ):
            self._assert_running(self._register_case("pm", FRI, **vals), **holds)

    def test_only_tasks_of_its_step_start_it(self):
        """R309, R312: the task of after-sales is not that of quality."""
        ticket = self._register_case("m3", MON)
        self._log(ticket, "dispatched:emergency", "task,1")
        self._assert_running(ticket, m3_r306=True, m3_r309=False)
        # sent by hand, without a step
        self._log(ticket, "dispatched:check", "task,2")
        self._assert_running(ticket, m3_r309=True)
        ticket = self._register_case("pm", MON)
        self._log(ticket, "dispatched:information", "task,1")
        self._assert_running(ticket, pm_r312=False, pm_r313=False, pm_r315=False)

    def test_each_task_has_its_own_clock(self):
        """R312, R313: and a returned one is not needed any more."""
        ticket = self._register_case("pm", MON)
        self._log(ticket, "dispatched:handling", "task,1")
        self.now.tick(_HOUR)
        self._log(ticket, "dispatched:handling", "task,2")
        self._log(ticket, "dispatch_returned", "task,1")
        rows = {row.scope_key: row for row in self._get_row(ticket, "pm_r312")}
        self.assertEqual(rows["task,1"].state, "cancelled")
        self.assertEqual(rows["task,2"].due_at, MONDAY + 13 * _HOUR)

    def test_visit_is_only_due_where_it_was_decided(self):
        """R274, R310."""
        ticket = self._register_case("m2", MON)
        self._assert_running(ticket, m2_r274=False, m2_r310=False)
        self._log(ticket, "visit_decided")
        self._assert_running(ticket, m2_r274=True, m2_r310=True)

    # ------------------------------------------------------------------
    # From when, how often
    # ------------------------------------------------------------------

    def test_major_counts_from_when_it_was_found(self):
        """R251, R282, R290, R326, R327: told at once, not late from the start."""
        for preset, key in (
            ("con", "con_r251"),
            ("tec", "tec_r282"),
            ("gas", "gas_r290"),
        ):
            with self.subTest(key):
                ticket = self._register_case(preset, MON)
                self._assert_running(ticket, **{key: False})
                self.now.tick(7 * _DAY)
                ticket.complaint_is_major = True
                self._sweep()
                row = self._get_row(ticket, key)
                self.assertEqual(row.started_at, MONDAY + 7 * _DAY)
                self.assertEqual(row.due_at, datetime(2026, 7, 14, 9, 0))
                self.assertEqual(row.state, "running")
                told = self._get_told(row)
                self.assertEqual(told[0][2], self.people["general_manager"])
                self.assertTrue(
                    self._activities(ticket, self.people["general_manager"])
                )

    def test_daily_progress_is_due_every_day(self):
        """R315: weekends too; a missed day is told, the next one has its own."""
        ticket = self._register_case("pm", FRI)
        self._log(ticket, "dispatched:handling", "task,1")
        for day, state in ((11, "missed"), (12, "met"), (13, "running")):
            with self.subTest(day):
                row = self._get_row(ticket, "pm_r315")[-1]
                self.assertEqual(row.due_at, datetime(2026, 7, day, 9, 0))
                self.assertEqual(row.state, "running")
                self.now.move_to(datetime(2026, 7, day, 8, 30))
                if state == "met":
                    self._log(ticket, "progress_reported", "task,1")
                if state != "running":
                    self.now.move_to(datetime(2026, 7, day, 9, 1))
                    self._sweep()
                    self.assertEqual(row.state, state)
        self._log(ticket, "dispatch_done", "task,1")
        row = self._get_row(ticket, "pm_r315")[-1]
        self.assertEqual((row.state, row.no_due_reason), ("cancelled", "not_needed"))

    def test_written_instruction_is_asked_of_the_department_head(self):
        """R324, R314: 24 hours after the first report, whatever was dispatched."""
        ticket = self._register_case("pm", MON)
        self.now.tick(20 * _HOUR)
        self._log(ticket, "dispatched:handling", "task,1")
        self.now.tick(4 * _HOUR + _SECOND)
        self._sweep()
        row = self._get_row(ticket, "pm_r314")
        self.assertEqual(row.state, "missed")
        asked = row.escalation_ids.filtered("instruction_required")
        self.assertEqual(asked.user_ids, self.people["department_manager"])
        # the two clocks are independent of each other (G28)
        self.assertEqual(self._get_row(ticket, "pm_r312").state, "running")

    def test_reopened_complaint_is_due_again(self):
        """R256: from the reopening."""
        ticket = self._register_case("m1", MON)
        for code in ("accepted", "closed"):
            self._log(ticket, code)
        self.now.tick(_DAY)
        ticket.sudo().complaint_cycle = 2
        self._log(ticket, "reopened")
        rows = self._get_row(ticket, "m1_r256")
        self.assertEqual(rows.mapped("state"), ["met", "running"])
        self.assertEqual(rows[-1].due_at, datetime(2026, 7, 22, 15, 59, 59))

    def test_late_closing_must_be_explained(self):
        """R256, R323: before the case can be closed."""
        ticket = self._register_case("m1", MON)
        self._log(ticket, "accepted")
        self.now.tick(20 * _DAY)
        self._sweep()
        reasons = ticket._complaint_get_blocking_reasons("closed")[ticket.id]
        self.assertTrue(any("Closing, domestic" in reason for reason in reasons))

    def test_report_that_was_ready_before_counts(self):
        """R253: the cause may be signed before the investigation is logged."""
        ticket = self._register_case("m1", MON)
        self._log(ticket, "opinion_signed:cause")
        self.now.tick(_HOUR)
        self._log(ticket, "investigated")
        self.assertEqual(self._get_row(ticket, "m1_r253").state, "met")

    def test_reply_before_the_task_does_not_count_for_after_sales(self):
        """R306: what sales said; a solution that was given already does (R307)."""
        ticket = self._register_case("m3", MON)
        self._log(ticket, "acknowledged")
        self._log(ticket, "solution_given")
        self.now.tick(_HOUR)
        self._log(ticket, "dispatched:emergency")
        self.assertEqual(self._get_row(ticket, "m3_r306").state, "running")
        self.assertEqual(self._get_row(ticket, "m3_r307").state, "met")
        self._log(ticket, "customer_progress_told")
        self.assertEqual(self._get_row(ticket, "m3_r306").state, "met")
