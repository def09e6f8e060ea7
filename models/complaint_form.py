# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

# forms of one record of a complaint: template -> model, field of the complaint
RECORD_TEMPLATES = {
    "visit": ("complaint.visit", "complaint_visit_ids"),
    "callback": ("complaint.callback", "complaint_callback_ids"),
    "communication": ("complaint.communication", "complaint_communication_ids"),
    "objection": ("complaint.opinion", "complaint_opinion_ids"),
    "inspection": ("qc.inspection", None),
}


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
            ("visit", "Visit record: one visit"),
            ("callback", "Callback record: one callback"),
            ("communication", "Communication record: one talk or message"),
            ("objection", "Memo: one objection and its decision"),
            ("inspection", "Inspection report: one inspection of the goods"),
            ("register", "Register: one line per complaint"),
            ("eightd", "8D: answer to the customer"),
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
    show_investigation = fields.Boolean(
        string="Checks for the Same Problem",
        help="Stock, work in progress and records, and the inspections of the lots.",
    )
    show_capa = fields.Boolean(
        string="Corrective Action",
        help="Whether there is one, or why there is none and who approved that.",
    )
    show_dispatches = fields.Boolean(string="Tasks of Departments")
    show_communication = fields.Boolean(string="Communication")
    show_visits = fields.Boolean(string="Visits")
    show_callbacks = fields.Boolean(string="Callbacks")
    show_deadlines = fields.Boolean(string="Deadlines")
    show_events = fields.Boolean(string="Event Log")
    show_photos = fields.Boolean(string="Photos", default=True)
    show_customer_signature = fields.Boolean(
        string="Customer's Confirmation", help="A box that the customer signs."
    )
    show_distribution = fields.Boolean(
        string="Distribution", help="Who keeps which copy; for forms with copies."
    )
    governing_documents = fields.Text(
        help="Titles and numbers of the procedures that this form belongs to, printed "
        "at its end."
    )
    show_qr = fields.Boolean(
        string="QR Code",
        default=True,
        help="Opens the complaint; on customer-facing forms the customer's page.",
    )
    distribute_at = fields.Selection(
        [
            ("never", "Never"),
            ("registration", "Registration"),
            ("closing", "Closing"),
        ],
        string="Copies Are Issued at",
        required=True,
        default="never",
        help="The form is then printed once, and each copy is kept in Odoo for who "
        "keeps that copy (R503, R504).",
    )
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

    @api.model_create_multi
    def create(self, vals_list):
        forms = super().create(vals_list)
        self.env.registry.clear_cache()
        return forms

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

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
    def _get_company_forms(self, company, templates):
        """Return the forms that `company` prints, its own before shared ones.

        :param company: `res.company`
        :param templates: key of a template, or a list of them
        """
        templates = [templates] if isinstance(templates, str) else templates
        forms = self.search(
            [
                ("template", "in", templates),
                ("company_id", "in", [company.id, False]),
            ]
        )
        own_codes = set(forms.filtered("company_id").mapped("code"))
        return forms.filtered(lambda f: f.company_id or f.code not in own_codes)

    @api.model
    @tools.ormcache("company_id", "procedure_id", "occasion")
    def _get_issued_ids(self, company_id, procedure_id, occasion):
        """Return the ids of the forms whose copies are issued at this occasion.

        Those of the procedure, otherwise the one that is printed directly.
        """
        # sudo: set-up, and the cache must not depend on a user
        env = self.sudo().env
        company = env["res.company"].browse(company_id)
        forms = env["complaint.procedure"].browse(procedure_id).form_ids
        forms = forms.filtered(lambda form: form.template == "registration")
        if not forms:
            forms = env["complaint.form"]._get_company_forms(company, "registration")
            forms = forms[:1]
        own = [form._get_for_company(company) for form in forms]
        return tuple(form.id for form in own if form.distribute_at == occasion)

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
