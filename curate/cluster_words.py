"""Words that say nothing about a cluster: function words of both languages and the verbs that every instruction has."""

from __future__ import annotations

import re

#: Where a run of Chinese is cut: words of one character that hardly ever stand inside another word, pronouns, and what
#: instructions begin with.
BREAKS = re.compile(
    "请问|请|什么|怎么|怎样|如何|哪些|哪个|为什么|为何|是否|可以|能否|能不能|一下|一个|一种|一些|一篇|一段|一份|一首|一句|一条|这个|那个|这些|那些"
    "|我们|你们|他们|以下|下列|下面|根据|关于|对于|以及|或者|并且|因为|所以|但是|如果|给定|给出|提供|列出|描述|解释|说明|创建|编写|撰写|生成"
    "|写出|写(?!作)|(?<!目)的|了(?!解)|有何|[是和与或在我你您他她它吗呢吧啊着把被将从到有及也很让给这那其之以等]"
    "|[一二三四五六七八九十两几]+(?:个|种|条|段|篇|项|点|句|首|份|次|名|位)?"
)

_ENGLISH = """
    the and for are was were been being have has had having does did doing will would shall should can could may might
    must not nor but yet with without within into onto from about above below under over between among through during
    before after since until while because although though than then that this these those there here where when what
    which who whom whose why how all any both each few more most other others some such only own same too very just also
    its it's you your yours they them their theirs our ours his her hers him she one two three four five six seven eight
    nine ten first second third use used using make makes made making give gives given giving get gets got take takes
    taken want need needs like help please let know many much every another well new good best way ways thing things
    something example examples following follow based include includes including included provide provides provided
    create created creates creating write writes writing written generate generated generates generating describe
    described describes describing explain explained explains explaining list lists listed output outputs input inputs
    find found identify name names word words sentence sentences text question answer task per via etc don't doesn't
    isn't can't won't i'm i've that's what's noinput
"""
_CHINESE = """
    需要 进行 使用 通过 没有 不是 可能 应该 已经 非常 这样 那么 问题 回答 答案 文本 句子 内容 情况 时候 方面 方式 方法
    建议 示例 例子 而不 不同 句话 才能 可能存
"""

STOP_WORDS = frozenset((_ENGLISH + _CHINESE).split())
