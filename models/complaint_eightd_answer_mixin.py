# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models


class ComplaintEightdAnswerMixin(models.AbstractModel):
    """Complaints that it answers."""

    _name = "complaint.eightd.answer.mixin"
    _description = "Answers of an 8D"
