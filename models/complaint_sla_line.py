# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError

from ..kernel.clock_policy import applicable_lines, check_lines
from ..kernel.clock_rules import Alternative, Line
from ..kernel.clock_units import Limit
from ..kernel.clock_working import ClockError
from .complaint_gate_mixin import COMPLAINT_PHASES
from .complaint_sla_preview_mixin import TERM_FIELDS

# unit of a line -> unit of the kernel, where they differ
_KERNEL_UNITS = {"before_day_of_month": "month_day"}
# What a deadline was computed from: a line that has deadlines keeps these, a
# change makes a new line (R321).
_FROZEN = {"policy_id", *TERM_FIELDS}
# what happens to a task; its events carry the code of their step
_DISPATCH_CODES = {
    "dispatched",
    "dispatch_accepted",
    "dispatch_done",
    "dispatch_returned",
    "dispatch_cancelled",
    "dispatch_reviewed",
    "progress_reported",
}
# a task that came back or was withdrawn needs no time
_DISPATCH_ENDS = ("dispatch_returned", "dispatch_cancelled")
# nor does an answer that another 8D gives
_EIGHTD_ENDS = ("eightd_left",)
# the line "default" stands for the calendar of the team, else of the company
DEFAULT_CALENDAR = "default"


class ComplaintSlaLine(models.Model):
    """One time limit: from which event, to which, how long (R241)."""

    _name = "complaint.sla.line"
    _description = "Complaint Time Limit"
    _inherit = ["complaint.sla.condition.mixin", "complaint.sla.preview.mixin"]
    _order = "policy_id, sequence, id"

    @api.model
    def _default_until_type_ids(self):
        return self.env.ref(
            "helpdesk_mgmt_complaint.event_type_closed", raise_if_not_found=False
        )

    policy_id = fields.Many2one(
        "complaint.sla.policy", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    key = fields.Char(
        compute="_compute_key",
        store=True,
        help="Names this version of the line in the event log.",
    )
    root_key = fields.Char(
        readonly=True, copy=False, help="Key of the first version of this line."
    )
    successor_id = fields.Many2one(
        "complaint.sla.line",
        string="Replaced by Version",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
    is_used = fields.Boolean(
        readonly=True, copy=False, help="Complaints follow this version of the line."
    )
    source = fields.Char(help="Clause of the document that this limit stands in.")

    # From, to
    start_type_id = fields.Many2one(
        "complaint.event.type", string="Starts with", required=True, ondelete="restrict"
    )
    start_kind = fields.Selection(
        selection=lambda self: self._selection_opinion_kind(),
        string="Kind of Opinion at the Start",
        help="Only an opinion of this kind starts it.",
    )
    start_step_code = fields.Char(
        string="Step at the Start",
        help="Code of a step of the procedure: only a dispatch of this step starts it.",
    )
    target_type_ids = fields.Many2many(
        "complaint.event.type",
        "complaint_sla_line_target_rel",
        "line_id",
        "type_id",
        string="Met by",
        help="Any of these events meets the limit.",
    )
    target_kind = fields.Selection(
        selection=lambda self: self._selection_opinion_kind(),
        string="Kind of Opinion",
        help="Only an opinion of this kind meets it.",
    )
    target_step_code = fields.Char(
        string="Step",
        help="Code of a step of the procedure: only a dispatch of this step meets it.",
    )
    until_type_ids = fields.Many2many(
        "complaint.event.type",
        "complaint_sla_line_until_rel",
        "line_id",
        "type_id",
        string="Not Needed after",
        default=lambda self: self._default_until_type_ids(),
        help="The clock stops without result when one of these events happens.",
    )
    alternative_type_ids = fields.Many2many(
        "complaint.event.type",
        "complaint_sla_line_alternative_rel",
        "line_id",
        "type_id",
        string="Or Answered by",
        help="These events answer the limit, too; it then starts again.",
    )
    alternative_needs_reason = fields.Boolean(
        string="Only with a Reason",
        default=True,
        help="They only count with a stated reason.",
    )

    # How long
    amount = fields.Float(required=True, default=1.0)
    unit = fields.Selection(
        [
            ("minute", "Minutes"),
            ("hour", "Hours"),
            ("working_hour", "Working hours"),
            ("working_day", "Working days"),
            ("calendar_day", "Calendar days"),
            ("wall_clock", "At a time of day"),
            ("before_day_of_month", "Before a day of the month"),
        ],
        required=True,
        default="hour",
    )
    day_rule = fields.Selection(
        [
            ("end_of_day", "End of the last day"),
            ("same_time", "Same time of day as the start"),
            ("plan_days", "As Odoo plans days"),
        ],
        required=True,
        default="end_of_day",
    )
    at_time = fields.Float(
        string="At", help="Time of day, for the last two units. 24:00 is midnight."
    )
    weekdays = fields.Char(
        help="Only on these days, for example 0,1,2,3,4 (0 is Monday). Empty: any."
    )
    working_days_only = fields.Boolean(help="Only on working days of the calendar.")
    day_of_month = fields.Integer(default=1)
    recurrence = fields.Selection(
        [("daily", "Again and again")],
        help="Due again after each due time, until it is not needed any more.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Hours",
        ondelete="restrict",
        help="Empty: those of the team, else of the company.",
    )

    yields_to_ids = fields.Many2many(
        "complaint.sla.line",
        "complaint_sla_line_yields_rel",
        "line_id",
        "other_id",
        string="Replaced by",
        copy=False,
        domain="[('policy_id', '=', policy_id), ('id', '!=', id)]",
        help="Where one of these lines holds, this one does not.",
    )

    # Pauses, other dates, reaction
    pause_phases = fields.Char(
        string="Paused in Phases",
        help="Phases in which the clock stands still, separated by commas: "
        "draft, accepted, investigation, decision, execution, verification.",
    )
    use_customer_deadline = fields.Boolean(
        string="Customer's Deadline Wins",
        default=True,
        help="The customer's own deadline replaces the computed one, which stays "
        "visible (R319).",
    )
    use_appointment = fields.Boolean(
        string="Appointment Wins",
        help="The time agreed with the customer replaces the computed one.",
    )
    is_maximum = fields.Boolean(
        string="Upper Limit",
        help="The estimated time counts, entered as due time by hand; it can never lie "
        "later than this limit, not even as an extension.",
    )
    requires_breach_reason = fields.Boolean(
        string="Reason for a Miss",
        help="A miss must be explained before the complaint can be closed.",
    )

    escalation_ids = fields.One2many(
        "complaint.sla.escalation", "line_id", string="Escalation", copy=True
    )

    # Finer points
    each_start = fields.Boolean(help="Every start event has a clock of its own.")
    per_scope = fields.Boolean(help="Every dispatch or 8D has a clock of its own.")
    counts_earlier = fields.Boolean(
        help="Met as well by an event before the start, for example a first reply "
        "before the acceptance."
    )
    restart_on_reopen = fields.Boolean(help="A reopened complaint starts it again.")

    @api.model
    def _selection_opinion_kind(self):
        kinds = self.env["complaint.opinion"]._fields["kind"]
        return kinds._description_selection(self.env)

    @api.depends("policy_id")
    def _compute_key(self):
        for line in self:
            line.key = line.key or (line._origin.id and f"line,{line._origin.id}")

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains(*(_FROZEN - {"policy_id"}))
    def _check_line(self):
        for line in self:
            try:
                line._to_kernel()
            except ClockError as error:
                raise ValidationError(line._explain(error)) from error

    @api.constrains("yields_to_ids", "policy_id")
    def _check_yields_to(self):
        for policy in self.policy_id:
            lines = policy.with_context(active_test=False).line_ids
            if lines.yields_to_ids - lines:
                raise ValidationError(
                    self.env._("A line can only be replaced by one of its own policy.")
                )
            try:
                check_lines([line._to_kernel() for line in lines])
            except ClockError as error:
                raise ValidationError(self[:1]._explain(error)) from error

    @api.constrains("pause_phases")
    def _check_pause_phases(self):
        known = dict(COMPLAINT_PHASES)
        for line in self:
            unknown = [phase for phase in line._get_phases() if phase not in known]
            if unknown:
                raise ValidationError(
                    self.env._(
                        "%(line)s: there is no phase %(phase)s. Phases are: %(known)s.",
                        line=line.name,
                        phase=", ".join(unknown),
                        known=", ".join(known),
                    )
                )

    # ------------------------------------------------------------------
    # CRUD: history is never rewritten (R321)
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        lines = super().create(vals_list)
        for line in lines.filtered(lambda line: not line.root_key):
            line.root_key = f"line,{line.id}"
        # every check, also of columns that were not given
        lines._check_line()
        return lines

    def write(self, vals):
        self.env.registry.clear_cache()
        changed = self.browse()
        if _FROZEN & set(vals):
            changed = self.filtered(lambda line: line.is_used and line._differs(vals))
        for line in changed:
            line._replace_by_new_version(vals)
        return super(ComplaintSlaLine, self - changed).write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self.env.registry.clear_cache()
        used = self.filtered("is_used")
        if used:
            raise UserError(
                self.env._(
                    "%(names)s: complaints follow it. Archive it instead.",
                    names=", ".join(used.mapped("name")),
                )
            )

    def _explain(self, error):
        """Return the sentence for a `ClockError` of this line."""
        texts = {
            "negative_amount": self.env._("A time limit cannot be negative."),
            "bad_amount": self.env._(
                "The amount is not possible: days and times of day are whole numbers."
            ),
            "bad_day_rule": self.env._(
                "Calendar days end with the day or at the time of the start."
            ),
            "bad_wall_clock": self.env._("The time of day lies from 0:00 to 24:00."),
            "bad_month_day": self.env._("A day of the month is a number from 1 to 31."),
            "bad_weekday": self.env._(
                "Weekdays are numbers from 0 (Monday) to 6 (Sunday), separated by "
                "commas."
            ),
            "no_target": self.env._("Choose at least one event that meets the limit."),
            "ambiguous_occurrence": self.env._(
                "A line can repeat, have alternatives or have a clock for every "
                "start: only one of these."
            ),
            "bad_recurrence": self.env._("It can repeat every hour at the most."),
            "circular_override": self.env._(
                "Lines replace each other in a circle: then none would hold."
            ),
        }
        text = texts.get(error.code, str(error))
        return self.env._("%(line)s: %(problem)s", line=self.name, problem=text)

    def _differs(self, vals):
        """Return whether values would change what deadlines are computed from."""
        self.ensure_one()
        for name in _FROZEN & set(vals):
            field = self._fields[name]
            if field.type == "many2many":
                new = self.new({name: vals[name]}, origin=self)[name]._origin
                if new != self[name]:
                    return True
            elif field.convert_to_write(self[name], self) != (vals[name] or False) and (
                self[name] or vals[name]
            ):
                return True
        return False

    def _replace_by_new_version(self, vals):
        """Archive this line and create its successor with the new values."""
        self.ensure_one()
        successor = self.copy({"root_key": self.root_key})
        super(ComplaintSlaLine, successor).write(vals)
        super().write({"active": False, "successor_id": successor.id})
        others = self.search([("yields_to_ids", "in", self.ids)])
        for other in others:
            super(ComplaintSlaLine, other).write(
                {
                    "yields_to_ids": [
                        fields.Command.unlink(self.id),
                        fields.Command.link(successor.id),
                    ]
                }
            )
        if self.yields_to_ids:
            successor.yields_to_ids = self.yields_to_ids
        return successor

    # ------------------------------------------------------------------
    # Kernel
    # ------------------------------------------------------------------

    def _get_phases(self):
        self.ensure_one()
        return [p.strip() for p in (self.pause_phases or "").split(",") if p.strip()]

    def _to_kernel(self):
        """Return the `clock_rules.Line` of this record.

        :raise ClockError: when no clock can run on it
        """
        self.ensure_one()
        # never met and not needed by what starts it
        until = (self.until_type_ids - self.start_type_id).mapped("code")
        ends = {"dispatched": _DISPATCH_ENDS, "eightd_received": _EIGHTD_ENDS}
        if self.per_scope:
            known = {*until, *self.target_type_ids.mapped("code")}
            more = ends.get(self.start_type_id.code, ())
            until += [code for code in more if code not in known]
        alternatives = tuple(self.alternative_type_ids.mapped("code"))
        overrides = {"manual"}
        overrides |= {"customer_deadline"} if self.use_customer_deadline else set()
        overrides |= {"appointment"} if self.use_appointment else set()
        return Line(
            key=self.key or f"line,{self.id}",
            start_code=self._get_event_spec(
                self.start_type_id, self.start_kind, self.start_step_code
            ),
            target_codes=tuple(
                self._get_event_spec(kind, self.target_kind, self.target_step_code)
                for kind in self.target_type_ids
            ),
            limit=self._get_limit(),
            calendar=self.calendar_id.id or DEFAULT_CALENDAR,
            pause_phases=frozenset(self._get_phases()),
            override_kinds=frozenset(overrides),
            alternatives=(
                (Alternative(alternatives, self.alternative_needs_reason),)
                if alternatives
                else ()
            ),
            recurring=bool(self.recurrence),
            until_codes=tuple(until),
            condition=self.condition or {},
            yields_to=tuple(
                other.key or f"line,{other.id}"
                for other in self.yields_to_ids
                if other.active
            ),
            each_start=self.each_start,
            per_scope=self.per_scope,
            counts_earlier=self.counts_earlier,
            restart_on_reopen=self.restart_on_reopen,
        )

    @api.model
    def _get_event_spec(self, kind, opinion_kind, step_code):
        """Return ``code``, or ``code:kind`` for opinions of a kind, tasks of a step."""
        code, detail = kind.code or "", None
        if code == "opinion_signed":
            detail = opinion_kind
        elif code in _DISPATCH_CODES:
            detail = (step_code or "").strip()
        return f"{code}:{detail}" if detail else code

    def _get_limit(self):
        self.ensure_one()
        unit = _KERNEL_UNITS.get(self.unit, self.unit)
        amount = self.day_of_month if unit == "month_day" else self.amount
        values = {}
        if unit == "wall_clock" or unit == "month_day" and self.at_time:
            minutes = round(self.at_time * 60)
            values["at"] = f"{minutes // 60:02}:{minutes % 60:02}"
        if unit == "wall_clock":
            values["weekdays"] = _parse_weekdays(self.weekdays)
            values["working_days_only"] = self.working_days_only
        if amount == int(amount):
            amount = int(amount)
        return Limit(amount, unit, day_rule=self.day_rule, **values)

    @api.model
    @tools.ormcache()
    def _get_kernel_lines(self):
        """Return ``{key: (clock_rules.Line, line id, policy id, is used)}``."""
        lines = (
            # sudo: limits hold for complaints of users who may not read policies, and
            # the cache must not depend on a user
            self.sudo()
            .with_context(active_test=False, lang=None)
            .search([("policy_id", "!=", False)])
        )
        return {
            line.key: (line._to_kernel(), line.id, line.policy_id.id, line.is_used)
            for line in lines
        }

    @api.model
    def _get_applicable_keys(self, policy, facts, known_keys=()):
        """Return the keys of the lines that hold for a complaint.

        :param policy: one `complaint.sla.policy`, may be empty
        :param dict facts: see `kernel.clock_policy.holds`
        :param known_keys: keys in force until now: where the line is only a newer
            version of one of them, the old one stays (R321)
        """
        # sudo: limits hold for complaints of users who may not read policies
        lines = policy.sudo().line_ids
        roots = {line.key: line.root_key for line in lines}
        known = {}
        if known_keys:
            versions = self.sudo().with_context(active_test=False)  # sudo: as above
            for line in versions.search([("key", "in", list(known_keys))]):
                known[line.root_key] = line.key
        cached = self._get_kernel_lines()
        kernel_lines = [cached[line.key][0] for line in lines]
        return [
            known.get(roots[line.key], line.key)
            for line in applicable_lines(kernel_lines, facts)
        ]

    @api.model
    def _mark_used(self, keys):
        """Remember that complaints follow these versions: they change no more."""
        cached = self._get_kernel_lines()
        ids = [cached[key][1] for key in keys if key in cached and not cached[key][3]]
        if ids:
            # sudo: the first complaint that follows a line may be anybody's
            self.sudo().browse(ids).write({"is_used": True})


def _parse_weekdays(text):
    try:
        return tuple(int(day) for day in (text or "").split(",") if day.strip())
    except ValueError as error:
        raise ClockError("bad_weekday", text) from error
