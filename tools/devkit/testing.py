"""The stages of `test` and the databases they share."""

import os
import threading
from pathlib import Path

from . import config, coverage, instance, linting, logscan, postgres, proc, residue
from . import twoservers as servers
from .instance import Instance
from .report import Report, Stage

STAGES = [
    "lint",
    "install",
    "upgrade",
    "twoservers",
    "second",
    "demo",
    "neighbours",
    "oca",
    "uninstall",
]
UNINSTALL = config.INSIDE / "uninstall.py"
# Odoo skips browser tests when it cannot start a browser; that must not go unseen.
FORBIDDEN_SKIPS = ("websocket", "chrome", "Chrome", "devtools", "page' target")


class TestRun:
    """One invocation: own databases, ports and logs."""

    def __init__(self, tag: str, with_coverage: bool, tags: str | None = None):
        self.tag = tag
        self.tags = tags
        self.logs = config.LOGS / tag
        self.with_coverage = with_coverage
        self.main = Instance(f"hmc_test_{tag}")
        self.other = Instance(f"hmc_test_{tag}_second")
        self.demo = Instance(f"hmc_test_{tag}_demo")
        self.neighbours = Instance(f"hmc_test_{tag}_nb")
        self.plain = Instance(f"hmc_test_{tag}_plain")
        self.shared = Instance(f"hmc_test_{tag}_two")
        self.databases = [self.main, self.demo, self.neighbours, self.plain]
        self.databases += [self.shared, self.other]
        self.coverage_dir = self.logs / "coverage"
        self.is_split = False
        self.stopped = False
        self.logs.mkdir(parents=True, exist_ok=True)
        # Another measurement would be added to the old one.
        proc.remove_tree(self.coverage_dir)

    def log(self, name: str) -> Path:
        path = self.logs / f"{name}.log"
        path.unlink(missing_ok=True)
        return path

    def close(self) -> None:
        for database in self.databases:
            database.drop()

    def odoo(self, database: Instance, name: str, arguments, env=None):
        """Run Odoo, read its log. (exit code, scan, log)"""
        log = self.log(name)
        before = ()
        env = dict(env or {})
        if self.with_coverage:
            before, more = coverage.launcher(self.coverage_dir)
            env.update(more)
        ports = instance.Ports()
        try:
            code = database.odoo(
                [*arguments, "--stop-after-init"],
                ports=ports,
                log=log,
                before=before,
                env=env,
            )
        finally:
            ports.release()
        return code, logscan.scan(log), log


def judge(stage: Stage, code: int, scan, log: Path, *, tests: bool) -> None:
    """One check per fact that can go wrong, plus each test that ran."""
    if tests:
        stage.passed += scan.run - scan.failed
        stage.failed += scan.failed
        for text in scan.failing:
            stage.note(text[:3000])
        stage.check("tests were found and run", scan.counted and scan.run > 0)
        bad_skips = [
            text
            for text in scan.skipped
            if any(word in text.split(": ", 1)[-1] for word in FORBIDDEN_SKIPS)
        ]
        stage.check("no browser test skipped", not bad_skips, "\n".join(bad_skips))
        if scan.skipped:
            stage.note("skipped:\n" + "\n".join(scan.skipped))
    stage.check("log without warnings", not scan.bad, "\n".join(scan.bad))
    # With failing tests Odoo ends with 1; that is counted already.
    explained = tests and scan.failed
    good = code == 0 or bool(explained)
    stage.check("Odoo ended normally", good, f"exit code {code}, see {log}")
    if stage.failed:
        stage.note(f"log: {log}")


def second_files() -> list[str]:
    """The test files of the stage `second`, as Odoo's test tags name them."""
    names = sorted(path.name for path in (config.REPO / "tests").glob("test_*.py"))
    chosen = [name for name in names if name.startswith(config.SECOND_LANE)]
    return [f"/{config.ADDON}/tests/{name}" for name in chosen]


def install(stage: Stage, run: TestRun) -> None:
    # A kept database in which the installation failed is of no use.
    kept = run.main.exists() and is_installed(run.main)
    if not kept:
        run.main.clone_from(instance.template("deps"))
    what = "-u" if kept else "-i"
    arguments = [what, config.ADDON, "--skip-auto-install", "--test-enable"]
    tags = run.tags or f"/{config.ADDON}"
    if run.is_split:
        tags += "".join(f",-{name}" for name in second_files())
    code, scan, log = run.odoo(run.main, "install", [*arguments, "--test-tags", tags])
    judge(stage, code, scan, log, tests=True)
    stage.check("addon is installed", is_installed(run.main))


