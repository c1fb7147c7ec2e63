"""Short refusals by their vocabulary: an answer whose words all speak of asking, answering and not doing so.

>>> is_bare_refusal("Sadly, this isn't a conversation I can be a part of.")
True
>>> is_bare_refusal("I can't open this jar."), is_bare_refusal("这个忙我帮不上，您另请高明吧。")
(False, True)

There are more ways to refuse than patterns; what they share is that nothing of the question's matter comes up. So the
words that are no part of the vocabulary decide, and those that are have to say who does not do what.
"""

from __future__ import annotations

import re

#: Words and characters of a refusal that is told by its words; one word, or Han character, of so many may be another.
_FEWEST, _LONGEST, _LONGEST_HAN = 3, 260, 110
_PER_OTHER_WORD, _PER_OTHER_HAN = 9, 8
_WORD = re.compile(r"[a-z0-9]+(?:['-][a-z]+)*")
_HAN = re.compile(r"[\u3400-\u9fff]")
_APOSTROPHE = re.compile(r"'(?:s|m|re|ve|d|ll)\b|n't\b")
VOCABULARY = frozenset(
    (
        "a able about bow odds exceed reach govern opt avenue stretch grasp remit venture entertained rulebook hmm "
        "nah comply  down obliged  above absolutely accept acceptable access accommodate accordance according "
        "account act acting "
        "action actions actually additional address administrator adequately advice advise afraid after again against "
        "agree ai aid alas all allow allowed allows also alternative always am an and another answer answered "
        "answering answers any anybody anyone anything apologies apologise apologize apology apparently appreciate "
        "appropriate appropriately are area areas aren't around artificial as aside ask asked asking asks assist "
        "assistance assistant assistants assisting at attempt attempting authority authorised authorization "
        "authorized automated available avoid aware away back banned bar barred based be because been before behalf "
        "being best better between beyond block blocked bluntly bot bots bound boundaries boundary break breach "
        "breaches breaking built business but by call can can't cannot cant capabilities capability capable capacity "
        "careful carry case category cause certain chance change chat chatbot choice choose circumstance "
        "circumstances clear clearly close code comfort comfortable command comment commenting comments commit "
        "common community company complete completed completing compliance complies comply complying computer "
        "concern concerned concerning concerns conditions conduct confidential confirm conflict conflicts conscience "
        "consent consider considered constraint constraints consult contact content contents context continue "
        "continuing contrary contribute conversation conversations could couldn't cover covered create created "
        "creating creator creators cross curiosity curious current currently customer cut data day deal dear decided "
        "decision declare decline declined declining declines deem deemed definitely deliver delivering denied deny "
        "department design designed detail details developed developer developers did different difficult digital "
        "direct disable disabled disallow disallowed disappoint disappointed discuss discussed discussing discussion "
        "discussions do does doesn't doing domain don't done draw due duties duty each either else elsewhere enable "
        "enabled end engage engaging enough ensure entertain entirely equipped especially ethic ethical ethically "
        "ethics even ever every everything except exceeds execute expert experts expertise explain express extend "
        "extent external fact faith fall falls far feature features feel fell field filter filtered filters find firm "
        "first flag flagged focus follow following for forbid forbidden forbids force forgive form forward found free "
        "friendly from frustrating fulfil fulfill fulfilled fulfilling full fully function functionality functions "
        "further general generate generated generating generation get getting give given giving gladly go goes going "
        "good got grant granted guard guidance guideline guidelines had handle handled handling happy hard harm "
        "harmful harmless has hasn't have haven't having he hear hello help helped helper helpful helping here hi "
        "higher hold honest honestly honor honour honoured hope how however human humans hmm i idea if ignore illegal "
        "immoral impossible improper in inability inappropriate inconvenience incapable indeed information inquiries "
        "inquiry inside instruct instructed instruction instructions instead integrity intelligence intend intended "
        "interaction interest interested into involve involved involves irresponsible is isn't issue issues it item "
        "its itself job just keep keeping kind kindly kinds know lack lacking language large law laws leave let "
        "level liable liberty license licensed like limit limitation limitations limited limits line lines listen "
        "little live longer look looking love machine made make makers making manner many material materials matter "
        "matters may maybe me mean means meant meet member mention message mentioned messages might mind misuse mode "
        "model models moderation moment moral morally more most move much must my myself name nature need needed "
        "needs neither neutral never no no-go nobody none nope nor not note nothing now obey obligated obliged of off "
        "off-limits offensive offer offered offering offers okay on once one ones only open operation operator opinion "
        "opinions or order other others otherwise ought our out outside over own pardon part participate participating "
        "particular parties party pass pay grade people perform performed performing perhaps permissible permission "
        "permit permits permitted person personal personally place plain platform please pleased point polic policies "
        "policy polite politely position positions possible possibly power powers prefer prepared present prevent "
        "prevented prevents principle principles privacy probably problem procedure proceed process processed "
        "processing produce produced producing product production professional professionals program programme "
        "programmed programming programs prohibit prohibited prohibits prompt prompts proper properly protocol "
        "protocols provide provided provider providing public published purpose purposes put qualified queries query "
        "question questions quite raise rather reach reaching read really reason reasons receive recommend "
        "refrain refusal refuse refused refuses refusing regard regarding regards regret regretfully regrettable "
        "regrettably regulation regulations reject rejected related relating release remain remains remit rephrase "
        "replies reply replying report reports request requested requesting requests require required requirements "
        "requires reserved resource respect respectful respectfully respective respond responded responding response "
        "responses responsibility responsible restrict restricted restriction restrictions restricts result reveal "
        "review right rights risk role rule rules sad sadly safe safely safety said satisfy say saying says scope "
        "security see seek seem seems sensitive serve served service services serving set shall share shared sharing "
        "she should shouldn't sides similar simple simply since sincere sincerely sir sit situation skill skills skip "
        "so software somebody someone something sorry sort sorts speak speaking specialist specialists specific stance "
        "stand standard standards state stay steer step stick still stop straight strict strictly strongly subject "
        "subjects submit such suggest suggestion suitable suited supply support supported supporting supports "
        "supposed sure system systems take takes taking talk talking task tasks team technical tell telling term "
        "terms thank thanks that that's the their them then there therefore these they thing things think this those "
        "though through thus time to today together too tool tools topic topics touch toward towards train trained "
        "training transparent tried try trying turn type types unable unacceptable unanswered unauthorized "
        "uncomfortable under understand understanding understood undertake unethical unfortunate unfortunately "
        "unfulfilled unless unsafe unsuitable unsupported until unwilling up upfront upon us usage use used user users "
        "using value values very view views violate violates violating violation virtual voice want wanted wants was "
        "way ways we weigh well were what whatever when where whether which while whilst who whole whom why will "
        "willing wise wish with within without won't wondering word wording words work working worry would wouldn't "
        "write writing written wrong yes yet you your yours yourself abilities activities activity aim alright "
        "artificial "
        "attorney behavior behaviour belief beliefs body browse browsing constructive constitute counsel cutoff danger "
        "dangerous doctor earlier emotion emotions encourage event events experience experiences facts feel feelings "
        "file "
        "files financial groups hurt image images internet join joke knowledge lawyer link links medical memory "
        "offend online "
        "opinion parts permanently physical picture pictures political politics positive predict preference "
        "preferences "
        "previous promote readers real real-time recall sources source text text-based unlawful up-to-date violence "
        "web "
        "anymore arena assurance attention bit bother cease compelled confines constrained crossed decisions digital "
        "door "
        "drawing evade excuse favor favour fence funny game guess guardrails halt hands heart judge judgement "
        "judgment lines "
        "luck meaningful meantime minute naturally objection obtain occasion ok openai pick picks place pleasure "
        "pretend "
        "privilege push question's raised refer remarks remarkable resolve ruled rulebook sake short side silence "
        "silent "
        "sidestep simulate spirit square stepping strictly table tell tied tread turned unwise uphold veto walk "
        "walking "
        "won wrote wouldn't zone"
    ).split()
)
_DENIES = re.compile(
    r"n't\b|\b(?:not|cannot|cant|no|never|neither|nope|unable|un\w+able|declin\w+|refus\w+|restrict\w+|forbid\w*|"
    r"prohibit\w*|"
    r"disallow\w*|disabled|block\w*|flagged|filtered|rejected|denied|barred|banned|avoid|beyond|outside|above|exceeds|"
    r"bow(?:ing)? out|opt(?:ing)? out|out of my|at odds|rules? (?:this|that|it)|"
    r"(?:to|must|will|shall|'ll|gonna) pass|pass on|skip|prevents?|off-limits|no-go|limits?|against|contrary|"
    r"violat\w+|breach\w*|conflicts?|impossible|incapable|"
    r"wrong|irresponsible|inappropriate|unacceptable|uncomfortable|unwilling|refrain|lack\w*|keep away|stay "
    r"(?:away|out)|steer|leave|sit this|reject|turn (?:down|it|this|that|your)|without|nothing|unsupported|unanswered|"
    r"stop)\b"
)
_SPEAKS = re.compile(
    r"\b(?:i|i'\w+|me|my|myself|we|we'\w+|our|us|(?:this|the|our|your) (?:\w+ )?(?:assistant|model|system|chatbot|bot|"
    r"ai|"
    r"service|platform|tool|software|program)|your (?:\w+ )?(?:request|question|prompt|query|message|inquiry|"
    r"instructions?)|"
    r"(?:this|that|the|such|these|those|of) (?:\w+ )?(?:request|question|topic|content|subject|prompt|query|inquir|"
    r"task|area)"
    r"\w*|requests?|this|that|there|such|sorry|apolog\w+|afraid|content)\b|^\W*(?:no|this|not|can't|cannot|won't|"
    r"unable)\b"
)
_MATTER = re.compile(
    r"\b(?:request\w*|question\w*|topics?|subjects?|prompts?|quer(?:y|ies)|inquir\w+|contents?|conversations?|"
    r"matters?|tasks?|"
    r"help\w*|assist\w*|answer\w*|respon(?:d|ds|ding|se|ses)|repl(?:y|ies|ying)|compl(?:y|ying)|provid\w+|discuss\w*|"
    r"talk\w*|comment\w*|guidelines?|polic\w+|rules?|suppl(?:y|ied)|shar(?:e|ing)|support\w*|engag\w+|accommodat\w+|"
    r"fulfil\w*|generat\w+|produc\w+|handl\w+|process\w*|weigh in|get into|instructions?|permission|responsib\w+|"
    r"information|comfortable|programmed|allowed|permitted|authori[sz]ed|capab\w+|capacity|line|"
    r"(?:do|doing|doing so|write|create|say|offer|give|take|touch|perform|execute|carry|cover|serve|"
    r"give you|tell you|tell|grant|deliver|satisfy|reveal) (?:\w+ ){0,2}?(?:that|this|it|these|those|such|one|"
    r"anything|any|"
    r"what|out|so)|(?:that|this) one|pass|part of|scope|out of bounds|no-go|do here|for me|set up to|pay grade|"
    r"someone else|me from|go there|touching|bow(?:ing)? out|opt(?:ing)? out|tool|my reach|exceeds|at odds|available|"
    r"can offer|declin\w+|refus\w+|say no|be given|turn down)\b"
)
#: What the speaker does not know, does not like or asks for is no refusal.
_OTHERWISE = re.compile(
    r"(?:n't|not|no) (?:\w+ )?(?:know|idea|sure|certain|like|love|enjoy|agree|recommend)\b|\b(?:like (?:it|this|that|"
    r"the)|love (?:it|this|the)|(?:did|have|has|had) (?:not|n't)? ?(?:you|he|she|"
    r"they)|please (?:provide|give|share|specify|clarify|tell)|could you (?:please )?(?:provide|give|share|specify|"
    r"clarify|tell)|"
    r"need (?:more|further|additional)|you (?:did|have|haven't|didn't)(?: not|n't)? (?:provided?|give|given|specif\w+)|"
    r"^no answer|^[\w ]{1,12}: |^\W*(?:sure|certainly|absolutely|yes|here is|here's)\b|^[\"“]|^no, i(?:'m| am) (?:an?|"
    r"the)\b|more (?:information|context|details)|(?:no|any|enough) (?:information|context|details)|not (?:mentioned|"
    r"provided|given|"
    r"stated|specified|enough|said|available in|found|in the)|he|she|him|her|name)\b"
)
#: Longest first, so that no word takes the start of another.
_CHINESE = re.compile(
    r"\bai\b|"
    "负得起|比较|可用|用|开启|答非所问|接待|无法|無法|不能|保证|作出|做出|用语|展示|预测|这种事|列出|句话|触发了|哪些|"
    "份|段|篇|条|句|出|后|前|时|儿|谁|哪|年|天|"
    "心有余而力不足|门儿都没有|律师事务所|不好意思|人工智能|人工智慧|公序良俗|另请高明|爱莫能助|"
    "无能为力|无可奉告|遗憾的是|没有能力|训练数据|情感体验|力不从心|强人所难|有心无力|答不上来|"
    "回答不来|到此为止|避而不谈|闭口不谈|对不起|对不住|對不起|亲爱的|小助手|机器人|機器人|大模型|"
    "智能体|开发者|開發者|价值观|为避免|现阶段|不上来|办不到|互联网|没办法|沒辦法|没能力|负责任|"
    "检测到|歧视性|够不着|担不起|扛不住|知识库|提问者|资格证|不合理|无法律|敏感性|范围内|范围外|非常|"
    "十分|实在|特别|万分|深感|确实|的确|恐怕|可惜|其实|当然|坦白|老实|直白|抱歉|遗憾|遺憾|歉意|见谅|"
    "諒解|谅解|原谅|理解|体谅|包涵|海涵|敬请|感谢|感謝|谢谢|本人|自己|自身|大家|别人|他人|用户|客户|"
    "朋友|人家|笔者|在下|小编|助手|助理|客服|语言|語言|模型|程序|程式|系统|系統|平台|软件|工具|产品|"
    "虚拟|数字|智能|开发|開發|团队|團隊|公司|官方|提示|设定|設定|设计|設計|编程|编写|训练|訓練|算法|"
    "功能|能力|技术|权限|權限|权利|权力|资格|授权|授權|许可|允许|允許|受限|限制|限于|局限|规则|规范|"
    "規範|规定|規定|规程|条款|条例|协议|政策|准则|準則|原则|原則|守则|法律|法规|法規|道德|伦理|底线|"
    "标准|要求|请求|請求|需求|指令|命令|提问|提問|问题|問題|疑问|话题|話題|主题|议题|题目|内容|內容|"
    "信息|資訊|资料|消息|输入|输出|文本|文字|方面|领域|范围|範圍|范畴|职责|职能|业务|项目|服务|服務|"
    "事情|事儿|东西|任务|操作|行为|行動|活动|工作|答案|答复|答覆|回复|回覆|回答|解答|作答|应答|回应|"
    "回應|响应|响應|反馈|讨论|討論|谈论|談論|聊天|评论|評論|评价|置评|透露|泄露|告诉|告訴|告知|奉告|"
    "提供|给出|给予|协助|協助|帮助|幫助|帮忙|幫忙|支持|参与|參與|涉及|涉嫌|处理|處理|完成|办理|执行|"
    "執行|进行|生成|撰写|創作|创作|制作|满足|滿足|照办|照做|配合|从命|奉陪|接受|同意|答应|应允|拒绝|"
    "拒絕|停止|终止|终结|中止|禁止|屏蔽|拦截|过滤|驳回|违反|違反|违背|违规|違規|违法|不良|不当|不妥|"
    "敏感|有害|危险|安全|隐私|合规|合适|適合|适合|适宜|恰当|妥当|方便|符合|相符|遵守|遵循|依照|按照|"
    "根据|依据|基于|鉴于|出于|由于|因为|因此|因而|所以|为了|避免|以免|造成|引起|可能|误导|争议|爭議|"
    "风险|伤害|保护|考虑|原因|缘故|故而|不过|但是|然而|虽然|尽管|而且|并且|没有|沒有|难以|能够|可以|"
    "愿意|打算|准备|应当|必须|需要|只好|只能|只有|只会|已经|正在|暂时|暫時|目前|现在|当前|今天|以后|"
    "这里|这边|这个|這個|这些|这类|这种|這種|这样|這樣|那个|那样|此类|此种|此项|该类|该项|这件|一款|"
    "一个|一個|一名|一位|一概|一律|一下|任何|所有|某些|有些|有关|有關|相关|相關|关于|關於|对于|就此|"
    "对此|其他|其它|别的|什么|甚麼|怎么|如何|以及|或者|超出|超过|超纲|属于|屬於|高明|寻求|咨询|諮詢|"
    "联系|求助|专业|人士|人工|专家|医生|律师|机构|建议|欢迎|随时|尝试|试试|更换|修改|重新|稍后|稍候|"
    "重试|继续|如果|希望|期待|知悉|体验|支援|学习|学会|不了|不来|不到|不起|开放|开通|具备|具有|拥有|"
    "主观|感受|情感|感情|观点|立场|意见|个人|真实|经历|联网|上网|网络|实时|访问|获取|查询|搜索|浏览|"
    "外部|数据|您好|你好|觉得|认为|选择|决定|保持|中立|沉默|尊敬|直言|真心|心情|着急|明白|知道|好奇|"
    "信任|关注|配置|规限|职权|当作|作为|作為|身为|身為|样子|时候|依然|一定|没法|发表|看法|负责|恕不|"
    "产生|遵照|触发|触及|包含|含有|攻击|冒犯|群体|负面|积极|健康|截止|最新|亲身|故事|图片|图像|视频|"
    "观看|情绪|喜欢|讨厌|身体|味觉|无权|无从|回绝|推辞|婉拒|谢绝|得罪|免谈|免了|算了|罢了|没门|没戏|"
    "没辙|为难|胜任|搞定|可没|活儿|事项|场景|环节|板块|话茬|聊聊|说说|谈谈|解惑|答疑|知识|会话|对话|"
    "互动|交流|沟通|医疗|财务|金融|投资|执业|资质|证照|诊断|治病|医院|前往|正规|就诊|人员|有益|有用|"
    "有助|良好|正面|友善|尊重|引导|鼓励|助长|传播|宣扬|倡导|支撑|安抚|十足|抱有|出面|代劳|效劳|愿望|"
    "心愿|意愿|目的|用途|正当|合理|过分|无理|冒昧|议论|争论|深入|展开|触碰|红线|越界|越权|以外|之外|"
    "之内|方案|指导|指南|教程|步骤|方法|详情|细节|实现|解决|代替|替代|身份|角色|扮演|立即|马上|到此|"
    "为止|结束|打住|跳过|略过|绕开|回避|避开|缄默|闭嘴|不语|真|很|太|请|請|恕|您|你|我|们|們|咱|俺|亲|"
    "权|被|受|限|问|問|话|题|事|忙|答|谈|談|聊|说|說|讲|講|评|给|給|帮|幫|涉|办|辦|写|做|作|接|便|故|"
    "此|但|并|而|且|不|没|無|无|未|非|別|别|莫|勿|否|难|能|可|会|會|敢|想|愿|願|得|该|該|应|應|须|只|"
    "仅|就|都|也|还|還|再|又|才|已|曾|正|暂|这|這|那|一|对|對|于|於|其|何|多|少|些|点|點|类|類|种|種|"
    "项|件|个|個|样|的|地|了|着|过|過|吗|呢|吧|啊|呀|哦|喔|哈|啦|嘛|哟|哎|唉|嗯|与|與|和|跟|及|或|在|"
    "是|为|為|从|由|到|向|把|将|將|让|讓|使|令|以|之|所|者|有|来|來|去|上|下|中|内|外|超|换|換|找|另|"
    "试|若|如|望|学|属|好|行|认|当|人|仍|替|代|成|更|年|看|搞|弄|整|干|活|茬|碰|教|搜"
)
_HAN_DENIES = re.compile(
    r"只(?:回答|能|会|处理|支持|接受|提供|负责|限|解答|聊)|不|没|沒|无|無|未|拒|恕|禁|难以|停止|终止|超出|超纲|超过|"
    r"换|換|另请|别的|违反|违背|限制|受限|屏蔽|拦截|驳回"
)
_HAN_SPEAKS = re.compile(
    r"我|本(?:人|助手|模型|ai|系统|机器人|平台|产品|服务|软件|智能)|您的|你的|您所|你所|这|這|该|該|此|系统|平台|"
    r"小助手|助手|咱|人家|"
    r"在下|笔者|人工智能|机器人|模型|虚拟|抱歉|对不|恕|内容|请求|问题|提问|相关"
)
_HAN_MATTER = re.compile(
    r"答|问题|問題|请求|請求|要求|需求|话题|話題|内容|內容|提问|帮|幫|协助|協助|办|辦|做|说|說|讲|提供|透露|处理|處理|"
    r"服务|服務|讨论|討論|"
    r"谈|談|聊|评|写|权|能力|规|授权|满足|滿足|回应|响应|参与|參與|支持|完成|执行|从命|奉陪|奉告|告诉|告知|照办|配合|"
    r"生成|给|功能|开放|题|拒绝|拒絕|咨询|操作"
)
_HAN_OTHERWISE = re.compile(
    r"不(?:太|大)?(?:知道|清楚|确定|了解|懂|明白|认识)|(?:请|需要|麻烦)(?:您|你)?(?:先|再)?(?:提供|给出|说明|补充|"
    r"告诉我|输入|上传|"
    r"描述|具体)|(?:您|你)(?:没有?|未|还没)|没问题|没关系|不客气|不用(?:谢|担心)|(?<!其)他(?!人)|她|不好(?!意思)|喜欢|"
    r"无关|"
    r"^(?:不|没有|无|否|不是|没|不能|不会|不可以|不行)\W*$|不错|没错|对不对|能不能|是不是|有没有|信息不足|没有提供|"
    r"未提供|"
    r"“|「|我(?:并)?不是(?!专业|执业|律师|医生|很|太)|不(?:仅|但|只|断|同|如|论|管|必|一定)"
)


