# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import hashlib

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

_ACTIVITY = "helpdesk_mgmt_complaint.mail_activity_type_statement"


class ComplaintStatementFlowMixin(models.AbstractModel):
    """From the draft over review and confirmation to the issued statement."""

    _name = "complaint.statement.flow.mixin"
    _description = "Flow of a Complaint Statement"

    may_decide = fields.Boolean(compute="_compute_may_decide")
    may_review = fields.Boolean(compute="_compute_may_decide")

    def _compute_may_decide(self):
        for statement in self:
            statement.may_decide = statement._may_decide()
            statement.may_review = any(statement.ratio_ids.mapped("may_review"))

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_refresh(self):
        """Read the figures of a draft again."""
        self._check_may_decide()
        self._refresh()
        return True

    def action_start_review(self):
        """Send the draft to the heads of the departments concerned (R481)."""
        self._check_may_decide()
        self._check_is_draft()
        for statement in self:
            if not statement.ratio_ids:
                raise UserError(
                    self.env._(
                        "%(statement)s concerns no department. Add one that is to "
                        "review it, or issue it.",
                        statement=statement.name,
                    )
                )
            statement._write_state("review")
            for reviewer in statement.ratio_ids.reviewer_id:
                statement.activity_schedule(
                    _ACTIVITY, user_id=reviewer.id, summary=statement.name
                )
        return True

    def action_review(self):
        """Sign all rows that the user reviews."""
        rows = self.ratio_ids.filtered(
            lambda row: row.may_review and row.reviewer_id == self.env.user
        )
        # a supervisor signs for others, but only where nobody of them is himself
        rows = rows or self.ratio_ids.filtered("may_review")
        if not rows:
            raise UserError(self.env._("Nothing here waits for your review."))
        return rows.action_review()

    def action_confirm_ratios(self):
        """Confirm all ratios that are not confirmed yet (R482)."""
        rows = self.ratio_ids.filtered(lambda row: not row.confirmed_at)
        return rows.action_confirm()

    def action_back_to_draft(self):
        """Reopen the draft, for example to correct a liability: signatures end."""
        self._check_may_decide()
        for statement in self:
            if statement.state not in ("review", "confirmed"):
                statement._refuse_frozen()
            blank = dict.fromkeys(
                ("reviewed_by_id", "reviewed_at", "confirmed_by_id", "confirmed_at"),
                False,
            )
            # sudo: stamps are closed to clients; who may was checked above
            statement.sudo()._at_work().ratio_ids.write(blank)
            statement.activity_unlink([_ACTIVITY])
            statement._write_state("draft")
        return True

    def action_cancel(self):
        """Cancel a draft, so that another one may take its place."""
        self._check_may_decide()
        self._check_is_draft()
        for statement in self:
            statement._write_state("cancelled")
            # sudo: nobody writes deadlines himself
            statement.sudo().deadline_ids.statement_id = False
        return True

    def action_issue(self):
        """Freeze the statement: values, PDF and workbook; meets its duty.

        :raise UserError: when something is missing, see `_get_issue_reasons`
        """
        self._check_may_decide()
        for statement in self:
            # two at once would tell the same correction twice
            # sudo: a lock writes nothing; those that others prepare count as well
            statement.sudo()._get_same_kind().lock_for_update()
            statement.invalidate_recordset(["state"])
            reasons = statement._get_issue_reasons()
            if reasons:
                raise UserError("\n".join(reasons))
            statement._issue()
        return True

    def action_download_pdf(self):
        """Return the stored PDF; of a draft there is a print."""
        return self._download("pdf_id", "action_report_complaint_statement")

    def action_download_xlsx(self):
        """Return the stored workbook; of a draft a new one."""
        return self._download("xlsx_id", "action_report_complaint_statement_xlsx")

    def action_open_cases(self):
        """Open the complaints behind the rows, as they are today."""
        self.ensure_one()
        cases = self.line_ids.case_id
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "helpdesk.ticket",
            "view_mode": "list,form",
            "domain": [("id", "in", cases.ids)],
        }

    def _download(self, name, report):
        self.ensure_one()
        self.check_access("read")
        if not self[name]:
            action = self.env.ref(f"helpdesk_mgmt_complaint.{report}")
            return action.report_action(self, config=False)
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self[name].id}?download=true",
            "target": "download",
        }

    # ------------------------------------------------------------------
    # Who may, what is missing
    # ------------------------------------------------------------------

    def _may_decide(self):
        """Hook: whether this user prepares, confirms and issues the statement."""
        self.ensure_one()
        return self.env.su or (
            self.env.user == self.owner_id or self.env.user._complaint_decides_duties()
        )

    def _check_may_decide(self):
        self.check_access("read")
        for statement in self:
            if not statement._may_decide():
                raise AccessError(
                    self.env._(
                        "%(statement)s is prepared and issued by %(person)s, "
                        "supervisors and complaint managers.",
                        statement=statement.name,
                        person=statement.owner_id.name or "-",
                    )
                )

    def _check_is_draft(self):
        for statement in self:
            if statement.state != "draft":
                statement._refuse_frozen()
                raise UserError(
                    self.env._(
                        "%(statement)s is in review. Take it back to draft first; "
                        "the signatures end with it.",
                        statement=statement.name,
                    )
                )

    def _get_same_kind(self):
        return self.search(
            [
                ("kind", "=", self.kind),
                ("company_id", "=", self.company_id.id),
                ("state", "not in", ["issued", "cancelled"]),
            ]
        )

    def _get_issue_reasons(self):
        """Hook: return why this statement cannot be issued, full sentences."""
        self.ensure_one()
        self._refuse_frozen()
        reasons = []
        if self.date_from > self.company_id._complaint_today():
            reasons.append(self.env._("The period has not begun."))
        rows = self.ratio_ids
        waiting = rows.filtered(lambda row: row._asks() and not row.reviewed_at)
        if waiting:
            reasons.append(
                self.env._(
                    "Not reviewed yet: %(parties)s.",
                    parties=", ".join(waiting.mapped("party")),
                )
            )
        if self.kind == "cases" and rows and self.state != "confirmed":
            reasons.append(self.env._("Confirm the ratios first."))
        later = (
            # sudo: which others were issued does not depend on who may read them
            self.sudo()
            ._get_sources()
            .filtered(lambda other: other.issued_at >= self.generated_at)
        )
        if later:
            reasons.append(
                self.env._(
                    "%(names)s was issued after these figures were read and may tell "
                    "the same corrections. Take it back to draft and refresh.",
                    names=", ".join(later.mapped("name")),
                )
            )
        return reasons

    # ------------------------------------------------------------------
    # Doing it
    # ------------------------------------------------------------------

    def _write_state(self, state, **vals):
        # sudo: the state is closed to clients; who may was checked by the caller
        self.sudo()._at_work().write({"state": state, **vals})

    def _after_review(self, users):
        """Close the to-dos of who signed; called by the rows."""
        for statement in self:
            waiting = statement.ratio_ids.filtered(lambda row: not row.reviewed_at)
            done = users - waiting.reviewer_id
            if done:
                # sudo: a supervisor signs for somebody whose to-do it was
                statement.sudo().activity_ids.filtered(
                    lambda todo, done=done: todo.user_id in done
                ).action_feedback()

    def _after_confirm(self):
        for statement in self:
            if all(row.confirmed_at for row in statement.ratio_ids):
                statement._write_state("confirmed")

    def _issue(self):
        """Write state and stamps first: both files say who issued it and when."""
        self.ensure_one()
        self._write_state(
            "issued", issued_by_id=self.env.uid, issued_at=fields.Datetime.now()
        )
        files = {
            "pdf": ("application/pdf", self._make_pdf()),
            "xlsx": (
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                self._make_xlsx(),
            ),
        }
        vals = {}
        for name, (mimetype, content) in files.items():
            attachment = (
                self.env["ir.attachment"]
                # sudo: the file belongs to the statement; nobody changes it any more
                .sudo()
                .create(
                    {
                        "name": f"{self.name}.{name}",
                        "raw": content,
                        "mimetype": mimetype,
                        "res_model": self._name,
                        "res_id": self.id,
                    }
                )
            )
            vals[f"{name}_id"] = attachment.id
            vals[f"{name}_sha256"] = hashlib.sha256(content).hexdigest()
        self._write_state("issued", **vals)
        self.sudo().activity_unlink([_ACTIVITY])  # sudo: to-dos of others end with it
        self._meet_duties()

    def _make_pdf(self):
        """Return the PDF; made once, when the statement is issued."""
        # sudo: the issuer need not be able to read the set-up of reports
        reports = self.env["ir.actions.report"].sudo()
        content, kind = reports.with_context(lang=self.lang)._render_qweb_pdf(
            "helpdesk_mgmt_complaint.report_complaint_statement", self.ids
        )
        if kind != "pdf":
            raise UserError(
                self.env._("No PDF could be made. Ask who runs the server.")
            )
        return content

    def _make_xlsx(self):
        """Return the workbook; made once, when the statement is issued."""
        report = self.env["report.helpdesk_mgmt_complaint.complaint_statement_xlsx"]
        report = report.with_context(active_model=self._name)
        return report.create_xlsx_report(self.ids, {})[0]

    def _meet_duties(self):
        """Enter the result of the open periods that wait for this statement (R259)."""
        domain = Domain("statement_id", "=", self.id) & Domain(
            "finished_at", "=", False
        )
        # sudo: who issues the statement does the duty, whoever owns it
        periods = self.env["complaint.deadline"].sudo().search(domain)
        # sudo: as above
        self.env["complaint.duty.result"].sudo().create(
            [
                {
                    "deadline_id": period.id,
                    "kind": "done",
                    "text": self.env._(
                        "%(statement)s: issued, %(count)s complaints. SHA-256 of the "
                        "PDF: %(digest)s",
                        statement=self.name,
                        count=self.case_count,
                        digest=self.pdf_sha256,
                    ),
                }
                for period in periods
            ]
        )
