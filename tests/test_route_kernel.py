# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tests import BaseCase

from ..kernel.procedure_route import Mark, Step, Task, route_states, undone_again

LINE = [Step("a"), Step("b"), Step("c")]


class TestRouteKernel(BaseCase):
    """State of steps from facts, without a database."""

    def _states(self, steps, tasks=(), marks=()):
        return [state.state for state in route_states(steps, tasks, marks)]

    def _whys(self, steps, tasks=(), marks=()):
        return [state.why for state in route_states(steps, tasks, marks)]

    def test_sequence_opens_one_step_after_the_other(self):
        """R189: a step's turn comes when the one before is finished."""
        self.assertEqual(self._states(LINE), ["next", "pending", "pending"])
        tasks = [Task("a", "accepted", 1)]
        self.assertEqual(self._states(LINE, tasks), ["now", "pending", "pending"])
        tasks = [Task("a", "done", 1)]
        self.assertEqual(self._states(LINE, tasks), ["done", "next", "pending"])
        tasks += [Task("b", "done", 2), Task("c", "done", 3)]
        self.assertEqual(self._states(LINE, tasks), ["done", "done", "done"])

    def test_procedure_without_steps_has_an_empty_route(self):
        self.assertEqual(route_states([]), [])

    def test_parallel_steps_start_together_and_all_must_finish(self):
        """R189, R190: the next step waits for the slowest department."""
        steps = [Step("a"), Step("b", parallel=True), Step("c")]
        self.assertEqual(self._states(steps), ["next", "next", "pending"])
        tasks = [Task("a", "done", 1), Task("b", "sent", 2)]
        self.assertEqual(self._states(steps, tasks), ["done", "now", "pending"])
        tasks[1] = Task("b", "done", 2)
        self.assertEqual(self._states(steps, tasks), ["done", "done", "next"])

    def test_several_departments_of_one_step_must_all_finish(self):
        """R190: joint handling."""
        tasks = [Task("a", "done", 1), Task("a", "accepted", 2)]
        self.assertEqual(self._states(LINE, tasks)[0], "now")
        self.assertEqual(
            self._states(LINE, [tasks[0], Task("a", "done", 2)])[:2], ["done", "next"]
        )

    def test_returned_task_waits_until_it_is_sent_again(self):
        """R181: whoever sent it decides to whom it goes now."""
        tasks = [Task("a", "returned", 1, ended=3)]
        self.assertEqual(self._states(LINE, tasks)[:2], ["waiting", "pending"])
        tasks.append(Task("a", "sent", 4))
        self.assertEqual(self._states(LINE, tasks)[:2], ["now", "pending"])
        tasks[1] = Task("a", "done", 4)
        self.assertEqual(self._states(LINE, tasks)[:2], ["done", "next"])

    def test_neighbour_that_was_sent_earlier_does_not_answer_a_return(self):
        """R190: two departments asked, one sent its part back."""
        tasks = [Task("a", "returned", 1, ended=5), Task("a", "done", 2)]
        self.assertEqual(self._states(LINE, tasks)[0], "waiting")

    def test_cancelled_task_opens_its_step_again(self):
        tasks = [Task("a", "cancelled", 1)]
        self.assertEqual(self._states(LINE, tasks)[0], "next")
        self.assertEqual(self._whys(LINE, tasks)[0], "cancelled")

    def test_step_only_if_needed_waits_for_the_handler(self):
        """R057: 送研发部 only when the case asks for it."""
        steps = [Step("a", needed=None), Step("b")]
        self.assertEqual(self._states(steps), ["next", "pending"])
        self.assertEqual(self._whys(steps)[0], "undecided")
        skipped = [Mark("a", "skipped", 1)]
        self.assertEqual(self._states(steps, (), skipped), ["skipped", "next"])

    def test_condition_that_does_not_hold_skips_the_step(self):
        steps = [Step("a", needed=False), Step("b")]
        self.assertEqual(self._states(steps), ["skipped", "next"])
        # what was sent while it held is still a fact
        tasks = [Task("a", "sent", 1)]
        self.assertEqual(self._states(steps, tasks), ["now", "pending"])

    def test_event_meets_a_step_whenever_it_was_logged(self):
        steps = [Step("a"), Step("b", is_event=True), Step("c")]
        tasks = [Task("a", "done", 1)]
        self.assertEqual(self._states(steps, tasks), ["done", "now", "pending"])
        early = [Mark("b", "met", 1)]
        self.assertEqual(self._states(steps, (), early), ["next", "done", "pending"])
        self.assertEqual(self._states(steps, tasks, early), ["done", "done", "next"])

    def test_return_to_an_earlier_step_makes_later_ones_count_again(self):
        """R213: a further round on the same case."""
        tasks = [Task(code, "done", i + 1) for i, code in enumerate("abc")]
        marks = [Mark("b", "restarted", 9)]
        self.assertEqual(self._states(LINE, tasks, marks), ["done", "next", "pending"])
        tasks.append(Task("b", "done", 10))
        self.assertEqual(self._states(LINE, tasks, marks), ["done", "done", "next"])

    def test_return_leaves_parallel_neighbours_and_lasting_events(self):
        steps = [
            Step("a"),
            Step("b", parallel=True),
            Step("c", is_event=True),
            Step("d", is_event=True),
        ]
        tasks = [Task("a", "done", 1), Task("b", "done", 2)]
        marks = [
            Mark("c", "met", 3, lasting=True),
            Mark("d", "met", 4),
            Mark("a", "restarted", 5),
        ]
        self.assertEqual(
            self._states(steps, tasks, marks), ["next", "done", "done", "pending"]
        )

    def test_lasting_event_of_an_earlier_round_does_not_finish_a_task(self):
        """W16: "executed" was logged once; the task is sent and done again."""
        steps = [Step("a"), Step("b", is_event=True)]
        marks = [
            Mark("a", "met", 1, lasting=True),
            Mark("b", "met", 2, lasting=True),
            Mark("a", "restarted", 3),
        ]
        self.assertEqual(self._states(steps, (), marks), ["next", "done"])
        again = [Task("a", "done", 4)]
        self.assertEqual(self._states(steps, again, marks), ["done", "done"])

    def test_steps_that_count_again_are_named_until_they_are_finished(self):
        """R213: what lies before the step that one returned to stays as it is."""
        tasks = [Task(code, "done", i + 1) for i, code in enumerate("abc")]
        marks = [Mark("b", "restarted", 9)]
        states = route_states(LINE, tasks, marks)
        self.assertEqual([s.again for s in states], [False, True, True])
        self.assertEqual(undone_again(states, 3), ["b", "c"])
        self.assertEqual(undone_again(states, 2), ["b"])
        tasks += [Task("b", "done", 10), Task("c", "sent", 11)]
        self.assertEqual(undone_again(route_states(LINE, tasks, marks), 3), ["c"])
        self.assertFalse(undone_again(route_states(LINE, tasks), 3))

    def test_return_to_a_step_overrules_skip_and_condition(self):
        steps = [Step("a", needed=False), Step("b")]
        marks = [Mark("a", "skipped", 1), Mark("a", "restarted", 2)]
        self.assertEqual(self._states(steps, (), marks), ["next", "pending"])

    def test_second_return_voids_what_followed_the_first(self):
        marks = [Mark("b", "restarted", 5), Mark("a", "restarted", 8)]
        tasks = [Task("a", "done", 1), Task("b", "done", 6)]
        self.assertEqual(
            self._states(LINE, tasks, marks), ["next", "pending", "pending"]
        )

    def test_step_added_behind_the_case_is_passed_over(self):
        """Editing a procedure does not stop cases that are past the new step."""
        tasks = [Task("a", "done", 1), Task("b", "sent", 2)]
        steps = [Step("a"), Step("new", is_new=True), *LINE[1:]]
        self.assertEqual(
            self._states(steps, tasks), ["done", "skipped", "now", "pending"]
        )
        ahead = [*LINE, Step("new", is_new=True)]
        self.assertEqual(self._states(ahead, tasks)[-1], "pending")

    def test_facts_of_unknown_steps_are_ignored(self):
        tasks = [Task("gone", "sent", 1)]
        marks = [Mark("gone", "restarted", 2)]
        self.assertEqual(self._states(LINE, tasks, marks)[0], "next")
