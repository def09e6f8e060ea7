# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.fields import Domain

_READS_STATEMENTS = ("quality", "finance", "supervisor")
_READS_ALL_GROUPS = ("handler", "quality", "finance", "supervisor", "manager")


class ResUsers(models.Model):
    _inherit = "res.users"

    complaint_department_ids = fields.Many2many(
        "hr.department",
        string="Departments of the Employee",
        compute="_compute_complaint_department_ids",
        compute_sudo=True,
        groups="base.group_user",
        help="Of all companies; read once per request for need-to-know rules.",
    )

    @api.depends("employee_ids.active", "employee_ids.current_version_id.department_id")
    def _compute_complaint_department_ids(self):
        employees = self.env["hr.employee"].with_context(active_test=True)
        by_user = employees.search([("user_id", "in", self.ids)]).grouped("user_id")
        for user in self:
            own = by_user.get(user, employees)
            user.complaint_department_ids = own.current_version_id.department_id

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
            return list(plain_ticket | domain)
        domain = Domain.TRUE
        if not self._complaint_reads_all():
            domain = Domain.OR(
                Domain(f"{prefix}{name}", "=", value)
                for name, value in self._get_complaint_involved_terms()
            )
            domain |= plain_ticket
        # whoever may read it otherwise: the blindly recused may not (R519)
        return list(domain & self._complaint_seen_domain(prefix))

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
        complaint &= self._complaint_not_recused_domain(prefix)
        return list(plain_ticket | complaint)

    @api.private
    def complaint_dispatch_write_domain(self):
        """Return which dispatches this user may write: handlers, and who got them.

        Whoever got one writes it while it is open; what he may write is said in
        `complaint.dispatch.write`.
        """
        self.ensure_one()
        own = Domain("can_answer", "=", True)
        own &= self._complaint_not_recused_domain("ticket_id.")
        if not self.has_group("helpdesk_mgmt_complaint.group_complaint_handler"):
            return list(own)
        return list(own | Domain(self.complaint_write_domain("ticket_id.")))

    @api.private
    def complaint_opinion_write_domain(self):
        """Return which opinions this user may write.

        Handlers all. Others their own: on a task that waits for them, the
        instruction that an escalation asked of them (R324), and as long as it is a
        draft the business opinion on what they registered (R039).
        """
        self.ensure_one()
        if self.has_group("helpdesk_mgmt_complaint.group_complaint_handler"):
            return self.complaint_write_domain("ticket_id.")
        asked = Domain("instruction_required", "=", True)
        asked &= Domain("user_ids", "in", self.ids)
        own = Domain("kind", "=", "instruction") & Domain("dispatch_id", "=", False)
        own &= Domain("ticket_id.complaint_deadline_ids.escalation_ids", "any", asked)
        own |= Domain("dispatch_id.can_answer", "=", True)
        registered = Domain("kind", "=", "business_opinion")
        registered &= Domain("dispatch_id", "=", False)
        registered &= Domain("ticket_id.is_complaint", "=", True)
        own |= registered & Domain(self.complaint_write_domain("ticket_id."))
        own &= self._complaint_not_recused_domain("ticket_id.")
        return list(own & Domain("create_uid", "=", self.id))

    @api.private
    def complaint_told_domain(self):
        """Return the escalations that told this user, unless he is recused."""
        self.ensure_one()
        told = Domain("user_ids", "in", self.ids)
        return list(told & self._complaint_seen_domain("ticket_id."))

    def _complaint_seen_domain(self, prefix=""):
        """Return the domain "not hidden from this user as a recused person" (R519)."""
        shown = Domain(f"{prefix}complaint_recused_blind", "=", False)
        return shown | self._complaint_not_recused_domain(prefix)

    def _complaint_not_recused_domain(self, prefix=""):
        """Return the domain "this user is not recused" (R519), see above."""
        return ~Domain(f"{prefix}complaint_recused_user_ids", "in", [self.id])

    def _complaint_get_hidden_tickets(self):
        """Return the complaints that this user may not even know of (R519)."""
        # sudo: they are what rules hide; the ids are used to leave them out
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        return tickets.search(
            [
                ("complaint_recused_user_ids", "in", [self.id]),
                ("complaint_recused_blind", "=", True),
            ]
        )

    @api.private
    def complaint_duty_domain(self, duty="", deadline=""):
        """Return which recurring duties this user may know of.

        Who reads every complaint reads every duty; others those they have or had to
        do, and those of which they were told.

        :param str duty: path from the ruled model to the duty, ``"duty_id."``
        :param str deadline: path to its deadlines, for example ``"deadline_id."``
        :return: list domain
        """
        self.ensure_one()
        if self._complaint_reads_all():
            return list(Domain.TRUE)
        return list(
            self._get_complaint_duty_owner_domain(duty, deadline)
            | Domain(f"{deadline}escalation_ids.user_ids", "in", self.ids)
        )

    @api.private
    def complaint_duty_result_domain(self):
        """Return for which periods of duties this user may enter the result."""
        self.ensure_one()
        if self._complaint_decides_duties():
            return list(Domain.TRUE)
        return list(self._get_complaint_duty_owner_domain("duty_id.", "deadline_id."))

    @api.private
    def complaint_eightd_domain(self, prefix=""):
        """Return which 8D this user may read: those of his teams, quality all.

        Who is recused from one of its complaints is out (R519).

        :param str prefix: path from the ruled model to the 8D, ``"eightd_id."``
        :return: list domain
        """
        self.ensure_one()
        known = Domain.TRUE
        if not self._complaint_reads_all_eightd():
            known = Domain(f"{prefix}reader_user_ids", "in", self.ids)
        return list(known & self._complaint_not_recused_eightd_domain(prefix))

    @api.private
    def complaint_eightd_write_domain(self, prefix=""):
        """Return which 8D this user may write: quality all, members theirs."""
        self.ensure_one()
        own = Domain.TRUE
        if not self.has_group("helpdesk_mgmt_complaint.group_complaint_quality"):
            own = Domain(f"{prefix}writer_user_ids", "in", self.ids)
        return list(own & self._complaint_not_recused_eightd_domain(prefix))

    @api.private
    def complaint_action_domain(self, operation="read"):
        """Return which actions of the management system this user may know of.

        Those of an 8D are for its team, quality and who has to do them; the owner
        fills them in. All others stay with the groups of the management system.

        :param str operation: read, write, or create (and delete)
        """
        self.ensure_one()
        prefix = "complaint_eightd_id."
        plain = Domain("complaint_eightd_id", "=", False)
        own = Domain("user_id", "=", self.id)
        own &= self._complaint_not_recused_eightd_domain(prefix)
        if operation == "read":
            return list(plain | Domain(self.complaint_eightd_domain(prefix)) | own)
        team = plain | Domain(self.complaint_eightd_write_domain(prefix))
        return list(team | own if operation == "write" else team)

    @api.private
    def complaint_register_domain(self):
        """Return which nonconformities are not hidden from a recused person (R519)."""
        self.ensure_one()
        plain = Domain("complaint_eightd_id", "=", False)
        prefix = "complaint_eightd_id."
        return list(plain | self._complaint_not_recused_eightd_domain(prefix))

    def _complaint_not_recused_eightd_domain(self, prefix):
        recused = Domain("ticket_id.complaint_recused_user_ids", "in", self.ids)
        return Domain(f"{prefix}rule_link_ids", "not any", recused)

    def _complaint_reads_all_eightd(self):
        """Hook: return whether this internal user reads every 8D."""
        return any(
            self.has_group(f"helpdesk_mgmt_complaint.group_complaint_{name}")
            for name in ("quality", "supervisor")
        )

    @api.private
    def complaint_stage_domain(self):
        """Return which helpdesk stages this user may set up (R524)."""
        self.ensure_one()
        if self.has_group("helpdesk_mgmt_complaint.group_complaint_manager"):
            return list(Domain.TRUE)
        return [("complaint_phase", "=", False)]

    @api.private
    def complaint_statement_domain(self, prefix="", writing=False):
        """Return which statements this user may read, or write into.

        They circulate among the heads of the departments that review them (R481);
        who is blindly recused from one of the complaints (R519) reads none of them.

        :param str prefix: path from the ruled model to the statement
        :param bool writing: whether it is about drafts and reviews, see the guards
        :return: list domain
        """
        self.ensure_one()
        groups = ("supervisor", "quality") if writing else _READS_STATEMENTS
        domain = Domain.TRUE
        if not any(
            self.has_group(f"helpdesk_mgmt_complaint.group_complaint_{name}")
            for name in groups
        ):
            domain = Domain(f"{prefix}owner_id", "=", self.id)
            domain |= Domain(f"{prefix}ratio_ids.reviewer_id", "=", self.id)
        hidden = Domain("case_id.complaint_recused_user_ids", "in", self.ids)
        hidden &= Domain("case_id.complaint_recused_blind", "=", True)
        domain &= Domain(f"{prefix}line_ids", "not any", hidden)
        # a later statement names the complaint once more, as a correction
        return list(domain & Domain(f"{prefix}correction_ids", "not any", hidden))

    def _get_complaint_duty_owner_domain(self, duty, deadline):
        return Domain(f"{duty}responsible_id", "=", self.id) | Domain(
            f"{deadline}user_id", "=", self.id
        )

    def _complaint_decides_duties(self):
        """Hook: return whether this user waives duties and enters any result."""
        # implied by the complaint manager
        return self.has_group("helpdesk_mgmt_complaint.group_complaint_supervisor")

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
            ("complaint_dispatch_ids.is_involved", True),
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
