# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Many complaints with goods, events, deadlines and deliveries, made by SQL.

Only for a database that is thrown away: indexes are rebuilt, foreign keys are
dropped, and everything is committed and vacuumed.
"""

from odoo.sql_db import db_connect
from odoo.tools import SQL

_TABLES = ("helpdesk_ticket", "complaint_event", "complaint_line")
_TABLES += ("complaint_deadline", "stock_move")
_MONTHS = 36


def fill(world, complaints, moves):
    """Fill the database of a `World` with that many complaints and moves."""
    env = world.env
    samples = _create_samples(world)
    env.flush_all()
    indexes = _drop_indexes(env.cr)
    _copy_tickets(env, samples, complaints)
    _add_events(env)
    _add_lines(env, samples)
    _add_deadlines(env, samples)
    _copy_moves(env, samples, moves)
    for definition in indexes:
        env.cr.execute(definition)
    env.cr.commit()
    env.invalidate_all()
    with db_connect(env.cr.dbname).cursor() as cursor:
        cursor._cnx.autocommit = True
        for table in _TABLES:
            cursor.execute(SQL("VACUUM ANALYZE %s", SQL.identifier(table)))


def _create_samples(world):
    """Return what the copies are made of, created by the ORM."""
    env = world.env

    def several(model, count, **vals):
        return env[model].create(
            [{"name": f"Bench {at}", **vals} for at in range(count)]
        )

    ticket = world.tickets_of(world.employee).create(world.complaint_vals(1))
    policy = env["complaint.sla.policy"].create({"name": "Bench"})
    accepted = env.ref("helpdesk_mgmt_complaint.event_type_accepted")
    limits = env["complaint.sla.line"]
    for code in ("acknowledged", "closed"):
        met_by = env.ref(f"helpdesk_mgmt_complaint.event_type_{code}")
        limits |= limits.create(
            {
                "policy_id": policy.id,
                "name": code,
                "start_type_id": accepted.id,
                "target_type_ids": met_by.ids,
                "amount": 24,
                "unit": "hour",
            }
        )
    products = several("product.product", 500, is_storable=True)
    warehouse = env["stock.warehouse"].search(
        [("company_id", "=", env.company.id)], limit=1
    )
    move = env["stock.move"].create(
        {
            "product_id": products[0].id,
            "product_uom_qty": 1,
            "location_id": warehouse.lot_stock_id.id,
            "location_dest_id": env.ref("stock.stock_location_customers").id,
        }
    )
    return {
        "ticket": ticket,
        "policy": policy,
        "limits": limits,
        "products": products,
        "move": move,
        "partners": several("res.partner", 2000),
        "categories": several("helpdesk.ticket.category", 30, company_id=False),
        "departments": several("hr.department", 12),
        "defects": several("complaint.defect", 40),
        "channels": env["helpdesk.ticket.channel"].search([], limit=8),
        "users": world.handler | world.employee | world.helpdesk_user,
    }


def _drop_indexes(cr):
    """Drop what makes inserting slow; return the statements that bring it back."""
    cr.execute(
        """SELECT indexname, indexdef FROM pg_indexes
            WHERE tablename = ANY(%s) AND schemaname = current_schema
              AND indexname NOT IN (SELECT conname FROM pg_constraint)""",
        [list(_TABLES)],
    )
    found = cr.fetchall()
    for name, _definition in found:
        cr.execute(SQL("DROP INDEX %s", SQL.identifier(name)))
    cr.execute(
        """SELECT conrelid::regclass::text, conname FROM pg_constraint
            WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])""",
        [list(_TABLES)],
    )
    for table, name in cr.fetchall():
        cr.execute(
            SQL(
                "ALTER TABLE %s DROP CONSTRAINT %s",
                SQL.identifier(table),
                SQL.identifier(name),
            )
        )
    return [definition for _name, definition in found]


def _copy(env, record, count, special):
    """Insert copies of one row with other values in some columns."""
    env.cr.execute(
        """SELECT column_name FROM information_schema.columns
            WHERE table_name = %s AND column_name <> 'id'""",
        [record._table],
    )
    columns = [row[0] for row in env.cr.fetchall()]
    env.cr.execute(
        SQL(
            """INSERT INTO %s (%s) SELECT %s
                 FROM %s base, generate_series(1, %s) counter WHERE base.id = %s""",
            SQL.identifier(record._table),
            SQL(", ").join(map(SQL.identifier, columns)),
            SQL(", ").join(
                special.get(name) or SQL.identifier("base", name) for name in columns
            ),
            SQL.identifier(record._table),
            count,
            record.id,
        )
    )


def _pick(records, step=1):
    """Return SQL that takes one of the records by the counter."""
    return SQL("(%s::int[])[1 + counter / %s %% %s]", records.ids, step, len(records))


def _copy_tickets(env, samples, count):
    stages = env["helpdesk.ticket.stage"].search([("complaint_phase", "!=", False)])
    by_phase = {stage.complaint_phase: stage.id for stage in stages}
    # of ten seven are closed, one is cancelled, two are open
    phases = ["closed"] * 7 + ["cancelled", "accepted", "investigation"]
    _copy(
        env,
        samples["ticket"],
        count,
        {
            "name": SQL("'Bench copy ' || counter"),
            "number": SQL("'B' || counter"),
            "complaint_number": SQL("'B' || counter"),
            "access_token": SQL("NULL"),
            "complaint_phase": SQL("(%s)[1 + counter %% 10]", phases),
            "stage_id": SQL(
                "(%s::int[])[1 + counter %% 10]", [by_phase[name] for name in phases]
            ),
            "partner_id": _pick(samples["partners"], 3),
            "commercial_partner_id": _pick(samples["partners"], 3),
            "category_id": _pick(samples["categories"], 7),
            "complaint_department_id": _pick(samples["departments"], 11),
            "channel_id": _pick(samples["channels"], 5),
            "user_id": _pick(samples["users"], 13),
            "complaint_severity": SQL(
                "(ARRAY['minor', 'major', 'critical'])[1 + counter / 17 %% 3]"
            ),
            "complaint_satisfaction": SQL(
                "(ARRAY['satisfied', 'unsatisfied', NULL])[1 + counter / 19 %% 3]"
            ),
            "complaint_is_major": SQL("counter %% 23 = 0"),
            "create_date": SQL(
                """'2026-07-01'::timestamp
                   - (counter::float8 / %s) * INTERVAL '%s months'""",
                count,
                _MONTHS,
            ),
        },
    )


def _add_events(env):
    """Give each complaint the events of its phase: five of a closed one."""
    env.cr.execute(
        SQL(
            """INSERT INTO complaint_event (ticket_id, company_id, cycle, type_id, code,
                       once_only, scope_key, at, recorded_at, user_id)
               SELECT ticket.id, ticket.company_id, 1, type.id, type.code, true, '',
                      ticket.create_date + step.hours * INTERVAL '1 hour'
                          * (1 + ticket.id %% 7),
                      ticket.create_date, ticket.create_uid
                 FROM helpdesk_ticket ticket
                 JOIN (VALUES ('reported', 0), ('registered', 1), ('accepted', 2),
                              ('acknowledged', 3), ('closed', 90)) step(code, hours)
                   ON step.code <> 'closed' OR ticket.complaint_phase = 'closed'
                 JOIN complaint_event_type type ON type.code = step.code
                WHERE ticket.name LIKE 'Bench copy %%'"""
        )
    )


def _add_lines(env, samples):
    """One line each, a second one for every third complaint."""
    env.cr.execute(
        SQL(
            """INSERT INTO complaint_line (ticket_id, company_id, sequence, product_id,
                       uom_id, defect_id, claimed_qty, defective_qty, accepted_qty,
                       delivered_qty, detected_at, delivered_date)
               SELECT counter, ticket.company_id, 10 * part, %s, %s, %s, 5,
                      counter %% 4, counter %% 3, 100,
                      (ARRAY['incoming', 'line', 'field'])[1 + counter %% 3],
                      (ticket.create_date - INTERVAL '40 days')::date
                 FROM (SELECT id AS counter, * FROM helpdesk_ticket) ticket
                 JOIN generate_series(1, 2) part ON part = 1 OR counter %% 3 = 0
                WHERE ticket.name LIKE 'Bench copy %%'""",
            _pick(samples["products"], 3),
            samples["products"][0].uom_id.id,
            _pick(samples["defects"], 7),
        )
    )


def _add_deadlines(env, samples):
    """One deadline per limit; of twenty one was missed."""
    env.cr.execute(
        SQL(
            """INSERT INTO complaint_deadline (ticket_id, company_id, policy_id,
                       line_id, line_key, name, cycle, occurrence, scope_key,
                       started_at, policy_due_at, due_at, due_kind, breached_at,
                       reached_at, finished_at, state, partner_id, category_id,
                       department_id, user_id)
               SELECT ticket.id, ticket.company_id, %s, line.id, line.key,
                      line.name ->> 'en_US', 1,
                      1, '', ticket.create_date, due.at, due.at, 'policy',
                      CASE WHEN missed THEN due.at END,
                      CASE WHEN met OR missed THEN reached.at END,
                      CASE WHEN met OR missed THEN reached.at END,
                      CASE WHEN missed THEN 'missed' WHEN met THEN 'met'
                           ELSE 'running' END,
                      ticket.partner_id, ticket.category_id,
                      ticket.complaint_department_id, ticket.user_id
                 FROM helpdesk_ticket ticket
                 JOIN complaint_sla_line line ON line.id = ANY(%s)
           CROSS JOIN LATERAL (SELECT ticket.id %% 20 = 0 AS missed,
                                      ticket.complaint_phase = 'closed'
                                   OR line.id = %s AS met) result
           CROSS JOIN LATERAL (SELECT ticket.create_date + INTERVAL '5 days' AS at) due
           CROSS JOIN LATERAL (SELECT due.at + CASE WHEN missed THEN INTERVAL '2 days'
                                ELSE INTERVAL '-1 day' END AS at) reached
                WHERE ticket.name LIKE 'Bench copy %%'""",
            samples["policy"].id,
            samples["limits"].ids,
            samples["limits"][0].id,
        )
    )


def _copy_moves(env, samples, count):
    """Deliveries over the same months; of fifty one came back."""
    move = samples["move"]
    source, target = move.location_id.id, move.location_dest_id.id
    back = SQL("counter %% 50 = 0")
    _copy(
        env,
        move,
        count,
        {
            "product_id": _pick(samples["products"], 3),
            "partner_id": _pick(samples["partners"], 7),
            "state": SQL("'done'"),
            "quantity": SQL("20 + counter %% 100"),
            "location_id": SQL(
                "CASE WHEN %s THEN %s ELSE %s END", back, target, source
            ),
            "location_dest_id": SQL(
                "CASE WHEN %s THEN %s ELSE %s END", back, source, target
            ),
            "date": SQL(
                """'2026-07-01'::timestamp
                   - (counter::float8 / %s) * INTERVAL '%s months'""",
                count,
                _MONTHS,
            ),
        },
    )
