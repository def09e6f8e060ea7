import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

const FORM = ".o_form_view";
const MODAL = ".modal .o_form_view";
const tours = registry.category("web_tour.tours");

const openApp = () => [
    stepUtils.showAppsMenuItem(),
    {
        content: "Open the complaint app",
        trigger:
            '.o_app[data-menu-xmlid="helpdesk_mgmt_complaint.complaint_root_menu"]',
        run: "click",
    },
];

const openTask = () => [
    {
        content: "Open the one task that waits for my department",
        trigger: ".o_list_view .o_data_row .o_data_cell[name=number]",
        run: "click",
    },
    {
        content: "Take it over",
        trigger: `${FORM} button[name=action_accept]:enabled`,
        run: "click",
    },
    {
        content: "It is mine now",
        trigger: `${FORM} .o_field_widget[name=accepted_by_id]`,
    },
];

const finishTask = () => [
    {
        content: "Finish",
        trigger: `${FORM} button[name=action_done].btn-primary:enabled`,
        run: "click",
    },
    {
        content: "The task is done",
        trigger: `${FORM} .o_field_widget[name=done_by_id]`,
    },
];

tours.add("complaint_workflow_register", {
    steps: () => [
        ...openApp(),
        {
            content: "Register a complaint",
            trigger: ".o_complaint_today_new",
            run: "click",
        },
        {
            content: "The customer's order number brings customer and goods",
            trigger: `${FORM} .o_field_widget[name=complaint_reference_input] input`,
            run: "edit PO-88213 && press Tab",
        },
        {
            trigger: `${FORM} .o_field_widget[name=complaint_line_ids] .o_data_row:contains(6204)`,
        },
        {
            trigger: `${FORM} .o_field_widget[name=partner_id] input:value(Meyer)`,
        },
        {
            content: "Write what the customer says",
            trigger: `${FORM} .o_field_widget[name=complaint_content] textarea`,
            run: "edit Cages break after two weeks",
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
        ...stepUtils.saveForm(),
        {
            content: "The opinion of business goes with it",
            trigger: `${FORM} .nav-link[name=opinions]`,
            run: "click",
        },
        {
            trigger: `${FORM} .o_field_widget[name=complaint_opinion_ids] .o_field_x2many_list_row_add a`,
            run: "click",
        },
        {
            trigger: `${MODAL} .o_field_widget[name=text] textarea`,
            run: "edit Good customer, wants an exchange of 12 pieces",
        },
        {
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            trigger: `${FORM} .o_field_widget[name=complaint_opinion_ids] .o_data_row:contains(exchange of 12)`,
        },
        ...stepUtils.saveForm(),
        {
            content: "Sign it",
            trigger: `${FORM} .o_field_widget[name=complaint_opinion_ids] .o_data_row button[name=action_sign]:enabled`,
            run: "click",
        },
        {
            content: "My name stands below it",
            trigger: `${FORM} .o_field_widget[name=complaint_opinion_ids] .o_data_row:not(:has(button[name=action_sign]))`,
        },
    ],
});

tours.add("complaint_workflow_accept", {
    steps: () => [
        {
            content: "Accept",
            trigger: `${FORM} button[name=action_complaint_accept]:enabled`,
            run: "click",
        },
        {
            content: "The official number was given",
            trigger: `${FORM} h1 .o_field_widget[name=complaint_number]:contains(/^\\d{6}$/)`,
        },
        {
            content: "Quality has its task",
            trigger: `${FORM} .o_field_widget[name=complaint_route] li[data-step=cause].o_complaint_step_now`,
        },
    ],
});

tours.add("complaint_workflow_opinion", {
    steps: () => [
        ...openTask(),
        {
            content: "The bar of buttons offers what the step wants",
            trigger: `${FORM} button[name=action_write_opinion]:enabled`,
            run: "click",
        },
        {
            trigger: `${MODAL} .o_field_widget[name=text] textarea`,
            run: "edit Looked at it thoroughly, see the measurements",
        },
        {
            content: "Sign at once",
            trigger: ".modal button[name=action_sign]:enabled",
            run: "click",
        },
        {
            content: "The opinion belongs to the task",
            trigger: "body:not(:has(.modal))",
        },
        ...finishTask(),
    ],
});

tours.add("complaint_workflow_close", {
    steps: () => [
        ...openTask(),
        {
            content: "This step wants a result",
            trigger: `${FORM} .o_field_widget[name=result] textarea`,
            run: "edit Signed off, five copies",
        },
        ...finishTask(),
        {
            content: "Go to the complaint",
            trigger: `${FORM} button[name=action_open_ticket]`,
            run: "click",
        },
        {
            content: "Close",
            trigger: `${FORM} button[name=action_complaint_close]:enabled`,
            run: "click",
        },
        {
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "Closed",
            trigger: `${FORM} button[name=action_complaint_reopen]:enabled`,
        },
    ],
});