def second(stage: Stage, run: TestRun) -> None:
    """The tests that `install` left out, on an installation of their own.

    They run at the same time, so that both processors have work.
    """
    run.other.clone_from(instance.template("deps"))
    arguments = ["-i", config.ADDON, "--skip-auto-install", "--test-enable"]
    tags = ",".join(second_files())
    code, scan, log = run.odoo(run.other, "second", [*arguments, "--test-tags", tags])
    judge(stage, code, scan, log, tests=True)
    run.other.drop()


def _ensure(run: TestRun, database: Instance) -> None:
    """The addon without tests, for stages that need no more than that."""
    if not (database.exists() and is_installed(database)):
        database.clone_from(instance.template("deps"))
        arguments = ["-i", config.ADDON, "--skip-auto-install"]
        name = f"prepare-{database.database.split('_')[-1]}"
        code, _scan, log = run.odoo(database, name, arguments)
        if code:
            raise proc.HarnessError(f"installation failed\n{proc.tail(log)}")


def upgrade(stage: Stage, run: TestRun) -> None:
    _ensure(run, run.main)
    arguments = ["-u", config.ADDON, "--skip-auto-install"]
    code, scan, log = run.odoo(run.main, "upgrade", arguments)
    judge(stage, code, scan, log, tests=False)
    stage.check("addon is installed", is_installed(run.main))


def twoservers(stage: Stage, run: TestRun) -> None:
    _ensure(run, run.main)
    run.shared.clone_from(run.main)
    logs = [run.log(f"twoservers-{name}") for name in ("seed", "one", "two")]
    servers.check_takeover(stage, run.shared, logs)
    for log in logs[1:]:
        bad = logscan.scan(log).bad
        stage.check(f"{log.stem}: log without warnings", not bad, "\n".join(bad))
    run.shared.drop()


def demo(stage: Stage, run: TestRun) -> None:
    run.demo.clone_from(instance.template("demo"))
    arguments = ["-i", config.ADDON, "--with-demo", "--test-enable"]
    arguments += ["--test-tags", f"hmc_demo/{config.ADDON}"]
    code, scan, log = run.odoo(run.demo, "demo", arguments)
    judge(stage, code, scan, log, tests=True)
    # A failing demo file is a mere warning in Odoo 19, and the addon stays installed.
    failures = postgres.query("SELECT error FROM ir_demo_failure", run.demo.database)
    stage.check("demo data loaded", not failures, "\n".join(failures))
    flag = postgres.query(
        f"SELECT demo FROM ir_module_module WHERE name = '{config.ADDON}'",
        run.demo.database,
    )
    stage.check("addon is marked as having demo data", flag == ["t"], str(flag))


def uninstall(stage: Stage, run: TestRun) -> None:
    """Without demo data: Odoo cannot delete demo goods that were shipped.

    The script first fills every kind of record that could be left behind.
    """
    _ensure(run, run.plain)
    before = residue.snapshot(instance.template("deps").database)
    log = run.log("uninstall")
    ports = instance.Ports()
    command, env = (), {}
    if run.with_coverage:
        command, env = coverage.launcher(run.coverage_dir)
    try:
        code = run.plain.script(
            UNINSTALL, [config.ADDON], log=log, ports=ports, before=command, env=env
        )
    finally:
        ports.release()
    judge(stage, code, logscan.scan(log), log, tests=False)
    stage.check("addon is gone", not is_installed(run.plain))
    after = residue.snapshot(run.plain.database)
    for name, left, lost in residue.compare(before, after):
        stage.check(f"no {name} left behind", not left, "\n".join(left))
        stage.check(f"no {name} of others lost", not lost, "\n".join(lost))


def neighbours(stage: Stage, run: TestRun) -> None:
    run.neighbours.clone_from(instance.template("neighbours"))
    arguments = ["-i", config.ADDON, "--skip-auto-install", "--test-enable"]
    arguments += ["--test-tags", f"hmc_neighbours/{config.ADDON}"]
    code, scan, log = run.odoo(run.neighbours, "neighbours", arguments)
    judge(stage, code, scan, log, tests=True)


