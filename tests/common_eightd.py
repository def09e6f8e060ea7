# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command
from odoo.tests import new_test_user

from .common import ComplaintCommon


class EightdCommon(ComplaintCommon):
    """A complaint with an 8D of quality, and one employee in its team."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_member = new_test_user(cls.env, "complaint_member")
        cls.complaint = cls._create_complaint()
        cls.eightd = cls._create_eightd(cls.complaint)

    @classmethod
    def _create_eightd(cls, complaints, **vals):
        """Return an 8D of quality that answers these complaints."""
        eightds = cls.env["complaint.eightd"].with_user(cls.user_quality)
        return eightds.create(
            {
                "name": "Housings crack at the snap hook",
                "product_id": cls.product.id,
                "leader_id": cls.user_quality.id,
                "member_ids": [
                    Command.create(
                        {"user_id": cls.user_member.id, "name": cls.user_member.name}
                    )
                ],
                "link_ids": [
                    Command.create({"ticket_id": complaint.id})
                    for complaint in complaints
                ],
                **vals,
            }
        )
