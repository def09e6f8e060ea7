# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common_eightd import EightdCommon


@tagged("post_install", "-at_install")
class TestEightdScore(EightdCommon):
    """R420: the score of an 8D, our own beside the customer's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.schemes = cls.env["complaint.eightd.scheme"].with_user(cls.user_manager)
        cls.standard = cls.env.ref("helpdesk_mgmt_complaint.eightd_scheme_standard")
        cls.link = cls.eightd.link_ids
        cls.scores = cls.link.score_ids

    def _scheme(self, **vals):
        criteria = vals.pop("criteria", [("d4", 3), ("d5", 1)])
        return self.schemes.create(
            {
                "name": "Of a customer",
                "scale": "steps",
                "criterion_ids": [
                    Command.create({"discipline": code, "name": code, "weight": weight})
                    for code, weight in criteria
                ],
                **vals,
            }
        )

    def test_new_link_gets_the_scores_of_the_default_scheme(self):
        self.assertEqual(self.link.scheme_id, self.standard)
        self.assertEqual(self.scores.criterion_id, self.standard.criterion_ids)
        self.assertEqual(self.link.criterion_count, len(self.scores))
        self.assertEqual((self.link.self_scored, self.link.self_percent), (0, 0))

    def test_scheme_of_the_customer_then_of_his_company_then_default(self):
        of_company = self._scheme(partner_ids=[Command.set(self.customer.ids)])
        link = self._create_eightd(self._create_complaint()).link_ids
        self.assertEqual(link.scheme_id, of_company)
        contact = [Command.set(self.customer_contact.ids)]
        of_contact = self._scheme(partner_ids=contact, sequence=50)
        link = self._create_eightd(self._create_complaint()).link_ids
        self.assertEqual(link.scheme_id, of_contact)
        other = self._create_complaint(partner_id=self.other_customer.id)
        self.assertEqual(self._create_eightd(other).link_ids.scheme_id, self.standard)

    def test_scheme_of_another_company_is_not_taken(self):
        self.env["complaint.eightd.scheme"].create(
            {
                "name": "Of the second company",
                "partner_ids": [Command.set(self.customer.ids)],
                "company_id": self.company_b.id,
            }
        )
        link = self._create_eightd(self._create_complaint()).link_ids
        self.assertEqual(link.scheme_id, self.standard)

    def test_no_scheme_no_scores(self):
        self.standard.active = False
        link = self._create_eightd(self._create_complaint()).link_ids
        self.assertFalse(link.score_ids)
        self.assertEqual(link.eightd_id._get_score_reasons(), [])

    def test_both_sides_with_who_and_when_and_weights(self):
        scheme = self._scheme(partner_ids=[Command.set(self.customer.ids)])
        eightd = self._create_eightd(self._create_complaint())
        link, scores = eightd.link_ids, eightd.link_ids.score_ids
        mine = scores.with_user(self.user_quality)
        mine[0].self_score = "10"
        mine[1].write({"self_score": "0", "self_comment": "Not proven"})
        his = scores.with_user(self.user_handler)
        his[0].customer_score = "6"
        self.assertEqual(link.scheme_id, scheme)
        self.assertEqual((link.self_percent, link.self_scored), (75, 2))
        self.assertEqual((link.customer_percent, link.customer_scored), (60, 1))
        self.assertEqual(scores[1].self_by_id, self.user_quality)
        self.assertEqual(scores[0].customer_by_id, self.user_handler)
        self.assertTrue(scores[0].customer_at)
        self.assertFalse(scores[1].customer_at)
        self.assertIn("75.0", eightd.with_user(self.user_quality).score_html)

    def test_score_must_be_on_the_scale(self):
        self._scheme(partner_ids=[Command.set(self.customer.ids)])
        scores = self._create_eightd(self._create_complaint()).link_ids.score_ids
        with self.assertRaisesRegex(ValidationError, "0, 3, 6, 10"):
            scores[0].with_user(self.user_quality).self_score = "7"

    def test_scores_keep_weight_and_scale_of_their_time(self):
        self.scores[0].with_user(self.user_quality).self_score = "5"
        self.standard.criterion_ids[0].weight = 50
        self.standard.scale = "5"
        self.assertEqual(self.scores[0].weight, 1)
        self.eightd.with_user(self.user_quality).action_apply_scheme()
        self.assertEqual(self.link.score_ids, self.scores)
        self.assertEqual(self.link.self_percent, 50)

    def test_schemes_are_taken_anew_where_nothing_was_scored(self):
        scheme = self._scheme(partner_ids=[Command.set(self.customer.ids)])
        self.eightd.with_user(self.user_quality).action_apply_scheme()
        self.assertEqual(self.link.scheme_id, scheme)
        self.assertEqual(len(self.link.score_ids), 2)

    def test_guess_is_the_share_of_rules_that_hold(self):
        self.eightd.cause_ids.create(
            {
                "eightd_id": self.eightd.id,
                "name": "员工疏忽",
                "state": "verified",
                "evidence": "看过",
            }
        )
        score = self.scores.filtered(
            lambda row: row.criterion_id.name == "Cause of occurrence"
        )
        # blamed, without evidence, short chain: three of five rules
        self.assertEqual(score.with_user(self.user_quality).proposed_score, "4")
        team = self.scores.filtered(lambda row: row.criterion_id.name == "Team")
        self.assertFalse(team.proposed_score)

    def test_frozen_when_accepted_or_closed(self):
        mine = self.scores.with_user(self.user_quality)
        self.link._write_answer({"verdict": "accepted"})
        with self.assertRaisesRegex(UserError, "stays as it is"):
            mine[0].self_score = "5"
        # the customer often scores after he accepted, once
        mine[0].customer_score = "5"
        with self.assertRaisesRegex(UserError, "stays as it is"):
            mine[0].customer_score = "6"
        self.eightd.sudo().state = "done"  # sudo: closing is not what is tested
        with self.assertRaisesRegex(UserError, "stays as it is"):
            mine[1].customer_score = "6"
        self.assertEqual(mine[0].customer_score, "5")

    def test_required_scheme_keeps_d8_open_until_scored(self):
        self.assertEqual(self.eightd._get_score_reasons(), [])
        self.standard.is_required = True
        member = self.eightd.with_user(self.user_member)
        self.assertIn(str(len(self.scores)), member._get_score_reasons()[0])
        self.scores.with_user(self.user_quality).self_score = "8"
        self.assertEqual(member._get_score_reasons(), [])

    # rights

    def test_scores_are_as_confidential_as_the_complaint(self):
        """R520: a member who may not know of the complaint sees no score of it."""
        for user in (self.user_member, self.portal_user, self.user_handler_b):
            with self.assertRaises(AccessError):
                self.scores.with_user(user).read(["self_score"])
        self.assertNotIn(
            self.complaint.name, self.eightd.with_user(self.user_member).score_html
        )

    def test_member_who_knows_the_complaint_enters_the_own_score_only(self):
        self.complaint.sudo().user_id = self.user_member
        score = self.scores[0].with_user(self.user_member)
        score.self_score = "7"
        self.assertEqual(score.self_by_id, self.user_member)
        with self.assertRaises(AccessError):
            score.customer_score = "9"

    def test_handler_outside_the_team_enters_the_customers_score_only(self):
        score = self.scores[0].with_user(self.user_handler)
        with self.assertRaises(AccessError):
            score.self_score = "9"
        score.customer_score = "9"
        self.assertEqual(self.scores[0].customer_score, "9")

    def test_rows_are_made_by_the_scheme_only(self):
        """By RPC nothing is created, deleted, moved or signed for somebody else."""
        score = self.scores[0].with_user(self.user_quality)
        other = self._create_eightd(self._create_complaint()).link_ids
        for vals in (
            {"weight": 9},
            {"link_id": other.id},
            {"self_score": "5", "self_by_id": self.user_member.id},
            {"self_at": "2020-01-01 00:00:00"},
        ):
            with self.assertRaises(UserError):
                score.write(vals)
        criterion = self.standard.criterion_ids[0].id
        for call in (
            lambda: score.create({"link_id": other.id, "criterion_id": criterion}),
            score.copy,
            score.unlink,
        ):
            with self.assertRaises(AccessError):
                call()

    def test_totals_and_scheme_cannot_be_entered(self):
        """R524: stored figures are no input, by nobody who may write the link."""
        link = self.link.with_user(self.user_quality)
        for vals in ({"self_percent": 99}, {"scheme_id": False}):
            with self.assertRaisesRegex(UserError, "follow from the scores"):
                link.write(vals)
        complaint = self._create_complaint()
        vals = {"ticket_id": complaint.id, "self_percent": 99, "criterion_count": 0}
        new = link.create({**vals, "eightd_id": self.eightd.id})
        self.assertEqual((new.self_percent, new.scheme_id), (0, self.standard))
        self.assertEqual(new.criterion_count, len(self.scores))

    def test_only_managers_set_up_schemes(self):
        for user in (self.user_member, self.user_quality, self.portal_user):
            with self.assertRaises(AccessError):
                self.standard.with_user(user).is_required = True
