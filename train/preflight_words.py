"""The words of the preflight, in English and in Chinese, side by side, so that neither can lack a text.

A key with a dot names a code (`reason.too_long`, `part.user`); one that the catalogues do not know is shown as it is.

>>> name("zh", "outcome", "dropped"), name("en", "reason", "brand_new")
('剔除', 'brand_new')
"""

from __future__ import annotations

from tunesmith.train.preflight_words_page import TEXTS as _PAGE


def say(language: str, key: str, /, **values: str) -> str:
    """One text with its places filled. A value is never read as a template."""
    return CATALOGUES[language][key].format(**values)


def name(language: str, prefix: str, code: str) -> str:
    """A code in plain words, or the code itself."""
    return CATALOGUES[language].get(f"{prefix}.{code}", code)


#: key -> English, Chinese.
_TEXTS: dict[str, tuple[str, str]] = {
    "verdict_all": ("All {rows} rows will be trained whole.", "全部 {rows} 行都将完整参与训练。"),
    "verdict": (
        "{kept} of {rows} rows will be trained; {dropped} will not.",
        "{rows} 行中有 {kept} 行将参与训练；{dropped} 行不会参与训练。",
    ),
    "verdict_cut": (
        "{kept} of {rows} rows will be trained, {cut} of them cut; {dropped} will not.",
        "{rows} 行中有 {kept} 行将参与训练，其中 {cut} 行被截断；{dropped} 行不会参与训练。",
    ),
    "verdict_split": (
        "All {rows} rows will be trained, {split} of them in several sequences.",
        "全部 {rows} 行都将参与训练，其中 {split} 行拆成多个序列。",
    ),
    "row_heading": (
        "{row}: {outcome}; {tokens} tokens, {trained} trained",
        "{row}：{outcome}；{tokens} 个词元，训练其中 {trained} 个",
    ),
    "no_tokens": ("no tokens: the row could not be encoded", "没有词元：该行无法编码"),
    "outcome.trained": ("trained whole", "完整训练"),
    "outcome.truncated": ("cut", "截断"),
    "outcome.split": ("split", "拆分"),
    "outcome.dropped": ("dropped", "剔除"),
    "reason.too_long": ("longer than the cutoff", "超过截断长度"),
    "reason.no_trained_token": ("no token of it would be trained", "没有任何词元会被训练"),
    "reason.template_refused": ("the chat template refuses it", "聊天模板拒绝该对话"),
    "reason.special_tokens_in_text": ("a special token stands in its text", "正文中含有特殊词元"),
    "reason.unreadable": ("could not be read", "无法读取"),
    "reason.answer_not_found": (
        "where its answer begins cannot be told from what the template writes",
        "无法从模板的输出判断回答从何处开始",
    ),
    "reason.boundary_cut": (
        "a token would hold the end of the prompt and the beginning of the answer",
        "会有词元同时包含提示的结尾和回答的开头",
    ),
    "reason.wrong_kind": ("it is of another kind than the stage trains", "数据类型与训练阶段不符"),
    "reason.reasoning_removed": (
        "the template takes earlier thoughts out, so each answer has its own sequence",
        "模板会去掉先前的思考，因此每个回答各成一个序列",
    ),
    "reason.history_rewritten": (
        "the template rewrites earlier turns, so each answer has its own sequence",
        "模板会改写先前的轮次，因此每个回答各成一个序列",
    ),
    "reason.chunked": ("a document longer than the cutoff, in chunks", "超过截断长度的文档，切成若干段"),
    "reason.prompt_too_long": ("the prompt leaves no room for an answer", "提示过长，没有留给回答的空间"),
    "reason.identical": ("both answers are the same", "两个回答相同"),
    "reason.no_label": ("it has no label", "没有标签"),
    "reason.no_answer": ("it does not end with an answer", "没有以回答结尾"),
    "reason.empty_prompt": ("it asks nothing", "没有提问"),
    "reason.prompt_end": ("no question stands before the answer", "回答之前不是提问"),
    "reason.empty_answer": ("an answer says nothing", "回答为空"),
    "flag.special_tokens_in_text": ("a special token stands in the text", "正文中含有特殊词元"),
    "flag.no_end_token": (
        "the last answer does not end with a trained end token",
        "最后的回答没有以被训练的结束词元收尾",
    ),
    "flag.double_bos": ("begins with two first tokens", "开头有两个起始词元"),
    "flag.reasoning_removed": ("the template takes earlier thoughts out", "模板会去掉先前的思考"),
    "flag.history_rewritten": ("the template rewrites earlier turns", "模板会改写先前的轮次"),
    "flag.end_cut": ("its end is cut off", "结尾被截掉"),
    "flag.turn_too_long": ("one of its rounds is too long and left out", "有一轮过长而被略去"),
    "flag.prompt_differs": ("the prompt is not the beginning of the whole conversation", "提示不是整段对话的开头"),
    "flag.prompt_refused": ("the template refuses the prompt alone", "模板不接受单独的提示"),
    "flag.boundary_cut": (
        "a token holds the end of the prompt and the beginning of the answer",
        "有词元同时包含提示的结尾和回答的开头",
    ),
    "flag.generation_marks_differ": (
        "the template marks another part as the answer than a server gets",
        "模板标出的回答范围与部署时得到的不同",
    ),
    "flag.tools_not_written": ("the template leaves its tools out", "模板没有写出其工具"),
    "flag.calls_not_written": ("the template leaves its tool calls out", "模板没有写出其工具调用"),
    "flag.extra_end_token": ("TRL adds a second end token", "TRL 会多加一个结束词元"),
    "flag.other_turns_trained": ("turns that are no answers are trained too", "非回答的轮次也会被训练"),
    "part.template": ("template", "模板标记"),
    "part.system": ("system", "系统"),
    "part.user": ("user", "用户"),
    "part.assistant": ("assistant", "回答"),
    "part.reasoning": ("reasoning", "思考"),
    "part.tool_calls": ("tool calls", "工具调用"),
    "part.tool": ("tool results", "工具结果"),
    "part.end": ("end", "结束词元"),
    "part.text": ("text", "正文"),
    "part.bos": ("first token", "起始词元"),
    "template.same": ("the same in training and in the model's folder", "训练所用模板与模型自带模板相同"),
    "template.marks": (
        "the same but for marks that say what is an answer; what is rendered is the same",
        "与模型自带模板相同，只多了标出回答范围的标记，渲染结果一致",
    ),
    "template.differs": (
        "DIFFERS from the one in the model's folder; a server that uses that one asks in another way",
        "与模型自带模板不同；使用自带模板的服务会以另一种方式提问",
    ),
    "template.none": (
        "the model's folder holds none; a server needs the one that was trained with",
        "模型文件夹中没有模板；部署时需要带上训练所用的模板",
    ),
    "template.text": ("documents are trained as text, without a template", "文档按纯文本训练，不用模板"),
    **_PAGE,
}

CATALOGUES: dict[str, dict[str, str]] = {
    language: {key: texts[place] for key, texts in _TEXTS.items()} for place, language in enumerate(("en", "zh"))
}
