# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..kernel.eightd_score import total

# set by the scheme or computed: a stored computed field could be written by RPC
_OWN = {
    "scheme_id",
    "self_percent",
    "customer_percent",
    "self_scored",
    "customer_scored",
    "criterion_count",
}


class ComplaintEightdLinkScoreMixin(models.AbstractModel):
    """The score of an 8D for one customer: his scheme, both sides, totals."""

    _name = "complaint.eightd.link.score.mixin"
    _description = "Score of an 8D for One Customer"

    scheme_id = fields.Many2one(
        "complaint.eightd.scheme",
        string="Score Scheme",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    score_ids = fields.One2many("complaint.eightd.score", "link_id", string="Scores")
    self_percent = fields.Float(
        string="Own Score (%)", compute="_compute_score", store=True, aggregator="avg"
    )
    customer_percent = fields.Float(
        string="Customer's Score (%)",
        compute="_compute_score",
        store=True,
        aggregator="avg",
    )
    self_scored = fields.Integer(compute="_compute_score", store=True)
    customer_scored = fields.Integer(compute="_compute_score", store=True)
    criterion_count = fields.Integer(
        string="Criteria that Count", compute="_compute_score", store=True
    )
    # sudo: handlers of the complaint need not be in the team
    is_score_closed = fields.Boolean(
        compute="_compute_is_score_closed", compute_sudo=True
    )

    @api.depends(
        "scheme_id",
        "score_ids.self_score",
        "score_ids.customer_score",
        "score_ids.weight",
    )
    def _compute_score(self):
        for link in self:
            for side in ("self", "customer"):
                rows = [
                    (
                        int(row[f"{side}_score"]) if row[f"{side}_score"] else None,
                        row.weight,
                    )
                    for row in link.score_ids
                ]
                found = total(rows, link.score_ids[:1].scale or "10")
                link[f"{side}_percent"] = found.percent or 0.0
                link[f"{side}_scored"] = found.scored
                link.criterion_count = found.count

    @api.depends("eightd_id.state")
    def _compute_is_score_closed(self):
        for link in self:
            link.is_score_closed = link.eightd_id.state not in ("requested", "open")

    @api.model_create_multi
    def create(self, vals_list):
        links = super().create(
            [
                {name: value for name, value in vals.items() if name not in _OWN}
                for vals in vals_list
            ]
        )
        links._apply_scheme()
        return links

    def write(self, vals):
        if _OWN & set(vals) and not self.env.su:
            raise UserError(
                self.env._("Scheme and totals follow from the scores of the 8D.")
            )
        return super().write(vals)

    def _apply_scheme(self):
        """Set up the scores of the schemes that are valid now.

        Links stay as they are where a score was entered, the customer has accepted or
        the 8D is closed.
        """
        links = self.filtered(
            lambda link: not link.is_score_closed
            and link.verdict != "accepted"
            and not any(row.self_at or row.customer_at for row in link.score_ids)
        )
        schemes = self.env["complaint.eightd.scheme"]._get_schemes(links)
        # sudo: rows come from the scheme only, nobody creates or deletes them himself
        links.sudo().score_ids.unlink()
        for link in links:
            # sudo: see above
            link.sudo().scheme_id = schemes[link]
        # sudo: rows come from the scheme only, nobody creates or deletes them himself
        self.env["complaint.eightd.score"].sudo().create(
            [vals for link in links.sudo() for vals in link._prepare_scores_vals()]
        )

    def _prepare_scores_vals(self):
        """Hook: return the values of one score per criterion of the scheme."""
        return [
            {
                "link_id": self.id,
                "criterion_id": criterion.id,
                "sequence": sequence,
                "weight": criterion.weight,
                "scale": self.scheme_id.scale,
            }
            for sequence, criterion in enumerate(self.scheme_id.criterion_ids)
        ]
