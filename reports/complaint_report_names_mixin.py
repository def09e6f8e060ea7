# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models

from .complaint_report_tools import get_used_names


class ComplaintReportNamesMixin(models.AbstractModel):
    """A report whose query depends on the fields that a grouping names.

    What nobody asks for is not joined or counted.
    """

    _name = "complaint.report.names.mixin"
    _description = "Report that Reads What Is Asked For"

    def _read_group(
        self,
        domain,
        groupby=(),
        aggregates=(),
        having=(),
        offset=0,
        limit=None,
        order=None,
    ):
        names = get_used_names(domain, [*groupby, *aggregates], having, order)
        report = self._with_names(names)
        return super(ComplaintReportNamesMixin, report)._read_group(
            domain, groupby, aggregates, having, offset, limit, order
        )

    def _with_names(self, names):
        """Hook: return the report whose query serves these fields.

        :param names: set of field names that domain, groups and aggregates use
        """
        raise NotImplementedError

    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        specs = [*(spec for groupby in grouping_sets for spec in groupby), *aggregates]
        report = self._with_names(get_used_names(domain, specs, order=order))
        return super(ComplaintReportNamesMixin, report)._read_grouping_sets(
            domain, grouping_sets, aggregates, order
        )
