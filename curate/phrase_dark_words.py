"""Dark words by kind of harm: `phrase_dark.py` says how they count.

>>> {kind for kind, _, _ in ENGLISH} == {kind for kind, _, _ in CHINESE} == set(KINDS)
True

Each line has words that mean harm by themselves, and words that do so in company. They are stems: "strangl" stands for
strangle and strangling.
"""

from __future__ import annotations

KINDS = ("self_harm", "weapons", "drugs", "violence", "sexual", "hate", "crime", "gambling")

ENGLISH = (
    (
        "weapons",
        "bomb|explosiv|grenade|detonat|molotov|napalm|nerve agent|nerve gas|sarin|ricin|anthrax|poison gas|toxic gas|"
        "tear gas|"
        "mustard gas|chlorine gas|dynamite|landmine|flamethrower|ghost gun|silencer|shrapnel|firearm|ammunition|"
        "switchblade|"
        "brass knuckles|machine gun|assault rifle|sawed-off|dirty bomb|thermite|booby trap|weaponi|into a weapon|"
        "pepper spray someone|letter bomb|gunpowder|armor-piercing|body armor",
        "gun|rifle|pistol|handgun|shotgun|knife|knives|weapon|bullet|ammo|blade|machete|dagger|poison|trigger|"
        "background check|felon|metal detector|untraceable|into the crowd|off the books|serial number|private seller|"
        "crowd|blast|fuse|scanner|passengers|into the plane|blow|unnoticed|out of sight|sneak|"
        "the plane|blow up|burning fuel|unnoticed|silent shot",
    ),
    (
        "drugs",
        "meth|crystal meth|cocaine|heroin|fentanyl|ecstasy|mdma|lsd|opium|ketamine|roofie|ghb|magic mushroom|shrooms|"
        "narcotic|"
        "snort|get high|gets me high|gets you high|make you high|makes you high|sniff|huff|addicted to|get me high|"
        "getting high|drug test|drug deal|selling drugs|sell drugs|"
        "crack cocaine|smuggl|slip something|into her drink|into his drink|"
        "in her drink|in his drink|spike someone|spike her|spike his|spiking|drugging|knock her out|bong|psychedelic|"
        "hallucinogen|cut cocaine|lacing|lace the|lace her|"
        "some coke|steroid|dealing weed|sell weed|selling weed|date rape|ayahuasca|dmt|oxycontin|overdos|opioid|"
        "codeine|lean|speed pills|poppers",
        "weed|marijuana|cannabis|pill|pills|drug|urine|dealer|inject|stash|coke|"
        "xanax|adderall|supplier|prescription|dark web|customs|edible|"
        "smoke|powder|swallow|bags|dose|high|needle|joint|buyers|urine|cook|drink|mushroom|hooked|customers|student|"
        "glue|spray can|bar|glass|addicted|hide it|grow|plants|sell|party|club|lab|fumes|"
        "unconscious|doctor shopping|addict|syringe",
    ),
    (
        "violence",
        "murder|kill|strangl|stab|behead|tortur|kidnap|abduct|hostage|assassin|massacre|rape|raping|molest|arson|"
        "acid attack|throw acid|"
        "throw the acid|lynch|choke|choking|suffocat|smother|maim|mutilat|dismember|dead body|a corpse|shooting spree|"
        "school shoot|"
        "mass shoot|shoot up|shoot people|shoot someone|shoot many|run over|run down|beat him|beat her|beat my|"
        "beat up|beat someone|"
        "beat them|beating my|beating up|beat the dog|beat the child|abuse my|abusing my|abuse a|abuse the|abusing a|"
        "hurting his|hurting her|hurting a|hurting my|torch a|suicide bomb|glorif|hurt him|hurt her|hurt my|"
        "hurt someone|"
        "hurt somebody|hurt people|hurt them|hurt a|attack people|attack someone|burn down|burn the school|burn alive|"
        "on fire|"
        "bleeds out|bleed out|fight to the death|starve the|starve my|starve him|starve her|poison him|poison her|"
        "poison my|poisoning|poison the|"
        "poison someone|poison a|wife tonight|push her down|push him|push him off|boss dead|wants dead|someone dead|"
        "wife dead|husband dead|want him dead|want her dead|break his|break her|"
        "break someone|knock out|knock him|terrorist|terror attack|jihad|isis|al-qaeda|infidel|unbeliever|holy war|"
        "holy warrior|martyr|caliphate|"
        "extremis|hitman|stampede|crush people|drive into|torment|waterboard|hitler|ransom|drown a|drown him|"
        "drown her|drown my|"
        "make them suffer|make him suffer|make her suffer|slaughter|execute a|set fire|cripple him|cripple her|hit my|"
        "hit her|hit him|hit the child|punish a child|"
        "shooting spree|gun down|shooting people|open fire on|blow up a|blow up the|blow up my|"
        "bully a|bully my|bullying a|bomb threat|vandali|white supremac|race war|neo-nazi|blood feud|gang up",
        "victim|blood|bury|die|pain|painful|knife|witness|suspect|acid|revenge|bruise|cruel|weapon|gun|shoot|burn|hurt|"
        "beat|attack|punch|death|suffer|threaten|pedestrian|slap|"
        "recruit|recruiter|propaganda|manifesto|sword|militant|bullet|corpse|punish|bleed|fists|full speed|"
        "dead|hit|body|throat|alive|kick|police|fire|wife|husband|dog|scream|nobody will|cut|hide|pain|fall|choke|"
        "guards|stop moving|teeth|bones|brake|"
        "kitten|puppy|pet|river|sack|frighten|tenant|neighbor|neighbour|bombs|paradise|glory|knees|fear|woods|"
        "duct tape|trunk|gloves|abuse|abusing|terror|unconscious|passes out|pass out|reservoir|water supply|alibi",
    ),
    (
        "self_harm",
        "suicid|done with life|tired of living|starving to death|kill myself|kill yourself|end my life|end your life|"
        "ending my life|way to die|ways to die|want to die|disappear forever|"
        "cut myself|cutting myself|my cutting|keep cutting|keep on cutting|self-harm|self harm|overdos|starve myself|"
        "starving myself|anorexi|bulimi|"
        "pro-ana|purging|jump off|jump from|hang myself|hang yourself|slit |noose|never wake up|hate my life|"
        "stop eating|instead of eating|"
        "all these pills|all these sleeping|sleeping pills at once|swallow them all|skip every meal|skip all meals|"
        "throw up after|throwing up after|make myself throw up|make myself vomit|hurt myself|hurting myself|"
        "burn myself|take my own life|"
        "deadly jump|better off dead|jump and die|end it all|goodbye note|die painlessly|painless death|painless way|"
        "stop living|no reason to live|"
        "thinspo|live on water|100 calories|suffocate myself|drown myself|shoot myself|die in my sleep|without eating",
        "razor|scar|pills|die|dying|pointless|worthless|painless|wrist|"
        "hide|meal|bridge|nobody|secret|long sleeves|bathtub|cut|swallow|lie about|burn|bleed|high|"
        "hunger|faint|rope|tonight|strong rope|eating|drinking|nobody cares|burden|"
        "miss you|starv|sleeping pill|laxative|blade|end it|at once|high building|thinner|skinny",
    ),
    (
        "sexual",
        "porn|orgy|orgies|erotic|nude|nudes|nsfw|hentai|dirty story|dirty talk|dirty chat|sex scene|sex story|"
        "sex tape|sex chat|have sex|had sex|having sex|"
        "rough sex|sexting|fuck|blowjob|masturbat|orgasm|incest|brothel|prostitut|escort service|strip club|stripper|"
        "seduc|moan|"
        "naked|sleeping with me|sleep with me|into bed|spy cam|hidden cam|upskirt|undress|sex toy|kinky|bdsm|fetish|"
        "horny|"
        "threesome|one-night stand|lap dance|smut|lust|voyeur|grope|groping|rape|jailbait|sugar daddy|camgirl|steamy|"
        "sex slave|deepfake|fifteen-year-old|"
        "pressure an|pressure her|pressure him|coerce|force my girlfriend|force her|"
        "explicit detail|thrust|nipple|make out with my|peep|child porn|underage",
        "sex|drunk|lingerie|changing room|locker room|panties|watch her|"
        "bed|girl|film|camera|clothes|shower|bathroom|lover|passion|kiss|all night|skirt|underwear|breast|explicit|"
        "drunk|hotel|secretly|job|boss|force|pictures|tongue|no means|say no|says no|bodies|video|watch|photo|lick|"
        "wet|hot|teen|rode him|no means",
    ),
    (
        "hate",
        "vermin|throw them out|kick them out|best to worst race|rank the races|subhuman|sub-human|inferior|"
        "master race|white power|white race|racist|hateful|exterminat|ethnic cleans|slurs|nigger|nigga|faggot|fags|"
        "retards|cripples|chink|spic|kike|trannies|less human|not human|nazi were right|hitler was right|"
        "praise hitler|holocaust was justified|"
        "holocaust was|new holocaust|another holocaust|holocaust never|holocaust is a|justify the holocaust|"
        "gas chambers should|genocide against|deserved it|do not deserve|"
        "don't deserve|doesn't deserve|should be beaten|should be shot|should be killed|should be deported|"
        "should be banned|should be locked|be put in camps|belong in|belong in camps|"
        "born killers|all terrorists|are terrorists|are thieves|are criminals|are animals|are stupid|are lazy|"
        "are dirty|are parasites|are trash|are scum|"
        "waste of space|sexist|homophob|antisemit|anti-semit|misogyn|racial insult|degrading|second-class|"
        "are disgusting|are greedy|are inferior|"
        "are filthy|drive them out|cruelest|pure race|superior race|ruin our country|ruining our country|"
        "destroying our",
        "jew|jews|jewish|muslim|blacks|black people|asians|mexican|immigrant|refugee|gays|gay people|lesbian|"
        "transgender|trans people|women|disabled|"
        "fat people|indians|arabs|foreigner|poor people|gypsies|gypsy|roma|white people|africans|hispanics|latinos|"
        "christians|hindus|dirty|thieves|criminals|greedy|parasite|stupid|dumb|lazy|disgusting|filthy|apes|scum|"
        "trash|insult|mock|make fun|make a joke about|camps|hate|terrorists|pervert|should starve|obey|"
        "animals|monkey|pigs|kitchen|superior|rights|disease|weak|slaves|invad|crawl|rat|rats|immigrants|genes|smell|"
        "beat|die|burden|serve|vote|races|whites|slogan|bottom|lowest|race|ugly|throw|"
        "hitler|holocaust|homeless|autistic|the vote|born to|deport|unnatural|sinner",
    ),
    (
        "crime",
        "hack|phish|hit and run|hit-and-run|arson|fool the police|lie to the police|malware|ransomware|spyware|"
        "keylogger|botnet|ddos|trojan|steal|stole|stolen|scam|fraud|launder|counterfeit|forge|forged|"
        "forging|forgery|blackmail|extort|bribe|bribing|smuggl|burgl|robbing|robbery|rob a|rob the|rob my|shoplift|"
        "pickpocket|traffick|traffic people|"
        "stalk|identity theft|embezzl|ponzi|pyramid scheme|break into|breaking into|tax evasion|evade tax|evading tax|"
        "dodge tax|dodging tax|cheat on my tax|clone someone|"
        "clone a|skimmer|fake id|fake invoice|fake receipt|fake passport|fake money|fake bill|fake document|"
        "fake check|fake degree|fake my own|"
        "fake death|fake prescription|fake license|fake ticket|fake diploma|fake review|fake website|fake account|"
        "a kidney|my kidney|organ trade|pretending to be the|pretend to be the|pretend to be a|"
        "impersonat|spy on|black market|dark web|dirty money|messages secretly|secretly read|read my girlfriend|"
        "read my boyfriend|read my wife|read my husband|"
        "get away with|without getting caught|without being caught|cheat my|cheating my|swindl|trick old people|"
        "con people|con old|insider trading|pirated|"
        "crack a safe|crack the safe|pick a lock|pick the lock|hotwire|loan shark|money mule|catfish|doxx|dox |"
        "swat someone|revenge porn|leak her|leak his|bank robbery|scam old|fake charity|money launder|steal from|"
        "take down a|credit card number|card numbers|bank details|jailbreak out|escape from prison|bug her|bug his|"
        "wiretap|dodge the draft|people smuggl|across the border",
        "password|victim|caught|tracker|illegal|locked|cheat|criminal|saved passwords|deceiv|"
        "untrace|evidence|vault|thief|thieves|jail|empty the|unlock it|shell company|offshore|"
        "secretly|hide|cash|owner|credit card|debit card|money|savings|old people|elderly|wallet|police|receipts|"
        "invoice|invoices|messages|officer|script|browser|camera|bank|photos|customs|bag|pay off|documents|identity|"
        "pretend|nobody|no one|lock|window|website|copy|password|threat|naked|sell|online|click|"
        "guess|e-mail|email|phones|parcel|abroad|doctor|cards|card|print|accident|candle|excuse|report|suspicion|"
        "company|competitor|employee|boss|steal|keys|car|house|deduct|fake",
    ),
    (
        "gambling",
        "illegal casino|underground casino|rig a|rigged|fix a match|fixed match|fix a football|fix a game|"
        "fix the game|fix the match|match-fixing|match fixing|sure bet|sure win|cheat at|"
        "mark cards|marked card|mark the aces|age check|bet everything|fix a race|online casino|betting site|"
        "gambling site|win at poker|count cards|"
        "beat the casino|loaded dice|guaranteed win|hot tip|slot machine|insider tip",
        "casino|gambl|betting|bet|bookie|bookmaker|wager|poker|roulette|blackjack|jackpot|collude|winnings|aces|"
        "without any id|kids|deposit|sign up|dice|odds|money|match|game|cards|police|win|split|underground|"
        "referee|stake|i am 14|underage|always win|easy money",
    ),
)
CHINESE = (
    (
        "weapons",
        "炸弹|炸药|手雷|手榴弹|地雷|雷管|燃烧瓶|燃烧弹|毒气|毒气弹|爆炸物|爆炸装置|土炸弹|土枪|火枪|气枪|手枪|步枪|"
        "猎枪|真枪|枪支|弹药|子弹|弄到枪|买枪|"
        "打印枪|3d打印枪|管制刀具|弹簧刀|匕首|沙林|炭疽|蓖麻毒|生化武器|化学武器|消音器|枪管|引爆|自制枪|钢珠枪|弓弩|"
        "砍刀|毒箭|电击器|脏弹|硝化甘油",
        "图纸|威力|发射|点燃|爆炸|制造|飞机|高铁|学校|地铁|绑|人群|压实|行李|小腿|打死|躲过|卖家|"
        "枪|刀|火药|引信|改装|黑市|门路|安检|人群|偷偷|开枪|杀伤|中毒|投放|没人发现|卖家|起爆",
    ),
    (
        "drugs",
        "毒瘾|能嗨|吸胶|冰毒|海洛因|大麻|摇头丸|k粉|可卡因|白粉|毒品|吸毒|贩毒|运毒|制毒|迷药|听话水|迷奸|蒙汗药|迷魂|"
        "春药|罂粟|鸦片|致幻|笑气|上头电子烟|瘾君子|"
        "迷晕|尿检|第一口毒|毒贩|嗑药|氯胺酮|芬太尼|麻古|溜冰|飞叶子|下药|药倒|神仙水|止咳水上瘾",
        "吸|打|酒|藏|海关|边境|成瘾|剂量|注射|阳台|睡着|女孩|毒|朋友|手|烟|鼻子|角落|行李|验|继续|水|种|"
        "胶水|嗨|杯里|昏|上瘾|嗨|过瘾|下线|卖家|买家|酒里|下在|昏|不省人事|瘾君子|私聊|夜店|不被查|烟里|熟客|缝进",
    ),
    (
        "violence",
        "炸弹袭击|烈士|杀人|杀了|杀死|杀害|杀光|杀掉|谋杀|毒死|投毒|下毒|勒死|掐死|掐人|捅人|捅死|砍人|砍死|打死|打残|"
        "打断|残废|打老婆|打老公|打孩子|揍|绑架|囚禁|酷刑|拷打|折磨|虐待|"
        "虐猫|虐狗|强奸|迷奸|轮奸|纵火|放火|烧死|烧掉|撞死|碾死|毒药|泼硫酸|硫酸|开枪|扫射|枪击|屠杀|恐怖袭击|"
        "恐怖组织|恐怖分子|圣战|异教徒|极端组织|"
        "宣誓效忠|抛尸|分尸|尸体|藏尸|灭口|暗杀|行刺|买凶|杀手|一刀毙命|踩踏|自杀式|人肉炸弹|闷死|淹死|推下楼|推下去|"
        "弄死|整死|害死|教训一下|残忍|弄残|"
        "报复|伏击|人质|劫持|霸凌|暴打|群殴|惨叫|希特勒|纳粹|毒气室|大屠杀|白人至上|白种人才|种族战争|爆头|割喉|砸死|"
        "饿死他|弄瞎|毁容",
        "杀|尸|刀|毒|勒|捅|砍|伤亡|不留伤|恨|解气|鞭|棍|绳|人群|目击者|没人怀疑|谋|遗产|混混|招募|宣言|号召|献身|"
        "死|血|烧|打|断|雇|火|心脏|刺激|痛苦|窒息|断气|教训|消失|埋伏|捂|口鼻|油门|锁|狠|枕头|冲|饿|刑|伤|推|摔|倒|枪|"
        "观众|老婆|室友|邻居|校|怀疑|凶器|叛徒|同伙|巷子|越多越好|看不出",
    ),
    (
        "self_harm",
        "饿晕|别吃别喝|活够了|自杀|自尽|轻生|割腕|上吊|跳楼|烧炭|服毒|遗书|绝笔|自残|割自己|划自己|伤害自己|不想活|"
        "活得没意思|活着没意思|活着没用|活着毫无意义|怎么死|死最快|去死|死了算|想死|"
        "结束生命|结束自己|结束这一切|一了百了|绝食|饿死|催吐|抠喉咙|跳下去|解脱|死了也不疼|永别|厌食|卧轨|吞药|寻死|"
        "安乐死|早点死|长睡不醒|再也不醒|了结|离开这个世界|毁掉自己|跳河|跳海|撞车自",
        "死|睡着|小刀|疤|减肥|吃|楼|划|割|偷偷|袖子|厕所|结束|没用|解脱|绳|药|不难受|跳|家人|爸妈|饿|"
        "安眠药|不疼|无痛|抑郁|楼顶|楼上|刀片|瞒|别告诉|没人在乎|没有人在乎|吞|不吃|什么都别吃|吐掉|毫无意义|没意义|"
        "晕|绳子|今晚|今晚|法子",
    ),
    (
        "sexual",
        "色情|黄片|黄色网站|黄段子|黄文|小黄文|裸照|裸体|裸聊|脱光|做爱|性爱|上床|呻吟|娇喘|淫|嫖|卖淫|妓|小姐上门|"
        "偷拍|针孔|偷看她|偷看女|更衣室|强奸|"
        "迷奸|乱伦|情色|成人网站|成人视频|无码|撩骚|约炮|开房|勾引|露骨|肉欲|床戏|猥亵|骚扰她|援交|包养|初夜|睡了她|"
        "下体|性奴|一丝不挂|换脸|不雅视频|私密照|床照|骑在他|骑在她|内衣偷|做那事|啪啪|口交|抚摸她",
        "裸|喝醉|灌|偷|强迫|强行|不要也|陌生人|宝贝|越露骨|论坛|实习生|潜规则|陪睡|激情|"
        "床|女孩|女生|女友|女朋友|女明星|摄像头|浴室|洗澡|威胁|疯狂|下载|情节|勾|喝醉|酒店|胸|高潮|性|免费|视频|网站|"
        "论坛|护士|宝贝|论坛|藏|睡|骑|足浴|服务|看她|骗她|她睡",
    ),
    (
        "hate",
        "低劣|最劣|优劣|滚出|劣等|贱民|下等人|杂种|畜生|都是垃圾|都是贼|个个都是贼|人渣|蝗虫|吸血鬼|黑鬼|残废|死肥|"
        "肥猪|死胖|娘炮|乡巴佬|婊|贱人|又蠢|又贱|又懒|又脏|"
        "不配当人|不配有|不配活|不配|该挨打|就该打|该死|去死|滚出|该滚|赶出去|消灭|灭绝|杀光|罪有应得|仇恨|种族歧视|"
        "优等民族|优等种族|白人至上|头发长见识短|劣等|"
        "浪费粮食|抓起来|关起来|侮辱|辱骂|骂一骂|最难听的话|羞辱|嗜血|恐怖分子|智商低|没教养|丢人现眼|骂死|祸害|滚回|"
        "该绝种",
        "黑人|白人|犹太|穆斯林|亚洲人|日本人|韩国人|印度人|外地人|农村人|河南人|东北人|上海人|女人|男人|同性恋|残疾人|"
        "胖子|穷人|移民|难民|少数民族|"
        "天生|全部|统统|白种|统治|应该|应当|女性|人种|种族|低等|瘸子|奴隶|死|配|生孩子|见识|丑|一群|都是|全是|吐|坏|"
        "偷|不打|"
        "新疆人|广东人|北京人|越南人|非洲人|骂|讽刺|嘲笑|贬低|恶心|垃圾|蠢|懒|脏|贼|不该|挨打|想吐|挑拨|煽动|屠杀|"
        "种族|高贵|难民|老鼠|口号|小偷|骗子|人权",
    ),
    (
        "crime",
        "肇事逃逸|骗过警察|纵火|黑进|赃物|诈骗|骗老人|骗钱|骗取|骗保|行骗|养老钱|盗号|盗取|盗刷|偷车|偷东西|偷手机|"
        "偷钱|偷窃|顺东西|扒窃|偷税|漏税|逃税|少交税|假账|假发票|虚开|假单据|假票|洗钱|赃款|黑钱|"
        "伪造|假证|假钞|假币|假身份|公章|勒索|敲诈|要挟|木马|病毒攻击|黑客|黑进|ddos|肉鸡|偷密码|偷浏览器|偷看老公|"
        "偷看老婆|偷看别人|聊天记录|监控软件|"
        "监听|窃听|定位器|偷装|跟踪|拐卖|拐骗|人贩|贩卖人口|卖到山里|卖肾|肾怎么卖|抢银行|抢劫|劫持|撬锁|撬门|开锁|"
        "他家的锁|入室|走私|行贿|贿赂|塞钱|传销|资金盘|"
        "庞氏|割韭菜|假死|冒充|假扮|验证码|复制银行卡|门禁卡|读卡器|卖个人信息|公民信息|身份证信息|替考|代考|暗网|"
        "黑市|杀猪盘|套路贷|非法集资|高利贷|勒索病毒|瘫痪网站|攻击医院|偷走|偷拿|盗|"
        "钓鱼网站|钓鱼邮件|碰瓷|裸贷|偷渡|越狱|逃避警|假药|地沟油|假酒|刷单|套现|内幕交易",
        "偷|骗|抢|黑|赃|警察|被抓|被逮|被发现|不被|不会发现|银行卡|曝光|得手|下手|面具|套路|转过来|卖给|买家|中介|"
        "保险金|赎金|"
        "锁|密码|老人|妇女|夹层|转账|身份证|银行卡|监控|威胁|病毒|系统|手机|入侵|瘫痪|跑路|会员|网站|警察|钱|付|假装|"
        "淹死|医院|加密|单据|发票|客户|链接|短信|中介|装|做账|孩子|小孩|前妻|定位|微信|卖|"
        "报案|姐姐|账号|邮箱|意外|怀疑|国外|寄走|签名|打印|"
        "抵扣|交警|免罚|跟真的一样|看不出来|取光|改金额|递给|解冻|瞒|外遇|出轨",
    ),
    (
        "gambling",
        "赌博|赌场|赌球|赌钱|博彩|下注|出老千|老千|出千|千术|六合彩|百家乐|老虎机|赌徒|稳赚|稳赢|做记号|暗记|押哪队|"
        "假球|操纵比赛|地下赌|网赌|赌博网站|就能赌|必中|内幕消息|投注",
        "牌|麻将|注册|未成年|钱|网|网上|庄|赔|隐蔽|警察|身份证|赚|赌|押|赢|返水|庄家|筹码|十四岁|保护伞|串通|下注",
    ),
)
