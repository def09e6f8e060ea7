# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from lxml import etree
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import ComplaintCommon
from .common_prints import PrintCommon

_INTERNAL = "INTERNAL – not for customers"


class TestForms(PrintCommon):
    """The catalogue and the printed registration and handling forms."""

    # ------------------------------------------------------------------
    # Catalogue
    # ------------------------------------------------------------------

    def test_catalogue_has_the_forms_of_the_procedures(self):
        """R071 R072 R083 R084 R086 R088 R091 R133 R135 R137 R503 R504"""
        forms = self.env["complaint.form"].search([("company_id", "=", False)])
        found = {form.code: form for form in forms}
        registration = {"F01", "F14", "F16", "F18", "F65"}
        register = {"F02", "F13", "F21", "F63", "F67"}
        self.assertLessEqual(registration | register, set(found))
        for code in registration:
            self.assertEqual(found[code].template, "registration")
            self.assertTrue(found[code].signature_ids, code)
        for code in register:
            self.assertEqual(found[code].template, "register")
            self.assertTrue(found[code].column_ids, code)
        self.assertTrue(found["F01"].is_internal)
        self.assertEqual(
            found["F01"].copy_ids.mapped("label"),
            [
                "Copy 1: Quality",
                "Copy 2: Manufacturing",
                "Copy 3: Business",
                "Copy 4: Accounting",
                "Copy 5: General manager's office",
            ],
        )
        self.assertEqual(len(found["F14"].copy_ids), 3)

    def test_own_form_of_company_wins(self):
        """R067 R150: title and form number are editable per company."""
        own = self.form_f01.copy()
        self.assertEqual((own.code, own.company_id), ("F01", self.company))
        own.write({"name": "Reklamationsbogen", "form_number": "LD-GL-19"})
        self.assertEqual(own.copy_ids.mapped("label")[0], "Copy 1: Quality")
        self.assertEqual(len(own.signature_ids), len(self.form_f01.signature_ids))
        forms = self.env["complaint.form"]
        mine = forms._get_company_forms(self.company, "registration")
        self.assertIn(own, mine)
        self.assertNotIn(self.form_f01, mine)
        others = forms._get_company_forms(self.company_b, "registration")
        self.assertIn(self.form_f01, others)
        self.assertNotIn(own, others)
        self.assertEqual(self.form_f01._get_for_company(self.company), own)

    def test_second_copy_gets_another_code(self):
        self.form_f01.copy()
        self.assertEqual(self.form_f01.copy().code, "F01 (copy)")
        self.assertEqual(self.form_f01.copy({"company_id": False}).code, "F01 (copy)")

    def test_copy_for_company_opens_the_own_form_again(self):
        action = self.form_f01.action_copy_for_company()
        again = self.form_f01.action_copy_for_company()
        self.assertEqual(action["res_id"], again["res_id"])
        self.assertNotEqual(action["res_id"], self.form_f01.id)

    def test_same_code_in_same_company_refused(self):
        self.form_f01.copy()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.form_f01.copy({"code": "F01", "company_id": self.company.id})
            self.env.flush_all()

    def test_negative_retention_refused(self):
        """R506"""
        with self.assertRaises(ValidationError):
            self.form_f01.retention_years = -1

    def test_every_register_column_can_be_written(self):
        document = self.env["complaint.register.document"]
        keys = dict(self.env["complaint.form.column"]._fields["column"].selection)
        for key in keys:
            self.assertTrue(callable(getattr(document, f"_get_{key}", None)), key)

    def test_users_read_and_only_managers_write(self):
        form = self.form_f01.with_user(self.user_register)
        self.assertTrue(form.name)
        for user in (self.user_register, self.user_handler, self.user_supervisor):
            with self.assertRaises(AccessError):
                self.form_f01.with_user(user).form_number = "X"
            with self.assertRaises(AccessError):
                self.form_f01.copy_ids[0].with_user(user).label = "X"
        self.form_f01.with_user(self.user_manager).form_number = "X"

    def test_form_of_other_company_hidden(self):
        other = self.form_f01.copy({"company_id": self.company_b.id})
        with self.assertRaises(AccessError):
            other.with_user(self.user_manager).read(["name"])
        for child in (other.copy_ids[0], other.signature_ids[0]):
            with self.assertRaises(AccessError):
                child.with_user(self.user_manager).read(["label"])
        self.assertTrue(other.with_user(self.user_handler_b).name)

    # ------------------------------------------------------------------
    # Print
    # ------------------------------------------------------------------

    def test_handling_form_one_page_set_per_copy(self):
        """R068 R071 R503: five copies, each with its label."""
        ticket = self._create_full_complaint()
        pdf = self._print_form(ticket)
        labels = self.form_f01.copy_ids.mapped("label")
        self.assertEqual(len(pdf.pages) % len(labels), 0)
        size = len(pdf.pages) // len(labels)
        for number, label in enumerate(labels):
            pages = pdf.pages[number * size : (number + 1) * size]
            for at, page in enumerate(pages, start=1):
                self.assertPrinted(
                    page,
                    label,
                    ticket.complaint_number,
                    _INTERNAL,
                    f"Page {at} / {size}",
                )

    def test_handling_form_prints_the_record(self):
        """R030 R031 R034 R035 R067 R071 R150: what was registered is on paper."""
        ticket = self._create_full_complaint()
        self.assertPrinted(
            self._print_form(ticket),
            "Customer complaint handling form",
            "附表2",
            ticket.complaint_number,
            "Meyer Anlagenbau GmbH",
            "Anna Meyer",
            "QM-2231",
            self.order.name,
            "PO-88213",
            "Deep groove ball bearing 6204",
            "BRG-6204",
            "L260703-A",
            "500",
            "2.4%",
            "Cracked cage",
            "noise from 800 rpm",
            "Exchange",
            "Please replace before the end of the month.",
            "12 of 500 bearings have cracked cages.",
            "Workshop 3",
            "Li Wei",
            "Two broken cages",
            "QA shelf 4",
            self.company.name,
        )

    def test_before_numbering_provisional_reference(self):
        """R148"""
        ticket = self._create_complaint()
        self.assertFalse(ticket.complaint_number)
        pdf = self._print_form(ticket, self.form_f18)
        self.assertPrinted(pdf, "Provisional No.", ticket.number)

    def test_signature_blocks_filled_from_signed_opinions(self):
        """R070: only what was signed; the last version; blank where nobody signed."""
        ticket = self._create_full_complaint()
        first = self._sign(ticket, "cause", "Rivet force too low")
        version = self.env["complaint.opinion"].browse(
            first.action_new_version()["res_id"]
        )
        version.text = "Rivet force too low since tool change"
        version.with_user(self.user_quality).action_sign()
        self.env["complaint.opinion"].create(
            {"ticket_id": ticket.id, "kind": "comment", "text": "Draft, not signed"}
        )
        form = self.env.ref("helpdesk_mgmt_complaint.complaint_form_f14")
        pdf = self._print_form(ticket, form)
        self.assertPrinted(
            pdf,
            "Rivet force too low since tool change",
            self.user_quality.name,
            "Sales manager: review",
        )
        self.assertNotPrinted(pdf, "Draft, not signed")
        self.assertEqual(self._text(pdf).count("Rivetforcetoolow"), len(form.copy_ids))

    def test_undetermined_demand_marked(self):
        """R037: the marker stands in the demand box."""
        ticket = self._create_full_complaint()
        ticket.complaint_line_ids.write({"demand_qty": 0, "demand_undetermined": True})
        pdf = self._print_form(ticket, self.form_f18)
        self.assertPrinted(pdf, "Customer still processing - undetermined")

    def test_customer_facing_form_is_not_marked(self):
        """R069"""
        ticket = self._create_full_complaint(complaint_severity="critical")
        pdf = self._print_form(ticket, self.form_f18)
        self.assertPrinted(pdf, "Customer feedback form")
        # our assessment and persons are not for the customer
        self.assertNotPrinted(pdf, "INTERNAL", "Critical", "Handler")

    def test_long_text_runs_over_pages(self):
        """R067: long texts of any script wrap, nothing is lost."""
        german = "Donaudampfschifffahrtsgesellschaftskapitänswitwe " * 200
        chinese = (
            "轴承保持架断裂，客户生产线停线，要求立即更换并提交原因分析报告。" * 120
        )
        unbroken = "X" * 400
        ticket = self._create_full_complaint(
            complaint_content=f"{german}\n{chinese}\n{unbroken}\nEND-OF-CONTENT"
        )
        ticket.complaint_line_ids.symptom = f"{german}END-OF-SYMPTOM"
        self._sign(ticket, "cause", f"{chinese}END-OF-CAUSE")
        pdf = self._print_form(
            ticket, self.form_f01, copy_ids=[(6, 0, self.form_f01.copy_ids[0].ids)]
        )
        self.assertGreater(len(pdf.pages), 3)
        self.assertPrinted(pdf, "END-OF-CONTENT", "END-OF-CAUSE", "END-OF-SYMPTOM")
        self.assertPrinted(pdf, unbroken)
        self.assertGreaterEqual(self._text(pdf).count("轴承保持架断裂"), 230)

    def test_forty_photos(self):
        """R067: 40 photos of mail, samples and visits in a grid, each once."""
        ticket = self._create_full_complaint()
        sample = ticket.complaint_sample_ids
        for number in range(39):
            raw = self._photo((number * 6, 80, 160), (900, 700 + number))
            self._attach(ticket, f"photo-{number:02d}.jpg", raw)
        sample.attachment_ids = self._attach(
            sample, "sample.png", self._photo("red", kind="PNG")
        )
        self._attach(ticket, "again.jpg", self._photo((0, 80, 160), (900, 700)))
        self._attach(ticket, "logo.png", self._photo("blue", (40, 20), "PNG"))
        self._attach(ticket, "broken.jpg", b"\xff\xd8\xff\xe0 not a picture")
        pdf = self._print_form(ticket, self.form_f18)
        names = [f"photo-{number:02d}.jpg" for number in range(39)]
        self.assertPrinted(pdf, *names, "sample.png")
        self.assertPrinted(pdf, "Files that cannot be printed: broken.jpg")
        self.assertNotPrinted(pdf, "again.jpg", "logo.png")
        images = sum(len(page.images) for page in pdf.pages)
        self.assertGreaterEqual(images, 40)

    def test_photos_switched_off(self):
        self.form_f18.show_photos = False
        ticket = self._create_full_complaint()
        self._attach(ticket, "photo.jpg", self._photo("green"))
        self.assertNotPrinted(self._print_form(ticket, self.form_f18), "photo.jpg")

    def test_no_logo_no_customer_no_goods(self):
        """An oral complaint of an unknown caller prints as an empty form."""
        self.company.logo = False
        ticket = self._create_complaint(
            partner_id=False,
            complaint_complainant_name="Herr Schmidt",
            complaint_complainant_phone="+49 30 5550199",
            channel_id=self.channel_phone.id,
        )
        form = self.env.ref("helpdesk_mgmt_complaint.complaint_form_f65")
        pdf = self._print_form(ticket, form)
        self.assertPrinted(
            pdf, "Herr Schmidt", "+49 30 5550199", "oral", "xx-QR-KF-026"
        )
        self.assertPrinted(self._print_form(ticket, self.form_f01), "Herr Schmidt")

    def test_text_of_customer_is_not_markup(self):
        ticket = self._create_complaint(
            name="<b>Bold</b>", complaint_content="a < b <script>alert(1)</script>"
        )
        pdf = self._print_form(ticket, self.form_f18)
        self.assertPrinted(pdf, "<b>Bold</b>", "<script>alert(1)</script>")

    def test_mail_body_printed_when_nothing_was_typed(self):
        ticket = self._create_complaint(
            complaint_content=False, description="<p>From <b>the</b> mail</p>"
        )
        ticket.complaint_content = False
        pdf = self._print_form(ticket, self.form_f18)
        self.assertPrinted(pdf, "From *the* mail")
        self.assertNotPrinted(pdf, "<p>")

    def test_many_complaints_in_one_file_in_order(self):
        tickets = self.env["helpdesk.ticket"]
        for number in range(3):
            tickets |= self._create_complaint(name=f"Case {number}")
        self.form_f18.sequence = 1
        pdf = self._print("report_complaint_form", tickets)
        self.assertEqual(len(pdf.pages), 3)
        for number, page in enumerate(pdf.pages):
            self.assertPrinted(page, f"Case {number}")

    def test_landscape_is_data(self):
        self.form_f18.landscape = True
        pdf = self._print_form(self._create_complaint(), self.form_f18)
        box = pdf.pages[0].mediabox
        self.assertGreater(box.width, box.height)

    # ------------------------------------------------------------------
    # Language
    # ------------------------------------------------------------------

    def test_internal_form_in_language_of_reader(self):
        """R067: the Chinese title; texts of the customer stay as they are."""
        self.form_f01.with_context(lang="zh_CN").name = "客户抱怨处理表"
        self.form_f01.copy_ids[0].with_context(lang="zh_CN").label = "第一联 质量管理部"
        self.customer_contact.lang = "en_US"
        ticket = self._create_full_complaint(name="轴承保持架断裂")
        self.user_handler.lang = "zh_CN"
        pdf = self._print_form(ticket)
        self.assertPrinted(pdf, "客户抱怨处理表", "第一联 质量管理部", "轴承保持架断裂")
        self.assertNotPrinted(pdf, "Customer complaint handling form")

    def test_customer_facing_form_in_language_of_customer(self):
        self.form_f18.with_context(lang="zh_CN").name = "顾客信息反馈表"
        ticket = self._create_complaint(partner_id=self.other_customer.id)
        self.other_customer.lang = "zh_CN"
        pdf = self._print_form(ticket, self.form_f18)
        self.assertPrinted(pdf, "顾客信息反馈表", "华东轴承贸易有限公司")

    def test_language_can_be_chosen(self):
        self.form_f18.with_context(lang="zh_CN").name = "顾客信息反馈表"
        ticket = self._create_complaint()
        pdf = self._print_form(ticket, self.form_f18, lang="zh_CN")
        self.assertPrinted(pdf, "顾客信息反馈表")

    def test_labels_follow_the_language(self):
        """R067: labels of template and content, wherever they are translated."""
        template = self.env.ref("helpdesk_mgmt_complaint.complaint_form_goods")
        arch = template.with_context(lang="zh_CN").arch_db
        bar = etree.fromstring(arch).find(".//th[@class='o_complaint_bar']").text
        label = self.env(context={"lang": "zh_CN"})._("Responsible Department")
        ticket = self._create_full_complaint()
        pdf = self._print_form(ticket, self.form_f01, lang="zh_CN")
        self.assertPrinted(pdf, bar, label)

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------

    def test_plain_employee_prints_what_he_registered(self):
        """Goods are printed though he has no rights on orders and stock."""
        ticket = self._create_full_complaint()
        ticket.complaint_received_by_id = self.user_register
        pdf = self._print_form(ticket, user=self.user_register)
        self.assertPrinted(pdf, self.order.name, "L260703-A")

    def test_complaint_of_others_refused(self):
        """R520"""
        ticket = self._create_complaint()
        reports = self.env["ir.actions.report"].with_user(self.user_register)
        with self.assertRaises(AccessError):
            reports._render_qweb_html(
                "helpdesk_mgmt_complaint.report_complaint_form", ticket.ids
            )

    def test_choice_of_others_refused(self):
        choice = self.env["complaint.form.print"].create(
            {"ticket_ids": [Command.set(self._create_complaint().ids)]}
        )
        reports = self.env["ir.actions.report"].with_user(self.user_handler)
        with self.assertRaises(AccessError):
            reports._render_qweb_html(
                "helpdesk_mgmt_complaint.report_complaint_form_choice", choice.ids
            )

    def test_printing_stores_no_file(self):
        """R518: nothing that could slip into a mail stays behind."""
        ticket = self._create_full_complaint()
        attachments = self.env["ir.attachment"]
        domain = [("mimetype", "=", "application/pdf")]
        before = attachments.search_count(domain)
        self._print_form(ticket)
        self.assertEqual(attachments.search_count(domain), before)

    def test_mail_template_cannot_attach_forms(self):
        """R069 R518"""
        template = self.env["mail.template"].create(
            {
                "name": "Reply",
                "model_id": self.env["ir.model"]._get_id("helpdesk.ticket"),
            }
        )
        for name in ("form", "register", "register_xlsx"):
            report = self.env.ref(
                f"helpdesk_mgmt_complaint.action_report_complaint_{name}"
            )
            with self.assertRaisesRegex(ValidationError, "may be internal"):
                template.report_template_ids = report

    def test_ordinary_ticket_is_not_printed(self):
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "Plain", "description": "x", "team_id": False}
        )
        pages = self.env["complaint.form.document"]._get_pages(ticket)
        self.assertEqual(pages, [])

    def test_company_without_form_explained(self):
        self.env["complaint.form"].search([]).active = False
        with self.assertRaisesRegex(UserError, "has no registration form"):
            self.env["complaint.form.document"]._get_pages(self._create_complaint())


