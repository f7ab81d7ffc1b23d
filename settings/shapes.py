"""What single values must look like: keys, addresses, schedules.

Each takes what was given and returns the value to keep, or raises `Invalid` with the rule
and the fix; never with the value, which may be a secret.
"""

from __future__ import annotations

import re
from datetime import date, time
from ipaddress import ip_address
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from settings.problems import Invalid, nearest

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEKDAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

E_MAIL = re.compile(
    r"(?<![\w.+%@-])[A-Za-z0-9][\w.+%-]*@(?P<domain>(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+"
    r"[A-Za-z]{2,63})(?![\w@-])",
    re.ASCII,
)
# Domains kept for examples (RFC 2606, RFC 6761), and those that instructions are written with.
EXAMPLE_ENDINGS = (".example", ".test", ".invalid", ".localhost", ".local")
EXAMPLE_DOMAINS = re.compile(
    r"^(?:[\w-]+\.)*(?:example\.[a-z.]+|(?:your-?|my-?|sample-?|some-?)?(?:company|domain|email|org|"
    r"firm|business)(?:name)?\.(?:com|org|net)|sample\.com|test\.com|foo\.com|bar\.com)$"
)
EXAMPLE_NAMES = re.compile(
    r"\b(?:your[ _-]?(?:name|company)|sample company|company name|first ?name|firstname)\b|<|>"
)

SHORTEST_PASSPHRASE = 12

# What stands in instructions in place of a secret. Looked for as whole words between separators:
# a random key may well hold "xxx" somewhere.
# fmt: off
PLACEHOLDER_WORDS = frozenset((
    "changeme", "change", "replaceme", "replace", "placeholder", "insert", "yourkey",
    "yourkeyhere", "mykey", "todo", "fixme", "none", "null", "example", "dummy", "redacted",
    "keyhere", "apikeyhere", "yourapikey",
))
# fmt: on
# Options of a database URL, by libpq's names.
HARMLESS_OPTIONS = frozenset(
    (
        "host",
        "hostaddr",
        "port",
        "dbname",
        "user",
        "sslmode",
        "sslrootcert",
        "connect_timeout",
        "application_name",
        "target_session_attrs",
        "options",
    )
)  # fmt: skip
SECRET_OPTIONS = frozenset(("password", "sslpassword", "sslkey", "passfile"))

CHANNEL = re.compile(
    r"(?:https?://)?(?:(?:www\.|m\.)?youtube\.com/(?:channel/)?)?"
    r"(?:(?P<id>UC[\w-]{22})|@?(?P<handle>[\w.·-]{2,60}))/?"
)
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
GOOGLE_PREFIX = "AIza"
GOOGLE_LENGTHS = range(30, 61)  # 39 for most today

CLAUDE_PREFIX = "sk-ant-"
CLAUDE_LENGTHS = range(80, 161)  # 108 today; the length is not promised, so it only warns
GROQ_PREFIX = "gsk_"
GROQ_LENGTHS = range(40, 101)  # 56 today

OLLAMA_PORT = 11434
ANALYSTS = ("claude", "groq", "ollama", "local")
TASKS = ("figures", "guidance", "quotes")


def text(value: object, rule: str, fix: str) -> str:
    """A value that must be a non-empty string, without the white space round it."""
    if not isinstance(value, str):
        raise Invalid(rule, fix)
    if not value.strip():
        raise Invalid("is set but empty", fix)
    return value.strip()


def cap(value: object) -> object:
    """A number, or nothing: no limit."""
    is_unset = isinstance(value, str) and value.strip().lower() in ("", "unset")
    return None if is_unset else number(value)


def number(value: object) -> object:
    """Anything but true and false, which Python counts as 1 and 0."""
    if isinstance(value, bool):
        raise Invalid("must be a number, not true or false", "write the number")
    return value


