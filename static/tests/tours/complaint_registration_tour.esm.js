import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

const FORM = ".o_form_view";

registry.category("web_tour.tours").add("complaint_registration", {
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
            content: "Register a complaint",
            trigger: ".o_complaint_today_new",
            run: "click",
        },
        {
            content: "Type the customer's order number first",
            trigger: `${FORM} .o_field_widget[name=complaint_reference_input] input`,
            run: "edit PO-88213 && press Tab",
        },
        {
            content: "The goods are proposed",
            trigger: `${FORM} .o_field_widget[name=complaint_line_ids] .o_data_row:contains(6204)`,
        },
        {
            content: "The customer is proposed",
            trigger: `${FORM} .o_field_widget[name=partner_id] input:value(Meyer)`,
        },
        {
            content: "Write what the customer says",
            trigger: `${FORM} .o_field_widget[name=complaint_content] textarea`,
            run: "edit Cracked cages in 12 of 500 bearings",
        },
        {
            content: "How did it arrive?",
            trigger: `${FORM} .o_field_widget[name=channel_id] input`,
            run: "edit Phone",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Phone)",
            run: "click",
        },
        {
            content: "Save",
            trigger: `${FORM} .o_form_button_save`,
            run: "click",
        },
        {
            content: "A provisional reference is shown",
            trigger: `${FORM} .o_form_saved:contains(Provisional reference), ${FORM}:contains(Provisional reference HT)`,
        },
        {
            content: "Accept",
            trigger: "button[name=action_complaint_accept]:enabled",
            run: "click",
        },
        {
            content: "The official number was given",
            trigger: `${FORM} h1 .o_field_widget[name=complaint_number]:contains(/^\\d{6}$/)`,
        },
        {
            content: "Print: choose a form",
            trigger: "button[name=action_complaint_print_form]:enabled",
            run: "click",
        },
        {
            content: "The handling form of this company is proposed",
            trigger:
                ".modal .o_field_widget[name=form_id] input:value(complaint handling form)",
        },
        {
            content: "Print it",
            trigger: ".modal button[name=action_print]:enabled",
            run: "click",
        },
        {
            content: "The paper is on its way, no error came",
            trigger: "body:not(:has(.o_error_dialog)):not(:has(.o_blockUI))",
        },
    ],
});
