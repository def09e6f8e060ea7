# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which lines of a policy hold for a case, and whether they fit together."""

from .clock_working import ClockError


def holds(condition, facts):
    """Return whether the facts of a case fulfil the condition of a line.

    :param dict condition: fact -> wanted value. True and False ask whether the
        fact is set; a list or tuple means any of its values; ``{"not": value}``
        means none of them. All entries must hold
    :param dict facts: fact -> value; a missing fact is not set. A fact with several
        values (a tuple or list) has each of them

    >>> holds({"is_overseas": False, "severity": ["major", "critical"]},
    ...       {"severity": "major"})  # R256
    True
    >>> holds({"visit_needed": True}, {"visit_needed": False})  # R274
    False
    >>> holds({"categories": [7]}, {"categories": (12, 7)})  # and its parents, R298
    True
    """
    return all(_fact_is(facts.get(name), value) for name, value in condition.items())


def _fact_is(fact, wanted):
    if isinstance(wanted, dict):
        if set(wanted) != {"not"}:
            raise ClockError("bad_condition", wanted)
        return not _fact_is(fact, wanted["not"])
    if isinstance(wanted, list | tuple | set | frozenset):
        return any(_fact_is(fact, value) for value in wanted)
    if isinstance(wanted, bool):
        return bool(fact) is wanted
    if isinstance(fact, list | tuple | set | frozenset):
        return wanted in fact
    return fact == wanted


def check_lines(lines, known_codes=None):
    """Check the lines of a policy together.

    :param known_codes: codes of all event types; None skips this check
    :raise ClockError: ``duplicate_line``, ``unknown_event``, ``unknown_line``
        (in `yields_to`), ``circular_override``
    """
    by_key = {line.key: line for line in lines}
    if len(by_key) != len(lines):
        raise ClockError("duplicate_line")
    for line in lines:
        if known_codes is not None and (unknown := line.codes - set(known_codes)):
            raise ClockError("unknown_event", (line.key, sorted(unknown)))
        if missing := [key for key in line.yields_to if key not in by_key]:
            raise ClockError("unknown_line", (line.key, missing))
    done = set()
    for line in lines:
        _check_no_circle(line.key, by_key, (), done)


def _check_no_circle(key, by_key, path, done):
    if key in path:
        raise ClockError("circular_override", path)
    if key not in done:
        for other in by_key[key].yields_to:
            _check_no_circle(other, by_key, (*path, key), done)
        done.add(key)


def applicable_lines(lines, facts):
    """Return the lines whose condition holds and that yield to no other.

    Yielding is handed on: a line that yields to one that yields to a third
    yields to the third as well.

    :raise ClockError: see `check_lines`
    """
    check_lines(lines)
    by_key = {line.key: line for line in lines}

    def is_replaced(line):
        others = [by_key[key] for key in line.yields_to]
        return any(holds(o.condition, facts) or is_replaced(o) for o in others)

    return [
        line for line in lines if holds(line.condition, facts) and not is_replaced(line)
    ]
