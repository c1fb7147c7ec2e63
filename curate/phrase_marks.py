"""What chat templates leave behind in a turn: special tokens, instruction marks, and labels of who speaks.

>>> count_marks("Drink water.<|im_end|>", "assistant")
1
>>> count_marks("ChatML closes a turn with `<|im_end|>`.", "assistant")
0
>>> count_marks("Drink water.\\nHuman: And then?", "assistant")
1

Code is spared, and so are struck-out text of HTML (`<s>old</s>`), XML that happens to have a tag `user`, and
dialogues that the prompt asks for. Labels count in answers only: a prompt may well quote a conversation.
"""

from __future__ import annotations

import re

_CODE = re.compile(r"```.*?```|~~~.*?~~~|``.+?``|`[^`\n]+`", re.DOTALL)
# Each starts with one of three signs, which the engine can look for by themselves.
_TOKENS = re.compile(
    r"[<\[\]](?:(?<=<)(?:\|[A-Za-z][^|<>\n]{0,40}\|>|｜[^｜\n]{1,40}｜>|</?SYS>>|0x[0-9A-F]{2}>|\|(?:im_start|im_end|"
    r"eot_id|endoftext)\b(?!\|>)|"
    r"(?:bos|eos|pad|eot|eod|sop|eop|gmask|sot|endoftext|im_start|im_end|im_sep|eom|eoh|eoa|eot_id|eom_id|"
    r"(?:bos|eos|pad|unk|sep|cls|mask)_token|c_[qa]|"
    r"(?:reserved|extra_id|special|unused|tokens_unused|reserved_special_token|special_token|unused_token)_?\d+|"
    r"_(?:user|bot|end|system|start|pad|observation|function|assistant))>|role>\s*(?:system|human|user|assistant|"
    r"observation)\s*</role>|"
    r"/?(?:start|end|begin|beginning)_?of_?(?:turn|text|utterance|sentence|dialogue|conversation|image)>|"
    r"(?:user|assistant|human|bot|system|gpt)>\s?[:：])|"
    r"(?<=\[)(?:/?INST\]|gMASK\]|(?:EOS|BOS|PAD|EOT|CLS|SEP)\]|UNUSED_TOKEN_\d+\]|"
    r"/?(?:TOOL_CALLS|AVAILABLE_TOOLS|TOOL_RESULTS|SYSTEM_PROMPT|TOOL_CONTENT)\]|\|[a-z_]{1,20}\|\]|"
    r"Round \d+\](?=\s*\n|\s*(?:问|Q|Human|User)\s*[:：])|(?:PREFIX|SUFFIX|MIDDLE)\](?=[\s\S]*\[(?:PREFIX|SUFFIX|"
    r"MIDDLE)\]))|"
    r"(?<=\])(?:<\]|~[a-z!]{1,8}[\[\]]))",
    re.IGNORECASE,
)
#: Tokens that texts about language models, and exercises with gaps, hold as well.
_DOUBTFUL = re.compile(r"<(?:unk|mask|cls|sep)>|\[(?:MASK|UNK)\]")
_TOKENS_ASKED = re.compile(r"<(?:unk|mask|cls|sep)>|\[(?:MASK|UNK|CLS|SEP)\]|token|\bbert\b|transformer", re.IGNORECASE)
#: Tags that a template writes in pairs: one without the other has lost a part of the turn.
_PAIRS = re.compile(r"<(/?)(think|thinking|thought|reasoning|scratchpad|tool_call|tool_response|tools|answer)>")
_HEADINGS = re.compile(
    r"(?m)^[ \t]*#{2,3}[ ]?(?:Instruction|Response|Input|Assistant|Human|User|System|指令|回答|输入|回复|用户|"
    r"助手)[ ]?[:：]",
    re.IGNORECASE,
)
_PREAMBLE = re.compile(r"BEGINNING OF CONVERSATION:|^\s*Below is an instruction that describes a task")
#: What it cannot do without: to look for that first is many times as fast.
_OF_PREAMBLE = ("BEGINNING OF CONVERSATION:", "Below is an instruction")
_STRUCK = re.compile(r"<s>[^<\n]{1,200}</s>", re.IGNORECASE)
_SEQUENCE = re.compile(r"</?s>")
_TAG = re.compile(r"(?m)^[ \t]*</?(user|assistant|human|bot)>[ \t]*(?=\S|$)")
_TAG_ENDS = ("user>", "assistant>", "human>", "bot>")
_LABEL = re.compile(
    r"(?m)^[ \t]*\**(?:GPT-?4 Correct )?(Human|User|USER|Assistant|ASSISTANT|HUMAN|AI|Bot|BOT|ChatGPT|GPT|Falcon|"
    r"Claude|"
    r"用户|助手|人类|机器人|AI助手|[Ss]ystem|SYSTEM)\**[ \t]?[:：]|(?<=[\s.!?。！？])(ASSISTANT|USER)[:：](?=\s|$)"
)
#: A prompt that is a template's from its first line to the label that the answer was to follow.
_WRAPPED = re.compile(
    r"(?s)^\s*(?:Human|User|USER|HUMAN|Question|人类|用户)[:：].*\s(?:Assistant|ASSISTANT|AI|Bot|助手|机器人)[:：]\s*$"
)
_DIALOGUE = re.compile(
    r"dialog|conversation|script|transcript|interview|\bchat\b|role-?play|skit|scene|\bplay\b|exchange|debate|"
    r"对话|剧本|聊天|访谈|采访|问答|话术|台词|情景|小品|相声|辩论|(?:Human|User|Assistant|AI|Bot|用户|助手|"
    r"机器人)\**[:：]",
    re.IGNORECASE,
)  # fmt: skip


