# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

from .complaint_eightd_discipline import ANSWER_TYPES, VARIANTS


class ComplaintEightd(models.Model):
    """One 8D: a problem, solved by a team in disciplines D0 to D8 (R420).

    It is about a cause, not about a customer: what belongs to one customer (wording,
    quantities, language, releases, verdict) is on `complaint.eightd.link`. Its
    actions are those of the management system.
    """

    _name = "complaint.eightd"
    _description = "8D"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "complaint.eightd.analysis.mixin",
        "complaint.eightd.check.mixin",
        "complaint.eightd.answer.mixin",
        "complaint.eightd.effect.mixin",
        "complaint.eightd.register.mixin",
        "complaint.eightd.screen.mixin",
        "complaint.eightd.scope.mixin",
        "complaint.eightd.request.mixin",
        "complaint.eightd.flow.mixin",
        "complaint.eightd.opening.mixin",
        # last: the others extend its hooks
        "complaint.eightd.gate.mixin",
        "complaint.past.mixin",
    ]
    _order = "id desc"
    _check_company_auto = True

    number = fields.Char(readonly=True, copy=False)
    name = fields.Char(
        string="Title",
        required=True,
        tracking=True,
        help="The problem in one line, without the name of a customer.",
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    state = fields.Selection(
        [
            ("requested", "Requested"),
            ("open", "In Progress"),
            ("done", "Closed"),
            ("not_effective", "Not Effective"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="open",
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    answer_type = fields.Selection(
        ANSWER_TYPES, string="Format", required=True, default="8d", tracking=True
    )
    severity = fields.Selection(
        [("minor", "Minor"), ("major", "Major"), ("critical", "Critical")],
        help="How deep the analysis goes follows from it (R432).",
    )
    previous_id = fields.Many2one(
        "complaint.eightd",
        string="Follows on",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        help="The 8D that was not effective.",
    )
    next_ids = fields.One2many("complaint.eightd", "previous_id", string="Followed by")
    product_id = fields.Many2one(
        "product.product", check_company=True, index="btree_not_null"
    )
    lot_ids = fields.Many2many("stock.lot", string="Lots", check_company=True)
    defect_id = fields.Many2one("complaint.defect", index="btree_not_null")
    department_id = fields.Many2one(
        "hr.department",
        string="Responsible Department",
        check_company=True,
        help="Named by quality, confirmed after the analysis (R435). Its manager is "
        "told and reads the 8D.",
    )
    department_confirmed = fields.Boolean(help="After the causes were found.")
    discipline_ids = fields.One2many("complaint.eightd.discipline", "eightd_id")
    scope_ids = fields.One2many("complaint.scope", "eightd_id", string="Scopes")

    # D0
    symptom = fields.Text(help="What is seen, not why: the cause comes in D4 (R424).")
    decision_reason = fields.Text(
        string="Why This Format", help="Cause unknown, priority, not for one person."
    )
    emergency_action = fields.Text()
    emergency_at = fields.Datetime(string="Emergency Action on")
    emergency_effect = fields.Float(string="Effect (%)")

    # D1
    sponsor_id = fields.Many2one(
        "res.users", tracking=True, domain="[('share', '=', False)]"
    )
    leader_id = fields.Many2one(
        "res.users", tracking=True, domain="[('share', '=', False)]"
    )
    member_ids = fields.One2many("complaint.eightd.member", "eightd_id", string="Team")
    reader_user_ids = fields.Many2many(
        "res.users",
        "complaint_eightd_reader_rel",
        "eightd_id",
        "user_id",
        compute="_compute_team_users",
        store=True,
        compute_sudo=True,
    )
    writer_user_ids = fields.Many2many(
        "res.users",
        "complaint_eightd_writer_rel",
        "eightd_id",
        "user_id",
        compute="_compute_team_users",
        store=True,
        compute_sudo=True,
    )

    # D2
    problem = fields.Text(
        string="Problem in Our Words", help="Object and deviation, measurable."
    )
    what = fields.Text()
    where_found = fields.Text(string="Where")
    when_found = fields.Text(string="When")
    who_found = fields.Text(string="Who")
    why_problem = fields.Text(string="Why It Is a Problem")
    how_found = fields.Text(string="How")
    how_many = fields.Text()
    history = fields.Selection(
        [("first", "First time"), ("repeat", "Repeated"), ("trend", "Trend")]
    )
    risk = fields.Text(string="Preliminary Risk")
    isnot_ids = fields.One2many("complaint.eightd.isnot", "eightd_id", "Is / Is Not")

    # D3
    containment_ids = fields.One2many("complaint.eightd.containment", "eightd_id")
    first_clean_lot = fields.Char(
        help="Lot, date or marking from which deliveries are good."
    )

    # D4
    cause_ids = fields.One2many("complaint.eightd.cause", "eightd_id", string="Causes")
    analysis_method = fields.Char(help="5-why, Ishikawa, fault tree, trial ...")
    no_cause_reasons = fields.Text(
        string="No Cause of a Type, Because",
        help="Why there is no verified cause of one of the types.",
    )

    # D5, D6
    action_ids = fields.One2many(
        "mgmtsystem.action", "complaint_eightd_id", string="Actions"
    )
    validation_qty = fields.Float(string="Parts Watched", digits="Product Unit")
    validation_nok_qty = fields.Float(string="Of Them Bad", digits="Product Unit")
    validation_from = fields.Date()
    validation_to = fields.Date()
    validation_result = fields.Text(string="Evidence of the Effect")
    effect = fields.Selection(
        [("effective", "Effective"), ("not_effective", "Not effective")],
        readonly=True,
        copy=False,
        tracking=True,
    )
    effect_at = fields.Datetime(string="Effect Verified on", readonly=True, copy=False)
    effect_by_id = fields.Many2one(
        "res.users", string="Effect Verified by", readonly=True, copy=False
    )
    watch_days = fields.Integer(
        string="Watch Window (Days)",
        default=90,
        help="The same product and defect again in this time after D6: not effective.",
    )
    watch_until = fields.Date(readonly=True, copy=False)

    # D7
    document_ids = fields.One2many("complaint.eightd.document", "eightd_id")
    transfer_ids = fields.One2many(
        "complaint.eightd.transfer", "eightd_id", string="Read Across"
    )
    lessons = fields.Text(string="Lessons Learned")

    # D8
    recognition = fields.Text()
    closing_talk_at = fields.Date(string="Closing Talk on")
    cost_amount = fields.Monetary(string="Cost of the Problem")
    currency_id = fields.Many2one(related="company_id.currency_id")
    closed_at = fields.Datetime(readonly=True, copy=False)

    # Customers
    link_ids = fields.One2many("complaint.eightd.link", "eightd_id", "Complaints")
    # For record rules and gates, read in sudo only: what they leave in the cache of a
    # field would be shown to members who may not know all complaints
    rule_link_ids = fields.One2many(
        "complaint.eightd.link", "eightd_id", "Complaints (Record Rules)"
    )
    release_ids = fields.One2many("complaint.eightd.release", "eightd_id")

    _number_unique = models.UniqueIndex(
        "(company_id, number)", "This 8D number was already given."
    )

    # twice at the same moment
    _previous_unique = models.UniqueIndex(
        "(previous_id) WHERE previous_id IS NOT NULL AND state <> 'cancelled'",
        "This 8D is followed by another one already.",
    )

    @api.depends(
        "leader_id",
        "sponsor_id",
        "member_ids.user_id",
        "member_ids.may_write",
        "approver_ids",
        "department_id.manager_id.user_id",
    )
    def _compute_team_users(self):
        """Who reads it besides quality; who writes it."""
        for eightd in self:
            own = eightd.create_uid | eightd.leader_id
            members = eightd.member_ids
            readers = own | eightd.sponsor_id | members.user_id | eightd.approver_ids
            readers |= eightd.department_id.manager_id.user_id
            writers = own | members.filtered("may_write").user_id
            eightd.reader_user_ids = [Command.set(readers.ids)]
            eightd.writer_user_ids = [Command.set(writers.ids)]

    @api.depends("number", "name")
    def _compute_display_name(self):
        for eightd in self:
            parts = (eightd.number, eightd.name)
            eightd.display_name = " ".join(part for part in parts if part)

    @api.constrains("leader_id", "sponsor_id", "company_id")
    def _check_people(self):
        for eightd in self:
            # sudo: companies of colleagues
            for user in eightd.sudo().leader_id | eightd.sudo().sponsor_id:
                if user.share or eightd.company_id not in user.company_ids:
                    raise ValidationError(
                        self.env._(
                            "%(user)s does not work in %(company)s.",
                            user=user.name,
                            company=eightd.company_id.name,
                        )
                    )

    @api.model
    def _get_variant_codes(self, answer_type):
        """Return the codes of the disciplines that a format goes through."""
        return VARIANTS[answer_type]
