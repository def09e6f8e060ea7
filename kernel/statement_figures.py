# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Figures of periodic statements: Pareto order, shares, periods."""

from calendar import monthrange
from datetime import date, timedelta

_DAY = timedelta(days=1)


def pareto(pairs, limit=10, others="Others"):
    """Return rows in Pareto order: largest first, cumulative share, others last.

    :param pairs: iterable of ``(label, weight)``; weights are 0 or more
    :param int limit: how many labels are shown by name
    :param str others: label of what is added up beyond the limit
    :return: list of ``(label, weight, share %, cumulative %)``; labels without
        weight are left out, equal weights are ordered by label

    >>> pareto([("b", 1), ("a", 6), ("c", 3)])
    [('a', 6, 60.0, 60.0), ('c', 3, 30.0, 90.0), ('b', 1, 10.0, 100.0)]
    >>> pareto([("a", 5), ("b", 3), ("c", 2)], limit=1)
    [('a', 5, 50.0, 50.0), ('Others', 5, 50.0, 100.0)]
    >>> pareto([("a", 0)])
    []
    """
    ranked = sorted(
        ((label, weight) for label, weight in pairs if weight > 0),
        key=lambda pair: (-pair[1], pair[0]),
    )
    shown, rest = ranked[:limit], ranked[limit:]
    if rest:
        shown.append((others, sum(weight for _label, weight in rest)))
    total = sum(weight for _label, weight in shown)
    rows, reached = [], 0
    for label, weight in shown:
        reached += weight
        rows.append((label, weight, 100 * weight / total, 100 * reached / total))
    return rows


def percent(part, whole):
    """Return a share in per cent, None of nothing.

    >>> percent(1, 4), percent(0, 0)
    (25.0, None)
    """
    return 100 * part / whole if whole else None


def is_months(first, last):
    """Whether a period consists of whole months.

    >>> is_months(date(2026, 2, 1), date(2026, 2, 28))
    True
    >>> is_months(date(2026, 2, 1), date(2026, 2, 27))
    False
    """
    return first.day == 1 and (last + _DAY).day == 1


def previous_period(first, last):
    """Return the period of the same length that ends before this one.

    >>> previous_period(date(2026, 3, 1), date(2026, 3, 31))
    (datetime.date(2026, 2, 1), datetime.date(2026, 2, 28))
    >>> previous_period(date(2026, 7, 1), date(2026, 9, 30))
    (datetime.date(2026, 4, 1), datetime.date(2026, 6, 30))
    >>> previous_period(date(2026, 3, 2), date(2026, 3, 8))
    (datetime.date(2026, 2, 23), datetime.date(2026, 3, 1))
    """
    if is_months(first, last):
        months = (last.year - first.year) * 12 + last.month - first.month + 1
        return add_months(first, -months), first - _DAY
    return first - (last - first) - _DAY, first - _DAY


def add_months(first, months):
    """Return the first day of the month so many months later.

    >>> add_months(date(2026, 1, 1), -11)
    datetime.date(2025, 2, 1)
    """
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def month_of(day):
    """Return first and last day of the month.

    >>> month_of(date(2028, 2, 10))
    (datetime.date(2028, 2, 1), datetime.date(2028, 2, 29))
    """
    last = monthrange(day.year, day.month)[1]
    return day.replace(day=1), day.replace(day=last)


def range_label(first, last):
    """Return how a period is called in every language.

    >>> range_label(date(2026, 7, 1), date(2026, 7, 31))
    '2026-07'
    >>> range_label(date(2026, 7, 1), date(2026, 9, 30))
    '2026-Q3'
    >>> range_label(date(2026, 1, 1), date(2026, 12, 31))
    '2026'
    >>> range_label(date(2026, 7, 6), date(2026, 7, 12))
    '2026-07-06 – 2026-07-12'
    """
    if is_months(first, last) and first.year == last.year:
        months = last.month - first.month + 1
        if months == 1:
            return f"{first.year}-{first.month:02}"
        if months == 3 and first.month % 3 == 1:
            return f"{first.year}-Q{(first.month + 2) // 3}"
        if months == 12:
            return str(first.year)
    return f"{first} – {last}"
