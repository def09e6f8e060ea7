# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import doctest
import unittest

from odoo.tests import BaseCase, tagged

from ..kernel import mailraw, mailrepair, mailtext, reference_text, references

_MODULES = (mailraw, mailrepair, mailtext, reference_text, references)


def load_tests(_loader, tests, _pattern):
    for module in _MODULES:
        tests.addTests(doctest.DocTestSuite(module))
    return tests


@tagged("post_install", "-at_install")
class TestReferencesKernel(BaseCase):
    def _usable(self, text, place="body"):
        return {
            token.key: token.hint
            for token in references.find_candidates([(place, text, 0)])
            if token.usable
        }

    def test_doctests_pass(self):
        for module in _MODULES:
            with self.subTest(module.__name__):
                self.assertEqual(doctest.testmod(module).failed, 0)

    def test_full_width_number_with_hint_is_found(self):
        """R366: numbers as Chinese and Japanese customers type them."""
        found = self._usable("合同号：ＳＯ－２０２４／００１，数量100件")
        self.assertEqual(found["SO2024001"], "order")
        self.assertNotIn("100", found)
        found = self._usable(
            "注文番号：4500012345　ロットNo．２４０８－０１７　数量：２０個"
        )
        self.assertEqual(found["4500012345"], "order")
        self.assertEqual(found["2408017"], "lot")

    def test_number_after_a_word_on_the_second_line_keeps_its_place(self):
        """R366: the word before it gives a second candidate, not a second offset."""
        text = "您好，张经理：\n我司订单 合同号SO-2024/001 数量100件"
        found = references.find_candidates([("body", text, 0)])
        self.assertEqual(
            {token.key: token.text for token in found}["SO2024001"], "SO-2024/001"
        )
        for token in found:
            self.assertEqual(text[token.start : token.end], token.text)

    def test_short_number_without_hint_is_not_usable(self):
        """R366: years, dates, quantities, prices, postcodes and phones are no codes."""
        text = (
            "On 12.05.2024 we got 1200 pcs for 1.250,00 EUR in 28195 Bremen, "
            "2024, 20240815, 240815. Tel. +49 421 5550101, 电话 13812345678."
        )
        self.assertFalse(self._usable(text))

    def test_short_number_with_hint_is_usable(self):
        self.assertEqual(self._usable("Charge 240815 ist defekt")["240815"], "lot")
        self.assertEqual(self._usable("贵司出货的240815批次")["240815"], "lot")
        self.assertEqual(self._usable("Bestellung: 47110")["47110"], "order")

    def test_article_number_is_never_usable(self):
        found = self._usable("Artikelnummer 10045-20, 料号：FURN-100, Auftrag S00042")
        self.assertEqual(list(found), ["S00042"])

    def test_list_behind_hint_keeps_hint(self):
        found = self._usable("Lots A123, A124 and A126 are affected; SN 10001, 10002")
        for key in ("A123", "A124", "A126", "10001", "10002"):
            self.assertEqual(found.get(key), "lot", key)

    def test_table_heading_is_hint_of_its_column(self):
        found = self._usable("订单号\t批号\t数量\n70042\t240801\t1200")
        self.assertEqual(found, {"70042": "order", "240801": "lot"})

    def test_attachment_name_is_split_at_underscores(self):
        self.assertIn("S00042", self._usable("8D_S00042_v2.pdf", "attachment"))

    def test_part_of_longer_number_is_not_usable(self):
        found = self._usable("Reference 2024-4500012345-77 and X1-S00042")
        self.assertNotIn("4500012345", found)
        self.assertNotIn("S00042", found)

    def test_separators_are_exchangeable(self):
        """R366: WH/OUT/00087 typed as WH-OUT-00087, WH OUT 00087 or full width."""
        for typed in ("WH-OUT-00087", "wh out 00087", "ＷＨ／ＯＵＴ／０００８７"):
            self.assertIn("WH/OUT/00087", reference_text.spellings(typed), typed)

    def test_own_text_beats_quoted_text(self):
        parts = [("body", "quoted S00042", 1), ("body", "own S00042", 0)]
        found = references.find_candidates(parts)
        self.assertEqual([token.level for token in found], [0])

    def test_long_mail_is_bounded(self):
        text = "\n".join(f"Lot L24{i:05d}" for i in range(5000))
        found = references.find_candidates([("body", text, 0)])
        self.assertLessEqual(
            sum(token.usable for token in found), references.MAX_CANDIDATES
        )

    def test_html_cells_stay_apart_and_quotes_are_marked(self):
        html = (
            "<table><tr><td><p>S1</p></td><td>L2</td></tr></table>"
            "<blockquote>old</blockquote><script>evil()</script>"
        )
        self.assertEqual(mailtext.html_to_text(html), "S1\tL2\n\n> old")

    def test_forwarded_chain_is_split(self):
        text = (
            "FYI\n\n发件人: 李 <li@k.example>\n发送时间: 2024\n\n订单 S1\n\n"
            "-----Original Message-----\nFrom: us <us@x.example>\nS2"
        )
        levels = mailtext.split_levels(text)
        self.assertEqual(levels[0], "FYI")
        self.assertIn("S1", levels[1])
        self.assertIn("S2", levels[2])
        self.assertEqual(mailtext.forwarded_sender(text), "li@k.example")

    def test_answer_headers_are_read_from_any_bytes(self):
        for raw in (
            b"",
            b"\xff\xfe\x00",
            b"From: \xc4\xe3\n\n",
            b"Subject: =?x?b?zz?=",
        ):
            headers = mailraw.read_headers(raw)
            self.assertTrue(headers.message_id)

    def test_same_mail_by_two_ways_has_one_digest(self):
        mail = b"Subject: a\r\nFrom: b@c.example\r\n\r\nText\r\n"
        other = b"Received: by x\r\n" + mail.replace(b"\r\n", b"\n")
        self.assertEqual(
            mailraw.read_headers(mail).digest, mailraw.read_headers(other).digest
        )


if __name__ == "__main__":
    unittest.main()
