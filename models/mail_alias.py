# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models

from .complaint_intake import IntakeRun


class MailAlias(models.Model):
    _inherit = "mail.alias"

    def _alias_bounce_incoming_email(self, message, message_dict, set_invalid=True):
        """A mail that is kept is not lost: the sender is not told that it was.

        Mails of people who may not write to the address still bounce.
        """
        if IntakeRun.of(self.env) and set_invalid:
            self.alias_status = "invalid"
            return
        return super()._alias_bounce_incoming_email(
            message, message_dict, set_invalid=set_invalid
        )
