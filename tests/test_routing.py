# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_routing import RoutingCommon


@tagged("post_install", "-at_install")
class TestRouting(RoutingCommon):
    """New complaints find their department, person and procedure by rules."""

    # ------------------------------------------------------------------
    # Result and reason
    # ------------------------------------------------------------------

    def test_rule_decides_department_and_handler_and_says_why(self):
        """R181: owner department, responsible user, and the reason in words."""
        rule = self._create_rule(
            category_ids=self._set(self.delivery), responsible="manager"
        )
        ticket = self._register(category_id=self.delivery.id)
        self.assertEqual(ticket.complaint_department_id, self.production)
        self.assertEqual(ticket.user_id, self.user_zhang)
        self.assertEqual(ticket.complaint_routing_rule_id, rule)
        self.assertEqual(
            ticket.complaint_routing_reason,
            "Rule 30: Delivery topics -> Production, Zhang Wei, because Category = "
            "Delivery date.",
        )

    def test_no_rule_holds_and_the_complaint_says_so(self):
        """R181: nothing is chosen silently."""
        self._create_rule(category_ids=self._set(self.delivery))
        ticket = self._register(category_id=self.category.id)
        self.assertFalse(ticket.complaint_department_id)
        self.assertFalse(ticket.complaint_routing_rule_id)
        self.assertEqual(
            ticket.complaint_routing_reason, "No routing rule holds for it."
        )

    def test_without_rules_nothing_is_said(self):
        """R181: who does not use rules sees no trace of them."""
        self.assertFalse(self._register().complaint_routing_reason)

    def test_topics_go_to_departments(self):
        """R180: delivery to production, quality to quality, by words of the text."""
        self._create_rule("Delivery", keywords="交期，数量, delivery date, capacity")
        self._create_rule(
            "Quality",
            sequence=40,
            keywords="裂纹, crack*, defect*",
            department_id=self.quality_department.id,
        )
        for text, department in (
            ("客户反映交期延误十天", self.production),
            ("Your Delivery\nDate was not kept", self.production),
            ("滚珠有裂纹", self.quality_department),
            ("12 rings are CRACKED", self.quality_department),
            ("The invoice is wrong", self.env["hr.department"]),
        ):
            with self.subTest(text=text):
                ticket = self._register(name="Complaint", complaint_content=text)
                self.assertEqual(ticket.complaint_department_id, department)

    def test_nature_decides_who_answers(self):
        """R194, R206: enquiries go to sales, complaints to the service department."""
        sales = self._create_department("Sales")
        service = self._create_department("Service")
        self._create_rule("Enquiries", nature="enquiry", department_id=sales.id)
        self._create_rule("Complaints", nature="complaint", department_id=service.id)
        enquiry = self._register(complaint_nature="enquiry")
        self.assertEqual(enquiry.complaint_department_id, sales)
        self.assertEqual(self._register().complaint_department_id, service)
        # the category says what it is
        self.category.complaint_nature = "enquiry"
        by_category = self._register(category_id=self.category.id)
        self.assertEqual(by_category.complaint_department_id, sales)

    def test_customer_type_decides(self):
        """R203: suppliers and distributors to purchasing, consumers to service."""
        tag = self.env["res.partner.category"].create({"name": "Distributor"})
        north = self.env["res.partner.category"].create(
            {"name": "North", "parent_id": tag.id}
        )
        service = self._create_department("Customer service")
        self._create_rule("Trade", partner_category_ids=self._set(tag))
        self._create_rule("Consumers", customer_kind="person", department_id=service.id)
        consumer = self.env["res.partner"].create({"name": "Chen Jie"})
        self.customer.category_id = north
        # the tag of the company counts for its contact
        self.assertEqual(self._register().complaint_department_id, self.production)
        ticket = self._register(partner_id=consumer.id)
        self.assertEqual(ticket.complaint_department_id, service)
        other = self._register(partner_id=self.other_customer.id)
        self.assertFalse(other.complaint_department_id)

    def test_channel_decides_who_receives(self):
        """R204: by phone to the reception, which is a role."""
        role = self.env["complaint.role"].create({"name": "Reception", "code": "r204"})
        self.env["complaint.role.assignment"].create(
            {
                "role_id": role.id,
                "company_id": self.company.id,
                "department_id": self.quality_department.id,
                "user_id": self.user_wang.id,
            }
        )
        self._create_rule(
            "Phone",
            channel_ids=self._set(self.channel_phone),
            department_id=False,
            role_id=role.id,
            responsible="fixed",
        )
        ticket = self._register(channel_id=self.channel_phone.id)
        self.assertEqual(ticket.complaint_department_id, self.quality_department)
        self.assertEqual(ticket.user_id, self.user_wang)
        self.assertFalse(self._register().complaint_department_id)

    def test_role_that_nobody_holds_is_named(self):
        """R225: the reason says what is missing in the set-up."""
        role = self.env["complaint.role"].create({"name": "Vigilance", "code": "vig"})
        self._create_rule(department_id=False, role_id=role.id, responsible="manager")
        ticket = self._register()
        self.assertFalse(ticket.user_id)
        self.assertIn(
            "Nobody holds the role Vigilance.", ticket.complaint_routing_reason
        )

    def test_each_condition_excludes(self):
        """R181: region, class, severity, cause, product: not met, no rule."""
        germany, china = self.env.ref("base.de"), self.env.ref("base.cn")
        state = self.env["res.country.state"].create(
            {"name": "Bremen", "code": "HB9", "country_id": germany.id}
        )
        self.customer.write(
            {
                "country_id": germany.id,
                "state_id": state.id,
                "complaint_class": "important",
            }
        )
        self.company.partner_id.country_id = china
        category = self.product.categ_id = self.env["product.category"].create(
            {"name": "Bearings"}
        )
        below = self.env["product.category"].create(
            {"name": "Deep groove", "parent_id": category.id}
        )
        self.product.categ_id = below
        other = self.env["product.category"].create({"name": "Seals"})
        line = [Command.create({"product_id": self.product.id})]
        facts = {
            "complaint_severity": "critical",
            "complaint_cause_class": "quality",
            "category_id": self.express.id,
            "complaint_line_ids": line,
        }
        for holds, fails in (
            ({"country_ids": self._set(germany)}, {"country_ids": self._set(china)}),
            ({"is_overseas": "yes"}, {"is_overseas": "no"}),
            ({"is_out_of_province": "no"}, {"is_out_of_province": "yes"}),
            ({"state_ids": self._set(state)}, {"state_ids": self._set(_any(state))}),
            ({"customer_class": "important"}, {"customer_class": "general"}),
            ({"customer_kind": "company"}, {"customer_kind": "person"}),
            ({"severity": "critical"}, {"severity": "minor"}),
            ({"cause_class": "quality"}, {"cause_class": "non_quality"}),
            ({"category_ids": self._set(self.delivery)}, {"nature": "enquiry"}),
            (
                {"product_categ_ids": self._set(category)},
                {"product_categ_ids": self._set(other)},
            ),
            ({"is_repeat": "no"}, {"is_repeat": "yes"}),
            (
                {"domain": "[('complaint_line_ids.product_id', '=', %d)]"},
                {"domain": "[('complaint_line_ids.product_id', '!=', %d)]"},
            ),
        ):
            for conditions, expected in ((holds, True), (fails, False)):
                with self.subTest(conditions=conditions):
                    if "domain" in conditions:
                        text = conditions["domain"] % self.product.id
                        conditions = {"domain": text}
                    rule = self._create_rule(**conditions)
                    ticket = self._register(**facts)
                    self.assertIs(bool(ticket.complaint_department_id), expected)
                    rule.active = False

    def test_first_rule_by_sequence_wins(self):
        """R181: dragged to the top, another rule decides."""
        first = self._create_rule("First", sequence=1)
        second = self._create_rule(
            "Second", sequence=2, department_id=self.quality_department.id
        )
        self.assertEqual(self._register().complaint_routing_rule_id, first)
        second.sequence = 0
        self.assertEqual(self._register().complaint_routing_rule_id, second)

    def test_category_below_the_one_of_the_rule_counts(self):
        """R181: the reason names the category of the rule that held."""
        self._create_rule(category_ids=self._set(self.delivery))
        ticket = self._register(category_id=self.express.id)
        self.assertEqual(ticket.complaint_department_id, self.production)
        self.assertIn("Category = Delivery date", ticket.complaint_routing_reason)

    def test_priority_is_raised_and_never_lowered(self):
        """R195: problems that stop operations come first in the work list."""
        self._create_rule("Line stop", keywords="line stop*, 停线", priority="3")
        urgent = self._register(complaint_content="客户已停线")
        normal = self._register()
        self.assertEqual((urgent.priority, normal.priority), ("3", "1"))
        found = self.env["helpdesk.ticket"].search(
            [("id", "in", (urgent + normal).ids)]
        )
        self.assertEqual(found[0], urgent)
        self.env["complaint.routing.rule"].search([]).priority = "0"
        calm = self._register(complaint_content="停线", priority="2")
        self.assertEqual(calm.priority, "2")

    def test_repeat_is_a_condition(self):
        """R195: frequently recurring problems come first."""
        self._create_rule("Repeat", is_repeat="yes", priority="3")
        first = self._register()
        repeat = self._register(self.user_handler, complaint_repeat_of_id=first.id)
        self.assertEqual((first.priority, repeat.priority), ("1", "3"))

    # ------------------------------------------------------------------
    # Procedure, number, clocks
    # ------------------------------------------------------------------

    def test_procedure_of_the_rule_gives_the_number(self):
        """R181: routing comes before the number is drawn."""
        procedure = self.env["complaint.procedure"].create(
            {
                "name": "Overseas",
                "sequence": 500,
                "number_trigger": "registration",
                "number_pattern": "OV-{####}",
            }
        )
        self._create_rule(keywords="overseas", procedure_id=procedure.id)
        ticket = self._register(complaint_content="overseas shipment wet")
        self.assertEqual(ticket.complaint_procedure_id, procedure)
        self.assertEqual(ticket.complaint_number, "OV-0001")
        self.assertEqual(self._register().complaint_procedure_id, self.procedure)

    def test_policy_of_the_rule_goes_after_the_customer_and_before_the_procedure(self):
        """R181: a rule decides the deadline policy."""
        policies = self.env["complaint.sla.policy"]
        by_rule, by_procedure, by_customer = policies.create(
            [{"name": name} for name in ("Rule", "Procedure", "Customer")]
        )
        self.procedure.sla_policy_id = by_procedure
        self._create_rule(
            category_ids=self._set(self.delivery), sla_policy_id=by_rule.id
        )
        self.assertEqual(self._register().complaint_sla_policy_id, by_procedure)
        ticket = self._register(category_id=self.delivery.id)
        self.assertEqual(ticket.complaint_sla_policy_id, by_rule)
        self.customer.complaint_sla_policy_id = by_customer
        ticket = self._register(category_id=self.delivery.id)
        self.assertEqual(ticket.complaint_sla_policy_id, by_customer)

    def test_team_of_the_rule_brings_its_own_first_stage(self):
        """R181: the complaint starts in a stage that its team has."""
        team = self.env["helpdesk.ticket.team"].create(
            {"name": "Delivery team", "complaint_team": True}
        )
        stage = self.env["helpdesk.ticket.stage"].create(
            {
                "name": "New delivery case",
                "complaint_phase": "draft",
                "sequence": -100,
                "team_ids": self._set(team),
            }
        )
        self._create_rule(team_id=team.id)
        ticket = self._register()
        self.assertEqual((ticket.team_id, ticket.stage_id), (team, stage))

    # ------------------------------------------------------------------
    # What was chosen stays
    # ------------------------------------------------------------------

    def test_chosen_values_stay_and_the_reason_says_so(self):
        """R181: a person knows better than a rule."""
        procedure = self.env["complaint.procedure"].create(
            {"name": "Chosen", "sequence": 500}
        )
        self._create_rule(
            responsible="manager", procedure_id=self.procedure.copy({"name": "P"}).id
        )
        ticket = self._register(
            self.user_handler,
            complaint_department_id=self.quality_department.id,
            user_id=self.user_wang.id,
            complaint_procedure_id=procedure.id,
        )
        self.assertEqual(ticket.complaint_department_id, self.quality_department)
        self.assertEqual(ticket.user_id, self.user_wang)
        self.assertEqual(ticket.complaint_procedure_id, procedure)
        self.assertIn(
            "Owner Department as chosen: Quality.", ticket.complaint_routing_reason
        )

    def test_handler_of_another_department_is_not_taken_from_the_rule(self):
        """R181: the manager of production does not handle what went to quality."""
        self._create_rule(responsible="manager")
        ticket = self._register(complaint_department_id=self.quality_department.id)
        self.assertFalse(ticket.user_id)

    def test_defaults_of_the_form_are_no_choice(self):
        """R181: the form sends the standard procedure and the registrar as handler."""
        self.company.helpdesk_mgmt_ticket_auto_assign = True
        procedure = self.env["complaint.procedure"].create(
            {"name": "Special", "sequence": 500}
        )
        self._create_rule(responsible="manager", procedure_id=procedure.id)
        ticket = self._register(
            self.user_handler,
            user_id=self.user_handler.id,
            complaint_procedure_id=self.procedure.id,
        )
        self.assertEqual(ticket.user_id, self.user_zhang)
        self.assertEqual(ticket.complaint_procedure_id, procedure)

    def test_rule_and_reason_cannot_be_forged(self):
        """R181: by create or write of a handler."""
        rule = self._create_rule(category_ids=self._set(self.delivery))
        forged = {
            "complaint_routing_rule_id": rule.id,
            "complaint_routing_reason": "Because I say so",
        }
        ticket = self._register(self.user_handler, **forged)
        self.assertFalse(ticket.complaint_routing_rule_id)
        self.assertEqual(
            ticket.complaint_routing_reason, "No routing rule holds for it."
        )
        for name, value in forged.items():
            with self.assertRaisesRegex(UserError, "Hand Over"):
                ticket.write({name: value})

    # ------------------------------------------------------------------
    # Other ways to a complaint
    # ------------------------------------------------------------------

    def test_mail_is_routed(self):
        """R181: nobody opens it before it has its department; the address of the
        team is no choice of a person."""
        team = self.env["helpdesk.ticket.team"].create(
            {"name": "Delivery team", "complaint_team": True}
        )
        self._create_rule(keywords="交期", team_id=team.id, responsible="manager")
        # not through the gateway, which commits what it receives
        ticket = self.env["helpdesk.ticket"].message_new(
            {
                "subject": "交期",
                "from": "anna.meyer@meyer.example.com",
                "email_from": "anna.meyer@meyer.example.com",
                "author_id": self.customer_contact.id,
                "body": "<p>Please look</p>",
                "to": "complaints@example.com",
                "message_id": "<routing@meyer.example.com>",
            },
            custom_values={"team_id": self.team.id},
        )
        self.assertTrue(ticket.is_complaint)
        self.assertEqual(ticket.complaint_department_id, self.production)
        self.assertEqual(ticket.team_id, team)
        self.assertEqual(ticket.user_id, self.user_zhang)
        self.assertIn("Keywords = “交期”", ticket.complaint_routing_reason)

    def test_plain_ticket_that_becomes_a_complaint_is_routed(self):
        """R181: what it has stays, what is empty follows the rule."""
        self._create_rule(responsible="manager")
        tickets = self.env["helpdesk.ticket"]
        vals = {"name": "Printer", "description": "<p>Late</p>"}
        one = tickets.create({**vals, "user_id": False})
        two = tickets.create({**vals, "user_id": self.user_helpdesk.id})
        self.assertFalse(one.complaint_routing_reason)
        (one | two).write({"is_complaint": True})
        self.assertEqual(one.complaint_department_id, self.production)
        self.assertEqual(one.user_id, self.user_zhang)
        self.assertEqual(two.user_id, self.user_helpdesk)
        self.assertIn("Rule 30", two.complaint_routing_reason)

    def test_customer_at_the_portal_is_routed_without_rights(self):
        """R181: he reads neither rules nor the reason."""
        self._create_rule(customer_class="important")
        self.customer.complaint_class = "important"
        # sudo: as the web form of the portal does
        ticket = (
            self.env["helpdesk.ticket"]
            .with_user(self.portal_user)
            .sudo()
            .create(self._complaint_vals())
        )
        self.assertEqual(ticket.complaint_department_id, self.production)
        ticket = ticket.with_user(self.portal_user).sudo(False)
        self.assertTrue(ticket.has_access("read"))
        with self.assertRaises(AccessError):
            ticket.read(["complaint_routing_reason"])

    def test_import_of_an_old_register_is_not_routed(self):
        """R181: history stays as it was."""
        self._create_rule()
        tickets = self.env["helpdesk.ticket"].with_user(self.user_manager)
        ticket = tickets.with_context(complaint_import=True).create(
            self._complaint_vals(complaint_number="2001-7")
        )
        self.assertFalse(ticket.complaint_department_id)
        self.assertFalse(ticket.complaint_routing_reason)

    # ------------------------------------------------------------------
    # Presets, companies, rights
    # ------------------------------------------------------------------

    def test_presets_and_archived_rules_do_nothing_and_copies_work(self):
        """R181: a preset is a model until it is copied."""
        preset = self._create_rule(
            is_preset=True,
            preset="M1",
            responsible="round_robin",
            user_ids=self._set(self.user_li),
            informed_department_ids=self._set(self.quality_department),
            category_ids=self._set(self.delivery),
        )
        self._create_rule(active=False)
        vals = {"category_id": self.delivery.id}
        self.assertFalse(self._register(**vals).complaint_routing_reason)
        copied = preset.copy({"preset_origin_id": preset.id})
        self.assertFalse(copied.is_preset or copied.preset)
        self.assertEqual(copied.preset_origin_id, preset)
        ticket = self._register(**vals)
        self.assertEqual(ticket.complaint_routing_rule_id, copied)
        self.assertEqual(ticket.user_id, self.user_li)

    def test_preset_loads_its_rules_into_a_company(self):
        """R222: with the procedure that the company loaded; twice is once."""
        master = self.env["complaint.procedure"].create(
            {"name": "Model", "is_preset": True, "preset": "ZZ"}
        )
        rule = self.env["complaint.routing.rule"].create(
            {
                "name": "Model rule",
                "company_id": False,
                "is_preset": True,
                "preset": "ZZ",
                "nature": "suggestion",
                "procedure_id": master.id,
            }
        )
        procedures = self.env["complaint.procedure"].with_user(self.user_manager)
        for _twice in range(2):
            loaded = procedures._load_preset("ZZ", self.company)
            copies = rule.search([("preset_origin_id", "=", rule.id)])
            self.assertEqual(len(copies), 1)
            self.assertEqual(copies.company_id, self.company)
            self.assertEqual(copies.procedure_id, loaded)
        ticket = self._register(complaint_nature="suggestion")
        self.assertEqual(ticket.complaint_routing_rule_id, copies)

    def test_second_company_has_its_own_rules(self):
        """R181: rules, departments and holders of roles of another company are none
        of ours; a rule for all companies names a role."""
        role = self.env["complaint.role"].create({"name": "Service", "code": "srv"})
        abroad = self._create_department("Abroad", company_id=self.company_b.id)
        for company, department in (
            (self.company, self.production),
            (self.company_b, abroad),
        ):
            self.env["complaint.role.assignment"].create(
                {
                    "role_id": role.id,
                    "company_id": company.id,
                    "department_id": department.id,
                }
            )
        self._create_rule("All", company_id=False, department_id=False, role_id=role.id)
        ours = self._create_rule(
            "Ours", sequence=1, department_id=self.quality_department.id
        )
        theirs = self.env["helpdesk.ticket"].with_user(self.user_handler_b)
        theirs = theirs.create(self._complaint_vals(company_id=self.company_b.id))
        self.assertEqual(theirs.complaint_department_id, abroad)
        ticket = self._register()
        self.assertEqual(ticket.complaint_routing_rule_id, ours)
        with self.assertRaises(UserError):
            self._create_rule(company_id=False)
        rules = self.env["complaint.routing.rule"].with_user(self.user_handler_b)
        self.assertNotIn(ours.id, rules.search([]).ids)

    def test_only_managers_write_rules(self):
        """R524: employees read them, customers do not."""
        rule = self._create_rule()
        for user in (self.user_register, self.user_handler, self.user_helpdesk_manager):
            own = rule.with_user(user)
            self.assertTrue(own.summary)
            for operation in ("write", "create", "unlink"):
                self.assertFalse(own.has_access(operation))
        self.assertFalse(rule.with_user(self.portal_user).has_access("read"))
        rule.with_user(self.user_manager).unlink()
        self.assertFalse(rule.exists())

    def test_deleted_rule_leaves_the_reason(self):
        """R181: why it went there stays readable."""
        rule = self._create_rule(
            responsible="round_robin", user_ids=self._set(self.user_li)
        )
        sequence = rule.sudo().turn_sequence_id
        self.assertTrue(sequence)
        ticket = self._register()
        rule.with_user(self.user_manager).unlink()
        self.assertFalse(sequence.exists())
        self.env.invalidate_all()
        self.assertFalse(ticket.complaint_routing_rule_id)
        self.assertIn("Rule 30", ticket.complaint_routing_reason)

    # ------------------------------------------------------------------
    # Bad input
    # ------------------------------------------------------------------

    def test_bad_rules_are_refused_with_what_to_do(self):
        """R181: conditions are edited by people who do not program."""
        for vals, message in (
            ({"keywords": "，、 *"}, "contain no word"),
            ({"domain": "[('no_such_field', '=', 1)]"}, "cannot be read"),
            ({"domain": "[('name', '=']"}, "cannot be read"),
            ({"domain": "{}"}, "cannot be read"),
            ({"domain": "__import__('os')"}, "cannot be read"),
            ({"responsible": "fixed"}, "person or the role"),
            ({"responsible": "manager", "department_id": False}, "whose manager"),
            ({"responsible": "least_open", "department_id": False}, "among whom"),
            (
                {"responsible": "fixed", "user_id": self.portal_user.id},
                "cannot handle complaints",
            ),
        ):
            with (
                self.subTest(vals=vals),
                self.assertRaisesRegex(ValidationError, message),
            ):
                self._create_rule(**vals)

    def test_broken_condition_never_costs_the_complaint(self):
        """R181: a field may vanish with its addon."""
        rule = self._create_rule(domain="[('name', '!=', False)]")
        self.env.cr.execute(
            "UPDATE complaint_routing_rule SET domain = %s WHERE id = %s",
            ["[('gone_field', '=', 1)]", rule.id],
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        other = self._create_rule("Other", sequence=99)
        with mute_logger("odoo.addons.helpdesk_mgmt_complaint"):
            ticket = self._register()
        self.assertEqual(ticket.complaint_routing_rule_id, other)

    def test_summary_reads_like_a_sentence(self):
        """R181: what the rule does, for people who do not program."""
        rule = self._create_rule(
            category_ids=self._set(self.delivery),
            keywords="交期, late",
            responsible="manager",
        )
        self.assertEqual(
            rule.summary,
            "If Category is Delivery date and Keywords is “交期” or “late”: "
            "department: Production; handler: The manager of the department.",
        )


def _any(record):
    """Return another record of the same model."""
    return record.search([("id", "!=", record.id)], limit=1)
