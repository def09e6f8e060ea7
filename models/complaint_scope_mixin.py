# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models
from odoo.exceptions import UserError


class ComplaintScopeMixin(models.AbstractModel):
    """From a complaint to the whereabouts of its lots, with one click (R368)."""

    _name = "complaint.scope.mixin"
    _description = "Affected Scope of a Complaint"

    complaint_scope_ids = fields.One2many(
        "complaint.scope",
        "ticket_id",
        string="Affected Scopes",
        copy=False,
        groups="helpdesk_mgmt_complaint.group_complaint_handler,"
        "helpdesk_mgmt_complaint.group_complaint_supervisor",
    )

    def action_complaint_scope(self):
        """Open the affected scope; compute what was not looked at yet.

        :raise UserError: when the complaint names neither lot nor product
        """
        self.ensure_one()
        self.check_access("write")
        lines = self.complaint_line_ids.filtered(lambda line: not line.is_proposed)
        scopes = self.complaint_scope_ids
        new_lots = lines.lot_id - scopes.lot_ids
        if new_lots:
            scopes |= scopes._create_for_lots(
                new_lots, ticket_id=self.id, company_id=self.company_id.id
            )
        open_lines = lines.filtered(lambda line: not line.lot_id and line.product_id)
        for product, group in open_lines.grouped("product_id").items():
            if product not in scopes.product_id | scopes.lot_ids.product_id:
                scopes |= self._complaint_create_product_scope(product, group)
        if not scopes:
            raise UserError(
                self.env._(
                    "Enter the lot, or the product and when it was shipped, on the "
                    "page Goods and confirm proposals. Then the scope can be found."
                )
            )
        return scopes._get_open_action()

    def _complaint_create_product_scope(self, product, lines):
        """Return a scope of a product in the days when these lines were shipped.

        It is computed when the days are known and a lot moved in them; else a
        person completes the days first, since a computed scope is evidence.
        """
        days = [day for day in lines.mapped("delivered_date") if day]
        scope = self.env["complaint.scope"].create(
            {
                "ticket_id": self.id,
                "company_id": self.company_id.id,
                "product_id": product.id,
                "date_from": min(days, default=False),
                "date_to": max(days, default=False),
            }
        )
        if days and scope._get_seed_lots():
            scope.action_compute()
        return scope
