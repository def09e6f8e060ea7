# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models

from .complaint_ticket_selection import ticket_selection

_ANY = [("any", "Any"), ("yes", "Yes"), ("no", "No")]


class ComplaintSlaPolicy(models.Model):
    """The time limits of a procedure, and for which complaints they hold.

    A complaint follows the policy of its customer, else of its procedure, else
    the first one by sequence whose conditions it fulfils. Presets only serve as
    models: no complaint follows one that is not chosen or copied.
    """

    _name = "complaint.sla.policy"
    _description = "Complaint Deadline Policy"
    _inherit = ["complaint.preset.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", help="Leave empty to use it in every company."
    )
    note = fields.Text(translate=True)
    preset_origin_id = fields.Many2one(
        "complaint.sla.policy",
        string="Loaded from",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )

    # For which complaints
    procedure_ids = fields.Many2many(
        "complaint.procedure",
        "complaint_sla_policy_procedure_rel",
        "policy_id",
        "procedure_id",
        string="Procedures",
        help="Empty: any.",
    )
    category_ids = fields.Many2many(
        "helpdesk.ticket.category",
        "complaint_sla_policy_category_rel",
        "policy_id",
        "category_id",
        string="Categories",
        help="With all categories below them. Empty: any.",
    )
    partner_ids = fields.Many2many(
        "res.partner",
        "complaint_sla_policy_partner_rel",
        "policy_id",
        "partner_id",
        string="Customers",
        help="With all their contacts. Empty: any.",
    )
    customer_class = fields.Selection(
        selection=lambda self: self.env["res.partner"]
        ._fields["complaint_class"]
        ._description_selection(self.env),
        help="Empty: any.",
    )
    severity = fields.Selection(
        selection=ticket_selection("complaint_severity"), help="Empty: any."
    )
    is_major = fields.Selection(_ANY, string="Major Case", required=True, default="any")

    # copied by `copy`, which takes along those that are off
    line_ids = fields.One2many(
        "complaint.sla.line", "policy_id", string="Time Limits", copy=False
    )
    current_line_ids = fields.One2many(
        "complaint.sla.line",
        "policy_id",
        string="Time Limits, also Those that Are Off",
        domain=[("successor_id", "=", False)],
        context={"active_test": False},
        copy=False,
    )
    line_count = fields.Integer(compute="_compute_line_count")

    @api.depends("line_ids")
    def _compute_line_count(self):
        for policy in self:
            policy.line_count = len(policy.line_ids)

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for policy, vals in zip(self, vals_list, strict=True):
            if "name" not in (default or {}):
                vals["name"] = self.env._("%(policy)s (copy)", policy=policy.name)
        return vals_list

    def copy(self, default=None):
        """Copy with all lines in their newest version; what is off stays off."""
        copies = super().copy(default)
        for policy, copied in zip(self, copies, strict=True):
            policy._copy_lines(copied)
        return copies

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """Lines go with their policy, so they are asked first."""
        self.with_context(active_test=False).line_ids.unlink()

    def action_use_copy(self):
        """Open a copy of this preset: complaints follow that one from now on."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.copy().id,
            "view_mode": "form",
        }

    def action_whatif(self):
        """Open the dialog that computes these limits for an imagined complaint."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What If"),
            "res_model": "complaint.sla.whatif",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_policy_id": self.id,
                "default_company_id": (self.company_id or self.env.company).id,
                "dialog_size": "extra-large",
            },
        }

    def _copy_lines(self, copied):
        """Copy the lines; those of a copy yield to each other, not to those copied."""
        lines = self.current_line_ids
        twins = {line: line.copy({"policy_id": copied.id}) for line in lines}
        for line, twin in twins.items():
            others = [twins[other].id for other in line.yields_to_ids if other in twins]
            if others:
                twin.yields_to_ids = others

    # ------------------------------------------------------------------
    # Matching
    # ------------------------------------------------------------------

    @api.model
    def _match(self, tickets):
        """Return ``{ticket: policy}``, empty policies for none.

        One search whatever the number of tickets; the rest is in memory.

        :param tickets: `helpdesk.ticket`
        """
        # sudo: whoever registers a complaint need not read policies or terms
        tickets_su, policies = tickets.sudo(), self.sudo()
        candidates = policies.search(
            [
                ("is_preset", "=", False),
                ("company_id", "in", [False, *tickets_su.company_id.ids]),
            ]
        )
        return {
            ticket: (
                ticket_su._complaint_get_chosen_policy()
                or candidates.filtered(lambda p, t=ticket_su: p._is_for(t))[:1]
            ).with_env(self.env)
            for ticket, ticket_su in zip(tickets, tickets_su, strict=True)
        }

    def _is_for(self, ticket):
        """Hook: return whether a complaint fulfils the conditions of this policy."""
        self.ensure_one()
        company, partner = ticket.company_id, ticket.partner_id
        conditions = (
            not self.company_id or self.company_id == company,
            not self.procedure_ids
            or ticket.complaint_procedure_id in self.procedure_ids,
            not self.severity or self.severity == ticket.complaint_severity,
            self.is_major == "any"
            or (self.is_major == "yes") == bool(ticket.complaint_is_major),
            not self.customer_class
            or self.customer_class == partner.commercial_partner_id.complaint_class,
            not self.category_ids or _is_below(ticket.category_id, self.category_ids),
            not self.partner_ids or _is_below(partner, self.partner_ids),
        )
        return all(conditions)


def _is_below(record, ancestors):
    """Return whether one of the ancestors is the record or one of its parents."""
    while record:
        if record in ancestors:
            return True
        record = record.parent_id
    return False
