"""One configuration out of all its sources, or all that is wrong with it at once."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest

from settings import Problem, Settings, SettingsError, describe, load
from settings.variables import Variable, fields, variables

GOOD_KEY = "sk-ant-api03-" + "aB3_" * 23 + "xyzAA"
STRONG = "postgresql://retail:k7Qw-92hf-Zz1p@db.internal/retail"


def toml(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "my.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(environ: dict[str, str], config: Path | None = None) -> list[Problem]:
    with pytest.raises(SettingsError) as error:
        load(environ, config)
    return list(error.value.problems)


def only(environ: dict[str, str], config: Path | None = None) -> Problem:
    found = problems(environ, config)
    assert len(found) == 1, found
    return found[0]


def test_nothing_configured_is_a_configuration() -> None:
    """With an empty environment everything has a value and the samples are on."""
    settings = load({})

    assert settings.app_env == "development"
    assert settings.database.url is None
    assert settings.use_samples
    assert settings.inbox_dir == settings.data_dir / "inbox"
    assert settings.data_dir == Path("data").absolute()
    assert settings.schedule.jobs["weekly_summary"].at == "Mon 08:00"
    assert settings.policies["claude"].preset == "llm"
    assert not settings.warnings


def test_environment_over_dotenv_over_toml_over_default(tmp_path: Path) -> None:
    """Each source yields to the stronger one, and `describe` names the winner."""
    config = toml(tmp_path, "[web]\nport = 1111\n")
    dotenv = tmp_path / ".env"
    dotenv.write_text("RETAILXAI_WEB_PORT=2222\n", encoding="utf-8")

    def origin(settings: Settings) -> tuple[str, str]:
        return next((value, where) for key, value, where in describe(settings) if key == "web.port")

    assert origin(load({})) == ("8717", "default")
    assert origin(load({}, config)) == ("1111", "my.toml")
    assert origin(load({}, config, dotenv)) == ("2222", ".env")
    environ = {"RETAILXAI_WEB_PORT": "3333"}
    assert origin(load(environ, config, dotenv)) == ("3333", "environment")


def test_dotenv_is_read_and_never_put_into_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Children of the daemon do not inherit what stands in .env."""
    (tmp_path / ".env").write_text("RETAILXAI_INSTANCE=from-dotenv\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RETAILXAI_INSTANCE", raising=False)
    monkeypatch.delenv("RETAILXAI_ENV_FILE", raising=False)

    assert load().instance == "from-dotenv"
    assert "RETAILXAI_INSTANCE" not in os.environ


def test_env_file_may_be_named_or_switched_off(tmp_path: Path) -> None:
    """RETAILXAI_ENV_FILE names the .env; a name that leads nowhere is an error."""
    path = tmp_path / "other.env"
    path.write_text("RETAILXAI_INSTANCE=other\n", encoding="utf-8")

    assert load({"RETAILXAI_ENV_FILE": str(path)}).instance == "other"
    assert load({"RETAILXAI_ENV_FILE": ""}).instance == "retailxai"
    assert "absent" in only({"RETAILXAI_ENV_FILE": str(tmp_path / "absent")}).where


def test_toml_file_named_by_variable(tmp_path: Path) -> None:
    """RETAILXAI_CONFIG names the file; one that is not there is an error, not the default."""
    config = toml(tmp_path, 'instance = "mine"\n')

    assert load({"RETAILXAI_CONFIG": str(config)}).instance == "mine"
    assert "not there" in only({"RETAILXAI_CONFIG": str(tmp_path / "absent.toml")}).rule


def test_own_toml_keeps_the_shipped_watch_list(tmp_path: Path) -> None:
    """A file without companies has the shipped ones; a file with its own has those alone."""
    assert len(load({}, toml(tmp_path, "")).companies) >= 44
    own = load({}, toml(tmp_path, '[[companies]]\nticker = "ngst"\nname = "Northgate"\n'))

    assert [(one.ticker, one.cik) for one in own.companies] == [("NGST", None)]


def test_systemd_folders_take_the_place_of_defaults(tmp_path: Path) -> None:
    """STATE_DIRECTORY and LOGS_DIRECTORY are used unless the folders are configured."""
    environ = {"STATE_DIRECTORY": "/var/lib/x:/var/lib/y", "LOGS_DIRECTORY": "/var/log/x"}
    settings = load(environ)
    assert (settings.data_dir, settings.log_dir) == (Path("/var/lib/x"), Path("/var/log/x"))

    settings = load({**environ, "RETAILXAI_DATA_DIR": "/srv/x"})
    assert settings.data_dir == Path("/srv/x")
    assert settings.inbox_dir == Path("/srv/x/inbox")

    settings = load(environ, toml(tmp_path, 'log_dir = "/srv/log"'))
    assert settings.log_dir == Path("/srv/log")


