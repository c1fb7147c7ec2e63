"""Short Chinese questions in other words: a particle more, 如何 for 怎么, 服用 for 吃.

One edited character costs a question of twelve characters five of its eight shingles, so shares prove nothing here. Two
questions are the same where they have the same wording: particles, greetings and marks left out, words of one meaning
written in one way, and every other character equal and in order. One character more or less is passed over in a
wording of eight and more, unless it changes what is asked (不, 左, a digit). One in another's
place never is: 肝 and 肾.

>>> wording("请问，得了感冒应该吃什么药呢？") == wording("得感冒了需服用哪些药物")
True
>>> wording("得了感冒吃什么药") == wording("得了肺炎吃什么药"), wording("感冒能吃药吗") == wording("感冒吃什么药")
(False, False)
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.contamination_items import Item
from tunesmith.curate.tokens import Places

#: Longer prompts are left to the shingles, in characters.
_MOST_CHARACTERS = 48
_LEAST_EQUAL, _LEAST_NEAR = 5, 8  # characters of a wording
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_MARKS = re.compile(r"[\W_]+")
_ASKS_WHAT = re.compile("[何怎!]|多少|多久")
#: These change what is asked: a character of them more makes another question.
_TELLING = frozenset("不没无非未否别勿左右上下前后内外大小多少男女老新旧双单两半"
                     "初再复急慢轻重早晚高低先长短正反良恶甲乙丙丁亚主副"
                     "0123456789"
                     "一二三四五六七八九十百千万能要何怎状治由法药防引查孕儿患?!")  # fmt: skip


def wording(text: str) -> str:
    """What a Chinese question says, without what may be said otherwise; `?` leads where it asks whether, `!` why."""
    said = _MARKS.sub("", unicodedata.normalize("NFKC", text).casefold())
    for pattern, plain in _PLAIN:
        said = pattern.sub(plain, said)
    why = "!" in said
    asks = "?" in said and not _ASKS_WHAT.search(said)
    return "!" * why + "?" * asks + said.replace("?", "").replace("!", "")


class Wordings(NamedTuple):
    """The items of each wording, and the wordings by length and half (first or not): what prompts are looked up in."""

    asked: dict[str, list[int]]
    halves: dict[tuple[int, bool, str], list[str]]


def make_wordings(items: Sequence[Item]) -> Wordings:
    """The wordings of the short Chinese ones among the items."""
    asked = _asked(items)
    return Wordings(asked, _halves(asked))


def find_rewordings(prompts: Any, wordings: Wordings) -> tuple[Places, Places]:
    """Rows and items, by row and item, where a short Chinese prompt asks an item's question in other words."""
    if not wordings.asked:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    found = [(row, item) for row, text in _short_chinese(prompts) for item in _items_of(wording(text), *wordings)]
    pairs = np.array(sorted(set(found)), np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _asked(items: Sequence[Item]) -> dict[str, list[int]]:
    """The items of each wording; one that asks for different choices says nothing by itself."""
    asked: dict[str, list[int]] = defaultdict(list)
    for number, item in enumerate(items):
        if len(item.question) <= _MOST_CHARACTERS and _is_chinese(said := wording(item.question)):
            asked[said].append(number)
    return {said: ones for said, ones in asked.items() if len({items[one].choices for one in ones}) == 1}


def _is_chinese(said: str) -> bool:
    return len(said) >= _LEAST_EQUAL and 2 * len(_HAN.findall(said)) > len(said)


def _halves(asked: dict[str, list[int]]) -> dict[tuple[int, bool, str], list[str]]:
    """The wordings by length and first half, and by length and second half: one edit leaves one of them as it is."""
    halves: dict[tuple[int, bool, str], list[str]] = defaultdict(list)
    for said in asked:
        if len(said) >= _LEAST_NEAR:
            middle = len(said) // 2
            halves[len(said), True, said[:middle]].append(said)
            halves[len(said), False, said[middle:]].append(said)
    return dict(halves)


def _short_chinese(prompts: Any) -> Iterator[tuple[int, str]]:
    fits = pc.and_(
        pc.less_equal(pc.utf8_length(prompts), _MOST_CHARACTERS), pc.match_substring_regex(prompts, r"\p{Han}")
    )
    rows = np.flatnonzero(pc.fill_null(fits, False).to_numpy(zero_copy_only=False))
    yield from zip(rows.tolist(), prompts.take(pa.array(rows)).to_pylist())


def _items_of(said: str, asked: dict[str, list[int]], halves: dict[tuple[int, bool, str], list[str]]) -> Iterator[int]:
    yield from asked.get(said, ())
    for length in (len(said) - 1, len(said) + 1):
        middle = length // 2
        ahead, behind = said[:middle], said[len(said) - (length - middle) :]
        for other in (*halves.get((length, True, ahead), ()), *halves.get((length, False, behind), ())):
            if _has_one_more(*sorted((said, other), key=len)):
                yield from asked[other]


def _has_one_more(short: str, long: str) -> bool:
    """Whether the longer is the shorter with one more character, and that one changes nothing."""
    at = next((i for i, one in enumerate(short) if one != long[i]), len(short))
    return short[at:] == long[at + 1 :] and long[at] not in _TELLING and bool(_HAN.match(long[at]))


# In this order: what a later line reads, an earlier one has made.
_PLAIN = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        ("^(?:你好|您好|医生|大夫|各位|专家|老师|亲|hi|hello|嗨|哎|唉|那个?|嗯)+", ""),
        ("(?:谢谢|多谢|感谢)(?:你|您|大家|医生|大夫|了)?|拜托了?$"
         "|(?:请|麻烦)(?:您|你)?(?:帮我|给我)?(?:回答|解答|指点|告诉我|告知|说明|解释)(?:一下|下)?", ""),
        ("(?:我)?(?:很|就)?(?:想|要|来)?(?:请问|请教|咨询|问问|问|知道|了解)(?:一下|下)"
         "|我?(?:想|要)(?:请问|请教|咨询|问|知道|了解)|请问|请教|问一下|求助", ""),
        ("为什么|为何|为啥|什么原因|何故|怎么回事|咋回事|怎么会|缘何", "!"),
        ("(?:怎么|如何|怎样|咋|怎)(?:办|处理|应对|是好|才好|做)|该当如何", "怎治"),
        ("(?:怎么样|怎么|如何|怎样|咋样|咋|怎)(?:才能|去|来|能)?", "怎"),
        ("(?:什么样|什么|啥|哪几种|哪几个|哪些个?|哪种|何种|何|哪)(?:的)?", "何"),
        (r"(能|会|要|是|可|有|用|需|该|好|吃)(?:不|没)(?:\1|可以)|(可以)不可以", r"?\1\2"),
        ("是否|能否|可否|是?有无|会否", "?能"),
        ("[吗么嘛]$|[吗么嘛](?=[?])", "?"),
        ("可以|能够|可能|可(?![见疑])|得以", "能"),
        ("需要|应该|应当|必须|该当|最好|得(?=吃|用|做|去)|须|应|该|需|要", ""),
        ("[?](?:能|会|有)+", "?"),
        ("服用|服|口服|吃(?=药|何)|使用|采用|选用", "用"),
        ("药物|药品|用药|药", "药"),
        ("医治|诊治|救治|治疗|疗法|治愈|治好|治|疗", "治"),
        ("方案|方法|办法|措施|方式|手段|法子", "法"),
        ("怎治", "怎治"),
        ("怎防|预防|防止|防范|避免", "防"),
        ("征兆|表现|症状|迹象|症候", "状"),
        ("缘由|起因|因素|诱因|成因|原因", "由"),
        ("导致|造成|引发|诱发|引起|致使", "引"),
        ("(?:注意|留意|当心|小心)(?:些|点)?", "注意"),
        ("(?:宝宝|婴儿|婴幼儿|孩子|小孩子|小孩|儿童|小儿|幼儿|娃)", "儿"),
        ("病人|病患(?!者)|患者", "患者"),
        ("妊娠期?|怀孕期?|孕期", "孕"),
        ("疾病|病症|毛病", "病"),
        ("检查|检测|化验|检验", "查"),
        ("多久|多长时间|几天|多少天", "多久"),
        ("区别|差别|差异|不同(?:之处|点)?|异同", "异"),
        ("出现|发生|患有|患上|得了|得上|患了|患(?!者)|得(?=[^到出])", "有"),
        ("觉得|感觉|感到|感", "觉"),
        ("以及|还有|和|与|及|跟|同|或者|或是|或|还是", "和"),
        ("比较|非常|特别|十分|很|有点|有些|挺|太|更|最|极", ""),
        ("通常|一般|平时|平常|日常|常见|主要|具体|常用|常|多数|都|一般来说"
         "|大概|究竟|到底|现在|目前|最近|已经|曾经|已|也|还|就|才|只|又|会", ""),
        ("(?:的时候|时候|期间|之后|以后|后|时)", "时"),
        ("一下|一些|一个|一种|一位|一名|这个|这种|那种|那个|那些|这些|进行|来|去", ""),
        ("[的了吗呢啊吧呀呐哦喔噢哈么嘛着地得之是为请我您你您们它他她其有]", ""),
    )
)  # fmt: skip
