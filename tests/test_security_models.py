# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ComplaintCommon

_MODULE = "helpdesk_mgmt_complaint"


# their queries read only the complaints that the reader may know, see
# tests/test_report_security.py and tests/test_deadline_report.py
_RULED_BY_QUERY = {
    "complaint.deadline.report",
    "complaint.liability.report",
    "complaint.ppm.report",
    "complaint.report",
}


@tagged("post_install", "-at_install")
class TestSecurityModels(ComplaintCommon):
    """What must be true for every model of this addon, also for new ones."""

    def _own_models(self):
        """Persistent models that this addon defines."""
        names = (
            self.env["ir.model.data"]
            .search([("module", "=", _MODULE), ("model", "=", "ir.model")])
            .mapped("res_id")
        )
        for model in self.env["ir.model"].browse(names):
            records = self.env.get(model.model)
            if records is None or records._original_module != _MODULE:
                continue
            if not records._abstract:
                yield model, records

    def test_every_model_has_access_rows(self):
        """R524: a model without row would be open to administrators only."""
        for model, _records in self._own_models():
            with self.subTest(model=model.model):
                self.assertTrue(model.access_ids)

    def test_no_access_row_without_internal_group(self):
        """R518, R524: no row for everybody, customers or the public."""
        internal = self.env.ref("base.group_user")
        rows = self.env["ir.model.access"].browse(
            self.env["ir.model.data"]
            .search([("module", "=", _MODULE), ("model", "=", "ir.model.access")])
            .mapped("res_id")
        )
        self.assertTrue(rows)
        for row in rows:
            with self.subTest(row=row.name):
                group = row.group_id
                self.assertTrue(group)
                # what implies it must be internal: the group itself is implied by
                # every employee or belongs to the complaint groups
                customers = self.env.ref("base.group_portal") + self.env.ref(
                    "base.group_public"
                )
                self.assertFalse(group & customers.all_implied_ids)
                self.assertIn(
                    self.env.ref(f"{_MODULE}.group_complaint_register"),
                    group.all_implied_ids,
                )
        self.assertIn(
            self.env.ref(f"{_MODULE}.group_complaint_register"),
            internal.all_implied_ids,
        )

    def test_every_model_with_company_has_a_company_rule(self):
        """R524: global, because group rules are added up."""
        for model, records in self._own_models():
            if records._transient or "company_id" not in records._fields:
                continue
            with self.subTest(model=model.model):
                rules = model.rule_ids.filtered(
                    lambda rule: not rule.groups
                    and "company_ids" in (rule.domain_force or "")
                )
                self.assertTrue(rules)
                self.assertTrue(all(rules.mapped("perm_read")))

    def test_every_model_of_a_complaint_has_access_rules(self):
        """R520: need-to-know and writing are global rules on every child."""
        for model, records in self._own_models():
            if records._transient or "ticket_id" not in records._fields:
                continue
            with self.subTest(model=model.model):
                rules = model.rule_ids.filtered(lambda rule: not rule.groups)
                domains = " ".join(rules.mapped("domain_force"))
                if model.model not in _RULED_BY_QUERY:
                    self.assertIn("complaint_access_domain", domains)
                writers = model.access_ids.filtered(
                    lambda row: row.perm_write or row.perm_create
                )
                if writers:
                    self.assertRegex(
                        domains, r"complaint_(dispatch_|opinion_)?write_domain"
                    )

    def test_customers_and_public_reach_no_model(self):
        """R518: AccessError for every model and operation."""
        users = self.portal_user + self.env.ref("base.public_user")
        for model, records in self._own_models():
            for user in users:
                for operation in ("read", "write", "create", "unlink"):
                    with self.subTest(model=model.model, operation=operation):
                        with self.assertRaises(AccessError):
                            records.with_user(user).check_access(operation)
                if not records._transient:
                    with self.subTest(model=model.model, operation="search"):
                        with self.assertRaises(AccessError):
                            records.with_user(user).search_count([])

    def test_children_of_other_complaints_are_invisible_to_employees(self):
        """R520: with records in every child model, an uninvolved user counts none."""
        complaint = self._create_complaint()
        vals = {"ticket_id": complaint.id}
        for model, more in {
            "complaint.line": {"product_id": self.product.id},
            "complaint.communication": {
                "channel_id": self.channel_phone.id,
                "content": "x",
            },
            "complaint.visit": {"user_ids": self.user_handler.ids},
            "complaint.sample": {"name": "x"},
            "complaint.opinion": {"text": "x"},
            "complaint.dispatch": {"to_user_id": self.user_handler.id},
            "complaint.investigation": {"area": "stock"},
            "complaint.liability": {
                "party_kind": "supplier",
                "partner_id": self.other_customer.id,
            },
            "complaint.callback": {
                "channel_id": self.channel_phone.id,
                "person": "Anna",
                "content": "x",
                "satisfied": "yes",
            },
            "complaint.settlement": {"line_ids": [(0, 0, {"kind": "return"})]},
        }.items():
            self.env[model].create({**vals, **more})
        for model, records in self._own_models():
            if records._transient or "ticket_id" not in records._fields:
                continue
            domain = [("ticket_id", "=", complaint.id)]
            for user in (
                self.user_register,
                self.user_helpdesk,
                self.user_helpdesk_manager,
                self.user_handler_b,
            ):
                with self.subTest(model=model.model, user=user.login):
                    own = records.with_user(user)
                    if own.has_access("read"):
                        self.assertFalse(own.search_count(domain))
                        self.assertFalse(
                            own.formatted_read_group(domain, ["ticket_id"])
                        )
