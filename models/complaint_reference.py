# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from collections import defaultdict
from dataclasses import dataclass, field

from odoo import api, models
from odoo.fields import Domain

from ..kernel.reference_text import reference_key, spellings
from ..kernel.reference_words import DELIVERY, INVOICE, LOT, ORDER
from ..kernel.references import Candidate, find_candidates

_KINDS = (ORDER, DELIVERY, INVOICE, LOT)
_MAX_RECORDS = 200


@dataclass(eq=False)
class Match:
    """A token and the record that carries it."""

    kind: str
    record: models.BaseModel
    token: Candidate
    by_customer: bool = False  # found under the customer's own number
    partners: models.BaseModel = None  # commercial partners it belongs to
    orders: models.BaseModel = None
    deliveries: models.BaseModel = None  # delivered move lines of a lot
    tokens: list = field(default_factory=list)  # all that name the record


class ComplaintReference(models.AbstractModel):
    """Find the order, delivery, invoice or lot that a text speaks of (R366).

    Every employee may register (R021), most of them without rights on sales or
    stock. Therefore the searches run with sudo, are limited to one company that
    the user belongs to, and only whitelisted values leave this model: names,
    goods, quantities, dates, lots and the customer, never prices.
    """

    _name = "complaint.reference"
    _description = "Complaint Reference Recogniser"
    _inherit = ["complaint.reference.line"]

    # ------------------------------------------------------------------
    # A typed reference
    # ------------------------------------------------------------------

    @api.model
    def _lookup_typed(self, text, company, partner):
        """Look up one typed number: order, customer's order, delivery, invoice, lot.

        :return: list of dicts ``kind, record, partner, line_vals, ambiguous,
            message``; several entries, all ambiguous, when several records fit
        """
        if not self._may_look_up(company):
            return []
        matches = self._find(self._typed_tokens(text), company)
        if not matches:
            tokens = [token for token in find_candidates([("typed", text, 0)])]
            matches = self._drop_fragments(self._find(tokens, company))
        matches = self._unique_records(matches)
        self._fill_context(matches, company, partner.commercial_partner_id)
        own = [match for match in matches if self._is_own(match, partner)]
        found, ambiguous = own or matches, len(own or matches) > 1
        return [
            self._prepare_typed_result(match, matches, partner, ambiguous)
            for match in found
        ]

    def _may_look_up(self, company):
        """The form sends the company: nobody looks into one he is not in."""
        user = self.env.user
        return bool(company) and (
            self.env.su or (user._is_internal() and company in user.company_ids)
        )

    @api.model
    def _typed_tokens(self, text):
        key = reference_key(text)
        if len(key) < 2:
            return []
        return [Candidate(text, key, "typed", 0, usable=True, variants=spellings(text))]

    def _prepare_typed_result(self, match, matches, partner, ambiguous):
        message = self._get_no_link_reason(match)
        customer = match.partners[:1]
        if not message and not self._is_own(match, partner):
            message = self.env._(
                "%(reference)s belongs to another customer.",
                reference=match.record.display_name,
            )
        if not message and ambiguous:
            message = self._get_ambiguous_message(match.token, matches)
        line_vals, linked = [], not message
        if linked:
            line_vals, message = self._prepare_line_vals(match)
        return {
            "kind": match.kind,
            "record": match.record.with_env(self.env),
            "partner": customer.with_env(self.env),
            "line_vals": line_vals,
            "ambiguous": not linked,
            "message": message or "",
        }

    # ------------------------------------------------------------------
    # A mail
    # ------------------------------------------------------------------

    @api.model
    def _propose(self, parts, company, commercial_partner):
        """Return what a mail speaks of, as ``{"lines": [vals], "note": str}``.

        :param parts: [(place, text, level), ...], see `find_candidates`
        :param commercial_partner: of the sender; empty when he is unknown
        """
        candidates = find_candidates(parts)
        tokens = [token for token in candidates if token.usable]
        matches = [m for m in self._find(tokens, company) if m.token.suits(m.kind)]
        matches = self._drop_fragments(matches)
        if not matches:
            return {"lines": [], "note": ""}
        self._fill_context(matches, company, commercial_partner)
        notes = []
        matches = self._keep_linkable(matches, commercial_partner, notes)
        matches = self._keep_unambiguous(matches, notes)
        matches = self._keep_fresh(matches, notes)
        mentioned = {token.key for token in candidates}
        text = "\n".join(text or "" for _place, text, _level in parts).casefold()
        lines = self._prepare_proposals(matches, mentioned, text, notes)
        return {"lines": lines, "note": "\n".join(dict.fromkeys(notes))}

    def _keep_linkable(self, matches, commercial_partner, notes):
        """Drop what belongs to somebody else or was never delivered or confirmed."""
        kept = []
        own_orders = {
            order
            for match in matches
            if not match.by_customer and self._is_own(match, commercial_partner)
            for order in match.orders
        }
        owners = {
            partner
            for match in matches
            if match.kind != LOT and not match.by_customer
            for partner in match.partners[:1]
        }
        for match in matches:
            reason = self._get_no_link_reason(match)
            if not reason and commercial_partner:
                if not self._is_own(match, commercial_partner):
                    reason = self.env._(
                        "%(text)s is a number of another customer, not linked.",
                        text=match.token.text,
                    )
            elif not reason and match.by_customer:
                if not own_orders & set(match.orders):
                    reason = self.env._(
                        "%(text)s is the order number of a customer, but the sender "
                        "is unknown; not linked.",
                        text=match.token.text,
                    )
            elif not reason and (
                len(owners) > 1 or (match.kind == LOT and len(match.partners) > 1)
            ):
                reason = self.env._(
                    "%(text)s: the sender is unknown and the numbers belong to "
                    "several customers; not linked.",
                    text=match.token.text,
                )
            if reason:
                notes.append(reason)
            else:
                kept.append(match)
        return kept

    def _keep_unambiguous(self, matches, notes):
        """Of several records under one number keep the one that others confirm."""
        by_token = defaultdict(list)
        for match in matches:
            found = by_token[match.token.key]
            if match.record not in [other.record for other in found]:
                found.append(match)
        certain = {
            order
            for found in by_token.values()
            if len(found) == 1
            for order in found[0].orders
        }
        kept = []
        for found in by_token.values():
            hinted = [match for match in found if match.token.hint == match.kind]
            confirmed = [m for m in found if certain & set(m.orders)]
            for choice in (found, hinted, confirmed):
                if len(choice) == 1:
                    kept.append(choice[0])
                    break
            else:
                notes.append(self._get_ambiguous_message(found[0].token, found))
        return self._unique_records(kept)

    def _keep_fresh(self, matches, notes):
        """What the sender wrote himself beats what he quotes."""
        if not matches:
            return matches
        best = min(match.token.level for match in matches)
        orders = {order for m in matches if m.token.level == best for order in m.orders}
        kept = []
        for match in matches:
            if match.token.level == best or orders & set(match.orders):
                kept.append(match)
            else:
                notes.append(
                    self.env._(
                        "%(text)s stands only in the quoted text; not linked.",
                        text=match.token.text,
                    )
                )
        return kept

    # ------------------------------------------------------------------
    # Looking up: one query per kind, whatever the number of tokens
    # ------------------------------------------------------------------

    @api.model
    def _find(self, tokens, company, commercial_partner=None):
        """Return the `Match` of every record that carries one of the tokens.

        :param commercial_partner: keep only what belongs to this customer
        """
        by_spelling = defaultdict(list)
        for token in tokens:
            for spelling in token.variants:
                by_spelling[spelling].append(token)
        if not by_spelling:
            return []
        matches, exact = [], set()
        values = list(by_spelling)
        for kind in _KINDS:
            for record, value, by_customer in self._search_kind(kind, values, company):
                for token in by_spelling.get(value, ()):
                    matches.append(Match(kind, record, token, by_customer))
                    if reference_key(value) == token.key:
                        exact.add(token.key)
        # "SN10024" is not the lot 10024 when there is a lot SN10024
        matches = [
            match
            for match in matches
            if match.token.key not in exact or self._is_exact(match)
        ]
        if commercial_partner:
            self._fill_context(matches, company, commercial_partner)
            matches = [m for m in matches if self._is_own(m, commercial_partner)]
        return matches

    @api.model
    def _is_exact(self, match):
        order_ref = match.kind == ORDER and match.record.client_order_ref
        names = (match.record.name, order_ref or "")
        return match.token.key in map(reference_key, names)

    def _search_kind(self, kind, values, company):
        """Yield (record, the text it was found under, whether the customer's)."""
        # sudo: see the class; the domains limit it to the company
        model = self.sudo().env
        if kind == ORDER:
            domain = Domain("name", "in", values) | Domain(
                "client_order_ref", "in", values
            )
            fnames = ["name", "client_order_ref", "state", "partner_id",
                      "partner_shipping_id"]  # fmt: skip
            domain &= Domain("company_id", "=", company.id)
            for order in model["sale.order"].search_fetch(
                domain, fnames, limit=_MAX_RECORDS
            ):
                yield order, order.name, False
                if order.client_order_ref and order.client_order_ref != order.name:
                    yield order, order.client_order_ref, True
            return
        names = Domain("name", "in", values)
        if kind == DELIVERY:
            records = model["stock.picking"].search_fetch(
                names
                & Domain("company_id", "=", company.id)
                & Domain("picking_type_id.code", "=", "outgoing"),
                ["name", "state", "partner_id", "sale_id", "date_done"],
                limit=_MAX_RECORDS,
            )
        elif kind == INVOICE:
            records = model["account.move"].search_fetch(
                names
                & Domain("company_id", "=", company.id)
                & Domain("state", "=", "posted")
                & Domain("name", "!=", "/")  # so that the unique index is used
                & Domain("move_type", "=", "out_invoice"),
                ["name", "commercial_partner_id", "move_type"],
                limit=_MAX_RECORDS,
            )
        else:
            records = model["stock.lot"].search_fetch(
                names & Domain("company_id", "in", [False, company.id]),
                ["name", "product_id"],
                limit=_MAX_RECORDS,
            )
        for record in records:
            yield record, record.name, False

    @api.model
    def _drop_fragments(self, matches):
        """A number that is part of a longer number that exists does not count."""
        kept = []
        for match in matches:
            token = match.token
            inside = any(
                other.token.place == token.place
                and other.token.level == token.level
                and other.token.start <= token.start
                and token.end <= other.token.end
                and len(other.token.key) > len(token.key)
                and other.record != match.record
                for other in matches
            )
            if not inside:
                kept.append(match)
        return kept

    @api.model
    def _unique_records(self, matches):
        """One match per record, with all its tokens, the best place first."""
        best = {}
        for match in sorted(
            matches, key=lambda m: (m.token.level, m.by_customer, -len(m.token.key))
        ):
            first = best.setdefault((match.kind, match.record.id), match)
            if match.token.level == first.token.level:
                first.tokens.append(match.token)
        return list(best.values())

    # ------------------------------------------------------------------
    # Whose is it
    # ------------------------------------------------------------------

    def _fill_context(self, matches, company, commercial_partner):
        """Fill customers and orders of all matches, a fixed number of queries."""
        env = self.sudo().env  # sudo: see the class
        lots = env["stock.lot"].union(*[m.record for m in matches if m.kind == LOT])
        deliveries = self._get_lot_deliveries(lots, company)
        for match in matches:
            record = match.record
            if match.kind == ORDER:
                match.orders = record
                partners = record.partner_id | record.partner_shipping_id
            elif match.kind == DELIVERY:
                match.orders = record.sale_id
                partners = record.sale_id.partner_id | record.partner_id
            elif match.kind == INVOICE:
                match.orders = record.line_ids.sale_line_ids.order_id
                partners = record.commercial_partner_id
            else:
                lines = deliveries.get(record, env["stock.move.line"])
                partners = env["res.partner"].union(*map(self._get_consignees, lines))
                match.deliveries = lines.filtered(
                    lambda line: not commercial_partner
                    or commercial_partner in self._get_consignees(line)
                )
                match.orders = match.deliveries.move_id.sale_line_id.order_id
            match.partners = partners.commercial_partner_id

    def _get_lot_deliveries(self, lots, company):
        """Return {lot: delivered move lines}, newest first, one query."""
        if not lots:
            return {}
        lines = (
            # sudo: see the class
            self.sudo()
            .env["stock.move.line"]
            .search_fetch(
                [
                    ("lot_id", "in", lots.ids),
                    ("state", "=", "done"),
                    ("company_id", "=", company.id),
                    ("location_dest_id.usage", "=", "customer"),
                ],
                [
                    "lot_id",
                    "move_id",
                    "picking_id",
                    "product_id",
                    "quantity_product_uom",
                ],
                order="id desc",
                limit=1000,
            )
        )
        # only the columns that are needed, here and for the lines; rows are wide
        lines.move_id.fetch(self._get_move_fields())
        lines.move_id.sale_line_id.fetch(["order_id", "product_id", "display_type"])
        lines.picking_id.fetch(["partner_id", "name", "state", "sale_id"])
        return lines.grouped("lot_id")

    @api.model
    def _get_consignees(self, move_line):
        order = move_line.move_id.sale_line_id.order_id
        partners = move_line.picking_id.partner_id | order.partner_id
        return partners.commercial_partner_id

    @api.model
    def _is_own(self, match, partner):
        """Whether it may be linked for this customer. A lot nobody got yet may."""
        customer = partner.commercial_partner_id
        if not customer or (match.kind == LOT and not match.partners):
            return True
        return customer in match.partners

    def _get_no_link_reason(self, match):
        record = match.record
        if match.kind == ORDER and record.state != "sale":
            return self.env._(
                "%(order)s is not a confirmed order; not linked.", order=record.name
            )
        if match.kind == DELIVERY and record.state != "done":
            return self.env._(
                "%(delivery)s has not been delivered; not linked.", delivery=record.name
            )
        return ""

    def _get_ambiguous_message(self, token, matches):
        names = {
            match.record.display_name
            if match.kind != LOT
            else f"{match.record.name} ({match.record.product_id.display_name})"
            for match in matches
        }
        return self.env._(
            "%(text)s fits several records: %(names)s. Please choose.",
            text=token.text,
            names=", ".join(sorted(names)),
        )
