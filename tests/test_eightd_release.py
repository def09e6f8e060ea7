# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import hashlib
import json

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common_eightd_answer import AnswerCommon

_SYSTEM_FIELDS = {"parent_path", "access_token", "sha256"}


@tagged("post_install", "-at_install")
class TestEightdRelease(AnswerCommon):
    """What a customer gets is frozen and holds nothing but what is for him."""

    def test_release_is_frozen_and_numbered(self):
        """R420: HTML, file, checksum of exactly these bytes, who, when."""
        first, second = self._release(), self._release(answer_type="3d")
        self.assertEqual((first.revision, second.revision), (1, 2))
        raw = first.sudo().attachment_id.raw
        self.assertEqual(hashlib.sha256(raw).hexdigest(), first.sha256)
        self.assertTrue(first._check_unchanged())
        self.assertEqual(first.released_by_id, self.user_handler)
        self.assertIn("Rivet press set too low", first.html)
        self.eightd.cause_ids.name = "Something else"
        self.assertIn("Rivet press set too low", first.html)
        self.assertEqual(self.link.verdict, "sent")
        # every link counts by itself
        other = self._release(self.link_b.with_user(self.user_quality))
        self.assertEqual(other.revision, 1)

    def test_release_cannot_be_changed_by_anybody(self):
        """R420: create, write, unlink, copy, import; the file, too; not by sudo."""
        release = self._release()
        file = release.sudo().attachment_id
        releases = self.env["complaint.eightd.release"]
        vals = {"link_id": self.link.id, "revision": 9, "answer_type": "8d"}
        for env in (release.env, self.env(user=self.user_quality), self.env, None):
            rows = release.with_env(env) if env else release.sudo()
            forged = rows.with_context(complaint_answering="ANSWERING")
            for call in (
                lambda rows=rows: rows.write({"verdict": "accepted"}),
                lambda rows=rows: rows.write({"html": "<p>Nothing wrong</p>"}),
                lambda rows=forged: rows.write({"sha256": "0"}),
                lambda rows=rows: rows.unlink(),
                lambda rows=rows: rows.copy(),
                lambda rows=rows: rows.create(vals),
                lambda rows=rows: file.with_env(rows.env).write({"raw": b"other"}),
                lambda rows=rows: file.with_env(rows.env).write({"res_id": 0}),
                lambda rows=rows: file.with_env(rows.env).unlink(),
            ):
                with self.assertRaises(UserError):
                    call()
        messages = releases.load(
            ["link_id/.id", "revision", "answer_type"], [[str(self.link.id), "9", "8D"]]
        )["messages"]
        self.assertTrue(messages)
        self.assertTrue(release._check_unchanged())

    def test_template_gets_plain_values_only(self):
        """R420: no record is within reach of the template."""
        values = self.mine._get_release_values("8d")
        self.assertEqual(values, json.loads(json.dumps(values)))

    def test_partial_release_holds_its_disciplines_only(self):
        """R420: a 3D has D1 to D3, an initial response neither."""
        # sudo: closing is not what is tested
        self.eightd.sudo().closed_at = "2026-07-30 10:00:00"
        later = ("Rivet press", "Force of the press", "1000 checked", "CP-12")
        html = self._release(answer_type="3d").html
        self.assertIn("Stock sorted", html)
        for text in later:
            self.assertNotIn(text, html)
        html = self._release(answer_type="5d").html
        self.assertIn("Rivet press", html)
        self.assertNotIn("CP-12", html)
        html = self._release(answer_type="initial").html
        self.assertIn("Delivery stopped", html)
        self.assertNotIn("Stock sorted", html)
        html = self._release(answer_type="8d").html
        for text in later:
            self.assertIn(text, html)

    def test_unfinished_answer_says_so(self):
        """R420: a release before its disciplines are done is preliminary."""
        self._finish(self.eightd, "d1", "d3")
        release = self._release(answer_type="3d")
        self.assertTrue(release.is_preliminary)
        self.assertIn("PRELIMINARY", release.html)
        self.assertIn("D2", release.html)
        self._finish(self.eightd, "d2")
        release = self._release(answer_type="3d")
        self.assertFalse(release.is_preliminary)
        self.assertNotIn("PRELIMINARY", release.html)

    def test_wording_for_this_customer_wins(self):
        """R420: per customer and discipline; the other one reads the 8D's words."""
        self.mine.write(
            {
                "problem_text": "保持架在铆钉处断裂",
                "containment_text": "Your stock was sorted",
                "cause_text": "Wrong force",
                "action_text": "Force watched",
                "effect_text": "None bad since",
                "prevention_text": "Control plan changed",
                "closing_text": "Thank you",
            }
        )
        html = self._release().html
        for text in ("保持架在铆钉处断裂", "Your stock was sorted", "Wrong force"):
            self.assertIn(text, html)
        for text in ("Force watched", "None bad since", "Control plan changed"):
            self.assertIn(text, html)
        for text in ("Stock sorted", "Rivet press", "CP-12"):
            self.assertNotIn(text, html)
        other = self._release(self.link_b.with_user(self.user_quality)).html
        self.assertIn("Rivet press", other)
        self.assertNotIn("保持架在铆钉处断裂", other)

    def test_goods_of_another_customer_are_no_containment_of_this_one(self):
        """R420: what lies at others is not told."""
        rows = self.eightd.containment_ids
        rows.create(
            {
                "eightd_id": self.eightd.id,
                "place": "customer",
                "action": "Sorted at the other customer",
            }
        )
        self.assertNotIn("Sorted at the other", self._release().html)
        # nobody else is answered: then it is his
        self.link_b.with_user(self.user_quality).unlink()
        self.assertIn("Sorted at the other", self._release().html)

    def test_names_of_others_need_a_reason(self):
        """R420: typed texts are searched for other customers and accused persons."""
        accused = self.env["hr.employee"].create({"name": "王小明"})
        self.complaint_b.sudo().complaint_accused_employee_ids = accused
        for text in (
            "Same as 华东轴承贸易有限公司",
            "see HD-777-OTHER",
            "王小明 forgot",
        ):
            self.eightd.problem = text
            with self.subTest(text=text), self.assertRaisesRegex(UserError, "others"):
                self._release()
        release = self._release(leak_reason="The customer knows him")
        self.assertEqual(release.leak_reason, "The customer knows him")
        self.eightd.problem = "Meyer Anlagenbau GmbH says so"
        self.assertFalse(self._release(leak_reason="-").leak_reason)

    def test_only_who_handles_the_complaint_releases(self):
        """R420, R520: no team member, portal user or other company."""
        for user in (self.user_member, self.portal_user, self.user_handler_b):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._release(self.link.with_user(user))
        # who registered it may write it but answers nobody
        draft = self.env["helpdesk.ticket"].with_user(self.user_register)
        draft = draft.create(self._complaint_vals())
        link = self.link_b.create({"eightd_id": self.eightd.id, "ticket_id": draft.id})
        with self.assertRaises(UserError):
            self._release(link.with_user(self.user_register))

    def test_dialog_shows_and_releases(self):
        """R460: preview, what is not finished, recipients; then the mail goes out."""
        action = self.mine.action_release()
        wizards = self.env[action["res_model"]].with_user(self.user_handler)
        with Form(wizards.with_context(**action["context"])) as form:
            self.assertIn("Rivet press set too low", form.preview)
            self.assertIn("D1", form.open_note)
            self.assertFalse(form.leak_note)
            self.assertEqual(form.partner_ids[:], self.customer_contact)
            form.answer_type = "3d"
            self.assertNotIn("Rivet press set too low", form.preview)
        wizard = form.record
        release = self.env["complaint.eightd.release"].browse(
            wizard.action_release()["res_id"]
        )
        self.assertEqual(release.answer_type, "3d")
        self.assertEqual(release.sudo().mail_partner_ids, self.customer_contact)

    def test_mail_holds_link_and_file_and_stands_on_the_complaint(self):
        """R460: on the complaint's record, with the released file and nothing else."""
        release = self._release()
        message = release._send_mail(self.customer_contact)
        self.assertEqual(message.res_id, self.complaint.id)
        self.assertEqual(message.partner_ids, self.customer_contact)
        self.assertIn(release._get_page_url().replace("&", "&amp;"), message.body)
        self.assertEqual(len(message.attachment_ids), 1)
        self.assertEqual(message.attachment_ids.raw, release.sudo().attachment_id.raw)
        mail = self.env["mail.mail"].search([("mail_message_id", "=", message.id)])
        self.assertEqual(mail.state, "outgoing")
        release.action_send_again()

    def test_mail_goes_to_this_customer_only(self):
        """R460, R520: not to another customer, not without address."""
        release = self._release()
        with self.assertRaisesRegex(UserError, "not of this customer"):
            release._send_mail(self.other_customer)
        with self.assertRaisesRegex(UserError, "no e-mail"):
            release._send_mail(self.customer)
        with self.assertRaisesRegex(UserError, "no e-mail"):
            release._send_mail(self.env["res.partner"])

    def test_diagrams_only_when_asked(self):
        """R420: as pictures, in which no script can run."""
        svg = '<svg xmlns="http://www.w3.org/2000/svg"><text>Why</text></svg>'
        self._draw("_get_five_why_svg", svg)
        self.assertNotIn("image/svg", self._release().html)
        html = self._release(with_diagrams=True).html
        self.assertIn("data:image/svg+xml;base64,", html)
        self.assertNotIn("<svg", html)
        html = self._release(answer_type="3d", with_diagrams=True).html
        self.assertNotIn("image/svg", html)

    def test_typed_markup_is_text(self):
        """R420: nothing that is typed becomes markup."""
        self.eightd.problem = "<script>alert(1)</script> <b>bold</b>"
        html = self._release().html
        self.assertNotIn("<script>", html)
        self.assertIn("&lt;script&gt;", html)


