#!/usr/bin/env python3
"""Development tool of this addon: set-up, tests, lint, a running Odoo.

Needs nothing but Python; `python3 tools/dev.py COMMAND --help` tells more."""

import argparse
import os
import sys

from devkit import extras, linting, proc, serving, setup, testing


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name, function, text):
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(function=function)
        return sub

    sub = add("setup", setup.command, "get Odoo, addons, tools; template database")
    sub.add_argument(
        "--no-template", action="store_true", help="leave out the template database"
    )
    add("lint", linting.command, "check the code without running it")
    add_test(add("test", testing.command, "run the checks and tests"))
    add_serve(add("serve", serving.command, "run Odoo with demo data"))
    sub = add("mail", serving.mail, "hand e-mails to the running Odoo")
    sub.add_argument("files", nargs="+", metavar="FILE.eml")
    sub = add("bench", extras.bench, "run the benchmarks in bench/")
    sub.add_argument("names", nargs="*", metavar="NAME")
    sub = add("shell", extras.shell, "Odoo's Python shell")
    sub.add_argument("--db", default=serving.DATABASE)
    sub = add("psql", extras.psql, "PostgreSQL's shell")
    sub.add_argument("--db", default=serving.DATABASE)
    sub.add_argument("arguments", nargs="*", metavar="-- ARGUMENT")
    add("pot", extras.pot, "write i18n/*.pot")
    add("clean", extras.clean, "remove the build folder and the database cluster")
    return parser


def add_serve(sub) -> None:
    sub.add_argument("--port", type=int, help="default: 8069 or the next free one")
    sub.add_argument("--interface", default="127.0.0.1", help="address to listen on")
    sub.add_argument("--fresh", action="store_true", help="start with a new database")
    sub.add_argument(
        "--dev", action="store_true", help="read changed views and code again"
    )


def add_test(sub) -> None:
    sub.add_argument("--quick", action="store_true", help="only the stage `install`")
    sub.add_argument("--tags", help="Odoo test tags, e.g. /ADDON:TestClass.test_name")
    sub.add_argument(
        "--only",
        action="append",
        metavar="STAGE",
        help="only this stage (repeatable): " + ", ".join(testing.STAGES),
    )
    sub.add_argument("--db", metavar="NAME", help="name of the test database")
    sub.add_argument(
        "--keep",
        action="store_true",
        help="keep the database; the next run with this --db updates the addon",
    )
    sub.add_argument("--coverage", action="store_true", help="measure coverage")
    sub.add_argument(
        "--serial", action="store_true", help="one stage at a time, in order"
    )


def main() -> int:
    # The account of the database server has to get into the build folder.
    os.umask(0o022)
    proc.install_signal_handlers()
    arguments = build_parser().parse_args()
    try:
        return arguments.function(arguments)
    except proc.HarnessError as error:
        proc.fail(str(error))
        return 1
    except KeyboardInterrupt:
        proc.fail("interrupted")
        return 130
    finally:
        proc.stop_children()


if __name__ == "__main__":
    sys.exit(main())
