# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ComplaintRepeatMixin(models.AbstractModel):
    """Repeat complaints (R164) and other links between complaints (R370)."""

    _name = "complaint.repeat.mixin"
    _description = "Repeat Complaints"

    complaint_previous_id = fields.Many2one(
        "helpdesk.ticket",
        string="Original Complaint",
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
        help="The form that the customer did not accept, when this one replaces it.",
    )
    complaint_repeat_of_id = fields.Many2one(
        "helpdesk.ticket",
        string="Repeat of",
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
        domain="[('is_complaint', '=', True), ('id', '!=', id)]",
    )
    complaint_repeat_ids = fields.One2many(
        "helpdesk.ticket",
        "complaint_repeat_of_id",
        string="Repeat Complaints",
        groups="base.group_user",
    )
    complaint_repeat_count = fields.Integer(
        string="Repeats",
        compute="_compute_complaint_repeat_count",
        groups="base.group_user",
    )
    complaint_repeat_candidate_id = fields.Many2one(
        "helpdesk.ticket",
        string="Similar Complaint",
        compute="_compute_complaint_repeat_candidate",
        groups="base.group_user",
    )
    complaint_repeat_reason = fields.Char(
        string="Why It Looks Like a Repeat",
        compute="_compute_complaint_repeat_candidate",
        groups="base.group_user",
    )

    @api.depends("complaint_repeat_ids")
    def _compute_complaint_repeat_count(self):
        counts = dict(
            self.env["helpdesk.ticket"]._read_group(
                [("complaint_repeat_of_id", "in", self.ids)],
                ["complaint_repeat_of_id"],
                ["__count"],
            )
        )
        for ticket in self:
            ticket.complaint_repeat_count = counts.get(ticket._origin, 0)

    @api.depends(
        "partner_id",
        "category_id",
        "complaint_repeat_of_id",
        "complaint_line_ids.product_id",
        "complaint_line_ids.defect_id",
        "complaint_line_ids.lot_id",
    )
    def _compute_complaint_repeat_candidate(self):
        for ticket in self:
            candidate, reason = ticket._find_complaint_repeat()
            ticket.complaint_repeat_candidate_id = candidate
            ticket.complaint_repeat_reason = reason

    @api.constrains("complaint_repeat_of_id")
    def _check_complaint_repeat_cycle(self):
        if self._has_cycle("complaint_repeat_of_id"):
            raise ValidationError(
                self.env._("A complaint cannot be the repeat of itself.")
            )

    def action_complaint_link_repeat(self):
        """Link the shown similar complaint (its first one, if it is a repeat)."""
        for ticket in self:
            found = ticket.complaint_repeat_candidate_id
            if found:
                ticket.complaint_repeat_of_id = found.complaint_repeat_of_id or found
        return True

    def action_complaint_view_repeats(self):
        """Open the chain of repeat complaints this one belongs to."""
        self.ensure_one()
        root = self.complaint_repeat_of_id or self
        return self._get_complaint_list_action(
            ["|", ("id", "=", root.id), ("complaint_repeat_of_id", "=", root.id)],
            self.env._("Repeat Complaints"),
        )

    def _find_complaint_repeat(self):
        """Return ``(earlier complaint, reason)``; both empty when there is none."""
        self.ensure_one()
        nothing = self.env["helpdesk.ticket"], False
        # sudo: the procedure's window is set-up, the registrar need not read it
        window = self.complaint_procedure_id.sudo().repeat_window_days
        if not self.is_complaint or self.complaint_repeat_of_id or not window:
            return nothing
        if not self.partner_id:
            return nothing
        for ticket in self.env["helpdesk.ticket"].search(
            self._get_complaint_repeat_domain(window), order="id desc", limit=20
        ):
            reason = self._get_complaint_repeat_reason(ticket)
            if reason:
                return ticket, reason
        return nothing

    def _get_complaint_repeat_domain(self, window):
        """Hook: complaints of the same customer in the window, by same problem."""
        # reported, not registered: an imported register is registered today
        reported = self.complaint_reported_at or fields.Datetime.now()
        since = reported - timedelta(days=window)
        lines = self.complaint_line_ids
        same = [
            "|",
            ("complaint_line_ids.lot_id", "in", lines.lot_id.ids),
            "&",
            ("complaint_line_ids.product_id", "in", lines.product_id.ids),
            ("complaint_line_ids.defect_id", "in", lines.defect_id.ids),
        ]
        if self.category_id:
            same = ["|", ("category_id", "=", self.category_id.id), *same]
        return [
            ("is_complaint", "=", True),
            ("id", "!=", self._origin.id),
            *([("id", "<", self._origin.id)] if self._origin else []),
            ("company_id", "=", self.company_id.id),
            ("complaint_phase", "!=", "cancelled"),
            ("complaint_reported_at", ">=", since),
            ("partner_id", "child_of", self.partner_id.commercial_partner_id.id),
            *same,
        ]

    def _get_complaint_repeat_reason(self, other):
        """Return in words what this complaint shares with an earlier one."""
        mine, theirs = self.complaint_line_ids, other.complaint_line_ids
        lots = mine.lot_id & theirs.lot_id
        if lots:
            # sudo: the name of a lot that stands on the user's own complaint
            names = ", ".join(lots.sudo().mapped("name"))
            return self.env._("same customer and lot %(lot)s", lot=names)
        known = {
            (line.product_id, line.defect_id)
            for line in theirs
            if line.product_id and line.defect_id
        }
        for line in mine:
            if (line.product_id, line.defect_id) in known:
                return self.env._(
                    "same customer, product %(product)s and defect %(defect)s",
                    product=line.product_id.display_name,
                    defect=line.defect_id.display_name,
                )
        if self.category_id and self.category_id == other.category_id:
            same_site = self.partner_id == other.partner_id
            place = self.env._("site") if same_site else self.env._("customer")
            return self.env._(
                "same %(place)s and category %(category)s",
                place=place,
                category=self.category_id.display_name,
            )
        return False
