# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""SQL that the statistics share. No figure depends on the zone of the session."""

from odoo.fields import Domain
from odoo.tools import SQL


def get_local_date(moment, zone):
    """Return the day of a UTC column in a zone, see `get_zone`.

    The zone is named twice, so that the session's own zone is never asked.
    """
    return SQL("((%s AT TIME ZONE 'UTC') AT TIME ZONE %s)::date", moment, zone)


def get_zone(env):
    """Return the zone of the joined `company`.

    It is a constant where the companies that the user works in share one: rules show
    no others, and PostgreSQL can then look at dates before it joins anything.
    """
    # sudo: time zones of the companies that the user works in
    zones = set(env.companies.sudo().mapped("complaint_tz"))
    if not env.su and len(zones) == 1:
        return SQL("%s", zones.pop() or "UTC")
    return SQL("COALESCE(company.complaint_tz, 'UTC')")


def get_seconds(begin, end):
    """Return the seconds between two columns, at least 0; NULL if one is NULL.

    GREATEST alone would make 0 of NULL, which counts in an average.
    """
    return SQL(
        """CASE WHEN %(end)s - %(begin)s IS NOT NULL
                THEN GREATEST(0, EXTRACT(EPOCH FROM %(end)s - %(begin)s))
           END::double precision""",
        begin=begin,
        end=end,
    )


def get_query(columns, tables):
    """Return ``SELECT columns FROM tables``.

    :param dict columns: ``{name: SQL}``
    :param SQL tables: what stands behind FROM, conditions included
    """
    selected = SQL(", ").join(
        SQL("%s AS %s", expression, SQL.identifier(name))
        for name, expression in columns.items()
    )
    return SQL("SELECT %s FROM %s", selected, tables)


def get_readable_tickets(env, names):
    """Return ``SELECT names`` of the complaints that this user may read.

    The rules of the complaints themselves (need to know, recusal, company) become
    part of the statistics' query: they hold without a join and cannot be told
    twice. Archived complaints count.
    """
    tickets = env["helpdesk.ticket"].with_context(active_test=False)
    query = tickets._search([("is_complaint", "=", True)])
    if query.is_empty():
        query = tickets._search([("id", "=", 0)], bypass_access=True)
    return query.select(*(SQL.identifier(tickets._table, name) for name in names))


def get_used_names(domain, specs, having=(), order=None):
    """Return the names of the fields that a grouping asks for.

    :param domain: domain of the grouping
    :param specs: group-by and aggregate specifications, ``"date:month"``
    :param having: domain of aggregate specifications
    :param str order: order of the groups
    :return: frozenset of names
    """
    terms = [*specs, *(part.split()[0] for part in (order or "").split(",") if part)]
    for conditions in (domain, having):
        found = Domain(conditions or []).iter_conditions()
        terms += [condition.field_expr for condition in found]
    return frozenset(term.partition(":")[0].partition(".")[0] for term in terms)


def get_quantity(quantity):
    """Return a quantity in the unit of the joined `product_uom`, as Odoo converts."""
    return SQL(
        """CASE WHEN uom.id = product_uom.id THEN %(quantity)s
                ELSE %(quantity)s * COALESCE(uom.factor, 1)
                     / COALESCE(NULLIF(product_uom.factor, 0), 1) END""",
        quantity=quantity,
    )
