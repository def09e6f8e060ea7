# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tests import HttpCase, tagged

from .common_route import RouteCommon


@tagged("post_install", "-at_install")
class TestRouteTour(RouteCommon, HttpCase):
    def test_bar_of_thirteen_steps_in_the_browser(self):
        """R189: the round of W01 at a glance; its next step is started from there."""
        self.route.step_ids.unlink()
        for number in range(1, 14):
            self._create_step(
                f"s{number:02}",
                self.role_quality,
                sequence=number,
                condition="if_needed" if number == 2 else "always",
            )
        ticket = self._accepted()
        self._finish(ticket, "s01")
        self.start_tour(
            f"/odoo/action-helpdesk_mgmt_complaint.complaint_action/{ticket.id}",
            "complaint_route",
            login="complaint_handler",
        )
        self.assertEqual(self._open_tasks(ticket).step_id.code, "s02")
