# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Leave a working helpdesk behind when the addon is removed."""

from odoo.tools import SQL
from odoo.tools.safe_eval import const_eval


def uninstall_hook(env):
    """Move tickets out of our stages and drop what points to our data.

    Tickets keep their closed or open state: each goes to the first helpdesk
    stage without complaint phase that has the same closed flag. SQL, because
    the gates of the stages must not run while their module goes away.
    """
    env.cr.execute(
        SQL(
            """
            UPDATE helpdesk_ticket t
               SET stage_id = (
                   SELECT n.id
                     FROM helpdesk_ticket_stage n
                    WHERE n.complaint_phase IS NULL
                      AND n.active
                      AND COALESCE(n.closed, FALSE) = COALESCE(o.closed, FALSE)
                      AND (n.company_id IS NULL OR n.company_id = t.company_id)
                 ORDER BY EXISTS (
                              SELECT 1
                                FROM helpdesk_ticket_stage_helpdesk_ticket_team_rel r
                               WHERE r.helpdesk_ticket_stage_id = n.id
                                 AND r.helpdesk_ticket_team_id
                                     IS DISTINCT FROM t.team_id),
                          n.sequence, n.id
                    LIMIT 1)
              FROM helpdesk_ticket_stage o
             WHERE t.stage_id = o.id
               AND o.complaint_phase IS NOT NULL
            """
        )
    )
    env.cr.execute(
        SQL(
            """
            UPDATE helpdesk_ticket t
               SET channel_id = NULL
              FROM helpdesk_ticket_channel c
             WHERE t.channel_id = c.id
               AND c.complaint_code IS NOT NULL
            """
        )
    )
    _release_demo_records(env)
    _remove_turns(env)
    _remove_complaint_parts(env)
    env.invalidate_all()
    _remove_alias_defaults(env)
    _remove_saved_searches(env)
    _release_activities(env)


def _release_demo_records(env):
    """Let demo customers, orders and tickets stay, as all business records do.

    Odoo deletes what it knows by an external id of the addon. Half of the demo
    records could not be deleted (delivered goods, posted invoices, their
    customers), the other half would tear holes into them. Complaint teams go, with
    their addresses.
    """
    env.cr.execute(
        SQL(
            """
            DELETE FROM ir_model_data
             WHERE module = 'helpdesk_mgmt_complaint'
               AND model <> 'helpdesk.ticket.team'
               AND (name LIKE '%%\\_demo' OR name LIKE '%%\\_demo\\_%%')
            """
        )
    )


def _remove_turns(env):
    """Take away the counters that routing rules created for their turns."""
    rules = env["complaint.routing.rule"].with_context(active_test=False)
    rules.search([("turn_sequence_id", "!=", False)]).turn_sequence_id.unlink()


def _remove_complaint_parts(env):
    """Empty the tables that refer to our data records, which Odoo deletes one by one.

    Their own foreign keys would refuse that, although the tables go away as well.
    """
    env.cr.execute(
        SQL(
            """
            UPDATE helpdesk_ticket
               SET complaint_procedure_id = NULL, complaint_number_id = NULL,
                   complaint_sla_policy_id = NULL
            """
        )
    )
    parts = (
        "complaint_statement_correction",
        "complaint_statement",
        "complaint_form_issue",
        "complaint_escalation",
        "complaint_duty_result",
        "complaint_deadline_reaction",
        "complaint_deadline_pause",
        "complaint_deadline",
        "complaint_duty",
        "complaint_event",
        "complaint_opinion",
        "complaint_communication",
        "complaint_visit",
        "complaint_sample",
        "complaint_line",
        "complaint_intake",
        "complaint_number",
    )
    for table in parts:
        env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(table)))


def _remove_alias_defaults(env):
    """Aliases must not fill fields that no longer exist."""
    for alias in env["mail.alias"].search([("alias_defaults", "like", "complaint")]):
        defaults = const_eval(alias.alias_defaults)
        alias.alias_defaults = repr(
            {
                name: value
                for name, value in defaults.items()
                if not name.startswith(("complaint_", "is_complaint"))
            }
        )


def _remove_saved_searches(env):
    """Drop users' filters and automations that name our models or fields."""
    filters = env["ir.filters"].with_context(active_test=False)
    filters.search(
        [
            "|",
            ("model_id", "=like", "complaint.%"),
            "&",
            ("model_id", "=", "helpdesk.ticket"),
            "|",
            ("domain", "like", "complaint_"),
            ("context", "like", "complaint_"),
        ]
    ).unlink()
    # a scheduled action must go before the server action that it stands on
    crons = env["ir.cron"].with_context(active_test=False)
    crons.search([("model_id.model", "=like", "complaint.%")]).unlink()
    env["ir.actions.server"].search(
        [("model_id.model", "=like", "complaint.%")]
    ).unlink()


def _release_activities(env):
    """To-dos of our types become plain ones, those that are done as well."""
    activities = env["mail.activity"].with_context(active_test=False)
    kinds = env["ir.model.data"].search(
        [
            ("module", "=", "helpdesk_mgmt_complaint"),
            ("model", "=", "mail.activity.type"),
        ]
    )
    activities.search(
        [("activity_type_id", "in", kinds.mapped("res_id"))]
    ).activity_type_id = env.ref("mail.mail_activity_data_todo")
