"""Two Odoo servers on one database; the one that sweeps deadlines is killed.

What must hold: Odoo's cron runs on one of them at a time, the other one takes over,
and each escalation level was reached exactly once, with one activity per complaint
and person, one event per complaint and one mail per person."""

import os
import signal
import time

from . import config, instance, logscan, postgres, proc
from .instance import Instance
from .report import Stage

SEED = config.INSIDE / "twoservers_seed.py"
CRON = f"{config.ADDON}.ir_cron_complaint_escalate"
# The sweep takes 500 deadlines per transaction: a little more than two of them.
# Those of a complaint are due at the same second, so that none is cut in two.
TICKETS, DEADLINES, LEVELS = 110, 10, 2
BATCH_ROWS = 500 * LEVELS
ROWS = TICKETS * DEADLINES * LEVELS
# Makes the database slow, not the product: a batch takes three seconds more.
SLOW_INSERT = """
CREATE FUNCTION hmc_slow() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_sleep(0.003); RETURN NEW; END';
CREATE TRIGGER hmc_slow BEFORE INSERT ON complaint_escalation
    FOR EACH ROW EXECUTE FUNCTION hmc_slow();
"""
PATIENCE = 90.0


def check_takeover(stage: Stage, database: Instance, logs) -> None:
    """Run the whole scenario; one check per fact.

    :param logs: three paths: of the preparation and of each server
    """
    seed_log, *server_logs = logs
    _seed(database, seed_log)
    servers, ports = [], []
    try:
        for log in server_logs:
            ports.append(instance.Ports())
            servers.append(database.start([], ports=ports[-1], log=log, crons=1))
        for log in server_logs:
            _wait(f"{log.stem} is up", lambda log=log: _has(log, "Registry loaded in"))
        _kill_in_the_second_batch(stage, database, servers, server_logs)
        _check_result(stage, database)
    finally:
        for server in servers:
            proc.stop_child(server)
        for taken in ports:
            taken.release()


def _seed(database: Instance, log) -> None:
    ports = instance.Ports()
    try:
        numbers = [str(TICKETS), str(DEADLINES), str(LEVELS)]
        if database.script(SEED, numbers, ports=ports, log=log):
            raise proc.HarnessError(f"no data for two servers\n{proc.tail(log)}")
    finally:
        ports.release()
    postgres.query(SLOW_INSERT, database.database)


def _kill_in_the_second_batch(stage: Stage, database, servers, logs) -> None:
    _wake(database, due=True)
    _wait("one batch is done", lambda: _is_in_second_batch(database))
    holder = _get_holder(database)
    by_pid = {str(server.pid): index for index, server in enumerate(servers)}
    if not stage.check("a server sweeps", holder in by_pid, f"process {holder}"):
        return
    first = by_pid[holder]
    os.kill(servers[first].pid, signal.SIGKILL)
    servers[first].wait()
    name = "Complaints: Escalate Deadlines"
    dead, alive = logs[first], logs[1 - first]
    stage.check("only one server swept", not _has(alive, f"Job '{name}'"))
    # PostgreSQL ends the statement of the dead one before it looks for him.
    _wait("the dead one is gone", lambda: not _count_connections(database, holder))
    rows = _count_rows(database)
    whole = rows < ROWS and rows % BATCH_ROWS == 0
    stage.check("nothing of the interrupted batch stays", whole, f"{rows} rows")
    _wake(database)
    _wait("the other one finished", lambda: _has(alive, "fully done"))
    stage.check("the dead one had not finished", not _has(dead, "fully done"))


def _check_result(stage: Stage, database: Instance) -> None:
    facts = {
        "each level of each deadline once": (
            "SELECT count(*), count(DISTINCT (deadline_id, level_id)) "
            "FROM complaint_escalation",
            f"{ROWS}|{ROWS}",
        ),
        "every deadline is missed and at rest": (
            "SELECT count(*) FROM complaint_deadline WHERE state = 'missed' "
            "AND breached_at = due_at AND next_alarm_at IS NULL "
            "AND alarm_error IS NULL",
            f"{TICKETS * DEADLINES}",
        ),
        "one activity per complaint and person": (
            "SELECT count(*), count(DISTINCT (res_id, user_id)) FROM mail_activity "
            "WHERE res_model = 'helpdesk.ticket'",
            f"{TICKETS * LEVELS}|{TICKETS * LEVELS}",
        ),
        "one event per complaint": (
            "SELECT count(*), count(DISTINCT ticket_id) FROM complaint_event "
            "WHERE code = 'escalated'",
            f"{TICKETS}|{TICKETS}",
        ),
        "one mail per person, which counts all his levels": (
            "SELECT count(*), count(DISTINCT message.res_id), min(message.subject) "
            "FROM mail_mail mail JOIN mail_message message "
            "ON message.id = mail.mail_message_id WHERE message.model = 'res.users'",
            f"{LEVELS}|{LEVELS}|Complaint deadlines: {TICKETS * DEADLINES} "
            "need your attention",
        ),
        "no mail is left to be queued": (
            "SELECT count(*) FROM complaint_escalation_pending_mail_rel",
            "0",
        ),
        "the cron is well": (
            f"SELECT active, failure_count FROM ir_cron WHERE id = {_CRON_ID}",
            "t|0",
        ),
    }
    for what, (sql, expected) in facts.items():
        [found] = postgres.query(sql, database.database)
        stage.check(what, found == expected, f"{found} instead of {expected}")


_CRON_ID = (
    "(SELECT res_id FROM ir_model_data WHERE module || '.' || name = "
    f"'{CRON}' AND model = 'ir.cron')"
)


def _wake(database: Instance, due: bool = False) -> None:
    """Tell the servers as Odoo itself does; without it they look once a minute."""
    if due:
        postgres.query(
            "UPDATE ir_cron SET active = true, nextcall = now() AT TIME ZONE 'UTC' "
            f"- interval '1 minute' WHERE id = {_CRON_ID}",
            database.database,
        )
    postgres.query(f"SELECT pg_notify('cron_trigger', '{database.database}')")


def _count_rows(database: Instance) -> int:
    [count] = postgres.query(
        "SELECT count(*) FROM complaint_escalation", database.database
    )
    return int(count)


def _get_holder(database: Instance) -> str:
    """The process whose batch is being written, empty for none."""
    found = postgres.query(
        "SELECT substring(application_name FROM 'odoo-([0-9]+)') "
        f"FROM pg_stat_activity WHERE datname = '{database.database}' "
        "AND wait_event = 'PgSleep'"
    )
    return found[0] if found else ""


def _is_in_second_batch(database: Instance) -> bool:
    return _count_rows(database) >= BATCH_ROWS and bool(_get_holder(database))


def _count_connections(database: Instance, pid: str) -> int:
    [count] = postgres.query(
        "SELECT count(*) FROM pg_stat_activity "
        f"WHERE datname = '{database.database}' AND application_name = 'odoo-{pid}'"
    )
    return int(count)


def _has(log, text: str) -> bool:
    return any(text in record for _level, _logger, record in logscan.records(log))


def _wait(what: str, is_true) -> None:
    end = time.monotonic() + PATIENCE
    while not is_true():
        if time.monotonic() > end:
            raise proc.HarnessError(f"waited {PATIENCE:.0f} s in vain: {what}")
        time.sleep(0.1)
