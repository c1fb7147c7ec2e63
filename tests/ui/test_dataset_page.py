"""The page Dataset in each of its states."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.ui.dataset_given import HOSTILE, add, drawn, hold_queue, pairs, texts
from tunesmith.curate.profile_folder import write_profile
from tunesmith.ui.dataset_profiles import profile_folder
from tunesmith.ui.datasets import read_dataset, read_datasets, renamed, write_dataset
from tunesmith.ui.here import Here
from tunesmith.ui.jobs import read_jobs
from tunesmith.ui.words import escaped

MAKE = Callable[..., Here]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_where_nothing_is_the_sample_is_one_press_away(here: MAKE, language: str) -> None:
    place = here(language=language)
    hold_queue(place.workspace)
    app = drawn(place, "dataset")
    assert escaped(place.say("dataset.empty")) in escaped(texts(app))
    app.button(key="dataset_sample").click().run()
    assert {one.title for one in read_datasets(place.workspace)} == {
        "medical_zh.jsonl",
        "general.jsonl",
        "evaluation.jsonl",
    }
    assert {job.title for job in read_jobs(place.workspace) if job.kind == "profile"} == {
        one.title for one in read_datasets(place.workspace)
    }
    assert app.button(key="open_general")


def test_a_file_that_is_sent_becomes_a_dataset_and_is_counted(here: MAKE) -> None:
    place = here()
    hold_queue(place.workspace)
    app = drawn(place, "dataset")
    app.file_uploader[0].set_value([(HOSTILE, pairs(4), "text/plain")]).run()
    assert not app.exception
    (dataset,) = read_datasets(place.workspace)
    assert app.query_params["dataset"] == dataset.id
    assert escaped(HOSTILE) in app.header[0].value
    assert "![x]" not in texts(app)
    assert [job.title for job in read_jobs(place.workspace) if job.kind == "profile"] == [HOSTILE]


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"])
def test_a_file_that_cannot_be_read_is_told_and_the_page_stays(here: MAKE, data: bytes) -> None:
    place = here()
    hold_queue(place.workspace)
    app = drawn(place, "dataset")
    app.file_uploader[0].set_value([("good.jsonl", pairs(2), ""), (HOSTILE, data, "")]).run()
    assert not app.exception
    assert "![x]" not in app.error[0].value
    assert escaped("evil<b>") in app.error[0].value
    assert [one.title for one in read_datasets(place.workspace)] == ["good.jsonl"]
    app.run()
    assert not app.error


def test_columns_that_nobody_knows_can_be_named_with_a_preview(here: MAKE) -> None:
    place = here()
    hold_queue(place.workspace)
    data = "指令,输出,备注\n发烧怎么办,多喝水,无\n咳嗽怎么办,先观察,无\n".encode("gb18030")
    dataset = add(place.workspace, "医生.csv", data)
    app = drawn(place, "dataset", {"dataset": dataset.id})
    assert place.say("dataset.not_detected") in texts(app)
    assert app.selectbox(key=f"column_{dataset.id}_answer_prompt").value == "指令"
    assert app.dataframe[0].value["answer"].tolist() == ["多喝水", "先观察"]
    app.selectbox(key=f"column_{dataset.id}_answer_answer").set_value("备注").run()
    assert app.dataframe[0].value["answer"].tolist() == ["无", "无"]
    assert read_dataset(place.workspace, dataset.id).columns is None
    app.button(key=f"read_{dataset.id}").click().run()
    assert read_dataset(place.workspace, dataset.id).columns == {"prompt": "指令", "answer": "备注"}
    assert [job.arguments[3:5] for job in read_jobs(place.workspace) if job.kind == "profile"] == [
        ("--columns", "prompt=指令,answer=备注")
    ]
    assert app.button(key="curate_start")


def test_before_any_column_is_named_the_cells_are_shown_as_they_stand(here: MAKE) -> None:
    place = here(language="zh")
    dataset = add(place.workspace, "a.csv", "病人说,<b>医生</b>\n发烧,多喝水\n".encode("gb18030"))
    app = drawn(place, "dataset", {"dataset": dataset.id})
    assert app.dataframe[0].value.to_dict("list") == {"病人说": ["发烧"], "<b>医生</b>": ["多喝水"]}
    assert "<b>医生" not in "".join(element.value for element in [*app.markdown, *app.caption])
    assert "curate_start" not in [button.key for button in app.button]


def test_a_wrong_format_shows_what_it_would_do_before_it_is_kept(here: MAKE) -> None:
    place = here()
    dataset = add(place.workspace, "a.jsonl", pairs(2))
    app = drawn(place, "dataset", {"dataset": dataset.id})
    app.selectbox(key=f"format_{dataset.id}").set_value("sharegpt").run()
    assert not app.exception
    assert all(app.dataframe[0].value["problem"])
    assert read_dataset(place.workspace, dataset.id).format == "auto"


def test_bad_lines_name_line_and_fix_and_can_be_taken_away(here: MAKE) -> None:
    place = here()
    data = pairs(3) + b'{"instruction": NaN, "output": "x"}\n{"a": 1\n' + b'{"instruction": "x", "output": 7}\n'
    dataset = add(place.workspace, "a.jsonl", data, counted=True)
    app = drawn(place, "dataset", {"dataset": dataset.id})
    assert place.say("dataset.unreadable", n=3) in texts(app)
    told = next(one.value for one in app.dataframe if "why" in one.value)
    assert told["where"].tolist() == ["4, 5", "6"]
    assert "write null or a text instead" in told["why"][0]
    assert app.get("download_button")


def test_the_address_filters_the_rows_and_a_press_takes_it_back(here: MAKE) -> None:
    place = here()
    dataset = add(place.workspace, "a.jsonl", pairs(5) + pairs(1), counted=True)
    app = drawn(place, "dataset", {"dataset": dataset.id, "problem": "equal"})
    rows = app.dataframe[-1].value
    assert rows["row"].tolist() == [6]
    assert place.say.plain("dataset.equal_to", n=1) in rows["problem"][0]
    app.button(key="unpick_problem").click().run()
    assert len(app.dataframe[-1].value) == 6
    assert "problem" not in app.query_params


def test_many_rows_come_in_pages_and_it_is_told_which(here: MAKE) -> None:
    place = here()
    dataset = add(place.workspace, "a.jsonl", pairs(250), counted=True)
    app = drawn(place, "dataset", {"dataset": dataset.id, "page": "3"})
    assert place.say("dataset.rows_shown", first=201, last=250, n=250) in texts(app)
    assert app.dataframe[-1].value["row"].tolist()[0] == 201


def test_before_it_was_counted_a_button_counts_it(here: MAKE) -> None:
    place = here()
    hold_queue(place.workspace)
    dataset = add(place.workspace, "a.jsonl", pairs(2))
    app = drawn(place, "dataset", {"dataset": dataset.id})
    app.button(key=f"count_{dataset.id}").click().run()
    assert [job.state for job in read_jobs(place.workspace) if job.kind == "profile"] == ["queued"]
    assert place.say("dataset.being_counted") in texts(app)


def test_curating_writes_the_recipe_and_asks_for_the_job(here: MAKE) -> None:
    place = here()
    hold_queue(place.workspace)
    dataset = add(place.workspace, HOSTILE, pairs(3))
    add(place.workspace, "tests.jsonl", pairs(2), "evaluation")
    app = drawn(place, "dataset", {"dataset": dataset.id})
    app.button(key="curate_start").click().run()
    assert not app.exception
    job = next(job for job in read_jobs(place.workspace) if job.kind == "curate")
    assert job.arguments == ("curate", "run", f"recipes/{dataset.id}.yaml", "--out", f"runs/{dataset.id}")
    assert job.result == f"runs/{dataset.id}"
    text = (place.workspace.folder("recipes") / f"{dataset.id}.yaml").read_text()
    assert "../datasets/tests/tests.jsonl" in text


def test_what_it_is_for_can_be_changed_and_questions_for_tests_are_not_curated(here: MAKE) -> None:
    place = here()
    dataset = add(place.workspace, "a.jsonl", pairs(2))
    app = drawn(place, "dataset", {"dataset": dataset.id})
    app.segmented_control(key=f"group_{dataset.id}").set_value("evaluation").run()
    assert read_dataset(place.workspace, dataset.id).group == "evaluation"
    assert place.say("dataset.evaluation_use") in texts(app)
    assert "curate_start" not in [button.key for button in app.button]


def test_a_dataset_is_deleted_after_a_question_that_names_its_recipes(here: MAKE) -> None:
    place = here()
    dataset = add(place.workspace, "a.jsonl", pairs(2))
    (place.workspace.folder("recipes") / "mine.yaml").write_text("sources: [../datasets/a/a.jsonl]\n")
    app = drawn(place, "dataset", {"dataset": dataset.id})
    app.button(key=f"delete_{dataset.id}").click().run()
    assert place.say("dataset.delete_used", n=1, names="mine") in texts(app)
    app.button(key=f"delete_no_{dataset.id}").click().run()
    assert read_datasets(place.workspace)
    app.button(key=f"delete_{dataset.id}").click().run()
    app.button(key=f"delete_yes_{dataset.id}").click().run()
    assert not app.exception
    assert read_datasets(place.workspace) == []


def test_a_title_can_be_changed(here: MAKE) -> None:
    place = here()
    dataset = add(place.workspace, "a.jsonl", pairs(2))
    app = drawn(place, "dataset", {"dataset": dataset.id})
    app.text_input(key=f"title_{dataset.id}").set_value("![x](http://evil.example/b.png)").run()
    assert "![x]" not in texts(app)
    assert read_dataset(place.workspace, dataset.id).title == "![x](http://evil.example/b.png)"


def test_a_file_that_is_gone_is_told_and_can_still_be_deleted(here: MAKE) -> None:
    place = here()
    dataset = add(place.workspace, "a.jsonl", pairs(2))
    dataset.path.unlink()
    app = drawn(place, "dataset", {"dataset": dataset.id})
    assert "there is no such file" in app.error[0].value
    assert app.button(key=f"delete_{dataset.id}")


def test_a_damaged_description_is_told_beside_the_list(here: MAKE) -> None:
    place = here()
    dataset = add(place.workspace, "a.jsonl", pairs(2))
    (place.workspace.folder("datasets") / dataset.id / "dataset.json").write_text("{")
    assert place.say("dataset.damaged", name=dataset.id) in texts(drawn(place, "dataset"))


def test_a_file_that_was_put_into_incoming_is_used_where_it_lies(here: MAKE) -> None:
    place = here()
    hold_queue(place.workspace)
    incoming = place.workspace.folder("datasets") / "incoming"
    incoming.mkdir()
    (incoming / HOSTILE.replace("/", "_").lstrip("._")).write_bytes(pairs(3))
    app = drawn(place, "dataset")
    app.button(key="incoming_add").click().run()
    assert not app.exception
    (dataset,) = read_datasets(place.workspace)
    assert dataset.is_incoming
    assert app.query_params["dataset"] == dataset.id


@pytest.mark.parametrize(
    "name",
    [
        "huatuo_med_zh.json", "alpaca_en_demo.json", "alpaca_zh_demo.json", "c4_demo.jsonl", "dpo_en_demo.json",
        "dpo_zh_demo.json", "glaive_toolcall_en_demo.json", "glaive_toolcall_zh_demo.json", "gsm8k_solutions.jsonl",
        "gsm8k_test.jsonl", "gsm8k_train.jsonl", "identity.json", "kto_en_demo.json", "t0_50k.jsonl.xz",
        "wiki_demo.txt",
    ],
)  # fmt: skip
def test_real_files_are_read_and_shown(here: MAKE, shared_data: Path, name: str) -> None:
    place = here()
    dataset = add(place.workspace, name, (shared_data / name).read_bytes())
    app = drawn(place, "dataset", {"dataset": dataset.id})
    assert not app.error
    assert len(app.dataframe[0].value) == 5
    shown = app.dataframe[0].value
    assert all(shown["answer"]) or all(shown["problem"])


def test_a_profile_of_real_preferences_is_shown(here: MAKE, shared_data: Path) -> None:
    place = here(language="zh")
    rows = json.loads((shared_data / "dpo_zh_demo.json").read_text(encoding="utf-8"))[:40]
    dataset = add(place.workspace, "dpo.json", json.dumps(rows, ensure_ascii=False).encode())
    dataset = write_dataset(place.workspace, replace(dataset, format="sharegpt_preference"))
    out = profile_folder(place.workspace, dataset)
    write_profile([str(dataset.path)], out, format=dataset.format, workers=1)
    app = drawn(place, "dataset", {"dataset": dataset.id})
    assert len(app.dataframe[-1].value) == 40
    assert not app.error


def test_what_another_tab_changed_is_shown_and_not_written_back(here: MAKE) -> None:
    place = here()
    dataset = add(place.workspace, "a.jsonl", pairs(2))
    app = drawn(place, "dataset", {"dataset": dataset.id})
    renamed(place.workspace, write_dataset(place.workspace, replace(dataset, group="evaluation")), "b")
    app.run()
    kept = read_dataset(place.workspace, dataset.id)
    assert (kept.group, kept.title) == ("evaluation", "b")
    assert app.segmented_control(key=f"group_{dataset.id}").value == "evaluation"
    assert app.text_input(key=f"title_{dataset.id}").value == "b"


def test_of_two_files_with_one_name_both_are_curated(here: MAKE) -> None:
    place = here()
    hold_queue(place.workspace)
    first, second = (add(place.workspace, "a.jsonl", pairs(3, start)) for start in (0, 100))
    assert first.title != second.title
    write_dataset(place.workspace, replace(second, title=first.title))  # as an older workspace may have it
    app = drawn(place, "dataset")
    (choice,) = app.multiselect
    assert len(set(choice.options)) == 2
    choice.set_value([first.id, second.id]).run()
    app.button(key="curate_start").click().run()
    (job,) = (job for job in read_jobs(place.workspace) if job.kind == "curate")
    text = (place.workspace.root / job.arguments[2]).read_text()
    assert [f"datasets/{one.id}/" in text for one in (first, second)] == [True, True]


def test_a_dataset_stays_chosen_when_it_is_for_something_else(here: MAKE) -> None:
    place = here()
    dataset = add(place.workspace, "a.jsonl", pairs(2))
    app = drawn(place, "dataset", {"dataset": dataset.id})
    app.segmented_control(key=f"group_{dataset.id}").set_value("general").run()
    assert read_dataset(place.workspace, dataset.id).group == "general"
    assert app.multiselect[0].value == [dataset.id]
    assert app.button(key="curate_start")


def test_a_file_that_is_stored_is_not_said_to_be_lost_where_it_cannot_be_counted(
    here: MAKE, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = here()
    app = drawn(place, "dataset")
    monkeypatch.setenv("TUNESMITH_JOBS", "many")
    app.file_uploader[0].set_value([("a.jsonl", pairs(2), "")]).run()
    assert not app.exception
    assert "TUNESMITH" in app.error[0].value
    assert place.say("dataset.nothing_kept") not in texts(app)
    monkeypatch.delenv("TUNESMITH_JOBS")
    app.run()
    assert not app.error
    assert [one.title for one in read_datasets(place.workspace)] == ["a.jsonl"]


def test_a_file_in_the_wrong_place_is_told_and_an_empty_folder_is_not(here: MAKE) -> None:
    place = here()
    (place.workspace.folder("datasets") / "lost.jsonl").write_bytes(pairs(1))
    (place.workspace.folder("datasets") / "new").mkdir()
    app = drawn(place, "dataset")
    assert [one.value for one in app.warning] == [place.say("dataset.stray", name="lost.jsonl")]


def test_a_file_in_incoming_that_holds_no_rows_is_told_beside_the_list(here: MAKE) -> None:
    place = here()
    dataset = add(place.workspace, "a.jsonl", pairs(1))
    incoming = place.workspace.folder("datasets") / "incoming"
    incoming.mkdir()
    (incoming / "b.jsonl").write_bytes(b"")
    app = drawn(place, "dataset")
    app.button(key="incoming_add").click().run()
    assert "empty file" in app.error[0].value
    assert app.button(key=f"open_{dataset.id}")


def test_in_chinese_rows_and_their_reading_are_told_in_chinese(here: MAKE) -> None:
    place = here(language="zh")
    data = pairs(2) + b'{"instruction": "Empty?", "output": ""}\n{broken\n'
    dataset = add(place.workspace, "a.jsonl", data, counted=True)
    app = drawn(place, "dataset", {"dataset": dataset.id})
    assert "have the fields" not in texts(app)
    rows = app.dataframe[-1].value
    assert rows["language"].tolist()[:2] == ["英文", "英文"]
    problems = [str(problem) for problem in rows["problem"].tolist()]
    assert problems[2] == "空白轮次, 规则 有一轮对话没有内容"
    assert problems[3].startswith("不是有效的 JSON")


def test_a_filter_is_called_as_its_bar(here: MAKE) -> None:
    place = here()
    dataset = add(place.workspace, "a.jsonl", pairs(1), counted=True)
    app = drawn(place, "dataset", {"dataset": dataset.id, "answer": "50000+"})
    assert app.button(key="unpick_answer").label == r"Answer: 50000\+"
