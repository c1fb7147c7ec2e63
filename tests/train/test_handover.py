"""Data that is handed over: the same tokens come back, whatever happens to the disk is told, packs do not mix."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tunesmith.curate.records import Record
from tunesmith.errors import InputError, OutputError
from tunesmith.train.handover import open_examples, read_fates, read_hand_over, write_examples, write_fates
from tunesmith.train.types import MASKED, Encoded, Encoding, Example, Fate, Row


def encoded(n_rows: int, *, length: int = 12, copies: int = 1) -> Iterator[Encoded]:
    """Rows with random tokens, of which the second half is trained."""
    chance = np.random.default_rng(7)
    for number in range(n_rows):
        ids = chance.integers(3, 1000, 3 + number % length, dtype=np.int32)
        labels = np.where(np.arange(len(ids)) < len(ids) // 2, MASKED, ids).astype(np.int32)
        row = Row(f"a:{number}", Record("sft", ()), "a", "domain", copies if number % 2 else 1)
        fate = Fate(row.row_id, "a", "domain", "trained", n_tokens=len(ids), n_examples=1, flags=("x",) * (number % 2))
        yield Encoded(row, (Example(row.row_id, ids, labels, np.zeros(len(ids), np.uint8)),), fate)


def pairs(dataset: Any, *, packed: bool) -> list[tuple[str, list[int], list[int]]]:
    """`(row_id, ids, labels)` of each example, taken out of its pack."""
    found = []
    for row in dataset:
        start = 0
        for row_id, n in zip(row["row_ids"], row["seq_lengths"] if packed else [len(row["input_ids"])]):
            found.append((row_id, row["input_ids"][start : start + n], row["labels"][start : start + n]))
            start += n
        assert start == len(row["input_ids"]) == len(row["labels"])
    return found


@pytest.mark.parametrize("packed", [False, True])
def test_what_is_written_comes_back_every_example_as_often_as_the_mix_wants_it(tmp_path: Path, packed: bool) -> None:
    encoding = Encoding(40, packing=packed)
    made, fates = write_examples(encoded(50, copies=3), tmp_path / "train", encoding=encoding)
    dataset: Any = open_examples(made.folder, expected=made.hash)
    wanted = sorted(
        (row.row_id, one.input_ids.tolist(), [MASKED, *one.labels[1:].tolist()])
        for row, (one,), _ in encoded(50, copies=3)
        for _ in range(row.copies)
    )
    assert sorted(pairs(dataset, packed=packed)) == wanted
    assert (made.n_rows, made.n_examples, made.n_sequences) == (50, 100, len(dataset))
    assert made.n_tokens == sum(len(ids) for _, ids, _ in wanted)
    assert made.n_trained == sum(label != MASKED for *_, labels in wanted for label in labels)
    assert fates == [fate for *_, fate in encoded(50)]
    assert read_hand_over(made.folder) == made
    assert packed == (len(dataset) < 100)
    assert all(len(row["input_ids"]) <= 40 for row in dataset)


def test_copies_never_stand_side_by_side(tmp_path: Path) -> None:
    made, _ = write_examples(encoded(9, copies=2), tmp_path / "train", encoding=Encoding(40))
    dataset: Any = open_examples(made.folder)
    names = [row_id for row in dataset for row_id in row["row_ids"]]
    assert names == [f"a:{n}" for n in range(9)] + [f"a:{n}" for n in range(1, 9, 2)]


def test_the_hash_is_of_tokens_labels_and_order_and_not_of_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hash_of(rows: list[Encoded]) -> str:
        return write_examples(rows, tmp_path / "train", encoding=Encoding(40))[0].hash

    rows = list(encoded(5))
    first = hash_of(rows)
    assert hash_of(rows[::-1]) != first
    labels = rows[0].examples[0].labels.copy()
    labels[-1] = MASKED
    assert hash_of([rows[0]._replace(examples=(rows[0].examples[0]._replace(labels=labels),)), *rows[1:]]) != first
    monkeypatch.setattr("tunesmith.train.sequences._BATCH_ROWS", 2)
    assert hash_of(rows) == first


def test_a_changed_byte_a_missing_file_and_other_data_are_told(tmp_path: Path) -> None:
    made, _ = write_examples(encoded(5), tmp_path / "train", encoding=Encoding(40))
    with pytest.raises(InputError, match="other data than training began with"):
        open_examples(made.folder, expected="0" * 32)
    data = made.folder / "examples.arrow"
    whole = bytearray(data.read_bytes())
    whole[len(whole) // 2] ^= 1
    data.write_bytes(whole)
    with pytest.raises(InputError, match="is not what was written"):
        open_examples(made.folder)
    data.unlink()
    with pytest.raises(InputError, match=r"examples\.arrow is missing"):
        open_examples(made.folder)
    with pytest.raises(InputError, match="no data was handed over here"):
        open_examples(tmp_path / "nothing")


@pytest.mark.parametrize("name", ["hash", "file_hash", "n_rows", "n_tokens"])
def test_facts_that_lack_one_are_told(tmp_path: Path, name: str) -> None:
    made, _ = write_examples(encoded(5), tmp_path / "train", encoding=Encoding(40))
    facts = made.folder / "examples.json"
    facts.write_text(facts.read_text(encoding="utf-8").replace(f'"{name}"', f'"{name}?"'), encoding="utf-8")
    for read in (open_examples, read_hand_over):
        with pytest.raises(InputError, match="written by another version"):
            read(made.folder)


def test_data_without_an_example_cannot_be_opened(tmp_path: Path) -> None:
    made, _ = write_examples([], tmp_path / "train", encoding=Encoding(40, packing=True))
    assert made.n_sequences == 0
    with pytest.raises(InputError, match="no row is left to train on"):
        open_examples(made.folder)


def test_newer_data_replaces_older_and_nothing_else(tmp_path: Path) -> None:
    for n_rows in (3, 4):
        made, _ = write_examples(encoded(n_rows), tmp_path / "train", encoding=Encoding(40))
    assert len(open_examples(made.folder)) == 4
    assert [path.name for path in tmp_path.iterdir()] == ["train"]
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("x")
    with pytest.raises(OutputError, match="something else"):
        write_examples(encoded(3), tmp_path / "other", encoding=Encoding(40))
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["mine.txt"]


FULL = """
import resource, sys
import numpy as np
from pathlib import Path
from tunesmith.curate.records import Record
from tunesmith.errors import OutputError
from tunesmith.train.handover import write_examples
from tunesmith.train.types import *
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
ids = np.arange(400, dtype=np.int32)
row = Row("a:1", Record("sft", ()), "a", "domain")
made = Encoded(row, (Example("a:1", ids, ids, ids.astype(np.uint8)),), Fate("a:1", "a", "domain", "trained"))
try:
    write_examples([made] * 3000, Path(sys.argv[1]), encoding=Encoding(400))
