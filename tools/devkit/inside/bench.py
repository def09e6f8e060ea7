"""Runs one benchmark: a file with a function `run(env)`.

usage: bench.py CONFIGURATION DATABASE FILE"""

import os
import runpy
import sys
import time

from bootstrap import configure, environment


def main():
    configuration, database, path = sys.argv[1:]
    configure(configuration, database, "--log-level", "warn")
    # Benchmarks may share helpers that lie beside them.
    sys.path.insert(0, os.path.dirname(path))
    run = runpy.run_path(path)["run"]
    start = time.monotonic()
    with environment(database) as env:
        run(env)
    print(f"{os.path.basename(path)}: {time.monotonic() - start:.1f} s in all")


main()
