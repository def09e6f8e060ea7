# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

# Moments at which a procedure gives numbers, in this order. A complaint that
# missed its moment (the procedure was changed, or a ticket became a complaint
# later) gets its number at the next one.
_TRIGGERS = ["registration", "acceptance", "review"]
# for old numbers of a complaint that follows no procedure
_NO_PATTERN = "{#}"


class ComplaintNumberingMixin(models.AbstractModel):
    """The official number of a complaint: when it is given, and that it stays."""

    _name = "complaint.numbering.mixin"
    _description = "Complaint Numbering"

    @api.model
    def _default_complaint_procedure_id(self):
        """A new form already shows guidance and repeats; create asks again."""
        procedures = self.env["complaint.procedure"]
        if not self.env.context.get("default_is_complaint"):
            return procedures
        return procedures._get_default_procedure(self.env.company)

    # not readonly: Odoo's import offers no read-only fields to managers; who else
    # writes it is refused in create and write
    complaint_number = fields.Char(
        copy=False,
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
        default=lambda self: self._default_complaint_procedure_id(),
        ondelete="restrict",
        groups="base.group_user",
        domain="[('company_id', 'in', [False, company_id]), ('is_preset', '=', False)]",
    )

    @api.constrains("complaint_procedure_id")
    def _check_complaint_procedure_no_preset(self):
        # sudo: set-up, not readable by everybody who registers
        if any(self.sudo().complaint_procedure_id.mapped("is_preset")):
            raise ValidationError(
                self.env._(
                    "This procedure is only a model. Load it into the company under "
                    "Configuration / Choose Your Procedure."
                )
            )

    @api.onchange("company_id")
    def _onchange_company_id_complaint_procedure(self):
        if not self.is_complaint or not self.company_id:
            return
        # sudo: set-up, not readable by everybody who registers
        if self.complaint_procedure_id.sudo().company_id != self.company_id:
            procedures = self.env["complaint.procedure"]
            self.complaint_procedure_id = procedures._get_default_procedure(
                self.company_id
            )

    def action_complaint_assign_number(self):
        """Button of procedures whose reviewer gives the number (R147)."""
        self.check_access("write")
        self._complaint_check_is_handler()
        early = self.filtered(lambda t: t.complaint_phase in ("draft", "cancelled"))
        if early:
            raise UserError(
                self.env._(
                    "%(names)s: accept the complaint first, then it gets its number.",
                    names=", ".join(early.mapped("display_name")),
                )
            )
        self._complaint_check_reviewed()
        self._complaint_assign_number("review")
        return True

    def _complaint_check_reviewed(self):
        """Raise where the procedure has a review and it was not done yet (R147)."""
        for ticket in self:
            # sudo: set-up
            procedure = ticket.sudo().complaint_procedure_id
            codes = procedure.step_ids.event_type_id.mapped("code")
            if (
                procedure.number_trigger == "review"
                and "reviewed" in codes
                and not ticket._complaint_get_logged("reviewed")
            ):
                raise UserError(
                    self.env._(
                        "%(name)s: it gets its number after the review that its "
                        "procedure asks for.",
                        name=ticket.display_name,
                    )
                )

    def _complaint_assign_number(self, trigger):
        """Give numbers to those tickets whose procedure gives them now.

        Called last, after everything else of the transaction was written: the
        ledger rows make other transactions wait until this one ends.

        :param str trigger: ``registration``, ``acceptance`` or ``review``
        """
        due = _TRIGGERS[: _TRIGGERS.index(trigger) + 1]
        # sudo: numbers are given on behalf of whoever registers or accepts; the
        # caller checked the right to do that, and nothing is returned
        tickets = self.sudo().filtered(
            lambda t: t.is_complaint
            and not t.complaint_number
            and t.complaint_procedure_id.number_trigger in due
        )
        if not tickets:
            return
        tickets.flush_recordset()
        groups = tickets.grouped(
            lambda t: (t.company_id, t.complaint_procedure_id.number_pattern)
        )
        # in a fixed order, so that two transactions never wait for each other
        for company, pattern in sorted(groups, key=lambda key: (key[0].id, key[1])):
            group = groups[company, pattern]
            rows = tickets.env["complaint.number"]._draw(
                company, pattern, company._complaint_today(), len(group)
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
            raise UserError(self.env._("The complaint number is given by the system."))
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
            or self.env.user.has_group(
                "helpdesk_mgmt_complaint.group_complaint_manager"
            )
        ):
            raise UserError(
                self.env._(
                    "The complaint number is given by the system. Only a complaint "
                    "manager may import complaints with their old number."
                )
            )
        return number

    @api.model
    def _prepare_plain_create_vals(self, vals):
        """Nobody sneaks a number in by creating a plain ticket first."""
        self._complaint_take_import_number(vals)
        return {}

    @api.model
    def _complaint_keep_numbers(self, vals_list, prepared):
        """Enter the old numbers of an import in the ledger and in create values.

        :param vals_list: completed create values
        :param prepared: one dict per create values, with ``number`` where one is
            kept, see `_complaint_take_import_number`
        """
        groups = {}
        for vals, extra in zip(vals_list, prepared, strict=True):
            if extra.get("number"):
                key = vals["company_id"], vals.get("complaint_procedure_id")
                groups.setdefault(key, []).append((vals, extra["number"]))
        for (company_id, procedure_id), found in groups.items():
            # sudo: the pattern is set-up
            procedure = self.env["complaint.procedure"].sudo().browse(procedure_id)
            rows = self.env["complaint.number"]._enter_numbers(
                self.env["res.company"].browse(company_id),
                procedure.number_pattern or _NO_PATTERN,
                [number for _vals, number in found],
            )
            for (vals, _number), row in zip(found, rows, strict=True):
                vals.update(complaint_number=row.name, complaint_number_id=row.id)
