# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Judging one text of an 8D, Chinese or English, by words.

Everything here takes time in proportion to the length of the text. It knows nothing
of an 8D: see `eightd_lint` for which text is asked what.
"""

import re
import unicodedata

from . import eightd_words as words

_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_LATIN = re.compile(r"[a-z]+")
_SIGNIFICANT = re.compile(r"[a-z0-9\u3400-\u9fff]+")
# the 6 of "M6" and the 88213 of "PO-88213" are names, not quantities
_NUMBER = re.compile(r"(?<![a-z0-9_.-])\d")
_CHINESE_NUMBER = re.compile(
    r"[一二两三四五六七八九十百千万半][件台批个次箱块只套根片支条包袋卷米升吨克天日月年成处名]"
    r"|百分之"
)
# 因 but not 因此, 因而: these name an effect
_BECAUSE = re.compile(r"(?:^|[,。;:!?\s,.;:])因(?![此而])")
_ENDINGS = ("ages", "age", "ings", "ing", "ed", "es", "s", "y")


def _compile(text):
    """Return a pattern that finds the words of a list.

    >>> found = _compile("培训 教育")
    >>> bool(found.search("加强培训")), bool(found.search("更换夹具"))
    (True, False)
    >>> found = _compile("train|set$|lack of care")
    >>> [bool(found.search(t)) for t in ("retraining", "training", "setting", "set 3")]
    [False, True, False, True]
    """
    chinese, english = [], []
    for line in text.split("\n"):
        if _CHINESE.search(line):
            chinese += line.split()
        elif line:
            english += line.split("|")
    parts = [re.escape(word) for word in chinese]
    for word in english:
        whole = word.endswith("$")
        end = r"(?![a-z])" if whole else ""
        parts.append(rf"(?<![a-z]){re.escape(word.rstrip('$'))}{end}")
    return re.compile("|".join(parts))


_BLAME = _compile(words.BLAME)
_ACTOR = _compile(words.ACTOR)
_LAPSE = _compile(words.LAPSE)
_PROCESS = _compile(words.PROCESS)
_TALK = _compile(words.TALK)
_CHANGE = _compile(words.CHANGE)
_TALK_CHANGE = _compile(words.TALK_CHANGE)
_VAGUE = _compile(words.VAGUE)
_CAUSAL = _compile(words.CAUSAL)
_EFFECT = _compile(words.EFFECT)
_METHOD = _compile(words.METHOD)
_BEYOND = _compile(words.BEYOND)
_NUMBER_WORDS = _compile(words.NUMBER_WORDS)
_EMPTY = frozenset(
    word
    for line in words.EMPTY.split("\n")
    for word in (line.split() if _CHINESE.search(line) else line.split("|"))
)
_STOP_CHINESE = re.compile("|".join(words.STOP_CHINESE.split()))
_STOP_ENGLISH = frozenset(words.STOP_ENGLISH.split())


def plain(text):
    """Return the text in small letters, half width, with single spaces.

    >>> plain("  Ｔｏｒｑｕｅ　１.2 Nm\\nlow ")
    'torque 1.2 nm low'
    """
    return " ".join(unicodedata.normalize("NFKC", text or "").casefold().split())


def is_empty(text):
    """Return whether a field was filled without saying anything.

    >>> [is_empty(text) for text in ("", "N/A", "无。", "不适用", "FMEA row 12 holds")]
    [True, True, True, True, False]
    """
    text = plain(text).strip(" .。,!-")
    return not text or text in _EMPTY


def has_number(text):
    """Return whether the text counts or measures something.

    >>> has_number("12 of 500"), has_number("三件轴承"), has_number("two of ten")
    (True, True, True)
    >>> has_number("batch L260703-A, screws M6"), has_number("一些产品")
    (False, False)
    """
    text = plain(text)
    return bool(
        _NUMBER.search(text)
        or _CHINESE_NUMBER.search(text)
        or _NUMBER_WORDS.search(text)
    )


def blames_person(text):
    """Return whether a cause names a person and no weakness of the process."""
    text = plain(text)
    if _PROCESS.search(text):
        return False
    lapse = _ACTOR.search(text) and _LAPSE.search(text)
    return bool(lapse or _BLAME.search(text))


def is_thin_evidence(text):
    """Return whether a proof says neither how it was looked at nor what came out."""
    text = plain(text)
    return not (has_number(text) or _METHOD.search(text))


def is_talk_only(text):
    """Return whether an action only talks to people."""
    text = plain(text)
    changes = _CHANGE.search(_TALK_CHANGE.sub(" ", text))
    return bool(_TALK.search(text) and not changes)


def is_vague(text):
    """Return whether an action is a wish: no number, nothing that changes."""
    text = plain(text)
    if is_talk_only(text) or has_number(text) or _CHANGE.search(text):
        return False
    return bool(_VAGUE.search(text)) or len(tokens(text)) < 2


def names_cause(text):
    """Return whether a description of a problem says why it happened."""
    text = _EFFECT.sub(" ", plain(text))
    return bool(_CAUSAL.search(text) or _BECAUSE.search(text))


def is_beyond_control(text):
    """Return whether a last why leaves nothing to be done."""
    text = plain(text)
    rest = _BEYOND.sub(" ", text)
    return rest != text and not _PROCESS.search(rest)


def tokens(text):
    """Return what a text is about: beginnings of English words, pairs of characters.

    >>> sorted(tokens("The seal leaks oil"))
    ['leak', 'oil', 'seal']
    >>> sorted(tokens("油封处漏油"))
    ['封漏', '油封', '漏油']
    """
    text = plain(text)
    found = set()
    for word in _LATIN.findall(text):
        if word not in _STOP_ENGLISH:
            found.add(_stem(word))
    for run in _CHINESE.findall(text):
        run = _STOP_CHINESE.sub("", run)
        found.update(run[i : i + 2] for i in range(max(len(run) - 1, 0)))
    return found


def _stem(word):
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def repeats(cause, symptom):
    """Return whether a cause says nothing that the symptom does not say.

    >>> repeats("Oil leakage at the seal", "Oil leaks at the seal")
    True
    """
    said = tokens(cause)
    return bool(said) and len(said & tokens(symptom)) / len(said) >= 0.6


def is_copy(text, other):
    """Return whether two texts are the same but for a few signs or words.

    >>> is_copy("100 % check, sort out", "100 % Check; sort out!")
    True
    """
    left, right = (
        "".join(_SIGNIFICANT.findall(plain(value))) for value in (text, other)
    )
    if min(len(left), len(right)) < 6:
        return False
    if left == right:
        return True
    left, right = tokens(text), tokens(other)
    return bool(left) and len(left & right) / len(left | right) >= 0.7
