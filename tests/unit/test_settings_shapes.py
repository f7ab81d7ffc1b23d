"""What single values must look like."""

from __future__ import annotations

import string
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings import shapes
from settings.problems import Invalid

KEY_LETTERS = string.ascii_letters + string.digits + "-_"


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("your_key_here", "placeholder"),
        ("changeme", "placeholder"),
        ("CHANGE_ME", "placeholder"),
        ("xxx", "placeholder"),
        ("sk-ant-xxxxxxxx", "placeholder"),
        ("sk-ant-your-key-here", "placeholder"),
        ("sk-ant-...", "placeholder"),
        ("sk-ant-", "placeholder"),
        ("<your key>", "white space"),
        ("<key>", "placeholder"),
        ("${ANTHROPIC_API_KEY}", "placeholder"),
        ("sk-ant-api03-abc def", "white space"),
        ("sk-ant-api03-abc\tdef", "white space"),
        ("gsk_" + "a1B2" * 13, "sk-ant-"),
        ("AIza" + "a1B2" * 9, "sk-ant-"),
        ("sk-ant-api03-añb2c3", "ASCII"),
    ],
)
def test_claude_key_refused(value: str, rule: str) -> None:
    """A key that is empty, a placeholder, broken or another service's is refused, unquoted."""
    with pytest.raises(Invalid) as refused:
        shapes.claude_key(value)

    assert rule in refused.value.rule
    assert not value.strip() or value not in f"{refused.value.rule} {refused.value.fix}"


@given(st.text(KEY_LETTERS, min_size=60, max_size=120))
def test_random_keys_are_not_taken_for_placeholders(rest: str) -> None:
    """A long random key passes, even one that holds "xxx" inside a word."""
    if len(set(rest)) > 30 and not shapes.is_placeholder(rest):
        assert shapes.claude_key(f"sk-ant-api03-{rest}") == f"sk-ant-api03-{rest}"


def test_key_may_hold_placeholder_letters_inside() -> None:
    """Only whole words count: chance spells "xxx" and "null" in real keys."""
    assert shapes.claude_key("  sk-ant-api03-qxxx7Knull8changemeZ \n") == (
        "sk-ant-api03-qxxx7Knull8changemeZ"
    )


@pytest.mark.parametrize(
    "value",
    [
        "Northgate Research filings@northgate-research.com",
        "Jane Doe <jane.doe+sec@mail.northgate.co.uk>",
        "jane@northgate.io Jane Doe",
        "A.B. Smith & Sons, ops@smith-sons.org",
    ],
)
def test_contact_with_name_and_address(value: str) -> None:
    """A name and a real-looking address pass as they were written."""
    assert shapes.contact(f" {value} ") == value


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("", "empty"),
        ("Northgate Research", "e-mail"),
        ("Northgate research@", "e-mail"),
        ("Northgate research@localhost", "e-mail"),
        ("Northgate a@b@northgate.com", "e-mail"),
        ("filings@northgate.com", "name"),
        ("<filings@northgate.com>", "name"),
        ("Northgate me@example.com", "invented"),
        ("Northgate me@mail.example.org", "invented"),
        ("Northgate me@northgate.example", "invented"),
        ("Northgate me@host.invalid", "invented"),
        ("Company admin@company.com", "invented"),
        ("Your Name you@your-domain.com", "invented"),
        ("Your Name jane@northgate.com", "instruction"),
        ("Sample Company Name jane@northgate.com", "instruction"),
        ("Northgate\r\nX-Evil: 1 me@northgate.com", "one line"),
        ("Société me@northgate.com", "ASCII"),
    ],
)
def test_contact_refused(value: str, rule: str) -> None:
    """No address, no name, or an invented one: the SEC is never told a made-up caller."""
    with pytest.raises(Invalid) as refused:
        shapes.contact(value)

    assert rule in refused.value.rule
    assert "SEC_CONTACT" in refused.value.fix


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("postgresql://u:p@h:5432/d", "postgresql://u:p@h:5432/d"),
        ("postgres://u:p@h/d", "postgresql://u:p@h/d"),
        ("postgresql:///d?host=/run/postgresql", "postgresql:///d?host=/run/postgresql"),
        ("postgresql://%2Frun%2Fpostgresql/d", "postgresql://%2Frun%2Fpostgresql/d"),
        ("postgresql://u:p@[::1]:5432/d", "postgresql://u:p@[::1]:5432/d"),
        ("postgresql://u:p@h1:5432,h2:5433/d", "postgresql://u:p@h1:5432,h2:5433/d"),
        ("postgresql://u:p%40x@h/d?sslmode=require", "postgresql://u:p%40x@h/d?sslmode=require"),
    ],
)
def test_database_url(value: str, kept: str) -> None:
    """libpq's URL forms pass; the scheme is written the one way SQLAlchemy takes."""
    assert shapes.database_url(value) == kept


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("", "empty"),
        ("mysql://u:hush@h/d", "postgresql://"),
        ("host=h dbname=d", "white space"),
        ("postgresql+psycopg2://u:hush@h/d", "driver"),
        ("postgresql://", "postgresql://"),
        ("postgresql://u:hush@/d", "host"),
        ("postgresql://u:hush@h", "database"),
        ("postgresql://u:hush@h/", "database"),
        ("postgresql://u:hush@h:port/d", "URL"),
        ("postgresql://u:hush@h:99999/d", "URL"),
        ("postgresql://u:hush@h:0/d", "port"),
        ("postgresql://u:hu@sh@h/d", "URL"),
        ("postgresql://u:hu#sh@h/d", "URL"),
        ("postgresql://u:hu sh@h/d", "white space"),
        ("postgresql://u:hush@[::1/d", "URL"),
        ("postgresql://u:12/hush@h/d", "URL"),
        ("postgresql://u:12/hush@h:port/d", "URL"),
        ("postgresql://u:hu%sh@h/d", "%XX"),
        ("postgresql://u:hush%00@h/d", "%XX"),
        ("postgresql://u:hush%A0@h/d", "URL"),
        ("postgresql://h/d?password=12?sslmode=hush", "URL"),
        ("postgresql://h/d?hush", "URL"),
    ],
)
def test_database_url_refused(value: str, rule: str) -> None:
    """What is no usable URL says which part, and never the password."""
    with pytest.raises(Invalid) as refused:
        shapes.database_url(value)

    assert rule in refused.value.rule
    assert "hush" not in f"{refused.value.rule}{refused.value.fix}"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:hush@h:1/d", "postgresql://u:***@h:1/d"),
        ("postgresql://u@h/d", "postgresql://u@h/d"),
        ("postgresql:///d?host=/run&password=hush", "postgresql:///d?host=/run&password=***"),
        ("postgresql://h/d?sslmode=require&hush=x", "postgresql://h/d?sslmode=require&***"),
        ("postgresql://u:a%40hush@h/d?sslpassword=hush", "postgresql://u:***@h/d?sslpassword=***"),
    ],
)
def test_database_url_without_its_password(url: str, shown: str) -> None:
    """The form that may be shown keeps everything but secrets."""
    assert shapes.without_password(url) == shown


