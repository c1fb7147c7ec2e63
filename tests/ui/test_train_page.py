"""The page Train in each of its states, in both languages, with and without what training needs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.train_given import (
    HOSTILE,
    bare_model,
    bare_run,
    command,
    curate,
    job_on_disk,
    make_tiny_model,
    planned,
    run_on_disk,
    settle,
    write_incident,
)
from tunesmith.ui.here import Here, Person
from tunesmith.ui.train_answers import STEPS, result_of
from tunesmith.ui.train_commands import advise_command, estimate_command, preflight_command
from tunesmith.ui.train_plans import Plan, plan_folder, read_plans
from tunesmith.ui.train_settings import check_settings, first_settings
from tunesmith.ui.words import Words
from tunesmith.ui.workspace import Workspace

BASE = "stage: sft\nmodel: models/tiny\ndata: [runs/medical]\n"


def script(here):  # its text alone is run: no annotations, imports inside
    from tunesmith.ui.page_train import page

    page(here)


def drawn(here: Here, **query: str) -> AppTest:
    app = AppTest.from_function(script, kwargs={"here": here}, default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def texts(app: AppTest) -> str:
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.text, app.code)
    kinds = (*kinds, app.info, app.warning, app.error, app.success)
    return "\n".join(str(one.value) for kind in kinds for one in kind)


def rendered(app: AppTest) -> str:
    """What is read as Markdown."""
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.info, app.warning, app.error)
    tables = "\n".join(one.proto.SerializeToString().decode("utf-8", "replace") for one in app.table)
    labels = "\n".join(one.label for one in app.button)
    return "\n".join(str(one.value) for kind in kinds for one in kind) + labels + tables


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
    assert "expected owner" in app.error[0].value
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


def test_a_run_is_shown_live_with_its_losses_and_incidents(here: Callable[..., Here], workspace: Workspace) -> None:
    bare_run(workspace)
    plan = planned(workspace)
    folder = run_on_disk(workspace, plan.name, finished=False)
    write_incident(folder)
    progress = {"stage": "training", "done": 6, "total": 24, "unit": "steps", "rate": 0.5, "seconds_left": 36.0}
    job = job_on_disk(workspace, "train", plan.out, progress={**progress, "updated": 1.0})
    app = drawn(here(), model=plan.name)
    shown = {one.label: one.value for one in app.metric}
    assert (shown["Step"], shown["Time left"], shown["Tokens a second"]) == ("6 / 24", "36 s", "500")
    assert len(app.get("vega_lite_chart")) + len(app.get("arrow_vega_lite_chart")) == 2
    assert "the model forgets" in texts(app)  # the general loss rises
    assert "The guard stepped in once" in texts(app)
    assert "![x](http" not in rendered(app)
    app.button(key=f"stop_{job}").click().run()
    assert "Stop this training?" in texts(app)
    app.button(key=f"stop_no_{job}").click().run()
    assert "Stop this training?" not in texts(app)
    (workspace.folder("jobs") / job / "end.json").write_text(json.dumps({"state": "cancelled", "ended": 3.0}))
    stopped = drawn(here(language="zh"), model=plan.name)
    assert stopped.button(key=f"go_on_{plan.name}").label == "继续训练"


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


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Finished", "What now", "train chat models/tuned", "Did it become better?")),
        ("zh", ("已完成", "接下来", "train chat models/tuned", "变好了吗？")),
    ],
)
def test_a_finished_run_tells_figures_and_what_to_do_next(
    here: Callable[..., Here], workspace: Workspace, language: str, words: tuple[str, ...]
) -> None:
    run_on_disk(workspace, "tuned", base=HOSTILE)
    app = drawn(here(language=language), model="tuned")
    assert [word for word in words if word not in texts(app)] == []
    assert [one.value for one in app.metric] == ["6", "–", "2.6000", "335", "1.0 GiB"]
    assert "![x](http" not in rendered(app)
    assert len(app.get("download_button")) == 2
    assert app.button(key="merge_do_tuned")


def test_a_finished_run_is_asked_before_and_after(here: Callable[..., Here], workspace: Workspace) -> None:
    from tunesmith.ui.train_next import predict_command
    from tunesmith.ui.train_run import read_run

    bare_run(workspace)
    (workspace.folder("runs") / "medical" / "validation.jsonl").write_text("{}\n")
    plan = planned(workspace)
    run_on_disk(workspace, plan.name)
    app = drawn(here(), model=plan.name)
    assert app.selectbox(key=f"questions_{plan.name}").value == "runs/medical/validation.jsonl"
    run = read_run(workspace, plan.name)
    before, after = (" ".join(predict_command(run, side, "q.jsonl")) for side in ("before", "after"))
    assert "--model models/tiny --out predictions/medical-tiny-before.jsonl" in before
    assert f"--model models/tiny --adapter models/{plan.name}/model" in after
    for side in ("before", "after"):
        (workspace.folder("predictions") / f"{plan.name}-{side}.jsonl").write_text("{}\n")
    assert "Both have answered" in texts(drawn(here(), model=plan.name))


def test_a_reward_model_has_nothing_to_compare(here: Callable[..., Here], workspace: Workspace) -> None:
    run_on_disk(workspace, "marks", stage="reward")
    assert "gives marks to answers" in texts(drawn(here(), model="marks"))


def test_the_server_never_loads_torch_for_this_page(workspace: Workspace, tmp_path: Path) -> None:
    bare_run(workspace)
    bare_model(workspace)
    plan = planned(workspace)
    settle(workspace, plan, BASE)
    run_on_disk(workspace, "tuned")
    code = f"""
import sys
from pathlib import Path
from streamlit.testing.v1 import AppTest
from tunesmith.ui.here import Here, Person
from tunesmith.ui.words import Words
from tunesmith.ui.workspace import Workspace

def script(here):
    from tunesmith.ui.page_train import page
    page(here)

here = Here(Workspace(Path({str(workspace.root)!r})), Person("me", "owner"), Words("en"))
for name in (None, {plan.name!r}, "tuned"):
    app = AppTest.from_function(script, kwargs={{"here": here}}, default_timeout=60)
    if name:
        app.query_params["model"] = name
    app.run()
    assert not app.exception
print([name for name in ("torch", "transformers", "peft", "trl") if name in sys.modules])
"""
    (tmp_path / "look.py").write_text(code)
    done = subprocess.run([sys.executable, "look.py"], capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.strip() == "[]", done.stderr
