# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What rules may know of an 8D: plain values, no records.

The `key` of a row is whatever names it for the caller.
"""

from dataclasses import dataclass, field
from datetime import date

DISCIPLINES = frozenset(f"d{number}" for number in range(9))


@dataclass(frozen=True)
class Cause:
    """A cause that was verified. `whys`: length of its chain, itself included."""

    key: object
    name: str
    cause_type: str = "occurrence"
    evidence: str = ""
    proofs: int = 0
    whys: int = 3
    exempt: bool = False


@dataclass(frozen=True)
class Action:
    """A selected action; `exempt`: not tracked, because of plain negligence (R174)."""

    key: object
    name: str
    discipline: str = "d5"
    cause: object = None
    has_owner: bool = True
    due_date: date | None = None
    is_done: bool = False
    exempt: bool = False


@dataclass(frozen=True)
class Containment:
    key: object
    place: str
    action: str = ""
    quantity: float = 0
    checked_qty: float = 0
    nok_qty: float = 0
    is_lifted: bool = False


@dataclass(frozen=True)
class Document:
    key: object
    kind: str
    old_revision: str = ""
    new_revision: str = ""
    no_change_reason: str = ""


@dataclass(frozen=True)
class Transfer:
    key: object
    name: str
    note: str = ""
    is_done: bool = False
    is_affected: str = ""


@dataclass(frozen=True)
class Quantities:
    """What one customer counted; 0 is "not told"."""

    key: object
    delivered: float = 0
    claimed: float = 0
    returned: float = 0


@dataclass(frozen=True)
class Facts:
    """What the rules may know of one 8D.

    `asked` are the disciplines that are to be judged: with content, or about to be
    completed. `repeats` counts complaints with the same product and defect after the
    effect was verified.
    """

    today: date
    asked: frozenset = DISCIPLINES
    symptom: str = ""
    problem: str = ""
    how_many: str = ""
    no_cause_reasons: str = ""
    causes: tuple = ()
    actions: tuple = ()
    containments: tuple = ()
    documents: tuple = ()
    transfers: tuple = ()
    quantities: tuple = ()
    validation_qty: float = 0
    validation_nok_qty: float = 0
    validation_from: date | None = None
    validation_to: date | None = None
    is_effective: bool = False
    repeats: int = 0
    limits: dict = field(default_factory=dict)
