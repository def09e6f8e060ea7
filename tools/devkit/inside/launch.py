"""Starts Odoo's command line; run by the harness inside its virtual environment.

HMC_TESTS_AFTER_LOADING names modules whose tests all run after everything is loaded,
also those that normally run while their module is being installed. At that moment the
registry is without our addon, and the database has its columns already."""

import os

import odoo.cli


def _merge_positions(wanted):
    from odoo.tests import loader
    from odoo.tests.suite import OdooSuite

    make_suite = loader.make_suite

    def both(module_names, position="at_install"):
        if position == "at_install":
            return OdooSuite([])
        # Only these: importing the tests of all modules takes long, and some of them
        # need modules that are not there.
        module_names = [name for name in module_names if name in wanted]
        return OdooSuite(
            [
                *make_suite(module_names, "at_install"),
                *make_suite(module_names, "post_install"),
            ]
        )

    loader.make_suite = both


if os.environ.get("HMC_TESTS_AFTER_LOADING"):
    _merge_positions(os.environ["HMC_TESTS_AFTER_LOADING"].split(","))
odoo.cli.main()
