# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""List and kanban of complaints beside those of plain helpdesk tickets.

Budget: the number of queries does not depend on the number
of complaints, and a page of 80 takes at most 1.2x the plain one.
"""

from benchkit import World, compare, nothing_stays, print_ratios
from lxml import etree

from odoo.tools import SQL

_COUNT = 20_000
_PAGE = 80
_PLAIN = "helpdesk_mgmt."
_OURS = "helpdesk_mgmt_complaint.complaint_view_"


def run(env):
    """Measure on a database with the addon; returns the figures."""
    with nothing_stays(env):
        world = World(env)
        _fill(world)
        results = {
            "list": compare(env, _get_lists(world)),
            "list, second page": compare(env, _get_lists(world, offset=_PAGE)),
            "kanban": compare(env, _get_kanbans(world)),
        }
    for name, figures in results.items():
        print_ratios(
            f"{name}: pages of {_PAGE} of {_COUNT} complaints and {_COUNT} tickets",
            figures,
        )
    return results


def _get_domains():
    ours = [
        ("is_complaint", "=", True),
        ("complaint_phase", "not in", ["closed", "cancelled"]),
    ]
    return [("is_complaint", "=", False), ("closed", "=", False)], ours


def _get_lists(world, offset=0):
    plain_domain, our_domain = _get_domains()

    def read(user, view, domain):
        tickets = world.tickets_of(user)
        fields = _get_specification(world.env, user, view)
        return lambda: tickets.web_search_read(
            domain, fields, limit=_PAGE, offset=offset
        ), None

    return {
        "plain tickets, helpdesk user": read(
            world.helpdesk_user, f"{_PLAIN}ticket_view_tree", plain_domain
        ),
        "complaints, handler": read(world.handler, f"{_OURS}list", our_domain),
        "own complaints, employee": read(world.employee, f"{_OURS}list", our_domain),
    }


def _get_kanbans(world):
    plain_domain, our_domain = _get_domains()

    def read(user, view, domain):
        tickets = world.tickets_of(user)
        fields = _get_specification(world.env, user, view)
        return lambda: tickets.web_read_group(
            domain,
            ["stage_id"],
            ["__count"],
            auto_unfold=True,
            unfold_read_specification=fields,
            unfold_read_default_limit=_PAGE,
        ), None

    return {
        "plain tickets, helpdesk user": read(
            world.helpdesk_user, f"{_PLAIN}view_helpdesk_ticket_kanban", plain_domain
        ),
        "complaints, handler": read(world.handler, f"{_OURS}kanban", our_domain),
    }


def _get_specification(env, user, view):
    """Return what the web client asks for to show a view."""
    tickets = env["helpdesk.ticket"].with_user(user)
    arch = etree.fromstring(tickets.get_view(env.ref(view).id)["arch"])
    names = {node.get("name") for node in arch.iter("field")}
    return {
        name: {"fields": {"display_name": {}}}
        if tickets._fields[name].type == "many2one"
        else {}
        for name in names & set(tickets._fields)
    }


def _fill(world):
    """Copy one complaint and one plain ticket by SQL: thousands in a second."""
    env = world.env
    env["res.partner"].create([{"name": f"Bench Customer {i}"} for i in range(200)])
    complaint = world.tickets_of(world.employee).create(world.complaint_vals(1))
    plain = world.tickets_of(world.helpdesk_user).create(world.plain_vals(1))
    env.flush_all()
    phases = SQL("stage.complaint_phase IS NOT NULL")
    _copy(env, complaint, phases, {"complaint_number": SQL("'B' || counter")})
    _copy(env, plain, SQL("stage.complaint_phase IS NULL AND stage.active"), {})
    env.cr.execute(
        SQL(
            """INSERT INTO complaint_event (ticket_id, company_id, cycle, type_id, code,
                       once_only, scope_key, at, recorded_at, user_id)
               SELECT ticket.id, ticket.company_id, 1, type.id, type.code, true, '',
                      ticket.create_date, ticket.create_date, ticket.create_uid
                 FROM helpdesk_ticket ticket, complaint_event_type type
                WHERE type.code IN ('reported', 'registered', 'accepted', 'closed')
                  AND ticket.name LIKE 'Bench copy %%' AND ticket.is_complaint"""
        )
    )
    for table in ("helpdesk_ticket", "complaint_event"):
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
    env.invalidate_all(flush=False)


def _copy(env, ticket, stages, special):
    """Insert `_COUNT` copies of a ticket, spread over stages and customers."""
    env.cr.execute(
        """SELECT column_name FROM information_schema.columns
            WHERE table_name = 'helpdesk_ticket' AND column_name != 'id'"""
    )
    special = {
        "name": SQL("'Bench copy ' || counter"),
        "number": SQL("'B' || counter"),
        "partner_id": SQL("partners.ids[1 + counter %% 200]"),
        "stage_id": SQL("stages.ids[1 + counter %% array_length(stages.ids, 1)]"),
        "create_date": SQL("base.create_date - counter * interval '10 minutes'"),
        "access_token": SQL("NULL"),
        **special,
    }
    if ticket.is_complaint:
        special["complaint_phase"] = SQL(
            "stages.phases[1 + counter %% array_length(stages.ids, 1)]"
        )
    columns = [row[0] for row in env.cr.fetchall()]
    env.cr.execute(
        SQL(
            """INSERT INTO helpdesk_ticket (%s)
               SELECT %s FROM helpdesk_ticket base, generate_series(1, %s) counter,
                   (SELECT array_agg(id ORDER BY id) ids FROM res_partner
                     WHERE name LIKE 'Bench Customer %%') partners,
                   (SELECT array_agg(id ORDER BY id) ids,
                           array_agg(complaint_phase ORDER BY id) phases
                      FROM helpdesk_ticket_stage stage WHERE %s) stages
                WHERE base.id = %s""",
            SQL(", ").join(map(SQL.identifier, columns)),
            SQL(", ").join(
                special.get(name) or SQL.identifier("base", name) for name in columns
            ),
            _COUNT,
            stages,
            ticket.id,
        )
    )