def test_where_a_password_hides() -> None:
    """It is found in the user part, decoded, and in the query."""
    assert shapes.password_of("postgresql://u:a%40b@h/d") == "a@b"
    assert shapes.password_of("postgresql://h/d?password=q") == "q"
    assert shapes.password_of("postgresql://u@h/d") == ""


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("07:00", "07:00"),
        ("7:05", "07:05"),
        ("Mon 08:00", "Mon 08:00"),
        ("monday  8:00", "Mon 08:00"),
        ("THURS 23:59", "Thu 23:59"),
        (time(7, 30), "07:30"),
    ],
)
def test_schedule_times(value: object, kept: str) -> None:
    """Times of day and of a week are kept in one form."""
    assert shapes.at(value) == kept


@pytest.mark.parametrize(
    "value", ["24:00", "07:60", "7", "07:00:00", "Mnd 08:00", "Mo 08:00", "08:00 Mon", "", 7, None]
)
def test_schedule_times_refused(value: object) -> None:
    """What is no time is refused with both accepted forms."""
    with pytest.raises(Invalid) as refused:
        shapes.at(value)

    assert "Mon" in refused.value.fix


@pytest.mark.parametrize("value", ["America/NewYork", "america/new_yrok", "New_York"])
def test_zone_names_the_nearest(value: str) -> None:
    """A misspelt zone is answered with the right one."""
    with pytest.raises(Invalid) as refused:
        shapes.zone(value)

    assert "America/New_York" in refused.value.fix


@pytest.mark.parametrize("value", ["../../etc/passwd", "/etc/localtime", "America", "", "a\0b", 3])
def test_zone_refuses_paths_and_nonsense(value: object) -> None:
    """A zone is a name, not a path out of the zone folder."""
    with pytest.raises(Invalid):
        shapes.zone(value)


@pytest.mark.parametrize("value", ["", "0131", "0229", "1231"])
def test_fiscal_year_end(value: str) -> None:
    """Four digits that are a day of some year, or nothing."""
    assert shapes.month_and_day(value) == value


@pytest.mark.parametrize("value", ["131", "1301", "0230", "01-31", "abcd"])
def test_fiscal_year_end_refused(value: str) -> None:
    """What is no day is refused."""
    with pytest.raises(Invalid):
        shapes.month_and_day(value)


@pytest.mark.parametrize(
    "value",
    [
        "http://evil.com",
        "ftp://h",
        "https://",
        "https://u:p@h",
        "https://h?x=1",
        "h",
        "https://h:x",
    ],
)
def test_base_url_refused(value: str) -> None:
    """Keys travel there: it must be https, or this machine, with nothing else in it."""
    with pytest.raises(Invalid):
        shapes.base_url(value)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("https://www.sec.gov/", "https://www.sec.gov"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://localhost:1/base/", "http://localhost:1/base"),
    ],
)
def test_base_url(value: str, kept: str) -> None:
    """A recorded server on this machine may be plain http."""
    assert shapes.base_url(value) == kept


