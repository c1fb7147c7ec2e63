"""What another system would make of the training rows, beside what we make of them.

>>> told = predicted_beside("llamafactory", sets.train, ours, template, max_length=2048, stage="sft")  # doctest: +SKIP
>>> told.figures["counts"]  # doctest: +SKIP
{'keep': 8101, 'cut': 40, 'drop': 2, 'crash': 0}
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tunesmith.curate.io import atomic_path
from tunesmith.train import predicted_words as words
from tunesmith.train.preflight_output import LEDGER, PAGE, PREDICTED
from tunesmith.train.preflight_text import clean, indented, section, table
from tunesmith.train.preflight_types import OUTCOMES
from tunesmith.train.preflight_words import name, say
from tunesmith.train.types import Fate, Language, Row, Sets, Stage

if TYPE_CHECKING:
    from tunesmith.train.predicted import Line, Predicted
    from tunesmith.train.preflight_asked import Asked
    from tunesmith.train.template import Template

_EXAMPLES = 3


class Ours:
    """What we make of the training rows, in their order: a byte a row."""

    def __init__(self) -> None:
        self.outcomes = array("b")

    def watch(self, split: str, fate: Fate) -> None:
        """Note one row."""
        if split == "train":
            self.outcomes.append(OUTCOMES.index(fate.outcome))


class Group(NamedTuple):
    """Rows of which both say the same."""

    theirs: str
    reason: str | None
    ours: str
    rows: int
    examples: tuple[str, ...]
    evidence: str | None


@dataclass(frozen=True)
class Told:
    """A prediction beside our decision, row by row (`lines`) and in groups."""

    predicted: Predicted
    ours: Ours
    groups: tuple[Group, ...]

    @property
    def figures(self) -> dict[str, Any]:
        """For JSON."""
        return {**self.predicted.as_json(), "groups": [group._asdict() for group in self.groups]}

    def text(self, *, color: bool = False, width: int = 100) -> str:
        """For the terminal."""
        return "\n".join(self._lines(color, width))

    def _lines(self, color: bool, width: int) -> Iterator[str]:
        found = self.predicted
        title = say("en", "predicted", system=_system(found))
        yield from section(title, [", ".join(f"{key} {rows:,}" for key, rows in found.counts.items())], color)
        rows = [
            (one.theirs, clean(one.reason or ""), f"{one.rows:,}", one.ours, ", ".join(map(clean, one.examples)))
            for one in self.groups
        ]
        yield table(("there", "why", "rows", "here", "such as"), rows, left=(0, 1, 3, 4), color=color, width=width)
        for one in self.groups:
            if one.evidence and one.theirs != "keep":
                yield from indented(f"{clean(one.examples[0])}: {clean(one.evidence)}")
        ends = [f"the whole run ends at {found.ends}"] if found.ends else []
        for text in (*ends, *found.notes, f"rules: {found.source}"):
            yield from indented(clean(text))

    def view(self, language: Language) -> dict[str, Any]:
        """For the page."""
        lines = [
            {
                "fate": one.theirs,
                "title": name(language, "predicted", one.theirs),
                "why": words.reason(language, one.reason),
                "code": one.reason or "",
                "evidence": words.note(language, one.evidence) if one.evidence and one.theirs != "keep" else "",
                "rows": one.rows,
                "ours": name(language, "outcome", one.ours),
                "examples": one.examples,
            }
            for one in self.groups
        ]
        title = say(language, "predicted", system=_system(self.predicted))
        ends = [say(language, "predicted_ends", what=self.predicted.ends)] if self.predicted.ends else []
        notes = [say(language, "predicted_lead"), *ends, *(words.note(language, text) for text in self.predicted.notes)]
        return {"title": title, "notes": notes, "lines": lines, "source": self.predicted.source}

    def write(self, path: Path) -> None:
        """A line for each training row, as Parquet: what they would do, what we do."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        lines = self.predicted.lines
        columns: dict[str, Any] = {
            "row_id": pa.array([line.row_id for line in lines], pa.string()),
            "predicted": pa.array([line.outcome for line in lines], pa.string()),
            "reason": pa.array([line.reason for line in lines], pa.string()),
            "evidence": pa.array([line.evidence for line in lines], pa.string()),
            "n_tokens": pa.array([line.n_tokens for line in lines], pa.int64()),
            "n_lost": pa.array([line.n_lost for line in lines], pa.int64()),
            "ours": pa.array([OUTCOMES[code] for code in self.ours.outcomes], pa.string()),
        }
        with atomic_path(path) as part:
            pq.write_table(pa.table(columns), part)


def predicted_beside(
    system: str, rows: Sequence[Row], ours: Ours, template: Template, *, max_length: int, stage: Stage
) -> Told:
    """Ask `predicted.py` and put the two beside each other.

    :param rows: the training set; `ours` has noted each of them, in this order.
    """
    from tunesmith.train.predicted import predict_for

    found = predict_for(system, rows, template=template, max_length=max_length, stage=stage)
    return Told(found, ours, _grouped(found.lines, ours))


def predicted(asked: Asked, sets: Sets, ours: Ours, template: Template) -> Told | None:
    """What was asked for with `--for`, written beside the ledger where there is a folder; None where nothing was."""
    if asked.system is None:
        return None
    told = predicted_beside(
        asked.system, sets.train, ours, template, max_length=asked.encoding.max_length, stage=asked.stage
    )
    if asked.out is not None:
        told.write(asked.out / PREDICTED)
    return told


def told_text(asked: Asked, told: Told | None, *, color: bool) -> list[str]:
    """The end of a text: the prediction, and where the files are."""
    lines = [told.text(color=color)] if told else []
    files = [("report", PAGE), ("ledger", LEDGER), *([("prediction", PREDICTED)] if told else [])]
    return lines + ([""] + [f"{what}: {asked.out / file}" for what, file in files] if asked.out else [])


def _grouped(lines: Sequence[Line], ours: Ours) -> tuple[Group, ...]:
    """Rows by what becomes of them there, why, and here; the worst there first."""
    found: dict[tuple[str, str | None, str], Group] = {}
    for line, code in zip(lines, ours.outcomes, strict=True):
        key = (line.outcome, line.reason, OUTCOMES[code])
        had = found.get(key)
        if had is None:
            found[key] = Group(*key, 1, (line.row_id,), line.evidence)
        else:
            more = (*had.examples, line.row_id) if len(had.examples) < _EXAMPLES else had.examples
            found[key] = had._replace(rows=had.rows + 1, examples=more)
    order = ("crash", "drop", "cut", "keep")
    return tuple(sorted(found.values(), key=lambda one: (order.index(one.theirs), -one.rows)))


def _system(found: Predicted) -> str:
    """With its version, where it has one: a published guide has none."""
    version = f" {found.version}" if found.version[:1].isdigit() else ""
    return f"{_NAMES[found.system]}{version}"


_NAMES = {"llamafactory": "LLaMA-Factory", "trl": "TRL", "siliconflow": "SiliconFlow"}
