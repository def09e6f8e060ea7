# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged, users

from .common_security import RolesCommon

_ROLES = (
    "register",
    "handler",
    "quality",
    "finance",
    "supervisor",
    "manager",
    "helpdesk",
    "helpdesk_manager",
)
_READERS = {"handler", "quality", "finance", "supervisor", "manager"}
_WRITERS = {"handler", "quality", "manager"}
# who may do what with an accepted complaint of somebody else (R524)
_MATRIX = {
    "helpdesk.ticket": (_READERS, _WRITERS, _WRITERS, {"manager"}),
    "complaint.line": (_READERS, _WRITERS, _WRITERS, _WRITERS),
    "complaint.communication": (_READERS, _WRITERS, _WRITERS, _WRITERS),
    "complaint.visit": (_READERS, _WRITERS, _WRITERS, _WRITERS),
    "complaint.sample": (_READERS, _WRITERS, _WRITERS, _WRITERS),
    "complaint.opinion": (_READERS, _WRITERS, _WRITERS, _WRITERS),
    "complaint.dispatch": (_READERS, _WRITERS, _WRITERS, set()),
    "complaint.investigation": (_READERS, _WRITERS, _WRITERS, _WRITERS),
    "complaint.liability": (_READERS, _WRITERS, _WRITERS, _WRITERS),
    "complaint.callback": (_READERS, _WRITERS, _WRITERS, _WRITERS),
    "complaint.settlement": (_READERS, _WRITERS, _WRITERS, _WRITERS),
    "complaint.settlement.line": (_READERS, _WRITERS, _WRITERS, _WRITERS),
    "complaint.event": (_READERS, set(), set(), set()),
    "complaint.number": (_WRITERS, set(), set(), set()),
    "complaint.defect": (
        set(_ROLES),
        {"quality", "manager"},
        {"quality", "manager"},
        {"manager"},
    ),
    "complaint.procedure": (set(_ROLES), {"manager"}, {"manager"}, {"manager"}),
    "complaint.routing.rule": (set(_ROLES), {"manager"}, {"manager"}, {"manager"}),
    "complaint.event.type": (set(_ROLES), {"manager"}, {"manager"}, {"manager"}),
    "helpdesk.ticket.stage": (set(_ROLES), {"manager"}, {"manager"}, {"manager"}),
}
_OPERATIONS = ("read", "write", "create", "unlink")


