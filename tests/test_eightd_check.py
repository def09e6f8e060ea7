# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common_eightd import EightdCommon


@tagged("post_install", "-at_install")
class TestEightdCheck(EightdCommon):
    """The check of an 8D: findings, waivers, what gates get."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cause = cls.eightd.cause_ids.create(
            {
                "eightd_id": cls.eightd.id,
                "name": "操作员责任心不强,未认真检查产品外观",
                "evidence": "查7月3日监控录像,3次未翻面",
                "state": "verified",
            }
        )
        cls.other_eightd = cls._create_eightd(cls._create_complaint(name="Other"))

    def _found(self, eightd=None):
        return {
            row["rule"]: row for row in (eightd or self.eightd)._get_lint_findings()
        }

    def _waive(self, rule="cause_is_person", reason="Agreed with the customer"):
        eightd = self.eightd.with_user(self.user_quality)
        key = self._found()[rule]["key"]
        return eightd._waive_findings([key], reason)

    def test_new_8d_has_no_findings(self):
        """What nobody has begun is not blamed, but asked when it is to be completed."""
        self.assertEqual(self.other_eightd._get_lint_findings(), [])
        self.assertTrue(self.other_eightd._get_lint_reasons("d7"))

    def test_finding_names_rule_level_row_and_advice(self):
        row = self._found()["cause_is_person"]
        self.assertEqual((row["discipline"], row["level"]), ("d4", "error"))
        self.assertEqual((row["model"], row["id"]), (self.cause._name, self.cause.id))
        self.assertIn("责任心不强", row["text"])
        self.assertTrue(row["advice"])

    def test_errors_are_reasons_of_their_discipline_only(self):
        """R424: a person is no root cause; warnings never hinder."""
        eightd = self.eightd.with_user(self.user_member)
        self.assertIn("责任心不强", " ".join(eightd._get_lint_reasons("d4")))
        self.assertNotIn("责任心不强", " ".join(eightd._get_lint_reasons("d5")))
        self.assertIn("five_why_too_short", self._found())
        self.assertEqual(len(eightd._get_lint_reasons("d4")), 1)

    def test_format_without_a_discipline_is_not_asked_for_it(self):
        self.eightd.answer_type = "3d"
        self.assertNotIn("cause_is_person", self._found())
        self.assertEqual(self.eightd._get_lint_reasons("d4"), [])

    def test_member_sees_the_same_as_quality(self):
        """Actions and quantities have rules of their own; the check must not differ."""
        self.env["mgmtsystem.action"].create(
            {
                "name": "对操作员重新培训",
                "type_action": "correction",
                "complaint_eightd_id": self.eightd.id,
                "complaint_discipline": "d5",
                "complaint_cause_id": self.cause.id,
                "user_id": self.user_quality.id,
            }
        )
        self.eightd.link_ids.write({"delivered_qty": 10, "claimed_qty": 11})
        self.eightd.symptom = "500件中12件开裂"
        found = [
            [row["key"] for row in self.eightd.with_user(user)._get_lint_findings()]
            for user in (self.user_member, self.user_quality)
        ]
        self.assertEqual(*found)
        rules = " ".join(found[0])
        for rule in ("action_only_training", "quantities_inconsistent"):
            self.assertIn(rule, rules)
        row = self._found()["quantities_inconsistent"]
        self.assertNotIn(self.complaint.display_name, row["text"])

    def test_page_shows_findings_escaped(self):
        self.cause.name = "<script>alert(1)</script> 操作员疏忽"
        eightd = self.eightd.with_user(self.user_member)
        self.assertIn("&lt;script&gt;", eightd.lint_html)
        self.assertNotIn("<script>", eightd.lint_html)
        self.assertEqual(eightd.lint_error_count, 1)
        with Form(eightd.with_user(self.user_quality)) as form:
            self.assertIn("The cause blames a person", form.lint_html)
            self.assertNotIn("cause_is_person", form.lint_html)

    def test_repeat_after_the_effect_was_verified(self):
        """R445: the same product and defect again."""
        # sudo: the effect is verified elsewhere
        self.eightd.sudo().write(
            {
                "defect_id": self.defect.id,
                "effect": "effective",
                "effect_at": fields.Datetime.now() - timedelta(days=3),
            }
        )
        self.assertNotIn("repeat_after_effective", self._found())
        line = {"product_id": self.product.id, "defect_id": self.defect.id}
        self._create_complaint(complaint_line_ids=[Command.create(line)])
        self.assertIn("repeat_after_effective", self._found())

    # rules as data

    def test_company_has_its_own_level(self):
        """A row of a company takes the place of the one for all."""
        rules = self.env["complaint.eightd.rule"].with_user(self.user_manager)
        vals = {"code": "cause_is_person", "name": "Person", "level": "warning"}
        # the manager is not of the second company
        rules.sudo().create({**vals, "company_id": self.company_b.id})
        self.assertEqual(self._found()["cause_is_person"]["level"], "error")
        own = rules.create({**vals, "company_id": self.company.id})
        self.assertEqual(self._found()["cause_is_person"]["level"], "warning")
        self.assertEqual(self.eightd._get_lint_reasons("d4"), [])
        own.level = "off"
        self.assertNotIn("cause_is_person", self._found())

    def test_every_rule_of_the_kernel_is_shipped(self):
        rules = self.env["complaint.eightd.rule"].search([("company_id", "=", False)])
        codes = [code for code, _name in rules._fields["code"].selection]
        self.assertEqual(sorted(rules.mapped("code")), sorted(codes))
        self.assertTrue(all(rule.advice and rule.discipline for rule in rules))

    def test_only_managers_set_rules(self):
        rule = self.env.ref("helpdesk_mgmt_complaint.eightd_rule_cause_is_person")
        for user in (self.user_member, self.user_quality, self.portal_user):
            with self.assertRaises(AccessError):
                rule.with_user(user).level = "off"

    def test_limit_is_data(self):
        rule = self.env.ref("helpdesk_mgmt_complaint.eightd_rule_five_why_too_short")
        self.assertIn("five_why_too_short", self._found())
        rule.limit = 1
        self.assertNotIn("five_why_too_short", self._found())

    # waivers

    def test_quality_waives_with_a_reason(self):
        waiver = self._waive()
        self.assertEqual(waiver.user_id, self.user_quality)
        self.assertEqual(self._found()["cause_is_person"]["waiver"], waiver)
        self.assertEqual(self.eightd._get_lint_reasons("d4"), [])
        self.assertIn("Agreed with the customer", self.eightd.lint_html)

    def test_waiver_ends_when_the_text_changes(self):
        """What was accepted was this text, not whatever comes later."""
        self._waive()
        self.cause.name = "工人疏忽"
        self.assertFalse(self._found()["cause_is_person"]["waiver"])
        self.assertTrue(self.eightd._get_lint_reasons("d4"))

    def test_waiver_is_revoked_by_a_new_row_once(self):
        waiver = self._waive()
        row = waiver.with_user(self.user_quality)._revoke("The customer objects")
        self.assertEqual(row.revokes_id, waiver)
        self.assertFalse(self._found()["cause_is_person"]["waiver"])
        with self.assertRaisesRegex(UserError, "does not hold"):
            waiver.with_user(self.user_quality)._revoke("Again")
        self.assertTrue(self._waive(reason="Agreed after all").is_valid)

    def test_waiving_twice_or_without_reason_is_refused(self):
        for reason in ("", "  ", False):
            with self.assertRaisesRegex(UserError, "Say why"):
                self._waive(reason=reason)
        key = self._waive().exists() and self._found()["cause_is_person"]["key"]
        with self.assertRaisesRegex(UserError, "Choose findings"):
            self.eightd.with_user(self.user_quality)._waive_findings([key], "Again")

    def test_closed_8d_keeps_its_check(self):
        self.eightd.sudo().state = "done"  # sudo: closing is not what is tested
        with self.assertRaisesRegex(UserError, "closed"):
            self._waive()

    def test_nobody_else_waives(self):
        """Waivers are written by the server alone, for quality of this company."""
        key = self._found()["cause_is_person"]["key"]
        for user in (self.user_member, self.user_handler, self.user_supervisor):
            with self.assertRaises(AccessError):
                self.eightd.with_user(user)._waive_findings([key], "Please")
        self.user_quality.write(
            {
                "company_ids": [Command.set(self.company_b.ids)],
                "company_id": self.company_b,
            }
        )
        with self.assertRaises(AccessError):
            self.eightd.with_user(self.user_quality)._waive_findings([key], "Please")

    def test_waiver_cannot_be_written_by_rpc(self):
        """Not created, changed, copied or deleted, by nobody."""
        waiver = self._waive()
        users = (self.user_member, self.user_quality, self.user_manager)
        for user in users:
            mine = waiver.with_user(user)
            for call in (
                lambda mine=mine: mine.create(
                    {"eightd_id": self.eightd.id, "rule": "x", "reason": "x"}
                ),
                lambda mine=mine: mine.write({"reason": "Other"}),
                mine.copy,
                mine.unlink,
            ):
                with self.assertRaises(AccessError):
                    call()
            with self.assertRaises(AccessError):
                command = Command.update(waiver.id, {"reason": "Other"})
                self.eightd.with_user(user).write({"waiver_ids": [command]})
        self.assertEqual(waiver.reason, "Agreed with the customer")

    def test_others_do_not_read_waivers(self):
        """R520: employees outside the team, portal users, other companies."""
        waiver = self._waive()
        self.assertTrue(waiver.with_user(self.user_member).reason)
        for user in (self.user_register, self.portal_user, self.user_handler_b):
            with self.assertRaises(AccessError):
                waiver.with_user(user).read(["reason"])

    def test_dialog_waives_and_revokes(self):
        eightd = self.eightd.with_user(self.user_quality)
        action = eightd.action_open_waive()
        wizard = eightd.env[action["res_model"]].browse(action["res_id"])
        with Form(wizard) as form:
            form.reason = "Agreed"
            lines = [line.text for line in wizard.line_ids]
            number = next(n for n, text in enumerate(lines) if "责任心" in text)
            with form.line_ids.edit(number) as line:
                line.is_chosen = True
        wizard.action_confirm()
        waiver = self.eightd.waiver_ids
        self.assertEqual((len(waiver), waiver.rule), (1, "cause_is_person"))
        action = waiver.with_user(self.user_quality).action_open_revoke()
        wizards = eightd.env[action["res_model"]].with_context(**action["context"])
        wizards.create({"reason": "No"}).action_confirm()
        self.assertFalse(self._found()["cause_is_person"]["waiver"])

    def test_member_cannot_open_the_dialog(self):
        with self.assertRaises(AccessError):
            self.eightd.with_user(self.user_member).action_open_waive()

    # cost

    def test_queries_do_not_grow_with_the_number_of_8d(self):
        eightds = self.eightd
        for _n in range(6):
            eightds |= self._create_eightd(
                self._create_complaint(),
                cause_ids=[
                    Command.create(
                        {"name": "员工疏忽", "state": "verified", "evidence": "看过"}
                    )
                    for _m in range(3)
                ],
            )
        eightds = eightds.with_user(self.user_member)
        counts = []
        for some in (eightds[:2], eightds):
            some._get_lint_findings_by_id()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some._get_lint_findings_by_id()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)
