# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models


class ComplaintFormSections(models.AbstractModel):
    """Sections of a form that are tables of what hangs on a complaint."""

    _name = "complaint.form.sections"
    _description = "Sections of a Complaint Form"

    @api.model
    def _get_section_values(self, ticket, form, company):
        """Hook: return the sections that the form switches on.

        ``findings`` stand before the opinions, ``records`` after them.
        """
        # sudo: names of persons, departments and goods of a complaint that one may
        # read; which records are shown was decided by the complaint
        names = ticket.sudo()
        findings, records = [], []
        if form.show_investigation:
            findings.append(self._get_investigation_table(names, company))
            findings += self._get_inspection_tables(names, company)
        # no empty boxes for what is not written by hand
        if form.show_dispatches and names.complaint_dispatch_ids:
            findings.append(self._get_dispatch_table(names, company))
        if form.show_visits and names.complaint_visit_ids:
            records.append(self._get_visit_table(names, company))
        if form.show_callbacks:
            records.append(self._get_callback_table(names, company))
        if form.show_deadlines and names.complaint_deadline_ids:
            records.append(self._get_deadline_table(names, company))
        return {
            "findings": findings,
            "records": records,
            "capa": self._get_capa(names) if form.show_capa else [],
            "distribution": self._get_distribution(form, company),
        }

    @api.model
    def _get_ticket_qr(self, ticket, form):
        base = ticket.get_base_url()
        if form.is_internal:
            return self._get_qr(
                f"{base}/mail/view?model={ticket._name}&res_id={ticket.id}"
            )
        return self._get_qr(f"{base}/my/ticket/{ticket.id}")

    @api.model
    def _get_investigation_table(self, names, company):
        columns = [
            (self.env._("Area"), 16),
            (self.env._("Goods"), 16),
            (self.env._("Result"), 16),
            (self.env._("Checked by"), 20),
            (self.env._("Findings"), 32),
        ]
        rows = [
            [
                self._get_choice(row, "area"),
                row.line_id.lot_id.name or row.line_id.product_id.name or "",
                self._get_choice(row, "result"),
                self._join(
                    [row.user_id.name, self._format_time(row.at, company)], "\n"
                ),
                row.note or "",
            ]
            for row in names.complaint_investigation_ids
        ]
        title = self.env._("Checks for the Same Problem")
        return self._prepare_table(title, columns, rows)

    @api.model
    def _get_inspections(self, names):
        """Return the finished inspections of the complaint's lots, oldest first."""
        return names.env["qc.inspection"].search(
            [
                ("complaint_lot_id", "in", names.complaint_line_ids.lot_id.ids),
                ("company_id", "in", [False, names.company_id.id]),
                ("state", "in", ("success", "failed")),
            ],
            order="date, id",
        )

    @api.model
    def _get_inspection_tables(self, names, company):
        """Return a table of the inspections, or nothing when there was none."""
        inspections = self._get_inspections(names)
        if not inspections:
            return []
        columns = [
            (self.env._("Inspection"), 18),
            (self.env._("Lot"), 20),
            (self.env._("Test"), 22),
            (self.env._("Quantity"), 10, "text-end"),
            (self.env._("Finished on"), 15),
            (self.env._("Result"), 15),
        ]
        rows = [
            [
                inspection.name,
                inspection.complaint_lot_id.name,
                inspection.test.name or "",
                self._format_quantity(inspection.qty, None),
                self._format_time(inspection.date_done, company),
                self._get_choice(inspection, "state"),
            ]
            for inspection in inspections
        ]
        return [self._prepare_table(self.env._("Inspections"), columns, rows)]

    @api.model
    def _get_dispatch_table(self, names, company):
        columns = [
            (self.env._("Task"), 15),
            (self.env._("Department and Person"), 20),
            (self.env._("Sent / Due / Finished"), 19),
            (self.env._("Instruction"), 23),
            (self.env._("Result"), 23),
        ]
        rows = []
        for dispatch in names.complaint_dispatch_ids.sorted("id"):
            if dispatch.state == "cancelled":
                continue
            times = (dispatch.sent_at, dispatch.due_at, dispatch.done_at)
            rows.append(
                [
                    self._join(
                        [dispatch.number, self._get_choice(dispatch, "kind")], "\n"
                    ),
                    self._join(
                        [
                            dispatch.to_department_id.name,
                            dispatch.done_by_id.name or dispatch.to_user_id.name,
                        ],
                        "\n",
                    ),
                    "\n".join(self._format_time(at, company) or "–" for at in times),
                    dispatch.instruction or "",
                    dispatch.result or dispatch.returned_reason or "",
                ]
            )
        return self._prepare_table(self.env._("Tasks of Departments"), columns, rows)

    @api.model
    def _get_visit_table(self, names, company):
        columns = [
            (self.env._("On Site"), 17),
            (self.env._("Place"), 20),
            (self.env._("Visitors and Persons Met"), 21),
            (self.env._("Findings"), 21),
            (self.env._("Agreed Handling"), 21),
        ]
        rows = [
            [
                self._format_time(visit.arrival_at or visit.planned_at, company),
                visit.place or "",
                self._join([*visit.user_ids.mapped("name"), visit.persons], "\n"),
                visit.findings or "",
                visit.agreed_handling or "",
            ]
            for visit in names.complaint_visit_ids.sorted("id")
        ]
        return self._prepare_table(self.env._("Visits"), columns, rows)

    @api.model
    def _get_callback_table(self, names, company):
        columns = [
            (self.env._("Date"), 17),
            (self.env._("Called by / Spoke with"), 21),
            (self.env._("Customer Is"), 13),
            (self.env._("What the Customer Says"), 29),
            (self.env._("Further Needs"), 20),
        ]
        rows = [
            [
                self._format_time(callback.at, company),
                self._join([callback.user_id.name, callback.person], "\n"),
                self._get_choice(callback, "satisfied"),
                callback.content or "",
                callback.further_needs or "",
            ]
            for callback in names.complaint_callback_ids.sorted("at")
        ]
        return self._prepare_table(self.env._("Callbacks"), columns, rows)

    @api.model
    def _get_deadline_table(self, names, company):
        columns = [
            (self.env._("Time Limit"), 32),
            (self.env._("Department"), 20),
            (self.env._("Due"), 17),
            (self.env._("Reached"), 17),
            (self.env._("State"), 14),
        ]
        rows = [
            [
                deadline.name,
                deadline.department_id.name or "",
                self._format_time(deadline.due_at, company),
                self._format_time(deadline.reached_at, company),
                self._get_choice(deadline, "state"),
            ]
            for deadline in names.complaint_deadline_ids.sorted("id")
            if deadline.state != "cancelled"
        ]
        return self._prepare_table(self.env._("Deadlines"), columns, rows)

    @api.model
    def _get_capa(self, names):
        """Return the decision on corrective action; blank while it is open."""
        required = self._get_choice(names, "complaint_capa_required")
        if names.complaint_capa_required == "yes":
            return [(self.env._("Corrective Action"), required)]
        approved = self._format_time(
            names.complaint_no_capa_approved_at, names.company_id
        )
        return [
            (self.env._("Corrective Action"), required),
            (
                self.env._("Informed or Approved by"),
                self._join([names.complaint_no_capa_approver_id.name, approved]),
            ),
            # an odd one gets the whole row
            (self.env._("Reason for None"), names.complaint_no_capa_reason),
        ]

    @api.model
    def _get_distribution(self, form, company):
        """Return ``(copy label, who keeps it)``."""
        if not form.show_distribution:
            return []
        return [(copy.label, copy._get_keeper_name(company)) for copy in form.copy_ids]
