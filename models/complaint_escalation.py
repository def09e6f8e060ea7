# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from collections import defaultdict

from markupsafe import Markup
from psycopg2.extras import Json

from odoo import Command, api, fields, models
from odoo.tools import SQL

from .complaint_batch_sql import get_insert, get_link
from .complaint_deadline_escalation_mixin import CONCURRENCY_ERRORS
from .complaint_sla_escalation import NAMED, ROLES

_logger = logging.getLogger(__name__)

_ACTIVITY_TYPES = {
    "helpdesk.ticket": "helpdesk_mgmt_complaint.mail_activity_type_escalation",
    "complaint.duty": "helpdesk_mgmt_complaint.mail_activity_type_duty",
}
_DIGEST = "helpdesk_mgmt_complaint.mail_template_escalation_digest"
_DIGEST_ROWS = 5000  # of all people together, in one transaction
_DIGEST_SHOWN = 100  # of one person; the mail says how many more there are
_PRIORITY_ROWS = 500
# relations of a row, written beside it
_PEOPLE = ("user_ids", "pending_user_ids")


class ComplaintEscalation(models.Model):
    """Level reached, who was told, how: each level once per deadline (R323).

    What still has to leave (`pending_user_ids`, `priority_pending`) is written in
    the transaction of the row itself, so a worker that dies loses and doubles
    nothing; the rest of the sweep, or the next one, does it.
    """

    _name = "complaint.escalation"
    _description = "Complaint Escalation"
    _order = "fired_at desc, id desc"
    _rec_name = "level_id"

    deadline_id = fields.Many2one(
        "complaint.deadline", required=True, ondelete="cascade"
    )
    ticket_id = fields.Many2one(
        "helpdesk.ticket", string="Complaint", ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company")
    level_id = fields.Many2one(
        "complaint.sla.escalation",
        string="Escalation Level",
        required=True,
        ondelete="restrict",
        index=True,
    )
    level = fields.Integer(required=True)
    role = fields.Selection([*ROLES, *NAMED], string="Told as")
    user_ids = fields.Many2many("res.users", string="Told")
    due_at = fields.Datetime(string="Was Due at", help="When the level was reached.")
    fired_at = fields.Datetime(string="Told at", required=True)
    by_activity = fields.Boolean(string="Activity")
    by_mail = fields.Boolean(string="E-mail")
    note = fields.Text(help="Who could not be told, and why.")
    instruction_required = fields.Boolean(string="Written Instruction Required")
    instruction_opinion_id = fields.Many2one(
        "complaint.opinion", string="Written Instruction", ondelete="restrict"
    )
    priority_pending = fields.Boolean()
    pending_user_ids = fields.Many2many(
        "res.users",
        "complaint_escalation_pending_mail_rel",
        string="Mail to be Queued for",
    )

    _level_unique = models.Constraint(
        "UNIQUE(deadline_id, level_id)",
        "This level was already reached for the deadline.",
    )
    _priority_pending_idx = models.Index("(id) WHERE priority_pending")

    # ------------------------------------------------------------------
    # In the transaction of the rows
    # ------------------------------------------------------------------

    @api.model
    def _is_heard_by_clocks(self):
        """Return whether a time limit starts or ends with an escalation (R324)."""
        lines = self.env["complaint.sla.line"]._get_kernel_lines().values()
        return any("escalated" in line[0].codes for line in lines)

    @api.model
    def _log_levels(self, vals_list):
        """Write log rows and who was told, in one statement per table.

        `create` alone would take the whole time budget of the sweep. All values
        come from the engine: columns in the same order, ids of users as lists.
        """
        rows = [
            {name: value for name, value in vals.items() if name not in _PEOPLE}
            for vals in vals_list
        ]
        returning = SQL("id, deadline_id, level_id")
        result = self.env.execute_query(get_insert(self, rows, returning))
        ids = {
            (deadline_id, level_id): row_id for row_id, deadline_id, level_id in result
        }
        for name in _PEOPLE:
            self._log_people(name, vals_list, ids)
        logged = self.browse([row_id for row_id, _deadline_id, _level_id in result])
        logged.deadline_id.invalidate_recordset(["escalation_ids"], flush=False)
        logged.ticket_id.invalidate_recordset(["complaint_escalation_ids"], flush=False)
        return logged

    @api.model
    def _log_people(self, name, vals_list, ids):
        """Write one of the relations of `_log_levels`."""
        pairs = [
            (ids[vals["deadline_id"], vals["level_id"]], user_id)
            for vals in vals_list
            for user_id in vals[name]
        ]
        if pairs:
            self.env.cr.execute(get_link(self._fields[name], pairs))

    def _tell(self):
        """Make people see these new rows: activities, followers, the event log."""
        self._schedule_activities()
        self._subscribe()
        self._log_events()

    def _schedule_activities(self):
        """One activity per complaint or duty and person, however many levels."""
        by_person = defaultdict(self.browse)
        for escalation in self.filtered("by_activity"):
            document = escalation._get_document()
            for user in escalation.user_ids if document else ():
                by_person[document, user] |= escalation
        # quick update: no mail per activity, the digest tells
        activities = self.env["mail.activity"].with_context(
            mail_activity_quick_update=True
        )
        activities.create(
            [
                {
                    "res_model_id": self.env["ir.model"]._get_id(document._name),
                    "res_id": document.id,
                    "activity_type_id": self._get_activity_type(document).id,
                    "user_id": user.id,
                    "date_deadline": fields.Date.today(),
                    "automated": True,
                    **rows.with_prefetch(self.ids)
                    .with_context(lang=user.lang, tz=user.tz)
                    ._prepare_activity_texts(),
                }
                for (document, user), rows in by_person.items()
            ]
        )

    def _get_document(self):
        """Return what an activity hangs on: the complaint or the duty, if any."""
        self.ensure_one()
        return self.ticket_id or self.deadline_id.duty_id

    @api.model
    def _get_activity_type(self, document):
        """Return the type of the activities on a kind of document."""
        return self.env.ref(_ACTIVITY_TYPES[document._name])

    def _prepare_activity_texts(self):
        """Return summary and note of an activity for these rows of a complaint."""
        names = list(dict.fromkeys(row._get_label() for row in self.deadline_id))
        lines = [row._get_text() for row in self]
        return {
            "summary": ", ".join(name for name in names if name),
            "note": Markup("<ul>%s</ul>")
            % Markup("").join(Markup("<li>%s</li>") % line for line in lines),
        }

    def _get_text(self):
        """Return one line that says what is due and who was replaced."""
        self.ensure_one()
        deadline = self.deadline_id
        text = self.env._(
            "Level %(level)s: %(name)s, due %(due)s.",
            level=self.level,
            name=deadline._get_label(),
            due=deadline._complaint_format(deadline.due_at),
        )
        if self.instruction_required:
            text = f"{text} {self.env._('A written instruction is required.')}"
        return f"{text} {self.note}" if self.note else text

    def _get_story_text(self):
        """Return who was told of this level and how, for the timeline."""
        self.ensure_one()
        ways = [
            self.by_activity and self.env._("activity"),
            self.by_mail and self.env._("e-mail"),
            self.instruction_required and self.env._("written instruction required"),
        ]
        roles = dict(self._fields["role"]._description_selection(self.env))
        text = self.env._(
            "Level %(level)s told: %(names)s (%(how)s)",
            level=self.level,
            names=", ".join(self.user_ids.mapped("name")) or "-",
            how=", ".join(filter(None, [roles.get(self.role), *ways])),
        )
        return f"{text}. {self.note}" if self.note else text

    def _subscribe(self):
        """Let those who are only mailed open the complaint they are told of."""
        by_user = defaultdict(set)
        for escalation in self.filtered(
            lambda row: row.by_mail and not row.by_activity
        ):
            for user in escalation.user_ids:
                by_user[user].add(escalation.ticket_id.id)
        for user, ticket_ids in by_user.items():
            tickets = self.env["helpdesk.ticket"].browse(filter(None, ticket_ids))
            tickets.message_subscribe(partner_ids=user.partner_id.ids)

    def _log_events(self):
        """Log one event `escalated` per complaint with all its levels."""
        tickets = self.env["helpdesk.ticket"]
        values, langs = [], {}
        for ticket, rows in self.grouped("ticket_id").items():
            if not ticket:
                continue
            company = ticket.company_id
            if company not in langs:
                langs[company] = self.with_context(lang=company.partner_id.lang).env
            rows = rows.with_env(langs[company])
            values.append(
                ticket._prepare_complaint_event_vals(
                    "escalated",
                    at=max(rows.mapped("fired_at")),
                    note="\n".join(row._get_event_text() for row in rows),
                    payload={"levels": [row._prepare_payload() for row in rows]},
                )
            )
        if not values:
            return
        if self._is_heard_by_clocks():
            tickets._complaint_create_events(values)
        else:
            # no clock needs to be asked again: the rows alone, in one statement
            self._insert_events(values)

    @api.model
    def _insert_events(self, vals_list):
        """Write prepared events of a kind that no clock listens to."""
        events = self.env["complaint.event"]
        rows = [
            {
                name: Json(value) if name == "payload" else value or None
                for name, value in vals.items()
            }
            | {"once_only": False, "scope_key": ""}
            for vals in vals_list
        ]
        self.env.cr.execute(get_insert(events, rows))
        events.browse().ticket_id.browse(
            [vals["ticket_id"] for vals in vals_list]
        ).invalidate_recordset(["complaint_event_ids"], flush=False)

    def _get_event_text(self):
        """Return the line of the event log; times are in the payload."""
        text = self.env._(
            "Level %(level)s: %(name)s.",
            level=self.level,
            name=self.deadline_id._get_label(),
        )
        return f"{text} {self.note}" if self.note else text

    def _prepare_payload(self):
        """Hook: return what the event says of one level."""
        self.ensure_one()
        deadline = self.deadline_id
        return {
            "deadline": deadline.id,
            "line": deadline.line_key,
            "level": self.level,
            "role": self.role,
            "users": self.user_ids.ids,
            "due": fields.Datetime.to_string(deadline.due_at),
        }

    # ------------------------------------------------------------------
    # Written instructions (R324)
    # ------------------------------------------------------------------

    @api.model
    def _get_pending_instructions(self, tickets):
        """Return the levels of this cycle whose written instruction is missing."""
        # sudo: a gate holds for everybody, also for who cannot read escalations
        rows = self.sudo().search(
            [
                ("ticket_id", "in", tickets._origin.ids),
                ("instruction_required", "=", True),
                ("instruction_opinion_id", "=", False),
            ]
        )
        return rows.filtered(
            lambda row: row.deadline_id.cycle == row.ticket_id.complaint_cycle
        )

    def _get_instruction_reasons(self, env):
        """Return one sentence for each of these levels, in the language of `env`."""
        return [
            env._(
                "%(deadline)s was escalated (level %(level)s): the written "
                "instruction of %(names)s is missing. It is an opinion of the kind "
                "Instruction, signed.",
                deadline=row.deadline_id._get_label(),
                level=row.level,
                names=", ".join(row._get_instructors().mapped("name"))
                or env._("the head of the department"),
            )
            for row in self
        ]

    def _get_instructors(self):
        """Hook: return who may give the instruction: who was told, and the head."""
        self.ensure_one()
        department = self.deadline_id.department_id
        users = self.user_ids | department.manager_id.user_id
        return users.filtered(lambda user: user.active and not user.share)

    @api.model
    def _take_instruction(self, opinion):
        """Note a signed instruction on the levels that it answers.

        An instruction on a dispatch answers those of this dispatch and of the
        complaint itself, one on the complaint answers all.

        :param opinion: a `complaint.opinion` that was just signed
        """
        # sudo: nobody writes escalations
        opinion = opinion.sudo()
        scopes = (False, "", opinion.dispatch_id._get_scope_key())
        for row in self._get_pending_instructions(opinion.ticket_id):
            instructors = row._get_instructors()
            is_meant = not opinion.dispatch_id or row.deadline_id.scope_key in scopes
            # where nobody of them is left, anybody who may sign helps out
            is_entitled = opinion.signed_by_id in instructors or not instructors
            if is_meant and is_entitled and opinion.signed_at >= row.fired_at:
                row.instruction_opinion_id = opinion

    # ------------------------------------------------------------------
    # After them, each in its own transaction
    # ------------------------------------------------------------------

    @api.model
    def _queue_digests(self, skip=()):
        """Queue one mail per person for all that is pending; never send it.

        :param skip: ids of rows that failed in this run
        :return: ``(number of mails, ids of rows whose mail failed)``
        """
        pending = self.search(
            [("pending_user_ids", "!=", False), ("id", "not in", list(skip))],
            limit=_DIGEST_ROWS,
            order="id",
        ).try_lock_for_update()
        by_user = defaultdict(self.browse)
        for escalation in pending:
            for user in escalation.pending_user_ids:
                by_user[user] |= escalation
        count, failed = 0, self.browse()
        for user, rows in by_user.items():
            try:
                with self.env.cr.savepoint():
                    # deleting what another worker deleted is a serialization
                    # failure: nobody gets the same mail twice
                    rows.write({"pending_user_ids": [Command.unlink(user.id)]})
                    rows.with_prefetch(pending.ids)._queue_digest(user)
                count += 1
            except CONCURRENCY_ERRORS:
                raise
            except Exception:
                _logger.warning("No escalation mail for %s", user.login, exc_info=True)
                failed |= rows
        return count, failed.ids

    def _queue_digest(self, user):
        if not user.email or not user.active:
            return
        rows = self.with_context(lang=user.lang, tz=user.tz)
        shown = rows[:_DIGEST_SHOWN]
        template = self.env.ref(_DIGEST).with_context(
            complaint_digest=[row._prepare_digest_row() for row in shown],
            complaint_digest_total=len(rows),
            complaint_digest_more=len(rows) - len(shown),
        )
        template.send_mail(user.id, force_send=False)

    def _prepare_digest_row(self):
        """Hook: return what the mail says of one level."""
        self.ensure_one()
        ticket = self.ticket_id
        document = ticket or (self.deadline_id.duty_id and self.deadline_id)
        model = "complaints" if ticket else document._name
        path = document and f"{model}/{document.id}"
        return {
            "name": ticket.display_name or self.deadline_id.name or "",
            "customer": ticket.commercial_partner_id.name or "",
            # the path of the app: this way the complaint's own form opens
            "url": f"{self.get_base_url()}/odoo/{path}" if document else "",
            "text": self._get_text(),
        }

    @api.model
    def _raise_priorities(self):
        """Raise what is pending, leaving tickets that somebody is saving.

        :return: number of complaints that are left
        """
        pending = self.search([("priority_pending", "=", True)], limit=_PRIORITY_ROWS)
        tickets = pending.ticket_id.try_lock_for_update(allow_referencing=True)
        done = pending.filtered(lambda row: row.ticket_id in tickets)
        highest = max(key for key, _label in tickets._fields["priority"].selection)
        for ticket, rows in done.grouped("ticket_id").items():
            wanted = str(min(int(ticket.priority or 0) + len(rows), int(highest)))
            if wanted != ticket.priority:
                ticket.priority = wanted
        done.priority_pending = False
        return len(pending.ticket_id - tickets)
