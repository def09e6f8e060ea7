# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command
from odoo.tests import new_test_user

from .common import _GROUP, ComplaintCommon


class WorkflowCommon(ComplaintCommon):
    """A company that loaded one preset, with one employee per role.

    Everybody has the lowest rights that his part needs: those who accept, dispatch
    and close are complaint handlers, all others are plain employees.
    """

    preset = None
    variant = None
    # roles whose holder is a complaint handler, a supervisor ...
    groups_of_roles = {}
    # role held by the department of another one
    same_holder = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        master = cls.env.ref(f"helpdesk_mgmt_complaint.{cls.variant}")
        procedures = cls.env["complaint.procedure"].with_user(cls.user_manager)
        cls.procedure = procedures._load_preset(cls.preset, cls.company, master)
        cls.procedure = cls.procedure.with_env(cls.env)
        cls.people, cls.departments = {}, {}
        steps = cls.procedure.step_ids
        roles = steps.role_id | steps.more_role_ids | cls.procedure.gate_ids.role_id
        roles |= cls.procedure.no_capa_role_id
        for role in roles.sorted(lambda role: role.code in cls.same_holder):
            cls._create_role_holder(role)

    @classmethod
    def _create_role_holder(cls, role):
        """Create department and employee of a role, and assign them."""
        same = cls.same_holder.get(role.code)
        if same:
            user, department = cls.people[same], cls.departments[same]
        else:
            department = cls.env["hr.department"].create({"name": role.name})
            user = cls._create_employee_user(role.code, department)
            department.manager_id = user.employee_id
        cls.env["complaint.role.assignment"].create(
            {
                "role_id": role.id,
                "company_id": cls.company.id,
                "department_id": department.id,
            }
        )
        cls.people[role.code] = user
        cls.departments[role.code] = department

    @classmethod
    def _create_employee_user(cls, name, department, group=None):
        group = group or cls.groups_of_roles.get(name)
        user = new_test_user(
            cls.env,
            f"wf_{name}",
            groups=f"{_GROUP}{group}" if group else "base.group_user",
            email=f"wf_{name}@example.com",
        )
        cls.env["hr.employee"].create(
            {
                "name": user.name,
                "user_id": user.id,
                "department_id": department.id,
                "company_id": cls.company.id,
            }
        )
        return user

    def _register(self, role, **vals):
        """Return a complaint that the holder of a role registered."""
        tickets = self.env["helpdesk.ticket"].with_user(self.people[role])
        vals = {"complaint_line_ids": [Command.create(self._line_vals())], **vals}
        return tickets.create(self._complaint_vals(**vals))

    def _line_vals(self, **vals):
        return {
            "product_id": self.product.id,
            "lot_id": self.lot.id,
            "claimed_qty": 500,
            "defective_qty": 12,
            "symptom": "Cracked cage",
            **vals,
        }

    def _states(self, complaint):
        """Return ``{step code: state}`` of the route."""
        complaint.invalidate_recordset()
        route = complaint.with_user(self.user_supervisor).complaint_route
        return {row["code"]: row["state"] for row in route}

    def _open_dispatches(self, complaint, code):
        step = self.procedure.step_ids.filtered(lambda s: s.code == code)
        self.assertTrue(step, code)
        complaint.invalidate_recordset()
        # sudo: only to find it; it is worked on by its recipient
        return complaint.sudo().complaint_dispatch_ids.filtered(
            lambda d: d.step_id == step and d.state in ("sent", "accepted")
        )

    def _sign(self, complaint, user, kind, text="As agreed.", dispatch=None):
        """Write and sign an opinion as a person."""
        opinions = self.env["complaint.opinion"].with_user(user)
        opinion = opinions.create(
            {
                "ticket_id": complaint.id,
                "kind": kind,
                "text": text,
                "dispatch_id": dispatch and dispatch.id,
            }
        )
        opinion.action_sign()
        return opinion

    def _do(self, complaint, code, text="Done as asked.", user=None):
        """Play one step: its recipients accept, sign what is asked for, finish."""
        dispatches = self._open_dispatches(complaint, code)
        self.assertTrue(dispatches, f"no open dispatch of {code}")
        for dispatch in dispatches:
            person = user or self._get_recipient(dispatch)
            task = dispatch.with_user(person)
            task.action_accept()
            kind = dispatch.step_id.opinion_kind
            if kind:
                self._sign(complaint, person, kind, text, dispatch)
            task.action_done(text)
        return dispatches

    def _get_recipient(self, dispatch):
        return dispatch.to_user_id or dispatch.to_department_id.manager_id.user_id

    def _event_codes(self, complaint):
        return complaint.sudo().complaint_event_ids.mapped("code")

    def _skip(self, complaint, code, reason="Not needed in this case."):
        """The handler skips a step that is only done if needed."""
        complaint.action_complaint_skip_step(reason, code)

    def _return_to(self, complaint, code, reason):
        complaint.action_complaint_return_to_step(code, reason)

    def _set_established(self, complaint, value):
        complaint.write(
            {
                "complaint_established": value,
                "complaint_established_grounds": "Measured on the sample.",
            }
        )

    def _check_areas(self, complaint, result):
        """Quality looks in stock, work in progress and records (R192)."""
        checks = self.env["complaint.investigation"].with_user(self.people["quality"])
        for area in ("stock", "wip", "inspection"):
            checks.create(
                {
                    "ticket_id": complaint.id,
                    "area": area,
                    "result": result,
                    "note": "Looked at every box of the lot.",
                }
            )

    def _reason_for_no_capa(self, complaint):
        complaint.write(
            {
                "complaint_capa_required": "no",
                "complaint_no_capa_reason": "One piece, handling damage.",
            }
        )

    def _call_back(self, complaint, user, satisfied="yes"):
        callbacks = self.env["complaint.callback"].with_user(user)
        return callbacks.create(
            {
                "ticket_id": complaint.id,
                "channel_id": self.channel_phone.id,
                "person": "Anna Meyer",
                "content": "Works again.",
                "satisfied": satisfied,
            }
        )

    def _start(self, complaint, code):
        """The handler starts a step that is only done if needed."""
        complaint.action_complaint_next_step(code)