@tagged("post_install", "-at_install")
class TestSecurityRoles(RolesCommon):
    """Who sees and does what (R520, R524)."""

    def _records(self, model):
        """The record of a model that the matrix is about."""
        if model in self.children:
            return self.children[model]
        return {
            "helpdesk.ticket": self.complaint,
            "complaint.event": self.complaint.complaint_event_ids[:1],
            "complaint.number": self.complaint.complaint_number_id,
            "complaint.defect": self.defect,
            "complaint.procedure": self.procedure,
            "complaint.routing.rule": self.env["complaint.routing.rule"].create(
                {"name": "Late"}
            ),
            "complaint.event.type": self.env["complaint.event.type"].search(
                [], limit=1
            ),
            "helpdesk.ticket.stage": self.complaint.stage_id,
        }[model]

    def test_matrix_of_roles_models_and_operations(self):
        """R524: least privilege; R520: need to know."""
        for model, allowed in _MATRIX.items():
            records = self._records(model)
            self.assertTrue(records, model)
            for operation, roles in zip(_OPERATIONS, allowed, strict=True):
                for role in _ROLES:
                    user = getattr(self, f"user_{role}")
                    with self.subTest(model=model, operation=operation, role=role):
                        self.assertEqual(
                            records.with_user(user).has_access(operation),
                            role in roles,
                        )

    def test_uninvolved_finds_no_trace(self):
        """R520: no search, name, count, group, message, file or activity."""
        self.complaint.message_post(body="Confidential matter")
        self.env["ir.attachment"].create(
            {
                "name": "analysis.txt",
                "raw": b"x",
                "res_model": "helpdesk.ticket",
                "res_id": self.complaint.id,
            }
        )
        self.complaint.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.user_handler.id
        )
        linked = [
            ("res_model", "=", "helpdesk.ticket"),
            ("res_id", "=", self.complaint.id),
        ]
        for user in (
            self.user_employee,
            self.user_helpdesk,
            self.user_helpdesk_manager,
            self.user_handler_b,
        ):
            env = self.env(user=user)
            with self.subTest(user=user.login):
                tickets = env["helpdesk.ticket"]
                domain = [("name", "=", self.complaint.name)]
                self.assertFalse(tickets.search(domain))
                self.assertFalse(tickets.search_count(domain))
                self.assertFalse(tickets.name_search("Confidential matter"))
                self.assertFalse(tickets.formatted_read_group(domain, ["stage_id"]))
                self.assertFalse(
                    env["mail.message"].search(
                        [
                            ("model", "=", "helpdesk.ticket"),
                            ("res_id", "=", self.complaint.id),
                        ]
                    )
                )
                self.assertFalse(env["ir.attachment"].search(linked))
                self.assertFalse(env["mail.activity"].search(linked))
                for model, record in self.children.items():
                    self.assertFalse(
                        env[model].search_count([("id", "=", record.id)]), model
                    )
                self.assertFalse(
                    env["complaint.event"].search_count(
                        [("ticket_id", "=", self.complaint.id)]
                    )
                )
                with self.assertRaises(AccessError):
                    tickets.browse(self.complaint.id).read(["name"])

    @users("complaint_employee", "complaint_helpdesk_manager", "complaint_handler_b")
    def test_uninvolved_cannot_print(self):
        """R520: reports read with sudo, so they ask for the right first."""
        reports = self.env["ir.actions.report"].search(
            [
                ("report_name", "=like", "helpdesk_mgmt_complaint.%"),
                ("model", "=", "helpdesk.ticket"),
            ]
        )
        self.assertTrue(reports)
        for report in reports:
            render = report._render_qweb_html
            if report.report_type == "xlsx":
                render = report._render_xlsx
            with self.subTest(report=report.report_name):
                with self.assertRaises(AccessError):
                    render(report.report_name, self.complaint.ids, data={})

    @users("complaint_employee")
    def test_print_dialogs_take_no_foreign_complaint(self):
        """R520: not by putting foreign complaints into the dialog either."""
        for model in ("complaint.form.print", "complaint.register.print"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].create({"ticket_ids": self.complaint.ids})

    def test_ratings_follow_the_complaint(self):
        """R520: the rating of a complaint carries its title."""
        rating = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("helpdesk.ticket"),
                "res_id": self.complaint.id,
                "feedback": "Far too slow",
            }
        )
        plain = rating.copy({"res_id": self.plain.id})
        elsewhere = rating.copy(
            {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": self.customer.id,
            }
        )
        for user in (self.user_employee, self.user_helpdesk, self.user_handler_b):
            with self.subTest(user=user.login):
                self.assertFalse(rating.with_user(user).has_access("read"))
                self.assertTrue(plain.with_user(user).has_access("read"))
                self.assertTrue(elsewhere.with_user(user).has_access("read"))
        self.assertTrue(rating.with_user(self.user_supervisor).has_access("read"))

    def test_smart_buttons_count_what_one_may_know(self):
        """R520, R365: documents do not tell that there is a complaint."""
        documents = {
            "sale.order": self.order,
            "stock.lot": self.lot,
            "stock.picking": self.picking,
            "product.product": self.product,
            "product.template": self.product.product_tmpl_id,
            "res.partner": self.customer,
        }
        # both complaints are of the customer, one has lines on the documents
        for model, document in documents.items():
            own = 1 if model == "res.partner" else 0
            for user, count in (
                (self.user_handler, own + 1),
                (self.user_register, own),
                (self.user_employee, 0),
                (self.user_helpdesk_manager, 0),
                (self.user_handler_b, 0),
            ):
                with self.subTest(model=model, user=user.login):
                    record = document.with_user(user).with_context(
                        allowed_company_ids=user.company_ids.ids
                    )
                    self.assertEqual(record.complaint_count, count)

    def test_helpdesk_counts_leave_out_complaints(self):
        """R520: ticket counts of partner and team are those of the plain tickets."""
        partner = self.customer.with_user(self.user_helpdesk_manager)
        self.assertEqual(partner.helpdesk_ticket_count, 1)

    def test_involved_employees_see_it(self):
        """R520: registered, handles, first contact, received, follows."""
        self.assertFalse(
            self.complaint.with_user(self.user_employee).has_access("read")
        )
        for vals in (
            {"user_id": self.user_employee.id},
            {"complaint_first_contact_id": self.user_employee.id},
            {"complaint_received_by_id": self.user_employee.id},
        ):
            with self.subTest(vals=vals):
                old = {name: self.complaint[name].id for name in vals}
                self.complaint.write(vals)
                own = self.complaint.with_user(self.user_employee)
                self.assertTrue(own.has_access("read"))
                self.assertFalse(own.has_access("write"))
                line = self.children["complaint.line"].with_user(self.user_employee)
                self.assertTrue(line.has_access("read"))
                self.assertFalse(line.has_access("write"))
                # being responsible made him a follower: undo both
                self.complaint.write(old)
                self.complaint.message_unsubscribe(self.user_employee.partner_id.ids)
                self.assertFalse(own.has_access("read"))
        self.complaint.message_subscribe(self.user_employee.partner_id.ids)
        self.assertTrue(self.complaint.with_user(self.user_employee).has_access("read"))

    @users("complaint_employee", "complaint_helpdesk")
    def test_nobody_makes_himself_a_follower(self):
        """R520: following gives access, so it needs access."""
        ticket = self.complaint.with_user(self.env.user)
        partner = self.env.user.partner_id
        ticket.message_subscribe(partner.ids)
        self.assertNotIn(partner, self.complaint.message_partner_ids)
        with self.assertRaises(AccessError):
            self.env["mail.followers"].create(
                {
                    "res_model": "helpdesk.ticket",
                    "res_id": self.complaint.id,
                    "partner_id": partner.id,
                }
            )
        with self.assertRaises(AccessError):
            ticket.activity_schedule("mail.mail_activity_data_todo")

    @users("complaint_supervisor", "complaint_finance")
    def test_readers_write_nothing(self):
        """R524: supervisor and finance read every complaint and change none."""
        ticket = self.complaint.with_user(self.env.user)
        self.assertTrue(ticket.complaint_line_ids)
        for call in (
            lambda: ticket.write({"name": "x"}),
            lambda: ticket.action_complaint_close(),
            lambda: ticket.complaint_line_ids.write({"symptom": "x"}),
            lambda: ticket.complaint_opinion_ids.action_sign(),
        ):
            with self.assertRaises(AccessError):
                call()
        # but he may register his own, and ask in the chatter
        ticket.message_post(body="When will it be done?")
        own = self.env["helpdesk.ticket"].create(self._complaint_vals())
        own.write({"complaint_content": "more"})

    def test_every_reader_acts_within_his_role(self):
        """R524: quality handles, the manager sets up."""
        ticket = self.complaint.with_user(self.user_quality)
        ticket.write({"complaint_severity": "critical"})
        ticket.action_complaint_close()
        self.assertEqual(self.complaint.complaint_severity, "critical")
        self.assertEqual(self.complaint.complaint_phase, "closed")
        self.procedure.with_user(self.user_manager).write({"sequence": 5})
        self.assertEqual(self.procedure.sequence, 5)
        self.complaint.stage_id.with_user(self.user_manager).write({"name": "Accept"})
        self.assertEqual(self.complaint.stage_id.name, "Accept")

    # ------------------------------------------------------------------
    # Plain helpdesk
    # ------------------------------------------------------------------

    @users("complaint_helpdesk", "complaint_helpdesk_manager")
    def test_plain_tickets_work_as_before(self):
        """Write, create and stages of the helpdesk are not affected."""
        plain = self.plain.with_user(self.env.user)
        plain.write({"name": "Printer 2", "stage_id": self.plain_stage.id})
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "Screen", "description": "x"}
        )
        self.assertFalse(ticket.is_complaint)
        ticket.copy()
        ticket.message_post(body="Hello")
        is_manager = self.env.user == self.user_helpdesk_manager
        self.assertEqual(ticket.has_access("unlink"), is_manager)
        if is_manager:
            ticket.unlink()
            self.plain_stage.with_user(self.env.user).write({"name": "Doing it"})

    def test_helpdesk_user_with_personal_tickets_sees_his_own_only(self):
        """The helpdesk's smallest role is not widened by our access rows."""
        user = new_test_user(
            self.env, "personal", groups="helpdesk_mgmt.group_helpdesk_user_own"
        )
        self.assertFalse(self.plain.with_user(user).has_access("read"))
        self.plain.user_id = user
        own = self.plain.with_user(user)
        self.assertTrue(own.has_access("read"))
        own.write({"name": "Mine"})

    @users("complaint_employee", "complaint_supervisor", "complaint_handler")
    def test_complaint_groups_give_nothing_on_plain_tickets(self):
        """R524: registering complaints is no right on the helpdesk."""
        plain = self.plain.with_user(self.env.user)
        for operation in ("read", "write", "unlink"):
            self.assertFalse(plain.has_access(operation), operation)
        with self.assertRaises(AccessError):
            self.env["helpdesk.ticket"].create({"name": "x", "description": "x"})
        with self.assertRaises(AccessError):
            self.env["helpdesk.ticket"].create(
                {"name": "x", "description": "x", "is_complaint": False}
            )
        # a follower reads a plain ticket, as the helpdesk wants it, no more
        self.plain.message_subscribe(self.env.user.partner_id.ids)
        self.assertTrue(plain.has_access("read"))
        self.assertFalse(plain.has_access("write"))

    # ------------------------------------------------------------------
    # Companies
    # ------------------------------------------------------------------

    def test_second_company_sees_nothing(self):
        """R524: not the handler of B, nor who has both while only B is active."""
        both_in_b = self.user_both.with_context(allowed_company_ids=self.company_b.ids)
        for user in (self.user_handler_b, both_in_b):
            for model in _MATRIX:
                records = self._records(model)
                if not records or "company_id" not in records._fields:
                    continue
                if not records.company_id:
                    continue  # shared set-up
                with self.subTest(model=model, user=user.login):
                    own = records.with_user(user).with_context(
                        allowed_company_ids=self.company_b.ids
                    )
                    self.assertFalse(own.has_access("read"))
                    domain = [("id", "in", records.ids)]
                    self.assertFalse(own.search(domain))
                    self.assertFalse(own.search_count(domain))
                    self.assertFalse(own.formatted_read_group(domain, ["company_id"]))
        both = self.complaint.with_user(self.user_both)
        self.assertTrue(
            both.with_context(
                allowed_company_ids=(self.company + self.company_b).ids
            ).has_access("read")
        )

    def test_nobody_moves_a_complaint_into_a_foreign_company(self):
        """R524: rules look at the old company, so the new one is checked too."""
        draft = self.draft.with_user(self.user_register)
        with self.assertRaises(AccessError):
            draft.write({"company_id": self.company_b.id})
        with self.assertRaises(AccessError):
            self.env["helpdesk.ticket"].with_user(self.user_register).create(
                self._complaint_vals(company_id=self.company_b.id)
            )

    def test_foreign_opinion_cannot_be_replaced(self):
        """R524: a new version takes effect on its own complaint only."""
        opinion = self.children["complaint.opinion"]
        opinion.with_user(self.user_handler).action_sign()
        other = self._create_complaint(company_id=self.company_b.id)
        with self.assertRaises(ValidationError):
            self.env["complaint.opinion"].with_user(self.user_handler_b).create(
                {"ticket_id": other.id, "text": "no", "replaces_id": opinion.id}
            )
