# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from lxml import etree

from odoo.tests import tagged

from .common import ComplaintCommon

BATCH = 100
FEW, MANY = 5, 80


@tagged("post_install", "-at_install")
class TestPerformance(ComplaintCommon):
    """Counts queries, never time; bench/ prints both beside plain helpdesk_mgmt."""

    def _count_queries(self, work):
        """Return how many queries `work` needs, caches empty, writing included."""
        self.env.cr.flush()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.cr.flush()
        return self.env.cr.sql_log_count - before

    def _tickets_of(self, user):
        # without the test's context: tracking and mail as in real life
        return self.env(user=user, context={})["helpdesk.ticket"]

    def _get_plain_vals(self, count):
        return [
            {
                "name": f"Printer {index}",
                "description": "<p>It does not print</p>",
                "partner_id": self.customer_contact.id,
                "channel_id": self.channel_phone.id,
            }
            for index in range(count)
        ]

    def _assert_create_budget(self, lines=False):
        """At most 3 own queries per complaint on top of plain tickets."""
        plain = self._tickets_of(self.user_helpdesk)
        complaints = self._tickets_of(self.user_register)

        def create(count):
            vals_list = [self._complaint_vals() for _index in range(count)]
            if lines:
                for vals in vals_list:
                    line = {"product_id": self.product.id, "lot_name": "L260703-A"}
                    vals["complaint_line_ids"] = [(0, 0, line)]
            return complaints.create(vals_list)

        # the first ones fill the caches of the registry
        plain.create(self._get_plain_vals(1))
        create(1)
        base = self._count_queries(lambda: plain.create(self._get_plain_vals(BATCH)))
        own = self._count_queries(lambda: create(BATCH)) - base
        self.assertLessEqual(own, 3 * BATCH, f"{own} own queries for {BATCH}")

    def test_create_in_a_batch_stays_in_budget(self):
        """R143: any employee, plain tickets by a helpdesk user in the same run."""
        self._assert_create_budget()

    def test_create_numbered_at_registration_stays_in_budget(self):
        """R148: the numbers of a batch cost a handful of queries, not one each."""
        self.procedure.number_trigger = "registration"
        self._assert_create_budget()

    def test_create_with_goods_stays_in_budget(self):
        """R034: a line each, whose stated lot is looked up and linked."""
        self._assert_create_budget(lines=True)

    def test_acceptance_in_a_batch_costs_little_beside_a_stage_change(self):
        """R146: gates, events and numbers of 100 on top of what tracking costs."""
        drafts = self._tickets_of(self.user_handler).create(
            [self._complaint_vals() for _index in range(BATCH)]
        )
        plain = self._tickets_of(self.user_helpdesk).create(self._get_plain_vals(BATCH))
        stage = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_in_progress")
        base = self._count_queries(lambda: plain.write({"stage_id": stage.id}))
        own = self._count_queries(drafts.action_complaint_accept) - base
        self.assertLessEqual(own, BATCH)

    # ------------------------------------------------------------------
    # Lists
    # ------------------------------------------------------------------

    def _get_view_specification(self, view, user):
        """Return what the web client asks for to show a view."""
        arch = etree.fromstring(
            self.env["helpdesk.ticket"]
            .with_user(user)
            .get_view(self.env.ref(f"helpdesk_mgmt_complaint.{view}").id)["arch"]
        )
        fields = self.env["helpdesk.ticket"]._fields
        return {
            node.get("name"): (
                {"fields": {"display_name": {}}}
                if fields[node.get("name")].type == "many2one"
                else {}
            )
            for node in arch.iter("field")
        }

    def _create_many(self):
        """80 complaints of 80 customers, half of them accepted, each with a line."""
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {index}"} for index in range(MANY)]
        )
        tickets = self._tickets_of(self.user_register).create(
            [
                self._complaint_vals(
                    partner_id=partner.id,
                    category_id=self.category.id,
                    complaint_line_ids=[(0, 0, {"product_id": self.product.id})],
                )
                for partner in partners
            ]
        )
        tickets[::2].with_user(self.user_handler).action_complaint_accept()
        return tickets

    def _assert_constant(self, user, read):
        """`read(domain)` needs as many queries for 80 complaints as for 5."""
        tickets = self._create_many()
        model = self._tickets_of(user)
        domains = {
            count: [("id", "in", tickets[:count].ids), ("is_complaint", "=", True)]
            for count in (FEW, MANY)
        }
        # the first round fills the caches of the registry
        for _round in range(2):
            counts = {
                count: self._count_queries(lambda domain=domain: read(model, domain))
                for count, domain in domains.items()
            }
        self.assertEqual(counts[FEW], counts[MANY])

    def _assert_list_constant(self, user):
        specification = self._get_view_specification("complaint_view_list", user)

        def read(model, domain):
            found = model.web_search_read(domain, specification, limit=MANY + 1)
            self.assertIn("complaint_reported_at", found["records"][0])

        self._assert_constant(user, read)

    def test_list_queries_are_constant_for_a_registrar(self):
        """R372: the register opens as fast with many complaints."""
        self._assert_list_constant(self.user_register)

    def test_list_queries_are_constant_for_a_handler(self):
        """R372: for one who reads all complaints."""
        self._assert_list_constant(self.user_handler)

    def test_kanban_queries_are_constant(self):
        """R372: columns, counts, progress bars and cards."""
        user = self.user_handler
        specification = self._get_view_specification("complaint_view_kanban", user)

        def read(model, domain):
            model.web_read_group(
                domain,
                groupby=["stage_id"],
                aggregates=["__count"],
                auto_unfold=True,
                unfold_read_specification=specification,
                unfold_read_default_limit=MANY + 1,
            )
            model.read_progress_bar(
                domain,
                "stage_id",
                {"field": "activity_state", "colors": {"planned": "success"}},
            )

        self._assert_constant(user, read)

    def test_gates_of_many_are_read_in_few_queries(self):
        """R024: what is still missing, for 5 and for 80 complaints."""

        def read(model, domain):
            model.search(domain)._complaint_get_blocking_reasons("closed")

        self._assert_constant(self.user_handler, read)

    # ------------------------------------------------------------------
    # Smart buttons
    # ------------------------------------------------------------------

    def _assert_counts_constant(self, documents, field, counted=2):
        """The counter of 40 documents costs as many queries as that of one."""
        tickets = self.env["helpdesk.ticket"].create(
            [self._complaint_vals() for _index in range(counted)]
        )
        self.env["complaint.line"].create(
            [
                {"ticket_id": ticket.id, field: document.id}
                for ticket in tickets
                for document in documents
                for _twice in range(2)
            ]
        )
        documents = documents.with_user(self.user_handler)
        documents.mapped("complaint_count")

        def read(records):
            self.assertEqual(set(records.mapped("complaint_count")), {counted})

        one = self._count_queries(lambda: read(documents[:1]))
        many = self._count_queries(lambda: read(documents))
        self.assertEqual(one, many)

    def test_counter_of_orders_is_one_query(self):
        """R365: 40 orders, two complaints with two lines each."""
        orders = self.env["sale.order"].create(
            [{"partner_id": self.customer.id} for _index in range(40)]
        )
        self._assert_counts_constant(orders, "sale_order_id")

    def test_counter_of_lots_is_one_query(self):
        """R365: lots, where recalls begin."""
        lots = self.env["stock.lot"].create(
            [
                {"name": f"LOT{index}", "product_id": self.product.id}
                for index in range(40)
            ]
        )
        self._assert_counts_constant(lots, "lot_id")

    def test_counter_of_products_is_one_query(self):
        """R365: product variants."""
        products = self.env["product.product"].create(
            [{"name": f"Bearing {index}"} for index in range(40)]
        )
        self._assert_counts_constant(products, "product_id")

    def test_counter_of_customers_is_constant(self):
        """R555: complaint history on the partner form and in partner lists."""
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {index}"} for index in range(40)]
        )
        self.env["helpdesk.ticket"].create(
            [self._complaint_vals(partner_id=partner.id) for partner in partners]
        )
        partners = partners.with_user(self.user_handler)
        partners.mapped("complaint_count")

        def read(records):
            self.assertEqual(set(records.mapped("complaint_count")), {1})
            self.assertEqual(set(records.mapped("complaint_open_count")), {1})

        one = self._count_queries(lambda: read(partners[:1]))
        many = self._count_queries(lambda: read(partners))
        self.assertEqual(one, many)