class TestFormDialog(ComplaintCommon):
    """The print dialog."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls._create_complaint()
        cls.form_f18 = cls.env.ref("helpdesk_mgmt_complaint.complaint_form_f18")

    def _open(self, user=None):
        ticket = self.ticket.with_user(user or self.user_handler)
        action = ticket.action_complaint_print_form()
        return (
            self.env[action["res_model"]]
            .with_user(user or self.user_handler)
            .with_context(**action["context"])
            .create({})
        )

    def test_defaults_are_first_form_and_all_copies(self):
        choice = self._open()
        self.assertEqual(choice.form_id.code, "F01")
        self.assertEqual(len(choice.copy_ids), 5)
        self.assertFalse(choice.lang)
        action = choice.action_print()
        self.assertEqual(action["context"]["active_ids"], choice.ids)

    def test_other_form_brings_its_copies(self):
        choice = self._open()
        choice.form_id = self.env.ref("helpdesk_mgmt_complaint.complaint_form_f14")
        self.assertEqual(len(choice.copy_ids), 3)

    def test_chosen_copies_only(self):
        """R068"""
        choice = self._open()
        choice.copy_ids = choice.copy_ids[1:3]
        pages = self.env["complaint.form.document"]._get_pages(
            self.ticket, choice.form_id, choice.copy_ids
        )
        self.assertEqual(
            [page["copy_label"] for page in pages],
            ["Copy 2: Manufacturing", "Copy 3: Business"],
        )

    def test_internal_form_cannot_be_sent(self):
        """R069 R518: not by button and not by RPC."""
        choice = self._open()
        self.assertTrue(choice.is_internal)
        with self.assertRaisesRegex(UserError, "internal form"):
            choice.action_send()

    def test_internal_copy_of_company_cannot_be_sent(self):
        """R518: the company's own record decides, also when the shared was chosen."""
        choice = self._open()
        choice.form_id = self.form_f18
        self.form_f18.copy({"is_internal": True})
        with self.assertRaisesRegex(UserError, "internal form"):
            choice.action_send()

    def test_customer_facing_form_opens_composer(self):
        """R069"""
        choice = self._open()
        choice.form_id = self.form_f18
        context = choice.action_send()["context"]
        self.assertEqual(context["default_res_ids"], self.ticket.ids)
        self.assertEqual(context["default_partner_ids"], self.customer_contact.ids)
        attachment = self.env["ir.attachment"].browse(context["default_attachment_ids"])
        self.assertIn("Customer feedback form", attachment.name)

    def test_sending_needs_one_complaint_with_address(self):
        choice = self._open()
        choice.form_id = self.form_f18
        self.customer_contact.email = False
        with self.assertRaisesRegex(UserError, "no e-mail address"):
            choice.action_send()
        choice.ticket_ids |= self._create_complaint()
        with self.assertRaisesRegex(UserError, "one complaint"):
            choice.action_send()

    def test_employee_may_print_but_portal_user_may_not_open(self):
        self.ticket.complaint_received_by_id = self.user_register
        self.assertTrue(self._open(self.user_register).action_print())
        with self.assertRaises(AccessError):
            self._open(self.portal_user)


