"""The rules of a run with what they drop, and the chosen rule's thresholds on the histogram of its signal.

Everything here is drawn again on each move of a slider, so it reads no text and asks no file.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from tunesmith.ui.charts import histogram, show_chart
from tunesmith.ui.curate_draft import OFF, Draft, changed_rules, with_numbers, with_policy, without
from tunesmith.ui.curate_run import Opened
from tunesmith.ui.curate_words import language_name, parameter_name, reason, rule_name, shown_number
from tunesmith.ui.here import Here
from tunesmith.ui.links import asked

if TYPE_CHECKING:
    from tunesmith.curate.preview import Preview, RuleChange
    from tunesmith.curate.preview_bins import Spread
    from tunesmith.curate.previewer import Previewer

Numbers = Mapping[str, float]


def draft_key(opened: Opened) -> str:
    """Where the session keeps the changes of a run."""
    return f"draft_{opened.name}"


def refused_key(opened: Opened) -> str:
    """Where the session notes that the address had changes that are none of this run's rules."""
    return f"refused_{opened.name}"


def read_draft(opened: Opened) -> Draft:
    """The changes so far: of this session, or of the address, where they are changes of this run's rules."""
    key, asked_for = draft_key(opened), st.query_params.get_all("set")
    if key not in st.session_state:
        st.session_state[key] = _possible(opened, asked_for)
        st.session_state[refused_key(opened)] = len(st.session_state[key]) < len(asked_for)
    draft: Draft = st.session_state[key]
    if tuple(st.query_params.get_all("set")) != draft:
        st.query_params["set"] = list(draft)
    return draft


def keep(opened: Opened, draft: Draft) -> None:
    """Keep the changes; the address follows when the page is drawn."""
    st.session_state[draft_key(opened)] = draft


def _possible(opened: Opened, changes: Sequence[str]) -> Draft:
    from tunesmith.errors import TunesmithError

    if opened.held is None:
        return ()
    try:
        opened.held.changed_rules(changes)
    except TunesmithError:
        return ()
    return tuple(changes)


def choose_rule(here: Here, opened: Opened, found: Preview, usual: Preview) -> str:
    """The list of rules with what each drops; the one that a person looks at.

    :param usual: the preview without changes, whose order the list keeps while a slider moves.
    """
    now = {one.rule: one for one in found.rules}
    all_rules = _off_rules(opened, [one.rule for one in usual.rules])
    speaking = [name for name in all_rules if _speaks(now.get(name))]
    every = st.session_state.get(f"all_rules_{opened.name}", not speaking)
    fails = {one.rule: one.fails_before for one in usual.rules}
    wanted = asked("rule")
    names = [name for name in all_rules if every or name in speaking or name == wanted]
    names = sorted(names, key=lambda name: -fails.get(name, 0))
    with st.container(height=520, border=True):
        chosen = st.radio(
            here.say("curate.rules"),
            names,
            index=names.index(wanted) if wanted in names else 0,
            format_func=lambda name: rule_name(here.say, name),
            captions=[_counted(here, now.get(name)) for name in names],
            key=f"rule_{opened.name}_{every}",
        )
    quiet = len(all_rules) - len(speaking)
    if speaking and quiet:
        st.toggle(here.say("curate.all_rules", n=quiet), key=f"all_rules_{opened.name}")
    if chosen != wanted:
        st.query_params["rule"] = chosen
    return chosen


def _off_rules(opened: Opened, known: Sequence[str]) -> list[str]:
    from tunesmith.curate.rules import RULES, in_order

    return in_order([*known, *RULES])


def _speaks(rule: RuleChange | None) -> bool:
    return rule is not None and (rule.changed or rule.fails_before > 0 or rule.fails_after > 0)


def _counted(here: Here, rule: RuleChange | None) -> str:
    """`463 rows · 120 only by this rule · 57 more than in the run`."""
    if rule is None or rule.after is None:
        return here.say("curate.rule_is_off")
    if not rule.fails_after and not rule.fails_before:
        return here.say("curate.fails_none")
    flags = rule.after.get("policy") == "flag"
    parts = [here.say("curate.flags" if flags else "curate.fails", n=rule.fails_after)]
    if not flags:
        parts.append(here.say("curate.only", n=rule.only_after))
    if rule.changed:
        parts.append(here.say("curate.before_was", n=rule.fails_before))
    return " · ".join(parts)


def show_rule(here: Here, opened: Opened, held: Previewer, name: str, settings: Mapping[str, Any] | None) -> None:
    """One rule: what it is for, whether it drops, and its thresholds.

    :param settings: of the rule as it is now, None where it is off.
    """
    from tunesmith.curate.rules import RULES

    st.subheader(rule_name(here.say, name), anchor=False)
    st.caption(reason(here.say, name, settings or held.rules.get(name)))
    _policy(here, opened, held, name, settings)
    if settings is None or name not in RULES or not RULES[name].defaults:
        return
    first, *others = RULES[name].defaults
    _parameter(here, opened, held, name, first, settings)
    if others:
        with st.expander(here.say("curate.more_thresholds", n=len(others))):
            for parameter in others:
                _parameter(here, opened, held, name, parameter, settings)


