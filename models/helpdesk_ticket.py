# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext, is_html_empty

from .complaint_gate_mixin import ENDED_PHASES


class HelpdeskTicket(models.Model):
    """A ticket that may be a complaint.

    Complaint fields that a customer must not see carry ``base.group_user``:
    portal users can call RPC. What he may see is listed in
    tests/test_security_portal.py; a new field without group fails there.
    """

    _name = "helpdesk.ticket"
    _inherit = [
        # before helpdesk.ticket: it extends message_new and message_update of the
        # helpdesk, which would otherwise come first and never call it
        "complaint.intake.mixin",
        # before helpdesk.ticket: its create and write guard those of the helpdesk
        "complaint.access.mixin",
        # before helpdesk.ticket and the event log: they hear every write and event
        "complaint.finding.mixin",
        "complaint.capa.mixin",
        "complaint.clock.mixin",
        "complaint.clock.change.mixin",
        # before the gates, routing and the helpdesk, which it hears
        "complaint.eightd.mixin",
        # before the gates, which they extend; the route hears the dispatches
        "complaint.route.action.mixin",
        "complaint.objection.mixin",
        "complaint.conclusion.mixin",
        "complaint.procedure.gate.mixin",
        "complaint.dispatch.mixin",
        "complaint.recusal.mixin",
        "complaint.retention.mixin",
        "complaint.route.mixin",
        "complaint.routing.mixin",
        "complaint.scope.mixin",
        "helpdesk.ticket",
        "complaint.clock.screen.mixin",
        "complaint.customer.mixin",
        # before the event log, which it hears
        "complaint.form.issue.mixin",
        "complaint.event.mixin",
        "complaint.gate.mixin",
        "complaint.import.mixin",
        "complaint.numbering.mixin",
        "complaint.past.mixin",
        "complaint.print.mixin",
        "complaint.refile.mixin",
        "complaint.registration.mixin",
        "complaint.repeat.mixin",
        "complaint.transfer.mixin",
    ]
    _rec_names_search = ["number", "name", "complaint_number"]

    @api.model
    def _value_of_new_complaint(self, value):
        """Return a default of new complaints; plain tickets have none."""
        return value if self.env.context.get("default_is_complaint") else False

    is_complaint = fields.Boolean(
        index=True,
        help="Complaints follow the complaint procedure, other tickets the helpdesk. "
        "Set by a team or category for complaints, when it is chosen.",
    )

    # Who in our company
    complaint_received_by_id = fields.Many2one(
        "res.users",
        string="Received by",
        groups="base.group_user",
        domain="[('share', '=', False)]",
        copy=False,
    )
    complaint_received_department_id = fields.Many2one(
        "hr.department",
        string="Receiving Department",
        groups="base.group_user",
        copy=False,
    )

    # Classification
    complaint_nature = fields.Selection(
        [
            ("enquiry", "Enquiry"),
            ("repair", "Product failure, repair"),
            ("complaint", "Complaint"),
            ("adverse_event", "Adverse event"),
            ("suggestion", "Suggestion or requirement"),
        ],
        string="Nature",
        compute="_compute_complaint_class_defaults",
        store=True,
        readonly=False,
        groups="base.group_user",
    )
    complaint_cause_class = fields.Selection(
        [("quality", "Quality"), ("non_quality", "Non-quality (human)")],
        string="Cause Class",
        compute="_compute_complaint_class_defaults",
        store=True,
        readonly=False,
        groups="base.group_user",
    )
    complaint_severity = fields.Selection(
        [("minor", "Minor"), ("major", "Major"), ("critical", "Critical")],
        string="Severity",
        default=lambda self: self._value_of_new_complaint("minor"),
        copy=False,
        groups="base.group_user",
    )
    complaint_validity = fields.Selection(
        [("valid", "Valid"), ("to_improve", "To be improved"), ("invalid", "Invalid")],
        string="Validity",
        default=lambda self: self._value_of_new_complaint("valid"),
        copy=False,
        groups="base.group_user",
        help="Valid until somebody decided otherwise: an unclear case counts as valid.",
    )
    complaint_established = fields.Selection(
        [
            ("undecided", "Undecided"),
            ("yes", "Established"),
            ("no", "Not established"),
        ],
        string="Is Established",
        default=lambda self: self._value_of_new_complaint("undecided"),
        copy=False,
        groups="base.group_user",
    )
    complaint_established_grounds = fields.Text(
        string="Grounds",
        groups="base.group_user",
        copy=False,
    )
    complaint_liability_outcome = fields.Selection(
        [
            ("own", "Own department"),
            ("supplier", "Supplier"),
            ("subcontractor", "Subcontractor"),
            ("other_company", "Other company"),
            ("customer", "Customer (misuse)"),
            ("carrier", "Carrier or other"),
        ],
        string="Liability",
        groups="base.group_user",
        copy=False,
    )
    complaint_return_reason = fields.Selection(
        [
            ("quality", "Quality"),
            ("standard", "Technical standard disputed"),
            ("late", "Late delivery"),
            ("packaging", "Packaging"),
            ("transport", "Transport"),
            ("other", "Other"),
        ],
        string="Return Reason",
        groups="base.group_user",
    )
    complaint_is_major = fields.Boolean(
        string="Major Case", groups="base.group_user", copy=False
    )
    complaint_is_key_customer = fields.Boolean(
        string="Key Customer",
        compute="_compute_complaint_customer_flags",
        store=True,
        readonly=False,
        groups="base.group_user",
    )
    complaint_is_overseas = fields.Boolean(
        string="Overseas",
        compute="_compute_complaint_customer_flags",
        store=True,
        readonly=False,
        groups="base.group_user",
    )
    complaint_is_out_of_province = fields.Boolean(
        string="Out of Province",
        compute="_compute_complaint_customer_flags",
        store=True,
        readonly=False,
        groups="base.group_user",
    )

    # Agreed with the customer
    complaint_customer_deadline = fields.Datetime(
        string="Customer's Deadline",
        groups="base.group_user",
        help="Overrides the deadline of the policy.",
        copy=False,
    )
    complaint_appointment_at = fields.Datetime(
        string="Appointment",
        groups="base.group_user",
        help="Time agreed with the customer; overrides the deadline of the policy.",
        copy=False,
    )
    complaint_lessons = fields.Text(
        string="Lessons Learned", groups="base.group_user", copy=False
    )

    # Parts of the complaint
    complaint_line_ids = fields.One2many(
        "complaint.line",
        "ticket_id",
        string="Goods",
        groups="base.group_user",
    )
    complaint_opinion_ids = fields.One2many(
        "complaint.opinion",
        "ticket_id",
        string="Opinions",
        groups="base.group_user",
    )
    complaint_communication_ids = fields.One2many(
        "complaint.communication",
        "ticket_id",
        string="Communication",
        groups="base.group_user",
    )
    complaint_visit_ids = fields.One2many(
        "complaint.visit",
        "ticket_id",
        string="Visits",
        groups="base.group_user",
    )
    complaint_sample_ids = fields.One2many(
        "complaint.sample",
        "ticket_id",
        string="Samples",
        groups="base.group_user",
    )

    _complaint_number_unique = models.UniqueIndex(
        "(company_id, complaint_number) WHERE complaint_number IS NOT NULL",
        "This complaint number was already given.",
    )
    # the lists of the app: complaints of a company by phase
    _complaint_phase_idx = models.Index(
        "(company_id, complaint_phase, id) WHERE is_complaint"
    )

    # twice at the same moment; a cancelled form may be replaced by another one
    _complaint_previous_unique = models.UniqueIndex(
        "(complaint_previous_id) WHERE complaint_previous_id IS NOT NULL "
        "AND complaint_phase IS DISTINCT FROM 'cancelled'",
        "This complaint was filed again already.",
    )

    @api.depends("is_complaint")
    def _compute_stage_id(self):
        """A re-route to another team or user never resets a complaint's stage."""
        plain = self.filtered(lambda t: not t.is_complaint)
        # a team that handles complaints only since lately has plain tickets too
        stay = plain.filtered(lambda t: t.stage_id and t.team_id.complaint_team)
        for ticket in (self - plain) | stay:
            stage = ticket.stage_id
            if ticket.is_complaint and not stage.complaint_phase:
                stage = ticket.team_id._get_complaint_stage("draft", ticket.company_id)
            ticket.stage_id = stage
        return super(HelpdeskTicket, plain - stay)._compute_stage_id()

    def _compute_team_id(self):
        """Who handles a complaint does not pull it into another of his teams."""
        complaints = self.filtered("is_complaint")
        for ticket in complaints:
            ticket.team_id = ticket.team_id
        return super(HelpdeskTicket, self - complaints)._compute_team_id()

    def _compute_user_id(self):
        """A re-route to another team does not drop the handler of a complaint."""
        complaints = self.filtered("is_complaint")
        for ticket in complaints:
            ticket.user_id = ticket.user_id
        return super(HelpdeskTicket, self - complaints)._compute_user_id()

    @api.depends("category_id", "is_complaint")
    def _compute_complaint_class_defaults(self):
        for ticket in self:
            category = ticket.category_id
            ticket.complaint_nature = (
                category.complaint_nature
                or ticket.complaint_nature
                or (ticket.is_complaint and "complaint")
            )
            ticket.complaint_cause_class = (
                category.complaint_cause_class or ticket.complaint_cause_class
            )

    @api.depends("partner_id", "company_id")
    def _compute_complaint_customer_flags(self):
        for ticket in self:
            # sudo: customer class and addresses decide deadlines for everybody
            site = ticket.partner_id.sudo()
            home = ticket.company_id.sudo().partner_id  # sudo: as above
            country = site.country_id or site.commercial_partner_id.country_id
            state = site.state_id or site.commercial_partner_id.state_id
            ticket.complaint_is_key_customer = (
                site.commercial_partner_id.complaint_class == "important"
            )
            ticket.complaint_is_overseas = bool(
                country and home.country_id and country != home.country_id
            )
            ticket.complaint_is_out_of_province = bool(
                state and home.state_id and state != home.state_id
            )

    @api.depends("number", "name", "complaint_number", "is_complaint")
    def _compute_display_name(self):
        complaints = self.filtered("is_complaint")
        for ticket in complaints:
            number = ticket.complaint_number or ticket.number
            parts = [number if number != "/" else "", ticket.name]
            ticket.display_name = " - ".join(part for part in parts if part)
        return super(HelpdeskTicket, self - complaints)._compute_display_name()

    @api.model
    def _read_group_stage_ids(self, stages, domain):
        """Columns of the kanban: complaint stages for complaints, and only there."""
        if not self.env.context.get("default_is_complaint"):
            found = super()._read_group_stage_ids(stages, domain)
            return found.filtered(lambda s: not s.complaint_phase or s in stages)
        team = self.env["helpdesk.ticket.team"].browse(
            self.env.context.get("default_team_id")
        )
        return stages | team._get_complaint_stages()

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        defaults = super().default_get(fields)
        if self.env.context.get("default_is_complaint") and "user_id" in defaults:
            defaults["user_id"] = self._get_complaint_default_handler().id
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        flags = self._complaint_get_new_flags(vals_list)
        defaults = {}
        prepared = [
            (
                self._prepare_complaint_create_vals(vals, defaults)
                if flag
                else self._prepare_plain_create_vals(vals)
            )
            for vals, flag in zip(vals_list, flags, strict=True)
        ]
        self._complaint_route_new(vals_list, prepared)
        self._complaint_keep_numbers(vals_list, prepared)
        tickets = super().create(vals_list)
        complaints = tickets.filtered("is_complaint")
        if complaints:
            tickets._complaint_after_create(prepared)
        return tickets

    def write(self, vals):
        self._complaint_check_numbering_vals(vals)
        self._complaint_check_first_contact(vals)
        if "stage_id" not in vals:
            return super().write(vals)
        before = {ticket.id: ticket.complaint_phase for ticket in self}
        result = super().write(vals)
        self._complaint_after_phase_change(before)
        return result

    def copy(self, default=None):
        if len(self) != 1 or not self.is_complaint:
            return super().copy(default)
        # a copy is a new case: it starts as a draft with the same goods
        stage = self.team_id._get_complaint_stage("draft", self.company_id)
        copied = super().copy({**(default or {}), "stage_id": stage.id})
        for line in self.complaint_line_ids:
            line.copy({"ticket_id": copied.id})
        return copied

    @api.ondelete(at_uninstall=False)
    def _unlink_except_registered_complaint(self):
        """R512: only a draft without number may be deleted, all else is cancelled."""
        kept = self.filtered(
            lambda t: t.is_complaint
            and (t.complaint_number or t.complaint_phase != "draft")
        )
        if kept:
            raise UserError(
                self.env._(
                    "%(names)s: a complaint that was accepted or numbered cannot be "
                    "deleted. Cancel it with a reason.",
                    names=", ".join(kept.mapped("display_name")),
                )
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def get_formview_id(self, access_uid=None):
        """Open complaints in their own form, wherever they are linked."""
        if len(self) == 1 and self.is_complaint:
            return self.env.ref("helpdesk_mgmt_complaint.complaint_view_form").id
        return super().get_formview_id(access_uid=access_uid)

    def action_complaint_open(self):
        """Open this complaint in the complaint form."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [
                (self.env.ref("helpdesk_mgmt_complaint.complaint_view_form").id, "form")
            ],
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _get_complaint_list_action(self, domain, name, context=None):
        """Return the window action that lists complaints in the app's views."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_mgmt_complaint.complaint_action"
        )
        action.update(
            {
                "name": name,
                "domain": [("is_complaint", "=", True), *domain],
                "context": {"default_is_complaint": True, **(context or {})},
            }
        )
        return action

    def _track_template(self, tracking):
        """An imported register sends no mail."""
        if self._complaint_is_import():
            return {}
        return super()._track_template(tracking)

    def _send_ticket_rating_mail(self, force_send=False):
        """Ask for a rating through the mail queue, once per cycle of a complaint.

        helpdesk_mgmt_rating sends at once and again on every write of the stage.
        """
        complaints = self.filtered("is_complaint")
        due = complaints.filtered(
            lambda t: t.stage_id.rating_mail_template_id
            and t.rating_status == "stage_change"
        )
        due -= due._complaint_get_logged("rating_requested")
        due._complaint_event("rating_requested")
        super(HelpdeskTicket, due)._send_ticket_rating_mail(force_send=False)
        return super(HelpdeskTicket, self - complaints)._send_ticket_rating_mail(
            force_send=force_send
        )

    def _complaint_is_ended(self):
        """Return the tickets of this set that are closed or cancelled."""
        return self.filtered(lambda t: t.complaint_phase in ENDED_PHASES)

    @api.model
    def _complaint_text_from_html(self, html):
        return "" if is_html_empty(html) else html2plaintext(html).strip()
