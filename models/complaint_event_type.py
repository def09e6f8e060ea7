# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models, tools
from odoo.exceptions import UserError


class ComplaintEventType(models.Model):
    """A kind of event in the log of a complaint; companies may add their own.

    The code is what clocks and gates refer to, so it never changes once used.
    """

    _name = "complaint.event.type"
    _description = "Complaint Event Type"
    _order = "sequence, code"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    once_only = fields.Boolean(
        help="At most one such event per complaint (and dispatch or 8D) and cycle."
    )
    active = fields.Boolean(default=True)
    is_manual = fields.Boolean(
        string="Recorded by Hand",
        help="Handlers may record it on a complaint with Record Event.",
    )
    opinion_kind = fields.Selection(
        selection=lambda self: (
            self.env["complaint.opinion"]
            ._fields["kind"]
            ._description_selection(self.env)
        ),
        string="Logged by Signing",
        help="Signing an opinion of this kind logs this event, too.",
    )

    _code_unique = models.Constraint(
        "UNIQUE(code)", "An event type with this code exists already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if "code" in vals or "once_only" in vals:
            used = self.env["complaint.event"].search_count(
                [("type_id", "in", self.ids)], limit=1
            )
            if used:
                raise UserError(
                    self.env._(
                        "This event type is already used in logs. Create a new "
                        "event type instead of changing its code or rule."
                    )
                )
        self.env.registry.clear_cache()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self.env["complaint.event"].search_count(
            [("type_id", "in", self.ids)], limit=1
        ):
            raise UserError(
                self.env._("An event type that is used in logs can only be archived.")
            )
        # sudo: also lines of other companies need it
        lines = self.env["complaint.sla.line"].sudo().with_context(active_test=False)
        names = ("start", "target", "until", "alternative")
        for name in names:
            suffix = "id" if name == "start" else "ids"
            used = lines.search([(f"{name}_type_{suffix}", "in", self.ids)], limit=1)
            if used:
                raise UserError(
                    self.env._(
                        "The deadline %(line)s of %(policy)s needs this event type.",
                        line=used.name,
                        policy=used.policy_id.name,
                    )
                )
        self.env.registry.clear_cache()

    @api.model
    @tools.ormcache()
    def _get_type_map(self):
        """Return ``{code: (id, once_only)}`` of all types, archived ones too."""
        # sudo: types are public vocabulary, the cache must not depend on a user
        types = self.sudo().with_context(active_test=False).search([("code", "!=", "")])
        return {kind.code: (kind.id, kind.once_only) for kind in types}

    @api.model
    @tools.ormcache()
    def _get_opinion_codes(self):
        """Return ``{kind of opinion: [codes logged when one is signed]}``."""
        # sudo: types are public vocabulary, the cache must not depend on a user
        result = {}
        # sudo: as above
        for kind in self.sudo().search([("opinion_kind", "!=", False)]):
            result.setdefault(kind.opinion_kind, []).append(kind.code)
        return result

    @api.model
    def _get_type(self, code):
        """Return ``(id, once_only)`` of a code.

        :raise UserError: when no event type has this code
        """
        found = self._get_type_map().get(code)
        if not found:
            raise UserError(
                self.env._(
                    "There is no complaint event type with the code %(code)s. "
                    "Add it under Configuration / Event Types.",
                    code=code,
                )
            )
        return found
