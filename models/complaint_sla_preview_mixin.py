# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.tools import format_list

from ..kernel.clock_units import DAY_UNITS, MOMENT_UNITS, WORKING_UNITS

# What a deadline is computed from. A line that is used keeps it (R321), and its
# preview says it.
TERM_FIELDS = (
    "start_type_id",
    "start_kind",
    "start_step_code",
    "target_type_ids",
    "target_kind",
    "target_step_code",
    "until_type_ids",
    "alternative_type_ids",
    "alternative_needs_reason",
    "amount",
    "unit",
    "day_rule",
    "at_time",
    "weekdays",
    "day_of_month",
    "working_days_only",
    "calendar_id",
    "pause_phases",
    "use_customer_deadline",
    "use_appointment",
    "recurrence",
    "each_start",
    "per_scope",
    "counts_earlier",
    "restart_on_reopen",
)


class ComplaintSlaPreviewMixin(models.AbstractModel):
    """A time limit in plain words, while it is being edited (R241, R320)."""

    _name = "complaint.sla.preview.mixin"
    _description = "Time Limit in Words"

    preview = fields.Text(
        string="In Words",
        compute="_compute_preview",
        help="What the settings of this line mean.",
    )
    escalation_preview = fields.Text(
        string="Who Is Told",
        compute="_compute_escalation_preview",
        help="The levels of the escalation in words.",
    )

    @api.depends(lambda self: self._get_preview_depends())
    @api.depends_context("lang")
    def _compute_preview(self):
        for line in self:
            line.preview = "; ".join(filter(None, line._get_preview_parts()))

    @api.depends(
        "escalation_ids.level",
        "escalation_ids.sequence",
        "escalation_ids.moment",
        "escalation_ids.amount",
        "escalation_ids.unit",
        "escalation_ids.role",
        "escalation_ids.role_id.name",
        "escalation_ids.user_ids",
        "escalation_ids.active",
        "escalation_ids.do_activity",
        "escalation_ids.do_mail",
        "escalation_ids.do_priority",
        "escalation_ids.require_instruction",
    )
    @api.depends_context("lang")
    def _compute_escalation_preview(self):
        for line in self:
            levels = line.escalation_ids.filtered("active")
            levels = levels.sorted(lambda level: (level.level, level.sequence))
            line.escalation_preview = "\n".join(
                level._get_preview() for level in levels
            )

    @api.model
    def _get_preview_depends(self):
        """Hook: return the fields that the preview reads."""
        return [
            *TERM_FIELDS,
            "condition",
            "cond_channel_ids.name",
            "cond_category_ids.display_name",
            "yields_to_ids",
            "is_maximum",
            "requires_breach_reason",
        ]

    def _get_preview_parts(self):
        """Hook: return the parts of the sentence, empty ones are left out."""
        self.ensure_one()
        return [
            self._get_preview_limit(),
            self._get_preview_alternative(),
            self._get_preview_calendar(),
            *self._get_preview_conditions(),
            *self._get_preview_overrides(),
            *self._get_preview_finer_points(),
        ]

    @api.model
    def _get_amount_text(self, amount, unit):
        """Return an amount with its unit, for example "2 working days"."""
        if amount == 1:
            ones = {
                "minute": self.env._("1 minute"),
                "hour": self.env._("1 hour"),
                "working_hour": self.env._("1 working hour"),
                "working_day": self.env._("1 working day"),
                "calendar_day": self.env._("1 calendar day"),
            }
            return ones.get(unit, "")
        many = {
            "minute": self.env._("%(amount)g minutes", amount=amount),
            "hour": self.env._("%(amount)g hours", amount=amount),
            "working_hour": self.env._("%(amount)g working hours", amount=amount),
            "working_day": self.env._("%(amount)g working days", amount=amount),
            "calendar_day": self.env._("%(amount)g calendar days", amount=amount),
        }
        return many.get(unit, "")

    # ------------------------------------------------------------------
    # How long, from, to
    # ------------------------------------------------------------------

    def _get_preview_limit(self):
        """Return "2 working days after Accepted, met by First reply"."""
        values = {
            "time": self._get_preview_time(),
            "start": self._get_preview_start(),
            "targets": self._get_preview_types(
                self.target_type_ids, self.target_kind, self.target_step_code
            ),
            "until": self._get_preview_types(self.until_type_ids),
        }
        if self.recurrence and self.until_type_ids:
            return self.env._(
                "%(time)s, from %(start)s until %(until)s, each time met by "
                "%(targets)s",
                **values,
            )
        if self.recurrence:
            return self.env._(
                "%(time)s, from %(start)s, each time met by %(targets)s", **values
            )
        return self.env._("%(time)s after %(start)s, met by %(targets)s", **values)

    def _get_preview_start(self):
        """Return what starts the clock, in words."""
        return self._get_preview_types(
            self.start_type_id, self.start_kind, self.start_step_code
        )

    def _get_preview_types(self, kinds, opinion_kind=None, step_code=None):
        """Return names of events; the kind of opinion or step where it matters."""
        opinions = dict(self._selection_opinion_kind())
        names = []
        for kind in kinds:
            name = kind.name or ""
            spec = self._get_event_spec(kind, opinion_kind, step_code)
            detail = spec.partition(":")[2]
            if detail and kind.code == "opinion_signed":
                name = f"{name} ({opinions.get(detail, detail)})"
            elif detail:
                name = self.env._("%(event)s (step %(step)s)", event=name, step=detail)
            names.append(name)
        return format_list(self.env, names, style="or") if names else "…"

    def _get_preview_time(self):
        """Return the amount and unit of the limit in words."""
        if self.unit == "wall_clock":
            return self._get_preview_wall_clock()
        if self.unit == "before_day_of_month":
            return self._get_preview_month_day()
        text = self._get_amount_text(self.amount, self.unit)
        if self.recurrence:
            text = self.env._("every %(time)s", time=text)
        if self.unit not in DAY_UNITS:
            return text
        if self.day_rule == "end_of_day":
            return self.env._("%(days)s (until the end of the last day)", days=text)
        if self.day_rule == "same_time":
            return self.env._("%(days)s (at the same time of day)", days=text)
        return self.env._("%(days)s (as Odoo plans days)", days=text)

    def _get_preview_month_day(self):
        day, time = self.day_of_month, _format_time(self.at_time)
        if self.at_time and self.recurrence:
            return self.env._(
                "by %(time)s on day %(day)s of each month", time=time, day=day
            )
        if self.at_time:
            return self.env._(
                "by %(time)s on day %(day)s of the month", time=time, day=day
            )
        if self.recurrence:
            return self.env._("before day %(day)s of each month", day=day)
        return self.env._("before day %(day)s of the month", day=day)

    def _get_preview_wall_clock(self):
        time = _format_time(self.at_time)
        if self.amount == 1 and self.recurrence:
            text = self.env._("at %(time)s daily", time=time)
        elif self.amount == 1:
            text = self.env._("at the next %(time)s", time=time)
        else:
            text = self.env._(
                "at %(time)s, the %(count)g. time", time=time, count=self.amount
            )
        if self.weekdays:
            days = self._get_preview_weekdays()
            text = self.env._("%(text)s (only %(days)s)", text=text, days=days)
        if self.working_days_only:
            text = self.env._("%(text)s (only working days)", text=text)
        return text

    def _get_preview_weekdays(self):
        """Return names of weekdays; what is no weekday as it was typed."""
        days = self.env["resource.calendar.attendance"]._fields["dayofweek"]
        names = dict(days._description_selection(self.env))
        typed = [day.strip() for day in (self.weekdays or "").split(",")]
        return ", ".join(names.get(day, day) for day in typed if day)

    def _get_preview_alternative(self):
        if not self.alternative_type_ids:
            return ""
        names = self._get_preview_types(self.alternative_type_ids)
        if self.alternative_needs_reason:
            return self.env._(
                "or answered by %(events)s with a reason, then it starts again",
                events=names,
            )
        return self.env._(
            "or answered by %(events)s, then it starts again", events=names
        )

    def _get_preview_calendar(self):
        """Say which hours count: working hours, or all (R320)."""
        needs_hours = self.unit in WORKING_UNITS
        needs_hours |= self.unit == "wall_clock" and self.working_days_only
        if needs_hours and self.calendar_id:
            return self.env._(
                "working hours %(calendar)s, holidays excluded",
                calendar=self.calendar_id.name or "",
            )
        if needs_hours:
            return self.env._(
                "working hours of the team, else of the company, holidays excluded"
            )
        if self.unit in (*MOMENT_UNITS, "before_day_of_month"):
            return ""
        return self.env._("nights, weekends and holidays count")

    # ------------------------------------------------------------------
    # When it holds, what else counts
    # ------------------------------------------------------------------

    def _get_preview_conditions(self):
        texts = {
            ("cond_overseas", "yes"): self.env._("only overseas"),
            ("cond_overseas", "no"): self.env._("not overseas"),
            ("cond_out_of_province", "yes"): self.env._("only out of province"),
            ("cond_out_of_province", "no"): self.env._("not out of province"),
            ("cond_visit_needed", "yes"): self.env._("only when a visit is needed"),
            ("cond_visit_needed", "no"): self.env._("only without a visit"),
            ("cond_major", "yes"): self.env._("only major cases"),
            ("cond_major", "no"): self.env._("not for major cases"),
            ("cond_key_customer", "yes"): self.env._("only important customers"),
            ("cond_key_customer", "no"): self.env._("not for important customers"),
        }
        parts = [text for (name, value), text in texts.items() if self[name] == value]
        parts += self._get_preview_choices()
        others = [name for name in self.yields_to_ids.mapped("name") if name]
        if others:
            parts.append(self.env._("replaced by %(lines)s", lines=", ".join(others)))
        return parts

    def _get_preview_choices(self):
        """Return the conditions that name values: nature, severity, channels ..."""
        texts = {
            "cond_nature": self.env._("nature"),
            "cond_established": self.env._("established"),
            "cond_severity": self.env._("severity"),
        }
        parts = []
        for name, label in texts.items():
            values = dict(self._fields[name]._description_selection(self.env))
            value = values.get(self[name])
            if value and name == "cond_severity":
                value = self.env._("%(severity)s or above", severity=value)
            if value:
                parts.append(
                    self.env._("only %(what)s: %(value)s", what=label, value=value)
                )
        # sudo: names of channels and categories are no secret
        line = self.sudo()
        texts = {
            "cond_channel_ids": self.env._("channel"),
            "cond_category_ids": self.env._("category"),
        }
        for name, label in texts.items():
            names = [row.display_name for row in line[name] if row.display_name]
            if names:
                value = format_list(self.env, names, style="or")
                parts.append(
                    self.env._("only %(what)s: %(value)s", what=label, value=value)
                )
        return parts

    def _get_preview_overrides(self):
        phases = dict(
            self.env["helpdesk.ticket.stage"]
            ._fields["complaint_phase"]
            ._description_selection(self.env)
        )
        parts = []
        if self.use_customer_deadline and not self.recurrence:
            parts.append(self.env._("the customer's deadline wins"))
        if self.use_appointment and not self.recurrence:
            parts.append(self.env._("the appointment wins"))
        if self.is_maximum:
            parts.append(
                self.env._("an upper limit: an estimate entered by hand can be earlier")
            )
        paused = [phases.get(phase, phase) for phase in self._get_phases()]
        if paused:
            parts.append(
                self.env._(
                    "paused in %(phases)s",
                    phases=format_list(self.env, paused, style="or"),
                )
            )
        if self.until_type_ids and not self.recurrence:
            parts.append(
                self.env._(
                    "not needed after %(events)s",
                    events=self._get_preview_types(self.until_type_ids),
                )
            )
        return parts

    def _get_preview_finer_points(self):
        texts = {
            "counts_earlier": self.env._("also met by what happened before the start"),
            "each_start": self.env._("a clock for every start"),
            "per_scope": self.env._("a clock for every dispatch or 8D"),
            "restart_on_reopen": self.env._("starts again when reopened"),
            "requires_breach_reason": self.env._("a miss must be explained"),
        }
        return [text for name, text in texts.items() if self[name]]


def _format_time(hours):
    """Return 17.5 as 17:30."""
    minutes = round((hours or 0) * 60)
    return f"{minutes // 60}:{minutes % 60:02}"
