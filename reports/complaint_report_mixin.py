# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.tools import SQL

from .complaint_report_joins import get_joins
from .complaint_report_tools import (
    get_local_date,
    get_query,
    get_readable_tickets,
    get_seconds,
    get_zone,
)

# columns of the ticket that are shown under another name
_TICKET_COLUMNS = {
    "company_id": "company_id",
    "partner_id": "partner_id",
    "commercial_partner_id": "commercial_partner_id",
    "category_id": "category_id",
    "channel_id": "channel_id",
    "team_id": "team_id",
    "user_id": "user_id",
    "procedure_id": "complaint_procedure_id",
    "department_id": "complaint_department_id",
    "first_contact_id": "complaint_first_contact_id",
    "received_by_id": "complaint_received_by_id",
    "nature": "complaint_nature",
    "cause_class": "complaint_cause_class",
    "severity": "complaint_severity",
    "validity": "complaint_validity",
    "established": "complaint_established",
    "liability_outcome": "complaint_liability_outcome",
    "return_reason": "complaint_return_reason",
    "satisfaction": "complaint_satisfaction",
    "capa_required": "complaint_capa_required",
    "no_capa_reason": "complaint_no_capa_reason",
    "no_capa_approver_id": "complaint_no_capa_approver_id",
    "site": "complaint_site",
}
_FLAGS = {
    "is_major": "complaint_is_major",
    "is_key_customer": "complaint_is_key_customer",
    "is_overseas": "complaint_is_overseas",
    "is_out_of_province": "complaint_is_out_of_province",
}
_LINKS = {
    "is_repeat": "complaint_repeat_of_id",
    "is_refiled": "complaint_previous_id",
}
_RESULTS = ("reply", "solution", "closing")
# per complaint; with several rows each, a complaint still counts once
_SUMS = ("lead_days", "age_days", "nbr_objections", "nbr_callbacks")


