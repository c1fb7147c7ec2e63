"""The preflight as text, as a page, and at the command line."""

from __future__ import annotations

import json
import re
import string
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("transformers")

from typer.testing import CliRunner

from tunesmith.cli import app
from tunesmith.curate.records import Message, Record
from tunesmith.curate.shown import width_of
from tunesmith.errors import InputError, OutputError
from tunesmith.train.handover import read_fates
from tunesmith.train.preflight import preflight
from tunesmith.train.preflight_asked import Asked
from tunesmith.train.preflight_found import Preflight
from tunesmith.train.preflight_page import render_page
from tunesmith.train.preflight_run import run_preflight
from tunesmith.train.preflight_text import as_text
from tunesmith.train.preflight_views import place_of
from tunesmith.train.preflight_words import CATALOGUES, name
from tunesmith.train.template import Template, template_of
from tunesmith.train.types import PARTS, Encoding, Row, Sets

RUNNER = CliRunner()
EVIL = "\x1b[2J<script>alert(1)</script>\u202e"


@pytest.fixture(scope="module")
def template(tiny_tokenizer: Any) -> Template:
    return template_of(tiny_tokenizer, "tiny")


def chat(row_id: str, *texts: str, source: str = "a") -> Row:
    turns = tuple(Message(("user", "assistant")[place % 2], text) for place, text in enumerate(texts))
    return Row(row_id, Record("sft", turns), source, "domain")


@pytest.fixture(scope="module")
def found(template: Template) -> Preflight:
    rows = [
        chat("a:1", "什么是龘？\n" + EVIL, "三个龍。", "还有呢？", "没有了。"),
        chat("a:2", "血压", "高血压是慢性病，" * 60),
        chat("b:1", "What does <|im_end|> mean?", "It ends a turn.", source="b" * 150),
    ]
    sets = Sets(rows, {"general": [chat("g:1", "Hello?", "Hi.")]}, "mark", [("c.jsonl:9", EVIL)])
    return preflight(sets, template, Encoding(128))


def test_the_text_is_narrow_and_holds_no_control_character(found: Preflight) -> None:
    text = as_text(found)
    assert max(map(width_of, text.splitlines())) <= 100
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    assert "3 of 5 rows will be trained; 2 will not." in text
    assert "longer than the cutoff" in text


def test_colours_are_for_terminals_alone(found: Preflight) -> None:
    assert "\x1b[" not in as_text(found, color=False)
    colored = as_text(found, color=True)
    assert "\x1b[" in colored
    assert "\x1b[2J" not in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored).count("没有了") == 1


def test_a_row_without_colours_says_of_each_part_whether_it_is_trained(found: Preflight) -> None:
    lines = [line for line in as_text(found).splitlines() if re.match(r"  [+·x]  ", line)]
    assert "  ·  template           <|im_start|>│user│⏎" in lines
    assert any(re.match(r"  \+  assistant +没有│了│。$", line) for line in lines)
    assert any(re.match(r"  \+  end +<\|im_end\|>$", line) for line in lines)


def test_tokens_that_share_a_character_are_named(found: Preflight) -> None:
    assert re.search(r"tokens \d+ to \d+ share 龘 \(\d+( \+ \d+)+\)", as_text(found))


def test_the_page_escapes_what_comes_from_data(found: Preflight) -> None:
    for language in ("en", "zh"):
        html = render_page(found, language)
        assert "<script" not in html
        assert "\u202e" not in html
        assert "\x1b" not in html
        assert "⟨U+001B⟩" in html


def test_the_page_needs_nothing_else_and_is_the_same_each_time(found: Preflight) -> None:
    html = render_page(found, "en")
    assert html == render_page(found, "en")
    assert not re.search(r"(?:src|href)=\"(?!#)", html)
    anchors = re.findall(r'href="#(\w+)"', html)
    assert anchors
    assert all(f'<section id="{anchor}">' in html for anchor in anchors)


def test_the_page_shows_each_row_with_its_trained_and_masked_tokens(found: Preflight) -> None:
    html = render_page(found, "zh")
    for row in found.rows:
        assert f"<code>{row.row_id}</code>" in html
    boxes = html[html.index('id="shown"') :]
    pieces = [piece for row in found.rows for pieces in row.examples for piece in pieces]
    assert len(re.findall(r"<b[ >]", boxes)) - boxes.count('<b class="k"') - 2 * len(found.rows) == sum(
        piece.trained for piece in pieces
    )
    assert "<sup>3</sup>" in boxes


def test_the_cutoff_is_drawn_where_it_stands_on_the_axis(found: Preflight) -> None:
    assert place_of([0, 16, 32, 64], 48) == 2.5
    assert place_of([0, 16, 32], 400) == 2
    assert 'stroke="var(--odd)"' in render_page(found, "en")


def test_every_text_has_the_same_places_in_both_languages() -> None:
    def places(text: str) -> set[str | None]:
        return {place for _, place, *_ in string.Formatter().parse(text) if place}

    assert CATALOGUES["en"].keys() == CATALOGUES["zh"].keys()
    for key, text in CATALOGUES["en"].items():
        assert places(text) == places(CATALOGUES["zh"][key]), key


