# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

from .complaint_ticket_selection import ticket_selection

_ANY = [("any", "Any"), ("yes", "Yes"), ("no", "No")]
# field -> fact of the complaint, see `helpdesk.ticket._complaint_get_facts`
_YES_NO = {
    "cond_overseas": "is_overseas",
    "cond_out_of_province": "is_out_of_province",
    "cond_visit_needed": "visit_needed",
    "cond_major": "is_major",
    "cond_key_customer": "is_key_customer",
}
_VALUES = {"cond_nature": "nature", "cond_established": "established"}
_RECORDS = {"cond_channel_ids": "channel", "cond_category_ids": "categories"}


class ComplaintSlaConditionMixin(models.AbstractModel):
    """For which complaints of a policy a time limit holds (R241).

    A policy is chosen for a complaint as a whole; these conditions let its lines
    differ by channel (R242, R243), place (R248, R256) or kind of matter (R296).
    """

    _name = "complaint.sla.condition.mixin"
    _description = "Conditions of a Complaint Time Limit"

    cond_overseas = fields.Selection(
        _ANY, string="Overseas", required=True, default="any"
    )
    cond_out_of_province = fields.Selection(
        _ANY, string="Out of Province", required=True, default="any"
    )
    cond_visit_needed = fields.Selection(
        _ANY, string="Visit Needed", required=True, default="any"
    )
    cond_major = fields.Selection(
        _ANY, string="Major Case", required=True, default="any"
    )
    cond_key_customer = fields.Selection(
        _ANY, string="Important Customer", required=True, default="any"
    )
    cond_nature = fields.Selection(
        selection=ticket_selection("complaint_nature"),
        string="Nature",
        help="Empty: any.",
    )
    cond_established = fields.Selection(
        selection=ticket_selection("complaint_established"),
        string="Established",
        help="Empty: any.",
    )
    cond_severity = fields.Selection(
        selection=ticket_selection("complaint_severity"),
        string="Severity from",
        help="This severity and above.",
    )
    cond_channel_ids = fields.Many2many(
        "helpdesk.ticket.channel",
        string="Channels",
        help="Empty: any.",
    )
    cond_category_ids = fields.Many2many(
        "helpdesk.ticket.category",
        string="Categories",
        help="With all categories below them. Empty: any.",
    )
    condition = fields.Json(compute="_compute_condition")

    @api.depends(*_YES_NO, *_VALUES, *_RECORDS, "cond_severity")
    def _compute_condition(self):
        # from the mildest to the worst
        severities = self.env["helpdesk.ticket"]._fields["complaint_severity"]
        severities = severities.get_values(self.env)
        for line in self:
            condition = {
                fact: line[name] == "yes"
                for name, fact in _YES_NO.items()
                if line[name] != "any"
            }
            condition |= {
                fact: line[name] for name, fact in _VALUES.items() if line[name]
            }
            condition |= {
                fact: line[name].ids for name, fact in _RECORDS.items() if line[name]
            }
            if line.cond_severity:
                lowest = severities.index(line.cond_severity)
                condition["severity"] = severities[lowest:]
            line.condition = condition


class ComplaintSlaConditionValueMixin(models.AbstractModel):
    """What conditions of time limits name: not deleted while one needs it.

    Without its channels a line would suddenly hold for all of them.
    """

    _name = "complaint.sla.condition.value.mixin"
    _description = "Named by Conditions of Time Limits"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_condition(self):
        # sudo: lines of other companies count as well
        lines = self.env["complaint.sla.line"].sudo().with_context(active_test=False)
        for name in _RECORDS:
            if lines._fields[name].comodel_name != self._name:
                continue
            used = lines.search([(name, "in", self.ids)], limit=1)
            if used:
                raise UserError(
                    self.env._(
                        "The deadline %(line)s of %(policy)s holds only for "
                        "%(names)s. Archive it instead.",
                        line=used.name,
                        policy=used.policy_id.name,
                        names=", ".join((used[name] & self).mapped("name")),
                    )
                )
