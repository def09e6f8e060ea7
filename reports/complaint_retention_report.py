# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models
from odoo.tools import SQL


class ComplaintRetentionReport(models.Model):
    """Until when the forms of an ended complaint are kept (R285, R506, R514).

    One row per complaint and form of its procedure, or one for the procedure when
    it has no forms. The rule is that of the company's own form, else of the form,
    else of the procedure; without any there is no row. Days are those of the
    company's zone.
    """

    _name = "complaint.retention.report"
    _description = "Retention of Complaint Forms"
    _auto = False
    _rec_name = "ticket_id"
    _order = "date_until, id"
    _depends = {
        "complaint.event": ["ticket_id", "code", "at", "corrects_id"],
        "complaint.form": [
            "active",
            "code",
            "company_id",
            "retention_years",
            "retention_start",
            "retention_place",
            "retention_department_id",
        ],
        "complaint.procedure": [
            "form_ids",
            "retention_years",
            "retention_start",
            "retention_place",
            "retention_department_id",
        ],
        "helpdesk.ticket": [
            "is_complaint",
            "company_id",
            "complaint_phase",
            "complaint_procedure_id",
            "complaint_legal_hold",
            "complaint_anonymised_at",
        ],
        "res.company": ["complaint_tz"],
    }

    ticket_id = fields.Many2one("helpdesk.ticket", string="Complaint", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    procedure_id = fields.Many2one("complaint.procedure", readonly=True)
    form_id = fields.Many2one("complaint.form", readonly=True)
    years = fields.Integer(string="Years Kept", readonly=True, aggregator=None)
    start_kind = fields.Selection(
        selection=lambda self: (
            self.env["complaint.form"]
            ._fields["retention_start"]
            ._description_selection(self.env)
        ),
        string="Retention Starts at",
        readonly=True,
    )
    date_start = fields.Date(string="Kept from", readonly=True)
    date_until = fields.Date(string="Kept until", readonly=True)
    place = fields.Char(string="Kept at", readonly=True)
    department_id = fields.Many2one("hr.department", string="Kept by", readonly=True)
    legal_hold = fields.Boolean(readonly=True)
    anonymised_at = fields.Datetime(string="Anonymised on", readonly=True)

    def action_anonymise(self):
        """Ask whether the persons of these complaints are anonymised."""
        return self.ticket_id._get_complaint_retention_dialog("anonymise")

    @property
    def _table_query(self):
        return SQL(
            """SELECT ticket.id::bigint * 100000 + COALESCE(form.id, 0) AS id,
                      ticket.id AS ticket_id,
                      ticket.company_id,
                      procedure.id AS procedure_id,
                      form.id AS form_id,
                      rule.years,
                      rule.start_kind,
                      rule.place,
                      rule.department_id,
                      begun.day AS date_start,
                      (begun.day + rule.years * INTERVAL '1 year')::date AS date_until,
                      COALESCE(ticket.complaint_legal_hold, FALSE) AS legal_hold,
                      ticket.complaint_anonymised_at AS anonymised_at
                 FROM helpdesk_ticket ticket
                 JOIN res_company company ON company.id = ticket.company_id
                 JOIN complaint_procedure procedure
                   ON procedure.id = ticket.complaint_procedure_id
            LEFT JOIN complaint_procedure_form_rel rel
                   ON rel.procedure_id = procedure.id
            LEFT JOIN complaint_form shared ON shared.id = rel.form_id
            LEFT JOIN complaint_form own
                   ON own.code = shared.code
                  AND own.company_id = ticket.company_id
                  AND own.active
            LEFT JOIN complaint_form form
                   ON form.id = COALESCE(own.id, shared.id)
           CROSS JOIN LATERAL (%(rule)s) rule
           CROSS JOIN LATERAL (%(begun)s) begun
                WHERE ticket.is_complaint
                  AND ticket.complaint_phase IN ('closed', 'cancelled')
                  AND rule.years > 0
                  AND begun.day IS NOT NULL""",
            rule=self._get_rule(),
            begun=self._get_begun(),
        )

    def _get_rule(self):
        """Hook: return the rule that holds: of the form, else of the procedure."""
        return SQL(
            """SELECT form.retention_years AS years,
                      form.retention_start AS start_kind,
                      form.retention_place AS place,
                      form.retention_department_id AS department_id
                WHERE form.retention_years > 0
                UNION ALL
               SELECT procedure.retention_years,
                      procedure.retention_start,
                      COALESCE(form.retention_place, procedure.retention_place),
                      COALESCE(
                          form.retention_department_id,
                          procedure.retention_department_id
                      )
                WHERE COALESCE(form.retention_years, 0) <= 0"""
        )

    def _get_begun(self):
        """Hook: return the day on which the retention begins, in the company's zone."""
        return SQL(
            """SELECT CASE rule.start_kind
                           WHEN 'year_end'
                           THEN MAKE_DATE(EXTRACT(YEAR FROM moment.day)::int, 12, 31)
                           ELSE moment.day
                      END AS day
                 FROM (SELECT (MAX(event.at) AT TIME ZONE 'UTC'
                               AT TIME ZONE COALESCE(company.complaint_tz, 'UTC')
                              )::date AS day
                         FROM complaint_event event
                        WHERE event.ticket_id = ticket.id
                          AND event.code = ANY(
                              CASE rule.start_kind
                                   WHEN 'registration' THEN ARRAY['registered']
                                   ELSE ARRAY['closed', 'cancelled']
                              END)
                          AND NOT EXISTS (
                              SELECT 1
                                FROM complaint_event correction
                               WHERE correction.corrects_id = event.id)
                      ) moment"""
        )
