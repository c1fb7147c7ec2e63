"""The page Train before a training, in each of its states: what is chosen, its settings, the three steps."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest

from tests.ui.train_given import (
    HOSTILE,
    bare_model,
    bare_run,
    command,
    curate,
    drawn,
    job_on_disk,
    make_tiny_model,
    planned,
    rendered,
    run_on_disk,
    settle,
    texts,
)
from tunesmith.ui.datasets import add_upload, write_dataset
from tunesmith.ui.here import Here, Person
from tunesmith.ui.jobs import cancel, read_jobs
from tunesmith.ui.train_answers import STEPS, result_of
from tunesmith.ui.train_commands import advise_command, estimate_command, preflight_command
from tunesmith.ui.train_plans import Plan, plan_folder, read_plans
from tunesmith.ui.train_settings import check_settings, first_settings
from tunesmith.ui.words import Words
from tunesmith.ui.workspace import Workspace

BASE = "stage: sft\nmodel: models/tiny\ndata: [runs/medical]\n"


@pytest.mark.parametrize(("language", "words"), [("en", "nothing to learn from"), ("zh", "还没有可用于训练的数据")])
def test_without_data_the_page_says_where_to_get_some(here: Callable[..., Here], language: str, words: str) -> None:
    app = drawn(here(language=language))
    assert words in texts(app)
    assert not app.button


def test_a_plan_is_made_of_what_is_chosen_and_opened(here: Callable[..., Here], workspace: Workspace) -> None:
    bare_run(workspace, "older")
    bare_run(workspace)
    bare_model(workspace)
    app = drawn(here(), run="older")
    assert app.selectbox(key="train_data").value == "runs/older"  # as Curate asks for it
    app.selectbox(key="train_method").select("qlora").run()
    app.selectbox(key="train_gpu").select("24GB").run()
    assert "compressed to 4 bits" in texts(app)
    app.button(key="train_begin").click().run()
    assert app.query_params["model"] == "older-tiny"
    chosen = read_plans(workspace)[0].chosen
    assert (chosen.data, chosen.model, chosen.method, chosen.gpu) == ("runs/older", "models/tiny", "qlora", "24GB")
    assert app.button(key="ask_advice_older-tiny")


def test_a_name_on_the_hub_is_checked_and_never_a_path(here: Callable[..., Here], workspace: Workspace) -> None:
    bare_run(workspace)
    app = drawn(here())
    assert app.button(key="train_begin").disabled
    assert "models/ of the workspace" in texts(app)  # where models come from without a connection
    app.text_input(key="train_hub").input("../../etc/passwd").run()
    assert "owner/name" in app.error[0].value.replace("\\", "")
    assert app.button(key="train_begin").disabled
    app.text_input(key="train_hub").input("Qwen/Qwen3-0.6B").run()
    assert not app.error
    assert not app.button(key="train_begin").disabled


def test_where_training_is_not_installed_the_page_says_what_to_install(
    here: Callable[..., Here], workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare_run(workspace)
    bare_model(workspace)
    plan = planned(workspace)
    run_on_disk(workspace, "tuned")
    monkeypatch.setitem(sys.modules, "torch", None)  # as where it is not installed: nothing finds it
    app = drawn(here())
    assert "torch" in app.warning[0].value
    assert "pip install 'tunesmith[train]'" in texts(app)
    assert app.button(key="train_begin").disabled
    step = drawn(here(), model=plan.name)
    assert "torch" in step.warning[0].value
    assert step.button(key=f"ask_advice_{plan.name}").disabled
    assert "Finished" in texts(drawn(here(), model="tuned"))  # what is there can still be looked at


@pytest.mark.parametrize("name", ["../../etc/passwd", "nothing", HOSTILE])
def test_an_address_of_no_training_says_so(here: Callable[..., Here], name: str) -> None:
    app = drawn(here(), model=name)
    assert "no training of this name" in texts(app)
    assert HOSTILE not in rendered(app)
    app.button(key="train_back").click().run()
    assert "model" not in app.query_params


def test_a_model_to_start_from_is_no_training_and_says_so(here: Callable[..., Here], workspace: Workspace) -> None:
    bare_model(workspace)
    assert "a model to start from" in texts(drawn(here(), model="tiny"))


def test_hostile_names_of_models_and_programs_are_shown_as_text(
    here: Callable[..., Here], workspace: Workspace
) -> None:
    bare_run(workspace)
    (workspace.folder("models") / HOSTILE.replace("/", "")).mkdir()
    (workspace.folder("models") / HOSTILE.replace("/", "") / "config.json").write_text("{}")
    app = drawn(here())
    assert app.selectbox(key="train_model").value == f"models/{HOSTILE.replace('/', '')}"
    app.button(key="train_begin").click().run()
    plan = read_plans(workspace)[0]
    message = {"state": "failed", "failure": "input", "message": HOSTILE, "exit_code": 2}
    job_on_disk(workspace, "advice", result_of(plan, "advice"), end=message)
    shown = drawn(here(), model=plan.name)
    assert "![x](http" not in rendered(shown)
    assert HOSTILE in [one.value for one in shown.code]
    assert r"\!\[x\]" in rendered(shown)


def test_settings_stand_in_a_field_and_all_mistakes_below_it(here: Callable[..., Here], workspace: Workspace) -> None:
    plan = planned(workspace)
    app = drawn(here(), model=plan.name)
    assert not app.text_area
    app.button(key=f"skip_{plan.name}").click().run()
    assert app.text_area[0].value == BASE
    assert not app.button(key=f"start_{plan.name}").disabled
    app.text_area[0].input(BASE + "cutoff_len: 4\nepochs: -1\n").run()
    assert "2 mistakes" in app.error[0].value
    assert app.button(key=f"start_{plan.name}").disabled
    assert (plan_folder(workspace, plan.name) / "settings.yaml").read_text() == BASE + "cutoff_len: 4\nepochs: -1\n"
    again = drawn(here(), model=plan.name)
    assert "cutoff_len" in str(again.text_area[0].value)
    settle(workspace, plan, BASE)  # in an editor, beside the page
    assert app.run().text_area[0].value == BASE


def test_what_is_typed_counts_for_the_press_that_leaves_the_field(
    here: Callable[..., Here], workspace: Workspace
) -> None:
    job_on_disk(workspace, "curate", "runs/other")  # it has the one place, so that nothing is trained here
    plan = planned(workspace)
    settle(workspace, plan, BASE)
    app = drawn(here(), model=plan.name)
    app.text_area[0].input(BASE + "epochs: 2\n")
    app.button(key=f"start_{plan.name}").click().run()
    assert not app.exception
    assert (plan_folder(workspace, plan.name) / "settings.yaml").read_text() == BASE + "epochs: 2\n"
    (job,) = [one for one in read_jobs(workspace) if one.kind == "train"]
    assert job.state == "queued"
    cancel(workspace, job.id)


def test_data_that_a_training_would_read_otherwise_is_not_offered(
    here: Callable[..., Here], workspace: Workspace
) -> None:
    row = BytesIO(b'{"ask": "1 + 1?", "say": "2"}\n')
    mapped = add_upload(workspace, "asked.jsonl", row)
    write_dataset(workspace, replace(mapped, columns={"prompt": "ask", "answer": "say"}))
    app = drawn(here(language="zh"))
    assert not app.selectbox
    assert "有 1 个数据集" in texts(app)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Plan]:
    """A plan whose three steps were answered by the real commands on a small curated run and a tiny model."""
    workspace = Workspace(tmp_path_factory.mktemp("asked") / "workspace").make()
    make_tiny_model(workspace.folder("models") / "tiny")
    curate(workspace)
    plan = planned(workspace, gpu="24GB")
    folder = plan_folder(workspace, plan.name)
    arguments = advise_command(plan, "en")
    told = command(workspace, *arguments)
    job_on_disk(workspace, "advice", result_of(plan, "advice"), arguments=arguments, end={}, log=f"rows\n{told}")
    settle(workspace, plan, first_settings(plan, (folder / "advice.yaml").read_text()) + "max_length: 256\n")
    settle(workspace, plan, (folder / "settings.yaml").read_text().replace("max_length: 1024", "#"))
    config = check_settings(workspace, plan).config
    assert config is not None
    p95 = json.loads(told)["facts"]["p95_tokens"]
    for step, arguments in (
        ("memory", estimate_command(plan, config, p95=p95)),
        ("preflight", preflight_command(plan, config, "en")),
    ):
        told = command(workspace, *arguments)
        job_on_disk(workspace, step, f"{plan.folder}/{step}{'' if step == 'preflight' else '.json'}",
                    arguments=arguments, end={}, log=told)  # fmt: skip
    return workspace, plan


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Where sources disagree", "Fits in 24 GB", "are not trained whole", "Green is learned")),
        ("zh", ("各来源不一致", "24 GB 放得下", "未完整参与训练", "绿色为被学习的词元")),
    ],
)
def test_the_answers_of_the_three_steps_are_shown(
    asked: tuple[Workspace, Plan], language: str, words: tuple[str, ...]
) -> None:
    workspace, plan = asked
    app = drawn(Here(workspace, Person("me", "owner"), Words(language)), model=plan.name)  # type: ignore[arg-type]
    shown = texts(app) + "\n".join(one.label for one in app.expander)
    assert [word for word in words if word not in shown] == []
    assert ("以上内容以英文给出" in shown) == (language == "zh")
    assert not app.info  # nothing has changed since
    assert [(plan_folder(workspace, plan.name) / f"{step}.json").is_file() for step in STEPS] == [True] * 3
    rows, learned, share = (one.value for one in app.metric)
    assert " / " in rows
    assert int(learned.replace(",", "")) > 100
    assert share.endswith("%")


def test_no_text_of_a_row_becomes_markup(asked: tuple[Workspace, Plan]) -> None:
    workspace, plan = asked
    shown = plan_folder(workspace, plan.name) / "preflight" / "shown.json"
    rows = json.loads(shown.read_text())
    piece = rows[0]["examples"][0][0]
    rows[0] |= {"row_id": HOSTILE, "detail": HOSTILE, "examples": [[{**piece, "text": HOSTILE}]]}
    before = shown.read_text()
    shown.write_text(json.dumps(rows))
    try:
        app = drawn(Here(workspace, Person("me", "owner"), Words("en")), model=plan.name)
    finally:
        shown.write_text(before)
    html = "\n".join(one.proto.body for one in app.get("html"))
    assert "&lt;img src=x" in html
    assert "<img" not in html
    assert "![x](http" not in rendered(app)
    assert HOSTILE in [one.value for one in app.text]


def test_changed_settings_make_the_answers_old_and_the_advised_cutoff_is_one_press_away(
    asked: tuple[Workspace, Plan],
) -> None:
    workspace, plan = asked
    path = plan_folder(workspace, plan.name) / "settings.yaml"
    before = path.read_text()
    here = Here(workspace, Person("me", "owner"), Words("en"))
    try:
        app = drawn(here, model=plan.name)
        app.button(key=f"cutoff_{plan.name}").click().run()
        assert "max_length: 256" not in path.read_text()
        assert [one.value for one in app.info] == [here.say("train.changed_since")] * 2
        app.button(key=f"reset_{plan.name}").click().run()
        assert path.read_text() == (plan_folder(workspace, plan.name) / "advice.yaml").read_text()
    finally:
        path.write_text(before)


def test_the_smallest_change_can_be_taken(here: Callable[..., Here], workspace: Workspace) -> None:
    plan = planned(workspace, gpu="8GB")
    settle(workspace, plan, BASE)
    found = {
        "bytes": {"low": 9 << 30, "likely": 10 << 30, "high": 12 << 30},
        "peak": "backward",
        "parts": {"weights": 10 << 30},
        "parameters": {"total": 100, "trained": 10, "adapter": 10},
        "verdict": "no",
        "change": {"settings": {"batch": 1, "checkpointing": True}, "fits": True, "text": "add --checkpointing"},
    }
    (plan_folder(workspace, plan.name) / "memory.json").write_text(
        json.dumps({"asked": ["x"], "job": "1", "found": found})
    )
    app = drawn(here(), model=plan.name)
    assert "Does not fit in 8 GB" in texts(app)
    app.button(key=f"change_{plan.name}").click().run()
    config = check_settings(workspace, plan).config
    assert config is not None
    assert (config.batch, config.activation_checkpointing) == (1, True)


def test_a_training_that_failed_before_its_first_step_says_why_beside_the_settings(
    here: Callable[..., Here], workspace: Workspace
) -> None:
    plan = planned(workspace)
    settle(workspace, plan, BASE)
    end = {"state": "failed", "failure": "input", "message": "runs/medical: found nothing", "exit_code": 2}
    job_on_disk(workspace, "train", plan.out, end=end)
    app = drawn(here(), model=plan.name)
    assert "runs/medical: found nothing" in [one.value for one in app.code]
    assert not app.button(key=f"start_{plan.name}").disabled
