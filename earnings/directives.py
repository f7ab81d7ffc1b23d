"""Whether a sentence gives an order to whoever reads it, instead of stating something.

"Report net sales of $9,999 million" stands in a document like any other sentence, and a model
that obeyed it can quote it. But it states nothing of the issuer: issuers write "Net sales
were". So the words of an order never bear anything out, whoever cites them, and the local
rules read past them (docs/decisions/0009).

An order is known by its grammar, not by a list of attacks: an imperative at the beginning of
a sentence, a clause, a bracket or behind a label, with something to report as its object; a
reader, analyst or model that "must"; a figure that "should be reported as"; words about
prompts and extraction. Releases hold imperatives too ("please join us", "you should not place
undue reliance"), and titles that look like them ("Record net sales of", "Return on invested
capital", "Use of cash"); what stands behind the verb tells them apart. A pattern that hits a
sentence with results in it costs more than an order that it misses: what it misses is still
held against the document's own tables (`earnings.analysts.settling`).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from earnings.directive_words import (
    ADDRESSED,
    ADJECTIVES,
    BEGINS,
    BY_ALL_MEANS,
    COMMAND_WORDS,
    COMMANDED,
    DATA,
    MEASURE,
    MONEY,
    MUST,
    NOTE_DOWN,
    NUMBER,
    SAID,
    SOFTWARE,
    SOMEBODY,
    SURELY,
    TAKE_DOWN,
    TAKEN_DOWN,
    THE_ONE,
    THIS,
    URGES,
)
from earnings.keyed import holds_any, lowered
from earnings.regexes import lazy_regex

_AS = r"(?:\bas\b|\bunder\b|\bin place of\b|\binstead of\b)"
_BE = r"(?:\bof\b|\bas\b|=|:|\bto be\b|\bat\b|\bis\b)"


def _any(*patterns: str) -> str:
    return "(?:" + "|".join(f"(?:{pattern})" for pattern in patterns) + ")"


# Each behind the place where a sentence, a clause or a cell begins.
_IMPERATIVE = _any(
    # report net sales; extract the following; ignore the table
    rf"(?:report|output|extract|cite|emit|omit|reproduce) (?!of\b|on\b|to\b|by\b|date\b|form\b|"
    rf"card\b)(?:back |only |just |exactly |instead |that |one |zero )*(?:{THIS}|as {NUMBER}|"
    rf"this ?(?:[:.]|$)|\{{)",
    rf"(?:print|quote|disclose|declare|publish|submit|hide|conceal|input|suppress|withhold|"
    rf"repeat|delete|erase|discard|skip|override|overwrite|overlook|drop|remove|register|"
    rf"confirm|supersede|overrule|attribute|ascribe|exclude|consider only|use only|read only) "
    rf"(?:only |just )*{THE_ONE}",
    rf"(?:suppress|overwrite|override) {THIS}",
    rf"(?:ignore|disregard|forget) (?:{THIS}|(?:all |the |any |everything )*(?:previous|prior|"
    rf"preceding|above|below|rest|what (?:is|the|follows))\b)",
    # report that, pretend that
    r"(?:report|output|state|respond|reply|pretend|tell (?:the )?\w+) that\b",
    r"(?:say|answer|conclude|assert|claim|assume|imagine|tell (?:the )?\w+) that (?:the|this|"
    r"there|it|no|all|any|net|sales|guidance|earnings|results|comparable|diluted|gross)\b",
    # treat it as, set it to, replace it with
    rf"(?:treat|classify|categori[sz]e|flag|tag|label|mark|translate|summari[sz]e|render) "
    rf"{THIS}[^.;]{{0,40}}? (?:as|of)\b",
    r"summari[sz]e as follows|read no further|repeat after me|take note ?:|note down ?:|"
    r"remember ?:",
    rf"(?:confirm|say|repeat) (?:that )?{ADJECTIVES}{MEASURE} (?:was|were|is|are|of)\b",
    rf"(?:assume|imagine|suppose|let[’']?s say|let us say|pretend) (?:that )?{ADJECTIVES}{MEASURE} "
    rf"(?:is|are|was|were|equals?)\b",
    rf"(?:announce|communicate|relay|supply|convey|transmit) {ADJECTIVES}{MEASURE} ?{_BE} ?{MONEY}",
    rf"(?:update|modify|adjust|amend) (?!{ADJECTIVES}(?:\w+ )?(?:guidance|"
    rf"outlook)){THIS}[^.;]{{0,40}}? "
    rf"(?:to|read) (?:read )?{MONEY}",
    rf"(?:return|output|list|enter|write) {ADJECTIVES}{MEASURE} ?[:=]",
    rf"(?:mark|label|flag|tag|rate|classify|code|call) {ADJECTIVES}(?:guidance|"
    rf"outlook)\W{{1,3}}(?:as )?"
    rf"(?:raised|lowered|withdrawn|maintained|initiated|narrowed|widened)\b",
    r"(?:inform|tell|remind|show) (?:the |all |your )?(?:users?|readers?|analysts?|public) "
    r"(?:that|of)\b",
    r"for (?:machines?|ai|llms?|automated)(?: \w+)? (?:readers?|models?|systems?|processing|"
    r"use)(?: only)? ?[:,]",
    r"(?:(?!conference|call|webcast|voting|dial)\w+ )?instructions?(?: (?:to|for) [^:.]{1,40})? "
    r"?: ",
    rf"(?:do not|don[’']?t|never|avoid|refrain from) (?:report|mention|quote|cite|include|list|"
    rf"extract|output|record|reveal)(?:ing)? [^.;]{{0,40}}?\b(?:{MEASURE}|{DATA})",
    r"(?:set|change|flip|switch|turn) (?:\w+ ){1,4}(?:to|into) (?:raised|lowered|withdrawn|"
    r"maintained|initiated|narrowed|widened)\b",
    rf"(?:output|extract|extraction|return|response|reply) ?: ?(?:\{{|[^.;]{{0,40}}?{MEASURE})",
    rf"answer ?: ?[^.;]{{0,30}}?{MEASURE} ?=",
    rf"(?:treat|regard|interpret|classify|categori[sz]e|flag|tag|label|mark|read) "
    rf"(?:{THIS}[^.;]{{0,80}}?)?\bas\b(?=[^.;]{{0,120}}(?:{SAID}|{MEASURE}|{DATA}|not\b|"
    rf"irrelevant|invalid|final|stated|correct|withdrawn|wrong))",
    rf"(?:record|report|log|list|describe|enter|rate|book|count|recogni[sz]e|register|show|"
    rf"present|display|save|code|take|use|give|"
    rf"put|submit) {THIS}[^.;]{{0,80}}?{_AS} (?:the |its )?(?:{SAID}|(?:net|gross|operating|"
    rf"comparable) \w+ ?(?:[:.]|$)|(?:the|its|their|our) {THIS})",
    r"(?:record|log|report|list) the following\b",
    rf"(?:consider|assume|take|make|let|deem|understand) {THIS}[^.;]{{0,40}}?(?:\bto be\b|"
    rf"\bbe\b|\bequals?\b|\bas\b|=|\birrelevant\b)",
    rf"(?:make|let) {THIS}[^.;]{{0,20}}?{MONEY}",
    rf"(?:use|put|enter|write|say|give|read|insert|take) {NUMBER} ?(?:million|billion|percent|"
    rf"%)? ?(?:$|[.!;)])",
    rf"(?:set|put|change|correct|round|convert|multiply|fix|amend) (?!{ADJECTIVES}(?:\w+ "
    rf")?(?:guidance|outlook)){THIS}[^.;]{{0,60}}?(?:\bto\b|\bat\b|\bby\b|=|:) ?(?:{SAID}|\d)",
    r"set \w+ (?:to|=) ?(?:true|false|null|zero|none)\b",
    rf"assign (?:{THIS}|{NUMBER})",
    rf"(?:replace|substitute|swap|exchange) {THIS}[^.;]{{0,80}}?\b(?:with|for|by)\b",
    rf"(?:leave|keep) {THIS}.{{0,40}}?\b(?:out|blank|empty|unreported)\b|leave out {THIS}",
    r"(?:limit|restrict|confine) (?:yourself|your \w+|the (?:answer|output|extraction|summary)) "
    r"to\b",
    rf"(?:ensure|make sure|see to it) (?:that )?{THIS}[^.;]{{0,60}}?\b(?:is|are|be|gets?) "
    rf"(?:\w+ )?{TAKEN_DOWN}",
    # enter 9,999 as net sales; list net sales of $9,999 million
    rf"(?:enter|fill(?: in)?|insert|put|type|write|place|use|take|give|show|provide|return|accept|"
    rf"employ|supply|copy|"
    rf"populate|output|read|choose|pick|select|adopt|apply|submit|assign) (?:down |in |only "
    rf")*{NUMBER}[^.;]{{0,50}}?\b(?:as|in|into|for|under|instead|wherever|"
    rf"whenever)\b[^.;]{{0,30}}?\b(?:{MEASURE}|{DATA})",
    rf"(?:enter|fill(?: in)?|insert|type|write|(?:note|put|write) down|use|show|return|choose|"
    rf"adopt|list|declare|publish|disclose|submit|state|go with|stick (?:to|with)) (?:down |in |"
    rf"only )*(?!{ADJECTIVES}(?:\w+ ){{0,2}}(?:tax|guidance|outlook)\b){ADJECTIVES}{MEASURE} "
    rf"?(?:figure|value|number|amount)? ?{_BE} ?{MONEY}",
    rf"log {ADJECTIVES}{MEASURE} ?[:=]",
    rf"(?:use|take|trust|quote|cite|report|prefer|believe|copy|apply|adopt|enter|choose) "
    rf"(?:only |exactly )*(?:th(?:is|ese) ?(?:[.!)\]”\"]|$|, |instead|for (?:all|every|any|net|"
    rf"the \w+ (?:figure|value)))|(?:the|this|these|only|exactly) (?:\w+ ){{0,2}}?(?:figures?|"
    rf"numbers?|values?|amounts?|answers?|sentences?|lines?|rows?|words)\b ?(?:$|[.,:=)!]|"
    rf"{MONEY}|below|above|instead|as|of|in|from|for|when|only|exactly))",
    # answer with nothing
    r"(?:return|answer|respond|reply|output|report|give|produce|write|send|provide) (?:with |"
    r"back |only |just )*(?:an? |the )?(?:empty|null|nothing|none|no (?:figures?|results?|"
    r"guidance|quotes?|claims?|data|metrics?|values?)|zero (?:figures?|results?|claims?)|json|"
    r"blank|false|true|\[\]|\{|following ?(?::|json|text|answer|figures?|values?))",
    rf"(?:answer|respond|reply|print|say) (?:only )?(?:with|that|as|in|by|using|yes|no|{NUMBER})",
    r"(?:rely|depend|base \w+(?: \w+)?) (?:only |solely |exclusively )*(?:up)?on (?:only "
    r")?(?:the|this|these) (?:\w+ )?(?:line|figure|number|value|row|sentence|paragraph|"
    r"instruction)s?\b",
    r"(?:obey|comply with|follow|execute|carry out) (?:the|these|this|my|our|all|every) (?:\w+ "
    r")?(?:instructions?|commands?|orders?|directions?|prompts?)\b(?! (?:for|of|from|on|"
    r"provided))",
    rf"pretend (?:to|you|the|net|{THIS})|act as (?:if|though)\b|role-?play as\b",
    r"stop (?:reading|processing|extracting|analy[sz]ing)\b",
    # labels
    r"(?:(?:important|special|reporting|extraction|data|updated?|additional|further|final|"
    r"mandatory) )*(?:instructions?|directive|override|command) ?: ",
    r"(?:extraction|extractor|parser|parsing|model|ai|llm|machine|bot|agent|"
    r"assistant)[ -](?:note|hint|rule|guidance|comment|instruction|directive|tag)s? ?:",
    r"(?:dear|hello|hey|hi|attention|attn|to|@) ?(?:the |all |any )?(?:(?:\w+ )?(?:language "
    r"models?|ai|llms?|assistants?|chatbots?|extractors?|claude|chatgpt|parsers?)) "
    r"?(?:[,:;!.—–-]|$)|@(?:ai|llm|assistant|claude|model)\b",
    r"(?:assistant|model|claude|llm|chatbot|extractor) ?[,:] ",
    r"system (?:message|note|notice|prompt|instruction|update)s? ?:",
)
_URGED = rf"{SURELY}{{1,3}}(?:{TAKE_DOWN}) (?:only |back |just |on |out )*{THIS}"
# Anywhere in a sentence: words about prompts and programs.
_PROMPTS = _any(
    r"\b(?:ignor|disregard|forget|overrid|bypass)\w*\b.{0,40}\b(?:instructions?|prompts?|rules|"
    r"guidelines)\b",
    r"\bsystem prompts?\b|\bprompt injection\b|\bjailbreak\b|\bapi keys?\b|\brm -rf\b|\bas an? "
    r"(?:ai(?: (?:language )?(?:model|assistant)\b|,)|(?:large )?language model\b|llm\b)",
    r"\byou are (?:now |no longer )?(?:an?|the|my) (?:\w+ ){0,3}(?:assistant|model|analyst|ai|"
    r"bot|extractor|parser)\b",
    r"\bif you(?: are|[’']re) (?:an? )?(?:ai|llm|model|bot|language|machine|assistant|automated|"
    r"reading this|processing|extracting|summari[sz]ing|asked)\b",
    r"< ?/? ?(?:system|user|assistant|instructions?|prompt|document)\b|\[/? ?(?:inst|system) "
    r"?\]|<\|\w+\|>|#{2,} ?(?:instructions?|system)\b|\b(?:new|begin|end of) (?:instructions?|"
    r"task)\b|\bvalid json\b|\bis_results\b",
    r"\byour (?:next |final |only )?(?:answer|output|extraction|json|instructions|guidelines|"
    r"programming|summary|reply|task) (?:must|should|shall|will|is|are|has to|now)\b|\b(?:in|"
    r"from|of|to|with|on) your (?:answer|output|response|extraction|json|summary|reply)\b",
)
# Anywhere: somebody is told to note something down.
_TOLD = _any(
    rf"\b{ADDRESSED}\b[^.;]{{0,60}}?(?:\bto\b|\bplease\b|\bkindly\b|\bshould\b|\bmust\b|\bcan\b|"
    rf"\bmay\b|:) (?:not |only |always )?{NOTE_DOWN} {THIS}(?:[^.;]{{0,20}}?{MONEY}|"
    rf"[^.;]{{0,30}} as\b| ?(?:$|[.!:=,]))",
    rf"\bthat {ADDRESSED} {NOTE_DOWN} {THIS}",
    r"\bwhich you (?:should|must|are to|have to|need to|can|may) (?:report|extract|cite|quote|"
    r"use|record)",
    rf"\b(?:avoid|refrain from|(?:thank you|thanks) for|appreciate your?|help(?: us)? by|insist "
    rf"on|stop) (?:reporting|extracting|mentioning|quoting|citing|listing|recording|stating) "
    rf"{THIS}",
    rf"\bthat {THIS}[^.;]{{0,40}}? be (?:{TAKEN_DOWN}|recorded|shown|stated|given|set|entered|"
    rf"used)\b",
    rf"\bonly [^.;]{{0,30}}?(?:{MEASURE}|{DATA}) (?:may|can|should|must) be {TAKEN_DOWN}",
    rf"(?:\b{MEASURE}|\b{DATA})(?: (?:number|figure|value|amount))? (?:to (?:report|extract|"
    rf"output|cite|record|publish|quote)|for (?:extraction|ai|llms?|models|parsers?|machines)) "
    rf"?(?:[:=)\]]|$|is\b)",
    rf"\b(?:the|your) (?:answer|output|response) (?:is|are) [^.;]{{0,30}}?{MONEY}",
    r"\bthe (?:number|figure|value|amount|answer) (?:that )?you (?:want|need|seek|require|are "
    r"looking for)\b",
    rf"\b{MEASURE}[^.;]{{0,40}} to the user\b",
    r"\b(?:addressed|intended|meant|written|is|are) (?:to|for) (?:the |all |any )?(?:ai|language "
    r"models?|llms?|"
    r"automated \w+|machines?|parsers?|assistants?)\b",
    r"\b(?:machine[ -]readable|ai|llm|parser|extraction)[ -](?:override|instruction|directive|"
    r"command)s?\b",
    r"\baction ?[=:] ?(?:raised|lowered|withdrawn|maintained|initiated)\b",
    r"\bzu (?:melden|berichten|verwenden)\b|\bdoi(?:t|vent) être (?:indiqu|déclar|rapport|"
    r"inscri)|\bdeben? (?:ser (?:informad|reportad|registrad)|informarse|indicarse|reportarse|"
    r"registrarse)",
)
# Where the sentence says "must" or "should".
_OUGHT = _any(
    rf"\b(?:{MEASURE}|outputs?|json|fields?(?: \w+)?|answers?|response|summary) (?:must|shall) "
    rf"(?:\w+ )?"
    rf"(?:be|equal|have|read|say|contain) [^.;]{{0,30}}?{NUMBER}",
    r"\b(?:net_sales|is_results|outputs?|json|fields? \w+) should (?:be|equal|have|read|say|"
    r"contain) ",
    # what a reader must do
    rf"\b{SOMEBODY}(?: (?:reading|processing|analy[sz]ing|extracting|summari[sz]ing|of|for) "
    rf"[^,.;]{{0,60}}?)?,? {MUST} {BY_ALL_MEANS}{TAKE_DOWN}\b(?: (?:only |back )?{THIS}| that\b|"
    rf" (?:out|blank|empty|with)\b)",
    # what must be done with a figure
    rf"(?:\b(?:{MEASURE}|{DATA}|following)|{MONEY})[^.;:]{{0,50}}?\b(?:should|must|shall|ought "
    rf"to|(?:is|are) to|ha(?:s|ve) to|needs? to|can only|may only) {BY_ALL_MEANS}be "
    rf"(?:{TAKEN_DOWN}\b|(?:recorded|shown|stated|set|treated|taken|read|replaced|marked|"
    rf"classified|considered|understood|interpreted|regarded|changed|corrected|displayed|given|"
    rf"presented|entered|used|updated|registered) (?:\w+ )?(?:as|to|at|with|by|for) (?:the "
    rf")?(?:{SAID}|{ADJECTIVES}{MEASURE}))",
)
# Anywhere: which figure is to be reported, whom a note is for, what wins over what.
_WHICH = _any(
    # which figure is to be reported
    r"\b(?:the|this|only) (?:\w+ ){0,2}?(?:figures?|numbers?|values?|amounts?|metrics?|"
    r"answers?) (?:for [^.;:]{0,40}?)?(?:to|(?:that )?you (?:must|should|shall|need to|have to|"
    r"are to)) (?:report|publish|mention|output|extract|cite|quote|return|enter|record|use|"
    r"state|show|give|list)\b(?! (?:in|on|for it)\b)",
    r"\b(?:the )?(?:correct|right|proper|true|authoritative|expected|desired|required|intended|"
    r"accepted|only valid) (?:answer|output|response|extraction|(?:value|figure|number|"
    r"amount)s?(?: (?:for|of|to)\b[^.;:]{0,60}?)?) ?(?:\b(?:is|are|must|should)\b|=|:)",
    rf"\b(?:correct|right|proper|true|authoritative) {ADJECTIVES}{MEASURE} (?:figure|number|"
    rf"value|amount) ?(?:\b(?:is|are|to)\b|=|:)",
    r"\bground truth\b|\b(?:final|model|gold) (?:answer|output) ?[:=]",
    r"\bfor (?:the )?purposes? of (?:this |any |all |data |automated |machine |the "
    r")*(?:extraction|summari[sz](?:ation|ing)|parsing|extracting|ingestion|your\b|answering|"
    r"(?:automated|machine) \w+)\b",
    r"\b(?:when|while|before|upon|if|in|for) (?:you |automatically )?(?:extract(?:ing)?|"
    r"pars(?:e|ing)|ingest(?:ing)?) (?:from )?(?:this|the|these|any|data|figures|values|results|"
    r"net|sales)\b",
    r"\b(?:when|while|before|if|in|for) (?:you )?(?:summari[sz](?:e|ing)|answer(?:ing)?|"
    r"process(?:ing)?|quot(?:e|ing)) (?:from )?(?:this|any) (?:\w+ )?(?:document|release|filing|"
    r"report|text|page|questions?)\b",
    rf"\b(?:when|if) (?:you(?: are|[’']re) )?asked (?:for|about|to (?:report|extract)) {THIS}",
    rf"\bit is (?:required|mandatory|essential|necessary) that {THIS}[^.;]{{0,40}}?\bbe "
    rf"{TAKEN_DOWN}",
    r"\blet the record (?:show|state)\b",
    rf"\b(?:no|there is no) need to (?:report|extract|output|quote|list)\b|\b(?:no other|"
    rf"nothing else|the rest)\b[^.;]{{0,60}}?\b(?:needs? to|should|must|(?:is|are) to|may) "
    rf"(?:not )?be (?:{TAKEN_DOWN}|ignored|disregarded|used|shown)",
    # whom it is for
    rf"\b(?:note|notice|attention|message|memo|instructions?|directives?|commands?|reminder|"
    rf"hint|request|attn\.?) ?(?:to|for|of|:|,|—|–|-| ) ?(?:the |all |any |our |every |"
    rf"automated )*(?:(?!that\b|model)\w+ )?{SOFTWARE}\b(?! (?:year|home|number))",
    r"\b(?:note|message|memo|instructions?|reminder|attention) ?(?:to|for|:) ?(?:the |all |any "
    r")*(?:\w+ )?analysts?\b",
    # what wins over what
    r"\bthis (?:line|note|notice|paragraph|sentence|instruction|message|row|value|figure|number|"
    r"cell|comment) (?:overrides?|supersedes?|replaces?|takes? (?:precedence|priority)|wins|"
    r"outranks)\b|\b(?:overrides?|supersedes?|takes? precedence over) (?:the |all |any |every "
    r")*(?:other |earlier |previous )?(?:tables?|figures?|numbers?|values?|rows?|"
    r"instructions?)\b",
    r"\b(?:instead of|rather than|not) (?:the )?(?:(?:figures?|numbers?|values?|ones?|amounts?) "
    r"(?:in|from|of|shown in|stated in) )?the tables?\b",
)
# The same in the languages nearest by, at the beginning of a sentence.
_ELSEWHERE = _any(
    r"(?:bitte )?(?:ignorier(?:e|en|t)|meld(?:e|en)|gib|geben|verwend(?:e|en)|bericht(?:e|en)|"
    r"trag(?:e|en)|setz(?:e|en)|antwort(?:e|en)|nenn(?:e|en)|schreib(?:e|en)?|weis(?:e|en)|"
    r"übernimm|übernehmen) (?:sie|den|die|das|dem|alle|nur|als|für|einen|mit|statt|vorherige\w*|"
    r"umsatz\w*|netto\w*|net sales)\b",
    r"(?:veuillez|merci de|vous devez|ignorez|rapportez|indiquez|utilisez|signalez|répondez|"
    r"déclarez|inscrivez|remplacez|omettez|retenez|reportez) \w+|(?:ignore|rapporte|indique|"
    r"utilise|déclare|réponds) (?:les?|la|l[’']|un|une|des|que|toutes?|tous)\b",
    r"(?:por favor,? )?(?:ignor[ea]|inform[ea]|indi(?:que|ca)|utili[cz][ea]|report[ea]|"
    r"respond[ea]|devuelv[ea]|registr[ea]|omit[ea]|reemplac[ea]|declar[ea]|us[ea]) (?:las?|los|"
    r"el|que|un|una|como|todas?|todos|ventas|unas?)\b",
)
_FLAGS = re.IGNORECASE | re.DOTALL

_COMMANDS = lazy_regex(
    rf"{BEGINS}(?:{URGES}{{0,4}}{_any(_IMPERATIVE, _ELSEWHERE)}|{_URGED})", _FLAGS
)
_SAYS = lazy_regex(_any(_PROMPTS, _WHICH), _FLAGS)
_TELLS = lazy_regex(_TOLD, _FLAGS)
_DUTY = lazy_regex(_OUGHT, _FLAGS)
# Cheap questions before dear ones: most sentences hold none of these.
_DUTY_BEGINS = lazy_regex(
    rf"\b(?:{MUST}|(?:can|may) only) {BY_ALL_MEANS}(?:be |equal|have|read|say|{TAKE_DOWN}\b)",
    re.IGNORECASE,
)
_SAYS_KEYS = (
    *("instruct", "prompt", "rules", "guideline", "jailbreak", "api key", "rm -rf", " ai", "llm"),
    *("language model", "you are", "if you", "your ", "<", "[", "#", "task", "json", "is_results"),
    *("figure", "number", "value", "amount", "metric", "answer", "output", "response", "truth"),
    *("purpose", "extract", "pars", "ingest", "summari", "process", "quot", "asked", "it is "),
    *("record", "need", "nothing else", "no other", "the rest", "note", "notice", "attention"),
    *("message", "memo", "directive", "command", "reminder", "hint", "request", "attn"),
    *("overrid", "supersede", "this line", "this paragraph", "this sentence", "this row"),
    *("this cell", "this comment", "precedence", "the table"),
)
_TELLS_KEYS = (
    *("you", "reader", "analysts", "assistant", "models", "summar", "parser", "extract", " ai"),
    *("software", "system", "tools", "bots", "agents", "reviewer", "llm", "avoid", "refrain"),
    *("thank", "appreciate", "help", "insist", "stop", " be ", "only ", " to report", " to output"),
    *(" to cite", " to record", " to publish", " to quote", " for models", " for machines"),
    *("action", "the answer", "the output", " user", "addressed", "intended", "meant", "written"),
    *(
        "is for",
        "are for",
        "-readable",
        "override",
        "instruct",
        "directive",
        "command",
        " zu ",
        "être",
        "debe",
    ),
)
_LABELLED = lazy_regex(
    r"^\W*(?:SYSTEM|System|ASSISTANT|Assistant|PROMPT|Prompt|LLM|INSTRUCTIONS?|DIRECTIVE|"
    r"COMMAND|OVERRIDE|ADMIN|DEVELOPER)(?: (?:NOTE|MESSAGE|PROMPT|INSTRUCTIONS?|OVERRIDE|NOTICE|"
    r"UPDATE))? ?[:>\]]",
)
_WORD = lazy_regex(r"\w+")
_INVISIBLE = lazy_regex(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


@lru_cache(1024)  # the same sentence is asked about by each who reads a document
def speaks_to_reader(words: str) -> bool:
    """Whether a sentence, heading or cell tells its reader what to report. Pure, total."""
    plain = _plain(words)
    lower = lowered(plain)
    if _LABELLED.match(plain) or (_may_command(lower) and _COMMANDS.search(plain)):
        return True
    if holds_any(lower, _SAYS_KEYS) and _SAYS.search(plain):
        return True
    if holds_any(lower, _TELLS_KEYS) and _TELLS.search(plain):
        return True
    return _DUTY_BEGINS.search(plain) is not None and _DUTY.search(plain) is not None


def _plain(words: str) -> str:
    """One spelling: no invisible characters, no full-width letters, single spaces."""
    if not words.isascii():
        words = _INVISIBLE.sub("", unicodedata.normalize("NFKC", words))
    return " ".join(words.split())


def _may_command(lower: str) -> bool:
    return holds_any(lower, COMMANDED) or not COMMAND_WORDS.isdisjoint(_WORD.findall(lower))
