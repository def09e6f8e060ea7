# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models
from odoo.exceptions import UserError


class ComplaintTransferMixin(models.AbstractModel):
    """Handing a complaint over, and the duty of the first contact (R182, R185)."""

    _name = "complaint.transfer.mixin"
    _description = "Complaint Transfer"

    complaint_department_id = fields.Many2one(
        "hr.department",
        string="Owner Department",
        groups="base.group_user",
        check_company=True,
    )
    complaint_first_contact_id = fields.Many2one(
        "res.users",
        string="First Contact",
        groups="base.group_user",
        domain="[('share', '=', False)]",
        help="Received the customer first and stays accountable until it is closed "
        "or formally transferred.",
    )

    def action_complaint_transfer(self):
        """Open the transfer dialog."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hand Over"),
            "res_model": "complaint.transfer",
            "view_mode": "form",
            "target": "new",
            "context": {"default_ticket_id": self.id},
        }

    def _complaint_transfer(self, changes, reason, customer_told):
        """Hand over and keep the evidence: from, to, reason, time (R182).

        :param dict changes: ticket values of `complaint_department_id`, `team_id`,
            `user_id` and/or `complaint_first_contact_id`
        :param str reason: why
        :param bool customer_told: whether the customer knows of it
        """
        self.ensure_one()
        self._complaint_check_transfer(changes)
        before = {name: self[name] for name in changes}
        self.check_access("write")
        # sudo: clients cannot write the first contact, only this method can; the
        # right to write the complaint was checked
        self.sudo().write(changes)
        payload = {
            name: {
                "old": old.id,
                "old_name": old.display_name,
                "new": self[name].id,
                "new_name": self[name].display_name,
            }
            for name, old in before.items()
        }
        self._complaint_event(
            "transferred", note=reason, payload={**payload, "told": customer_told}
        )
        self._notify_complaint_transfer(before, reason)

    def _complaint_check_transfer(self, changes):
        """Refuse transfers to nobody, to strangers and of ended complaints.

        :raise UserError: naming what to do instead
        """
        if self._complaint_is_ended():
            raise UserError(
                self.env._("A closed or cancelled complaint is not handed over.")
            )
        if not changes.get("complaint_first_contact_id", True):
            raise UserError(self.env._("Choose who is the first contact from now on."))
        # sudo: companies are compared, nothing is returned
        team = self.env["helpdesk.ticket.team"].sudo().browse(changes.get("team_id"))
        if team.company_id and team.company_id != self.company_id:
            raise UserError(
                self.env._(
                    "%(team)s is a team of another company. Choose one of %(company)s.",
                    team=team.name,
                    company=self.company_id.name,
                )
            )
        # sudo: companies of users are compared, nothing is returned
        users = self.env["res.users"].sudo()
        for name in ("user_id", "complaint_first_contact_id"):
            user = users.browse(changes.get(name))
            if user and (user.share or self.company_id not in user.company_ids):
                raise UserError(
                    self.env._(
                        "%(user)s does not work in the company of this complaint.",
                        user=user.name,
                    )
                )

    def _notify_complaint_transfer(self, before, reason):
        """Tell the new handler and both first contacts (R185)."""
        people = self.user_id if "user_id" in before else self.env["res.users"]
        people |= self.complaint_first_contact_id
        people |= before.get("complaint_first_contact_id", self.env["res.users"])
        people -= self.env.user
        if not people:
            return
        self.message_notify(
            partner_ids=people.partner_id.ids,
            subject=self.display_name,
            body=self.env._(
                "%(user)s transferred this complaint: %(reason)s",
                user=self.env.user.name,
                reason=reason,
            ),
            model=self._name,
            res_id=self.id,
        )

    def _complaint_check_first_contact(self, vals):
        """The duty of the first contact is handed over formally only (R185).

        :raise UserError: on a plain write that changes it
        """
        if "complaint_first_contact_id" not in vals:
            return
        if self.env.su:
            return
        moved = self.filtered(
            lambda t: t.is_complaint
            and t.complaint_first_contact_id
            and t.complaint_first_contact_id.id != vals["complaint_first_contact_id"]
        )
        if moved:
            raise UserError(
                self.env._(
                    "The first contact stays accountable. Use Hand Over and give the "
                    "reason to hand this duty over."
                )
            )
