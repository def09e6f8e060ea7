# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Reading an append-only event log.

Rows are dictionaries with at least ``id``, ``code``, ``cycle``, ``at`` and
``corrects_id`` (id of the row that this one corrects, or a false value).
"""


def effective_rows(rows):
    """Return the rows that count: those no later row corrects.

    A correction may itself be corrected; only the last one counts. The order
    is by time of happening, then by id, whatever the order of the input.

    >>> log = [
    ...     {"id": 1, "code": "reported", "cycle": 1, "at": 5, "corrects_id": 0},
    ...     {"id": 2, "code": "reported", "cycle": 1, "at": 3, "corrects_id": 1},
    ... ]
    >>> [row["id"] for row in effective_rows(log)]
    [2]
    """
    rows = list(rows)
    corrected = {row["corrects_id"] for row in rows if row["corrects_id"]}
    kept = [row for row in rows if row["id"] not in corrected]
    return sorted(kept, key=lambda row: (row["at"], row["id"]))


def first_and_last(rows):
    """Return ``{code: (first row, last row)}`` of the effective rows."""
    result = {}
    for row in effective_rows(rows):
        first = result.get(row["code"], (row,))[0]
        result[row["code"]] = (first, row)
    return result
