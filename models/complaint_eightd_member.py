# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


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

    @api.onchange("user_id")
    def _onchange_user_id(self):
        for member in self.filtered("user_id"):
            member.update(member._prepare_user_vals(member.user_id))

    @api.constrains("user_id", "eightd_id")
    def _check_user(self):
        for member in self.filtered("user_id"):
            # sudo: whether somebody is a colleague is no secret
            user = member.sudo().user_id
            if user.share or member.company_id not in user.company_ids:
                raise ValidationError(
                    self.env._(
                        "%(user)s does not work in %(company)s. Enter outside people "
                        "by name, without a login.",
                        user=user.name,
                        company=member.company_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("user_id") and not vals.get("name"):
                user = self.env["res.users"].browse(vals["user_id"])
                vals.update({**self._prepare_user_vals(user), **vals})
        return super().create(vals_list)

    def write(self, vals):
        if {"user_id", "eightd_id"} & set(vals):
            self._check_owns_nothing(self.env["res.users"].browse(vals.get("user_id")))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_owner(self):
        self._check_owns_nothing(self.env["res.users"])

    @api.model
    def _prepare_user_vals(self, user):
        """Return what is known of a colleague."""
        # sudo: work address and title, of a colleague who is put into the team
        user = user.sudo()
        return {
            "name": user.name,
            "email": user.email,
            "phone": user.partner_id.phone,
            "function": user.employee_id.job_title or user.partner_id.function,
        }

    def _check_owns_nothing(self, successor):
        """Refuse that somebody leaves the team who still has something to do in it.

        :param successor: `res.users` who stays or comes, may be empty
        """
        for member in self.filtered("user_id"):
            user = member.user_id
            if user == successor:
                continue
            # sudo: his actions may not be readable to who takes him out
            owned = member.sudo().eightd_id._get_owned_names(user)
            if owned:
                raise UserError(
                    self.env._(
                        "%(user)s still has: %(tasks)s. Give them to somebody else "
                        "first.",
                        user=user.name,
                        tasks=", ".join(owned),
                    )
                )