@pytest.mark.parametrize(
    ("environ", "on"),
    [
        ({}, True),
        ({"SEC_CONTACT": "Northgate ops@northgate.com"}, False),
        ({"ANTHROPIC_API_KEY": GOOD_KEY}, False),
        ({"RETAILXAI_SAMPLES": "off"}, False),
        ({"SEC_CONTACT": "Northgate ops@northgate.com", "RETAILXAI_SAMPLES": "on"}, True),
    ],
)
def test_samples(environ: dict[str, str], on: bool) -> None:
    """Samples show the product until something real is configured, unless told otherwise."""
    assert load(environ).use_samples is on


def test_one_key_of_a_named_table_leaves_the_others(tmp_path: Path) -> None:
    """Changing one job's time or one policy's attempts keeps every other shipped value."""
    settings = load(
        {},
        toml(
            tmp_path,
            '[schedule.jobs.weekly_summary]\nat = "friday 9:30"\n[policies.claude]\nattempts = 1\n',
        ),
    )

    assert settings.schedule.jobs["weekly_summary"].at == "Fri 09:30"
    assert settings.schedule.jobs["weekly_summary"].max_age_h == 144
    assert settings.schedule.jobs["daily_earnings_scan"].at == "07:00"
    assert settings.policies["claude"].attempts == 1
    assert settings.policies["claude"].preset == "llm"
    assert settings.policies["claude"].rates == load({}).policies["claude"].rates


def test_values_are_typed(tmp_path: Path) -> None:
    """Money is Decimal, switches take the usual words, levels any case."""
    settings = load(
        {
            "RETAILXAI_CLAUDE_DAILY_CAP_USD": "1.10",
            "RETAILXAI_WEB_ENABLED": "no",
            "RETAILXAI_LOGGING_LEVEL": "debug",
            "RETAILXAI_ANALYSTS_ORDER": "local",
        }
    )

    assert settings.claude.daily_cap_usd == Decimal("1.10")
    assert settings.web.enabled is False
    assert settings.logging.level == "DEBUG"
    assert settings.analysts.order == ("local",)


def test_all_problems_come_out_together(tmp_path: Path) -> None:
    """Wrong values, unknown keys, misspelt names, missing files and broken rules at once."""
    config = toml(
        tmp_path,
        'app_env = "production"\n[web]\nport = 0\nprot = 1\n[policies.edgar]\nwait_s = -1\n'
        '[[companies]]\nticker = "A"\nname = "a"\n[[companies]]\nticker = "A"\nname = "b"\n'
        '[[companies]]\nname = "c"\nfiscal_year_end = "1340"\n',
    )
    environ = {
        "DATABSE_URL": "x",
        "RETAILXAI_WEB_HOST": "0.0.0.0",
        "SEC_CONTACT_FILE": "/nope/contact",
        "ANTHROPIC_API_KEY": "changeme",
    }
    wheres = "\n".join(problem.where for problem in problems(environ, config))

    for name in (
        "DATABSE_URL (environment)",
        "RETAILXAI_WEB_HOST (environment)",
        "SEC_CONTACT_FILE (environment)",
        "ANTHROPIC_API_KEY (environment)",
        "my.toml: web.port",
        "my.toml: web.prot",
        "my.toml: policies.edgar.wait_s",
        "my.toml: companies[2].ticker",
        "my.toml: companies[2].fiscal_year_end",
        "DATABASE_URL",
        "my.toml: companies\n",
    ):
        assert name in f"{wheres}\n", name


def test_secrets_never_show(tmp_path: Path) -> None:
    """No error, repr or description holds any part of a secret."""
    config = toml(
        tmp_path, '[claude]\napi_key = "hush-1"\n[database]\nurl = "postgres://u:hush-2@h/d"'
    )
    environ = {
        "ANTHROPIC_API_KEY": "hush-3 hush",
        "DATABASE_URL": "postgresql://u:hush-4@h",
        "ANTHROPIC_APIKEY": "hush-5",
        "RETAILXAI_CLAUDE_KEY": "hush-6",
    }
    with pytest.raises(SettingsError) as error:
        load(environ, config)
    assert "hush" not in str(error.value)
    assert "hush" not in repr(error.value.problems)
    assert len(error.value.problems) == 6

    settings = load({"ANTHROPIC_API_KEY": GOOD_KEY, "DATABASE_URL": STRONG})
    text = repr(settings) + str(settings) + str(describe(settings)) + settings.model_dump_json()
    assert "k7Qw" not in text
    assert GOOD_KEY[10:] not in text
    assert "postgresql://retail:***@db.internal/retail" in text


@pytest.mark.parametrize(
    "content",
    [
        'database = "postgresql://u:hush-1@h/d"',
        'claude = "a key hush-2"',
        '[database]\npool_size = "postgresql://u:hush-3@h/d"',
        '[claude]\nmodel = ["sk-ant-api03-hush-4"]',
        'reports_dir = ["postgresql://u:hush-5@h/d"]',
    ],
)
def test_a_secret_in_the_wrong_place_does_not_show(tmp_path: Path, content: str) -> None:
    """Where a table or a number belongs: known by its place, else by its shape."""
    with pytest.raises(SettingsError) as error:
        load({}, toml(tmp_path, content))
    assert "hush" not in repr(error.value.problems)


