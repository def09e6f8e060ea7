import {registry} from "@web/core/registry";

const BAR = ".o_field_widget[name=complaint_route]";

registry.category("web_tour.tours").add("complaint_route", {
    steps: () => [
        {
            content: "All steps are shown, each with its state in words",
            trigger: `${BAR} li:nth-child(13)`,
        },
        {
            content: "A finished step",
            trigger: `${BAR} li[data-step=s01].o_complaint_step_done:contains(Done)`,
        },
        {
            content: "The step that waits for the handler says why and can be started",
            trigger: `${BAR} .o_complaint_step_note:contains(S02) .o_complaint_step_start`,
            run: "click",
        },
        {
            content: "It is in work now and opens its task with the keyboard too",
            trigger: `${BAR} li[data-step=s02].o_complaint_step_now[aria-current=step] button`,
            run: "click",
        },
        {
            content: "The task",
            trigger: ".o_form_view .o_field_widget[name=state]",
        },
    ],
});
