# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common_eightd import EightdCommon


@tagged("post_install", "-at_install")
class TestEightdGates(EightdCommon):
    """R420: a discipline is done when its page is complete, and in its order."""

    def _reasons(self, code):
        return self.eightd._get_blocking_reasons(code)[self.eightd.id]

    def assertMissing(self, code, text):
        """The same sentence is on the page and refuses the button."""
        row = self._discipline(code)
        row.invalidate_recordset(["missing_text"])
        self.assertIn(text, row.missing_text)
        with self.assertRaisesRegex(UserError, text.replace("(", r"\(")):
            row.action_done()
        self.assertEqual(row.state, "open")

    def test_the_whole_way(self):
        """R420: all nine disciplines, the log of the complaint hears of it."""
        self._finish("d0 d1 d2 d3 d4 d5 d6 d7 d8")
        self.assertEqual(self.eightd.state, "done")
        self.assertTrue(self.eightd.closed_at)
        self.assertFalse(self.eightd.next_discipline)
        key = self.eightd.link_ids._get_scope_key()
        events = self.env["complaint.event"].search([("scope_key", "=", key)])
        self.assertEqual(
            events.sorted("id").mapped("code"),
            ["eightd_received", "contained", "capa_done"],
        )

    def test_wrong_order(self):
        """R420: D4 waits for D3; D3 does not wait for the description."""
        self._finish("d0 d1")
        self._fill("d4")
        self.assertMissing("d4", "Finish D2 Problem first.")
        self._finish("d3")
        self.assertMissing("d4", "Finish D2 Problem first.")
        self._finish("d2")
        self.assertNotIn("first.", str(self.eightd.d4_status))

    def test_twice(self):
        """R420: done is done, reopened is open."""
        self._finish("d0")
        with self.assertRaisesRegex(UserError, "done already"):
            self._discipline("d0").action_done()
        self._discipline("d0").action_reopen("Symptom was wrong")
        with self.assertRaisesRegex(UserError, "open already"):
            self._discipline("d0").action_reopen("Again")

    def test_state_is_not_typed_in(self):
        """R420: neither by RPC nor import nor by quality."""
        row = self._discipline("d4")
        for user in (self.user_quality, self.user_member):
            with self.assertRaisesRegex(UserError, "button Done"):
                row.with_user(user).write({"state": "done"})
            with self.assertRaisesRegex(UserError, "button Done"):
                row.with_user(user).write({"done_by_id": user.id})
        with self.assertRaisesRegex(UserError, "follow the format"):
            row.with_user(self.user_quality).create(
                {"eightd_id": self.eightd.id, "code": "d4", "state": "done"}
            )
        with self.assertRaises(AccessError):
            row.with_user(self.user_quality).unlink()
        result = (
            self.env["complaint.eightd.discipline"]
            .with_user(self.user_quality)
            .load([".id", "state"], [[str(row.id), "done"]])
        )
        self.assertFalse(result["ids"])
        self.assertEqual(row.state, "open")

    def test_done_discipline_is_locked(self):
        """R420: its fields and rows, for members and quality; Reopen says why."""
        self._finish("d0 d1 d2 d3")
        eightd = self.eightd.with_user(self.user_member)
        with self.assertRaisesRegex(UserError, "Press Reopen"):
            eightd.symptom = "Something else"
        row = eightd.containment_ids[0]
        with self.assertRaisesRegex(UserError, "Press Reopen"):
            row.quantity = 0
        with self.assertRaisesRegex(UserError, "Press Reopen"):
            row.unlink()
        with self.assertRaisesRegex(UserError, "Press Reopen"):
            row.create({"eightd_id": eightd.id, "place": "field"})
        row.lifted_at = date(2026, 8, 1)
        with self.assertRaisesRegex(UserError, "Write the reason"):
            self._discipline("d3").with_user(self.user_member).action_reopen(" ")
        self._discipline("d3").with_user(self.user_member).action_reopen("一批漏检")
        row.quantity = 41
        self.assertIn("一批漏检", self.eightd.message_ids[0].body)

    def test_closed_is_evidence(self):
        """R420: nothing of a closed 8D changes, children included."""
        self._finish("d0 d1 d2 d3 d4 d5 d6 d7 d8")
        for user in (self.user_quality, self.user_member):
            eightd = self.eightd.with_user(user)
            for record, vals in (
                (eightd, {"name": "Other"}),
                (eightd, {"answer_type": "3d"}),
                (eightd.cause_ids, {"evidence": "None"}),
                (eightd.containment_ids[0], {"lifted_at": date(2026, 8, 1)}),
                (eightd.document_ids[0], {"new_revision": "D"}),
                (eightd.member_ids, {"may_write": False}),
                (eightd.discipline_ids[0], {"owner_id": user.id}),
            ):
                with self.subTest(model=record._name, user=user.login):
                    with self.assertRaisesRegex(UserError, "closed, it is evidence"):
                        record.write(vals)
            with self.assertRaisesRegex(UserError, "closed, it is evidence"):
                eightd.cause_ids.unlink()
            with self.assertRaisesRegex(UserError, "closed, it is evidence"):
                eightd.discipline_ids[0].action_reopen("Late idea")
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            self.eightd.sudo().unlink()

    def test_d0_needs_the_decision(self):
        """R424: the symptom is apart from the cause."""
        self.eightd.symptom = "  "
        self.assertMissing("d0", "Fill in: Symptom, Why This Format.")

    def test_d1_sponsor_is_no_member(self):
        """R420: a leader, one more member, a sponsor above the team."""
        self.eightd.sponsor_id = self.user_member
        self.assertMissing("d1", "cannot belong to the team")
        self.eightd.sponsor_id = self.user_manager
        self.eightd.member_ids.unlink()
        self.assertMissing("d1", "at least one member")
        self.eightd.leader_id = False
        self.assertMissing("d1", "Name the leader.")
        self.assertMissing("d4", "Name the leader above the pages.")

    def test_d1_people(self):
        """R420, R519: of the company, of the team, not recused."""
        for user in (self.portal_user, self.user_handler_b):
            with self.assertRaisesRegex(ValidationError, "does not work in"):
                self.eightd.leader_id = user
        with self.assertRaisesRegex(ValidationError, "does not belong to the team"):
            self._discipline("d2").owner_id = self.user_register
        # sudo: recused by whoever may say so
        self.complaint.sudo().complaint_recused_extra_ids = [
            Command.link(self.user_member.id)
        ]
        self.assertMissing("d1", "takes no part in one of the complaints")

    def test_d1_member_with_tasks_stays(self):
        """R420: who owns an open discipline or action is not taken out."""
        row = self._discipline("d3")
        row.owner_id = self.user_member
        member = self.eightd.member_ids
        with self.assertRaisesRegex(UserError, "D3 Containment"):
            member.unlink()
        with self.assertRaisesRegex(UserError, "D3 Containment"):
            member.user_id = self.user_handler
        row.owner_id = False
        self._fill("d5")
        with self.assertRaisesRegex(UserError, "Dryer with interlock"):
            member.unlink()
        self.action.user_id = self.user_quality
        member.unlink()
        self.assertFalse(self.eightd.member_ids)

    def test_d1_member_of_another_company(self):
        """R520: outside people are named, not linked."""
        members = self.eightd.member_ids
        for user in (self.user_handler_b, self.portal_user):
            with self.assertRaisesRegex(UserError, "does not work in"):
                members.create({"eightd_id": self.eightd.id, "user_id": user.id})
        guest = members.create({"eightd_id": self.eightd.id, "name": "王工 (供应商)"})
        self.assertFalse(guest.user_id)

    def test_d2_own_words(self):
        """R424: the problem is more than the symptom; 5W2H is complete."""
        self._finish("d0 d1")
        self._fill("d2")
        self.eightd.problem = "crack at the  SNAP hook"
        self.assertMissing("d2", "repeats the symptom")
        self.eightd.problem = "Crack of 2 mm"
        self.eightd.how_many = False
        self.assertMissing("d2", "Fill in: How Many.")

    def test_d2_quantities(self):
        """R420: a customer cannot claim more than he got."""
        self._finish("d0 d1")
        self._fill("d2")
        link = self.eightd.link_ids
        link.write({"delivered_qty": 500, "claimed_qty": 501})
        self.assertMissing("d2", "more than was delivered")
        link.delivered_qty = 0
        self._discipline("d2").action_done()

    def test_d3_every_place(self):
        """R422: 0 is an answer; where something is, it is contained and checked."""
        self._finish("d0 d1")
        self.assertMissing(
            "d3", "Own stock, Work in progress, In transit, At customers"
        )
        self._fill("d3")
        row = self.eightd.containment_ids[0]
        row.write({"effect_note": False, "owner_id": False, "place_note": "仓库A"})
        self.assertMissing("d3", "Own stock / 仓库A: name who does it.")
        self.assertMissing("d3", "check whether it works")

    def test_d4_verified_causes(self):
        """R424: per type, with evidence, adding up to 100 %."""
        self._finish("d0 d1 d2 d3")
        self.assertMissing("d4", "Why it occurred; Why it was not detected; Why the")
        self._fill("d4")
        cause = self.eightd.cause_ids
        cause.contribution = 60
        self.assertMissing("d4", "root causes contribute 60 %, not 100 %")
        cause.contribution = 100
        self.eightd.no_cause_reasons = False
        self.assertMissing("d4", "Why it was not detected; Why the system allowed it")

    def test_d4_department_is_confirmed(self):
        """R435, R428: named by quality, told, and confirmed after the analysis."""
        boss = self.env["hr.employee"].create(
            {"name": "Boss", "user_id": self.user_handler.id}
        )
        department = self.env["hr.department"].create(
            {"name": "注塑车间", "manager_id": boss.id}
        )
        self.eightd.department_id = department
        self.assertIn(self.user_handler, self.eightd.sudo().activity_ids.user_id)
        self.eightd.with_user(self.user_handler).read(["name"])
        self._finish("d0 d1 d2 d3")
        self._fill("d4")
        self.assertMissing("d4", "Confirm that 注塑车间 is responsible")
        self.eightd.department_confirmed = True
        self._discipline("d4").action_done()

    def test_d5_each_cause_has_an_action(self):
        """R430: with person and due date; candidates do not count."""
        self._finish("d0 d1 d2 d3 d4")
        self.assertMissing("d5", "Choose an action against")
        self._fill("d5")
        self.action.write({"complaint_choice": "candidate"})
        self.assertMissing("d5", "Choose an action against")
        self.action.write({"complaint_choice": "selected", "date_deadline": False})
        self.assertMissing("d5", "needs a person and a due date")

    def test_d6_implemented_and_measured(self):
        """R430: record of who did what, D3 lifted, parts, period, result."""
        self._finish("d0 d1 d2 d3 d4 d5")
        self.assertMissing("d6", "write down how and when it was implemented")
        self.assertMissing("d6", "Lift the containment of D3")
        self.assertMissing("d6", "how many parts were watched")
        self._fill("d6")
        self.eightd.validation_nok_qty = 1001
        self.assertMissing("d6", "More bad parts")
        self.eightd.write({"validation_nok_qty": 0, "validation_to": date(2026, 7, 1)})
        self.assertMissing("d6", "begins after it ends")

    def test_d6_negligence_is_exempt(self):
        """R174: an action exempt from tracking does not hold the 8D up."""
        self._finish("d0 d1 d2 d3 d4 d5")
        self._fill("d6")
        self.action.sudo().write(
            {
                "complaint_implementation": False,
                "complaint_implemented_at": False,
                "complaint_implemented_by_id": False,
                "complaint_effect": False,
            }
        )
        self.assertMissing("d6", "Dryer with interlock")
        self.action.sudo().write(
            {
                "complaint_tracking_exempt": True,
                "complaint_exempt_reason": "Human negligence",
            }
        )
        self._discipline("d6").action_done()

    def test_d7_documents(self):
        """R440, R454: each row changed or justified, lessons drawn."""
        self._finish("d0 d1 d2 d3 d4 d5 d6")
        self.assertMissing("d7", "Answer for the FMEA")
        self.assertMissing("d7", "Fill in: Lessons Learned.")
        self._fill("d7")
        documents = self.eightd.document_ids
        documents[0].new_revision = False
        self.assertMissing("d7", "Process FMEA: enter the new revision")
        documents[0].no_change_reason = "Already covers it"
        documents.create(
            {"eightd_id": self.eightd.id, "kind": "training", "name": "Drying"}
        )
        self.assertMissing("d7", "Training Drying")
        documents.search([("kind", "=", "training")]).changed_at = date(2026, 8, 2)
        transfer = self.eightd.transfer_ids.create(
            {"eightd_id": self.eightd.id, "name": "Plant 2", "is_affected": "yes"}
        )
        self.assertMissing("d7", "Plant 2: say whether")
        transfer.write({"note": "Same dryer", "done_at": date(2026, 8, 3)})
        self._discipline("d7").action_done()

    def test_d8_waits_for_the_customers(self):
        """R420: each accepted it, or it is said why it ends without."""
        self._finish("d0 d1 d2 d3 d4 d5 d6 d7")
        self.eightd.recognition = "Thanks"
        self.assertMissing("d8", "1 of 1 complaints: the customer has not accepted")
        self.assertMissing("d8", "Decide whether the actions are effective")
        self.eightd.link_ids.no_verdict_reason = "No reaction in 30 days"
        self.eightd.sudo().effect = "effective"
        self._discipline("d8").action_done()
        self.assertEqual(self.eightd.state, "done")

    def test_d8_sees_what_broke_since(self):
        """R420: a reopened D4 with another cause asks D5 again."""
        self._finish("d0 d1 d2 d3 d4 d5 d6 d7")
        self._fill("d8")
        self._discipline("d4").action_reopen("Second cause")
        self.eightd.cause_ids.create(
            {
                "eightd_id": self.eightd.id,
                "name": "No check of humidity",
                "cause_type": "non_detection",
                "state": "verified",
                "is_root": True,
                "contribution": 100,
                "evidence": "Control plan B has no check, 0 of 12 shifts measured it",
            }
        )
        self._discipline("d4").action_done()
        self.assertMissing("d8", "D5 Corrective actions: Choose an action against")
        self.assertIn("it is not complete now", str(self.eightd.d5_status))

    def test_d8_leader_or_quality(self):
        """R420: members work, the leader closes."""
        self._finish("d0 d1 d2 d3 d4 d5 d6 d7")
        self._fill("d8")
        with self.assertRaisesRegex(UserError, "Only the leader"):
            self._discipline("d8").with_user(self.user_member).action_done()

    def test_people_outside_do_nothing(self):
        """R520: no employee outside the team, no customer, no other company."""
        self._fill("d0")
        for user in (self.user_register, self.portal_user, self.user_handler_b):
            with self.assertRaises(AccessError):
                self._discipline("d0").with_user(user).action_done()

    def test_reading_member_does_not_write(self):
        """R420: a member without the right to edit only reads."""
        self.eightd.member_ids.may_write = False
        self._fill("d0")
        with self.assertRaises(AccessError):
            self._discipline("d0").with_user(self.user_member).action_done()

    def test_formats(self):
        """R432: which disciplines; another format adds, finished ones stay."""
        self._finish("d0 d1")
        codes = lambda: self.eightd.discipline_ids.sorted("code").mapped("code")  # noqa: E731
        self.eightd.answer_type = "short"
        self.assertEqual(codes(), ["d0", "d1", "d2", "d8"])
        self.eightd.answer_type = "5d"
        self.assertEqual(codes(), ["d0", "d1", "d2", "d3", "d4", "d5", "d8"])
        self.assertEqual(self._discipline("d1").state, "done")

    def test_short_answer_closes(self):
        """R432: a short answer needs the problem and the customer, no team."""
        self.eightd.write({"answer_type": "short", "member_ids": [Command.clear()]})
        self._fill("d0")
        self._discipline("d0").action_done()
        self.eightd.problem = "Label in the wrong language"
        self._discipline("d2").action_done()
        self.eightd.recognition = "-"
        self.eightd.link_ids.no_verdict_reason = "Told by phone"
        self._discipline("d8").action_done()
        self.assertEqual(self.eightd.state, "done")
