# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Where a case stands in the steps of its procedure.

Nothing is stored: the state of every step follows from the steps as they are
now and from what happened, so that a procedure may be edited while cases run.
Orders are numbers that grow with time (ids of an append-only log).
"""

from typing import NamedTuple

OPEN_STATES = ("sent", "accepted")
FINISHED = ("done", "skipped")


class Step(NamedTuple):
    """One step as the procedure describes it now.

    :param str code: name of the step in tasks and marks
    :param bool parallel: starts together with the step before it
    :param bool is_event: met by an event; nothing has to be sent
    :param needed: True, False (its condition does not hold) or None: the handler
        decides whether it is started or skipped
    :param bool is_new: was added to the procedure after the case began its route
    """

    code: str
    parallel: bool = False
    is_event: bool = False
    needed: bool | None = True
    is_new: bool = False


class Task(NamedTuple):
    """A task that was sent: its step, its state, when it was sent and came back."""

    code: str
    state: str
    order: int = 0
    ended: int = 0


class Mark(NamedTuple):
    """Something logged for a step: ``met``, ``skipped`` or ``restarted``.

    `lasting` marks cannot happen a second time, so a return leaves them valid where
    a step consists of the event only. A task can be sent and done again.
    """

    code: str
    what: str
    order: int = 0
    lasting: bool = False


class StepState(NamedTuple):
    """State of a step: done, now, next, waiting, skipped or pending, and why.

    `again` says that the case went back to this step, or to one before it.
    """

    code: str
    state: str
    why: str = ""
    again: bool = False


def route_states(steps, tasks=(), marks=()):
    """Return a `StepState` for each step, in their order (R189).

    A step follows when everything before it is done or skipped. Steps marked
    parallel form a group with the step before them: all of them must finish.
    Returning to a step (mark ``restarted``) makes it and all later groups count
    again; its neighbours in the group keep their results (R213).

    `why` tells apart: ``returned`` and ``cancelled`` (tasks that came back, never
    sent again by themselves), ``undecided`` (the handler starts or skips it),
    ``skipped``, ``condition`` (does not hold), ``added`` (came when the case was
    past it).

    :param steps: list of `Step`
    :param tasks: iterable of `Task` of this cycle
    :param marks: iterable of `Mark` of this cycle

    >>> steps = [Step("cause"), Step("fix"), Step("rd", parallel=True, needed=None)]
    >>> [s.state for s in route_states(steps)]
    ['next', 'pending', 'pending']
    >>> done = [Task("cause", "done", 1), Task("fix", "sent", 2)]
    >>> [(s.state, s.why) for s in route_states(steps, done)]
    [('done', ''), ('now', ''), ('next', 'undecided')]
    >>> back = [Mark("cause", "restarted", 3)]
    >>> [s.state for s in route_states(steps, done, back)]
    ['next', 'pending', 'pending']
    """
    groups = group_numbers(steps)
    voided = _voided_before(steps, groups, marks)
    own_tasks = _by_step(steps, tasks, lambda task, limit: task.order > limit, voided)
    own_marks = _by_step(steps, marks, lambda mark, limit: mark.order > limit, voided)
    lasting = _by_step(steps, marks, lambda mark, _limit: mark.lasting, voided)
    restarted = {mark.code for mark in marks if mark.what == "restarted"}
    furthest = max((groups[i] for i in range(len(steps)) if own_tasks[i]), default=-1)
    found = []
    for i, step in enumerate(steps):
        own_marks[i] += lasting[i] if step.is_event else []
        state = _state_by_facts(step, own_tasks[i], own_marks[i])
        if not state and step.needed is False and step.code not in restarted:
            state = StepState(step.code, "skipped", "condition")
        if not state and step.is_new and groups[i] < furthest:
            state = StepState(step.code, "skipped", "added")
        found.append(state)
    turns = _fill_turns(steps, groups, found, own_tasks)
    return [
        state._replace(again=limit >= 0)
        for state, limit in zip(turns, voided, strict=True)
    ]


def undone_again(states, until):
    """Return the codes of steps before `until` that a return made count again (R213).

    What was signed and logged for them in the round before is there, but says
    nothing about this round: the case must not pass them.

    :param states: list of `StepState` in the order of the steps
    :param int until: number of steps to look at

    >>> states = [StepState("a", "done"), StepState("b", "next", "", True)]
    >>> undone_again(states, 2), undone_again(states, 1)
    (['b'], [])
    """
    return [s.code for s in states[:until] if s.again and s.state not in FINISHED]


def group_numbers(steps):
    """Number the groups of steps that start together.

    >>> group_numbers([Step("a", parallel=True), Step("b"), Step("c", True)])
    [0, 1, 1]
    """
    numbers = []
    for step in steps:
        first = not numbers
        numbers.append(0 if first else numbers[-1] + (not step.parallel))
    return numbers


def _voided_before(steps, groups, marks):
    """Return for each step the order up to which its facts no longer count."""
    group_of = {step.code: group for step, group in zip(steps, groups, strict=True)}
    limits = [-1] * len(steps)
    for mark in marks:
        if mark.what != "restarted" or mark.code not in group_of:
            continue
        for i, step in enumerate(steps):
            if step.code == mark.code or groups[i] > group_of[mark.code]:
                limits[i] = max(limits[i], mark.order)
    return limits


def _by_step(steps, facts, counts, limits):
    """Return for each step its facts that count, oldest first."""
    by_code = {}
    for fact in sorted(facts, key=lambda fact: fact.order):
        by_code.setdefault(fact.code, []).append(fact)
    return [
        [fact for fact in by_code.get(step.code, ()) if counts(fact, limit)]
        for step, limit in zip(steps, limits, strict=True)
    ]


def _state_by_facts(step, tasks, marks):
    """Return the state that a step has by what happened, or None.

    >>> _state_by_facts(Step("a"), [Task("a", "returned", 1, 3)], []).why
    'returned'
    >>> again = [Task("a", "returned", 1, 3), Task("a", "done", 4)]
    >>> _state_by_facts(Step("a"), again, []).state
    'done'
    >>> beside = [Task("a", "returned", 1, 3), Task("a", "done", 2)]
    >>> _state_by_facts(Step("a"), beside, []).why
    'returned'
    """
    if any(task.state in OPEN_STATES for task in tasks):
        return StepState(step.code, "now")
    kept = [task for task in tasks if task.state == "done"]
    skips = [mark.order for mark in marks if mark.what == "skipped"]
    skipped_at = max(skips, default=-1)
    for task in tasks:
        # sent again after it came back, to whomever, or skipped since
        answered = any(other.order > task.ended for other in kept)
        if task.state == "returned" and not answered and skipped_at < task.ended:
            return StepState(step.code, "waiting", "returned")
    if kept or any(mark.what == "met" for mark in marks):
        return StepState(step.code, "done")
    return StepState(step.code, "skipped", "skipped") if skips else None


def _fill_turns(steps, groups, found, tasks):
    """Give the steps that did not begin their turn: next, now or pending."""
    unfinished = [
        groups[i]
        for i, state in enumerate(found)
        if not state or state.state not in FINISHED
    ]
    turn = min(unfinished, default=None)
    result = []
    for i, (step, state) in enumerate(zip(steps, found, strict=True)):
        if not state and groups[i] != turn:
            state = StepState(step.code, "pending")
        elif not state and step.needed is None:
            state = StepState(step.code, "next", "undecided")
        elif not state and step.is_event:
            state = StepState(step.code, "now", "event")
        elif not state:
            state = StepState(step.code, "next", "cancelled" if tasks[i] else "")
        result.append(state)
    return result
