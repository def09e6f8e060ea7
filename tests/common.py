# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from contextlib import contextmanager

from odoo import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.base.tests.common import BaseCommon

_GROUP = "helpdesk_mgmt_complaint.group_complaint_"


@tagged("post_install", "-at_install")
class ComplaintCommon(BaseCommon):
    """A company with customers, one delivered order with a lot, a user per role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.complaint_tz = "Asia/Shanghai"
        cls.team = cls.env.ref("helpdesk_mgmt_complaint.complaint_team")
        cls.procedure = cls.env.ref("helpdesk_mgmt_complaint.procedure_standard")
        cls.channel_phone = cls.env.ref("helpdesk_mgmt_complaint.channel_phone")
        cls.channel_email = cls.env.ref("helpdesk_mgmt_complaint.channel_email")
        cls._setup_companies_and_users()
        cls._setup_partners()
        cls._setup_goods()

    @classmethod
    def _setup_companies_and_users(cls):
        cls.company_b = cls.env["res.company"].create({"name": "Second Company"})
        cls.company_b.complaint_tz = "Europe/Berlin"
        helpdesk = "helpdesk_mgmt.group_helpdesk_"
        roles = {
            "register": "base.group_user",
            "handler": f"{_GROUP}handler",
            "quality": f"{_GROUP}quality",
            "supervisor": f"{_GROUP}supervisor",
            "manager": f"{_GROUP}manager",
            "helpdesk": f"{helpdesk}user",
            "helpdesk_manager": f"{helpdesk}manager",
        }
        for role, groups in roles.items():
            user = new_test_user(
                cls.env, f"complaint_{role}", groups=groups, email=f"{role}@example.com"
            )
            setattr(cls, f"user_{role}", user)
        # new users of the helpdesk get default groups; complaints need none of them
        cls.user_handler_b = new_test_user(
            cls.env,
            "complaint_handler_b",
            groups=f"{_GROUP}handler",
            company_id=cls.company_b.id,
            company_ids=[Command.set(cls.company_b.ids)],
        )

    @classmethod
    def _setup_partners(cls):
        partners = cls.env["res.partner"]
        cls.customer = partners.create(
            {"name": "Meyer Anlagenbau GmbH", "is_company": True, "lang": "en_US"}
        )
        cls.customer_contact = partners.create(
            {
                "name": "Anna Meyer",
                "parent_id": cls.customer.id,
                "email": "anna.meyer@meyer.example.com",
                "phone": "+49 421 5550101",
            }
        )
        cls.other_customer = partners.create(
            {
                "name": "华东轴承贸易有限公司",
                "is_company": True,
                "email": "qa@huadong.example.com",
            }
        )
        cls.portal_user = cls._create_portal_user("portal_meyer", cls.customer_contact)
        cls.portal_other = cls._create_portal_user("portal_other", cls.other_customer)

    @classmethod
    def _create_portal_user(cls, login, partner):
        return (
            cls.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "login": login,
                    "password": login,
                    "partner_id": partner.id,
                    "group_ids": [Command.set(cls.env.ref("base.group_portal").ids)],
                }
            )
        )

    @classmethod
    def _setup_goods(cls):
        cls.product = cls.env["product.product"].create(
            {
                "name": "Deep groove ball bearing 6204",
                "default_code": "BRG-6204",
                "is_storable": True,
                "tracking": "lot",
                "lst_price": 12.5,
            }
        )
        cls.lot = cls.env["stock.lot"].create(
            {"name": "L260703-A", "product_id": cls.product.id}
        )
        cls.defect = cls.env["complaint.defect"].create(
            {"name": "Cracked cage", "code": "D-100"}
        )
        cls.category = cls.env["helpdesk.ticket.category"].create(
            {"name": "Product quality", "company_id": False}
        )
        cls.order = cls._create_delivered_order(
            cls.customer, cls.product, 500, lot=cls.lot, ref="PO-88213"
        )
        cls.picking = cls.order.picking_ids

    @classmethod
    def _create_delivered_order(cls, partner, product, qty, lot=None, ref=None):
        """Confirm and deliver one order through Odoo's own flow."""
        warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.env.company.id)], limit=1
        )
        cls.env["stock.quant"]._update_available_quantity(
            product, warehouse.lot_stock_id, qty, lot_id=lot
        )
        order = cls.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "client_order_ref": ref,
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_qty": qty})
                ],
            }
        )
        order.action_confirm()
        picking = order.picking_ids
        picking.action_assign()
        for move in picking.move_ids:
            move.quantity = qty
            move.picked = True
        picking._action_done()
        return order

    @classmethod
    def _create_complaint(cls, **vals):
        """Return a complaint that is ready to be accepted."""
        return cls.env["helpdesk.ticket"].create(cls._complaint_vals(**vals))

    @classmethod
    def _complaint_vals(cls, **vals):
        return {
            "name": "Cracked cages",
            "is_complaint": True,
            "partner_id": cls.customer_contact.id,
            "channel_id": cls.channel_email.id,
            "complaint_content": "12 of 500 bearings have cracked cages.",
            **vals,
        }

    @contextmanager
    def assertRaisesRegex(self, expected_exception, expected_regex):
        """Like `assertRaises` of Odoo, which rolls back; the plain one does not."""
        with self.assertRaises(expected_exception) as caught:
            yield caught
        self.assertRegex(str(caught.exception), expected_regex)
