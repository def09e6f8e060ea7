# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import uuid

from odoo import Command, api
from odoo.modules.registry import DummyRLock, Registry
from odoo.tests import BaseCase
from odoo.tests.common import get_db_name
from odoo.tools import SQL

_QUIET = {"mail_create_nosubscribe": True, "mail_notify_force_send": False}


class TaskConcurrencyCase(BaseCase):
    """A complaint and a department with two handlers, for two requests at once.

    With real transactions: the slow one has read before the quick one commits.
    Odoo runs a request again that ends in one of these errors.
    """

    def setUp(self):
        super().setUp()
        # tests run while the registry is being loaded, which holds its lock
        self.patch(Registry, "_lock", DummyRLock())
        self.registry = Registry(get_db_name())
        self.mark = f"Dispatch {uuid.uuid4().hex[:8]}"
        self.addCleanup(self._remove_data)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, _QUIET)
            users = env["res.users"].with_context(no_reset_password=True)
            handler = "helpdesk_mgmt_complaint.group_complaint_handler"
            self.user_ids = users.create(
                [
                    {
                        "name": f"{self.mark} {index}",
                        "login": f"{self.mark} {index}",
                        "group_ids": [Command.set(env.ref(handler).ids)],
                    }
                    for index in range(2)
                ]
            ).ids
            department = env["hr.department"].create({"name": self.mark})
            env["hr.employee"].create(
                [
                    {
                        "name": f"{self.mark} {user_id}",
                        "user_id": user_id,
                        "department_id": department.id,
                    }
                    for user_id in self.user_ids
                ]
            )
            self.department_id = department.id
            ticket = env["helpdesk.ticket"].create(
                {
                    "name": self.mark,
                    "is_complaint": True,
                    "complaint_anonymous": True,
                    "complaint_content": "Broken",
                    "channel_id": env.ref("helpdesk_mgmt_complaint.channel_phone").id,
                }
            )
            self.ticket_id = ticket.id

    def _remove_data(self):
        with self.registry.cursor() as cr:
            for table, column, ids in (
                ("mail_message", "res_id", [self.ticket_id]),
                ("mail_activity", "res_id", [self.ticket_id]),
                ("mail_followers", "res_id", [self.ticket_id]),
                ("helpdesk_ticket", "id", [self.ticket_id]),
            ):
                extra = SQL()
                if column == "res_id":
                    name = "model" if table == "mail_message" else "res_model"
                    extra = SQL("AND %s = 'helpdesk.ticket'", SQL.identifier(name))
                cr.execute(
                    SQL(
                        "DELETE FROM %s WHERE %s = ANY(%s) %s",
                        SQL.identifier(table),
                        SQL.identifier(column),
                        ids,
                        extra,
                    )
                )
            env = api.Environment(cr, api.SUPERUSER_ID, _QUIET)
            users = env["res.users"].browse(self.user_ids)
            partners = users.partner_id
            employees = env["hr.employee"].search([("user_id", "in", users.ids)])
            contacts = employees.work_contact_id
            employees.unlink()
            env["hr.department"].browse(self.department_id).unlink()
            users.unlink()
            (partners | contacts).exists().unlink()

    def _ticket(self, cr, index):
        env = api.Environment(cr, self.user_ids[index], _QUIET)
        return env["helpdesk.ticket"].browse(self.ticket_id)

    def _send(self, ticket):
        return ticket._complaint_send_dispatch({"to_department_id": self.department_id})
