# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..models.complaint_routing_result_mixin import ROUTED_FIELDS

_MAX_COMPLAINTS = 1000


class ComplaintRoutingDryRun(models.TransientModel):
    """Where the last complaints would go by these rules; nothing is written (R181)."""

    _name = "complaint.routing.dry.run"
    _description = "Dry Run of Routing Rules"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    count = fields.Integer(string="Last Complaints", required=True, default=50)
    rule_ids = fields.Many2many(
        "complaint.routing.rule",
        string="Also These Rules",
        context={"active_test": False},
        domain="[('company_id', 'in', [False, company_id])]",
        help="Tried together with the active ones, in their sequence, also when they "
        "are archived.",
    )
    only_changed = fields.Boolean(string="Only What Would Change")
    line_ids = fields.One2many(
        "complaint.routing.dry.run.line", "run_id", string="Complaints", readonly=True
    )
    summary = fields.Char(compute="_compute_summary")

    def _compute_display_name(self):
        for run in self:
            run.display_name = self.env._("Try Routing Rules")

    @api.depends("line_ids")
    def _compute_summary(self):
        for run in self:
            run.summary = self.env._(
                "%(total)s complaints, %(routed)s of them with a rule, %(changed)s "
                "would go elsewhere.",
                total=len(run.line_ids),
                routed=len(run.line_ids.filtered("rule_id")),
                changed=len(run.line_ids.filtered("is_changed")),
            )

    def action_run(self):
        """Fill the table.

        :raise UserError: for a company that is not the user's, or a senseless count
        """
        self.ensure_one()
        if self.company_id not in self.env.companies:
            raise UserError(
                self.env._("Choose a company that you have switched on at the top.")
            )
        if not 1 <= self.count <= _MAX_COMPLAINTS:
            raise UserError(
                self.env._(
                    "Enter how many complaints: from 1 to %(max)s.",
                    max=_MAX_COMPLAINTS,
                )
            )
        tickets = self.env["helpdesk.ticket"].search(
            [("is_complaint", "=", True), ("company_id", "=", self.company_id.id)],
            order="id desc",
            limit=self.count,
        )
        routes = {}
        if tickets:
            routes = self.env["complaint.routing.rule"]._get_routes(
                tickets, rules=self._get_rules(), dry=True
            )
        values = [self._prepare_line_vals(ticket, routes[ticket]) for ticket in tickets]
        if self.only_changed:
            values = [vals for vals in values if vals["is_changed"]]
        self.line_ids = [Command.clear(), *(Command.create(vals) for vals in values)]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Try Routing Rules"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    def _get_rules(self):
        """Return the rules in force together with those to be tried, in order."""
        rules = self.env["complaint.routing.rule"]
        company = [False, self.company_id.id]
        active = rules.search(
            [("is_preset", "=", False), ("company_id", "in", company)]
        )
        tried = self.with_context(active_test=False).rule_ids.filtered(
            lambda rule: rule.company_id.id in company
        )
        return (active | tried).sorted(lambda rule: (rule.sequence, rule.id))

    def _prepare_line_vals(self, ticket, route):
        changed = {
            name: value
            for name, value in route.get_vals().items()
            if ticket[name].id != value
        }
        # steps and numbers of what is registered would not change
        changed.pop("complaint_procedure_id", None)
        return {
            "ticket_id": ticket.id,
            "rule_id": route.rule.id,
            "because": route.because or self.env._("no rule holds"),
            "note": " ".join(route.notes),
            "is_changed": bool(changed),
            **{
                f"{when}_{part}_id": record.id
                for name, part in ROUTED_FIELDS.items()
                if part != "procedure"
                for when, record in (("old", ticket[name]), ("new", route[part]))
            },
        }
