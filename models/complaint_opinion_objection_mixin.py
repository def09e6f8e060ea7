# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class ComplaintOpinionObjectionMixin(models.AbstractModel):
    """An objection memo (签呈) and the decision that answers it (R209)."""

    _name = "complaint.opinion.objection.mixin"
    _description = "Objection and Its Answer"

    answers_id = fields.Many2one(
        "complaint.opinion",
        string="Decides on Objection",
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        domain="[('ticket_id', '=', ticket_id), ('kind', '=', 'objection')]",
    )
    answer_ids = fields.One2many("complaint.opinion", "answers_id", string="Decisions")
    objection_dispatch_id = fields.Many2one(
        "complaint.dispatch",
        string="Sent up with",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="The task by which the objection went to the superior.",
    )
    is_unanswered = fields.Boolean(compute="_compute_is_unanswered")

    @api.depends("kind", "is_current", "answer_ids.is_current")
    def _compute_is_unanswered(self):
        for opinion in self:
            opinion.is_unanswered = (
                opinion.kind == "objection"
                and opinion.is_current
                and not any(opinion.answer_ids.mapped("is_current"))
            )

    @api.constrains("answers_id", "kind", "ticket_id")
    def _check_answers(self):
        for opinion in self:
            # sudo: the objection may stand on a complaint the user must not know
            objection = opinion.sudo().answers_id
            if bool(objection) != (opinion.kind == "objection_answer"):
                raise ValidationError(
                    self.env._(
                        "A decision on an objection names the objection, other "
                        "opinions do not."
                    )
                )
            if objection and (
                objection.kind != "objection"
                or objection.ticket_id != opinion.sudo().ticket_id  # sudo: as above
            ):
                raise ValidationError(
                    self.env._("The objection must stand on the same complaint.")
                )

    def action_answer(self, text=None):
        """Decide on this objection; without a text the user is asked for it.

        :param str text: the decision with its reasons
        :raise UserError: for who was not asked to decide
        """
        self.ensure_one()
        self._check_may_answer(self.env.user)
        if not (text or "").strip():
            return self.ticket_id._get_complaint_route_dialog(
                "answer", opinion_id=self.id
            )
        # sudo: the superior need not be a handler; that he was asked is checked, and
        # the decision is signed with his own name
        answer = self.sudo().create(self._prepare_answer_vals(text))
        answer.action_sign()
        return True

    def _prepare_answer_vals(self, text):
        """Hook: return the values of the opinion that decides on this objection."""
        self.ensure_one()
        return {
            "ticket_id": self.ticket_id.id,
            "kind": "objection_answer",
            "text": text,
            "answers_id": self.id,
            "dispatch_id": self.objection_dispatch_id.id,
            "department_id": self.env.user._complaint_get_department().id,
        }

    def _complaint_before_sign(self):
        """An objection goes up; a decision on one comes from who was asked."""
        self.ensure_one()
        if self.kind == "objection":
            # sudo: the department that objects need not be a handler
            self.sudo().objection_dispatch_id = self.ticket_id._complaint_send_up(self)
        elif self.answers_id:
            self.answers_id._check_may_answer(self.env.user)

    def _complaint_after_sign(self):
        """The task is finished by the decision that it asked for."""
        self.ensure_one()
        dispatch = self.answers_id.objection_dispatch_id
        if dispatch.state in ("sent", "accepted"):
            dispatch.action_done(self.text)

    def _get_answerers(self):
        """Return the users who may decide: those the objection was sent up to.

        Sent by hand, because nobody was known or the task came back: the people of
        later tasks "decision" of the complaint.
        """
        self.ensure_one()
        # sudo: who was asked is no secret on the complaint that the user reads
        objection = self.sudo()
        first = objection.objection_dispatch_id
        asked = objection.ticket_id.complaint_dispatch_ids.filtered(
            lambda d: d == first
            or (
                d.kind == "decision"
                and d.state not in ("returned", "cancelled")
                and d.id >= first.id
                and (d.sent_at or d.create_date) >= objection.create_date
            )
        )
        heads = asked.filtered(lambda d: not d.to_user_id).to_department_id
        return asked.to_user_id | heads.manager_id.user_id

    def _check_may_answer(self, user):
        """Raise unless this user was asked to decide and is not the objector."""
        self.ensure_one()
        if self.kind != "objection" or not self.is_unanswered:
            raise UserError(
                self.env._("This is no objection that waits for an answer.")
            )
        self.ticket_id._complaint_check_not_recused(user)
        if user == self.signed_by_id or user not in self._get_answerers():
            raise UserError(
                self.env._(
                    "Only the superior to whom this objection was sent decides on it. "
                    "The handler can send it to somebody else with a task "
                    '"Decision".'
                )
            )
