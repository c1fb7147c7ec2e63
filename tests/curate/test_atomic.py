"""A file appears whole or not at all."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tunesmith.curate.files.atomic import atomic_path, flush_folder, holds_anything
from tunesmith.errors import OutputError


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_file_has_its_name_only_after_the_block(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "a.txt") as part:
        part.write_text("whole")
        assert part.parent == tmp_path
        assert not (tmp_path / "a.txt").exists()
    assert names(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "whole"


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, OSError])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, failure: type[BaseException]) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")

    def fail_halfway() -> None:
        with atomic_path(target) as part:
            part.write_text("half")
            raise failure

    with pytest.raises(failure):
        fail_halfway()
    assert names(tmp_path) == ["a.txt"]
    assert target.read_text() == "old"


def test_an_error_that_is_not_about_writing_keeps_its_kind(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic_path(tmp_path / "a.txt") as part:
        part.write_text((tmp_path / "missing").read_text())


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="there is no folder"), atomic_path(tmp_path / "no" / "a.txt"):
        pass


def test_a_folder_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(OutputError, match="a folder has that name"), atomic_path(tmp_path / "a"):
        pass


def test_a_device_is_not_replaced() -> None:
    with pytest.raises(OutputError, match="device or a pipe"), atomic_path("/dev/null"):
        pass
    assert Path("/dev/null").is_char_device()


def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    with atomic_path(tmp_path / "link") as part:
        part.write_text("new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_a_name_that_is_too_long_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="name is too long"), atomic_path(tmp_path / ("a" * 250)) as part:
        part.write_text("x")


LIMITED = """
import resource, sys
from tunesmith.curate.io import write_rows, write_bytes
from tunesmith.errors import OutputError
import random
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
letters = random.Random(7)
rows = ({"text": "%x" % letters.getrandbits(4000)} for _ in range(2000))
try:
    write_rows(sys.argv[1], rows)
except OutputError as error:
    print(error)
"""


@pytest.mark.parametrize(
    "name",
    ["a.jsonl", "a.json", "a.csv", "a.tsv", "a.txt", "a.parquet", "a.arrow", "a.jsonl.gz", "a.jsonl.xz", "a.jsonl.zst"],
)
def test_a_full_disk_ends_in_one_message_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    command = [sys.executable, "-c", LIMITED, str(tmp_path / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "the file grew past the size limit" in done.stdout
    assert name in done.stdout
    assert names(tmp_path) == []


READ_ONLY = """
import os, sys
from tunesmith.curate.files.atomic import atomic_path
from tunesmith.errors import OutputError
os.setuid(65534) if os.geteuid() == 0 else None
try:
    with atomic_path(sys.argv[1]) as part:
        part.write_text("x")
except OutputError as error:
    print(error)
"""


@pytest.mark.parametrize("mode", [0o555, 0o000])
def test_no_permission_is_an_output_error(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    for above in (tmp_path, *tmp_path.parents[:2]):
        above.chmod(0o755)
    folder.chmod(mode)
    command = [sys.executable, "-c", READ_ONLY, str(folder / "a.txt")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "no permission to write" in done.stdout


def test_what_a_killed_process_left_is_written_over(tmp_path: Path) -> None:
    (tmp_path / ".a.txt.part").write_text("much more than what comes now")
    with atomic_path(tmp_path / "a.txt") as part:
        assert part.name == ".a.txt.part"
        part.write_text("whole")
    assert names(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "whole"


def test_two_that_write_one_file_at_once_do_not_meet(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "a.txt") as one:
        with atomic_path(tmp_path / "a.txt") as two:
            one.write_text("one")
            two.write_text("two")
            assert one != two
        assert (tmp_path / "a.txt").read_text() == "two"
    assert (tmp_path / "a.txt").read_text() == "one"
    assert names(tmp_path) == ["a.txt"]


def test_a_file_that_fails_leaves_that_of_another_writer(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "a.txt") as one:
        one.write_text("one")
        with pytest.raises(ValueError, match="no"), atomic_path(tmp_path / "a.txt"):
            raise ValueError("no")
        assert one.exists()
    assert (tmp_path / "a.txt").read_text() == "one"


def test_a_folder_with_nothing_but_half_a_file_holds_nothing(tmp_path: Path) -> None:
    assert not holds_anything(tmp_path)
    (tmp_path / ".judge.json.part").write_text("{")
    assert not holds_anything(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    assert holds_anything(tmp_path)


def test_a_folder_that_cannot_be_flushed_is_told_only_where_its_disk_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flush_folder(tmp_path)

    def failing(number: int) -> None:
        def fsync(descriptor: int) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, "fsync", fsync)

    for number in (errno.EINVAL, errno.EBADF, errno.EACCES):  # it does not know how, or may not
        failing(number)
        flush_folder(tmp_path)
    failing(errno.EIO)
    with pytest.raises(OutputError, match="the disk reports a fault"):
        flush_folder(tmp_path)