def is_placeholder(secret: str) -> bool:
    """Whether a secret is the text of an instruction and not a secret."""
    plain = secret.strip().lower()
    words = [word for word in re.split(r"[\s_.\-<>{}\[\]$]+", plain) if word]
    return (
        not words
        or any(word in PLACEHOLDER_WORDS or re.fullmatch(r"x{3,}", word) for word in words)
        or "your" in words
        or bool(re.search(r"<.*>|\$\{|\.\.\.|…|^\*+$", plain))
        or re.sub(r"[\s_.\-]", "", plain) in PLACEHOLDER_WORDS
        or (len(plain) >= 4 and len(set(plain)) == 1)
    )


def claude_key(value: object) -> object:
    fix = "create a key at https://platform.claude.com and set ANTHROPIC_API_KEY to it, or unset it"
    return _key(value, CLAUDE_PREFIX, fix)


def groq_key(value: object) -> object:
    fix = "create a key at https://console.groq.com/keys and set GROQ_API_KEY to it, or unset it"
    return _key(value, GROQ_PREFIX, fix)


def _key(value: object, prefix: str, fix: str) -> str:
    key = text(_plain(value), "must be a key", fix)
    if re.search(r"\s", key):
        raise Invalid("must be one word: white space stands inside the key", "copy it again")
    if is_placeholder(key.removeprefix(prefix)):
        raise Invalid("is a placeholder, not a key", fix)
    if not key.startswith(prefix):
        raise Invalid(f"must start with {prefix}", fix)
    if not key.isascii() or not key.isprintable():
        raise Invalid("must hold plain ASCII characters only", "copy it again")
    return key


def youtube_key(value: object) -> object:
    get_one = (
        "create a key for the YouTube Data API v3 in the Google Cloud console and set "
        "YOUTUBE_API_KEY to it"
    )
    return _secret_word(value, get_one)


def tavily_key(value: object) -> object:
    get_one = "create a key at https://app.tavily.com and set TAVILY_API_KEY to it"
    return _secret_word(value, get_one)


def x_token(value: object) -> object:
    return _secret_word(value, "copy your app's bearer token and set X_BEARER_TOKEN to it")


def _secret_word(value: object, get_one: str) -> str:
    fix = f"{get_one}, or unset it"
    key = text(_plain(value), "must be a key", fix)
    if re.search(r"\s", key):
        raise Invalid("must be one word: white space stands inside the key", "copy it again")
    if is_placeholder(key):
        raise Invalid("is a placeholder, not a key", fix)
    if not key.isascii() or not key.isprintable():
        raise Invalid("must hold plain ASCII characters only", "copy it again")
    return key


def channel(value: object) -> object:
    """A channel as YouTube names it: "@handle", its id, or the address of either."""
    rule, fix = "must be a channel on YouTube", 'write youtube = "@handle", or the channel\'s id'
    given = text(value, rule, fix)
    found = CHANNEL.fullmatch(given)
    if found is None:
        raise Invalid(rule, fix)
    return found["id"] or f"@{found['handle']}"


def languages(value: object) -> object:
    """Language codes, also as one string with commas between them."""
    listed = [one.strip() for one in value.split(",")] if isinstance(value, str) else value
    fix = 'write languages = ["en"]'
    if not isinstance(listed, list | tuple) or not listed:
        raise Invalid("must be a list of language codes", fix)
    if not all(isinstance(one, str) and LANGUAGE.fullmatch(one) for one in listed):
        raise Invalid('holds something else than language codes such as "en" or "en-GB"', fix)
    return tuple(listed)


def handle(value: object) -> object:
    """Of an account on X, with its @; "" for none."""
    if value == "":
        return value
    given = text(value, "must be the name of an account on X", 'write it as "@handle"')
    if not re.fullmatch(r"@?[A-Za-z0-9_]{1,15}", given):
        raise Invalid("must be at most 15 letters, digits and _ behind an @", 'write "@handle"')
    return f"@{given.removeprefix('@')}"


