# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import re
from collections import Counter
from pathlib import Path

from babel.messages.pofile import read_po
from lxml import html

from odoo.modules import get_module_path
from odoo.tests import tagged

from .common import ComplaintCommon

_ADDON = "helpdesk_mgmt_complaint"
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
# what a program fills in or reads: %(name)s, %s, {{ expression }}, {YY}, tags
_PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sd]|\{\{.*?\}\}|\{[A-Z#]+\}|</?\w[^>]*>")
# attributes that are read by people, and words inside of an expression
_READABLE = re.compile(r'(title|alt|placeholder)="[^"]*"|\'[^\']*\'')
# names of fields that the export takes for words
_NAME = re.compile(r"cond_\w+")
# the same in both languages: expressions, abbreviations
_SAME = {
    '<span class="o_stat_text">8D</span>',
    "3D",
    "5D",
    "5W2H",
    "8D",
    "Eightd",
    "Excel",
    "Html",
    "ID",
    "id",
    "stock.picking",
    "Message-Id",
    "PDF",
    "PPM",
    "Pdf",
    "SHA-256",
    "Xlsx",
    "an 8D",
    "object._get_file_name()",
    "object.file_name",
    "object.name",
    "partner_id",
}


def _read(name):
    path = Path(get_module_path(_ADDON)) / "i18n" / name
    with path.open("rb") as file:
        return read_po(file)


def _placeholders(text):
    found = _PLACEHOLDER.findall(text)
    return Counter(" ".join(_READABLE.sub("", part).split()) for part in found)


@tagged("post_install", "-at_install")
class TestTranslations(ComplaintCommon):
    """The Chinese translation is complete and arrives where people read it.

    `python3 tools/dev.py pot` writes the terms; what is new is translated in
    `i18n/zh_CN.po`.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.terms = [term for term in _read(f"{_ADDON}.pot") if term.id]
        cls.chinese = {term.id: term for term in _read("zh_CN.po") if term.id}
        cls.env["res.lang"]._activate_lang("zh_CN")
        modules = cls.env["ir.module.module"]
        modules._load_module_terms([_ADDON], ["zh_CN"], overwrite=True)
        cls.env_zh = cls.env(context={**cls.env.context, "lang": "zh_CN"})

    # ------------------------------------------------------------------
    # The file
    # ------------------------------------------------------------------

    def test_every_term_is_translated(self):
        self.assertTrue(self.terms)
        missing = [
            term.id
            for term in self.terms
            if not (self.chinese.get(term.id) and self.chinese[term.id].string.strip())
        ]
        self.assertEqual(missing, [])
        obsolete = set(self.chinese) - {term.id for term in self.terms}
        self.assertEqual(obsolete, set())

    def test_nothing_is_fuzzy_or_left_in_english(self):
        self.assertEqual([t.id for t in self.chinese.values() if t.fuzzy], [])
        english = [
            term.id
            for term in self.chinese.values()
            if not (term.id in _SAME or _NAME.fullmatch(term.id))
            # placeholders and punctuation alone
            and re.search(r"[^\W\d_]", _PLACEHOLDER.sub("", term.id))
            and not _CHINESE.search(term.string)
        ]
        self.assertEqual(english, [])

    def test_placeholders_and_tags_are_kept(self):
        """A lost %(name)s breaks a message, a lost tag breaks a view."""
        for term in self.chinese.values():
            with self.subTest(term=term.id):
                self.assertEqual(_placeholders(term.id), _placeholders(term.string))

    def test_field_labels_are_in_the_file(self):
        """A label that was added or changed is exported and translated too."""
        labels = {
            field.string
            for model in self.env.registry.values()
            for field in model._fields.values()
            if _ADDON in field._modules
        }
        self.assertIn("Part Number", labels)
        self.assertEqual(labels - set(self.chinese), set())

    # ------------------------------------------------------------------
    # What people read
    # ------------------------------------------------------------------

    def test_screens_and_messages_are_chinese(self):
        """R067: menu, field label, choice, stage, message and form title."""
        menu = self.env_zh.ref(f"{_ADDON}.complaint_root_menu")
        self.assertEqual(menu.name, "客诉")
        labels = self.env_zh["complaint.line"].fields_get()
        self.assertEqual(labels["lot_id"]["string"], "批号")
        self.assertEqual(labels["demand_undetermined"]["string"], "客户加工中未确定")
        self.assertEqual(dict(labels["demand"]["selection"])["allowance"], "折让")
        stage = self.env_zh.ref(f"{_ADDON}.stage_decision")
        self.assertEqual(stage.name, "核决")
        ticket = self.env_zh["helpdesk.ticket"].create(
            {"name": "Noise", "team_id": self.team.id, "description": "Noise"}
        )
        reasons = ticket._complaint_get_blocking_reasons("accepted")[ticket.id]
        self.assertIn("请选择客诉的来源渠道。", reasons)

    def test_titles_of_forms_are_those_of_the_procedures(self):
        """R067 R071 R072 R083 R084 R091: the wording of the controlled forms."""
        titles = {
            "f01": "客户抱怨处理表",
            "f02": "客户抱怨案件登记追踪表",
            "f13": "顾客抱怨登记表",
            "f14": "顾客抱怨处理单",
            "f21": "顾客投诉记录表",
        }
        for code, title in titles.items():
            form = self.env_zh.ref(f"{_ADDON}.complaint_form_{code}")
            self.assertEqual(form.name, title)
        form = self.env_zh.ref(f"{_ADDON}.complaint_form_f01")
        self.assertEqual(form.copy_ids.mapped("label")[0], "第一联：质量管理部")
        self.assertIn("总经理室：综合意见", form.signature_ids.mapped("label"))

    def test_printed_form_is_chinese(self):
        """R067 R518: labels and the mark of internal forms on the paper."""
        ticket = self._create_complaint()
        content, _kind = self.env_zh["ir.actions.report"]._render_qweb_html(
            f"{_ADDON}.report_complaint_form", ticket.ids
        )
        text = html.fromstring(content).text_content()
        for label in ("内部资料 不得外传客户", "表单编号", "版次", "客户要求"):
            self.assertIn(label, text)
        for word in ("INTERNAL", "Revision", "Signed by", "Copy 1"):
            self.assertNotIn(word, text)
