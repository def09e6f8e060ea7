# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from markupsafe import Markup

from odoo import api, fields, models

from ..kernel.genealogy import build_tree, get_shown

# entries of a tree; more cannot be taken in by a person, and would slow the form down
_SHOWN = 200
# deeper levels and longer branches are folded
_OPEN_LEVELS = 3
_OPEN_CHILDREN = 20


class ComplaintScopeTreeMixin(models.AbstractModel):
    """The genealogy of the lots as nested lists that a person can look at (R366)."""

    _name = "complaint.scope.tree.mixin"
    _description = "Tree of the Affected Scope"

    genealogy_html = fields.Html(
        string="Genealogy", compute="_compute_genealogy_html", sanitize=False
    )

    @api.depends("computed_at")
    def _compute_genealogy_html(self):
        for scope in self:
            scope.genealogy_html = scope._get_genealogy_html()

    def _get_genealogy_html(self):
        """Return the trees as HTML, made and escaped by the server."""
        if not self._origin.computed_at:
            return False
        scope = self._origin
        roles = scope._get_tree_lots()
        lot_ids = [lot_id for ids in roles.values() for lot_id in ids]
        lots = self.env["stock.lot"].browse(lot_ids)
        edges = scope._query_edges(lots, scope._get_companies())
        titles = {
            "self": self.env._("Suspect lots and what they became"),
            "upstream": self.env._("What they were made of"),
            "sister": self.env._("Lots that share a component"),
        }
        trees = {
            key: build_tree(*part, _SHOWN)
            for key, part in self._get_tree_parts(roles, edges).items()
        }
        names = scope._get_tree_names(set().union(*map(get_shown, trees.values())))
        sections = [
            Markup("<h4>%s</h4><ul>%s</ul>")
            % (
                titles[key],
                Markup().join(scope._get_entry_html(e, names, roles, 0) for e in tree),
            )
            for key, tree in trees.items()
            if tree
        ]
        return Markup('<div class="o_complaint_tree">%s</div>') % Markup().join(
            sections
        )

    def _get_tree_lots(self):
        """Return ``{role: [lot id]}`` of the rows; one query."""
        roles = {}
        for lot, role in self.env["complaint.scope.line"]._read_group(
            [("scope_id", "=", self.id), ("lot_id", "!=", False)],
            ["lot_id", "lot_role"],
        ):
            roles.setdefault(role, []).append(lot.id)
        return roles

    @api.model
    def _get_tree_parts(self, roles, edges):
        """Return ``{role: (roots, edges)}``: down, up, and from component to sister."""
        seeds, upstream = roles.get("self", []), roles.get("upstream", [])
        down = {*seeds, *roles.get("downstream", [])}
        sisters = set(roles.get("sister", []))
        aside = [edge for edge in edges if edge[1] in sisters]
        sources = {edge[0] for edge in aside}
        parts = {
            "self": (seeds, [edge for edge in edges if edge[1] in down]),
            "sister": ([lot for lot in upstream if lot in sources], aside),
        }
        if upstream:
            parts["upstream"] = (
                seeds,
                [(made, used, qty) for used, made, qty in edges if used not in sisters],
            )
        return parts

    def _get_tree_names(self, lot_ids):
        """Return ``{lot id: (lot, product, unit, quantity on hand)}`` of shown lots."""
        # sudo: names only, of lots in rows that the user may read
        lots = self.env["stock.lot"].sudo().browse(lot_ids)
        on_hand = dict(
            self.env["complaint.scope.line"]._read_group(
                [
                    ("scope_id", "=", self.id),
                    ("lot_id", "in", lots.ids),
                    ("kind", "in", ["on_hand", "upstream", "sister"]),
                ],
                ["lot_id"],
                ["quantity:sum"],
            )
        )
        on_hand = {lot.id: quantity for lot, quantity in on_hand.items()}
        return {
            lot.id: (
                lot.name,
                lot.product_id.display_name,
                lot.product_id.uom_id,
                on_hand.get(lot.id, 0.0),
            )
            for lot in lots
        }

    def _get_entry_html(self, entry, names, roles, level):
        """Return one lot with what hangs on it, as list item."""
        label = self._get_entry_label(entry, names, roles)
        items = [
            self._get_entry_html(child, names, roles, level + 1)
            for child in entry["children"]
        ]
        if entry["hidden"]:
            items.append(
                Markup("<li><i>%s</i></li>")
                % self.env._(
                    "and %(count)s more lots, see the rows", count=entry["hidden"]
                )
            )
        if not items:
            return Markup("<li>%s</li>") % label
        is_open = level < _OPEN_LEVELS and len(items) <= _OPEN_CHILDREN
        return Markup(
            "<li><details%s><summary>%s</summary><ul>%s</ul></details></li>"
        ) % (Markup(" open" if is_open else ""), label, Markup().join(items))

    def _get_entry_label(self, entry, names, roles):
        """Return lot, product, what was used for it and what is left."""
        lot, product, uom, on_hand = names[entry["id"]]
        quantity = self.env["complaint.print.tools"]._format_quantity
        facts = [product]
        if entry["quantity"]:
            facts.append(
                self.env._("%(quantity)s consumed", quantity=f"{entry['quantity']:g}")
            )
        facts.append(
            self.env._("on hand: %(quantity)s", quantity=quantity(on_hand, uom) or "0")
        )
        if entry["is_repeat"]:
            facts.append(self.env._("see above"))
        style = "text-danger" if entry["id"] in roles.get("self", []) else ""
        return Markup('<b class="%s">%s</b> <span class="text-muted">%s</span>') % (
            style,
            lot,
            " · ".join(facts),
        )
