"""What an embedding model did not see of the rows, in both languages: texts cut short, scripts that it cannot read.

An English model turns most Chinese characters into one unknown token, so that different Chinese texts come out alike.
Such a row takes no part in anything semantic: `unreadable` names it, and the announcement says how many there are.

>>> unreadable(np.array([0.0, 0.62, 0.19], np.float32)).tolist()
[False, True, False]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from tunesmith.curate.embedding_grid import Flags, Grid, Places, as_cosines, products
from tunesmith.curate.embedding_model import DEFAULT_MODEL
from tunesmith.curate.embeddings import Embedded
from tunesmith.curate.said import Said

#: A share of unknown tokens from which a text counts as unread. With all-MiniLM-L6-v2 half of the Chinese rows of
#: alpaca_zh_demo have .62 or more and nineteen of twenty .30 or more, no English row of alpaca_en_demo more than .03.
MOST_UNKNOWN = 0.2
#: The median cosine between different texts of one language from which the model hardly tells them apart. Readable
#: languages have .0 to .4; a model without unknown tokens that never learnt the script has .7 and more.
COLLAPSED = 0.6
_SAMPLE = 200  # rows of a language that are compared with each other
_LEAST_ROWS = 20


def unreadable(unknown: npt.NDArray[np.float32]) -> Flags:
    """The rows of whose tokens the model does not know a fifth or more."""
    marked: Flags = unknown >= MOST_UNKNOWN
    return marked


def median_cosine(grid: Grid, rows: Places) -> float:
    """The median cosine between different texts among at most 200 of the rows, spread evenly; NaN below 20 rows."""
    rows = rows[grid.squares[rows] > 0]
    if len(rows) < _LEAST_ROWS:
        return float("nan")
    chosen = rows[np.linspace(0, len(rows) - 1, min(len(rows), _SAMPLE)).astype(np.int64)]
    values = as_cosines(products(grid, chosen, chosen), grid.squares[chosen][:, None], grid.squares[chosen])
    return float(np.median(values[np.triu_indices(len(chosen), 1)]))


def announce_limits(
    model: str, side: str, embedded: Embedded, languages: Sequence[str], *, compared: bool = False
) -> Iterator[Said]:
    """What a person has to know of these embeddings; nothing where the model saw all.

    :param side: `prompt`, `answer` or `whole`, what was embedded.
    :param languages: of each row, codes such as `zh`.
    :param compared: whether rows whose text was cut short take no part.
    """
    here = embedded.grid.squares > 0
    unread = unreadable(embedded.unknown) & here
    names = np.asarray(languages, object)
    if unread.any():
        yield _unread(model, side, unread, here, names, float(embedded.unknown[unread].mean()))
    for language in sorted(set(names[here & ~unread].tolist())):
        median = median_cosine(embedded.grid, np.flatnonzero(here & ~unread & (names == language)))
        if median >= COLLAPSED:
            yield _collapsed(model, language, median)
    cut = int((embedded.truncated & here & ~unread).sum())
    if cut:
        yield _truncated(model, side, cut, int(here.sum()), compared=compared)


def _unread(model: str, side: str, unread: Flags, here: Flags, names: npt.NDArray[np.object_], share: float) -> Said:
    counts, totals = Counter(names[unread].tolist()), Counter(names[here].tolist())
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    english = ", ".join(f"{_language(name, 'en')}: {count:,} of {totals[name]:,}" for name, count in most)
    chinese = "，".join(f"{_language(name, 'zh')} {totals[name]:,} 行中的 {count:,} 行" for name, count in most)
    return Said(
        f"the embedding model {model} cannot read the {_SIDES_EN[side]} of {_rows(int(unread.sum()))} ({english}): "
        f"{share:.0%} of the tokens are unknown to it; these rows take no part in what is semantic; "
        f"name a multilingual model, such as {DEFAULT_MODEL}",
        f"嵌入模型 {model} 读不懂 {unread.sum():,} 行的{_SIDES_ZH[side]}（{chinese}）："
        f"{share:.0%} 的词元不在它的词表里；这些行不参与语义处理；请改用多语言模型，例如 {DEFAULT_MODEL}",
    )


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _collapsed(model: str, language: str, median: float) -> Said:
    return Said(
        f"the embedding model {model} hardly tells {_language(language, 'en')} rows apart: the median cosine between "
        f"different ones is {median:.2f}; check the pairs that it finds, or name a multilingual model, "
        f"such as {DEFAULT_MODEL}",
        f"嵌入模型 {model} 几乎分不清不同的{_language(language, 'zh')}行：不同行之间余弦相似度的中位数为 {median:.2f}；"
        f"请核对它找到的行对，或改用多语言模型，例如 {DEFAULT_MODEL}",
    )


def _truncated(model: str, side: str, cut: int, total: int, *, compared: bool) -> Said:
    so_en = "these rows are not compared" if compared else "it sees their beginnings only"
    so_zh = "这些行不参与比较" if compared else "它只看到开头部分"
    return Said(
        f"the {_SIDES_EN[side]} of {cut:,} of {total:,} rows are longer than the embedding model {model} reads: "
        f"{so_en}",
        f"{total:,} 行中有 {cut:,} 行的{_SIDES_ZH[side]}超出嵌入模型 {model} 能读的长度：{so_zh}",
    )


def _language(code: str, speaking: str) -> str:
    known = _LANGUAGES.get(code)
    return code if known is None else known[0] if speaking == "en" else known[1]


_SIDES_EN = {"prompt": "prompts", "answer": "answers", "whole": "texts"}
_SIDES_ZH = {"prompt": "提问", "answer": "回答", "whole": "文本"}
_LANGUAGES = {
    "zh": ("Chinese", "中文"),
    "en": ("English", "英文"),
    "ja": ("Japanese", "日文"),
    "ko": ("Korean", "韩文"),
    "other": ("other languages", "其他语言"),
}
