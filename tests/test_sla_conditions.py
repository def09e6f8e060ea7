# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common_escalation import EscalationCommon
from .common_sla import MONDAY, SlaCommon


@tagged("post_install", "-at_install")
class TestSlaConditions(SlaCommon, EscalationCommon):
    """For which complaints of a policy a line holds; whom a company's role means."""

    # ------------------------------------------------------------------
    # Conditions of a line
    # ------------------------------------------------------------------

    def test_category_with_those_below_it(self):
        """R298: public areas, and what a company puts below them."""
        categories = self.env["helpdesk.ticket.category"]
        area = categories.create({"name": "Public area", "company_id": False})
        lift = categories.create(
            {"name": "Lift", "parent_id": area.id, "company_id": False}
        )
        self._create_line("registered", cond_category_ids=area.ids)
        for category, holds in ((lift, 1), (area, 1), (self.category, 0), (None, 0)):
            ticket = self._register(category_id=category and category.id)
            self.assertEqual(len(self._deadlines(ticket)), holds)

    def test_severity_means_this_one_and_above(self):
        """R271: major feedback, and critical feedback even more so."""
        self._create_line("registered", cond_severity="major")
        for severity, holds in (("minor", 0), ("major", 1), ("critical", 1)):
            ticket = self._register(complaint_severity=severity)
            self.assertEqual(len(self._deadlines(ticket)), holds, severity)

    def test_established_is_not_the_same_as_undecided(self):
        """R261: only what was found to be not established."""
        self._create_line("registered", cond_established="no")
        ticket = self._register()
        self.assertFalse(self._deadlines(ticket))
        ticket.write(
            {
                "complaint_established": "no",
                "complaint_established_grounds": "Stored outdoors",
            }
        )
        self.assertEqual(len(self._deadlines(ticket)), 1)

    def test_all_conditions_must_hold(self):
        """R241: nature and channel, say."""
        self._create_line(
            "registered",
            cond_nature="repair",
            cond_channel_ids=self.channel_phone.ids,
        )
        for channel, nature, holds in (
            (self.channel_phone, "repair", 1),
            (self.channel_phone, "complaint", 0),
            (self.channel_email, "repair", 0),
        ):
            ticket = self._register(channel_id=channel.id, complaint_nature=nature)
            self.assertEqual(len(self._deadlines(ticket)), holds)

    def test_channel_or_category_of_a_line_cannot_be_deleted(self):
        """R242, R298: the line would hold for all then; also one that is off."""
        channel = self.env["helpdesk.ticket.channel"].create({"name": "Pager"})
        category = self.env["helpdesk.ticket.category"].create({"name": "Lift"})
        line = self._create_line(
            "registered",
            cond_channel_ids=channel.ids,
            cond_category_ids=category.ids,
            active=False,
        )
        for record in (channel, category):
            with self.assertRaisesRegex(UserError, f"holds only for {record.name}"):
                record.unlink()
        line.cond_channel_ids = line.cond_category_ids = False
        channel.unlink()
        category.unlink()
        self.assertFalse(channel.exists() or category.exists())

    # ------------------------------------------------------------------
    # What was found
    # ------------------------------------------------------------------

    def _codes(self, ticket):
        return ticket.complaint_event_ids.sorted("id").mapped("code")

    def test_finding_is_logged_when_it_is_made(self):
        """R251, R284: once in a cycle; ticking again gains no time."""
        ticket = self._register()
        self.assertNotIn("major_found", self._codes(ticket))
        self.now.tick(3600)
        for value in (True, True, False, True):
            ticket.complaint_is_major = value
        ticket.complaint_severity = "critical"
        codes = self._codes(ticket)
        self.assertEqual(codes.count("major_found"), 1)
        self.assertEqual(codes.count("urgency_found"), 1)

    def test_finding_of_a_reopened_complaint_is_logged_again(self):
        """R251: in its own cycle."""
        ticket = self._register()
        ticket.sudo().complaint_cycle = 2
        ticket.complaint_is_major = True
        found = ticket.complaint_event_ids.filtered(lambda e: e.code == "major_found")
        self.assertEqual(found.cycle, 2)

    def test_what_is_known_at_the_registration_is_logged_with_it(self):
        """R290: same time, also for several at once."""
        tickets = self.env["helpdesk.ticket"].create(
            [
                self._complaint_vals(complaint_is_major=True),
                self._complaint_vals(complaint_severity="critical"),
                self._complaint_vals(),
            ]
        )
        found = [
            set(self._codes(t)) & {"major_found", "urgency_found"} for t in tickets
        ]
        self.assertEqual(found, [{"major_found"}, {"urgency_found"}, set()])
        for event in tickets.complaint_event_ids.filtered(
            lambda e: e.code == "major_found"
        ):
            self.assertEqual(event.at, MONDAY)

    def test_plain_tickets_have_no_findings(self):
        """R251: nor has one before it becomes a complaint."""
        plain = self.env["helpdesk.ticket"].create(
            {"name": "Noise", "description": "<p>It is loud</p>"}
        )
        # later than the database's clock, which is not frozen
        self.now.move_to(datetime(2030, 1, 1))
        plain.complaint_is_major = True
        self.assertFalse(plain.complaint_event_ids)
        plain.is_complaint = True
        self.assertEqual(self._codes(plain).count("major_found"), 1)

    def test_imported_history_has_no_findings(self):
        """R512: what the old register says was not found today."""
        stage = self.env.ref("helpdesk_mgmt_complaint.stage_accepted")
        tickets = self.env["helpdesk.ticket"].with_user(self.user_manager)
        ticket = tickets.with_context(complaint_import=True).create(
            self._complaint_vals(
                stage_id=stage.id,
                complaint_is_major=True,
                complaint_received_at="2020-01-01 08:00:00",
            )
        )
        self.assertNotIn("major_found", self._codes(ticket))

    # ------------------------------------------------------------------
    # Roles of the company
    # ------------------------------------------------------------------

    def _told(self, role, **assignment):
        """Return the escalation of a level that names a role."""
        roles = self.env["complaint.role.assignment"]
        roles.search([("role_id", "=", role.id)]).unlink()
        if assignment:
            roles.create({"role_id": role.id, **assignment})
        line = self._create_line()
        level = {"moment": "after_due", "role": "assigned", "role_id": role.id}
        self._levels(line, level)
        deadline = self._deadline(line=line, due=-1)
        self._sweep()
        return deadline.escalation_ids

    def test_holder_of_the_role_is_told(self):
        """R225, R306: whoever holds it in this company now."""
        role = self.env.ref("helpdesk_mgmt_complaint.role_product_head")
        other = {"company_id": self.company_b.id, "user_id": self.user_handler_b.id}
        self.env["complaint.role.assignment"].create({"role_id": role.id, **other})
        user = self.people["team_leader"]
        holders = self.env["complaint.role.assignment"]
        holders.create({"role_id": role.id, "user_id": user.id})
        line = self._create_line()
        level = {"moment": "after_due", "role": "assigned", "role_id": role.id}
        self._levels(line, level)
        deadline = self._deadline(line=line, due=-1)
        self._sweep()
        told = deadline.escalation_ids
        self.assertEqual((told.role, told.user_ids), ("assigned", user))
        self.assertFalse(told.note)
        self.assertIn(role.name, told.level_id.display_name)

    def test_department_that_holds_the_role_is_told_through_its_manager(self):
        """R225."""
        role = self.env.ref("helpdesk_mgmt_complaint.role_production")
        told = self._told(role, department_id=self.department.id)
        self.assertEqual(told.user_ids, self.people["department_manager"])
        self.assertEqual(told.role, "assigned")

    def test_role_that_nobody_holds_is_replaced(self):
        """R323: no miss gets lost; the log says who was told instead."""
        role = self.env.ref("helpdesk_mgmt_complaint.role_gm_office")
        told = self._told(role)
        self.assertEqual(told.user_ids, self.people["department_manager"])
        self.assertEqual(told.role, "department_manager")
        self.assertIn(role.name, told.note)

    def test_level_without_its_role_is_refused(self):
        """R241."""
        with self.assertRaisesRegex(ValidationError, "names no role"):
            self._levels(self._create_line(), {"role": "assigned"})
