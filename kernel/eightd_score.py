# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Arithmetic of the 8D score: weights, scales, what is missing."""

from dataclasses import dataclass

SCALES = {
    "10": tuple(range(11)),
    "5": tuple(range(6)),
    "steps": (0, 3, 6, 10),
}


@dataclass(frozen=True)
class Total:
    """`percent` is None when nothing that counts was scored."""

    percent: float | None
    scored: int
    count: int


def total(rows, scale):
    """Return the total of one side.

    A criterion that was not scored counts neither as good nor as bad; one with the
    weight 0 is looked at, but does not count.

    >>> total([(10, 1), (3, 1), (None, 2)], "10")
    Total(percent=65.0, scored=2, count=3)
    >>> total([(None, 1)], "10"), total([(5, 0)], "10")
    (Total(percent=None, scored=0, count=1), Total(percent=None, scored=0, count=0))

    :param rows: pairs of score (None: missing) and weight
    :param scale: key of `SCALES`
    """
    top = SCALES[scale][-1]
    counted = [(score, weight) for score, weight in rows if weight > 0]
    scored = [(score, weight) for score, weight in counted if score is not None]
    whole = sum(weight for _score, weight in scored)
    percent = None
    if whole:
        reached = sum(min(score, top) * weight for score, weight in scored)
        percent = round(100 * reached / (top * whole), 1)
    return Total(percent, len(scored), len(counted))


def propose(passed, count, scale):
    """Return the score that is nearest to a share of rules, the lower one of two.

    >>> propose(2, 3, "10"), propose(2, 3, "steps"), propose(1, 2, "5")
    (7, 6, 2)
    >>> propose(0, 0, "10") is None
    True
    """
    if not count:
        return None
    values = SCALES[scale]
    exact = values[-1] * passed / count
    return min(values, key=lambda value: (abs(value - exact), value))
