# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import random
from collections import defaultdict
from datetime import date, datetime

from freezegun import freeze_time

from odoo import Command
from odoo.tools.safe_eval import safe_eval

from .common_report import DAY, JULY, SESSION_ZONES, ReportCommon, get_local

_MONTHLY = [
    "delivered_qty",
    "nok_qty",
    "nok_0km_qty",
    "nok_field_qty",
    "nok_by_delivery_qty",
    "nbr",
]
_RATIOS = [f"ppm{name}:avg" for name in ("", "_0km", "_field", "_delivery")]
_ROLLING = ["delivered_12m_qty", "nok_12m_qty", "nok_by_delivery_12m_qty"]
_ROLLING_RATIOS = ["ppm_12m:avg", "ppm_delivery_12m:avg"]


class TestPpm(ReportCommon):
    """Faulty parts per million delivered ones (K31)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ppm = cls.env["complaint.ppm.report"]
        warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1
        )
        cls.stock = warehouse.lot_stock_id
        cls.customers = cls.env.ref("stock.stock_location_customers")
        cls.out_type = warehouse.out_type_id
        cls.cage = cls.env["product.product"].create(
            {"name": "Cage", "is_storable": True}
        )
        cls.cage.categ_id = cls.env["product.category"].create({"name": "Cages"})
        cls.goods = cls.ring | cls.cage

    @classmethod
    def _move(cls, product, quantity, at, partner=None, back=False, **vals):
        """Return a done move to a customer, or back from him."""
        places = (cls.stock, cls.customers)
        source, target = reversed(places) if back else places
        partner = partner or cls.customer_contact
        picking = cls.env["stock.picking"].create(
            {
                "picking_type_id": cls.out_type.id,
                "partner_id": partner.id,
                "location_id": source.id,
                "location_dest_id": target.id,
            }
        )
        move = cls.env["stock.move"].create(
            {
                "product_id": product.id,
                "product_uom_qty": quantity,
                "picking_id": picking.id,
                "location_id": source.id,
                "location_dest_id": target.id,
                **vals,
            }
        )
        with freeze_time(at):
            move._action_confirm()
            move.quantity = quantity
            move.picked = True
            move._action_done()
        return move

    def _line(self, product, accepted, found=False, move=None, **vals):
        return {
            "product_id": product.id,
            "symptom": "cracked",
            "claimed_qty": accepted + 5,
            "accepted_qty": accepted,
            "detected_at": found,
            "move_id": move.id if move else False,
            **vals,
        }

    def _get(self, groupby, aggregates, *domain, user=None):
        mine = [("product_id", "in", self.goods.ids), *domain]
        return self._groups(
            groupby, aggregates, mine, user or self.user_quality, self.ppm
        )

    def _months(self, aggregates, *domain):
        found = self._get(["date:month"], aggregates, *domain)
        return {str(key): row for (key,), row in found.items()}

    def test_only_what_we_accepted_of_what_was_shipped(self):
        """K31: claimed or disputed parts are not faulty, returns not delivered."""
        july = self._move(self.ring, 1000, JULY)
        self._move(self.ring, 100, JULY + DAY, back=True)
        # neither done, nor to a customer
        self.env["stock.move"].create(
            {
                "product_id": self.ring.id,
                "product_uom_qty": 7,
                "location_id": self.stock.id,
                "location_dest_id": self.customers.id,
            }
        )
        self._move(self.ring, 50, JULY, location_dest_id=self.stock.id)
        self._history(
            JULY + 40 * DAY,
            lines=[
                self._line(self.ring, 6, "line", july),
                self._line(self.ring, 3, "field", july),
                self._line(self.ring, 0, "incoming", july),
            ],
        )
        self._history(
            JULY + 40 * DAY,
            (JULY + 41 * DAY, "accept"),
            (JULY + 41 * DAY, "cancel"),
            lines=[self._line(self.ring, 99, "field", july)],
        )
        found = self._months([*_MONTHLY, *_RATIOS])
        self.assertEqual(
            list(found["2026-07-01"].values()),
            [900, 0, 0, 0, 9, 0, 0, 0, 0, 1e6 * 9 / 900],
        )
        august = list(found["2026-08-01"].values())
        self.assertEqual([value or 0 for value in august[:6]], [0, 9, 6, 3, 0, 1])
        self.assertFalse(any(august[6:]))  # nothing delivered: no rate
        [total] = self._get([], [*_MONTHLY, *_RATIOS]).values()
        self.assertEqual(
            [round(value, 6) for value in total.values()],
            [900, 9, 6, 3, 9, 1, 10000, 6666.666667, 3333.333333, 10000],
        )

    def test_quantities_are_in_the_unit_of_the_product(self):
        """K31: ten dozen delivered, two dozen faulty."""
        dozen = self.env.ref("uom.product_uom_dozen").id
        self._move(self.ring, 10, JULY, product_uom=dozen)
        self._history(JULY, lines=[self._line(self.ring, 2, uom_id=dozen)])
        [row] = self._get([], ["delivered_qty", "nok_qty", "ppm:avg"]).values()
        self.assertEqual(row["delivered_qty"], 120)
        self.assertEqual(row["nok_qty"], 24)
        self.assertAlmostEqual(row["ppm"], 2e5)

    def test_ratio_of_a_group_is_not_the_mean_of_its_ratios(self):
        """K31: 1 of 10 and 1 of 990 are 2 of 1000."""
        self._move(self.ring, 10, JULY)
        self._move(self.cage, 990, JULY)
        self._history(JULY, lines=[self._line(self.ring, 1), self._line(self.cage, 1)])
        aggregates = ["ppm:avg", "ppm_12m:avg", "nbr"]
        domain = ("date", "<", "2026-08-01")
        found = self._get(["product_id"], aggregates, domain)
        self.assertEqual(list(found[self.ring.id,].values()), [1e5, 1e5, 1])
        [total] = self._get([], aggregates, domain).values()
        self.assertEqual(list(total.values()), [2000, 2000, 1])
        category = self.cage.categ_id.id
        found = self._get(["product_category_id"], aggregates, domain)
        self.assertAlmostEqual(found[category,]["ppm_12m"], 1e6 / 990)
        [found] = self._get(
            [], aggregates, domain, ("product_category_id", "child_of", category)
        ).values()
        self.assertAlmostEqual(found["ppm_12m"], 1e6 / 990)

    def test_figures_equal_an_independent_count(self):
        """K31: random moves and complaints, by month, product and customer."""
        faults, moves = self._create_random()
        keys = {
            "date:month": lambda day, _product, _customer: str(day),
            "product_id": lambda _day, product, _customer: str(product.id),
            "partner_id": lambda _day, _product, customer: str(customer.id),
        }
        for zone in SESSION_ZONES:
            self._set_session_zone(zone)
            for name, get_key in keys.items():
                expected = defaultdict(lambda: defaultdict(float))
                for day, product, customer, measure, quantity in faults + moves:
                    key = get_key(day and day.replace(day=1), product, customer)
                    expected[key][measure] += quantity
                found = self._get([name], [*_MONTHLY, *_RATIOS])
                with self.subTest(zone=zone, dimension=name):
                    self.assertEqual({str(key) for (key,) in found}, {*expected})
                    for (key,), row in found.items():
                        self._assert_month(row, expected[str(key)])

    def _assert_month(self, row, expected):
        for measure in _MONTHLY[:-1]:
            self.assertAlmostEqual(row[measure] or 0, expected[measure], msg=measure)
        delivered = expected["delivered_qty"]
        for ratio, measure in (
            ("ppm", "nok_qty"),
            ("ppm_0km", "nok_0km_qty"),
            ("ppm_field", "nok_field_qty"),
            ("ppm_delivery", "nok_by_delivery_qty"),
        ):
            if delivered > 0:
                wanted = 1e6 * expected[measure] / delivered
                self.assertAlmostEqual(row[ratio], wanted, 4)
            else:
                self.assertFalse(row[ratio])

    def test_rolling_months_equal_an_independent_count(self):
        """K31: a month and the eleven before it, of each month, also after gaps."""
        faults, moves = self._create_random()
        monthly = defaultdict(lambda: defaultdict(float))
        for day, product, _customer, measure, quantity in faults + moves:
            if day:
                at = day.year * 12 + day.month - 1
                monthly[product, at][measure] += quantity
        first = min(at for _product, at in monthly)
        today = date.today()
        last = today.year * 12 + today.month - 1
        for groupby in (["date:month"], ["date:month", "product_id"]):
            found = self._get(groupby, [*_ROLLING, *_ROLLING_RATIOS, *_MONTHLY])
            found = {tuple(map(str, key)): row for key, row in found.items()}
            for at in range(first, last + 1):
                month = str(date(at // 12, at % 12 + 1, 1))
                for goods in [self.goods] if len(groupby) == 1 else self.goods:
                    key = (month, *([str(goods.id)] if len(groupby) > 1 else []))
                    with self.subTest(key=key):
                        self._assert_rolling(found.get(key), monthly, goods, at)
            self.assertFalse(
                [key for key in found if key[0] != "False" and key[0] > str(today)]
            )

    def _assert_rolling(self, row, monthly, goods, at):
        window = [
            sums
            for (product, month), sums in monthly.items()
            if product in goods and at - 12 < month <= at
        ]
        sums = {
            name: sum(month[name] for month in window)
            for name in ("delivered_qty", "nok_qty", "nok_by_delivery_qty")
        }
        if not window:
            self.assertFalse(row and row["delivered_12m_qty"])
            return
        self.assertAlmostEqual(row["delivered_12m_qty"], sums["delivered_qty"])
        self.assertAlmostEqual(row["nok_12m_qty"], sums["nok_qty"])
        if sums["delivered_qty"] > 0:
            for ratio, name in (
                ("ppm_12m", "nok_qty"),
                ("ppm_delivery_12m", "nok_by_delivery_qty"),
            ):
                wanted = 1e6 * sums[name] / sums["delivered_qty"]
                self.assertAlmostEqual(row[ratio], wanted, 4)

    def _create_random(self):
        """Return what was entered as ``(day, product, customer, measure, qty)``."""
        rng = random.Random(31)
        faults, moves, shipped = [], [], []
        for _number in range(30):
            # two years with a hole in the middle
            at = JULY - rng.choice([*range(0, 200), *range(500, 700)]) * DAY
            at += rng.randrange(24) * DAY / 24
            product = rng.choice(self.goods)
            partner = rng.choice([self.customer_contact, self.other_customer])
            back, quantity = rng.random() < 0.2, rng.randrange(1, 500)
            move = self._move(product, quantity, at, partner, back)
            day = get_local(at, self.company)
            customer = partner.commercial_partner_id
            sign = -1 if back else 1
            moves.append((day, product, customer, "delivered_qty", sign * quantity))
            if not back:
                shipped.append((move, day, product, partner))
        for _number in range(20):
            move, shipped_day, product, partner = rng.choice(shipped)
            at = JULY - rng.randrange(600) * DAY
            quantity = rng.randrange(20)
            found = rng.choice([False, "incoming", "line", "field"])
            link = rng.choice(["move", "date", None])
            line = self._line(product, quantity, found)
            line |= {
                "move": {"move_id": move.id},
                "date": {"delivered_date": shipped_day},
                None: {},
            }[link]
            self._history(at, lines=[line], partner_id=partner.id)
            fact = (product, partner.commercial_partner_id)
            day = get_local(at, self.company)
            faults.append((day, *fact, "nok_qty", quantity))
            if found:
                place = "field" if found == "field" else "0km"
                faults.append((day, *fact, f"nok_{place}_qty", quantity))
            if quantity:
                day = shipped_day if link else False
                faults.append((day, *fact, "nok_by_delivery_qty", quantity))
        return faults, moves

    def test_rolling_figures_are_empty_for_several_months(self):
        """K31: a year would count deliveries twelve times, so nothing is shown."""
        self._move(self.ring, 100, JULY)
        self._move(self.ring, 100, JULY + 40 * DAY)
        [row] = self._get(
            ["date:year"], _ROLLING_RATIOS, *[("date", "<", "2027-01-01")]
        ).values()
        self.assertFalse(any(row.values()))
        found = self._months(["delivered_12m_qty"])
        self.assertEqual(found["2026-07-01"]["delivered_12m_qty"], 100)
        self.assertEqual(found["2026-08-01"]["delivered_12m_qty"], 200)

    def test_rolling_looks_behind_the_filtered_months(self):
        """K31: a filter on August does not cut July out of the twelve months."""
        self._move(self.ring, 100, JULY)
        self._history(JULY, lines=[self._line(self.ring, 1)])
        domain = [("date", ">=", "2026-08-01"), ("date", "<", "2026-09-01")]
        [row] = self._get([], ["ppm_12m:avg", "ppm:avg"], *domain).values()
        self.assertEqual(row["ppm_12m"], 10000)
        self.assertFalse(row["ppm"])

    def test_month_is_that_of_the_company(self):
        """K31: shipped and reported half past midnight on 1 August in Shanghai."""
        late = datetime(2026, 7, 31, 16, 30)
        move = self._move(self.ring, 100, late)
        self._history(late, lines=[self._line(self.ring, 2, move=move)])
        for zone in SESSION_ZONES:
            self._set_session_zone(zone)
            [(month, row)] = self._months(["ppm:avg", "ppm_delivery:avg"]).items()
            self.assertEqual(month, "2026-08-01")
            self.assertEqual(list(row.values()), [20000, 20000])

    def test_complaint_with_two_lines_counts_once(self):
        """K31: the number of complaints, not of lines."""
        self._history(JULY, lines=[self._line(self.ring, 1), self._line(self.ring, 2)])
        [row] = self._get(["product_id"], ["nbr", "nok_qty"]).values()
        self.assertEqual(list(row.values()), [1, 3])

    def test_views_rows_and_export(self):
        """R502: views load; a row opens its complaint or its delivery."""
        move = self._move(self.ring, 100, JULY)
        ticket = self._history(JULY, lines=[self._line(self.ring, 1, move=move)])
        self.env.flush_all()
        ppm = self.ppm.with_user(self.user_quality)
        ppm.get_views([(False, kind) for kind in ("pivot", "graph", "list", "search")])
        rows = ppm.search([("product_id", "=", self.ring.id)])
        self.assertEqual(len(rows), 3)
        opened = {
            (action["res_model"], action["res_id"])
            for action in (row.action_open_source() for row in rows)
        }
        self.assertEqual(
            opened, {("helpdesk.ticket", ticket.id), ("stock.move", move.id)}
        )
        self.user_quality.group_ids = [
            Command.link(self.env.ref("base.group_allow_export").id)
        ]
        exported = rows.export_data(["date", "product_id", "nok_qty", "delivered_qty"])
        self.assertEqual(len(exported["datas"]), 3)
        view = self.env["ir.ui.view"].browse(ppm.get_view(view_type="search")["id"])
        for node in view._get_combined_arch().iter("filter"):
            if node.get("domain"):
                ppm.search(safe_eval(node.get("domain")))
