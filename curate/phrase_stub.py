"""Stand-ins by their vocabulary and their shape: marks alone, labels alone, notes about an answer that is not there.

>>> is_stand_in("[output omitted]", "Who wrote Hamlet?"), is_stand_in("Here is the answer:", "Who wrote Hamlet?")
(True, True)
>>> is_stand_in("[1, 2, 3]", "Sort 3, 1, 2"), is_stand_in("It is missing.", "What is missing?")
(False, False)

A note is told as courtesy is: all of its words belong to the vocabulary of notes, and one is at its heart.
"""

from __future__ import annotations

import re
import unicodedata

from tunesmith.curate import phrase_empty_words as courtesy

_MOST_HAN, _FEW = 30, 3
#: For RE2: what a stand-in that has no word of notes looks like, among answers of up to `SHORT` characters.
SHORT = 90
SHAPES = (
    r"(?i)^[^\pL\pN]+$|"
    r"^\s*[\[{<【(（［｛〔#&$%_@]|[:：]\W*$|^\W*(?:asd|sdf|qwe|wer|zxc|xcv|hjk|jkl|uio|qaz|wsx|fgh|dfg|ghj|"
    r"bnm|abc|xyz|foo|bar|baz|qux|hello,? world|blah?|test|ha|la|meh|"
    + "|".join(f"{letter}{{3}}" for letter in "axzqwhjkt")
    + r"|哈|呵|嘿|啊|嗯|哦|呃|额|噢)|null|\bnan\b|undefined|void|\bnil\b|nonetype|error|time[d-]? ?out|"
    r"^\W*[45]\d\d\b|traceback|^\W*[无略空暂]\W*$|错误|异常|超时|失败|报错|繁忙|出错|故障|中断"
)
_WORD = re.compile(r"[a-z0-9]+(?:['/-][a-z0-9]+)*")
_HAN = re.compile(r"[\u3400-\u9fff]")
_LETTER = re.compile(r"[^\W_]")
_TAGS = re.compile(r"</?[a-z][^<>\n]{0,40}/?>|<!--.*?-->|&(?:[a-z]{2,8}|#x?[0-9a-f]{1,6});?", re.IGNORECASE)
_TAGS_ASKED = re.compile(
    r"html|\btags?\b|xml|markup|entit|element|placeholder|标签|标记|占位|转义|token", re.IGNORECASE
)
#: Values of programs that had nothing to say, and cells of tables that could not be worked out.
_CODED = re.compile(
    r"error(?::? [a-z0-9 ]{1,30})?|#(?:n/?a|ref|value|error|name|null|num|div/0)[!?]?|\[object object\]|nonetype|null|"
    r"nan|undefined|void|nil|<null>|"
    r"(?:http )?(?:error )?[45]\d\d(?:[ :-]+(?:not found|internal server error|bad (?:gateway|request)|forbidden|"
    r"unauthorized|service unavailable|gateway timeout|error|too many requests))?(?<!^\d\d\d)|"
    r"(?:connection|network|read|request) (?:error|timeout|timed out|reset|refused|failed)|timed? ?out|"
    r"(?:runtime|value|key|type|index|syntax|unknown|api|server|rate limit|internal server|"
    r"internal)[ _]?error(?: exceeded)?|"
    r"traceback \(most recent call last\).*|(?:系统|网络|服务器?|服务器内部|请求|连接|接口|内部|未知|程序|运行|加载|"
    r"解析|生成)"
    r"(?:发生|出现|出)?(?:错误|异常|超时|失败|繁忙|出错|故障|中断)[，, ]*(?:请|您|稍后|稍候|重新|重试|再试|刷新|"
    r"检查网络)*|错误|报错|超时"
)
_CODED_ASKED = re.compile(
    r"\b(?:null|nan|nil|void|undefined|return\w*|output|function|code|json|python|java\w*|sql|excel|errors?|status|"
    r"http|"
    r"variable|print|type|value of)\b|返回|输出|代码|函数|报错|错误|状态码|异常|类型|变量"
)
#: Keys that somebody hit to fill the field.
_MASHED = re.compile(
    r"(?:asd|sdf|qwe|wer|zxc|xcv|hjk|jkl|uio|qaz|wsx|fgh|dfg|ghj|bnm)[a-z]{0,17}|([a-z])\1{3,}|([axzqwhjkt])\2{2,}|"
    r"(?:abc|test|testing|xyz|aaa|qwe|asd)[ _-]?\d{1,6}|(?:foo|bar|baz|qux)(?:[ ,]*(?:foo|bar|baz|qux))*|"
    r"hello,? world(?: placeholder)?|(?:(?:blah|bla|test|"
    r"testing|tbd|todo|text|foo|xx+|ab|abc|la|ha|meh)[ ,.!]*){2,}|(?:ha){3,}|([\u3400-\u9fff])\3{2,}|"
    r"(?:(?:测试|哈|呵|嘿|啊|嗯|哦|呃|额)[ ，。、]*){2,}|[嗯哦呃额噢啊]|测试\d{1,6}"
)
#: A variable of a template that nobody filled.
_VARIABLE = re.compile(
    r"[$%_@{<\[]{1,3}(?:the_|your_|my_|model_)?(?:answer|response|output|reply|text|content|completion|placeholder|"
    r"答案|回答|内容|"
    r"回复)(?:_\w{1,12})?[$%_@}>\]]{0,3}|x{2,}(?:[ ,]+x{2,})*"
)
_MASHED_ASKED = re.compile(
    r"repeat|sound|laugh|metasyntactic|word|letter|spell|拟声|声音|重复|叠|笑|语气|字", re.IGNORECASE
)
VOCABULARY = frozenset(
    (
        "a above actual approval approved show display appear report  add added after again already an and annotator "
        "answer answers appear appears are arriving as "
        "at attached attachment author available await awaiting back be been before being below blank body but by can "
        "cell check code coming comment complete completed completion confirmed construction content contents "
        "continue continued correct currently data default deleted description details determined did ditto do "
        "document does done draft dummy edit editing editor empty end enter entry error exist expected explanation "
        "failed "
        "false field file fill filled filler filling final fix fixme follow following follows for found from full "
        "generate "
        "generated generating generation get given go goes gold had hang has have here hidden hold i i'll ibid idea "
        "idem "
        "if ill image in incomplete info information input insert inserted intentionally internal is isn't it item "
        "just later left link loading lorem made me message minute missing model moment more must my n n/a na "
        "name need needed needs next nil no none not note nothing notes now null of old omitted on once one or our "
        "out output "
        "outputs page part paste pending placeholder please point post prev previous previously private processing "
        "progress "
        "prompt provide provided purpose purposes put question ready redacted refer reference removed replace replaced "
        "replacement reply request required reserved response responses result results return review reviewed reviewer "
        "row same sample saved say screenshot sec second section see server shall shortly shown since skip skipped "
        "solution some something soon source space standby stay still string stub summary supplied t/b/a table taken "
        "task "
        "tba tbc tbd template test testing text that the there therein thinking this time to to-do todo translation "
        "truncated tuned type type-here typing unanswered unavailable under undetermined unfinished until update "
        "updated "
        "updating us use user value wait waiting was we will wip withheld work working write writing written x "
        "y yet you your asap done etc someone eta finished given hasn't haven't isnt ok wasn't won't censored blocked "
        "classified cut cutoff erased scrubbed hid masked dropped lost none-given nope number"
    ).split()
)
_HEART = re.compile(
    r"\b(?:tb[dac]|to-?do|pending|missing|deleted|removed|redacted|censored|withheld|masked|erased|omitted|truncated|"
    r"blank|"
    r"placeholder|stub|later|coming|attach\w+|ditto|ibid|idem|draft|progress|construction|review|loading|generating|"
    r"processing|wait\w*|stand ?by|unavailable|unanswered|unfinished|incomplete|undetermined|skip(?:ped)?|"
    r"nothing to \w+|reserved|"
    r"lorem|"
    r"dummy|filler|fix ?me|wip|(?:same|see|refer|as) .{0,20}\b(?:above|below|before|previous\w*|attach\w+|link|note|"
    r"image|"
    r"screenshot|document|file|page|section|table|reference|source)|same (?:answer|response|text|output)|as above|"
    r"not? (?:\w+ )?(?:yet|available|provided|answered|written|done|complete\w*|finished|ready|given|supplied|filled|"
    r"generated|answers?|response|reply|output|content|data|text|result|solution|comment|translation|summary|"
    r"completion|"
    r"message|info\w*)|to (?:be|follow|come)|will (?:be )?\w+|shall be|(?:fill|insert|write|enter|type|put|paste|"
    r"provide|add) "
    r"(?:\w+ ){0,3}(?:in|here|below|later|text|answers?|response|output|content|reply|solution|something)|"
    r"\w+ (?:goes )?here|"
    r"(?:sample|example|test|default|expected|gold|model|correct|final|your|my|the) (?:\w+ )?(?:answers?|response|"
    r"reply|"
    r"output|text|content|completion|solution)|continued|left|stay tuned|hold on|to add|needs?|empty)\b|"
    r"^(?:the )?(?:answers?|response|reply|output|solution|content|completion|text|result)$"
)
#: Notes that answer many a question, too.
_WEAK = re.compile(
    r"^(?:\w+ ){0,3}(?:missing|deleted|removed|later|empty|wait\w*|draft|left|pending|skip\w*|above|below|text)$"
)
_NOTE_ZH = (
    "参考答案|标准答案|正确答案|最终答案|示例答案|示例|样例|样本|范例|模板|模版|默认|占位符|占位|测试数据|测试|一条|"
    "答案|解答|解析|答复|回答|"
    "回复|回应|作答|内容|正文|文本|文字|文案|结果|输出|译文|摘要|说明|详情|信息|数据|资料|过程|步骤|代码|本题|此题|"
    "该题|上题|本条|此条|该条|"
    "此处|这里|该处|此|这儿|下方|上方|以下|以上|上文|前文|下文|前面|后面|上面|下面|上述|前述|所述|附件|附录|附图|附表|"
    "附|链接|图片|图|表|文件|"
    "文档|原文|书|第几页|待补充|待填|待|需要|需|有待|尚待|等待|等|以后|之后|稍后|稍候|稍等|后续|随后|回头|晚点|晚些|"
    "改天|明天|下次|日后|未来|将来|"
    "马上|很快|即将|暂时|暂且|暂|先|尚|还|仍|目前|现在|正在|正|中|补充|补上|补全|补齐|补|完善|完成|填写|填入|填充|填|"
    "定|更新|撰写|编写|编辑|写好|"
    "写完|写|上传|录入|录|输入|插入|粘贴|添加|加上|加|确认|确定|整理|审核|审阅|核对|生成|加载|处理|公布|提供|发布|"
    "续写|续|继续|空着|空缺|空白|空|"
    "留白|留空|缺失|缺|丢失|无法显示|无法|显示|未知|未|没有|没|無|无|不|省略|略去|从略|略过|略|跳过|同上|同前|同|如|"
    "见|详见|参见|参看|请看|请见|"
    "详|参考|参照|已|被|遭|删除|删|移除|清除|屏蔽|隐藏|脱敏|隐去|遮盖|撤回|下架|过期|失效|关闭|锁定|保密|建设|施工|"
    "敬请期待|敬请|期待|请您|请|您|"
    "你|我|用户|编者|作者|标注员|标注|人工|管理员|系统|由|将|会|要|应|可|能|的|了|着|过|地|得|是|为|在|于|和|与|或|就|"
    "再|也|都|有|到|把|给|一下|"
    "一个|一点|一些|处|区|段|节|部分|时|吧|呢|哦|啦|哈|某某|某|想好|好|未完待续|未完|完|如前所述|如上|如前|如|题|"
    "不适用|此略|省|其他|东西|起来|上|下|里|这个|这|该|本"
)
_CHINESE = re.compile("|".join(sorted(set(_NOTE_ZH.split("|")), key=len, reverse=True)))
_HAN_HEART = re.compile(
    r"待|略|补|填|稍[后候]|晚[点些]|以后|之后|日后|改天|明天|下次|后续|随后|回头|占位|示例|样例|样本|范例|模[板版]|"
    r"测试|暂|空|缺|未[^来知]|"
    r"没(?:有)?(?:写|填|想|完|答|内容|回)|无(?:内容|答案|回答|回复|数据|结果|信息|文本|输出|解)|见下|未录|显示在|"
    r"编辑中|撰写中|编写中|"
    r"写中|更新中|加载中|生成中|"
    r"处理中|审核中|整理中|施工|建设|敬请|删|移除|屏蔽|隐藏|脱敏|隐去|遮盖|撤回|下架|失效|同[上前]|如[上前]|"
    r"[见看](?:上|前|附|下|原|图|表|链|书|文)|"
    r"参[见看考照]|附(?:件|录|图|表)|省|跳过|留[白空]|正在|继续|续|不适用|"
    r"^(?:您的|你的|这是|参考|标准|正确|最终|示例|默认)?(?:答案|回答|回复|内容|正文|文本|解答|答复|结果|输出)(?:内容|"
    r"文本|在此|如下)?$"
)


