# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path

from odoo import SUPERUSER_ID
from odoo.tests import tagged

from .common import ComplaintCommon

_MAILS = Path(__file__).parent / "mails"
ADDRESS = "complaints@helpdesk.example.com"


@tagged("post_install", "-at_install")
class IntakeCommon(ComplaintCommon):
    """A complaint address, an order with fixed numbers, and raw mails."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        domain = cls.env["mail.alias.domain"].create(
            {
                "name": "helpdesk.example.com",
                "bounce_alias": "bounce",
                "catchall_alias": "catchall",
            }
        )
        cls.company.alias_domain_id = domain
        cls.team.alias_id.write(
            {"alias_name": "complaints", "alias_domain_id": domain.id}
        )
        cls.order.write({"name": "SO26-0042", "client_order_ref": "4500012345"})
        cls.picking.name = "WH/OUT/90087"
        cls.handler_intakes = cls.env["complaint.intake"].with_user(cls.user_handler)

    def setUp(self):
        super().setUp()
        # without the switches of BaseCommon that turn mail and tracking off
        self.thread = self.env(user=SUPERUSER_ID, context={})["mail.thread"]

    def _read(self, name, **replaced):
        raw = (_MAILS / f"{name}.eml").read_bytes()
        for key, value in replaced.items():
            raw = raw.replace(f"@{key.upper()}@".encode(), value.encode())
        return raw

    def _mail(self, body="Broken.", **headers):
        """Return the bytes of a plain mail."""
        mail = EmailMessage()
        headers = {
            "From": "Anna Meyer <anna.meyer@meyer.example.com>",
            "To": ADDRESS,
            "Subject": "Complaint",
            "Message-Id": f"<{hash((body, *headers.values()))}@test.example.com>",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        for name, value in headers.items():
            if value is not None:
                mail[name] = value
        mail.set_content(body)
        return mail.as_bytes()

    def _receive(self, raw, model=None, commit=True):
        """Hand bytes to the gateway as fetchmail does, and commit."""
        with self.enter_registry_test_mode():
            result = self.thread.message_process(model, raw)
            self.env.flush_all()
            if commit:
                self.env.cr.postcommit.run()
            else:
                self.env.cr.postcommit.clear()
                self.env.cr.postrollback.run()
        return result

    def _receive_failing(self, raw):
        """Receive bytes that may make the gateway raise, as it always did."""
        with self.enter_registry_test_mode(), suppress(Exception):
            self.thread.message_process(None, raw)

    def _receive_file(self, name, **replaced):
        """Receive a file of tests/mails and return its ticket."""
        known = self.env["helpdesk.ticket"].search([])
        self._receive(self._read(name, **replaced))
        return self.env["helpdesk.ticket"].search([]) - known

    def _receive_new(self, body="Broken.", **headers):
        known = self.env["helpdesk.ticket"].search([])
        self._receive(self._mail(body, **headers))
        return self.env["helpdesk.ticket"].search([]) - known

    def _last_intake(self):
        return self.env["complaint.intake"].search([], limit=1)
