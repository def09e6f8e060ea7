"""`serve` and `mail`: a running Odoo with demo data."""

import contextlib
import json
import threading
import time
import urllib.request
import xmlrpc.client
from pathlib import Path

from . import config, instance, postgres, proc, setup, smtpsink
from .instance import Instance

DATABASE = "hmc_serve"
STATE = config.BUILD / "serve.json"
SERVE_SETUP = config.INSIDE / "serve_setup.py"
DEMO_PASSWORD = "demo"


def command(arguments) -> int:
    setup.prepare()
    with postgres.running(), proc.exclusive("serve", "the Odoo that is being served"):
        served = _database(arguments.fresh)
        ports = instance.Ports(arguments.port or 8069)
        if arguments.port and ports.http != arguments.port:
            raise proc.HarnessError(f"port {arguments.port} is taken")
        with smtpsink.running(config.OUTBOX) as sink:
            try:
                return _serve(served, ports, sink, arguments)
            finally:
                STATE.unlink(missing_ok=True)
                ports.release()


def _database(fresh: bool) -> Instance:
    """Built under another name: an interrupted build is not mistaken for a good one."""
    served = Instance(DATABASE)
    if served.exists() and not fresh:
        return served
    draft = Instance(f"{DATABASE}_draft")
    draft.clone_from(instance.template("demo"))
    log = config.LOGS / "serve-install.log"
    log.unlink(missing_ok=True)
    ports = instance.Ports()
    try:
        with proc.step("installing the addon with demo data"):
            arguments = ["-i", config.ADDON, "--with-demo", "--stop-after-init"]
            # The forms are bilingual; users may switch to Chinese.
            arguments += ["--load-language", "zh_CN", "--no-http"]
            code = draft.odoo(arguments, ports=ports, log=log)
            code = code or draft.script(
                SERVE_SETUP, [DEMO_PASSWORD], log=log, ports=ports
            )
    finally:
        ports.release()
    if code:
        raise proc.HarnessError(f"installation failed, see {log}\n{proc.tail(log)}")
    failures = postgres.query("SELECT error FROM ir_demo_failure", draft.database)
    if failures:
        proc.say("warning: demo data not loaded\n" + "\n".join(failures))
    served.drop()
    return draft.rename(DATABASE)


def _serve(served: Instance, ports, sink, arguments) -> int:
    url = f"http://127.0.0.1:{ports.http}"
    postgres.query(
        f"UPDATE ir_config_parameter SET value = '{url}' "
        "WHERE key IN ('web.base.url', 'report.url')",
        served.database,
    )
    STATE.write_text(
        json.dumps({"url": url, "database": served.database}), encoding="utf-8"
    )
    extra = f"smtp_server = 127.0.0.1\nsmtp_port = {sink.port}\n"
    # `mail` uses this interface; Odoo warns at each call that version 20 drops it.
    extra += "log_handler = :INFO,odoo.addons.rpc.controllers.xmlrpc:ERROR\n"
    options = ["-u", config.ADDON]
    if arguments.dev:
        options += ["--dev", "reload,xml"]
    stop = threading.Event()
    threading.Thread(target=_announce, args=(url, served, stop), daemon=True).start()
    proc.say(f"starting Odoo and updating the addon; it will be at {url}")
    try:
        return served.odoo(
            options, ports=ports, crons=1, extra=extra, interface=arguments.interface
        )
    except KeyboardInterrupt:
        proc.say("stopped")
    finally:
        stop.set()
    return 0


def _announce(url: str, served: Instance, stop: threading.Event) -> None:
    """Below Odoo's own start messages, where it will be read."""
    while not stop.is_set():
        # The page needs the registry, which is free when the update has ended.
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(f"{url}/web/login", timeout=600):
                break
        time.sleep(0.5)
    if not stop.is_set():
        lines = [f"Odoo is ready: {url}", "", *_login_table(served), ""]
        lines += [
            "a customer's e-mail:   python3 tools/dev.py mail FILE.eml",
            f"    addressed to:      {', '.join(_ticket_addresses(served))}",
            f"mail that Odoo sends:  {config.OUTBOX}",
            "stop:                  Ctrl-C",
        ]
        print("\n" + "\n".join("  " + line for line in lines) + "\n", flush=True)


def _login_table(served: Instance) -> list[str]:
    sql = (
        "SELECT u.login || '|' || p.name || '|' || coalesce(p.function, '') "
        "FROM res_users u JOIN res_partner p ON p.id = u.partner_id "
        "WHERE u.active AND (u.login LIKE '%@demo.example.com' "
        "OR u.login IN ('admin', 'demo')) ORDER BY u.id"
    )
    lines = [f"{'login':<36} {'password':<10} name"]
    for row in postgres.query(sql, served.database):
        login, name, function = row.split("|")
        password = "admin" if login == "admin" else DEMO_PASSWORD
        what = f"{name} ({function})" if function else name
        lines.append(f"{login:<36} {password:<10} {what}")
    return lines


def _ticket_addresses(served: Instance) -> list[str]:
    sql = (
        "SELECT a.alias_name || '@' || d.name FROM mail_alias a "
        "JOIN mail_alias_domain d ON d.id = a.alias_domain_id "
        "JOIN ir_model m ON m.id = a.alias_model_id "
        "WHERE m.model = 'helpdesk.ticket' AND a.alias_name <> '' ORDER BY a.id"
    )
    return postgres.query(sql, served.database)


def mail(arguments) -> int:
    """What a mail server would do with an incoming message."""
    if not STATE.is_file():
        raise proc.HarnessError("Odoo is not running: start `serve` first")
    state = json.loads(STATE.read_text(encoding="utf-8"))
    common = xmlrpc.client.ServerProxy(f"{state['url']}/xmlrpc/2/common")
    models = xmlrpc.client.ServerProxy(
        f"{state['url']}/xmlrpc/2/object", allow_none=True
    )
    login = (state["database"], "admin", "admin")
    failures = 0
    try:
        uid = common.authenticate(*login, {})
    except OSError as error:
        raise proc.HarnessError(f"Odoo does not answer yet: {error}") from error
    if not uid:
        raise proc.HarnessError("the user admin has another password than `admin`")
    for name in arguments.files:
        failures += not _deliver(models, (login[0], uid, login[2]), Path(name), state)
    return 1 if failures else 0


def _deliver(models, credentials, path: Path, state: dict) -> bool:
    data = xmlrpc.client.Binary(path.read_bytes())

    def call(model, method, *arguments):
        return models.execute_kw(*credentials, model, method, list(arguments))

    try:
        thread_id = call("mail.thread", "message_process", False, data)
    except xmlrpc.client.Fault as fault:
        proc.fail(f"{path}: {fault.faultString.strip().splitlines()[-1]}")
        return False
    if not thread_id:
        proc.say(f"{path.name}: taken, but no new record (sent before?)")
        return True
    tickets = call("helpdesk.ticket", "search_read", [["id", "=", thread_id]], ["name"])
    shown = f"ticket {thread_id}: {tickets[0]['name']}" if tickets else str(thread_id)
    proc.say(f"{path.name}: {shown}")
    proc.say(f"    {state['url']}/odoo/helpdesk.ticket/{thread_id}")
    return True
