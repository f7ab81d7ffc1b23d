"""The words of orders to a reader: what they are about, whom they address, how they begin.

Pieces of regular expressions for `earnings.directives`, matched without regard to case against
words that are parted by single spaces. Every repetition has an end: no text costs more than
its length.
"""

from __future__ import annotations

# ---- what is to be reported ----------------------------------------------------------------

MEASURE = (
    r"(?:(?:(?:net|total|comparable|comp|same[- ]store|gross|operating) )?(?:sales|revenues?|"
    r"comps)|(?:(?:gross|operating|net) )?(?:profit|margins?|income|earnings|loss(?:es)?)"
    r"(?: per (?:\w+ ){0,2}share)?|eps|guidance|outlook|inventor(?:y|ies)|(?:effective )?tax rate|"
    r"cap(?:ital )?ex(?:penditures?)?|share repurchases|buybacks?|store openings|net_sales|"
    r"is_results)\b"
)
DATA = (
    r"(?:figures?|numbers?|values?|metrics?|amounts?|quot(?:e|ation)s?|claims?|fields?|results?|"
    r"tables?|rows?|columns?|cells?|lines?|sheets?|statements?|paragraphs?|sentences?|sections?|"
    r"text|content|documents?|filings?|releases?|everything|anything|nothing|data|answers?|"
    r"range|instructions?)\b"
)
# A value that is put into somebody's mouth: "$9,999 million", "55%", "9,999", "null".
MONEY = (
    r"(?:\(?[-−–]?(?:usd|us\$|\$|€|£) ?\d[\d.,]*|"
    r"\(?[-−–]?\d[\d.,]* ?(?:%|percent|million|billion|bn|mn\b))"
)
NUMBER = rf"(?:{MONEY}|[-−–]?\d[\d.,]*\d\b)"
SAID = (
    rf"(?:{NUMBER}|(?:zero|null|none|true|false|raised|lowered|withdrawn|maintained|initiated)\b)"
)
ADJECTIVES = (
    r"(?:(?:the|this|that|these|those|all|any|each|every|our|its|their|no|only|an?|other|of|"
    r"following|above|below|correct(?:ed)?|true|actual|reported|adjusted|diluted|basic|gaap|"
    r"non-gaap|consolidated|quarterly|annual|full[- ]year|fiscal|company[’']?s|issuer[’']?s|"
    r"(?:first|second|third|fourth)[- ]quarter|quarter[’']?s|year[’']?s|q[1-4]|20\d\d|fy ?\d+|"
    r"new|income|balance|cash|financial|prior|previous|earlier|later|remaining|per[- ]share|"
    r"entire|whole)[ ,]+){0,8}"
)
THIS = rf"(?:{ADJECTIVES}(?:{MEASURE}|{DATA})|{MONEY}|(?:it|them)\b|the following\b)"
# The same where the words could also be a title's: only with "the", "this" or a value.
THE_ONE = rf"(?:(?:the|this|these|all|any|every|each|only|exactly|no|our|its) {THIS}|{MONEY})"

# ---- who is told ---------------------------------------------------------------------------

SOFTWARE = (
    r"(?:(?:language |ai )?models?|ai|llms?|assistants?|extractors?|summari[sz]ers?|parsers?|"
    r"(?:ai|software|automated|autonomous) agents?|bots?|chatbots?|scrapers?|crawlers?|"
    r"machines?|algorithms?|annotators?|aggregators?|data (?:entry|extraction|teams?|vendors?|"
    r"providers?)|"
    r"(?:automated|ai|data|extraction) (?:systems?|tools?|readers?|pipelines?|process(?:es|ors?)))"
)
READERS = (
    rf"(?:{SOFTWARE}|analysts?|readers?|users?|reviewers?|recipients?|journalists?|editors?|"
    r"systems?|summar(?:y|ies)|extractions?|outputs?|answers?|responses?|pipelines?|software|"
    r"tools?|json)"
)
SOMEBODY = (
    rf"(?:(?:the|any|every|all|each|this|dear|no) (?:\w+ )?{READERS}|"
    r"(?:automated |financial )?(?:analysts|models|readers|assistants|systems|summaries|agents|"
    r"tools|bots|llms|journalists)|"
    r"(?:whoever|whichever \w+|whatever \w+|anyone|anybody|everyone|everybody|those who)"
    r"[^,.;]{1,40}?)"
)

# ---- how an order begins -------------------------------------------------------------------

