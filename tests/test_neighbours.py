# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from lxml import etree

from odoo import Command
from odoo.tests import tagged, users

from .common import ComplaintCommon


@tagged("-standard", "hmc_neighbours")
class TestNeighbours(ComplaintCommon):
    """Runs where helpdesk's other addons are installed as well."""

    def test_neighbours_are_installed(self):
        """R365: without them the other tests here would prove nothing."""
        modules = self.env["ir.module.module"].search(
            [("state", "=", "installed"), ("name", "like", "helpdesk")]
        )
        self.assertLessEqual(
            {
                "helpdesk_mgmt_sale",
                "helpdesk_product",
                "helpdesk_mgmt_sla",
                "helpdesk_mgmt_merge",
                "helpdesk_mgmtsystem_nonconformity",
            },
            set(modules.mapped("name")),
        )

    @users("complaint_register")
    def test_orders_of_the_lines_are_on_the_ticket(self):
        """R027, R365: sale_order_ids of helpdesk_mgmt_sale is filled."""
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        line = self.env["complaint.line"].create({"ticket_id": ticket.id})
        self.assertFalse(ticket.sudo().sale_order_ids)
        line.sale_order_id = self.order.id
        self.assertEqual(ticket.sudo().sale_order_ids, self.order)

    def test_no_button_twice(self):
        """R365: each form has our button once, and the neighbours' own."""
        for model, ours in (
            ("sale.order", "action_view_complaints"),
            ("product.template", "action_view_complaints"),
            ("res.partner", "action_view_complaints"),
            ("helpdesk.ticket", "action_complaint_open"),
        ):
            arch = etree.fromstring(self.env[model].get_view(view_type="form")["arch"])
            names = arch.xpath("//button/@name")
            self.assertEqual(names.count(ours), 1, model)
            tickets = [name for name in names if "ticket" in name]
            self.assertEqual(len(tickets), len(set(tickets)), model)

    @users("complaint_handler")
    def test_life_beside_sla_and_nonconformity(self):
        """No crash with a team with SLA, no calendar, no contact."""
        team = self.team.sudo()
        if "use_sla" in team._fields:
            team.use_sla = True
        ticket = self.env["helpdesk.ticket"].create(
            self._complaint_vals(
                partner_id=False, complaint_anonymous=True, team_id=team.id
            )
        )
        ticket.action_complaint_accept()
        ticket.team_id = False
        ticket.flush_recordset()
        ticket.action_complaint_close()
        self.assertEqual(ticket.complaint_phase, "closed")
        names = [name for name in ticket._fields if name.startswith("complaint_")]
        self.assertEqual(ticket.read(names)[0]["complaint_phase"], "closed")

    def test_nonconformity_of_an_8d_moves_no_ticket(self):
        """R425: helpdesk_mgmtsystem_nonconformity moves tickets with their entry."""
        stage = self.env.ref("mgmtsystem_nonconformity.stage_open")
        self.env.ref("helpdesk_mgmt_complaint.stage_closed").write(
            {"nonconformity_stage_id": stage.id}
        )
        ticket = self._create_complaint()
        before = ticket.stage_id
        eightd = (
            self.env["complaint.eightd"]
            .with_user(self.user_quality)
            .create(
                {
                    "name": "Cracks at the hook",
                    "link_ids": [Command.create({"ticket_id": ticket.id})],
                }
            )
        )
        entry = self.env["mgmtsystem.nonconformity"].search(
            [("complaint_eightd_id", "=", eightd.id)]
        )
        self.assertFalse(entry.ticket_ids)
        # sudo: past the gates, which have their own tests
        rows = eightd.discipline_ids.sudo()
        rows.filtered(lambda row: row.code == "d5").state = "done"
        eightd._sync_register()
        self.assertEqual(entry.stage_id, stage)
        self.assertEqual(ticket.stage_id, before)
        # the button of that addon has an entry of its own
        ticket.user_id = self.user_handler
        ticket.action_nonconformity_create()
        self.assertNotEqual(ticket.nonconformity_id, entry)

    @users("complaint_handler")
    def test_rating_mail_is_queued_and_sent_once(self):
        """helpdesk_mgmt_rating would send at once on every stage write."""
        stage = self.env.ref("helpdesk_mgmt_complaint.stage_accepted").sudo()
        stage.rating_mail_template_id = self.env.ref(
            "helpdesk_mgmt_rating.rating_ticket_email_template"
        )
        ticket = self.env["helpdesk.ticket"].create(self._complaint_vals())
        before = self.env["mail.mail"].sudo().search([])
        ticket.action_complaint_accept()
        ticket.stage_id = self.env.ref("helpdesk_mgmt_complaint.stage_investigation")
        ticket.stage_id = stage
        mails = self.env["mail.mail"].sudo().search([]) - before
        mails = mails.filtered(lambda m: m.res_id == ticket.id)
        self.assertEqual(mails.mapped("state"), ["outgoing"])
