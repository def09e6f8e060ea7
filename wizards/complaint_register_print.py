# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError

_REPORT = "helpdesk_mgmt_complaint.action_report_complaint_register_choice"


class ComplaintRegisterPrint(models.TransientModel):
    """Choose which complaints stand in a register: a period, or a selection."""

    _name = "complaint.register.print"
    _description = "Print Complaint Register"
    _inherit = ["complaint.form.choice.mixin"]

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    ticket_ids = fields.Many2many("helpdesk.ticket", string="Selected Complaints")
    date_kind = fields.Selection(
        [
            ("complaint_reported_at", "Reported"),
            ("complaint_accepted_at", "Accepted on"),
            ("complaint_closed_at", "Closed on"),
        ],
        string="Date of",
        required=True,
        default="complaint_reported_at",
    )
    date_from = fields.Date(
        string="From", default=lambda self: fields.Date.today().replace(day=1)
    )
    date_to = fields.Date(string="To", default=fields.Date.context_today)
    state = fields.Selection(
        [
            ("all", "All"),
            ("open", "Open"),
            ("closed", "Closed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="all",
    )

    @api.depends("company_id")
    def _compute_form_id(self):
        for choice in self:
            forms = choice._get_allowed_forms()
            if choice.form_id not in forms:
                choice.form_id = forms[:1]

    @api.constrains("date_from", "date_to")
    def _check_period(self):
        for choice in self:
            if (
                choice.date_from
                and choice.date_to
                and choice.date_to < choice.date_from
            ):
                raise ValidationError(self.env._("The period ends before it begins."))

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "helpdesk.ticket":
            ids = self.env.context.get("active_ids", [])
            values.setdefault("ticket_ids", [Command.set(ids)])
        return values

    def action_print_pdf(self):
        """Download the register as PDF."""
        self.ensure_one()
        return self.env.ref(_REPORT).report_action(self, config=False)

    def action_print_xlsx(self):
        """Download the register as a workbook."""
        self.ensure_one()
        return self.env.ref(f"{_REPORT}_xlsx").report_action(self, config=False)

    @api.model
    def _get_form_choice_depends(self):
        return ["company_id"]

    def _get_allowed_forms(self):
        forms = self.env["complaint.form"]
        return forms._get_company_forms(self.company_id, "register")

    def _get_register(self):
        """Return the content of the chosen register, read as the current user."""
        self.ensure_one()
        document = self.env["complaint.register.document"]
        period = "" if self.ticket_ids else self._get_period_text()
        return document._get_register(self._get_tickets(), self.form_id, period)

    def _get_tickets(self):
        if self.ticket_ids:
            return self.ticket_ids
        # archived complaints stay in the register
        tickets = self.env["helpdesk.ticket"].with_context(active_test=False)
        found = tickets.search(self._get_tickets_domain())
        start, end = self._get_limits()
        # the search asks the log, where a reopened complaint has several times
        return found.filtered(
            lambda t: t[self.date_kind]
            and (not start or t[self.date_kind] >= start)
            and (not end or t[self.date_kind] < end)
        )

    def _get_tickets_domain(self):
        """Hook: return the domain of the complaints in the register."""
        domain = [
            ("is_complaint", "=", True),
            ("company_id", "=", self.company_id.id),
        ]
        start, end = self._get_limits()
        if start:
            domain.append((self.date_kind, ">=", start))
        if end:
            domain.append((self.date_kind, "<", end))
        if self.state == "open":
            domain.append(("complaint_phase", "not in", ["closed", "cancelled"]))
        elif self.state != "all":
            domain.append(("complaint_phase", "=", self.state))
        return domain

    def _get_limits(self):
        """Return first moment and end of the period, UTC, or False where open."""
        get_start = self.env["complaint.print.tools"]._get_day_start
        start = self.date_from and get_start(self.date_from, self.company_id)
        end = self.date_to and get_start(
            self.date_to + timedelta(days=1), self.company_id
        )
        return start, end

    def _get_period_text(self):
        self.ensure_one()
        tools = self.env["complaint.print.tools"]
        kind = tools._get_choice(self, "date_kind")
        state = tools._get_choice(self, "state") if self.state != "all" else ""
        dates = ""
        if self.date_from or self.date_to:
            first = tools._format_day(self.date_from)
            dates = f"{kind} {first} – {tools._format_day(self.date_to)}"
        return tools._join([dates, state], " · ")

    def _get_file_name(self):
        dates = [str(day) for day in (self.date_from, self.date_to) if day]
        if self.ticket_ids:
            dates = []
        return " ".join([self.form_id.name, *dates])
