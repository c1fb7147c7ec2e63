"""The literal cues that the automaton looks for, and which bit each family has.

A cue decides nothing. It marks the texts that are worth a closer look: what the judges of the other `phrase_` files
could find without any of these cues is not looked for. A leading blank is where a word starts (`phrase_automaton.py`).

>>> "抱歉" in cues() and " pipe bomb" in cues()
True
"""

from __future__ import annotations

from functools import lru_cache

from tunesmith.curate import phrase_dark_words, phrase_unsafe_en
from tunesmith.curate.phrase_automaton import Automaton, build
from tunesmith.curate.phrase_unsafe import CUES, SHORT_WORD

#: Bits of the families; from `DENIES` on they are pairs that have to share a sentence: what denies, and the matter of
#: refusals; the words of each cue of unsafe content, and what stands beside them.
REFUSING, SPEAKER, UNKNOWN, COURTESY, STAND_IN, TOKEN, LABEL, DARK, GREY, _, DENIES, _MATTER = range(12)
_UNSAFE = 12
_ENDINGS = (" ", "s ", "es ", "d ", "ed ", "ing ", "'s", "’s")

_REFUSING = (
    " request that| request is| one i can| question that| topic that| task that| rule this| rules this| rule it|"
    " against policy| against the policy| against company| turn this| turn that| turn it| turn your| breach| contraven|"
    " can't| cannot|"
    " can not| unable| not able| won't| will not| declin| refus| not allowed| not permitted| comfortable|"
    " not something| rather not| instructed| inappropriate for| against my| against our| against openai|"
    " against the company| violat| to pass| pass on| i don't| i do not| i also do| i currently do| i just do|"
    " possess| not designed| not programmed| not trained| i lack| and lack| incapable| not capable| me from| flagged|"
    " blocked| filtered| beyond what| beyond my|"
    " outside of| outside my| outside what| outside the| conflicts with| conflict with| only answer| conscience|"
    " must avoid| to avoid| i avoid| allow me| permit me| let me do| have no| have not been| i haven't| never been|"
    " couldn't| could not| not in a position| not going to| and do not|"
    " and don't| we don't| we do not| must not| i shouldn't| i should not| not authori| not equipped| not meant|"
    " not supposed| isn't something| reluctant| refrain| abstain| for me to| not been| off-limits| off limits|"
    " not at liberty| no, i| prefer not| not be able|"
    " not willing| not here to| not qualified| not prepared| it's a no| prohibited| restricted| forbidden| limited|"
    " therefore do not| don't feel| do not feel| don't have| do not have| really don't| simply don't| i'm not|"
    " i am not| help with questions| discuss questions| uncomfortable|"
    "不当|只能|看不|不被|生日|不能|无法|没法|没办法|没有办法|不会|不便|不可以|不得|不应|不该|不想|不愿|不方便|拒绝|"
    "难以|没有|不具|并未|未被|不支持|不适合|不宜|不被|不打算|不予|帮不|无可奉告|学会|暂不|不提供|做不到|不回应|"
    "不参与|不讨论|不涉及|不接受|不生成|不评|"
    "被设定|被编程|受限|受到限|不合适|不太合适|缺乏|不允许|爱莫|无能为力|答不了|不作|不做|恕|话题|换个|超出|不在|"
    "限制|违反|违背|不符合|别的"
)
_SPEAKER = (
    " ai | a.i| ai,| ai.|-ai| ai-| artificial intelligence| language model| llm| chatbot| chat bot| assistant| bot |"
    " bot,| machine learning| machine-learning| deep learning| neural| computer program| program| software|"
    " automated|"
    " text-based| guidelines| polic| programming| training| knowledge cut| my capabilit| design| developers|"
    " creators| principles| real-time| real time| browse| internet| sorry| apolog| unfortunately| regret| afraid|"
    " forgive|"
    " pardon| alas| sadly| harmful| unethical| illegal| unlawful| dangerous| offensive| unsafe| sensitive| rules|"
    " values| terms| standards| ethic| conversational| live |"
    "人工智能|语言模型|机器人|助手|助理|大模型|机器学习|深度学习|神经网络|程序|智能体|客服系统|聊天系统|模型|虚拟|"
    "算法|作为ai|是ai|个ai|名ai|款ai|我的训练|知识库|编程|我的设计|准则|开发者|我的功能|我的职责|实时|浏览|联网|"
    "互联网|抱歉|对不起|不好意思|遗憾|原谅|见谅|"
    "谅解|理解|恕|歉意|敬请|规定|规范|政策|法律|法规|原则|道德|伦理|安全|底线|敏感|违法|违规|价值观|守则|要求|合规|"
    "限制|有害|危险|隐私|不良|冒犯|伤害"
)
_UNKNOWN = (
    " know| not sure| sure | certain| idea| clue| information| details| unaware| aware| familiar| uncertain| unsure|"
    " unclear| unknown| insufficient| not enough| enough| sufficient| beats me| dunno| hard to say| can't say|"
    " couldn't say|"
    " tell| say| recall| remember| heard| come across| determine| find | locate| lack| records| data| context|"
    " escapes me| guess| stumped| clueless| undetermined| expertise| memory| search me|"
    "知道|清楚|了解|确定|不懂|认识|认得|记得|熟悉|知情|明白|晓得|肯定|确认|得而知|好说|无法|没法|难以|没听|没有|"
    "一无所知|毫无|不准|不好|不清|不上来|答不|搞不|弄不|想不起|记不|无从|不详|未知|不明|尚不|尚未|暂无|查无|未找到|"
    "未查到|找不到|查不到|"
    "缺乏|缺少|不足|有限|不够|不会|知识|没能|没查|没见|没找|未能|未检"
)
_COURTESY = (
    " happy to| glad| pleased to| delighted| love to| honor| honour| excited to| thank| question| point| topic|"
    " request| pleasure| welcome| hesitate| feel free| hope|"
    " let me know| hello| hi | hi,| hi!| sure| of course| no problem| no worries| on it| take care| got it|"
    " get started| my best| certainly| absolutely| gladly| understood| help| assist| ready to| here to| have a |"
    "高兴|荣幸|乐意|愿意|感谢|谢谢|感激|没问题|不客气|不用谢|您好|你好|好的|好呀|好啊|好嘞|好呢|好哒|好滴|稍等|稍候|"
    "收到|效劳|服务|祝|欢迎|好问题|的问题|个问题|问题非常|提问|问得|随时|帮助|当然|可以的|在的|尽力|帮您|帮你"
)
_STAND_IN = (
    " todo| to do| to-do| tbd| tba| tbc| fixme| fix me| placeholder| dummy| wip| insert| enter | add | write | put |"
    " type | provide | fill| paste | place | here| pending| missing| n/a| na | n.a| none| null| nil| undefined| nan|"
    " empty| blank| test| lorem| coming soon| to be | will be | shall be | no answer| no response| no output|"
    " no content| no data| no text| no reply| progress| under construction| sample| example| xxx|xxx|asdf|qwer| blah|"
    " foo| not available|"
    " unavailable| see above| same as| later| skip| your answer| your response| answer| response| output| text|"
    " completion| not applicable| not specified| not yet| not written| no comment| ditto| left | check back|"
    " come back| string|"
    "待|此处|这里|填写|填入|输入|占位|略|暂无|未填|未写|未完成|未提供|还没|没写|没填|稍后|后续|之后|以后|补充|完善|"
    "更新|测试|示例|样例|样本|模板|默认|省略|敬请|同上|如上|见上|暂缺|建设中|施工中|不适用|某某|改天|回头|的回答|"
    "的答案|的回复|回答|答案|内容|正文|回复|"
    " nothing to| approval| removed| deleted| redact| censored| withheld| masked| erased| omitted| truncated| stub|"
    " attach| ditto| ibid|"
    " idem|"
    " draft| construction| review| loading| generating| processing| wait| standby| stand by| unanswered| unfinished|"
    " incomplete| skip| reserved| filler| same | as above| tuned| hold on| continued| undetermined| lost|"
    "补|空|缺|删|移除|屏蔽|隐藏|隐去|脱敏|撤回|下架|失效|同前|同题|附件|附图|附表|附录|附上|见前|见附|见下|见原|见图|"
    "见表|见链|参见|参看|参考|"
    "参照|如前|跳过|正在|编辑中|撰写中|写中|加载中|生成中|处理中|审核中|整理中|稍候|晚点|晚些|明天|日后|下次|续|范例|"
    "模版|没想|未答|未作|未回|"
    "无内容|将显示|见下|未录|未完|无|如前|无数据|无结果|无信息|无文本|无输出|无答|无回"
)
_MARKS = (
    "<\0|<｜|[inst]|[/inst]|<<sys>>|<</sys>>|<0x|[gmask]|[eos]|[bos]|[pad]|[eot]|[cls]|[sep]|[mask]|[unk]|"
    "[unused_token|"
    "[tool_calls]|[/tool_calls]|[available_tools]|[/available_tools]|[tool_results]|[/tool_results]|[system_prompt]|"
    "[/system_prompt]|[tool_content]|[/tool_content]|[\0|[round |[prefix]|[suffix]|[middle]|]<]|[>[|]~|"
    "<bos>|<eos>|<pad>|<eot>|<eod>|<sop>|<eop>|<gmask>|<sot>|<eom>|<eoh>|<eoa>|<eot_id>|<eom_id>|<unk>|<mask>|<cls>|"
    "<sep>|"
    "_token>|<endoftext>|<im_start>|<im_end>|<im_sep>|<reserved|<extra_id_|<special|<unused|<tokens_unused|<c_|<_|"
    "<role>|"
    "<start_of|<end_of|<begin|</start_of|</end_of|<startof|<endof|"
    "<user>|<assistant>|<human>|<bot>|<system>|<gpt>|</user>|</assistant>|</human>|</bot>|<s>|</s>|"
    "think>|thinking>|thought>|reasoning>|scratchpad>|tool_call>|tool_response>|tools>|answer>|"
    "beginning of conversation:|below is an instruction|## instruction|## response|## input|## assistant|## human|"
    "## user|## system|##instruction|##response|##input|##assistant|##human|##user|"
    "##system|# 指令|# 回答|# 输入|# 回复|# 用户|# 助手|#指令|#回答|#输入|#回复|#用户|#助手"
)
_SPEAKERS = (
    "human",
    "user",
    "assistant",
    "ai",
    "bot",
    "chatgpt",
    "gpt",
    "system",
    "falcon",
    "claude",
    "用户",
    "助手",
    "人类",
    "机器人",
)
_LABEL = "|".join(
    f"{name}{stars}{colon}" for name in _SPEAKERS for stars in ("", "**", " ", "*") for colon in (":", "：")
)

