# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.fields import Domain

from .complaint_dispatch_people_mixin import OPEN_STATES
from .complaint_gate_mixin import ENDED_PHASES

# how many rows the page shows of a list; the rest is one click away
_ROWS = 10
_OVERDUE = Domain("complaint_next_due_at", "<", "now")
_TODAY = Domain("complaint_next_due_at", ">=", "today") & Domain(
    "complaint_next_due_at", "<", "today +1d"
)


class ComplaintToday(models.AbstractModel):
    """What somebody sees in the morning: his, due today, overdue, waiting for whom.

    Everything is read under the record rules of the reader; nothing is stored.
    """

    _name = "complaint.today"
    _description = "Today's Complaints"
    _inherit = ["complaint.due.mixin"]

    @api.model
    @api.readonly
    def get_today(self):
        """Return what the start page shows.

        :return: ``{"cards": [card], "complaints": [row], "waiting": [row]}``; a card
            has ``code``, ``title``, ``count``, ``is_late`` and ``action``, what opens
            it; rows of complaints are in order of their due time; rows of waiting say
            for whom open tasks of one's own complaints wait
        """
        return {
            "cards": [self._read_card(*card) for card in self._get_cards()],
            "complaints": self._get_complaint_rows(),
            "waiting": self._get_waiting_rows(),
        }

    # ------------------------------------------------------------------
    # Cards
    # ------------------------------------------------------------------

    def _get_cards(self):
        """Hook: return ``(code, title, model, domain, is_late)`` of each card."""
        mine = self._get_mine_domain()
        ticket, dispatch = "helpdesk.ticket", "complaint.dispatch"
        tasks = Domain("can_answer", "=", True)
        cards = [
            ("tasks", self.env._("Waiting for Me"), dispatch, tasks, False),
            ("mine", self.env._("My Complaints"), ticket, mine, False),
            ("today", self.env._("Due Today"), ticket, mine & _TODAY, False),
            ("overdue", self.env._("Overdue"), ticket, mine & _OVERDUE, True),
        ]
        if self._is_in_group("handler"):
            drafts = self._get_open_domain() & Domain("complaint_phase", "=", "draft")
            cards.append(("drafts", self.env._("To Accept"), ticket, drafts, False))
        else:
            own = self._get_open_domain() & Domain("create_uid", "=", self.env.uid)
            cards.append(
                ("registered", self.env._("Registered by Me"), ticket, own, False)
            )
        if self._is_in_group("supervisor"):
            every = self._get_open_domain()
            late = every & _OVERDUE
            cards += [
                ("all_open", self.env._("All Open"), ticket, every, False),
                ("all_overdue", self.env._("All Overdue"), ticket, late, True),
            ]
        return cards

    def _read_card(self, code, title, model, domain, is_late):
        return {
            "code": code,
            "title": title,
            "count": self.env[model].search_count(domain),
            "is_late": is_late,
            "action": self._get_card_action(title, model, domain),
        }

    def _get_card_action(self, title, model, domain):
        if model == "helpdesk.ticket":
            return self.env[model]._get_complaint_list_action(list(domain), title)
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": model,
            "domain": list(domain),
            "views": [(False, "list"), (False, "form")],
        }

    def _get_open_domain(self):
        ended = Domain("complaint_phase", "in", list(ENDED_PHASES))
        return Domain("is_complaint", "=", True) & ~ended

    def _get_mine_domain(self):
        """Open complaints that the user handles or stays accountable for."""
        own = Domain("user_id", "=", self.env.uid)
        own |= Domain("complaint_first_contact_id", "=", self.env.uid)
        return self._get_open_domain() & own

    def _is_in_group(self, name):
        return self.env.user.has_group(
            f"helpdesk_mgmt_complaint.group_complaint_{name}"
        )

    # ------------------------------------------------------------------
    # Lists
    # ------------------------------------------------------------------

    def _get_complaint_rows(self):
        """His complaints with the next due time first; those without come last."""
        tickets = self.env["helpdesk.ticket"].search(
            self._get_mine_domain(),
            limit=_ROWS,
            order="complaint_next_due_at, id",
        )
        return [
            {
                "id": ticket.id,
                "number": ticket.complaint_number or ticket.number,
                "name": ticket.name,
                "customer": ticket.commercial_partner_id.display_name or "",
                "stage": ticket.stage_id.display_name,
                "due": ticket.complaint_next_due_text,
                "is_late": ticket.complaint_is_overdue,
            }
            for ticket in tickets
        ]

    def _get_waiting_rows(self):
        """For whom the open tasks of his complaints wait, the longest first."""
        tasks = self.env["complaint.dispatch"]
        domain = Domain("state", "in", list(OPEN_STATES))
        domain &= Domain("ticket_id", "any", self._get_mine_domain())
        domain &= Domain("can_answer", "=", False)
        groups = tasks._read_group(
            domain,
            ["to_department_id", "to_user_id"],
            ["__count", "sent_at:min"],
            order="sent_at:min",
            limit=_ROWS,
        )
        now = fields.Datetime.now()
        rows = []
        for department, user, count, since in groups:
            who = Domain("to_department_id", "=", department.id)
            who &= Domain("to_user_id", "=", user.id)
            # sudo: names of those who got a task of one's own complaint
            names = [user.sudo().name, department.sudo().name]
            name = ", ".join(part for part in names if part)
            rows.append(
                {
                    "id": f"{department.id},{user.id}",
                    "who": name,
                    "count": count,
                    "days": (now - since).days if since else 0,
                    "action": self._get_card_action(name, tasks._name, domain & who),
                }
            )
        return rows