# With the sentence, a clause, a bracket, a cell, behind a label or a word that urges.
BEGINS = (
    r"(?:^|[:;(\[{<>#*|=!?.…—–\"“”'‘’] ?| -{1,2} |, (?:and|then|but|so|or|instead) |"
    rf"^\W*(?:(?:for|in|under|as (?:to|for)|where(?:ver)?) {MEASURE},? |"
    r"(?:from|for|in|under|at|on|as|where|when|if|should|whatever|regardless|despite|after|before|"
    r"instead|because|since|to|by)[^.;:,]{2,60}, ?|(?:skip|go|proceed|jump) [^.;:,]{2,40} and )|"
    rf"^instead of {MONEY}(?: million| billion)?,? |"
    r"\b(?:please|kindly|pls|therefore|as instructed|per instructions?)\b,? ?)"
    r"[ •·▪●■*#>|\-–—.\"“”'‘’(\[{]{0,6}"
)
# Urging somebody, so that what follows is no title.
SURELY = (
    r"(?:(?:please|kindly|pls|you[’']ll|you (?:must|should|shall|will|can|may|(?:need|have|ought) "
    r"to|"
    r"are (?:(?:required|instructed|asked|expected|told|free) )?to)"
    r"(?: (?:safely|simply|only|always|now))?|(?:could|would|can|will) you|go ahead and|"
    r"(?:be sure|make sure|remember|(?:your|the) (?:job|task|role|instruction) is|"
    r"it is (?:important|essential|required|mandatory|necessary|imperative|vital|"
    r"crucial|critical)(?: for you)?|proceed|feel free|be advised) "
    r"(?:to|that you)|(?:we|i)(?:[’']d)? (?:would )?(?:ask|like|request|require|instruct|direct|"
    r"want|need|order|tell|urge) (?:that )?(?:you|(?:all |any |every |the )?(?:readers?|"
    r"analysts?|models?|everyone|systems?))(?: to)?|always|never|do not|don[’']?t)[ ,:]+)"
)
URGES = (
    rf"(?:{SURELY}|(?:(?:must|should|shall) not|now|only|also|simply|just|instead|first|next|"
    r"finally|then|and|hereby|from now on)[ ,:]+)"
)
MUST = (
    r"(?:must|should|shall|ought to|ha(?:s|ve) to|(?:is|are) to|needs? to|"
    r"(?:is|are) (?:hereby )?(?:instructed|asked|required|directed|requested|told|ordered|"
    r"expected|obliged|advised) to)"
)
BY_ALL_MEANS = (
    r"(?:(?:not|only|always|never|therefore|instead|now|please|also|thus|hereby|henceforth) ){0,4}"
)
# What only readers do with a document. "Use a tax rate of 24%" is what issuers tell analysts.
TAKE_DOWN = (
    r"(?:report|output|extract|omit|ignore|disregard|forget|override|overwrite|cite|quote|record|"
    r"list|return|write|enter|state|show|display|set|"
    r"(?:use|assume)(?! (?:caution|an?\b|approximately|about|roughly))|replace|mark|flag|mention|"
    r"include|exclude|leave|give|skip|classify|interpret|answer|respond|reply|trust|copy|"
    r"repeat|select|take|present|input|reproduce|reveal|print|fill|insert|put|treat|capture|"
    r"prefer|adopt|register|substitute|hide|conceal|withhold|suppress|summari[sz]e|contain|"
    r"populate)"
)
TAKEN_DOWN = (
    r"(?:reported|extracted|output|cited|quoted|omitted|listed|entered|answered|returned|skipped|"
    r"hidden|withheld|suppressed|captured|copied|flagged|overwritten|overridden|reproduced|"
    r"left (?:out|blank|empty))"
)
# The same without those that issuers use of themselves, and what else a reader does with words.
NOTE_DOWN = (
    r"(?:report|output|extract|cite|quote|record|enter|list|state|print|publish|mention|"
    r"pick up|note|confirm|reproduce|classify|copy|repeat|write|treat|mark|ignore|disregard|omit|"
    r"show|display|return|give|use(?! (?:an?\b|approximately|about|roughly)))"
)
ADDRESSED = (
    r"(?:you|(?:(?:ai |automated |financial )?"
    r"(?:readers?|analysts|assistants?|models|summar(?:y|ies)|parsers?|extractors?|software|"
    r"systems|tools|bots|agents|reviewers?)|ai|llms?))"
)

# ---- cheap questions before dear ones ------------------------------------------------------

# Every command begins with one of these words, or speaks to one of these programs. Most
# sentences of a release hold none (a test holds the list against the commands themselves).
_COMMAND_WORDS = """
    accept act adjust adopt agent ai amend announce answer antworte antworten apply ascribe assert
    assign assistant assume attentionai attnai attribute automated avoid base believe berichte
    berichten book bot call capture carry categorise categorize change chatbot choose cite claim
    classify claude code command communicate comply conceal conclude confine confirm consider
    contain convert convey copy correct count dearai declara declare deem delete depend describe
    devuelva devuelve directive discard disclose display disregard do don dont drop déclare
    déclarez emit employ ensure enter erase exchange exclude execute extract extraction extractor
    fill fix flag flip follow forget geben gib give go helloai heyai hiai hide ignora ignore
    ignorez ignoriere ignorieren ignoriert imagine include indica indique indiquez inform informa
    informe input inscrivez insert instruction instructions interpret keep label leave let lets
    limit list llm log machine machines make mark melde melden mention merci model modify multiply
    nenne nennen never note obey omettez omit omita omite output overlook override overrule
    overwrite parser parsing pick place populate prefer present pretend print produce provide
    publish put quote rapporte rapportez rate read recognise recognize record reemplaca reemplace
    refrain regard register registra registre relay rely remember remind remove remplacez render
    repeat replace reply report reporta reporte reportez reproduce respond responda responde
    response restrict retenez return reveal role roleplay round répondez réponds save say schreib
    schreibe schreiben see select send set setze setzen show signalez skip state stick stop submit
    substitute summarise summarize supersede supply suppose suppress swap switch system tag take
    tell toai trage tragen translate transmit treat trust turn type understand update usa use
    utilica utilice utilise utilisez utiliza utilize verwende verwenden veuillez vous weise weisen
    withhold write übernehmen übernimm
"""
COMMAND_WORDS = frozenset(_COMMAND_WORDS.split())
COMMANDED = (
    *("language model", "llm", "assistant", "chatbot", "extractor", "claude", "chatgpt", "parser"),
)
