# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_security import SECRET, PortalCommon

# what a customer may read of his complaint by RPC; a field of this addon that is
# not listed needs groups="base.group_user"
_WHITELIST = {
    "complaint_customer_reference",
    "complaint_customer_status",
    "complaint_number",
    "complaint_phase",
    "complaint_reported_at",
    "is_complaint",
}
# fields of this addon on other models that customers can read
_WHITELIST_ELSEWHERE = {
    ("helpdesk.ticket.category", "complaint_code"),
    ("helpdesk.ticket.category", "complaint_default"),
    ("helpdesk.ticket.stage", "complaint_phase"),
    ("helpdesk.ticket.team", "complaint_team"),
    ("res.company", "complaint_tz"),
}


@tagged("post_install", "-at_install")
class TestSecurityPortalRpc(PortalCommon):
    """What a customer can read by RPC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["complaint.line"].create(
            {"ticket_id": cls.complaint.id, "product_id": cls.product.id}
        )
        cls.tickets = cls.env["helpdesk.ticket"].with_user(cls.portal_user)
        # who may not export gets a UserError
        cls._refusals = (AccessError, UserError)

    def _internal_fields(self):
        """Fields of this addon that a customer must not read."""
        fields = self.env["helpdesk.ticket"]._fields
        return {
            name
            for name in fields
            if name.startswith("complaint_") and name not in _WHITELIST
        }

    def test_only_whitelisted_fields_have_no_group(self):
        """R518: a new field without group fails here: decide, then list it."""
        ungrouped = {
            name
            for name, field in self.env["helpdesk.ticket"]._fields.items()
            if (name.startswith("complaint_") or name == "is_complaint")
            and not field.groups
        }
        self.assertEqual(ungrouped, _WHITELIST)

    def test_only_whitelisted_fields_of_other_models_are_readable(self):
        """R518: the same for what this addon adds to models customers can read."""
        readable = set()
        for name, model in self.env.registry.items():
            records = self.env[name].with_user(self.portal_user)
            if model._abstract or model._transient or name == "helpdesk.ticket":
                continue
            if not records.has_access("read"):
                continue
            readable |= {
                (name, field.name)
                for field in model._fields.values()
                if field.name.startswith("complaint_")
                and records._has_field_access(field, "read")
            }
        self.assertEqual(readable, _WHITELIST_ELSEWHERE)

    def test_fields_get_hides_internal_fields(self):
        """R518"""
        self.assertFalse(self._internal_fields() & set(self.tickets.fields_get()))

    def test_own_complaint_is_readable_by_whitelist(self):
        """R518: number, status, dates."""
        ticket = self.tickets.browse(self.complaint.id)
        (values,) = ticket.read(sorted(_WHITELIST))
        self.assertEqual(values["complaint_number"], self.complaint.complaint_number)
        self.assertEqual(values["complaint_customer_status"], "accepted")
        self.assertTrue(values["complaint_reported_at"])

    def test_internal_fields_are_refused_by_every_reading_method(self):
        """R518: read, search_read, web_search_read, export, groups."""
        for name in sorted(self._internal_fields()):
            ticket = self.tickets.browse(self.complaint.id)
            domain = [("id", "=", ticket.id)]
            calls = {
                "read": lambda name=name, t=ticket: t.read([name]),
                "web_read": lambda name=name, t=ticket: t.web_read({name: {}}),
                "search_read": lambda name=name, d=domain: self.tickets.search_read(
                    d, [name]
                ),
                "web_search_read": lambda name=name, d=domain: (
                    self.tickets.web_search_read(d, {name: {}})
                ),
                "export": lambda name=name, t=ticket: t.export_data([name]),
                "mapped": lambda name=name, t=ticket: t.mapped(name),
            }
            for method, call in calls.items():
                with self.subTest(field=name, method=method):
                    with self.assertRaises(self._refusals[method == "export"]):
                        call()

    def test_internal_fields_are_refused_in_domains_groups_and_orders(self):
        """R518: nothing can be guessed from counts or orders."""
        fields = self.env["helpdesk.ticket"]._fields
        for name in sorted(self._internal_fields()):
            field = fields[name]
            if not (field.store or field.search):
                continue
            with self.subTest(field=name, method="search"):
                with self.assertRaises(AccessError):
                    self.tickets.search([(name, "!=", False)])
            if not field.store or field.type in ("one2many", "many2many"):
                continue
            calls = {
                "formatted_read_group": lambda name=name: (
                    self.tickets.formatted_read_group([], [name], ["__count"])
                ),
                "aggregate": lambda name=name: self.tickets.formatted_read_group(
                    [], [], [f"{name}:count_distinct"]
                ),
                "order": lambda name=name: self.tickets.search([], order=name),
            }
            for method, call in calls.items():
                with self.subTest(field=name, method=method):
                    with self.assertRaises(AccessError):
                        call()

    def test_internal_fields_are_refused_by_paths(self):
        """R518: not through the partner or the team either."""
        for model, path in (
            ("res.partner", "helpdesk_ticket_ids.complaint_confirmed_reason"),
            ("res.partner", "complaint_ids.complaint_confirmed_reason"),
            ("helpdesk.ticket.team", "ticket_ids.complaint_confirmed_reason"),
            ("helpdesk.ticket", "complaint_line_ids.symptom"),
        ):
            with self.subTest(path=path), self.assertRaises(AccessError):
                self.env[model].with_user(self.portal_user).search(
                    [(path, "ilike", "steel")]
                )

    def test_other_customer_sees_nothing(self):
        """R520: no search, name, count or group; being a follower is not enough."""
        self.complaint.message_subscribe(self.other_customer.ids)
        tickets = self.tickets.with_user(self.portal_other)
        domain = [("id", "=", self.complaint.id)]
        self.assertFalse(tickets.search(domain))
        self.assertFalse(tickets.search_count(domain))
        self.assertFalse(tickets.search_read(domain, ["name"]))
        self.assertFalse(tickets.name_search(self.complaint.complaint_number))
        self.assertFalse(tickets.formatted_read_group(domain, ["partner_id"]))
        with self.assertRaises(AccessError):
            tickets.browse(self.complaint.id).read(["name"])
        with self.assertRaises(UserError):
            tickets.browse(self.complaint.id).export_data(["name"])

    def test_colleague_of_the_customer_sees_it(self):
        """R518: the customer is the company, not one contact."""
        colleague = self.env["res.partner"].create(
            {"name": "Bernd Meyer", "parent_id": self.customer.id}
        )
        user = self._create_portal_user("portal_colleague", colleague)
        self.assertTrue(self.complaint.with_user(user).has_access("read"))

    def test_customer_of_none_sees_nothing(self):
        """R520: a complaint without customer belongs to nobody."""
        orphan = self._create_complaint(
            partner_id=False, complaint_complainant_name="Somebody"
        )
        for user in (self.portal_user, self.portal_other):
            self.assertFalse(orphan.with_user(user).has_access("read"))

    def test_customer_writes_nothing(self):
        """R524: no create, write, delete, and no action by RPC."""
        ticket = self.complaint.with_user(self.portal_user)
        with self.assertRaises(AccessError):
            ticket.write({"name": "x"})
        with self.assertRaises(AccessError):
            ticket.unlink()
        with self.assertRaises(AccessError):
            self.tickets.create({"name": "x", "description": "x"})
        for method in (
            "action_complaint_accept",
            "action_complaint_close",
            "action_complaint_assign_number",
            "action_complaint_confirm_lines",
            "action_complaint_link_repeat",
        ):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(ticket, method)()
        with self.assertRaises(UserError):
            ticket.action_complaint_reopen("please")

    def test_notes_and_trackings_are_not_readable(self):
        """R518: log notes, tracking values and followers stay inside."""
        notes = self.complaint.message_post(
            body=SECRET, subtype_xmlid="mail.mt_note", message_type="comment"
        )
        # what Odoo logs itself, for example the feedback of an activity
        notes |= self.complaint.message_post(
            body=SECRET, subtype_xmlid="mail.mt_note", message_type="notification"
        )
        activity = self.complaint.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.user_handler.id
        )
        notes |= notes.browse(activity.action_feedback(feedback=SECRET))
        answer = self.complaint.message_post(
            body="We are on it", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        messages = self.env["mail.message"].with_user(self.portal_user)
        found = messages.search(
            [("model", "=", "helpdesk.ticket"), ("res_id", "=", self.complaint.id)]
        )
        self.assertIn(answer.id, found.ids)
        self.assertFalse(notes & found.sudo())
        self.assertFalse(any(SECRET in (body or "") for body in found.mapped("body")))
        for note in notes:
            with self.subTest(kind=note.message_type), self.assertRaises(AccessError):
                messages.browse(note.id).read(["body"])
        messages.browse(answer.id).read(["body"])
        with self.assertRaises(AccessError):
            messages.browse(answer.id).read(["tracking_value_ids"])
        for model in ("mail.tracking.value", "mail.followers", "mail.activity"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.portal_user).search([])

    def test_attachments_are_not_readable(self):
        """R518: no file of a ticket by RPC, neither its name nor its content."""
        for user in (self.portal_user, self.portal_other, self.user_public):
            attachments = self.env["ir.attachment"].with_user(user)
            with self.assertRaises(AccessError):
                attachments.browse(self.internal_file.id).read(["name", "datas"])
            self.assertFalse(attachments.search([("id", "=", self.internal_file.id)]))
            with self.assertRaises(AccessError):
                attachments.search(
                    [
                        ("res_model", "=", "helpdesk.ticket"),
                        ("res_id", "=", self.complaint.id),
                    ]
                )
        own = self.complaint.with_user(self.portal_user)
        own.invalidate_recordset()
        with self.assertRaises(AccessError):
            own.read(["attachment_ids"])

    def test_public_reads_no_ticket(self):
        """R518"""
        with self.assertRaises(AccessError):
            self.complaint.with_user(self.user_public).read(["name"])

    def test_public_cannot_write_complaint_stages(self):
        """X15: the write access the helpdesk gives to visitors ends at our stages."""
        stage = self.env.ref("helpdesk_mgmt_complaint.stage_closed")
        for user in (self.user_public, self.portal_user):
            with self.assertRaises(AccessError):
                stage.with_user(user).write({"name": "x"})
        with self.assertRaises(AccessError):
            self.stage_done.with_user(self.user_public).write(
                {"complaint_phase": "draft"}
            )
