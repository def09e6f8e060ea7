# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

from .complaint_past import complaint_now

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
# what people plan; the state follows from Done and Reopen
_OPEN_FIELDS = {"owner_id", "due_date", "sequence"}


class ComplaintEightdDiscipline(models.Model):
    """One discipline of one 8D: whose it is, until when, and whether it is done.

    Rows are created by the format of the 8D. The state is written by `action_done`
    and `action_reopen` only.
    """

    _name = "complaint.eightd.discipline"
    _description = "8D Discipline"
    _inherit = ["complaint.eightd.child.mixin", "complaint.past.mixin"]
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
    missing_text = fields.Text(string="Still Missing", compute="_compute_missing_text")
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    _code_unique = models.UniqueIndex(
        "(eightd_id, code)", "An 8D has each discipline once."
    )

    @api.depends("code", "state")
    @api.depends_context("lang")
    def _compute_missing_text(self):
        for code, rows in self.grouped("code").items():
            reasons = rows.eightd_id._get_blocking_reasons(code) if code else {}
            for row in rows:
                texts = reasons.get(row.eightd_id.id, [])
                row.missing_text = "" if row.state == "done" else "\n".join(texts)

    @api.depends("due_date", "state", "eightd_id.company_id")
    def _compute_is_overdue(self):
        for row in self:
            today = row.eightd_id.company_id._complaint_today()
            row.is_overdue = (
                row.state == "open" and bool(row.due_date) and row.due_date < today
            )

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = [
            ("state", "=", "open"),
            ("due_date", "<", self.env.company._complaint_today()),
        ]
        return late if True in value else ["!", "&", *late]

    @api.depends("code", "eightd_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        names = dict(self._fields["code"]._description_selection(self.env))
        for row in self:
            row.display_name = names.get(row.code, "")

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(
                self.env._("Disciplines follow the format: choose another format.")
            )
        return super().create(vals_list)

    def write(self, vals):
        if set(vals) - _OPEN_FIELDS and not self.env.su:
            raise UserError(
                self.env._(
                    "A discipline is done with the button Done, which checks what is "
                    "missing, and opened again with Reopen."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_server(self):
        if not self.env.su:
            raise UserError(
                self.env._("Disciplines follow the format: choose another format.")
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_done(self):
        """Finish these disciplines.

        :raise UserError: naming what is missing
        :raise AccessError: when the user does not work on this 8D
        """
        self.check_access("write")
        for row in self.sorted("code"):
            row._check_can_done()
            # sudo: state and stamps are closed to clients; the gate was passed. The
            # row is written first, so that who does the same now waits and fails
            row.sudo().write(
                {
                    "state": "done",
                    "done_at": complaint_now(self.env),
                    "done_by_id": self.env.uid,
                }
            )
            row.flush_recordset()
            row.eightd_id._note_discipline(row, self.env._("done"))
            row.eightd_id._after_discipline(row.code)
        return True

    def action_reopen(self, reason=None):
        """Work on a discipline again; without a reason the user is asked for it.

        Later ones stay done: closing asks all of them again, so that only what no
        longer holds has to be worked on.

        :param str reason: why
        :raise UserError: without reason, or when it is not done
        """
        self.check_access("write")
        if not isinstance(reason, str):
            return self.eightd_id._get_reason_action("reopen", self)
        if not reason.strip():
            raise UserError(self.env._("Write the reason."))
        for row in self:
            row.eightd_id._check_open()
            if row.state != "done":
                raise UserError(
                    self.env._("%(name)s is open already.", name=row.display_name)
                )
            # sudo: as above; the chatter keeps who had finished it
            row.sudo().write({"state": "open", "done_at": False, "done_by_id": False})
            row.eightd_id._note_discipline(
                row, self.env._("opened again: %(reason)s", reason=reason)
            )
        return True

    def action_edit(self):
        """Open owner and due date as a dialog."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }

    def _check_can_done(self):
        """Raise unless this discipline can be finished now, saying why."""
        self.ensure_one()
        if self.state == "done":
            raise UserError(
                self.env._("%(name)s is done already.", name=self.display_name)
            )
        if self.code == "d8":
            self.eightd_id._check_may_close()
        reasons = self.eightd_id._get_blocking_reasons(self.code)[self.eightd_id.id]
        if reasons:
            raise UserError(
                self.env._(
                    "%(discipline)s cannot be finished yet:\n%(reasons)s",
                    discipline=self.display_name,
                    reasons="\n".join(f"- {text}" for text in reasons),
                )
            )
