"""What will be trained: rows and tokens, what is left out and why, how long rows are, and rows token by token."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from tunesmith.ui.here import Here
from tunesmith.ui.links import link
from tunesmith.ui.train_answers import Answer
from tunesmith.ui.train_plans import Plan, plan_folder
from tunesmith.ui.train_run import curated_run_of
from tunesmith.ui.train_settings import read_settings, with_settings, write_settings
from tunesmith.ui.train_shown import table
from tunesmith.ui.train_tokens import token_spans


def show_preflight(here: Here, plan: Plan, answer: Answer) -> None:
    """The answer of `train preflight`."""
    found = answer.found
    _verdict(here, found)
    _sets(here, plan, found)
    _reasons(here, plan, found)
    _lengths(here, plan, found)
    _rows(here, plan)
    _download(here, plan)


def accounts(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The training set and each validation set."""
    return [found["train"], *found.get("validation", ())]


def tokens_of(account: Mapping[str, Any]) -> tuple[int, int]:
    """Trained tokens and all tokens of a set; preferences tell them in other fields."""
    tokens = account["tokens"]
    if isinstance(tokens, Mapping):
        return int(tokens["n_trained"]), int(tokens["n_all"])
    return int(account["trained"]), int(tokens)


def _verdict(here: Here, found: Mapping[str, Any]) -> None:
    train = found["train"]
    rows, outcomes = train["rows"], train["outcomes"]
    trained, everything = tokens_of(train)
    columns = st.columns(3)
    columns[0].metric(here.say("train.rows_trained"), f"{rows - outcomes['dropped']:,} / {rows:,}")
    columns[1].metric(here.say("train.tokens_trained"), f"{trained:,}", help=here.say("train.tokens_help"))
    share = trained / everything if everything else 0
    columns[2].metric(here.say("train.tokens_share"), f"{share:.0%}")
    for code in found.get("problems", ()):
        if code in ("template", "prompts"):
            st.warning(here.say(f"train.problem_{code}"), icon=":material/warning:")
    if found.get("unread"):
        st.warning(here.say("train.problem_unread", n=len(found["unread"])), icon=":material/warning:")


def _sets(here: Here, plan: Plan, found: Mapping[str, Any]) -> None:
    say, sets = here.say, accounts(found)
    outcomes = ("trained", "truncated", "split", "dropped")
    columns: dict[str, Sequence[object]] = {say("train.set"): [_name(here, one) for one in sets]}
    for outcome in outcomes:
        counts = [one["outcomes"].get(outcome, 0) for one in sets]
        if outcome in ("trained", "dropped") or any(counts):
            columns[say(f"train.outcome_{outcome}")] = [f"{n:,}" for n in counts]
    columns[say("train.tokens")] = [f"{tokens_of(one)[1]:,}" for one in sets]
    columns[say("train.tokens_of_them")] = [f"{tokens_of(one)[0]:,}" for one in sets]
    table(columns, key=f"sets_{plan.name}")


def _name(here: Here, account: Mapping[str, Any]) -> str:
    if account["split"] == "train":
        return here.say.plain("train.set_train")
    return here.say.plain("train.set_validation", group=group_name(here, str(account["group"])))


def group_name(here: Here, group: str) -> str:
    """`domain` and `general` in the person's language; another as the recipe has it."""
    return here.say.plain(f"train.group_{group}") if group in ("domain", "general") else group


def _reasons(here: Here, plan: Plan, found: Mapping[str, Any]) -> None:
    """What is not trained whole, and why, with a few rows of each reason and their story."""
    from tunesmith.train.preflight_words import name

    say = here.say
    told = [(_name(here, account), reason) for account in accounts(found) for reason in account["reasons"]]
    reasons = [reason for _, reason in told]
    if not reasons:
        st.caption(say("train.all_whole"))
        return
    with st.expander(say("train.not_whole", n=sum(reason["rows"] for reason in reasons)), expanded=True):
        columns = {
            say("train.set"): [name_of_set for name_of_set, _ in told],
            say("train.why"): [_why(name(say.language, "reason", one["reason"]), one["detail"]) for one in reasons],
            say("train.becomes"): [say.plain(f"train.outcome_{one['outcome']}") for one in reasons],
            say("train.rows"): [f"{one['rows']:,}" for one in reasons],
        }
        table(columns, key=f"reasons_{plan.name}")
        rows = list(dict.fromkeys(row for one in reasons for row in one["examples"]))
        _stories(here, plan, rows)


