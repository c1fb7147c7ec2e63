"""Answers that say no more than that they do not know.

>>> says_unknown("谁写的？", "抱歉，我没有听说过这本书。")
True
>>> says_unknown("6 * 7?", "I'm not sure, but it is probably 42.")
False
"""

from __future__ import annotations

import re

_LONGEST = 300
_END_TOKEN = re.compile(r"(?:\s*(?:<\|[a-z_]+\|>|</s>))+\s*$")
_SENTENCE = re.compile(r"(?:[^.!?。！？\n]|[.](?=\w))+")
_LETTERS = re.compile(r"[A-Za-z']+|[\u3400-\u9fff]{2}")
_MOST_OTHER = 9  # words of anything else: "…, but you could ask a librarian"
_I = r"\b(?:i|we)(?:'m| am|'ve| have|'d| would| do| really| honestly| just| also| currently| simply| still| actually)*"
_ENGLISH = re.compile(
    rf"{_I} (?:don't|do not|didn't|wouldn't|would not|couldn't|could not|can't|cannot|not) (?:\w+ ){{0,3}}?(?:know|"
    rf"say\b|tell|recall|remember|sure|certain|familiar|aware|"
    r"have (?:\w+ ){0,3}?(?:information|details|data|knowledge|context|answer|idea|clue|records?)|possess|find|"
    r"locate|determine|figure|confident|positive|understand|be (?:sure|certain))|"
    rf"{_I} (?:have )?(?:no (?:\w+ )?(?:idea|clue|information|knowledge|data|details|record|answer|way of knowing)|"
    rf"unaware|uncertain|unsure|clueless|unfamiliar|unable to (?:find|determine|locate|recall|say|tell|"
    r"answer)|lack(?:ing)? (?:\w+ ){0,3}(?:information|knowledge|data|context)|never (?:heard|come across|read|seen|"
    r"encountered)|haven't (?:\w+ )?(?:heard|come across|read|encountered|got)|drawing a blank|at a loss|stumped)|"
    r"^\W*(?:hmm|well|sorry|honestly|uh|um)?\W*(?:no (?:idea|clue)|not sure|not certain|unknown|unsure|beats me|"
    r"don't know|dunno|hard to say|who knows|can't say|couldn't say|search me)\b|"
    r"\bthere(?:'s| is| are|'re)? (?:isn't|is not|aren't|no|not|currently no|insufficient) (?:\w+ )?(?:enough|"
    r"sufficient|any|adequate|relevant|available|information|data|details|records?|evidence)|"
    r"\b(?:no|insufficient|inadequate|not enough|not sufficient) (?:\w+ )?(?:information|data|context|details|"
    r"records?)\b|\bcan(?:not|'t) be (?:determined|known|answered|inferred|established)|"
    r"\b(?:is|are|remains?) (?:currently |still )?(?:unknown|unclear|not known|uncertain|undetermined)\b|\b(?:beyond|"
    r"outside|not (?:part )?(?:of|in)|exceeds) (?:of )?(?:my|our) (?:knowledge|expertise|memory|records)|"
    r"\bmy knowledge (?:does not|doesn't)|\bnot known to me\b|\bunknown to me\b|\bescapes me\b|"
    r"\byour guess is as good\b",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    r"(?:不(?:太|大|是很|怎么|是太|甚|很|能|敢|得|可)?(?:知道?|清楚|了解|确定|懂|认识|认得|记得|熟悉|知情|明白|晓得|"
    r"肯定|确认|而知|好说|太好说|大好说)|(?:无法|没法|难以|不能|不好)(?:确定|判断|得知|确认|作答|知晓|获知|断定|"
    r"给出(?:确切|准确|明确)|核实|推断|查证)|"
    r"没(?:有)?(?:听说|听过|见过|读过|看过|接触|了解|找到|查到|查询到|检索到|搜到|能找到|能查到|掌握|收录|印象|头绪|"
    r"概念)|一无所知|毫无(?:了解|头绪|概念|所知)|[说讲]不(?:准|好|清|上来)|答不(?:上来|出|了)|搞不(?:清|懂|明白)|"
    r"弄不(?:清|明白)|想不起|记不(?:清|得|起)|无从(?:得知|判断|知晓|考证|回答)|"
    r"(?:答案|情况|原因|时间|来历|结果|作者)?(?:不详|未知|不明)$|尚(?:不|未)(?:清楚|明确|可知|知|确定)|没有?(?:相关|"
    r"足够|这方面|该|任何|更多|对应|可用|可靠|确切)[^，。]{0,10}(?:信息|资料|数据|记录|内容|知识|依据)|"
    r"(?:暂无|查无|未找到|未查到|未能找到|未检索到|找不到|查不到|暂时没有|目前没有|缺乏|缺少)[^，。]{0,14}(?:信息|"
    r"资料|答案|内容|记录|结果|此人|数据|依据|介绍)|(?:信息|资料|数据|条件|依据)(?:不足|有限|不够|太少|缺失)|"
    r"不得而知|"
    r"(?:这个|这题|这|题)?我(?:也|还|真的?)?不会(?:呢|啊|诶|哦)?$|(?:知识范围|知识储备|认知范围|知识库)|知识盲区)"
)
_FILLER = re.compile(
    r"\b(?:sorry|apologi\w+|unfortunately|afraid|to be honest|please|let me know|if you|feel free|would you|can you|"
    r"could you|thank\w*|hope)\b|抱歉|不好意思|对不起|请|如果(?:您|你|有)|建议|欢迎|希望|您可以|你可以|感谢|谢谢",
    re.IGNORECASE,
)
#: A finding of medicine, which tells what to do next.
_FINDING = re.compile(r"检查|化验|诊断|病理|复查|检测|就医|医院")
_GOES_ON = re.compile(r"\b(?:but|due to|because)\b|但|不过|可能|应该是", re.IGNORECASE)
_CLAUSE_END = re.compile(r"[，,；;]|(?<=知道)诶")


def says_unknown(question: str, answer: str) -> bool:
    """Whether an answer of up to 300 characters says only that it does not know, in words that the question has not."""
    text = _END_TOKEN.sub("", answer).replace("’", "'").strip()
    if not text or len(text) > _LONGEST or _FINDING.search(text) or text.lower() in question.lower():
        return False
    sentences = _SENTENCE.findall(text)
    if not any(_is_unknown(sentence) for sentence in sentences[:2]):
        return False
    unknown = [sentence for sentence in sentences if _is_unknown(sentence)]
    other = [sentence for sentence in sentences if sentence not in unknown and not _FILLER.search(sentence)]
    return sum(len(_LETTERS.findall(sentence)) for sentence in other) <= _MOST_OTHER


def _is_unknown(sentence: str) -> bool:
    """Whether the sentence says so, with little besides."""
    english = _ENGLISH.search(sentence)
    if english:
        words = len(_LETTERS.findall(sentence[english.end() :]))
        return words <= 2 * _MOST_OTHER and not _GOES_ON.search(sentence[english.end() :])
    if sentence.isascii():
        return False
    clauses = [clause.strip() for clause in _CLAUSE_END.split(sentence)]
    other = [clause for clause in clauses if not _CHINESE.search(clause) and not _FILLER.search(clause)]
    unknown = any(_CHINESE.search(clause) for clause in clauses)
    return unknown and sum(map(len, other)) <= _MOST_OTHER and not _GOES_ON.search(sentence)
