"""The workspace: names that are listed can be opened, and nothing leads out of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tunesmith.errors import InputError
from tunesmith.ui.workspace import Workspace


def test_what_the_command_line_named_is_listed_and_opened(workspace: Workspace) -> None:
    for name in ("Qwen-Medical", "医疗_2", "a.b"):
        (workspace.folder("runs") / name).mkdir()
    assert sorted(workspace.names("runs")) == ["Qwen-Medical", "a.b", "医疗_2"]
    for name in workspace.names("runs"):
        assert workspace.inside("runs", name).is_dir()


def test_a_link_that_leads_nowhere_or_out_of_the_workspace_stops_no_page(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (workspace.folder("models") / "here").mkdir()
    (workspace.folder("models") / "again").symlink_to("here")
    (workspace.folder("models") / "away").symlink_to(tmp_path / "outside")
    (workspace.folder("models") / "broken").symlink_to(tmp_path / "nothing")
    assert sorted(workspace.names("models")) == ["again", "here"]
    with pytest.raises(InputError, match="no such name in models"):
        workspace.inside("models", "away")


@pytest.mark.parametrize(
    "name", ["..", ".", "", "../runs", "a/b", "a\\b", "/etc", ".hidden", "-x", "a\x00b", "a b", "x" * 81]
)
def test_a_name_that_is_none_of_ours_is_refused(workspace: Workspace, name: str) -> None:
    with pytest.raises(InputError, match="no such name in runs"):
        workspace.inside("runs", name)


def test_a_new_name_is_free_also_where_case_makes_no_difference(workspace: Workspace) -> None:
    (workspace.folder("runs") / "Medical").mkdir()
    assert workspace.new_name("runs", "Medical") == "medical-2"
    assert workspace.new_name("runs", "医疗") not in workspace.names("runs")


def test_of_a_folder_that_is_not_there_nothing_is_listed(tmp_path: Path) -> None:
    assert Workspace(tmp_path / "nowhere").names("runs") == []
