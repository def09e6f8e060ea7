# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import ComplaintCommon

_CODES = ["M1", "M2", "M3", "PM", "MED", "GAS", "CON", "LAW", "LAB", "TEC", "GEN"]


@tagged("post_install", "-at_install")
class TestPresets(ComplaintCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.procedures = cls.env["complaint.procedure"].with_user(cls.user_manager)
        cls.user_manager.company_ids |= cls.company_b

    def _load(self, code, company=None):
        company = company or self.company
        return self.procedures.with_company(company)._load_preset(code, company)

    def test_fresh_install_has_eleven_presets_and_none_is_active(self):
        """R222: master data is inert until a company chooses it."""
        masters = self.env["complaint.procedure"].search([("is_preset", "=", True)])
        self.assertEqual(set(masters.mapped("preset")), set(_CODES))
        self.assertFalse(masters.company_id)
        default = masters._get_default_procedure(self.company)
        self.assertFalse(default.is_preset)
        complaint = self._create_complaint()
        self.assertFalse(complaint.complaint_sla_policy_id)
        with self.assertRaisesRegex(ValidationError, "only a model"):
            complaint.complaint_procedure_id = masters[0]

    def test_loaded_preset_rules_the_company_and_stays_editable(self):
        """R222: M1 brings steps, gates, policy, stages and number for one company."""
        procedure = self._load("M1")
        self.assertEqual(procedure.company_id, self.company)
        self.assertEqual(
            self.env["complaint.procedure"]._get_default_procedure(self.company),
            procedure,
        )
        master = procedure.preset_origin_id
        self.assertTrue(master.is_preset)
        self.assertEqual(
            procedure.step_ids.mapped("code"), master.step_ids.mapped("code")
        )
        self.assertEqual(len(procedure.gate_ids), len(master.gate_ids))
        self.assertEqual(procedure.sla_policy_id.company_id, self.company)
        self.assertFalse(procedure.sla_policy_id.is_preset)
        complaint = self._create_complaint()
        self.assertEqual(complaint.complaint_procedure_id, procedure)
        self.assertEqual(complaint.stage_id.name, "Form filled in")
        self.assertEqual(
            complaint.team_id._get_complaint_stages(self.company).mapped(
                "complaint_phase"
            ),
            ["draft", "accepted", "investigation", "decision", "closed", "cancelled"],
        )
        self.assertNotIn(
            self.env.ref("helpdesk_mgmt_complaint.stage_accepted"),
            complaint.complaint_allowed_stage_ids,
        )
        self.assertIn(complaint.stage_id, complaint.complaint_allowed_stage_ids)
        procedure.step_ids[3].name = "Our own wording"
        self.assertNotEqual(master.step_ids[3].name, "Our own wording")

    def test_loading_again_keeps_every_edit(self):
        """R222: edited, archived and deleted things stay as the company left them."""
        procedure = self._load("M1")
        procedure.name = "KD-07"
        procedure.step_ids[4].unlink()
        procedure.sla_policy_id.name = "Our limits"
        procedure.sla_policy_id.active = False
        steps = procedure.step_ids
        stage = self._create_complaint().stage_id
        stage.name = "Our drafts"
        again = self._load("M1")
        self.assertEqual(again, procedure)
        self.assertEqual(procedure.name, "KD-07")
        self.assertEqual(procedure.step_ids, steps)
        self.assertEqual(procedure.sla_policy_id.name, "Our limits")
        self.assertFalse(procedure.sla_policy_id.active)
        policies = self.env["complaint.sla.policy"].with_context(active_test=False)
        self.assertEqual(
            policies.search_count(
                [
                    ("preset_origin_id", "!=", False),
                    ("company_id", "=", self.company.id),
                ]
            ),
            1,
        )
        self.assertEqual(stage.name, "Our drafts")
        procedure.active = False
        self.assertEqual(self._load("M1"), procedure)
        self.assertFalse(procedure.active)

    def test_two_companies_run_two_presets(self):
        """R223: each follows its own; neither sees the other's stages."""
        first, second = self._load("M1"), self._load("PM", self.company_b)[0]
        complaint = self._create_complaint()
        other = self.env["helpdesk.ticket"].with_company(self.company_b)
        other = other.create(
            self._complaint_vals(company_id=self.company_b.id, team_id=False)
        )
        self.assertEqual(complaint.complaint_procedure_id, first)
        self.assertEqual(other.complaint_procedure_id, second)
        self.assertEqual(other.stage_id.name, "Recorded")
        self.assertEqual(other.stage_id.company_id, self.company_b)

    def test_second_preset_of_a_company_finds_its_phases(self):
        """R222: M1 skips phases that GEN needs; both work in one company."""
        self._load("M1")
        self._load("GEN")
        stages = self.team._get_complaint_stages(self.company)
        self.assertIn("execution", stages.mapped("complaint_phase"))
        self.assertEqual(len(stages), len(set(stages.mapped("complaint_phase"))))

    def test_every_preset_loads(self):
        """R222: all eleven, each with steps, forms and limits."""
        for code in _CODES:
            with self.subTest(code=code):
                for procedure in self._load(code, self.company_b):
                    self.assertTrue(procedure.step_ids)
                    self.assertTrue(procedure.form_ids)
                    self.assertTrue(procedure.number_example)
                    self.assertTrue(procedure.sla_policy_id)

    def test_wizard_maps_roles_to_departments(self):
        """R225: the same duty can be given to any department."""
        department = self.env["hr.department"].create({"name": "Quality"})
        load = Form(self.env["complaint.preset.load"].with_user(self.user_manager))
        load.master_id = self.env.ref("helpdesk_mgmt_complaint.procedure_m1")
        wizard = load.save()
        quality = wizard.role_ids.filtered(lambda r: r.role_id.code == "quality")
        self.assertEqual(quality.department_id, department)
        business = wizard.role_ids.filtered(lambda r: r.role_id.code == "business")
        business.user_id = self.user_handler
        wizard.action_load()
        holders = (quality.role_id | business.role_id)._get_holders(self.company)
        self.assertEqual(holders[quality.role_id].department_id, department)
        self.assertEqual(holders[business.role_id].user_id, self.user_handler)
        # again, with nothing filled in: what is known stays
        again = Form(self.env["complaint.preset.load"].with_user(self.user_manager))
        again.master_id = self.env.ref("helpdesk_mgmt_complaint.procedure_m1")
        self.assertTrue(again.is_loaded)
        again.save().action_load()
        holders = business.role_id._get_holders(self.company)
        self.assertEqual(holders[business.role_id].user_id, self.user_handler)

    def test_running_complaints_keep_the_shared_stages(self):
        """R222: loaded beside running complaints, columns are not doubled."""
        self._create_complaint()
        load = Form(self.env["complaint.preset.load"].with_user(self.user_manager))
        load.master_id = self.env.ref("helpdesk_mgmt_complaint.procedure_m1")
        self.assertFalse(load.own_stages)
        load.save().action_load()
        stages = self.team._get_complaint_stages(self.company)
        self.assertFalse(stages.company_id)

    def test_only_managers_load_and_only_for_their_companies(self):
        """R524: a handler cannot; nor a manager for a company he left."""
        with self.assertRaises(AccessError):
            self.env["complaint.procedure"].with_user(self.user_handler)._load_preset(
                "M1", self.company
            )
        with self.assertRaises(AccessError):
            self.env["complaint.preset.load"].with_user(self.user_handler).create({})
        with self.assertRaisesRegex(UserError, "no preset"):
            self._load("XX")
        foreign = self.env["res.company"].create({"name": "Foreign"})
        with self.assertRaises(AccessError):
            self._load("M1", foreign)

    def test_print_dialog_offers_the_forms_of_the_procedure_first(self):
        """R222: the property preset prints its complaint record, not form 001."""
        self._load("PM")
        complaint = self._create_complaint()
        prints = self.env["complaint.form.print"].with_user(self.user_handler)
        choice = prints.with_context(
            active_model="helpdesk.ticket", active_ids=complaint.ids
        ).create({})
        self.assertEqual(choice.form_id.code, "F65")

    def test_topics_go_to_departments_by_the_rules_of_the_preset(self):
        """R180, R194, R204, R205: in Chinese and English, by roles of the company."""
        for code, role, vals in (
            ("M3", "production", {"name": "交期又延误了"}),
            ("M3", "finance", {"name": "Wrong price on the invoice"}),
            ("M3", "engineering", {"name": "图纸版本", "complaint_nature": "enquiry"}),
            ("M3", "business", {"name": "New series", "complaint_nature": "enquiry"}),
            ("M3", "quality", {"name": "Cracked cages"}),
            ("PM", "engineering", {"name": "厨房漏水"}),
            ("PM", "security", {"name": "Noise at night"}),
            ("PM", "customer_service", {"name": "Unfriendly answer"}),
            ("MED", "engineering", {"complaint_nature": "repair"}),
            ("MED", "business", {"complaint_nature": "suggestion"}),
        ):
            with self.subTest(code=code, role=role):
                company = self.env["res.company"].create({"name": f"{code} {role}"})
                self.env["complaint.procedure"]._load_preset(code, company)
                department = self.env["hr.department"].create(
                    {"name": role, "company_id": company.id}
                )
                self.env["complaint.role.assignment"].create(
                    {
                        "role_id": self.env.ref(
                            f"helpdesk_mgmt_complaint.role_{role}"
                        ).id,
                        "company_id": company.id,
                        "department_id": department.id,
                    }
                )
                tickets = self.env["helpdesk.ticket"].with_company(company)
                complaint = tickets.create(
                    self._complaint_vals(
                        complaint_content=vals.get("name", "As above"),
                        company_id=company.id,
                        team_id=False,
                        **vals,
                    )
                )
                self.assertEqual(complaint.complaint_department_id, department)

    def test_copies_learn_a_language_that_comes_later(self):
        """R222: what was loaded in English is Chinese once Chinese is installed."""
        procedure = self._load("M1")
        step, other = procedure.step_ids[:2]
        other.name = "Our own word"
        self.env["res.lang"]._activate_lang("zh_CN")
        modules = self.env["ir.module.module"]
        modules._load_module_terms(["helpdesk_mgmt_complaint"], ["zh_CN"])
        master = procedure.preset_origin_id
        for copied, origin in (
            (procedure, master),
            (step, master.step_ids[:1]),
            (procedure.stage_ids[:1], master.stage_ids[:1]),
            (
                procedure.sla_policy_id.current_line_ids[:1],
                master.sla_policy_id.current_line_ids[:1],
            ),
        ):
            chinese = copied.with_context(lang="zh_CN").name
            self.assertEqual(chinese, origin.with_context(lang="zh_CN").name)
            self.assertNotEqual(chinese, copied.with_context(lang="en_US").name)
        self.assertEqual(other.with_context(lang="zh_CN").name, "Our own word")

    def test_copies_speak_the_languages_of_their_masters(self):
        """R222: names of steps and limits come along in every installed language."""
        self.env["res.lang"]._activate_lang("zh_CN")
        modules = self.env["ir.module.module"]
        modules._load_module_terms(["helpdesk_mgmt_complaint"], ["zh_CN"])
        procedure = self._load("M1")
        for copied, master in (
            (procedure, procedure.preset_origin_id),
            (procedure.step_ids[:3], procedure.preset_origin_id.step_ids[:3]),
            (
                procedure.sla_policy_id.current_line_ids[:3],
                procedure.preset_origin_id.sla_policy_id.current_line_ids[:3],
            ),
        ):
            chinese = copied.with_context(lang="zh_CN").mapped("name")
            self.assertEqual(chinese, master.with_context(lang="zh_CN").mapped("name"))
            self.assertNotEqual(
                chinese, copied.with_context(lang="en_US").mapped("name")
            )
