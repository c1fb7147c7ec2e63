"""The datasets of the workspace: a folder each, with the file under a name of ours and what a person said of it.

    datasets/<id>/<id>.jsonl       the file as it was uploaded, byte for byte
    datasets/<id>/dataset.json     its title, its group, how it is read
    datasets/<id>/profile-<key>/   what `curate profile --out` found (`dataset_profiles.py`)
    datasets/incoming/             files put there by hand; a dataset may name one instead of having a copy

What is still being written has a name that begins with a dot.

>>> dataset = add_upload(workspace, "Ärzte.jsonl", stream)  # doctest: +SKIP
>>> dataset.id, dataset.title  # doctest: +SKIP
('rzte', 'Ärzte.jsonl')
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

from tunesmith.errors import InputError, OutputError
from tunesmith.ui.workspace import Workspace

#: `domain` and `general` are trained on; `evaluation` holds questions for tests, which must never be.
Group = Literal["domain", "general", "evaluation"]
GROUPS: tuple[Group, ...] = ("domain", "general", "evaluation")

SPEC = "dataset.json"
INCOMING = "incoming"
MOST_TITLE = 120

#: Endings that a stored file keeps, for people; what a file is, its content decides.
_ENDING = re.compile(r"(\.(jsonl|json|csv|tsv|parquet|arrow|txt))?(\.(gz|xz|zst))?$", re.IGNORECASE)
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f]")

#: The bundled sample: file, group, title; and what is put beside the predictions.
_SAMPLE: tuple[tuple[str, Group], ...] = (
    ("medical_zh.jsonl", "domain"),
    ("general.jsonl", "general"),
    ("evaluation.jsonl", "evaluation"),
)
_SAMPLE_PREDICTIONS = ("predictions_before.jsonl", "predictions_after.jsonl")


@dataclass(frozen=True)
class Dataset:
    """One dataset.

    :param title: what a person calls it, at first the name of the file. Somebody's text: show it as text.
    :param path: where its file is, absolute.
    :param format: `auto` or the name of a format.
    :param columns: an explicit mapping such as `{"prompt": "ask"}`; then `format` does not count.
    :param rows: how many it has, None before they were counted.
    :param created: seconds since 1970.
    """

    id: str
    title: str
    path: Path
    format: str
    columns: Mapping[str, str] | None
    rows: int | None
    created: float
    group: Group

    @property
    def is_incoming(self) -> bool:
        """Whether its file lies in `incoming`, where a person put it; deleting the dataset leaves it there."""
        return self.path.parent.name == INCOMING


def read_datasets(workspace: Workspace) -> list[Dataset]:
    """Every dataset, the latest added first."""
    found = [_read(workspace, name) for name in workspace.names("datasets")]
    return sorted((one for one in found if one is not None), key=lambda one: (-one.created, one.id))


def read_dataset(workspace: Workspace, name: str) -> Dataset:
    """One dataset by its id, which may come from the address.

    :raises InputError: there is none.
    """
    folder = workspace.inside("datasets", name)
    found = _read(workspace, folder.name)
    if found is None:
        raise InputError(f"there is no dataset {name!r}", remedy="choose one from the list; it may have been deleted")
    return found


def damaged_datasets(workspace: Workspace) -> list[str]:
    """Folders with something in them whose description cannot be read: told, for they are not in the list."""
    folder = workspace.folder("datasets")
    return [name for name in _undescribed(workspace) if _has_files(folder / name)]


def stray_files(workspace: Workspace) -> list[str]:
    """Files that lie among the folders of the datasets, where nothing reads them."""
    return [name for name in _undescribed(workspace) if (workspace.folder("datasets") / name).is_file()]


def write_dataset(workspace: Workspace, dataset: Dataset) -> Dataset:
    """Keep what was changed.

    :raises OutputError: where it cannot be written.
    """
    from tunesmith.curate import jsontext
    from tunesmith.curate.io import write_bytes

    folder = workspace.inside("datasets", dataset.id)
    told = {
        "title": dataset.title,
        "file": Path(os.path.relpath(dataset.path, folder)).as_posix(),
        "format": dataset.format,
        "columns": dict(dataset.columns) if dataset.columns else None,
        "group": dataset.group,
        "created": dataset.created,
    }
    write_bytes(folder / SPEC, jsontext.dumps_indented(told).encode())
    return read_dataset(workspace, dataset.id)


def renamed(workspace: Workspace, dataset: Dataset, title: str) -> Dataset:
    """Under another title; an empty one changes nothing."""
    title = _title(title)
    if not title or title == dataset.title:
        return dataset
    return write_dataset(workspace, replace(dataset, title=_free_title(workspace, title, but=dataset.id)))


def add_upload(workspace: Workspace, name: str, stream: BinaryIO, *, group: Group = "domain") -> Dataset:
    """Store a file that somebody sent, under a name of ours.

    :param name: as the browser gives it, kept as the title only.
    :raises InputError: nothing can be read in it (empty, binary, corrupt); then nothing is kept.
    :raises OutputError: it cannot be stored.
    """
    title = _title(name) or "data"
    folder = _new_folder(workspace, title)
    path = folder / f"{folder.name}{_ending(title)}"
    part = path.with_name(f".{path.name}")
    try:
        with part.open("xb") as file:
            shutil.copyfileobj(stream, file, 1 << 20)
        _check_readable(part, title)
        part.rename(path)
        return _described(workspace, path, folder.name, title, group)
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            raise _unwritable(folder, error) from error
        raise


def incoming_files(workspace: Workspace) -> list[Path]:
    """The files that somebody put into `incoming`, by name; links that lead out of it are none."""
    folder = workspace.folder("datasets").resolve() / INCOMING
    if not folder.is_dir():
        return []
    found = [path for path in folder.iterdir() if not path.name.startswith(".") and path.is_file()]
    return sorted(path for path in found if path.resolve().parent == folder)


def add_incoming(workspace: Workspace, name: str, *, group: Group = "domain") -> Dataset:
    """Make a dataset of a file in `incoming`, which stays where it is and is not copied.

    :raises InputError: there is no such file, or nothing can be read in it.
    """
    path = next((path for path in incoming_files(workspace) if path.name == name), None)
    if path is None:
        remedy = f"put the file itself (no link) into the folder {INCOMING} of the datasets"
        raise InputError(f"there is no file {name!r} in {INCOMING}", remedy=remedy)
    _check_readable(path, name)
    return _described(workspace, path, _new_folder(workspace, name).name, _title(name), group)


def add_sample(workspace: Workspace) -> list[Dataset]:
    """The bundled sample: two training sets, the questions for tests, and two models' answers in `predictions`.

    What is there already stays and is not added twice.
    """
    data = Path(__file__).resolve().parent.parent / "data"
    here = {dataset.title: dataset for dataset in read_datasets(workspace)}
    for name in _SAMPLE_PREDICTIONS:
        target = workspace.folder("predictions") / name
        if not target.exists():
            _copy(data / name, target)
    return [here.get(name) or _add_file(workspace, data / name, group) for name, group in reversed(_SAMPLE)][::-1]


def delete_dataset(workspace: Workspace, dataset: Dataset) -> None:
    """Delete a dataset with its file and profile, and stop counting it; a file in `incoming` stays.

    :raises OutputError: where it cannot be deleted.
    """
    from tunesmith.ui.dataset_profiles import stop_counting

    folder = workspace.inside("datasets", dataset.id)
    stop_counting(workspace, cast(Any, dataset))
    gone = folder.with_name(f".gone-{secrets.token_hex(6)}")
    try:
        folder.rename(gone)
    except FileNotFoundError:  # another tab was quicker
        return
    except OSError as error:
        raise _unwritable(folder, error) from error
    shutil.rmtree(gone, ignore_errors=True)


def relative_path(workspace: Workspace, path: Path) -> str:
    """A path as a command writes it that runs in the workspace's folder."""
    return Path(os.path.relpath(path, workspace.root.resolve())).as_posix()


