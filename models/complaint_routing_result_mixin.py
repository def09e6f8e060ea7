# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from dataclasses import dataclass, field

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .complaint_routing_person import Wish
from .complaint_ticket_selection import ticket_selection

# ticket field -> field of a route
ROUTED_FIELDS = {
    "complaint_department_id": "department",
    "team_id": "team",
    "user_id": "user",
    "complaint_procedure_id": "procedure",
}


@dataclass
class Route:
    """Where one complaint goes. Without rule all records are empty."""

    rule: models.BaseModel
    department: models.BaseModel
    team: models.BaseModel
    user: models.BaseModel
    procedure: models.BaseModel
    informed: models.BaseModel  # hr.department
    because: str = ""  # in words
    notes: list = field(default_factory=list)
    wish: Wish = None
    kept: tuple = ()  # ticket fields that were chosen before

    def get_vals(self):
        """Return the ticket values that the rule decides, without kept ones."""
        return {
            name: self[part].id
            for name, part in ROUTED_FIELDS.items()
            if name not in self.kept and self[part]
        }

    def __getitem__(self, part):
        return getattr(self, part)


class ComplaintRoutingResultMixin(models.AbstractModel):
    """What a routing rule decides once its conditions hold."""

    _name = "complaint.routing.result.mixin"
    _description = "Result of a Routing Rule"

    role_id = fields.Many2one(
        "complaint.role",
        ondelete="restrict",
        help="Who holds it in the company of the complaint: its department and person.",
    )
    department_id = fields.Many2one(
        "hr.department",
        string="Owner Department",
        ondelete="restrict",
        check_company=True,
        help="Empty: that of the role.",
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        ondelete="restrict",
        check_company=True,
        domain="[('complaint_team', '=', True)]",
    )
    responsible = fields.Selection(
        [
            ("fixed", "A named person, or who holds the role"),
            ("manager", "The manager of the department"),
            ("round_robin", "By turns"),
            ("least_open", "Who has the fewest open complaints"),
        ],
        string="Handler",
        help="Empty: the rule chooses no person. Who is archived, on leave or has no "
        "login is replaced by his deputy or the manager of the department.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Person",
        check_company=True,
        domain="[('share', '=', False)]",
    )
    user_ids = fields.Many2many(
        "res.users",
        "complaint_routing_rule_user_rel",
        "rule_id",
        "user_id",
        string="Among",
        check_company=True,
        domain="[('share', '=', False)]",
        help="Empty: the members of the team, else of the department.",
    )
    turn_sequence_id = fields.Many2one(
        "ir.sequence", string="Turns", readonly=True, copy=False, ondelete="set null"
    )
    procedure_id = fields.Many2one(
        "complaint.procedure",
        ondelete="restrict",
        check_company=True,
        domain="[('is_preset', '=', False)]",
    )
    sla_policy_id = fields.Many2one(
        "complaint.sla.policy",
        string="Deadline Policy",
        ondelete="restrict",
        check_company=True,
        help="Goes before that of the procedure, not before that of the customer.",
    )
    priority = fields.Selection(
        selection=ticket_selection("priority"),
        string="At Least Priority",
        help="Frequent problems and those that stop operations come first in the "
        "work list.",
    )
    informed_department_ids = fields.Many2many(
        "hr.department",
        "complaint_routing_rule_informed_rel",
        "rule_id",
        "department_id",
        string="Also Inform",
        check_company=True,
        help="Their managers are told once and can read the complaint.",
    )
    informed_role_ids = fields.Many2many(
        "complaint.role",
        "complaint_routing_rule_informed_role_rel",
        "rule_id",
        "role_id",
        string="Also Inform Roles",
    )
    inform_superior = fields.Boolean(
        string="Inform Superior and Owner Department",
        help="The superior of whoever registers the complaint and the manager of the "
        "owner department are told at the same moment.",
    )

    eightd_start = fields.Selection(
        [
            ("open", "Open: quality has it at once"),
            ("requested", "Request: the business manager approves it first"),
        ],
        string="8D",
        help="Once, when the complaint is accepted. A complaint about the product and "
        "defect of a running 8D joins that one.",
    )

    @api.constrains(
        "responsible", "user_id", "user_ids", "team_id", "department_id", "role_id"
    )
    def _check_responsible(self):
        for rule in self:
            place = rule.department_id or rule.role_id
            if rule.responsible == "fixed" and not (rule.user_id or rule.role_id):
                raise ValidationError(
                    self.env._(
                        "%(rule)s: choose the person or the role that handles it.",
                        rule=rule.name,
                    )
                )
            if rule.responsible == "manager" and not place:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: choose the department or role whose manager "
                        "handles it.",
                        rule=rule.name,
                    )
                )
            group = rule.user_ids or rule.team_id or place
            if rule.responsible in ("round_robin", "least_open") and not group:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: choose among whom: persons, a team, a department "
                        "or a role.",
                        rule=rule.name,
                    )
                )

    @api.constrains("user_id", "user_ids")
    def _check_users(self):
        for rule in self:
            strangers = (rule.user_id | rule.user_ids).filtered("share")
            if strangers:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: %(users)s cannot handle complaints. Choose "
                        "employees with a login.",
                        rule=rule.name,
                        users=", ".join(strangers.mapped("name")),
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._create_turn_sequences()
        return rules

    def write(self, vals):
        result = super().write(vals)
        if {"responsible", "is_preset"} & vals.keys():
            self._create_turn_sequences()
        return result

    def unlink(self):
        # sudo: the counter is a part of the rule, which the user may delete
        sequences = self.sudo().turn_sequence_id
        result = super().unlink()
        sequences.unlink()
        return result

    def _create_turn_sequences(self):
        """Give rules that choose by turns their counter, see `_get_turns`."""
        wanted = self.filtered(
            lambda rule: rule.responsible == "round_robin"
            and not rule.is_preset
            and not rule.turn_sequence_id
        )
        for rule in wanted:
            rule.turn_sequence_id = (
                self.env["ir.sequence"]
                # sudo: the counter is a part of the rule, which the user may write
                .sudo()
                .create(
                    {
                        "name": self.env._("Turns of routing rule %(id)s", id=rule.id),
                        "implementation": "standard",
                        "company_id": False,
                    }
                )
            )

    # ------------------------------------------------------------------
    # In words
    # ------------------------------------------------------------------

    def _get_result_depends(self):
        """Hook: fields that `_get_result_texts` shows."""
        return [
            "role_id",
            "department_id",
            "team_id",
            "responsible",
            "user_id",
            "user_ids",
            "procedure_id",
            "sla_policy_id",
            "priority",
            "informed_department_ids",
            "informed_role_ids",
            "inform_superior",
            "eightd_start",
        ]

    def _get_result_texts(self):
        """Hook: return what this rule decides, one text per result."""
        self.ensure_one()
        handler = dict(self._fields["responsible"]._description_selection(self.env))
        priority = dict(self._fields["priority"]._description_selection(self.env))
        eightd = dict(self._fields["eightd_start"]._description_selection(self.env))
        people = self.user_ids if self.responsible != "fixed" else self.user_id
        informed = [
            *self.informed_department_ids.mapped("name"),
            *self.informed_role_ids.mapped("name"),
        ]
        texts = [
            (self.env._("department"), self.department_id.name),
            (self.env._("role"), self.role_id.name),
            (self.env._("team"), self.team_id.name),
            (self.env._("handler"), handler.get(self.responsible)),
            (self.env._("persons"), ", ".join(people.mapped("name"))),
            (self.env._("procedure"), self.procedure_id.name),
            (self.env._("deadlines"), self.sla_policy_id.name),
            (self.env._("at least priority"), priority.get(self.priority)),
            (self.env._("informed"), ", ".join(informed)),
            (self.env._("8D"), eightd.get(self.eightd_start)),
        ]
        texts = [f"{label}: {value}" for label, value in texts if value]
        if self.inform_superior:
            texts.append(self.env._("superior and owner department are told at once"))
        return texts

    # ------------------------------------------------------------------
    # Routes
    # ------------------------------------------------------------------

    @api.model
    def _get_routes(self, tickets, chosen=None, rules=None, dry=False):
        """Return ``{ticket: Route}``; texts are in the language of the company.

        :param tickets: `helpdesk.ticket`, also new ones
        :param dict chosen: ``{ticket: {ticket field: value}}`` that stay as they are
        :param rules: see `_match`
        :param bool dry: only look, nobody's turn is used up
        """
        # sudo: whoever registers a complaint need not read the set-up; the names of
        # departments and persons end up on his complaint
        model = self.sudo()
        matched = model._match(tickets, rules)
        routes = {}
        by_company = tickets.sudo().grouped("company_id")  # sudo: as above
        for company, group in by_company.items():
            found = model.union(*(rule for rule, _why in matched.values()))
            found = found.with_context(lang=company.partner_id.lang)
            roles = found.role_id | found.informed_role_ids
            holders = roles._get_holders(company) if roles else {}
            for ticket in group:
                rule, because = matched.get(ticket, (found.browse(), ()))
                rule = rule.with_env(found.env).with_prefetch(found.ids)
                kept = (chosen or {}).get(ticket, {})
                routes[ticket] = rule._prepare_route(ticket, because, holders, kept)
        wanted = [route for route in routes.values() if route.wish]
        people = self.env["complaint.routing.person"]._pick(
            [route.wish for route in wanted], dry
        )
        for route, (user, note) in zip(wanted, people, strict=True):
            route.user = user
            if note:
                route.notes.append(note)
        return routes

    def _prepare_route(self, ticket, because, holders, kept):
        """Return the `Route` of one complaint, its person still to be picked.

        :param because: see `_get_because_text`
        :param dict holders: see `complaint.role._get_holders`
        :param dict kept: ticket fields that were chosen, with their value
        """
        company, nobody = ticket.company_id, self.env["res.users"]
        holder = holders.get(self.role_id, self.env["complaint.role.assignment"])
        informed = self.informed_department_ids.union(
            *(holders[role].department_id for role in self.informed_role_ids)
        )
        department = (self.department_id or holder.department_id).filtered("active")
        route = Route(
            rule=self,
            department=_of_company(department, company),
            team=_of_company(self.team_id.filtered("active"), company),
            user=nobody,
            procedure=_of_company(self.procedure_id.filtered("active"), company),
            informed=_of_company(informed.filtered("active"), company),
            because=self._get_because_text(because) if self else "",
            kept=tuple(kept),
        )
        if self.role_id and not holder:
            route.notes.append(
                self.env._(
                    "Nobody holds the role %(role)s.", role=self.role_id.display_name
                )
            )
        for name in kept:
            self._keep_chosen(route, ticket, name, kept[name])
        # a person of another department than the one that was chosen is no help
        is_elsewhere = (
            "complaint_department_id" in kept
            and self.department_id | holder.department_id
            and route.department not in self.department_id | holder.department_id
        )
        if self.responsible and "user_id" not in kept and not is_elsewhere:
            route.wish = Wish(
                self,
                route.department,
                route.team,
                holder,
                company,
                frozenset(ticket._complaint_get_recused().ids),
            )
        return route

    def _keep_chosen(self, route, ticket, name, value):
        """Enter in a route what was chosen, and say so where the rule differs."""
        part = ROUTED_FIELDS[name]
        # sudo: names that stand on the complaint of who chose them
        record = self.env[ticket._fields[name].comodel_name].sudo().browse(value)
        if self and getattr(route, part) != record:
            route.notes.append(
                self.env._(
                    "%(field)s as chosen: %(value)s.",
                    field=ticket._fields[name]._description_string(self.env),
                    value=record.display_name,
                )
            )
        setattr(route, part, record)

    @api.model
    def _get_route_text(self, route):
        """Return why a complaint goes where it goes, in one or two sentences."""
        rule = route.rule
        env = rule.env
        if not rule:
            return env._("No routing rule holds for it.")
        parts = [
            route[part].display_name
            for name, part in ROUTED_FIELDS.items()
            if route[part] and name not in route.kept
        ]
        text = env._(
            "Rule %(number)s: %(rule)s -> %(results)s, because %(because)s.",
            number=rule.sequence,
            rule=rule.name,
            results=", ".join(parts) or env._("nothing is chosen"),
            because=route.because,
        )
        return " ".join([text, *route.notes])


def _of_company(records, company):
    """Return those records that a company may use."""
    return records.filtered(lambda r: not r.company_id or r.company_id == company)