@tagged("post_install", "-at_install")
class TestFormPortal(HttpCase, ComplaintCommon):
    """R518: no way for a customer to our forms, also not by address."""

    def test_report_addresses_refuse_customers(self):
        """R518"""
        ticket = self._create_complaint()
        self.assertTrue(ticket.with_user(self.portal_user).read(["name"]))
        choice = self.env["complaint.form.print"].create(
            {"ticket_ids": [Command.set(ticket.ids)]}
        )
        register = self.env["complaint.register.print"].create({})
        addon = "helpdesk_mgmt_complaint"
        addresses = [
            f"/report/pdf/{addon}.report_complaint_form/{ticket.id}",
            f"/report/html/{addon}.report_complaint_form/{ticket.id}",
            f"/report/text/{addon}.report_complaint_form/{ticket.id}",
            f"/report/html/{addon}.action_report_complaint_form/{ticket.id}",
            f"/report/pdf/{addon}.report_complaint_form_choice/{choice.id}",
            f"/report/html/{addon}.report_complaint_form_choice/{choice.id}",
            f"/report/pdf/{addon}.report_complaint_register/{ticket.id}",
            f"/report/html/{addon}.report_complaint_register/{ticket.id}",
            f"/report/html/{addon}.report_complaint_register_choice/{register.id}",
            f"/report/xlsx/{addon}.complaint_register_xlsx/{ticket.id}",
            f"/report/xlsx/{addon}.complaint_register_choice_xlsx/{register.id}",
        ]
        self.authenticate("portal_meyer", "portal_meyer")
        for address in addresses:
            with mute_logger("odoo.http"):
                response = self.url_open(address)
            self.assertIn(response.status_code, (403, 404), address)
            self.assertNotIn("Cracked cages", response.text, address)

    def test_employee_gets_the_form(self):
        ticket = self._create_complaint()
        self.authenticate("complaint_handler", "complaint_handler")
        report = "helpdesk_mgmt_complaint.report_complaint_form"
        response = self.url_open(f"/report/html/{report}/{ticket.id}")
        self.assertEqual(response.status_code, 200)
        self.assertIn("Cracked cages", response.text)
        self.assertIn(_INTERNAL, response.text)

    def test_portal_page_offers_no_form(self):
        """R518: the customer's page of his complaint links to no form."""
        ticket = self._create_complaint()
        self.authenticate("portal_meyer", "portal_meyer")
        response = self.url_open(f"/my/ticket/{ticket.id}")
        self.assertEqual(response.status_code, 200)
        self.assertNotIn("report_complaint", response.text)
        printed = self.url_open(f"/my/ticket/{ticket.id}?report_type=pdf&download=true")
        self.assertNotEqual(printed.headers.get("Content-Type"), "application/pdf")
