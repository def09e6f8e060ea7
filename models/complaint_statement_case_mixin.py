# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models
from odoo.tools import SQL

# the opinions that state what came of a complaint, the most final first
_RESULT_KINDS = ("decision", "synthesis", "handling_opinion")


class ComplaintStatementCaseMixin(models.AbstractModel):
    """Statements with one row per complaint: cases, special report, ledger."""

    _name = "complaint.statement.case.mixin"
    _description = "Complaints of a Statement"

    # ------------------------------------------------------------------
    # Case statistics (客诉案件统计表, R073, R481, K01, K02, K05)
    # ------------------------------------------------------------------

    def _get_cases_tables(self):
        return {"base": self._get_closed_table()}

    def _get_cases_sections(self):
        """Hook: the closed complaints with responsibility, countermeasure, result."""
        columns = self._get_case_columns()
        columns |= {
            "at": self._get_local_day(SQL("base.at")),
            "liability": SQL("liable.shares"),
            "department": SQL("liable.text"),
            "amount": SQL("loss.amount"),
            # from the first acceptance, as in `complaint.report` (K33)
            "days": SQL("EXTRACT(EPOCH FROM base.at - accepted.at) / 86400"),
        }
        columns["compared"] = self._compare(
            at=columns["at"],
            customer=(SQL("customer.id"), columns["customer"]),
            item=(columns["reason"], columns["item"]),
            department=(SQL("liable.keys"), columns["department"]),
            quantity=SQL("round(COALESCE(%s, 0)::numeric, 3)", columns["quantity"]),
            amount=SQL("COALESCE(%s, 0)", columns["amount"]),
            countermeasure=columns["countermeasure"],
            result=columns["result"],
        )
        source = SQL(
            """%s LEFT JOIN LATERAL (%s) liable ON TRUE
                  LEFT JOIN LATERAL (%s) loss ON TRUE
                  LEFT JOIN LATERAL (
                       SELECT MIN(event.at) AS at FROM complaint_event event
                        WHERE event.ticket_id = ticket.id
                          AND event.code = 'accepted' AND event.at <= base.at
                          AND NOT EXISTS (SELECT FROM complaint_event correction
                                   WHERE correction.corrects_id = event.id)
                  ) accepted ON TRUE""",
            self._get_case_source(),
            self._get_liability_query(),
            self._get_loss_query(),
        )
        return {"case": (source, columns, None, SQL("base.at, ticket.id"))}

    # ------------------------------------------------------------------
    # Special report (客户投诉统计分析表, R138, R484, K17)
    # ------------------------------------------------------------------

    def _get_special_tables(self):
        return {"base": self._get_reported_table()}

    def _get_special_sections(self):
        """Hook: second, major and key-customer complaints with handling state."""
        columns = self._get_case_columns()
        flags = {
            "second": SQL("ticket.complaint_repeat_of_id IS NOT NULL"),
            "major": SQL("COALESCE(ticket.complaint_is_major, FALSE)"),
            "key": SQL("COALESCE(ticket.complaint_is_key_customer, FALSE)"),
        }
        labels = self._get_special_labels()
        reason = SQL(
            "concat_ws(', ', %s)",
            SQL(", ").join(
                SQL("CASE WHEN %s THEN %s END", flag, labels[name])
                for name, flag in flags.items()
            ),
        )
        columns |= {
            "at": self._get_local_day(SQL("base.at")),
            "reason": reason,
            "department": self._get_name("hr.department", "owner"),
        }
        columns["compared"] = self._compare(
            at=columns["at"],
            customer=(SQL("customer.id"), columns["customer"]),
            reason=(
                SQL("jsonb_build_array(%s)", SQL(", ").join(flags.values())),
                reason,
            ),
        )
        source = SQL(
            "%s WHERE %s", self._get_case_source(), SQL(" OR ").join(flags.values())
        )
        return {"case": (source, columns, None, SQL("base.at, ticket.id"))}

    @api.model
    def _get_special_labels(self):
        """Return ``{flag: text}``; the texts of a row are counted by them."""
        return {
            "second": self.env._("Second complaint"),
            "major": self.env._("Major case"),
            "key": self.env._("Key customer"),
        }

    # ------------------------------------------------------------------
    # Feedback summary and ledger (R100, R111)
    # ------------------------------------------------------------------

    def _get_feedback_tables(self):
        return {"base": self._get_reported_table()}

    def _get_feedback_sections(self):
        """Hook: counts by category with typical items, and the ledger of problems."""
        columns = self._get_case_columns()
        columns |= {
            "at": self._get_local_day(SQL("base.at")),
            "department": self._get_name("hr.department", "owner"),
        }
        columns["compared"] = self._compare(
            at=columns["at"], customer=(SQL("customer.id"), columns["customer"])
        )
        return {
            "category": self._get_feedback_counts(),
            "case": (
                self._get_case_source(),
                columns,
                None,
                SQL("base.at, ticket.id"),
            ),
        }

    def _get_feedback_counts(self):
        name = SQL(
            "COALESCE(%s, '')", self._get_name("helpdesk.ticket.category", "kind")
        )
        source = SQL(
            """base JOIN helpdesk_ticket ticket ON ticket.id = base.ticket_id
                    LEFT JOIN helpdesk_ticket_category kind
                      ON kind.id = ticket.category_id"""
        )
        count = SQL("COUNT(*)")
        columns = {
            "key": SQL("COALESCE(ticket.category_id, 0)::text"),
            "name": name,
            "case_count": count,
            "met_count": SQL(
                "COUNT(*) FILTER (WHERE ticket.complaint_phase = 'closed')"
            ),
            "missed_count": SQL(
                """COUNT(*) FILTER (
                       WHERE ticket.complaint_phase IS DISTINCT FROM 'closed')"""
            ),
            "result": SQL(
                "array_to_string((array_agg(ticket.name ORDER BY base.at))[:3], E'\\n')"
            ),
            "compared": self._compare(case_count=count),
        }
        group = SQL("ticket.category_id, %s", name)
        return source, columns, group, SQL("COUNT(*) DESC, %s", name)

    # ------------------------------------------------------------------
    # What rows of complaints have in common
    # ------------------------------------------------------------------

    def _get_case_columns(self):
        return {
            "key": SQL("ticket.id::text"),
            "case_id": SQL("ticket.id"),
            "number": SQL("COALESCE(ticket.complaint_number, ticket.number)"),
            "name": SQL("ticket.name"),
            "customer": SQL(
                """COALESCE(customer.name, ticket.complaint_complainant_organisation,
                            ticket.complaint_complainant_name)"""
            ),
            "product": SQL("goods.products"),
            "item": SQL(
                "COALESCE(goods.item, %s, '')",
                self._get_name("helpdesk.ticket.category", "category"),
            ),
            # what the item is, for counting: a defect, else a category
            "reason": SQL(
                "COALESCE('d' || goods.defect_id, 'c' || ticket.category_id)"
            ),
            "phase": self._get_label(
                "helpdesk.ticket.stage",
                "complaint_phase",
                SQL("ticket.complaint_phase"),
            ),
            "countermeasure": SQL("opinion.countermeasure"),
            "result": SQL("opinion.result"),
            "quantity": SQL("goods.quantity"),
            "case_count": SQL("1"),
        }

    def _get_case_source(self):
        """Return the tables of one row per complaint."""
        return SQL(
            """base JOIN helpdesk_ticket ticket ON ticket.id = base.ticket_id
                    LEFT JOIN res_partner contact ON contact.id = ticket.partner_id
                    LEFT JOIN res_partner customer
                      ON customer.id = contact.commercial_partner_id
                    LEFT JOIN helpdesk_ticket_category category
                      ON category.id = ticket.category_id
                    LEFT JOIN hr_department owner
                      ON owner.id = ticket.complaint_department_id
                    LEFT JOIN LATERAL (%s) goods ON TRUE
                    LEFT JOIN LATERAL (%s) opinion ON TRUE""",
            self._get_goods_query(),
            self._get_opinion_query(),
        )

    def _get_goods_query(self):
        """The item of a complaint is the defect of its first line that has one.

        Quantities are in the unit of the product, as in `complaint.report`.
        """
        defect = SQL(
            "concat_ws(' ', defect.code, %s)",
            self._get_name("complaint.defect", "defect"),
        )
        return SQL(
            """SELECT (array_agg(line.defect_id ORDER BY line.id)
                       FILTER (WHERE line.defect_id IS NOT NULL))[1] AS defect_id,
                      (array_agg(%(defect)s ORDER BY line.id)
                       FILTER (WHERE line.defect_id IS NOT NULL))[1] AS item,
                      string_agg(DISTINCT %(product)s, ', ') AS products,
                      SUM(CASE WHEN uom.id = unit.id THEN line.defective_qty
                               ELSE line.defective_qty * COALESCE(uom.factor, 1)
                                    / COALESCE(NULLIF(unit.factor, 0), 1)
                           END) AS quantity
                 FROM complaint_line line
                 LEFT JOIN complaint_defect defect ON defect.id = line.defect_id
                 LEFT JOIN product_product variant ON variant.id = line.product_id
                 LEFT JOIN product_template product
                   ON product.id = variant.product_tmpl_id
                 LEFT JOIN uom_uom uom ON uom.id = line.uom_id
                 LEFT JOIN uom_uom unit
                   ON unit.id = COALESCE(product.uom_id, line.uom_id)
                WHERE line.ticket_id = ticket.id""",
            defect=defect,
            product=self._get_name("product.template", "product"),
        )

    @api.model
    def _get_opinion_query(self):
        """Signed opinions that no newer version replaced (R448)."""
        results = SQL(", ").join(
            SQL(
                """string_agg(own.text, E'\\n' ORDER BY own.id)
                   FILTER (WHERE own.kind = %s)""",
                kind,
            )
            for kind in _RESULT_KINDS
        )
        return SQL(
            """SELECT string_agg(own.text, E'\\n' ORDER BY own.id)
                      FILTER (WHERE own.kind = 'countermeasure') AS countermeasure,
                      COALESCE(%s) AS result
                 FROM complaint_opinion own
                WHERE own.ticket_id = ticket.id AND own.signed_at IS NOT NULL
                  AND NOT EXISTS (
                      SELECT FROM complaint_opinion newer
                       WHERE newer.replaces_id = own.id
                         AND newer.signed_at IS NOT NULL)""",
            results,
        )

    def _get_liability_query(self):
        """Shares of the responsibility: for counting, to compare, to read."""
        kind = self._get_label(
            "complaint.liability", "party_kind", SQL("own.party_kind")
        )
        name = SQL(
            """CASE own.party_kind WHEN 'department' THEN %s
                    ELSE concat_ws(': ', %s, COALESCE(partner.name, own.note)) END""",
            self._get_name("hr.department", "department"),
            kind,
        )
        key = SQL(
            """concat(own.party_kind, ',',
                      COALESCE(own.department_id, own.partner_id, 0))"""
        )
        ratio = SQL("trim_scale(round(own.ratio::numeric, 2))")
        order = SQL("own.ratio DESC, own.id")
        return SQL(
            """SELECT jsonb_agg(jsonb_build_object(
                          'key', %(key)s, 'name', %(name)s, 'ratio', %(ratio)s,
                          'department_id', own.department_id) ORDER BY %(order)s
                      ) AS shares,
                      jsonb_agg(jsonb_build_array(%(key)s, %(ratio)s)
                                ORDER BY %(key)s, own.id) AS keys,
                      string_agg(%(name)s || ' ' || %(ratio)s || ' %%',
                                 E'\\n' ORDER BY %(order)s) AS text
                 FROM complaint_liability own
                 LEFT JOIN hr_department department ON department.id = own.department_id
                 LEFT JOIN res_partner partner ON partner.id = own.partner_id
                WHERE own.ticket_id = ticket.id""",
            key=key,
            name=name,
            ratio=ratio,
            order=order,
        )

    def _get_loss_query(self):
        """Hook: what a complaint cost: decided settlements, in company currency.

        At the rate of the day of the decision, so that the figure does not move. What
        was refused costs nothing, as in `complaint.report`.
        """
        currency, root = self.currency_id.id, self.company_id.root_id.id
        rates = SQL(", ").join(
            SQL(
                """COALESCE((SELECT rate.rate FROM res_currency_rate rate
                              WHERE rate.currency_id = %(currency)s
                                AND COALESCE(rate.company_id, %(root)s) = %(root)s
                              ORDER BY rate.name <= own.decided_at::date DESC,
                                       rate.company_id,
                                       CASE WHEN rate.name <= own.decided_at::date
                                            THEN own.decided_at::date - rate.name
                                            ELSE rate.name - own.decided_at::date END
                              LIMIT 1), 1)""",
                currency=column,
                root=root,
            )
            for column in (SQL("own.currency_id"), SQL("%s", currency))
        )
        return SQL(
            """SELECT round(SUM(CASE WHEN own.currency_id = %(currency)s
                                     THEN part.amount::numeric
                                     ELSE part.amount::numeric
                                          / rate.given * rate.wanted END), %(digits)s)
                      AS amount
                 FROM complaint_settlement own
                 JOIN complaint_settlement_line part
                   ON part.settlement_id = own.id AND part.kind <> 'reject'
                 LEFT JOIN LATERAL (SELECT pair[1]::numeric AS given,
                                           pair[2]::numeric AS wanted
                                      FROM (SELECT ARRAY[%(rates)s]) AS found (pair)
                           ) rate ON own.currency_id <> %(currency)s
                WHERE own.ticket_id = ticket.id AND own.state = 'decided'""",
            currency=currency,
            digits=self.currency_id.decimal_places,
            rates=rates,
        )
