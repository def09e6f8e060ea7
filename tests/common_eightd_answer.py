# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from unittest.mock import patch

from odoo import Command

from .common_eightd import EightdCommon


class AnswerCommon(EightdCommon):
    """One 8D that answers two customers."""

    @classmethod
    def setUpClass(cls):
        with cls._not_received():
            super().setUpClass()
            cls._create_answers()

    @classmethod
    def _not_received(cls):
        """Receipt by quality is part of what is tested: open an 8D without it."""
        links = "odoo.addons.helpdesk_mgmt_complaint.models"
        links += ".complaint_eightd_link_clock_mixin.ComplaintEightdLinkClockMixin"
        return patch(f"{links}._mark_received", lambda self, at=None: self)

    @classmethod
    def _create_answers(cls):
        cls.complaint.user_id = cls.user_handler
        cls.complaint_b = cls._create_complaint(
            partner_id=cls.other_customer.id,
            complaint_content="保持架断裂 in 40 of 2000",
            complaint_customer_reference="HD-777-OTHER",
        )
        cls.link_b = cls.env["complaint.eightd.link"].create(
            {"eightd_id": cls.eightd.id, "ticket_id": cls.complaint_b.id}
        )
        cls.link = cls.eightd.link_ids - cls.link_b
        cls.mine = cls.link.with_user(cls.user_handler)
        cls._fill_eightd(cls.eightd)

    @classmethod
    def _fill_eightd(cls, eightd):
        """Fill in what customers get of an 8D."""
        eightd.write(
            {
                "problem": "Cage broken at the rivet",
                "emergency_action": "Delivery stopped",
                "first_clean_lot": "L260710",
                "validation_qty": 1000,
                "validation_from": "2026-07-01",
                "validation_to": "2026-07-31",
                "validation_result": "1000 checked, none bad",
                "containment_ids": [
                    Command.create({"place": "stock", "action": "Stock sorted"}),
                ],
                "cause_ids": [
                    Command.create(
                        {
                            "name": "Rivet press set too low",
                            "is_root": True,
                            "state": "verified",
                            "evidence": "Force 310 N, 400 N demanded, 20 parts",
                        }
                    )
                ],
                "document_ids": [
                    Command.create(
                        {
                            "kind": "control_plan",
                            "name": "CP-12",
                            "old_revision": "A",
                            "new_revision": "B",
                        }
                    )
                ],
            }
        )
        cls.env["mgmtsystem.action"].create(
            {
                "name": "Force of the press is watched",
                "type_action": "correction",
                "complaint_eightd_id": eightd.id,
                "complaint_discipline": "d5",
                "complaint_choice": "selected",
                "user_id": cls.user_quality.id,
            }
        )

    @classmethod
    def _finish(cls, eightd, *codes):
        """Make disciplines done, past the gates, which are tested elsewhere."""
        rows = eightd.discipline_ids
        found = rows.filtered(lambda row: row.code in codes)
        found.flush_recordset()
        found._write({"state": "done"})
        rows.invalidate_recordset()

    def _draw(self, method, svg):
        """Let a diagram of the analysis be this one."""
        patcher = patch.object(
            type(self.eightd), method, lambda eightd, lang: svg, create=True
        )
        patcher.start()
        self.addCleanup(patcher.stop)

    def _release(self, link=None, answer_type="8d", **kwargs):
        link = link or self.mine
        return (
            self.env["complaint.eightd.release"]
            .with_user(link.env.user)
            ._release(link, answer_type=answer_type, **kwargs)
        )
