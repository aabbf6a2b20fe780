"""What a text talks about, as a set of concepts: whoever judges, the judgement, what is wished of it, what is claimed.

Words, not phrases: somebody who has never seen these lists still needs a word for whoever judges, a word for the
judgement, and a word for what they want. `weights.py` says how much each concept tells, alone and beside others.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping

from tali.sdk.scanning.ideas import BREAKS, CLOSES, ENDS, FORGET, IGNORE, ROLE, THINKS, TOKEN, TOOL
from tali.sdk.scanning.rules import Finding
from tali.sdk.scanning.texts import fold

_WORDS: Mapping[str, str] = {
    # Who is spoken to, or of.
    "grader": """
        overseer verifier critic appraising judge arbitrators arbitrator summarisers markers grading-bot
        autoevaluator grader graders evaluator evaluators assessor assessors examiner examiners rater raters
        scorer scorers annotator annotators adjudicator adjudicators juror jurors jury judges autograder
        autograders proctor proctors invigilator appraiser appraisers arbiter referee examiner's grader's
        evaluator's assessor's judge's rater's interviewers""",
    "reader": """
        supervisor checker inspector analyst analysts scribe reviewing reviewers overseers supervisors hiring
        screening people colleagues organiser organisers staff reviewer reviewer's reader readers recruiter
        recruiters recruiter's interviewer auditor auditors panel committee manager employer employers
        observer hr talent screener screeners moderator moderators coordinator humans human jurors""",
    "machine": """
        classifiers neural artificial intelligence summarising scripts robot robots transformer model models
        model's llm llms ai gpt claude chatgpt bot bots machine machines automated automatic pipeline engine
        agent agents algorithm chatbot colleague processor classifier summariser summarizer""",
    "service": "system systems service platform plugin tool vendor deployment downstream",
    "candidate": """
        hopeful jobseekers entrant testtakers candidate candidates candidate's candidates' applicant
        applicants applicant's participant participant's participants examinee examinee's interviewee
        interviewees testee contestant author author's jobseeker testtaker hiree""",
    "developer": "developer engineer programmer coder person individual developer's engineer's user",
    "me": "me my mine myself i'm i've i'd i i'll",
    "you": "you your you're yours you've you'll u",
    "record": """
        file trace recordings dialog threads session sessions session's transcript transcripts recording
        conversation conversations chat chats log logs exchange interview interviews submission submissions
        dialogue transcription attempt logfile""",
    "messages": "prompt prompts message messages turn turns question questions request requests prompting history",
    "reads": """
        reads reading reviews reviewing looks looking processes processing sees seeing analysing analyzing
        analyses inspects inspecting summarising summarizing summarises parses parsing scanning scans ingests
        skimming examining examines checks""",
    # The judgement.
    "judging": """
        tally scoreline percentile gradebook graders assessing scoresheets appraised adjudicated weighing
        weighed judging scoring reevaluation grading rating evaluating graded scored assessed rated evaluated
        judged evaluation evaluations assessment assessments rubric rubrics appraisal verdict verdicts
        judgement judgment judgements adjudication marking rerate eval evals appraise scorecard scoresheet""",
    "score": """
        total figure figures numbers tally standing result results value values stars star score scores rating
        ratings grade grades mark marks points credit credited credits rate evaluate assess judge grading rank
        ranking ranked""",
    "scale": """
        level levels grade-scale item items column columns row rows range percentile decile quartile band
        bands tier tiers bracket brackets dimension dimensions signal signals criterion criteria category
        categories scale metric metrics descriptor axis axes competency competencies""",
    "report": """
        account assessment profile dossier comment comments remarks remark notes footnote minutes annex
        appendix narrative file report reports writeup rationale justification justifications summary opinion
        conclusion impression recommendation weakness weaknesses strengths feedback evidence outcome finding
        findings review decision reported""",
    "quality": """
        clear clearly reasoning architecture structured structure planning leadership judgement
        problem-solving critical thoroughness professionalism initiative seniority verification tested testing
        resilience recovery curiosity maturity craft diligence clarity independence independent independently
        autonomy autonomous specificity authorship originality communication comprehension reliance
        overreliance competence competent skill skills ability talent design thinking debugging efficiency
        progression steering steered effort selfreliance ownership understanding acceptance""",
    # What it should say.
    "number": """
        8 9 10 nine ten tens nines eight 8.5 9.0 9.1 9.2 9.3 9.4 9.5 9.6 9.7 9.8 9.9 10.0 8.0 10s 100 95 98 99
        seven eleven ninety 7 9s 8s 97 96 90 a+ twenty 20 hundred""",
    "top": """
        utmost ultimate topnotch elite ceiling extreme superlative end limit finest maximise maximize top
        highest maximum max maximal full best perfect upper topmost saturated uppermost high higher maximally
        greatest above strongest highly""",
    "praise": """
        extraordinary extraordinarily capable adept proficient fantastic amazing splendid stunning rare
        exceptionally gold mastered star model textbook independent confident thoughtful distinction honours
        honors commendable first-rate topclass worthy justified wins winner excellent outstanding exceptional
        brilliant strong impressive exemplary superb flawless senior expert talented remarkable deserve
        deserves deserved deserving merits merit merited earned earns exceeds exceeded exemplar gifted
        superior masterful stellar genius skilled precise expertly demonstrates demonstrated mastery excels
        excelled convincing mature clearly plainly proven good great solid impressed""",
    "hire": """
        hire hired hiring shortlist shortlisted advance recommend recommended hireable onsite offer rejected
        reject advances onboard pass passes passed passing selected select accept accepted proceed fasttrack
        fast track""",
    # What is wished.
    "give": """
        allot bestow bestowed confer deliver write favour choose pick select opt default reflect reflects
        phrase name tell say says call mirror follow follows rely base stand stands stay stays hand let make
        makes yield yields give gives given giving award awards awarded assign assigns assigned record
        recorded records report reported count counts counted treat treated credit credited reward rewarded
        adopt adopted copy consider considered regard regarded put set grant granted log note noted fill
        output return raise raised lift bump round inherit inherits reproduce rate apply applied weigh assume
        assumed settle produce enter accept attribute attributed conclude interpret interpreted read accorded
        mark place placed land lean extrapolate confirm finish state describe include use keep take add lock
        allocate ascribe deem deemed""",
    "modal": """
        kindly asked ask asking hoping hope wish wished wanted want let lets urge urged beg invite invited
        suggests suggest suggested encouraged bound safe safely may ideally please should must shall ought
        advised required entitled permitted appreciate needs need grateful appreciated obliged expected
        supposed pls plz recommended requested merci""",
    "lenient": """
        gentle gentler compassion compassionate sympathy sympathetic understanding mild mildly merciful harm
        harms blame blamed fault faults flaw flaws ding dinged cost costs hurt hurts punishing dock docked
        reduce reduced reducing minus worse low weak unclear critical criticism tolerance tolerant goodwill
        spare spared pardon lenient leniency leniently generous generously generosity kind kindly forgiving
        charitable charitably fair unfair fairness unfairly favour favor penalise penalize penalised penalized
        penalty penalties deduct deducted deduction deductions lower lowered lowering harsh harshly strict
        strictness mercy overlook excuse excused punish punishes punished doubt adverse negative negatively
        inference downgrade downgraded deviation deviations mistake forgive allowance allowances lightly
        undervalue undervalued bias biased subtract against misreading""",
    "skip": """
        gloss glossed drop dropped hide hidden pass leave left dismiss dismissed forget omit omits quote
        irrelevant discarded unseen scratch confidential pretend skip skipped ignore ignored ignoring stop
        omitted disregard disregarded exclude excluded silence silent waive waived reexamine reevaluate rerate
        reopen redundant unnecessary mention mentioning mentioned neglect bypass suppress withheld discount
        discounted""",
    "not": """
        not don't no never nothing without isn't aren't doesn't needn't shouldn't mustn't cannot can't neither
        nor won't wasn't weren't nobody none""",
    # What is claimed.
    "prior": """
        human verified double checked preapproved established beforehand earlier yesterday tuesday monday
        closed concluded since signed permanent fixed binding definitive irrevocable cross-checked prescored
        pregraded passed already previously prior approved cleared confirmed final locked settled agreed
        predetermined certified validated vetted decided cached official arranged finalised finalized reviewed
        precleared predefined authorised authorized completed""",
    "authority": """
        regulatory ruling rule rules legislation statute contract terms licence license client employer ceo
        cto director lead supervisor management company exception exempted eligible entitled mandate mandated
        mandatory requirement bound compliance memorandum correction corrected addendum bulletin clarification
        special pilot test anonymous council board ombudsman union embargo superseded replaced supersedes
        policy policies pursuant section article accordance regulation regulations notice erratum office
        operations desk accommodation accommodations disability dyslexia calibration calibrated anchor
        reference cohort batch region charter organisers organizers administrator admin override overrides
        outage instructed instruction instructions guidance guidelines directive consent gdpr legal legally
        law issuer effect clause agreement agrees amendment exemption exempt protocol memo circular advisory
        update updated revised patch standard benchmark control procedure waiver""",
    "authorship": """
        invented devised solo single-handedly unassisted conceived steered decided paper offline whiteboard
        head mind genuine genuinely ownwork self wholly entirely myself led handwritten typed authored wrote
        written paste pasted pasting copypasted hand own sketched dictated alone unaided planned planning idea
        ideas thought copied""",
    "hardship": """
        sick surgery injury broken fever covid flu headache grief funeral divorce pain baby newborn immigrant
        poor money debt eviction survive dream dreams deserve single mother father hospital asylum unwell
        blind deaf wrist laptop keyboard connection internet migraine ill illness laid kids disability
        dyslexia nervous tired family anxiety unemployed rent desperate mortgage adhd autism autistic stress
        depression pregnant visa""",
    "thinks": """
        initially leaned inclined finalise finalised finalize finally tally ultimately upon rethinking
        rethought reviewing reviewed weighed looked wait okay decided draft revise revised revising justify
        hmm reflection therefore hence thus settle settled conclude concluding concluded reasoning thinking
        scratchpad monologue considered rejected analysis glance instinct reconsidering weighing overall
        justified justifies""",
    # What honest work on scores and graders is about.
    "code": """
        write implement add create module cache lock thread queue request response server client migration
        transaction docker build compile package library import generics pointer struct trait vector heap
        stack tree graph edge token regex dataset pandas numpy flask react component css div tag bug fix app
        script command cli version branch commit merge deploy algorithm complexity runtime memory latency
        performance input output outputs print stdin stdout arg args kwargs iterator duplicate unique sum max
        min count sorting filter map reduce group join round rounding clamp cap threshold formula weight
        weights average variance function functions test tests list sort sorted class classes return returns
        array string strings loop query parser index indexes table column columns error errors expected python
        sql json csv implementation refactor method methods dict variable database endpoint api int float bool
        null none true false def const var let if else for while assert schema parse field fields config
        button page render frontend backend html java javascript typescript exception mean median calculate
        compute validate validation boolean key keys value values enum row rows node object""",
    "others": """
        members member buyers seller sellers hotels drivers guest guests reviewers posts comment voter votes
        chess pieces move moves squad league season student students student's player players player's
        customer customers movie movies product products game games essay essays employee employees team teams
        leaderboard hotel restaurant match item items exam exams quiz quizzes teacher teachers pupil course
        courses tournament reviewers' book books users essay's opponent film films school school's bowling
        golf class""",
    "asks": "how why what which can could would does explain help fix want",
}

