# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .complaint_past import complaint_now


class ComplaintDutyResult(models.Model):
    """What came of one period of a duty: entered once, never changed (R322).

    The time of entry is the server's and decides whether the period was met. When
    the work itself was done may be told by supervisors and managers; it does not
    undo a miss.
    """

    _name = "complaint.duty.result"
    _description = "Result of a Recurring Duty"
    _inherit = ["complaint.past.mixin"]
    _order = "entered_at desc, id desc"
    _rec_name = "deadline_id"

    deadline_id = fields.Many2one(
        "complaint.deadline",
        string="Period",
        required=True,
        ondelete="restrict",
        domain="[('duty_id', '!=', False), ('finished_at', '=', False)]",
    )
    duty_id = fields.Many2one(
        related="deadline_id.duty_id", store=True, precompute=True, index=True
    )
    company_id = fields.Many2one(
        related="deadline_id.company_id", store=True, precompute=True
    )
    state = fields.Selection(related="deadline_id.state")
    due_at = fields.Datetime(related="deadline_id.due_at")
    statement_id = fields.Many2one(related="deadline_id.statement_id")
    duty_note = fields.Text(related="deadline_id.duty_id.note")
    kind = fields.Selection(
        [("done", "Done"), ("waived", "Waived")], required=True, default="done"
    )
    text = fields.Text(
        string="Result",
        required=True,
        help="What was done and found; for a waiver the reason.",
    )
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "complaint_duty_result_attachment_rel",
        "result_id",
        "attachment_id",
        string="Files",
    )
    done_at = fields.Datetime(
        string="Done on",
        help="Empty: now. Only supervisors and managers can enter an earlier time.",
    )
    entered_at = fields.Datetime(required=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users",
        string="Entered by",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
    )

    _deadline_unique = models.Constraint(
        "UNIQUE(deadline_id)", "The result of this period was entered already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        results = super().create([self._prepare_result_vals(v) for v in vals_list])
        for result in results:
            result._keep_files()
            # sudo: nobody writes deadlines himself; that this user may enter the
            # result was checked by the rules
            result.deadline_id.sudo()._finish_by_result(result)
        return results

    def write(self, vals):  # pylint: disable=method-required-super  # never writes
        raise UserError(self.env._("A result is evidence and cannot be changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A result is evidence and cannot be deleted."))

    def _prepare_result_vals(self, vals):
        """Return values that a client cannot forge, of a period that is open.

        :raise UserError: no open period, an earlier time or a waiver without right
        """
        now = complaint_now(self.env)
        deadline = self.env["complaint.deadline"].browse(
            vals.get("deadline_id") or self.env.context.get("default_deadline_id")
        )
        if not deadline.duty_id:
            raise UserError(self.env._("Choose the period of a recurring duty."))
        if deadline.finished_at:
            raise UserError(
                self.env._(
                    "%(period)s has ended already and takes no other result.",
                    period=deadline.name,
                )
            )
        if not (vals.get("text") or "").strip():
            raise UserError(self.env._("Write the result."))
        kind = vals.get("kind") or self.env.context.get("default_kind") or "done"
        done_at = fields.Datetime.to_datetime(vals.get("done_at"))
        if not self.env.user._complaint_decides_duties():
            if kind == "waived":
                raise UserError(
                    self.env._("Only supervisors and complaint managers waive a duty.")
                )
            if done_at:
                raise UserError(
                    self.env._(
                        "Only supervisors and complaint managers enter another time "
                        "than now."
                    )
                )
        if done_at and not deadline.started_at <= done_at <= now:
            raise UserError(
                self.env._(
                    "%(period)s was done between its opening and now. Correct the "
                    "time.",
                    period=deadline.name,
                )
            )
        return {
            **vals,
            "deadline_id": deadline.id,
            "kind": kind,
            "done_at": kind == "done" and (done_at or now),
            "entered_at": now,
            "user_id": self.env.uid,
        }

    def _keep_files(self):
        """Tie the uploaded files to this result: who reads it reads them, and
        nobody changes them any more."""
        self.ensure_one()
        # sudo: compared and tied below; one's own uploads only
        files = self.attachment_ids.sudo()
        own = files.filtered_domain(
            Domain("create_uid", "=", self.env.uid)
            & Domain("res_id", "in", [0, False])
            & Domain("res_field", "=", False)
        )
        if files - own:
            raise UserError(
                self.env._(
                    "%(names)s belongs to another record. Upload a copy here.",
                    names=", ".join((files - own).mapped("name")),
                )
            )
        own.write({"res_model": self._name, "res_id": self.id, "public": False})
