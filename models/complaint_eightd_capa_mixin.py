# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models

# an 8D that still has something to do
RUNNING_STATES = ("requested", "open", "not_effective")


class ComplaintEightdCapaMixin(models.AbstractModel):
    """When an 8D is the corrective action of its complaints (R426, R427).

    A light corrective action is an 8D of a short format; there is no second kind
    of record, and nothing to tick beside it.
    """

    _name = "complaint.eightd.capa.mixin"
    _description = "8D as Corrective Action"

    def _after_discipline(self, code):
        """Corrective action is done with D6, or with D8 of a format without D6."""
        result = super()._after_discipline(code)
        if code in ("d6", "d8"):
            for eightd in self:
                if eightd._is_capa_complete():
                    # logged once, whoever logs it first
                    eightd._log_verdict("capa_done", payload={"eightd_id": eightd.id})
        return result

    def _get_capa_code(self):
        """Return the discipline that carries the corrective action out."""
        self.ensure_one()
        return "d6" if "d6" in self._get_variant_codes(self.answer_type) else "d8"

    def _is_capa_complete(self):
        """Whether the corrective action was carried out.

        A format without D6 may end without any action; that is an answer to the
        customer, but no corrective action.
        """
        self.ensure_one()
        # sudo: the question is whether it is done, whoever asks
        eightd = self.sudo()
        if eightd.state not in ("open", "done"):
            return False
        code = eightd._get_capa_code()
        done = eightd.discipline_ids.filtered(lambda d: d.state == "done")
        if code not in done.mapped("code"):
            return False
        if code == "d6":
            return True
        return bool(
            eightd._get_corrective_actions() and not eightd._get_open_action_reasons()
        )

    def _get_capa_reason(self):
        """Return what keeps the complaint waiting for this 8D, or None.

        :return: a full sentence that names the 8D and what to do
        """
        self.ensure_one()
        name = self.number or self.name
        if self.state == "requested":
            return self.env._(
                "Corrective action: the 8D %(eightd)s waits for its approval.",
                eightd=name,
            )
        if self.state == "not_effective":
            return self.env._(
                "Corrective action: the 8D %(eightd)s was found not effective. Reopen "
                "it, or open a second 8D.",
                eightd=name,
            )
        if self._is_capa_complete():
            return None
        if self.state == "done":
            return self.env._(
                "The 8D %(eightd)s was closed without a corrective action that is "
                "carried out: verify it as not effective, then open the next 8D.",
                eightd=name,
            )
        return self.env._(
            "Corrective action: finish %(missing)s of the 8D %(eightd)s.",
            missing=", ".join(self._get_capa_missing()),
            eightd=name,
        )

    def _get_capa_missing(self):
        """Return the short names (D4, D5 ...) of what is open up to the action."""
        codes = self._get_variant_codes(self.answer_type)
        wanted = codes[: codes.index(self._get_capa_code()) + 1]
        done = self.discipline_ids.filtered(lambda d: d.state == "done").mapped("code")
        return [code.upper() for code in wanted if code not in done]

    def _get_effect_reason(self):
        """Return what the gate “Effect verified” still asks of this 8D, or None."""
        self.ensure_one()
        name = self.number or self.name
        if self.state == "not_effective" or self.effect == "not_effective":
            return self.env._(
                "The 8D %(eightd)s was found not effective. Reopen it, or open a "
                "second 8D.",
                eightd=name,
            )
        if self.effect == "effective":
            return None
        return self.env._(
            "Quality has to verify the effect of the 8D %(eightd)s (page D6).",
            eightd=name,
        )