def _policy(here: Here, opened: Opened, held: Previewer, name: str, settings: Mapping[str, Any] | None) -> None:
    """Drop, flag or off; and the way back to how the run was made."""
    usual, key = held.rules.get(name), f"policy_{opened.name}_{name}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            here.say("curate.policy"),
            ("drop", "flag", OFF),
            default=_policy_in(settings),
            required=True,
            format_func=lambda code: here.say(f"curate.policy_{code}"),
            key=key,
            label_visibility="collapsed",
            on_change=_set_policy,
            args=(opened, name, _policy_in(usual)),
        )
        if name in changed_rules(st.session_state[draft_key(opened)]):
            st.button(
                here.say("curate.take_back"),
                key=f"back_{opened.name}_{name}",
                type="tertiary",
                icon=":material/undo:",
                on_click=_take_back,
                args=(opened, name, usual),
            )


def _policy_in(settings: Mapping[str, Any] | None) -> str:
    return OFF if settings is None else str(settings["policy"])


def _set_policy(opened: Opened, name: str, usual: str) -> None:
    chosen = st.session_state[f"policy_{opened.name}_{name}"]
    draft = st.session_state[draft_key(opened)]
    wanted = None if chosen == usual else chosen
    keep(opened, with_policy(draft, name, wanted, turn_on=usual == OFF and chosen != OFF))


def _take_back(opened: Opened, name: str, usual: Mapping[str, Any] | None) -> None:
    """Forget the changes of a rule, and set its widgets as the run had it."""
    keep(opened, without(st.session_state[draft_key(opened)], name))
    st.session_state[f"policy_{opened.name}_{name}"] = _policy_in(usual)
    start = f"cut_{opened.name}_{name}_"
    for key in [str(key) for key in st.session_state if str(key).startswith(start)]:
        parameter, _, language = key.removeprefix(start).rpartition("_")
        if usual is not None:
            st.session_state[key] = usual[parameter][language]


def _parameter(
    here: Here, opened: Opened, held: Previewer, rule: str, parameter: str, settings: Mapping[str, Any]
) -> None:
    """A parameter: for each language of the run its histogram and a slider below it."""
    bins, sizes = _bins(opened, held, rule, parameter)
    from tunesmith.curate.rules import RULES

    numbers: Numbers = settings[parameter]
    usual: Numbers = (held.rules.get(rule) or RULES[rule].defaults)[parameter]
    st.markdown(f"**{parameter_name(here.say, parameter)}**")
    for language, rows in sizes.items():
        key = _cut_key(opened, rule, parameter, language)
        options = _options(parameter, bins, usual[language], _seen(key, numbers[language]))
        if bins:
            _draw(here, parameter, language, bins, options, numbers[language], f"chart_{key}")
        st.select_slider(
            here.say("curate.threshold_of", language=language_name(here.say, language), n=rows),
            options,
            value=numbers[language],
            format_func=shown_number,
            key=key,
            on_change=_set_numbers,
            args=(opened, rule, parameter, [*sizes], usual),
        )


def _cut_key(opened: Opened, rule: str, parameter: str, language: str) -> str:
    return f"cut_{opened.name}_{rule}_{parameter}_{language}"


def _seen(key: str, number: float) -> set[float]:
    """The numbers that a slider has had: they stay on its scale, which must not change below a person's hand."""
    seen: set[float] = st.session_state.setdefault(f"seen_{key}", set())
    seen.add(number)
    return seen


def _options(parameter: str, bins: Spread | None, usual: float, seen: Collection[float]) -> list[float]:
    """The steps of a slider; how far they go depends on the run alone, not on what is set now."""
    from tunesmith.curate.preview_bins import highest, is_share, steps

    share = bins.share if bins else is_share(parameter)
    return steps(0, 1 if share else highest(bins, [usual]), share=share, also=[usual, *seen])


def _set_numbers(opened: Opened, rule: str, parameter: str, languages: Sequence[str], usual: Numbers) -> None:
    keys = {language: _cut_key(opened, rule, parameter, language) for language in languages}
    chosen = {language: st.session_state[key] for language, key in keys.items()}
    same = all(chosen[language] == usual[language] for language in languages)
    draft = st.session_state[draft_key(opened)]
    keep(opened, with_numbers(draft, rule, parameter, {} if same else chosen))


def _draw(
    here: Here, parameter: str, language: str, bins: Spread, options: Sequence[float], cut: float, key: str
) -> None:
    above = parameter.startswith("max_") and bins.whole  # of whole numbers the threshold itself still passes
    say = here.say.plain
    spec = histogram(
        bins.edges,
        bins.counts[language],
        cut=cut + 1 if above else cut,
        kept_below=not parameter.startswith("min_"),
        steps=options,
        names=(say("curate.passes"), say("curate.does_not_pass")),
        titles=(say("curate.tip_values"), say("curate.tip_rows"), say("curate.tip_side")),
    )
    name = say(f"curate.parameter_{parameter}")
    show_chart(spec, key=key, alt=say("curate.chart", name=name, number=shown_number(cut)))
    if bins.nothing[language]:
        st.caption(here.say("curate.nothing_of_it", n=bins.nothing[language]))


@st.cache_resource(max_entries=256, show_spinner=False)
def _spread(folder: str, stamp: int, rule: str, parameter: str, _held: Previewer) -> tuple[Any, dict[str, int]]:
    from tunesmith.curate.preview_bins import languages, spread

    sizes = {language: int(rows.sum()) for language, rows in languages(_held).items()}
    return spread(_held, rule, parameter), sizes


def _bins(opened: Opened, held: Previewer, rule: str, parameter: str) -> tuple[Spread | None, dict[str, int]]:
    return _spread(str(opened.run.folder), opened.stamp, rule, parameter, held)
