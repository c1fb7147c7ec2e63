"""What a comparison writes, whose folder it may write to, and what other commands made that it brings in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tunesmith.curate.recipe import load_recipe
from tunesmith.curate.run import run
from tunesmith.errors import InputError, OutputError
from tunesmith.evaluate.compare import compare_files, regressions_of
from tunesmith.evaluate.score import score_file

METRICS = ["correct", "rougeL"]
OUTPUTS = ["comparison.json", "comparison.md", "items.parquet", "report.html"]


def write(path: Path, rights: Sequence[bool], **more: Any) -> Path:
    """A file of answers with a mark each."""
    lines = [
        {
            "id": str(number),
            "messages": [{"role": "user", "content": f"Is it so, number {number}?"}],
            "prediction": "Yes, it is." if right else "No.",
            "reference": "Yes, it is.",
            "correct": right,
            **more,
        }
        for number, right in enumerate(rights)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return [
        write(tmp_path / "before.jsonl", [n % 3 == 0 for n in range(9)]),
        write(tmp_path / "after.jsonl", [True] * 9),
    ]


def compared(files: Sequence[Path], out: Path | None, **how: Any) -> dict[str, Any]:
    return compare_files(files, out, **{"metrics": METRICS, **how})


# The folder


def test_the_folder_gets_the_summary_the_page_the_markdown_and_every_item(files: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "new" / "comparison"
    summary = compared(files, out)
    assert sorted(path.name for path in out.iterdir()) == OUTPUTS
    assert json.loads((out / "comparison.json").read_text(encoding="utf-8")) == json.loads(json.dumps(summary))
    rows = pq.read_table(out / "items.parquet").to_pylist()
    assert len(rows) == 18
    assert {key: rows[1][key] for key in ("system", "id", "failure", "correct")} == {
        "system": "before", "id": "1", "failure": None, "correct": 0.0
    }  # fmt: skip


def test_the_same_comparison_gives_the_same_bytes(files: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    compared(files, out)
    first = {name: (out / name).read_bytes() for name in OUTPUTS}
    compared(files, out)
    assert {name: (out / name).read_bytes() for name in OUTPUTS} == first


def test_another_comparison_is_written_over_only_when_asked(files: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    compared(files, out)
    with pytest.raises(OutputError, match="holds another comparison, of other files or settings"):
        compared(files, out, seed=1)
    assert compared(files, out, seed=1, replace=True)["settings"]["seed"] == 1


@pytest.mark.parametrize("name", ["report.html", "comparison.json", "notes.txt"])
def test_somebody_elses_files_are_never_written_over(files: list[Path], tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / name).write_text("{}", encoding="utf-8")
    with pytest.raises(OutputError, match="choose another --out"):
        compared(files, out, replace=True)
    assert (out / name).read_text(encoding="utf-8") == "{}"


def test_a_file_is_no_folder(files: list[Path]) -> None:
    with pytest.raises(OutputError, match="is a file where a folder was expected"):
        compared(files, files[0])


# Names and paths


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    files = [write(tmp_path / name / "preds.jsonl", [True]) for name in ("base", "tuned")]
    assert [one["name"] for one in compared(files, None)["systems"]] == ["base/preds", "tuned/preds"]


def test_the_same_path_twice_is_numbered(files: list[Path]) -> None:
    names = [one["name"] for one in compared([files[0], files[0]], None)["systems"]]
    assert [name.rpartition(" ")[2] for name in names] == ["(1)", "(2)"]


@pytest.mark.parametrize(
    ("names", "message"),
    [(["a"], "expected 2 names, one for each system, saw 1: a"), (["a", "a"], "expected different names, saw a, a")],
)
def test_names_must_fit_the_files(files: list[Path], names: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        compared(files, None, names=names)


def test_one_system_cannot_be_compared(files: list[Path]) -> None:
    with pytest.raises(InputError, match="expected the answers of two systems or more, saw 1"):
        compared(files[:1], None)


# Folders of scores


def folder(path: Path, rights: Sequence[bool], *, signature: str = "mine") -> Path:
    """As `evaluate score` leaves one, with a rougeL that nothing else would give."""
    write(path / "predictions.jsonl", rights)
    ids = [str(number) for number in range(len(rights))]
    values = [0.75 if right else 0.25 for right in rights]
    pq.write_table(
        pa.table({"id": ids, "correct": [float(one) for one in rights], "rougeL": values}), path / "items.parquet"
    )
    told = {"metrics": {name: {"signature": signature} for name in ("correct", "rougeL")}}
    (path / "scores.json").write_text(json.dumps(told), encoding="utf-8")
    return path


def test_folders_of_scores_are_compared_by_the_scores_that_they_hold(tmp_path: Path) -> None:
    folders = [folder(tmp_path / "a", [False] * 4), folder(tmp_path / "b", [True] * 4)]
    entry = compared(folders, None)["metrics"]["rougeL"]
    assert (entry["before"], entry["after"]) == (0.25, 0.75)


def test_folders_that_were_scored_differently_are_scored_anew(tmp_path: Path) -> None:
    folders = [folder(tmp_path / "a", [False] * 4, signature="x"), folder(tmp_path / "b", [True] * 4, signature="y")]
    summary = compared(folders, None)
    entry = summary["metrics"]["rougeL"]
    assert (entry["before"], entry["after"]) == (0.0, 1.0)
    assert [warning["values"]["metrics"] for warning in summary["warnings"] if warning["code"] == "scored_anew"] == [
        "correct, rougeL"
    ]


def test_a_comparison_of_two_folders_equals_that_of_the_two_files(tmp_path: Path, bundled_data: Path) -> None:
    files = [bundled_data / f"predictions_{side}.jsonl" for side in ("before", "after")]
    names = ["correct", "bleu", "rougeL", "characters"]
    for file in files:
        score_file(file, tmp_path / file.stem, metrics=names, slices=[])
    of_folders = compare_files([tmp_path / file.stem for file in files], None)  # the metrics that the folders have
    of_files = compare_files(files, None, metrics=names)
    assert [*of_folders["metrics"], *of_folders["shifts"]] == names
    assert of_folders["pairs"] == of_files["pairs"]


def test_a_folder_whose_predictions_changed_after_scoring_is_refused(tmp_path: Path) -> None:
    folders = [folder(tmp_path / "a", [False] * 4), folder(tmp_path / "b", [True] * 4)]
    write(folders[1] / "predictions.jsonl", [True] * 5)
    with pytest.raises(InputError, match=r"items\.parquet is not of the items in predictions\.jsonl; score"):
        compared(folders, None)


def test_a_folder_with_broken_scores_says_so(tmp_path: Path) -> None:
    folders = [folder(tmp_path / "a", [False] * 4), folder(tmp_path / "b", [True] * 4)]
    (folders[1] / "items.parquet").write_bytes(b"PAR1 and nothing else")
    with pytest.raises(InputError, match=r"items\.parquet cannot be read: .*; score the predictions again"):
        compared(folders, None)


# What other commands found


def entry(name: str, verdict: str) -> dict[str, Any]:
    """One subject, as `evaluate retention` writes it."""
    figures = {"n": 90, "before": 0.6, "after": 0.5, "difference": -0.1, "interval": [-0.2, 0.0], "p": 0.04}
    more = {"p_adjusted": 0.04, "margin": 0.05, "needed": 300, "gained": [], "lost": []}
    return {"name": name, "verdict": verdict, **figures, **more}


def test_forgotten_knowledge_comes_into_the_summary_and_fails_the_gate(files: list[Path], tmp_path: Path) -> None:
    overall, law, art = (entry("overall", "not shown"), entry("law", "forgotten"), entry("art", "retained"))
    told = {"systems": {"before": "base", "after": "tuned"}, "overall": overall, "subjects": [law, art]}
    (tmp_path / "retention.json").write_text(json.dumps(told), encoding="utf-8")
    summary = compared(files, None, retention=tmp_path)
    assert summary["retention"]["subjects"] == [law, art]
    assert regressions_of(summary) == ["law was forgotten"]


def test_a_folder_without_retention_says_how_to_make_it(files: list[Path], tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected retention\.json, found nothing; make one with `tunesmith evaluate"):
        compared(files, None, retention=tmp_path)


def test_votes_count_by_item_not_by_reviewer(files: list[Path], tmp_path: Path) -> None:
    """Nine people on one item are one item."""
    votes = [{"id": "0", "reviewer": f"r{n}", "choice": "after"} for n in range(9)]
    votes += [{"id": "1", "reviewer": "r0", "choice": "before"}, {"id": "1", "reviewer": "r1", "choice": "after"}]
    (tmp_path / "results.json").write_text(json.dumps({"campaign": "spring", "votes": votes}), encoding="utf-8")
    review = compared(files, None, review=tmp_path)["review"]
    assert (review["campaign"], review["n_items"], review["n_votes"], review["n_reviewers"]) == ("spring", 2, 11, 9)
    assert review["wins"] == {"win": 1, "tie": 1, "loss": 0}
    assert (review["preference"], review["verdict"]) == (0.5, "too few")


@pytest.mark.parametrize(
    ("votes", "message"),
    [
        ([], "expected a list `votes`"),
        ([{"id": "1", "choice": "left"}], "1 of 1 votes are no object with an `id` and a"),
    ],
)
def test_votes_of_another_form_are_refused(files: list[Path], tmp_path: Path, votes: list[Any], message: str) -> None:
    place = tmp_path / "votes.json"
    place.write_text(json.dumps({"votes": votes}), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        compared(files, None, review=place)


def test_two_training_runs_are_told_apart_row_by_row(files: list[Path], tmp_path: Path) -> None:
    rows = [{"instruction": f"Question {n}?", "input": "", "output": "Yes." + "!" * n} for n in range(8)]
    (tmp_path / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    runs = []
    for name, rules in (("v1", ""), ("v2", "rules: {answer_too_short: {min_characters: 6}}\n")):
        recipe = tmp_path / f"{name}.yaml"
        recipe.write_text(f"sources: [rows.jsonl]\nsplit: {{validation: off}}\n{rules}", encoding="utf-8")
        runs.append(run(load_recipe(recipe), tmp_path / name).out)
    data = compared(files, None, data_before=runs[0], data_after=runs[1])["data"]
    assert (data["before"]["verdicts"], data["after"]["verdicts"]) == ({"kept": 8}, {"kept": 6, "dropped": 2})
    assert data["after"]["dropped_by_rule"] == {"answer_too_short": 2}
    assert data["diff"]["counts"]["only_in_a"] == 2
    assert data["after"]["languages"] == {"en": 6}
    with pytest.raises(InputError, match="expected both training runs, saw only --data-before"):
        compared(files, None, data_before=runs[0])
    alone = compared(files, None, data_after=runs[1])  # enough for what was learned by heart
    assert alone["data"] is None
    assert {line["name"]: line["n"] for line in alone["card"]["lines"]}["memorised"] is not None