def contact(value: object) -> object:
    fix = (
        "set SEC_CONTACT to your name or company and an e-mail address that you read: the SEC "
        "asks who is calling"
    )
    given = text(value, "must be a name and an e-mail address", fix)
    if not given.isascii() or not given.isprintable():
        # It travels in a User-Agent header: a line end in it would start another header.
        raise Invalid("must be one line of plain ASCII characters", fix)
    found = E_MAIL.search(given)
    if found is None:
        raise Invalid("must hold an e-mail address (someone@somewhere.tld)", fix)
    name = (given[: found.start()] + given[found.end() :]).strip(" ,;:()<>\"'-")
    if not re.search(r"[A-Za-z]", name):
        raise Invalid("must hold a name or company beside the e-mail address", fix)
    domain = found["domain"].lower()
    if domain.endswith(EXAMPLE_ENDINGS) or EXAMPLE_DOMAINS.match(domain):
        raise Invalid("holds an invented e-mail address", fix)
    if EXAMPLE_NAMES.search(given[: found.start()].lower().rstrip("< ")):
        raise Invalid("holds the text of an instruction in place of a name", fix)
    return given


def database_url(value: object) -> object:
    """A libpq URL. "postgres://" is written as "postgresql://", the only form SQLAlchemy takes."""
    fix = "set DATABASE_URL to postgresql://USER:PASSWORD@HOST:5432/DATABASE, or unset it"
    url = text(_plain(value), "must be a PostgreSQL URL", fix)
    if re.search(r"[\s\x00-\x1f]", url):
        raise Invalid("must hold no white space", "write %20 for a blank in the password")
    scheme, _, rest = url.partition("://")
    if scheme.startswith(("postgresql+", "postgres+")):
        raise Invalid("must name no driver", "write postgresql:// in place of it")
    if scheme not in ("postgresql", "postgres") or not rest:
        raise Invalid("must start with postgresql://", fix)
    odd = Invalid(
        "cannot be read as a URL", "write special characters of the password as %XX (@ is %40)"
    )
    if re.search(r"%(?![0-9A-Fa-f]{2})|%00", url):
        raise Invalid("holds a % that begins no %XX", "write % itself as %25")
    try:
        unquote(url, errors="strict")  # libpq hands on what is no UTF-8, and its driver fails
        parts = urlsplit(f"postgresql://{rest}")
        query = parse_qs(parts.query)
        hosts = parts.netloc.rpartition("@")[2]
        port = None if "," in hosts else parts.port
    except ValueError as error:
        raise odd from error
    # A password with one of these in it tears the URL: a piece of it would pass for the port,
    # the database or an option, and be shown.
    if "#" in url or "@" in parts.netloc.rpartition("@")[0] or "@" in parts.path:
        raise odd
    if parts.query and any(pair.count("=") != 1 for pair in parts.query.split("&")):
        raise odd
    if port == 0:
        raise Invalid("must name a port from 1 to 65535", fix)
    if not (hosts.partition(":")[0] or hosts.startswith("[") or query.get("host")):
        raise Invalid("must name the host", fix)
    if not (unquote(parts.path).strip("/") or query.get("dbname")):
        raise Invalid("must name the database after the host", fix)
    return f"postgresql://{rest}"


