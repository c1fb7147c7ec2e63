"""What the page Train computes without drawing: plans, models, settings, commands, answers, the growing log, tokens."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest
import yaml

from tests.ui.train_given import HOSTILE, bare_model, bare_run, job_on_disk, log_lines, planned, run_on_disk, settle
from tunesmith.errors import InputError
from tunesmith.ui.datasets import add_upload
from tunesmith.ui.jobs import read_job
from tunesmith.ui.train_answers import object_in, read_answer, result_of, take_answer
from tunesmith.ui.train_charts import loss_charts, memory_bars
from tunesmith.ui.train_commands import advise_command, estimate_command, preflight_command, train_command
from tunesmith.ui.train_data import questions, trainable
from tunesmith.ui.train_log import GrowingLog, now_of
from tunesmith.ui.train_memory import settings_of, smallest_card
from tunesmith.ui.train_models import hub_name, known_models, missing_packages
from tunesmith.ui.train_plans import plan_folder, read_plan, read_plans
from tunesmith.ui.train_run import read_run, read_runs, tokenizer_of, weights_of
from tunesmith.ui.train_settings import check_settings, first_settings, with_settings
from tunesmith.ui.train_tokens import safe, token_spans
from tunesmith.ui.workspace import Workspace

BASE = "stage: sft\nmodel: models/tiny\ndata: [runs/medical]\n"


def test_a_plan_is_read_as_it_was_kept_and_a_second_one_has_a_name_of_its_own(workspace: Workspace) -> None:
    first, second = planned(workspace, gpu="24GB"), planned(workspace)
    assert (first.name, second.name) == ("medical-tiny", "medical-tiny-2")
    assert read_plan(workspace, first.name) == first
    assert {plan.name for plan in read_plans(workspace)} == {first.name, second.name}


@pytest.mark.parametrize("name", ["../../etc", "..", "", "a/b", HOSTILE, "a\0", "-x", "x" * 100])
def test_a_name_from_an_address_never_leaves_the_workspace(workspace: Workspace, name: str) -> None:
    with pytest.raises(InputError, match="no such name"):
        plan_folder(workspace, name)
    with pytest.raises(InputError, match="no such name"):
        read_run(workspace, name)


def test_a_plan_that_is_a_link_out_of_the_workspace_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (workspace.root / "training").mkdir()
    (workspace.root / "training" / "linked").symlink_to(tmp_path / "outside")
    with pytest.raises(InputError, match="no such training"):
        plan_folder(workspace, "linked")


def test_models_come_from_the_workspace_allowed_folders_and_the_hubs_cache(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare_model(workspace, "Qwen3-0.6B")
    run_on_disk(workspace, "tuned")
    run_on_disk(workspace, "half", finished=False)
    (tmp_path / "shared" / "big").mkdir(parents=True)
    (tmp_path / "shared" / "big" / "config.json").write_text("{}")
    snapshot = tmp_path / "cache" / "models--Qwen--Qwen3-0.6B" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}")
    monkeypatch.setenv("TUNESMITH_MODELS", str(tmp_path / "shared"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    assert [(one.argument, one.kind) for one in known_models(workspace)] == [
        ("models/Qwen3-0.6B", "folder"),
        (str(tmp_path / "shared" / "big"), "place"),
        ("Qwen/Qwen3-0.6B", "cache"),
        ("models/tuned", "trained"),
    ]
    assert {run.name: run.is_finished for run in read_runs(workspace)} == {"half": False, "tuned": True}


@pytest.mark.parametrize("text", ["/etc/passwd", "../x", "a/../b", "owner", "a/b/c", "-x/y", HOSTILE, "a/..", "~/m"])
def test_only_a_name_on_the_hub_is_one(text: str) -> None:
    with pytest.raises(InputError, match="expected owner/name"):
        hub_name(text)
    assert hub_name(" Qwen/Qwen3-0.6B ") == "Qwen/Qwen3-0.6B"


def test_what_is_not_installed_is_found_without_importing_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert missing_packages() == []
    monkeypatch.setitem(__import__("sys").modules, "torch", None)  # as where it is not installed
    assert missing_packages() == ["torch"]


def test_data_for_training_are_finished_runs_and_datasets_but_not_those_for_tests(workspace: Workspace) -> None:
    bare_run(workspace)
    (workspace.folder("runs") / "broken").mkdir()
    row = b'{"instruction": "1 + 1?", "output": "2"}\n'
    own = add_upload(workspace, HOSTILE, BytesIO(row), group="general")
    tests = add_upload(workspace, "tests.jsonl", BytesIO(row), group="evaluation")
    run, file = trainable(workspace)
    assert (run.argument, run.rows, run.is_run) == ("runs/medical", 12, True)
    assert (file.argument, file.title, file.group) == (f"datasets/{own.id}/{own.path.name}", own.title, "general")
    (workspace.folder("runs") / "medical" / "validation.jsonl").write_text("{}\n")
    asked = [one.argument for one in questions(workspace, "runs/medical")]
    assert asked == [f"datasets/{tests.id}/{tests.path.name}", "runs/medical/validation.jsonl"]


def test_settings_are_changed_key_by_key_and_comments_stay() -> None:
    text = "# ours\nstage: sft\nbatch: 8  # what fits\nlora:\n  rank: 8  # least\n  alpha: 16\nclip: 1\n"
    changed = with_settings(text, {"batch": 4, "clip": None, "steps": 6, "data": ["a", "b"]})
    assert changed == ("# ours\nstage: sft\nbatch: 4\nlora:\n  rank: 8  # least\n  alpha: 16\nsteps: 6\ndata: [a, b]\n")
    assert yaml.safe_load(with_settings(text, {"lora": {"rank": 4}}))["lora"] == {"rank": 4}


def test_another_method_than_the_advised_leaves_out_what_was_advised_for_that_one(workspace: Workspace) -> None:
    advised = BASE + "method: lora\nlearning_rate: 0.0005\nlora:\n  rank: 8\nepochs: 3\n"
    as_advised = planned(workspace)
    assert first_settings(as_advised, advised) == advised
    full = planned(workspace, method="full")
    assert yaml.safe_load(first_settings(full, advised)) == {**yaml.safe_load(BASE), "method": "full", "epochs": 3}
    assert yaml.safe_load(first_settings(planned(workspace, stage="dpo")))["stage"] == "dpo"
    assert yaml.safe_load(first_settings(planned(workspace, group="general")))["data"] == ["general=runs/medical"]


def test_all_mistakes_are_told_at_once_with_their_lines(workspace: Workspace) -> None:
    plan = planned(workspace)
    settle(workspace, plan, BASE + "cutoff_len: 4\nepochs: -1\nlora: {rank: x}\n")
    found = check_settings(workspace, plan)
    assert found.config is None
    text = str(found.mistake)
    assert text.startswith("settings.yaml: 3 mistakes")
    assert all(word in text for word in ("line 4", "max_length", "line 5", "line 6"))


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("data: [/etc/passwd]", "data"),
        ("data: [general=../../secret.jsonl]", "data"),
        ("model: /opt/model", "model"),
        ("model: ../model", "model"),
        ("kept: /etc/passwd", "kept"),
        ("template: ../../t.jinja", "template"),
        ("validation: [/etc/hosts]", "validation"),
        ("trust_remote_code: true", "trust_remote_code"),
    ],
)
def test_settings_that_leave_the_workspace_are_refused(workspace: Workspace, line: str, key: str) -> None:
    plan = planned(workspace)
    changes = yaml.safe_load(line)
    settle(workspace, plan, with_settings(BASE, changes))
    found = check_settings(workspace, plan)
    assert found.config is None
    assert f"`{key}`" in str(found.mistake)


def test_a_model_of_an_allowed_folder_may_be_used(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(workspace)
    settle(workspace, plan, with_settings(BASE, {"model": str(tmp_path / "shared" / "big")}))
    assert check_settings(workspace, plan).config is None
    monkeypatch.setenv("TUNESMITH_MODELS", str(tmp_path / "shared"))
    assert check_settings(workspace, plan).config is not None


def test_the_commands_are_those_of_the_settings(workspace: Workspace) -> None:
    bare_model(workspace)
    plan = planned(workspace, gpu="24GB")
    settle(workspace, plan, BASE + "max_length: 512\nbatch: 2\naccumulation: 3\nlora: {rank: 4}\n")
    config = check_settings(workspace, plan).config
    assert config is not None
    assert config.model == "models/tiny"
    memory = " ".join(estimate_command(plan, config, p95=300))
    assert "--max-length 512 --batch 2 --accumulation 3" in memory
    assert "--rank 4" in memory
    assert "--gpu 24GB --no-table --length-p95 300 --json" in memory
    preflight = preflight_command(plan, config, "zh")
    assert preflight[:6] == ["train", "preflight", "--data", "runs/medical", "--model", "models/tiny"]
    assert preflight[-2:] == ["--lang", "zh"]
    assert advise_command(plan, "en")[-5:] == ["--out", "training/medical-tiny/advice.yaml", "--lang", "en", "--json"]
    assert train_command(plan) == [
        "train",
        "sft",
        "training/medical-tiny/settings.yaml",
        "--out",
        "models/medical-tiny",
    ]


def test_an_answer_is_kept_beside_the_plan_and_outlives_its_job(workspace: Workspace) -> None:
    plan = planned(workspace)
    log = 'lengths: 12 of 12 rows\n{\n  "bytes": {\n    "low": 1\n  }\n}\n'
    name = job_on_disk(workspace, "memory", result_of(plan, "memory"), arguments=["a", "--lang", "en"], end={}, log=log)
    taken = take_answer(workspace, plan, "memory", read_job(workspace, name))
    kept = read_answer(workspace, plan, "memory")
    assert kept == taken
    assert kept is not None
    assert kept.found == {"bytes": {"low": 1}}
    assert kept.is_of(["a", "--lang", "zh"])
    assert not kept.is_of(["b", "--lang", "en"])


@pytest.mark.parametrize("log", ["", "error: no\n", "[1]\n", '{"a": '])
def test_a_log_without_an_object_has_none(log: str) -> None:
    assert object_in(log) is None


def test_each_look_at_a_growing_log_reads_only_what_is_new(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    lines = [json.dumps(line) + "\n" for line in log_lines(40)]
    log = GrowingLog(path)
    assert log.read() == []
    with path.open("a") as file:
        for line in lines:
            file.write(line[:7])
            file.flush()
            log.read()
            file.write(line[7:])
            file.flush()
            log.read()
    assert log.lines == log_lines(40)
    assert log.bytes_read <= path.stat().st_size + 7 * len(lines)


def test_a_log_that_was_cut_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in log_lines(8)))
    log = GrowingLog(path)
    log.read()
    (tmp_path / "part").write_text("".join(json.dumps(line) + "\n" for line in log_lines(4)))
    (tmp_path / "part").replace(path)  # as a run does that goes on from a checkpoint
    assert log.read() == log_lines(4)


def test_where_a_run_is_follows_from_its_last_lines() -> None:
    now = now_of(log_lines(30), 60)
    assert (now.step, now.total, now.learning_rate) == (30, 60, 1e-4)
    assert now.tokens_per_second == pytest.approx(500)
    assert now.seconds_left == pytest.approx(60)
    assert now_of([], 60).seconds_left is None
    assert now_of(log_lines(1), 60).tokens_per_second is None
    assert now_of([{"step": 3, "loss": None}], None).loss is None


def test_text_of_a_dataset_is_never_markup() -> None:
    piece = {"text": HOSTILE + "\u202e\x00\n", "position": 0, "trained": True, "special": False}
    row = {"examples": [[piece, {**piece, "position": 5, "trained": False, "special": True}]], "cutoff": 3}
    made = token_spans(row)
    assert "<img" not in made
    assert "&lt;img src=x onerror=alert(1)&gt;" in made
    assert "\u202e" not in made
    assert "\x00" not in made
    assert 'class="t"' in made
    assert 'class="m z s c"' in made
    assert safe("\ud800") == "⟨U+D800⟩"


def test_small_parts_of_memory_are_drawn_as_one() -> None:
    bars = memory_bars({"weights": 1 << 30, "loss": 1 << 10, "shards": 0}, {"weights": "weights", "rest": "other"})
    assert [(one["name"], one["text"]) for one in bars["data"]["values"]] == [
        ("weights", "1.0 GiB"),
        ("other", "0.0 MiB"),
    ]
    assert smallest_card(20 << 30) == 24
    assert smallest_card(500 << 30) is None


def test_a_training_goes_on_from_a_trained_model_whose_parts_the_other_commands_find(workspace: Workspace) -> None:
    folder = run_on_disk(workspace, "tuned", base="models/tiny")
    assert (weights_of(workspace, "models/tuned"), tokenizer_of(workspace, "models/tuned")) == (
        "models/tiny",
        "models/tuned/model",
    )
    (folder / "model" / "adapter_config.json").unlink()
    assert weights_of(workspace, "models/tuned") == "models/tuned/model"
    for other in ("Qwen/Qwen3-0.6B", "models/tiny", "models/../x", "/data/big"):
        assert weights_of(workspace, other) == tokenizer_of(workspace, other) == other
    plan = planned(workspace, model="models/tuned")
    assert "--model models/tiny --out" in " ".join(advise_command(plan, "en", model="models/tiny"))
    assert yaml.safe_load(first_settings(plan, BASE))["model"] == "models/tuned"  # advice names what it looked at


def test_a_change_of_the_estimate_becomes_settings_only_where_all_of_it_is_one() -> None:
    assert settings_of({"settings": {"checkpointing": True, "batch": 1}}) == {
        "activation_checkpointing": True,
        "batch": 1,
    }
    assert settings_of({"settings": {"gpus": 2, "batch": 1}}) is None


def test_domain_and_general_have_lines_of_their_own() -> None:
    from tunesmith.train.loss_curves import curves_of

    charts = loss_charts(curves_of(log_lines(6), []), "zh", dark=True)
    names = [layer["data"]["values"][0].get("line") for layer in charts["loss"]["layer"]]
    assert {"验证：领域", "验证：通用"} <= set(names)
    assert set(charts) == {"loss", "rate"}
