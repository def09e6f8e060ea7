# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tests import BaseCase

from ..kernel.routing import (
    Condition,
    Rule,
    find_all,
    has_keyword,
    match,
    normalise,
    parse_keywords,
)

# text, keyword, whether it is found
_KEYWORDS = [
    ("客户投诉交货期延迟", "交货期", True),
    ("客户投诉交货 期延迟", "交货期", True),
    ("交货\n期", "交货期", True),
    ("Ｄｅｌｉｖｅｒｙ late", "delivery", True),
    ("DELIVERY", "Delivery", True),
    ("undelivered goods", "deliver", False),
    ("deliveries", "deliver*", True),
    ("redelivery", "deliver*", False),
    ("the delivery\n  date slipped", "delivery date", True),
    ("delivery-date", "delivery", True),
    ("交期delivery延误", "delivery", True),
    ("交期delivery延误", "deliver", False),
    ("order 12345", "234", False),
    ("price_list", "price", True),
    ("Preis über 100 €", "über", True),
    ("drüber", "über", False),
    ("C++ module", "c++", True),
    ("", "交期", False),
    ("價格", "价格", False),
]


class TestRoutingKernel(BaseCase):
    """Plain Python: no database is needed."""

    def test_keywords_are_found_as_words_or_in_chinese_text(self):
        """R181: Chinese anywhere, English whole words, any case and width."""
        for text, keyword, expected in _KEYWORDS:
            with self.subTest(text=text, keyword=keyword):
                (word,) = parse_keywords(keyword)
                self.assertIs(has_keyword(normalise(text), word), expected)

    def test_lists_of_keywords_are_read_with_every_separator(self):
        """R181: what a person types, Chinese punctuation included."""
        self.assertEqual(
            parse_keywords(" 交期,数量，产能、delivery；Price ;\nprice"),
            ("交期", "数量", "产能", "delivery", "price"),
        )
        self.assertEqual(parse_keywords(" , ，*、"), ())
        self.assertEqual(parse_keywords(None), ())

    def test_all_conditions_must_hold_and_are_named(self):
        """R181: the reason names each condition with the value that held."""
        rule = Rule(
            1,
            (
                Condition("severity", ("major", "critical")),
                Condition("category", (5, 7)),
            ),
        )
        self.assertEqual(
            match(rule, {"severity": ("critical",), "category": (9, 7, 1)}),
            (("severity", "critical"), ("category", 7)),
        )
        self.assertIsNone(match(rule, {"severity": ("critical",), "category": (9,)}))
        self.assertIsNone(match(rule, {"severity": ("critical",)}))

    def test_first_rule_wins_and_unmatched_keys_are_left_out(self):
        """R181: the order of the rules decides."""
        rules = [
            Rule(1, (Condition("severity", ("critical",)),)),
            Rule(2, (Condition("severity", ("critical", "major")),)),
        ]
        facts = {name: {"severity": (name,)} for name in ("minor", "major", "critical")}
        found = find_all(rules, facts)
        self.assertEqual(
            {key: rule.key for key, (rule, _why) in found.items()},
            {"critical": 1, "major": 2},
        )
        found = find_all(reversed(rules), facts)
        self.assertEqual(found["critical"][0].key, 2)

    def test_refused_keys_go_to_the_next_rule(self):
        """R181: an expert condition that does not hold leaves it to the next rule."""
        asked = []

        def accept(rule, keys):
            asked.append((rule.key, sorted(keys)))
            return ["a"] if rule.key == 1 else keys

        found = find_all([Rule(1), Rule(2), Rule(3)], {"a": {}, "b": {}}, accept)
        self.assertEqual(
            {k: rule.key for k, (rule, _w) in found.items()}, {"a": 1, "b": 2}
        )
        self.assertEqual(asked, [(1, ["a", "b"]), (2, ["b"])])
