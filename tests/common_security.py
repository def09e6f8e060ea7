# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import base64

from odoo import Command
from odoo.tests import new_test_user

from .common import ComplaintCommon

# a text that no customer may ever read
SECRET = "supplier changed the steel without telling us"


class PortalCommon(ComplaintCommon):
    """An accepted complaint and a plain ticket of a customer with portal users."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_public = cls.env.ref("base.public_user")
        cls.complaint = cls._create_complaint(
            user_id=cls.user_handler.id,
            complaint_customer_reference="CR-4711",
            complaint_confirmed_reason=SECRET,
        )
        cls.complaint.action_complaint_accept()
        cls.plain = cls.env["helpdesk.ticket"].create(
            {
                "name": "Printer",
                "description": "<p>Paper jam</p>",
                "partner_id": cls.customer_contact.id,
            }
        )
        cls.stage_done = cls.env["helpdesk.ticket.stage"].create(
            {"name": "Solved", "closed": True, "close_from_portal": True}
        )
        cls.internal_file = cls._create_file("internal-analysis.txt")

    @classmethod
    def _create_file(cls, name, ticket=None, user=None):
        attachments = cls.env["ir.attachment"]
        if user:
            # sudo: as the portal form does; the creator stays the customer
            attachments = attachments.with_user(user).sudo()
        return attachments.create(
            {
                "name": name,
                "datas": base64.b64encode(b"content"),
                "res_model": "helpdesk.ticket",
                "res_id": (ticket or cls.complaint).id,
            }
        )


class RolesCommon(ComplaintCommon):
    """Somebody else's complaint with a row in every child model, users of all roles."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_finance = new_test_user(
            cls.env,
            "complaint_finance",
            groups="helpdesk_mgmt_complaint.group_complaint_finance",
        )
        cls.user_employee = new_test_user(
            cls.env, "complaint_employee", groups="base.group_user"
        )
        cls.user_both = new_test_user(
            cls.env,
            "complaint_both",
            groups="helpdesk_mgmt_complaint.group_complaint_handler",
            company_ids=[Command.set((cls.company + cls.company_b).ids)],
        )
        # somebody else's complaint, with a row in every child model
        cls.complaint = cls._create_complaint(name="Confidential matter")
        cls.children = cls._create_children(cls.complaint)
        cls.complaint.action_complaint_accept()
        cls.draft = cls.env["helpdesk.ticket"].with_user(cls.user_register)
        cls.draft = cls.draft.create(cls._complaint_vals())
        cls.plain = cls.env["helpdesk.ticket"].create(
            {
                "name": "Printer",
                "description": "<p>Paper jam</p>",
                "partner_id": cls.customer_contact.id,
            }
        )
        cls.plain_stage = cls.env["helpdesk.ticket.stage"].create({"name": "Doing"})

    @classmethod
    def _create_children(cls, ticket):
        vals = {"ticket_id": ticket.id}
        records = {}
        for model, more in {
            "complaint.line": {
                "product_id": cls.product.id,
                "sale_order_id": cls.order.id,
                "lot_id": cls.lot.id,
                "picking_id": cls.picking.id,
            },
            "complaint.communication": {
                "channel_id": cls.channel_phone.id,
                "content": "Called back",
            },
            "complaint.visit": {"user_ids": cls.user_handler.ids},
            "complaint.sample": {"name": "One ring"},
            "complaint.opinion": {"text": "Heat treatment"},
            "complaint.dispatch": {"to_user_id": cls.user_handler.id},
            "complaint.investigation": {"area": "stock"},
            "complaint.liability": {
                "party_kind": "supplier",
                "partner_id": cls.other_customer.id,
            },
            "complaint.callback": {
                "channel_id": cls.channel_phone.id,
                "person": "Anna",
                "content": "x",
                "satisfied": "yes",
            },
            "complaint.settlement": {"line_ids": [(0, 0, {"kind": "return"})]},
        }.items():
            records[model] = cls.env[model].create({**vals, **more})
        records["complaint.settlement.line"] = records["complaint.settlement"].line_ids
        return records
