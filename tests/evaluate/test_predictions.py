"""Files of predictions: what is read, what is refused and how it is said, and that writing gives it back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.errors import InputError
from tunesmith.evaluate.predictions import Prediction, read_predictions, write_predictions

USER = [{"role": "user", "content": "1 + 1?"}]


def written(folder: Path, *lines: Any, name: str = "preds.jsonl") -> Path:
    path = folder / name
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    path.write_text("".join(f"{text}\n" for text in texts))
    return path


def line(number: int, **more: Any) -> dict[str, Any]:
    return {"id": f"q{number}", "messages": USER, "prediction": "2", "reference": "2", **more}


def test_a_line_is_read_with_its_fields_and_meta(tmp_path: Path) -> None:
    path = written(tmp_path, line(1, meta={"model": "m"}, correct=True, task="sum", level=2, note=None, tags=["a"]))
    (row,) = read_predictions(path).rows
    assert row == Prediction(
        "q1", tuple(USER), "2", ("2",), {"model": "m"}, None, {"correct": True, "task": "sum", "level": 2}
    )


def test_the_bundled_predictions_are_read_and_written_back_as_they_are(bundled_data: Path, tmp_path: Path) -> None:
    found = read_predictions(bundled_data / "predictions_after.jsonl")
    assert len(found.rows) == 150
    assert sum("correct" in row.fields for row in found.rows) == 50
    write_predictions(found.rows, tmp_path / "again.jsonl")
    assert read_predictions(tmp_path / "again.jsonl").rows == found.rows


@pytest.mark.parametrize(
    ("given_reference", "references"),
    [
        ("2", ("2",)),
        (["2", "two"], ("2", "two")),
        (None, ()),
        ("", ()),
        (" \n", ()),
        ([], ()),
        (["", "2"], ("2",)),
        (18, ("18",)),
        (2.5, ("2.5",)),
    ],
)
def test_a_reference_is_a_text_several_a_number_or_none(
    tmp_path: Path, given_reference: Any, references: tuple[str, ...]
) -> None:
    path = written(tmp_path, line(1, reference=given_reference))
    assert read_predictions(path).rows[0].references == references


@pytest.mark.parametrize(
    ("more", "failure"),
    [({"failure": "timeout"}, "timeout"), ({"meta": {"failure": "http_500"}}, "http_500"), ({}, "unknown")],
)
def test_a_failed_answer_is_null_with_its_reason_and_no_empty_text(
    tmp_path: Path, more: dict[str, Any], failure: str
) -> None:
    path = written(tmp_path, line(1, prediction=None, **more), line(2, prediction=""))
    failed, empty = read_predictions(path).rows
    assert (failed.prediction, failed.failure) == (None, failure)
    assert (empty.prediction, empty.failure) == ("", None)


def test_a_million_letters_are_an_answer(tmp_path: Path) -> None:
    path = written(tmp_path, line(1, prediction="好" * 1_000_000), line(2))
    assert [len(row.prediction or "") for row in read_predictions(path).rows] == [1_000_000, 1]


def test_predictions_of_llamafactory_are_read_by_themselves_with_line_numbers_as_ids(tmp_path: Path) -> None:
    path = written(
        tmp_path, {"prompt": "system\n1 + 1?", "predict": "2", "label": "2"}, "", {"predict": "3", "label": ""}
    )
    first, second = read_predictions(path).rows
    assert first == Prediction("1", ({"role": "user", "content": "system\n1 + 1?"},), "2", ("2",), {}, None, {})
    assert (second.id, second.messages, second.references) == ("3", (), ())


def test_other_columns_are_mapped(tmp_path: Path) -> None:
    path = written(tmp_path, {"nr": 7, "ask": "1 + 1?", "reply": "2", "gold": "2", "ok": True, "prediction": "x"})
    columns = {"id": "nr", "prompt": "ask", "prediction": "reply", "reference": "gold", "correct": "ok"}
    (row,) = read_predictions(path, columns=columns).rows
    assert row == Prediction("7", tuple(USER), "2", ("2",), {}, None, {"correct": True})


@pytest.mark.parametrize("columns", [{"prediction": "reply", "reference": "gold"}, {"prediction": "reply"}])
def test_what_is_mapped_comes_back_from_a_file_that_has_columns_of_our_names_too(
    tmp_path: Path, columns: dict[str, str]
) -> None:
    line = {"prediction": "of an older model", "reference": "1", "reply": "2", "gold": "2", "level": 3}
    found = read_predictions(written(tmp_path, line), columns=columns).rows
    assert (found[0].prediction, found[0].references) == ("2", ("2" if "reference" in columns else "1",))
    write_predictions(found, tmp_path / "again.jsonl")
    assert read_predictions(tmp_path / "again.jsonl").rows == found


@pytest.mark.parametrize("others", [("score", "correct"), ("correct", "score")])
def test_what_is_mapped_to_correct_wins_over_a_column_of_that_name(tmp_path: Path, others: tuple[str, str]) -> None:
    line = {"prediction": "2", **{name: name == "score" for name in others}}
    (row,) = read_predictions(written(tmp_path, line), columns={"correct": "score"}).rows
    assert row.fields == {"correct": True}


def test_a_reference_beside_predictions_of_llamafactory_is_a_reference(tmp_path: Path) -> None:
    (row,) = read_predictions(written(tmp_path, {"predict": "2", "reference": "3"})).rows
    assert (row.prediction, row.references, row.fields) == ("2", ("3",), {})


def test_without_ids_in_mapped_columns_the_line_numbers_stand(tmp_path: Path) -> None:
    path = written(tmp_path, {"reply": "2"}, {"reply": "3"})
    assert [row.id for row in read_predictions(path, columns={"prediction": "reply"}).rows] == ["1", "2"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"predictoin": "reply"}, r"a mapping cannot name 'predictoin'; did you mean 'prediction'\?"),
        ({"prediction": "repyl"}, r"no line has `repyl`; the fields are `reply`; map it, such as .*prediction=reply"),
        (None, r"no line has `prediction`; the fields are `reply`; map it, such as --columns prediction=COLUMN"),
        ({"prediction": "reply", "reference": "reply"}, "names one column twice"),
    ],
)
def test_a_mapping_that_fits_nothing_is_refused_with_the_fields_that_there_are(
    tmp_path: Path, columns: dict[str, str] | None, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_predictions(written(tmp_path, {"reply": "2"}), columns=columns)


def test_all_that_is_wrong_is_said_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        line(1),
        '{"id": "q2", "prediction": NaN}',
        line(1),
        {"messages": USER, "prediction": "2"},
        line(5, prediction=["2"]),
        line(6, reference={"a": 1}),
        line(7, messages="1 + 1?"),
        line(8, meta="m"),
        '{"id": "q9", "prediction": "2',
        [1],
        {"id": True, "prediction": "2"},
        {"id": "q12"},
    )
    with pytest.raises(InputError) as caught:
        read_predictions(path)
    assert str(caught.value).split("\n  ") == [
        f"{path}: 11 lines cannot be taken for a prediction:",
        "preds.jsonl:2: NaN is not JSON (column 28); write null or a text instead",
        "preds.jsonl:3: the id 'q1' stands at preds.jsonl:1 already; keep one line for each id",
        "preds.jsonl:4: has no id; give each line an id of its own, the same in every file",
        "preds.jsonl:5: expected a text or null as prediction, saw a list",
        "preds.jsonl:6: expected a text or null as reference, saw an object",
        "preds.jsonl:7: expected `messages` to be a list of messages, each with its role; "
        'such as [{"role": "user", "content": "…"}]',
        "preds.jsonl:8: expected an object as meta, saw a text",
        "preds.jsonl:9: not valid JSON: unexpected end of data (column 30); "
        "the row ends early, as a cut download does; fetch it again",
        "preds.jsonl:10: expected an object, saw a list",
        "preds.jsonl:11: expected a text or a whole number as id, saw true; "
        "give each line an id of its own, the same in every file",
        "… and 1 more",
    ]


def test_a_remedy_that_is_the_same_everywhere_stands_once(tmp_path: Path) -> None:
    path = written(tmp_path, *[line(1)] * 30)
    with pytest.raises(InputError) as caught:
        read_predictions(path)
    assert str(caught.value).count("keep one line for each id") == 1
    assert str(caught.value).endswith("… and 19 more; keep one line for each id")


def test_a_number_and_the_same_text_are_one_id(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the id '1' stands at preds.jsonl:1 already"):
        read_predictions(written(tmp_path, {"id": 1, "prediction": "a"}, {"id": "1", "prediction": "b"}))


def test_null_and_nan_in_a_column_of_parquet_are_failed_answers(tmp_path: Path) -> None:
    rows = {"id": ["a", "b"], "prediction": ["2", None], "score": [float("nan"), 1.0]}
    pq.write_table(pa.table(rows), tmp_path / "preds.parquet")
    first, second = read_predictions(tmp_path / "preds.parquet").rows
    assert (first.prediction, first.fields) == ("2", {})
    assert (second.prediction, second.failure, second.fields) == (None, "unknown", {"score": 1.0})


def test_json_arrays_and_csv_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "preds.json").write_text(json.dumps([line(1), line(2)]))
    (tmp_path / "preds.csv").write_text("id,prompt,prediction,reference\nq1,1 + 1?,2,2\n")
    assert [row.id for row in read_predictions(tmp_path / "preds.json").rows] == ["q1", "q2"]
    assert read_predictions(tmp_path / "preds.csv").rows[0].messages == tuple(USER)


@pytest.mark.parametrize(
    ("content", "message"), [("", "saw an empty file"), ("[]", "expected predictions, saw no rows")]
)
def test_a_file_without_rows_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "preds.json").write_text(content)
    with pytest.raises(InputError, match=message):
        read_predictions(tmp_path / "preds.json")


def test_a_folder_that_score_made_stands_for_its_predictions(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the folder holds no predictions.jsonl"):
        read_predictions(tmp_path)
    written(tmp_path, line(1), name="predictions.jsonl")
    assert len(read_predictions(tmp_path).rows) == 1


def test_references_add_to_and_replace_what_the_predictions_have(tmp_path: Path) -> None:
    path = written(tmp_path, line(1, task="old"), {"id": "q2", "prediction": "3"}, {"id": "q9", "prediction": "4"})
    gold = written(
        tmp_path,
        {"id": "q1", "reference": ["two", "2"], "task": "new"},
        {"id": "q2", "messages": USER, "reference": "2", "level": 1},
        {"id": "q3", "reference": "5"},
        name="gold.jsonl",
    )
    found = read_predictions(path, references=gold)
    first, second, third = found.rows
    assert (first.references, first.fields, first.messages) == (("two", "2"), {"task": "new"}, tuple(USER))
    assert (second.references, second.fields, second.messages) == (("2",), {"level": 1}, tuple(USER))
    assert (third.references, third.fields) == ((), {})
    assert found.unanswered == ("q3",)
    assert found.digest != read_predictions(path).digest


def test_references_with_other_ids_are_refused(tmp_path: Path) -> None:
    gold = written(tmp_path, {"id": "a", "reference": "2"}, name="gold.jsonl")
    with pytest.raises(
        InputError, match=r"has none of the ids of .*preds.jsonl, such as 'q1'; its own are such as 'a'"
    ):
        read_predictions(written(tmp_path, line(1)), references=gold)


SCALARS = st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(
    st.none() | SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
TAKEN = {"", "id", "messages", "prompt", "prediction", "reference", "failure", "meta"}
ROWS = st.builds(
    Prediction,
    id=st.text(min_size=1),
    messages=st.lists(st.builds(dict, role=st.text(), content=st.text()), min_size=1, max_size=3).map(tuple),
    prediction=st.text(),
    references=st.lists(st.text().filter(str.strip), max_size=3).map(tuple),
    meta=st.dictionaries(st.text(), JSON, max_size=3),
    failure=st.none(),
    fields=st.dictionaries(st.text().filter(lambda name: name not in TAKEN), SCALARS, max_size=3),
)
FAILED = st.builds(lambda row, reason: row._replace(prediction=None, failure=reason), ROWS, st.text(min_size=1))


@settings(max_examples=50)
@given(st.lists(ROWS | FAILED, min_size=1, max_size=4, unique_by=lambda row: row.id))
def test_what_is_written_is_read_back_exactly(tmp_path_factory: pytest.TempPathFactory, rows: list[Prediction]) -> None:
    path = tmp_path_factory.mktemp("rows") / "preds.jsonl"
    assert write_predictions(rows, path) == len(rows)
    assert read_predictions(path).rows == tuple(rows)
