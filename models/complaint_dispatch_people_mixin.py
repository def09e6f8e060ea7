# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain

OPEN_STATES = ("sent", "accepted")
_ACTIVITY_TYPE = "helpdesk_mgmt_complaint.mail_activity_type_dispatch"


class ComplaintDispatchPeopleMixin(models.AbstractModel):
    """Whose task a dispatch is, and who is told of it (R185, R234)."""

    _name = "complaint.dispatch.people.mixin"
    _description = "People of a Complaint Dispatch"

    is_involved = fields.Boolean(
        string="Mine or My Department's",
        compute="_compute_is_involved",
        search="_search_is_involved",
        compute_sudo=True,
        help="The user sent, received or answered it, or leads the department.",
    )
    can_answer = fields.Boolean(
        string="Waits for Me",
        compute="_compute_is_involved",
        search="_search_can_answer",
        compute_sudo=True,
        help="Open, and sent to the user or to his department.",
    )

    # ------------------------------------------------------------------
    # Need to know
    # ------------------------------------------------------------------

    @api.depends(
        "state",
        "ticket_id.complaint_recused_user_ids",
        "from_user_id",
        "to_user_id",
        "accepted_by_id",
        "to_department_id.manager_id.user_id",
    )
    @api.depends_context("uid")
    def _compute_is_involved(self):
        user = self.env.user
        departments = user.complaint_department_ids
        for dispatch in self:
            is_head = dispatch.to_department_id.manager_id.user_id == user
            is_addressed = dispatch.to_user_id == user
            if not dispatch.to_user_id:
                is_addressed = is_head or dispatch.to_department_id in departments
            recused = dispatch.ticket_id.complaint_recused_user_ids
            dispatch.can_answer = (
                is_addressed and dispatch.state in OPEN_STATES and user not in recused
            )
            dispatch.is_involved = (
                is_addressed
                or is_head
                or user in dispatch.from_user_id + dispatch.accepted_by_id
            )

    @api.model
    def _search_is_involved(self, operator, value):
        domain = self._get_addressed_domain()
        domain |= Domain("to_department_id.manager_id.user_id", "=", self.env.uid)
        domain |= Domain("from_user_id", "=", self.env.uid)
        domain |= Domain("accepted_by_id", "=", self.env.uid)
        return self._get_people_domain(domain, operator, value)

    @api.model
    def _search_can_answer(self, operator, value):
        domain = self._get_addressed_domain()
        domain &= Domain("state", "in", OPEN_STATES)
        domain &= self.env.user._complaint_not_recused_domain("ticket_id.")
        return self._get_people_domain(domain, operator, value)

    @api.model
    def _get_addressed_domain(self):
        """Hook: return which tasks are sent to the user or to his department."""
        user = self.env.user
        # sudo: one's own departments
        own = Domain("to_department_id", "in", user.sudo().complaint_department_ids.ids)
        own |= Domain("to_department_id.manager_id.user_id", "=", user.id)
        own &= Domain("to_user_id", "=", False)
        return own | Domain("to_user_id", "=", user.id)

    @api.model
    def _get_people_domain(self, domain, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        wanted = (True in value) == (operator == "in")
        # sudo: employees are protected; only who asks is compared with them, and
        # the rules of the search around it hold
        found = self.sudo()._search(domain)
        return [("id", "in" if wanted else "not in", found)]

    # ------------------------------------------------------------------
    # Recipients
    # ------------------------------------------------------------------

    def _get_recipients(self, named=True):
        """Return ``{dispatch: users}`` who may answer each, in few queries.

        The person named; otherwise manager and members of the department. Where a
        person named has left or is recused, the manager. Empty: nobody of them can
        sign in, the handlers record what the department says.

        :param bool named: whether the person named counts
        """
        # sudo: hr.employee is protected; users are compared, not shown
        rows = self.sudo()
        departments = rows.to_department_id
        employees = rows.env["hr.employee"].with_context(active_test=True)
        found = employees.search(
            [
                ("current_version_id.department_id", "in", departments.ids),
                ("user_id", "!=", False),
            ]
        )
        members = found.grouped(lambda e: e.current_version_id.department_id)
        result = {}
        for dispatch, row in zip(self, rows, strict=True):
            department = row.to_department_id
            head = department.manager_id.user_id
            group = head | members.get(department, found.browse()).user_id
            users = row._keep_available((named and row.to_user_id) or group)
            users = users or row._keep_available(head)
            result[dispatch] = users.with_env(self.env)
        return result

    def _get_responsible(self):
        """Return who answers for the task: one person, or nobody."""
        self.ensure_one()
        # sudo: hr.employee is protected
        row = self.sudo()
        person = row.accepted_by_id or row.to_user_id
        person = person or row.to_department_id.manager_id.user_id
        return person - row.ticket_id._complaint_get_recused()

    def _keep_available(self, users):
        """Return who can act here: active, internal, of the company, not recused."""
        self.ensure_one()
        company = self.ticket_id.company_id
        recused = self.ticket_id._complaint_get_recused()
        return users.filtered(
            lambda user: user.active
            and not user.share
            and company in user.company_ids
            and user not in recused
        )

    def _is_department_head(self, user):
        self.ensure_one()
        # sudo: hr.employee is protected; compared only
        return self.sudo().to_department_id.manager_id.user_id == user

    # ------------------------------------------------------------------
    # Telling
    # ------------------------------------------------------------------

    def _tell_sent(self):
        """Activity and one message for who shall act; the head follows (R234)."""
        recipients = self._get_recipients()
        for dispatch in self:
            # sudo: hr.employee is protected
            head = dispatch.sudo().to_department_id.manager_id.user_id
            head = dispatch.sudo()._keep_available(head)  # sudo: as above
            users = dispatch.to_user_id & recipients[dispatch]
            users = users or head or recipients[dispatch]
            # sudo: who sends may be somebody whose step was finished
            ticket = dispatch.ticket_id.sudo()
            ticket.message_subscribe(partner_ids=head.partner_id.ids)
            dispatch._schedule_activity(users)
            text = self.env._(
                "%(user)s sent %(number)s to %(target)s.",
                user=self.env.user.name,
                number=dispatch.number,
                target=dispatch._get_target_name(),
            )
            dispatch._tell(users | head, text, dispatch.instruction)

    def _tell_answered(self, text, note):
        """Tell sender and handler how it came back (R205)."""
        self.ensure_one()
        ticket = self.ticket_id.sudo()  # sudo: internal fields of the complaint
        self._tell(self.from_user_id | ticket.user_id, text, note)

    def _tell(self, users, text, note):
        """Send one message to these people and the first contact (R185)."""
        self.ensure_one()
        # sudo: who answers a task has no right to post on the complaint; the
        # message names him as its author
        ticket = self.ticket_id.sudo()
        users |= ticket.complaint_first_contact_id
        partners = (users - self.env.user).filtered("active").partner_id
        if not partners:
            return
        body = Markup("<p>%s</p>") % text
        if note:
            body += Markup("<p style='white-space: pre-wrap'>%s</p>") % note
        body += Markup('<p><a href="%s">%s</a></p>') % (
            f"{self.get_base_url()}/odoo/{self._name}/{self.id}",
            self.number,
        )
        ticket.message_notify(
            partner_ids=partners.ids,
            subject=f"{self.number} - {ticket.name}",
            body=body,
            model=ticket._name,
            res_id=ticket.id,
        )

    def _schedule_activity(self, users):
        """Give each of them one to-do; the message tells, not the activity."""
        self.ensure_one()
        # sudo: to-dos of others on a complaint that one need not be able to write
        ticket = self.ticket_id.sudo().with_context(mail_activity_quick_update=True)
        for user in users:
            ticket.activity_schedule(
                _ACTIVITY_TYPE,
                date_deadline=fields.Date.to_date(self.due_at) or None,
                summary=self.env._("Dispatch %(number)s", number=self.number),
                note=Markup('<p><a href="/odoo/%s/%s">%s</a></p>')
                % (self._name, self.id, self.instruction or self.number),
                user_id=user.id,
                complaint_dispatch_id=self.id,
            )

    def _close_activities(self):
        """Remove the to-dos; the event log keeps what was done."""
        # sudo: also those of colleagues
        activities = self.env["mail.activity"].sudo()
        activities.search([("complaint_dispatch_id", "in", self.ids)]).unlink()

    def _get_target_name(self):
        self.ensure_one()
        # sudo: names of departments and persons are no secret
        names = [self.sudo().to_department_id.name, self.to_user_id.name]
        return ", ".join(name for name in names if name)
