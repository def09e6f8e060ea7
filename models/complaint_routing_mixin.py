# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..kernel.routing import normalise
from .complaint_routing_result_mixin import ROUTED_FIELDS

# only routing writes these; being readonly in a view stops no RPC call
_SYSTEM_FIELDS = ("complaint_routing_rule_id", "complaint_routing_reason")
# what the hand-over dialog changes too
_TRANSFER_FIELDS = ("complaint_department_id", "team_id", "user_id")


class ComplaintRoutingMixin(models.AbstractModel):
    """Which department, team and person a complaint goes to, and why (R180, R181).

    Routed at creation before number and clocks, so that the procedure of the rule
    decides them; when a ticket becomes a complaint; and on request.
    """

    _name = "complaint.routing.mixin"
    _description = "Complaint Routing"

    complaint_routing_rule_id = fields.Many2one(
        "complaint.routing.rule",
        string="Routing Rule",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        groups="base.group_user",
    )
    complaint_routing_reason = fields.Text(
        string="Why There",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Why this department and handler: the rule that held, or who chose them.",
    )
    complaint_informed_department_ids = fields.Many2many(
        "hr.department",
        "complaint_informed_department_rel",
        "ticket_id",
        "department_id",
        string="Informed Departments",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        if not self.env.su:
            self._complaint_check_routing_vals(vals)
        names = [n for n in ("complaint_department_id", "team_id") if n in vals]
        tickets = self.sudo() if names else self.browse()  # sudo: compared only
        before = {t: {n: t[n] for n in names} for t in tickets}
        result = super().write(vals)
        moved = tickets.filtered(lambda t: any(t[n] != before[t][n] for n in names))
        moved.sudo(self.env.su)._complaint_note_silent_move()  # sudo: back
        return result

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_complaint_route(self):
        """Route by the rules again; what changes is logged like a transfer."""
        self.check_access("write")
        self._complaint_check_is_handler()
        self._complaint_refuse_ended()
        complaints = self.filtered("is_complaint")
        routes = self.env["complaint.routing.rule"]._get_routes(complaints)
        for ticket in complaints:
            ticket._complaint_reroute(routes[ticket])
        # sudo: shown to a handler of these complaints
        reasons = complaints.sudo().mapped("complaint_routing_reason")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Routing"),
                "message": "\n".join(reason for reason in reasons if reason),
                "type": "info",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # ------------------------------------------------------------------
    # Facts
    # ------------------------------------------------------------------

    def _complaint_get_routing_facts(self, names):
        """Hook: return what conditions ask for, see `kernel.routing`.

        :param names: fields of `complaint.routing.rule` that some rule uses
        """
        self.ensure_one()
        return {name: getattr(self, f"_get_complaint_fact_{name}")() for name in names}

    def _get_complaint_fact_category_ids(self):
        return _get_path(self.category_id)

    def _get_complaint_fact_nature(self):
        return (self.complaint_nature,)

    def _get_complaint_fact_cause_class(self):
        return (self.complaint_cause_class,)

    def _get_complaint_fact_severity(self):
        return (self.complaint_severity,)

    def _get_complaint_fact_channel_ids(self):
        return (self.channel_id.id,)

    def _get_complaint_fact_product_categ_ids(self):
        categories = self.complaint_line_ids.product_id.categ_id
        return tuple(key for category in categories for key in _get_path(category))

    def _get_complaint_fact_customer_class(self):
        return (self.partner_id.commercial_partner_id.complaint_class,)

    def _get_complaint_fact_customer_kind(self):
        customer = self.partner_id.commercial_partner_id
        return (customer and ("company" if customer.is_company else "person"),)

    def _get_complaint_fact_partner_category_ids(self):
        partner = self.partner_id
        tags = partner.category_id | partner.commercial_partner_id.category_id
        return tuple(key for tag in tags for key in _get_path(tag))

    def _get_complaint_fact_country_ids(self):
        partner = self.partner_id
        country = partner.country_id or partner.commercial_partner_id.country_id
        return (country.id,)

    def _get_complaint_fact_state_ids(self):
        partner = self.partner_id
        return ((partner.state_id or partner.commercial_partner_id.state_id).id,)

    def _get_complaint_fact_is_overseas(self):
        return (bool(self.complaint_is_overseas),)

    def _get_complaint_fact_is_out_of_province(self):
        return (bool(self.complaint_is_out_of_province),)

    def _get_complaint_fact_is_repeat(self):
        return (bool(self.complaint_repeat_of_id),)

    def _get_complaint_fact_keywords(self):
        return (normalise(f"{self.name or ''} {self.complaint_content or ''}"),)

    # ------------------------------------------------------------------
    # New complaints
    # ------------------------------------------------------------------

    @api.model
    def _prepare_plain_create_vals(self, vals):
        for name in _SYSTEM_FIELDS:
            vals.pop(name, None)
        return super()._prepare_plain_create_vals(vals)

    @api.model
    def _prepare_complaint_create_vals(self, vals, defaults):
        """Remember what was chosen, before defaults fill the rest."""
        for name in (*_SYSTEM_FIELDS, "complaint_informed_department_ids"):
            vals.pop(name, None)
        chosen = {name: vals[name] for name in ROUTED_FIELDS if vals.get(name)}
        if self.env.context.get("default_team_id"):
            chosen.setdefault("team_id", self.env.context["default_team_id"])
        if self.env.context.get("complaint_gateway"):
            # the address chose the team, no person did
            chosen.pop("team_id", None)
        stage_id = vals.get("stage_id")
        extra = super()._prepare_complaint_create_vals(vals, defaults)
        return {**extra, "chosen": chosen, "has_stage": bool(stage_id)}

    @api.model
    def _complaint_route_new(self, vals_list, prepared):
        """Complete the create values of complaints by the rules, in place.

        :param vals_list: create values, complete but for routing
        :param prepared: see `_complaint_after_create`; gets ``route``
        """
        rules = self.env["complaint.routing.rule"]
        pairs = [
            (vals, extra)
            for vals, extra in zip(vals_list, prepared, strict=True)
            if "chosen" in extra
            and not extra.get("is_import")
            and rules._get_compiled(vals["company_id"]).rules
        ]
        if not pairs:
            return
        defaults = self._complaint_get_route_defaults(
            {vals["company_id"] for vals, _extra in pairs}
        )
        tickets, chosen = {}, {}
        for vals, extra in pairs:
            ticket = self._complaint_new_to_route(vals)
            tickets[ticket] = vals, extra
            # forms send their defaults too; what was not allowed was replaced
            default = defaults[vals["company_id"]]
            chosen[ticket] = {
                name: value
                for name, value in extra["chosen"].items()
                if value != default.get(name) and vals.get(name) == value
            }
        routes = rules._get_routes(self.browse().union(*tickets), chosen)
        for ticket, (vals, extra) in tickets.items():
            extra["route"] = routes[ticket]
            self._complaint_set_route_vals(vals, extra)

    @api.model
    def _complaint_new_to_route(self, vals):
        """Return an unsaved complaint that conditions can look at."""
        # what is not there must not be asked from the defaults one by one
        empty = {
            name: False
            for name in (
                "category_id",
                "channel_id",
                "complaint_line_ids",
                "complaint_repeat_of_id",
                "partner_id",
            )
        }
        # sudo: rules look at what whoever registers may not read
        return self.sudo().new({**empty, **vals})

    @api.model
    def _complaint_get_route_defaults(self, company_ids):
        """Return ``{company id: {ticket field: default}}``: no choice of a person."""
        procedures = self.env["complaint.procedure"]
        handler = self._get_complaint_default_handler()
        return {
            company.id: {
                "user_id": handler.id,
                "complaint_procedure_id": procedures._get_default_procedure(company).id,
            }
            for company in self.env["res.company"].browse(company_ids)
        }

    @api.model
    def _complaint_set_route_vals(self, vals, extra):
        route = extra["route"]
        company = self.env["res.company"].browse(vals["company_id"])
        vals.update(route.get_vals())
        if "team_id" not in route.kept and route.team and not extra["has_stage"]:
            stage = route.team._get_complaint_stage("draft", company)
            vals["stage_id"] = stage.id or vals["stage_id"]
        priority = route.rule.priority
        if priority and priority > (vals.get("priority") or "1"):
            vals["priority"] = priority
        vals["complaint_routing_rule_id"] = route.rule.id
        vals["complaint_routing_reason"] = route.rule._get_route_text(route)
        if route.informed:
            vals["complaint_informed_department_ids"] = [
                Command.set(route.informed.ids)
            ]

    def _complaint_after_create(self, prepared):
        """Tell departments before the number is drawn, which comes last."""
        for ticket, extra in zip(self, prepared, strict=True):
            if route := extra.get("route"):
                ticket._complaint_inform(route, route.informed, is_new=True)
        return super()._complaint_after_create(prepared)

    def _complaint_route_converted(self):
        """Route tickets that have just become complaints; nothing chosen is lost."""
        rules = self.env["complaint.routing.rule"]
        tickets = self.filtered(lambda t: rules._get_compiled(t.company_id.id).rules)
        defaults = self._complaint_get_route_defaults(tickets.company_id.ids)
        chosen = {}
        for ticket in tickets:
            procedure_id = defaults[ticket.company_id.id]["complaint_procedure_id"]
            chosen[ticket] = {
                name: ticket[name].id
                for name in ROUTED_FIELDS
                if ticket[name]
                and (name, ticket[name].id) != ("complaint_procedure_id", procedure_id)
            }
        routes = rules._get_routes(tickets, chosen) if tickets else {}
        for ticket, route in routes.items():
            ticket._complaint_write_route(route, route.get_vals())
            ticket._complaint_inform(route, route.informed, is_new=True)

    # ------------------------------------------------------------------
    # Routing again, choosing by hand
    # ------------------------------------------------------------------

    def _complaint_reroute(self, route):
        """Follow a route now. Stage, log, deadlines and sent mail stay as they are."""
        self.ensure_one()
        vals = route.get_vals()
        if self.complaint_number or self.complaint_phase != "draft":
            # number, steps and limits already follow from the procedure
            vals.pop("complaint_procedure_id", None)
        changes = {
            name: vals.pop(name)
            for name in _TRANSFER_FIELDS
            if name in vals and vals[name] != self[name].id
        }
        if changes:
            reason = route.rule._get_route_text(route)
            self._complaint_transfer(changes, reason, False)
        # sudo: who is informed is internal
        informed = route.informed - self.sudo().complaint_informed_department_ids
        self._complaint_write_route(route, vals)
        self._complaint_inform(route, informed)

    def _complaint_write_route(self, route, vals):
        """Write the result of a route with its reason."""
        self.ensure_one()
        vals = {
            **vals,
            "complaint_routing_rule_id": route.rule.id,
            "complaint_routing_reason": route.rule._get_route_text(route),
            "complaint_informed_department_ids": [
                Command.link(department.id) for department in route.informed
            ],
        }
        priority = route.rule.priority
        if priority and priority > (self.priority or "0"):
            vals["priority"] = priority
        # sudo: the reason can be written by routing only; callers checked the rights
        self.sudo().with_context(complaint_routing=True).write(vals)

    def _complaint_transfer(self, changes, reason, customer_told):
        """Say who chose department, team or handler by hand, and why (R182)."""
        before = self._complaint_get_rule_note()
        routed = self.with_context(complaint_routing=True)
        result = super(ComplaintRoutingMixin, routed)._complaint_transfer(
            changes, reason, customer_told
        )
        if set(changes) & set(_TRANSFER_FIELDS):
            text = self.env._(
                "Chosen by %(user)s: %(reason)s",
                user=self.env.user.name,
                reason=reason,
            )
            self._complaint_write_reason(text, before)
        return result

    def _complaint_note_silent_move(self):
        """The reason must not go on naming a rule when somebody moved it by hand."""
        if self.env.su and self.env.context.get("complaint_routing"):
            return
        # sudo: internal fields of complaints that the user has just written
        for ticket in self.filtered(lambda t: t.sudo().complaint_routing_reason):
            text = self.env._(
                "Chosen by %(user)s, without a reason.", user=self.env.user.name
            )
            ticket._complaint_write_reason(text, ticket._complaint_get_rule_note())

    def _complaint_get_rule_note(self):
        """Return which rule chose before, for the reason of another choice."""
        # sudo: the name of the rule stands in the reason already
        rule = self.sudo().complaint_routing_rule_id
        if not rule:
            return ""
        return self.env._(
            "Before: rule %(number)s, %(rule)s.", number=rule.sequence, rule=rule.name
        )

    def _complaint_write_reason(self, text, before):
        # sudo: the reason can be written by routing only
        self.sudo().with_context(complaint_routing=True).write(
            {"complaint_routing_reason": "\n".join(filter(None, [text, before]))}
        )

    @api.model
    def _complaint_check_routing_vals(self, vals):
        """Refuse a forged rule or reason.

        :raise UserError: naming what to do instead
        """
        forged = {*_SYSTEM_FIELDS, "complaint_informed_department_ids"} & set(vals)
        if forged:
            raise UserError(
                self.env._(
                    "Routing writes its reason itself. Use Hand Over to choose another "
                    "department or handler, or Route Again."
                )
            )

    # ------------------------------------------------------------------
    # Informing
    # ------------------------------------------------------------------

    def _complaint_inform(self, route, departments, is_new=False):
        """Tell managers of departments once; they can read the complaint from now on.

        :param departments: `hr.department` that were not told before
        :param bool is_new: registered just now: superior and owner department are
            told too, where the rule says so (R337)
        """
        self.ensure_one()
        is_reported = is_new and route.rule.inform_superior
        if is_reported:
            departments |= route.department
        people = self.env["complaint.routing.person"]._get_managers(
            departments, self.company_id
        )
        if is_reported:
            people |= self._get_complaint_superior()
        people -= self.env.user
        people -= people.browse(self._complaint_get_recused().ids)
        if not people:
            return
        # sudo: told on behalf of whoever registers, also a customer by the portal
        ticket = self.sudo().with_context(lang=self.company_id.partner_id.lang)
        partners = people.sudo().partner_id  # sudo: as above
        ticket.message_subscribe(partner_ids=partners.ids)
        ticket.message_notify(
            partner_ids=partners.ids,
            subject=ticket.display_name,
            body=ticket.env._(
                "For your information: a complaint was registered. %(reason)s",
                reason=ticket.complaint_routing_reason,
            ),
            model=ticket._name,
            res_id=ticket.id,
        )

    def _get_complaint_superior(self):
        """Return the superior of whoever registers, who has a login."""
        # sudo: hr.employee is protected; only a user is returned
        receiver = self.sudo().complaint_received_by_id
        employee = receiver.employee_id
        superior = employee.parent_id or employee.department_id.manager_id
        return superior.user_id.filtered(lambda u: u.active and not u.share) - receiver


def _get_path(record):
    """Return the ids of a record of a tree and of those above it, nearest first."""
    path = record.parent_path or ""
    return tuple(int(key) for key in reversed(path.split("/")) if key)
