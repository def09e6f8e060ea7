# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import ast
import logging
from dataclasses import dataclass

from psycopg2 import DatabaseError

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..kernel.routing import Condition, Rule, find_all, parse_keywords
from .complaint_ticket_selection import ticket_selection

_logger = logging.getLogger(__name__)

_ANY = [("any", "Any"), ("yes", "Yes"), ("no", "No")]
# conditions by their type; cheap ones are asked first
_CHOICES = ("nature", "cause_class", "severity", "customer_class", "customer_kind")
_FLAGS = ("is_overseas", "is_out_of_province", "is_repeat")
_RECORDS = (
    "category_ids",
    "channel_ids",
    "product_categ_ids",
    "partner_category_ids",
    "country_ids",
    "state_ids",
)


@dataclass(frozen=True)
class CompiledRules:
    """Rules of a company for the kernel, their domains, and the facts they need."""

    rules: tuple
    domains: dict
    names: frozenset


class ComplaintRoutingRule(models.Model):
    """Which department, team and person complaints of some kind go to (R180, R181).

    The first rule by sequence whose conditions all hold decides, and says why.
    Presets only serve as models.
    """

    _name = "complaint.routing.rule"
    _description = "Complaint Routing Rule"
    _inherit = ["complaint.preset.mixin", "complaint.routing.result.mixin"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(
        required=True, translate=True, help="What it is about, e.g. Delivery topics."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        help="Leave empty to use it in every company; it can then only name roles.",
    )
    preset_origin_id = fields.Many2one(
        "complaint.routing.rule",
        string="Loaded from",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    note = fields.Text(translate=True)

    # Conditions
    category_ids = fields.Many2many(
        "helpdesk.ticket.category",
        "complaint_routing_rule_category_rel",
        "rule_id",
        "category_id",
        string="Category",
        help="One of these or below them.",
    )
    nature = fields.Selection(selection=ticket_selection("complaint_nature"))
    cause_class = fields.Selection(selection=ticket_selection("complaint_cause_class"))
    severity = fields.Selection(selection=ticket_selection("complaint_severity"))
    channel_ids = fields.Many2many(
        "helpdesk.ticket.channel",
        "complaint_routing_rule_channel_rel",
        "rule_id",
        "channel_id",
        string="Channel",
    )
    product_categ_ids = fields.Many2many(
        "product.category",
        "complaint_routing_rule_product_categ_rel",
        "rule_id",
        "categ_id",
        string="Product Category",
        help="The goods of at least one line belong to one of these or below them.",
    )
    customer_class = fields.Selection(
        selection=lambda self: self.env["res.partner"]
        ._fields["complaint_class"]
        ._description_selection(self.env)
    )
    customer_kind = fields.Selection(
        [("company", "Company"), ("person", "Private person")], string="Customer Type"
    )
    partner_category_ids = fields.Many2many(
        "res.partner.category",
        "complaint_routing_rule_partner_category_rel",
        "rule_id",
        "category_id",
        string="Customer Tag",
        help="The contact or his company has one of these or one below them.",
    )
    country_ids = fields.Many2many(
        "res.country",
        "complaint_routing_rule_country_rel",
        "rule_id",
        "country_id",
        string="Country",
    )
    state_ids = fields.Many2many(
        "res.country.state",
        "complaint_routing_rule_state_rel",
        "rule_id",
        "state_id",
        string="State or Province",
    )
    is_overseas = fields.Selection(
        _ANY, string="Overseas", required=True, default="any"
    )
    is_out_of_province = fields.Selection(
        _ANY, string="Out of Province", required=True, default="any"
    )
    is_repeat = fields.Selection(
        _ANY, string="Repeat Complaint", required=True, default="any"
    )
    keywords = fields.Char(
        help="One of these words stands in title or content; separated by commas. "
        "Chinese or English, large or small letters, full or half width. English "
        "words count as whole words, a star stands for any ending: delay*"
    )
    domain = fields.Char(
        string="Expert Condition",
        help="A domain on the complaint, in addition to the other conditions.",
    )

    summary = fields.Text(compute="_compute_summary")

    @api.depends(lambda self: self._get_summary_depends())
    @api.depends_context("lang")
    def _compute_summary(self):
        for rule in self:
            conditions = [
                self.env._(
                    "%(condition)s is %(values)s",
                    condition=rule._get_label(condition.name),
                    values=self.env._(" or ").join(
                        rule._get_value_name(condition.name, value)
                        for value in condition.wanted
                    ),
                )
                for condition in rule._get_conditions()
            ]
            if rule._parse_domain():
                conditions.append(self.env._("the expert condition holds"))
            rule.summary = self.env._(
                "If %(conditions)s: %(results)s.",
                conditions=self.env._(" and ").join(conditions)
                or self.env._("no rule above it holds"),
                results="; ".join(rule._get_result_texts())
                or self.env._("nothing is chosen"),
            )

    @api.constrains("keywords")
    def _check_keywords(self):
        for rule in self:
            if (rule.keywords or "").strip() and not parse_keywords(rule.keywords):
                raise ValidationError(
                    self.env._(
                        "%(rule)s: the keywords contain no word. Enter words separated "
                        "by commas, or leave them empty.",
                        rule=rule.name,
                    )
                )

    @api.constrains("domain")
    def _check_domain(self):
        tickets = self.env["helpdesk.ticket"]
        for rule in self:
            try:
                domain = rule._parse_domain()
                Domain(domain).validate(tickets)
                tickets.new({}).filtered_domain(domain)
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: the expert condition cannot be read (%(error)s). "
                        "Enter a list such as [('priority', '=', '3')] that names "
                        "fields of the complaint.",
                        rule=rule.name,
                        error=error,
                    )
                ) from error

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        self.env.registry.clear_cache()
        return rules

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for rule, vals in zip(self, vals_list, strict=True):
            if "name" not in (default or {}):
                vals["name"] = self.env._("%(rule)s (copy)", rule=rule.name)
        return vals_list

    def action_dry_run(self):
        """Try these rules together with the active ones on the last complaints."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_mgmt_complaint.complaint_routing_dry_run_action"
        )
        action["context"] = {
            "default_rule_ids": [fields.Command.set(self.ids)],
            "default_company_id": (self[:1].company_id or self.env.company).id,
        }
        return action

    def _prepare_preset_copy_vals(self, company):
        """A loaded rule names the procedure and policy that its company loaded."""
        vals = super()._prepare_preset_copy_vals(company)
        for name in ("procedure_id", "sla_policy_id"):
            master = self[name]
            if master.is_preset:
                loaded = master._get_loaded(company)
                vals[name] = loaded.get(master, master.browse()).id
        return vals

    # ------------------------------------------------------------------
    # Conditions
    # ------------------------------------------------------------------

    def _get_conditions(self):
        """Hook: return the conditions of this rule as the kernel reads them."""
        self.ensure_one()
        found = [Condition(name, (self[name],)) for name in _CHOICES if self[name]]
        found += [
            Condition(name, (self[name] == "yes",))
            for name in _FLAGS
            if self[name] != "any"
        ]
        found += [
            Condition(name, tuple(self[name].ids)) for name in _RECORDS if self[name]
        ]
        words = parse_keywords(self.keywords)
        if words:
            found.append(Condition("keywords", words, is_text=True))
        return tuple(found)

    def _parse_domain(self):
        """Return the expert condition as list.

        :raise ValueError: it is no list of conditions
        """
        self.ensure_one()
        domain = ast.literal_eval((self.domain or "").strip() or "[]")
        if not isinstance(domain, list):
            raise ValueError(self.domain)
        return domain

    def _get_label(self, name):
        return self._fields[name]._description_string(self.env)

    def _get_value_name(self, name, value):
        """Return a value of a condition in words."""
        field = self._fields[name]
        if field.type == "many2many":
            # sudo: names of master data, in the reason that stands on the complaint
            return self.env[field.comodel_name].sudo().browse(value).display_name
        if isinstance(value, bool):
            value = "yes" if value else "no"
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        return self.env._("“%(word)s”", word=value)

    def _get_because_text(self, because):
        """Return in words why this rule holds.

        :param because: ``((condition, value), ...)`` of the kernel
        """
        self.ensure_one()
        texts = [
            f"{self._get_label(name)} = {self._get_value_name(name, value)}"
            for name, value in because
        ]
        if self._parse_domain():
            texts.append(self.env._("the expert condition holds"))
        return self.env._(" and ").join(texts) or self.env._(
            "it holds for all that no rule before it takes"
        )

    def _get_summary_depends(self):
        """Hook: fields that the summary shows."""
        return [
            *_CHOICES,
            *_FLAGS,
            *_RECORDS,
            "keywords",
            "domain",
            *self._get_result_depends(),
        ]

    # ------------------------------------------------------------------
    # Matching
    # ------------------------------------------------------------------

    @api.model
    @tools.ormcache("company_id")
    def _get_compiled(self, company_id):
        """Return the `CompiledRules` in force in a company."""
        # sudo: rules hold for complaints of users who may not read them, and the
        # cache must not depend on a user
        rules = self.sudo().with_context(active_test=True, lang=None)
        return rules.search(
            [("is_preset", "=", False), ("company_id", "in", [False, company_id])]
        )._compile()

    def _compile(self):
        compiled = tuple(Rule(rule.id, rule._get_conditions()) for rule in self)
        return CompiledRules(
            compiled,
            {rule.id: domain for rule in self if (domain := rule._parse_domain())},
            frozenset(
                condition.name for rule in compiled for condition in rule.conditions
            ),
        )

    @api.model
    def _match(self, tickets, rules=None):
        """Return ``{ticket: (rule, because)}``; tickets without rule are left out.

        In memory: the number of queries depends neither on that of the rules nor,
        within one prefetch, on that of the tickets.

        :param tickets: `helpdesk.ticket`, also new ones that are not saved
        :param rules: only these, in their order; default those in force
        """
        result = {}
        # sudo: whoever registers a complaint need not read rules nor terms
        for company, group in tickets.sudo().grouped("company_id").items():
            compiled = rules._compile() if rules else self._get_compiled(company.id)
            found = find_all(
                compiled.rules,
                {t: t._complaint_get_routing_facts(compiled.names) for t in group},
                lambda rule, keys, compiled=compiled: self._filter_by_domain(
                    rule, keys, compiled.domains
                ),
            )
            for ticket, (rule, because) in found.items():
                result[ticket.with_env(tickets.env)] = (self.browse(rule.key), because)
        return result

    @api.model
    def _filter_by_domain(self, rule, tickets, domains):
        if rule.key not in domains:
            return tickets
        try:
            return list(tickets[0].union(*tickets).filtered_domain(domains[rule.key]))
        except DatabaseError:
            # the transaction is broken, nothing can be saved any more
            raise
        except Exception:
            # a field may be gone with its addon: the complaint must be registered
            _logger.warning("Routing rule %s cannot be read", rule.key, exc_info=True)
            return []