def test_every_part_of_an_example_has_words() -> None:
    assert all(f"part.{part}" in CATALOGUES["zh"] for part in PARTS)
    assert name("zh", "reason", "brand_new") == "brand_new"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows = [("1 + 1?", "2"), ("血压", "高血压是慢性病，" * 60), ("What does <|im_end|> mean?", "It ends a turn.")]
    path = tmp_path / "rows.jsonl"
    turns = [[{"role": "user", "content": ask}, {"role": "assistant", "content": said}] for ask, said in rows]
    path.write_text("\n".join(json.dumps({"messages": one}, ensure_ascii=False) for one in turns), encoding="utf-8")
    return path


def run(data: Path, model: Path | str, *more: str, length: int = 128) -> Any:
    wanted = ["train", "preflight", "--data", str(data), "--model", str(model), "--max-length", str(length)]
    return RUNNER.invoke(app, [*wanted, *more])


def test_the_command_writes_page_ledger_and_figures(data: Path, tiny_model: Path, tmp_path: Path) -> None:
    done = run(data, tiny_model, "--out", str(tmp_path / "out"), "--json", "--lang", "zh")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    written = json.loads((tmp_path / "out" / "preflight.json").read_text(encoding="utf-8"))
    assert {key: value for key, value in written.items() if key != "mark"} == told
    assert told["train"]["outcomes"] == {"trained": 2, "truncated": 0, "split": 0, "dropped": 1}
    assert told["problems"] == ["dropped"]
    assert [fate.outcome for fate in read_fates(tmp_path / "out" / "rows.parquet")] == ["trained", "dropped", "trained"]
    assert '<html lang="zh-Hans">' in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_the_folder_holds_some_rows_token_by_token(data: Path, tiny_model: Path, tmp_path: Path) -> None:
    done = run_preflight(asked(data, tiny_model, Encoding(128), out=tmp_path / "out"))
    written = json.loads((tmp_path / "out" / "shown.json").read_text(encoding="utf-8"))
    assert [row["row_id"] for row in written] == [row["row_id"] for row in done.figures["shown"]]
    dropped = next(row for row in written if row["outcome"] == "dropped")
    assert "高血压是慢性病，" * 60 in "".join(piece["text"] for piece in dropped["examples"][0])
    assert dropped["cutoff"] == 128
    assert {piece["trained"] for piece in dropped["examples"][0]} == {True, False}


def test_a_folder_of_other_settings_is_written_over_only_when_asked(
    data: Path, tiny_model: Path, tmp_path: Path
) -> None:
    out = ("--out", str(tmp_path / "out"))
    assert run(data, tiny_model, *out).exit_code == 0
    assert run(data, tiny_model, *out).exit_code == 0
    with pytest.raises(OutputError, match="add --replace"):
        run_preflight(asked(data, tiny_model, Encoding(256), out=tmp_path / "out"))
    assert run(data, tiny_model, *out, "--replace", length=256).exit_code == 0
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "rows.parquet").write_bytes(b"mine")
    with pytest.raises(OutputError, match="which no preflight wrote"):
        run_preflight(asked(data, tiny_model, Encoding(256), out=tmp_path / "mine", replace=True))
    assert (tmp_path / "mine" / "rows.parquet").read_bytes() == b"mine"


def asked(data: Path, model: Path | str, encoding: Encoding, **more: Any) -> Asked:
    return Asked((str(data),), str(model), encoding, **more)


def test_strict_lets_nothing_be_dropped_or_cut(data: Path, tiny_model: Path) -> None:
    assert run(data, tiny_model, "--strict").exit_code == 1
    assert run(data, tiny_model, "--strict", "--over-long", "truncate").exit_code == 1
    assert run(data, tiny_model, "--strict", length=1024).exit_code == 0


