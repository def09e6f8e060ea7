# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common_sla import MONDAY, SlaCommon

HOUR = timedelta(hours=1)


@tagged("post_install", "-at_install")
class TestSlaPolicy(SlaCommon):
    """Which policy holds; policies are data that never rewrite history."""

    def _match(self, **vals):
        return self._register(**vals).complaint_sla_policy_id

    # ------------------------------------------------------------------
    # Matching
    # ------------------------------------------------------------------

    def test_first_policy_by_sequence_whose_conditions_hold(self):
        """R241: nothing set means any."""
        policies = self.env["complaint.sla.policy"]
        strict = policies.create(
            {"name": "Critical", "sequence": 1, "severity": "critical"}
        )
        self.assertEqual(self._match(), self.policy)
        self.assertEqual(self._match(complaint_severity="critical"), strict)
        strict.active = False
        self.assertEqual(self._match(complaint_severity="critical"), self.policy)

    def test_category_with_those_below_it(self):
        """R241: a policy for a category holds for its children."""
        child = self.env["helpdesk.ticket.category"].create(
            {"name": "Cage", "parent_id": self.category.id, "company_id": False}
        )
        strict = self.env["complaint.sla.policy"].create(
            {"name": "Quality", "sequence": 1, "category_ids": self.category.ids}
        )
        self.assertEqual(self._match(category_id=child.id), strict)
        self.assertEqual(self._match(), self.policy)

    def test_customer_before_procedure_before_conditions(self):
        """R319: the customer's own terms come first, for all his contacts."""
        policies = self.env["complaint.sla.policy"]
        of_procedure = policies.create({"name": "Procedure", "sequence": 99})
        of_customer = policies.create({"name": "Customer", "sequence": 99})
        self.procedure.sla_policy_id = of_procedure
        self.assertEqual(self._match(), of_procedure)
        self.customer.complaint_sla_policy_id = of_customer
        self.assertEqual(self._match(), of_customer)
        of_customer.active = False
        self.assertEqual(self._match(), of_procedure)

    def test_customer_class(self):
        """R558: important customers have their own limits."""
        strict = self.env["complaint.sla.policy"].create(
            {"name": "Important", "sequence": 1, "customer_class": "important"}
        )
        self.assertEqual(self._match(), self.policy)
        self.customer.complaint_class = "important"
        self.assertEqual(self._match(), strict)

    def test_presets_are_inert_until_chosen_or_copied(self):
        """R241: master data starts no clock."""
        preset = self.env["complaint.sla.policy"].create(
            {"name": "M1", "sequence": 0, "is_preset": True, "preset": "M1"}
        )
        self._create_line(policy_id=preset.id)
        self.assertEqual(self._match(), self.policy)
        copied = preset.copy()
        self.assertFalse(copied.is_preset)
        self.assertEqual(len(copied.line_ids), 1)
        self.assertEqual(self._match(), copied)
        copied.active = False
        self.procedure.sla_policy_id = preset
        self.assertEqual(self._match(), preset)

    def test_policy_of_another_company_never_holds(self):
        """R524: neither by conditions nor when chosen."""
        other = self.env["complaint.sla.policy"].create(
            {"name": "B", "sequence": 0, "company_id": self.company_b.id}
        )
        self.assertEqual(self._match(), self.policy)
        self.customer.complaint_sla_policy_id = other
        self.assertEqual(self._match(), self.policy)

    def test_copy_keeps_who_replaces_whom(self):
        """R241: lines of a copy refer to each other."""
        general, strict = self._create_line(), self._create_line(amount=4)
        general.yields_to_ids = strict
        copied = self.policy.copy()
        first, second = copied.line_ids
        self.assertEqual(first.yields_to_ids, second)
        self.assertNotIn(first.key, (general.key, strict.key))

    # ------------------------------------------------------------------
    # History
    # ------------------------------------------------------------------

    def test_edited_line_makes_a_new_version(self):
        """R321: old cases keep the targets valid at their start."""
        line = self._create_line()
        ticket = self._accept()
        manager = self.policy.with_user(self.user_manager)
        manager.write({"line_ids": [Command.update(line.id, {"amount": 4})]})
        self.assertFalse(line.active)
        self.assertEqual(line.amount, 24)
        successor = self.policy.line_ids
        self.assertEqual(successor.amount, 4)
        self.assertEqual(successor.root_key, line.key)
        self.assertNotEqual(successor.key, line.key)
        ticket._complaint_event("assessed")
        self.assertEqual(self._deadlines(ticket).due_at, MONDAY + 24 * HOUR)
        # the same policy again: its lines are not exchanged
        self.now.tick(HOUR)
        ticket.complaint_severity = "critical"
        self.assertEqual(self._deadlines(ticket).line_id, line)
        self.assertSameAsLog(ticket)
        # archived and back again: still the version valid at its start
        for active in (False, True):
            self.now.tick(HOUR)
            ticket.active = active
        self.assertEqual(self._deadlines(ticket).line_id, line)
        self.assertEqual(self._deadlines(ticket).state, "running")
        new = self._accept()
        self.assertEqual(self._deadlines(new).due_at, MONDAY + 7 * HOUR)

    def test_line_that_has_not_started_is_kept_too(self):
        """R321: what was matched holds, though its clock starts later."""
        line = self._create_line("closed", ("called_back",))
        ticket = self._accept()
        line.amount = 1
        ticket.action_complaint_close()
        self.assertEqual(self._deadlines(ticket).due_at, MONDAY + 24 * HOUR)

    def test_new_name_or_same_value_makes_no_version(self):
        """R321: only what deadlines are computed from."""
        line = self._create_line()
        self._accept()
        line.write(
            {
                "name": "Reply",
                "amount": 24,
                "calendar_id": False,
                "target_type_ids": [Command.set(line.target_type_ids.ids)],
                "requires_breach_reason": True,
            }
        )
        self.assertTrue(line.active)
        self.assertEqual(self.policy.line_ids, line)
        line.target_type_ids = [Command.link(self._type("assessed").id)]
        self.assertFalse(line.active)
        self.assertEqual(len(self.policy.line_ids.target_type_ids), 2)
        self.assertEqual(len(line.target_type_ids), 1)

    def test_unused_line_is_edited_in_place(self):
        """R321: nobody follows it yet."""
        line = self._create_line()
        line.amount = 4
        self.assertEqual(self.policy.line_ids, line)

    def test_replaced_line_keeps_who_yields_to_it(self):
        """R321: the successor takes its place."""
        general = self._create_line()
        strict = self._create_line(amount=4, cond_major="yes")
        general.yields_to_ids = strict
        self._accept(complaint_is_major=True)
        strict.amount = 2
        self.assertEqual(general.yields_to_ids.amount, 2)
        ticket = self._accept(complaint_is_major=True)
        self.assertEqual(self._deadlines(ticket).due_at, MONDAY + 2 * HOUR)

    def test_used_lines_and_policies_cannot_be_deleted(self):
        """R321: they can be archived."""
        line = self._create_line()
        self._accept()
        with self.assertRaisesRegex(UserError, "Archive it"):
            line.unlink()
        with self.assertRaisesRegex(UserError, "Archive it"):
            self.policy.unlink()
        self.env["complaint.sla.policy"].create({"name": "Unused"}).unlink()

    # ------------------------------------------------------------------
    # Errors
    # ------------------------------------------------------------------

    def test_impossible_limits_are_refused(self):
        """R241: a clear sentence for each."""
        for message, vals in {
            "cannot be negative": {"amount": -1},
            "whole numbers": {"amount": 1.5, "unit": "working_day"},
            "0:00 to 24:00": {"unit": "wall_clock", "amount": 1, "at_time": 25},
            "from 1 to 31": {"unit": "before_day_of_month", "day_of_month": 32},
            "Weekdays are": {"unit": "wall_clock", "amount": 1, "weekdays": "Mo"},
            "6 .Sunday": {"unit": "wall_clock", "amount": 1, "weekdays": "7"},
            "no phase sleeping": {"pause_phases": "decision, sleeping"},
            "at least one event": {"target_type_ids": []},
            "every hour": {"unit": "minute", "amount": 5, "recurrence": "daily"},
            "end with the day": {"unit": "calendar_day", "day_rule": "plan_days"},
        }.items():
            with (
                self.subTest(message),
                self.assertRaisesRegex(ValidationError, message),
            ):
                self._create_line(**vals)
        line = self._create_line()
        with self.assertRaisesRegex(ValidationError, "negative"):
            line.amount = -2

    def test_unknown_event_is_refused(self):
        """R241: events are records; an unknown code or a used one cannot vanish."""
        line = self._create_line()
        with self.assertRaisesRegex(UserError, "no complaint event type"):
            self._accept()._complaint_event("teleported")
        own = self.env["complaint.event.type"].create({"code": "own", "name": "Own"})
        line.target_type_ids = own
        with self.assertRaisesRegex(UserError, "needs this event type"):
            own.unlink()

    def test_bad_details_of_an_event_are_refused(self):
        """R241: what would break the clocks is not logged."""
        self._create_line()
        ticket = self._accept()
        for code, payload in (
            ("extended", {"lines": ["x"]}),
            ("waived", {}),
            ("customer_deadline_set", {"due": "tomorrow"}),
        ):
            with self.subTest(code), self.assertRaises(UserError):
                ticket._complaint_event(code, payload={"x": 1, **payload})

    def test_lines_replacing_each_other_in_a_circle(self):
        """R241: then none would hold."""
        first, second = self._create_line(), self._create_line()
        first.yields_to_ids = second
        with self.assertRaisesRegex(ValidationError, "circle"):
            second.yields_to_ids = first
        other = self.env["complaint.sla.policy"].create({"name": "Other"})
        foreign = self._create_line(policy_id=other.id)
        with self.assertRaisesRegex(ValidationError, "own policy"):
            first.yields_to_ids = foreign

    def test_calendar_in_use_cannot_be_deleted(self):
        """R320: a clear error, nothing lost; also from the team."""
        calendar = self._create_calendar("Europe/Berlin")
        line = self._create_line(calendar_id=calendar.id)
        with self.assertRaisesRegex(UserError, "Standard"):
            calendar.unlink()
        line.active = False
        with self.assertRaisesRegex(UserError, "Standard"):
            calendar.unlink()
        calendar.active = False

    def test_calendar_of_the_team_before_the_company(self):
        """R320: where the line names none."""
        self.team.complaint_calendar_id = self._create_calendar(
            "Asia/Shanghai", ((20, 22),)
        )
        self._create_line(unit="working_hour", amount=1)
        ticket = self._accept(team_id=self.team.id)
        self.assertEqual(self._deadlines(ticket).due_at, MONDAY + 12 * HOUR)
        with self.assertRaisesRegex(UserError, self.team.name):
            self.team.complaint_calendar_id.unlink()

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------

    def test_only_managers_edit_policies(self):
        """R524: everybody reads them, managers edit them."""
        line = self._create_line()
        for user in (self.user_handler, self.user_quality, self.user_register):
            self.assertEqual(line.with_user(user).amount, 24)
            with self.assertRaises(AccessError):
                line.with_user(user).amount = 1
            with self.assertRaises(AccessError):
                self.policy.with_user(user).name = "x"
        line.with_user(self.user_manager).amount = 2
        self.assertEqual(line.amount, 2)

    def test_policies_of_another_company_are_hidden(self):
        """R524."""
        self.policy.company_id = self.company_b
        line = self._create_line()
        for record in (self.policy, line):
            own = record.with_user(self.user_manager)
            self.assertFalse(own.search([("id", "=", record.id)]))
