# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models

_OCCASIONS = {"registered": "registration", "closed": "closing"}


class ComplaintFormIssueMixin(models.AbstractModel):
    """Copies of forms are issued when a complaint is registered or closed."""

    _name = "complaint.form.issue.mixin"
    _description = "Complaint Form Copies"

    complaint_form_issue_ids = fields.One2many(
        "complaint.form.issue",
        "ticket_id",
        string="Issued Form Copies",
        groups="base.group_user",
    )

    def unlink(self):
        """Copies of a draft go with it; their files do not go by themselves."""
        # sudo: who may delete the draft was not asked for the rights on files
        issues = self.sudo().complaint_form_issue_ids
        files = self.env["ir.attachment"].sudo()  # sudo: as above
        if issues:
            files = files.search(
                [
                    ("res_model", "=", issues._name),
                    ("res_field", "=", "content"),
                    ("res_id", "in", issues.ids),
                ]
            )
        result = super().unlink()
        files.unlink()
        return result

    def action_complaint_form_issues(self):
        """Open the copies that were issued of this complaint."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_mgmt_complaint.complaint_form_issue_action_all"
        )
        action["domain"] = [("ticket_id", "=", self.id)]
        return action

    @api.model
    def _complaint_create_events(self, vals_list):
        events = super()._complaint_create_events(vals_list)
        if self._complaint_is_import():
            return events
        for code, occasion in _OCCASIONS.items():
            found = events.filtered(lambda e, c=code: e.code == c and not e.corrects_id)
            if found:
                # sudo: who registers or closes need not be allowed to issue copies;
                # recipients are those of the set-up
                issues = self.env["complaint.form.issue"].sudo()
                issues._issue(found.sudo().ticket_id, occasion)  # sudo: as above
        return events
