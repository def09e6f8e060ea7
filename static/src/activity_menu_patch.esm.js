import {ActivityMenu} from "@mail/core/web/activity_menu";
import {patch} from "@web/core/utils/patch";

// To-dos of complaints open the lists and forms of the complaint app.
patch(ActivityMenu.prototype, {
    availableViews(group) {
        return group.complaint_views || super.availableViews(...arguments);
    },
});
