# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime

from odoo.tests import users

from .common import ComplaintCommon


class TestOdooImport(ComplaintCommon):
    """Odoo's own import (`load`), as the import screen of the list calls it."""

    FIELDS = [
        "name",
        "team_id/id",
        "partner_id",
        "complaint_number",
        "complaint_reported_at",
        "complaint_closed_at",
        "stage_id/id",
        "complaint_content",
    ]

    def _get_rows(self, *numbers):
        return [
            [
                f"Old case {number}",
                "helpdesk_mgmt_complaint.complaint_team",
                "Meyer Anlagenbau GmbH",
                number,
                "2019-03-05 08:00:00",
                "2019-04-01 08:00:00",
                "helpdesk_mgmt_complaint.stage_closed",
                "Cracked",
            ]
            for number in numbers
        ]

    @users("complaint_manager")
    def test_manager_loads_old_complaints(self):
        """R143, R372: number, dates and state are kept, no gate stops them."""
        result = self.env["helpdesk.ticket"].load(
            self.FIELDS, self._get_rows("O190301", "O190302")
        )
        self.assertFalse(result["messages"])
        tickets = self.env["helpdesk.ticket"].browse(result["ids"])
        self.assertEqual(tickets.mapped("complaint_number"), ["O190301", "O190302"])
        self.assertEqual(set(tickets.mapped("complaint_phase")), {"closed"})
        self.assertEqual(
            tickets[0].complaint_reported_at, datetime(2019, 3, 5, 8, 0, 0)
        )
        self.assertEqual(
            tickets[0].complaint_received_at, datetime(2019, 3, 5, 8, 0, 0)
        )
        self.assertEqual(tickets[0].complaint_closed_at, datetime(2019, 4, 1, 8, 0, 0))
        self.assertEqual(tickets[0].partner_id, self.customer)
        self.assertFalse(tickets.message_ids)

    @users("complaint_manager")
    def test_known_number_stops_the_whole_file(self):
        """R143: the number is named, nothing stays."""
        tickets = self.env["helpdesk.ticket"]
        tickets.load(self.FIELDS, self._get_rows("O190301"))
        result = tickets.load(self.FIELDS, self._get_rows("O190309", "O190301"))
        self.assertFalse(result["ids"])
        self.assertIn("O190301", result["messages"][0]["message"])
        self.assertFalse(tickets.search([("complaint_number", "=", "O190309")]))

    @users("complaint_manager")
    def test_number_is_offered_by_the_import_screen(self):
        """R372: managers can choose the column there."""
        # the screen leaves out what is read-only in the model
        field = self.env["helpdesk.ticket"].fields_get(["complaint_number"])
        self.assertFalse(field["complaint_number"]["readonly"])

    @users("complaint_manager")
    def test_numbers_of_existing_complaints_are_not_overwritten(self):
        """R148: not by an import that updates, either."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        result = self.env["helpdesk.ticket"].load(
            [".id", "complaint_number"], [[str(ticket.id), "O190301"]]
        )
        self.assertFalse(result["ids"])
        self.assertFalse(ticket.complaint_number)

    @users("complaint_handler")
    def test_handler_loads_no_numbers(self):
        """R148: old numbers are the manager's business."""
        result = self.env["helpdesk.ticket"].load(
            self.FIELDS, self._get_rows("O190301")
        )
        self.assertFalse(result["ids"])
        self.assertIn("manager", result["messages"][0]["message"])

    @users("complaint_handler")
    def test_load_without_numbers_meets_the_gates(self):
        """R024: an import of new complaints is no way around them."""
        position = self.FIELDS.index("complaint_number")
        result = self.env["helpdesk.ticket"].load(
            [name for name in self.FIELDS if name != "complaint_number"],
            [
                [cell for index, cell in enumerate(row) if index != position]
                for row in self._get_rows("x")
            ],
        )
        self.assertFalse(result["ids"])
        self.assertIn("channel", result["messages"][0]["message"])
