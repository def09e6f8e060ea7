# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models


class ComplaintConclusionMixin(models.AbstractModel):
    """Investigation, liability, corrective action, callback and settlement of a complaint."""

    _name = "complaint.conclusion.mixin"
    _description = "Complaint Conclusion"
