# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, users

from .common import ComplaintCommon


class TestRegistration(ComplaintCommon):
    @users("complaint_register")
    def test_any_employee_registers_with_a_form(self):
        """R021, R022, R026: create right for everybody; receiver and time stored."""
        form = Form(
            self.env["helpdesk.ticket"].with_context(default_is_complaint=True),
            view="helpdesk_mgmt_complaint.complaint_view_form",
        )
        form.name = "Cracked cages"
        form.partner_id = self.customer_contact
        form.channel_id = self.channel_phone
        form.complaint_content = "12 of 500 are cracked"
        ticket = form.save()
        self.assertTrue(ticket.is_complaint)
        self.assertEqual(ticket.complaint_phase, "draft")
        self.assertEqual(ticket.complaint_received_by_id, self.env.user)
        self.assertEqual(ticket.complaint_first_contact_id, self.env.user)
        self.assertTrue(ticket.complaint_received_at)
        self.assertFalse(ticket.complaint_number)
        self.assertFalse(ticket.user_id, "who registers is not thereby the handler")
        self.assertNotIn("12 of 500", ticket.description, "customers can read it")
        self.assertEqual(ticket.complaint_complainant_phone, "+49 421 5550101")
        self.assertEqual(
            ticket.complaint_complainant_organisation, "Meyer Anlagenbau GmbH"
        )

    @users("complaint_register")
    def test_typed_number_proposes_the_goods(self):
        """R027, R030, R031, R366: order, customer's reference, delivery or lot."""
        for typed in (
            self.order.name,
            "PO-88213",
            self.picking.name,
            self.lot.name,
        ):
            form = Form(
                self.env["helpdesk.ticket"].with_context(default_is_complaint=True),
                view="helpdesk_mgmt_complaint.complaint_view_form",
            )
            form.name = "Cracked cages"
            form.channel_id = self.channel_email
            form.complaint_reference_input = typed
            form.complaint_content = "12 of 500 are cracked"
            ticket = form.save()
            line = ticket.complaint_line_ids
            self.assertRecordValues(
                line.sudo(),
                [
                    {
                        "sale_order_id": self.order.id,
                        "product_id": self.product.id,
                        "lot_id": self.lot.id,
                        "delivered_qty": 500,
                        "picking_id": self.picking.id,
                    }
                ],
            )
            self.assertTrue(line.delivered_date)
            self.assertEqual(ticket.commercial_partner_id, self.customer)

    @users("complaint_register")
    def test_typed_unknown_number_loses_nothing(self):
        """R366: an unknown number warns; what was entered stays."""
        form = Form(
            self.env["helpdesk.ticket"].with_context(default_is_complaint=True),
            view="helpdesk_mgmt_complaint.complaint_view_form",
        )
        form.name = "Cracked cages"
        form.partner_id = self.customer_contact
        with self.assertLogs("odoo.tests.form.onchange", "WARNING") as caught:
            form.complaint_reference_input = "NOPE-404"
        self.assertIn("NOPE-404", caught.output[0])
        ticket = form.save()
        self.assertFalse(ticket.complaint_line_ids)
        self.assertEqual(ticket.partner_id, self.customer_contact)

    @users("complaint_register")
    def test_registrar_corrects_until_accepted(self):
        """R524: least privilege; the registrar writes his draft, then no more."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        ticket.complaint_content = "13 of 500"
        with self.assertRaises(UserError):
            ticket.action_complaint_accept()
        ticket.with_user(self.user_handler).action_complaint_accept()
        with self.assertRaises(AccessError):
            ticket.complaint_content = "changed after acceptance"

    @users("complaint_handler")
    def test_oral_complaint_stays_draft_until_written(self):
        """R009: oral must be turned into a written record."""
        ticket = self.env["helpdesk.ticket"].create(
            self._complaint_vals(
                complaint_content=False,
                description=False,
                channel_id=self.env.ref("helpdesk_mgmt_complaint.channel_oral").id,
            )
        )
        self.assertTrue(ticket.complaint_oral)
        with self.assertRaisesRegex(ValidationError, "written"):
            ticket.action_complaint_accept()
        ticket.complaint_content = "He says that the cages break."
        ticket.action_complaint_accept()
        self.assertEqual(ticket.complaint_phase, "accepted")

    @users("complaint_handler")
    def test_gate_is_the_same_for_button_write_and_note(self):
        """R001, R024: one truth; every missing thing is named in a sentence."""
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "x", "is_complaint": True, "description": "<p><br></p>"}
        )
        ticket.complaint_procedure_id = False
        reasons = ticket._complaint_get_blocking_reasons("accepted")[ticket.id]
        self.assertEqual(len(reasons), 4)
        self.assertEqual(ticket.complaint_blocking_note, "\n".join(reasons))
        stage = self.env.ref("helpdesk_mgmt_complaint.stage_investigation")
        for reason in reasons:
            with self.assertRaisesRegex(ValidationError, reason[:20]):
                ticket.write({"stage_id": stage.id})

    @users("complaint_handler")
    def test_lot_is_demanded_when_customer_terms_say_so(self):
        """R034, R558: lot mandatory by customer; foreign lot kept as text."""
        self.customer.sudo().complaint_lot_required = True
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        with self.assertRaisesRegex(ValidationError, "lot"):
            ticket.action_complaint_accept()
        line = self.env["complaint.line"].create(
            {"ticket_id": ticket.id, "product_id": self.product.id}
        )
        with self.assertRaisesRegex(ValidationError, "lot"):
            ticket.action_complaint_accept()
        line.lot_name = "FOREIGN-7"
        ticket.action_complaint_accept()
        self.assertFalse(line.lot_id)

    def test_stated_lot_is_linked_when_it_appears(self):
        """R034: a lot not known at registration is linked later, text kept."""
        ticket = self._create_complaint()
        line = self.env["complaint.line"].create(
            {
                "ticket_id": ticket.id,
                "product_id": self.product.id,
                "lot_name": "LATE-1",
            }
        )
        self.assertFalse(line.lot_id)
        lot = self.env["stock.lot"].create(
            {"name": "LATE-1", "product_id": self.product.id}
        )
        self.assertEqual(line.lot_id, lot)
        self.assertEqual(line.lot_name, "LATE-1")

    @users("complaint_handler")
    def test_demanded_quantity_or_marker(self):
        """R036, R037: a return without quantity needs the explicit marker."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        line = self.env["complaint.line"].create(
            {
                "ticket_id": ticket.id,
                "product_id": self.product.id,
                "demand": "return",
            }
        )
        with self.assertRaisesRegex(ValidationError, "undetermined"):
            ticket.action_complaint_accept()
        line.demand_undetermined = True
        ticket.action_complaint_accept()

    @users("complaint_handler")
    def test_negative_quantity_is_refused(self):
        """R031: quantities are never negative."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        with self.assertRaisesRegex(ValidationError, "negative"):
            self.env["complaint.line"].create(
                {"ticket_id": ticket.id, "defective_qty": -1}
            )

    def test_defect_rate_follows_quantities(self):
        """R032: defective / delivered, or typed when only the rate is known."""
        ticket = self._create_complaint()
        line = self.env["complaint.line"].create(
            {"ticket_id": ticket.id, "delivered_qty": 500, "defective_qty": 12}
        )
        self.assertAlmostEqual(line.defect_rate, 0.024)
        typed = self.env["complaint.line"].create(
            {"ticket_id": ticket.id, "defect_rate": 0.1}
        )
        self.assertAlmostEqual(typed.defect_rate, 0.1)

    @users("complaint_handler")
    def test_serial_number_demanded_for_repair(self):
        """R035: repair needs the serial number where the procedure says so."""
        self.procedure.sudo().serial_required = True
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        line = self.env["complaint.line"].create(
            {
                "ticket_id": ticket.id,
                "product_id": self.product.id,
                "demand": "repair",
            }
        )
        with self.assertRaisesRegex(ValidationError, "serial"):
            ticket.action_complaint_accept()
        line.serials = "SN-0001"
        ticket.action_complaint_accept()

    @users("complaint_handler")
    def test_exchange_by_customer_asks_for_serial(self):
        """R035: a to-do asks the customer for the serial number of the part."""
        self.procedure.sudo().serial_required = True
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        self.env["complaint.line"].create(
            {
                "ticket_id": ticket.id,
                "product_id": self.product.id,
                "demand": "exchange",
                "demand_qty": 2,
            }
        )
        ticket.action_complaint_accept()
        activity_type = self.env.ref(
            "helpdesk_mgmt_complaint.mail_activity_type_serial"
        )
        self.assertEqual(ticket.activity_ids.activity_type_id, activity_type)
        self.assertIn("6204", ticket.activity_ids.note)

    def test_reroute_keeps_stage_and_handler(self):
        """R182: another team neither resets the stage nor drops the handler."""
        ticket = self._create_complaint(user_id=self.user_handler.id)
        ticket.action_complaint_accept()
        ticket._complaint_move_to_phase("investigation")
        other = self.env["helpdesk.ticket.team"].create(
            {"name": "Plant 2", "complaint_team": True}
        )
        ticket.team_id = other
        ticket.flush_recordset()
        self.assertEqual(ticket.complaint_phase, "investigation")
        self.assertEqual(ticket.user_id, self.user_handler)

    def test_plain_tickets_keep_helpdesk_stages(self):
        """The helpdesk goes on unchanged beside complaints."""
        team = self.env["helpdesk.ticket.team"].create({"name": "Hotline"})
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "Printer", "description": "x", "team_id": team.id}
        )
        self.assertFalse(ticket.is_complaint)
        self.assertFalse(ticket.stage_id.complaint_phase)
        self.assertFalse(ticket.complaint_event_ids)

    def test_phase_of_a_stage_in_use_cannot_change(self):
        """Stored phases must not change under the feet of complaints."""
        self._create_complaint()
        with self.assertRaisesRegex(UserError, "in use"):
            self.env.ref(
                "helpdesk_mgmt_complaint.stage_draft"
            ).complaint_phase = "accepted"

    def test_complaint_refuses_a_stage_without_phase(self):
        """A kanban drag or import into a helpdesk stage is refused, with advice."""
        ticket = self._create_complaint()
        with self.assertRaisesRegex(ValidationError, "no complaint phase"):
            ticket.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_new")

    def test_classification_defaults(self):
        """R151, R153, R154, R159, R060: classes; unclear counts as valid."""
        self.category.complaint_cause_class = "quality"
        self.category.complaint_nature = "adverse_event"
        ticket = self._create_complaint(category_id=self.category.id)
        self.assertEqual(ticket.complaint_cause_class, "quality")
        self.assertEqual(ticket.complaint_nature, "adverse_event")
        self.assertEqual(ticket.complaint_validity, "valid")
        self.assertEqual(ticket.complaint_established, "undecided")

    def test_region_and_key_customer_flags(self):
        """R049, R050, R166: derived from addresses and class, overridable."""
        china, germany = self.env.ref("base.cn"), self.env.ref("base.de")
        self.company.partner_id.country_id = china
        self.customer.country_id = germany
        self.customer.complaint_class = "important"
        ticket = self._create_complaint(partner_id=self.customer.id)
        self.assertTrue(ticket.complaint_is_overseas)
        self.assertTrue(ticket.complaint_is_key_customer)
        ticket.complaint_is_overseas = False
        ticket.flush_recordset()
        self.assertFalse(ticket.complaint_is_overseas)