@tagged("post_install", "-at_install")
class TestEightdReleaseLeaks(AnswerCommon):
    """Every text of every record around an 8D is poisoned; only the list gets out."""

    # what a customer may read; all of his complaint, of his link, of D1 to D8
    allowed = {
        "complaint.eightd": {
            "number",
            "emergency_action",
            "problem",
            "first_clean_lot",
            "validation_result",
        },
        "complaint.eightd.cause": {"name"},
        "complaint.eightd.containment": {"action"},
        "complaint.eightd.document": {"name", "old_revision", "new_revision"},
        "complaint.eightd.member": {"name", "function"},
        "mgmtsystem.action": {"name"},
        "complaint.eightd.link": {
            "customer_wording",
            "customer_reference",
            "problem_text",
            "containment_text",
            "cause_text",
            "action_text",
            "effect_text",
            "prevention_text",
            "closing_text",
        },
        "helpdesk.ticket": {"complaint_number", "number"},
        "product.product": {"name", "default_code"},
        "stock.lot": {"name"},
        "complaint.defect": {"name"},
        "res.company": {"name"},
        "res.partner": {"name"},
        "res.users": {"name"},
        "hr.department": {"name"},
        "sale.order": {"client_order_ref"},
    }

    def _poison(self, record, tag):
        """Write a marker into every text of a record; return those not allowed."""
        allowed = self.allowed.get(record._name, set()) if tag == "own" else set()
        bad = []
        for name, field in record._fields.items():
            if field.type not in ("char", "text", "html") or not field.store:
                continue
            if name in _SYSTEM_FIELDS or field.translate and callable(field.translate):
                continue
            column = record._table, field.name
            if field.company_dependent or not field.column_type:
                continue
            marker = f"zq{tag}{len(self.markers)}qz"
            if self._mark(record, name, marker):
                self.markers[marker] = (*column, record.id)
                if name not in allowed:
                    bad.append(marker)
        return bad

    def _mark(self, record, name, marker):
        """Store a marker past all guards; return whether it was possible."""
        value = (
            json.dumps({"en_US": marker}) if record._fields[name].translate else marker
        )
        record.flush_recordset()
        try:
            with self.cr.savepoint(flush=False):
                # the guards of write() are not what is tested here
                self.cr.execute(
                    f'UPDATE "{record._table}" SET "{name}" = %s WHERE id = %s',
                    [value, record.id],
                )
        except Exception:  # pylint: disable=broad-except
            return False
        record.invalidate_recordset()
        return True

    def _create_surroundings(self):
        """Return own records and those of the other customer."""
        eightd = self.eightd.with_env(self.env)
        rows = {"eightd_id": eightd.id}
        department = self.env["hr.department"].create({"name": "Press shop"})
        eightd.action_ids.complaint_department_id = department
        eightd.lot_ids = self.lot
        hidden = [
            eightd.cause_ids.create(
                {**rows, "name": "Rejected", "state": "rejected", "evidence": "-"}
            ),
            eightd.isnot_ids.create({**rows, "is_text": "here"}),
            eightd.transfer_ids.create({**rows, "name": "Other product"}),
            eightd.document_ids.create(
                {**rows, "kind": "pfmea", "name": "Unchanged", "no_change_reason": "-"}
            ),
            eightd.containment_ids.create({**rows, "place": "customer"}),
            self.env["mgmtsystem.action"].create(
                {
                    "name": "Not chosen",
                    "type_action": "correction",
                    "complaint_eightd_id": eightd.id,
                    "complaint_discipline": "d5",
                    "complaint_choice": "rejected",
                }
            ),
            self.env["mgmtsystem.action"].create(
                {
                    "name": "Own containment",
                    "type_action": "immediate",
                    "complaint_eightd_id": eightd.id,
                    "complaint_discipline": "d3",
                }
            ),
        ]
        line = {"product_id": self.product.id, "lot_id": self.lot.id}
        line["sale_order_id"] = self.order.id
        self.complaint.complaint_line_ids = [Command.create(line)]
        self.complaint_b.complaint_line_ids = [Command.create({"lot_name": "X-1"})]
        own = [
            eightd,
            self.link,
            self.complaint,
            self.complaint.complaint_line_ids,
            eightd.containment_ids.filtered(lambda r: r.place == "stock"),
            eightd.cause_ids.filtered("is_root"),
            eightd.document_ids.filtered("new_revision"),
            eightd.member_ids,
            eightd.action_ids.filtered(
                lambda r: r.complaint_discipline == "d5"
                and r.complaint_choice == "selected"
            ),
            self.product,
            self.lot,
            self.defect,
            self.order,
            department,
        ]
        other = [
            self.link_b,
            self.complaint_b,
            self.complaint_b.complaint_line_ids,
            self.other_customer,
            *hidden,
        ]
        return own, other

    def _poison_all(self):
        self.markers = {}
        own, other = self._create_surroundings()
        bad = []
        for tag, records in (("own", own), ("other", other)):
            for recordset in records:
                for record in recordset:
                    bad += self._poison(record, tag)
        return bad

    def test_no_text_outside_the_list_reaches_the_customer(self):
        """R420, R518, R520: HTML, values, file, its metadata, mail, page, portal."""
        bad = self._poison_all()
        self.assertGreater(len(bad), 150)
        self._finish(self.eightd, *[f"d{number}" for number in range(9)])
        self.env.invalidate_all()
        self.assertFalse(self.mine._get_release_leaks(self.mine._get_release_values()))
        for answer_type in ("initial", "short", "3d", "5d", "8d"):
            release = self._release(answer_type=answer_type)
            file = release.sudo().attachment_id
            message = release._send_mail(self.customer_contact)
            texts = {
                "html": release.html,
                "values": json.dumps(release.content, ensure_ascii=False),
                "file": file.raw.decode("utf-8", "replace"),
                "name": f"{file.name} {file.description} {file.url}",
                "mail": f"{message.subject} {message.body}",
                "portal": str(release.sudo()._prepare_portal_vals()),
            }
            for where, text in texts.items():
                found = [self.markers[marker] for marker in bad if marker in text]
                with self.subTest(where=where, answer_type=answer_type):
                    self.assertFalse(found)
        # the list itself did get out: the markers are where the texts come from
        good = [marker for marker in self.markers if marker not in bad]
        html = release.html
        self.assertGreater(len([m for m in good if m in html]), 15)
