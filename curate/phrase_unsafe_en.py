"""English cues of unsafe content: what is named together, in one sentence, when somebody asks for harm or tells how.

A word of up to four letters stands for its plural and its forms in -ed and -ing too, a longer one for all words that
start with it. A cue needs a word of each of its lists: no word
alone is unsafe but a few that nobody uses otherwise. `phrase_unsafe.py` says how a cue is read.
"""

from __future__ import annotations

from tunesmith.curate.phrase_cue import ANSWER, ANYWHERE, REQUEST, Cue
from tunesmith.curate.phrase_frames_en import ASK, ASK_HIDDEN, GROUPS, MAKE, MARVELS, PEOPLE, SLURS, SUPPLY

CUES = (
    Cue("weapons", "pipe bomb|bomb|explosive|molotov|grenade|napalm|thermite|detonator|dynamite|semtex|tnt|gunpowder|"
        "ammonium nitrate|blasting cap|landmine|nerve gas|nerve agent|sarin|vx gas|mustard gas|chlorine gas|ricin|"
        "anthrax|"
        "chemical weapon|biological weapon|bioweapon|silencer|ghost gun|zip gun|poison gas|toxic gas|tear gas|ied|"
        "dirty bomb|nuclear weapon|firebomb|switchblade", MAKE, REQUEST, ASK, MARVELS),
    Cue("weapons", "gun|firearm|rifle|pistol|handgun|shotgun|ammo|ammunition|weapon|revolver|knife|bullet|ar-15|"
    "ak-47|glock",
        MAKE, REQUEST, ASK_HIDDEN + ")", MARVELS),
    Cue("weapons", "gun|firearm|rifle|pistol|handgun|receiver|glock|ar-15",
    "3d print|3d-print|fully automatic|full auto|"
        "full-auto|bump stock|auto sear|file off|serial|untraceable|unregistered", ANYWHERE, "", MARVELS),
    Cue("weapons", "black powder|gunpowder|ammonium nitrate|fuel oil|potassium nitrate|potassium chlorate|"
    "acetone peroxide|"
        "nitroglycerin|detonator|blasting cap|shrapnel|ball bearings|fertilizer|sarin|ricin|"
        "castor|firing pin|hydrogen peroxide|match heads", "fuse|fill|pack|mix|combine|detonat|explo|ignite|wick|"
        "ratio|timer|"
        "synthesi|trigger|blast|bottle|wire|receiver|print", ANSWER,
        r"fuse\b|detonat\w+|explo[ds]\w+|blast\w*|shrapnel|bomb\w*|firing pin|sarin|ricin|synthesi\w+|wick\b|ignite",
        "engine|car"),
    Cue("drugs", "cooking crack|cook crack|crack rocks|meth|crystal meth|methamphetamine|cocaine|smoke crack|heroin|"
    "fentanyl|lsd|mdma|ghb|roofie|rohypnol|"
        "date rape drug|magic mushroom|psilocybin|shrooms|dmt|opium|illegal drug|hard drug|street drug|party drug|"
        "narcotic|"
        "ecstasy|crack cocaine|bath salts", SUPPLY, REQUEST, ASK, ""),
    Cue("drugs", "weed|marijuana|cannabis|xanax|adderall|drugs|oxycodone|oxycontin|ketamine|steroid|pills|hashish|"
        "percocet|vicodin|codeine|opioid|edibles|mushrooms", SUPPLY, REQUEST,
        ASK_HIDDEN + r"|\b(?:deal|smuggl|sneak|fake|snort|traffick)\w*|\bsell(?:ing)? (?:\w+ ){0,2}(?:weed|drugs|"
        r"pills|marijuana|cannabis)|"
        r"\bget(?:ting)? high\b|\bdealers?\b|drug test)", "weed the|garden"),
    Cue("drugs", "pseudoephedrine|red phosphorus|psilocybin|darknet|dark web|fentanyl|burner phone|pill press|cocaine|"
        "heroin|meth|mdma|crystals|pellets|stash", "extract|reduce|iodine|spores|vendor|stealth|monero|bitcoin|"
        "customers|"
        "blend|binder|swallow|latex|coffee grounds|snort|inject|lines|cook|lithium|ammonia|vacuum|dealer|dogs",
        ANSWER, "", ""),
    Cue("self_harm", "kill myself|killing myself|kill yourself|hang myself|hanging myself|drown myself|hurt myself|"
    "hurting myself|"
        "harm myself|harming myself|cut myself|cutting myself|poison myself|shoot myself|starve myself|starving myself|"
        "commit suicide|committing suicide|end my life|ending my life|end my own life|ending my own life|"
        "stop existing|stop my heart|bleed out|bleed enough|burn myself|burning myself|take my own life|take my life|"
        "end it all|"
        "end it tonight|suicide note|suicide method|noose|slit my wrist|slitting|overdose|want to die|my own death|"
        "painless death|suicide pact|self-harm|self harm|to be dead|goodbye letter|off myself", "", REQUEST,
        ASK + "|painless|tonight|goodbye", "prevent|help someone|my friend|feel|patient"),
    Cue("self_harm", "to die|fatal|lethal|kill me|deadly|dying|never wake up|not wake up|pass away",
    "pills|tylenol|aspirin|"
        "tablets|paracetamol|ibuprofen|sleeping pill|bleach|dose|antifreeze|insulin|overdose|xanax|take|jump|bridge|"
        "rope|razor|exhaust|"
        "carbon monoxide|charcoal", REQUEST, r"\b(?:do i|should i|can i|would i|i have to|i need|i take|will i|"
        r"for me|myself|"
        r"if i|me\b)", "fear|afraid|scared|accident"),
    Cue("self_harm", "starv|throwing up|throw up|vomit|purg|laxative",
    "meals|lose|calories|weight|eating|after", REQUEST, ASK,
        "cat|dog|baby|sick|flu|morning|data"),
    Cue("self_harm", "razor|blade|noose|rope|overdose|pills|tablets|charcoal|exhaust|purge|cutting",
    "thigh|wrist|cover the|"
        "scars|hide the|beam|your neck|alcohol|lethal|fatal|painless|at once|tub|after every meal|sealed|two fingers",
        ANSWER,
        "", "emergency|hotline|call|doctor|hospital|beard|shav|medical"),
    Cue("self_harm", "i will be gone|will be gone|i'll be gone|i am gone|goodbye forever|end my pain|blame themselves|"
        "can't go on", "by the time|dear|forgive|family|love you|sorry|nobody|read this", ANSWER, "", ""),
    Cue("violence", "kill|murder|strangl|stab|poison|kidnap|abduct|tortur|assassinat|rape|raping|behead|drown|suffocat|"
        "lynch|ambush|massacre|beat up|beating up|beat someone|beating someone|beating someone up|hurt|assault|attack|"
        "run over|burn down|set fire|start a fire|starting a fire|shoot|throw acid|hitman|hit man|lock up|punch|harm|"
        "bomb|blow up", PEOPLE, REQUEST,
        ASK_HIDDEN + r")|\b(?:how (?:to|do i|can i|could i|would i|should i)|best way|easiest way|ways? to|help me|"
        r"i want to|"
        r"i'm going to|tips|teach me|hire|show me|tell me|give me a plan|my plan|revenge)\b(?=[^?]{0,40}?\b(?:kill|"
        r"murder|strangl|stab|poison|kidnap|"
        r"abduct|tortur|assassin|rape|behead|suffocat|drown|beat(?:ing)? (?:up|some|my)|throw(?:ing)? acid|smother|"
        r"maim|cripple|start(?:ing)? a fire (?:in|at) (?:my|some|a|the)|get rid of my|hurt (?:a|my|her|him)|"
        r"hurt (?:some|my ex)|assault|burn down|"
        r"set fire to (?:my|some|the)|shoot (?:up|my|some|people|a (?:man|cop|person))|hitman|blow up|attack (?:a|my|"
        r"some)))",
        "time|photo|kindness|process|weed|stain|bacteria|boss fight|level|quest|video|my back|my knee|my ears|screen"),
    Cue("violence", "dead body|corpse|a body|the body|human remains|cadaver",
    "get rid|dispos|hide|hiding|dissolv|bury|burying|"
        "destroy|dump|conceal|lye|acid|cut up|barrel", ANYWHERE, "", "medical|funeral|toxin|waste|fat|cell|liver|"
        "kidney|hormon|temperature"),
    Cue("violence", "school shooting|mass shooting|a shooting|terrorist attack|terror attack|a bombing|a stabbing|"
    "a massacre|"
        "arson|car attack|a lynching|an ambush|isis|jihad", "plan|carry out|commit|join|organi|execute|recruit|"
        "prepare|help me|"
        "for me|at my|stage", REQUEST, r"\bhow (?:to|do i|can i|could i)\b|help me|for me|\bi want|^\W*plan\b",
        "counter|victim|response"),
    Cue("violence", "brake line|brake fluid|antifreeze|rat poison|arsenic|cyanide|lye|stun gun|chloroform|duct tape|"
    "wet towel|"
        "candy|puppy|exits|baseball bat|alibi|gloves|rope", "her car|his car|his drink|her drink|meatball|corpse|"
        "bones|victim|"
        "unconscious|the child|a kid|cafeteria|bruise|his food|her food|the fence|tie|strike|scatter|gag|"
        "over the head", ANSWER,
        "", "recipe|christmas|game"),
    Cue("sexual", "pussy|hard cock|his cock|my cock|your cock|thick cock|blowjob|blow job|handjob|cumshot|hentai|"
    "gangbang|"
        "child porn|child pornography|hardcore porn|porn video|porn site|xxx site|xxx video|pornhub|"
        "rough sex|deepthroat|cum inside|wet pussy|nude pics|nude photos|"
        "naked pictures|hardcore sex|upskirt|sex tape|dirty talk|sex chat|porn star|"
        "bondage sex|camgirl|onlyfans|jerk off|call girl|sexting", "", ANYWHERE,
        r"", "riot|addiction|laws? |against|infection|disease|risk|pregnan|contracept|thriller|genre|cat\\b|willow|"
        "novelist|filter|health"),
    Cue("sexual", "sex scene|sex story|sex stories|erotic|nudes|oral sex|anal sex|naked women|naked girls|"
    "pornographic|nsfw|horny|threesome|smut|"
        "prostitute|escort service|sexual fantasy", "", REQUEST, ASK, "emotion|two q|duplicate|review|riot|addiction|"
        "laws? |against|infection|disease|risk|thriller|health"),
    Cue("sexual", "panties|nipples|moaned|moaning|thrust|naked|breasts|lick|stroked|aroused|undress|orgasm|penetrat|"
    "his tongue|"
        "her thighs|climax|bra|grope|caress|underwear", "hard|wet|deep|scream|begged|came|inside her|inside him|cock|"
        "clothes off|"
        "pulled off|ripped|bed|between her|her body|his body|pulsing|slid|tongue", ANSWER,
        r"(?:nipples?|panties|moan\w*|orgasm\w*|lick\w*|thrust\w*|naked|grop\w+|bra)\b.*\b(?:hard|wet|deep|scream\w*|"
        r"came|cock|"
        r"inside|pulled|bed|thighs?|slid|tongue|body)|(?:slid|pulled|ripped|wet|deep|hard|inside)\b.*\b(?:panties|"
        r"nipples?|"
        r"moan\w*|orgasm\w*|naked|bra)\b", "medical|infection|breastfeed|baby|rocket|engine|doctor|cancer"),
    Cue("sexual", "underage|minors|little girl|little boy|teen girl|schoolgirl|children|preteen|toddler",
    "naked|nude|sex|sexual|"
        "porn|undress|fuck|seduc|groom|molest|touch", REQUEST, ASK, "educat|teach children|safe|consent"),
    Cue("sexual", "changing room|locker room|shower|bathroom|toilet|restroom|bedroom|fitting room|under skirts|"
    "neighbor", "film|spy|"
        "hidden camera|record|peep|pinhole|secret photo|spy cam|camera",
        ANYWHERE, "secret\\w*|hid\\w+|spy|peep\\w*|without \\w+ knowing", "movie"),
    Cue("sexual", "sex|fuck|fucking|lovemaking|making love|make love|intercourse|seduc|masturbat|bdsm|porn|"
    "stepsister|stepmom|"
        "strip", "graphic|explicit|detail|scene|story|describe|roleplay|role-play|steamy|video|watch|fantas|dirty|"
        "teacher|naughty|"
        "uncensored|girls|drunk|pass out|unconscious|force|drug her|passionate|sites", REQUEST, ASK,
        "educat|hormon|disease|gender|chromosom|comic|weather|paint|biolog|ratio|discriminat|trafficking"),
    Cue("hate", GROUPS, SLURS, REQUEST, ASK, "stereotyp|discriminat|prejudice|racism|persecut|some people|myth|"
    "holocaust|argue against|"
        "respect|support|empower|health|fashion|feminis"),
    Cue("hate", GROUPS, SLURS, ANSWER, r"\b(?:are|is|were|be|belong|should|must|deserve|breed|smell|"
    r"have no)\b(?=.{0,60}?\b(?:vermin|not deserve|sick\b|drug dealers|"
        r"parasit\w+|sub-?human|inferior|animals|rats|cockroach\w*|scum|trash|filth\w*|disgust\w+|disease|cancer|"
        r"plague|lazy|stupid|"
        r"dumb|thie\w+|criminals|terrorists|evil|worthless|pervert\w*|abominat\w+|monkeys?|apes|savages?|dirty|wiped|"
        r"exterminat\w+|"
        r"cleansed|deported|shot|killed|hanged|punished|burn|gassed|rapist\w*|leech\w*|aborted|burden|eradicat\w+|"
        r"eliminated|die|go\b|in the kitchen|weak|"
        r"uncivili\w+|barbar\w+|second-class|degenerat\w+|backward|less intelligent|poison))|\b(?:run|control|"
        r"rule) the (?:banks|media|world)",
        "stereotyp|discriminat|prejudice|wrong to|racism|persecut|myth|cells?|patients|breast"),
    Cue("crime", "phishing|scam|swindle|con artist|ponzi|pyramid scheme|defraud|fraud",
    "write|create|email|script|page|run|set up|"
        "old people|elderly|build|make|money|message|start|trick|grandma|savings|convinc|insurance|credit card|"
        "commit|pull off|text", REQUEST,
        r"\bhow (?:do i|can i|to|could i)\b|\b(?:write|create|draft|design|build|script|help me|generate|give me|"
        r"teach|show|compose|craft|plan|make|set)\b",
        "victim of|safe|aware|warn|inform|lesson|quiz"),
    Cue("crime", "clone a|cloning|fake charity|fake website|fake job|fake profile|fake receipt|fake check|"
    "fake cheque|fake review|fake lottery|fake ticket|fake bank|paying taxes|launder|counterfeit|shoplift|burgl|rob|"
    "robbing|steal|stealing|pickpocket|forge|forging|blackmail|extort|brib|hotwire|hot-wire|"
        "embezzl|evade tax|tax evasion|tax fraud|insider trading|identity theft|carding|skimmer|break into|"
        "breaking into|stalk|dox|"
        "pick the lock|pick a lock|human traffick|stolen|fake id|fake passport|fake degree|fake diploma|fake money|"
        "fake bills|fake prescription|"
        "fake invoice|fake document|fake driver|fake license|cheat on", "money|bill|store|supermarket|bank|car|house|"
        "passport|card|cash|"
        "signature|taxes|tax|password|identity|home|official|judge|boss|ex|someone|neighbor|neighbour|phone|exam|"
        "border|caught|license|document|"
        "coworker|degree|client|profit|celebrit|photos|id|prescription|detect|wallet|bike|company|illegal|offshore|"
        "keyless|donation|victims|people|customer|customers|grades|clients", REQUEST,
        r"\bhow (?:do i|can i|to|would i|could i|does one)\b|\bways? to\b|\b(?:i want|help me|teach me|show me|"
        r"tell me|give me|i need|best|easiest|"
        r"explain how|instructions|guide|tips|tricks|where can i|create a fake|make|write|draft|good way|steps|plan)\b",
        "victim|my (?:\\w+ )?(?:was|has been|got) stolen|robin hood|recover|insurance claim|base|second base|heart|"
        "show"),
    Cue("crime", "hack|hacking|break into|crack|spy on|hijack|log into|take over",
    "account|instagram|facebook|wifi|wi-fi|phone|email|password|"
        "whatsapp|snapchat|bank|webcam|computer|server|network|website|twitter|girlfriend|boyfriend|wife|husband|"
        "school", REQUEST,
        r"\bhow (?:do i|can i|to|could i)\b|\b(?:help me|teach me|show me|tell me|i want to|ways? to|steps|tool|"
        r"guide|write|explain how)\b",
        "my own|hackathon|life ?hacks?|growth|got hacked|was hacked|been hacked|egg|from hack|secure|test"),
    Cue("crime", "someone's|someone else's|somebody's|another person|my ex|my wife's|my husband's|my girlfriend's|"
    "my boyfriend's|my boss's|my neighbor's|without the password|other people's|her phone|his phone",
        "email|account|phone|password|messages|instagram|whatsapp|wi-fi|wifi|icloud|bank|computer|facebook|location|"
        "texts", REQUEST,
        r"\b(?:how (?:do i|can i|to|could i)|help me|ways? to|i want to|tell me how|show me how|"
        r"teach me)\b.{0,60}\b(?:get into|gain access|log in|access|read|hack|break into|spy|track|reset|steal|crack|"
        r"guess|intercept|tap|bug)",
        "legal|help desk|parental"),
    Cue("crime", "ransomware|malware|keylogger|trojan|botnet|ddos|rootkit|spyware|computer virus|worm|sql injection|"
    "exploit",
        "write|create|code|build|make|script|python|program|spread|develop|attack|launch|deploy|infect", REQUEST,
        r"\bhow (?:do i|can i|to|could i)\b|^\W*(?:please )?(?:write|create|code|build|make|develop|give|help|show|"
        r"teach|generate|program)\b|\bi want\b",
        "remove|antivirus|anti-virus|horse|fishing|compost|patch|scan for|sanitize"),
    Cue("crime", "dirty cash|dirty money|shell company|login page|gift cards|bail money|keylogger|tension wrench|"
    "rake the pins|security tags|"
        "stolen passport|forge|malware|ransomware|inflated sales|fake login|crypto mixer|cloned|skimmer|counterfeit|"
        "stolen card|victim's",
        "mix|receipts|clone|create urgency|steal|read me|pins|owners|defeat|foil|stamps|photo|encrypt|demand|bitcoin|"
        "reprint|bleach|offshore|deposit|"
        "password|pretend|install|transfer|send her|send him|urgent|watermark|printer", ANSWER, r"\b(?:you|your|her|"
        r"his|here is|here's|victims?|pretend|mix|insert|bleach|obtain|use|hello)\b",
        "never|do not|don't|protect|beware|prevent|avoid|warning|antivirus"),
    Cue("gambling", "casino|betting|slots|roulette|baccarat|bookmaker|bookie|sportsbook|place your bets|jackpot|"
    "poker|wager|free spins|bet on|bets on|blackjack", "bonus|"
        "deposit|sign up|register|join now|real money|promo code|free bets|free spins|guaranteed win|vip|win big|"
        "pays out|telegram|whatsapp|"
        "guaranteed|illegal|underground|rig|rigging|marked card|signal|high stakes|offshore|cheat|unlicensed|no id|"
        "double your|fix a|match-fixing",
        ANYWHERE, "", "payoff|probabilit|expected value|hotel|resort|james bond|royale|addict|simulat|restaurant|"
        "film|movie"),
    Cue("crime", "without getting caught|without being caught|without getting arrested|undetected|untraceable|"
    "illegally|get away with|black market|dark web|"
        "darknet|without her knowing|without his knowing|without them knowing|without paying|without their consent|"
        "without her consent|without anyone knowing|fool the police|avoid getting caught|"
        "not get caught|no one finds out|nobody finds out|without a prescription|without leaving a trace|"
        "without leaving evidence|evade the police|escape the police", "", REQUEST,
        r"\bhow (?:do i|can i|to|could i|would i|should i)\b|\bi (?:want|need|plan)\b|\b(?:help me|teach me|show me|"
        r"tell me how|best way|easiest way|ways to|where (?:can|do) i|tips|steps to)\b",
        "surprise|gift|rules of|what is the"),
    Cue("politics", "overthrow|armed uprising|coup|insurrection|topple|sedition|riot",
    "government|regime|president|state|plan|start|incite|organi", REQUEST,
        r"\bhow (?:do|can|to|could|would) (?:i|we)?\b|\b(?:help me|plan|write|teach|i want)\b",
        "history|histor|roman|french|analy"),
)  # fmt: skip
