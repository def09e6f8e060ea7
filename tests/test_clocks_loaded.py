# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from dataclasses import replace
from datetime import timedelta

from odoo import Command, fields
from odoo.tests import Form, new_test_user, tagged

from .common_escalation import EscalationCommon
from .common_sla import MONDAY, SlaCommon

_MODULE = "helpdesk_mgmt_complaint"
_CODES = ["M1", "M2", "M3", "PM", "MED", "GAS", "CON", "LAW", "LAB", "TEC", "GEN"]
_SECOND = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_HANDLER = f"{_MODULE}.group_complaint_handler"


@tagged("post_install", "-at_install")
class TestClocksLoaded(SlaCommon, EscalationCommon):
    """A company chooses a procedure: its clocks run, its people are told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.active = False
        cls.procedures = cls.env["complaint.procedure"].with_user(cls.user_manager)
        cls.env["complaint.role.assignment"].search([]).unlink()

    def _choose(self, xml_id, holders=None):
        """Load a procedure by the dialog; return it as the company has it."""
        dialog = self.env["complaint.preset.load"].with_user(self.user_manager)
        form = Form(dialog)
        form.master_id = self.env.ref(f"{_MODULE}.{xml_id}")
        wizard = form.save()
        for code, user in (holders or {}).items():
            row = wizard.role_ids.filtered(lambda r, code=code: r.role_id.code == code)
            row.user_id = user
        action = wizard.action_load()
        return self.procedures.search(action["domain"]).sudo()

    def _get_row(self, ticket, source):
        """Return the deadline of the limit whose source begins like this."""
        self.env.flush_all()
        ticket.invalidate_recordset(["complaint_deadline_ids"])
        rows = ticket.sudo().complaint_deadline_ids
        return rows.filtered(lambda row: row.line_id.source.startswith(source))

    def _get_told(self, deadline):
        rows = self.env["complaint.escalation"].search(
            [("deadline_id", "=", deadline.id)], order="level"
        )
        return [row.user_ids for row in rows]

    def _sign(self, ticket, kind):
        opinions = self.env["complaint.opinion"].with_user(self.user_handler)
        opinions.create(
            {"ticket_id": ticket.id, "kind": kind, "text": "So it is."}
        ).action_sign()

    def _record(self, ticket, code):
        """Record an event by hand, as the dialog does."""
        entries = self.env["complaint.event.entry"].with_user(self.user_handler)
        entries.create(
            {
                "ticket_ids": [Command.set(ticket.ids)],
                "type_id": self._type(code).id,
                "note": "Done",
            }
        ).action_confirm()

    # ------------------------------------------------------------------
    # The copy
    # ------------------------------------------------------------------

    def _describe(self, policy):
        """Return what the limits of a policy say, whatever their ids."""
        lines = policy.current_line_ids
        numbers = {line: number for number, line in enumerate(lines)}
        return [
            (
                line.name,
                line.source,
                line.active,
                line.is_maximum,
                line.requires_breach_reason,
                replace(line._to_kernel(), key="", yields_to=()),
                sorted(numbers[other] for other in line.yields_to_ids),
                [
                    (level.level, level.active, level._get_preview())
                    for level in line.with_context(active_test=False).escalation_ids
                ],
            )
            for line in lines
        ]

    def test_loaded_policy_says_what_its_preset_says(self):
        """R222, R241, R248, R256, R275: limits that are off, levels, conditions and
        which limit yields to which; loaded twice is loaded once."""
        for code in _CODES:
            with self.subTest(code):
                loaded = self.procedures._load_preset(code, self.company).sudo()
                masters = loaded.preset_origin_id.sla_policy_id
                self.assertEqual(len(loaded.sla_policy_id), len(masters))
                policy = loaded.sla_policy_id
                self.assertEqual(self._describe(policy), self._describe(masters))
                self.assertFalse(policy.current_line_ids & masters.current_line_ids)
                lines = policy.current_line_ids
                again = self.procedures._load_preset(code, self.company).sudo()
                self.assertEqual(again.sla_policy_id.current_line_ids, lines)

    def test_dialog_counts_limits_that_are_off(self):
        """R222: what still has to be filled in is said before loading."""
        line = self.env.ref(f"{_MODULE}.sla_line_m1_r252")
        line.is_used = True
        # a new version: the old one is history, not a limit that is off
        line.amount = 5
        form = Form(self.env["complaint.preset.load"].with_user(self.user_manager))
        form.master_id = self.env.ref(f"{_MODULE}.procedure_m1")
        self.assertEqual((form.line_count, form.off_count), (6, 2))

    # ------------------------------------------------------------------
    # M1
    # ------------------------------------------------------------------

    def test_m1_from_the_choice_to_the_reaction(self):
        """R222, R252, R256, R257, R323: due times, place, who is told; R258 once it
        is switched on."""
        office = new_test_user(self.env, "m1_office", groups=_HANDLER)
        holders = {"gm_office": office, "business": self.user_handler}
        procedure = self._choose("procedure_m1", holders)
        ticket = self._register(user_id=self.user_handler.id)
        self.assertEqual(ticket.sudo().complaint_procedure_id, procedure)
        self.assertEqual(ticket.complaint_sla_policy_id, procedure.sla_policy_id)
        answer = self._get_row(ticket, "R252")
        # four working hours from Monday 9:00, lunch between
        self.assertEqual(answer.due_at, MONDAY + 5 * _HOUR)
        self._sign(ticket, "business_opinion")
        self.assertEqual(answer.state, "met")
        ticket.action_complaint_accept()
        self.assertFalse(self._get_row(ticket, "R257"))
        self.assertFalse(self._get_row(ticket, "R258"))
        home = self._get_row(ticket, "R256")
        self.assertEqual(home.state, "running")
        self.now.move_to(MONDAY + _HOUR)
        ticket.complaint_is_overseas = True
        abroad = self._get_row(ticket, "R257")
        self.assertEqual(
            (home.state, home.no_due_reason), ("cancelled", "policy_changed")
        )
        self.assertEqual(abroad.due_at - home.policy_due_at, timedelta(days=5))
        self.now.move_to(MONDAY + 2 * _HOUR)
        ticket.complaint_is_overseas = False
        self.assertEqual((home.state, abroad.state), ("running", "cancelled"))
        self.now.move_to(home.due_at + _SECOND)
        self._sweep()
        self.assertEqual(home.state, "missed")
        self.assertEqual(self._get_told(home), [self.user_handler, office])
        self.assertSameAsLog(ticket)

    def test_m1_step_limit_holds_once_it_is_switched_on(self):
        """R258: each department's days, told to who holds the role."""
        office = new_test_user(self.env, "m1_office", groups=_HANDLER)
        procedure = self._choose("procedure_m1", {"gm_office": office})
        with Form(procedure.sla_policy_id.with_user(self.user_manager)) as form:
            sources = [row["source"] for row in form.current_line_ids._records]
            number = next(i for i, s in enumerate(sources) if s.startswith("R258"))
            with form.current_line_ids.edit(number) as line:
                line.amount = 2
                line.active = True
        ticket = self._register(user_id=self.user_handler.id)
        self._sign(ticket, "business_opinion")
        ticket.action_complaint_accept()
        ticket._complaint_send_dispatch({"to_department_id": self.department.id})
        rows = self._get_row(ticket, "R258")
        row = rows.filtered(lambda r: r.department_id == self.department)
        self.assertEqual(row.due_at, MONDAY + timedelta(days=2, hours=8))
        self.now.move_to(row.due_at + _SECOND)
        self._sweep()
        head = self.people["department_manager"]
        self.assertEqual(self._get_told(row), [head, office])

    # ------------------------------------------------------------------
    # PM
    # ------------------------------------------------------------------

    def test_pm_from_the_choice_to_the_reaction(self):
        """R222, R311, R312, R313, R315, R316: both procedures, one policy; the task
        of the department has clocks of its own."""
        procedure = self._choose("procedure_pm_complaint")
        self.procedures._load_preset("PM", self.company)
        ticket = self._register(
            user_id=self.user_handler.id,
            complaint_department_id=self.department.id,
            complaint_first_contact_id=self.people["first_contact"].id,
        )
        self.assertEqual(ticket.sudo().complaint_procedure_id, procedure)
        dispatching = self._get_row(ticket, "R311")
        self.assertEqual(dispatching.due_at, MONDAY + 5 * _MINUTE)
        self._sweep()
        head = self.people["department_manager"]
        boss = self.people["supervisor"]
        self.assertEqual(self._get_told(dispatching), [head, boss])
        ticket.action_complaint_accept()
        self.assertEqual(dispatching.state, "met")
        task = ticket.sudo().complaint_dispatch_ids
        self.assertEqual(task.step_id.code, "handle")
        done, report = self._get_row(ticket, "R312"), self._get_row(ticket, "R313")
        daily = self._get_row(ticket, "R315")
        self.assertEqual(done.due_at, MONDAY + 12 * _HOUR)
        self.assertEqual(report.due_at, MONDAY + 24 * _HOUR)
        # 17:00 in Shanghai
        self.assertEqual(daily.due_at, MONDAY + 8 * _HOUR)
        for row in done + report + daily:
            self.assertEqual(row.dispatch_id, task)
            self.assertEqual((row.department_id, row.user_id), (self.department, head))
        self.now.move_to(MONDAY + 4 * _HOUR)
        task.with_user(head).action_report_progress("Locks ordered")
        self.assertEqual((daily.state, report.state), ("met", "met"))
        self.now.move_to(done.due_at + _SECOND)
        self._sweep()
        self.assertEqual(done.state, "missed")
        self.assertEqual(self._get_told(done), [head, head, head])
        self.assertSameAsLog(ticket)

    # ------------------------------------------------------------------
    # What no screen logs by itself
    # ------------------------------------------------------------------

    def test_events_of_shipped_limits_can_be_recorded(self):
        """R295, R301, R302: no limit waits for an event that nobody can log."""
        for preset, nature, start, target in (
            ("procedure_med", "adverse_event", "assessed", "authority_reported"),
            (
                *("procedure_m3_product", "complaint"),
                *("eightd_received", "containment_sent"),
            ),
        ):
            master = self.env.ref(f"{_MODULE}.{preset}")
            loaded = self.procedures._load_preset(
                master.preset, self.company, master
            ).sudo()
            loaded.sla_policy_id.current_line_ids.active = True
            ticket = self._register(
                user_id=self.user_handler.id,
                complaint_procedure_id=loaded.id,
                complaint_nature=nature,
            )
            self._record(ticket, start)
            rows = ticket.sudo().complaint_deadline_ids.filtered(
                lambda row, code=target: code
                in row.line_id.target_type_ids.mapped("code")
            )
            self.assertEqual(set(rows.mapped("state")), {"running"})
            self.now.move_to(fields.Datetime.now() + _MINUTE)
            self._record(ticket, target)
            self.assertEqual(set(rows.mapped("state")), {"met"})
