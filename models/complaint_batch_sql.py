# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Statements that write many rows at once, for the sweep of the escalation.

What is the same in all rows is sent once, the rest as one array per column: a
list of rows takes longer to write down and to read than to store.
"""

from odoo.tools import SQL

_ROW = "new_row"


def get_insert(model, vals_list, returning=None):
    """Return the statement that inserts rows.

    :param model: empty recordset with log columns
    :param vals_list: dictionaries with the same keys; values as psycopg2 takes them
    :param SQL returning: columns to return
    """
    names, values, source = _get_source(model, vals_list, ("create", "write"))
    return SQL(
        "INSERT INTO %s (%s) SELECT %s FROM %s %s",
        SQL.identifier(model._table),
        SQL(", ").join(map(SQL.identifier, names)),
        SQL(", ").join(values),
        source,
        SQL("RETURNING %s", returning) if returning else SQL(),
    )


def get_update(records, vals_list):
    """Return the statement that writes each record its own values.

    :param vals_list: as for `get_insert`, one for each record
    """
    vals_list = [
        {"id": record_id, **vals}
        for record_id, vals in zip(records.ids, vals_list, strict=True)
    ]
    names, values, source = _get_source(records, vals_list, ("write",))
    (_name, *names), (record_id, *values) = names, values
    return SQL(
        "UPDATE %s target SET %s FROM %s WHERE target.id = %s",
        SQL.identifier(records._table),
        SQL(", ").join(
            SQL("%s = %s", SQL.identifier(name), value)
            for name, value in zip(names, values, strict=True)
        ),
        source,
        record_id,
    )


def get_link(field, pairs):
    """Return the statement that links records of a many2many.

    :param pairs: ``(id of the record, id of the other one)``
    """
    ours, others = zip(*pairs, strict=True)
    return SQL(
        "INSERT INTO %s (%s, %s) SELECT * FROM unnest(%s::int4[], %s::int4[])",
        SQL.identifier(field.relation),
        SQL.identifier(field.column1),
        SQL.identifier(field.column2),
        list(ours),
        list(others),
    )


def _get_source(model, vals_list, stamps):
    """Return ``(names, SQL of their values, SQL of the table they come from)``."""
    columns = {name: [vals[name] for vals in vals_list] for name in vals_list[0]}
    for stamp in stamps:
        columns[f"{stamp}_uid"] = [model.env.uid]
        columns[f"{stamp}_date"] = [model.env.cr.now()]
    values, arrays = [], {"position": SQL("%s::int4[]", list(range(len(vals_list))))}
    for name, column in columns.items():
        kind = SQL.identifier(_get_type(model, name))
        if all(value == column[0] for value in column):
            values.append(SQL("%s::%s", column[0], kind))
        else:
            values.append(SQL.identifier(_ROW, name))
            arrays[name] = SQL("%s::%s[]", column, kind)
    source = SQL(
        "unnest(%s) %s(%s)",
        SQL(", ").join(arrays.values()),
        SQL.identifier(_ROW),
        SQL(", ").join(map(SQL.identifier, arrays)),
    )
    return list(columns), values, source


def _get_type(model, name):
    return "int4" if name == "id" else model._fields[name].column_type[0]
