# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .complaint_eightd_discipline import ANSWER_TYPES
from .complaint_eightd_link_clock_mixin import ANSWERING, VERDICTS

_SYSTEM_FIELDS = {"received_at", "verdict", "verdict_at"}
_IDENTITY = {"eightd_id", "ticket_id"}
_DEPTHS = [code for code, _name in ANSWER_TYPES]
# what a new answer needs, also when the customer rejects one of a closed 8D; what he
# got is frozen in its release
_ANSWER_FIELDS = {
    "answer_type",
    "lang",
    "answer_days",
    "problem_text",
    "containment_text",
    "cause_text",
    "action_text",
    "effect_text",
    "prevention_text",
    "closing_text",
}


class ComplaintEightdLink(models.Model):
    """A complaint that an 8D answers, with all that is this customer's own (R420).

    Wording, quantities, format and language come from the complaint when the link is
    made. Receipt and verdict follow from what happens and are written by the methods
    of `complaint.eightd.link.clock.mixin` only.
    """

    _name = "complaint.eightd.link"
    _description = "Complaint of an 8D"
    _inherit = [
        # before the linking: what the customer wants is filled in first
        "complaint.eightd.link.clock.mixin",
        "complaint.eightd.link.mixin",
        "complaint.eightd.link.score.mixin",
        "complaint.eightd.release.values.mixin",
        "complaint.eightd.child.mixin",
    ]
    _order = "eightd_id, id"
    _rec_name = "ticket_id"

    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="Complaint",
        required=True,
        ondelete="restrict",
        index=True,
        domain="[('is_complaint', '=', True)]",
    )
    partner_id = fields.Many2one(related="ticket_id.partner_id", string="Customer")
    answer_type = fields.Selection(ANSWER_TYPES, string="Requested Answer")
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(), string="Language"
    )
    customer_wording = fields.Text(help="What the customer said, in his words.")
    customer_reference = fields.Char(string="Customer's No.")
    delivered_qty = fields.Float(string="Delivered", digits="Product Unit")
    claimed_qty = fields.Float(string="Claimed", digits="Product Unit")
    returned_qty = fields.Float(string="Returned", digits="Product Unit")
    date_from = fields.Datetime(string="Linked on", default=fields.Datetime.now)
    date_to = fields.Datetime(string="Linked until", readonly=True, copy=False)
    answer_days = fields.Integer(
        string="Days to Answer",
        help="After so many days without an answer somebody may record that none came. "
        "0: as in the settings.",
    )

    # Wording for this customer; empty: as in the 8D
    problem_text = fields.Text(string="D2 for This Customer")
    containment_text = fields.Text(string="D3 for This Customer")
    cause_text = fields.Text(string="D4 for This Customer")
    action_text = fields.Text(string="D5 for This Customer")
    effect_text = fields.Text(string="D6 for This Customer")
    prevention_text = fields.Text(string="D7 for This Customer")
    closing_text = fields.Text(string="Closing Words or Short Answer")

    # Received, answered
    received_at = fields.Datetime(
        string="Received by Quality", readonly=True, copy=False
    )
    verdict = fields.Selection(
        [("none", "Not answered"), *VERDICTS],
        required=True,
        default="none",
        readonly=True,
        copy=False,
    )
    verdict_at = fields.Datetime(string="Answered on", readonly=True, copy=False)
    is_answered = fields.Boolean(
        string="Answer Accepted",
        compute="_compute_is_answered",
        help="A complete answer in the wanted format was accepted, or nobody said "
        "anything to it in time.",
    )
    release_ids = fields.One2many("complaint.eightd.release", "link_id")
    current_release_id = fields.Many2one(
        "complaint.eightd.release",
        string="Last Release",
        compute="_compute_current_release",
    )
    deadline_ids = fields.One2many("complaint.deadline", "eightd_link_id")
    due_at = fields.Datetime(string="Next Due", compute="_compute_due_at")

    _current_unique = models.UniqueIndex(
        "(ticket_id) WHERE date_to IS NULL",
        "This complaint is answered by an 8D already.",
    )

    @api.depends("eightd_id.number", "ticket_id")
    def _compute_display_name(self):
        for link in self:
            # sudo: the number of an 8D stands wherever the answer does
            number = link.sudo().eightd_id.number
            parts = (number, link.ticket_id.display_name)
            link.display_name = " - ".join(part for part in parts if part)

    @api.depends("release_ids")
    def _compute_current_release(self):
        for link in self:
            link.current_release_id = link.release_ids.sorted("revision")[-1:]

    @api.depends("deadline_ids.due_at", "deadline_ids.finished_at")
    def _compute_due_at(self):
        for link in self:
            waiting = link.deadline_ids.filtered(
                lambda limit: limit.due_at and not limit.finished_at
            )
            link.due_at = min(waiting.mapped("due_at"), default=False)

    @api.depends("release_ids.verdict", "answer_type")
    def _compute_is_answered(self):
        for link in self:
            last = link.release_ids.sorted("revision")[-1:]
            link.is_answered = bool(
                last.verdict in ("accepted", "timed_out")
                and not last.is_preliminary
                and link._is_deep_enough(last.answer_type)
            )

    @api.constrains("ticket_id", "eightd_id")
    def _check_ticket(self):
        # sudo: both are compared only
        for link in self.sudo():
            if not link.ticket_id.is_complaint:
                raise ValidationError(
                    self.env._("An 8D answers complaints, not other tickets.")
                )
            if link.ticket_id.company_id != link.eightd_id.company_id:
                raise ValidationError(
                    self.env._(
                        "%(ticket)s belongs to another company than the 8D.",
                        ticket=link.ticket_id.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def default_get(self, fields_list):
        """No receipt or verdict by the context or a user's own default."""
        defaults = super().default_get(fields_list)
        for name in _SYSTEM_FIELDS & set(defaults):
            del defaults[name]
        if "verdict" in fields_list:
            defaults["verdict"] = "none"
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        """Fill in what the complaint says already."""
        # the index looks at what is stored: an ended link makes room for the next
        self.flush_model(["date_to"])
        prepared = []
        for vals in vals_list:
            self._check_client_vals(vals)
            ticket = self.env["helpdesk.ticket"].browse(vals.get("ticket_id"))
            known = self._prepare_ticket_vals(ticket) if ticket else {}
            said = {name: value for name, value in vals.items() if value is not None}
            if not said.get("answer_type"):
                # an empty choice is none
                said.pop("answer_type", None)
            prepared.append({**known, **said})
        return super().create(prepared)

    def write(self, vals):
        self._check_client_vals(vals)
        moved = self.filtered(
            lambda link: any(
                name in vals and link[name].id != vals[name] for name in _IDENTITY
            )
        )
        moved._check_not_released()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_released(self):
        self._check_not_released()

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_release(self):
        """Open the dialog that releases an answer to the customer."""
        self.ensure_one()
        self._check_can_answer()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Release to the Customer"),
            "res_model": "complaint.eightd.link.release",
            "view_mode": "form",
            "target": "new",
            "context": {"default_link_id": self.id},
        }

    def action_open(self):
        """Open this answer with its releases."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    def action_enter_verdict(self):
        """Record what the customer said by phone or mail, or that he said nothing."""
        self.ensure_one()
        release = self.current_release_id
        if not release:
            raise UserError(self.env._("Nothing was released to the customer yet."))
        return release.action_enter_verdict()

    def _get_wanted_type(self):
        """Return the format that the customer wants, else that of the 8D."""
        self.ensure_one()
        # sudo: only the format, whoever may read the 8D
        return self.answer_type or self.sudo().eightd_id.answer_type

    def _is_deep_enough(self, answer_type):
        """Return whether an answer is the one that is wanted, or says more."""
        wanted = self._get_wanted_type()
        return answer_type in _DEPTHS and (
            _DEPTHS.index(answer_type) >= _DEPTHS.index(wanted)
        )

    def _check_eightd_rows_open(self, names):
        """The words of an answer can be mended as long as it is not accepted."""
        if names <= _ANSWER_FIELDS and all(link.verdict == "rejected" for link in self):
            return
        super()._check_eightd_rows_open(names)

    def _check_can_answer(self):
        """Raise unless the user may answer the customer of this complaint now."""
        self.ensure_one()
        self.check_access("write")
        self.ticket_id._complaint_check_is_handler()
        if self.date_to:
            raise UserError(
                self.env._(
                    "This complaint is not answered by this 8D any more. Answer it "
                    "from the 8D that followed."
                )
            )

    @api.model
    def _prepare_ticket_vals(self, ticket):
        """Hook: return what the complaint says about the answer it wants."""
        # sudo: goods and terms of a complaint that one links; no rights on orders
        names = ticket.sudo()
        customer = names.partner_id
        lines = names.complaint_line_ids
        lang = customer.lang or customer.commercial_partner_id.lang
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        return {
            "answer_type": customer.complaint_answer_type
            or customer.commercial_partner_id.complaint_answer_type,
            "lang": lang if lang in installed else self.env.lang,
            "customer_wording": self._get_ticket_wording(names),
            "customer_reference": names.complaint_customer_reference,
            "delivered_qty": sum(lines.mapped("delivered_qty")),
            "claimed_qty": sum(
                line.claimed_qty or line.defective_qty for line in lines
            ),
        }

    @api.model
    def _get_ticket_wording(self, ticket):
        content = ticket.complaint_content or ticket._complaint_text_from_html(
            ticket.description
        )
        parts = [content, *ticket.complaint_line_ids.mapped("symptom")]
        return "\n".join(dict.fromkeys(part for part in parts if part))

    def _check_client_vals(self, vals):
        if self.env.context.get("complaint_answering") is ANSWERING:
            return
        if any(vals.get(name) not in (None, False, "none") for name in _SYSTEM_FIELDS):
            raise UserError(
                self.env._(
                    "Receipt and verdict follow from what happens. Release the answer "
                    "and record what the customer says to it."
                )
            )
        if self and _SYSTEM_FIELDS & set(vals):
            raise UserError(self.env._("A receipt or verdict cannot be taken back."))

    def _check_not_released(self):
        # sudo: whoever may read releases
        released = self.sudo().filtered("release_ids")
        if released:
            raise UserError(
                self.env._(
                    "%(names)s: an answer was released to the customer, so the link "
                    "stays. End it instead.",
                    names=", ".join(released.mapped("display_name")),
                )
            )
