"""The rows that the near-duplicate benchmarks run on: the public data, and files prepared of it for the peers."""

from __future__ import annotations

import csv
import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tunesmith.curate.codepoints import tokens_of
from tunesmith.curate.compared import compared_texts
from tunesmith.curate.convert_row import read_raw
from tunesmith.curate.records import to_batch


class Texts(NamedTuple):
    """One data set: the texts of every row, as Tunesmith compares them."""

    name: str
    wholes: list[str]
    prompts: list[str]
    answers: list[str]

    def head(self, n_rows: int) -> Texts:
        """The first rows."""
        return Texts(self.name, self.wholes[:n_rows], self.prompts[:n_rows], self.answers[:n_rows])


def unpack(packed: Path, folder: Path) -> Path:
    """Plain JSON Lines of a file that may be packed by xz."""
    if packed.suffix != ".xz":
        return packed
    plain = folder / packed.stem
    with lzma.open(packed) as source:
        plain.write_bytes(source.read())
    return plain


def read_texts(path: Path) -> Texts:
    """JSON Lines or a JSON array, through the converters of a run."""
    text = path.read_text(encoding="utf-8")
    rows = (
        json.loads(text) if text.lstrip().startswith("[") else [json.loads(line) for line in text.split("\n") if line]
    )
    compared = compared_texts(to_batch([read_raw(row, None).record for row in rows]))
    return Texts(path.name, compared.whole.to_pylist(), compared.prompt.to_pylist(), compared.answer.to_pylist())


def write_prepared(texts: list[str], path: Path, n_parts: int = 1) -> Path:
    """`{"id": number, "text": …}` lines for the peers: one file, or a folder of `n_parts` files of running rows."""
    lines = [json.dumps({"id": i, "text": text}, ensure_ascii=False) for i, text in enumerate(texts)]
    if n_parts == 1:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path
    path.mkdir(exist_ok=True)
    for part in range(n_parts):
        first, last = (len(lines) * at // n_parts for at in (part, part + 1))
        (path / f"part{part:03d}.jsonl").write_text("\n".join(lines[first:last]) + "\n", encoding="utf-8")
    return path


def short_texts(data: Path, t0: Texts, most_tokens: int = 9) -> Texts:
    """Distinct real texts of one to nine tokens: questions, instructions, inputs and answers, Chinese and English."""
    found = [*t0.answers, *_fields(data)]
    texts = [text for text in dict.fromkeys(found) if 0 < len(tokens_of(text[:400])) <= most_tokens and len(text) < 400]
    return Texts("short texts", texts, texts, texts)


def _fields(data: Path) -> Iterator[str]:
    for name in ("alpaca_zh_demo.json", "alpaca_en_demo.json"):
        for row in json.loads((data / name).read_text(encoding="utf-8")):
            yield from (row["instruction"], row["input"], row["output"])
    for line in (data / "huatuo_med_zh.json").read_text(encoding="utf-8").strip().split("\n"):
        row = json.loads(line)
        yield from (row["instruction"], row["input"])
    for path in sorted(data.glob("cmmlu/*/*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield from (row[name] for name in ("Question", "A", "B", "C", "D"))
