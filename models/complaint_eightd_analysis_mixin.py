# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import float_compare

from ..kernel.diagram_svg import five_why, ishikawa, legend, stack


class ComplaintEightdAnalysisMixin(models.AbstractModel):
    """Causes and their diagrams (D2 and D4)."""

    _name = "complaint.eightd.analysis.mixin"
    _description = "Analysis of an 8D"

    # two names for the same rows: pages D5 and D6 show them with other columns
    plan_action_ids = fields.One2many(
        "mgmtsystem.action",
        "complaint_eightd_id",
        string="Corrective Actions",
        domain=[("complaint_discipline", "in", ("d5", "d6"))],
    )
    effect_action_ids = fields.One2many(
        "mgmtsystem.action",
        "complaint_eightd_id",
        string="Chosen Actions",
        domain=[
            ("complaint_discipline", "in", ("d5", "d6")),
            ("complaint_choice", "=", "selected"),
        ],
    )
    preventive_action_ids = fields.One2many(
        "mgmtsystem.action",
        "complaint_eightd_id",
        string="Preventive Actions",
        domain=[("complaint_discipline", "=", "d7")],
    )
    five_why_svg = fields.Html(
        string="5-Why", compute="_compute_diagrams", sanitize=False
    )
    ishikawa_svg = fields.Html(
        string="Ishikawa", compute="_compute_diagrams", sanitize=False
    )

    @api.depends(
        "name",
        "problem",
        "cause_ids.name",
        "cause_ids.state",
        "cause_ids.position",
        "cause_ids.branch",
        "cause_ids.is_root",
        "cause_ids.contribution",
    )
    @api.depends_context("lang")
    def _compute_diagrams(self):
        for eightd in self:
            # what is saved: rows that are being edited have no place in the tree yet
            saved = eightd._origin
            eightd.five_why_svg = saved._get_five_why_svg()
            eightd.ishikawa_svg = saved._get_ishikawa_svg()

    def _get_five_why_svg(self, lang=None):
        """Return all chains of whys as one SVG, escaped; empty without causes.

        :param str lang: code of the language of titles and marks
        """
        parts = self._get_five_why_parts(lang)
        # every text in it was escaped by the kernel
        return Markup(stack(parts)) if parts else Markup()

    def _get_five_why_svgs(self, lang=None):
        """Return the same as a list of SVGs, each not higher than a printed page.

        :param str lang: code of the language of titles and marks
        """
        pages, titles = [], []
        for part in self._get_five_why_parts(lang):
            titles.append(part)
            if not isinstance(part, tuple):
                pages.append(Markup(stack(titles)))
                titles = []
        return pages

    def _get_five_why_parts(self, lang=None):
        """Return titles of types and drawings of chains, see `kernel.diagram_svg`."""
        if not self.cause_ids:
            return []
        self.ensure_one()
        eightd = self.with_context(lang=lang or self.env.lang)
        labels = eightd._get_mark_labels()
        parts = []
        roots = eightd.cause_ids._sort().filtered(lambda c: not c.parent_id)
        for kind, title in eightd.cause_ids._get_type_labels().items():
            chains = roots.filtered(lambda c, kind=kind: c.cause_type == kind)
            if chains:
                parts.append(("title", title))
            for chain in chains:
                parts += five_why(eightd._get_cause_node(chain), labels["root"])
        return [*parts, legend(labels)]

    def _get_ishikawa_svg(self, lang=None):
        """Return the fishbone of all causes on a branch as one SVG, escaped; empty
        when none is on a branch.

        :param str lang: code of the language of titles and marks
        """
        if not self.cause_ids.filtered("branch"):
            return Markup()
        self.ensure_one()
        eightd = self.with_context(lang=lang or self.env.lang)
        causes = eightd.cause_ids._sort()
        titles = causes._fields["branch"]._description_selection(eightd.env)
        branches = [
            (
                title,
                [eightd._get_cause_node(c) for c in causes if c.branch == branch],
            )
            for branch, title in titles
        ]
        drawing = ishikawa(eightd.problem or eightd.name, branches)
        return Markup(stack([drawing, legend(eightd._get_mark_labels())]))

    def _get_isnot_rows(self):
        """Return the rows is / is not of D2 as plain values.

        :return: list of dicts with ``question`` (in the language of the environment),
            ``is``, ``isnot``, ``distinction`` and ``change``, each a text
        """
        self.ensure_one()
        rows = self.isnot_ids
        labels = dict(rows._fields["question"]._description_selection(self.env))
        return [
            {
                "question": labels[row.question],
                "is": row.is_text or "",
                "isnot": row.isnot_text or "",
                "distinction": row.distinction or "",
                "change": row.change or "",
            }
            for row in rows
        ]

    def _get_action_rows(self, codes):
        """Return the actions of some disciplines as plain values, for prints.

        :param codes: for example ``("d5", "d6")``
        :return: list of dicts: ``reference``, ``name``, ``discipline``, ``type``,
            ``cause``, ``owner``, ``department``, ``partner``, ``due`` (date or
            False), ``choice``, ``is_done``, ``is_exempt``, ``implementation``,
            ``implemented_by``, ``implemented_at`` (datetime or False),
            ``verification``, ``effect``, ``verified_by``, ``verified_at``
        """
        self.ensure_one()
        actions = self.action_ids.filtered(lambda a: a.complaint_discipline in codes)
        return [
            action._get_complaint_row()
            for action in actions.sorted(lambda a: (a.complaint_discipline, a.id))
        ]

    def _get_contribution_reasons(self):
        """Return what is wrong with the shares of the root causes, full sentences.

        Of each type that has root causes they make 100 % together.
        """
        self.ensure_one()
        labels = self.cause_ids._get_type_labels()
        return [
            self.env._(
                "%(type)s: root causes contribute %(total)s %%, not 100 %%.",
                type=labels[kind],
                total=f"{share:g}",
            )
            for kind, share in self.cause_ids._get_root_shares().items()
            if float_compare(share, 100, 2)
        ]

    def _get_mark_labels(self):
        """Return what the marks of diagrams mean."""
        states = self.env["complaint.eightd.cause"]._fields["state"]
        return {
            **dict(states._description_selection(self.env)),
            "root": self.env._("Root cause"),
        }

    @api.model
    def _get_cause_node(self, cause):
        """Return a cause and what is below it as the diagrams want it."""
        share = cause.contribution if cause.is_root else 0
        return {
            "code": cause.outline,
            "text": cause.name,
            "state": cause.state,
            "is_root": cause.is_root,
            "share": f"{share:g} %" if share else "",
            "children": [self._get_cause_node(c) for c in cause.child_ids._sort()],
        }
