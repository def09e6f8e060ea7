# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

_DERIVED = ("ticket_id", "company_id")


class ComplaintSettlementLine(models.Model):
    """One part of a settlement: goods back, replaced, repaired, or money."""

    _name = "complaint.settlement.line"
    _description = "Complaint Settlement Line"
    _order = "settlement_id, id"
    _rec_name = "kind"

    settlement_id = fields.Many2one(
        "complaint.settlement", required=True, ondelete="cascade", index=True
    )
    ticket_id = fields.Many2one(
        related="settlement_id.ticket_id", store=True, precompute=True, index=True
    )
    company_id = fields.Many2one(
        related="settlement_id.company_id", store=True, precompute=True
    )
    currency_id = fields.Many2one(related="settlement_id.currency_id")
    kind = fields.Selection(
        [
            ("return", "Return"),
            ("replace", "Replacement"),
            ("repair", "Repair"),
            ("rework", "Rework at the customer"),
            ("allowance", "Allowance"),
            ("compensation", "Compensation"),
            ("concession", "Concession"),
            ("reject", "Rejected"),
        ],
        required=True,
        default="return",
    )
    line_id = fields.Many2one(
        "complaint.line",
        string="Goods",
        domain="[('ticket_id', '=', ticket_id)]",
        ondelete="restrict",
    )
    quantity = fields.Float(digits="Product Unit", default=1.0)
    price = fields.Float(digits="Product Price")
    amount = fields.Monetary(compute="_compute_amount", store=True)
    note = fields.Char()

    @api.depends("quantity", "price", "currency_id")
    def _compute_amount(self):
        for line in self:
            amount = line.quantity * line.price
            currency = line.currency_id
            line.amount = currency.round(amount) if currency else amount

    @api.constrains("quantity", "price")
    def _check_not_negative(self):
        if any(line.quantity < 0 or line.price < 0 for line in self):
            raise ValidationError(
                self.env._("Quantity and price of a settlement are 0 or more.")
            )

    @api.constrains("line_id", "settlement_id")
    def _check_line(self):
        for line in self:
            if line.line_id and line.line_id.ticket_id != line.ticket_id:
                raise ValidationError(
                    self.env._("Choose goods of the same complaint as the settlement.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(
            [
                # both follow from the settlement, the record rules rely on it
                {key: vals[key] for key in vals if key not in _DERIVED}
                for vals in vals_list
            ]
        )
        lines.settlement_id._complaint_refuse_decided()
        return lines

    def write(self, vals):
        if {"settlement_id", *_DERIVED} & set(vals):
            raise UserError(self.env._("A line stays in its settlement."))
        self.settlement_id._complaint_refuse_decided()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        self.settlement_id._complaint_refuse_decided()
        self.settlement_id._unlink_except_ended()