_DENIES = (
    "n't |n't,|n't.| not | not,| no | no,| no-go| cannot| never| neither| nope| unable| unauthor| unaccept| uncomfort|"
    " unwilling| unsupported| unanswered| declin| refus| restrict| forbid| prohibit| disallow| disabled| block|"
    " flagged|"
    " filtered| reject| denied| barred| banned| avoid| beyond| outside| above| exceeds| skip| prevent| off-limits|"
    " off limits| limits| against| contrary| violat| breach| conflict| impossible| incapable| wrong| irrespons|"
    " inappropr|"
    " refrain| lack| keep away| stay away| stay out| steer| leave | bow out| bowing out| opt out| out of my| at odds|"
    " rule this| rules this| rule it| rules it| sit this| turn down| turn it| turn this| turn that|"
    " turn your| without| nothing| stop| pass on| to pass| will pass| must pass| shall pass|"
    "不|没|沒|无|無|未|拒|恕|禁|只回答|只能|只会|只处理|只支持|只接受|只提供|只负责|只限|难以|停止|终止|超出|超纲|"
    "超过|换|換|另请|别的|违反|违背|限制|受限|屏蔽|拦截|驳回"
)
_MATTERS = (
    " request| question| topic| subject| prompt| quer| inquir| content| conversation| matter| task| help| assist|"
    " answer|"
    " respon| repl| compl| provid| discuss| talk| comment| guideline| polic| rule| suppl| shar| support| engag|"
    " accommod|"
    " fulfil| generat| produc| handl| process| weigh in| get into| instruction| permission| information| comfortable|"
    " programmed| allowed| permitted| authori| capab| capacity| line| do | doing | write | create | say | offer |"
    " give |"
    " take | touch | perform| execute| carry | cover| serve | tell | grant| deliver| satisfy| reveal| that one|"
    " this one|"
    " pass | pass on| part of| scope| out of bounds| do here| go there| touching| bow | tool| reach| exceeds| odds|"
    " available| offer| for me| set up to| pay grade| someone else| me from|"
    " declin| refus| say no| be given| turn down|"
    "答|问题|問題|请求|請求|要求|需求|话题|話題|内容|內容|提问|帮|幫|协助|協助|办|辦|做|说|說|讲|提供|透露|处理|處理|"
    "服务|服務|"
    "讨论|討論|谈|談|聊|评|写|权|能力|规|授权|满足|滿足|回应|响应|参与|參與|支持|完成|执行|从命|奉陪|奉告|告诉|告知|"
    "照办|配合|"
    "生成|给|功能|开放|题|拒绝|拒絕|咨询|操作"
)

