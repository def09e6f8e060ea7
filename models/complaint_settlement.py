# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

_STAMPS = {"state", "decided_by_id", "decided_at", "opinion_id"}


class ComplaintSettlement(models.Model):
    """What the customer gets (处理方案): a draft until it is decided.

    Deciding needs a signed decision; from then on nothing in it changes. Another
    settlement may follow in the same complaint.
    """

    _name = "complaint.settlement"
    _description = "Complaint Settlement"
    _inherit = ["complaint.cycle.mixin"]
    _order = "ticket_id, id"

    name = fields.Char(required=True, default=lambda self: self.env._("Settlement"))
    state = fields.Selection(
        [("draft", "Draft"), ("decided", "Decided")],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    line_ids = fields.One2many("complaint.settlement.line", "settlement_id", copy=True)
    amount_total = fields.Monetary(compute="_compute_amount_total", store=True)
    note = fields.Text()
    opinion_id = fields.Many2one(
        "complaint.opinion",
        string="Decision",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="The signed decision that this settlement follows.",
    )
    decided_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    decided_at = fields.Datetime(readonly=True, copy=False)

    @api.depends("line_ids.amount")
    def _compute_amount_total(self):
        for settlement in self:
            settlement.amount_total = sum(settlement.line_ids.mapped("amount"))

    @api.model_create_multi
    def create(self, vals_list):
        # a draft, whatever values or defaults say
        blank = {**dict.fromkeys(_STAMPS, False), "state": "draft"}
        return super().create([{**vals, **blank} for vals in vals_list])

    def write(self, vals):
        if _STAMPS & set(vals) and not self.env.su:
            raise UserError(self.env._("Use the button Decide."))
        self._complaint_refuse_decided()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        self._complaint_refuse_decided()

    def action_decide(self):
        """Decide these settlements: they follow the decision signed last.

        :raise UserError: without lines, without a signed decision of this cycle,
            when decided already, or by a recused person
        """
        self.check_access("write")
        self._complaint_refuse_decided()
        for settlement in self:
            ticket = settlement.ticket_id
            ticket._complaint_check_not_recused(self.env.user)
            if not settlement.line_ids:
                raise UserError(self.env._("Enter what the customer gets first."))
            decision = ticket._complaint_get_current_decision()
            if not decision:
                raise UserError(
                    self.env._(
                        "%(complaint)s: there is no signed decision. Write it on the "
                        "page Opinions and have it signed.",
                        complaint=ticket.display_name,
                    )
                )
            # sudo: state and stamps are closed to clients; all was checked above
            settlement.sudo().write(
                {
                    "state": "decided",
                    "decided_by_id": self.env.uid,
                    "decided_at": fields.Datetime.now(),
                    "opinion_id": decision.id,
                }
            )
        return True

    def _complaint_refuse_decided(self):
        """Raise when one of these settlements is decided."""
        decided = self.filtered(lambda s: s.state == "decided")
        if decided:
            raise UserError(
                self.env._(
                    "%(names)s: decided, nothing in it changes any more. Enter "
                    "another settlement and have it decided.",
                    names=", ".join(decided.mapped("name")),
                )
            )
