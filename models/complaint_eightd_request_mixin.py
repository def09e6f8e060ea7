# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

from .complaint_past import complaint_now

_APPROVE = "helpdesk_mgmt_complaint.mail_activity_type_eightd_approve"


class ComplaintEightdRequestMixin(models.AbstractModel):
    """An 8D that sales asks for goes to quality after its manager agreed (R347).

    Who may agree is looked up when it is requested: the holder of the role "business
    manager" of the company and his deputy, and the manager of the department of who
    asks. Whoever of them asks himself has agreed.
    """

    _name = "complaint.eightd.request.mixin"
    _description = "Request of an 8D"

    requested_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approver_ids = fields.Many2many(
        "res.users",
        "complaint_eightd_approver_rel",
        "eightd_id",
        "user_id",
        string="Approvers",
        readonly=True,
        copy=False,
    )
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approved_at = fields.Datetime(string="Approved on", readonly=True, copy=False)
    can_approve = fields.Boolean(compute="_compute_can_approve")

    @api.depends("state", "approver_ids")
    @api.depends_context("uid")
    def _compute_can_approve(self):
        for eightd in self:
            eightd.can_approve = (
                eightd.state == "requested" and self.env.user in eightd.approver_ids
            )

    def action_approve(self):
        """Agree: the 8D is open and quality gets it.

        :raise UserError: when it is not waiting, or for the user to decide
        """
        for eightd in self:
            eightd._check_can_approve()
            eightd._approve()
        return True

    def action_refuse(self, reason=None):
        """Do not agree; without a reason the user is asked for it.

        :param str reason: why
        """
        if not isinstance(reason, str):
            return self._get_reason_action("refuse")
        for eightd in self:
            eightd._check_can_approve()
            eightd._end(reason)
            # sudo: told on behalf of who refused
            partner = eightd.sudo().requested_by_id.partner_id
            eightd.sudo().message_notify(  # sudo: as above
                partner_ids=partner.ids,
                subject=eightd.display_name,
                body=self.env._(
                    "The 8D you asked for was refused: %(reason)s", reason=reason
                ),
                model=eightd._name,
                res_id=eightd.id,
            )
        return True

    def action_ask_again(self):
        """Look up who has to agree now, for example after the manager changed."""
        self.check_access("write")
        self.filtered(lambda e: e.state == "requested")._ask_approvers()
        return True

    def _check_can_approve(self):
        self.ensure_one()
        self.check_access("read")
        if self.state != "requested":
            raise UserError(
                self.env._(
                    "%(name)s does not wait for approval.", name=self.display_name
                )
            )
        if self.env.user not in self.approver_ids:
            raise UserError(
                self.env._(
                    "Only %(names)s may approve or refuse it.",
                    # sudo: names of colleagues
                    names=", ".join(self.sudo().approver_ids.mapped("name")),
                )
            )

    def _approve(self):
        """Open it; the caller checked who agrees."""
        self.ensure_one()
        # sudo: an approver need not be able to write, and states are closed to
        # clients. The row is written first: who decides at the same time waits
        eightd = self.sudo()
        eightd.write(
            {
                "state": "open",
                "approved_by_id": self.env.uid,
                "approved_at": complaint_now(self.env),
            }
        )
        eightd.flush_recordset()
        eightd.activity_unlink([_APPROVE])
        eightd.message_post(
            body=self.env._("Approved by %(user)s.", user=self.env.user.name)
        )
        eightd._after_open()

    def _ask_approvers(self):
        """Ask who has to agree; who asks himself has.

        :raise UserError: when nobody can agree
        """
        for eightd in self:
            users = eightd._get_approvers()
            if not users and self.env.su:
                # wanted by a routing rule: whoever accepts cannot mend the set-up
                eightd.message_post(
                    body=self.env._(
                        "Nobody can approve it: enter who holds the role Business "
                        "manager, then press Ask Again."
                    )
                )
                continue
            if not users:
                raise UserError(
                    self.env._(
                        "Nobody can approve this 8D: the role Business manager has no "
                        "holder in %(company)s and your department no manager. Have "
                        "one entered under Configuration / Roles, or ask quality to "
                        "open the 8D.",
                        company=eightd.company_id.name,
                    )
                )
            # sudo: closed to clients, since an approver reads it
            eightd.sudo().approver_ids = users
            if eightd.requested_by_id in users:
                eightd._approve()
                continue
            # sudo: to-dos of the system
            eightd.sudo().activity_unlink([_APPROVE])
            for user in users:
                # sudo: as above
                eightd.sudo().activity_schedule(_APPROVE, user_id=user.id)

    def _get_approvers(self):
        """Hook: return the users who may agree to this request."""
        self.ensure_one()
        # sudo: roles and departments are set-up; only users are returned
        eightd = self.sudo()
        role = eightd.env.ref(
            "helpdesk_mgmt_complaint.role_business_manager", raise_if_not_found=False
        )
        users = eightd.env["res.users"]
        if role:
            row = role._get_holders(eightd.company_id)[role]
            users |= row.user_id | row.deputy_id
            if not row.user_id:
                users |= row.department_id.manager_id.user_id
        department = eightd.requested_by_id.with_company(
            eightd.company_id
        ).employee_id.department_id
        users |= department.manager_id.user_id
        tickets = eightd._get_current_links().ticket_id
        users -= users.browse(tickets._complaint_get_recused().ids)
        return users.filtered(
            lambda u: u.active and not u.share and eightd.company_id in u.company_ids
        ).sudo(self.env.su)  # sudo: back to the caller
