# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class ComplaintEightdMember(models.Model):
    """A member of the team of an 8D, an own person or an outside one (D1)."""

    _name = "complaint.eightd.member"
    _description = "8D Team Member"
    _inherit = ["complaint.eightd.child.mixin"]
    _order = "eightd_id, sequence, id"

    user_id = fields.Many2one(
        "res.users", index=True, domain="[('share', '=', False)]", ondelete="restrict"
    )
    name = fields.Char(required=True)
    function = fields.Char()
    phone = fields.Char()
    email = fields.Char()
    may_write = fields.Boolean(string="May Edit", default=True)

    _user_unique = models.UniqueIndex(
        "(eightd_id, user_id) WHERE user_id IS NOT NULL",
        "This person is in the team already.",
    )
