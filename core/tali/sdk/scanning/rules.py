"""What planted instructions have in common, in English and in the marks of machines.

A rule is a set of ideas that come together in two or three sentences: somebody who grades, the best score, an order.
Alone each is common in honest work (a grade book is a fine exercise), and none is enough.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tali.sdk.scanning.languages import Language


@dataclass(frozen=True, slots=True)
class Finding:
    """A class of planted instruction, how likely it is one, and in words why."""

    kind: str
    confidence: float
    note: str


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\s*\n\s*", "", text))


_GRADES = r"(?:grad(?:es?|ing)|scor(?:es?|ing)|evaluat(?:es?|ing)|judg(?:es?|ing)|rat(?:es?|ing)|assess(?:es|ing)?)"
GRADER = _pattern(
    rf"""\b(?:graders?|judges?|scorers?|evaluators?|assessors?|examiners?|raters?|auto-?graders?|
    (?:grading|scoring|evaluation|evaluating|assessment|rating|judging|hiring|reviewing|marking)[ ]
    (?:model|system|ai|llm|agent|bot|engine|algorithm|pipeline|assistant|software|tool|service|team|instructions?)s?|
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
    \b(?:10|ten) (?:for|in|on|across|to|under|at) (?:every|each|all|the board|any)\b|
    \bhighest (?:band|level|tier|value)\b|\bmax(?:imum)? (?:out|on|for|across|in) (?:all|every|each)\b|
    \bmark(?:ed)? as (?:excellent|outstanding|perfect|passed|exceptional)\b"""
)
VALUE = _pattern(
    r"""\b(?:scores?|ratings?|grades?|marks?|values?|signals?|points?|result|verdict|evaluation)\b["']?
    (?: ?(?:of|=|:|to|as|is|are|be|at|must|should|shall|will|equals?|->|=>))+ ?["']?(?:10|ten|100|9\.\d|9\d|
    perfect|maximum|max|excellent|pass(?:ed)?)\b"""
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
PRAISE = _pattern(
    r"""\b(?:deserves?|deserving|merits?|earned|earns|demonstrat(?:es?|ed|ing)|shows?|showed|exhibits?|
    display(?:s|ed)|
    excels?|excelled|excellent|outstanding|exceptional|brilliant|world[- ]class|masterful|flawless|
    expert[- ]level|superb|
    exemplary|impressive|hire|hired|strong hire|recommend(?:ed)?|qualifies|pass(?:es)?|best|perfect(?:ly)?|
    mastery|impeccable|
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
JUDGING = _pattern(
    r"\b(?:grading|scoring|evaluation|assessment|rubric|judging|marking|judgement|judgment|rating|graded|scored|"
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
NUMBER = _pattern(r"\b(?:10|ten|tens|100|9(?:\.\d)?|nine|max(?:imum)?|perfect|highest|full)\b")
CLOSES = _pattern(
    r"""</(?:candidate|session|transcript|submission|user[-_]?(?:input|message|prompt|data|content|text)?|quoted|
    quote|untrusted|material|conversation|brief|turns?|
    final_files|evaluation|assessment|messages?|prompts?|documents?|data|content|input|context|answer|record|json|
    exhibit|evidence|log|chat)[\w-]*>"""
)
ENDS = _pattern(
    r"""[-=*#_~<\[]{2,} ?/?(?:end|begin|stop|eof|start|new)\b(?! (?:certificate|rsa|public|private|pgp|openssh|
    ec |encrypted))[^-=*#_~>\]]{0,60}[-=*#_~>\]]{2,}|
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
    evaluating|considered|considering|read|reading)\b|\btherefore\b|\bthus\b|\bi (?:will|would|should|must|shall|
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
        for part in (GRADER, SUPER, PERSON, TOKEN, TOOL, SIGNAL, CLOSES, ENDS, JUDGING, SPARE, SECRET, FORGET, IGNORE)
    )
)
"""No rule holds without one of these: most text has none, and is done with."""


def may_be(text: str) -> bool:
    """Whether a longer text holds any word that a rule needs."""
    return PLAIN.search(text) is not None


def judge(text: str) -> Finding | None:
    """What a stretch of folded text is, if it is a planted instruction in English or in the marks of machines."""
    if PLAIN.search(text) is None:
        return None
    return _orders(text) or _disguised(text)


def _orders(text: str) -> Finding | None:
    """Orders to whoever grades, in plain words."""
    best, gives = SUPER.search(text), GIVE.search(text)
    grader, candidate = GRADER.search(text), CANDIDATE.search(text)
    valued = best or VALUE.search(text)
    marked = _marked(text, bool(grader or candidate or valued or JUDGING.search(text) or IGNORE.search(text)))
    if marked is not None:
        return marked
    if IGNORE.search(text) or FORGET.search(text):
        return Finding("direct", 0.9, "tells a reader to ignore instructions")
    if ADDRESS.search(text) or (TO_GRADER.search(text) and (gives or valued)):
        return Finding("direct", 0.85, "addresses whoever grades")
    if IF_YOU.search(text) and (gives or valued) and (grader or valued or candidate):
        return Finding("direct", 0.85, "addresses whoever grades")
    if SECRET.search(text) and (grader or candidate or valued or JUDGING.search(text)):
        return Finding("direct", 0.8, "asks for secrecy")
    if PERSON.search(text) and PRAISE.search(text) and (valued or THINKS.search(text)):
        return Finding("fake_reasoning", 0.8, "speaks of the candidate as a grader would")
    if THINKS.search(text) and valued and (candidate or JUDGING.search(text)):
        return Finding("fake_reasoning", 0.75, "imitates a grader's reasoning")
    if grader and gives and valued:
        return Finding("direct", 0.85, "tells whoever grades what to give")
    if gives and best and candidate:
        return Finding("direct", 0.8, "asks for a score")
    return None


def _marked(text: str, about_grading: bool) -> Finding | None:
    """Orders that come in the marks of machines: turns, tools, the end of the material."""
    token, tool = TOKEN.search(text), TOOL.search(text)
    if (
        tool
        and about_grading
        and (VALUE.search(text) or SUPER.search(text) or SIGNAL.search(text) or IGNORE.search(text))
    ):
        return Finding("fake_tool_result", 0.8, "imitates a tool's result")
    if token and (about_grading or JOB.search(text)):
        return Finding("fake_turn", 0.9, "imitates a message of the system or of the assistant")
    breaks = CLOSES.search(text) or ENDS.search(text) or BREAKS.search(text)
    if (
        breaks
        and about_grading
        and (GIVE.search(text) or JOB.search(text) or ROLE.search(text) or IGNORE.search(text) or SUPER.search(text))
    ):
        return Finding("delimiter", 0.8, "imitates the end of the material")
    strong = (
        SUPER.search(text) or VALUE.search(text) or IGNORE.search(text) or GRADER.search(text) or PERSON.search(text)
    )
    if ROLE.search(text) and strong and about_grading:
        return Finding("fake_turn", 0.8, "imitates a message of the system or of the assistant")
    return None


def _disguised(text: str) -> Finding | None:
    """Claims, names of signals, and orders that come around the corner."""
    best, value = SUPER.search(text), VALUE.search(text)
    if (
        SIGNAL.search(text)
        and (NUMBER.search(text) or len(set(SIGNAL.findall(text))) > 1)
        and (value or best or GIVE.search(text) or re.search(r"[_ -]\w+\W{1,5}(?:10|9)", text))
    ):
        return Finding("direct", 0.8, "names what is judged, with values")
    if JOB.search(text) and (best or value or GRADER.search(text)) and JUDGING.search(text):
        return Finding("direct", 0.8, "claims another role or other rules")
    if JOB.search(text) and (best or (PERSON.search(text) and PRAISE.search(text))):
        return Finding("direct", 0.75, "claims another role or other rules")
    if CLAIMS.search(text) and (best or value) and (CANDIDATE.search(text) or JUDGING.search(text)):
        return Finding("direct", 0.75, "claims that the score is settled")
    if SPARE.search(text) and (JUDGING.search(text) or CANDIDATE.search(text) or GRADER.search(text)):
        return Finding("direct", 0.7, "asks to be spared")
    if best and JUDGING.search(text) and GIVE.search(text):
        return Finding("direct", 0.7, "asks for a score")
    wish = re.search(
        r"\b(?:give|award|grant|rate|score|grade|mark|assign)\b (?:me|us|this|it|them|him|her|my|"
        r"myself)\b.{0,40}",
        text,
    )
    if wish and re.search(
        r"full (?:marks|score|points|credit)|top (?:marks|score|rating|grade)|perfect (?:score|10|rating|grade)|"
        r"10 ?(?:/|out of) ?10|"
        r"100 ?(?:/|out of) ?100|all (?:tens|10s)|(?:highest|maximum|best) (?:possible )?(?:marks|rating|grade|"
        r"score)",
        wish.group(),
    ):
        return Finding("direct", 0.7, "asks for a score")
    return None


def judge_foreign(text: str, languages: Sequence[Language]) -> Finding | None:
    """The same in other languages."""
    for language in languages:
        found = language.finds(text)
        if found is not None:
            return Finding("foreign_language", found[1], f"{found[0]}, in {language.name}")
    return None