def test_a_value_in_place_of_a_table_is_told_in_the_words_of_toml(tmp_path: Path) -> None:
    """Not in those of the library that checks it."""
    with pytest.raises(SettingsError) as error:
        load({}, toml(tmp_path, "web = 8717"))
    assert "web: must be a table (got 8717)" in str(error.value)


@pytest.mark.parametrize("name", ["DATABASE_URL", "SEC_CONTACT", "ANTHROPIC_API_KEY", "APP_ENV"])
def test_set_but_empty_is_refused(name: str) -> None:
    """An empty variable is somebody's mistake: a secret that did not arrive."""
    assert only({name: ""}).where == f"{name} (environment)"


@pytest.mark.parametrize(
    ("environ", "where"),
    [
        ({"RETAILXAI_DATABASE_POOL_SIZE": "0"}, "RETAILXAI_DATABASE_POOL_SIZE"),
        ({"RETAILXAI_DATABASE_POOL_SIZE": "many"}, "RETAILXAI_DATABASE_POOL_SIZE"),
        ({"RETAILXAI_SEC_REQUESTS_PER_S": "11"}, "RETAILXAI_SEC_REQUESTS_PER_S"),
        ({"RETAILXAI_SEC_REQUESTS_PER_S": "nan"}, "RETAILXAI_SEC_REQUESTS_PER_S"),
        ({"RETAILXAI_SCHEDULE_TICK_S": "inf"}, "RETAILXAI_SCHEDULE_TICK_S"),
        ({"RETAILXAI_WEB_PORT": "65536"}, "RETAILXAI_WEB_PORT"),
        ({"RETAILXAI_CLAUDE_DAILY_CAP_USD": "-1"}, "RETAILXAI_CLAUDE_DAILY_CAP_USD"),
        ({"RETAILXAI_WEB_ENABLED": "maybe"}, "RETAILXAI_WEB_ENABLED"),
        ({"APP_ENV": "prod"}, "APP_ENV"),
    ],
)
def test_numbers_have_ranges(environ: dict[str, str], where: str) -> None:
    """A number out of its range names the variable, the limit and the default."""
    problem = only(environ)

    assert problem.where == f"{where} (environment)"
    assert "default" in problem.fix


@pytest.mark.parametrize(
    "text", ["database = 3", "companies = 3", "companies = [3]", "policies = []", "schedule = 'x'",
             "[schedule]\njobs = 3", "policies = { edgar = 3 }", "companies = [[1]]"]
)  # fmt: skip
def test_wrong_kinds_are_problems_not_crashes(tmp_path: Path, text: str) -> None:
    """A number where a table belongs is said like any other mistake."""
    assert problems({}, toml(tmp_path, text))


HOSTILE = [
    *("", " ", "0", "-1", "nan", "inf", "1e999", "\x00", "\x1b[2J", "true", "[]", "{}", "../.."),
    *("http://", "postgresql://", "sk-ant-", "a@b", "é" * 300, "9" * 400, "%", "\n"),
]


@pytest.mark.parametrize("variable", variables(), ids=lambda one: one.name)
def test_hostile_values_of_variables(variable: Variable) -> None:
    """Whatever a variable holds, it is taken or refused by name; nothing else is raised."""
    for value in HOSTILE:
        try:
            load({variable.name: value})
        except SettingsError as error:
            refused = error
        else:
            continue
        assert any(problem.where.startswith(variable.name) for problem in refused.problems)
        assert all(text.isprintable() for one in refused.problems for text in (one.got, one.where))


@pytest.mark.parametrize("key", sorted({key for key, _ in fields()}))
def test_hostile_values_in_toml(tmp_path: Path, key: str) -> None:
    """A key of the file with a value of any kind is taken or refused by name."""
    values = [
        *("''", "'x'", "-1", "0", "1e400", "nan", "true", "[]", "[1]", "[[]]", "{}", "{ x = 1 }"),
        *("[{ x = 1 }]", "1979-05-27", "07:32:00", "1979-05-27T07:32:00Z"),
    ]
    for value in values:
        try:
            load({}, toml(tmp_path, f"{key} = {value}\n"))
        except SettingsError as error:
            refused = error
        else:
            continue
        assert any(key in problem.where for problem in refused.problems), (value, refused)


def test_true_is_no_number(tmp_path: Path) -> None:
    """A port of 1 because somebody wrote true would be a strange thing to find out."""
    assert "number" in only({}, toml(tmp_path, "[web]\nport = true\n")).rule


def test_warnings_do_not_stop() -> None:
    """A key of odd length and prices of another model are told, and the rest goes on."""
    environ = {"ANTHROPIC_API_KEY": "sk-ant-odd-1f", "RETAILXAI_CLAUDE_MODEL": "claude-other"}
    settings = load(environ)

    assert [problem.severity for problem in settings.warnings] == ["warning", "warning"]


def test_message_is_for_people() -> None:
    """The error's text counts the places and gives each a fix."""
    with pytest.raises(SettingsError, match=r"wrong in 1 place\n.*RETAILXAI_WEB_PORT.*\n  fix: "):
        load({"RETAILXAI_WEB_PORT": "x"})
