"""Makes a database with demo data fit for looking around.

usage: serve_setup.py CONFIGURATION DATABASE PASSWORD"""

import sys

from bootstrap import configure, environment

# Odoo would put the address of the last administrator's login here.
FIXED_URL = "http://127.0.0.1:8069"


def main():
    configuration, database, password = sys.argv[1:]
    configure(configuration, database)
    with environment(database) as env:
        parameters = env["ir.config_parameter"]
        parameters.set_param("web.base.url", FIXED_URL)
        parameters.set_param("web.base.url.freeze", "True")
        parameters.set_param("report.url", FIXED_URL)
        if not env["mail.alias.domain"].search_count([]):
            # The first one is given to all companies and aliases.
            env["mail.alias.domain"].create({"name": "demo.example.com"})
        users = env["res.users"].search([("login", "=like", "%@demo.example.com")])
        for user in users:
            user.password = password
        # Odoo's own demo data congratulates everybody on a new rank.
        queue = [("state", "=", "outgoing"), ("model", "=", "res.users")]
        env["mail.mail"].search(queue).unlink()
        env["res.users"].search([("login", "=", "admin")]).password = "admin"


main()
