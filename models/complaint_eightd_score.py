# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..kernel.eightd_score import SCALES as VALUES
from ..kernel.eightd_score import propose
from .complaint_eightd_scheme import SCALES

_SCORES = [(str(value), str(value)) for value in range(11)]
_SIDES = ("self", "customer")
_JUDGES = ("quality", "handler")


class ComplaintEightdScore(models.Model):
    """The score of one criterion for one customer: our own beside his.

    Rows come from the scheme, with its weights and scale at that time; people enter
    scores and comments only, and the system who and when.
    """

    _name = "complaint.eightd.score"
    _description = "8D Score"
    _order = "link_id, sequence, id"
    _rec_name = "criterion_id"

    link_id = fields.Many2one(
        "complaint.eightd.link", required=True, readonly=True, ondelete="cascade"
    )
    eightd_id = fields.Many2one(
        related="link_id.eightd_id", store=True, index=True, precompute=True
    )
    ticket_id = fields.Many2one(
        related="link_id.ticket_id", store=True, index=True, precompute=True
    )
    company_id = fields.Many2one(
        "res.company", related="link_id.company_id", store=True, precompute=True
    )
    criterion_id = fields.Many2one(
        "complaint.eightd.criterion", required=True, readonly=True, ondelete="restrict"
    )
    sequence = fields.Integer(readonly=True)
    discipline = fields.Selection(related="criterion_id.discipline")
    question = fields.Text(related="criterion_id.question")
    weight = fields.Float(readonly=True)
    scale = fields.Selection(SCALES, required=True, readonly=True)
    proposed_score = fields.Selection(
        _SCORES,
        string="Guess",
        compute="_compute_proposed_score",
        help="Share of the rules of the check that have no finding.",
    )
    self_score = fields.Selection(_SCORES, string="Own Score")
    self_comment = fields.Text(string="Own Comment")
    self_at = fields.Datetime(string="Own Score on", readonly=True)
    self_by_id = fields.Many2one("res.users", string="Own Score by", readonly=True)
    customer_score = fields.Selection(_SCORES, string="Customer's Score")
    customer_comment = fields.Text(string="Customer's Comment")
    customer_at = fields.Datetime(string="Customer's Score on", readonly=True)
    customer_by_id = fields.Many2one(
        "res.users", string="Customer's Score Entered by", readonly=True
    )

    _criterion_unique = models.UniqueIndex(
        "(link_id, criterion_id)", "This criterion is there already."
    )

    @api.depends_context("lang", "uid")
    @api.depends("criterion_id")
    def _compute_proposed_score(self):
        failed = {
            res_id: {row["rule"] for row in rows if not row["waiver"]}
            # sudo: a guess about an 8D that the reader of its complaint may see as
            # a number; findings themselves stay with those who may read the 8D
            for res_id, rows in self.sudo().eightd_id._get_lint_findings_by_id().items()
        }
        for score in self:
            # sudo: see above
            codes = set(score.sudo().criterion_id.rule_ids.mapped("code"))
            passed = codes - failed.get(score.eightd_id.id, set())
            value = propose(len(passed), len(codes), score.scale or "10")
            score.proposed_score = False if value is None else str(value)

    @api.constrains("self_score", "customer_score", "scale")
    def _check_scale(self):
        for score in self:
            values = VALUES[score.scale]
            for side in _SIDES:
                given = score[f"{side}_score"]
                if given and int(given) not in values:
                    raise ValidationError(
                        self.env._(
                            "%(criterion)s: %(score)s is not on the scale: %(values)s.",
                            criterion=score.criterion_id.name,
                            score=given,
                            values=", ".join(map(str, values)),
                        )
                    )

    def write(self, vals):
        sides = [
            side
            for side in _SIDES
            if f"{side}_score" in vals or f"{side}_comment" in vals
        ]
        known = {f"{side}_{name}" for side in sides for name in ("score", "comment")}
        if set(vals) - known:
            raise UserError(
                self.env._("Only scores and comments can be entered in a score.")
            )
        vals = dict(vals)
        for side in sides:
            self._check_side(side)
            vals[f"{side}_at"] = fields.Datetime.now()
            vals[f"{side}_by_id"] = self.env.uid
        return super().write(vals)

    def _check_side(self, side):
        """Raise unless this user may enter the scores of one side now.

        The own score is for those who write the 8D, that of the customer for quality
        and handlers. Both are frozen when the 8D is closed; the own one when the
        customer accepted. His score may still come then, but not change.
        """
        if side == "self":
            self.eightd_id.check_access("write")
        elif not any(
            self.env.user.has_group(f"helpdesk_mgmt_complaint.group_complaint_{name}")
            for name in _JUDGES
        ):
            raise AccessError(
                self.env._("The customer's score is entered by quality or a handler.")
            )
        for score in self:
            given = side == "self" or score.customer_score
            link = score.link_id
            if link.is_score_closed or (given and link.verdict == "accepted"):
                raise UserError(
                    self.env._(
                        "The 8D is closed or accepted by the customer. Its score "
                        "stays as it is."
                    )
                )
