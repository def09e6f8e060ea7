import {registry} from "@web/core/registry";

/**
 * Cells are painted on a canvas, so that they are asked for: from the component that
 * renders the dashboard, found below the root of the web client.
 */
function findModel() {
    const queue = [...odoo.__WOWL_DEBUG__.root.__owl__.app.root.children
        ? Object.values(odoo.__WOWL_DEBUG__.root.__owl__.app.root.children)
        : []];
    while (queue.length) {
        const node = queue.shift();
        const model = node.component?.props?.model;
        if (model?.getters?.getEvaluatedCells) {
            return model;
        }
        queue.push(...Object.values(node.children || {}));
    }
    return null;
}

function getErrors(model) {
    const errors = [];
    for (const sheetId of model.getters.getSheetIds()) {
        for (const cell of Object.values(model.getters.getEvaluatedCells(sheetId))) {
            if (cell.type === "error") {
                errors.push(`${cell.value} ${cell.message || ""}`);
            }
        }
    }
    return errors;
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

registry.category("web_tour.tours").add("complaint_dashboard", {
    steps: () => [
        {
            content: "The dashboard is painted",
            trigger: ".o_spreadsheet_dashboard_action .o-figure-container canvas, .o_spreadsheet_dashboard_action .o-figure canvas",
            timeout: 60000,
        },
        {
            content: "No cell is in error once everything is loaded",
            trigger: ".o_spreadsheet_dashboard_action",
            timeout: 60000,
            async run() {
                const model = findModel();
                if (!model) {
                    throw new Error("The spreadsheet was not found");
                }
                let errors = [];
                for (let tries = 0; tries < 40; tries++) {
                    errors = getErrors(model);
                    if (!errors.length) {
                        return;
                    }
                    await pause(250);
                }
                throw new Error(`Cells in error: ${errors.join("; ")}`);
            },
        },
    ],
});
