# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models
from odoo.exceptions import UserError


class ComplaintScopeLetter(models.TransientModel):
    """A letter to each customer who got affected lots (R368).

    Customer-facing: it says what this customer got, and nothing of the complaint,
    of stock, of other customers or of causes.
    """

    _name = "complaint.scope.letter"
    _description = "Letters to Customers"
    _inherit = ["complaint.scope.wizard.mixin"]

    row_ids = fields.Many2many("complaint.scope.line", string="Rows")
    reference = fields.Char(
        string="Our Reference", help="Printed as typed; the customer reads it."
    )
    reply_until = fields.Date(string="Answer Wanted by")
    message = fields.Text(
        help="Replaces the standard sentences, in the language you write. The standard "
        "ones are in the language of each customer.",
    )

    def action_print(self):
        """Download the letters as PDF."""
        self.ensure_one()
        self._get_letters()
        report = self.env.ref(
            "helpdesk_mgmt_complaint.action_report_complaint_scope_letter"
        )
        return report.report_action(self, config=False)

    def _get_letters(self):
        """Return one dict per customer: partner, lang, company, date, rows.

        :raise UserError: when no row has a customer
        """
        self.ensure_one()
        self.check_access("read")
        self.row_ids.check_access("write")
        rows = self.row_ids.filtered(
            lambda row: row.kind == "delivered" and row.quantity and row.partner_id
        )
        if not rows:
            raise UserError(
                self.env._("None of these rows is a delivery to a known customer.")
            )
        return [
            self._prepare_letter(partner, group)
            for partner, group in rows.grouped("partner_id").items()
        ]

    def _prepare_letter(self, partner, rows):
        """Hook: return what the letter to one customer says, in his language."""
        lang = partner.lang or self.company_id.partner_id.lang or self.env.lang
        letter = self.with_context(lang=lang)
        tools = letter.env["complaint.print.tools"]
        # sudo: quality has no rights on orders and contacts; names, addresses and
        # the customer's own deliveries, from rows that it may write
        wizard, rows = letter.sudo(), rows.with_env(letter.env).sudo()
        return {
            "partner": partner.with_env(letter.env).sudo(),  # sudo: as above
            "lang": lang,
            "company": wizard.company_id,
            "date": tools._format_day(fields.Date.context_today(self)),
            "reference": self.reference,
            "reply_until": tools._format_day(self.reply_until),
            "message": self.message,
            "user": self.env.user,
            "rows": [self._prepare_row(row, tools) for row in rows],
        }

    def _prepare_row(self, row, tools):
        order = row.sale_order_id
        shipped = tools._get_local(row.last_at, row.company_id)
        return {
            "product": row.product_id.display_name,
            "lot": row.lot_id.name,
            "quantity": tools._format_quantity(row.quantity, row.uom_id),
            "order": tools._join([order.client_order_ref, order.name], " / "),
            "delivery": row.picking_id.name,
            "date": tools._format_day(shipped and shipped.date()),
        }