def _read(workspace: Workspace, name: str) -> Dataset | None:
    from tunesmith.curate.io import read_json_object

    folder = workspace.inside("datasets", name)
    try:
        told = read_json_object(folder / SPEC)
        path = (folder / str(told["file"])).resolve()
        group = cast(Group, told["group"] if told["group"] in GROUPS else "domain")
        columns = {str(key): str(value) for key, value in told["columns"].items()} if told["columns"] else None
        found = Dataset(
            name, str(told["title"]), path, str(told["format"]), columns, None, float(told["created"]), group
        )
    except (InputError, KeyError, TypeError, ValueError, AttributeError):
        return None
    if not path.is_relative_to(workspace.folder("datasets").resolve()):
        return None
    return replace(found, rows=_rows(workspace, found))


def _undescribed(workspace: Workspace) -> list[str]:
    return [name for name in workspace.names("datasets") if _read(workspace, name) is None]


def _has_files(folder: Path) -> bool:
    """Whether anything is in a folder but what is still being written."""
    try:
        return any(not path.name.startswith(".") for path in folder.iterdir())
    except OSError:  # a file, or deleted just now
        return False


def _described(workspace: Workspace, path: Path, name: str, title: str, group: Group) -> Dataset:
    """A new dataset with its description."""
    title = _free_title(workspace, title, but=name)
    return write_dataset(workspace, Dataset(name, title, path, "auto", None, None, time.time(), group))


