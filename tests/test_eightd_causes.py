# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import base64
import io

from pypdf import PdfReader

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common_eightd import EightdCommon
from .common_prints import PrintCommon


@tagged("post_install", "-at_install")
class TestEightdCauses(EightdCommon):
    """R424: the cause is not the symptom, and it has evidence."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.causes = cls.env["complaint.eightd.cause"].with_user(cls.user_member)
        cls.top = cls._create_cause("Snap hook breaks")

    @classmethod
    def _create_cause(cls, name, **vals):
        if "parent_id" not in vals:
            vals.setdefault("eightd_id", cls.eightd.id)
        return cls.causes.create({"name": name, **vals})

    def test_chain_has_the_type_of_its_first_why(self):
        """R424: five whys of one type, also when the type is corrected later."""
        chain = self.top
        for number in range(4):
            chain = self._create_cause(f"Why {number}", parent_id=chain.id)
        self.assertEqual(chain.outline, "O1.1.1.1.1")
        self.top.cause_type = "systemic"
        self.assertEqual(chain.cause_type, "systemic")
        self.assertEqual(chain.outline, "S1.1.1.1.1")
        with self.assertRaisesRegex(ValidationError, "type of the first"):
            chain.cause_type = "occurrence"
        with self.assertRaisesRegex(ValidationError, "type of the first"):
            self._create_cause("x", parent_id=chain.id, cause_type="occurrence")

    def test_rows_stand_below_what_they_explain(self):
        """R424: the list is read like a tree."""
        second = self._create_cause("Second")
        late = self._create_cause("Late child", parent_id=self.top.id)
        seen = self._create_cause("Not seen", cause_type="non_detection")
        first = self._create_cause("First child", parent_id=self.top.id, sequence=1)
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.eightd.with_user(self.user_member).cause_ids
        expected = self.top | first | late | second | seen
        self.assertEqual(rows.ids, expected.ids)
        self.assertEqual(rows.mapped("outline"), ["O1", "O1.1", "O1.2", "O2", "N1"])
        self.assertEqual(first.display_name, "O1.1 First child")
        self.assertEqual(first.outline_indented, "\u2003O1.1")

    def test_more_than_nine_sisters_keep_their_order(self):
        names = [f"Cause {number}" for number in range(12)]
        for name in names:
            self._create_cause(name, parent_id=self.top.id)
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.eightd.with_user(self.user_member).cause_ids - self.top
        self.assertEqual(rows.mapped("name"), names)
        self.assertEqual(rows[-1].outline, "O1.12")

    def test_cause_cannot_explain_itself(self):
        below = self._create_cause("Below", parent_id=self.top.id)
        for parent in (self.top, below):
            with self.assertRaises(UserError):
                self.top.parent_id = parent

    def test_cause_of_another_8d_is_refused(self):
        other = self._create_eightd(self._create_complaint())
        cause = self._create_cause("Elsewhere", eightd_id=other.id)
        with self.assertRaisesRegex(ValidationError, "another 8D"):
            self._create_cause("x", eightd_id=self.eightd.id, parent_id=cause.id)
        self._create_cause("Below", parent_id=self.top.id)
        with self.assertRaises(ValidationError):
            self.top.eightd_id = other

    def test_verified_and_rejected_need_their_reason(self):
        """R424: neither is a matter of opinion."""
        for state, words in (("verified", "needs its evidence"), ("rejected", "why")):
            with self.assertRaisesRegex(ValidationError, words):
                self.top.state = state
            with self.assertRaisesRegex(ValidationError, words):
                self.top.write({"state": state, "evidence": "  "})
        self.top.write({"state": "verified", "evidence": "拉拔力 12 N < 20 N"})
        with self.assertRaisesRegex(ValidationError, "needs its evidence"):
            self.top.evidence = False

    def test_only_a_verified_cause_is_a_root_cause(self):
        """R424: by RPC as well."""
        with self.assertRaisesRegex(ValidationError, "only a verified"):
            self.top.is_root = True
        self.top.write({"state": "verified", "evidence": "Trial 3", "is_root": True})
        with self.assertRaisesRegex(ValidationError, "only a verified"):
            self.top.state = "open"

    def test_root_causes_of_a_type_make_a_hundred_per_cent(self):
        """R424: contribution 100 % per type."""
        root = {"state": "verified", "evidence": "Trial 3", "is_root": True}
        self.top.write({**root, "contribution": 60})
        eightd = self.eightd.with_user(self.user_member)
        [reason] = eightd._get_contribution_reasons()
        self.assertIn("60 %", reason)
        second = self._create_cause("Wet", **root, contribution=40)
        self.assertEqual(eightd._get_contribution_reasons(), [])
        with self.assertRaisesRegex(ValidationError, "more than 100"):
            second.contribution = 41
        for share in (-1, 101):
            with self.assertRaisesRegex(ValidationError, "between 0 and 100"):
                second.contribution = share
        # three thirds are a whole
        self.top.contribution = 33.33
        second.contribution = 33.33
        self._create_cause("Cold", **root, contribution=33.34)
        self.assertEqual(eightd._get_contribution_reasons(), [])

    def test_form_proposes_what_is_left(self):
        self.top.write(
            {
                "state": "verified",
                "evidence": "Trial",
                "is_root": True,
                "contribution": 70,
            }
        )
        context = {"default_eightd_id": self.eightd.id}
        with Form(self.causes.with_context(**context)) as form:
            form.name = "Second"
            form.state = "verified"
            form.evidence = "Trial 2"
            form.is_root = True
            self.assertEqual(form.contribution, 30)

    def test_next_why_is_one_click_away(self):
        action = self.top.action_ask_why()
        form = Form(self.causes.with_context(**action["context"]))
        form.name = "Mould too cold"
        cause = form.save()
        self.assertEqual(cause.parent_id, self.top)
        self.assertEqual(cause.eightd_id, self.eightd)

    def test_cause_under_attack_cannot_be_deleted(self):
        """R424: nor can what it is a why of."""
        below = self._create_cause("Below", parent_id=self.top.id)
        self.env["mgmtsystem.action"].with_user(self.user_member).create(
            {
                "name": "Heat the mould",
                "complaint_eightd_id": self.eightd.id,
                "complaint_cause_id": below.id,
            }
        )
        for cause in (below, self.top):
            with self.assertRaisesRegex(UserError, "action against it"):
                cause.unlink()
        self._create_cause("Free").unlink()

    def test_team_reads_the_proofs_and_nobody_else(self):
        """R424, R520: a file follows its cause."""
        files = self.env["ir.attachment"].with_user(self.user_quality)
        vals = {"name": "trial.txt", "datas": base64.b64encode(b"12 N")}
        proof = files.create(vals)
        cause = self.top.with_user(self.user_quality)
        cause.attachment_ids = proof
        self.assertEqual(proof.with_user(self.user_member).raw, b"12 N")
        with self.assertRaises(AccessError):
            proof.with_user(self.user_register).read(["raw"])
        foreign = files.create(
            {**vals, "res_model": "helpdesk.ticket", "res_id": self.complaint.id}
        )
        with self.assertRaisesRegex(UserError, "Upload a copy"):
            cause.attachment_ids |= foreign

    def test_diagrams_show_states_and_never_run_what_was_typed(self):
        """R424: diagrams in the form; XSS."""
        self.top.write(
            {
                "name": "<img src=x onerror=alert(1)>",
                "branch": "man",
                "state": "rejected",
                "evidence": "Trial",
            }
        )
        eightd = self.eightd.with_user(self.user_member)
        for svg in (eightd.five_why_svg, eightd.ishikawa_svg):
            self.assertTrue(svg.startswith("<svg"))
            self.assertNotIn("<img", svg)
            self.assertIn("&lt;img", svg)
        self.assertIn("Rejected", eightd.five_why_svg)
        self.top.name = "Worn mould"
        self.assertIn("Worn mould", eightd.five_why_svg)

    def test_8d_without_causes_has_no_diagrams(self):
        eightd = self._create_eightd(self._create_complaint())
        self.assertFalse(eightd.five_why_svg or eightd.ishikawa_svg)
        self.assertEqual(eightd._get_five_why_svgs(), [])
        self.assertFalse(self.eightd._get_ishikawa_svg())
        self.assertFalse(self.env["complaint.eightd"].new({}).five_why_svg)

    def test_is_isnot_rows_are_plain_values(self):
        self.env["complaint.eightd.isnot"].with_user(self.user_member).create(
            {
                "eightd_id": self.eightd.id,
                "question": "where",
                "is_text": "2 号线",
                "isnot_text": "Line 1",
            }
        )
        [row] = self.eightd._get_isnot_rows()
        self.assertEqual(
            row,
            {
                "question": "Where",
                "is": "2 号线",
                "isnot": "Line 1",
                "distinction": "",
                "change": "",
            },
        )

    def test_thirty_causes_cost_no_query_each(self):
        """Growth: reading the tree does not ask per row."""
        eightd = self.eightd.with_user(self.user_member)

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            eightd.cause_ids.mapped("display_name")
            self.assertTrue(eightd.five_why_svg)
            return self.env.cr.sql_log_count - before

        few = count()
        self.causes.create(
            [
                {"eightd_id": self.eightd.id, "name": f"{n}", "parent_id": self.top.id}
                for n in range(30)
            ]
        )
        self.assertLessEqual(count(), few + 4)


@tagged("post_install", "-at_install")
class TestEightdCausesPrinted(PrintCommon, EightdCommon):
    def test_diagrams_are_drawn_into_a_real_pdf(self):
        """R424: Chinese and German texts in the printed diagrams."""
        causes = self.env["complaint.eightd.cause"].with_user(self.user_member)
        top = causes.create(
            {
                "eightd_id": self.eightd.id,
                "name": "卡扣在装配时断裂",
                "branch": "material",
            }
        )
        long_text = "Werkzeugtemperatur nach dem Umbau der Kühlung nicht eingestellt. "
        for number, branch in enumerate(("man", "machine", "method", "measurement")):
            causes.create(
                {
                    "parent_id": top.id,
                    "name": f"{long_text * 2}换模后没有重新设定模温机参数",
                    "branch": branch,
                    "state": ("tested", "rejected", "verified", "open")[number],
                    "evidence": "Trial",
                    "is_root": number == 2,
                }
            )
        eightd = self.eightd.with_user(self.user_member)
        pages = [*eightd._get_five_why_svgs("zh_CN"), eightd._get_ishikawa_svg("zh_CN")]
        body = "".join(f"<div>{page}</div>" for page in pages)
        html = f"<html><head><meta charset='utf-8'/></head><body>{body}</body></html>"
        with self.allow_pdf_render():
            content = self.env["ir.actions.report"]._run_wkhtmltopdf([html])
        self._keep("eightd_diagrams.pdf", content)
        pdf = PdfReader(io.BytesIO(content))
        self.assertPrinted(pdf, "O1.1", "O1.4", "卡扣在装配时断裂", "Kühlung")
