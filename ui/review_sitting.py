"""One person at one campaign: the task in front of them, what they have begun, and each step that they can take.

Nothing here draws. Every press names the task that it was meant for, so that one that comes late does nothing; and a
press within 0.4 s after a task appeared, or after such a press, is a double press or a key held down, and is ignored.

>>> sitting = Sitting("spring", "Li")
>>> sitting.look(store)  # doctest: +SKIP
>>> sitting.shown()  # doctest: +SKIP
>>> sitting.choose(store, sitting.task.token, "left")  # doctest: +SKIP
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from tunesmith.errors import ReviewError, TunesmithError
from tunesmith.evaluate import review_queue as queue
from tunesmith.evaluate.review_store import Store
from tunesmith.evaluate.review_types import Answer, Task
from tunesmith.ui.review_steps import current, last_prompt, steps_of

#: Nobody has read anything in this time.
TOO_SOON_SECONDS = 0.4

#: After these the task is not this person's any more, and the next one takes its place.
_GONE = {"lease_lost", "already_answered", "taken_back", "skipped", "unknown_task"}
#: After these there is nothing to do here at all.
_OVER = {"closed", "inactive"}


class Sitting:
    """:param clock: seconds of a clock that never goes back."""

    def __init__(self, campaign: str, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.campaign = campaign
        self.name = name
        self.task: Task | None = None
        #: What is begun, in the task's own terms.
        self.given = Answer()
        #: The step that the person went back to.
        self.chosen: int | None = None
        self.editing = False
        #: Why the last step was not taken, by the code of the queue.
        self.notice: str | None = None
        #: A mistake with its own words.
        self.error: TunesmithError | None = None
        #: Why there is nothing to do here: `closed` or `inactive`.
        self.over: str | None = None
        #: The last choice, and what had been hidden so as not to lead.
        self.told: tuple[str | None, Mapping[str, Any]] | None = None
        self._clock = clock
        self._shown: str | None = None
        self._quiet_since = clock()

    def look(self, store: Store) -> None:
        """Get the task that is due, or the same again with its draft and a longer lease."""
        self._do(store, lambda: self._lay(queue.next_task(store, self.campaign, self.name)))

    def shown(self) -> None:
        """The task stands on the screen."""
        token = self.task.token if self.task else None
        if token != self._shown:
            self._shown, self._quiet_since = token, self._clock()

    def is_ready(self, token: str | None) -> bool:
        """Whether a press is meant for what is on the screen."""
        now, shown = self._clock(), self.task.token if self.task else None
        ready = token == shown == self._shown and now - self._quiet_since >= TOO_SOON_SECONDS
        if not ready:
            self._quiet_since = now
        return ready

    def choose(self, store: Store, token: str, choice: str, edit: Mapping[str, Any] | None = None) -> None:
        """Take a choice; where nothing else is asked, it is the answer."""
        if not self.is_ready(token) or self.task is None:
            return
        given = self.given._replace(choice=choice, edit=edit)
        if len(steps_of(self.task)) == 1:
            self._send(store, given)
        else:
            self._quiet_since = self._clock()  # the keys of the choice rate from now on
            self._go_on(store, given)

    def rate(self, store: Store, token: str, step: int, score: int) -> None:
        """Rate the criterion of a step and go on to the next one."""
        task = self.task
        if task is None or task.token != token or token != self._shown:
            return
        if self.soon() or current(steps_of(task), self.given, self.chosen) != step:
            return
        criterion = steps_of(task)[step].criterion
        if criterion is not None:
            self._go_on(store, self.given._replace(ratings={**self.given.ratings, criterion.name: score}))

    def soon(self) -> bool:
        """Whether the task has only just appeared."""
        return self._clock() - self._quiet_since < TOO_SOON_SECONDS

    def back_to(self, token: str, step: int) -> None:
        """Go back to a step that has its answer."""
        if self.task is not None and self.task.token == token:
            self.chosen, self.editing = step, False

    def send(self, store: Store, token: str) -> None:
        """Hand in what was given, and get the next task."""
        if self.is_ready(token):
            self._send(store, self.given)

    def edit(self, token: str, *, on: bool) -> None:
        """Open or close the editor of a row."""
        if self.task is not None and self.task.token == token:
            self.editing, self.notice = on, None

    def change(self, store: Store, token: str, texts: Mapping[str, str]) -> None:
        """Take edited texts, `answer` and `prompt`: what differs is the edit."""
        if self.task is None or self.task.token != token:
            return
        before = {"answer": self.task.answers[0], "prompt": last_prompt(self.task)}
        changed = {name: text for name, text in texts.items() if text != before[name]}
        if not changed or not all(text.strip() for text in changed.values()):
            self.notice = "empty" if changed else "unchanged"
            return
        self.choose(store, token, "edit", changed)

    def begin_edit(self, store: Store, token: str, texts: Mapping[str, str]) -> None:
        """Keep texts that are being edited, as a draft."""
        if self.task is not None and self.task.token == token:
            self.given = self.given._replace(edit=dict(texts))
            self._save(store)

    def note(self, store: Store, token: str, comment: str) -> None:
        """Keep a note, as a draft."""
        if self.task is not None and self.task.token == token and comment != self.given.comment:
            self.given = self.given._replace(comment=comment)
            self._save(store)

    def skip(self, store: Store, token: str, reason: str, *, again: bool = False) -> None:
        """Leave the task to others."""
        if self.is_ready(token):
            self._do(store, lambda: self._skip(store, token, reason, again=again))

    def undo(self, store: Store, token: str | None) -> None:
        """Take the last answer back."""
        if self.is_ready(token):
            self._do(store, lambda: self._lay(queue.undo(store, self.campaign, self.name)))

    def reopen(self, store: Store, token: str) -> None:
        """Take an earlier answer back, named by its token in the history."""
        self._do(store, lambda: self._lay(queue.reopen(store, token, self.name)))

    def _skip(self, store: Store, token: str, reason: str, *, again: bool) -> None:
        queue.skip(store, token, self.name, reason, again=again)
        self._lay(queue.next_task(store, self.campaign, self.name))

    def _go_on(self, store: Store, given: Answer) -> None:
        self.given, self.chosen, self.editing = given, None, False
        self._save(store)

    def _send(self, store: Store, given: Answer) -> None:
        def step() -> None:
            assert self.task is not None  # noqa: S101 (a press is meant for a task)
            receipt, following = queue.submit_and_next(store, self.task.token, self.name, given)
            self._lay(following)
            self.told = (given.choice, receipt.revealed) if receipt.revealed else None

        self._do(store, step)

    def _save(self, store: Store) -> None:
        def step() -> None:
            assert self.task is not None  # noqa: S101 (a draft is one of a task)
            queue.save_draft(store, self.task.token, self.name, self.given)

        self._do(store, step)

    def _lay(self, task: Task | None) -> None:
        """Lay a task on the desk; the same one again keeps its place."""
        if task is None or self.task is None or task.token != self.task.token:
            self.chosen, self.editing, self.told = None, False, None
        self.task = task
        self.given = (task.draft if task else None) or Answer()
        self.over = None

    def _do(self, store: Store, step: Callable[[], None]) -> None:
        """Take a step; what the queue refuses becomes a notice, and the next task where this one is gone."""
        self.notice = self.error = None
        try:
            step()
        except ReviewError as refused:
            self._refused(store, refused)
        except TunesmithError as error:
            self.error = error

    def _refused(self, store: Store, refused: ReviewError) -> None:
        if refused.code in _OVER:
            self.over, self.task = refused.code, None
        elif refused.code == "bad_answer":
            self.error = refused
        else:
            self.notice = refused.code
        if refused.code in _GONE:
            self.look(store)
            self.notice = refused.code if self.over is None and self.error is None else None
