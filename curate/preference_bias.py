"""Whether the chosen answers of a set of pairs are longer than the rejected ones: preference training learns that too.

A model trained by DPO grows wordy where the chosen side is longer (Park et al. 2024, Disentangling Length from Quality
in Direct Preference Optimization, arXiv 2403.19159). As in a sign test, pairs of equal length say nothing: of the
others, the share whose chosen answer is longer comes with Wilson's interval (Wilson 1927), which has to leave out one
half before there is anything to say.

>>> found = length_bias(np.array([2.0, 3.0, 1.5, 0.5, 1.0]))
>>> found.longer, found.shorter, found.equal, found.verdict
(3, 1, 1, 'unclear')
>>> length_bias(np.full(40, 2.0)).verdict
'longer'
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.report_format import number, share
from tunesmith.curate.said import Said

_Z = 1.959964  # of the normal distribution, for 95 %


class LengthBias(NamedTuple):
    """Pairs by which answer is longer; the typical ratio chosen/rejected (geometric mean); the 95 % interval of the
    share of longer ones among those that differ."""

    longer: int
    shorter: int
    equal: int
    ratio: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """`longer` or `shorter` where the interval leaves out one half, else `unclear`."""
        if self.low > 0.5:
            return "longer"
        return "shorter" if self.high < 0.5 else "unclear"


def length_bias(side_ratio: npt.NDArray[np.floating]) -> LengthBias | None:
    """The bias of some rows, None where none of them is a pair with two answers.

    :param side_ratio: chosen/rejected in characters, 0 for rows that are no pair, shape `(n_rows,)`.
    """
    ratios = side_ratio[side_ratio > 0].astype(np.float64)
    if not len(ratios):
        return None
    longer, shorter = int((ratios > 1).sum()), int((ratios < 1).sum())
    interval = wilson(longer, longer + shorter)
    return LengthBias(longer, shorter, len(ratios) - longer - shorter, float(np.exp(np.log(ratios).mean())), *interval)


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The 95 % interval of a share; (0, 1) of nothing.

    >>> [round(bound, 4) for bound in wilson(8, 10)]
    [0.4902, 0.9433]
    """
    if not whole:
        return 0.0, 1.0
    ratio, z = part / whole, _Z
    middle = (ratio + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z / (1 + z * z / whole) * sqrt(ratio * (1 - ratio) / whole + z * z / (4 * whole * whole))
    return max(0.0, min(ratio, middle - half)), min(1.0, max(ratio, middle + half))  # of 0 and 1 exactly so


def advise(found: LengthBias) -> Said:
    """What the count means, with n and the interval."""
    differing = found.longer + found.shorter
    values = {
        "longer": f"{found.longer:,}",
        "differing": f"{differing:,}",
        "share": share(found.longer, differing),
        "interval": f"{100 * found.low:.1f}–{100 * found.high:.1f}%",
        "equal": f"{found.equal:,}",
        "ratio": number(round(found.ratio, 2)),
    }
    told, advice = _COUNT, _ADVICE[found.verdict]
    return Said(told.en.format(**values) + advice.en, told.zh.format(**values) + advice.zh)


_COUNT = Said(
    "Of {differing} pairs whose answers differ in length, the chosen one is longer in {longer} ({share}, 95% interval "
    "{interval}); equally long: {equal}. Typically the chosen answer is {ratio} times as long as the rejected one. ",
    "长短不同的 {differing} 对中，有 {longer} 对选中的回答更长（{share}，95% 区间 {interval}）；{equal} 对一样长。"
    "选中的回答的长度通常是被拒回答的 {ratio} 倍。",
)
_ADVICE = {
    "longer": Said(
        "That is more than chance: a model trained on these pairs tends to write longer whatever is asked. "
        "Balance the lengths, or train with a length-normalised loss.",
        "这超出偶然：用这些偏好对训练，模型往往会学成无论问什么都写得更长。请平衡长短，或使用按长度归一化的损失。",
    ),
    "shorter": Said(
        "That is less than chance: a model trained on these pairs tends to write shorter whatever is asked. "
        "Check that this is what you want.",
        "这低于偶然：用这些偏好对训练，模型往往会学成无论问什么都写得更短。请确认这是否符合预期。",
    ),
    "unclear": Said(
        "The interval includes one half: these pairs show no preference for length.",
        "区间包含一半：这些偏好对没有表现出对长短的偏好。",
    ),
}
