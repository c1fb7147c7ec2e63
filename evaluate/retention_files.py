"""Local files of questions with options, each file a subject: CMMLU's and C-Eval's CSV, and JSON Lines.

>>> anatomy, = read_subjects("tasks/cmmlu/test/anatomy.csv")  # doctest: +SKIP
>>> anatomy.name, len(anatomy.questions), len(anatomy.shots)  # doctest: +SKIP
('anatomy', 148, 5)

A folder gives all its files. Where it has the folders `dev` and `test` (or `val`, as C-Eval keeps its test answers
secret), the questions come from the latter and the solved examples from the file of the same name in `dev`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from tunesmith.curate.io import RawRow, open_input
from tunesmith.curate.signals import language_of
from tunesmith.errors import InputError, RowError
from tunesmith.evaluate.retention_questions import read_question
from tunesmith.evaluate.retention_types import Question, Subject

#: Folders of a benchmark, by what they are for; the first that has answers gives the questions.
EXAMPLES, ASKED = "dev", ("test", "val")
#: Solved examples that are taken where the caller names no number and there are as many.
DEFAULT_SHOTS = 5

_SUFFIXES = (".csv", ".tsv", ".jsonl", ".json", ".parquet")
_HARNESS = (".yaml", ".yml")  # a task of the harness in its own words
_ENDINGS = ("_dev", "_val", "_test")
_SHOWN = 10  # of the mistakes in all files together
_LOOKED_AT = 50  # questions that tell a file's language


class _File(NamedTuple):
    """A file of questions and the one of its solved examples."""

    subject: str
    path: Path
    examples: Path | None


def is_path(name: str) -> bool:
    """Whether a task is named by its place, and not by a name of lm-evaluation-harness."""
    return not name.endswith(_HARNESS) and (Path(name).exists() or "/" in name or name.lower().endswith(_SUFFIXES))


def read_subjects(path: str, *, shots: int | None = None, limit: int | None = None) -> list[Subject]:
    """The subjects of a file or folder, by name.

    :param shots: solved examples before each question; None for up to five, or as many as there are.
    :param limit: take this many questions from the beginning of each file.
    :raises InputError: where it cannot be read, a row is no question, or there are fewer examples than asked for. All
        mistakes are listed.
    """
    files = _files(Path(path))
    mistakes: list[str] = []
    subjects = [_subject(file, shots, limit, mistakes) for file in files]
    if mistakes:
        shown = "\n  ".join(mistakes[:_SHOWN] + (["…"] if len(mistakes) > _SHOWN else []))
        what = f"{len(mistakes)} row{'s are' if len(mistakes) > 1 else ' is'} no question with options\n  {shown}"
        raise InputError(what, where=path, remedy="correct them: Question,A,B,C,D,Answer or question, choices, answer")
    return subjects


def _files(path: Path) -> list[_File]:
    if not path.exists():
        raise InputError("expected a file or folder of questions, found nothing", where=str(path))
    if path.is_file():
        return [_File(_name(path), path, _examples(path))]
    folders = [path / name for name in ASKED if (path / name).is_dir()] or [path]
    found = next((files for folder in folders if (files := _with_answers(folder))), [])
    if not found:
        what = f"expected files of questions ({', '.join(_SUFFIXES)}) with their answers, found none"
        raise InputError(what, where=str(path), remedy="name the folder that holds them")
    twice = [name for name, count in Counter(map(_name, found)).items() if count > 1]
    if twice:
        raise InputError(f"several files are the subject {twice[0]!r}", where=str(path), remedy="rename one of them")
    return [_File(_name(one), one, _examples(one)) for one in found]


def _with_answers(folder: Path) -> list[Path]:
    """The files of a folder by name; none where they have questions without answers, as C-Eval's test set."""
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES and path.name[0] != ".")
    for row in islice(_rows(files[0]) if files and folder.name in ASKED else (), 1):
        if isinstance(row.data, dict) and not {"answer", "Answer"} & row.data.keys():
            return []
    return files


def _name(path: Path) -> str:
    """`anatomy_val.csv` and `anatomy.csv` are the subject anatomy."""
    return next((path.stem.removesuffix(end) for end in _ENDINGS if path.stem.endswith(end)), path.stem)


def _examples(path: Path) -> Path | None:
    """The file of solved examples that belongs to one of questions."""
    if path.parent.name == EXAMPLES:
        return None
    folder = path.parent.parent / EXAMPLES if path.parent.name in ASKED else path.parent / EXAMPLES
    names = [f"{_name(path)}{end}{path.suffix}" for end in ("", f"_{EXAMPLES}")]
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _subject(file: _File, shots: int | None, limit: int | None, mistakes: list[str]) -> Subject:
    questions = list(_questions(file.path, file.subject, mistakes))
    examples = list(_questions(file.examples, file.subject, mistakes)) if file.examples and shots != 0 else []
    wanted = min(DEFAULT_SHOTS, len(examples)) if shots is None else shots
    if wanted > len(examples) and not mistakes:
        seen = (
            f"{len(examples)} in {file.examples}" if file.examples else f"no folder `{EXAMPLES}` with {file.path.name}"
        )
        remedy = "lower --shots, or put the solved examples there"
        raise InputError(f"expected {wanted} solved examples, saw {seen}", where=str(file.path), remedy=remedy)
    asked = tuple(questions[:limit])
    texts = [text for one in asked[:_LOOKED_AT] for text in (one.text, *one.options)]
    language = "zh" if language_of(*texts) == "zh" else "en"
    return Subject(file.subject, asked, tuple(examples[:wanted]), language, len(questions) - len(asked))


def _questions(path: Path, subject: str, mistakes: list[str]) -> Iterator[Question]:
    """The questions of a file; what is wrong with a row is added to `mistakes`.

    A file with an `id` column or an index (the column without a name) names its questions by it where that is unique,
    any other by their number from 1.
    """
    source = open_input(path)
    found: list[tuple[str, Question]] = []
    for number, row in enumerate(source.rows(), 1):
        try:
            if row.error is not None:
                raise row.error
            key, question = read_question(row.data, number)
            found.append((key, question))
        except RowError as error:
            mistakes.append(f"{source.locate(row.position)}: {error.what}")
    if not found and not mistakes:
        raise InputError("has no questions", where=str(path))
    unique = len({key for key, _ in found}) == len(found)
    for number, (key, question) in enumerate(found, 1):
        yield question._replace(id=f"{subject}:{key if unique else number}")


def _rows(path: Path) -> Iterator[RawRow]:
    return open_input(path).rows()
