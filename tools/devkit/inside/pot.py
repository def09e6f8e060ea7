"""Exports the terms of the addon to translate.

usage: pot.py CONFIGURATION DATABASE ADDON FILE"""

import os
import sys

from bootstrap import configure, environment

from odoo.tools import translate

SKIPPED = {"tools", "bench", "docs", "tests"}


def walk_of_the_addon():
    """The addon's folder holds the build folder, which links back to the addon."""
    walk = os.walk

    def shallow(top, *args, **kwargs):
        for root, folders, files in walk(top, *args, **kwargs):
            folders[:] = [
                name
                for name in folders
                if not name.startswith(".") and name not in SKIPPED
            ]
            yield root, folders, files

    return shallow


def main():
    configuration, database, addon, target = sys.argv[1:]
    configure(configuration, database)
    translate.os.walk = walk_of_the_addon()
    with environment(database) as env, open(target, "wb") as buffer:
        translate.trans_export(False, [addon], buffer, "po", env)


main()
