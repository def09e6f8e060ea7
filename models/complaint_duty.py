# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..kernel.clock_units import Ground
from ..kernel.clock_working import ClockError, load_zone
from ..kernel.duty_periods import DutyRule, check_rule

# presets with this code belong to every procedure
PRESET_FOR_ALL = "ALL"
# what decides when a duty is due
_SCHEDULE = (
    "cycle",
    "period_done",
    "due_day",
    "due_weekday",
    "day_of_month",
    "inclusive",
    "due_month",
    "open_month",
    "at_time",
    "working_days_only",
    "calendar_id",
)
_OWNER = ("owner_id", "role_id", "department_id")


class ComplaintDuty(models.Model):
    """A recurring duty of a company (定期工作): who does what how often (R322).

    Each period is a `complaint.deadline` without complaint, created when the
    period opens. It keeps its dates: a changed duty holds for the periods after
    those that were opened (R321).
    """

    _name = "complaint.duty"
    _description = "Recurring Duty"
    _inherit = [
        "complaint.duty.period.mixin",
        "complaint.statement.duty.mixin",
        "complaint.preset.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "sequence, id"
    _check_company_auto = True

    @api.model
    def _default_escalation_ids(self):
        """Remind the owner, then tell the manager; fits every cycle."""
        return [
            Command.create(
                {"level": 1, "moment": "percent", "amount": 75, "role": "handler"}
            ),
            Command.create(
                {
                    "level": 2,
                    "moment": "after_due",
                    "amount": 0,
                    "role": "general_manager",
                }
            ),
        ]

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        index=True,
        help="Empty only for presets.",
    )
    source = fields.Char(help="Clause of the document that demands this duty.")
    note = fields.Text(
        string="What Is to Be Done",
        translate=True,
        help="What belongs into the result.",
    )

    preset_origin_id = fields.Many2one(
        "complaint.duty",
        string="Loaded from",
        readonly=True,
        copy=False,
        ondelete="set null",
    )

    # When
    cycle = fields.Selection(
        [
            ("week", "Every week"),
            ("month", "Every month"),
            ("quarter", "Every quarter"),
            ("year", "Every year"),
        ],
        required=True,
        default="month",
        tracking=True,
    )
    period_done = fields.Selection(
        [("this", "In the period itself"), ("next", "In the period after it")],
        string="Done",
        required=True,
        default="this",
        tracking=True,
        help="A report about July is done in August: in the period after it.",
    )
    due_day = fields.Selection(
        [("last", "On the last day"), ("day", "On a certain day")],
        string="Due",
        required=True,
        default="last",
        tracking=True,
    )
    due_weekday = fields.Selection(
        [
            ("1", "Monday"),
            ("2", "Tuesday"),
            ("3", "Wednesday"),
            ("4", "Thursday"),
            ("5", "Friday"),
            ("6", "Saturday"),
            ("7", "Sunday"),
        ],
        string="Weekday",
        default="5",
        tracking=True,
    )
    day_of_month = fields.Integer(
        default=1, tracking=True, help="31 is the last day of every month."
    )
    inclusive = fields.Boolean(
        string="This Day Counts",
        default=True,
        tracking=True,
        help='Not set: "before" this day, so that the day before it is the last one.',
    )
    due_month = fields.Integer(
        string="Due in Month",
        tracking=True,
        help="Of the quarter (1 to 3) or year (1 to 12). 0: the last one.",
    )
    open_month = fields.Integer(
        string="Opens in Month",
        default=1,
        tracking=True,
        help="Of the quarter (1 to 3) or year (1 to 12). 1: with its first day.",
    )
    at_time = fields.Float(
        string="At",
        tracking=True,
        help="Time of day. 0: the end of the day.",
    )
    working_days_only = fields.Boolean(
        tracking=True,
        help="A due day without work moves to the last working day before it.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Hours",
        ondelete="restrict",
        check_company=True,
        help="Empty: those of the company.",
    )
    start_at = fields.Datetime(
        string="In Force since",
        required=True,
        copy=False,
        default=fields.Datetime.now,
        help="What was due before is not asked for.",
    )

    # Who
    owner_id = fields.Many2one(
        "res.users",
        string="Owner",
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        tracking=True,
        help="Empty: who holds the role, else the manager of the department.",
    )
    role_id = fields.Many2one(
        "complaint.role", string="Role", ondelete="restrict", tracking=True
    )
    department_id = fields.Many2one(
        "hr.department", ondelete="restrict", check_company=True, tracking=True
    )
    responsible_id = fields.Many2one(
        "res.users",
        string="Responsible Now",
        compute="_compute_responsible_id",
        store=True,
        index=True,
        help="The owner; when he has left, the next one upward.",
    )
    escalation_ids = fields.One2many(
        "complaint.sla.escalation",
        "duty_id",
        string="Reminders and Escalation",
        copy=True,
        default=lambda self: self._default_escalation_ids(),
    )

    # What came of it
    deadline_ids = fields.One2many("complaint.deadline", "duty_id", string="Periods")
    result_ids = fields.One2many("complaint.duty.result", "duty_id", string="Results")
    next_due_at = fields.Datetime(
        string="Next Due", compute="_compute_next_due_at", help="Of the open periods."
    )
    missed_count = fields.Integer(
        string="Open and Missed", compute="_compute_next_due_at"
    )

    _preset_origin_unique = models.UniqueIndex(
        "(preset_origin_id, company_id) WHERE preset_origin_id IS NOT NULL",
        "This preset was already loaded into the company.",
    )

    @api.depends(
        "company_id.complaint_quality_manager_id",
        "company_id.complaint_supervisor_id",
        "company_id.complaint_general_manager_id",
        "owner_id.active",
        "owner_id.company_ids",
        "role_id.assignment_ids.user_id",
        "role_id.assignment_ids.department_id.manager_id.user_id",
        "department_id.manager_id.user_id",
    )
    def _compute_responsible_id(self):
        levels = self.env["complaint.sla.escalation"]
        for duty in self:
            users = levels.browse()._find_people("handler", duty._get_case())[0]
            duty.responsible_id = users[:1] if duty.company_id else False

    @api.depends("deadline_ids.due_at", "deadline_ids.state")
    def _compute_next_due_at(self):
        now = fields.Datetime.now()
        rows = self.deadline_ids.filtered(lambda row: not row.finished_at)
        by_duty = rows.grouped("duty_id")
        for duty in self:
            dues = by_duty.get(duty, rows.browse()).mapped("due_at")
            duty.next_due_at = min(dues, default=False)
            duty.missed_count = sum(due < now for due in dues)

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains(*_SCHEDULE)
    def _check_schedule(self):
        for duty in self:
            try:
                check_rule(duty._get_rule())
            except ClockError as error:
                raise ValidationError(duty._explain(error)) from error

    @api.constrains("company_id", "is_preset")
    def _check_owner_company(self):
        for duty in self:
            if duty.is_preset == bool(duty.company_id):
                raise ValidationError(
                    self.env._(
                        "%(duty)s: a duty belongs to a company, a preset to none.",
                        duty=duty.name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        duties = super().create(vals_list)
        duties._open_periods()
        return duties

    def write(self, vals):
        if "company_id" in vals:
            self._check_no_history(vals["company_id"])
        resumed = self.browse()
        if vals.get("active"):
            resumed = self.filtered(lambda duty: not duty.active)
        result = super().write(vals)
        if "active" in vals and not vals["active"]:
            self._cancel_coming()
        # what would have been due meanwhile was nobody's duty
        now = fields.Datetime.now()
        resumed.filtered(lambda duty: duty.start_at < now).start_at = now
        if not {"active", "start_at", *_SCHEDULE, *_OWNER}.isdisjoint(vals):
            self._sync_responsible()
            self._open_periods()
        return result

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for duty, vals in zip(self, vals_list, strict=True):
            if not {"name", "preset_origin_id"} & set(default or {}):
                vals["name"] = self.env._("%(duty)s (copy)", duty=duty.name)
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # sudo: the answer must not depend on which periods one may read
        used = self.sudo().filtered("deadline_ids")
        if used:
            raise UserError(
                self.env._(
                    "%(names)s: its periods are evidence. Archive it instead.",
                    names=", ".join(used.mapped("name")),
                )
            )

    def _check_no_history(self, company_id):
        # sudo: see `_unlink_except_used`
        for duty in self.sudo():
            if duty.deadline_ids and duty.company_id.id != company_id:
                raise UserError(
                    self.env._(
                        "%(duty)s: it has periods in this company. Archive it and "
                        "make another duty.",
                        duty=duty.name,
                    )
                )

    # ------------------------------------------------------------------
    # Presets
    # ------------------------------------------------------------------

    @api.model
    def _get_preset_masters(self, code):
        return super()._get_preset_masters(code) | super()._get_preset_masters(
            PRESET_FOR_ALL
        )

    @api.model
    def _load_preset(self, code, company):
        """Copy the duties of a preset into a company; for scripts (R322).

        Loading the procedures of a preset does this as well. What is there already,
        edited or archived, is left as it is. Duties of which the documents state no
        cycle come archived.

        :param str code: as in `preset`, for example ``M1``
        :param company: one `res.company`
        :return: the new duties
        """
        self.check_access("create")
        return self._get_preset_masters(code)._load_masters(company)[1]

    # ------------------------------------------------------------------
    # Kernel, people
    # ------------------------------------------------------------------

    def _explain(self, error):
        """Return the sentence for a `ClockError` of this duty."""
        texts = {
            "bad_month_day": self.env._("A day of the month is a number from 1 to 31."),
            "bad_month": self.env._(
                "A month is a number from 1 to 3 in a quarter, from 1 to 12 in a "
                "year; 0 is the last one to be due in."
            ),
            "bad_wall_clock": self.env._("The time of day lies from 0:00 to 24:00."),
            "due_before_opening": self.env._(
                "It would be due before it opens. Choose a later day or month, or "
                "let it be done in the period after."
            ),
        }
        text = texts.get(error.code, str(error))
        return self.env._("%(duty)s: %(problem)s", duty=self.name, problem=text)

    def _get_rule(self):
        """Return the `DutyRule` of this duty.

        :raise ClockError: when no clock can run on it
        """
        self.ensure_one()
        is_week, on_day = self.cycle == "week", self.due_day == "day"
        values = {}
        if on_day:
            day = int(self.due_weekday or 0) if is_week else self.day_of_month
            if not day:
                raise ClockError("bad_month_day", day)
            values = {"day": day, "inclusive": self.inclusive}
        if self.cycle in ("quarter", "year"):
            values |= {"month": self.due_month, "open_month": self.open_month}
        if self.at_time:
            minutes = round(self.at_time * 60)
            values["at"] = f"{minutes // 60:02}:{minutes % 60:02}"
        return DutyRule(
            self.cycle,
            in_next=self.period_done == "next",
            working_days_only=self.working_days_only,
            **values,
        )

    def _get_ground(self):
        """Return the kernel's `Ground`: zone, and working days where needed."""
        self.ensure_one()
        calendar, company = self.calendar_id, self.company_id
        zone = load_zone(calendar.tz or company.complaint_tz or "UTC")
        if not self.working_days_only:
            return Ground(zone)
        calendar = calendar or company.resource_calendar_id
        working = calendar and calendar._complaint_get_working_time(
            company.id, self.start_at.year - 1, fields.Datetime.now().year + 2
        )
        return Ground(zone, working or None)

    def _get_case(self):
        """Return what people are looked up for: a deadline without complaint."""
        self.ensure_one()
        return self.env["complaint.deadline"].new(
            {
                "duty_id": self.id,
                "company_id": self.company_id.id,
                "department_id": self._get_department().id,
            }
        )

    def _get_department(self):
        """Return the department of the duty, else that of its role."""
        self.ensure_one()
        return self.department_id or self._get_holder().department_id

    def _get_holder(self):
        """Return the `complaint.role.assignment` of the role, may be empty."""
        self.ensure_one()
        role = self.role_id
        return role._get_holders(self.company_id)[role] if role else role.assignment_ids

    def _get_owner_candidates(self):
        """Hook: yield users who may be the owner, best first."""
        self.ensure_one()
        yield self.owner_id
        holder = self._get_holder()
        yield holder.user_id
        yield holder.department_id.manager_id.user_id
        # roles that the settings of the company name as well
        name = f"complaint_{self.role_id.code}_id"
        if name in self.company_id._fields:
            yield self.company_id[name]