except OutputError as error:
    print(error)
"""


def test_a_full_disk_ends_in_one_message_and_leaves_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "train")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "the file grew past the size limit" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_leaves_nothing_half_written(tmp_path: Path) -> None:
    def stopped() -> Iterator[Encoded]:
        yield from encoded(5)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_examples(stopped(), tmp_path / "train", encoding=Encoding(40))
    assert list(tmp_path.iterdir()) == []


def test_memory_does_not_grow_with_the_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tunesmith.train.sequences._BATCH_ROWS", 20)
    peaks = []
    for n_rows in (1000, 2000):
        tracemalloc.start()
        write_examples(encoded(n_rows, length=1000), tmp_path / "train", encoding=Encoding(2000, packing=True))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    n_bytes = sum(3 + n % 1000 for n in range(1000)) * 8
    assert peaks[1] - peaks[0] < n_bytes / 3


def test_fates_come_back_as_they_were(tmp_path: Path) -> None:
    fates = [
        Fate("a:1", "a", "domain", "trained", n_tokens=7, n_trained=2, n_examples=1, flags=("x", "y")),
        Fate("a:2", "a", "general", "dropped", "too_long", 9.0, 5.0, "long", 9),
    ]
    write_fates(tmp_path / "rows.parquet", fates)
    assert read_fates(tmp_path / "rows.parquet") == fates
    write_fates(tmp_path / "rows.parquet", [])
    assert read_fates(tmp_path / "rows.parquet") == []
    with pytest.raises(InputError, match="no ledger"):
        read_fates(tmp_path / "absent.parquet")


def summed_loss(model: Any, batch: dict[str, Any]) -> float:
    """The sum over all labelled tokens, in float64."""
    import torch

    with torch.inference_mode():
        logits = model(**{name: batch[name] for name in batch if name != "labels"}, use_cache=False).logits.double()
    labels = batch["labels"]
    loss = torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), ignore_index=MASKED, reduction="sum"
    )
    return float(loss)


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_packed_and_unpacked_losses_agree(tmp_path: Path, tiny_model: Path, attention: str) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    model: Any = AutoModelForCausalLM.from_pretrained(tiny_model, attn_implementation=attention).eval()
    losses = []
    for packed in (False, True):
        made, _ = write_examples(encoded(30), tmp_path / "train", encoding=Encoding(60, packing=packed))
        total = 0.0
        dataset: Any = open_examples(made.folder)
        for row in dataset:
            batch = {name: torch.tensor([row[name]]) for name in ("input_ids", "labels")}
            if packed:
                batch["position_ids"] = torch.tensor([[n for length in row["seq_lengths"] for n in range(length)]])
            total += summed_loss(model, batch)
        losses.append(total / made.n_trained)
    assert losses[0] == pytest.approx(losses[1], abs=1e-4)


def test_the_collator_of_the_trainer_takes_packs_as_they_are(tmp_path: Path) -> None:
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    made, _ = write_examples(encoded(30), tmp_path / "train", encoding=Encoding(60, packing=True))
    row = open_examples(made.folder)[0]
    batch = DataCollatorForLanguageModeling(pad_token_id=0, padding_free=True)([row])
    assert batch["position_ids"].tolist() == [[n for length in row["seq_lengths"] for n in range(length)]]
    assert batch["labels"].tolist() == [row["labels"]]
    assert "attention_mask" not in batch