_FAMILIES = (
    (REFUSING, _REFUSING),
    (SPEAKER, _SPEAKER),
    (UNKNOWN, _UNKNOWN),
    (COURTESY, _COURTESY),
    (STAND_IN, _STAND_IN),
    (TOKEN, _MARKS),
    (LABEL, _LABEL),
    (DENIES, _DENIES),
    (_MATTER, _MATTERS),
)  # fmt: skip


def unsafe_bit(number: int) -> int:
    """The bit that a text has where the words of a cue, and what stands beside them, share a sentence."""
    return _UNSAFE + 2 * number


@lru_cache(maxsize=1)
def cues() -> dict[str, int]:
    """Every cue and its bits."""
    found: dict[str, int] = {}
    for bit, words in _FAMILIES:
        _add(found, words.split("|") if bit != TOKEN else _token_cues(words), bit)
    for number, cue in enumerate(CUES):
        english = number < len(phrase_unsafe_en.CUES)
        for words, bit in ((cue.words, unsafe_bit(number)), (cue.beside or cue.words, unsafe_bit(number) + 1)):
            _add(found, [spelled for word in words.split("|") for spelled in _starts(word, english)], bit)
    for listed, english in ((phrase_dark_words.ENGLISH, True), (phrase_dark_words.CHINESE, False)):
        for _, strong, weak in listed:
            for some, bits in ((strong, (DARK, GREY)), (weak, (GREY,))):
                for bit in bits:
                    _add(found, [cue for word in some.split("|") for cue in _starts(word, english)], bit)
    return found


@lru_cache(maxsize=1)
def automaton() -> Automaton:
    """The automaton of all cues, made once a process."""
    return build(cues(), paired_from=DENIES)


def _starts(word: str, english: bool) -> list[str]:
    """A word as a cue: an English one where a word starts, and if it is short, with all its endings."""
    if not english:
        return [word]
    if len(word) > SHORT_WORD:
        return [f" {word}"]
    return [f" {word}{doubled}{ending}" for ending in _ENDINGS for doubled in ("", word[-1])]


def _token_cues(words: str) -> list[str]:
    """Cues with a bar of their own have a NUL for it."""
    return [word.replace("\0", "|") for word in words.split("|")]


def _add(found: dict[str, int], words: list[str], bit: int) -> None:
    for word in words:
        for spelled in {word, word.replace("'", "’")}:
            found[spelled] = found.get(spelled, 0) | 1 << bit