@pytest.mark.parametrize("value", ["0.0.0.0", "192.168.1.4", "::", "retail.local", ""])
def test_only_loopback_is_listened_on(value: str) -> None:
    """What is served asks for no login, so it is for this machine alone."""
    with pytest.raises(Invalid):
        shapes.loopback(value)


def test_analyst_order() -> None:
    """A list or names with commas; local always last, nobody twice, nobody unknown."""
    assert shapes.analysts("Claude, local") == ("claude", "local")
    assert shapes.analysts("ollama,groq") == ("ollama", "groq")
    assert shapes.analysts(["local"]) == ("local",)
    wrong: object
    for wrong in ("local,claude", "claude,claude", "gpt", "", [], 3):
        with pytest.raises(Invalid):
            shapes.analysts(wrong)


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("127.0.0.1", "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        (":8080", "http://127.0.0.1:8080"),
        ("[::]:11434", "http://[::1]:11434"),
        ("gpu-box", "http://gpu-box:11434"),
        ("http://gpu-box:11500/", "http://gpu-box:11500"),
        ("https://reader.north.org/ollama", "https://reader.north.org:443/ollama"),
        ("http://127.0.0.1:11434", "http://127.0.0.1:11434"),
    ],
)
def test_where_ollama_runs(value: str, meant: str) -> None:
    """As Ollama reads OLLAMA_HOST itself, which is also what it listens on."""
    assert shapes.ollama_host(value) == meant
    assert shapes.ollama_host(meant) == meant


@pytest.mark.parametrize("value", ["", "ftp://x", "http://a b", "http://u:p@host", "host:99999", 3])
def test_where_ollama_cannot_run(value: object) -> None:
    """What is no host is refused, not asked."""
    with pytest.raises(Invalid):
        shapes.ollama_host(value)


def test_model_names() -> None:
    """As `ollama list` shows them; a word, because it stands in a command that people type."""
    for name in ("llama3.1:8b", "hf.co/some/reader-GGUF:Q4_K_M", "reader"):
        assert shapes.model_name(name) == name
    for wrong in ("", "llama 3", "$(reboot)", "-x", 3):
        with pytest.raises(Invalid):
            shapes.model_name(wrong)


def test_groq_keys() -> None:
    """Like Claude's, with another beginning."""
    key = "gsk_" + "a1B2" * 13
    assert shapes.groq_key(f" {key}\n") == key
    for wrong, rule in (("your_key_here", "placeholder"), ("sk-ant-a1B2c3", "gsk_"), ("", "empty")):
        with pytest.raises(Invalid) as refused:
            shapes.groq_key(wrong)
        assert rule in refused.value.rule


@pytest.mark.parametrize("value", ["", "a b", "../x", "-x", "x" * 64])
def test_instance_names_refused(value: str) -> None:
    """An instance is named with a plain word; it stands in logs and locks."""
    with pytest.raises(Invalid):
        shapes.instance(value)


@given(st.text(max_size=80))
def test_shapes_take_or_refuse_any_text(value: str) -> None:
    """Whatever is typed, a shape answers with a value or with Invalid, nothing else."""
    for shape in (
        shapes.claude_key,
        shapes.groq_key,
        shapes.ollama_host,
        shapes.model_name,
        shapes.contact,
        shapes.database_url,
        shapes.base_url,
        shapes.at,
        shapes.loopback,
        shapes.instance,
        shapes.ticker,
        shapes.analysts,
    ):
        try:
            shape(value)
        except Invalid as error:
            refused = error
        else:
            continue
        assert refused.rule
        assert refused.fix


@pytest.mark.parametrize(
    ("given", "channel"),
    [
        ("@walmart", "@walmart"),
        ("walmart", "@walmart"),
        (" https://www.youtube.com/@Best.Buy/ ", "@Best.Buy"),
        ("youtube.com/channel/UCabcdefghijklmnopqrst-_", "UCabcdefghijklmnopqrst-_"),
        ("UCabcdefghijklmnopqrst-_", "UCabcdefghijklmnopqrst-_"),
    ],
)
def test_a_channel_is_taken_as_people_copy_it(given: str, channel: str) -> None:
    assert shapes.channel(given) == channel


@pytest.mark.parametrize("given", ["", "@", "a b", "https://other.example/@walmart", 7])
def test_what_is_no_channel_is_refused(given: object) -> None:
    with pytest.raises(Invalid):
        shapes.channel(given)


def test_languages_are_a_list_or_one_line() -> None:
    assert shapes.languages("en, en-GB,de") == ("en", "en-GB", "de")
    assert shapes.languages(["en"]) == ("en",)
    for wrong in ("", [], ["english please"], 7):
        with pytest.raises(Invalid):
            shapes.languages(wrong)


@pytest.mark.parametrize("given", ["", "your_key_here", "AIza with blanks", "AIzaé"])
def test_what_is_no_key_of_youtube_is_refused(given: str) -> None:
    with pytest.raises(Invalid):
        shapes.youtube_key(given)
