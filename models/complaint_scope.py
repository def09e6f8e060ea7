# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError

from .complaint_scope_query_mixin import PROVEN_KINDS

# what a scope is about; fixed once it was computed
_SEED_FIELDS = {"lot_ids", "product_id", "date_from", "date_to", "company_id"}
# who looked when is evidence, not an entry
_SYSTEM_FIELDS = {"computed_at", "computed_by_id", "quarantine_location_ids"}


class ComplaintScope(models.Model):
    """Where the goods of a lot are, whom they went to, what they became (R366-R369).

    The rows are read from stock in one go and can be refreshed at any time: what
    somebody found out about a row stays, and the row says what changed since.
    """

    _name = "complaint.scope"
    _description = "Affected Scope"
    _inherit = [
        "complaint.scope.query.mixin",
        "complaint.scope.production.mixin",
        "complaint.scope.tree.mixin",
    ]
    _check_company_auto = True
    _order = "computed_at desc, id desc"

    name = fields.Char(compute="_compute_name", store=True)
    ticket_id = fields.Many2one(
        "helpdesk.ticket", string="Complaint", ondelete="restrict", index=True
    )
    eightd_id = fields.Many2one(
        "complaint.eightd", string="8D", ondelete="restrict", index="btree_not_null"
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    lot_ids = fields.Many2many("stock.lot", string="Lots", check_company=True)
    product_id = fields.Many2one(
        "product.product",
        check_company=True,
        help="Where no lot is known: all its lots of these days.",
    )
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="To")
    line_ids = fields.One2many("complaint.scope.line", "scope_id", string="Rows")
    computed_at = fields.Datetime(readonly=True, copy=False)
    computed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    quarantine_location_ids = fields.Many2many(
        "stock.location",
        string="Quarantined in",
        readonly=True,
        copy=False,
        help="What lies there counts as contained.",
    )

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

    @api.constrains("eightd_id", "company_id")
    def _check_eightd_company(self):
        for scope in self:
            if scope.eightd_id and scope.eightd_id.company_id != scope.company_id:
                raise ValidationError(
                    self.env._("The scope belongs to the company of its 8D.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_system_vals(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_system_vals(vals)
        computed = self.filtered("computed_at")
        if computed and _SEED_FIELDS & vals.keys():
            raise UserError(
                self.env._(
                    "This scope was computed already and is evidence. Create another "
                    "one for other lots."
                )
            )
        if "ticket_id" in vals and any(
            scope.ticket_id.id not in (False, vals["ticket_id"]) for scope in computed
        ):
            raise UserError(
                self.env._(
                    "This scope is evidence of its complaint and stays with it. "
                    "Create another one for the other complaint."
                )
            )
        result = super().write(vals)
        if "ticket_id" in vals:
            # rules were checked for the old complaint, not for the new one
            self.check_access("write")
        return result

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
            scope._store_rows(scope._add_proofs(lots, rows), lots)
            # sudo: evidence of who looked when, not writable otherwise; the right to
            # write the scope was checked
            scope.sudo().write(
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

    def action_quarantine(self):
        """Propose a transfer of what is on hand to a quarantine location."""
        self.ensure_one()
        return self.line_ids.action_quarantine()

    def action_inspect(self):
        """Propose inspections of what is in our hands."""
        self.ensure_one()
        return self.line_ids.action_inspect()

    def action_letters(self):
        """Propose a letter to each customer who got these lots."""
        self.ensure_one()
        return self.line_ids.action_letters()

    def action_copy_to_eightd(self):
        """Copy the whereabouts of the goods into D3 of the 8D (R422)."""
        self.ensure_one()
        return self.line_ids.action_copy_to_eightd()

    def _get_open_action(self):
        """Return the action that shows these scopes: one as form, many as list."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_mgmt_complaint.complaint_scope_action"
        )
        if len(self) == 1:
            action.update({"res_id": self.id, "views": [(False, "form")]})
        else:
            action["domain"] = [("id", "in", self.ids)]
        return action

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _get_eightd(self):
        """Return the 8D whose containment these rows are, and remember it.

        :raise UserError: when there is none, naming how to get one
        """
        self.ensure_one()
        # sudo: the current 8D of the complaint of this scope; access to it is
        # checked by who fills it
        eightd = self.eightd_id or self.ticket_id.sudo().complaint_eightd_id
        eightd = eightd.with_env(self.env)
        if not eightd:
            raise UserError(
                self.env._("Open an 8D on the complaint first, or choose it here.")
            )
        eightd.check_access("write")
        if not self.eightd_id:
            self.eightd_id = eightd
        return eightd

    @api.model
    def _check_system_vals(self, vals):
        if _SYSTEM_FIELDS & vals.keys() and not self.env.su:
            raise UserError(
                self.env._("When stock was looked at is not typed in: press Refresh.")
            )

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
        # the days are those of the company, stock has UTC
        get_start = self.env["complaint.print.tools"]._get_day_start
        if self.date_from:
            first = get_start(self.date_from, self.company_id)
            domain.append(("date", ">=", first))
        if self.date_to:
            end = get_start(fields.Date.add(self.date_to, days=1), self.company_id)
            domain.append(("date", "<", end))
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

    def _store_rows(self, rows, seeds):
        """Write what the query found beside what is known, see `change`.

        :param rows: what `_query_scope` returned, with the proofs of 0
        :param seeds: `stock.lot` the scope started from
        """
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
                new_rows.append(self._prepare_line_vals(row, change, seeds))
        for key, line in known.items():
            if key not in seen:
                line._update_gone()
        self._add_production_data(new_rows)
        lines.create(new_rows)
        if self.quarantine_location_ids:
            self.sudo().line_ids._update_contained()  # sudo: as above

    def _prepare_line_vals(self, row, change, seeds):
        """Hook: return the values of a row from what the query found."""
        return {
            **{name: value for name, value in row.items() if value is not None},
            "company_id": row["company_id"] or self.company_id.id,
            "scope_id": self.id,
            # as the related field would say; computing it for 10 000 rows is slow
            "ticket_id": self.ticket_id.id,
            "change": change,
            "lot_role": self._get_lot_role(row, seeds),
        }

    @api.model
    def _get_lot_role(self, row, seeds):
        """Return whether a row is about the lot itself or one of its family."""
        if row["kind"] in ("downstream", "upstream", "sister"):
            return row["kind"]
        return "self" if row["lot_id"] in seeds._ids else "downstream"

    @api.model
    def _create_for_lots(self, lots, **vals):
        """Create and compute a scope of lots; for buttons and scripts."""
        scope = self.create({"lot_ids": [Command.set(lots.ids)], **vals})
        scope.action_compute()
        return scope
