"""Order of the members of a model class, as Odoo's guidelines give it."""

import ast

ORDER = [
    "private attribute",
    "default method",
    "field",
    "constraint or index",
    "compute, inverse, search or selection method",
    "constrains or onchange method",
    "create, write and other ORM method",
    "action",
    "business method",
]
PRIVATE, DEFAULT, FIELD, CONSTRAINT, COMPUTE, CHECK, CRUD, ACTION, BUSINESS = range(9)
ORM_METHODS = {
    "create",
    "write",
    "unlink",
    "copy",
    "copy_data",
    "default_get",
    "fields_get",
    "get_formview_action",
    "get_formview_id",
    "get_view",
    "get_views",
    "init",
    "name_create",
    "name_search",
    "read",
    "search",
    "search_fetch",
    "search_read",
    "web_read",
    "web_save",
    "_get_view",
    "_name_search",
    "_read_group",
    "_search",
    "_auto_init",
    "_register_hook",
}
METHOD_ARGUMENTS = {"compute", "inverse", "search", "selection", "group_expand"}


def problems(src):
    if not src.is_addon:
        return
    for node in src.tree.body:
        if isinstance(node, ast.ClassDef) and _is_model(node):
            yield from _check(src, node)


def _is_model(node: ast.ClassDef) -> bool:
    return any(ast.unparse(base).startswith("models.") for base in node.bases)


def _check(src, node: ast.ClassDef):
    named = _methods_named_by_fields(node)
    highest, above = PRIVATE, ""
    for member in node.body:
        kind = _kind(member, named)
        if kind is None:
            continue
        if kind < highest:
            yield (
                f"{src.name}:{member.lineno}: {node.name}.{_name(member)} "
                f"({ORDER[kind]}) after {above} ({ORDER[highest]})"
            )
        else:
            highest, above = kind, _name(member)


def _name(member: ast.stmt) -> str:
    if isinstance(member, ast.FunctionDef):
        return member.name
    target = member.targets[0] if isinstance(member, ast.Assign) else member.target
    return ast.unparse(target)


def _methods_named_by_fields(node: ast.ClassDef) -> dict[str, int]:
    """Methods that fields refer to by name need no special name of their own."""
    found = {}
    for member in node.body:
        if not isinstance(member, ast.Assign) or not isinstance(member.value, ast.Call):
            continue
        for keyword in member.value.keywords:
            value = keyword.value
            if keyword.arg == "default":
                # default=_default_x or default=lambda self: self._default_x()
                for part in ast.walk(value):
                    name = getattr(part, "attr", getattr(part, "id", ""))
                    found.setdefault(name, DEFAULT)
            elif keyword.arg in METHOD_ARGUMENTS and isinstance(value, ast.Constant):
                found[value.value] = COMPUTE
    return found


def _kind(member: ast.stmt, named: dict[str, int]) -> int | None:
    if isinstance(member, ast.Assign | ast.AnnAssign):
        value = ast.unparse(member.value) if member.value else ""
        if value.startswith("fields."):
            return FIELD
        if value.startswith(
            ("models.Constraint", "models.Index", "models.UniqueIndex")
        ):
            return CONSTRAINT
        return PRIVATE
    if isinstance(member, ast.FunctionDef):
        return _method_kind(member, named)
    return None


def _method_kind(member: ast.FunctionDef, named: dict[str, int]) -> int:
    decorators = " ".join(ast.unparse(item) for item in member.decorator_list)
    if "api.constrains" in decorators or "api.onchange" in decorators:
        return CHECK
    if member.name in ORM_METHODS or "api.ondelete" in decorators:
        return CRUD
    if member.name.startswith("_default_"):
        return DEFAULT
    if member.name in named:
        return named[member.name]
    if member.name.startswith(
        ("_compute_", "_inverse_", "_selection_", "_read_group_")
    ):
        return COMPUTE
    if member.name.startswith(("action_", "button_")):
        return ACTION
    return BUSINESS
