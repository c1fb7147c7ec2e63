"""A scratch folder has one name, and is emptied by the next who takes it."""

from __future__ import annotations

from pathlib import Path

from tunesmith.curate.files.scratch_folder import scratch_folder


def test_it_is_empty_and_removed_again(tmp_path: Path) -> None:
    (tmp_path / "work" / "deep").mkdir(parents=True)  # of a process that was killed
    (tmp_path / "work" / "deep" / "a").write_text("a")
    with scratch_folder(tmp_path / "work") as folder:
        assert folder == tmp_path / "work"
        assert list(folder.iterdir()) == []
        (folder / "b").write_text("b")
    assert list(tmp_path.iterdir()) == []


def test_a_second_one_at_the_same_time_has_its_own(tmp_path: Path) -> None:
    with scratch_folder(tmp_path / "work") as one:
        (one / "a").write_text("a")
        with scratch_folder(tmp_path / "work") as two:
            assert two != one
        assert (one / "a").read_text() == "a"
    assert list(tmp_path.iterdir()) == []


def test_a_link_under_its_name_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a").write_text("a")
    (tmp_path / "work").symlink_to("mine")
    with scratch_folder(tmp_path / "work") as folder:
        assert folder != tmp_path / "work"
    assert (tmp_path / "mine" / "a").read_text() == "a"
