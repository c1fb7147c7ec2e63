r"""What tells the task of a row: patterns over the start and the end of its prompt, in English and in Chinese.

>>> next(cue.task for cue in CUES if re.search(cue.pattern, "Rewrite it in a formal tone."))
'rewriting'

`CUES` is read from the top: the first that fits decides. Patterns that hold at the start of the prompt come first, for
the first verb says what is wanted; those that may stand anywhere find instructions after a long text. They are in the
syntax of RE2, which looks at 500 MB/s at all rows at once, so none looks around; `re` reads the same.
"""

from __future__ import annotations

from typing import NamedTuple

#: What else a row must have for a cue to count.
NOTHING, NUMBER, CALCULATED, STATEMENT = "", "a number in the prompt", "a calculated answer", "no question mark"


class Cue(NamedTuple):
    """One task, the pattern over the prompt that tells it, and what else must hold.

    `opens` says that the pattern starts where the prompt does, after `POLITE`.
    """

    task: str
    pattern: str
    needs: str = NOTHING
    opens: bool = False


#: What stands before the first verb: manners, and with what it is to be done.
POLITE = (
    r"(?i)^[^一-龥A-Za-z]*(?:(?:hi|hello|hey)[,!. ]+)?"
    r"(?:(?:please|kindly|can you|could you|help me|i want you to|i need you to|i would like you to|"
    r"your task is to|you are asked to|now|then|the task is to|try to|let's|help|"
    r"(?:given|using|based on|from|for|in|with) [^,:.?!\n]*[,:]) *)*"
    r"(?:请你?|帮我|帮忙|麻烦|你能|你可以|能否|能不能|可以|我想让你|我需要你|现在|给我|为我|试着|尝试|"
    r"一下|(?:根据|基于|给定|使用|对于|关于|如果|在|假设)[^，,。\n]*[，,])*"
)


def _first(task: str, verbs: str, needs: str = NOTHING) -> Cue:
    """English verbs that open the prompt."""
    return Cue(task, f"(?i)^(?:{verbs})", needs, opens=True)


def _zh_first(task: str, verbs: str, needs: str = NOTHING) -> Cue:
    """Chinese verbs that open the prompt, after what is done with what."""
    return Cue(task, f"^(?:(?:[将把对从给用以按]|为[^什何])[^，,。\n]*?)?(?:{verbs})", needs, opens=True)


def _any(task: str, words: str, needs: str = NOTHING) -> Cue:
    """Words that tell the task wherever they stand."""
    return Cue(task, f"(?i)(?:{words})", needs)


_MAKE_CODE = (
    r"(?:writ|creat|generat|implement|develop|build|construct|code|debug|fix|optimi[sz]|refactor|giv|provid|mak|modif|"
    r"show|convert|design|formulat|output)[a-z]*"
)
_CODE_THING = (
    r"(?:functions?|programs? (?:to|that|which|in|for|using)|scripts? (?:to|that|which|in|for)|code|"
    r"codes|snippets?|sql|"
    r"quer(?:y|ies)|regex|regular expressions?|algorithms?|html|css|javascript|python|java|c\+\+|rust|"
    r"golang|typescript|"
    r"php|bash|shell|web ?pages?|for loops?|while loops?|rest api|unit tests?|pseudo-?code|json schema|xml)"
)
_ZH_MAKE_CODE = r"(?:写|创建|生成|实现|开发|构建|设计|给出|输出|用|使用|编|优化|调试|修改|提供|转换)"
_ZH_CODE_THING = (
    r"(?:代码|函数|程序|(?:自动化|批处理|Shell|Python)脚本|SQL|查询语句|正则表达式|算法|网页|HTML|CSS|"
    r"JavaScript|Python|"
    r"Java|C\+\+|循环|伪代码|XML|JSON)"
)
_COUNT = (
    r"(?:\d+|two|three|four|five|six|seven|eight|nine|ten|some|several|a few|a list of|a couple of|"
    r"multiple|ideas|examples|"
    r"an? (?:\w+ )?(?:example|idea|list))(?: |$)"
)
_ZH_COUNT = r"(?:[一二三四五六七八九十两几多\d]+|一些)"
_ZH_TOPIC = (
    r"的(?:[^，。\n]{0,6})?(?:重要性|影响|好处|作用|区别|方法|策略|原因|优点|缺点|优势|劣势|意义|功能|"
    r"步骤|概念|定义|特点|特征|趋势|"
    r"历史|方式|过程|目的|关系|需求|技巧|必要性)"
)

