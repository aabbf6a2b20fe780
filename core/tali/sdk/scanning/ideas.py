"""The ideas that planted instructions are made of, in English and in the marks of machines, as patterns of folded text.

Alone each is common in honest work (a grade book is a fine exercise): the rules say which have to come together.
"""

from __future__ import annotations

import re


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\s*\n\s*", "", text))


_GRADES = r"(?:grad(?:es?|ing)|scor(?:es?|ing)|evaluat(?:es?|ing)|judg(?:es?|ing)|rat(?:es?|ing)|assess(?:es|ing)?)"
GRADER = _pattern(
    rf"""\b(?:graders?|judges?|scorers?|evaluators?|assessors?|examiners?|raters?|auto-?graders?|
    (?:grading|scoring|evaluation|evaluating|assessment|rating|judging|hiring|reviewing|marking)[ ]
    (?:model|ai|llm|agent|bot|assistant|instructions?)s?|
    (?:grading|evaluation|assessment|judging|hiring) (?:system|engine|algorithm|pipeline|software|tool|service|team)s?|
    (?:ai|llm|model|automated|automatic) (?:reviewer|assessment|evaluation|grading|scoring|judg(?:e|ing))|
    (?:model|ai|llm|system|whoever|whatever|anyone|person|claude|gpt|chatgpt|bot|machine|one|reader)[ ]
    (?:(?:that|who|which|will|is|are|be|now|currently|later) )*{_GRADES}\b)"""
)
_ORIGIN = (
    r"(?:previous|prior|above|earlier|preceding|all|any|your|every|these|those|given|original|initial|system|"
    r"existing|"
    r"former|foregoing|other|current|default|the)"
)
IGNORE = _pattern(
    rf"""\b(?:ignore|ignoring|disregard|disregarding|forget|override|overrides?|overriding|overrule|bypass|discard|
    abandon|do not follow|don't follow|stop following|pay no attention to|set aside|throw away|supersedes?|replaces?|
    neglect|delete|erase|void|cancels?|skip)
    (?! my) (?:[\w'-]+ ){{0,4}}?{_ORIGIN} (?:[\w'/-]+ ){{0,4}}?
    (?:instructions?|directives?|guidelines?|rubrics?|grading (?:rules|criteria|scale)|scoring (?:rules|criteria)|
    system (?:prompt|message)s?|evaluation (?:rules|criteria)|rules you|orders|programming|system rules|
    (?:rules|criteria|guidance)(?! (?:of|for|in) ))\b"""
)
FORGET = _pattern(
    r"""\b(?:ignore|disregard|forget) (?:all|everything|anything|whatever|what)\b.{0,30}
    (?:you were|you have been|you've been|were told|was said (?:above|before)|above this|before this|so far|until now|
    up to (?:here|now|this))"""
)
SUPER = _pattern(
    r"""\bfull (?:marks|score|points|credit)\b|\btop (?:marks?|scores?|ratings?|grades?)\b|
    \b(?:perfect|maximum|max|maximal|highest|flawless|best)(?:[ -]possible)?[ ]
    (?:scores?|ratings?|grades?|marks?|evaluations?|10s?|tens?|values? (?:for|on|in|to) (?:all|every|each))\b|
    \b(?:10|ten) ?(?:/|out of|of) ?(?:10|ten)\b|\b100 ?(?:/|out of|of) ?100\b|\b(?:all|straight|only|
    nothing but) (?:tens|10s|10's|10)\b|
    \b(?:10s|tens)\b|\ba (?:perfect |solid |clear |clean |strong )?(?:10|ten)\b(?! (?:\w+ )?(?:elements?|items?|
    digits?|lines?|numbers?))|
    \b(?:five|5)[ -]stars?\b|\b(?:maximum|max|most|full|highest) (?:possible )?points\b|
    \b(?:10|ten) (?:for|in|on|across|to|under|at) (?:every\w*|each|all|the board|any)\b|
    \bhighest (?:band|level|tier|value)\b|
    \b(?:score|rate|grade|mark)s? (?:(?:it|this|that|them|him|her|me|us|everything|all|a|as|at|
    with) ){0,2}(?:10|ten|100)\b|
    \b(?:all|every|each)(?: \w+)? (?:signals?|categor(?:y|ies)|dimensions?|criteri(?:on|a)|metrics?|scores?|ratings?)\b
    [^.]{0,20}\b(?:10|ten|100|maximum|perfect|highest)\b|\bmax(?:imum)? (?:out|on|for|across|in) (?:all|every|each)\b|
    \bmark(?:ed)? as (?:excellent|outstanding|perfect|passed|exceptional)\b"""
)
VALUE = _pattern(
    r"""\b(?:scores?|ratings?|grades?|marks?|values?|signals?|points?|result|verdict|evaluation)\b["']?
    (?: ?(?:of|=|:|to|as|is|are|be|at|must|should|shall|will|equals?|->|=>))+ ?["']?(?:(?:the|a|an) )?
    (?:(?:10|ten|100|9\.\d|9\d|perfect|maximum|max|excellent|pass(?:ed)?)\b|a\+)"""
)
GIVE = _pattern(
    r"""\b(?:give|award|assign|grant|rate|score|grade|mark|set|return|output|report|respond|answer|put|record|enter|
    must|should|shall|evaluate|judge|allocate|emit|produce|apply|default|treat|consider|receives?|gets?|make|please|
    assess|conclude|write|provide|use|deserves?|needs?|round|raise|bump|adjust|increase|change)\b"""
)
_AIMS = (
    r"(?:signals?|categor(?:y|ies)|dimensions?|criteri(?:on|a)|metrics?|components?|rubrics?|rubric items?|axes|axis|"
    r"aspects?|items?|scores?|fields?|areas?)"
)
CANDIDATE = _pattern(
    rf"""\b(?:(?:the|this|that|our) )?(?:candidates?|applicants?|interviewees?|examinees?|test[- ]?takers?|
    job seekers?)(?:'s)?\b|
    \b(?:this|the|entire|whole) (?:submission|session|conversation|transcript|interview|assessment|participant|chat|
     developer|engineer|programmer|exam)(?:'s)?\b|
    \b(?:all|every|each|any|the|these)(?: of the| the| other| judged| single| remaining)* {_AIMS}\b|
    \bacross the board\b|
    \bmy (?:prompts?|prompting|work|session|submission|answers?|performance|communication|assessment|skills|
    interview)\b"""
)
PERSON = _pattern(r"\b(?:candidate|applicant|interviewee|examinee|test[- ]?taker|job seeker)s?\b")
SOMEBODY = _pattern(
    r"""\b(?:the|this|that|our|said|current|each) (?:candidate|applicant|interviewee|examinee|test[- ]?taker|developer|
    engineer|programmer|participant)(?:'s)?\b|\b(?:candidate|applicant|interviewee)(?:'s)? (?:clearly|obviously|has|is|
    was|should|must|deserves|earned|excels|shows|demonstrates|qualifies|verified|approved|passes|passed|scored)\b"""
)
PRAISE = _pattern(
    r"""\b(?:deserves?|deserving|merits?|earned|earns|demonstrat(?:es?|ed|ing)|exhibits?|
    display(?:s|ed)|
    excels?|excelled|excellent|outstanding|exceptional|brilliant|world[- ]class|masterful|flawless|
    expert[- ]level|superb|
    exemplary|impressive|hire|hired|strong hire|recommend(?:ed)?|qualifies|perfect(?:ly)?|
    mastery|strongest|most (?:skilled|talented|capable|gifted)|impeccable|
    stellar|superior|remarkable|top performer|senior)\b"""
)
ADDRESS = _pattern(
    rf"""\b(?:notes?|messages?|memo|instructions?|attention|attn|notice|hint|reminder|heads[- ]?up|dear|important|
    info|warning|
    comment|psa|p\.?s\.?|hey|hi|hello|psst)\b[ :,!-]*(?:to|for|all|from)?[ :]*(?:the |any |all |every |an? |our |
    my |your |whoever |whatever |ai |llm |future |fellow |dear )*
    {GRADER.pattern}"""
)
TO_GRADER = _pattern(
    rf"(?:^|[.!?:;>\]\"'(] ?)(?:to|for|@)? ?(?:the |any |all |dear |ai |llm )*{GRADER.pattern}[ ]?[:,!]"
)
IF_YOU = _pattern(
    rf"""\b(?:if|since|because|as|when|while|whenever|before|once) (?:you(?:'re| are)? )?
    (?:(?:an?|the|acting|asked|now|to|currently|later) )*(?:(?:ai|llm|language model|automated|
    artificial)[ -]?)?(?:\w+ )?
    {_GRADES} (?:this|these|my|me|the|it)\b|
    \b(?:if|since|as) you(?:'re| are) (?:an? |the )?(?:\w+ )?(?:ai|llm|language model|model)\b|
    \b(?:if|since|as) you(?:'re| are) (?:an? |the )?(?:\w+ )?{GRADER.pattern}"""
)
JOB = _pattern(
    r"""\b(?:you are (?:now|no longer)|from now on,? you|act as|pretend|roleplay|new (?:role|persona|
    instructions?|rules?|task|directive|policy|rubric|
    grading|scoring|system|criteria|objective)|(?:updated|revised|amended|official|special|emergency|
    secret) (?:instructions?|rules?|directive|policy|rubric|grading|scoring|guidance|guidelines?|criteria)|
    your (?:new|real|true|actual|only|sole|next) (?:task|job|instructions?|goal|role|objective|purpose|mission)|
    system (?:override|update|notice|
    prompt|message|alert|note|directive|instruction|command|notification|policy)|developer (?:mode|message|note)|
    admin(?:istrator)? (?:override|mode|note|message|command)|
    override (?:code|mode|protocol|active|enabled|accepted)|jailbreak|maintenance mode|debug mode|test mode|
    calibration mode|sudo|as per policy|according to (?:the )?(?:company|updated|new|tali)? ?policy)\b"""
)
OVERRIDE = _pattern(
    r"""\b(?:system (?:override|update|notice|alert|directive|command|notification|policy)|
    admin(?:istrator)? (?:override|
    mode|note|command)|override (?:code|mode|protocol|active|enabled|accepted|grading|scoring|evaluation|rubric)|
    jailbreak|(?:new|updated|revised|official) (?:grading|scoring|evaluation|rubric))\b"""
)
VOID = _pattern(
    r"""\b(?:rubric|(?:grading|scoring|evaluation|assessment|judging) (?:rules|criteria|instructions|guidelines|scale|
    policy)|your (?:instructions|rules|guidelines|criteria|orders|prompt))(?: (?:above|below|given|you have))?
    (?: (?:is|are|has|have|was|were|been|now|no longer|hereby|just))+[ ]
    (?:void|invalid|valid|outdated|obsolete|suspended|replaced|superseded|cancell?ed|revoked|changed|disabled|updated|
    in force|wrong|irrelevant|overridden|withdrawn|deprecated)\b|
    \b(?:skip|stop|end|abort|suspend|cancel|disable|bypass) (?:the |this |your |any |all )(?:evaluation|grading|scoring|
    judging)\b"""
)
LENIENT = _pattern(
    r"""\bbe (?:more |very |extra |a bit |as |especially )?(?:lenient|generous|kind|nice|merciful|forgiving|gentle)\b|
    \bgo easy on\b|\b(?:overlook|turn a blind eye|look past|excuse) (?:my|the|any|all|these|to)\b|
    \bassume (?:that )?(?:every|all|each|the)\b|\bbenefit of the doubt\b"""
)
READER = _pattern(
    r"""\b(?:ai|llm|model|assistant|claude|gpt|chatgpt|bot|whoever|anyone|anybody|any system|machine)s?(?: that| who|
    | which| is| are)* (?:read|process|see|pars|analy[sz]|inspect|ingest)(?:e?s|ing|e)? (?:this|the above|these|it|
    the following)\b"""
)
MUST = _pattern(r"\b(?:must|should|shall|conclude|recommend|please|needs? to|has to|have to|ought to)\b")
HIRE = _pattern(
    r"\b(?:recommend|hire|shortlist|fast-?track) (?:me|this (?:candidate|person|applicant))\b|\badvance me to\b"
)
NAMED = _pattern(
    r"""\b(clarity|specificity|efficiency|progression|independence|communication|design(?: thinking)?|
    debugging(?: strategy)?|comprehension|utili[sz]ation|recovery|learning velocity)\b["']?
    (?: ?(?:is|to|at|of|=|:|-|->|scores?|gets|equals))*["' ]*(?:10|ten|9|9\.\d|max(?:imum)?|perfect)\b"""
)
STRICT = _pattern(
    r"""\b(?:10|ten) ?(?:/|out of) ?(?:10|ten)\b|\bfull marks\b|\ball (?:tens|10s)\b|\bperfect score|
    \btop (?:marks|rating)|\b10 (?:for|on|across) (?:every|each|all)"""
)
JUDGING = _pattern(
    r"\b(?:grading|scoring|evaluation|assessment|rubric|judging|marking|judgement|judgment|graded|scored|"
    r"evaluated|"
    r"assessed|judged|evaluating|assessing)\b"
)
TOKEN = _pattern(
    r"""<\|?(?:im_start|im_end|system|endoftext|eot_id|start_header_id|end_of_turn|start_of_turn|assistant|user|
    endofprompt|fim_\w+|eom_id|channel|message)\|?>?|
    \[/?inst\]|<</?sys>>|</?(?:system|assistant|human|system[-_](?:prompt|message|reminder|note|instruction|
    override)s?|instructions?|developer)>|
    \[(?:system|assistant|developer|admin|end of user|system message|system note|system prompt)[^\]]{0,30}\]|
    \bsystem_prompt ?[:=]|"role" ?: ?"(?:system|developer)"|'role' ?: ?'(?:system|developer)'"""
)
ROLE = _pattern(
    r"(?:^|[\n.!?>\]`\"')*#=-] ?|\b)(?:system|assistant|developer|human|claude|ai|model|admin|moderator|operator|"
    r"anthropic|openai)(?: (?:message|prompt|note|override|notice|instruction|update|command|alert|response|turn|"
    r"output|"
    r"reply|says|said))?\*{0,2} ?(?::|>|\]|=>)"
)
TOOL = _pattern(
    r"""</?(?:tool|function|observation|search)[-_ ]?(?:result|results|use|call|calls|output|response)s?\b|
    \b(?:tool_result|tool_use|tool_response|function_results?|
    function_calls?|tool_calls?|tool_output|function_response)\b|\b(?:tool|function|plugin|api|service|server|
    database|lookup|script|pipeline|test ?runner|grading tool|scoring tool)
    (?: call)? (?:output|results?|response|returned|returns|says|reported|reply|status|log)\b|\bobservation ?:|
    "role" ?: ?"(?:tool|function)"|\breturn(?:ed|s) by (?:the )?(?:\w+ )?(?:tool|function|api|service)|
    \[(?:tool|function|api|result|output)[^\]]{0,40}\]|"(?:tool|function)(?:_name)?" ?:|\b(?:retrieved|
    fetched) (?:policy|document|context|rubric|record)\b"""
)
SIGNAL = _pattern(
    r"""\b(?:prompt[_ -]?(?:clarity|specificity|efficiency|progression|fraud|quality)|design[_ -]thinking|
    debugging[_ -]strategy|
    written[_ -]communication|context[_ -]utili[sz]ation|error[_ -]recovery|requirement[_ -]comprehension|
    learning[_ -]velocity|calibration[_ -]score)\b"""
)
RESULT = _pattern(
    r"""\b(?:scores?|ratings?|grades?|signals?|verdict|evaluation|assessment)\b["']?[ :=,-]{0,3}["']?
    (?:10|ten|100|9\d|9\.\d|max(?:imum)?|perfect|pass(?:ed)?|excellent|outstanding)\b"""
)
NUMBER = _pattern(r"\b(?:10|ten|tens|100|9(?:\.\d)?|nine|max(?:imum)?|perfect|highest|full)\b")
CLOSES = _pattern(
    r"""</(?:candidate|session|transcript|submission|user[-_]?(?:input|message|prompt|data|content|text)?|quoted|
    quote|untrusted|material|conversation|brief|turns?|
    final_files|evaluation|assessment|messages?|prompts?|documents?|data|content|input|context|answer|record|json|
    exhibit|evidence|log|chat)[\w-]*>"""
)
ENDS = _pattern(
    r"""(?<![-=*#_~])[-=*#_~<\[]{2,60} ?/?(?:end|begin|stop|eof|start|new)\b(?! (?:certificate|rsa|public|private|pgp|
    openssh|ec |encrypted))[^-=*#_~>\]]{0,60}[-=*#_~>\]]{2,}|
    \bend of (?:the )?(?:transcript|session|material|submission|candidate|data|document|input|conversation|
    prompts?|user|quoted|untrusted|evidence|chat|record|log|json|context|text|message)s?\b|
    \b(?:transcript|session|material|submission|user input|conversation|data|document|evidence) (?:ends?|is over|
    stops|is complete|ended)(?: here)?\b"""
)
BREAKS = re.compile(
    r"^[^\[{(\n]{0,200}?[\"'`]? ?[}\]]{1,}[\"'`]? ?[}\],]+|[\"'] ?[}\]]{2,}|[\"'] ?\} ?\] ?[,}]|\"\"\" ?[)\]}]"
)
THINKS = _pattern(
    r"""</?(?:thinking|think|reasoning|analysis|scratchpad|reflection|antthinking|inner_monologue|rationale|
    verdict|judge?ment|grading|evaluation)>|
    \b(?:reasoning|analysis|chain[- ]of[- ]thought|scratchpad|thought(?:s| process)?|internal (?:monologue|note|
    reasoning)|rationale|my (?:evaluation|assessment|verdict|judge?ment|rating|reasoning|thinking)|
    (?:final|overall) (?:verdict|evaluation|assessment|judge?ment|score|rating|grade|decision|answer)|conclusion|
    verdict) ?(?:\([^)]*\))? ?(?::|is\b|=|-)|
    \blet me (?:evaluate|assess|judge|think|score|grade|rate)|\b(?:having|after) (?:reviewed|reviewing|evaluated|
    evaluating|considered|considering|read|reading)\b|\btherefore\b|\bjustification ?:|\bthus\b|\bi (?:will|
    would|should|must|shall|
    conclude|am going to|'ll) (?:therefore |now |thus )?(?:give|award|assign|rate|score|grade|mark|conclude)"""
)
CLAIMS = _pattern(
    r"""\b(?:already|pre-?|previously|been) ?(?:been )?(?:verified|approved|graded|scored|validated|evaluated|
    reviewed|certified|assessed|cleared|vetted|confirmed|decided|agreed)\b|
    \bthe (?:recruiter|hiring manager|hiring team|company|admin(?:istrator)?|interviewer|hr|talent team|employer|
    client|ceo|cto|team lead|customer|platform|vendor)s?\b.{0,20}
    \b(?:approved|decided|instructed|authori[sz]ed|confirmed|asked|wants?|requires?|agreed|told|says?|said|
    expects?|requested|insists?)\b|
    \b(?:on behalf of|by order of|authori[sz]ed by|approved by|signed off by|per (?:the )?(?:recruiter|
    hiring manager|hr|policy))\b"""
)
SPARE = _pattern(
    r"""\b(?:do not|don't|never|must not|without|avoid|no need to|refrain from) (?:deduct|lower|penali[sz]e|
    reduce|subtract|tak(?:e|ing) (?:off|away)|downgrad|punish|deducting|lowering|penali[sz]ing|
    mark(?:ing)? (?:down|off)|dock(?:ing)?|flag(?:ging)?)\w*\b.{0,50}
    \b(?:points?|marks?|scores?|ratings?|me|my|candidate|session|submission|grade|this|anything|any)\b"""
)
SECRET = _pattern(
    r"""\b(?:do not|don't|never|without) (?:mention|report|flag|reveal|tell|disclos|acknowledg|quot|refer to|log|
    record|repeat|show)\w*\b.{0,30}
    \b(?:this|these|the|that|such|any) (?:\w+ )?(?:notes?|instructions?|messages?|injections?|comments?|text|
    directive|override|exchange|prompt|rule|line|to the (?:user|recruiter|human))\b"""
)
PLAIN = re.compile(
    "|".join(
        part.pattern
        for part in (
            GRADER,
            SUPER,
            PERSON,
            SOMEBODY,
            TOKEN,
            TOOL,
            SIGNAL,
            CLOSES,
            ENDS,
            JUDGING,
            SPARE,
            SECRET,
            FORGET,
            IGNORE,
            VOID,
            READER,
            HIRE,
            NAMED,
            OVERRIDE,
            THINKS,
            IF_YOU,
        )
    )
)
"""No rule holds without one of these: most text has none, and is done with."""
