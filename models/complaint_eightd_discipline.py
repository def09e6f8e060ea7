# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models

ANSWER_TYPES = [
    ("short", "Short answer"),
    ("3d", "3D"),
    ("5d", "5D"),
    ("8d", "8D"),
]
DISCIPLINES = [
    ("d0", "D0 Emergency response"),
    ("d1", "D1 Team"),
    ("d2", "D2 Problem"),
    ("d3", "D3 Containment"),
    ("d4", "D4 Root cause"),
    ("d5", "D5 Corrective actions"),
    ("d6", "D6 Implementation and effect"),
    ("d7", "D7 Prevention"),
    ("d8", "D8 Closing"),
]
# which disciplines a format goes through
VARIANTS = {
    "short": ("d0", "d2", "d8"),
    "3d": ("d0", "d1", "d2", "d3", "d8"),
    "5d": ("d0", "d1", "d2", "d3", "d4", "d5", "d8"),
    "8d": tuple(code for code, _name in DISCIPLINES),
}


class ComplaintEightdDiscipline(models.Model):
    """One discipline of one 8D: whose it is, until when, and whether it is done."""

    _name = "complaint.eightd.discipline"
    _description = "8D Discipline"
    _inherit = ["complaint.eightd.child.mixin"]
    _order = "eightd_id, code"
    _rec_name = "code"

    code = fields.Selection(DISCIPLINES, required=True, readonly=True)
    owner_id = fields.Many2one("res.users", domain="[('share', '=', False)]")
    due_date = fields.Date(string="Due")
    state = fields.Selection(
        [("open", "Open"), ("done", "Done")],
        required=True,
        default="open",
        readonly=True,
        copy=False,
    )
    done_at = fields.Datetime(string="Done on", readonly=True, copy=False)
    done_by_id = fields.Many2one(
        "res.users", string="Done by", readonly=True, copy=False
    )

    _code_unique = models.UniqueIndex(
        "(eightd_id, code)", "An 8D has each discipline once."
    )