_JUDGES = r"(?:graders?|evaluators?|assessors?|examiners?|raters?|scorers?|judges?|annotators?|adjudicators?|jury)"
_READERS = (
    r"(?:reviewers?|readers?|reviewing (?:party|model|system|human)|recruiters?|hiring (?:model|team|manager|system)|"
    r"models?|llms?|ais?|language model|scoring (?:service|bot|model|system)|grading (?:model|bot|system|llm|ai)|"
    r"whoever|anyone|anybody|person|people|persons|systems?|bot|machine|panel|committee|hr|colleague|those|auditor)"
)
_LOOKS = (
    r"(?:read|review|grad|scor|judg|assess|evaluat|rat|mark|look|process|analy[sz]|inspect|summari[sz]|pars|pick|go|"
    r"went|see|audit|annotat|produc|writ|decid|check|examin|skim|watch)(?:e?s|ing|e|es)?"
)
_PHRASES: Mapping[str, str] = {
    "addresses": rf"""
        \b(?:notes?|message|memo|attention|attn|hint|reminder|dear|for|to|hey|hi|hello|at|by|addressed to|tell|asks?)
        [ ,:]{{1,3}}(?:(?:the|any|all|an?|every|our|future|fellow|automated|next|ai|other|kind|honou?red|llm|you,?|
        human|reading|reviewing|scoring|grading|evaluating|later) ){{0,4}}(?:{_JUDGES}|{_READERS})\b|
        (?:^|[.!?:;>"'(/*-] ?){_JUDGES}(?: please)?[ ]?[:,!-]""",
    "whoever": rf"""
        \b(?:whoever|whatever|anyone|anybody|person|people|those|models?|llms?|ais?|systems?|one|someone|somebody|
        everyone|humans?|machine|bot|party|you|reader|colleagues?)\b[ ,]{{1,2}}
        (?:\(?\w+\)? ){{0,2}}?(?:(?:who|that|which|is|are|will|'s|to|may|later|be|eventually|has|does|might|ends up|now|
        currently|then) ){{0,4}}{_LOOKS}\b|
        \b(?:reading|scoring|grading|evaluating|judging|assessing|hiring|rating|reviewing|marking) (?:model|ai|llm|
        system|bot|agent|service|party|side|tool|pipeline|assistant|engine|machine|stage|step)s?\b|
        \bif (?:an? )?(?:\w+ )?(?:model|llm|ai|machine|human|bot) (?:is|are|reads|looks|gets)\b|
        \byou(?:'re| are),? (?:an? |the )?(?:\w+ )?(?:evaluator|judge|grader|assessor|model|examiner|llm|ai)\b""",
    "this one": r"""
        \b(?:this|the|that|our|said|current|present|entire|whole|attached)(?: \w+)? (?:candidate|applicant|participant|
        interviewee|examinee|session|transcript|recording|conversation|exchange|interview|person|author|write-?up|
        rationale|justification|rubric|scorecard|submission|chat|log)(?:'s)?\b(?! (?:table|model|class|list|id|key|
        object|
        store|token|page|form|file|column|row|generation|pairs?|moves?|solution|parser|data|service|view|endpoint))""",
    "of me": r"""
        \b(?:rate|rates|rating|grade|grades|grading|judge|judges|judging|score|scores|scoring|assess|assesses|assessing|
        evaluate|evaluates|evaluating|hire|mark|marks|marking|recommend|describe|about|opinion of|impression of|favour|
        credit|reward|credit it to|against) me\b|\bmy (?:\w+ )?(?:ratings?|scores?|marks?|evaluation|assessment|
        prompts?|
        prompting|session|independence|clarity|communication|performance|skills?|report|style|write-?up|result|grade|
        abilit(?:y|ies)|authorship|approach|intent|reasoning|planning|effort|thinking|pauses|typos|messages)\b|
        \bi(?:'d| would)? (?:deserve|earned|merit|appreciate|planned|wrote (?:most|all|it|every|this)|designed|
        need this job)\b|
        \bmy own\b|\bby (?:me|myself|hand)\b|\b(?:people|candidates|applicants|persons?) like me\b|\bhow (?:well|
        independently|little|clearly|much) i\b|\bi'?m (?:not )?(?:working|below|above|doing|told)\b""",
    "builds": r"""
        (?:^|[.!?:\n-] ?|\b(?:to|and|please|you|then|must|should|let's|i'll|we|i) )(?:add|write|implement|build|create|
        compute|calculate|parse|sort|refactor|fix|return|raise|store|show|generate|validate|count|use|make|strip|
        convert|
        design|split|extract|render|test|call|rewrite|translate|handle)\b(?! (?:me|down|no more|at me|to me))|
        \b(?:class|function|method|table|column|endpoint|parser|regex|query|prompt|script|page|widget|test) (?:that|
        which|should|must|returns?|takes|for|with|of)\b|\b(?:i need|i want|we need|we want|there (?:is|are|should be)|
        it should|must be|how (?:do|can|should|would)|why (?:does|is|do|are)|what (?:is|does|would|should)|is (?:it|
        this|
        that|there)|do (?:you|we|i)|does|can you|could you|should i)\b""",
    "calls": r"""\w\(|\w\.\w+\(|[=!<>]=|\w\[\w|;\s*$|\{\s*$|\bdef \w|\breturn \w|\w = \w|=>""",
    "question": r"""\?""",
    "floor": r"""
        \bat least\b|\bno (?:lower|less|worse) than\b|\bnot (?:be )?(?:below|under|lower|less)\b|\bnothing (?:under|
        below|
        less|lower|short)\b|\b(?:9|8|10|nine|eight|ten|seven|7) (?:or|and) (?:above|higher|better|more|up|over)\b|
        \bnot less than\b|\bminimum of\b|\blower bound\b|\bfloor\b|\bor (?:higher|above|better)\b|\bbelow (?:7|8|9|
        seven|
        eight|nine|that)\b|\b(?:lower|less|under) than (?:7|8|9|seven|eight|nine)\b|\bround(?:ed)? up\b|\bgo up\b|
        \bupwards?\b|\banything (?:under|below|less|lower)\b""",
    "spares": r"""
        \b(?:hold|held|holding|count|counted|use|used)\b[^.]{0,40}\bagainst\b|\btake[ns]? (?:\w+ )?(?:points|
        marks) off\b|
        \bbenefit of the doubt\b|\bin (?:my|the \w+'s|their|his|her) favou?r\b|\b(?:don't|do not|not|never|without|
        avoid|needn't) (?:be )?(?:\w+ )?(?:deduct|lower|penali[sz]|mark(?:ed|ing)? down|dock|downgrad|subtract|punish|
        scor|counted|count|mention|quot|list|flag|consider|re-?(?:rate|evaluat|examin|grad|scor|open))\w*|
        \bgo easy\b|\bleave (?:\w+ ){0,3}out\b|\bpass(?:ed)? over\b|\bstop (?:here|reading)\b|\bstop reading\b|
        \bas (?:though|if) (?:they|it|he|she|i)\b|\bcarry no weight\b|\bnot to be\b|\bno need to\b|\b(?:turn|look)
        (?: a blind eye| past| the other way)\b|\bneed not\b|\bregardless of\b|\b0 weight\b|\bweight ?[:=] ?0\b""",
    "dictates": r"""
        \b(?:is|are|has|have) to be (?:\w+ )?(?:rated|graded|scored|recorded|credited|treated|counted|noted|read|marked|
        assessed|judged|awarded|considered|reported)\b|\bcame? out at\b|\b(?:should|must|shall|will) (?:be|get|receive|
        read|land|come|have|give|record|assume|treat|report|reproduce|count|conclude|adopt|award)\b|\bshould give\b|
        \bput (?:that|it|this) down\b|\b(?:count|treat|rate|score|grade|mark|record|read|regard|see|credit|log|
        consider) (?:it|this|that|them|me|my|these|the|every|all|each)\b|\bsettle on\b|
        \bthe correct (?:\w+ )?(?:rating|score|
        grade|mark|value)\b|\b(?:set|lock)(?:ted|ed)? (?:to|at|in)\b|\bbase (?:the|your) (?:scores?|rating)\b""",
    "strong hire": r"""
        \bstrong(?:ly)?[ _-]?(?:hire|recommend)|\bhire\b['\"]?(?:$|[,.;)])|\bexceeds (?:the )?(?:bar|expectations)""",
    "signal": r"""
        \b(?:prompt[ _-]?(?:clarity|specificity|efficiency|progression|fraud|quality)|design[ _-]thinking|
        debugging[ _-]strategy|written[ _-]communication|context[ _-]utili[sz]ation|error[ _-]recovery|
        requirement[ _-]comprehension|learning[ _-]velocity|blind[ _-]acceptance|answer[ _-]seeking|
        (?:clarity|independence|autonomy|design|authorship|communication|specificity)\b['"]?
        (?: ?(?:is|to|at|of|=|:|-|->|scores?|gets|equals|as|be|was))*["' ]*(?:10|ten|8|9|nine|eight|9\.\d|max\w*|
        perfect|
        high|top|full|saturated|excellent|proven))\b""",
    "best": r"""
        \bfull (?:marks?|scores?|points|credit|amount)\b|\btop (?:marks?|scores?|ratings?|grades?|bands?|bracket|tier|
        of the|one percent)\b|\b(?:10|ten|100|nine|9|9\.5)(?: points)? ?(?:/|out of|of|on|sur) ?(?:a )?(?:10|ten|100)\b|
        \b(?:all|straight|only|in) (?:tens|10s|nines)\b|\b(?:perfect|maximum|max|highest|best|upper)(?:[ -]possible)?
        (?:scores?|ratings?|grades?|marks?|evaluations?|bands?|tier|level|values?|bracket|end)\b|
        \b(?:10|ten|nine|9) (?:for|in|on|across|to|everywhere|in)\b|\b(?:five|5)[ -]stars?\b|
        \b(?:score|rate|grade|mark|rating)s?(?: of| at| with| as| is| me| this| it| to| it's)* ?
        (?:10|9|8|nine|ten|eight|high|top|max)\b""",
}


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\s*\n\s*", "", pattern))