def is_bare_refusal(answer: str) -> bool:
    """Whether the short answer refuses and says nothing else; it may be in English or Chinese."""
    text = answer.replace("’", "'").strip().lower()
    if len(text) > max(_LONGEST, _LONGEST_HAN):
        return False
    han = len(_HAN.findall(text))
    if 2 * han > len(_WORD.findall(text)):
        return len(text) <= _LONGEST_HAN and _is_bare_chinese(text, han)
    return len(text) <= _LONGEST and _is_bare_english(text)


def _is_bare_english(text: str) -> bool:
    if not (_DENIES.search(text) and _SPEAKS.search(text) and _MATTER.search(text)) or _OTHERWISE.search(text):
        return False
    words = _WORD.findall(text)
    if len(words) < _FEWEST:
        return False
    other = sum(word not in VOCABULARY and _APOSTROPHE.sub("", word) not in VOCABULARY for word in words)
    return other <= len(words) // _PER_OTHER_WORD


def _is_bare_chinese(text: str, han: int) -> bool:
    if not (_HAN_DENIES.search(text) and _HAN_SPEAKS.search(text) and _HAN_MATTER.search(text)):
        return False
    if _HAN_OTHERWISE.search(text):
        return False
    return len(_HAN.findall(_CHINESE.sub("", text))) <= han // _PER_OTHER_HAN
