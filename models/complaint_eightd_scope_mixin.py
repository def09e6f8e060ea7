# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

# kind of a row of the scope -> place of a containment. What is reserved lies on hand.
PLACE_OF_KIND = {
    "on_hand": "stock",
    "wip": "wip",
    "transit": "transit",
    "delivered": "customer",
    "returned": "customer",
}


class ComplaintEightdScopeMixin(models.AbstractModel):
    """Containment rows of D3 from what stock says (R368, R422).

    Rows are found again by place, lot and location, so that filling twice updates
    quantities and keeps what people wrote. What is at customers is one row per lot:
    who they are stays in the scope, which only quality reads.
    """

    _name = "complaint.eightd.scope.mixin"
    _description = "Containment from the Affected Scope"

    lot_names = fields.Char(
        string="Lots of This 8D",
        compute="_compute_lot_names",
        compute_sudo=True,
        help="For members of the team without access to stock.",
    )
    has_scope = fields.Boolean(compute="_compute_has_scope", compute_sudo=True)

    @api.depends("lot_ids.name")
    def _compute_lot_names(self):
        for eightd in self:
            eightd.lot_names = ", ".join(eightd.lot_ids.mapped("name"))

    @api.depends("lot_ids", "scope_ids")
    def _compute_has_scope(self):
        for eightd in self:
            eightd.has_scope = bool(eightd.lot_ids or eightd.scope_ids)

    def action_scope(self):
        """Open the scopes of this 8D; look at lots that were not looked at yet.

        :raise UserError: when the 8D names no lot
        """
        self.ensure_one()
        self.check_access("write")
        scopes = self.scope_ids
        lots = self.lot_ids - scopes.lot_ids
        if lots:
            self._check_open(["d3"])
            scopes |= scopes._create_for_lots(
                lots, eightd_id=self.id, company_id=self.company_id.id
            )
        if not scopes:
            raise UserError(
                self.env._("Enter the lots of this 8D first, then stock can be asked.")
            )
        return scopes._get_open_action()

    def action_fill_containment(self):
        """Fill D3 from all its scopes, as stock is now."""
        self.ensure_one()
        self.action_scope()
        self.scope_ids.action_compute()
        self._fill_containment(self.scope_ids.line_ids)
        return True

    def _fill_containment(self, lines):
        """Create or update containment rows.

        :param lines: `complaint.scope.line`, as the user may read them
        :return: the rows
        :raise UserError: when D3 is done or none of the lines is about a place
        """
        self.ensure_one()
        self.check_access("write")
        self._check_open(["d3"])
        found = self._get_place_lines(lines)
        if not found:
            raise UserError(self.env._("These rows say nothing about where goods are."))
        rows = self.containment_ids
        known = {row._get_place_key(): row for row in rows if row.scope_line_id}
        typed = rows.filtered(lambda row: not row.scope_line_id)
        for key, group in found.items():
            vals = self._prepare_containment_vals(key, group)
            row = known.get(key) or typed._get_row_of_place(key)
            typed -= row
            if not row:
                rows |= rows.create({**vals, "eightd_id": self.id})
                continue
            vals = row._get_refresh_vals(vals)
            if vals:
                row.write(vals)
        return rows

    @api.model
    def _get_place_lines(self, lines):
        """Return ``{(place, lot id, location id): scope lines}``.

        A proof of 0 counts where nothing of the lot was found in that place.
        """
        found, proofs = {}, {}
        for line in lines:
            place = PLACE_OF_KIND.get(line.kind)
            if not place:
                continue
            location = line.location_id if place == "stock" else line.location_id[:0]
            key = (place, line.lot_id.id, location.id)
            is_proof = not line.quantity and not line.location_id
            target = proofs if is_proof else found
            target[key] = target.get(key, line.browse()) | line
        present = {key[:2] for key in found}
        for key, group in proofs.items():
            if key[:2] not in present:
                found[key] = group
        return found

    def _prepare_containment_vals(self, key, lines):
        """Hook: return the values of a containment row.

        :param tuple key: see `_get_place_lines`
        :param lines: `complaint.scope.line` of this place
        """
        place, lot_id, location_id = key
        returned = lines.filtered(lambda line: line.kind == "returned")
        quantity = sum((lines - returned).mapped("quantity"))
        quantity -= sum(returned.mapped("quantity"))
        vals = {
            "scope_line_id": (lines - returned)[:1].id or lines[:1].id,
            "place": place,
            "product_id": lines.product_id[:1].id,
            "lot_id": lot_id,
            "quantity": max(quantity, 0),
            "checked_qty": sum(lines.mapped("checked_qty")),
            "nok_qty": sum(lines.mapped("rejected_qty")),
        }
        if location_id:
            vals["place_note"] = lines.location_id.display_name
        transfers = lines.quarantine_picking_id
        if place == "stock" and transfers:
            vals["action"] = self.env._(
                "Moved to quarantine: %(transfers)s",
                transfers=", ".join(transfers.mapped("name")),
            )
        return vals

    def _get_proven_places(self):
        """Return the places in which scopes found nothing at all."""
        self.ensure_one()
        totals = dict.fromkeys(PLACE_OF_KIND.values(), 0)
        scopes = self.scope_ids.filtered("computed_at")
        if not scopes:
            return set()
        groups = self.env["complaint.scope.line"]._read_group(
            [("scope_id", "in", scopes.ids), ("kind", "in", list(PLACE_OF_KIND))],
            ["kind"],
            ["quantity:sum"],
        )
        for kind, quantity in groups:
            if kind != "returned":
                totals[PLACE_OF_KIND[kind]] += quantity
        return {place for place, total in totals.items() if not total}
