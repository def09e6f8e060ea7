# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which routing rule holds for a complaint, and why (R181).

A complaint is a dictionary of facts: the name of a condition -> the tuple of values
that it has, the nearest first (a category, then those above it). A rule is a tuple of
conditions, all of which must hold. Texts are normalised once, so that thousands of
complaints meet hundreds of rules in memory.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Han, kana, hangul and their punctuation: written without spaces between words
_NO_SPACES = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_BETWEEN_CJK = re.compile(f"(?<=[{_NO_SPACES}]) (?=[{_NO_SPACES}])")
# a letter or digit of a script that puts spaces between words
_LETTER = f"[^\\W_{_NO_SPACES}]"
_SEPARATORS = re.compile("[,;\n\u3001]")


def normalise(text):
    """Return a text as keywords are compared with it.

    Full-width forms become half-width, capitals small, any white space one space; a
    line break inside Chinese text vanishes.

    >>> normalise("Ｄelivery\\n DATE：交货\\n期")
    'delivery date:交货期'
    """
    text = unicodedata.normalize("NFKC", text or "").casefold()
    return _BETWEEN_CJK.sub("", " ".join(text.split()))


def parse_keywords(text):
    """Return the keywords of a list as a person types it, normalised.

    Commas, semicolons (also full-width), ideographic commas and line breaks separate.

    >>> parse_keywords("交期，Delivery date、 late*;;LATE*")
    ('交期', 'delivery date', 'late*')
    """
    text = unicodedata.normalize("NFKC", text or "")
    words = (normalise(word) for word in _SEPARATORS.split(text))
    return tuple(dict.fromkeys(word for word in words if word.strip("* ")))


def has_keyword(text, keyword):
    """Return whether a normalised text contains a normalised keyword.

    English and other words with spaces count as whole words only, Chinese ones
    anywhere; a star at the end stands for any ending.

    >>> has_keyword("late delivery", "late"), has_keyword("a later date", "late")
    (True, False)
    >>> has_keyword("a later date", "late*"), has_keyword("说明书price太高", "price")
    (True, True)
    >>> has_keyword("关于交货期的问题", "交货期")
    True
    """
    stem, pattern = _get_pattern(keyword)
    return bool(stem) and stem in text and bool(pattern.search(text))


@lru_cache(maxsize=10_000)
def _get_pattern(keyword):
    """Return the bare word, which is looked for first, and its exact pattern."""
    stem = keyword.rstrip("* ")
    pattern = re.escape(stem)
    if re.match(_LETTER, stem):
        pattern = f"(?<!{_LETTER}){pattern}"
    if not keyword.endswith("*") and re.search(f"{_LETTER}$", stem):
        pattern = f"{pattern}(?!{_LETTER})"
    return stem, re.compile(pattern)


@dataclass(frozen=True)
class Condition:
    """One condition: the fact `name` has one of the wanted values.

    With `is_text` the wanted values are keywords, and the fact a normalised text.
    """

    name: str
    wanted: tuple
    is_text: bool = False

    def find(self, facts):
        """Return the value that makes it hold, None when it does not hold."""
        values = facts.get(self.name, ())
        if self.is_text:
            for word in self.wanted:
                if any(has_keyword(text, word) for text in values):
                    return word
            return None
        for value in values:
            if value in self.wanted:
                return value
        return None


@dataclass(frozen=True)
class Rule:
    """Conditions under the key of the rule they belong to; none always hold."""

    key: int
    conditions: tuple = ()


def match(rule, facts):
    """Return why a rule holds as ``((condition, value), ...)``, None if it does not.

    >>> late = Condition("text", ("late",), is_text=True)
    >>> rule = Rule(30, (Condition("category", (7,)), late))
    >>> match(rule, {"category": (9, 7), "text": ("it came late",)})
    (('category', 7), ('text', 'late'))
    >>> match(rule, {"category": (9,), "text": ("it came late",)})
    >>> match(Rule(99), {})
    ()
    """
    because = []
    for condition in rule.conditions:
        value = condition.find(facts)
        if value is None:
            return None
        because.append((condition.name, value))
    return tuple(because)


def find_all(rules, facts_by_key, accept=None):
    """Return ``{key: (rule, because)}``: the first rule that holds for each key.

    Keys for which no rule holds are left out.

    :param rules: `Rule`, in the order in which they are asked
    :param dict facts_by_key: ``{key: facts}``
    :param accept: called with a rule and the keys whose conditions it fulfils, it
        returns those that it really takes; asked once per rule

    >>> late = Rule(1, (Condition("text", ("late",), True),))
    >>> found = find_all([late, Rule(2)], {"a": {"text": ("late",)}, "b": {}})
    >>> {key: rule.key for key, (rule, because) in found.items()}
    {'a': 1, 'b': 2}
    >>> found = find_all([late, Rule(2)], {"a": {"text": ("late",)}},
    ...     accept=lambda rule, keys: keys if rule.key == 2 else [])
    >>> found["a"][0].key
    2
    """
    found, left = {}, dict(facts_by_key)
    for rule in rules:
        hits = {}
        for key, facts in left.items():
            because = match(rule, facts)
            if because is not None:
                hits[key] = because
        taken = hits if accept is None or not hits else accept(rule, list(hits))
        for key in taken:
            found[key] = (rule, hits[key])
            del left[key]
        if not left:
            break
    return found
