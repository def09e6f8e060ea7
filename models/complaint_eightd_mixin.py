# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

# an 8D that a complaint can still join
_JOINABLE = ("requested", "open")


class ComplaintEightdMixin(models.AbstractModel):
    """What a complaint knows of its 8D, and how it comes to one.

    The current 8D follows from the links; a routing rule may open one when the
    complaint is accepted, not before: a draft may turn out to be no complaint.
    """

    _name = "complaint.eightd.mixin"
    _description = "8D of a Complaint"

    complaint_eightd_id = fields.Many2one(
        "complaint.eightd",
        string="8D",
        compute="_compute_complaint_eightd_id",
        store=True,
        compute_sudo=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="base.group_user",
        help="The current 8D; the links keep the earlier ones.",
    )
    complaint_eightd_link_ids = fields.One2many(
        "complaint.eightd.link",
        "ticket_id",
        string="8D Links",
        groups="base.group_user",
    )
    complaint_eightd_label = fields.Char(
        string="8D Number",
        compute="_compute_complaint_eightd_label",
        compute_sudo=True,
        groups="base.group_user",
    )

    @api.depends("complaint_eightd_link_ids.date_to")
    def _compute_complaint_eightd_id(self):
        for ticket in self:
            current = ticket.complaint_eightd_link_ids.filtered(
                lambda link: not link.date_to
            )
            ticket.complaint_eightd_id = current[:1].eightd_id

    @api.depends("complaint_eightd_id.state", "complaint_eightd_id.number")
    @api.depends_context("lang")
    def _compute_complaint_eightd_label(self):
        states = dict(
            self.env["complaint.eightd"]
            ._fields["state"]
            ._description_selection(self.env)
        )
        for ticket in self:
            eightd = ticket.complaint_eightd_id
            parts = (eightd.number, states.get(eightd.state))
            ticket.complaint_eightd_label = " · ".join(part for part in parts if part)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                vals.pop("complaint_eightd_id", None)
        return super().create(vals_list)

    def write(self, vals):
        if "complaint_eightd_id" in vals and not self.env.su:
            raise UserError(
                self.env._("The 8D of a complaint is chosen with the button Open 8D.")
            )
        if "company_id" in vals:
            self._complaint_check_eightd_company(vals["company_id"])
        return super().write(vals)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_complaint_eightd(self):
        """Open the 8D of this complaint; without one, ask for a new or existing one.

        :raise UserError: for drafts and cancelled complaints
        """
        self.ensure_one()
        if eightd := self.complaint_eightd_id:
            if not eightd.has_access("read"):
                raise UserError(
                    self.env._(
                        "This 8D is for its team and for quality. Ask quality how far "
                        "it is."
                    )
                )
            return eightd._get_form_action()
        self.check_access("write")
        self._complaint_check_is_handler()
        if self.complaint_phase in ("draft", "cancelled"):
            raise UserError(
                self.env._("Accept the complaint first, then an 8D can be opened.")
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open 8D"),
            "res_model": "complaint.eightd.open",
            "view_mode": "form",
            "target": "new",
            "context": {"default_ticket_id": self.id},
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _complaint_check_eightd_company(self, company_id):
        """Refuse to take a complaint away from the company of its 8D."""
        # sudo: whichever links and 8D the user may read
        moved = self.sudo().filtered(lambda t: t.company_id.id != company_id)
        linked = moved.filtered("complaint_eightd_link_ids")
        if linked:
            raise UserError(
                self.env._(
                    "%(names)s: answered by an 8D of this company, so the company "
                    "cannot change. Cancel the complaint with a reason and register it "
                    "in the other company.",
                    names=", ".join(linked.mapped("display_name")),
                )
            )

    def _complaint_get_eightd_candidates(self):
        """Return running 8D about the same product or defect, best first.

        Only those that the user may write: he could not join another one.
        """
        self.ensure_one()
        lines = self.complaint_line_ids
        products, defects = lines.product_id, lines.defect_id
        if not products and not defects:
            return self.env["complaint.eightd"]
        found = self.env["complaint.eightd"].search(
            [
                ("state", "in", _JOINABLE),
                ("company_id", "=", self.company_id.id),
                "|",
                ("product_id", "in", products.ids),
                ("defect_id", "in", defects.ids),
            ]
        )
        return found._filtered_access("write").sorted(
            lambda e: (e.product_id not in products, e.defect_id not in defects)
        )

    def _prepare_complaint_eightd_vals(self):
        """Hook: return the values of an 8D about this complaint.

        Nothing of the customer: his words are on the link.
        """
        self.ensure_one()
        lines = self.complaint_line_ids.filtered(lambda line: not line.is_proposed)
        goods = (lines.product_id[:1].display_name, lines.defect_id[:1].display_name)
        return {
            "name": ": ".join(part for part in goods if part) or self.env._("8D"),
            "company_id": self.company_id.id,
            "severity": self.complaint_severity,
            "product_id": lines.product_id[:1].id,
            "lot_ids": [Command.set(lines.lot_id.ids)],
            "defect_id": lines.defect_id[:1].id,
            "link_ids": [Command.create({"ticket_id": self.id})],
        }

    def _complaint_open_routed_eightd(self):
        """Open or request the 8D that the routing rule wants, once per complaint.

        A complaint with the product and defect of a running 8D joins that one.
        """
        # sudo: rules are set-up; the 8D is opened on behalf of the company
        for ticket in self.sudo():
            rule = ticket.complaint_routing_rule_id
            if not rule.eightd_start or ticket.complaint_eightd_link_ids:
                continue
            vals = ticket._prepare_complaint_eightd_vals()
            existing = ticket._complaint_find_same_eightd(vals)
            if existing:
                existing.link_ids.create(
                    {"eightd_id": existing.id, "ticket_id": ticket.id}
                )
                eightd = existing
            else:
                vals["state"] = rule.eightd_start
                if rule.eightd_start == "requested":
                    vals["requested_by_id"] = self.env.uid
                eightd = ticket.env["complaint.eightd"].create(vals)
            eightd.message_post(
                body=ticket.env._(
                    "%(complaint)s: wanted by routing rule %(rule)s.",
                    complaint=ticket.complaint_number or ticket.number,
                    rule=rule.name,
                )
            )

    def _complaint_find_same_eightd(self, vals):
        """Return the running 8D about the same product and defect, both known."""
        eightds = self.env["complaint.eightd"]
        if not vals["product_id"] or not vals["defect_id"]:
            return eightds
        return eightds.search(
            [
                ("state", "=", "open"),
                ("company_id", "=", vals["company_id"]),
                ("product_id", "=", vals["product_id"]),
                ("defect_id", "=", vals["defect_id"]),
            ],
            limit=1,
        )

    def _complaint_after_phase_change(self, before):
        result = super()._complaint_after_phase_change(before)
        if not self._complaint_is_import():
            accepted = self.filtered(
                lambda t: t.is_complaint
                and before.get(t.id) == "draft"
                and t.complaint_phase not in ("draft", "cancelled")
            )
            accepted._complaint_open_routed_eightd()
        return result

    def _complaint_reroute(self, route):
        result = super()._complaint_reroute(route)
        running = self.filtered(
            lambda t: t.complaint_phase not in ("draft", "closed", "cancelled")
        )
        running._complaint_open_routed_eightd()
        return result
