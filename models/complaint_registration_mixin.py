# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import SUPERUSER_ID, Command, api, fields, models


class ComplaintRegistrationMixin(models.AbstractModel):
    """Registering a complaint: any employee, one form, order number first."""

    _name = "complaint.registration.mixin"
    _description = "Complaint Registration"

    complaint_reference_input = fields.Char(
        string="Order, Delivery, Invoice or Lot",
        store=False,
        groups="base.group_user",
        help="Type one number, ours or the customer's: goods, quantities, shipping "
        "date, lot and customer are proposed and can be corrected.",
    )
    complaint_reference_note = fields.Text(
        string="Recognition Notes",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Numbers that were seen but not linked, and why.",
    )
    complaint_content = fields.Text(
        string="Content",
        groups="base.group_user",
        help="The complaint in words. Oral complaints must be written down here.",
    )
    complaint_oral = fields.Boolean(
        string="Oral",
        compute="_compute_complaint_oral",
        store=True,
        readonly=False,
        groups="base.group_user",
    )
    complaint_anonymous = fields.Boolean(string="Anonymous", groups="base.group_user")
    complaint_complainant_name = fields.Char(
        string="Complainant",
        compute="_compute_complaint_complainant",
        store=True,
        readonly=False,
        groups="base.group_user",
    )
    complaint_complainant_organisation = fields.Char(
        string="Organisation",
        compute="_compute_complaint_complainant",
        store=True,
        readonly=False,
        groups="base.group_user",
    )
    complaint_complainant_phone = fields.Char(
        string="Complainant's Phone",
        compute="_compute_complaint_complainant",
        store=True,
        readonly=False,
        groups="base.group_user",
    )
    complaint_complainant_address = fields.Char(
        string="Complainant's Address",
        compute="_compute_complaint_complainant",
        store=True,
        readonly=False,
        groups="base.group_user",
    )
    complaint_customer_reference = fields.Char(
        string="Customer's Complaint No.", index="btree_not_null", copy=False
    )
    complaint_site = fields.Char(
        string="Site or Person Complained About", groups="base.group_user"
    )
    complaint_demand_note = fields.Text(
        string="Demand in the Customer's Words", groups="base.group_user"
    )
    complaint_confirmed_reason = fields.Text(
        string="Confirmed Reason",
        copy=False,
        groups="base.group_user",
        help="The reason as our business department confirms it.",
    )
    complaint_open_questions = fields.Text(
        string="Open Questions", groups="base.group_user"
    )
    complaint_guidance = fields.Html(
        string="Conduct Guidance",
        compute="_compute_complaint_guidance",
        groups="base.group_user",
    )
    complaint_line_proposed_count = fields.Integer(
        compute="_compute_complaint_line_proposed_count", groups="base.group_user"
    )

    @api.depends("channel_id")
    def _compute_complaint_oral(self):
        for ticket in self:
            # sudo: a channel may belong to a company the user left
            ticket.complaint_oral = ticket.channel_id.sudo().complaint_oral

    @api.depends("complaint_procedure_id")
    def _compute_complaint_guidance(self):
        for ticket in self:
            # sudo: guidance is for everybody who talks to the customer (R533)
            procedure = ticket.complaint_procedure_id.sudo()
            ticket.complaint_guidance = procedure.conduct_guidance

    @api.depends("partner_id")
    def _compute_complaint_complainant(self):
        for ticket in self:
            partner = ticket.partner_id
            if not partner:
                continue
            ticket.complaint_complainant_name = partner.name
            ticket.complaint_complainant_organisation = (
                partner.commercial_partner_id.name
            )
            ticket.complaint_complainant_phone = partner.phone
            ticket.complaint_complainant_address = partner.contact_address_inline

    @api.depends("complaint_line_ids.is_proposed")
    def _compute_complaint_line_proposed_count(self):
        for ticket in self:
            ticket.complaint_line_proposed_count = len(
                ticket.complaint_line_ids.filtered("is_proposed")
            )

    @api.onchange("complaint_reference_input")
    def _onchange_complaint_reference_input(self):
        """Propose goods, quantities, date, lot and customer (R366)."""
        text = (self.complaint_reference_input or "").strip()
        if not text:
            return None
        found = self.env["complaint.reference"]._lookup_typed(
            text, self.company_id or self.env.company, self.partner_id
        )
        self.complaint_reference_input = False
        unique = [match for match in found if not match["ambiguous"]]
        for match in unique:
            if not self.partner_id and match["partner"]:
                self.partner_id = match["partner"]
            self._add_complaint_proposals(match["line_vals"])
        messages = [match["message"] for match in found if match["message"]]
        if not found:
            messages = [
                self.env._(
                    "Nothing is known under %(text)s. Enter the goods by hand; an "
                    "unknown lot is kept as text.",
                    text=text,
                )
            ]
        if not messages:
            return None
        return {
            "warning": {
                "title": text,
                "message": "\n".join(messages),
                "type": "notification",
            }
        }

    @api.onchange("complaint_content")
    def _onchange_complaint_content(self):
        """Propose the first line of the content as title; it can be changed."""
        lines = (self.complaint_content or "").strip().splitlines()
        if lines and not self.name:
            self.name = lines[0][:80]

    def action_complaint_confirm_lines(self):
        """Confirm every proposed line at once."""
        self.complaint_line_ids.filtered("is_proposed").action_confirm_proposal()
        return True

    def action_complaint_view_orders(self):
        """Open the sales orders of the customer (R555)."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Orders of the Customer"),
            "res_model": "sale.order",
            "view_mode": "list,form",
            "domain": [
                ("partner_id", "child_of", self.commercial_partner_id.id),
                ("state", "=", "sale"),
            ],
        }

    def action_complaint_view_customer(self):
        """Open all complaints of the customer (R555)."""
        self.ensure_one()
        return self._get_complaint_list_action(
            [("commercial_partner_id", "=", self.commercial_partner_id.id)],
            self.commercial_partner_id.display_name,
        )

    def _add_complaint_proposals(self, line_vals):
        """Add lines that are not there yet (same order line and lot)."""
        known = {
            (line.sale_line_id.id, line.product_id.id, line.lot_id.id)
            for line in self.complaint_line_ids
        }
        for vals in line_vals:
            key = tuple(
                vals.get(name) or False
                for name in ("sale_line_id", "product_id", "lot_id")
            )
            if key not in known:
                # whoever typed the number sees what it brings: no guess to confirm
                line = Command.create({**vals, "is_proposed": False})
                self.complaint_line_ids = [line]
                known.add(key)

    # ------------------------------------------------------------------
    # Creation
    # ------------------------------------------------------------------

    @api.model
    def _complaint_get_new_flags(self, vals_list):
        """Return for each create values whether the ticket will be a complaint."""
        context_flag = self.env.context.get("default_is_complaint")
        context_team = self.env.context.get("default_team_id")
        # sudo: whether a team or category makes complaints is set-up
        teams = self.env["helpdesk.ticket.team"].sudo()
        categories = self.env["helpdesk.ticket.category"].sudo()  # sudo: as above
        flags = []
        for vals in vals_list:
            flag = vals.get("is_complaint", context_flag)
            if not flag:
                team = teams.browse(vals.get("team_id", context_team))
                category = categories.browse(vals.get("category_id"))
                flag = team.complaint_team or category.complaint_default
            flags.append(bool(flag))
        return flags

    @api.model
    def _prepare_complaint_create_vals(self, vals, defaults):
        """Complete the create values of one complaint, in place.

        :param dict defaults: what the complaints of one batch share, filled here
        :return: dict of what `_complaint_after_create` needs: ``reported_at``,
            ``received_at``, ``number``
        """
        vals["is_complaint"] = True
        extra = {
            "reported_at": vals.pop("complaint_reported_at", None),
            "received_at": vals.pop("complaint_received_at", None),
            "number": self._complaint_take_import_number(vals),
        }
        self._complaint_pop_import_vals(vals, extra)
        for name in ("complaint_event_ids", "complaint_cycle"):
            vals.pop(name, None)
        content = (vals.get("complaint_content") or "").strip()
        html = vals.get("description")
        if not content:
            vals["complaint_content"] = self._complaint_text_from_html(html)
        # the content is not copied into the description, which the customer can
        # read: what an employee notes down may contain more than that
        vals["description"] = html or "<p><br></p>"
        self._complaint_set_default_vals(vals, defaults)
        return extra

    @api.model
    def _complaint_set_default_vals(self, vals, defaults):
        team = self.env["helpdesk.ticket.team"].browse(
            vals.get("team_id") or self.env.context.get("default_team_id")
        )
        company = team.company_id or self.env["res.company"].browse(
            vals.get("company_id") or self.env.company.id
        )
        vals["company_id"] = company.id
        if (team, company) not in defaults:
            procedures = self.env["complaint.procedure"]
            defaults[team, company] = (
                team._get_complaint_stage("draft", company).id,
                procedures._get_default_procedure(company).id,
            )
        stage_id, procedure_id = defaults[team, company]
        vals["stage_id"] = vals.get("stage_id") or stage_id
        if "user_id" not in vals:
            vals["user_id"] = self._get_complaint_default_handler().id
        # sudo: set-up; a procedure of another company would give its numbers here
        procedure = self.env["complaint.procedure"].sudo()
        procedure = procedure.browse(vals.get("complaint_procedure_id"))
        if not procedure or (procedure.company_id and procedure.company_id != company):
            vals["complaint_procedure_id"] = procedure_id
        for name, value in (
            ("complaint_severity", "minor"),
            ("complaint_validity", "valid"),
            ("complaint_established", "undecided"),
        ):
            vals[name] = vals.get(name) or value
        receiver = self.env.user
        # who imports an old register did not receive its complaints
        is_receiver = not self._complaint_is_import() and receiver.id != SUPERUSER_ID
        if is_receiver and receiver._is_internal():
            vals["complaint_received_by_id"] = (
                vals.get("complaint_received_by_id") or receiver.id
            )
            vals["complaint_first_contact_id"] = (
                vals.get("complaint_first_contact_id") or receiver.id
            )
            vals["complaint_received_department_id"] = (
                vals.get("complaint_received_department_id")
                or receiver._complaint_get_department().id
            )

    @api.model
    def _get_complaint_default_handler(self):
        """Return who handles a new complaint: its registrar, if he is a handler.

        The helpdesk assigns whoever creates a ticket; for a complaint that would
        be any employee, or the user the mail gateway runs as.
        """
        user = self.env.user
        wanted = (
            user.id != SUPERUSER_ID
            and not self.env.context.get("complaint_gateway")
            and self.env.company.helpdesk_mgmt_ticket_auto_assign
            and user.has_group("helpdesk_mgmt_complaint.group_complaint_handler")
        )
        return user if wanted else user.browse()

    def _complaint_after_create(self, prepared):
        """Log the first events in one batch and number what is numbered now.

        :param prepared: one dict per ticket, see `_prepare_complaint_create_vals`;
            empty for tickets that became complaints by other means
        """
        events, imported = [], self.browse()
        for ticket, extra in zip(self, prepared, strict=True):
            if not ticket.is_complaint:
                continue
            received = extra.get("received_at")
            reported = extra.get("reported_at") or received
            events.append(ticket._prepare_complaint_event_vals("reported", reported))
            events.append(
                ticket._prepare_complaint_event_vals(
                    "registered", received, note=extra.get("note")
                )
            )
            if extra.get("is_import"):
                events += ticket._prepare_complaint_import_events(extra)
            if extra.get("number"):
                imported |= ticket
        self._complaint_create_events(events)
        complaints = self.filtered("is_complaint")
        if not self._complaint_is_import():
            moved = complaints.filtered(lambda t: t.complaint_phase != "draft")
            moved._complaint_after_phase_change({})
        (complaints - imported)._complaint_assign_number("registration")