CUES: tuple[Cue, ...] = (
    _any(
        "code",
        rf"\b{_MAKE_CODE}\b[^.!?\n]*\b{_CODE_THING}(?:[^a-z]|$)|\b(?:in|using) (?:python|java|javascript|"
        r"sql|html|php)\b",
    ),
    _any("code", rf"{_ZH_MAKE_CODE}[^。！？\n]*{_ZH_CODE_THING}"),
    _any(
        "math",
        r"(?:^|[.!?:,\n] ?|please |and |to )(?:calculate|compute|solve|evaluate|simplify|factor|"
        r"differentiate|integrate|multiply|subtract) |\bsquare root|\bperimeter|\bprobability that|"
        r"\bsum up the numbers|\bnext (?:number|term)|"
        r"\badd up|\bconvert \d|\bfind the (?:value|sum|total|angle|product)|\\frac|\\sqrt",
        NUMBER,
    ),
    _any(
        "math",
        r"计算|求解|解方程|方程|平均[值数]|的面积|求.*体积|周长|的概率是|平方根|立方根|乘以|除以|加上|"
        r"减去|等于多少|总和|求和|总价|总费用|阶乘|素数|质数|因数|公倍数|公约数|三角形|换算|"
        r"将 ?\d[^。\n]*转换|求.*的[值和差积商]|\d ?[-+×÷*/] ?\d",
        NUMBER,
    ),
    _any(
        "math",
        r"how (?:many|much|long|far|old|tall|fast|big|heavy)|what (?:is|was|percent|fraction|are|number)|"
        r"多少|几[个只本张元块天小]|\b(?:find|determine|calculate|total|equation|area of|volume of|"
        r"average|mean of|median|fraction|percent)\b|计算",
        CALCULATED,
    ),
    _first("translation", r"translat|interpret this|how (?:do|would|can) (?:you|i|we) say"),
    _any(
        "translation",
        r"(?:^|[.!?:\n]|please |you |me |to )\s*translate |\btranslation (?:of|for|into)|翻译|译[成为]|"
        r"[英中汉日韩法德俄]译[英中汉日韩法德俄]|[语文]怎么说|用[英法日德韩]语说",
    ),
    _first(
        "summary",
        r"summari[sz]e|sum up|condense|shorten|abridge|outline the main (?:points|ideas)|(?:write|create|"
        r"give|provide|generate|produce|make|output)(?: \S+){0,4} summary\b|what (?:is|are) the (?:main|"
        r"key|central) (?:idea|point|message)s?",
    ),
    _zh_first(
        "summary",
        r"总结|概括|概述|归纳|提炼|缩写|写[^。，\n]*(?:摘要|总结|概要)|(?:生成|创建|给出|"
        r"提供)[^。\n]*(?:摘要|总结|概要)",
    ),
    _first(
        "classification",
        r"classif|categori[sz]e|label |tag |determine (?:if|whether|the (?:type|sentiment|tone|category))|"
        r"identify (?:the )?(?:type|sentiment|tone|genre|category|mood|emotion|whether|if)|"
        r"decide (?:if|whether)|tell (?:me )?(?:if|whether)|predict (?:if|whether|the sentiment)|"
        r"is (?:this|the following|the given)|detect|rate |assign|judge|which (?:category|section|topic|"
        r"class)|what (?:category|is the (?:sentiment|tone|genre|category|type))|"
        r"(?:choose|select|pick) (?:the|one|from|between|which|correct|most)",
    ),
    _zh_first(
        "classification",
        r"分类|归类|判断|确定[^。\n]*(?:类型|语气|类别|情[感绪]|是否|种类|词性)|识别[^。\n]*(?:类型|语气|"
        r"类别|情[感绪]|是否|语言)|标记|标注|[^。\n]*属于(?:哪|什么)|选择[^。\n]*(?:选项|答案)|"
        r"评价[^。\n]*评分",
    ),
    _first(
        "extraction",
        r"extract|identify (?:all|any|the (?:nouns?|verbs?|adjectives?|adverbs?|names?|entit|key ?words?|"
        r"subjects?|objects?|dates?|pronouns?|parts? of speech|named|numbers?|words?|phrases?|"
        r"prepositions?|predicate))|find (?:all|the (?:nouns?|verbs?|names?|key ?words?|words?|dates?))|"
        r"list (?:all|out all)|highlight|underline|pull out|locate|retrieve|parse|count (?:the|how)",
    ),
    _zh_first(
        "extraction",
        r"提取|抽取|[^。\n]*中提取|(?:找出|识别|标出|列出|指出|确定)[^。\n]*(?:关键词|名词|动词|形容词|"
        r"副词|人名|地名|日期|实体|主语|谓语|宾语|代词|短语|词语|单词|错误|人物)",
    ),
    _first(
        "rewriting",
        r"re-?(?:write|phrase|word|arrange|order|organi[sz]e|format|structure|state|place)|paraphrase|"
        r"edit|correct|proofread|improve|revise|fix|expand|simplify|change|convert|transform|turn|format|"
        r"delete|remove|insert|modify|make (?:this|the|it) |substitute|redact|connect|"
        r"combine|join|adapt|unscramble|capitali[sz]e|reverse|sort|punctuate|polish|alter|switch|swap|"
        r"merge|split|divide|add (?:an?|the|two|some|appropriate|punctuation|\w+ )[^.?!\n]* to |update|"
        r"adjust|append|arrange|rank|organi[sz]e",
    ),
    _zh_first(
        "rewriting",
        r"改写|重写|改正|纠正|修正|修改|改进|改变|润色|重新|替换|转换|变[成为换]|更正|校对|编辑|合并|删除|"
        r"调整|简化|扩写|扩展|缩短|更改|转化|改编|改成|改为|使[^。\n]*更|让[^。\n]*更|添加|加入|"
        r"按[^。，\n]*(?:排|分组)|排序|排列|格式化|整理|拼接|正确拼写",
    ),
    _first(
        "brainstorm",
        r"brainstorm|suggest|come up with|list|name|think of|propose|recommend|(?:generat|giv|provid|"
        rf"creat|identif|find|mak|outlin|specif|describ|stat|synthesi[sz])[a-z]* (?:me )?{_COUNT}|"
        rf"generate (?:ideas|names)|what are (?:some|{_COUNT})|synthesize tips",
    ),
    _zh_first(
        "brainstorm",
        rf"列[出举]|建议|想[出一]|提[出供]{_ZH_COUNT}|推荐|头脑风暴|举(?:出)?[^。\n]*例|说出|"
        rf"给出{_ZH_COUNT}|(?:创建|生成|给出|提供|制定)[^。\n]*(?:列表|清单|建议|想法|点子|创意|例子)|"
        rf"(?:找[出到]|告诉我|生成){_ZH_COUNT}[个种条]|命名|选择{_ZH_COUNT}",
    ),
    _first(
        "dialogue",
        r"(?:hi|hello|hey)(?:[^a-z]|$)|good (?:morning|evening|afternoon)|thanks|thank you|how are you|"
        r"who are you|what(?:'s| is) your name|pretend|act as|role-?play|let's (?:talk|chat|play)|"
        r"introduce yourself|tell me about yourself|are you |do you (?:like|have|feel|want)|"
        r"what do you like",
    ),
    _any(
        "dialogue",
        r"^[^一-龥A-Za-z]*(?:你好|您好|嗨|哈喽|早上好|晚上好|谢谢|感谢|再见|你是谁|您是谁|你叫|你的名字|"
        r"介绍一下(?:你|自己)|自我介绍|你会|你有没有|你喜欢|请?扮演|假装|你是(?:一|由|哪|什么|不是|AI|"
        r"人工))|^(?:i am|i'm|i feel|i love|i hate) [^\n?]*$",
    ),
    _any(
        "qa",
        r"(?:是什么|有哪些|什么[^，。？]*|哪[里个些][^，。？]*|为什么[^，。？]*|如何[^，。？]*|"
        r"怎[么样][^，。？]*|吗)[?？]\s*$",
    ),
    _first(
        "writing",
        r"writ|compos|draft|creat|generat|design|mak|craft|construct|tell (?:me |us )?(?:a|an|"
        r"the) (?:story|joke|poem|riddle)|produc|prepar|develop|formulat|imagin|invent|continu|complet|"
        r"fill in|build|finish|output an?|devise|plan |put (?:together|the)|reply|respond|synthesi[sz]e|"
        r"take the|"
        r"use the (?:following )?words?|provide (?:an? )(?:\S+ )?(?:title|caption|slogan|sentence|"
        r"paragraph|introduction|description)|give (?:an? |me an? )?(?:title|sentence|headline)|add ",
    ),
    _zh_first(
        "writing",
        r"写|创作|撰写|起草|编写|拟|作诗|创[建造设]|生成|设计|制[作定]|构[思建造]|编[一个造]|"
        r"造[一二三四五两几\d]*[个句]|续写|补[全充]|完[成善]|填[入空写充]|讲[一个述]|建立|开发|发明|发送|"
        r"发表|策划|准备|产生|想象|汇总成",
    ),
    _first(
        "qa",
        r"explain|describ|defin|what|why|how|who|whom|whose|when|where|which|compare|contrast|discuss|is |"
        r"are |was |were |do |does |did |can |could |should |would |will |tell |answer|state|analy[sz]e|"
        r"outline|provide|give|identify|find|specify|determine|examine|elaborate|clarify|illustrate|"
        r"evaluate|assess|interpret|demonstrate|research|detail|mention|point out|investigate|estimate|"
        r"present|report|differentiate|distinguish|look up|search|derive|validate|predict|check|verify|"
        r"choose|select|pick|calculate|compute",
    ),
    _any(
        "summary",
        r"\bsummari[sz]|\bsummary\b|\btl;?dr\b|\bmain (?:idea|point)s?\b|\bkey (?:point|plot point)s?\b|"
        r"\bcondense|\bsum the |\bheadline|\bshorten|\bboil(?:ed)? down|\bin a nutshell|\bhighlights\b|"
        r"\btitle:\s*$|总结|概括|摘要|主旨|大意|中心思想",
    ),
    _any(
        "classification",
        r"\bclassif|\bcategor(?:y|ies|i[sz]e)\b|\bsentiment\b|\bpositive or negative|"
        r"\bnegative or positive|\btrue or false|\bwhich (?:section|topic|label|class|"
        r"of the following (?:sections|topics|categories))|\bwhat label|\bis this (?:\w+ ){0,2}(?:review|"
        r"news|sentence|true|correct)|"
        r"\b(?:un)?flattering or|\b(?:dis)?satisfied or|\bwould you (?:recommend|say)|"
        r"\bdecrease or increase|\bon a scale|star[- ]rating|\bhow would you rate|\brating of|"
        r"\breview score|\bstars:|\bparaphrases? (?:of )?(?:each|one)|\bsame (?:thing|meaning|question)|"
        r"\bduplicates?\b|\bis a paraphrase|\bequivalent\b|"
        r"\bnegative or|\btone\b|\bfits? the (?:description|category)|分类|归类|情感分析|判断|哪一类|"
        r"正面还是负面|积极还是消极",
    ),
    _any("extraction", r"\bextract\b|\bkey ?words\b|\bnamed entit|提取|抽取|关键词"),
    _any(
        "qa",
        r"\banswer (?:the|this|it|a|to)\b|\bquestion:|\bquestion \d|\bcontext:|"
        r"\bthe (?:correct )?answer\b|\bbased on the (?:passage|text|article|context)|"
        r"\bread the (?:following|passage)|\b(?:choices|options):|none of the above|回答|问题[:：]|"
        r"根据(?:上文|文章|短文|材料)|患者|症状",
    ),
    _any("rewriting", r"\b(?:rewrite|paraphrase|rephrase|reword|re-?order|correct the)\b|改写|重写|润色|纠正"),
    _any(
        "writing",
        r"(?:^|[.!?:\n]\s*|please |you )(?:write|compose|draft|generate|create)\b|\bwrite (?:a|an|the|"
        r"me)\b|\b(?:story|essay|poem|dialogue|title|review|sentence) (?:about|for|with|using|that|"
        r"containing|can be)|\bform a sentence|写[一二两三四五几\d]|请写|创作|造句|生成|设计一|构思",
    ),
    _any("brainstorm", r"\bideas\b|\bsuggest(?:ions?)?\b|\bbrainstorm|建议|推荐|列出", STATEMENT),
    _any(
        "qa",
        r"[?？]|解释|描述|什么|为什么|如何|怎[么样]|哪|谁|多少|是否|吗|介绍|说明|定义|比较|对比|分析|讨论|"
        rf"区别|请问|阐述|评估|论述|治疗|给出|提供|识别|找[出到]|确定|研究|预测|估计|{_ZH_TOPIC}|\bexplain|"
        r"\bdescribe|\bwhat\b|\bwhy\b|\bhow\b|\bwho\b",
    ),
    _any(
        "dialogue", r"^\s*(?:[我你您他她它]|这[个位]?|那|今[天年]|昨天|明天|我们|他们)[^？?\n]*[。！.!]?\s*$", STATEMENT
    ),
)
