# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError

from .complaint_scope_query_mixin import PROVEN_KINDS


class ComplaintScope(models.Model):
    """Where the goods of a lot are, whom they went to, what they became (R366-R369).

    The rows are read from stock in one go and can be refreshed at any time: what
    somebody found out about a row stays, and the row says what changed since.
    """

    _name = "complaint.scope"
    _description = "Affected Scope"
    _inherit = ["complaint.scope.query.mixin"]
    _order = "computed_at desc, id desc"

    name = fields.Char(compute="_compute_name", store=True)
    ticket_id = fields.Many2one(
        "helpdesk.ticket", string="Complaint", ondelete="restrict", index=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    lot_ids = fields.Many2many("stock.lot", string="Lots", check_company=False)
    product_id = fields.Many2one(
        "product.product", help="Where no lot is known: all its lots of these days."
    )
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="To")
    line_ids = fields.One2many("complaint.scope.line", "scope_id", string="Rows")
    computed_at = fields.Datetime(readonly=True, copy=False)
    computed_by_id = fields.Many2one("res.users", readonly=True, copy=False)

    @api.depends("lot_ids.name", "product_id", "date_from", "date_to")
    def _compute_name(self):
        for scope in self:
            dates = [str(day) for day in (scope.date_from, scope.date_to) if day]
            parts = scope.lot_ids.mapped("name") or [
                scope.product_id.display_name or "",
                " - ".join(dates),
            ]
            scope.name = ", ".join(part for part in parts if part) or "-"

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for scope in self:
            if scope.date_from and scope.date_to and scope.date_from > scope.date_to:
                raise ValidationError(
                    self.env._("The scope begins after it ends. Correct the dates.")
                )

    @api.constrains("ticket_id", "company_id")
    def _check_ticket_company(self):
        for scope in self:
            if scope.ticket_id and scope.ticket_id.company_id != scope.company_id:
                raise ValidationError(
                    self.env._("The scope belongs to the company of its complaint.")
                )

    def write(self, vals):
        if {"lot_ids", "product_id", "date_from", "date_to"} & set(vals) and any(
            scope.computed_at for scope in self
        ):
            raise UserError(
                self.env._(
                    "This scope was computed already and is evidence. Create another "
                    "one for other lots."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_computed(self):
        if any(scope.computed_at for scope in self):
            raise UserError(
                self.env._("A computed scope is evidence and cannot be deleted.")
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_compute(self):
        """Read stock, deliveries and genealogy; keep what was found out already.

        :raise UserError: when neither lot nor product and dates are given
        """
        for scope in self:
            scope.check_access("write")
            lots = scope._get_seed_lots()
            if not lots:
                raise UserError(scope._get_no_lots_text())
            companies = scope._get_companies()
            rows = scope._query_scope(lots, companies)
            scope._store_rows(scope._add_proofs(lots, rows))
            scope.write(
                {
                    "computed_at": fields.Datetime.now(),
                    "computed_by_id": self.env.uid,
                }
            )
        return True

    def action_view_lines(self):
        """Open the rows as a list of their own."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_mgmt_complaint.complaint_scope_line_action"
        )
        action.update({"domain": [("scope_id", "=", self.id)], "name": self.name})
        return action

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _get_companies(self):
        """Hook: return the companies whose stock is looked at."""
        self.ensure_one()
        return self.company_id

    def _get_no_lots_text(self):
        self.ensure_one()
        if self.product_id:
            return self.env._(
                "No lot of %(product)s moved in these days. Widen the dates, or "
                "choose the lot.",
                product=self.product_id.display_name,
            )
        return self.env._("Choose a lot, or a product with the days in question.")

    def _get_seed_lots(self):
        """Return the chosen lots, else those of the product that moved in the days."""
        self.ensure_one()
        if self.lot_ids or not self.product_id:
            return self.lot_ids
        domain = [
            ("product_id", "=", self.product_id.id),
            ("state", "=", "done"),
            ("lot_id", "!=", False),
            ("company_id", "in", self._get_companies().ids),
            "|",
            ("location_usage", "not in", ["internal", "transit"]),
            ("location_dest_usage", "not in", ["internal", "transit"]),
        ]
        if self.date_from:
            domain.append(("date", ">=", self.date_from))
        if self.date_to:
            domain.append(("date", "<", fields.Date.add(self.date_to, days=1)))
        groups = self.env["stock.move.line"]._read_group(domain, ["lot_id"])
        return self.env["stock.lot"].union(*(lot for (lot,) in groups))

    def _add_proofs(self, lots, rows):
        """Add a row with 0 for every whereabouts where a lot is not (proof)."""
        present = {(row["kind"], row["lot_id"]) for row in rows}
        proofs = [
            {
                "kind": kind,
                "lot_id": lot.id,
                "product_id": lot.product_id.id,
                "company_id": self.company_id.id,
                "quantity": 0.0,
            }
            for lot in lots
            for kind in PROVEN_KINDS
            if (kind, lot.id) not in present
        ]
        return [*rows, *proofs]

    def _store_rows(self, rows):
        """Write what the query found beside what is known, see `change`."""
        self.ensure_one()
        # sudo: stock alone fills these rows, nobody creates them by hand; the right
        # to write the scope was checked
        lines = self.env["complaint.scope.line"].sudo()
        known = {line._get_key(): line for line in lines.browse(self.line_ids.ids)}
        is_first = not self.computed_at
        new_rows, seen = [], set()
        for row in rows:
            key = lines._get_row_key(row)
            seen.add(key)
            if key in known:
                known[key]._update_quantity(row)
            else:
                change = "same" if is_first else "new"
                new_rows.append(self._prepare_line_vals(row, change))
        for key, line in known.items():
            if key not in seen:
                line._update_gone()
        lines.create(new_rows)

    def _prepare_line_vals(self, row, change):
        """Hook: return the values of a row from what the query found."""
        return {
            **{name: value for name, value in row.items() if value is not None},
            "company_id": row["company_id"] or self.company_id.id,
            "scope_id": self.id,
            "change": change,
            "lot_role": self._get_lot_role(row),
        }

    def _get_lot_role(self, row):
        """Return whether a row is about the lot itself or one of its family."""
        if row["kind"] in ("downstream", "upstream", "sister"):
            return row["kind"]
        return "self" if row["lot_id"] in self.lot_ids.ids else "downstream"

    @api.model
    def _create_for_lots(self, lots, **vals):
        """Create and compute a scope of lots; for buttons and scripts."""
        scope = self.create({"lot_ids": [Command.set(lots.ids)], **vals})
        scope.action_compute()
        return scope
