# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tests import HttpCase, tagged

from .common_workflow import WorkflowCommon

_TASKS = "/odoo/action-helpdesk_mgmt_complaint.complaint_dispatch_action"
_COMPLAINT = "/odoo/action-helpdesk_mgmt_complaint.complaint_action"


@tagged("post_install", "-at_install")
class TestWorkflowTour(WorkflowCommon, HttpCase):
    """The round of W01 in the browser; what repeats itself is played without."""

    preset = "M1"
    variant = "procedure_m1"
    groups_of_roles = {"gm_office": "handler"}
    # one manager for both offices: six people in all
    same_holder = {"managers_office": "business_manager"}

    def _answer(self, complaint, code, role):
        """Somebody finds his task in the list of his department and answers it."""
        task = self._open_dispatches(complaint, code)
        self.assertEqual(self._get_recipient(task), self.people[role])
        self.start_tour(_TASKS, "complaint_workflow_opinion", login=f"wf_{role}")
        task.invalidate_recordset()
        self.assertEqual(task.done_by_id, self.people[role])
        self.assertEqual(self._states(complaint)[code], "done")

    def test_round_of_six_people_in_the_browser(self):
        """W01, R189: registered, accepted, analysed, decided, closed by clicks."""
        self.start_tour("/odoo", "complaint_workflow_register", login="wf_business")
        business = self.people["business"]
        complaint = self.env["helpdesk.ticket"].search(
            [("create_uid", "=", business.id)]
        )
        self.assertEqual(complaint.complaint_opinion_ids.signed_by_id, business)
        office = self.people["gm_office"]
        self.start_tour(
            f"{_COMPLAINT}/{complaint.id}",
            "complaint_workflow_accept",
            login="wf_gm_office",
        )
        complaint = complaint.with_user(office)
        self._answer(complaint, "cause", "quality")
        self._answer(complaint, "countermeasure", "production")
        self._answer(complaint, "comment", "business_manager")
        self._skip(complaint, "rd_opinion")
        for code in ("check", "handling", "release", "negotiation"):
            self._do(complaint, code)
        for code in ("supervisor_review", "synthesis"):
            self._do(complaint, code)
        self._answer(complaint, "decision", "general_manager")
        self._do(complaint, "inform", "Told by letter.")
        self.start_tour(_TASKS, "complaint_workflow_close", login="wf_gm_office")
        complaint.invalidate_recordset()
        self.assertEqual(complaint.complaint_phase, "closed")
        # sudo: reading for the assertion only
        people = complaint.sudo().complaint_opinion_ids.signed_by_id
        self.assertEqual(len(people), 6)
