"""What a review says: who is preferred, with its n, interval and verdict; ratings; what people decided about rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from tunesmith.evaluate.report_numbers import p_value, signed
from tunesmith.evaluate.review_store import Store
from tunesmith.ui.charts import show_chart
from tunesmith.ui.here import Here
from tunesmith.ui.review_lead_charts import intervals, shares
from tunesmith.ui.review_lead_read import figures_now, store_arguments
from tunesmith.ui.review_lead_words import between, figure, percent, verdict
from tunesmith.ui.shown import show_command
from tunesmith.ui.words import escaped

Found = Mapping[str, Any]
_ROWS = ("keep", "edit", "drop", "undecided")
#: Warnings that belong to other sections of this page.
_ELSEWHERE = ("disagreements", "position_bias", "inconsistent", "drift", "quick", "low_alpha", "low_alpha_criterion")


def show(here: Here, store: Store, name: str) -> None:
    """Draw it."""
    found, _, is_old = figures_now(store, name)
    if not found["n_votes"]:
        st.info(here.say("lead.no_votes"))
        return
    asked = found["n_items"] - found["identical"]
    told = here.say("lead.judged", n=found["n_judged"], all=f"{asked:,}")
    st.caption(f"{told} {here.say('lead.from_votes', votes=found['n_votes'], n=found['n_reviewers'])}")
    said_old(here, is_old=is_old)
    _pairs(here, found)
    _strengths(here, found)
    _criteria(here, found)
    _curation(here, found)
    _strata(here, found)
    cautions(here, [one for one in found["warnings"] if one["code"] not in _ELSEWHERE])
    show_command(here.say, ["review", "agreement", name, "--out", f"reports/{_folder(name)}", *store_arguments()])


def said_old(here: Here, *, is_old: bool) -> None:
    """That there are votes which are not counted yet."""
    if is_old:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(here.say("lead.counted_before"), width="content")
            st.button(here.say("lead.look_again"), key="lead_look_again", icon=":material/refresh:", type="tertiary")


def cautions(here: Here, warnings: Sequence[Found]) -> None:
    """What a careful statistician would say beside the figures."""
    if not warnings:
        return
    st.markdown(f"**{here.say('lead.mind')}**")
    st.markdown("\n".join(f"- {escaped(one[here.say.language])}" for one in warnings))


def _pairs(here: Here, found: Found) -> None:
    pairs = found["pairs"]
    if not pairs:
        return
    for pair in pairs:
        st.subheader(verdict(here.say, pair), anchor=False)
        st.caption(_shares(here, pair))
    named = [(_against(here, pair), pair) for pair in pairs]
    words = {key: here.say.plain(f"lead.{key}") for key in ("wins", "ties", "losses")}
    counts = [(label, {words[key]: pair[key] for key in words}) for label, pair in named]
    show_chart(shares(counts, order=tuple(words.values())), key="lead_won", alt=here.say.plain("lead.won_alt"))
    lines = [(label, pair["share"], pair["share_interval"]) for label, pair in named]
    chart = intervals(lines, line=0.5, domain=(0, 1), title=here.say.plain("lead.share_won"))
    show_chart(chart, key="lead_share", alt=here.say.plain("lead.share_alt"))
    with st.expander(here.say("lead.figures")):
        st.dataframe([_row(here, pair) for pair in pairs], hide_index=True, key="lead_pairs", width="stretch")


def _shares(here: Here, pair: Found) -> str:
    decided = pair["wins"] + pair["losses"]
    if not decided:
        return here.say("lead.none_decided", ties=f"{pair['ties']:,}")
    told = {"share": percent(pair["share"]), "interval": between(pair["share_interval"], percent)}
    text = here.say("lead.share_of", second=pair["second"], n=decided, ties=f"{pair['ties']:,}", **told)
    if pair["both_bad"]:
        text += " " + here.say("lead.both_bad", n=pair["both_bad"])
    if pair["identical"]:
        text += " " + here.say("lead.identical", n=pair["identical"])
    return text


def _against(here: Here, pair: Found) -> str:
    return here.say.plain("lead.against", second=pair["second"], first=pair["first"])


def _row(here: Here, pair: Found) -> dict[str, Any]:
    cells = {
        "pair": _against(here, pair),
        "wins": pair["wins"],
        "ties": pair["ties"],
        "losses": pair["losses"],
        "share_won": f"{percent(pair['share'])} ({between(pair['share_interval'], percent)})",
        "preference": f"{signed(pair['preference'] or 0.0, 2)} ({between(pair['interval'], figure)})",
        "p": p_value(pair["p_adjusted"]),
    }
    return {here.say.plain(f"lead.{key}"): cell for key, cell in cells.items()}


def _strengths(here: Here, found: Found) -> None:
    if not found["strengths"]:
        return
    st.markdown(f"**{here.say('lead.strengths')}**")
    lines = [(line["system"], line["score"], line["interval"]) for line in found["strengths"]]
    show_chart(intervals(lines, line=0.5, domain=(0, 1)), key="lead_strengths", alt=here.say.plain("lead.strengths"))
    for line in found["strengths"]:
        if line["why"]:
            st.caption(escaped(f"{line['system']}: {line['why']}"))


def _criteria(here: Here, found: Found) -> None:
    if not found["criteria"]:
        return
    st.markdown(f"**{here.say('lead.ratings')}**")
    lines = [
        (f"{line['name']} · {system}" if system else line["name"], one, line)
        for line in found["criteria"]
        for system, one in (line["systems"] or {"": line["all"]}).items()
    ]
    low, high = min(one["low"] for *_, one in lines), max(one["high"] for *_, one in lines)
    drawn = [(label, one["mean"], one["interval"]) for label, one, _ in lines]
    middle = (low + high) / 2
    chart = intervals(drawn, line=middle, domain=(low, high), title=here.say.plain("lead.mean"), form=".2f")
    show_chart(chart, key="lead_ratings", alt=here.say.plain("lead.ratings"))
    for line in found["criteria"]:
        for pair in line["pairs"]:
            difference = "" if pair["difference"] is None else signed(pair["difference"], 2)
            told = verdict(here.say, pair, "rating")
            st.markdown(f"- **{escaped(line['name'])}** ({escaped(difference)}): {told}")


def _curation(here: Here, found: Found) -> None:
    line = found["curation"]
    if line is None:
        return
    words = {key: here.say.plain(f"lead.row_{key}") for key in _ROWS}
    rule = line["with_rule"]
    rows = [(here.say.plain("lead.rows"), {words[key]: line[key] for key in _ROWS})]
    for one, counts in (rule["verdicts"] if rule else {}).items():
        rows.append((here.say.plain(f"lead.run_{one}"), {words[key]: counts[key] for key in _ROWS}))
    if rule and rule["n"]:
        told = {"share": percent(rule["share"]), "interval": between(rule["interval"], percent)}
        st.subheader(here.say("lead.with_rule", same=f"{rule['same']:,}", n=rule["n"], **told), anchor=False)
    show_chart(shares(rows, order=tuple(words.values())), key="lead_rows", alt=here.say.plain("lead.rows"))
    if rule and rule["rules"]:
        heads = [here.say.plain(f"lead.{key}") for key in ("rule", "sided", "of", "share")]
        cells = [(name, one["same"], one["n"], percent(one["share"])) for name, one in rule["rules"].items()]
        table = [dict(zip(heads, row)) for row in cells]
        st.dataframe(table, hide_index=True, key="lead_rules", width="stretch")


def _strata(here: Here, found: Found) -> None:
    strata = found["strata"]
    if strata is None:
        return
    rows = [row for part in strata["values"] for row in _part(here, part)]
    if rows:
        st.markdown(f"**{here.say('lead.by_part', field=strata['field'] or '–')}**")
        st.dataframe(rows, hide_index=True, key="lead_strata", width="stretch")


def _part(here: Here, part: Found) -> list[dict[str, Any]]:
    """A row for each comparison within a part; in curation one for the part."""
    say, value = here.say, part["value"] or here.say.plain("lead.no_value")
    if part["curation"]:
        counts = {say.plain(f"lead.row_{key}"): part["curation"][key] for key in _ROWS}
        return [{say.plain("lead.part"): value, **counts}]
    lines = [(say.plain("lead.preference"), pair, pair["preference"]) for pair in part["pairs"]]
    lines += [(one["name"], pair, pair["difference"]) for one in part["criteria"] for pair in one["pairs"]]
    return [
        {
            say.plain("lead.part"): value,
            say.plain("lead.measured"): what,
            say.plain("lead.pair"): _against(here, pair),
            say.plain("lead.difference"): "–" if far is None else signed(far, 2),
            "n": pair["n"],
            say.plain("lead.verdict"): say.plain(f"lead.verdict_{pair['verdict'].replace(' ', '_')}"),
        }
        for what, pair, far in lines
    ]


def _folder(name: str) -> str:
    return "".join(one if one.isascii() and one.isalnum() else "-" for one in name.lower()).strip("-")[:60] or "review"
