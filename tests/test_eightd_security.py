# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_eightd import EightdCommon


@tagged("post_install", "-at_install")
class TestEightdSecurity(EightdCommon):
    """R420: an 8D is for its team and for quality."""

    def test_member_reads_and_writes_the_8d_of_his_team(self):
        """R420: a member works in it without any group of the complaint app."""
        eightd = self.eightd.with_user(self.user_member)
        eightd.write({"symptom": "Crack at the hook"})
        self.assertEqual(self.eightd.symptom, "Crack at the hook")

    def test_other_people_see_nothing(self):
        """R520: employees outside the team, portal users, another company."""
        rows = self.eightd.cause_ids.create(
            {"eightd_id": self.eightd.id, "name": "Mould too cold"}
        )
        for user in (self.user_register, self.portal_user, self.portal_other):
            for record in (self.eightd, rows):
                with self.assertRaises(AccessError):
                    record.with_user(user).read(["display_name"])

    def test_recused_member_is_out(self):
        """R519: who is recused from one complaint of the 8D does not read it."""
        self.complaint.sudo().complaint_recused_extra_ids = [
            Command.link(self.user_member.id)
        ]
        with self.assertRaises(AccessError):
            self.eightd.with_user(self.user_member).read(["name"])
