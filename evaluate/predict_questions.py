"""The questions of an evaluation set, in any form that is read here.

>>> questions = read_questions("data/evaluation.jsonl")
>>> questions.rows[0].id, questions.rows[0].fields["language"]
('eval-001', 'zh')

Two forms. Ours: `{"id", "messages" or "prompt", "reference", …}`, where everything in `messages` is the prompt and
other scalar fields are slices. And every format that `tunesmith curate` reads (Alpaca, ShareGPT, OpenAI messages,
question and answer, multiple choice …): the last assistant turn is the reference, what stands before it the prompt. A
row's own `id` is its id; a row without one is called by its content, so that it has the same id in every file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.curate.convert_row import read_raw
from tunesmith.curate.formats import openai
from tunesmith.curate.formats.base import Format
from tunesmith.curate.formats.detect import detect_row
from tunesmith.curate.io import Input, open_input
from tunesmith.curate.records import Record, content_id
from tunesmith.curate.score_rows import exchange_of
from tunesmith.curate.sources import open_source
from tunesmith.errors import InputError, RowError
from tunesmith.evaluate.predictions_columns import column_names
from tunesmith.evaluate.predictions_problems import Problems
from tunesmith.evaluate.predictions_rows import Placed, Rows
from tunesmith.evaluate.predictions_values import Ids, fields_of, messages_of, references_of

#: What a mapping of our own form may name.
_OURS = ("id", "messages", "prompt", "reference")
_MAP = "name its columns, such as --columns prompt=ask,reference=gold"


class Question(NamedTuple):
    """One question.

    :param messages: the prompt, OpenAI messages.
    :param references: right answers, any of which will do; none where the set has none.
    :param fields: scalar fields of the row that are not null.
    :param tools: JSON text of the tools that are offered, None where there are none.
    """

    id: str
    messages: tuple[Mapping[str, Any], ...]
    references: tuple[str, ...]
    fields: Mapping[str, Any]
    tools: str | None = None


class Questions(NamedTuple):
    """A whole set in its order; ids are unique. `digest` is of the bytes of its files."""

    rows: tuple[Question, ...]
    digest: str
    files: tuple[Path, ...] = ()


def read_questions(
    path: str | Path, *, format: str = "auto", columns: Mapping[str, str] | None = None, prompts: bool = True
) -> Questions:
    """Read a set of questions: a file, folder, glob, `dataset_info.json#entry` or `hub:owner/name`.

    :param format: one of curate's formats; by default detected, row by row.
    :param columns: as for curate: `{"prompt": "ask", "answer": "reply"}`.
    :param prompts: whether a row without a question is a mistake. A file of references needs none.
    :raises InputError: for rows that cannot be read or ask nothing and ids that stand twice: up to ten of them with
        their places, and how many there are. A part of an evaluation set must not go unnoticed.
    """
    theirs, own = _mappings(columns)
    source, form = _opened(str(path), format, theirs)
    problems = Problems(str(path), "row", "cannot be taken for a question")
    found = Rows.of(source, problems)
    if not found.rows:
        problems.check()
        raise InputError("expected questions, saw no rows", where=str(path), remedy="check how the file was made")
    names = column_names(found.fields, own, where=str(path), mappable=_OURS, needed=())
    reader = _Reader(names, form, problems, is_ours=bool(own) and theirs is None, prompts=prompts)
    read = [reader.read(placed) for placed in found.rows]
    problems.check()
    files = tuple(Path(file.path) for file in source.files)
    return Questions(tuple(one for one in read if one is not None), found.digest, files)


def _mappings(columns: Mapping[str, str] | None) -> tuple[dict[str, str] | None, dict[str, str] | None]:
    """A mapping for curate, and one of our own form: a person may name an `answer` or a `reference`."""
    if not columns:
        return None, None
    if "reference" in columns or columns.keys() <= {"id", "prompt"}:
        return None, dict(columns)
    theirs = {key: column for key, column in columns.items() if key != "id"}
    return theirs, {key: column for key, column in columns.items() if key == "id"}


def _opened(path: str, format: str, columns: dict[str, str] | None) -> tuple[Input, Format | None]:
    """The rows, and their format where it is not told row by row."""
    is_entry = "#" in path and not path.startswith("hub:") and not Path(path).exists()
    if not is_entry and format == "auto" and not columns:
        return open_input(path), None
    plan = open_source(path, name=path, format=format, columns=columns).plan
    return plan.input, plan.form


class _Reader:
    """Row after row of one set."""

    def __init__(
        self, names: dict[str, str], form: Format | None, problems: Problems, *, is_ours: bool, prompts: bool
    ) -> None:
        self._names, self._form, self._problems = names, form, problems
        self._is_ours, self._prompts = is_ours, prompts
        self._ids = Ids(problems)
        self._copies: Counter[str] = Counter()

    def read(self, placed: Placed) -> Question | None:
        """One row; None where something is wrong with it."""
        before = len(self._problems)
        try:
            question = self._ours(placed) if self._has_our_form(placed.row) else self._theirs(placed)
        except RowError as error:
            remedy = _MAP if error.code == "unknown_format" else error.remedy
            self._problems.add(placed.place, error.what, remedy=remedy)
            return None
        if self._prompts and not _asks(question):
            self._problems.add(placed.place, "asks nothing", remedy="give it `messages` or a `prompt`")
        identity = self._ids.take(question.id, placed.place)
        return None if len(self._problems) > before or identity is None else question._replace(id=identity)

    def _has_our_form(self, row: Mapping[str, Any]) -> bool:
        if self._is_ours or self._form is not None:
            return self._is_ours
        return self._names["reference"] in row or ("prompt" in row and detect_row(row) is None)

    def _ours(self, placed: Placed) -> Question:
        row = placed.row
        value, prompt = (row.get(self._names[name]) for name in ("messages", "prompt"))
        messages = messages_of(value, prompt, placed.place, self._problems)
        record = Record("sft", openai.read_messages(list(messages)), tools=openai.read_tools(dict(row), {}))
        references = references_of(row.get(self._names["reference"]), placed.place, self._problems)
        written = tuple(openai.write_messages(record.turns))
        identity = self._identity(row, record if record.turns else None)
        return Question(identity, written, references, self._fields(row), record.tools)

    def _theirs(self, placed: Placed) -> Question:
        record = read_raw(placed.row, self._form).record
        exchange = exchange_of(record)
        text = exchange.answer.content if exchange.answer and record.label is not False else None
        references = (text,) if text and text.strip() else ()
        identity = self._identity(placed.row, record)
        messages = tuple(openai.write_messages(exchange.before))
        return Question(identity, messages, references, self._fields(record.extra or {}), exchange.tools)

    def _identity(self, row: Mapping[str, Any], record: Record | None) -> Any:
        """The row's own id, or one by content (a second row of the same content is called so); not checked yet."""
        named = row.get(self._names["id"])
        if named not in (None, "") or record is None:
            return named
        identity = content_id(record)
        self._copies[identity] += 1
        number = self._copies[identity]
        return identity if number == 1 else f"{identity}-{number}"

    def _fields(self, row: Mapping[str, Any]) -> dict[str, Any]:
        found = fields_of(row, self._names)
        return {key: value for key, value in found.items() if key != "tools"}


def _asks(question: Question) -> bool:
    """Whether anybody but the system says anything; what a tool gives back counts."""
    asked = (turn.get("content") for turn in question.messages if turn["role"] in ("user", "tool"))
    return any(isinstance(text, str) and text.strip() for text in asked)
