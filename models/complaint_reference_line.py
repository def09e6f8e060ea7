# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from collections import defaultdict
from datetime import timezone
from zoneinfo import ZoneInfo

from odoo import api, models
from odoo.fields import Domain

from ..kernel.reference_text import reference_key
from ..kernel.reference_words import DELIVERY, INVOICE, LOT, ORDER

_MAX_LINES = 40


class ComplaintReferenceLine(models.AbstractModel):
    """From recognised records to the values of proposed complaint lines (R366).

    The second half of `complaint.reference`, which says why sudo is safe here: only
    goods, quantities, dates, lots and documents are returned, never prices.
    """

    _name = "complaint.reference.line"
    _description = "Proposed Complaint Lines"

    def _prepare_line_vals(self, match):
        """Return (list of line values, message) of one reference (R366)."""
        goods = self._get_goods([match])
        if match.kind == LOT:
            vals, notes = self._prepare_lot_vals([match], match.orders[:0])
            return vals, "\n".join(notes)
        moves = self._get_match_moves(match, goods)
        vals_list, notes = [], []
        for sale_line, found in self._group_moves(match, moves, goods):
            vals_list.append(self._prepare_goods_vals(sale_line, found, goods, notes))
        if len(vals_list) > _MAX_LINES:
            vals_list = vals_list[:_MAX_LINES]
            notes.append(
                self.env._("Only the first %(count)s lines.", count=_MAX_LINES)
            )
        vals_list = vals_list or [self._prepare_bare_vals(match)]
        for vals in vals_list:
            self._add_evidence(vals, match)
        return vals_list, "\n".join(notes)

    def _prepare_proposals(self, matches, mentioned, text, notes):
        """Return the line values of all matches of a mail, duplicates merged."""
        goods = self._get_goods(matches)
        by_kind = defaultdict(list)
        for match in matches:
            by_kind[match.kind].append(match)
        named = (
            # sudo: see the class
            self.sudo()
            .env["sale.order"]
            .union(*[match.orders for match in matches if match.kind != LOT])
        )
        lines, found = self._prepare_lot_vals(by_kind[LOT], named)
        notes += found
        for match in by_kind[DELIVERY] + by_kind[ORDER] + by_kind[INVOICE]:
            covering = [vals for vals in lines if self._covers(vals, match)]
            if not covering:
                covering = self._prepare_document_vals(
                    match, goods, mentioned, text, notes
                )
                lines += covering
            for vals in covering:
                self._add_evidence(vals, match)
        return lines[:_MAX_LINES]

    def _prepare_document_vals(self, match, goods, mentioned, text, notes):
        """Lines of a document: those goods that the mail names, or the only goods.

        When a document has several goods and the mail names none of them, only the
        document is proposed: choosing goods would be a guess.
        """
        groups = self._group_moves(match, self._get_match_moves(match, goods), goods)
        named = [
            group
            for group in groups
            if self._is_mentioned(self._get_product(*group), mentioned, text)
        ]
        groups = named or groups
        if len({self._get_product(*group) for group in groups}) != 1 and not named:
            if groups:
                notes.append(
                    self.env._(
                        "%(document)s has several goods; choose which ones.",
                        document=match.record.display_name,
                    )
                )
            return [self._prepare_bare_vals(match)]
        return [
            self._prepare_goods_vals(sale_line, moves, goods, notes)
            for sale_line, moves in groups
        ]

    @api.model
    def _is_mentioned(self, product, mentioned, text):
        code = reference_key(product.default_code or "")
        name = (product.name or "").casefold()
        return (len(code) >= 3 and code in mentioned) or (
            len(name) >= (2 if not name.isascii() else 4) and name in text
        )

    @api.model
    def _covers(self, vals, match):
        if match.kind == DELIVERY:
            return vals.get("picking_id") == match.record.id
        return vals.get("sale_order_id") in match.orders.ids

    def _get_goods(self, matches):
        """Read order lines, done moves and their lots of all matches at once."""
        env = self.sudo().env  # sudo: see the class
        orders = env["sale.order"].union(*[m.orders for m in matches if m.orders])
        pickings = env["stock.picking"].union(
            *[m.record for m in matches if m.kind == DELIVERY]
        )
        order_lines = orders.order_line.filtered(lambda line: not line.display_type)
        moves = env["stock.move"].search_fetch(
            Domain("state", "=", "done")
            & (
                Domain("sale_line_id", "in", order_lines.ids)
                | Domain("picking_id", "in", pickings.ids)
            ),
            self._get_move_fields(),
        )
        move_lines = env["stock.move.line"].search_fetch(
            [("move_id", "in", moves.ids), ("lot_id", "!=", False)],
            ["move_id", "lot_id", "picking_id", "product_id", "quantity_product_uom"],
        )
        return {
            "order_lines": order_lines.grouped("order_id"),
            "moves": moves,
            "move_lines": move_lines.grouped("move_id"),
            "lots": env["stock.lot"],
        }

    @api.model
    def _get_move_fields(self):
        """The columns of stock.move that are read, here and in the look-up."""
        return [
            "sale_line_id",
            "picking_id",
            "product_id",
            "quantity",
            "product_uom",
            "date",
            "location_id",
            "location_dest_id",
            "company_id",
        ]

    def _get_match_moves(self, match, goods):
        moves = goods["moves"]
        if match.kind == DELIVERY:
            return moves.filtered(lambda move: move.picking_id == match.record)
        sale_lines = match.orders.order_line
        if match.kind == INVOICE:
            sale_lines = match.record.line_ids.sale_line_ids
        return moves.filtered(lambda move: move.sale_line_id in sale_lines)

    def _group_moves(self, match, moves, goods):
        """Return [(order line, its moves), ...] of a document, goods only."""
        env = self.sudo().env  # sudo: see the class
        empty = env["stock.move"]
        groups = []
        if match.kind != DELIVERY:
            if match.kind == INVOICE:
                lines = match.record.line_ids.sale_line_ids
                lines = lines.filtered(lambda line: not line.display_type)
            else:
                lines = goods["order_lines"].get(match.record, env["sale.order.line"])
            by_line = moves.grouped("sale_line_id")
            groups = [
                (line, by_line.get(line, empty))
                for line in lines
                if line.product_id.type != "service" and not line._is_delivery()
            ]
            return groups
        for (line, _product), found in moves.grouped(
            lambda move: (move.sale_line_id, move.product_id)
        ).items():
            groups.append((line, found))
        return groups

    @api.model
    def _get_product(self, sale_line, moves):
        return moves.product_id[:1] or sale_line.product_id

    def _prepare_goods_vals(self, sale_line, moves, goods, notes):
        """Hook: return the line values of one order line and its done moves."""
        product = self._get_product(sale_line, moves)
        sent = moves.filtered(lambda move: move.location_dest_id.usage == "customer")
        vals = {
            "sale_order_id": sale_line.order_id.id,
            "sale_line_id": sale_line.id,
            "product_id": product.id,
            "uom_id": product.uom_id.id,
            "delivered_qty": sum(self._get_signed_quantity(move) for move in moves),
            "delivered_date": self._get_local_date(sent),
            "move_id": sent.id if len(sent) == 1 else False,
            "picking_id": sent.picking_id.id if len(sent.picking_id) == 1 else False,
        }
        lots = goods["lots"].union(
            *[
                goods["move_lines"][move].lot_id
                for move in sent
                if move in goods["move_lines"]
            ]
        )
        if len(lots) == 1:
            vals["lot_id"] = lots.id
        elif lots:
            notes.append(
                self.env._(
                    "%(product)s was delivered with %(count)s lots or serial numbers; "
                    "choose the one concerned.",
                    product=product.display_name,
                    count=len(lots),
                )
            )
        return vals

    def _prepare_lot_vals(self, matches, named_orders):
        """Return (line values, notes) of lots; serial numbers of one delivery and
        product share a line."""
        groups, notes = {}, []
        for match in matches:
            lines = self._get_lot_lines(match, named_orders)
            moves = lines.move_id
            if len(moves) > 1:
                notes.append(
                    self.env._(
                        "%(lot)s was delivered %(count)s times; choose the delivery.",
                        lot=match.record.name,
                        count=len(moves),
                    )
                )
            key = (match.record.product_id, moves if len(moves) == 1 else match.record)
            groups.setdefault(key, []).append((match, lines))
        result = []
        for (product, _key), found in groups.items():
            if product.tracking != "serial":
                result += [self._prepare_one_lot_vals(product, [one]) for one in found]
            else:
                result.append(self._prepare_one_lot_vals(product, found))
        return result, notes

    def _prepare_one_lot_vals(self, product, found):
        lots = [match.record for match, _lines in found]
        lines = found[0][1].union(*[lines for _match, lines in found])
        move = lines.move_id
        vals = {
            "product_id": product.id,
            "uom_id": product.uom_id.id,
            "lot_id": lots[0].id if len(lots) == 1 else False,
            "serials": "\n".join(lot.name for lot in lots)
            if product.tracking == "serial"
            else False,
            "sale_order_id": False,
        }
        if len(move) == 1:
            vals.update(
                move_id=move.id,
                picking_id=move.picking_id.id,
                sale_line_id=move.sale_line_id.id,
                sale_order_id=move.sale_line_id.order_id.id,
                delivered_qty=sum(lines.mapped("quantity_product_uom")),
                delivered_date=self._get_local_date(move),
            )
        elif len(move.sale_line_id.order_id) == 1:
            vals["sale_order_id"] = move.sale_line_id.order_id.id
        vals.update(self._prepare_evidence_vals([match for match, _lines in found]))
        return vals

    @api.model
    def _get_lot_lines(self, match, named_orders):
        """The delivered move lines of a lot, those of the orders of the mail first."""
        named = match.deliveries.filtered(
            lambda line: line.move_id.sale_line_id.order_id.id in named_orders.ids
        )
        return named or match.deliveries

    def _prepare_bare_vals(self, match):
        order = match.orders if len(match.orders) == 1 else match.orders[:0]
        return {
            "sale_order_id": order.id,
            "picking_id": match.record.id if match.kind == DELIVERY else False,
            "invoice_id": match.record.id if match.kind == INVOICE else False,
        }

    @api.model
    def _get_signed_quantity(self, move):
        quantity = move.product_uom._compute_quantity(
            move.quantity, move.product_id.uom_id, rounding_method="HALF-UP"
        )
        if move.location_dest_id.usage == "customer":
            return quantity
        return -quantity if move.location_id.usage == "customer" else 0.0

    @api.model
    def _get_local_date(self, moves):
        """The last day of delivery, in the company's time zone."""
        if not moves:
            return False
        zone = ZoneInfo(moves[0].company_id.complaint_tz or "UTC")
        last = max(moves.mapped("date")).replace(tzinfo=timezone.utc)
        return last.astimezone(zone).date()

    # ------------------------------------------------------------------
    # Evidence
    # ------------------------------------------------------------------

    def _prepare_evidence_vals(self, matches):
        tokens = [token for match in matches for token in match.tokens]
        places = dict.fromkeys(map(self._get_place_label, tokens))
        return {
            "is_proposed": True,
            "matched_text": ", ".join(dict.fromkeys(t.text for t in tokens)),
            "matched_in": ", ".join(places),
        }

    def _add_evidence(self, vals, match):
        if match.kind == INVOICE:
            vals["invoice_id"] = match.record.id
        new = self._prepare_evidence_vals([match])
        for name in ("matched_text", "matched_in"):
            parts = f"{vals.get(name) or ''}, {new[name]}".split(", ")
            vals[name] = ", ".join(dict.fromkeys(filter(None, parts)))
        vals["is_proposed"] = True

    def _get_place_label(self, token):
        if token.level:
            return self.env._("quoted text")
        return {
            "subject": self.env._("subject"),
            "body": self.env._("body"),
            "attachment": self.env._("attachment name"),
            "typed": self.env._("typed"),
        }.get(token.place, token.place)
