# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ComplaintForm(models.Model):
    """One printed form of the catalogue: title, number, sections, copies (R067).

    Forms are data over a few templates. A record without company is shared; a
    company that wants another title, number or layout copies it, and its own
    record with the same code wins over the shared one.
    """

    _name = "complaint.form"
    _description = "Complaint Form"
    _order = "sequence, code, id"
    _check_company_auto = True

    name = fields.Char(string="Printed Title", required=True, translate=True)
    code = fields.Char(
        required=True,
        help="Names the form in the catalogue. A company's own form replaces the "
        "shared one with the same code.",
    )
    sequence = fields.Integer(
        default=10, help="The first form of a template is the one printed directly."
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", help="Leave empty to offer the form to every company."
    )
    template = fields.Selection(
        [
            ("registration", "Registration and handling form"),
            ("dispatch", "Dispatch slip: one task of a department"),
            ("register", "Register: one line per complaint"),
            ("capa", "Corrective action: one 8D"),
        ],
        required=True,
        default="registration",
    )
    form_number = fields.Char(help="The company's own number of the controlled form.")
    revision = fields.Char()
    is_internal = fields.Boolean(
        string="Internal",
        default=True,
        help="Internal forms are marked as such and cannot be sent to a customer.",
    )
    landscape = fields.Boolean()

    # What is printed
    show_complainant = fields.Boolean(
        string="Complainant", help="Name, organisation, phone and address."
    )
    show_goods = fields.Boolean(string="Goods", default=True)
    show_demand = fields.Boolean(string="Customer Demand", default=True)
    show_production = fields.Boolean(string="Production Data")
    show_samples = fields.Boolean(string="Samples", default=True)
    show_opinions = fields.Boolean(string="Opinions and Signatures", default=True)
    show_liability = fields.Boolean(
        string="Responsibility",
        default=True,
        help="Assessment and liability, printed once they are recorded.",
    )
    show_communication = fields.Boolean(string="Communication")
    show_events = fields.Boolean(string="Event Log")
    show_photos = fields.Boolean(string="Photos", default=True)
    # of a form of corrective action
    show_problem = fields.Boolean(string="Problem and Containment", default=True)
    show_analysis = fields.Boolean(string="Causes and Diagrams", default=True)
    show_plan = fields.Boolean(string="Action Plan", default=True)
    show_implementation = fields.Boolean(string="Implementation", default=True)
    show_effect = fields.Boolean(string="Verification of the Effect", default=True)
    show_prevention = fields.Boolean(string="Documents and Lessons")
    copy_ids = fields.One2many(
        "complaint.form.copy", "form_id", string="Copy Labels", copy=True
    )
    signature_ids = fields.One2many(
        "complaint.form.signature", "form_id", string="Signature Blocks", copy=True
    )
    column_ids = fields.One2many(
        "complaint.form.column", "form_id", string="Columns", copy=True
    )

    # How long it is kept (R506)
    retention_years = fields.Integer(help="0: not decided.")
    retention_start = fields.Selection(
        [
            ("registration", "Registration"),
            ("closing", "Closing"),
            ("year_end", "End of the year of closing"),
        ],
        string="Retention Starts at",
        default="closing",
    )
    retention_place = fields.Char(string="Kept at")
    retention_department_id = fields.Many2one(
        "hr.department", string="Kept by", check_company=True
    )

    _code_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0)) WHERE active",
        "The company has a form with this code already.",
    )

    @api.depends("code", "name", "company_id")
    def _compute_display_name(self):
        for form in self:
            # sudo: the name of a company that offers a form is no secret
            company = form.company_id.sudo().name
            suffix = f" ({company})" if company else ""
            form.display_name = f"{form.code} {form.name}{suffix}"

    @api.constrains("retention_years")
    def _check_retention_years(self):
        if any(form.retention_years < 0 for form in self):
            raise ValidationError(
                self.env._("The retention is a number of years, 0 or more.")
            )

    def copy_data(self, default=None):
        """A copy of a shared form becomes the form of the current company."""
        default = dict(default or {})
        vals_list = super().copy_data(default)
        for form, vals in zip(self, vals_list, strict=True):
            if "company_id" not in default:
                vals["company_id"] = self.env.company.id
            if "code" not in default and form._is_code_taken(vals["company_id"]):
                vals["code"] = self.env._("%(code)s (copy)", code=form.code)
        return vals_list

    def action_copy_for_company(self):
        """Open an own copy for the current company, to change title or number."""
        self.ensure_one()
        own = self._get_for_company(self.env.company)
        if not own.company_id:
            own = self.copy({"company_id": self.env.company.id})
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": own.id,
            "view_mode": "form",
        }

    @api.model
    def _get_company_forms(self, company, template):
        """Return the forms that `company` prints, its own before shared ones."""
        forms = self.search(
            [
                ("template", "=", template),
                ("company_id", "in", [company.id, False]),
            ]
        )
        own_codes = set(forms.filtered("company_id").mapped("code"))
        return forms.filtered(lambda f: f.company_id or f.code not in own_codes)

    def _get_for_company(self, company):
        """Return the record that `company` uses for this form's code."""
        self.ensure_one()
        if self.company_id == company:
            return self
        own = self.search(
            [("code", "=", self.code), ("company_id", "=", company.id)], limit=1
        )
        return own or self

    def _is_code_taken(self, company_id):
        self.ensure_one()
        domain = [("code", "=", self.code), ("company_id", "=", company_id)]
        return bool(self.search_count(domain, limit=1))
