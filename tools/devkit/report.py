"""What passed, what failed, and how long it took."""

import threading
import time
from dataclasses import dataclass, field

from . import proc

SHOWN_LINES = 60


@dataclass
class Stage:
    name: str
    passed: int = 0
    failed: int = 0
    seconds: float = 0.0
    details: list[str] = field(default_factory=list)

    def check(self, what: str, good: bool, detail: str = "") -> bool:
        if good:
            self.passed += 1
        else:
            self.failed += 1
            self.details.append(f"{self.name}: {what} FAILED")
            if detail:
                lines = detail.splitlines()
                self.details += ["    " + line for line in lines[:SHOWN_LINES]]
                if len(lines) > SHOWN_LINES:
                    more = len(lines) - SHOWN_LINES
                    self.details.append(f"    ... {more} more lines")
        return good

    def note(self, text: str) -> None:
        self.details += [f"    {line}" for line in text.splitlines()]


class Report:
    def __init__(self, order: list[str] | None = None):
        self.order = order or []
        self.stages: list[Stage] = []
        self.start = time.monotonic()
        self._lock = threading.Lock()

    def run(self, name: str, function, *arguments) -> Stage:
        stage = Stage(name)
        proc.say(f"{name}: started")
        start = time.monotonic()
        try:
            function(stage, *arguments)
        except (proc.HarnessError, OSError, ValueError) as error:
            stage.check("harness", False, f"{type(error).__name__}: {error}")
        stage.seconds = time.monotonic() - start
        with self._lock:
            self.stages.append(stage)
            for line in stage.details:
                print(line, flush=True)
            verdict = "FAILED" if stage.failed else "ok"
            proc.say(
                f"{name}: {verdict} ({stage.passed} passed, {stage.failed} failed) "
                f"in {stage.seconds:.0f} s"
            )
        return stage

    def summary(self) -> int:
        # Stages that ran at the same time ended in any order.
        self.stages.sort(
            key=lambda stage: (self.order + [stage.name]).index(stage.name)
        )
        print("\nstage            passed  failed  seconds")
        for stage in self.stages:
            print(
                f"{stage.name:<16} {stage.passed:>6}  {stage.failed:>6}"
                f"  {stage.seconds:>7.0f}"
            )
        print(f"{'total':<16} {'':>6}  {'':>6}  {time.monotonic() - self.start:>7.0f}")
        passed = sum(stage.passed for stage in self.stages)
        failed = sum(stage.failed for stage in self.stages)
        print(f"{passed} passed, {failed} failed", flush=True)
        return 1 if failed or not passed else 0
