"""The words that ask for a form, in English and in Chinese: a table of patterns, each of one kind of request.

>>> cue = next(cue for cue in CUES if cue.kind == "sentences")
>>> cue.pattern.search("Describe it in 2-3 sentences.").groupdict()
{'n': '2', 'm': '3'}

A pattern may name two numbers, `n` and `m`; the cue's `bounds` make the least and the most of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

Bounds = tuple[int | None, int | None]


def _unbounded(n: int, m: int) -> Bounds:
    return None, None


def _exactly(n: int, m: int) -> Bounds:
    return n, m


def _at_most(n: int, m: int) -> Bounds:
    return None, n


def _below(n: int, m: int) -> Bounds:
    return None, n - 1


def _at_least(n: int, m: int) -> Bounds:
    return n, None


class Cue(NamedTuple):
    """One way of asking.

    :param needs: what the text must hold, in small letters, for the pattern to be tried: most prompts ask for nothing.
    :param whole: it is about the whole answer even where the sentence says "each".
    :param quoted: it is looked for in quotations too.
    """

    kind: str
    needs: tuple[str, ...]
    pattern: re.Pattern[str]
    bounds: Callable[[int, int], Bounds]
    whole: bool
    quoted: bool


def _cue(
    kind: str, needs: str, pattern: str, bounds: Callable[[int, int], Bounds] = _unbounded, *, quoted: bool = False
) -> Cue:
    start = r"\b" if pattern.isascii() else ""
    whole = kind in ("json", "table", "list")
    return Cue(kind, tuple(needs.split()), re.compile(f"{start}(?:{pattern})", re.IGNORECASE), bounds, whole, quoted)


_NUMBER = r"\d[\d,]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|fifty"
_N, _M = rf"(?P<n>{_NUMBER})", rf"(?P<m>{_NUMBER})"
_N_TO_M = rf"{_N}(?: ?(?:-|\u2013|to|or) ?{_M})?"
_ZN, _ZM = r"(?P<n>\d+|[一二两三四五六七八九十百千]+)", r"(?P<m>\d+|[一二两三四五六七八九十百千]+)"
_DASH = r"(?:-|\u2013|—|~|～|到|至)"
_ZN_TO_ZM = rf"{_ZN}(?:{_DASH}{_ZM})?"

# Where an instruction may begin: not "she needs to make 4 masks".
_OPENED = (
    r"(?:(?:(?<=^)|(?<=[.!?:;\n]\s)|(?<=[.!?:;\n])|(?<=, ))|please |(?:can|could|would|will) you (?:please |also )?|"
    r"(?:and|then) (?=list|name|suggest|identify|provide|generate|come|brainstorm|write))"
)
_GIVE = (
    rf"{_OPENED}(?:list|name|give|provide|suggest|write|generate|create|come up with|tell|share|brainstorm|recommend|"
    r"identify|mention|offer|propose|state|think of|show|outline|produce|make)(?: out| down)?(?: me| us)?"
    r"(?: the| a list of| a list with)?(?: (?:top|first|best|main|exactly|just|only))?"
)
_THINGS = (
    r"(?: (?:[a-z-]+,? ){0,3}?(?!words\b|sentences\b|paragraphs\b|lines\b|characters\b|minutes\b|days\b|times\b)"
    r"[a-z]{3,}s\b)"
)
_ZGIVE = (
    r"(?:列出|列举|给出|提供|说出|举出|写出|提出|推荐|生成|想出|找出|举|给我|告诉我|创建|建议|介绍)(?:了)?"
    r"(?:最重要的|最好的|主要的|以下)?"
)
_ZTHINGS = r"(?:个|条|种|点|项|款|部|本|首|道|位|家|座|名|件|则|大|样)"

_SAY = r"(?:return|respond|reply|answer|output|give|provide|produce|write|generate|format|present|convert|put|show)"
_ZSAY = r"(?:返回|输出|回答|回复|给出|提供|表示|展示|呈现|组织|整理|生成|列出|说明|写|填)"
_ZEND = r"(?:[。，,.；;：:！!]|\s*$)"
_ONE_JSON = (
    r"(?:(?:a|an|the|only|valid|raw|single|plain|well-formed|following) )*json\b(?! (?:file|data|below|above|schema))"
)
_ZJSON = r"(?:一个|一段|纯|标准的?|合法的?|有效的?|如下|以下|下面的|单个|\s)*JSON"
_ZTABLE = r"(?:一个|一张|Markdown|\s)*表格"

_LIMIT = (
    r"(?:(?:no|not) more than|at most|up to|within|(?:not )?exceed(?:ing)?|max(?:imum)?(?: of)?|"
    r"(?:limit(?:ed)?|keep|restrict(?:ed)?|cut|trim)(?: \w+){0,3}? to)"
)
_BELOW = r"(?:under|below|(?:less|fewer) than)"
_LEAST = r"(?:at least|(?:no|not) (?:less|fewer) than|(?:a )?min(?:imum)? of)"
_ZLIMIT = r"(?:不超过|别超过|不要超过|不得超过|不能超过|勿超过|最多|不多于|限制?在?|控制在)"
_ZLEAST = r"(?:不少于|至少|不低于|不得少于|不能少于|最少)"
_ZI = r"\s*个?汉?字(?![母符节段体号数])"  # 字 as a count of characters: not 字母, a letter

#: In the order in which a card names them.
KINDS = ("json", "table", "list", "items", "sentences", "words", "characters", "one_word", "yes_no", "letter", "code")

CUES: tuple[Cue, ...] = (
    _cue("json", "json", rf"{_SAY}\b[^.\n]{{0,80}}?\b(?:in|as|into|to|with|only|valid|a|an|the) {_ONE_JSON}"),
    _cue("json", "json", rf"(?:{_SAY}|in|as|use|only|valid) (?:valid |only |raw )*json (?:format|object|array|only)\b"),
    _cue(
        "json",
        "json",
        rf"(?:以|用|按照?|使用|采用){_ZJSON}(?:格式|对象|数组)?的?(?:形式|格式|方式)?(?:进行|来)?\s*{_ZSAY}",
    ),
    _cue("json", "json", rf"(?:返回|输出|生成|给出|转换?成|转换?为|整理成){_ZJSON}(?!文件|数据|字符串)"),
    _cue("json", "json", rf"(?:以|用|按照?)(?:纯)?JSON的?(?:格式|形式){_ZEND}"),
    _cue(
        "table",
        "table",
        r"(?:in|as|into|using|use) (?:a |an )?(?:(?:markdown|simple|comparison|two-column|neat|formatted) )*"
        r"table(?: form(?:at)?)?\b(?! of\b| \w+ing\b| tennis| below| above| lamp| cell)",
    ),
    _cue("table", "tabular", r"in (?:a )?tabular form"),
    _cue(
        "table",
        "table",
        r"(?:create|make|produce|generate|draw|build|provide|give me) a (?:markdown |comparison )table\b",
    ),
    _cue(
        "table",
        "表格",
        rf"(?:以|用|使用|采用){_ZTABLE}的?(?:形式|方式|格式)?(?:来|进行)?(?:{_ZSAY}|对比|比较|总结|汇总|归纳|{_ZEND})",
    ),
    _cue(
        "table",
        "表",
        rf"(?:整理|做|制作?|汇总|归纳|总结|列|转换?)(?:成|为){_ZTABLE}(?:{_ZEND}|的形式)|(?:列|做)一?[个张]表{_ZEND}",
    ),
    _cue(
        "list",
        "bullet list",
        r"(?:in|as|using|use|with) (?:a |an )?(?:short |simple )?(?:bullet(?:ed)?|numbered|ordered|unordered|"
        r"bullet[- ]point(?:ed)?)(?: (?:list|points?|form(?:at)?))\b|(?:in|using|use|as) bullets?(?: form)?\b|"
        r"in (?:a )?list (?:form|format)\b",
    ),
    _cue(
        "list",
        "列表 分点 符号 编号",
        r"(?:以|用|使用|采用)(?:一个)?(?:项目符号|编号|有序|无序|数字|要点)?列表的?(?:形式|方式|格式)?"
        rf"(?:{_ZSAY}|{_ZEND})|分点(?:回答|作答|说明|列出|阐述|叙述)|用(?:项目符号|编号)",
    ),
    _cue("items", "s", rf"{_GIVE} {_N}{_THINGS}", _exactly),
    _cue("items", "at least", rf"{_GIVE} at least {_N}{_THINGS}", _at_least),
    _cue("items", "up to at most", rf"{_GIVE} (?:up to|at most) {_N}{_THINGS}", _at_most),
    _cue("items", "个 条 种 点 项 款 部 本 首 道 位 家 座 名 件 则 大 样", rf"{_ZGIVE}{_ZN}{_ZTHINGS}", _exactly),
    _cue(
        "items",
        "列表 清单",
        rf"(?:包含|含有|包括){_ZN}{_ZTHINGS}[^，。！？\n]{{0,30}}(?:列表|清单){_ZEND}",
        _exactly,
    ),
    _cue("items", "至少", rf"{_ZGIVE}至少{_ZN}{_ZTHINGS}", _at_least),
    _cue(
        "sentences",
        "sentence",
        r"(?:in|into|as|with|using) (?:exactly |only |just )?(?:(?P<n>a single|one|two|three|four|five|six|\d+)"
        rf"(?: ?(?:-|\u2013|to|or) ?{_M})?)[ -](?:\w+ )?sentences?\b",
        _exactly,
    ),
    _cue(
        "sentences",
        "sentences",
        rf"{_OPENED}(?:write|compose|give|provide|generate)(?: me)? {_N_TO_M} (?:\w+ )?sentences\b",
        _exactly,
    ),
    _cue("sentences", "sentence", rf"{_LIMIT} {_N} sentences?\b", _at_most),
    _cue("sentences", "sentences", rf"{_LEAST} {_N} sentences\b", _at_least),
    _cue(
        "sentences",
        "句",
        r"(?:用|以|缩写?成|概括成|总结成|改写?成|写成|合并[成为]|压缩成|缩减[成为])(?:一段|简短的?|简单的?|简洁的?|完整的?|"
        rf"通顺的?)*{_ZN_TO_ZM}个?(?:简短的?|完整的?)?(?:句话|句子|句)(?![型号式法末首中子])",
        _exactly,
    ),
    _cue("sentences", "句", rf"(?:不超过|最多|不多于){_ZN}个?句", _at_most),
    _cue("words", "words", rf"{_LIMIT} {_N} words\b", _at_most),
    _cue("words", "words", rf"{_N} words (?:or (?:less|fewer)|max(?:imum)?|at most|limit)\b", _at_most),
    _cue("words", "words", rf"{_BELOW} {_N} words\b", _below),
    _cue("words", "words", rf"{_LEAST} {_N} words\b", _at_least),
    _cue("words", "words", rf"(?:between )?{_N} ?(?:-|\u2013|to|and) ?{_M} words\b", _exactly),
    _cue("words", "words", rf"(?:in |using )?exactly {_N} words\b", _exactly),
    _cue(
        "words",
        "-word",
        r"(?P<n>two|three|four|five|six|seven|eight|nine|ten)-word (?:caption|slogan|title|summary|story|phrase|"
        r"tagline|headline|description|motto|sentence)\b",
        _exactly,
    ),
    _cue("characters", "characters", rf"{_LIMIT} {_N} (?:chinese )?characters\b", _at_most),
    _cue("characters", "characters", rf"{_BELOW} {_N} (?:chinese )?characters\b", _below),
    _cue("characters", "字", rf"{_ZLIMIT}{_ZN}{_ZI}", _at_most),
    _cue("characters", "字", rf"{_ZN}\s*个?汉?字(?:以内|之内|内|以下)", _at_most),
    _cue("characters", "字", rf"(?<!不)(?<!不得)(?<!不能)(?:少于|低于){_ZN}{_ZI}", _below),
    _cue("characters", "字", rf"{_ZLEAST}{_ZN}{_ZI}", _at_least),
    _cue("characters", "字", rf"{_ZN}\s*个?汉?字以上", _at_least),
    _cue("characters", "字", rf"{_ZN}\s*字?{_DASH}{_ZM}{_ZI}", _exactly),
    _cue(
        "one_word",
        "word",
        rf"{_OPENED}(?:answer|respond|reply|describe|summari[sz]e|say|define|sum up|express|classify|label)\b"
        r"[^.!?\n]{0,60}? (?:in|with|using) (?:only |just |exactly )?(?:one|a single|1) word\b(?! or)|"
        r"(?:one|a single|single)-word (?:answer|response|reply)\b",
    ),
    _cue("one_word", "word", rf"{_OPENED}in (?:one|a single|1) word\b(?! or)"),
    _cue(
        "one_word",
        "词 成语",
        r"(?:只|仅)?(?:用|以|回答|输出|给出)一个(?:词语?|单词|成语)(?:来)?(?:回答|概括|形容|描述|总结|表达|[。，,]|$)",
    ),
    _cue(
        "yes_no",
        "yes true",
        r"(?:answer|respond|reply)(?: \w+){0,3}? (?:with )?(?:only |just |simply |either |a simple )*"
        r"[\"']?(?:yes|true)[\"']?,? (?:or|/) [\"']?(?:no|false)\b",
        quoted=True,
    ),
    _cue(
        "yes_no",
        "是 对 正确",
        r"(?:回答|答|输出|判断)(?:[:：])?[“\"「]?(?:是|对|正确)[”\"」]?(?:或者?|还是|/|、)[“\"「]?(?:否|不是|错误?|不对)(?=[”\"」。，,！!]|$)",
        quoted=True,
    ),
    _cue(
        "letter",
        "letter",
        r"(?:answer|respond|reply|output|write|give)\b[^.\n]{0,30}?\b(?:only|just) (?:with )?(?:the )?"
        r"(?:(?:correct |right )?(?:option|answer|choice)(?:'s)? )?letter\b|only the letter\b|the letter only\b",
    ),
    _cue(
        "letter",
        "字母 选项",
        r"(?:只|仅|直接)(?:需要?|要|能|用)?(?:回答|输出|给出|写出?|填写?|回复)(?:正确)?(?:答案|选项)?的?(?:字母|选项)",
    ),
    _cue(
        "code",
        "code",
        r"(?:only|just) (?:output |return |write |provide |give |show )?(?:me )?(?:the )?code\b|code only\b|"
        r"(?:output|return|write|provide|give) (?:only|just) (?:the )?code\b",
    ),
    _cue("code", "代码", r"(?:只|仅)(?:需要?|要)?(?:输出|给出|返回|写|提供|贴)(?:完整的?|可运行的?)*代码|代码即可"),
)
