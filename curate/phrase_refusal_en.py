"""How a model refuses in English; `phrase_voice.py` says what each pattern is."""

from __future__ import annotations

import re

from tunesmith.curate.phrase_voice import Voice

_NOUN = (
    r"(?:(?:model|program|system) (?:trained|built|made|developed|created)|virtual helper|"
    r"a\.?i\.?\b|artificial intelligence|language model|llm\b|chat ?bot|virtual (?:assistant|agent)|"
    r"digital assistant|"
    r"(?:machine|deep)[- ]learning|neural network|computer program|software|automated (?:system|assistant)|"
    r"conversational (?:agent|model|assistant)|(?:text|computer|ai)-based|(?:helpful|responsible|online) assistant|"
    r"bot\b|assistant\b)"
)
_WHO = (
    rf"(?:\b(?:as|being|since|because|given that|i'm|i am|i, being|merely|just|only|simply|from|"
    rf"like)\b[^.!?\n]{{0,40}}?{_NOUN})"
)
_MINE = (
    r"\b(?:my|our) (?:programming|guidelines|(?:\w+ ){0,2}polic(?:y|ies)|training(?: data)?|safety \w+|content \w+|"
    r"knowledge cut-?off|capabilities|design|developers|creators|ethical \w+|core \w+|terms)\b|"
    r"\b(?:access to|browse|retrieve|provide) (?:the )?(?:real[- ]time|live|internet|web|up-to-date|external)\b"
)
_ADVERB = r"(?:\w+ly|just|also|therefore|thus|still|only|yet|not yet|really|so|now|always|hence|sorry|afraid|that)"
_NOT = (
    r"(?:can't|cannot|can not|couldn't|could not|won't|will not|unable|not able|not allowed|not permitted|"
    r"not in a position|not going to|"
    r"not capable|not designed|not programmed|not authori[sz]ed|not equipped|not trained|not meant|not supposed|"
    r"not willing|not built|not here to|"
    r"not qualified|not prepared|not at liberty|not comfortable|incapable|prohibited|restricted|forbidden|limited|"
    r"uncomfortable|reluctant|"
    r"(?:must|will|shall|need to|have to|choose to|respectfully)? ?(?:\w+ly )?(?:decline|refuse|refrain|abstain)|"
    r"rather not|prefer not|lack\b|(?:don't|do not|not) (?:\w+ly )?(?:have|possess|feel comfortable|hold|support|"
    r"offer|provide|engage|give|"
    r"create|produce|write|answer|do|want to|generate|discuss|condone|assist|respond|participate|think it|experience|"
    r"form|own|eat|sleep|retain|store)|have (?:no|not been|never been)|"
    r"possess no|haven't been|not been (?:\w+ly )?(?:trained|instructed|authori[sz]ed|permitted|programmed|designed|"
    r"given|granted)|instructed not|"
    r"(?:trained|programmed|designed|told|asked|required|obliged) (?:not to|to (?:avoid|decline|refuse|refrain))|"
    r"going to (?:have to )?(?:pass|decline)|have to (?:pass|say no|turn)|must not|shouldn't|should not|"
    r"must (?:avoid|turn down|pass)|avoid)"
)
_I = r"\b(?:i|we)(?:'m| am|'ve| have|'re| are|'d| would|'ll| will| was| were)?"
_NEGATION = (
    rf"{_I}(?: {_ADVERB})*? ?{_NOT}|\b(?:and|but|so|therefore|thus|thereby),?(?: am| are)?(?: {_ADVERB})* (?:can't|"
    rf"cannot|unable|do not (?:have|possess)|don't (?:have|possess)|incapable|not able)"
)
_DO = (
    r"(?:help|assist|answer|provid|generat|creat|writ|discuss|compl(?:y|ied)|fulfil|engag|participat|support|shar|"
    r"respond|reply|proceed|produc|"
    r"do (?:that|this|so|it|such|what)|carry (?:out|on)|complet|offer|give\b|giving\b|perform|process|continu|talk|"
    r"speak|say (?:that|this|which|more)|tell|recommend|"
    r"brows|open|advis|suggest|express|mak(?:e|ing)|accommodat|entertain|execut|advice|guidance|grant|contribut|"
    r"endors|encourag|facilitat|condon|promot|"
    r"role-?play|pretend|follow|instructions|information on|offer|go (?:there|into|along|through)|satisfy|honou?r|"
    r"touch|cover|address|explain|describe|disclose|"
    r"reveal|draft|compose|handle|look (?:up|into)|make (?:that|this)|decide|choose|pick|predict|judge|comment|"
    r"walk you|be of|take part|be part|deal with|work on|act on|meet)"
)
_TASK = rf"(?:{_NEGATION})(?: (?!but\b)[\w',]+){{0,6}}? {_DO}|(?:{_NEGATION}) (?:that|this|it)\b"
_RULES = (
    r"(?:guidelines?|polic(?:y|ies)|principles?|rules?|programming|values|terms|standards|regulations|ethics|"
    r"restrictions|code of conduct|instructions|conscience)"
)
_POLICY = (
    rf"\b(?:against|violat\w+|conflicts? with|contrary to|breach\w*|contraven\w+|goes? beyond|in line with|due to|"
    rf"because of|per|under|comply with|"
    rf"break(?:s|ing)?|incompatible with|inconsistent with)(?: \w+'?s?){{0,4}} {_RULES}|\b(?:harmful|unethical|"
    rf"illegal|unlawful|dangerous|inappropriate|offensive|unsafe|sensitive|safety|not permitted|against the law|"
    rf"rules i|strict|stay neutral)\b"
)
_FIRM = (
    rf"\b(?:breach|contraven)\w* (?:my|our)(?: \w+){{0,3}} {_RULES}|"
    r"^\W*i (?:do not|don't|won't|will not) (?:generate|write|create|provide|produce|discuss|share|answer)\b"
    r"[^.!?]{0,40}\b(?:such|this|that|those|these)\b|"
    r"\bnot (?:a|an|the) (?:\w+ )?(?:request|question|topic|task|thing)(?: that)? i (?:can|could|will|am|want)|"
    r"\b(?:request|question|topic|task)s? (?:isn't|is not) (?:one|something) (?:that )?i|\brules? (?:this|that|"
    r"it) out\b|\bagainst (?:the |company |our )?policy\b|"
    r"\bturn (?:this|that|it|you|your request) down\b|\b(?:this|our|the) (?:assistant|bot|ai|model) (?:is|was|"
    r"has)(?: \w+)? (?:unable|not able|not allowed|not permitted|not designed)|"
    r"\b(?:not|n't|isn't|never) something (?:that )?i(?:'m| am| can| will| could)|\bbeyond (?:what i|my (?:abilit|"
    r"capabilit|scope))|\boutside (?:of )?(?:the scope of (?:what i|my)|what i|my)|"
    r"\binappropriate for me\b|\bnot (?:be )?(?:appropriate|ethical|right|acceptable|suitable|possible|"
    r"responsible) for me\b|"
    rf"\bagainst (?:my|our|openai\S*|the company's)(?: \w+){{0,2}} {_RULES}|\bviolat\w+ (?:my|our|"
    rf"openai\S*)(?: \w+){{0,3}} {_RULES}|\bconflicts? with (?:my|our)(?: \w+){{0,3}} {_RULES}|"
    r"\b(?:prevents?|prohibits?|forbids?|stops?|keeps?|bars?|restricts?|precludes?) me from\b|\bdoes(?:n't|"
    r" not) (?:allow|permit|let) me\b|\bdo(?:n't| not) (?:allow|permit|let) me\b|\b(?:request|prompt|question|query|"
    r"content|message)s? (?:has|have) been "
    r"(?:flagged|blocked|filtered)|\bin good conscience\b|\bi(?:'m going to| must| have to| will have to|'ll have to|"
    r" need to| would like to)? (?:\w+ly )?(?:decline|refuse) (?:to|this|that|your|the|such)|"
    r"\bmust (?:respectfully )?(?:decline|refuse)\b|\bcannot be (?:fulfilled|processed|honou?red)|\bcan(?:'t|"
    r" only)?,? (?:only )?(?:answer|help with|assist with|discuss|respond to) questions? (?:related|about|regarding|"
    r"on our)|"
    r"\bno,? i (?:will not|won't|can't|cannot) (?:write|do|help|answer|provide|create|say)|\bthis (?:request|topic|"
    r"question|task) (?:is|falls|goes) (?:\w+ )?(?:off[- ]limits|outside|beyond|against)|"
    r"\bi'?m (?:not|un)(?: able)? ?(?:to )?(?:comfortable|at liberty)\b|\brefuse to (?:write|answer|help|assist|"
    r"provide|generate|engage|participate)\b|\bhave to refuse\b|\bit's a no from me\b|"
    r"\bi'(?:m|ll have to| will) (?:\w+ )?pass on (?:this|that)"
)
_FLAT = (
    rf"^\W*(?:(?:no|hi|hello|hey|unfortunately|regrettably|thank you|"
    rf"thanks)[^.!?]{{0,40}}?[,.!] ?)?(?:{_NEGATION})(?: (?!but\b)[\w',]+){{0,4}}? {_DO}[^.!?]{{0,60}}?\b"
    r"(?:that|this|these|those|such|your (?:request|question)|it|request|content|material|matter|topic|kind|sort|"
    r"subject)\b|"
    rf"^\W*(?:that|this|it|providing|creating|writing|answering|doing|generating)\b[^.!?]{{0,80}}\b(?:{_NEGATION}|"
    rf"isn't possible for me|not possible for me)"
)
_DISCLAIMER = (
    r"\b(?:personal|opinions?|beliefs?|preferences?|favou?rites?|feelings?|emotions?|experiences?|physical|body|"
    r"real[- ]time|current|up-to-date|live (?:data|information)|internet|"
    r"browse|external|access to|images?|pictures?|visual|graph|chart|draw|paint|file|link|website|future|predict|"
    r"ability to|capab)"
)
VOICE = Voice(
    model=re.compile(rf"{_WHO}|{_MINE}", re.IGNORECASE),
    sorry=re.compile(
        r"\b(?:sorry|apolog\w+|unfortunately|regret\w*|i'm afraid|i am afraid|forgive me|pardon me|alas|sadly)\b",
        re.IGNORECASE,
    ),
    negation=re.compile(_NEGATION, re.IGNORECASE),
    task=re.compile(_TASK, re.IGNORECASE),
    policy=re.compile(_POLICY, re.IGNORECASE),
    firm=re.compile(_FIRM, re.IGNORECASE),
    flat=re.compile(_FLAT, re.IGNORECASE),
    disclaimer=re.compile(_DISCLAIMER, re.IGNORECASE),
    harmless=re.compile(
        r"\b(?:can't|cannot|can not|couldn't|could not) (?:help (?:but|it|\w+ing|myself|falling)|believe|wait|"
        r"imagine|stress|emphasi[sz]e|overstate|"
        r"thank|stop|recommend (?:\w+ ){0,4}(?:enough|more|highly)|say enough|tell you how|express (?:how|enough)|"
        r"afford|complain|find|remember|recall)\b|\bno idea\b|\b(?:find|know) (?:the|an) answer\b|\b(?:sufficient|"
        r"enough) (?:data|information|context|knowledge|details)\b|"
        r"\bas an? (?!ai\b|artificial|language|large|virtual|assistant\b|chat|text|machine|bot|computer|neutral|"
        r"responsible|helpful)[\w-]+(?: \w+)?,",
        re.IGNORECASE,
    ),
    asks_back=re.compile(
        r"\b(?:you (?:did not|didn't|haven't|have not|forgot)|(?:please|could you|can you|"
        r"if you)(?: \w+)? (?:provide|share|specify|clarify|paste|include|supply|tell me (?:more|which))"
        r"(?: me)?(?: with)? (?:the|more|some|additional|further|a specific|any|your|what|which|details|context)|"
        r"(?:not|isn't) enough (?:information|context)|additional information|"
        r"without (?:more|further|additional|knowing|the|any)\b|no (?:article|text|passage|image|input|context|"
        r"sentence)|more (?:context|information|details) (?:is|are))",
        re.IGNORECASE,
    ),
    turn=re.compile(
        r"\b(?:however|but here|but i can|nevertheless|nonetheless|that said|instead|still|here (?:is|are)|"
        r"in general|generally|typically|based on)\b",
        re.IGNORECASE,
    ),
    offer=re.compile(
        r"\b(?:let me know|feel free|if you(?:'d| would| have| need| want|'re)|please|is there (?:anything|something|"
        r"another)|anything else|i can (?:help|assist|offer)|happy to|glad to|perhaps|"
        r"consult|would you like|i (?:recommend|suggest|encourage|urge|advise)|thank|can i help|my (?:purpose|goal|"
        r"role|aim)|designed to|qualified|licensed|professional|here to help|ask(?:ing)? me|"
        r"other (?:questions|topics)|different (?:question|topic)|harmful|respectful|inclusive|ethical|safe)\b",
        re.IGNORECASE,
    ),
    limits=re.compile(
        r"\b(?:capabilit|function|external (?:task|service|platform)|(?:current|my) (?:abilit|tool)|tools?\b|"
        r"i can (?:help|assist|only|provide|calculate|search|find|generate|convert)|designed to)", re.IGNORECASE
    ),
    declines=re.compile(
        r"n't\b|\b(?:not|cannot|no|never|declin\w+|refus\w+|avoid|(?:stay|steer) (?:away|clear)|off[- ]limits|unable|"
        r"prohibit\w*|forbid\w*|prevents?|against|beyond|outside|refrain|pass on|leave (?:that|this|it))\b",
        re.IGNORECASE,
    ),
    first=re.compile(
        rf"{_I}(?: {_ADVERB})*? ?{_NOT}|\b(?:isn't|not|never|no) [^.!?]{{0,60}}\b(?:i|me|my)\b|\b(?:i|my|"
        rf"me)\b[^.!?]{{0,60}}(?:n't\b|\b(?:not|cannot|refuse|decline|prefer not|stay away|steer clear|no)\b)|"
        rf"\bthis (?:assistant|model|system|bot|ai)\b|\bi'(?:m going to|ll) (?:decline|pass|skip)",
        re.IGNORECASE,
    ),
    topic=re.compile(
        r"\b(?:request|question|topic|subject|content|material|prompt|query|task|instructions?|answer(?:ing)?|"
        r"discuss\w*|respond\w*|generat\w+|assist\w*|fulfil\w*|comply|details|conversation|go into|weigh in|matter|"
        r"share|guidance|help with)\b", re.IGNORECASE
    ),
    redirect=re.compile(
        r"\b(?:(?:something|anything|topic|question)s? (?:else|different|other|more (?:constructive|positive|"
        r"appropriate))|let's (?:talk|chat|discuss|focus|move)|(?:another|different|other) (?:topic|question|"
        r"subject)s?|consult (?:a|an|with)|(?:qualified|licensed|professional|trained) \w+|seek (?:help|advice|"
        r"professional)|reach out to (?:a|an|the)|"
        r"is there (?:anything|something|another)|feel free to ask|happy to (?:help|assist|discuss) (?:with|"
        r"you with) (?:other|something|anything))", re.IGNORECASE
    ),
    short=300,
    letter=re.compile(r"\W*(?:dear\b|subject:|to whom|\"|“|human:|user:|q:)", re.IGNORECASE),
)  # fmt: skip
