"""Odoo as a library; imported by the scripts that run inside its environment."""

import contextlib

from odoo import api
from odoo.modules.registry import Registry
from odoo.tools import config


def configure(configuration: str, database: str, *more: str) -> None:
    config.parse_config(
        ["-c", configuration, "-d", database, "--no-http", *more], setup_logging=True
    )


@contextlib.contextmanager
def environment(database: str, uid: int = api.SUPERUSER_ID):
    """Committed at the end, rolled back on an error."""
    with Registry(database).cursor() as cr:
        yield api.Environment(cr, uid, {})
