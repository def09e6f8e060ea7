import {registry} from "@web/core/registry";

const FORM = ".o_form_view";
const MODAL = ".modal .o_form_view";
const tours = registry.category("web_tour.tours");

tours.add("complaint_eightd_contain", {
    steps: () => [
        {
            content: "Where is the rest of the lot?",
            trigger: `${FORM} button[name=action_complaint_scope]`,
            run: "click",
        },
        {
            content: "Some of it is in our stock",
            trigger: `${FORM} .o_field_widget[name=line_ids] .o_data_row:contains(40)`,
        },
        {
            content: "Out of reach with it",
            trigger: `${FORM} button[name=action_quarantine]:enabled`,
            run: "click",
        },
        {
            trigger: `${MODAL} .o_field_widget[name=location_dest_id] input`,
            run: "edit Quarantine",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Quarantine)",
            run: "click",
        },
        {
            trigger: `.modal button[name=action_confirm]:enabled`,
            run: "click",
        },
        {
            content: "The warehouse has its transfer",
            trigger: "body:not(:has(.modal)) .o_notification:contains(Waiting)",
        },
    ],
});

tours.add("complaint_eightd_open", {
    steps: () => [
        {
            content: "Open an 8D for the complaint",
            trigger: `${FORM} .o_form_statusbar button[name=action_complaint_eightd]:enabled`,
            run: "click",
        },
        {
            trigger: ".modal button[name=action_confirm]:enabled:contains(Open 8D)",
            run: "click",
        },
        {
            content: "Containment comes from the stock",
            trigger: `${FORM} .nav-link[name=d3]`,
            run: "click",
        },
        {
            trigger: `${FORM} button[name=action_fill_containment]:enabled`,
            run: "click",
        },
        {
            content: "What was moved stands in D3",
            trigger: `${FORM} .o_field_widget[name=containment_ids] .o_data_row:contains(40)`,
        },
    ],
});

tours.add("complaint_eightd_release", {
    steps: () => [
        {
            content: "Each customer gets his own answer",
            trigger: `${FORM} .nav-link[name=customers]`,
            run: "click",
        },
        {
            trigger: `${FORM} .o_field_widget[name=link_ids] .o_data_row button[name=action_release]:enabled`,
            run: "click",
        },
        {
            content: "Handed over in person",
            trigger: `${MODAL} .o_field_widget[name=send_mail] input`,
            run: "uncheck",
        },
        {
            trigger: ".modal button[name=action_release]:enabled",
            run: "click",
        },
        {
            content: "It is frozen, with its check sum",
            trigger: `${FORM} .o_field_widget[name=sha256]:contains(/[0-9a-f]{64}/)`,
        },
    ],
});
