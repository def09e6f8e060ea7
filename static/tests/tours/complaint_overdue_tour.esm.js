import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

const MENU = "helpdesk_mgmt_complaint.complaint_deadline";
const ROW = ".o_list_view .o_data_row:contains(Overdue tour case)";

registry.category("web_tour.tours").add("complaint_overdue", {
    url: "/odoo",
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the complaint app",
            trigger:
                '.o_app[data-menu-xmlid="helpdesk_mgmt_complaint.complaint_root_menu"]',
            run: "click",
        },
        {
            content: "Open the menu of deadlines",
            trigger: `button[data-menu-xmlid="${MENU}s_menu"]`,
            run: "click",
        },
        {
            content: "Open the overdue ones",
            trigger: `a[data-menu-xmlid="${MENU}_overdue_menu"]`,
            run: "click",
        },
        {
            content: "Select the case",
            trigger: `${ROW} .o_list_record_selector input`,
            run: "click",
        },
        {
            content: "React",
            trigger: "button[name=action_react]:enabled",
            run: "click",
        },
        {
            content: "Say what was asked",
            trigger: ".modal .o_field_widget[name=text] textarea",
            run: "edit Asked the head of service",
        },
        {
            content: "Record it",
            trigger: ".modal button[name=action_confirm]:enabled",
            run: "click",
        },
        {
            content: "The case waits for no reaction any more",
            trigger: `body:not(:has(.modal)) .o_list_view:not(:has(.o_data_row:contains(Overdue tour case)))`,
        },
    ],
});
