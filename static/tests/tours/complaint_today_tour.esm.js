import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("complaint_today", {
    steps: () => [
        {
            content: "One complaint is mine",
            trigger: ".o_complaint_today_card[data-card=mine] span:contains(1)",
        },
        {
            content: "It waits for production",
            trigger: ".o_complaint_today_lists a:contains(Production)",
            run: "click",
        },
        {
            content: "The tasks open",
            trigger: ".o_list_view .o_data_row",
        },
        {
            content: "Back",
            trigger: ".o_back_button, .breadcrumb-item a:contains(Today)",
            run: "click",
        },
        {
            content: "The number opens the complaint",
            trigger: ".o_complaint_today_lists section:first-child tbody a",
            run: "click",
        },
        {
            content: "The complaint's form",
            trigger: ".o_form_view .o_complaint_route, .o_form_view .o_field_widget[name=complaint_content]",
        },
    ],
});