def is_stand_in(answer: str, question: str) -> bool:
    """Whether a short answer stands for one that is not there; a question that asks for such a thing is heard."""
    text, asked = answer.strip().lower(), question.lower()
    if not _LETTER.search(text):
        return _is_marks(text) and not courtesy.SIGNS_ASKED.search(question)
    if not _LETTER.search(_TAGS.sub("", text)) and not _TAGS_ASKED.search(question):
        return True
    bare = text.strip(courtesy.OUTER)
    if _CODED.fullmatch(text.strip(".。！! ")) or _CODED.fullmatch(bare):
        return not _CODED_ASKED.search(asked)
    if _VARIABLE.fullmatch(text):
        return bare not in asked
    if _MASHED.fullmatch(bare):
        return bare not in asked and not _MASHED_ASKED.search(question)
    if len(text) > SHORT:
        return False
    if _is_label(text) or bare in asked:
        return _is_label(text)
    return _is_note(bare, bracketed=text[0] in "[{<(【（［｛〔" and len(bare) < len(text), asked=asked)


def _is_marks(text: str) -> bool:
    """Punctuation alone; signs of arithmetic may be an answer, and so may emoji."""
    kinds = {unicodedata.category(sign)[0] for sign in text if not sign.isspace()}
    return bool(kinds) and (
        kinds <= set("PCM") or set(text) <= set("～〜") or (len(text) >= 3 and set(text) <= set("~=+|`^$<>-_*# "))
    )


def _is_label(text: str) -> bool:
    """A line that announces an answer, and ends there."""
    if text[-1] not in ":：" and not text.startswith("#"):
        return False
    if _HAN.search(text):
        return len(text) <= _MOST_HAN and not _left(text)
    words = _WORD.findall(text)
    return bool(words) and all(word in VOCABULARY or word in courtesy.ENGLISH for word in words)


def _left(text: str) -> str:
    """What remains of Chinese without notes and courtesy."""
    return re.sub(r"[\W_]", "", courtesy.CHINESE.sub("", _CHINESE.sub("", "" if text in ("答：", "答:") else text)))


def _is_note(bare: str, *, bracketed: bool, asked: str) -> bool:
    if _HAN.search(bare):
        left = re.sub(r"[\W_]", "", _CHINESE.sub("", bare))
        return len(bare) <= _MOST_HAN and not left and bool(_HAN_HEART.search(bare))
    words = _WORD.findall(bare)
    if not words or any(word not in VOCABULARY for word in words):
        return False
    heart = _HEART.search(bare)
    if bracketed:
        return heart is not None or len(words) <= _FEW
    if heart is None or heart[0] in asked:
        return False
    return not _WEAK.search(bare) or not courtesy.CHOICES_ASKED.search(asked)
