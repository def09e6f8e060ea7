# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

# models of which a preset brings records, and where these say their preset
_TRANSLATED_MODELS = {
    "complaint.procedure": "preset",
    "complaint.procedure.step": "procedure_id.preset",
    "complaint.procedure.stage": "procedure_id.preset",
    "complaint.sla.policy": "preset",
    "complaint.sla.line": "policy_id.preset",
    "complaint.routing.rule": "preset",
    "complaint.duty": "preset",
    "helpdesk.ticket.stage": "",
}


class ComplaintPresetMixin(models.AbstractModel):
    """Loading a preset: its master records are copied into a company (R222).

    A master (`is_preset`) belongs to no company and is followed by nobody. What
    was loaded from it remembers it (`preset_origin_id`), so that loading again adds
    what is missing and touches nothing that a company has edited or archived.
    """

    _name = "complaint.preset.mixin"
    _description = "Loadable from a Preset"

    preset = fields.Char(
        string="Preset Code",
        copy=False,
        help="Code of the preset that this was loaded from.",
    )
    is_preset = fields.Boolean(
        string="Preset",
        copy=False,
        help="Only a model: nothing follows it until a company chose it.",
    )

    @api.model
    def _get_preset_masters(self, code):
        """Return the master records of a preset, those that are switched off too."""
        return self.with_context(active_test=False).search(
            [("is_preset", "=", True), ("preset", "=", code)]
        )

    def _get_loaded(self, company):
        """Return ``{master: its copy in a company}``; archived copies count."""
        copies = self.with_context(active_test=False).search(
            [("preset_origin_id", "in", self.ids), ("company_id", "=", company.id)]
        )
        return {copy.preset_origin_id: copy for copy in copies.sorted("id", True)}

    def _load_masters(self, company):
        """Copy these masters into a company where they are not there yet.

        :param company: `res.company`
        :return: ``({master: its copy}, newly created copies)``
        """
        loaded, new = self._get_loaded(company), self.browse()
        for master in self:
            if master in loaded:
                continue
            # children that are switched off come along, switched off
            vals = master._prepare_preset_copy_vals(company)
            copied = master.with_context(active_test=False).copy(vals)
            self._copy_preset_names(master, copied)
            loaded[master] = copied
            new |= copied
        return loaded, new

    @api.model
    def _copy_preset_names(self, master, copied):
        """Give a copy the name of its master in every language."""
        for code, _name in self.env["res.lang"].get_installed():
            copied.with_context(lang=code).name = master.with_context(lang=code).name

    def _prepare_preset_copy_vals(self, company):
        """Hook: return the values in which a copy differs from its master."""
        self.ensure_one()
        return {
            "name": self.name,
            "company_id": company.id,
            "preset": self.preset,
            "preset_origin_id": self.id,
        }


class ComplaintProcedurePresetMixin(models.AbstractModel):
    """The procedures of a preset bring everything else along."""

    _name = "complaint.procedure.preset.mixin"
    _description = "Procedure from a Preset"
    _inherit = ["complaint.preset.mixin"]

    stage_ids = fields.One2many(
        "complaint.procedure.stage", "procedure_id", string="Stages", copy=True
    )
    form_ids = fields.Many2many(
        "complaint.form",
        "complaint_procedure_form_rel",
        "procedure_id",
        "form_id",
        string="Forms",
        help="Offered first when a complaint of this procedure is printed.",
    )
    source = fields.Char(help="Document that this procedure comes from.")

    @api.model
    def _load_preset(self, code, company, masters=None, own_stages=True):
        """Load a preset into a company; for scripts and the wizard (R222).

        Twice is once: what is there stays as it is, edited or archived.

        :param str code: M1, M2, M3, PM, MED, GAS, CON, LAW, LAB, TEC or GEN
        :param company: `res.company`
        :param masters: only these procedures of the preset, default all
        :param bool own_stages: give the company stages with the preset's names
        :return: the procedures of the company that come from this preset
        :raise UserError: unknown code
        """
        self.check_access("create")
        procedures = masters or self._get_preset_masters(code)
        if not procedures:
            raise UserError(self.env._("There is no preset %(code)s.", code=code))
        company.ensure_one()
        policies, _new = procedures.sla_policy_id._load_masters(company)
        loaded, new = procedures._load_masters(company)
        for procedure in new:
            master_policy = procedure.preset_origin_id.sla_policy_id
            procedure.sla_policy_id = policies.get(master_policy)
        for model in self._get_preset_models():
            records = self.env[model]
            records._get_preset_masters(code)._load_masters(company)
        if new and own_stages:
            self._load_preset_stages(company)
        return self.browse([loaded[master].id for master in procedures])

    @api.model
    def _get_preset_models(self):
        """Hook: return further models whose masters belong to a preset."""
        return ["complaint.routing.rule", "complaint.duty"]

    @api.model
    def _translate_preset_copies(self, langs):
        """Translate what was copied from a preset before a language was installed.

        A copy has no external id, so that no translation file reaches it. It takes
        the term of a record with the same words in English, of its own preset
        first; what a company worded or translated itself stays.

        :param langs: codes of installed languages
        """
        for model, path in _TRANSLATED_MODELS.items():
            # sudo: called while the addon is loaded; only missing terms are added
            records = self.env[model].sudo().with_context(active_test=False)
            # set-up: some hundred rows, all of them are looked at once
            records = records.search([])  # pylint: disable=no-search-all
            names = [
                n for n, field in records._fields.items() if field.translate is True
            ]
            for lang in set(langs) - {"en_US"}:
                for name in names:
                    self._translate_missing(records, name, lang, path)

    @api.model
    def _translate_missing(self, records, name, lang, path):
        """Give records without a term in a language that of their namesakes."""
        known, missing = {}, []
        for record in records.with_context(lang=lang):
            preset = (record.mapped(path) or [""])[0] if path else ""
            source, term = record.with_context(lang="en_US")[name], record[name]
            if not source:
                continue
            if source == term:
                missing.append((record, preset, source))
            else:
                known.setdefault((preset, source), term)
                known.setdefault(source, term)
        for record, preset, source in missing:
            term = known.get((preset, source)) or known.get(source)
            if term:
                record.update_field_translations(name, {lang: term})

    @api.model
    def _load_preset_stages(self, company):
        """Give the company stages with the names that its procedures use.

        Once a company has stages of its own, its complaints use only those, so that
        phases which no procedure of it knows are skipped.
        """
        procedures = self.search([("company_id", "=", company.id)])
        rows = procedures.stage_ids
        if not rows:
            return
        stages = self.env["helpdesk.ticket.stage"]
        ours = [("complaint_phase", "!=", False), ("team_ids", "=", False)]
        present = stages.search([*ours, ("company_id", "=", company.id)])
        known = set(present.mapped("complaint_phase"))
        named = {}
        for row in rows:
            named.setdefault(row.phase, row)
        needs_all = any(not procedure.stage_ids for procedure in procedures)
        for stage in stages.search([*ours, ("company_id", "=", False)]):
            phase = stage.complaint_phase
            if phase in known or not (needs_all or phase in named):
                continue
            known.add(phase)
            copied = stage.copy({"company_id": company.id, "name": stage.name})
            self._copy_preset_names(named.get(phase, stage), copied)
        # sudo: complaint managers do not set up companies otherwise; the stages were
        # created with their own rights
        company.sudo().complaint_own_stages = True
