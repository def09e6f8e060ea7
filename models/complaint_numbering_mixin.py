# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class ComplaintNumberingMixin(models.AbstractModel):
    """The official number of a complaint: when it is given, and that it stays."""

    _name = "complaint.numbering.mixin"
    _description = "Complaint Numbering"

    complaint_number = fields.Char(
        copy=False,
        readonly=True,
        index="trigram",
        help="Official number, given by the procedure; never used again.",
    )
    complaint_number_id = fields.Many2one(
        "complaint.number",
        string="Number Ledger Row",
        copy=False,
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        groups="base.group_user",
    )
    complaint_procedure_id = fields.Many2one(
        "complaint.procedure",
        string="Procedure",
        ondelete="restrict",
        groups="base.group_user",
        domain="[('company_id', 'in', [False, company_id])]",
    )

    def action_complaint_assign_number(self):
        """Button of procedures whose reviewer gives the number (R147)."""
        self.check_access("write")
        self._complaint_check_is_handler()
        self._complaint_assign_number("review")
        return True

    def _complaint_assign_number(self, trigger):
        """Give numbers to those tickets whose procedure gives them now.

        Called last, after everything else of the transaction was written: the
        ledger rows make other transactions wait until this one ends.

        :param str trigger: ``registration``, ``acceptance`` or ``review``
        """
        # sudo: numbers are given on behalf of whoever registers or accepts; the
        # caller checked the right to do that, and nothing is returned
        tickets = self.sudo().filtered(
            lambda t: t.is_complaint
            and not t.complaint_number
            and t.complaint_procedure_id.number_trigger == trigger
        )
        if not tickets:
            return
        tickets.flush_recordset()
        for (company, procedure), group in tickets.grouped(
            lambda t: (t.company_id, t.complaint_procedure_id)
        ).items():
            today = company._complaint_today()
            rows = self.env["complaint.number"]._draw(
                company, procedure.number_pattern, today, len(group)
            )
            for ticket, row in zip(group.sorted("id"), rows, strict=True):
                ticket._complaint_write_number(row)

    def _complaint_write_number(self, row):
        """Write one ledger row on one ticket (superuser only)."""
        self.with_context(complaint_numbering=True).write(
            {"complaint_number": row.name, "complaint_number_id": row.id}
        )

    def _complaint_check_numbering_vals(self, vals):
        """Refuse to change a number, or the company of a numbered complaint.

        :raise UserError: naming what is not possible
        """
        # the context key alone proves nothing, a client can send it
        allowed = self.env.su and self.env.context.get("complaint_numbering")
        if not allowed and {"complaint_number", "complaint_number_id"} & set(vals):
            raise UserError(
                self.env._("The complaint number is given by the system.")
            )
        if "company_id" not in vals:
            return
        moved = self.filtered(
            lambda t: t.complaint_number and t.company_id.id != vals["company_id"]
        )
        if moved:
            raise UserError(
                self.env._(
                    "%(numbers)s: the company of a numbered complaint cannot "
                    "change. Cancel it with a reason and register it in the other "
                    "company.",
                    numbers=", ".join(moved.mapped("complaint_number")),
                )
            )

    @api.model
    def _complaint_take_import_number(self, vals):
        """Return the old number in create values, if the user may import one.

        :raise UserError: when somebody else than a complaint manager tries
        """
        vals.pop("complaint_number_id", None)
        number = (vals.pop("complaint_number", None) or "").strip()
        if number and not (
            self.env.su
            or self.env.user.has_group("helpdesk_mgmt_complaint.group_complaint_manager")
        ):
            raise UserError(
                self.env._(
                    "The complaint number is given by the system. Only a complaint "
                    "manager may import complaints with their old number."
                )
            )
        return number
