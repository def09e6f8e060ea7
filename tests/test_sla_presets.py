# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common_sla_copies import SlaPresetCommon
from .common_sla_presets import WALKS

_SECOND = timedelta(seconds=1)


@tagged("post_install", "-at_install")
class TestSlaPresets(SlaPresetCommon):
    """Each shipped limit: event in, clock at the exact due time, reaction."""

    def _walk(self, walk):
        line = self._get_line(walk.line)
        due = fields.Datetime.to_datetime(walk.due)
        told = [(level, at, self.people[who]) for level, at, who in walk.told]
        late, timely = (
            self._register_case(walk.preset, walk.at, **walk.vals) for _i in range(2)
        )
        for ticket in (late, timely):
            if walk.start:
                self._log(ticket, walk.start, walk.scope)
            row = self._get_rows(ticket, line)
            self.assertEqual(len(row), 1)
            self.assertEqual(row.started_at, fields.Datetime.to_datetime(walk.at))
            self.assertEqual((row.due_at, row.state), (due, "running"))
            self._log_what_is_no_answer(ticket, walk)

        self.now.move_to(due - _SECOND)
        self._sweep()
        late_row, timely_row = self._get_rows(late, line), self._get_rows(timely, line)
        before = [entry for entry in told if entry[1] < walk.due]
        for row in (late_row, timely_row):
            self.assertEqual(row.state, "running")
            self.assertEqual(self._get_told(row), before)

        self.now.move_to(due)
        self._log(timely, walk.met, walk.scope)
        self.now.move_to(due + _SECOND)
        self._sweep()
        self.assertEqual((late_row.state, late_row.breached_at), ("missed", due))
        self.assertEqual(self._get_told(late_row), told)
        self.assertEqual((timely_row.state, timely_row.reached_at), ("met", due))
        self.assertFalse(timely_row.breached_at)
        self.assertEqual(self._get_told(timely_row), before)
        # one walk does not wake the sweep of the next
        self.deadlines.search([("next_alarm_at", "!=", False)])._set_alarm(False)

    def _log_what_is_no_answer(self, ticket, walk):
        """Another kind of opinion, or another task's event, meets nothing."""
        code, _colon, kind = walk.met.partition(":")
        if kind:
            self._log(ticket, "opinion_signed:objection", walk.scope)
        elif walk.scope and code != "assessed":
            self._log(ticket, code, f"{walk.scope}99")

    def _walk_preset(self, preset):
        walks = [walk for walk in WALKS if walk.preset == preset]
        lines = self.copies[preset].current_line_ids
        # none is forgotten
        self.assertEqual(len(lines), len(walks))
        for walk in walks:
            with self.subTest(walk.line.partition("_")[2].upper(), preset=preset):
                self._walk(walk)

    def test_m1(self):
        """R252, R253, R254, R255, R256, R257, R258, R261, R323."""
        self._walk_preset("m1")

    def test_m2(self):
        """R245, R246, R247, R248, R249, R250, R273, R274, R275, R276, R291, R310,
        R332."""
        self._walk_preset("m2")

    def test_m3(self):
        """R301, R302, R305, R306, R307, R308, R309."""
        self._walk_preset("m3")

    def test_pm(self):
        """R296, R297, R298, R299, R311, R312, R313, R314, R315, R316, R317, R324,
        R334, R337."""
        self._walk_preset("pm")

    def test_med(self):
        """R295."""
        self._walk_preset("med")

    def test_gas(self):
        """R271, R288, R289, R290, R327, R331."""
        self._walk_preset("gas")

    def test_con(self):
        """R251, R326."""
        self._walk_preset("con")

    def test_law(self):
        """R328, R338, R464: no number in the source, but reported in time."""
        self._walk_preset("law")

    def test_lab(self):
        """R304."""
        self._walk_preset("lab")

    def test_tec(self):
        """R282, R284, R327."""
        self._walk_preset("tec")

    def test_gen(self):
        """R242, R243, R244, R262, R264, R265, R266, R267, R284, R303, R329, R330."""
        self._walk_preset("gen")