class ComplaintReportMixin(models.AbstractModel):
    """What is counted of a complaint, whatever its rows are.

    A report may have several rows per complaint. Figures of a complaint still count
    it once in each group and once in each total. As long as a grouping names no
    field of the rows, the query leaves them out and has one row per complaint;
    PostgreSQL then drops every join of which nothing is used.

    Cancelled complaints are rows, but only `nbr_cancelled` counts them.
    """

    _name = "complaint.report.mixin"
    _description = "Complaint Statistics"
    _inherit = ["complaint.report.names.mixin"]
    _auto = False
    _rec_name = "ticket_id"
    _order = "date_reported desc, ticket_id desc, id"
    _depends = {
        "helpdesk.ticket": [
            "is_complaint",
            "complaint_phase",
            *_TICKET_COLUMNS.values(),
            *_FLAGS.values(),
            *_LINKS.values(),
        ],
        "complaint.event": ["ticket_id", "code", "at", "corrects_id"],
        "complaint.deadline": ["ticket_id", "state", "due_at", "breached_at"],
        "complaint.settlement": ["state", "currency_id", "decided_at"],
        "complaint.settlement.line": ["ticket_id", "line_id", "kind", "amount"],
        "complaint.opinion": ["ticket_id", "kind", "signed_at"],
        "complaint.callback": ["ticket_id"],
        "helpdesk.ticket.category": ["complaint_class"],
        "res.partner": ["complaint_class", "country_id", "state_id", "user_id"],
        "res.company": ["complaint_tz", "currency_id"],
    }
    # fields of the rows: a grouping that names one needs the rows
    _row_fields = ()

    # Whose
    ticket_id = fields.Many2one("helpdesk.ticket", string="Complaint", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    commercial_partner_id = fields.Many2one(
        "res.partner", string="Customer Company", readonly=True
    )
    customer_class = fields.Selection(
        selection=lambda self: self._get_selection("res.partner", "complaint_class"),
        readonly=True,
    )
    country_id = fields.Many2one("res.country", readonly=True)
    state_id = fields.Many2one("res.country.state", string="Province", readonly=True)
    salesperson_id = fields.Many2one(
        "res.users", readonly=True, help="Of the customer company."
    )
    site = fields.Char(string="Site or Person Complained About", readonly=True)
    department_id = fields.Many2one(
        "hr.department", string="Owner Department", readonly=True
    )
    user_id = fields.Many2one("res.users", string="Handler", readonly=True)
    first_contact_id = fields.Many2one("res.users", readonly=True)
    received_by_id = fields.Many2one("res.users", readonly=True)
    team_id = fields.Many2one("helpdesk.ticket.team", readonly=True)
    channel_id = fields.Many2one("helpdesk.ticket.channel", readonly=True)
    procedure_id = fields.Many2one("complaint.procedure", readonly=True)

    # What
    category_id = fields.Many2one("helpdesk.ticket.category", readonly=True)
    category_class = fields.Selection(
        selection=lambda self: self._get_selection(
            "helpdesk.ticket.category", "complaint_class"
        ),
        string="Class",
        readonly=True,
    )
    phase = fields.Selection(
        selection=lambda self: self._get_selection("helpdesk.ticket", "phase"),
        readonly=True,
    )
    nature = fields.Selection(
        selection=lambda self: self._get_selection("helpdesk.ticket", "nature"),
        readonly=True,
    )
    cause_class = fields.Selection(
        selection=lambda self: self._get_selection("helpdesk.ticket", "cause_class"),
        readonly=True,
    )
    severity = fields.Selection(
        selection=lambda self: self._get_selection("helpdesk.ticket", "severity"),
        readonly=True,
    )
    validity = fields.Selection(
        selection=lambda self: self._get_selection("helpdesk.ticket", "validity"),
        readonly=True,
    )
    established = fields.Selection(
        selection=lambda self: self._get_selection("helpdesk.ticket", "established"),
        readonly=True,
    )
    liability_outcome = fields.Selection(
        selection=lambda self: self._get_selection(
            "helpdesk.ticket", "liability_outcome"
        ),
        string="Liability",
        readonly=True,
    )
    return_reason = fields.Selection(
        selection=lambda self: self._get_selection("helpdesk.ticket", "return_reason"),
        readonly=True,
    )
    satisfaction = fields.Selection(
        selection=lambda self: self._get_selection("helpdesk.ticket", "satisfaction"),
        readonly=True,
    )
    capa_required = fields.Selection(
        selection=lambda self: self._get_selection("helpdesk.ticket", "capa_required"),
        string="Corrective Action",
        readonly=True,
    )
    no_capa_reason = fields.Text(
        string="Reason for No Corrective Action", readonly=True
    )
    no_capa_approver_id = fields.Many2one(
        "res.users", string="Informed or Approved by", readonly=True
    )
    is_major = fields.Boolean(string="Major Case", readonly=True)
    is_key_customer = fields.Boolean(string="Key Customer", readonly=True)
    is_overseas = fields.Boolean(string="Overseas", readonly=True)
    is_out_of_province = fields.Boolean(string="Out of Province", readonly=True)
    is_repeat = fields.Boolean(string="Repeat Complaint", readonly=True)
    is_refiled = fields.Boolean(string="Filed Again", readonly=True)
    is_decided = fields.Boolean(string="Decided", readonly=True)
    is_late = fields.Boolean(
        string="Missed a Limit",
        readonly=True,
        help="Missed at least one time limit, whatever became of it.",
    )
    reply_result = fields.Selection(
        selection="_get_result_selection", string="First Reply", readonly=True
    )
    solution_result = fields.Selection(
        selection="_get_result_selection", string="Solution", readonly=True
    )
    closing_result = fields.Selection(
        selection="_get_result_selection", string="Closing", readonly=True
    )

    # When, in the company's time zone
    date_reported = fields.Date(string="Reported on", readonly=True)
    date_accepted = fields.Date(string="Accepted on", readonly=True)
    date_closed = fields.Date(
        string="Closed on", readonly=True, help="Empty while it is open (again)."
    )

    # How many
    nbr = fields.Integer(
        string="Complaints", readonly=True, help="Without the cancelled ones."
    )
    nbr_open = fields.Integer(string="Open", readonly=True)
    nbr_closed = fields.Integer(string="Closed", readonly=True)
    nbr_cancelled = fields.Integer(string="Cancelled", readonly=True)
    nbr_established = fields.Integer(string="Established (Number)", readonly=True)
    nbr_major = fields.Integer(string="Major Cases", readonly=True)
    nbr_repeat = fields.Integer(string="Repeat Complaints", readonly=True)
    nbr_refiled = fields.Integer(string="Filed Again (Number)", readonly=True)
    nbr_late = fields.Integer(string="With a Missed Limit", readonly=True)
    nbr_no_capa = fields.Integer(string="Without Corrective Action", readonly=True)
    nbr_called_back = fields.Integer(string="Called Back", readonly=True)
    nbr_asked = fields.Integer(string="Satisfaction Known", readonly=True)
    nbr_satisfied = fields.Integer(string="Satisfied", readonly=True)
    nbr_objections = fields.Integer(string="Objections", readonly=True)
    nbr_callbacks = fields.Integer(string="Callbacks", readonly=True)

    # Shares: the ratio of two counts of the group, never a mean of ratios
    repeat_rate = fields.Float(
        string="Repeated (%)", readonly=True, aggregator="avg", digits=(5, 1)
    )
    refile_rate = fields.Float(
        string="Filed Again (%)",
        readonly=True,
        aggregator="avg",
        digits=(5, 1),
        help="Filed again, of the decided ones.",
    )
    reply_rate = fields.Float(
        string="First Reply on Time (%)",
        readonly=True,
        aggregator="avg",
        digits=(5, 1),
        help="Complaints that met all limits of the first reply, of those that met "
        "or missed one. More about limits is in Deadlines Kept.",
    )
    solution_rate = fields.Float(
        string="Solution on Time (%)", readonly=True, aggregator="avg", digits=(5, 1)
    )
    closing_rate = fields.Float(
        string="Closed on Time (%)", readonly=True, aggregator="avg", digits=(5, 1)
    )
    callback_rate = fields.Float(
        string="Called Back (%)",
        readonly=True,
        aggregator="avg",
        digits=(5, 1),
        help="Of the closed ones.",
    )
    satisfaction_rate = fields.Float(
        string="Satisfied (%)",
        readonly=True,
        aggregator="avg",
        digits=(5, 1),
        help="Of those whose satisfaction is known.",
    )

    # How long, how much
    lead_days = fields.Float(
        string="Lead Time (Days)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="From the first acceptance to the closing that counts, of closed ones.",
    )
    age_days = fields.Float(
        string="Age (Days)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Since the first report, of open ones.",
    )
    loss_amount = fields.Monetary(
        string="Loss",
        readonly=True,
        help="What decided settlements give to customers, in the currency of the "
        "company at the rate of the day of the decision.",
    )

    @api.model
    def _get_result_selection(self):
        return [
            ("met", self.env._("Met on time")),
            ("missed", self.env._("Missed")),
            ("open", self.env._("Open")),
        ]

    def _read_group_select(self, aggregate_spec, query):
        name, _colon, function = aggregate_spec.partition(":")

        def column(field):
            return self._field_to_sql(self._table, field, query)

        counts, rates = self._get_counts(column), self._get_rates(column)
        if function == "sum" and name in counts:
            return self._get_count(counts[name], column)
        if function == "avg" and name in rates:
            return SQL(
                "100.0 * %s / NULLIF(%s, 0)",
                *(self._get_count(condition, column) for condition in rates[name]),
            )
        if function in ("sum", "avg") and name in _SUMS and self._has_rows():
            return self._get_sum(column(name), function, column)
        return super()._read_group_select(aggregate_spec, query)

    def action_open_complaint(self):
        """Open the complaint that this row counts."""
        self.ensure_one()
        return self.ticket_id.action_complaint_open()

    @api.model
    def _get_selection(self, model, name):
        """Return the choices of a field; of a ticket by the name in this report."""
        if model == "helpdesk.ticket":
            name = _TICKET_COLUMNS.get(name, f"complaint_{name}")
        return self.env[model]._fields[name]._description_selection(self.env)

    # ------------------------------------------------------------------
    # Grouping
    # ------------------------------------------------------------------

    @api.model
    @api.readonly
    def web_read_group(self, domain, groupby, aggregates=(), **kwargs):
        """Lists show their groups by rows: `__count` has to count these."""
        rows = self.with_context(complaint_report_rows=True)
        return super(ComplaintReportMixin, rows).web_read_group(
            domain, groupby, aggregates, **kwargs
        )

    def _with_names(self, names):
        wants_rows = self.env.context.get("complaint_report_rows")
        once = not wants_rows and names.isdisjoint(self._row_fields)
        return self.with_context(complaint_report_once=once)

    def _has_rows(self):
        """Whether the query has the rows, or each complaint once."""
        return not self.env.context.get("complaint_report_once")

    def _get_count(self, condition, column):
        if self._has_rows():
            return SQL(
                "COUNT(DISTINCT %s) FILTER (WHERE %s)", column("ticket_id"), condition
            )
        return SQL("COUNT(*) FILTER (WHERE %s)", condition)

    def _get_sum(self, value, function, column):
        """Return sum or average of a value that all rows of a complaint repeat.

        Distinct values would merge complaints with equal ones; so each is told
        apart by its ticket, whose part is then subtracted again. Exact to 1e-6.
        """
        key = SQL("(%s::numeric * 1e18)", column("ticket_id"))
        known = SQL("FILTER (WHERE %s IS NOT NULL)", value)
        total = SQL(
            """(SUM(DISTINCT %(key)s + ROUND(%(value)s::numeric * 1e6)) %(known)s
                - SUM(DISTINCT %(key)s) %(known)s)::double precision / 1e6""",
            key=key,
            value=value,
            known=known,
        )
        if function == "sum":
            return total
        return SQL(
            "%s / NULLIF(COUNT(DISTINCT %s) %s, 0)", total, column("ticket_id"), known
        )

    def _get_counts(self, column):
        """Hook: return ``{measure: condition}`` of what is counted.

        :param column: function that returns the SQL of a dimension by its name
        """
        phase = column("phase")
        counted = SQL("%s <> 'cancelled'", phase)
        flags = {
            "nbr_major": column("is_major"),
            "nbr_repeat": column("is_repeat"),
            "nbr_refiled": column("is_refiled"),
            "nbr_late": column("is_late"),
            "nbr_established": SQL("%s = 'yes'", column("established")),
            "nbr_no_capa": SQL("%s = 'no'", column("capa_required")),
            "nbr_called_back": SQL("%s > 0", column("nbr_callbacks")),
            "nbr_asked": SQL("%s IS NOT NULL", column("satisfaction")),
            "nbr_satisfied": SQL("%s = 'satisfied'", column("satisfaction")),
        }
        return {
            "nbr": counted,
            "nbr_open": SQL("%s NOT IN ('closed', 'cancelled')", phase),
            "nbr_closed": SQL("%s = 'closed'", phase),
            "nbr_cancelled": SQL("%s = 'cancelled'", phase),
            **{name: SQL("%s AND %s", counted, flag) for name, flag in flags.items()},
        }

    def _get_rates(self, column):
        """Hook: return ``{measure: (condition, condition of what it is part of)}``."""
        counts = self._get_counts(column)
        rates = {
            "repeat_rate": (counts["nbr_repeat"], counts["nbr"]),
            "refile_rate": (
                counts["nbr_refiled"],
                SQL("%s AND %s", counts["nbr"], column("is_decided")),
            ),
            "callback_rate": (
                SQL("%s AND %s", counts["nbr_closed"], counts["nbr_called_back"]),
                counts["nbr_closed"],
            ),
            "satisfaction_rate": (counts["nbr_satisfied"], counts["nbr_asked"]),
        }
        for kind in _RESULTS:
            result = column(f"{kind}_result")
            rates[f"{kind}_rate"] = (
                SQL("%s AND %s = 'met'", counts["nbr"], result),
                SQL("%s AND %s IN ('met', 'missed')", counts["nbr"], result),
            )
        return rates

    # ------------------------------------------------------------------
    # Query
    # ------------------------------------------------------------------

    @property
    def _table_query(self):
        return get_query(self._get_columns(), self._get_from())

    def _get_from(self):
        """Hook: return the tables: complaints the user may read, and their joins."""
        names = ("id", "complaint_phase", "active")
        names += (*_TICKET_COLUMNS.values(), *_FLAGS.values(), *_LINKS.values())
        tickets = get_readable_tickets(self.env, names)
        return SQL("(%s) ticket %s %s", tickets, get_joins(), self._get_row_join())

    def _get_row_join(self):
        """Hook: return the join of the rows, named `part`; nothing without them."""
        return SQL()

    def _get_row_id(self):
        """Return the id of a row; what has no rows is counted by its complaint."""
        if self._has_rows():
            return SQL("COALESCE(part.id, -ticket.id)")
        return SQL("ticket.id")

    def _get_first(self):
        """Hook: return the condition that a row is the first of its complaint."""
        return SQL("TRUE")

    def _get_columns(self):
        """Hook: return ``{field name: SQL}``, what the view consists of."""
        columns = {
            "id": self._get_row_id(),
            "ticket_id": SQL("ticket.id"),
            "currency_id": SQL("company.currency_id"),
            **{
                name: SQL.identifier("ticket", column)
                for name, column in _TICKET_COLUMNS.items()
            },
            **{
                name: SQL("COALESCE(%s, FALSE)", SQL.identifier("ticket", column))
                for name, column in _FLAGS.items()
            },
            **{
                name: SQL("(%s IS NOT NULL)", SQL.identifier("ticket", column))
                for name, column in _LINKS.items()
            },
            "phase": SQL("COALESCE(ticket.complaint_phase, 'draft')"),
            "category_class": SQL("category.complaint_class"),
            "customer_class": SQL("customer.complaint_class"),
            "salesperson_id": SQL("customer.user_id"),
            "country_id": SQL("COALESCE(partner.country_id, customer.country_id)"),
            "state_id": SQL("COALESCE(partner.state_id, customer.state_id)"),
            "is_decided": SQL("(decided.first_at IS NOT NULL)"),
            "is_late": SQL("COALESCE(kept.is_late, FALSE)"),
            **{
                f"{kind}_result": SQL.identifier("kept", f"{kind}_result")
                for kind in _RESULTS
            },
            "nbr_callbacks": SQL("COALESCE(callback.nbr, 0)"),
            "nbr_objections": SQL("COALESCE(objection.nbr, 0)"),
            "loss_amount": SQL("loss.amount"),
            **self._get_date_columns(),
        }
        return columns | self._get_measure_columns(columns)

    def _get_date_columns(self):
        lead = get_seconds(SQL("accepted.first_at"), SQL("closed.last_at"))
        now = SQL("%s::timestamp", fields.Datetime.now())
        zone = get_zone(self.env)
        age = get_seconds(SQL("reported.first_at"), now)
        return {
            "date_reported": get_local_date(SQL("reported.first_at"), zone),
            "date_accepted": get_local_date(SQL("accepted.last_at"), zone),
            "date_closed": get_local_date(SQL("closed.last_at"), zone),
            "lead_days": SQL("%s / 86400", lead),
            "age_days": SQL(
                """CASE WHEN COALESCE(ticket.complaint_phase, 'draft')
                             NOT IN ('closed', 'cancelled')
                        THEN %s / 86400 END""",
                age,
            ),
        }

    def _get_measure_columns(self, columns):
        """Return counts and shares of one row: those of the complaint, once."""
        first = self._get_first() if self._has_rows() else SQL("TRUE")
        return {
            **{
                name: SQL("COALESCE(%s AND %s, FALSE)::int", condition, first)
                for name, condition in self._get_counts(columns.get).items()
            },
            **{
                name: SQL(
                    """CASE WHEN %s AND %s THEN
                            CASE WHEN %s THEN 100 ELSE 0 END
                       END::double precision""",
                    whole,
                    first,
                    part,
                )
                for name, (part, whole) in self._get_rates(columns.get).items()
            },
        }
