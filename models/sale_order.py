# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "complaint.counter.mixin"]
    _complaint_line_field = "sale_order_id"

    # the reference recogniser looks up many spellings at once; the trigram index of
    # the name is slow for that, and the customer's reference has none
    _complaint_name_idx = models.Index("(name)")
    _complaint_client_order_ref_idx = models.Index(
        "(client_order_ref) WHERE client_order_ref IS NOT NULL"
    )
