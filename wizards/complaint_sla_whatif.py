# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models

from ..kernel.clock_working import ClockError
from ..models.complaint_ticket_selection import ticket_selection

_TEMPLATE = "helpdesk_mgmt_complaint.complaint_sla_whatif_result"
# working hours are read for whole years; further away nobody plans
_YEARS = 20
_CUSTOMER_DEADLINE = "customer_deadline_set"
# field of the dialog -> field of the imagined complaint
_FACTS = {
    "is_overseas": "complaint_is_overseas",
    "is_out_of_province": "complaint_is_out_of_province",
    "is_major": "complaint_is_major",
    "is_key_customer": "complaint_is_key_customer",
    "nature": "complaint_nature",
    "severity": "complaint_severity",
    "established": "complaint_established",
    "channel_id": "channel_id",
    "category_id": "category_id",
}


class ComplaintSlaWhatif(models.TransientModel):
    """What the time limits of a policy would say of an imagined complaint.

    The clocks of real complaints do the work, on a complaint that is never
    stored and on a log of one event per line (R241).
    """

    _name = "complaint.sla.whatif"
    _description = "What If: Deadlines"
    _inherit = ["complaint.due.mixin"]

    policy_id = fields.Many2one("complaint.sla.policy", required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team", help="Its working hours come before the company's."
    )
    start_at = fields.Datetime(
        string="Start",
        required=True,
        default=fields.Datetime.now,
        help="When the event happens that starts the clock of each line.",
    )
    customer_deadline = fields.Datetime(string="Customer's Deadline")
    is_overseas = fields.Boolean(string="Overseas")
    is_out_of_province = fields.Boolean(string="Out of Province")
    visit_needed = fields.Boolean()
    is_major = fields.Boolean(string="Major Case")
    is_key_customer = fields.Boolean(string="Important Customer")
    nature = fields.Selection(selection=ticket_selection("complaint_nature"))
    severity = fields.Selection(selection=ticket_selection("complaint_severity"))
    established = fields.Selection(selection=ticket_selection("complaint_established"))
    channel_id = fields.Many2one("helpdesk.ticket.channel")
    category_id = fields.Many2one("helpdesk.ticket.category")
    result = fields.Html(
        compute="_compute_result",
        # made by the server; the template escapes every text
        sanitize=False,
    )

    @api.depends(
        "policy_id",
        "company_id",
        "team_id",
        "start_at",
        "customer_deadline",
        "visit_needed",
        *_FACTS,
    )
    @api.depends_context("lang", "tz")
    def _compute_result(self):
        for wizard in self:
            if not (wizard.policy_id and wizard.company_id and wizard.start_at):
                wizard.result = False
                continue
            wizard.result = self.env["ir.qweb"]._render(
                _TEMPLATE, wizard._prepare_result(), minimal_qcontext=True
            )

    # ------------------------------------------------------------------
    # Computing
    # ------------------------------------------------------------------

    def _prepare_result(self):
        """Return the values of the template: ``problem`` or ``rows``."""
        self.ensure_one()
        if abs(self.start_at.year - fields.Datetime.now().year) > _YEARS:
            return {"problem": self.env._("Choose a start in this century.")}
        for chosen in (
            *(self.policy_id, self.company_id, self.team_id),
            *(self.channel_id, self.category_id),
        ):
            # a client may send ids that no list offered
            chosen.check_access("read")
        # sudo: the limits of a policy that may be read; only times are shown
        policy = self.policy_id.sudo()
        # sudo: a complaint that is never stored; teams are not for all
        ticket = self.env["helpdesk.ticket"].sudo().new(self._prepare_ticket_vals())
        codes = {"visit_decided"} if self.visit_needed else ()
        facts = ticket._complaint_get_facts(codes)
        keys = policy.line_ids._get_applicable_keys(policy, facts)
        lines = policy.line_ids
        return {
            "problem": ""
            if lines
            else self.env._("This policy has no time limits yet."),
            "rows": [
                self._prepare_row(line, ticket)
                if line.key in keys
                else self._prepare_excluded_row(line)
                for line in lines
            ],
        }

    def _prepare_ticket_vals(self):
        """Hook: return the values of the imagined complaint."""
        facts = {target: self[name] for name, target in _FACTS.items()}
        return {
            "is_complaint": True,
            "company_id": self.company_id,
            "team_id": self.team_id,
            **facts,
        }

    def _prepare_excluded_row(self, line):
        conditions = "; ".join(line._get_preview_conditions())
        return {
            "name": line.name,
            "holds": False,
            "reason": self.env._("Does not hold: %(why)s", why=conditions),
        }

    def _prepare_row(self, line, ticket):
        """Return what is shown of a line that holds."""
        row = {
            "name": line.name,
            "holds": True,
            "start": line._get_preview_start(),
            "preview": line.preview,
            "due": "",
            "levels": [],
        }
        try:
            deadline = self._derive(line, ticket)
            alarms = deadline._get_alarms({})
        except ClockError as error:
            return {**row, "reason": line._explain(error)}
        reasons = dict(
            deadline._fields["no_due_reason"]._description_selection(self.env)
        )
        kinds = dict(deadline._fields["due_kind"]._description_selection(self.env))
        is_policy = deadline.due_kind == "policy"
        return {
            **row,
            "due": self._complaint_format(deadline.due_at),
            "due_text": self._complaint_get_due_text(deadline.due_at, self.start_at),
            "due_kind": "" if is_policy else kinds[deadline.due_kind],
            "policy_due": ""
            if is_policy
            else self._complaint_format(deadline.policy_due_at),
            "reason": reasons.get(deadline.no_due_reason, ""),
            "levels": self._prepare_levels(line, alarms),
        }

    def _prepare_levels(self, line, alarms):
        levels = {level.id: level for level in line.escalation_ids}
        return [
            {
                "at": self._complaint_format(alarm.at),
                "text": levels[alarm.level.key]._get_preview(),
                "by_clock": alarm.by_clock,
            }
            for alarm in alarms
        ]

    def _derive(self, line, ticket):
        """Return the first deadline of a line as a row that is never stored.

        :raise ClockError: no clock can run on it
        """
        kernel_lines = {line.key: line._get_kernel_lines()[line.key]}
        derived = ticket._complaint_derive(
            self._prepare_log(kernel_lines[line.key][0]), kernel_lines, self.start_at
        )
        first = derived[0]
        return ticket.env["complaint.deadline"].new(
            {
                "ticket_id": ticket,
                "company_id": self.company_id.id,
                "line_id": line.id,
                "name": line.name,
                "started_at": first.started_at,
                "policy_due_at": first.policy_due_at,
                "due_at": first.due_at,
                "due_kind": first.due_kind,
                "state": first.state,
                "no_due_reason": first.reason or False,
            }
        )

    def _prepare_log(self, kernel_line):
        """Return the log: the start of the line, and the customer's deadline."""
        code, _colon, kind = kernel_line.start_code.partition(":")
        due = fields.Datetime.to_string(self.customer_deadline) or None
        date = {"due": due} if due else {}
        # of several kinds or steps any one starts it
        kind = kind.partition(",")[0].strip()
        first = {"clock_lines": [kernel_line.key], "kind": kind}
        if code == _CUSTOMER_DEADLINE:
            return [self._prepare_event(1, code, {**first, **date})]
        events = [self._prepare_event(1, code, first)]
        if due:
            events.append(self._prepare_event(2, _CUSTOMER_DEADLINE, date))
        return events

    def _prepare_event(self, number, code, payload):
        return {
            "id": number,
            "code": code,
            "cycle": 1,
            "at": self.start_at,
            "corrects_id": False,
            "scope_key": "",
            "payload": payload,
            "note": "",
        }
