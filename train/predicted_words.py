"""What a prediction says, in Chinese for the page: reasons by their code, notes and cuts by their English text.

>>> reason("zh", "role_order"), note("zh", "answers are trained, questions are masked")
('角色的顺序不对', '训练回答，屏蔽问题')
>>> note("zh", "KeyError: 'text'")  # the words of the other program stay as they will be seen
"KeyError: 'text'"
"""

from __future__ import annotations

import re

from tunesmith.train.preflight_words import name
from tunesmith.train.types import Language


def reason(language: Language, code: str | None) -> str:
    """Why, in plain words; the code itself where there are none."""
    if code is None:
        return ""
    texts = _REASONS.get(code)
    return texts[language == "zh"] if texts else name(language, "reason", code)


def note(language: Language, text: str) -> str:
    """A sentence of ours in the page's language; what is not known stays as it is."""
    if language == "en":
        return text
    for pattern, chinese in _NOTES:
        found = pattern.fullmatch(text)
        if found:
            return chinese.format(*found.groups())
    return text


#: code -> English, Chinese; those that the preflight has too are named there.
_REASONS: dict[str, tuple[str, str]] = {
    "invalid_json": ("it is no JSON", "不是合法的 JSON"),
    "not_an_object": ("it is no JSON object", "不是 JSON 对象"),
    "mixed_types": ("a key holds text here and something else there", "同一个键在不同行里类型不同"),
    "missing_column": ("a column that is asked for is not there", "缺少所要求的列"),
    "no_turns": ("it has no turn", "没有任何一轮对话"),
    "not_text": ("a text is no text", "应为文本之处不是文本"),
    "system_not_text": ("its system text is no text", "系统提示不是文本"),
    "broken_neighbour": ("it stands behind a dropped row", "紧跟在被丢弃的行之后"),
    "broken_history": ("its history is no list of pairs", "历史对话不是成对的问答"),
    "broken_turn": ("a turn is null or no object", "某一轮为空或不是对象"),
    "broken_call": ("a tool call lacks its name or arguments", "工具调用缺少名称或参数"),
    "call_not_json": ("a tool call is no JSON", "工具调用不是合法的 JSON"),
    "tools_not_text": ("its tools are no text", "工具定义不是文本"),
    "tools_not_json": ("its tools are no JSON list of objects", "工具定义不是 JSON 对象列表"),
    "unknown_role": ("a role has no tag", "角色没有对应的标签"),
    "role_order": ("its roles are out of order", "角色的顺序不对"),
    "cannot_export": ("that form cannot hold it", "该格式放不下这一行"),
    "last_block": ("behind the last whole block", "落在最后一个整块之后"),
    "further_fields": ("it has fields of which nothing is published", "含有未公布规则的字段"),
}

_NOTES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), chinese)
    for pattern, chinese in (
        (r"template (.+): the model's own chat template is not used", "使用它自己的模板 {0}，不用模型自带的聊天模板"),
        ("answers are trained, questions are masked", "训练回答，屏蔽问题"),
        ("a row without a system text gets (.+)", "没有系统提示的行会加上 {0}"),
        ("an answer without a thought gets an empty one, which is trained", "没有思考的回答会加上空的思考，并参与训练"),
        (
            "the openai converter writes (.+) into the system text of rows without tools",
            "openai 转换器会在没有工具的行的系统提示里写入 {0}",
        ),
        (
            r"documents are joined to blocks of (.+) tokens; the rest of every 1,000 rows is lost",
            "文档拼接成每块 {0} 个词元，每 1,000 行的余数会丢失",
        ),
        ("how long a row may be is not published: no row is said to be cut", "未公布行的长度上限，因此不预测截断"),
        ("the tools of a row are not rendered", "行中的工具不会写入文本"),
        ("EOS is added behind what the template writes after its own end", "模板写完自己的结尾之后，又加一个 EOS"),
        ("completions are trained, prompts are masked", "训练补全，屏蔽提示"),
        ("every token is trained, those of the questions too", "每个词元都参与训练，问题也不例外"),
        (
            r"([\d,]+) of ([\d,]+) tokens of questions and ([\d,]+) of ([\d,]+) of answers go"
            r", the end of an answer with its end token among them",
            "问题的 {1} 个词元去掉 {0} 个，回答的 {3} 个去掉 {2} 个，其中有某个回答的结尾和结束词元",
        ),
        (
            r"([\d,]+) of ([\d,]+) tokens of questions and ([\d,]+) of ([\d,]+) of answers go",
            "问题的 {1} 个词元去掉 {0} 个，回答的 {3} 个去掉 {2} 个",
        ),
        (r"([\d,]+) of ([\d,]+) tokens at its end go, its end token too", "末尾去掉 {1} 个词元中的 {0} 个，含结束词元"),
        (r"([\d,]+) tokens at the end of its answers go, end tokens too", "回答末尾去掉 {0} 个词元，含结束词元"),
    )
)