def _http(url: str, fix: str) -> SplitResult:
    """Its parts, of an http or https URL with a host. Raises Invalid."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Invalid("cannot be read as a URL", fix) from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise Invalid("must be an http or https URL with a host", fix)
    return parts


def _refuse_plain(parts: SplitResult) -> None:
    """What is sent there includes keys, or the address is one."""
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise Invalid("must be https unless it is on this machine", "write https://")


def passphrase(value: object) -> object:
    """Whoever has a backup may guess for years."""
    fix = "make one with `openssl rand -base64 24`, and keep a copy where the backups are not"
    words = text(_plain(value), "must be a passphrase", fix)
    if len(words) < SHORTEST_PASSPHRASE:
        raise Invalid(f"must have {SHORTEST_PASSPHRASE} characters or more", fix)
    return words


def webhook_url(value: object) -> object:
    """Its path or query is a secret, as a rule."""
    fix = "write it as https://HOST/PATH, as the service that listens there gave it to you"
    url = text(_plain(value), "must be a URL", fix)
    parts = _http(url, fix)
    if parts.username or parts.password or parts.fragment or re.search(r"\s", url):
        raise Invalid("must hold no user, password, fragment or white space", fix)
    _refuse_plain(parts)
    return url


def base_url(value: object) -> object:
    fix = "write it as https://HOST, without a path's last slash"
    url = text(value, "must be a URL", fix)
    parts = _http(url, fix)
    if parts.username or parts.password or parts.query or parts.fragment or re.search(r"\s", url):
        raise Invalid("must hold no user, password, query or white space", fix)
    _refuse_plain(parts)
    return url.rstrip("/")


def ollama_host(value: object) -> object:
    """As Ollama reads its own OLLAMA_HOST: "host", ":port", "host:port" or a URL, and what it
    listens on everywhere is asked on this machine. No key goes there, so it need not be https."""
    fix = f"write it as http://127.0.0.1:{OLLAMA_PORT}, with the host and the port it runs on"
    given = text(value, "must be a host or a URL", fix).rstrip("/")
    scheme, separator, rest = given.partition("://")
    if not separator:
        scheme, rest = "http", given
    try:
        parts = urlsplit(f"{scheme}://{rest}")
        port = parts.port
    except ValueError as error:
        raise Invalid("cannot be read as a host or a URL", fix) from error
    if scheme not in ("http", "https") or port == 0 or re.search(r"\s", given):
        raise Invalid("must be a host, or an http or https URL", fix)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise Invalid("must hold no user, password or query", fix)
    host = parts.hostname or "127.0.0.1"
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (not listened on)
    usual = {"http": 80, "https": 443}[scheme] if separator else OLLAMA_PORT
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}:{port or usual}{parts.path.rstrip('/')}"


def model_name(value: object) -> object:
    fix = "write it as `ollama list` shows it, for example llama3.1:8b"
    name = text(value, "must be a model's name", fix)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}", name):
        raise Invalid("must be one word of letters, digits and . _ : / -", fix)
    return name


def feed_url(value: object) -> object:
    """Where a feed is: plain http is taken, for nothing secret is sent there."""
    fix = "write the feed's own address, https://HOST/PATH"
    url = text(value, "must be a URL", fix)
    parts = _http(url, fix)
    if parts.username or parts.password or parts.fragment or re.search(r"[\s<>\"]", url):
        raise Invalid("must hold no user, password, fragment or white space", fix)
    return url


def loopback(value: object) -> object:
    fix = "set it to 127.0.0.1; to reach it from elsewhere put a reverse proxy with a login before"
    host = text(value, "must be an address", fix)
    if not _is_loopback(host):
        raise Invalid("must be a loopback address: what it serves asks for no login", fix)
    return host


def instance(value: object) -> object:
    fix = "use letters, digits, dots and hyphens, for example retail-01"
    name = text(value, "must be a name", fix)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", name):
        raise Invalid("must be a name of at most 63 letters, digits, dots and hyphens", fix)
    return name


def at(value: object) -> object:
    """ "7:05" -> "07:05"; "monday 08:00" -> "Mon 08:00"; a TOML time is one too."""
    fix = 'write "07:00" for every day or "Mon 08:00" for every week'
    if isinstance(value, time):
        value = value.isoformat("minutes")
    given = text(value, "must be a time of day, with a weekday before it or not", fix)
    match = re.fullmatch(r"(?:([A-Za-z]+)\s+)?(\d{1,2}):(\d{2})", given)
    if match is None:
        raise Invalid("must be HH:MM, with a weekday before it or not", fix)
    day, hour, minute = match[1], int(match[2]), int(match[3])
    if hour > 23 or minute > 59:
        raise Invalid("is no time of day (00:00 to 23:59)", fix)
    clock = f"{hour:02}:{minute:02}"
    if day is None:
        return clock
    named = [
        short
        for short, full in zip(WEEKDAYS, WEEKDAY_NAMES, strict=True)
        if len(day) >= 3 and full.startswith(day.lower())
    ]
    if not named:
        raise Invalid("names no weekday", f"write one of {', '.join(WEEKDAYS)} before the time")
    return f"{named[0]} {clock}"


def zone(value: object) -> object:
    fix = "name a zone of the IANA list, for example America/New_York"
    name = text(value, "must be a time zone", fix)
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        # KeyError: not there; ValueError: "../x"; OSError: "America" is a folder.
        near = nearest(name, sorted(available_timezones()))
        hint = f"did you mean {near}?" if near else fix
        raise Invalid("is no time zone this machine knows", hint) from error
    return name


def resource(value: object) -> object:
    fix = 'name it as "requests" and "tokens" are: small letters, digits and "_"'
    name = text(value, "must be a name", fix)
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
        raise Invalid('must be a name of at most 40 small letters, digits and "_"', fix)
    return name


def ticker(value: object) -> object:
    fix = 'write it as its exchange does: "WMT"'
    given = text(value, "must be a ticker", fix).upper()
    if not re.fullmatch(r"[A-Z0-9][A-Z0-9.\-]{0,9}", given):
        raise Invalid("must be at most ten letters, digits, dots and hyphens", fix)
    return given


def month_and_day(value: str) -> str:
    """ "0131" as the SEC writes it; "" for unknown. 0229 counts: some years end there."""
    fix = 'write the month and the day, "0131" for 31 January'
    if not value:
        return value
    if not re.fullmatch(r"\d{4}", value):
        raise Invalid("must be four digits, MMDD", fix)
    try:
        date(2024, int(value[:2]), int(value[2:]))
    except ValueError as error:
        raise Invalid("is no day of the year (MMDD)", fix) from error
    return value


def analysts(value: object) -> object:
    """A list, or names with commas between them; each once, the local one always the last."""
    fix = 'write order = ["claude", "groq", "local"], or claude,groq,local in a variable'
    if isinstance(value, str):
        value = [name.strip().lower() for name in value.split(",") if name.strip()]
    if not isinstance(value, list | tuple) or not value:
        raise Invalid("must be a list of analysts", fix)
    for name in value:
        if name not in ANALYSTS:
            raise Invalid(f"names an analyst that does not exist: {str(name)[:40]!r}", fix)
    if len(set(value)) != len(value):
        raise Invalid("names an analyst twice", fix)
    if "local" in value and value[-1] != "local":
        raise Invalid("names somebody after local, who always has an answer", fix)
    return tuple(value)


def tasks(value: object) -> object:
    """A list, or names with commas between them."""
    fix = 'write ["figures", "quotes"], or figures,quotes in a variable'
    if isinstance(value, str):
        value = [name.strip().lower() for name in value.split(",") if name.strip()]
    if not isinstance(value, list | tuple) or not value:
        raise Invalid("must be a list of tasks; an analyst without any is left out of order", fix)
    for name in value:
        if name not in TASKS:
            raise Invalid(f"names a task that does not exist: {str(name)[:40]!r}", fix)
    return tuple(dict.fromkeys(value))


def password_of(url: str) -> str:
    """The password in a database URL, "" if there is none."""
    parts = urlsplit(url)
    return unquote(parts.password or "") or (parse_qs(parts.query).get("password") or [""])[0]


def is_socket(url: str) -> bool:
    """Whether a database URL leads to a Unix socket, where the system says who is calling."""
    parts = urlsplit(url)
    host = unquote(parts.hostname or "") or (parse_qs(parts.query).get("host") or [""])[0]
    return host.startswith(("/", "@"))


def without_password(url: str) -> str:
    """A database URL that can be shown."""
    parts = urlsplit(url)
    head, _, hosts = parts.netloc.rpartition("@")
    user = head.partition(":")[0]
    if ":" in head:
        user += ":***"
    query = "&".join(_option_shown(pair) for pair in parts.query.split("&"))
    return f"{parts.scheme}://{f'{user}@' if user else ''}{hosts}{parts.path}" + (
        f"?{query}" if query else ""
    )


def _option_shown(pair: str) -> str:
    """One that is known to be harmless as it is. Of any other not even the name is sure: behind
    a "&" in a password comes the rest of the password."""
    name = pair.partition("=")[0]
    if name in HARMLESS_OPTIONS or not pair:
        return pair
    return f"{name}=***" if name in SECRET_OPTIONS else "***"


def _plain(value: object) -> object:
    """A secret that was wrapped already (a model validated again)."""
    reveal = getattr(value, "get_secret_value", None)
    return reveal() if callable(reveal) else value


def is_here(url: str) -> bool:
    """Whether a URL leads to this machine."""
    return _is_loopback(urlsplit(url).hostname or "")


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
