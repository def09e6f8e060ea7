# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models

# what the entry repeats
_WATCHED = {
    "name",
    "number",
    "state",
    "symptom",
    "problem",
    "leader_id",
    "sponsor_id",
    "severity",
    "effect",
    "validation_result",
    "company_id",
}
_SEVERITIES = {
    "minor": "nonconformity_severity_min",
    "major": "nonconformity_severity_maj",
    "critical": "nonconformity_severity_maj",
}
_ENDED = ("done", "not_effective")


class ComplaintEightdRegisterMixin(models.AbstractModel):
    """Its entry in the management system: one nonconformity, kept in step.

    Made when the 8D is opened, so that the register is complete. The 8D leads;
    what is edited in the entry does not come back, and what the entry repeats is
    written again. It names no customer: an 8D may answer several.
    """

    _name = "complaint.eightd.register.mixin"
    _description = "Register Entry of an 8D"

    nonconformity_ids = fields.One2many(
        "mgmtsystem.nonconformity",
        "complaint_eightd_id",
        string="Register Entry",
        groups="mgmtsystem.group_mgmtsystem_viewer",
    )

    @api.model_create_multi
    def create(self, vals_list):
        eightds = super().create(vals_list)
        eightds._sync_register()
        return eightds

    def write(self, vals):
        result = super().write(vals)
        if _WATCHED & set(vals):
            self._sync_register()
        if vals.get("state") == "cancelled":
            self._drop_actions()
        return result

    def action_open_register(self):
        """Open the entry in the management system."""
        self.ensure_one()
        self._sync_register()
        return {
            "type": "ir.actions.act_window",
            "res_model": "mgmtsystem.nonconformity",
            # sudo: only the id; who opens it needs the rights
            "res_id": self.sudo().nonconformity_ids.id,
            "view_mode": "form",
        }

    def _after_discipline(self, code):
        """Bring the entry in step when a discipline is done."""
        result = super()._after_discipline(code)
        self._sync_register()
        return result

    # ------------------------------------------------------------------
    # Entry
    # ------------------------------------------------------------------

    def _sync_register(self):
        """Make or update the entries of these 8D; twice is the same as once."""
        # sudo: who works in an 8D need not have rights in the management system;
        # the entry repeats what he may write, for those who read the register
        eightds = self.sudo().with_context(skip_stage_change=True)
        eightds = eightds.filtered(lambda eightd: eightd.state != "requested")
        if not eightds:
            return
        entries = self.env["mgmtsystem.nonconformity"].sudo()  # sudo: as above
        entries = entries.with_context(
            skip_stage_change=True, mail_create_nosubscribe=True
        )
        found = entries.search([("complaint_eightd_id", "in", eightds.ids)])
        found = found.grouped("complaint_eightd_id")
        new = []
        for eightd in eightds:
            entry = found.get(eightd)
            if entry:
                eightd._update_entry(entry)
            elif eightd.state != "cancelled":
                new.append(eightd)
        made = entries.create([eightd._prepare_entry_vals() for eightd in new])
        for eightd, entry in zip(new, made, strict=True):
            # who opened the 8D need not be able to open what he would be told of
            entry.message_unsubscribe(entry.user_id.partner_id.ids)
            eightd._update_entry(entry)

    def _prepare_entry_vals(self):
        """Hook: return the values of a new nonconformity."""
        origin = self.env.ref(
            "helpdesk_mgmt_complaint.nonconformity_origin_complaint",
            raise_if_not_found=False,
        )
        severity = _SEVERITIES.get(self.severity)
        severity = severity and self.env.ref(
            f"mgmtsystem_nonconformity.{severity}", raise_if_not_found=False
        )
        return {
            **self._prepare_entry_sync_vals(),
            "complaint_eightd_id": self.id,
            "company_id": self.company_id.id,
            # customers differ; the register is about us
            "partner_id": self.company_id.partner_id.id,
            "user_id": self.env.uid,
            "origin_ids": [(6, 0, origin.ids if origin else [])],
            "severity_id": severity and severity.id,
            "stage_id": self._get_entry_stage("analysis").id,
            # shown by the management system on the 8D itself
            "res_model": self._name,
            "res_id": self.id,
        }

    def _prepare_entry_sync_vals(self):
        """Hook: return the values that the entry repeats, plain text only."""
        leader = self.leader_id or self.create_uid
        manager = self.sponsor_id or self._get_quality_head() or leader
        return {
            "name": self.name,
            "reference": self.number or self.name,
            "responsible_user_id": leader.id,
            "manager_user_id": manager.id,
            "description": self.problem or self.symptom or self.name,
            "analysis": self._get_entry_analysis() or False,
            "action_comments": self._get_entry_plan() or False,
            "evaluation_comments": self._get_entry_evaluation() or False,
        }

    def _update_entry(self, entry):
        """Write what changed; the stage last, since its gates read the texts."""
        self.ensure_one()
        vals = {
            name: value
            for name, value in self._prepare_entry_sync_vals().items()
            if entry._fields[name].convert_to_write(entry[name], entry) != value
        }
        actions = self.action_ids
        if set(entry.action_ids.ids) != set(actions.ids):
            vals["action_ids"] = [(6, 0, actions.ids)]
        if vals:
            entry.write(vals)
        state = self._get_entry_state(entry)
        if entry.state != state:
            stage = self._get_entry_stage(state)
            if stage:
                entry.stage_id = stage

    # ------------------------------------------------------------------
    # What it says
    # ------------------------------------------------------------------

    def _get_entry_state(self, entry):
        """Return the state of the nonconformity that fits the 8D."""
        self.ensure_one()
        if self.state == "cancelled":
            return "cancel"
        done = set(
            self.discipline_ids.filtered(lambda d: d.state == "done").mapped("code")
        )
        if self.state in _ENDED and entry.evaluation_comments:
            # the addon refuses to close it before all actions have ended
            actions = entry._get_all_actions()
            if all(action.stage_id.is_ending for action in actions):
                return "done"
        if "d5" in done or self.state in _ENDED:
            return "open"
        return "pending" if "d4" in done else "analysis"

    @api.model
    def _get_entry_stage(self, state):
        stages = self.env["mgmtsystem.nonconformity.stage"]
        return stages.search([("state", "=", state)], limit=1)

    def _get_entry_analysis(self):
        """Return the verified causes, one per line."""
        return "\n".join(
            " ".join(
                part
                for part in (
                    cause.outline,
                    cause.name,
                    f"({cause.contribution:g} %)" if cause.is_root else "",
                )
                if part
            )
            for cause in self.cause_ids._sort()
            if cause.state == "verified"
        )

    def _get_entry_plan(self):
        """Return the actions decided on, one per line; never empty, since the addon
        asks for a comment before work may begin."""
        chosen = self.action_ids.filtered(lambda a: a.complaint_choice == "selected")
        lines = [
            " ".join(
                part
                for part in (
                    action.reference,
                    action.name,
                    f"({action.user_id.name})" if action.user_id else "",
                )
                if part
            )
            for action in chosen.sorted(lambda a: (a.complaint_discipline, a.id))
        ]
        return "\n".join(lines) or self.env._("See 8D %(name)s", name=self.number or "")

    def _get_entry_evaluation(self):
        """Return what was found out about the effect."""
        labels = dict(self._fields["effect"]._description_selection(self.env))
        effect = labels.get(self.effect, "")
        text = "\n".join(filter(None, (effect, self.validation_result)))
        if not text and self.state in _ENDED:
            # short formats end without a verified effect
            states = dict(self._fields["state"]._description_selection(self.env))
            text = states[self.state]
        return text

    def _get_quality_head(self):
        """Return who holds the role of the quality manager in the company."""
        role = self.env.ref(
            "helpdesk_mgmt_complaint.role_quality_manager", raise_if_not_found=False
        )
        users = self.env["res.users"]
        return role._get_holder_user(self.company_id) if role else users

    def _drop_actions(self):
        """What is not done yet of a cancelled 8D will not be done."""
        # sudo: who cancels need not be able to write each action
        waiting = self.sudo().action_ids.filtered(
            lambda action: not action.complaint_implemented_by_id
        )
        waiting.complaint_choice = "rejected"
        self.sudo().action_ids._complaint_sync_activities()  # sudo: as above
