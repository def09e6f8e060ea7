import {Component, onWillStart, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {Layout} from "@web/search/layout";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useService} from "@web/core/utils/hooks";

/**
 * The start page: what is mine, due today, overdue, and for whom my complaints wait.
 */
export class ComplaintToday extends Component {
    static template = "helpdesk_mgmt_complaint.ComplaintToday";
    static components = {Layout};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({cards: [], complaints: [], waiting: []});
        this.display = {controlPanel: {}};
        this.env.config.setDisplayName(_t("Today"));
        onWillStart(() => this.load());
    }

    async load() {
        Object.assign(this.state, await this.orm.call("complaint.today", "get_today", []));
    }

    open(action) {
        return this.action.doAction(action);
    }

    openComplaint(row) {
        const list = this.state.cards.find((card) => card.code === "mine").action;
        const form = list.views.find((view) => view[1] === "form");
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "helpdesk.ticket",
            res_id: row.id,
            views: [form || [false, "form"]],
        });
    }

    register() {
        return this.action.doAction("helpdesk_mgmt_complaint.complaint_action", {
            viewType: "form",
        });
    }
}

registry.category("actions").add("complaint_today", ComplaintToday);
