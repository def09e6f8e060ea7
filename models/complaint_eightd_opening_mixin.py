# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models

# how deep a problem is analysed at least
_TYPE_OF_SEVERITY = {"major": "5d", "critical": "8d"}


class ComplaintEightdOpeningMixin(models.AbstractModel):
    """What follows from opening an 8D: disciplines, due dates, number, who is told."""

    _name = "complaint.eightd.opening.mixin"
    _description = "Opening of an 8D"

    def _after_open(self):
        """Quality has it: due dates, clocks, who is told, and last the number."""
        self._propose_due_dates()
        for eightd in self:
            # sudo: who opens it need not know every complaint of it
            links = eightd.sudo()._get_current_links()
            links.filtered(lambda link: not link.received_at)._mark_received()
            eightd._tell_quality()
        self._tell_leader()
        self._tell_department()
        self._draw_numbers()

    def _draw_numbers(self):
        """Give numbers; last in a transaction, see `complaint.number._draw`."""
        # sudo: the ledger and the number are closed to everybody
        waiting = self.sudo().filtered(lambda e: not e.number)
        waiting.flush_recordset()
        for company, group in waiting.grouped("company_id").items():
            rows = waiting.env["complaint.number"]._draw(
                company,
                company.complaint_eightd_pattern,
                company._complaint_today(),
                len(group),
            )
            for eightd, row in zip(group.sorted("id"), rows, strict=True):
                eightd.write({"number": row.name, "number_id": row.id})

    def _propose_answer_type(self):
        """The deepest answer that a customer wants or the severity asks for (R432)."""
        self.ensure_one()
        # sudo: of complaints that the user may not read; only the format is used
        wanted = self.sudo().link_ids.mapped("answer_type")
        wanted.append(_TYPE_OF_SEVERITY.get(self.severity))
        order = [code for code, _name in self._fields["answer_type"].selection]
        deepest = max((order.index(code) for code in wanted if code), default=None)
        if deepest is not None:
            self.answer_type = order[deepest]

    def _sync_disciplines(self):
        """Add the disciplines of the format; those that were begun stay."""
        # sudo: rows follow the format alone, nobody creates them by hand
        rows = self.env["complaint.eightd.discipline"].sudo()
        vals_list = []
        for eightd in self.sudo():  # sudo: as above
            codes = eightd._get_variant_codes(eightd.answer_type)
            known = eightd.discipline_ids
            unused = known.filtered(
                lambda row, codes=codes: row.state == "open" and row.code not in codes
            )
            known -= unused
            unused.unlink()
            vals_list += [
                {"eightd_id": eightd.id, "code": code}
                for code in codes
                if code not in known.mapped("code")
            ]
        created = rows.create(vals_list)
        created.eightd_id.filtered(lambda e: e.state == "open")._propose_due_dates()

    def _propose_due_dates(self):
        """Fill due dates: what the company plans, or a customer's earlier limit."""
        terms = self.env["complaint.eightd.term"]
        # sudo: limits of complaints that the user may not read; only dates are used
        for eightd in self.sudo():
            days = terms._get_days(eightd.company_id)
            limits = eightd._get_link_limits()
            today = eightd.company_id._complaint_today()
            for row in eightd.discipline_ids.filtered(lambda row: row.state == "open"):
                dates = [limits[row.code]] if row.code in limits else []
                if row.due_date:
                    dates.append(row.due_date)
                elif row.code in days:
                    dates.append(fields.Date.add(today, days=days[row.code]))
                due = min(dates, default=False)
                if due != row.due_date:
                    row.due_date = due

    def _get_link_limits(self):
        """Return ``{discipline: date}`` that customers' running clocks ask for.

        The containment clock is that of D3, the one of the long-term answer that of
        D5, or of D8 in formats without D5.
        """
        self.ensure_one()
        tickets = self._get_current_links().ticket_id
        clocks = self.env["complaint.deadline"].search(
            [
                ("ticket_id", "in", tickets.ids),
                ("finished_at", "=", False),
                ("due_at", "!=", False),
            ]
        )
        last = "d5" if "d5" in self._get_variant_codes(self.answer_type) else "d8"
        codes = {"containment_sent": "d3", "contained": "d3", "longterm_sent": last}
        limits = {}
        for clock in clocks:
            day = fields.Datetime.context_timestamp(
                self.with_context(tz=self.company_id.complaint_tz), clock.due_at
            ).date()
            for target in clock.line_id.target_type_ids.mapped("code"):
                if code := codes.get(target):
                    limits[code] = min(day, limits.get(code, day))
        return limits

    def _note_deeper_answer(self, link):
        """Say so when a customer who joins wants more than this format gives."""
        self.ensure_one()
        order = [code for code, _name in self._fields["answer_type"].selection]
        wanted = link.answer_type
        if wanted and order.index(wanted) > order.index(self.answer_type):
            names = dict(self._fields["answer_type"]._description_selection(self.env))
            # sudo: the note comes from the system
            self.sudo().message_post(
                body=self.env._(
                    "A complaint that joined asks for: %(format)s. Choose this format "
                    "if it is to be given.",
                    format=names[wanted],
                )
            )

    def _tell_quality(self):
        """A to-do for who acts for quality, unless quality opened it."""
        self.ensure_one()
        # sudo: who holds a role is set-up; to-dos are given on behalf of the system
        role = self.sudo().env.ref(
            "helpdesk_mgmt_complaint.role_quality", raise_if_not_found=False
        )
        if not role or self.leader_id:
            return
        # sudo: as above
        tickets = self.sudo()._get_current_links().ticket_id
        recused = tickets._complaint_get_recused() if tickets else None
        user = role._get_holder_user(self.company_id, recused)
        if user and user != self.env.user:
            self.sudo().activity_schedule(  # sudo: as above
                "helpdesk_mgmt_complaint.mail_activity_type_eightd_lead",
                user_id=user.id,
            )

    def _tell_department(self):
        """The request to the responsible department: a to-do of its manager (R428)."""
        for eightd in self:
            # sudo: hr.employee is protected; to-dos are given for quality
            user = eightd.sudo().department_id.manager_id.user_id
            if user and user.active and user not in (self.env.user, eightd.leader_id):
                eightd.sudo().activity_schedule(  # sudo: as above
                    "helpdesk_mgmt_complaint.mail_activity_type_eightd_solve",
                    user_id=user.id,
                )

    def _tell_leader(self):
        """Tell a new leader, and let him follow."""
        for eightd in self:
            leader = eightd.leader_id
            if leader:
                # sudo: the to-do of the system is done with it
                eightd.sudo().activity_unlink(
                    ["helpdesk_mgmt_complaint.mail_activity_type_eightd_lead"]
                )
            if not leader or leader == self.env.user:
                continue
            # sudo: partner of a colleague
            partner = leader.sudo().partner_id
            eightd.message_subscribe(partner_ids=partner.ids)
            eightd.message_notify(
                partner_ids=partner.ids,
                subject=eightd.display_name,
                body=self.env._("You lead this 8D now."),
                model=eightd._name,
                res_id=eightd.id,
            )
