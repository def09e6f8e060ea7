# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

from .complaint_eightd_link_clock_mixin import ANSWERING
from .complaint_past import complaint_now

REJECT_REASONS = [
    ("containment", "Containment is not sufficient"),
    ("cause", "Root cause is not convincing"),
    ("evidence", "Evidence is missing"),
    ("action", "Actions do not remove the cause"),
    ("dates", "Dates are too late"),
    ("prevention", "Prevention is missing"),
    ("form", "Form or language is not as agreed"),
    ("other", "Other"),
]


class ComplaintEightdReleaseVerdictMixin(models.AbstractModel):
    """What a customer says to a release: once, on his page or to one of us (R452)."""

    _name = "complaint.eightd.release.verdict.mixin"
    _description = "Verdict on an 8D Release"

    verdict_reason = fields.Selection(
        REJECT_REASONS, string="Standard Reason", readonly=True
    )
    verdict_signature = fields.Binary(
        string="Signature", readonly=True, attachment=False
    )
    verdict_channel = fields.Selection(
        [("page", "By the customer, on his page"), ("entered", "Entered by us")],
        string="Answer Came",
        readonly=True,
    )
    verdict_source = fields.Char(
        string="Source of the Answer", readonly=True, help="Which call, mail, letter."
    )
    verdict_by_id = fields.Many2one(
        "res.users", string="Entered by", readonly=True, ondelete="restrict"
    )
    verdict_address = fields.Char(string="IP Address", readonly=True)

    def action_enter_verdict(self):
        """Open the dialog for an answer that came by phone or mail, or did not come."""
        self.ensure_one()
        self.link_id._check_can_answer()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Answer of the Customer"),
            "res_model": "complaint.eightd.release.verdict",
            "view_mode": "form",
            "target": "new",
            "context": {"default_release_id": self.id},
        }

    def _record_customer_verdict(self, verdict, name, **vals):
        """Record what the customer said on his page.

        :param str verdict: ``accepted`` or ``rejected``
        :param vals: ``verdict_comment``, ``verdict_reason``, ``verdict_signature``,
            ``verdict_address``
        """
        # the visitor has no user; what follows is the system's work
        release = self.with_user(SUPERUSER_ID)
        release._record_verdict(
            {
                "verdict": verdict,
                "verdict_name": name,
                "verdict_channel": "page",
                **vals,
            }
        )

    def _record_entered_verdict(self, verdict, name, source, **vals):
        """Record what a customer said to one of us, or that he said nothing.

        :raise UserError: without source, or it is too early to say that none came
        """
        self.ensure_one()
        self.link_id._check_can_answer()
        if not (source or "").strip():
            raise UserError(
                self.env._("Write where the answer stands: which call, mail or letter.")
            )
        if verdict == "timed_out":
            self._check_timed_out()
        self._record_verdict(
            {
                "verdict": verdict,
                "verdict_name": name,
                "verdict_channel": "entered",
                "verdict_source": source,
                "verdict_by_id": self.env.uid,
                **vals,
            }
        )

    def _record_verdict(self, vals):
        """Write a verdict, the first one only, and all that follows from it.

        The row is locked first: who answers at the same moment is told so.
        """
        self.ensure_one()
        self._check_verdict(vals)
        # sudo: nobody may write a release; who may answer was checked
        release = self.sudo().with_context(complaint_answering=ANSWERING)
        release.lock_for_update(allow_referencing=True)
        release.invalidate_recordset(["verdict"])
        if release.verdict != "sent":
            raise UserError(self.env._("This answer was given already."))
        if not release.is_current:
            raise UserError(
                self.env._("There is a newer release; the customer answers that one.")
            )
        release.write({**vals, "verdict_at": complaint_now(self.env)})
        self.link_id._log_verdict(self)

    @api.model
    def _check_verdict(self, vals):
        if vals["verdict"] not in ("accepted", "rejected", "timed_out"):
            raise UserError(self.env._("Accept or reject."))
        comment = (vals.get("verdict_comment") or "").strip()
        if vals["verdict"] != "accepted" and not comment:
            raise UserError(self.env._("Write what is wrong or missing."))
        if vals["verdict"] != "timed_out" and not (vals["verdict_name"] or "").strip():
            raise UserError(self.env._("Write who says so."))

    def _get_answer_until(self):
        """Return until when the customer has time to answer."""
        self.ensure_one()
        company = self.company_id.sudo()  # sudo: settings of the own company
        days = self.link_id.answer_days or company.complaint_eightd_answer_days
        return self.released_at + timedelta(days=days)

    def _check_timed_out(self):
        until = self._get_answer_until()
        if until > complaint_now(self.env):
            raise UserError(
                self.env._(
                    "The customer has time to answer until %(date)s.",
                    date=fields.Date.to_string(until.date()),
                )
            )

    def _get_verdict_note(self):
        """Return one text: what was said to which release, by whom, why."""
        self.ensure_one()
        labels = dict(self._fields["verdict"]._description_selection(self.env))
        reasons = dict(self._fields["verdict_reason"]._description_selection(self.env))
        head = self.env._(
            "%(release)s: %(verdict)s",
            release=self.display_name,
            verdict=labels[self.verdict],
        )
        parts = [
            f"{head} ({self.verdict_name})" if self.verdict_name else head,
            reasons.get(self.verdict_reason),
            self.verdict_comment,
        ]
        if self.verdict_channel == "entered":
            text = self.env._("Entered by us, source: %(where)s")
            parts.append(text % {"where": self.verdict_source})
        return "\n".join(part for part in parts if part)
