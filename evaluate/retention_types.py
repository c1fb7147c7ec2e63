"""Plain data of the retention: questions, what a system answered, and who the systems are.

>>> anatomy = Subject("anatomy", (Question("anatomy:0", "女性生殖腺是", ("卵巢", "乳腺"), 0),))
>>> anatomy.questions[0].expected
'A'
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, Protocol

from tunesmith.curate.formats.multiple_choice import LETTERS

Mode = Literal["loglikelihood", "generate"]
#: Of a system in the files that are written: what was there before the tuning, and the tuned model.
BEFORE, AFTER = "before", "after"


class Question(NamedTuple):
    """One question with its options; `answer` is the number of the right one, from 0."""

    id: str
    text: str
    options: tuple[str, ...]
    answer: int

    @property
    def letters(self) -> list[str]:
        """One for each option, from A on."""
        return list(LETTERS[: len(self.options)])

    @property
    def choices(self) -> dict[str, str]:
        """The options by their letters."""
        return dict(zip(LETTERS, self.options))

    @property
    def expected(self) -> str:
        """The letter of the right option."""
        return LETTERS[self.answer]


class Subject(NamedTuple):
    """A file of questions.

    :param shots: solved examples that come before every question, in their order.
    :param language: `zh` or `en`: that of the instructions around the questions.
    :param left_out: questions of the file beyond the limit that was asked for.
    """

    name: str
    questions: tuple[Question, ...]
    shots: tuple[Question, ...] = ()
    language: str = "zh"
    left_out: int = 0


class NamedTask(NamedTuple):
    """A task of lm-evaluation-harness: by its name, with data from a hub, or by its own YAML file."""

    name: str

    @property
    def is_file(self) -> bool:
        """A file may change, with all that it names: what is asked by it is asked anew each time."""
        return self.name.endswith((".yaml", ".yml"))


Task = Subject | NamedTask


class Answer(NamedTuple):
    """What a system made of one question.

    :param correct: None where the question failed; one that was answered and could not be read is False.
    :param answer: what was chosen; None where it could not be read, or failed.
    :param prompt: digest of all that the model was given, so that two systems can be seen to have had the same.
    """

    id: str
    correct: bool | None
    answer: str | None
    expected: str
    prompt: str
    failure: str | None = None


class Answers(NamedTuple):
    """A subject as one system answered it, in the order of the questions.

    :param cut: questions whose prompt was longer than the model takes, so that its beginning was left out.
    :param tied: questions for which several options were equally likely; the first of them counts as chosen.
    """

    subject: str
    items: tuple[Answer, ...]
    cut: int = 0
    tied: int = 0
    left_out: int = 0

    @property
    def failed(self) -> int:
        """Questions without an answer, for which there is a reason."""
        return sum(item.correct is None for item in self.items)

    @property
    def unreadable(self) -> int:
        """Answers in which no option could be found; they count as wrong."""
        return sum(item.correct is not None and item.answer is None for item in self.items)


class Settings(NamedTuple):
    """How questions are asked.

    :param shots: solved examples before each question; None for up to five where there are some (none in `generate`).
    :param max_tokens: room for a generated answer, thoughts included.
    """

    mode: Mode = "loglikelihood"
    shots: int | None = None
    limit: int | None = None
    max_tokens: int = 512


class Loss(NamedTuple):
    """How surprising one text was: bits over all its tokens, its length in UTF-8 bytes, and its tokens."""

    bits: float
    bytes: int
    tokens: int


class System(Protocol):
    """A model that can be asked: one on this machine, or one behind a server.

    What it needs is loaded at the first question, so that a system whose answers are all known costs nothing.
    """

    @property
    def name(self) -> str: ...

    def identity(self) -> Mapping[str, Any]:
        """What its answers depend on; another checkpoint or address has another."""
        ...

    def check(self, settings: Settings) -> Mapping[str, Any] | None:
        """Ask what has a certain answer, where that is needed; raises where the answers would mean nothing."""
        ...

    def answers(self, task: Task, settings: Settings) -> list[Answers]:
        """One for each subject of the task."""
        ...

    def losses(self, texts: list[str]) -> list[Loss]: ...

    def close(self) -> None:
        """Let go of the memory."""
        ...
