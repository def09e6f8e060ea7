# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from .complaint_gate_mixin import ENDED_PHASES

# departments of wrong data may be their own parents
_MAX_LEVELS = 20


@dataclass
class Wish:
    """A person is wanted for one complaint: by which rule, from where."""

    rule: models.BaseModel
    department: models.BaseModel
    team: models.BaseModel
    holder: models.BaseModel  # complaint.role.assignment
    company: models.BaseModel
    recused: frozenset = frozenset()  # ids of users


@dataclass
class _Options:
    """Who comes into question: a group to choose from, then one after the other."""

    group: list = field(default_factory=list)
    chain: list = field(default_factory=list)  # (user, name), best first


class ComplaintRoutingPerson(models.AbstractModel):
    """Who of those that a rule names takes a complaint, and who stands in (R184)."""

    _name = "complaint.routing.person"
    _description = "Choice of the Handler"

    @api.model
    def _pick(self, wishes, dry=False):
        """Return ``[(user, note), ...]`` for a list of `Wish`, in their order.

        Who is archived, has no login, is on leave or recused is replaced: by the
        deputy, the manager of the department, the departments above; the note says
        so. One query each for leaves, open complaints and turns of the whole batch.

        :param bool dry: only look: nobody's turn is used up
        """
        # sudo: employees, leaves and the load of others, of which only a name is told
        person = self.sudo()
        options = [person._get_options(wish) for wish in wishes]
        users = self.env["res.users"].union(
            *(user for option in options for user in option.group),
            *(user for option in options for user, _name in option.chain),
        )
        away = person._get_leaves(users)
        free = [
            [user for user in o.group if not person._get_hindrance(user, w, away)]
            for o, w in zip(options, wishes, strict=True)
        ]
        turns = person._get_turns(wishes, free, dry)
        loads = person._get_loads(wishes, free)
        result = []
        for wish, option, candidates in zip(wishes, options, free, strict=True):
            if not candidates:
                result.append(person._pick_from_chain(wish, option, away))
                continue
            if wish.rule.responsible == "least_open":
                user = min(candidates, key=lambda u: (loads[u.id], u.id))
                loads[user.id] += 1
            else:
                user = candidates[next(turns[wish.rule.id]) % len(candidates)]
            result.append((user, ""))
        return result

    # ------------------------------------------------------------------
    # Who comes into question
    # ------------------------------------------------------------------

    @api.model
    def _get_options(self, wish):
        """Hook: return the `_Options` of one wish."""
        rule, holder = wish.rule, wish.holder
        options = _Options(chain=list(self._get_department_chain(wish.department)))
        if rule.responsible in ("round_robin", "least_open"):
            group = rule.user_ids or wish.team.user_ids
            group = group or wish.department.member_ids.user_id
            options.group = list(group.sorted("id"))
        elif rule.responsible == "fixed":
            named = [rule.user_id] if rule.user_id else [holder.user_id]
            if not rule.user_id or rule.user_id == holder.user_id:
                named.append(holder.deputy_id)
            named = [(user, user.name) for user in named if user]
            options.chain = named + options.chain
        return options

    @api.model
    def _get_department_chain(self, department):
        """Yield ``(user, name)``: managers and deputies, from the department upward."""
        for _level in range(_MAX_LEVELS):
            if not department:
                return
            manager = department.manager_id
            name = manager.name or self.env._(
                "the manager of %(department)s", department=department.name
            )
            yield manager.filtered("active").user_id, name
            deputy = department.complaint_deputy_id
            if deputy:
                yield deputy, deputy.name
            department = department.parent_id

    @api.model
    def _get_managers(self, departments, company):
        """Return one available user per department, its manager or who stands in.

        :param departments: `hr.department`
        :param company: where he must work
        """
        empty = self.env["res.users"]
        wishes = [
            Wish(
                self.env["complaint.routing.rule"],
                department,
                self.env["helpdesk.ticket.team"],
                self.env["complaint.role.assignment"],
                company,
            )
            for department in departments
        ]
        return empty.union(*(user for user, _note in self._pick(wishes)))

    @api.model
    def _get_acting(self, people, department, company, recused):
        """Return who of these can act now: the first one who is there.

        Who is only on leave keeps his tasks where nobody else could take them.

        :param people: `res.users`: the holder of a role, then his deputy
        :param department: `hr.department` that acts otherwise, may be empty
        :param company: where they must work
        :param recused: `res.users` who must not act
        """
        wish = Wish(
            self.env["complaint.routing.rule"],
            department,
            self.env["helpdesk.ticket.team"],
            self.env["complaint.role.assignment"],
            company,
            frozenset(recused.ids),
        )
        # sudo: companies and leaves of colleagues are compared
        people = people.sudo()
        able = people.filtered(lambda user: not self._get_hindrance(user, wish, {}))
        away = self._get_leaves(able) if able else {}
        present = able.filtered(lambda user: user.id not in away)
        return present[:1] or (able[:1] if not department else able.browse())

    # ------------------------------------------------------------------
    # Who is available
    # ------------------------------------------------------------------

    @api.model
    def _get_leaves(self, users):
        """Return ``{user id: time of the end}`` of who is on leave now, one query.

        Approved leaves of hr_holidays are such rows too.
        """
        now = fields.Datetime.now()
        # sudo: that somebody is on leave is told, not why
        rows = self.env["resource.calendar.leaves"].sudo()
        rows = users.ids and rows.search(
            [
                ("resource_id.user_id", "in", users.ids),
                ("time_type", "=", "leave"),
                ("date_from", "<=", now),
                ("date_to", ">", now),
            ]
        )
        return {row.resource_id.user_id.id: row.date_to for row in rows or ()}

    @api.model
    def _get_hindrance(self, user, wish, away):
        """Hook: return why a user cannot take it, nothing when he can."""
        if not user or user.share:
            return self.env._("no login")
        if not user.active:
            return self.env._("archived")
        if wish.company not in user.company_ids:
            return self.env._("of another company")
        if user.id in wish.recused:
            return self.env._("must not handle it")
        if user.id in away:
            until = fields.Datetime.context_timestamp(user, away[user.id])
            return self.env._(
                "on leave until %(date)s", date=format_date(self.env, until.date())
            )
        return ""

    # ------------------------------------------------------------------
    # Choosing
    # ------------------------------------------------------------------

    @api.model
    def _pick_from_chain(self, wish, options, away):
        """Return the first one of the chain who is available, and who was not."""
        skipped = []
        if options.group:
            skipped.append(self.env._("nobody of the group is available"))
        for user, name in options.chain:
            hindrance = self._get_hindrance(user, wish, away)
            if not hindrance:
                return user, self._get_note(skipped, user)
            skipped.append(f"{name}: {hindrance}")
        return self.env["res.users"], self._get_note(skipped, self.env["res.users"])

    @api.model
    def _get_note(self, skipped, user):
        if user and not skipped:
            return ""
        if user:
            return self.env._(
                "%(user)s stands in (%(skipped)s).",
                user=user.name,
                skipped=", ".join(skipped),
            )
        if skipped:
            return self.env._(
                "No handler was found (%(skipped)s).", skipped=", ".join(skipped)
            )
        return self.env._("No handler was found: nobody is named.")

    @api.model
    def _get_turns(self, wishes, free, dry):
        """Return ``{rule id: iterator of turns}``, as many as are needed.

        They come from a PostgreSQL sequence for each rule: no transaction waits for
        another or fails because of it, and two at once get different turns.
        """
        needed = Counter(
            wish.rule
            for wish, candidates in zip(wishes, free, strict=True)
            if candidates and wish.rule.responsible == "round_robin"
        )
        turns = {}
        for rule, count in needed.items():
            sequence = rule.turn_sequence_id
            if dry or not sequence:
                numbers = range(count)
            else:
                query = SQL(
                    "SELECT nextval(%s) - 1 FROM generate_series(1, %s)",
                    f"ir_sequence_{sequence.id:03d}",
                    count,
                )
                numbers = [row[0] for row in self.env.execute_query(query)]
            turns[rule.id] = iter(numbers)
        return turns

    @api.model
    def _get_loads(self, wishes, free):
        """Return ``{user id: open complaints}`` of who is compared, one query."""
        ids = {
            user.id
            for wish, candidates in zip(wishes, free, strict=True)
            if wish.rule.responsible == "least_open"
            for user in candidates
        }
        loads = defaultdict(int)
        if ids:
            groups = (
                self.env["helpdesk.ticket"]
                # sudo: open complaints of others are counted
                .sudo()
                ._read_group(
                    [
                        ("user_id", "in", list(ids)),
                        ("is_complaint", "=", True),
                        ("complaint_phase", "not in", ENDED_PHASES),
                    ],
                    ["user_id"],
                    ["__count"],
                )
            )
            loads.update({user.id: count for user, count in groups})
        return loads