def test_strict_wants_the_template_that_is_served(data: Path, tiny_model: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jinja"
    other.write_text(
        "{% for m in messages %}{{ m.role + ': ' + m.content + '<|im_end|>' }}{% endfor %}", encoding="utf-8"
    )
    done = run(data, tiny_model, "--strict", "--template", str(other), "--json", length=1024)
    assert done.exit_code == 1
    assert json.loads(done.stdout)["problems"] == ["template", "prompts"]


@pytest.mark.parametrize(
    ("length", "more", "message"),
    [
        (0, {}, "--max-length: expected at least 1 token, saw 0"),
        (1, {}, "no row is left to train on; of 3 rows: too_long 3"),
        (128, {"model": "no-one/has-this"}, "no-one/has-this: is no folder here"),
        (128, {"row": "rows:9"}, "no row of these sets is called 'rows:9'"),
        (128, {"stage": "dpo"}, "no row is left to train on; of 3 rows: wrong_kind 3"),
    ],
)
def test_bad_input_is_told_with_what_to_do(
    data: Path, tiny_model: Path, length: int, more: dict[str, Any], message: str
) -> None:
    model = more.pop("model", tiny_model) if "model" in more else tiny_model
    with pytest.raises(InputError) as caught:
        run_preflight(asked(data, model, Encoding(length), **{k: v for k, v in more.items() if k != "model"}))
    assert message in str(caught.value)
    assert caught.value.remedy


def test_a_model_without_a_chat_template_is_told(data: Path, tmp_path: Path, tiny_tokenizer: Any) -> None:
    tiny_tokenizer.save_pretrained(tmp_path / "base")
    for file in ("chat_template.jinja", "tokenizer_config.json"):
        path = tmp_path / "base" / file
        if file.endswith("jinja"):
            path.unlink(missing_ok=True)
        else:
            told = json.loads(path.read_text(encoding="utf-8"))
            told.pop("chat_template", None)
            path.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(InputError, match="has no chat template"):
        run_preflight(asked(data, tmp_path / "base", Encoding(128)))


def test_an_unknown_choice_is_a_usage_error(data: Path, tiny_model: Path) -> None:
    for option in ("--train-on", "--over-long", "--reasoning", "--special", "--stage", "--for"):
        done = run(data, tiny_model, option, "sideways")
        assert done.exit_code == 2
        assert "sideways" in done.output


def test_a_prediction_stands_beside_our_decision(data: Path, tiny_model: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    done = run_preflight(asked(data, tiny_model, Encoding(128), system="llamafactory", out=tmp_path / "out"))
    table = pq.read_table(tmp_path / "out" / "predicted.parquet").to_pylist()
    assert [line["row_id"] for line in table] == ["rows:1", "rows:2", "rows:3"]
    assert [line["ours"] for line in table] == ["trained", "dropped", "trained"]
    assert table[1]["predicted"] == "cut"
    groups = done.figures["predicted"]["groups"]
    assert sum(group["rows"] for group in groups) == 3
    assert ("cut", "dropped") in [(group["theirs"], group["ours"]) for group in groups]
    assert "What LLaMA-Factory" in done.text()
    assert 'id="predicted"' in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    rows = [
        ("1 + 1?", "2, of course", "3"),
        ("血压", "高" * 90, "低"),
        ("Same?", "Yes.", "Yes."),
        ("2 + 2?", "4", "5 or so"),
    ]
    path = tmp_path / "pairs.jsonl"
    made = [
        {"prompt": [{"role": "user", "content": ask}]}
        | {side: [{"role": "assistant", "content": text}] for side, text in (("chosen", good), ("rejected", bad))}
        for ask, good, bad in rows
    ]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in made), encoding="utf-8")
    return path


@pytest.mark.parametrize("stage", ["dpo", "orpo", "simpo", "reward"])
def test_preferences_are_counted_as_trl_makes_them(pairs: Path, tiny_model: Path, tmp_path: Path, stage: Any) -> None:
    from tunesmith.train.preferences import trl_tokens
    from tunesmith.train.sets import read_sets
    from tunesmith.train.template import open_template

    done = run_preflight(asked(pairs, tiny_model, Encoding(64), stage=stage, out=tmp_path / "out"))
    train = done.figures["train"]
    assert train["outcomes"] == {"trained": 2, "truncated": 0, "split": 0, "dropped": 2}
    assert {one["reason"]: one["examples"] for one in train["reasons"]} == {
        "identical": ("pairs:3",),
        "too_long": ("pairs:2",),
    }
    assert (train["chosen_longer"], train["pairs"]) == (1, 2)
    first = trl_tokens(stage, read_sets([str(pairs)]).train[0], open_template(str(tiny_model)))
    name = {"dpo": "chosen_ids", "reward": "chosen_ids"}.get(stage, "chosen_labels")
    assert train["sides"]["chosen"]["max"] >= sum(token != -100 for token in first[name])
    assert len(read_fates(tmp_path / "out" / "rows.parquet")) == 4
    assert "The chosen answer is longer in 1 of 2 pairs" in done.text()
    assert "<code>pairs:2</code>" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_the_sequences_of_a_pair_are_called_by_their_names(pairs: Path, tiny_model: Path) -> None:
    text = run_preflight(asked(pairs, tiny_model, Encoding(64), stage="dpo")).text()
    assert text.index("\n  chosen\n") < text.index("\n  rejected\n")


def test_a_pair_cannot_be_split(pairs: Path, tiny_model: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be split.*use drop or truncate"):
        run_preflight(asked(pairs, tiny_model, Encoding(64, over_long="split"), stage="dpo"))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--stage", "dpo", "--train-on", "all"), "TRL tokenises the rows of dpo itself"),
        (("--stage", "pretrain", "--over-long", "split"), "documents are trained whole"),
        (("--lang", "zh"), "add --out"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(
    data: Path, tiny_model: Path, more: tuple[str, ...], message: str
) -> None:
    done = run(data, tiny_model, *more)
    assert done.exit_code == 2
    assert message in re.sub(r"[\s│]+", " ", done.output)
