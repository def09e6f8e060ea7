# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class ComplaintRefileMixin(models.AbstractModel):
    """Filing again what the customer did not accept (R208)."""

    _name = "complaint.refile.mixin"
    _description = "Re-filed Complaints"

    complaint_refiled_ids = fields.One2many(
        "helpdesk.ticket",
        "complaint_previous_id",
        string="Filed Again as",
        groups="base.group_user",
    )
    complaint_refiled_count = fields.Integer(
        string="Forms of This Case",
        compute="_compute_complaint_refiled_count",
        groups="base.group_user",
    )

    @api.depends("complaint_refiled_ids", "complaint_previous_id")
    def _compute_complaint_refiled_count(self):
        for ticket in self:
            ticket.complaint_refiled_count = len(ticket.complaint_refiled_ids) + bool(
                ticket.complaint_previous_id
            )

    def action_complaint_refile(self):
        """File a new complaint in place of this one, which the customer rejected.

        It begins its procedure anew, gets its own number (G07) and names this one as
        its original; both are shown together.

        :return: action that opens the new complaint
        :raise UserError: not a handler, nothing decided yet, filed again already
        """
        self.ensure_one()
        self._complaint_check_route_user()
        self._complaint_check_refile()
        if not self._complaint_get_logged("customer_rejected"):
            self._complaint_event("customer_rejected")
        new = self.copy(self._prepare_complaint_refile_vals())
        self._complaint_event(
            "refiled", payload={"new_id": new.id, "new": new.number or ""}
        )
        for ticket in (self, new):
            ticket.message_post(
                body=self.env._(
                    "Filed again: %(original)s became %(new)s.",
                    original=self._get_complaint_shown_number(),
                    new=new._get_complaint_shown_number(),
                ),
                subtype_xmlid="mail.mt_note",
            )
        return new.action_complaint_open()

    def action_complaint_view_refiled(self):
        """Open the forms that belong to this case: the originals and what followed."""
        self.ensure_one()
        family = self._get_complaint_refile_family()
        return self._get_complaint_list_action(
            [("id", "in", family.ids)], self.env._("Forms of This Case")
        )

    def _get_complaint_refile_family(self):
        """Return the chain of re-filed complaints from the first form on."""
        self.ensure_one()
        family = first = self
        while first.complaint_previous_id and first.complaint_previous_id not in family:
            first = first.complaint_previous_id
            family |= first
        found = self
        while found := found.complaint_refiled_ids - family:
            family |= found
        return family.sorted("id")

    def _complaint_check_refile(self):
        """Raise when there is nothing to file again, or it was done already."""
        self.ensure_one()
        if self.complaint_phase in (False, "draft", "cancelled"):
            raise UserError(
                self.env._(
                    "Only an accepted complaint is filed again. Correct a draft, "
                    "reopen a cancelled one."
                )
            )
        # sudo: also one that the user must not know stands in its place
        others = self.sudo().complaint_refiled_ids.filtered(
            lambda t: t.complaint_phase != "cancelled"
        )
        if others:
            raise UserError(
                self.env._(
                    "This complaint was filed again already as %(number)s. Open it "
                    "with the button above.",
                    number=others[0]._get_complaint_shown_number(),
                )
            )

    def _prepare_complaint_refile_vals(self):
        """Hook: return what the new form takes from the rejected one, beside what
        every copy takes (customer, content, goods, classification)."""
        self.ensure_one()
        return {
            "complaint_previous_id": self.id,
            "name": self.name,
            "complaint_content": self.complaint_content,
            "complaint_customer_reference": self.complaint_customer_reference,
            "complaint_procedure_id": self.complaint_procedure_id.id,
            "complaint_department_id": self.complaint_department_id.id,
            "complaint_severity": self.complaint_severity,
            "complaint_is_major": self.complaint_is_major,
            "team_id": self.team_id.id,
            "user_id": self.user_id.id,
            "complaint_first_contact_id": self.complaint_first_contact_id.id,
        }

    def _get_complaint_shown_number(self):
        self.ensure_one()
        return self.complaint_number or self.number or self.name