def count_marks(text: str, role: str, prompt: str = "") -> int:
    """How many marks a turn has.

    :param role: of the turn; only an `assistant` is held to have no labels.
    :param prompt: what the user asked; it may ask for a dialogue.
    """
    plain = _CODE.sub(" ", text) if "`" in text or "~~~" in text else text
    found = len(_TOKENS.findall(plain)) if "<" in plain or "[" in plain or "]" in plain else 0
    found += len(_PREAMBLE.findall(plain)) if any(words in plain for words in _OF_PREAMBLE) else 0
    found += len(_HEADINGS.findall(plain)) if "##" in plain else 0
    found += _count_sequence(plain) if "s>" in plain else 0
    found += _count_tags(plain) + _count_single(plain) if ">" in plain else 0
    if role != "assistant":
        return found + (2 if role == "user" and _WRAPPED.match(plain) else 0)
    doubtful = len(_DOUBTFUL.findall(plain))
    return found + (0 if doubtful and _TOKENS_ASKED.search(prompt) else doubtful) + _count_labels(plain, prompt)


def _count_sequence(text: str) -> int:
    """`<s>` and `</s>`: a pair around a part of the text strikes it out, one around all of it is a template's."""
    whole = text.strip()
    if whole.startswith("<s>") and whole.endswith("</s>") and whole.count("<s>") == 1:
        return 2
    return len(_SEQUENCE.findall(_STRUCK.sub(" ", text)))


def _count_tags(text: str) -> int:
    """Tags that open a line and are never closed, as those of XML are."""
    if not any(end in text for end in _TAG_ENDS):
        return 0
    names = [match[1] for match in _TAG.finditer(text)]
    return sum(1 for name in names if not (f"<{name}>" in text and f"</{name}>" in text))


def _count_single(text: str) -> int:
    """Tags of thinking and of tool calls that have no partner; closing before opening is none either."""
    closes: dict[str, list[bool]] = {}
    for match in _PAIRS.finditer(text):
        closes.setdefault(match[2], []).append(bool(match[1]))
    return sum(1 for kinds in closes.values() if kinds[0] or kinds[-1] is False or len(kinds) % 2)


def _count_labels(text: str, prompt: str) -> int:
    """Labels of speakers, unless the answer opens with one and goes on with others, as a written dialogue does."""
    labels = list(_LABEL.finditer(text))
    if not labels or _DIALOGUE.search(prompt):
        return 0
    opens = not text[: labels[0].start()].strip()
    if opens and len(labels) > 2 and len({label[1] for label in labels}) > 1:
        return 0
    return len(labels)
