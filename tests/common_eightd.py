# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import date

from odoo import Command
from odoo.tests import new_test_user

from .common import ComplaintCommon

# what a team enters so that a discipline is complete
_ENTRIES = {
    "d0": {
        "symptom": "Crack at the snap hook",
        "decision_reason": "Cause unknown, several departments needed",
    },
    "d1": {},
    "d2": {
        "problem": "卡扣根部裂纹，长度大于2mm，图纸规定不允许有裂纹",
        "what": "Housing 4711, snap hook",
        "where_found": "At the customer's line",
        "when_found": "Shift 2, first assembled on Monday",
        "who_found": "Line inspector",
        "why_problem": "The cover falls off",
        "how_found": "Visual check after assembly",
        "how_many": "12 of 500",
    },
    "d3": {},
    "d4": {"no_cause_reasons": "Only one type of cause was found"},
    "d5": {},
    "d6": {
        "validation_qty": 1000,
        "validation_nok_qty": 0,
        "validation_from": date(2026, 8, 1),
        "validation_to": date(2026, 8, 31),
        "validation_result": "No crack in 1000 parts, report PR-77",
    },
    "d7": {"lessons": "Drying time belongs into the process FMEA"},
    "d8": {"recognition": "Team lunch"},
}


class EightdCommon(ComplaintCommon):
    """A complaint with an 8D of quality, and one employee in its team."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_member = new_test_user(cls.env, "complaint_member")
        cls.complaint = cls._create_complaint()
        cls.eightd = cls._create_eightd(cls.complaint)

    @classmethod
    def _create_eightd(cls, complaints, **vals):
        """Return an 8D of quality that answers these complaints."""
        eightds = cls.env["complaint.eightd"].with_user(cls.user_quality)
        return eightds.create(
            {
                "name": "Housings crack at the snap hook",
                "product_id": cls.product.id,
                "leader_id": cls.user_quality.id,
                "member_ids": [
                    Command.create(
                        {"user_id": cls.user_member.id, "name": cls.user_member.name}
                    )
                ],
                "link_ids": [
                    Command.create({"ticket_id": complaint.id})
                    for complaint in complaints
                ],
                **vals,
            }
        )

    @classmethod
    def _fill(cls, code, eightd=None):
        """Enter what a discipline needs, as quality."""
        eightd = eightd or cls.eightd
        if _ENTRIES[code]:
            eightd.write(_ENTRIES[code])
        if method := getattr(cls, f"_fill_{code}", None):
            method(eightd)

    @classmethod
    def _fill_d3(cls, eightd):
        for place in ("stock", "wip", "transit", "customer"):
            eightd.containment_ids.create({"eightd_id": eightd.id, "place": place})
        eightd.containment_ids[0].write(
            {
                "quantity": 40,
                "action": "Sorting",
                "owner_id": cls.user_member.id,
                "effect_note": "100 % checked, 3 bad",
            }
        )

    @classmethod
    def _fill_d4(cls, eightd):
        eightd.cause_ids.create(
            {
                "eightd_id": eightd.id,
                "name": "Material not dried: 4 h instead of 6 h",
                "state": "verified",
                "is_root": True,
                "contribution": 100,
                "evidence": "Moisture 0.4 %, report L-12",
            }
        )

    @classmethod
    def _fill_d5(cls, eightd):
        cause = eightd.cause_ids[:1]
        # sudo: the right on actions is not what is tested
        cls.action = cls.env["mgmtsystem.action"].create(
            {
                "name": "Dryer with interlock",
                "type_action": "correction",
                "complaint_eightd_id": eightd.id,
                "complaint_discipline": "d5",
                "complaint_cause_id": cause.id,
                "user_id": cls.user_member.id,
                "date_deadline": date(2026, 7, 31),
            }
        )

    @classmethod
    def _fill_d6(cls, eightd):
        eightd.containment_ids.filtered("quantity").write(
            {"lifted_reason": "Stays until the new mould"}
        )
        cls.action.with_user(cls.user_member).write(
            {
                "complaint_implementation": "Interlock built in",
                "complaint_done_on": date(2026, 7, 30),
            }
        )
        cls.action.with_user(cls.user_member).action_complaint_implemented()
        verifier = cls.action.with_user(cls.user_quality)
        verifier.complaint_verification = "No wet material in four weeks"
        verifier.action_complaint_effective()

    @classmethod
    def _fill_d7(cls, eightd):
        for kind in ("pfmea", "control_plan"):
            eightd.document_ids.create(
                {
                    "eightd_id": eightd.id,
                    "kind": kind,
                    "new_revision": "C",
                    "changed_at": date(2026, 8, 1),
                }
            )

    @classmethod
    def _fill_d8(cls, eightd):
        eightd.link_ids.no_verdict_reason = "The customer wants no answer"
        # sudo: the effect is verified elsewhere
        eightd.sudo().write({"effect": "effective"})

    @classmethod
    def _finish(cls, codes, eightd=None):
        """Fill and finish disciplines, for example ``"d0 d1"``."""
        eightd = eightd or cls.eightd
        for code in codes.split():
            cls._fill(code, eightd)
            cls._discipline(code, eightd).action_done()

    @classmethod
    def _discipline(cls, code, eightd=None):
        rows = (eightd or cls.eightd).discipline_ids
        return rows.filtered(lambda row: row.code == code)
