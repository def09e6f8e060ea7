# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

from .complaint_past import complaint_now

# who answers a complaint since when follows from opening, leaving and following on
_SYSTEM_FIELDS = {"ticket_id", "eightd_id", "date_from", "date_to"}


class ComplaintEightdLinkMixin(models.AbstractModel):
    """How complaints come to an 8D and leave it.

    A complaint has one current link; earlier ones keep until when they were.
    """

    _name = "complaint.eightd.link.mixin"
    _description = "Linking of Complaints to an 8D"

    no_verdict_reason = fields.Text(
        string="Ends without Acceptance, Because",
        help="The customer wants no answer, or did not react in time.",
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            now = complaint_now(self.env)
            vals_list = [
                {**vals, "date_from": now, "date_to": False} for vals in vals_list
            ]
        links = super().create(vals_list)
        if not self.env.su:
            # the rule of links looks at the complaint only
            links.eightd_id.check_access("write")
            links.ticket_id.check_access("write")
        for eightd in links.eightd_id.filtered("number"):
            # it is open already: quality has this complaint, too
            group = links.filtered(lambda link, e=eightd: link.eightd_id == e)
            group._mark_received()
            eightd._propose_due_dates()
            for link in group:
                eightd._note_deeper_answer(link)
        return links

    def write(self, vals):
        if not self.env.su and _SYSTEM_FIELDS & set(vals):
            raise UserError(
                self.env._(
                    "Which 8D answers a complaint is changed with the buttons: Open "
                    "8D on the complaint, Leave on the page Customers."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_answered(self):
        if not self.env.su and any(link.received_at for link in self):
            raise UserError(
                self.env._(
                    "Quality has this complaint already. Let it leave the 8D with a "
                    "reason; the log then says until when it was here."
                )
            )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def action_leave(self):
        """Let complaints leave an 8D, since another answer is found for them."""
        self.check_access("write")
        for link in self:
            link.eightd_id._check_open()
            if link.date_to:
                raise UserError(self.env._("This complaint left the 8D already."))
            link.eightd_id.check_access("write")
            # sudo: closed to clients, the right was checked
            link.sudo()._end_answer()
            link.ticket_id.message_post(
                body=self.env._(
                    "Not answered by %(eightd)s any more.",
                    eightd=link.eightd_id.display_name,
                )
            )
        return True

    def _end_answer(self):
        """End these links and their clocks (superuser only)."""
        self.write({"date_to": complaint_now(self.env)})
        for link in self.filtered("received_at"):
            link._complaint_event_of_link("eightd_left")

    def _prepare_next_vals(self, eightd):
        """Hook: return the values of the link that follows in another 8D."""
        self.ensure_one()
        return {
            "eightd_id": eightd.id,
            "ticket_id": self.ticket_id.id,
            "answer_type": self.answer_type,
            "lang": self.lang,
            "answer_days": self.answer_days,
            "customer_wording": self.customer_wording,
            "customer_reference": self.customer_reference,
            "delivered_qty": self.delivered_qty,
            "claimed_qty": self.claimed_qty,
            "returned_qty": self.returned_qty,
        }

    def _move_to(self, eightd):
        """End these links and go on in another 8D (superuser only)."""
        vals_list = [link._prepare_next_vals(eightd) for link in self]
        self._end_answer()
        self.flush_recordset()
        return self.create(vals_list)
