"""Token counts by a tokenizer that the test makes, and the errors where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from tokenizers import Tokenizer as Loaded
from tokenizers import models, pre_tokenizers, processors

from tunesmith.curate.records import Message, Record, to_batch
from tunesmith.curate.token_counts import BATCH, count_tokens, open_tokenizer
from tunesmith.errors import InputError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A tokenizer of one token per run of letters or signs, which truncates and adds a special token by default."""
    loaded = Loaded(models.WordLevel({"<s>": 0, "?": 1}, unk_token="?"))  # noqa: S106
    loaded.pre_tokenizer = pre_tokenizers.Whitespace()  # pyright: ignore[reportAttributeAccessIssue]
    loaded.post_processor = processors.TemplateProcessing("<s> $A", special_tokens=[("<s>", 0)])  # pyright: ignore[reportAttributeAccessIssue]
    loaded.enable_truncation(3)
    loaded.enable_padding(length=3)
    (tmp_path / "model").mkdir()
    loaded.save(str(tmp_path / "model" / "tokenizer.json"))
    return tmp_path


def test_all_turns_count_and_special_tokens_do_not(folder: Path) -> None:
    call = {"function": {"name": "add", "arguments": '{"a": 1}'}}
    rows = [
        Record("sft", (Message("user", "one two three four"), Message("assistant", "five", reasoning="six seven"))),
        Record("sft", (Message("user", ""), Message("assistant", None, tool_calls=[call]))),
        Record("preference", (Message("user", "a"),), (Message("assistant", "b c"),), (Message("assistant", "d"),)),
        Record("text", text="你好 世界"),
        Record("invalid"),
    ]
    counts = count_tokens(to_batch(rows), open_tokenizer("model", base=folder))
    assert counts.to_pylist() == [7, 6, 4, 2, 0]
    assert str(counts.type) == "int32"


def test_many_rows_count_as_each_does_alone(folder: Path) -> None:
    tokenizer = open_tokenizer("model/tokenizer.json", base=folder)
    rows = [Record("text", text="a " * (i % 5)) for i in range(BATCH + 7)]
    assert count_tokens(to_batch(rows), tokenizer).to_pylist() == [i % 5 for i in range(BATCH + 7)]


def test_the_digest_is_that_of_the_file(folder: Path) -> None:
    digest = open_tokenizer("model", base=folder).digest
    assert digest == open_tokenizer(str(folder / "model"), base=Path()).digest
    path = folder / "model" / "tokenizer.json"
    path.write_text(path.read_text().replace('"?"', '"!"'))
    assert digest != open_tokenizer("model", base=folder).digest


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("./gone", "saw no such file"),
        ("owner/model", "no copy of it on this machine"),
        ("not a name", "neither a path nor a name"),
    ],
)
def test_a_tokenizer_that_is_not_there_is_told_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(InputError, match=said) as raised:
        open_tokenizer(name, base=tmp_path)
    assert raised.value.remedy


def test_a_file_that_is_no_tokenizer_is_told(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(InputError, match=r"expected a tokenizer\.json of the tokenizers library"):
        open_tokenizer(".", base=tmp_path)
