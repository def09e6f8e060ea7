# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from hashlib import sha256

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..kernel.eightd_lint import check
from .complaint_eightd_discipline import DISCIPLINES

_QUALITY = "helpdesk_mgmt_complaint.group_complaint_quality"
_EXCERPT = 120


class ComplaintEightdCheckMixin(models.AbstractModel):
    """Check: findings of the rules, what quality waived, what gates say of it."""

    _name = "complaint.eightd.check.mixin"
    _description = "Check of an 8D"
    _inherit = ["complaint.eightd.fact.mixin"]

    waiver_ids = fields.One2many(
        "complaint.eightd.waiver", "eightd_id", string="Waivers"
    )
    score_ids = fields.One2many("complaint.eightd.score", "eightd_id", string="Scores")
    lint_html = fields.Html(string="Findings", compute="_compute_lint", sanitize=False)
    lint_error_count = fields.Integer(string="Errors", compute="_compute_lint")
    lint_warning_count = fields.Integer(string="Warnings", compute="_compute_lint")
    score_html = fields.Html(
        string="Totals", compute="_compute_score_html", sanitize=False
    )

    @api.depends_context("lang", "uid")
    def _compute_lint(self):
        """Findings as they are when the 8D is read; they follow after saving."""
        found = self._get_lint_findings_by_id()
        for eightd in self:
            findings = found.get(eightd.id, [])
            counted = [row["level"] for row in findings if not row["waiver"]]
            eightd.lint_error_count = counted.count("error")
            eightd.lint_warning_count = counted.count("warning")
            eightd.lint_html = self.env["ir.qweb"]._render(
                "helpdesk_mgmt_complaint.complaint_eightd_findings",
                {"groups": self._group_lint_findings(findings)},
            )

    @api.depends_context("lang", "uid")
    def _compute_score_html(self):
        """Totals of the customers that this user may know of."""
        for eightd in self:
            # rules leave out complaints that he may not see
            links = eightd.link_ids.filtered("scheme_id")._filtered_access("read")
            eightd.score_html = self.env["ir.qweb"]._render(
                "helpdesk_mgmt_complaint.complaint_eightd_score_totals",
                {"links": links},
            )

    def action_open_waive(self):
        """Open the dialog with the findings that are not waived."""
        self.ensure_one()
        wizard = self.env["complaint.eightd.waive"].create(
            {
                "eightd_id": self.id,
                "line_ids": [
                    fields.Command.create(
                        {
                            "key": row["key"],
                            "discipline": row["discipline"],
                            "level": row["level"],
                            "text": row["text"],
                        }
                    )
                    for row in self._get_lint_findings()
                    if not row["waiver"]
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Waive Findings"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_apply_scheme(self):
        """Take the schemes that are valid now where nothing was scored yet."""
        self.check_access("write")
        self.link_ids._filtered_access("write")._apply_scheme()

    def _get_lint_findings(self):
        """Return the findings of the disciplines that somebody has worked in.

        :return: list of dicts: rule (code), discipline, level (error | warning), name,
            advice, text (one sentence), model and id of the row (False: the 8D),
            waiver (record, empty when it was not waived), key (names it in `_waive`)
        """
        self.ensure_one()
        return self._get_lint_findings_by_id()[self.id]

    def _get_lint_reasons(self, code):
        """Return what the check holds against completing a discipline.

        :param str code: d0 ... d8
        :return: list of sentences, one for each error that was not waived
        """
        self.ensure_one()
        return [
            " ".join(filter(None, (row["text"], row["advice"])))
            for row in self._get_lint_findings_by_id(code)[self.id]
            if row["level"] == "error" and not row["waiver"]
        ]

    def _get_lint_findings_by_id(self, code=None):
        """Return ``{id: findings}``, see `_get_lint_findings`, for all 8D at once."""
        stored = self.filtered("id")
        stored.check_access("read")
        rules = self.env["complaint.eightd.rule"]._get_rules_by_company(
            stored.company_id
        )
        limits = {
            company: {code: rule.limit for code, rule in by_code.items()}
            for company, by_code in rules.items()
        }
        facts = stored._prepare_lint_facts(limits, code)
        return {
            eightd.id: eightd._prepare_findings(
                check(facts[eightd.id], rules[eightd.company_id]),
                rules[eightd.company_id],
            )
            for eightd in stored
        }

    def _prepare_findings(self, findings, rules):
        waivers = {
            (waiver.rule, waiver.target or "", waiver.digest): waiver
            for waiver in self.waiver_ids
            if waiver.is_valid
        }
        return [
            self._prepare_finding(row, rules[row.rule], waivers) for row in findings
        ]

    def _prepare_finding(self, finding, rule, waivers):
        """Return the dict of one finding of the kernel."""
        model, res_id = finding.key or (False, False)
        target = f"{model},{res_id}" if model else ""
        digest = sha256(finding.subject.encode()).hexdigest()[:16]
        place = self._get_finding_place(model, res_id, finding)
        return {
            "rule": finding.rule,
            "discipline": finding.discipline,
            "level": rule.level,
            "name": rule.name,
            "advice": rule.advice or "",
            "text": self._get_finding_text(rule, place),
            "model": model,
            "id": res_id,
            "waiver": waivers.get(
                (finding.rule, target, digest), self.env["complaint.eightd.waiver"]
            ),
            "target": target,
            "digest": digest,
            "key": f"{finding.rule}|{target}|{digest}",
        }

    def _get_finding_text(self, rule, place):
        if not place:
            return self.env._("%(finding)s.", finding=rule.name)
        return self.env._("%(finding)s: “%(place)s”.", finding=rule.name, place=place)

    def _get_finding_place(self, model, res_id, finding):
        """Return which row is meant: the text that was judged, or the row's name.

        Nothing of a customer: rows of links are not named.
        """
        text = ""
        if model and model != "complaint.eightd.link":
            # sudo: a row of this 8D, whose reader was checked
            record = self.env[model].sudo().browse(res_id)
            text = record.display_name or ""
        elif not model and finding.discipline == "d2":
            text = finding.subject
        text = " ".join(text.split())
        return f"{text[:_EXCERPT]}…" if len(text) > _EXCERPT else text

    def _group_lint_findings(self, findings):
        """Return ``[(name of discipline, findings)]`` for the screen."""
        labels = dict(
            self.env["complaint.eightd.discipline"]
            ._fields["code"]
            ._description_selection(self.env)
        )
        groups = [
            (labels[code], [row for row in findings if row["discipline"] == code])
            for code, _name in DISCIPLINES
        ]
        return [(label, rows) for label, rows in groups if rows]

    def _check_can_waive(self, reason):
        """Raise unless this user may waive findings of this 8D, with this reason."""
        if not self.env.user.has_group(_QUALITY):
            raise AccessError(self.env._("Only quality waives findings of an 8D."))
        self.check_access("write")
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the finding is accepted or not."))
        if self.state not in ("requested", "open"):
            raise UserError(self.env._("The 8D is closed. Its check stays as it is."))

    def _waive_findings(self, keys, reason):
        """Accept findings that exist now and are not waived.

        :param keys: of `_get_lint_findings`
        :raise UserError: not by quality, without reason, nothing to waive
        """
        self.ensure_one()
        self._check_can_waive(reason)
        rows = [
            row
            for row in self._get_lint_findings()
            if row["key"] in set(keys) and not row["waiver"]
        ]
        if not rows:
            raise UserError(
                self.env._("Choose findings that are still there and not waived.")
            )
        return (
            self.env["complaint.eightd.waiver"]
            # sudo: rows are written here only; who may do it was checked
            .sudo()
            .create(
                [
                    {
                        "eightd_id": self.id,
                        "user_id": self.env.uid,
                        "at": fields.Datetime.now(),
                        "reason": reason,
                        **{
                            name: row[name]
                            for name in (
                                "rule",
                                "discipline",
                                "target",
                                "digest",
                                "text",
                            )
                        },
                    }
                    for row in rows
                ]
            )
        )

    def _get_score_reasons(self):
        """Return what schemes that are required before closing still lack (D8).

        Asked by the gate of D8. The customer's own score is never waited for.
        """
        self.ensure_one()
        # sudo: only counted; a member must not close what he cannot see
        links = self.sudo()._get_current_links()
        missing = [
            link.criterion_count - link.self_scored
            for link in links
            if link.scheme_id.is_required and link.self_scored < link.criterion_count
        ]
        if not missing:
            return []
        return [
            self.env._(
                "Enter the own score: %(count)s criteria are not scored yet.",
                count=sum(missing),
            )
        ]
