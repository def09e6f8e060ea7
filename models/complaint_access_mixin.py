# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

# fields that only the system fills; being readonly in a view stops no RPC call
_SYSTEM_FIELDS = (
    "complaint_cycle",
    "complaint_number",
    "complaint_number_id",
    "complaint_phase",
)
# links whose name would tell the title of a complaint one may not know of
_LINK_FIELDS = ("complaint_previous_id", "complaint_repeat_of_id", "duplicate_id")
# customers read fewer words than we have phases
_CUSTOMER_STATUS = {
    "draft": "received",
    "accepted": "accepted",
    "closed": "closed",
    "cancelled": "cancelled",
}


class ComplaintAccessMixin(models.AbstractModel):
    """What rules and groups cannot say: protected fields, and the customer's view.

    Listed before the helpdesk's own ticket, so that its `create` and `write` run
    before those of the helpdesk.
    """

    _name = "complaint.access.mixin"
    _description = "Complaint Protection"

    complaint_customer_status = fields.Selection(
        [
            ("received", "Received"),
            ("accepted", "Accepted"),
            ("in_progress", "In progress"),
            ("closed", "Closed"),
            ("cancelled", "Cancelled"),
        ],
        string="Status for the Customer",
        compute="_compute_complaint_customer_status",
        help="The phase in words for the customer, see the portal.",
    )

    @api.depends("complaint_phase", "is_complaint")
    def _compute_complaint_customer_status(self):
        for ticket in self:
            phase = ticket.is_complaint and ticket.complaint_phase
            ticket.complaint_customer_status = phase and _CUSTOMER_STATUS.get(
                phase, "in_progress"
            )

    @api.constrains("stage_id", "is_complaint")
    def _check_complaint_stage_for_complaints(self):
        """A plain ticket in our stages would skip the gates once it is a complaint."""
        for ticket in self:
            # sudo: a stage may belong to a company the user left
            if not ticket.is_complaint and ticket.stage_id.sudo().complaint_phase:
                raise ValidationError(
                    self.env._(
                        "%(ticket)s is no complaint and cannot be in the complaint "
                        "stage %(stage)s. Choose a stage of the helpdesk.",
                        ticket=ticket.display_name,
                        stage=ticket.stage_id.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def default_get(self, fields_list):
        """No number, cycle or phase by the context or a user's own default."""
        defaults = super().default_get(fields_list)
        for name in _SYSTEM_FIELDS:
            if name in defaults:
                del defaults[name]
        if "complaint_cycle" in fields_list:
            defaults["complaint_cycle"] = 1
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._complaint_check_links(vals)
            for name in ("complaint_cycle", "complaint_phase"):
                vals.pop(name, None)
        return super().create(vals_list)

    def write(self, vals):
        self._complaint_check_system_vals(vals)
        self._complaint_check_links(vals)
        if not vals.get("is_complaint", True):
            self._complaint_check_demotion()
        plain = self.browse()
        if {"is_complaint", "team_id", "category_id"} & set(vals):
            plain = self.filtered(lambda t: not t.is_complaint)
            if plain and self._complaint_makes_complaints(vals):
                vals = {**vals, "is_complaint": True}
        result = super().write(vals)
        plain.filtered("is_complaint")._complaint_after_conversion()
        if "company_id" in vals:
            # rules were checked for the old company, not for the new one
            self.check_access("write")
        return result

    # ------------------------------------------------------------------
    # Guards
    # ------------------------------------------------------------------

    @api.model
    def _complaint_makes_complaints(self, vals):
        """Whether the team or category that is written now handles complaints."""
        # sudo: set-up
        team = self.env["helpdesk.ticket.team"].sudo().browse(vals.get("team_id"))
        categories = self.env["helpdesk.ticket.category"].sudo()  # sudo: as above
        category = categories.browse(vals.get("category_id"))
        return team.complaint_team or category.complaint_default

    @api.model
    def _complaint_check_system_vals(self, vals):
        """Refuse what only the system writes (numbers: see the numbering mixin)."""
        if not self.env.su and {"complaint_cycle", "complaint_phase"} & set(vals):
            raise UserError(
                self.env._(
                    "The phase follows the stage and the cycle counts reopenings. "
                    "Move the complaint with its buttons or stages."
                )
            )

    @api.model
    def _complaint_check_links(self, vals):
        """Refuse links to tickets the user may not read."""
        linked = [vals[name] for name in _LINK_FIELDS if vals.get(name)]
        if linked:
            self.browse(linked).check_access("read")

    def _complaint_check_demotion(self):
        """Only a handler turns a draft back into a plain ticket, nobody more.

        :raise UserError: for accepted or numbered complaints, whoever asks, since
            nothing may leave the register without a reason
        """
        complaints = self.filtered("is_complaint")
        if not complaints:
            return
        complaints._complaint_check_is_handler()
        kept = complaints.filtered(
            lambda t: t.complaint_number or t.complaint_phase != "draft"
        )
        if kept:
            raise UserError(
                self.env._(
                    "%(names)s: a complaint that was accepted or numbered stays a "
                    "complaint. Cancel it with a reason.",
                    names=", ".join(kept.mapped("display_name")),
                )
            )

    def _complaint_after_conversion(self):
        """Complete plain tickets that a write made complaints: drafts with a log.

        They were reported when the ticket arrived. Who made it a complaint is its
        receiver, unless there is one, and so keeps seeing it.
        """
        if not self:
            return
        # sudo: who may change the plain ticket need not be a handler of complaints
        tickets = self.sudo()
        procedures = tickets.env["complaint.procedure"]
        for ticket in tickets:
            vals = {
                "complaint_content": ticket.complaint_content
                or self._complaint_text_from_html(ticket.description),
                "complaint_procedure_id": ticket.complaint_procedure_id.id
                or procedures._get_default_procedure(ticket.company_id).id,
            }
            if self.env.user._is_internal() and not ticket.complaint_received_by_id:
                vals["complaint_received_by_id"] = self.env.uid
            ticket.write(vals)
            ticket._complaint_event("reported", at=ticket.create_date)
        tickets._complaint_route_converted()
        tickets._complaint_event("registered")
        tickets._complaint_assign_number("registration")

    # ------------------------------------------------------------------
    # The customer's view
    # ------------------------------------------------------------------

    def _get_complaint_customer_attachments(self):
        """Return the files that the customer uploaded or that were sent to him.

        Everything else on a complaint is internal: forms, analyses, log notes.
        """
        self.ensure_one()
        # sudo: a customer has no rights on attachments; the domains choose
        ticket = self.sudo()
        attachments = ticket.env["ir.attachment"]
        customer = ticket.partner_id.commercial_partner_id.ids
        messages = ticket.env["mail.message"]
        shown = Domain(messages._get_search_domain_share())
        shown |= Domain("author_id", "child_of", customer)
        sent = messages.search(
            Domain("model", "=", self._name) & Domain("res_id", "=", ticket.id) & shown
        )
        own = Domain("create_uid.share", "=", True)
        own &= Domain("create_uid.partner_id", "child_of", customer)
        return attachments.search(
            Domain("res_model", "=", self._name)
            & Domain("res_id", "=", ticket.id)
            & (own | Domain("id", "in", sent.attachment_ids.ids))
        )
