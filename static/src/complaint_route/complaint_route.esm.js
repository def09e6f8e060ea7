import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {useService} from "@web/core/utils/hooks";

// States differ by shape and word, not only by colour
const ICONS = {
    done: "fa-check-circle",
    now: "fa-play-circle",
    next: "fa-arrow-circle-right",
    waiting: "fa-pause-circle",
    skipped: "fa-step-forward",
    pending: "fa-circle-o",
};
const TICKET = "helpdesk.ticket";

/**
 * The steps of a complaint's procedure: what is done, in work, next or skipped.
 * Each step opens its tasks; below stand the steps that somebody has to act on.
 */
export class ComplaintRoute extends Component {
    static template = "helpdesk_mgmt_complaint.ComplaintRoute";
    static props = {...standardFieldProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    get steps() {
        return this.props.record.data[this.props.name] || [];
    }

    get openSteps() {
        return this.steps.filter(
            (step) => step.note && ["now", "next", "waiting"].includes(step.state)
        );
    }

    icon(step) {
        return ICONS[step.state];
    }

    label(step) {
        return [step.name, step.state_name, step.who].filter(Boolean).join(", ");
    }

    openTasks(step) {
        const views = [
            [false, "list"],
            [false, "form"],
        ];
        const single = step.dispatch_ids.length === 1;
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: step.name || _t("Dispatches"),
            res_model: "complaint.dispatch",
            ...(single
                ? {res_id: step.dispatch_ids[0], views: [[false, "form"]]}
                : {domain: [["id", "in", step.dispatch_ids]], views}),
            target: "current",
        });
    }

    start(step) {
        return this.call("action_complaint_next_step", [step.step_id]);
    }

    skip(step) {
        return this.call("action_complaint_skip_step", [false, step.step_id]);
    }

    async call(method, args) {
        const record = this.props.record;
        if (!(await record.save())) {
            return;
        }
        const result = await this.orm.call(TICKET, method, [[record.resId], ...args]);
        if (result && result.type) {
            await this.action.doAction(result, {onClose: () => record.load()});
        } else {
            await record.load();
        }
    }
}

export const complaintRoute = {
    component: ComplaintRoute,
    displayName: _t("Complaint Steps"),
    supportedTypes: ["json"],
};

registry.category("fields").add("complaint_route", complaintRoute);