def _free_title(workspace: Workspace, title: str, *, but: str) -> str:
    """The title, numbered where another dataset has it: people choose by it, and must not take one for the other."""
    taken = {one.title for one in read_datasets(workspace) if one.id != but}
    numbered = (title if n == 1 else f"{title[: MOST_TITLE - 8]} ({n})" for n in range(1, len(taken) + 2))
    return next(one for one in numbered if one not in taken)


def _rows(workspace: Workspace, dataset: Dataset) -> int | None:
    from tunesmith.ui.dataset_profiles import counted_rows

    known: Any = dataset  # a checker that knows this file by two names takes its type for two
    return counted_rows(workspace, known)


def _add_file(workspace: Workspace, path: Path, group: Group) -> Dataset:
    with path.open("rb") as stream:
        return add_upload(workspace, path.name, stream, group=group)


def _copy(source: Path, target: Path) -> None:
    from tunesmith.curate.io import atomic_path

    target.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(target) as part:
        shutil.copyfile(source, part)


def _new_folder(workspace: Workspace, title: str) -> Path:
    """A folder of its own, also when another tab adds a file of the same name at this moment."""
    workspace.folder("datasets").mkdir(parents=True, exist_ok=True)
    stem = _ENDING.sub("", title)
    for _ in range(100):
        name = workspace.new_name("datasets", f"{stem} data" if stem.strip().lower() == INCOMING else stem)
        folder = workspace.inside("datasets", name)
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        except OSError as error:
            raise _unwritable(folder, error) from error
        return folder
    raise OutputError("no free name was found", where=str(workspace.folder("datasets")), remedy="rename the file")


def _check_readable(path: Path, title: str) -> None:
    """Whether this is a file of rows at all, told with its title: the person never saw our name of it."""
    from tunesmith.ui.dataset_reading import check_rows

    try:
        check_rows(path)
    except InputError as error:
        raise InputError(error.what, where=title, remedy=error.remedy) from None


def _title(name: str) -> str:
    return " ".join(_UNPRINTED.sub(" ", name).split())[:MOST_TITLE]


def _ending(title: str) -> str:
    found = _ENDING.search(title)
    return found.group(0).lower() if found else ""


def _unwritable(folder: Path, error: OSError) -> OutputError:
    remedy = "check the disk and the permissions of the workspace"
    return OutputError(f"cannot be written: {error.strerror or error}", where=str(folder), remedy=remedy)
