"""The whole road: each row has one verdict, the same recipe gives the same bytes, a killed run goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tunesmith.curate.progress import Progress
from tunesmith.curate.recipe import LoadedRecipe, load_recipe, one_line_recipe
from tunesmith.curate.run import RunResult, run
from tunesmith.errors import InputError, OutputError, TunesmithError


def pair(question: str, answer: str, **more: Any) -> dict[str, Any]:
    return {"instruction": question, "input": "", "output": answer, **more}


def write_jsonl(path: Path, rows: list[Any]) -> Path:
    text = "".join(row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")
    return path


def recipe_in(folder: Path, text: str) -> LoadedRecipe:
    (folder / "recipe.yaml").write_text(text, encoding="utf-8")
    return load_recipe(folder / "recipe.yaml")


def ledger_of(result: RunResult) -> dict[str, dict[str, Any]]:
    return {line["row_id"]: line for line in pq.read_table(result.out / "ledger.parquet").to_pylist()}


def lines_of(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def bytes_of(out: Path) -> dict[str, bytes]:
    files = sorted(path for path in out.rglob("*") if path.is_file() and path.name not in ("run.log.json", "lock"))
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


# No two prompts are alike, so that each row may stand on either side of the split.
QUESTIONS = [pair(f"Capital of country {i}?", f"The capital of that country is city number {i}.") for i in range(30)]


def test_every_input_row_has_exactly_one_verdict(tmp_path: Path) -> None:
    rows: list[Any] = [
        pair("Why is the sky blue?", "Short waves scatter most."),
        pair("why is the  SKY blue?", "Short waves scatter most."),
        pair("Say it.", "   "),
        pair("Echo me", "echo me"),
        pair("Who are you?", "I am {{name}}."),
        {"instruction": "No answer here", "input": "", "output": None},
        '{"instruction": "cut off", "outp\n',
        '{"instruction": "a number", "output": NaN}\n',
        "[1, 2]\n",
        {"instruction": 7, "input": "", "output": "text"},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
        {"colour": "red"},
        pair("A last good one?", "Yes, this."),
    ]
    write_jsonl(tmp_path / "rows.jsonl", rows)
    result = run(recipe_in(tmp_path, "sources: [rows.jsonl]\n"), tmp_path / "out")
    told = {line["position"]: (line["verdict"], line["rule"]) for line in ledger_of(result).values()}
    assert told == {
        1: ("kept", None),
        2: ("dropped", "exact_duplicate"),
        3: ("dropped", "empty_turn"),
        4: ("dropped", "prompt_equals_answer"),
        5: ("dropped", "placeholder"),
        6: ("dropped", "missing_answer"),
        7: ("invalid", "invalid_json"),
        8: ("invalid", "invalid_json"),
        9: ("invalid", "not_an_object"),
        10: ("invalid", "wrong_type"),
        11: ("invalid", "multimodal"),
        12: ("invalid", "unknown_format"),
        13: ("kept", None),
    }
    assert result.counts["rows_in"] == 13
    assert result.counts["kept"] == result.counts["train"] + result.counts["validation"] == 2


def test_a_dropped_duplicate_names_a_kept_partner(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "rows.jsonl", [*QUESTIONS, *QUESTIONS[:5]])
    ledger = ledger_of(run(recipe_in(tmp_path, "sources: [rows.jsonl]\n"), tmp_path / "out"))
    dropped = [line for line in ledger.values() if line["verdict"] == "dropped"]
    assert [line["partner"] for line in dropped] == [f"rows:{i}" for i in range(1, 6)]
    assert all(ledger[line["partner"]]["verdict"] == "kept" and line["similarity"] == 1.0 for line in dropped)


def test_the_three_files_together_are_the_input(tmp_path: Path) -> None:
    rows: list[Any] = [*QUESTIONS, QUESTIONS[0], '{"broken\n', pair("?", "")]
    write_jsonl(tmp_path / "rows.jsonl", rows)
    result = run(recipe_in(tmp_path, "sources: [rows.jsonl]\n"), tmp_path / "out")
    out = result.out
    sizes = [len(lines_of(out / name)) for name in ("train.jsonl", "validation.jsonl", "dropped.jsonl")]
    assert sum(sizes) == len(rows)
    assert sizes == [result.counts["train"], result.counts["validation"], 3]
    left = {line["row_id"]: line for line in lines_of(out / "dropped.jsonl")}
    assert left["rows:31"]["row"] == QUESTIONS[0]
    assert left["rows:32"]["text"] == '{"broken'


def test_two_runs_agree_byte_for_byte(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "rows.jsonl", [*QUESTIONS, *QUESTIONS[:5], "{\n"])
    loaded = recipe_in(tmp_path, "sources: [rows.jsonl]\nseed: 3\n")
    run(loaded, tmp_path / "first")
    run(loaded, tmp_path / "second")
    assert bytes_of(tmp_path / "first") == bytes_of(tmp_path / "second")


def test_running_again_changes_nothing_and_says_so(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "rows.jsonl", QUESTIONS)
    loaded = recipe_in(tmp_path, "sources: [rows.jsonl]\n")
    first = run(loaded, tmp_path / "out")
    before = bytes_of(tmp_path / "out")
    again = run(loaded, tmp_path / "out")
    assert again.continued
    assert again.counts == first.counts
    assert bytes_of(tmp_path / "out") == before


def test_a_damaged_output_is_written_again(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "rows.jsonl", QUESTIONS)
    loaded = recipe_in(tmp_path, "sources: [rows.jsonl]\n")
    run(loaded, tmp_path / "out")
    before = bytes_of(tmp_path / "out")
    (tmp_path / "out" / "train.jsonl").write_text("lost\n", encoding="utf-8")
    assert not run(loaded, tmp_path / "out").continued
    assert bytes_of(tmp_path / "out") == before


class Stopping(Progress):
    """Stops the run after a number of steps, the way a closed terminal does."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    @contextmanager
    def stage(self, name: str, *, total: int | None, unit: str) -> Iterator[Callable[[int], None]]:
        def advance(done: int) -> None:
            self.left -= 1
            if self.left < 0:
                raise KeyboardInterrupt

        yield advance


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 4])
def test_an_interrupted_run_goes_on_to_the_same_bytes(
    tmp_path: Path, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tunesmith.curate.ingest.SHARD_ROWS", 8)  # 30 rows in four shards
    write_jsonl(tmp_path / "rows.jsonl", QUESTIONS)
    loaded = recipe_in(tmp_path, "sources: [rows.jsonl]\n")
    run(loaded, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        run(loaded, tmp_path / "out", progress=Stopping(steps))
    run(loaded, tmp_path / "out")
    assert bytes_of(tmp_path / "out") == bytes_of(tmp_path / "whole")


def test_another_recipe_does_not_write_over_a_run(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "rows.jsonl", QUESTIONS)
    run(recipe_in(tmp_path, "sources: [rows.jsonl]\n"), tmp_path / "out")
    other = recipe_in(tmp_path, "sources: [rows.jsonl]\nseed: 9\n")
    with pytest.raises(OutputError, match="--replace"):
        run(other, tmp_path / "out")
    run(other, tmp_path / "out", replace=True)
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["recipe"]["seed"] == 9


def test_a_foreign_folder_is_refused_and_never_emptied(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "rows.jsonl", QUESTIONS)
    loaded = recipe_in(tmp_path, "sources: [rows.jsonl]\n")
    foreign = tmp_path / "thesis"
    foreign.mkdir()
    (foreign / "chapter1.txt").write_text("years of work")
    with pytest.raises(OutputError, match="no run of Tunesmith"):
        run(loaded, foreign)
    run(loaded, foreign, replace=True)
    assert (foreign / "chapter1.txt").read_text() == "years of work"


def test_a_tuned_rule_does_not_read_the_text_again(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "rows.jsonl", QUESTIONS)
    run(recipe_in(tmp_path, "sources: [rows.jsonl]\n"), tmp_path / "out")
    shards = sorted((tmp_path / "out" / ".stages").glob("ingest-*/rows-*.arrow"))
    stamps = [path.stat().st_mtime_ns for path in shards]
    tuned = "sources: [rows.jsonl]\nrules: {answer_too_short: {min_characters: 1000}}\n"
    result = run(recipe_in(tmp_path, tuned), tmp_path / "out", replace=True)
    assert result.counts["kept"] == 0
    assert [path.stat().st_mtime_ns for path in shards] == stamps


def test_a_decision_survives_and_overrules_the_rules(tmp_path: Path) -> None:
    rows = [*QUESTIONS, pair("Who are you?", "I am {{name}}."), pair("Old question?", "Wrong answer.")]
    write_jsonl(tmp_path / "rows.jsonl", rows)
    ledger = ledger_of(run(recipe_in(tmp_path, "sources: [rows.jsonl]\n"), tmp_path / "before"))
    decisions = [
        {"content_id": ledger["rows:31"]["content_id"], "action": "keep"},
        {"content_id": ledger["rows:1"]["content_id"], "action": "drop", "reason": "off topic"},
        {
            "content_id": ledger["rows:32"]["content_id"],
            "action": "edit",
            "row": pair("Old question?", "Right answer."),
        },
        {"content_id": "0" * 32, "action": "drop"},
    ]
    write_jsonl(tmp_path / "decisions.jsonl", decisions)
    text = "sources: [rows.jsonl]\ndecisions: [decisions.jsonl]\nsplit: {validation: 0}\n"
    result = run(recipe_in(tmp_path, text), tmp_path / "after")
    after = ledger_of(result)
    assert (after["rows:31"]["verdict"], after["rows:31"]["failed"][0]["rule"]) == ("kept", "placeholder")
    assert (after["rows:1"]["verdict"], after["rows:1"]["stage"]) == ("dropped", "decisions")
    assert after["rows:32"]["edits"] == ["decision"]
    assert after["rows:32"]["content_id"] == ledger["rows:32"]["content_id"]
    assert any("Right answer." in str(line) for line in lines_of(result.out / "train.jsonl"))
    assert any("1 decision" in text for text, _ in result.announcements)


def test_fill_replaces_placeholders_and_keeps_the_id(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "rows.jsonl", [*QUESTIONS, pair("Who are you?", "I am {{name}}, made by {{ author }}.")])
    plain = ledger_of(run(recipe_in(tmp_path, "sources: [rows.jsonl]\n"), tmp_path / "plain"))
    text = "sources:\n  - {path: rows.jsonl, fill: {name: Tunesmith, author: us}}\nsplit: {validation: 0}\n"
    result = run(recipe_in(tmp_path, text), tmp_path / "filled")
    filled = ledger_of(result)["rows:31"]
    assert filled["verdict"] == "kept"
    assert filled["edits"] == ["fill"]
    assert filled["content_id"] == plain["rows:31"]["content_id"]
    assert "I am Tunesmith, made by us." in (result.out / "train.jsonl").read_text()


def test_equal_prompts_never_straddle_the_split(tmp_path: Path) -> None:
    rows = [pair(f"Question {i % 40}?", f"Answer number {i}.") for i in range(200)]
    write_jsonl(tmp_path / "rows.jsonl", rows)
    result = run(recipe_in(tmp_path, "sources: [rows.jsonl]\n"), tmp_path / "out")

    def prompts(name: str) -> set[str]:
        return {line["messages"][0]["content"] for line in lines_of(result.out / name)}

    assert result.counts["validation"] == 20
    assert not prompts("train.jsonl") & prompts("validation.jsonl")


MIX = """
sources:
  - {{path: domain.jsonl, group: domain}}
  - {{path: general.jsonl, group: general}}
split: {{validation: 0}}
mix: {{domain: 1, general: 5, short: {short}}}
"""


@pytest.mark.parametrize(
    ("short", "expected"),
    [
        ("shrink", {"train": 24, "train_lines": 24, "unsampled": 6}),
        ("repeat", {"train": 30, "train_lines": 60, "unsampled": 0}),
    ],
)
def test_a_mix_that_cannot_be_filled_shrinks_or_repeats_and_says_so(
    tmp_path: Path, short: str, expected: dict[str, int]
) -> None:
    write_jsonl(tmp_path / "domain.jsonl", [pair(f"Domain question {i}?", f"Domain answer {i}.") for i in range(10)])
    write_jsonl(tmp_path / "general.jsonl", [pair(f"General question {i}?", f"General answer {i}.") for i in range(20)])
    result = run(recipe_in(tmp_path, MIX.format(short=short)), tmp_path / "out")
    assert {name: result.counts[name] for name in expected} == expected
    assert any("general has 20 rows of 50" in text for text, _ in result.announcements)
    assert len(lines_of(result.out / "train.jsonl")) == expected["train_lines"]
    if short == "repeat":
        copies = {line["copies"] for line in ledger_of(result).values() if line["group"] == "general"}
        assert copies == {2, 3}


def test_mixed_kinds_get_a_file_each_beside_the_whole(tmp_path: Path) -> None:
    preference = [{"prompt": f"Which {i}?", "chosen": f"This {i}", "rejected": f"That {i}"} for i in range(10)]
    write_jsonl(tmp_path / "rows.jsonl", [*QUESTIONS, *preference])
    result = run(recipe_in(tmp_path, "sources: [rows.jsonl]\nsplit: {validation: 4}\n"), tmp_path / "out")
    train = lines_of(result.out / "train.jsonl")
    by_kind = [lines_of(result.out / f"train.{kind}.jsonl") for kind in ("sft", "preference")]
    assert len(train) == len(by_kind[0]) + len(by_kind[1]) == 36
    assert by_kind[1][0].keys() == {"prompt", "chosen", "rejected"}
    assert any("10 rows are trl_preference rather than alpaca" in text for text, _ in result.announcements)


def test_an_export_format_that_cannot_hold_a_row_writes_nothing(tmp_path: Path) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    turns = [
        {"role": "user", "content": "Call it"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "42"},
        {"role": "assistant", "content": "It says 42."},
    ]
    write_jsonl(tmp_path / "rows.jsonl", [{"messages": turns}, {"messages": turns[:1] + turns[3:]}])
    with pytest.raises(OutputError, match="rows:1"):
        run(
            recipe_in(tmp_path, "sources: [rows.jsonl]\nexport: {format: alpaca}\nsplit: {validation: 0}\n"),
            tmp_path / "out",
        )
    assert not (tmp_path / "out" / "train.jsonl").exists()
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_a_mapping_of_a_column_that_is_not_there_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "rows.jsonl", [{"ask": "a?", "reply": "b"}])
    text = "sources:\n  - {path: rows.jsonl, columns: {prompt: ask, answer: repyl}}\n"
    with pytest.raises(InputError, match="did you mean `reply`"):
        run(recipe_in(tmp_path, text), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_missing_decisions_file_is_a_clear_error(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "rows.jsonl", QUESTIONS)
    with pytest.raises(TunesmithError, match="decisions file does not exist"):
        run(recipe_in(tmp_path, "sources: [rows.jsonl]\ndecisions: [gone.jsonl]\n"), tmp_path / "out")


MEDICAL = """
name: medical
sources:
  - {{path: "{data}/huatuo_med_zh.json", group: domain}}
  - {{path: "{data}/alpaca_zh_demo.json", group: general}}
  - {{path: "{data}/alpaca_en_demo.json", group: general}}
  - {{path: "{data}/gsm8k_train.jsonl", group: general}}
mix: {{domain: 1, general: 5, short: {short}}}
"""


@pytest.mark.parametrize("short", ["shrink", "repeat"])
def test_a_medical_mix_of_real_files_accounts_for_every_row(tmp_path: Path, shared_data: Path, short: str) -> None:
    result = run(recipe_in(tmp_path, MEDICAL.format(data=shared_data, short=short)), tmp_path / "out")
    ledger = pq.read_table(result.out / "ledger.parquet")
    assert result.counts["rows_in"] == len(ledger) == 8658 + 1000 + 999 + 7473
    assert len(ledger["row_id"].unique()) == len(ledger)
    assert result.counts["kept"] == result.counts["train"] + result.counts["validation"]
    lines = len(lines_of(result.out / "train.jsonl"))
    assert lines == result.counts["train_lines"]
    groups: dict[str, int] = {"domain": 0, "general": 0}
    for line in ledger.to_pylist():
        groups[line["group"]] += line["copies"] if line["split"] == "train" else 0
    assert groups["general"] == 5 * groups["domain"]
    assert any("mix domain 1 : general 5" in text for text, _ in result.announcements)


ALL_KINDS = ("dpo_en", "dpo_zh", "kto_en", "glaive_toolcall_en", "glaive_toolcall_zh", "alpaca_en", "alpaca_zh")


def test_all_conversational_preference_kto_and_tool_files_run_clean_and_alike_twice(
    tmp_path: Path, shared_data: Path
) -> None:
    files = [shared_data / f"{name}_demo.json" for name in ALL_KINDS] + [shared_data / "identity.json"]
    loaded = recipe_in(tmp_path, "sources:\n" + "".join(f'  - "{file}"\n' for file in files))
    first = run(loaded, tmp_path / "first")
    assert first.counts["invalid"] == 0
    assert first.counts["rows_in"] == 300 * 5 + 999 + 1000 + 91
    run(loaded, tmp_path / "second")
    assert bytes_of(tmp_path / "first") == bytes_of(tmp_path / "second")


def test_long_rows_close_a_shard_early_and_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_jsonl(tmp_path / "rows.jsonl", QUESTIONS)
    loaded = recipe_in(tmp_path, "sources: [rows.jsonl]\n")
    run(loaded, tmp_path / "whole")
    monkeypatch.setattr("tunesmith.curate.ingest.SHARD_BYTES", 400)  # four rows or five
    run(loaded, tmp_path / "cut")
    assert len(list((tmp_path / "cut" / ".stages").glob("ingest-*/rows-*.arrow"))) > 5
    for name in ("train.jsonl", "validation.jsonl", "dropped.jsonl", "ledger.parquet", "signals.parquet"):
        assert (tmp_path / "cut" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_lost_shard_is_read_again(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "rows.jsonl", QUESTIONS)
    loaded = recipe_in(tmp_path, "sources: [rows.jsonl]\n")
    run(loaded, tmp_path / "out")
    before = bytes_of(tmp_path / "out")
    next((tmp_path / "out" / ".stages").glob("ingest-*/rows-*.arrow")).unlink()
    run(loaded, tmp_path / "out")
    assert bytes_of(tmp_path / "out") == before


def test_the_same_bytes_under_another_name_are_the_same_rows(tmp_path: Path) -> None:
    rows: list[Any] = [*QUESTIONS, "{cut\n"]
    write_jsonl(tmp_path / "a.jsonl", rows)
    text = "sources: [{{path: {name}, name: s}}]\n"
    run(recipe_in(tmp_path, text.format(name="a.jsonl")), tmp_path / "out")
    (tmp_path / "a.jsonl").rename(tmp_path / "b.jsonl")
    run(recipe_in(tmp_path, text.format(name="b.jsonl")), tmp_path / "out", replace=True)
    run(recipe_in(tmp_path, text.format(name="b.jsonl")), tmp_path / "fresh")
    assert bytes_of(tmp_path / "out") == bytes_of(tmp_path / "fresh")


def test_a_changed_registry_entry_is_another_run(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "rows.jsonl", [{"q": f"q{i}?", "a": f"answer {i}", "b": f"other {i}"} for i in range(10)])
    loaded = recipe_in(tmp_path, "sources: ['dataset_info.json#x']\nsplit: {validation: 0}\n")
    for column in ("a", "b"):
        entry = {"file_name": "rows.jsonl", "columns": {"prompt": "q", "response": column}}
        (tmp_path / "dataset_info.json").write_text(json.dumps({"x": entry}))
        result = run(loaded, tmp_path / "out", replace=True)
        answers = {line["messages"][1]["content"] for line in lines_of(result.out / "train.jsonl")}
        assert answers == {f"{'answer' if column == 'a' else 'other'} {i}" for i in range(10)}


def test_rows_beyond_a_registrys_num_samples_are_accounted_for(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "rows.jsonl", QUESTIONS)
    (tmp_path / "dataset_info.json").write_text(json.dumps({"x": {"file_name": "rows.jsonl", "num_samples": 12}}))
    result = run(recipe_in(tmp_path, "sources: ['dataset_info.json#x']\n"), tmp_path / "out")
    assert (result.counts["rows_in"], result.counts["kept"], result.counts["unsampled"]) == (30, 12, 18)
    assert {line["rule"] for line in ledger_of(result).values() if line["verdict"] == "unsampled"} == {"num_samples"}


def test_a_mix_without_rows_of_a_group_says_so(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "domain.jsonl", [pair(f"Who {i}?", "I am {{name}}.") for i in range(5)])
    write_jsonl(tmp_path / "general.jsonl", QUESTIONS)
    result = run(recipe_in(tmp_path, MIX.format(short="shrink")), tmp_path / "out")
    assert result.counts["train"] == 0
    assert any("no rows of domain are left" in text for text, _ in result.announcements)


def test_more_validation_rows_than_there_are_is_said(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "rows.jsonl", QUESTIONS)
    result = run(recipe_in(tmp_path, "sources: [rows.jsonl]\nsplit: {validation: 5000}\n"), tmp_path / "out")
    assert (result.counts["train"], result.counts["validation"]) == (1, 29)
    assert any("instead of the 5,000 asked for" in text for text, _ in result.announcements)


def test_a_row_nested_too_deeply_is_booked(tmp_path: Path) -> None:
    deep = '{"instruction": "a", "output": "b", "more": ' + "[" * 300 + "]" * 300 + "}\n"
    write_jsonl(tmp_path / "rows.jsonl", [*QUESTIONS, deep])
    ledger = ledger_of(run(recipe_in(tmp_path, "sources: [rows.jsonl]\n"), tmp_path / "out"))
    assert ledger["rows:31"]["rule"] == "wrong_nesting"


def test_another_language_only_writes_the_report_again(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "rows.jsonl", QUESTIONS)
    run(recipe_in(tmp_path, "sources: [rows.jsonl]\n"), tmp_path / "out")
    train = (tmp_path / "out" / "train.jsonl").read_bytes()
    run(recipe_in(tmp_path, "sources: [rows.jsonl]\nlanguage: zh\n"), tmp_path / "out")
    assert "数据整理报告" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert (tmp_path / "out" / "train.jsonl").read_bytes() == train


def test_a_row_that_a_person_keeps_comes_back_from_the_mix(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "domain.jsonl", [pair(f"Domain question {i}?", f"Domain answer {i}.") for i in range(2)])
    write_jsonl(tmp_path / "general.jsonl", [pair(f"General question {i}?", f"General answer {i}.") for i in range(30)])
    ledger = ledger_of(run(recipe_in(tmp_path, MIX.format(short="shrink")), tmp_path / "before"))
    left = next(line for line in ledger.values() if line["verdict"] == "unsampled")
    write_jsonl(tmp_path / "decisions.jsonl", [{"content_id": left["content_id"], "action": "keep"}])
    text = MIX.format(short="shrink") + "decisions: [decisions.jsonl]\n"
    after = ledger_of(run(recipe_in(tmp_path, text), tmp_path / "after"))
    assert after[left["row_id"]]["verdict"] == "kept"


def test_the_folder_is_flushed_when_its_last_file_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rows.jsonl").write_text('{"instruction": "Say yes.", "output": "Yes."}\n')
    seen: list[bool] = []
    monkeypatch.setattr(
        "tunesmith.curate.output.flush_folder", lambda folder: seen.append((folder / "manifest.json").exists())
    )
    run(one_line_recipe([str(tmp_path / "rows.jsonl")]), tmp_path / "out")
    assert seen == [True]
