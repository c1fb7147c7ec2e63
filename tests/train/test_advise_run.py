"""The command on real files: facts as they are in the files, and a configuration that training takes as it is."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tunesmith.cli import app
from tunesmith.errors import InputError
from tunesmith.train.advise import advise
from tunesmith.train.advise_config import settings_of, write_config
from tunesmith.train.advise_facts import measure, texts_of
from tunesmith.train.advise_memory import fitting
from tunesmith.train.advise_text import WIDTH, as_json, as_text, rate, size_of
from tunesmith.train.advise_types import Facts
from tunesmith.train.config import read_config
from tunesmith.train.estimate_fit import capacity
from tunesmith.train.estimate_types import GIB
from tunesmith.train.sets import read_sets


@pytest.fixture(scope="module")
def files(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("advise")
    with (shared_data / "huatuo_med_zh.json").open(encoding="utf-8") as rows:
        (folder / "medical.jsonl").write_text("".join(islice(rows, 150)), encoding="utf-8")
    general = json.loads((shared_data / "alpaca_en_demo.json").read_text(encoding="utf-8"))[:50]
    (folder / "general.json").write_text(json.dumps(general), encoding="utf-8")
    return [str(folder / "medical.jsonl"), f"general={folder / 'general.json'}"]


@pytest.fixture(scope="module")
def measured(files: list[str], tiny_model: Path) -> Facts:
    return measure(files, str(tiny_model), capacity_bytes=24 * GIB, gpus=2)


def test_facts_are_those_of_the_files_and_of_the_model(measured: Facts, files: list[str], tiny_model: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    assert (measured.rows, measured.by_group) == (200, {"domain": 150, "general": 50})
    assert measured.general_ratio == 0.25
    tokenizer: Any = AutoTokenizer.from_pretrained(tiny_model)
    lengths = []
    for row in read_sets(files).train:
        turns = [{"role": turn.role, "content": turn.content} for turn in row.record.turns]
        lengths.append(len(tokenizer.apply_chat_template(turns, tokenize=True)["input_ids"]))
    assert list(measured.lengths) == sorted(lengths)
    assert measured.tokens == sum(lengths)
    assert measured.longest == max(lengths)
    assert measured.p95_tokens == sorted(lengths)[189]  # 190 of 200 rows are not longer
    assert measured.share_over(sorted(lengths)[189]) == pytest.approx(0.05)
    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    assert measured.billions == pytest.approx(model.num_parameters() / 1e9)
    assert (measured.layers, measured.context, measured.has_template) == (2, 1024, True)
    assert measured.languages["zh"] == pytest.approx(0.75, abs=0.02)
    assert measured.fits == {"full": 32, "lora": 32, "qlora": 32}
    assert measured.vocabulary is not None
    assert measured.vocabulary.domain.n_texts == 150


def test_the_written_file_is_read_by_train_sft_and_says_what_was_advised(
    measured: Facts, files: list[str], tmp_path: Path
) -> None:
    advice = advise(measured)
    write_config(tmp_path / "advice.yaml", advice, data=files)
    config = read_config(tmp_path / "advice.yaml")
    assert config.learning_rate == advice.value("learning_rate")
    assert config.epochs == advice.value("epochs")
    assert (config.lora.rank, config.lora.alpha) == (advice.value("rank"), advice.value("alpha"))
    assert config.batch * config.accumulation * 2 == advice.value("rows_a_step")
    assert config.max_length == advice.value("cutoff")
    assert config.early_stopping is not None
    assert config.early_stopping.patience == advice.value("patience")
    assert config.distributed == "zero2"
    assert list(config.data) == files
    assert "  # " in (tmp_path / "advice.yaml").read_text()


def test_what_is_refused_is_left_to_the_defaults(tiny_model: Path) -> None:
    few = Facts(model=str(tiny_model), stage="sft", rows=20, domain_rows=20)
    settings = settings_of(advise(few), data=["d.jsonl"])
    assert "epochs" not in settings
    assert "early_stopping" not in settings
    assert settings["lora"] == {"dropout": 0.1}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_text_fits_a_terminal_and_says_every_setting(measured: Facts, language: str) -> None:
    from rich.cells import cell_len

    advice = advise(measured, planned={"lora.rank": 64, "lora.alpha": 512, "method": "lora"})
    text = as_text(advice, language)
    assert max(map(cell_len, text.splitlines())) <= WIDTH
    flat = "".join(text.split())
    for item in advice.items:
        assert item.topic.title.in_language(language).split()[0] in flat
    for warned in advice.warnings:
        assert "".join(warned.said.in_language(language).split()) in flat
    assert "{" not in text
    assert ("来源不一致之处" in text) == (language == "zh")


def test_json_holds_all_candidates_of_all_sources(measured: Facts) -> None:
    told = json.loads(json.dumps(as_json(advise(measured), "zh")))
    epochs = next(item for item in told["advice"] if item["name"] == "epochs")
    assert [one["source"] for one in epochs["candidates"]] == ["guide 1", "guide 2", "guide 3", "guide 4"]
    assert (epochs["value"], epochs["disagree"]) == (5, True)
    assert told["vocabulary"]["candidates"][0]["pieces"] >= 3
    assert "lengths" not in told["facts"]


def test_the_command_prints_advice_and_warns_of_a_file_of_one_s_own(
    files: list[str], tiny_model: Path, tmp_path: Path
) -> None:
    own = {"stage": "sft", "model": str(tiny_model), "data": files, "epochs": 20, "lora": {"rank": 64}}
    (tmp_path / "own.yaml").write_text(json.dumps(own))
    line = ["train", "advise", "--model", str(tiny_model), "--check", str(tmp_path / "own.yaml"), "--json"]
    run = CliRunner().invoke(app, [*line, "--data", files[0], "--data", files[1]])
    assert run.exit_code == 0, run.output
    told = json.loads(run.stdout)
    assert (
        {"memorises", "epochs", "lacks_chinese"} >= {one["code"] for one in told["warnings"]} >= {"memorises", "epochs"}
    )
    assert told["facts"]["fits"] is None  # no --gpu, nothing is said of memory


@pytest.mark.parametrize("wrong", [["--task", "sums"], ["--lang", "fr"]])
def test_a_wrong_choice_is_a_usage_error(wrong: list[str], tiny_model: Path) -> None:
    run = CliRunner().invoke(app, ["train", "advise", "--data", "none.jsonl", "--model", str(tiny_model), *wrong])
    assert run.exit_code == 2


def test_a_model_without_a_chat_template_is_measured_as_a_base_model(
    files: list[str], tiny_model: Path, tmp_path: Path
) -> None:
    from transformers import AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(tiny_model)
    tokenizer.chat_template = None
    tokenizer.save_pretrained(tmp_path)
    (tmp_path / "config.json").write_text((tiny_model / "config.json").read_text())
    found = measure(files, str(tmp_path))
    assert found.has_template is False
    assert found.p95_tokens is not None
    assert "base_with_few_rows" in {one.code for one in advise(found).warnings}


def test_where_nothing_is_called_a_domain_everything_is(files: list[str]) -> None:
    rows = list(read_sets([files[1]]).train)
    domain, general = texts_of(rows)
    assert (len(domain), general) == (50, [])


def test_what_cannot_be_read_is_told(files: list[str], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no/such-model"):
        measure(files, "no/such-model")
    with pytest.raises(InputError, match=r"none\.jsonl"):
        measure([str(tmp_path / "none.jsonl")], "no/such-model")


@pytest.mark.parametrize(("text", "gib"), [("24GB", 24), ("80", 80), (" 7.5 GiB", 7.5), ("16g", 16)])
def test_memory_is_read_as_makers_write_it(text: str, gib: float) -> None:
    assert capacity(text) == gib * GIB


@pytest.mark.parametrize("text", ["", "much", "0GB", "24TB", "-1"])
def test_no_memory_is_an_error(text: str) -> None:
    with pytest.raises(InputError, match="--gpu"):
        capacity(text)


def test_less_memory_holds_smaller_batches(tiny_model: Path) -> None:
    from tunesmith.train.estimate import estimate
    from tunesmith.train.estimate_types import Load

    as_trained = Load(method="lora", max_length=512, batch=4, checkpointing=False)  # the default below 1B
    at_four = estimate(str(tiny_model), as_trained).high
    found = fitting(str(tiny_model), capacity_bytes=at_four, max_length=512)
    assert found["lora"] == 4
    assert fitting(str(tiny_model), capacity_bytes=1, max_length=512) == {"full": 0, "lora": 0, "qlora": 0}


def test_rates_and_sizes_are_written_as_people_write_them() -> None:
    assert [rate(value) for value in (2e-4, 5e-5, 1.5e-3, 0.001)] == ["2e-4", "5e-5", "1.5e-3", "1e-3"]
    assert [size_of(value) for value in (0.6, 7.62, 0.00014)] == ["0.6B", "7.62B", "0.14M"]
