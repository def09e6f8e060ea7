# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .complaint_report_tools import get_local_date, get_query, get_seconds, get_zone


class ComplaintDeadlineReport(models.Model):
    """How well time limits are kept: one row per deadline (R498, K03, K11-K16).

    Each row has one result. A due time that passed is a miss for good, whether it
    was extended, waived or met later; one that is still open counts as soon as its
    due time has passed, swept or not. Days are those of the company's zone.
    """

    _name = "complaint.deadline.report"
    _description = "Complaint Deadline Analysis"
    _auto = False
    _rec_name = "name"
    _order = "counted_date desc, id desc"
    _depends = {
        "complaint.deadline": [
            "ticket_id",
            "duty_id",
            "company_id",
            "partner_id",
            "department_id",
            "user_id",
            "category_id",
            "policy_id",
            "line_id",
            "name",
            "cycle",
            "started_at",
            "due_at",
            "breached_at",
            "reached_at",
            "finished_at",
            "state",
        ],
        "complaint.sla.line": ["root_key"],
        "helpdesk.ticket": [
            "team_id",
            "channel_id",
            "complaint_procedure_id",
            "complaint_nature",
            "complaint_severity",
            "complaint_is_overseas",
        ],
        "res.company": ["complaint_tz"],
    }

    # Whose
    deadline_id = fields.Many2one("complaint.deadline", readonly=True)
    ticket_id = fields.Many2one("helpdesk.ticket", string="Complaint", readonly=True)
    duty_id = fields.Many2one("complaint.duty", string="Recurring Duty", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    department_id = fields.Many2one("hr.department", readonly=True)
    user_id = fields.Many2one("res.users", string="Handler", readonly=True)
    category_id = fields.Many2one("helpdesk.ticket.category", readonly=True)
    team_id = fields.Many2one("helpdesk.ticket.team", readonly=True)
    channel_id = fields.Many2one("helpdesk.ticket.channel", readonly=True)
    procedure_id = fields.Many2one("complaint.procedure", readonly=True)
    nature = fields.Selection(
        selection=lambda self: self._get_ticket_selection("complaint_nature"),
        readonly=True,
    )
    severity = fields.Selection(
        selection=lambda self: self._get_ticket_selection("complaint_severity"),
        readonly=True,
    )
    is_overseas = fields.Boolean(string="Overseas", readonly=True)

    # Which limit, and what became of it
    policy_id = fields.Many2one("complaint.sla.policy", readonly=True)
    line_id = fields.Many2one(
        "complaint.sla.line",
        string="Time Limit",
        readonly=True,
        help="All versions of a limit count for the newest one.",
    )
    name = fields.Char(readonly=True, help="As the limit was called at the start.")
    cycle = fields.Integer(readonly=True, aggregator=None)
    state = fields.Selection(
        selection=lambda self: (
            self.env["complaint.deadline"]
            ._fields["state"]
            ._description_selection(self.env)
        ),
        readonly=True,
    )
    result = fields.Selection(
        [
            ("met", "Met on time"),
            ("missed", "Missed"),
            ("waived", "Waived"),
            ("not_needed", "Not needed"),
            ("no_due", "Reached, nothing was due"),
            ("open", "Open"),
        ],
        readonly=True,
        help="Missed as soon as a due time passes, also when it was extended or "
        "waived afterwards.",
    )

    # When, in the company's time zone
    started_date = fields.Date(string="Started on", readonly=True)
    due_date = fields.Date(string="Due on", readonly=True)
    finished_date = fields.Date(string="Finished on", readonly=True)
    counted_date = fields.Date(
        string="Decided on",
        readonly=True,
        help="The day on which it was reached in time, first missed, or ended "
        "otherwise. Empty while it is open and in time.",
    )

    # How many
    started_count = fields.Integer(string="Started", readonly=True)
    finished_count = fields.Integer(string="Finished", readonly=True)
    met_count = fields.Integer(string="Met", readonly=True)
    missed_count = fields.Integer(string="Missed (Number)", readonly=True)
    waived_count = fields.Integer(string="Waived", readonly=True)
    not_needed_count = fields.Integer(
        string="Not Needed",
        readonly=True,
        help="With those that were reached although nothing was due.",
    )
    open_count = fields.Integer(string="Open in Time", readonly=True)
    on_time_rate = fields.Float(
        string="On Time (%)",
        readonly=True,
        aggregator="avg",
        digits=(5, 1),
        help="Met of met and missed. What was waived in time, not needed or is "
        "still open does not count.",
    )

    # How long
    days_late = fields.Float(
        readonly=True,
        digits=(16, 1),
        help="From the first due time that passed until it was reached or ended, "
        "or until now.",
    )
    hours_late = fields.Float(
        string="Hours Late (Average)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Average of those that were late.",
    )
    hours_to_reach = fields.Float(
        string="Hours to Reach (Average)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="From the start until it was reached, by the clock: nights, weekends "
        "and pauses included.",
    )

    def action_open_deadline(self):
        """Open the deadline that this row counts."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "complaint.deadline",
            "res_id": self.deadline_id.id,
            "view_mode": "form",
        }

    # ------------------------------------------------------------------
    # Query
    # ------------------------------------------------------------------

    @property
    def _table_query(self):
        return get_query(self._get_columns(), self._get_from())

    def _get_ticket_selection(self, name):
        tickets = self.env["helpdesk.ticket"]
        return tickets._fields[name]._description_selection(self.env)

    def _get_from(self):
        """Hook: return the tables; `outcome` says what became of the deadline.

        No time is compared with one of the database's own zone (defect X8 of
        another report): "now" is handed over as UTC, as the columns are.
        """
        return SQL(
            """complaint_deadline deadline
               JOIN res_company company ON company.id = deadline.company_id
          LEFT JOIN helpdesk_ticket ticket ON ticket.id = deadline.ticket_id
          LEFT JOIN complaint_sla_line line ON line.id = deadline.line_id
          LEFT JOIN (SELECT root_key, MAX(id) AS id
                       FROM complaint_sla_line
                      GROUP BY root_key) newest ON newest.root_key = line.root_key
         CROSS JOIN (SELECT %(now)s::timestamp AS at) now
         CROSS JOIN LATERAL (
                    SELECT COALESCE(
                               deadline.breached_at,
                               CASE WHEN deadline.state = 'missed'
                                      OR deadline.state = 'running'
                                     AND deadline.finished_at IS NULL
                                     AND deadline.due_at < now.at
                                    THEN deadline.due_at
                               END) AS at
                    ) missed
         CROSS JOIN LATERAL (
                    SELECT CASE WHEN missed.at IS NOT NULL THEN 'missed'
                                WHEN deadline.state = 'waived' THEN 'waived'
                                WHEN deadline.state = 'cancelled' THEN 'not_needed'
                                WHEN deadline.state <> 'met' THEN 'open'
                                WHEN deadline.due_at IS NULL THEN 'no_due'
                                ELSE 'met'
                           END AS result
                    ) outcome
              WHERE %(condition)s""",
            now=fields.Datetime.now(),
            condition=self._get_condition(),
        )

    def _get_condition(self):
        """Return the condition that this user may know of the complaint.

        Here and not in the record rule, which is asked row by row; the rule tells of
        duties and companies.
        """
        if self.env.su:
            return SQL("TRUE")
        # sudo: the need to know is asked here; only what it hides is left out
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        query = tickets._search(~Domain(self.env.user.complaint_access_domain()))
        if query.is_empty():
            return SQL("TRUE")
        return SQL(
            "NOT EXISTS (SELECT FROM (%s) hidden WHERE hidden.id = deadline.ticket_id)",
            query.select(),
        )

    def _get_columns(self):
        """Hook: return ``{field name: SQL}``, what the view consists of."""
        return {
            "id": SQL("deadline.id"),
            "deadline_id": SQL("deadline.id"),
            **{
                name: SQL.identifier("deadline", name)
                for name in (
                    "ticket_id",
                    "duty_id",
                    "company_id",
                    "partner_id",
                    "department_id",
                    "user_id",
                    "category_id",
                    "policy_id",
                    "name",
                    "cycle",
                    "state",
                )
            },
            "line_id": SQL("COALESCE(newest.id, deadline.line_id)"),
            "team_id": SQL("ticket.team_id"),
            "channel_id": SQL("ticket.channel_id"),
            "procedure_id": SQL("ticket.complaint_procedure_id"),
            "nature": SQL("ticket.complaint_nature"),
            "severity": SQL("ticket.complaint_severity"),
            "is_overseas": SQL("COALESCE(ticket.complaint_is_overseas, FALSE)"),
            "result": SQL("outcome.result"),
            **self._get_date_columns(),
            **self._get_measure_columns(),
        }

    def _get_date_columns(self):
        counted = SQL(
            """CASE outcome.result
                    WHEN 'open' THEN NULL
                    WHEN 'missed' THEN missed.at
                    ELSE COALESCE(deadline.reached_at, deadline.finished_at)
               END"""
        )
        zone = get_zone(self.env)
        return {
            "started_date": get_local_date(SQL("deadline.started_at"), zone),
            "due_date": get_local_date(SQL("deadline.due_at"), zone),
            "finished_date": get_local_date(SQL("deadline.finished_at"), zone),
            "counted_date": get_local_date(counted, zone),
        }

    def _get_measure_columns(self):
        until = SQL("COALESCE(deadline.reached_at, deadline.finished_at, now.at)")
        late = get_seconds(SQL("missed.at"), until)
        reached = get_seconds(SQL("deadline.started_at"), SQL("deadline.reached_at"))
        return {
            "started_count": SQL("1"),
            "finished_count": SQL("(deadline.finished_at IS NOT NULL)::int"),
            "met_count": _get_count("met"),
            "missed_count": _get_count("missed"),
            "waived_count": _get_count("waived"),
            "not_needed_count": _get_count("not_needed", "no_due"),
            "open_count": _get_count("open"),
            # NULL where it does not count: then the average is the rate
            "on_time_rate": SQL(
                """CASE outcome.result WHEN 'met' THEN 100 WHEN 'missed' THEN 0
                   END::double precision"""
            ),
            "days_late": SQL("%s / 86400", late),
            "hours_late": SQL("%s / 3600", late),
            "hours_to_reach": SQL("%s / 3600", reached),
        }


def _get_count(*results):
    return SQL("(outcome.result IN %s)::int", results)
