# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models
from odoo.fields import Domain

_READS_ALL_GROUPS = ("handler", "quality", "finance", "supervisor", "manager")


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.private
    def complaint_access_domain(self, prefix=""):
        """Return which complaints this user may know of (R520, R524).

        Used by the global record rules of the ticket and of every child model,
        so that there is one truth. Global, because group rules are added up and
        would be opened again by those of the helpdesk.

        :param str prefix: path from the ruled model to the ticket, for example
            ``"ticket_id."``
        :return: list domain
        """
        self.ensure_one()
        plain_ticket = Domain(f"{prefix}is_complaint", "=", False)
        if self.share:
            commercial = self.commercial_partner_id.id
            domain = Domain(f"{prefix}partner_id", "child_of", commercial)
        elif self._complaint_reads_all():
            return list(Domain.TRUE)
        else:
            domain = Domain.OR(
                Domain(f"{prefix}{name}", "=", value)
                for name, value in self._get_complaint_involved_terms()
            )
        return list(plain_ticket | domain)

    @api.private
    def complaint_write_domain(self, prefix=""):
        """Return which tickets this user may create, write or delete.

        Handlers write complaints; everybody else only what he registered, until
        it is accepted. Plain tickets stay with the groups of the helpdesk, also
        though every employee may now create tickets that are complaints.

        :param str prefix: see `complaint_access_domain`
        :return: list domain
        """
        self.ensure_one()
        plain_ticket = Domain(f"{prefix}is_complaint", "=", False)
        complaint = Domain(f"{prefix}is_complaint", "=", True)
        if not self.has_group("helpdesk_mgmt.group_helpdesk_user_own"):
            plain_ticket = Domain.FALSE
        if not self.has_group("helpdesk_mgmt_complaint.group_complaint_handler"):
            complaint &= Domain(f"{prefix}create_uid", "=", self.id)
            complaint &= Domain(f"{prefix}complaint_phase", "in", [False, "draft"])
        return list(plain_ticket | complaint)

    @api.private
    def complaint_dispatch_write_domain(self):
        """Return which dispatches this user may write: handlers, and who got them."""
        self.ensure_one()
        domain = Domain(self.complaint_write_domain("ticket_id."))
        return list(domain | Domain("to_user_id", "=", self.id))

    @api.private
    def complaint_stage_domain(self):
        """Return which helpdesk stages this user may set up (R524)."""
        self.ensure_one()
        if self.has_group("helpdesk_mgmt_complaint.group_complaint_manager"):
            return list(Domain.TRUE)
        return [("complaint_phase", "=", False)]

    def _complaint_reads_all(self):
        """Hook: return whether this internal user reads every complaint."""
        return any(
            self.has_group(f"helpdesk_mgmt_complaint.group_complaint_{name}")
            for name in _READS_ALL_GROUPS
        )

    def _get_complaint_involved_terms(self):
        """Hook: return ``(ticket field, value)`` pairs that make one involved."""
        return [
            ("create_uid", self.id),
            ("user_id", self.id),
            ("complaint_first_contact_id", self.id),
            ("complaint_received_by_id", self.id),
            ("message_partner_ids", self.partner_id.id),
            ("complaint_dispatch_ids.to_user_id", self.id),
        ]

    def _complaint_get_department(self):
        """Return the department of the user's employee in the current company."""
        # sudo: names of departments are no secret, but hr.employee is protected
        return self.sudo().employee_id.department_id.sudo(self.env.su)

    def _get_activity_groups(self):
        """Let to-dos open the complaint app when they are all of complaints."""
        groups = super()._get_activity_groups()
        tickets = self.env["helpdesk.ticket"]
        for group in groups:
            if group["model"] != tickets._name:
                continue
            plain = tickets.with_context(active_test=False).search_count(
                [("activity_user_id", "=", self.env.uid), ("is_complaint", "=", False)],
                limit=1,
            )
            if not plain:
                group.update(
                    name=self.env._("Complaints"),
                    domain=[*group["domain"], ("is_complaint", "=", True)],
                    complaint_views=tickets._get_complaint_list_action([], "")["views"],
                )
        return groups
