# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare

PARTY_KINDS = [
    ("department", "Own department"),
    ("supplier", "Supplier"),
    ("subcontractor", "Subcontractor"),
    ("customer", "Customer"),
    ("carrier", "Carrier"),
    ("other", "Other"),
]
# through whom the file reaches the liable party (R191)
_PASS_ROLES = {
    "supplier": "purchasing",
    "subcontractor": "purchasing",
    "customer": "business",
}
_STAMPS = {"confirmed_by_id", "confirmed_at", "passed_by_id", "passed_at"}


class ComplaintLiability(models.Model):
    """A share of the responsibility for a complaint (责任归属, R058, R158)."""

    _name = "complaint.liability"
    _description = "Complaint Liability"
    _inherit = ["complaint.child.mixin"]
    _order = "ticket_id, id"
    _rec_name = "party_kind"

    party_kind = fields.Selection(
        PARTY_KINDS, string="Liable", required=True, default="department"
    )
    department_id = fields.Many2one(
        "hr.department", ondelete="restrict", check_company=True
    )
    partner_id = fields.Many2one(
        "res.partner", string="Other Party", ondelete="restrict"
    )
    persons = fields.Char(string="Responsible Persons")
    ratio = fields.Float(string="Share (%)", digits=(5, 2), required=True, default=100)
    note = fields.Text()
    confirmed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    confirmed_at = fields.Datetime(readonly=True, copy=False)
    passed_by_id = fields.Many2one(
        "res.users", string="File Passed by", readonly=True, copy=False
    )
    passed_at = fields.Datetime(string="File Passed on", readonly=True, copy=False)

    @api.constrains("ratio", "ticket_id")
    def _check_ratio(self):
        for row in self:
            if not 0 < row.ratio <= 100:
                raise ValidationError(
                    self.env._("The share of a liable party is more than 0 up to 100 %")
                )
        for ticket in self.ticket_id:
            total = sum(ticket.complaint_liability_ids.mapped("ratio"))
            if float_compare(total, 100, precision_digits=2) > 0:
                raise ValidationError(
                    self.env._(
                        "%(complaint)s: the shares add up to %(total).2f %%. Lower "
                        "one of them, all together are 100 %% at most.",
                        complaint=ticket.display_name,
                        total=total,
                    )
                )

    @api.constrains("party_kind", "department_id", "partner_id", "note")
    def _check_party(self):
        for row in self:
            if row.party_kind == "department":
                missing = not row.department_id
            elif row.party_kind in _PASS_ROLES:
                missing = not row.partner_id
            else:
                missing = not (row.partner_id or (row.note or "").strip())
            if missing:
                raise ValidationError(
                    self.env._(
                        "Name the liable party: the department of ours, or the other "
                        "company."
                    )
                )

    @api.onchange("party_kind")
    def _onchange_party_kind(self):
        if self.party_kind != "department":
            self.department_id = False
        if self.party_kind == "customer":
            self.partner_id = self.ticket_id.partner_id.commercial_partner_id
        elif self.party_kind == "department":
            self.partner_id = False

    @api.model_create_multi
    def create(self, vals_list):
        # stamps come from the buttons only, whatever values or defaults say
        blank = dict.fromkeys(_STAMPS, False)
        return super().create([{**vals, **blank} for vals in vals_list])

    def write(self, vals):
        if _STAMPS & set(vals):
            if not self.env.su:
                raise UserError(
                    self.env._("Use the buttons: everybody confirms in his own name.")
                )
            return super().write(vals)
        result = super().write(vals)
        # sudo: stamps are closed to clients; what was confirmed is not this any more
        self.filtered("confirmed_at").sudo().write(
            {"confirmed_by_id": False, "confirmed_at": False}
        )
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_confirmed(self):
        if any(row.confirmed_at or row.passed_at for row in self):
            raise UserError(
                self.env._(
                    "A liability that was confirmed or passed on stays. Correct it; it "
                    "is then confirmed again."
                )
            )

    def action_pass_file(self):
        """Record that the file went to the liable party, and who has to do it (R191).

        Purchasing passes it to suppliers and subcontractors, business to customers:
        the holder of that role gets a to-do unless he does it himself.

        :raise UserError: for a department of ours, or when it was passed already
        """
        self.check_access("write")
        roles = self.env["complaint.role"]
        for row in self:
            if row.party_kind == "department" or row.passed_at:
                raise UserError(
                    self.env._(
                        "The file is passed once, to a liable party outside the "
                        "company. Departments of ours get a dispatch."
                    )
                )
            code = _PASS_ROLES.get(row.party_kind, "business")
            role = roles.search([("code", "=", code)], limit=1)
            row._complaint_pass_file(role)
        return True

    def _complaint_pass_file(self, role):
        """Stamp, log and tell the role (see `action_pass_file`)."""
        self.ensure_one()
        ticket = self.ticket_id
        recused = ticket._complaint_get_recused()
        holder = role and role._get_holder_user(ticket.company_id, recused)
        if holder and holder != self.env.user:
            ticket.activity_schedule(
                "helpdesk_mgmt_complaint.mail_activity_type_pass_file",
                user_id=holder.id,
                note=self._get_complaint_party_name(),
            )
        # sudo: stamps are closed to clients; the right to write was checked
        self.sudo().write(
            {"passed_by_id": self.env.uid, "passed_at": fields.Datetime.now()}
        )
        ticket._complaint_event(
            "liability_passed",
            note=self._get_complaint_party_name(),
            payload={
                "liability_id": self.id,
                "party": self.party_kind,
                "role": role.code,
            },
        )

    def _get_complaint_party_name(self):
        self.ensure_one()
        kinds = dict(self._fields["party_kind"]._description_selection(self.env))
        # sudo: the name of the liable company or department on one's own complaint
        row = self.sudo()
        name = row.department_id.name or row.partner_id.display_name or row.note
        return f"{kinds[self.party_kind]}: {name}"
