# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command
from odoo.tests import HttpCase, tagged

from .common_eightd import EightdCommon

_COMPLAINT = "/odoo/action-helpdesk_mgmt_complaint.complaint_action"
_EIGHTD = "/odoo/action-helpdesk_mgmt_complaint.complaint_eightd_action"
# the page of the customer has no Odoo in it: no tour runs there
_ACCEPT = """
    document.querySelector("input[value=accepted]").click();
    document.querySelector("#name").value = "Anna Meyer";
    document.querySelector("form").requestSubmit();
    // the answer of the server replaces this page, and with it what waits here
    setTimeout(() => console.log("test successful"), 50);
"""


@tagged("post_install", "-at_install")
class TestEightdTour(EightdCommon, HttpCase):
    """From the complaint to the customer's yes, in the real browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        warehouse = cls.picking.picking_type_id.warehouse_id
        cls.env["stock.quant"]._update_available_quantity(
            cls.product, warehouse.lot_stock_id, 40, lot_id=cls.lot
        )
        cls.env["stock.location"].create(
            {"name": "Quarantine", "location_id": warehouse.view_location_id.id}
        )
        line = {
            "product_id": cls.product.id,
            "lot_id": cls.lot.id,
            "defect_id": cls.defect.id,
        }
        # the other 8D is about something else: nothing to join
        cls.eightd.sudo().product_id = False
        cls.case = cls._create_complaint(
            user_id=cls.user_quality.id, complaint_line_ids=[Command.create(line)]
        )
        cls.case.action_complaint_accept()

    def _tour(self, url, name):
        self.start_tour(url, name, login="complaint_quality")
        self.env.invalidate_all()

    def test_from_the_complaint_to_the_yes_of_the_customer(self):
        """R302, R368, R422, R460: scope, quarantine, 8D, release, accepted."""
        url = f"{_COMPLAINT}/{self.case.id}"
        self._tour(url, "complaint_eightd_contain")
        rows = self.case.complaint_scope_ids.line_ids
        self.assertTrue(rows.quarantine_picking_id)
        self._tour(url, "complaint_eightd_open")
        eightd = self.case.complaint_eightd_id
        self.assertEqual(eightd.state, "open")
        self.assertIn(40, eightd.containment_ids.mapped("quantity"))
        self._tour(f"{_EIGHTD}/{eightd.id}", "complaint_eightd_release")
        release = eightd.release_ids
        self.assertEqual(release.verdict, "sent")
        self.browser_js(release._get_page_url(), _ACCEPT, login=None)
        self.env.invalidate_all()
        self.assertEqual(release.verdict, "accepted")
        self.assertEqual(release.verdict_name, "Anna Meyer")
