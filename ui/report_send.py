"""Items of a comparison to other people's hands: a blind review of them, or a dataset of their questions.

>>> sent = send_to_review(workspace, cases, ["q7"], "spring-lost", before="base", after="tuned")  # doctest: +SKIP
>>> sent.command[:3]  # doctest: +SKIP
('review', 'create', 'spring-lost')
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tunesmith.ui.report_cases import WholeCases
from tunesmith.ui.workspace import Workspace

if TYPE_CHECKING:
    from tunesmith.evaluate.predictions_types import Prediction
    from tunesmith.ui.datasets import Dataset


class Sent(NamedTuple):
    """A campaign that was made.

    :param n_items: questions in it; of those with equal answers nobody is asked.
    :param files: of the answers, in `predictions/`.
    :param command: what does the same on the command line, in the workspace's folder.
    """

    campaign: str
    n_items: int
    n_asked: int
    files: tuple[str, str]
    command: tuple[str, ...]


def send_to_review(
    workspace: Workspace,
    cases: WholeCases,
    ids: Collection[str],
    campaign: str,
    *,
    before: str,
    after: str,
    allow: Sequence[str] = (),
    overlap: int = 2,
    language: str = "en",
) -> Sent:
    """Write both systems' answers to these items, and make a pairwise campaign of them.

    :param allow: what may differ, as it was allowed to the comparison.
    :raises InputError: a name that is taken or none; nothing to judge. No campaign is made then, and no file stays.
    """
    from tunesmith.evaluate.predictions import read_predictions, write_predictions
    from tunesmith.evaluate.review_create import create
    from tunesmith.evaluate.review_create_answers import plan_pairwise
    from tunesmith.evaluate.review_store import open_store

    files = _new_files(workspace, campaign)
    try:
        for path, rows in zip(files, _answers(cases, ids)):
            write_predictions(rows, path)
        systems = {name: read_predictions(path) for name, path in zip((before, after), files)}
        plan = plan_pairwise(campaign, systems, allow=allow, overlap=overlap, language=language)
        with open_store(workspace.review_store, create=True) as store:
            made = create(store, plan)
    except BaseException:
        for path in files:
            path.unlink(missing_ok=True)
        raise
    names = files[0].name, files[1].name
    command = _command(campaign, (before, after), names, allow, overlap, language)
    return Sent(made.campaign.name, made.n_items, made.n_items - made.n_identical, names, command)


def free_campaign(workspace: Workspace) -> str:
    """A name that no campaign has, and that tells a reviewer nothing."""
    from tunesmith.evaluate.review_store import open_store
    from tunesmith.evaluate.review_store_campaigns import campaigns
    from tunesmith.ui.review_lead_plan import free_name

    address = workspace.review_store
    if "://" not in address and not Path(address).exists():
        return free_name(())
    with open_store(address) as store:
        return free_name(one.name for one in campaigns(store))


def send_to_datasets(workspace: Workspace, cases: WholeCases, ids: Collection[str], title: str) -> Dataset:
    """A dataset of the questions with their right answers, to write training rows like them.

    Its group is `evaluation`: these are questions of a test, and training on them would spoil it.
    """
    from tunesmith.ui.datasets import add_upload

    return add_upload(workspace, f"{title}.jsonl", io.BytesIO(questions_file(cases, ids)), group="evaluation")


def questions_file(cases: WholeCases, ids: Collection[str]) -> bytes:
    """The questions as JSON Lines of messages, with what each model answered beside them."""
    from tunesmith.curate import jsontext

    lines = [jsontext.dumps(row) for row in _questions(cases, ids)]
    return "".join(f"{line}\n" for line in lines).encode()


def answers_file(cases: WholeCases, ids: Collection[str]) -> bytes:
    """Question, references and both answers of these items as JSON Lines, to take away."""
    from tunesmith.curate import jsontext

    before, after = _answers(cases, ids)
    rows = [
        {"id": one.id, "messages": list(one.messages), "references": list(one.references)}
        | {"before": one.prediction, "after": other.prediction, **one.fields}
        for one, other in zip(before, after)
    ]
    return "".join(f"{jsontext.dumps(row)}\n" for row in rows).encode()


def _questions(cases: WholeCases, ids: Collection[str]) -> Iterator[dict[str, Any]]:
    before, after = _answers(cases, ids)
    for one, other in zip(before, after):
        turns = [dict(turn) for turn in one.messages]
        if one.references:
            turns.append({"role": "assistant", "content": one.references[0]})
        yield {
            "messages": turns,
            "question_id": one.id,
            "answer_before": one.prediction,
            "answer_after": other.prediction,
        }


def _answers(cases: WholeCases, ids: Collection[str]) -> tuple[list[Prediction], list[Prediction]]:
    """Both systems' lines of these items, in the order of the pair."""
    both, wanted = cases.both, set(ids)
    rows = [(i, j) for id, i, j in zip(both.ids, both.rows_before, both.rows_after) if id in wanted]
    return [both.before.rows[i] for i, _ in rows], [both.after.rows[j] for _, j in rows]


def _new_files(workspace: Workspace, title: str) -> tuple[Path, Path]:
    workspace.make()
    before = workspace.new_name("predictions", f"{title}-before", ".jsonl")
    after = workspace.new_name("predictions", f"{title}-after", ".jsonl")
    return workspace.inside("predictions", before), workspace.inside("predictions", after)


def _command(
    campaign: str, systems: tuple[str, str], files: tuple[str, str], allow: Sequence[str], overlap: int, language: str
) -> tuple[str, ...]:
    given = [part for name, file in zip(systems, files) for part in ("--system", f"{name}=predictions/{file}")]
    allowed = ["--allow", ",".join(allow)] if allow else []
    return ("review", "create", campaign, *given, *allowed, "--overlap", str(overlap), "--lang", language)
