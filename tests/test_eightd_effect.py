# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import _GROUP
from .common_eightd import EightdCommon


class EffectCommon(EightdCommon):
    """An 8D of a cracked cage whose actions are carried out."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.complaint.action_complaint_accept()
        cls.eightd.write({"defect_id": cls.defect.id})
        cls.user_engineer = new_test_user(
            cls.env, "complaint_engineer", groups=f"{_GROUP}quality"
        )
        cls.action = cls._create_action(cls.eightd)

    @classmethod
    def _create_action(cls, eightd, **vals):
        """Return a corrective action that the engineer carried out a month ago."""
        return cls.env["mgmtsystem.action"].create(
            {
                "name": "Camera at the press",
                "type_action": "correction",
                "complaint_eightd_id": eightd.id,
                "complaint_discipline": "d6",
                "complaint_implemented_at": fields.Datetime.now() - timedelta(days=30),
                "complaint_implemented_by_id": cls.user_engineer.id,
                **vals,
            }
        )

    @classmethod
    def _enter_validation(cls, eightd, **vals):
        # past the lock of D6, which has its own tests
        eightd.sudo().write(
            {
                "validation_qty": 3000,
                "validation_from": cls.today - timedelta(days=20),
                "validation_to": cls.today,
                "validation_result": "No crack in 3000 cages, 100 % camera.",
                **vals,
            }
        )

    @classmethod
    def _leave(cls):
        """Let the complaint leave its 8D."""
        cls.eightd.link_ids.sudo().date_to = fields.Datetime.now()
        cls.env.flush_all()

    @classmethod
    def _pass(cls, eightd, code):
        """Finish a discipline past its gate, which has its own tests."""
        rows = eightd.discipline_ids.filtered(lambda row: row.code == code)
        rows = rows or rows.sudo().create({"eightd_id": eightd.id, "code": code})
        rows.sudo().write({"state": "done", "done_at": fields.Datetime.now()})
        eightd._after_discipline(code)

    def _events(self, code, complaint=None):
        log = (complaint or self.complaint).sudo().complaint_event_ids
        return log.filtered(lambda event: event.code == code)


@tagged("post_install", "-at_install")
class TestEightdEffect(EffectCommon):
    """Quality verifies whether it helped; what it found stays."""

    def test_quality_verifies_with_numbers(self):
        """R445: nothing is effective without quantity, period and evidence."""
        eightd = self.eightd.with_user(self.user_quality)
        with self.assertRaisesRegex(UserError, "how many parts") as caught:
            eightd.action_effect("effective")
        for text in ("from when to when", "evidence"):
            self.assertIn(text, str(caught.exception))
        self._enter_validation(eightd, validation_to=self.today + timedelta(days=3))
        with self.assertRaisesRegex(UserError, "still being watched"):
            eightd.action_effect("effective")
        self._enter_validation(eightd, validation_nok_qty=3001)
        with self.assertRaisesRegex(UserError, "bad parts"):
            eightd.action_effect("effective")
        self._enter_validation(eightd, validation_nok_qty=0)
        eightd.action_effect("effective", "Seen at the line.")
        self.assertEqual(eightd.effect, "effective")
        self.assertEqual(eightd.effect_by_id, self.user_quality)
        event = self._events("effect_verified")
        self.assertEqual(event.scope_key, eightd.link_ids._get_scope_key())
        self.assertEqual(event.user_id, self.user_quality)
        self.assertEqual(event.payload["quantity"], 3000)

    def test_every_linked_complaint_is_told(self):
        """R445: one verdict, in the log of each complaint that it answers."""
        other = self._create_complaint(partner_id=self.other_customer.id)
        self._leave()
        eightd = self._create_eightd(self.complaint | other)
        self._enter_validation(eightd)
        eightd.action_effect("effective")
        for complaint in self.complaint | other:
            self.assertEqual(len(self._events("effect_verified", complaint)), 1)

    def test_action_that_is_not_carried_out(self):
        """R446: effectiveness is verified after the implementation."""
        self._create_action(
            self.eightd, name="New punch", complaint_implemented_at=False
        )
        self._enter_validation(self.eightd)
        with self.assertRaisesRegex(UserError, "New punch"):
            self.eightd.with_user(self.user_quality).action_effect("effective")

    def test_not_by_the_implementer_alone(self):
        """R445: who carried it out does not say that it helped."""
        self._enter_validation(self.eightd)
        with self.assertRaisesRegex(UserError, "somebody else"):
            self.eightd.with_user(self.user_engineer).action_effect("effective")

    def test_not_by_a_member_who_is_not_quality(self):
        """R445: members write the numbers, quality says what they mean."""
        eightd = self.eightd.with_user(self.user_member)
        eightd.write({"validation_qty": 3000})
        with self.assertRaisesRegex(UserError, "Only quality"):
            eightd.action_effect("not_effective", "No.")
        with self.assertRaises(AccessError):
            self.eightd.with_user(self.user_handler).action_effect("effective")

    def test_verdict_cannot_be_forged(self):
        """R445: not by RPC, not by import, not by a default."""
        eightd = self.eightd.with_user(self.user_quality)
        for vals in (
            {"effect": "effective"},
            {"effect_by_id": self.user_manager.id},
            {"watch_until": self.today},
            {"watch_result": "passed"},
        ):
            with self.assertRaises(UserError):
                eightd.write(vals)
        forged = eightd.with_context(default_effect="effective").create(
            {"name": "Forged", "effect_at": fields.Datetime.now()}
        )
        self.assertFalse(forged.effect)
        self.assertFalse(forged.effect_at)

    def test_evidence_stays_as_it_was_looked_at(self):
        """R445: verdict and numbers are final, a contrary finding is added."""
        self._enter_validation(self.eightd)
        eightd = self.eightd.with_user(self.user_quality)
        eightd.action_effect("effective")
        with self.assertRaisesRegex(UserError, "numbers stay"):
            eightd.with_user(self.user_member).write({"validation_qty": 9})
        with self.assertRaisesRegex(UserError, "verified already"):
            eightd.action_effect("effective")
        at = eightd.effect_at
        eightd.action_effect("not_effective", "Two cracks at the customer's line.")
        self.assertEqual((eightd.effect, eightd.effect_at), ("effective", at))
        self.assertEqual(eightd.state, "not_effective")
        self.assertEqual(self._events("effect_refuted").note[:10], "Two cracks")
        self.assertIn("Two cracks", "".join(eightd.message_ids.mapped("body")))

    def test_not_effective_reopens_the_action(self):
        """R446: D5 and D6 open again, with a reason; a new round gets its verdict."""
        self._pass(self.eightd, "d6")
        eightd = self.eightd.with_user(self.user_quality)
        with self.assertRaisesRegex(UserError, "did not help"):
            eightd.action_effect("not_effective", " ")
        eightd.action_effect("not_effective", "5 of 500 cracked.")
        self.assertEqual(eightd.state, "not_effective")
        with self.assertRaises(UserError):
            eightd.with_user(self.user_member).action_reopen_effect("Try again")
        with self.assertRaisesRegex(UserError, "reason"):
            eightd.action_reopen_effect("")
        wizard = self.env["complaint.eightd.judgement"].with_user(self.user_quality)
        wizard.create(
            {"eightd_id": eightd.id, "reason": "Punch is worn."}
        ).action_confirm()
        self.assertEqual(eightd.state, "open")
        self.assertFalse(eightd.effect)
        d6 = eightd.discipline_ids.filtered(lambda row: row.code == "d6")
        self.assertEqual(d6.state, "open")
        self.assertTrue(self._events("effect_refuted"))
        self._enter_validation(eightd)
        eightd.action_effect("effective")
        self.assertTrue(self._events("effect_verified"))

    def test_wizard_writes_numbers_and_verdict(self):
        """R445: one dialog for quality."""
        wizards = self.env["complaint.eightd.effect"].with_user(self.user_quality)
        action = self.eightd.with_user(self.user_quality).action_verify_effect()
        wizard = wizards.with_context(**action["context"]).create(
            {
                "validation_qty": 200,
                "validation_from": self.today - timedelta(days=2),
                "validation_to": self.today,
                "validation_result": "开裂 0 件 / 200 件",
                "effect": "effective",
            }
        )
        wizard.action_confirm()
        self.assertEqual(self.eightd.effect, "effective")
        self.assertEqual(self.eightd.validation_result, "开裂 0 件 / 200 件")

    def test_recused_person_does_not_judge(self):
        """R519: neither reads nor verifies."""
        self._enter_validation(self.eightd)
        self.complaint.sudo().complaint_recused_extra_ids = [
            Command.link(self.user_quality.id)
        ]
        with self.assertRaises(AccessError):
            self.eightd.with_user(self.user_quality).action_effect("effective")