def oca(stage: Stage, run: TestRun) -> None:
    """The tests of the addons that we extend must pass with ours installed."""
    _ensure(run, run.plain)
    tags = ",".join(f"/{module}" for module in config.OCA_TESTED)
    excluded = "".join(f",-{test}" for test in config.OCA_EXCLUDED_TESTS)
    arguments = ["--test-enable", "--test-tags", tags + excluded]
    env = {"HMC_TESTS_AFTER_LOADING": ",".join(config.OCA_TESTED)}
    code, scan, log = run.odoo(run.plain, "oca", arguments, env)
    judge(stage, code, scan, log, tests=True)


def is_installed(database: Instance) -> bool:
    return config.ADDON in instance.installed_modules(database.database)


FUNCTIONS = {
    "install": install,
    "upgrade": upgrade,
    "twoservers": twoservers,
    "second": second,
    "demo": demo,
    "uninstall": uninstall,
    "neighbours": neighbours,
    "oca": oca,
}
# What runs at the same time; each lane takes about as long as the other.
LANES = [
    ["install", "upgrade", "twoservers"],
    ["second", "demo", "neighbours", "oca", "uninstall"],
]


def drop_leftovers() -> None:
    """Databases of runs that were killed; the number in the name is the process."""
    pattern = "^hmc_(test|bench|pot)_[0-9]+(_|$)"
    sql = f"SELECT datname FROM pg_database WHERE datname ~ '{pattern}'"
    for name in postgres.query(sql):
        pid = name.split("_")[2]
        if not os.path.exists(f"/proc/{pid}"):
            Instance(name).drop()


def prune_logs() -> None:
    runs = [path for path in config.LOGS.glob("*") if path.name.isdigit()]
    for path in sorted(runs, key=lambda item: item.stat().st_mtime)[:-10]:
        proc.remove_tree(path)


def run_lanes(report: Report, run: TestRun, stages: list[str], parallel: bool) -> None:
    lanes = [[name for name in lane if name in stages] for lane in LANES]

    def work(lane: list[str]) -> None:
        for name in lane:
            if not run.stopped:
                report.run(name, FUNCTIONS[name], run)

    if not parallel:
        for name in stages:
            report.run(name, FUNCTIONS[name], run)
        return
    threads = [
        threading.Thread(target=work, args=(lane,), daemon=True) for lane in lanes
    ]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            # A timeout keeps the main thread open for signals.
            while thread.is_alive():
                thread.join(0.5)
    except BaseException:
        # Interrupted: no lane may begin its next stage on a database that goes away.
        run.stopped = True
        proc.stop_children()
        for thread in threads:
            thread.join(20)
        raise


def command(arguments) -> int:
    from . import setup

    report = Report(STAGES)
    setup.prepare()
    stages = select_stages(arguments)
    if "lint" in stages:
        report.run("lint", linting.stage)
        stages = [name for name in stages if name != "lint"]
    if stages and config.manifest() is None:
        proc.say("there is no __manifest__.py yet: nothing to install")
        report.run("manifest", lambda stage: stage.check("manifest exists", False))
    elif stages:
        _run_database_stages(arguments, report, stages)
    return report.summary()


def _run_database_stages(arguments, report: Report, stages: list[str]) -> None:
    full = stages == STAGES[1:]
    tag = arguments.db or str(os.getpid())
    with postgres.running(), proc.exclusive(f"test-{tag}", f"test database {tag}"):
        drop_leftovers()
        prune_logs()
        run = TestRun(tag, full or arguments.coverage, arguments.tags)
        run.is_split = "second" in stages
        if not arguments.keep:
            run.close()
        # Whatever is kept, this one has to hold the addon as it is now.
        run.plain.drop()
        try:
            run_lanes(report, run, stages, parallel=not arguments.serial)
            if run.with_coverage and "install" in stages:
                report.run("coverage", coverage.stage, run.coverage_dir)
        finally:
            if not arguments.keep:
                run.close()


def select_stages(arguments) -> list[str]:
    if arguments.only:
        unknown = set(arguments.only) - set(STAGES)
        if unknown:
            raise proc.HarnessError(
                f"unknown stage {', '.join(sorted(unknown))}; there are: "
                + ", ".join(STAGES)
            )
        return [name for name in STAGES if name in arguments.only]
    if arguments.quick or arguments.tags:
        return ["install"]
    return STAGES
