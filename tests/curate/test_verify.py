"""A finished run is whole, and a flipped byte of any of its files is found and named."""

from __future__ import annotations

import fcntl
import json
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tunesmith.curate.manifest import manifest_digest
from tunesmith.curate.recipe import load_recipe
from tunesmith.curate.run import run
from tunesmith.curate.verify import Verified, as_json, as_text, verify
from tunesmith.errors import InputError

EXEMPT = ("run.log.json", "lock")

RECIPE = """
sources: [{path: a.jsonl, group: domain}, {path: b.jsonl, group: general}]
decisions: [decisions.jsonl]
split: {validation: 4}
mix: {domain: 1, general: 3, short: repeat}
privacy: redact
rules: {answer_too_short: {min_characters: 2}}
"""


def pair(question: str, answer: str) -> dict[str, str]:
    return {"instruction": question, "input": "", "output": answer}


def rows() -> tuple[list[Any], list[Any]]:
    """Duplicates, a cleaned row, a redacted one, unreadable ones, and too few general rows for the mix."""
    domain = [pair(f"Capital of country {i}?", f"It is city number {i}, by the river.") for i in range(20)]
    domain += [
        domain[0],
        pair("Write  it\u200b out", "Call  13800138000 now, or write a letter."),
        "{broken",
        pair("?", ""),
    ]
    long = " ".join(f"word{i}" for i in range(40))
    general = [pair(f"Tell me tale {i}", f"{long} {i}") for i in range(2)]
    general += [pair(f"How many legs has animal {i}?", f"That one has {i} legs, as far as I know.") for i in range(8)]
    return domain, [
        *general,
        {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yo!"}]},
    ]


def write(path: Path, lines: list[Any]) -> None:
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run in `out`, made once."""
    folder = tmp_path_factory.mktemp("made")
    domain, general = rows()
    write(folder / "a.jsonl", domain)
    write(folder / "b.jsonl", general)
    (folder / "decisions.jsonl").write_text("")
    (folder / "recipe.yaml").write_text(RECIPE)
    run(load_recipe(folder / "recipe.yaml"), folder / "first")
    line = next(
        json.loads(text) for text in (folder / "first" / "dropped.jsonl").read_text().splitlines() if '"a:24"' in text
    )
    edit = {"content_id": line["content_id"], "action": "edit", "row": pair("Who wrote it?", "Nobody knows, sadly.")}
    write(folder / "decisions.jsonl", [edit])
    run(load_recipe(folder / "recipe.yaml"), folder / "out")
    shutil.rmtree(folder / "first")
    return folder


@pytest.fixture
def out(made: Path, tmp_path: Path) -> Path:
    """A copy of the run beside copies of its inputs."""
    shutil.copytree(made, tmp_path / "here")
    log = tmp_path / "here" / "out" / "run.log.json"
    log.write_text(log.read_text().replace(str(made), str(tmp_path / "here")))
    return tmp_path / "here" / "out"


def told(checked: Verified) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for finding in checked.findings:
        found.setdefault(finding.file, []).append(finding.told())
    return found


def files_of(run: Path) -> list[str]:
    return sorted(
        path.relative_to(run).as_posix() for path in run.rglob("*") if path.is_file() and path.name not in EXEMPT
    )


def test_a_run_as_it_was_written_is_whole(out: Path) -> None:
    checked = verify(out)
    assert checked.whole, told(checked)
    assert (checked.rows, checked.notes, checked.remedy) == (35, (), None)
    assert [(one.name, one.state) for one in checked.inputs] == [
        ("a", "unchanged"),
        ("b", "unchanged"),
        ("decisions", "unchanged"),
    ]
    stages = [name for name in files_of(out) if name.startswith(".stages/") and not name.endswith("run.json")]
    outputs = json.loads((out / "manifest.json").read_text())["outputs"]
    assert checked.files == len(stages) + len(outputs)
    assert as_text(checked).startswith(f"{out} is whole")


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_a_flipped_byte_of_any_file_is_found_and_named(out: Path, seed: int) -> None:
    draw = random.Random(seed)
    for name in files_of(out):
        path = out / name
        data = bytearray(path.read_bytes())
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        with changed(path, bytes(data)):
            checked = verify(out)
        assert name in told(checked), (name, told(checked))
        assert name in as_text(checked)


@contextmanager
def changed(path: Path, data: bytes | None) -> Iterator[None]:
    """Meanwhile the file holds other bytes, or is not there."""
    before = path.read_bytes()
    if data is None:
        path.unlink()
    else:
        path.write_bytes(data)
    yield
    path.write_bytes(before)


@pytest.mark.parametrize("keep", [0, 0.5], ids=["emptied", "halved"])
def test_a_cut_file_is_found_and_named(out: Path, keep: float) -> None:
    for name in files_of(out):
        data = (out / name).read_bytes()
        with changed(out / name, data[: int(len(data) * keep)]):
            checked = verify(out)
        assert name in told(checked), (name, told(checked))


def test_a_file_that_is_gone_is_found_and_named(out: Path) -> None:
    for name in files_of(out):
        if name in ("manifest.json", ".stages/run.json"):
            continue
        with changed(out / name, None):
            checked = verify(out)
        assert "is missing" in told(checked)[name]


def test_a_cache_that_was_emptied_is_found_and_named(out: Path) -> None:
    shutil.rmtree(out / ".stages")
    checked = verify(out)
    assert len(told(checked)) > 3
    assert all(name.startswith(".stages/") for name in told(checked))
    assert any("were not compared" in note for note in checked.notes)  # the cleaned row and the edited one


def test_swapped_files_are_named_both(out: Path) -> None:
    train, validation = (out / f"{side}.jsonl" for side in ("train", "validation"))
    before = train.read_bytes()
    train.write_bytes(validation.read_bytes())
    validation.write_bytes(before)
    assert {"train.jsonl", "validation.jsonl"} == told(verify(out)).keys()


def test_a_file_with_the_name_of_an_output_is_named(out: Path) -> None:
    (out / "train.kto.jsonl").write_text('{"prompt": "from elsewhere"}\n')
    assert told(verify(out)) == {
        "train.kto.jsonl": ["has the name of an output, and the manifest does not know it"],
    }


def test_a_changed_line_is_told_with_its_number_and_row(out: Path) -> None:
    path = out / "train.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[4] = lines[4].replace("city", "town")
    path.write_text("".join(lines), encoding="utf-8")
    (found,) = [text for text in told(verify(out))["train.jsonl"] if "line" in text]
    assert found.startswith("lines whose content is not the row's: line 5 (a:")


SMALL: dict[str, tuple[Callable[[list[str]], list[str]], str]] = {
    "a lost line": (lambda lines: lines[:3] + lines[4:], "rows of the ledger that are missing, or stand elsewhere: a:"),
    "an added line": (
        lambda lines: [*lines[:3], '{"messages":[{"role":"user","content":"x"}]}\n', *lines[3:]],
        "line 4",
    ),
    "a line twice": (
        lambda lines: [*lines[:3], *lines[2:]],
        "lines whose row has one already, or stands elsewhere: line 4 (a:",
    ),
    "another spelling": (lambda lines: [lines[0].replace('":', '": ', 1), *lines[1:]], "not spelled"),
    "no end": (lambda lines: [*lines[:-1], lines[-1][:-1]], "lines that end early: line 48"),
}


@pytest.mark.parametrize("name", SMALL)
def test_one_line_that_is_wrong_is_one_finding(out: Path, name: str) -> None:
    change, words = SMALL[name]
    path = out / "train.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(change(lines)), encoding="utf-8")
    findings = [finding for finding in verify(out).findings if finding.file == "train.jsonl"]
    assert any(words in finding.told() for finding in findings), findings
    assert all(finding.count == 1 for finding in findings)


def test_inputs_that_are_gone_or_changed_are_said_and_are_no_damage(out: Path) -> None:
    (out.parent / "a.jsonl").write_text("{}\n")
    (out.parent / "b.jsonl").unlink()
    checked = verify(out)
    assert checked.whole
    assert [(one.name, one.state) for one in checked.inputs[:2]] == [("a", "changed"), ("b", "gone")]
    assert "a.jsonl: changed" in as_text(checked)


def test_the_manifest_of_an_older_run_is_told_from_a_damaged_one(out: Path) -> None:
    path = out / "manifest.json"
    manifest = json.loads(path.read_text())
    older = {name: value for name, value in manifest.items() if name not in ("digest", "stage_digests")}
    path.write_text(json.dumps(older, ensure_ascii=False, indent=2) + "\n")
    checked = verify(out)
    assert checked.whole
    assert "an older run" in checked.notes[0]
    path.write_text(json.dumps({**older, "dijest": manifest["digest"]}, ensure_ascii=False, indent=2) + "\n")
    assert "manifest.json" in told(verify(out))


def test_a_stage_file_without_a_digest_is_read_only_where_it_is_sound(out: Path) -> None:
    path = out / "manifest.json"
    manifest = json.loads(path.read_text())
    for name in ("digest", "stage_digests"):
        del manifest[name]
    path.write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n")
    shard = out / ".stages" / manifest["inputs"][0]["shards"][0]
    shard.write_bytes(shard.read_bytes()[:-100])
    checked = verify(out)
    assert told(checked) == {
        shard.relative_to(out).as_posix(): ["is not an Arrow file that can be read"],
    }
    assert any("were not compared" in note for note in checked.notes)


def test_a_manifest_in_another_spelling_is_told_with_the_line(out: Path) -> None:
    path = out / "manifest.json"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines[:4], f" {lines[4]}", *lines[5:]]), encoding="utf-8")
    assert told(verify(out)) == {"manifest.json": ["is not spelled as a run writes it: line 5"]}


def test_a_manifest_that_is_no_json_leaves_the_rows_to_be_checked(out: Path) -> None:
    (out / "manifest.json").write_bytes(b"{" + (out / "manifest.json").read_bytes())
    lines = (out / "dropped.jsonl").read_text().splitlines(keepends=True)
    (out / "dropped.jsonl").write_text("".join(lines[1:]))
    checked = verify(out)
    assert told(checked)["dropped.jsonl"][0].startswith("rows that left and have no line: a:")
    assert any("digests, stage files and inputs were not checked" in note for note in checked.notes)


def test_what_is_no_finished_run_is_refused(tmp_path: Path, out: Path) -> None:
    with pytest.raises(InputError, match="found nothing"):
        verify(tmp_path / "nowhere")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "manifest.json").write_text('{"name": "of something else"}')
    with pytest.raises(InputError, match="something else"):
        verify(tmp_path / "other")
    (out / "manifest.json").unlink()
    with pytest.raises(InputError, match="was not finished"):
        verify(out)


def test_a_run_that_is_being_written_is_not_judged(out: Path) -> None:
    with (out / ".stages" / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="a run is writing here"):
            verify(out)


def test_json_tells_what_the_text_tells(out: Path) -> None:
    (out / "report.html").unlink()
    found = json.loads(json.dumps(as_json(verify(out))))
    assert not found["whole"]
    assert found["findings"] == [{"file": "report.html", "what": "is missing", "count": 1, "places": []}]
    assert found["remedy"].startswith("run its recipe again into")


def test_a_run_that_is_mended_is_whole_again(out: Path) -> None:
    (out / "validation.jsonl").write_text("lost\n")
    assert not verify(out).whole
    run(load_recipe(out.parent / "recipe.yaml"), out)
    assert verify(out).whole


def test_the_end_of_a_source_that_was_cut_off_is_mended_too(out: Path) -> None:
    path = min((out / ".stages").glob("ingest-*/done.json"))
    before = path.read_bytes()
    path.write_bytes(before[: len(before) // 2])
    assert not run(load_recipe(out.parent / "recipe.yaml"), out).continued
    assert path.read_bytes() == before
    assert verify(out).whole


def test_a_finished_run_with_another_manifest_is_not_believed(out: Path) -> None:
    path = out / "manifest.json"
    before = path.read_bytes()
    path.write_bytes(before.replace(b'"rows_in": 35', b'"rows_in": 36'))
    done = run(load_recipe(out.parent / "recipe.yaml"), out)
    assert not done.continued
    assert path.read_bytes() == before


def test_the_digest_of_a_manifest_is_of_all_else_in_it() -> None:
    body = {"mark": "a", "counts": {"kept": 1}}
    assert manifest_digest(body) == manifest_digest({"digest": "b", "counts": {"kept": 1}, "mark": "a"})
    assert manifest_digest(body) != manifest_digest({"mark": "a", "counts": {"kept": 2}})
