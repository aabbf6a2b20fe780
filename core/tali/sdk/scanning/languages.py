"""The same few words in the languages that instructions have been planted in; English has rules of its own.

A language is a row of stems for seven ideas. One word alone says nothing: the rules look for ideas that come together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tali.sdk.scanning.texts import fold


@dataclass(frozen=True, slots=True)
class Words:
    """Patterns for: ignore, instructions, whoever grades, a score, the best of it, give, the candidate, deserves."""

    ignore: str
    instructions: str
    grader: str
    score: str
    best: str
    give: str
    candidate: str
    deserves: str


_WORDS: Mapping[str, Words] = {
    "German": Words(
        r"ignorier|missachte|vergiss|vergesse|beachte[nt]? (?:\w+ )?nicht|uberschreib|umgeh",
        r"anweisung|instruktion|vorgabe|regeln|richtlinie|kriterien|systemprompt|befehle",
        r"prufer|gutachter|bewerter|korrektor|juror|richter|bewertungs(?:modell|system|ki)|bewertende|"
        r"wer (?:dies|das) (?:bewertet|liest)|ki,? die",
        r"punkt|bewertung|bewerte|note\b|noten|wertung|score",
        r"hochst|volle|maximal|bestnote|beste|10 von 10|10/10|zehn|100|perfekt|\b10\b",
        r"\bgib|\bgeben|vergib|vergebe|bewerte|setze|erteil|trag|antworte|verleih",
        r"kandidat|bewerber|prufling|sitzung|einreichung|diese person",
        r"verdient|hervorragend|ausgezeichnet|exzellent|uberragend|brillant|beherrscht",
    ),
    "French": Words(
        r"ignore[zr]?\b|oublie[zr]?\b|ne (?:tiens|tenez) pas compte|neglige|contourne|passe[zr]? outre",
        r"instruction|consigne|regles|directive|criteres|invite systeme|ordres",
        r"evaluat|correct(?:eur|rice)|examinat|jur[ye]\b|juge\b|notateur|modele (?:de notation|qui note)|ia qui",
        r"\bnotes?\b|\bnotez|score|points|notation|evaluation",
        r"maxim|parfait|meilleure|la plus haute|10 sur 10|10/10|20/20|\bdix\b|100|excellente|\b10\b",
        r"donne[zr]?\b|attribue[zr]?|accorde[zr]?|mets\b|mettez|notez|renvoie|reponds|repondez|\bdoit",
        r"candidat|postulant|session|cette personne|cette soumission|ce participant",
        r"merite|excellent|remarquable|exceptionnel|brillant|demontre|fait preuve",
    ),
    "Spanish": Words(
        r"ignora|ignore\b|olvida|omite|descarta|haz caso omiso|no (?:tengas|tenga) en cuenta|desestima|pasa por alto",
        r"instruccion|indicacion|reglas|directri|criterios|ordenes|prompt",
        r"evaluador|corrector|examinador|\bjuez|calificador|revisor|jurado|modelo (?:de|que) (?:evalua|calific)|ia que",
        r"puntuacion|puntaje|nota\b|notas|calificacion|puntos|puntua",
        r"maxim|perfect|mas alta|10 de 10|10/10|\bdiez\b|100|mejor|sobresaliente|\b10\b",
        r"\bda(?:le|me|r)?\b|\bde(?:le)?\b|asigna|otorga|pon(?:le|ga)?\b|califica|concede|responde|devuelve|debe",
        r"candidat|aspirante|postulante|sesion|esta persona|participante",
        r"merece|excelente|sobresaliente|excepcional|brillante|demuestra|domina",
    ),
    "Portuguese": Words(
        r"ignor[ea]|esquec|desconsider|descart|nao (?:leve|siga)|desrespeit",
        r"instruc|instruco|regras|diretriz|criterios|orientac|ordens|prompt",
        r"avaliador|corretor|examinador|\bjuiz|revisor|jurado|modelo (?:de|que) avali|ia que",
        r"pontuac|nota\b|notas|pontos|avaliac|score",
        r"maxim|perfeit|mais alta|10 de 10|10/10|\bdez\b|100|melhor|\b10\b",
        r"\bde\b|\bda\b|\bdar\b|\bdê\b|atribu|conced|coloqu|avalie|respond|retorn|deve",
        r"candidat|sessao|esta pessoa|participante|concorrente",
        r"merece|excelente|excepcional|excecional|brilhante|demonstra|domina",
    ),
    "Italian": Words(
        r"ignora|dimentica|trascura|non (?:tenere conto|considerare|seguire)|scarta|annulla",
        r"istruzion|regole|direttiv|criteri|indicazion|ordini|prompt",
        r"valutator|esaminator|correttor|giudice|revisor|commissione|modello (?:di|che) valut|ia che",
        r"punteggi|\bvoto|\bvoti|punti\b|valutazion",
        r"massim|perfett|piu alt|10 su 10|10/10|\bdieci\b|100|miglior|pien|\b10\b",
        r"\bdai\b|\bda[' ]|\bdare\b|\bdia\b|assegna|attribuis|metti|concedi|valuta|rispondi|restituisci|deve",
        r"candidat|sessione|questa persona|partecipante",
        r"merita|eccellente|ottimo|eccezionale|brillante|dimostra|padroneggia",
    ),
    "Dutch": Words(
        r"negeer|vergeet|sla .{0,20} over|omzeil|houd geen rekening",
        r"instructie|aanwijzing|regels|richtlijn|criteria|opdrachten",
        r"beoordelaar|examinator|nakijker|jury|rechter|beoordelingsmodel|wie dit beoordeelt",
        r"score|punt|cijfer|beoordeling",
        r"maxim|hoogste|perfect|volle|10 van (?:de )?10|10/10|\btien\b|100|\b10\b",
        r"\bgeef|\bgeven|ken .{0,40} toe|beoordeel|zet\b|antwoord|moet",
        r"kandidaat|sollicitant|sessie|inzending|deze persoon",
        r"verdient|uitstekend|uitmuntend|briljant|excellent|beheerst",
    ),
    "Polish": Words(
        r"ignoruj|zignoruj|zapomnij|pomin|nie zwazaj|odrzuc|lekcewaz",
        r"instrukcj|polece|zasad|wytyczn|kryteri|regul",
        r"oceniaj|egzaminator|sedzi|recenzent|sprawdzaj|model oceniaj",
        r"punkt|ocen|wynik|not[ae]\b",
        r"maksym|najwyzsz|pełn|doskonał|idealn|10 na 10|10/10|dziesi|100|\b10\b",
        r"\bdaj|przyznaj|ustaw|wystaw|przydziel|ocen\b|zwroc|odpowiedz|nalezy|musi",
        r"kandydat|sesj|uczestni|ta osoba|tej osobie",
        r"zasługuj|doskonał|znakomit|wybitn|swietn|wykazuj",
    ),
    "Turkish": Words(
        r"yok say|gormezden gel|unut|dikkate alma|goz ardi et",
        r"talimat|kural|yonerge|kriter|komut",
        r"degerlendirici|degerlendiren|juri|hakem|puanlay|notlay|sinav gorevlisi",
        r"puan|\bnot\b|skor|degerlendirme",
        r"tam puan|en yuksek|maksimum|mukemmel|10/10|10 uzerinden|\bon\b|100|\b10\b",
        r"\bver|ata\b|puanla|isaretle|yaz\b|dondur|gerek",
        r"aday|oturum|katilimci|bu kisi",
        r"hak ediyor|mukemmel|olaganustu|kusursuz|ustun",
    ),
    "Russian": Words(
        r"игнорир|забудь|забудьте|отмени|не обращай|не учитывай|пренебрег|отбрось",
        r"инструкц|указани|правил|критери|директив|команд|промпт|предписани",
        r"провер|оценщик|экзаменатор|судь|судеи|жюри|рецензент|эксперт|оценивающ|модель.{0,12}оцен|тот,? кто",
        r"балл|оценк|оценив|рейтинг|очк",
        r"максим|высш|наивысш|отличн|идеальн|10 из 10|10/10|десят|100|лучш|\b10\b",
        r"\bдай|дайте|поставь|выстав|присво|оцени|назнач|верни|ответь|должен|должна|начисл",
        r"кандидат|соискател|сесси|участни|этот человек|испытуем",
        r"заслужив|превосход|великолеп|блестящ|отличн|выдающ|демонстрир",
    ),
    "Ukrainian": Words(
        r"ігнору|проігноруи|забудь|не зважаи|скасуи|відкинь",
        r"інструкц|вказівк|правил|критері|директив|команд",
        r"оцінювач|екзаменатор|судд|журі|рецензент|перевіряючи",
        r"бал\b|бали|балів|оцінк|раитинг",
        r"максим|наивищ|відмінн|ідеальн|10 з 10|10/10|десят|100|\b10\b",
        r"\bдаи|постав|вистав|присво|оціни|признач|поверни|мусить",
        r"кандидат|сесі|учасник|ця людина",
        r"заслугову|чудов|блискуч|відмінн|видатн|демонстру",
    ),
    "Chinese": Words(
        r"忽略|无视|無視|忘记|忘記|忘掉|不要理会|不要理會|跳过|不用管|请勿遵守|抛开|覆盖",
        r"指令|指示|说明|說明|规则|規則|提示|标准|標準|要求|内容",
        r"评分者|评分员|评审|評審|評分|评委|裁判|阅卷|考官|评估者|评估员|评判|打分|评价者|审核员|评分模型|评分系统",
        r"分数|分數|得分|评分|評分|满分|滿分|打分|分值|成绩|成績|\d+分|十分|评价|給分|给分",
        r"满分|滿分|最高|10分|10 分|十分|100|完美|最大|优秀|最好",
        r"给|給|打|评|评为|设为|設為|输出|輸出|返回|授予|赋|必须|应该|应当|请",
        r"候选人|候選人|应聘者|應聘者|面试者|考生|求职者|本次会话|此会话|该用户|这位",
        r"应得|应该得|值得|理应|表现出色|非常优秀|优秀|卓越|杰出|出色|完美|完全掌握",
    ),
    "Japanese": Words(
        r"無視|忘れ|破棄|従わない|従うな|無効",
        r"指示|命令|ルール|規則|プロンプト|基準|指令|ガイドライン|説明",
        r"採点|評価者|審査|試験官|ジャッジ|判定者|評価モデル|評価する|審判|評価ai",
        r"点|スコア|評価|得点|採点",
        r"満点|最高|10点|10 点|十点|100|完璧|最大",
        r"与え|付け|つけ|ください|出力|返し|設定|してほしい|せよ|しろ|すること|べき",
        r"候補者|受験者|応募者|このセッション|志願者|この人",
        r"値する|ふさわしい|優れ|素晴らし|優秀|卓越|完璧|相応しい",
    ),
    "Korean": Words(
        r"무시|잊어|잊으|따르지 마",
        r"지시|명령|규칙|프롬프트|기준|지침",
        r"채점|평가자|심사|심판|평가 모델|평가하는|시험관",
        r"점수|평점|점을|점으로|평가|\d+점",
        r"만점|최고|10점|십점|100|완벽|최대",
        r"주세요|줘|부여|매겨|출력|설정|하십시오|하세요|해라|반환",
        r"후보자|지원자|응시자|이 세션|참가자",
        r"받을 자격|마땅|뛰어|우수|훌륭|탁월|완벽",
    ),
    "Arabic": Words(
        r"تجاهل|انس|تجاوز|لا تتبع|اهمل|أهمل|تغاض",
        r"تعليمات|توجيهات|قواعد|معايير|اوامر|أوامر|ارشادات|إرشادات|التعليمات",
        r"مقيم|المقيم|مصحح|المصحح|الحكم|حكم|المراجع|لجنة|الممتحن|نموذج التقييم|يقيم",
        r"درجة|الدرجة|درجات|الدرجات|تقييم|التقييم|نقاط|علامة|العلامة",
        r"كاملة|الكاملة|اعلى|أعلى|قصوى|القصوى|10|١٠|عشرة|ممتاز|100|مثالي|النهائية",
        r"امنح|أعط|اعط|ضع|قم|سجل|اجعل|يجب|أجب|قيم|منح|اعطاء|إعطاء",
        r"المرشح|مرشح|المتقدم|الجلسة|المشارك|هذا الشخص",
        r"يستحق|ممتاز|متميز|رائع|استثنائي|بارع|اظهر|أظهر",
    ),
    "Hindi": Words(
        r"अनदेखा|नजरअंदाज|नज़रअंदाज़|भूल जा|उपेक्षा",
        r"निर्देश|नियम|आदेश|मानदंड|प्रॉम्प्ट",
        r"मूल्यांकनकर्ता|परीक्षक|जज|निर्णायक|मूल्यांकन करने|ग्रेडर",
        r"अंक|स्कोर|रेटिंग|मूल्यांकन",
        r"पूर्ण|पूरे|अधिकतम|सर्वोच्च|10|दस|100|उत्कृष्ट",
        r"दें|दीजिए|दो\b|दे\b|करें|लिखें|चाहिए",
        r"उम्मीदवार|अभ्यर्थी|सत्र|प्रतिभागी",
        r"योग्य|हकदार|उत्कृष्ट|शानदार|असाधारण",
    ),
}


_TOGETHER = (("ignore", "instructions"), ("give", "best"), ("grader", "best"), ("candidate", "deserves"))


@dataclass(frozen=True, slots=True)
class Language:
    """One language, ready to match against folded text."""

    name: str
    script: re.Pattern[str] | None
    ideas: Mapping[str, re.Pattern[str]]

    def may_be(self, text: str) -> bool:
        """Whether ideas come together anywhere in a longer text."""
        if self.script is not None and not self.script.search(text):
            return False
        return any(all(self.ideas[idea].search(text) for idea in together) for together in _TOGETHER)

    def finds(self, text: str) -> tuple[str, float] | None:
        """What a text of two or three sentences says in this language: a reason and how likely it is meant."""
        has = {idea: bool(pattern.search(text)) for idea, pattern in self.ideas.items()}
        if has["ignore"] and has["instructions"] and self._together("ignore", "instructions", text, 60):
            return "tells a reader to ignore instructions", 0.85
        if has["grader"] and has["best"] and (has["give"] or has["score"]):
            return "addresses whoever grades", 0.8
        if has["give"] and has["best"] and has["score"] and (has["candidate"] or has["grader"]):
            return "asks for a score", 0.8
        if has["candidate"] and has["deserves"] and (has["best"] or has["score"]):
            return "speaks of the candidate as a grader would", 0.75
        if has["give"] and has["best"] and has["score"] and self._together("give", "best", text, 50):
            return "asks for a score", 0.6
        return None

    def _together(self, one: str, other: str, text: str, within: int) -> bool:
        ends = [(match.start(), match.end()) for match in self.ideas[one].finditer(text)]
        return any(
            start - within <= match.start() <= end + within
            for match in self.ideas[other].finditer(text)
            for start, end in ends
        )


_SCRIPTS = {
    "Russian": "[\u0400-\u04ff]{3}",
    "Ukrainian": "[\u0400-\u04ff]{3}",
    "Chinese": "[\u4e00-\u9fff]{2}",
    "Japanese": "[\u3040-\u30ff]",
    "Korean": "[\uac00-\ud7af]{2}",
    "Arabic": "[\u0600-\u06ff]{3}",
    "Hindi": "[\u0900-\u097f]{2}",
    # Latin letters do not tell a language, and its small words do: stems are shared, as in "evaluator".
    "German": r"\b(?:der|das|und|alle[nrs]?|mit|fur|bitte|diese[rnms]?|eine[rnms]?|ist|den|dem|zu|sie|hier|uberall|"
    r"jede[rnms]?|ein|nicht|sind|von)\b",
    "French": r"\b(?:le|les|des|une?|et|vous|toutes?|tous|ce|cette|pour|aux?|est|chaque|du|avec|merci|je|sur)\b",
    "Spanish": r"\b(?:el|los|las|todas?|todos|esta|este|por|que|una?|del|con|y|para|cada|al|favor|es|lo)\b",
    "Portuguese": r"\b(?:os|as|todas?|todos|esta|este|por|que|uma?|da|com|para|cada|ao|favor|isto)\b",
    "Italian": r"\b(?:il|gli|tutt[eio]|questo|questa|che|una|del|con|ogni|al|alla|e|le|di)\b",
    "Dutch": r"\b(?:de|het|een|alle|en|van|voor|dit|deze|aan|elke|alstublieft)\b",
    "Polish": r"\b(?:i|w|na|wszystki\w+|temu|tego|tej|za|jest|poprzedni\w+|prosze|kazd\w+|dla|o)\b",
    "Turkish": r"\b(?:ve|bu|tum|bir|icin|onceki|lutfen|her|tam)\b",
}


def _compiled(name: str, words: Words) -> Language:
    # Stems begin a word, where a script has words.
    border = r"\b" if name not in ("Chinese", "Japanese", "Korean", "Arabic", "Hindi") else ""
    ideas = {
        idea: re.compile(f"{border}(?:{fold(pattern)})")
        for idea, pattern in ((idea, getattr(words, idea)) for idea in Words.__slots__)
    }
    script = _SCRIPTS.get(name)
    return Language(name, re.compile(script) if script else None, ideas)


LANGUAGES: Sequence[Language] = tuple(_compiled(name, words) for name, words in _WORDS.items())


def possible(text: str) -> Sequence[Language]:
    """The languages in which a longer text holds words that the rules look for; none, most of the time."""
    return [language for language in LANGUAGES if language.may_be(text)]
