# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models
from odoo.exceptions import UserError

# Value of the context key with which a statement is written. No client can send it.
_WORKING = object()
_FROZEN = ("issued", "cancelled")
# what who prepares it writes while it is a draft or in review
_CLIENT_FIELDS = {"summary", "form_id", "lang", "weight", "owner_id"}
# lists on the form; their models say who writes what
_CHILD_FIELDS = {"ratio_ids", "case_line_ids"}


def is_working(env):
    """Whether the methods of the statement are at work, not a client."""
    return env.context.get("complaint_statement") is _WORKING


class ComplaintStatementGuardMixin(models.AbstractModel):
    """What nobody does to a statement: forge it, change it, copy or delete it."""

    _name = "complaint.statement.guard.mixin"
    _description = "Protection of a Complaint Statement"

    @api.model_create_multi
    def create(self, vals_list):
        if not is_working(self.env):
            raise UserError(self.env._("Use Generate Statement."))
        return super().create(vals_list)

    def write(self, vals):
        if not is_working(self.env):
            # messages and to-dos may still be about it
            names = {
                name for name in vals if not name.startswith(("message_", "activity_"))
            }
            if names - _CLIENT_FIELDS - _CHILD_FIELDS:
                raise UserError(
                    self.env._(
                        "Period, state and figures of a statement are not typed in. "
                        "Use its buttons."
                    )
                )
            if names:
                self._refuse_frozen()
            if names & _CLIENT_FIELDS:
                # heads of departments write into their rows only
                self._check_may_decide()
        return super().write(vals)

    # pylint: disable-next=method-required-super
    def copy(self, default=None):  # there is never a second one
        raise UserError(
            self.env._("There is one statement for a period. Use Generate Statement.")
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "A statement is not deleted. Cancel it as long as it is a draft."
            )
        )

    def _at_work(self):
        """Return these records for the methods of the statement itself."""
        return self.with_context(complaint_statement=_WORKING)

    def _refuse_frozen(self):
        """Raise when one of these statements takes no change any more."""
        frozen = self.filtered(lambda s: s.state in _FROZEN)
        if frozen:
            raise UserError(
                self.env._(
                    "%(names)s is issued and stays as it is. What changed since then "
                    "appears as a correction in the next statement.",
                    names=", ".join(frozen.mapped("name")),
                )
            )
