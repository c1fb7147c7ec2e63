"""The vocabulary of courtesy and of stand-ins, in both languages; `phrase_empty.py` says how it is used."""

from __future__ import annotations

import re

#: What stands around the words of a stand-in.
OUTER = "[](){}<>【】（）［］｛｝〔〕《》「」*_\"'“”`~.:：。…!！?？-—#=|/ \t\n"
#: Every word of an English courtesy.
ENGLISH = frozenset(
    re.findall(
        r"\S+",
        "a able about answers bear sec second  absolutely again ahead all alright always am amazing an and any "
        "anything anytime appreciate "
        "appreciated are as ask asked asking assist assistance assistant at attention away awesome back be been being "
        "best brilliant bye can care certainly chat cheers consideration contact contacting could course curious day "
        "dear definitely delighted do doing don't else evening everyone everything excellent excited fantastic feel "
        "fine first folks for forward free friend from fun further gentle get getting getting-in-touch give given "
        "glad gladly go good goodbye got gotta great greetings guide guys had happiest happily happy has have hear "
        "hello help helped helpful helping helps here here's hesitate hey hi honor honored honour honoured hope how i "
        "i'd i'll i'm i've if in inquiring inquiry interest interested interesting is it it's join just kind kindly "
        "know let let's like ll look looking lovely luck m madam made make matter may me message moment more morning "
        "most much my need needed needs next nice night no now of off ok okay on one opportunity or other our out "
        "patience perfect perhaps please pleased pleasure point privilege problem proceed query question questions "
        "quick quickly reach reached reaching ready really regarding reply replying request requests respond response "
        "right s sending serve service shall share sharing should sincerely sir so something soon start started stay "
        "stopping such support sure take task team tell thank thanks that that's the then there there's thing things "
        "thinking this thoughtful through thx time to today together too topic totally touch truly trust trusting "
        "understand understood until us very visit visiting waiting want was way we we'd we'll we're we've welcome "
        "well what whatever when whenever will wish with wonderful worries worry would writing yeah yep yes you you'd "
        "you'll you're you've your yours zero ",
    )
)
#: What makes it one.
ENGLISH_HEART = re.compile(
    r"\b(?:happy|glad|pleased|delighted|love|honou?red|excited|ready|here) to (?:\w+ )?(?:help|assist|support|serve|"
    r"guide|be of|answer|hear|share)|\b(?:can|let me|i'll|i will|could|going to|may) (?:\w+ )?(?:help|assist)|"
    r"\bthank(?:s| you)\b|"
    r"\b(?:great|good|wonderful|excellent|interesting|fantastic|nice|lovely|brilliant|thoughtful|"
    r"amazing) (?:question|point|topic|request)|\bpleasure\b|\bwelcome\b|\bhesitate\b|\bfeel free\b|\bhope (?:this|"
    r"that|it|you|i)\b|\blet me know\b|\bhello\b|^\W*hi\b|\b(?:one|a) (?:moment|second|sec)\b|bear with me|"
    r"\b(?:sure thing|of course|no (?:problem|worries)|on it|take care|got it|let's get started|do my best|"
    r"have a (?:\w+ )?(?:day|time|evening|one)|glad you|happy to|certainly|absolutely)\b|^\W*(?:(?:ok|okay|"
    r"alright)\W+)?(?:sure|gladly|"
    r"understood)\b"
)
#: What is an answer to a question, too.
YES = re.compile(
    r"\W*(?:(?:yes|yeah|no)\W+)?(?:sure|of course|certainly|absolutely|definitely|understood|no problem|"
    r"always)\W*(?:yes|not)?\W*"
)
#: Chinese courtesy, longest first, with the small words that stand between.
CHINESE = re.compile(
    r"(?:非常|十分|很|真的?|特别|极其|万分|衷心|由衷)?(?:高兴|荣幸|乐意|愿意|开心|欢迎|感谢|谢谢|感激|抱歉让|期待)|"
    r"(?:为|帮|替)?(?:您|你|大家)?(?:提供)?(?:服务|效劳|解答|帮助|协助|帮忙|解惑|解决(?:这个|您的|你的)?(?:问题|"
    r"疑问)?|处理|回答|完成)(?:到|了)?|"
    r"(?:您|你|大家|亲)?好(?:的|呀|啊|嘞|呢|哒|滴|吧)?|没(?:有)?问题|不(?:用)?客气|不用谢|当然(?:可以|没问题|啦)?|"
    r"可以的?|行的?|收到|明白(?:了)?|了解(?:了)?|知道了|请?稍(?:等|候)(?:片刻|一下|一会儿?)?|马上|立刻|立即|尽快|"
    r"随时|请问|请|有什么|什么|哪些|可以|能够?|需要|"
    r"(?:任何)?(?:其他|其它|别的|更多|进一步|什么)?(?:的)?(?:问题|疑问|需要|需求|任务|要求|咨询|提问|问候|请求|支持|"
    r"信任|耐心|等待|理解|配合|关注|来访|光临|惠顾|反馈|建议|认可|鼓励)|告诉我|联系(?:我(?:们)?)?|帮(?:到|上|"
    r"了)?(?:您|你)|吗|咨询|提出来?|提问|"
    r"来?找我|再次|继续|尽管|有(?:所)?|如果|如有|若有|还有|的话|有需要|"
    r"(?:很|非常|真是|真的|是)?(?:一)?个?(?:很|非常|真是)?(?:好|棒|有趣|重要|不错|精彩|有意思|有深度|"
    r"有价值)(?:的)?(?:一)?个?(?:问题|提问|想法|话题|主意)|(?:非常|很|真)?(?:好|棒|有趣)|好问题|问得(?:真|很|"
    r"非常)?好|太好了|太棒了|"
    r"祝(?:愿)?|(?:生活|工作|学习|身体|心情|一切|万事|天天|每天|旅途|事业|阖家|节日|周末)(?:愉快|顺利|健康|如意|快乐|"
    r"开心|幸福|安康|进步)|愉快|顺利|健康|再见|晚安|早安|拜拜|早上|上午|下午|晚上|今天|"
    r"希望(?:能|可以|我的回答|以上(?:回答|内容|信息)?|这(?:些|个)?(?:信息|回答|答案)?)?|对(?:您|你|大家)|我(?:会|"
    r"将)?(?:尽力|尽量|全力|努力|认真|竭尽全力|尽我所能)(?:地|而为)?|尽我所能|加油|努力|认识|见到|遇到|能为|为(?:您|"
    r"你)|帮(?:您|你)|给(?:您|你)|让我(?:们)?|一起|开始(?:吧)?|(?:这就|就)?来|"
    r"(?:您|你)的|(?:您|你)|我(?:们|很|非常|也|都|是|这就|在|来|的)?|亲(?:亲|爱的)?(?:用户|朋友|顾客)?|尊敬的(?:用户|"
    r"客户|顾客|先生|女士)?|嗯+|哦+|哈+|呀|啊|呢|哒|吧|哟|啦|嘛|喔|噢|的|了|在|是|会|将|就|都|也|到|把|对|和|与|及|"
    r"地|得|这个?|那个?|一[个下定些]|以上|之前|之后|时候?|着|能|想|要|做|去|说|问|再|有|以|为|于|并|愿|且|所|用户|"
    r"客服|助手|智能|线上|在线|竭诚|真诚|诚挚|热情|由衷地"
)
CHINESE_HEART = re.compile(
    r"高兴|荣幸|乐意|愿意|感谢|谢谢|感激|没问题|不客气|不用谢|您好|你好|^\W*[嗯 ，]*好[的呀啊嘞呢哒滴]|稍[等候]|收到|"
    r"效劳|服务|祝|欢迎|好问题|(?:好|棒|有趣|不错|重要|意思)的(?:一个)?(?:问题|提问)|问得|问题非常好|随时|有所帮助|"
    r"对[您你]有帮助|为[您你](?:处理|服务|办理|解答|查询)|当然(?:可以)?|可以的|在的|尽力|帮[您你]"
)
#: A question that is a courtesy itself, or asks for one.
SOCIAL = re.compile(
    r"^\W*(?:(?:ok|okay|great|perfect|wow|oh|ah|alright|awesome|yes|no|cool|nice)[,.! ]+){0,3}(?:thank|thanks|thx|"
    r"cheers|bye|goodbye|hi\b|hello|hey\b|good (?:morning|evening|afternoon|night)|see you|that(?:'s| is| was|"
    r"'ll be) (?:all|great|it|helpful|perfect|good|awesome|amazing|interesting|very|really|so|correct)|"
    r"great|perfect|awesome|cool|nice|wonderful|ok\b|okay|got it|i see|no,? that|nothing else|appreciate|"
    r"i appreciate|sounds good|yes please|alright|you too|how are you|nice to meet|"
    r"谢谢|多谢|感谢|你好|您好|嗨|再见|拜拜|早上好|晚上好|晚安|早安|好的|太好了|太棒了|明白|知道了|没有了|不用了|"
    r"在吗|哈喽|辛苦|是的|棒|很棒|真棒|完美|嗯)|"
    r"\bthank(?:s| you)\b[^.?!]{0,40}[.!]*\s*$|\b(?:translat|repl(?:y|ies)|respond|greet|polite|courte|welcome|thank|"
    r"apolog|say\b|slogan|sentence|phrase|email|message|letter|dialog|caption|rewrite|paraphras|correct|edit|"
    r"punctuat|sentiment|quote|line|response)|"
    r"翻译|回复|问候|礼貌|客气|欢迎|感谢|谢|祝|怎么说|客服|打招呼|对话|改写|润色|造句|标语|口号|句子|邮件|留言|贺|"
    r"寒暄|纠正|修改|(?:我|能)(?:想|可以|能)?(?:请|麻烦)?(?:你|您)?(?:帮|问)(?:我|你|您)?(?:个忙|一个问题|一下|"
    r"几个问题)?[？?吗]?\s*$",
    re.IGNORECASE,
)
_THING = (
    r"(?:answer|response|reply|text|output|content|solution|completion|explanation|description|result|message|"
    r"summary|details|info(?:rmation)?|data|this|section|field|it|code)"
)
STUB = re.compile(
    rf"(?:to-?do|to do|tbd|tba|tbc|fix ?me|placeholder|dummy|wip)(?:[\s:：,-]+.{{0,80}})?|(?:please )?(?:insert|"
    rf"enter|add|write|put|type|provide|fill in|paste|place|input)(?: (?:your|the|an?|some|model|correct|final|"
    rf"actual))* {_THING}(?: (?:here|later|below|now|soon|goes here))*|"
    rf"(?:your|the|model|final|correct|sample|example|default|generated|actual|real)?\s?{_THING}(?:[\s:-]+|\s(?:is|"
    rf"will be|goes|to be|has been|was|left|not|yet to be|to|comes)\s?)*(?:here|goes here|pending|missing|tbd|tba|"
    rf"n/a|todo|omitted|left blank|blank|left blank intentionally|intentionally left blank|unavailable|not available|"
    rf"not provided|not found|needed|coming soon|to follow|"
    rf"to be (?:added|completed|filled|determined|done|written|announced|provided|updated|inserted|confirmed)(?: in|"
    rf" later| here| soon)*|added(?: later)?|provided(?: later)?|filled in(?: later)?|later|required|placeholder|"
    rf"empty|in progress|under construction)|"
    rf"(?:answer|response|output|回答|答案)[:：]\s?(?:\[?(?:to be filled|tbd|todo|n/a|pending|待定|待补充|待填|无|"
    rf"略)\]?)|(?:will|to|shall) be (?:added|completed|filled|determined|done|written|updated|provided|announced|"
    rf"continued|inserted|confirmed|supplied)(?: in)?(?: later| here| soon| shortly| on)?|no (?:{_THING}|"
    rf"comment)(?: (?:provided|available|given|yet|found|here|specified|supplied))?|"
    rf"(?:work|writing) in progress|under construction|coming soon|(?:fill|filled|filling)(?: this| me)? in(?: here|"
    rf" later)?|(?:sample|example|dummy|test|placeholder|random|filler|some) (?:{_THING})|(?:left |"
    rf"intentionally )+(?:left )?blank(?: intentionally)?|this {_THING} (?:is|has been|"
    rf"was) (?:intentionally )?(?:left )?(?:blank|empty)(?: intentionally)?|"
    r"x{3,}|asdf\w*|qwer\w*|(?:blah\s*){2,}|lorem ipsum.*|foo ?bar|(?:check|come) back (?:later|soon)|pending|"
    r"not (?:yet )?(?:written|answered|filled|done|implemented|completed|set)(?: yet)?|skip(?:ped)?|string|"
    r"your (?:answer|response|reply|text|output|content)(?: here)?|<?empty>?|(?:answer|response|text|output|"
    r"completion)|"
    r"(?:请)?(?:在)?(?:此处|这里|下方|此|这儿|该处)?(?:填写|输入|补充|插入|添加|写上?|写入|放|填入?|粘贴|"
    r"键入)(?:您的|你的|正确)?(?:答案|回答|内容|回复|文本|答复|正文|文字|解答|信息|结果)?(?:处|区|在此处?|在这里|"
    r"于此)?|(?:答案|回答|内容|回复|文本|结果|正文|此处|这里|本题|本条|解析|输出|答复|详情|该部分|说明)?(?:待|需|"
    r"需要|有待|尚待|等待|以后|稍后|后续|之后|回头|后面|改天|暂时|暂|先|尚|还|仍|未来)(?:再|进行|会)?"
    r"(?:补充|完善|填写?|定|更新|写|补上?|确认|确定|编辑|添加|整理|空着|空缺|空|补全|录入|续|没写|没有写|未写|"
    r"未填写?|没填|未完成|没完成|未补充|占位|补齐|提供|公布|审核|回答|处理|解决)(?:答案|回答|内容|中|好|完|的?)?|"
    r"(?:答案|回答|内容|回复)?(?:未填写?|未提供|未完成|空白|为空|缺失|暂缺|留空|省略|空缺)(?:内容|答案)?|"
    r"(?:此处|这里|以下|内容)?(?:省略|留空|空白)(?:内容)?|(?:这里|此处|这|这儿|下面)(?:是|放|写|填)(?:答案|回答|内容|"
    r"正文|回复|文本)?|(?:示例|样例|测试|默认|占位|样本|模板)(?:回答|答案|内容|文本|文字|回复|数据|符)?|占位|(?:回答|"
    r"答案|内容|回复|正文)(?:放|写|填|在)?(?:在)?(?:这里|此处|此|这儿)|(?:你|您)的(?:回答|答案|回复)|敬请期待|建设中|"
    r"施工中|暂无(?:答案|回答|内容|回复|解答|解析)|没有(?:答案|回答|内容)|无(?:答案|内容|回答|回复)|"
    r"(?:todo|tbd)[：:].{0,40}|内容为空|(?:回答|答案|回复|正文)?内容(?:放|写|填)(?:在)?(?:这里|此处|此|这儿)|(?:回答|"
    r"答案|内容|回复)?内容?放这里|(?:回答|答案|回复|正文|内容)|待(?:回复|答|添加|处理|编写|审)|还?没(?:有)?(?:写|"
    r"想好|填|做)(?:呢|完|好)?|未完待续|xx+|某某某?|回头补|以后再说|改天再写",
    re.DOTALL,
)  # fmt: skip
DOUBTFUL = re.compile(
    r"n/?\.?a\.?|none|empty|blank|tests?|testing|see above|same as above|not available|"
    r"not applicable|not specified|无|略|同上|测试|暂无|没有|空|暂缺|如上|见上|不适用|待续|ditto|unavailable|"
    r"unspecified|no comment"
)
CHOICES_ASKED = re.compile(
    r"\bnone\b|\bn/a\b|\bif (?:there|not|no)\b|\bany\b|output of|\bor not\b|return|没有|若无|如无|有无|是否|"
    r"有没有|extract|抽取|提取|输出(?:是|为)|identify|list|find|which of|何种|哪种|哪些|什么.{0,8}(?:出现|存在|有)"
)
BLANK = re.compile(
    r"(?:[.。…·]{2,}|[?？]{1,}|[_＿]{1,}|[-—–]{1,}|[*#~=+]{3,}|x{3,}|[(（\[【<]\s*[)）\]】>]|(?:\.\s){2,}\.?|/+|"
    r"[.。…·?？_ ]+)"
)
SIGNS_ASKED = re.compile(
    r"punctuat|symbol|\bsigns?\b|operator|character|标点|符号|字符|省略号|运算符|比较大小|填空|括号|emot|emoji|smil|"
    r"表情|regex|正则|bracket|quot|arrow|compar|morse|摩斯|摩尔斯|ellips",
    re.IGNORECASE,
)
LOREM = re.compile(r"\W*lorem ipsum\b")
LOREM_ASKED = re.compile(
    r"lorem|placeholder|dummy|to-?do|filler|占位|待办|模板|template|sample|样例|示例|example", re.IGNORECASE
)
