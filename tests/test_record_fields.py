# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import Form, users

from .common import ComplaintCommon

_FORM = "helpdesk_mgmt_complaint.complaint_view_form"


class TestRecordFields(ComplaintCommon):
    """What a complaint can hold, entered by the people who know it."""

    def _form(self):
        return Form(
            self.env["helpdesk.ticket"].with_context(default_is_complaint=True),
            view=_FORM,
        )

    @users("complaint_handler")
    def test_complaint_is_registered_on_every_channel(self):
        """R002, R004, R006, R007, R008, R010, R011, R012, R013, R014, R016, R017,
        R018, R019: one channel each, and it is kept at acceptance."""
        for code in (
            "phone chat fax letter visit return sms social media suggestion_box "
            "authority our_visit statement_callback distributor"
        ).split():
            with self.subTest(channel=code):
                channel = self.env.ref(f"helpdesk_mgmt_complaint.channel_{code}")
                ticket = self.env["helpdesk.ticket"].create(
                    self._complaint_vals(channel_id=channel.id)
                )
                ticket.action_complaint_accept()
                self.assertEqual(ticket.channel_id.complaint_code, code)

    @users("complaint_handler")
    def test_anonymous_complaint_needs_no_contact(self):
        """R025: without contact only when it is said to be anonymous."""
        vals = self._complaint_vals(partner_id=False)
        ticket = self.env["helpdesk.ticket"].create(vals)
        reasons = ticket._complaint_get_blocking_reasons("accepted")[ticket.id]
        self.assertIn("Anonymous", "\n".join(reasons))
        ticket.complaint_anonymous = True
        ticket.action_complaint_accept()
        self.assertEqual(ticket.complaint_phase, "accepted")

    @users("complaint_handler")
    def test_service_complaint_needs_no_order(self):
        """R028, R029, R371: a contract number instead of an order, and by itself;
        complaints of one contract are found by it."""
        ticket = self.env["helpdesk.ticket"].create(
            self._complaint_vals(
                complaint_line_ids=[
                    Command.create({"service_reference": "SV-2026-118"})
                ]
            )
        )
        ticket.action_complaint_accept()
        plain = self.env["helpdesk.ticket"].create(self._complaint_vals())
        plain.action_complaint_accept()
        lines = self.env["complaint.line"].search(
            [("service_reference", "=", "SV-2026-118")]
        )
        self.assertEqual(lines.ticket_id, ticket)

    @users("complaint_quality")
    def test_line_holds_defect_and_production_data(self):
        """R033, R043: what is wrong, and who made it where and when."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        vals = {
            "product_id": self.product.id,
            "defect_id": self.defect.id,
            "symptom": "Cage cracked at the pocket",
            "detected_at": "line",
            "production_unit": "Workshop 2",
            "production_shift": "Line 3 / night",
            "production_date": fields.Date.from_string("2026-07-03"),
            "operators": "He Ming",
        }
        ticket.complaint_line_ids = [Command.create(vals)]
        line = ticket.complaint_line_ids
        self.assertRecordValues(
            line, [{**vals, "product_id": self.product.id, "defect_id": self.defect.id}]
        )
        self.assertEqual(line.defect_id.complete_name, "D-100 Cracked cage")

    @users("complaint_register")
    def test_registrar_keeps_what_is_not_understood_yet(self):
        """R038, R044, R051, R052, R066: on the registration form."""
        now = fields.Datetime.now().replace(microsecond=0)
        with self._form() as form:
            form.name = "Noise"
            form.partner_id = self.customer_contact
            form.channel_id = self.channel_phone
            form.complaint_content = "The motor hums."
            form.complaint_confirmed_reason = "Bearing noise at 400 rpm"
            form.complaint_site = "Line 2, fitter on duty"
            form.complaint_open_questions = "Which lot? Which grease?"
            form.complaint_customer_deadline = now + timedelta(days=5)
            form.complaint_appointment_at = now + timedelta(days=2)
        self.assertRecordValues(
            form.record,
            [
                {
                    "complaint_confirmed_reason": "Bearing noise at 400 rpm",
                    "complaint_content": "The motor hums.",
                    "complaint_site": "Line 2, fitter on duty",
                    "complaint_open_questions": "Which lot? Which grease?",
                    "complaint_customer_deadline": now + timedelta(days=5),
                    "complaint_appointment_at": now + timedelta(days=2),
                }
            ],
        )

    @users("complaint_handler")
    def test_sample_is_complete_or_replaced_by_photos(self):
        """R041, R042: photos when there is no sample; complete and unmixed."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        photo = self.env["ir.attachment"].create({"name": "cage.jpg", "raw": b"x"})
        ticket.complaint_sample_ids = [
            Command.create(
                {
                    "name": "Photos",
                    "photos_only": True,
                    "attachment_ids": [Command.link(photo.id)],
                }
            ),
            Command.create({"name": "Bearings", "is_complete_set": True}),
        ]
        first, second = ticket.complaint_sample_ids
        self.assertEqual(first.attachment_ids, photo)
        self.assertTrue(second.is_complete_set)

    @users("complaint_handler")
    def test_opinions_of_all_sides_stand_side_by_side(self):
        """R045, R055, R056, R057: each kind with author and date; none forced."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        kinds = ["handling_opinion", "negotiation", "synthesis", "rd_opinion"]
        for kind in kinds:
            opinion = self.env["complaint.opinion"].create(
                {"ticket_id": ticket.id, "kind": kind, "text": f"Text of {kind}"}
            )
            opinion.action_sign()
        opinions = ticket.complaint_opinion_ids
        self.assertEqual(opinions.mapped("kind"), kinds)
        self.assertEqual(opinions.signed_by_id, self.env.user)
        self.assertTrue(all(opinions.mapped("signed_at")))

    @users("complaint_handler")
    def test_told_completion_keeps_its_history(self):
        """R053, R456, R457, R469: who told what, when and how; estimates stay."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        now = fields.Datetime.now().replace(microsecond=0)
        for days, purpose in ((3, "progress"), (7, "progress"), (0, "decision")):
            self.env["complaint.communication"].create(
                {
                    "ticket_id": ticket.id,
                    "purpose": purpose,
                    "channel_id": self.channel_phone.id,
                    "content": f"Told: {days} days",
                    "persons": "Anna Meyer",
                    "at": now - timedelta(hours=8 - days),
                    "expected_at": now + timedelta(days=days),
                }
            )
        told = ticket.complaint_communication_ids
        self.assertEqual(len(set(told.mapped("expected_at"))), 3)
        self.assertEqual(told.user_id, self.env.user)
        codes = ticket.complaint_event_ids.mapped("code")
        self.assertEqual(codes.count("customer_progress_told"), 2)
        self.assertEqual(codes.count("customer_informed"), 1)
        self.assertEqual(codes.count("acknowledged"), 1)

    @users("complaint_quality")
    def test_complaint_is_classified_after_the_investigation(self):
        """R157, R158, R165, R171: established with grounds, liability, major,
        reason of return."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        self.assertEqual(ticket.complaint_established, "undecided")
        ticket.action_complaint_accept()
        with Form(ticket, view=_FORM) as form:
            form.complaint_established = "yes"
            form.complaint_established_grounds = "7 of 8 samples confirmed"
            form.complaint_liability_outcome = "supplier"
            form.complaint_return_reason = "quality"
            form.complaint_is_major = True
        self.assertRecordValues(
            ticket,
            [
                {
                    "complaint_established": "yes",
                    "complaint_established_grounds": "7 of 8 samples confirmed",
                    "complaint_liability_outcome": "supplier",
                    "complaint_return_reason": "quality",
                    "complaint_is_major": True,
                }
            ],
        )

    @users("complaint_manager")
    def test_categories_are_a_tree_with_codes_and_classes(self):
        """R156, R161: areas and classes are set up by the company."""
        categories = self.env["helpdesk.ticket.category"]
        parent = categories.create(
            {"name": "Building", "complaint_code": "B", "complaint_class": "2"}
        )
        child = categories.create(
            {"name": "Lift", "parent_id": parent.id, "complaint_code": "B01"}
        )
        self.assertEqual(child.complete_name, "Building / Lift")
        self.assertIn(child.id, [row[0] for row in categories.name_search("B01")])
        ticket = self.env["helpdesk.ticket"].create(
            self._complaint_vals(category_id=parent.id)
        )
        self.assertEqual(ticket.category_id.complaint_class, "2")