_MARKS: Mapping[str, tuple[re.Pattern[str], ...]] = {
    "token": (TOKEN,),
    "tool": (TOOL,),
    "closes": (CLOSES, ENDS, BREAKS),
    "role": (ROLE,),
    "forget": (IGNORE, FORGET),
    "thinking tag": (THINKS,),
}
_RULES = ("much code", "rule of words", "rule of marks")
CONCEPTS: tuple[str, ...] = (*_WORDS, *_PHRASES, *_MARKS, *_RULES)
BIT: Mapping[str, int] = {name: 1 << number for number, name in enumerate(CONCEPTS)}
_PATTERNS = [(BIT[name], _compiled(pattern)) for name, pattern in _PHRASES.items()]
_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+(?:\.\d+)?")


def _by_word() -> dict[str, int]:
    found: dict[str, int] = {}
    for name, words in _WORDS.items():
        for word in words.split():
            found[word] = found.get(word, 0) | BIT[name]
    return found


_BY_WORD = _by_word()
_TOPICS = sum(BIT[name] for name in ("grader", "reader", "candidate", "record", "judging", "score", "scale", "report"))


def of_words(text: str, without: Container[str] = ()) -> int:
    """The concepts that single words of folded text name, as bits; `without` are words that name nothing here."""
    bits = code = 0
    for word in set(_TOKEN.findall(text)):
        named = _BY_WORD.get(word, 0)
        if named and word not in without:
            bits |= named
            code += named & BIT["code"] != 0
    return bits | (BIT["much code"] if code > 2 else 0)


def topics(text: str) -> frozenset[str]:
    """The words of a task that name somebody who judges, or a judgement: there they are the subject."""
    return frozenset(word for word in _TOKEN.findall(fold(text)) if _BY_WORD.get(word, 0) & _TOPICS)


def of_phrases(text: str) -> int:
    """The concepts that take more than a word."""
    bits = 0
    for bit, pattern in _PATTERNS:
        if pattern.search(text):
            bits |= bit
    return bits


def of_marks(text: str) -> int:
    """The marks of machines: turns, tools, the end of the material."""
    bits = 0
    for name, patterns in _MARKS.items():
        if any(pattern.search(text) for pattern in patterns):
            bits |= BIT[name]
    return bits


def of_rules(finding: Finding | None) -> int:
    if finding is None:
        return 0
    return BIT["rule of words" if finding.kind == "direct" else "rule of marks"]
