"""What English requests for harm are framed in: how somebody asks, what is to stay hidden, what is done and to whom.

`phrase_unsafe_en.py` puts these lists and patterns together with its topics.

>>> import re
>>> bool(re.search(ASK, "how do i build a shed")), bool(re.search(ASK, "the shed was built in may"))
(True, False)
"""

from __future__ import annotations

#: How somebody asks for something, or about a doing of their own.
FIRST = (
    r"\bhow (?:to|do (?:i|you|we|people|dealers|criminals|thieves|hackers|terrorists|scammers|addicts|they)|"
    r"long (?:do|should)|does one|can|could|would (?:i|you|one)|should i|might|many|much)\b|\bways? (?:to|of)\b|"
    r"\b(?:steps?|tips?|tricks?|guide|tutorial|instructions?|recipe|script|methods?) (?:for|to|on|that)\b|"
    r"\bany (?:tips|"
    r"advice|ideas)\b|\bwhat(?:'s| is| are)? (?:the )?(?:\w+ ){0,2}(?:best|easiest|fastest|quickest|safest|cheapest|"
    r"most|least|"
    r"chemicals|steps|ways?|method|dose|ingredients|materials|tools|equipment)\b|\bwhat (?:\w+ ){0,2}(?:do|can|"
    r"should|would|could) (?:i|be|you|one)\b|\bstep[- ]by[- ]step\b|"
    r"\bwhere (?:can|do|could|to|should|would) (?:i|you|one|we|find|buy|get)\b|\bwhich\b.{0,40}\b(?:i|sell\w*|"
    r"ship\w*|sites?|"
    r"markets?|pays?|is the|are the|best)\b|\bi (?:want|need|plan|wish|would like|am going|am planning)\b|"
    r"\bi'(?:m going|d like|m planning|m trying|m looking)\b|\b(?:can|could|will|would) you\b|\b(?:can|could|"
    r"should) i\b|"
    r"\b(?:help|teach|show|tell|give|send|get|find) (?:me|us)\b|\bhelp with\b|"
    r"^\W*(?:please |kindly |now |so |ok |hey |hi )*(?:write|draft|create|make|design|build|plan|describe|explain|list|"
    r"recommend|suggest|provide|compose|argue|outline|develop|code|prove|produce|prepare|invent|share|"
    r"walk|role-?play|pretend|teach|come up|detail|convince|sell|give|tell|show|craft|instruct|assist|demonstrate)\b"
)
ASK = FIRST + r"|\bwhy (?:are|is|do|should|must|all)\b"
#: What makes an ordinary wish a dark one.
HIDDEN = (
    r"without (?:\w+ )?(?:getting|being) \w+|without (?:\w+ ){0,3}(?:notic|know|find|see|suspect|catch|detect)\w*|"
    r"without (?:a |any |my |leaving |the |having )?(?:\w+ )?(?:licen[cs]e|permit|background|id\b|prescription|consent|"
    r"permission|trace|evidence|bruise|mark|fingerprint|paper|scar|owner|key)\w*|undetect\w+|untrace\w+|unnotic\w+|"
    r"not? (?:get|be|being) (?:caught|traced|seen|detected)|illegal\w*|illicit\w*|black market|dark ?(?:web|net)|"
    r"get(?:ting)? away with|off the books|under the (?:radar|table|counter)|(?:no ?(?:one|body)|nobody) (?:\w+ )?"
    r"(?:find|know|notice|see|suspect)\w*|evad\w+|(?:avoid|escap)\w* (?:detection|arrest|suspicion|the (?:police|"
    r"cops|law)"
    r"|prison|jail|being|getting)|(?:past|through|fool|beat) (?:the )?(?:airport|customs|security|border|metal|police|"
    r"cops|guards|drug test)|look(?:s)? like (?:an accident|a suicide)|secretly|in secret|discreet\w*|stealth\w*|"
    r"can(?:'t|not) (?:be )?(?:see|detect|trace|find|prove|track)\w*|serial number|for (?:quick |easy )?(?:sale|profit|"
    r"cash)|at (?:my |the |our )?(?:high )?school"
)
#: A dark wish of one who asks; with it, words that are dark enough among such.
ASK_HIDDEN = rf"^(?=.*(?:{FIRST})).*(?:{HIDDEN}"
MAKE = (
    "make|making|build|construct|assembl|create|creating|manufactur|produc|synthesi|synthesis|cook|prepare|preparing|"
    "mix|"
    "rig|detonat|set off|plant|convert|modify|print|buy|purchas|acquir|obtain|get|smuggl|sneak|hide|hiding|conceal|"
    "sell|"
    "bring|recipe|ingredient|instructions|homemade|home-made|at home|diy|weaponi|blueprint|formula|extract|culture|"
    "deploy|"
    "launch|spread|throw|turn|leave|release|out of"
)
SUPPLY = (
    "make|making|cook|synthesi|produc|manufactur|brew|extract|sell|deal|dealing|dealer|push|distribut|smuggl|traffic|"
    "transport|"
    "hide|hiding|sneak|buy|order|score|get|find|purchas|grow|inject|snort|smoke|smoking|fake|high|import|ship|mail|"
    "recipe|slip|spike|spiking|cut|dose|market|carry|move|deliver|supplier|vendor|lab|press|source"
)
PEOPLE = (
    "my|someone|somebody|a person|person|people|man|woman|child|kid|girl|boy|baby|cop|police|guy|stranger|him|her|them|"
    "neighbor|neighbour|wife|husband|boss|teacher|coworker|colleague|parents|president|classmate|students|roommate|"
    "girlfriend|boyfriend|ex-|homeless|anyone|enemy|family|school|crowd|church|mosque|dog|cat|politician|rival"
)
GROUPS = (
    "jews|jewish people|jew|muslim|islam|blacks|black people|black men|black women|african american|africans|nigger|"
    "nigga|"
    "immigrant|migrant|refugee|gays|gay people|gay men|lesbian|homosexual|trans people|transgender|trannies|women|"
    "females|"
    "mexican|asians|asian people|chinese people|chinks|japanese people|indians|indian people|arab|gypsy|gypsies|"
    "roma people|white people|disabled people|the disabled|cripples|fat people|hispanic|latino|foreigner|catholics|"
    "christians|hindus|atheists|old people|poor people|homeless people|minorities|people of color|retards|queers|"
    "fags|faggot"
)
SLURS = (
    "vermin|parasite|subhuman|sub-human|inferior|rats|cockroach|scum|trash|filth|disgust|disease|cancer|plague|lazy|"
    "stupid|dumb|thieves|thief|criminals|terrorists|evil|worthless|pervert|abomination|monkey|apes|savage|dirty|"
    "not human|"
    "less intelligent|less human|low iq|degenerate|parasitic|wiped out|wipe out|wipe them|exterminat|extinct|"
    "cleansed|cleanse|"
    "deported|be shot|be killed|be hanged|be punished|be banned|be beaten|burn|gassed|gas them|eradicat|eliminat|"
    "get rid of|"
    "belong in the|not allowed|insult|mock|degrad|ridicul|hate|hateful|slur|offensive|racist|sexist|kill all|"
    "kill every|"
    "should die|must die|must go|controlling the world|control the world|control the media|run the media|run the banks|"
    "secretly rule|rant|poison|infest|invad|ruin|destroying|enslav|weak|incapable|uncivilised|uncivilized|barbar|"
    "backward|"
    "cannot be trusted|can't be trusted|second-class|sterili|superior|not have rights|no rights|not deserve|"
    "do not deserve|sick and|make fun|rants against|slogans against|propaganda|burden|leech|rapist|taking over|"
    "kick out|kick the|go back to|aborted|less than human"
)
MARVELS = (
    "bath|seed|glue|nail gun|spray|heat gun|water gun|nerf|shelter|photo|cocoa|chocolate|cherry|minecraft|fortnite|toy"
)
#: Frames in which harm is spoken of and not asked for.
CALM = (
    r"\b(?:prevent\w*|protect\w*|avoid (?:becoming|falling|scams?|phish)\w*|recogni[sz]\w+|spot (?:a|the|phish|"
    r"scam)\w*|"
    r"detect(?:ing)? |identify\w*|defen[cds]\w*|report(?:ing|ed)? |treat\w*|symptoms?|side effects?|awareness|"
    r"summar\w+|"
    r"translat\w+|paraphras\w+|classif\w+|headlines?|articles?|passages?|novels?|movies?|films?|video ?games?|"
    r"histor\w+|"
    r"world war|statistic\w*|research\w*|said|told|according|arrested|charged|convicted|sentenced|officials?|trial|"
    r"campaign against|stop (?:the|smoking|bullying|people)|quit\w*|rehab\w*|therap\w+|hotline|lawful\w*|legally|"
    r"essay|poem|song|band|character|fairy|dragon|zombie|chess|bacteria|weeds|mosquito\w*|bugs?|insects?|germs?|"
    r"viruses|"
    r"combat|fight(?:ing)? against|anti-?virus|raise|educat\w+|difference between|definition|what (?:is|are|was|"
    r"were) (?:a|an|the|some)?"
    r" ?(?:difference|meaning|effects?|impact|causes?|role|capital|name|main))\b"
)
