"""Charts: every row is in a bar, the cut divides the colours, and a slider's thumb is under the line."""

from __future__ import annotations

from typing import Any

from tunesmith.ui.charts import histogram


def drawn(spec: dict[str, Any]) -> list[dict[str, Any]]:
    values: list[dict[str, Any]] = spec["layer"][0]["data"]["values"]
    return values


def test_a_cut_divides_the_colours() -> None:
    spec = histogram([0, 10, 20, 30], [5, 0, 2], cut=10, kept_below=False, names=("in", "out"))
    assert [(one["low"], one["high"], one["rows"], one["side"]) for one in drawn(spec)] == [
        (0, 10, 5, "out"),
        (20, 30, 2, "in"),
    ]
    assert spec["layer"][1]["data"]["values"] == [{"cut": 10}]
    assert {one["side"] for one in drawn(histogram([0, 10, 20], [1, 1], cut=10, names=("in", "out")))} == {"in", "out"}


def test_without_a_cut_all_is_kept_and_no_line_is_drawn() -> None:
    spec = histogram([0, 1], [3], names=("in", "out"))
    assert [one["side"] for one in drawn(spec)] == ["in"]
    assert len(spec["layer"]) == 1


def test_values_stand_at_their_place_among_the_steps() -> None:
    spec = histogram([0, 1, 10, 200], [1, 1, 1], cut=10, steps=[0, 1, 10, 20, 100])
    assert [(one["low"], one["high"]) for one in drawn(spec)] == [(0, 1), (1, 2), (2, 4)]
    assert spec["layer"][1]["data"]["values"] == [{"cut": 2}]
    assert spec["layer"][0]["encoding"]["x"]["scale"]["domain"] == [0, 4]
    assert histogram([0, 15], [1], steps=[0, 10, 20])["layer"][0]["data"]["values"][0]["high"] == 1.5


def test_ticks_are_round_numbers() -> None:
    axis = histogram([0, 1], [1], steps=[step / 100 for step in range(101)])["layer"][0]["encoding"]["x"]["axis"]
    assert axis["values"][0] == 0
    assert all(place % 10 == 0 for place in axis["values"])


def test_a_tooltip_is_told_in_the_words_that_are_given() -> None:
    told = histogram([0, 1], [3], titles=("取值", "行数", "规则"))["layer"][0]["encoding"]["tooltip"]
    assert [one["title"] for one in told] == ["取值", "行数", "规则"]
