# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A graph of lots as a tree that a person can look at. Pure Python."""

from collections import deque


def build_tree(roots, edges, limit):
    """Return the trees that grow from some nodes along edges, breadth first.

    A graph may join and loop, a tree may not: a node is shown with its children
    where it appears first, elsewhere as a reference. What does not fit into the
    limit is counted, so that nothing disappears silently.

    :param roots: node ids, in the order to show them
    :param edges: ``[(from, to, quantity)]``
    :param int limit: how many entries are shown at most (the roots always are)
    :return: list of entries: dict with ``id``, ``quantity`` (None for roots),
        ``is_repeat``, ``children`` and ``hidden``, the number of children left out

    >>> trees = build_tree([1], [(1, 2, 5.0), (1, 3, 2.0), (2, 1, 1.0)], 10)
    >>> [(entry["id"], entry["quantity"]) for entry in trees[0]["children"]]
    [(2, 5.0), (3, 2.0)]
    >>> trees[0]["children"][0]["children"][0]["is_repeat"]
    True
    >>> build_tree([1], [(1, 2, 5.0), (1, 3, 2.0)], 2)[0]["hidden"]
    1
    """
    targets = {}
    for source, target, quantity in edges:
        targets.setdefault(source, []).append((target, quantity))
    trees = [_entry(root) for root in dict.fromkeys(roots)]
    shown = {entry["id"] for entry in trees}
    count, todo = len(trees), deque(trees)
    while todo:
        entry = todo.popleft()
        for target, quantity in targets.get(entry["id"], ()):
            if count >= limit:
                entry["hidden"] += 1
                continue
            child = _entry(target, quantity, target in shown)
            entry["children"].append(child)
            count += 1
            if not child["is_repeat"]:
                shown.add(target)
                todo.append(child)
    return trees


def get_shown(trees):
    """Return the ids of all nodes in trees, a set."""
    found, todo = set(), list(trees)
    while todo:
        entry = todo.pop()
        found.add(entry["id"])
        todo += entry["children"]
    return found


def _entry(node, quantity=None, is_repeat=False):
    return {
        "id": node,
        "quantity": quantity,
        "is_repeat": is_repeat,
        "children": [],
        "hidden": 0,
    }
