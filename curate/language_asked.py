"""The language that a prompt explicitly asks its answer to be in.

>>> [asked_language(text) for text in ("Translate 'cat' from English to French.", "用西班牙语回答。", "翻译这句英文")]
['fr', 'es', '']

A prompt that is about a language asks for none ("the French Revolution", "how do you say it in Thai?"): its answer may
well be in the language of the prompt. Requests are read in English and in Chinese.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.language_names import CHINESE_NAME, ENGLISH_NAME, language_named, names_in
from tunesmith.curate.task_ends import ends_of

Words = npt.NDArray[np.object_]

#: Bytes of a prompt that are read: who hands over a long text asks before or after it.
HEAD, TAIL = 400, 240
#: Characters of the line before and after the name of a language that decide whether it is asked for.
BEFORE, AFTER = 240, 40


class Request(NamedTuple):
    """The name of a language asks for it where `after` follows it and `before` stands before it on the line."""

    after: re.Pattern[str]
    before: re.Pattern[str]


def asked_languages(texts: pa.Array) -> Words:
    """The language that each text asks for, ISO 639-1 or "": strings, shape `(n_texts,)`."""
    asked = np.full(len(texts), "", object)
    ends = ends_of(texts, head=HEAD, tail=TAIL)
    marked = np.flatnonzero(pc.match_substring_regex(ends, _MARK).to_numpy(zero_copy_only=False))
    asked[marked] = [asked_language(text) for text in ends.take(pa.array(marked)).to_pylist()]
    return asked


def asked_language(text: str) -> str:
    """The language that one text asks for, all of it read; of several requests the last counts."""
    plain = _QUOTED.sub('""', text)
    for name in reversed(names_in(plain)):
        if _is_asked(plain, name.start, name.end):
            return name.language
    pairs = _PAIR.findall(plain) if "译" in plain else ()
    return language_named(_SHORT[pairs[-1]]) if pairs else ""


def _is_asked(text: str, start: int, end: int) -> bool:
    line = max(text.rfind("\n", 0, start) + 1, start - BEFORE)
    before, after = text[line:start], text[end : end + AFTER]
    if text[start] >= "\u3000":
        return _any_fits(_IN_CHINESE, before, after)
    if not (_NEAR.search(before[-40:]) or _NAMED.match(after)):
        return False
    return _any_fits(_IN_ENGLISH, before, after)


def _any_fits(requests: tuple[Request, ...], before: str, after: str) -> bool:
    return any(request.after.match(after) and request.before.search(before) for request in requests)


# Without it nothing is asked. RE2 reads it at 500 MB/s; Python sees the few texts that it finds.
_MARK = (
    r"(?i)\b(?:in|into|to|using|use|simple|formal|plain|modern|simplified|traditional|brazilian|mandarin|fluent) "
    rf"(?:{ENGLISH_NAME})\b|\b(?:{ENGLISH_NAME}) (?:translation|e-?mail|letter|essay|sentence|paragraph|version)|"
    rf"language: (?:{ENGLISH_NAME})|{CHINESE_NAME}|[中汉英日韩法德]译[中汉英日韩法德]"
)
_QUOTED = re.compile(
    r"\"[^\"\n]{0,400}\"|“[^”\n]{0,400}”|「[^」\n]{0,400}」|(?<!\w)'[^'\n]{0,400}'(?!\w)|‘[^’\n]{0,400}’"
)

_OPENED = (  # where a request may start
    r"(?:^|[.!?:;,(]\s*|\bplease |\b(?:can|could|would|will) you (?:please )?|\bhelp me (?:to )?|"
    r"\b(?:you|me|is|need|like|want|task) to |\b(?:and|then|should|must|always|only|also|just|but|now) )"
)
_ADJECTIVES = (
    r"(?:(?:simple|plain|formal|informal|fluent|modern|standard|traditional|simplified|brazilian|mandarin|american|"
    r"british|colloquial|everyday|good|proper|clear|correct|native|idiomatic|short|brief|both) )*"
)
_INTO, _IN = (rf"\b{words} {_ADJECTIVES}$" for words in ("(?:in|into|to)", "in"))
_ANSWER = r"(?:answer|respond|reply|write|speak|talk|communicate|continue|say (?:it|this|that)|do (?:it|this|that))"
_WRITE = (
    rf"(?:{_ANSWER}|compose|draft|create|generate|give|provide|make|tell|summari[sz]e|express|output|return|produce|"
    r"present|prepare)"
)
_MAKE = rf"(?:{_WRITE}|explain|describe|introduce|list)"
_TRANSLATE = r"(?:translat(?:e|ing)|convert|render|put|turn|change|rewrite|rephrase|locali[sz]e|transcribe)"
_THING = (
    r"(?:sentences?|paragraphs?|poems?|haikus?|songs?|e?-?mails?|letters?|stor(?:y|ies)|essays?|summar(?:y|ies)|"
    r"speech(?:es)?|messages?|posts?|tweets?|translations?|versions?|reviews?|descriptions?|"
    r"dialogues?|articles?|notes?|"
    r"greetings?|introductions?|answers?|responses?|repl(?:y|ies)|texts?|passages?|it|this|that|them|everything|"
    r"conversations?|explanations?|captions?|reports?|advertisements?|slogans?|below|above)"
)
_CLOSED = (  # a language that is no adjective: not "in French class", nor "in Russian-annexed Crimea"
    r"(?: language)?\s*(?:$|[.,;:!?()\[\n\"“']|- |(?:please|only|and|with|using|about|for|that|on|so|as|from|then|"
    r"instead|without|which)\b)"
)
_WRITTEN = r" (?:sentences?|paragraphs?|e?-?mails?|letters?|essays?|versions?|texts?|compositions?)\b"

_ZH_ADJECTIVES = (
    r"\s*(?:地道|流利|简洁|简单|标准|正式|正规|通顺|优美|现代|相应|对应|自然|纯正|规范|全|纯|口语化|"
    r"书面|一[个句段种篇])*的?$"
)
_ZH_OPENED = (
    r"(?:^|[，。：:；;！!？?、,.（(]\s*|[请要须必能可只程一律都并再我你您应需接]|可以|希望|全部|尽量|"
    r"直接|统统|帮我|给我)"
)
_ZH_SAY = (
    r"\s*(?:来|进行|语言|的?形式|的?方式|直接|简单|给我|帮我|为我|向我)*(?:回答|回复|答复|作答|写|"
    r"描述|介绍|解释|说明|输出|撰写|总结|"
    r"概括|讲|翻译|生成|创作|列|表述|陈述|交流|对话|沟通|复述|改写|答|回)"
)
_ZH_THING = (
    r"的?(?:作文|短文|文章|邮件|电子邮件|书信|信|诗|句子|简历|自我介绍|演讲|对话|摘要|总结|翻译|译文|"
    r"版|例句|段落|论文|文案|故事|"
    r"日记|介绍|回复|回答|评论|祝福)"
)
_ANY_AFTER = r""
# Most names of languages stand in neither place, and the patterns need not be tried.
_NEAR = re.compile(rf"\b(?:in|into|to|use|using|only|language\W*|is) {_ADJECTIVES}$", re.IGNORECASE)
_NAMED = re.compile(rf"{_WRITTEN}| translation|\s*:", re.IGNORECASE)


def _requests(*pairs: tuple[str, str]) -> tuple[Request, ...]:
    return tuple(Request(*(re.compile(pattern, re.IGNORECASE) for pattern in pair)) for pair in pairs)


_IN_ENGLISH = _requests(
    (r"(?! to\b| into\b)", rf"{_OPENED}{_TRANSLATE}\b.*{_INTO}"),
    (_CLOSED, rf"{_OPENED}{_ANSWER} (?:\w+ ){{0,4}}{_IN}"),
    (_CLOSED, rf"{_OPENED}{_WRITE}\b[^.!?]*\b{_THING}\b[^.!?]{{0,80}}(?<!said )(?<!fluent ){_IN}"),
    (_CLOSED, rf"{_OPENED}(?:{_TRANSLATE}|explain|describe|introduce|summari[sz]e) (?:(?:the|this) )?(?:\w+ )?{_IN}"),
    (_ANY_AFTER, rf"{_OPENED}{_MAKE} {_IN}"),
    (rf",? (?:please )?{_MAKE}\b", rf"(?:^|[.!?:;(]\s*){_IN}"),
    (r",? please\b", _IN),
    (r"(?: only)?\s*[.!)]*\s*$", rf"(?:^|[.!?(]\s*)(?:only )?{_IN}"),
    (
        rf"\s*(?:only\b|language\b|to {_MAKE}|for your|in your|[.,!]|$)",
        rf"{_OPENED}us(?:e|ing) (?:only )?{_ADJECTIVES}$",
    ),
    (
        _CLOSED,
        r"\b(?:answer|response|reply|output|text|essay|letter|summary|it) (?:should|must|needs? to|has to) be "
        rf"(?:written |given )?(?:only )?{_IN}",
    ),
    (_CLOSED, rf"\b(?:output|target|response|answer|reply) language\s*(?:is|:|=)?\s*{_ADJECTIVES}$"),
    (r" translation", rf"{_OPENED}(?:give|provide|write|produce)\b[^.!?]{{0,30}}$"),
    (r"(?: translation)?\s*:\s*$", rf"^\s*{_ADJECTIVES}$"),
    (
        _WRITTEN,
        rf"{_OPENED}(?:write|compose|draft|create|generate) (?:me )?(?:an?|one|two|three|four|five|\d+) {_ADJECTIVES}$",
    ),
)
_IN_CHINESE = _requests(
    (
        _ANY_AFTER,
        rf"(?<![被已经曾翻])(?:翻译|译|改写|转换|转化|转写|转译|翻|改|转|写|变)(?:成|为|到|至|作|回){_ZH_ADJECTIVES}",
    ),
    (_ZH_SAY, rf"{_ZH_OPENED}(?:用|以|使用|采用|说|改用|换成){_ZH_ADJECTIVES}"),
    (r"(?:吧|谢谢|[，,])*\s*[。！!）).]*\s*(?:$|\n)", rf"{_ZH_OPENED}(?:用|以|使用|说|讲){_ZH_ADJECTIVES}"),
    (
        _ZH_THING,
        r"(?:写|生成|创作|给出|提供|撰写|起草|拟)(?:出|下|一下|"
        r"我)?(?:[一二三两四五几\d]*[篇封首段个份句则])?[^，。；！？]{0,12}$",
    ),
    (
        r"\s*(?:[。，,！!）)\n]|$)",
        r"(?:回答|答案|回复|输出|语言|作答|内容)(?:请|要|必须|须|应|一律)?(?:用|使用|为|是|以)?[:：]?" + _ZH_ADJECTIVES,
    ),
    (r"(?:回答|回复|作答|输出|译文[:：]|翻译[:：])", r"(?:^|[，。,.；（(]\s*)(?:请)?$"),
)
_PAIR = re.compile(r"(?<![一-鿿])[中汉英日韩法德]译([中汉英日韩法德])(?![本版者文])")
_SHORT = {"中": "中文", "汉": "汉语", "英": "英语", "日": "日语", "韩": "韩语", "法": "法语", "德": "德语"}