def _why(reason: str, detail: object) -> str:
    return f"{reason}: {detail}" if detail else reason


def _stories(here: Here, plan: Plan, rows: Sequence[str], most: int = 8) -> None:
    """Links to the stories of some rows; their names alone where the data came from no run."""
    if rows:
        st.caption(here.say("train.some_rows"))
        story_links(here, plan.chosen.data, rows[:most])


def story_links(here: Here, data: str, rows: Sequence[str]) -> None:
    """A link to each row's story, where its data has one."""
    run = curated_run_of(here.workspace, data)
    with st.container(horizontal=True, gap="small"):
        for row in rows:
            if run is None:
                st.code(row, language=None, width="content")
            else:
                link(here, "curate", here.say("train.row", row=row), run=run, row=row)


def _lengths(here: Here, plan: Plan, found: Mapping[str, Any]) -> None:
    say, lengths, cutoff = here.say, found["train"]["lengths"], found["cutoff"]
    st.markdown(f"**{say('train.lengths')}**")
    parts = ("p50", "p90", "p95", "p99", "max")
    titles = [say(f"train.length_{part}") for part in parts]
    table({title: [f"{lengths[part]:,}"] for title, part in zip(titles, parts)}, key=f"lengths_{plan.name}")
    values = {key: cutoff[key] for key in ("used", "advised", "over_used", "over_advised")}
    st.caption(say("train.cutoff", **values))
    text = read_settings(here.workspace, plan)
    if text is not None and cutoff["advised"] != cutoff["used"]:
        label = say("train.cutoff_take", n=cutoff["advised"])
        if st.button(label, key=f"cutoff_{plan.name}", icon=":material/check:"):
            write_settings(here.workspace, plan, with_settings(text, {"max_length": cutoff["advised"]}))
            st.rerun()


def _rows(here: Here, plan: Plan) -> None:
    """Rows token by token, one at a time."""
    rows = read_shown(plan_folder(here.workspace, plan.name) / "preflight" / "shown.json")
    if not rows:
        return
    st.markdown(f"**{here.say('train.token_by_token')}**")
    place = st.selectbox(
        here.say("train.which_row"),
        range(len(rows)),
        format_func=lambda place: _row_title(here, rows[place]),
        key=f"shown_{plan.name}",
    )
    row = rows[place if place is not None and place < len(rows) else 0]
    st.html(token_spans(row))
    st.caption(here.say("train.token_legend"))
    if row["detail"]:
        st.text(str(row["detail"]))
    if row["left_out"]:
        st.caption(here.say("train.tokens_left_out", n=row["left_out"]))


def _row_title(here: Here, row: Mapping[str, Any]) -> str:
    from tunesmith.train.preflight_words import name

    outcome = here.say.plain(f"train.outcome_{row['outcome']}")
    why = f" ({name(here.say.language, 'reason', row['reason'])})" if row["reason"] else ""
    counts = here.say.plain("train.row_tokens", n=row["n_tokens"], trained=row["n_trained"])
    return f"{row['row_id']} · {outcome}{why} · {counts}"


def read_shown(path: Path) -> list[dict[str, Any]]:
    """The rows that the preflight shows; none where it has not."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return []
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def _download(here: Here, plan: Plan) -> None:
    page = plan_folder(here.workspace, plan.name) / "preflight" / "report.html"
    if page.is_file():
        st.download_button(
            here.say("train.preflight_page"),
            page.read_bytes,
            file_name=f"preflight-{plan.name}.html",
            mime="text/html",
            key=f"page_{plan.name}",
            icon=":material/download:",
            on_click="ignore",
        )
