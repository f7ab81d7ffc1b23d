"""The policies of a configuration: presets with what is set laid over, or all that is wrong."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrap.door import HouseDoor
from bootstrap.policies import CEILINGS, policy_problems, policy_specs
from cli.exit_codes import ExitCode
from resilience.quota import QuotaRule
from resilience.spec import PRESETS, ChaosRule, PolicySpec, RateRule
from settings import Problem, Settings, SettingsError, load
from settings.policies import (
    Algorithm,
    ChaosSettings,
    Jitter,
    Period,
    PolicySettings,
    Preset,
    QuotaSettings,
    RateSettings,
)
from settings.reference import ROOT
from tests.unit.cli.fakes import FakeDoor, typed

SHIPPED = ROOT / "retailxai.toml"
NOBODY = "companies = []\n"  # or the shipped list would be read each time


def settings_of(tmp_path: Path, text: str, **environ: str) -> Settings:
    path = tmp_path / "my.toml"
    path.write_text(NOBODY + text, encoding="utf-8")
    return load(environ, path, further=policy_problems)


def specs_of(tmp_path: Path, text: str, **environ: str) -> dict[str, PolicySpec]:
    return policy_specs(settings_of(tmp_path, text, **environ))


def problems_of(tmp_path: Path, text: str, **environ: str) -> dict[str, Problem]:
    with pytest.raises(SettingsError) as refused:
        settings_of(tmp_path, text, **environ)
    return {problem.where.removeprefix("my.toml: "): problem for problem in refused.value.problems}


def numbers(spec: Any) -> dict[str, Any]:
    return {field.name: getattr(spec, field.name) for field in fields(spec)}


# ---- what is shipped --------------------------------------------------------------------------


def test_the_shipped_file_shows_the_numbers_in_force(tmp_path: Path) -> None:
    """It can be read in place of the code: with it or with an empty one all is the same."""
    shipped = load({}, SHIPPED, further=policy_problems)

    assert not shipped.warnings
    assert policy_specs(shipped) == specs_of(tmp_path, "")


SHIPPED_SERVICES = {
    *("edgar", "youtube", "youtube_transcripts", "claude", "groq", "ollama", "database"),
    *("feeds", "tavily", "x"),
}


@pytest.mark.parametrize("service", sorted(SHIPPED_SERVICES))
def test_every_shipped_number_is_read_back(service: str) -> None:
    """What the file writes is in force, and what it does not write is the preset's."""
    table = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))["policies"][service]
    expected = numbers(PRESETS[table.pop("preset")])
    if service == "edgar":
        expected["rates"] = (RateRule(8, shared=True),)
    if "rates" in table:
        table["rates"] = tuple(RateRule(**rate) for rate in table["rates"])
    if "quotas" in table:
        table["quotas"] = tuple(QuotaRule(**{"resource": "requests", **q}) for q in table["quotas"])

    in_force = policy_specs(load({}, SHIPPED, further=policy_problems))[service]
    assert numbers(in_force) == {**expected, **table}


def test_what_the_shipped_file_changes() -> None:
    """The few numbers in which a shipped service differs from its preset."""
    specs = policy_specs(load({}, SHIPPED, further=policy_problems))

    def changed(service: str, preset: str) -> dict[str, object]:
        mine, theirs = specs[service], PRESETS[preset]
        return {
            field.name: getattr(mine, field.name)
            for field in fields(mine)
            if getattr(mine, field.name) != getattr(theirs, field.name)
        }

    assert changed("edgar", "http") == {"rates": (RateRule(8, shared=True),)}
    assert changed("claude", "llm") == {"rates": (RateRule(50, per_s=60, burst=5, shared=True),)}
    assert set(changed("groq", "groq")) == {"timeout_s", "max_queue_s", "rates", "quotas"}
    assert set(changed("ollama", "llm")) == {
        *("timeout_s", "deadline_s", "max_queue_s", "attempts", "at_once", "queue"),
        *("open_s", "max_open_s"),
    }
    assert changed("youtube", "http") == {
        "rates": (RateRule(10, burst=5, shared=True),),
        "quotas": (
            QuotaRule("units", 10_000, "day", "America/Los_Angeles", block=50),
            QuotaRule("searches", 100, "day", "America/Los_Angeles", block=1),
        ),
    }
    assert set(changed("youtube_transcripts", "http")) == {"attempts", "at_once", "rates"}
    assert changed("feeds", "feed") == {}
    assert changed("tavily", "tavily") == {
        "rates": (RateRule(20, per_s=60, burst=5, shared=True),),
        "quotas": (QuotaRule("credits", 1000, "month"),),
    }
    assert changed("x", "social") == {"rates": (RateRule(0.5, burst=5, shared=True),)}
    assert changed("database", "database") == {"open_s": 5, "max_open_s": 5}
    assert specs["default"] == PRESETS["http"]
    assert set(specs) == SHIPPED_SERVICES | {"default"}


def test_every_line_of_the_shipped_tables_is_explained() -> None:
    """Somebody who does not know the code finds a comment beside every number."""
    part = SHIPPED.read_text(encoding="utf-8").partition("[policies.edgar]")[2]
    lines = part.partition("\n[claude]\n")[0].splitlines()
    assert [line for line in lines if "=" in line and "#" not in line] == []


def test_the_presets_stand_in_the_documentation() -> None:
    """docs/configuration.md has every preset with every number that is not the http preset's."""
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    missing = [row for row in preset_rows() if row not in page]

    assert not missing, "write into docs/configuration.md:\n" + "\n".join(preset_rows())


def preset_rows() -> list[str]:
    usual = PRESETS["http"]
    rows = []
    for name, spec in PRESETS.items():
        numbers = [
            f"`{field.name}` {written(getattr(spec, field.name))}"
            for field in fields(spec)
            if (name == "http" and getattr(spec, field.name))
            or getattr(spec, field.name) != getattr(usual, field.name)
        ]
        rows.append(f"| `{name}` | {', '.join(numbers) or 'as `http`'} |")
    return rows


def written(value: object) -> str:
    if isinstance(value, tuple):
        return " and ".join(
            f"{one.rate:g} in {one.per_s:g} s, burst {one.burst:g}" for one in value
        )
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


# ---- laying over ------------------------------------------------------------------------------


def test_a_preset_is_overlaid_by_what_is_set(tmp_path: Path) -> None:
    """One number changed leaves all others of the preset, nested tables too."""
    specs = specs_of(
        tmp_path,
        '[policies.claude]\npreset = "groq"\nattempts = 2\nestimates = { tokens = 900 }\n'
        "[policies.claude.chaos]\nfault_pct = 5\n"
        '[[policies.claude.rates]]\nresource = "tokens"\nrate = 30_000\nper_s = 60\n'
        "burst = 9000\n"
        '[[policies.claude.quotas]]\nlimit = 1000\nzone = "America/Los_Angeles"\n',
    )
    claude = specs["claude"]

    assert (claude.attempts, claude.timeout_s) == (2, PRESETS["groq"].timeout_s)
    assert claude.rates == (RateRule(30_000, per_s=60, burst=9000, resource="tokens"),)
    assert claude.quotas == (QuotaRule("requests", 1000, zone="America/Los_Angeles"),)
    assert claude.estimates == {"tokens": 900}
    assert claude.chaos == ChaosRule(fault_pct=5)
    assert specs["edgar"] == specs_of(tmp_path, "")["edgar"]


def test_a_preset_brings_its_rates(tmp_path: Path) -> None:
    """And an empty list takes them away."""
    name = '[policies.database]\npreset = "tavily"\n'
    assert specs_of(tmp_path, name)["database"].rates == PRESETS["tavily"].rates
    assert specs_of(tmp_path, f"{name}rates = []\n")["database"].rates == ()


def test_the_pace_of_edgar_is_that_of_sec(tmp_path: Path) -> None:
    """By variable as before; rates of its own take its place, and that is said."""
    environ = {"RETAILXAI_SEC_REQUESTS_PER_S": "4.5"}
    assert specs_of(tmp_path, "", **environ)["edgar"].rates == (RateRule(4.5, shared=True),)

    own = "[[policies.edgar.rates]]\nrate = 300\nper_s = 60\nshared = true\n"
    settings = settings_of(tmp_path, own, **environ)
    assert policy_specs(settings)["edgar"].rates == (RateRule(300, per_s=60, shared=True),)
    (warning,) = settings.warnings
    assert "RETAILXAI_SEC_REQUESTS_PER_S" in warning.where
    assert not settings_of(tmp_path, own).warnings


# ---- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "where", "rule", "got", "fix"),
    [
        ("timeout_s = 500", "timeout_s", "deadline_s (120)", "500", "raise deadline_s"),
        ("deadline_s = 20", "timeout_s", "deadline_s (20)", "30, of the preset http", "lower"),
        ("wait_s = 9", "wait_s", "max_wait_s (8)", "9", "raise max_wait_s"),
        ("open_s = 1000", "open_s", "max_open_s (900)", "1000", "raise max_open_s"),
        ("slow_rate_pct = 5", "slow_s", "slow_rate_pct is 5", "0, of the preset", "above 0"),
        ("minimum_calls = 30", "minimum_calls", "window_calls (20)", "30", "raise window_calls"),
        ("attempts = 0", "attempts", "1", "0", ""),
        ("attempts = -1", "attempts", "1", "-1", ""),
        ("window_calls = 0", "window_calls", "1", "0", ""),
        ("timeout_s = 0", "timeout_s", "greater than 0", "0", ""),
        ("open_s = -5", "open_s", "greater than 0", "-5", ""),
        ("deadline_s = nan", "deadline_s", "finite", "nan", ""),
        ("max_queue_s = inf", "max_queue_s", "finite", "inf", ""),
        ("retry_ratio = true", "retry_ratio", "not true", "True", ""),
        ("failure_rate_pct = 101", "failure_rate_pct", "100", "101", ""),
        ("preset = 'htp'", "preset", "'http'", "'htp'", "write 'http'"),
        ("jitter = 'ful'", "jitter", "'full'", "'ful'", "write 'full'"),
        ("rates = [{ rate = 0 }]", "rates[0].rate", "greater than 0", "0", ""),
        ("rates = [{ rate = -1 }]", "rates[0].rate", "greater than 0", "-1", ""),
        ("rates = [{ rate = nan }]", "rates[0].rate", "finite", "nan", ""),
        ("rates = [{ rate = 1, per_s = 0 }]", "rates[0].per_s", "greater than 0", "0", ""),
        ("rates = [{ per_s = 1 }]", "rates[0].rate", "required", "nothing", "add policies."),
        ("rates = [{ rate = 1, algorithm = 'gcr' }]", "rates[0].algorithm", "'gcra'", "'gcr'",
         "write 'gcra'"),
        ("rates = { rate = 1 }", "rates", "list of tables", "rate", "[[policies.edgar.rates]]"),
        ("quotas = [{ limit = 0 }]", "quotas[0].limit", "greater than 0", "0", ""),
        ("quotas = [{ limit = 1, per = 'dya' }]", "quotas[0].per", "'day'", "'dya'", "'day'"),
        ("quotas = [{ limit = 1, zone = 'America/NewYork' }]", "quotas[0].zone", "no time zone",
         "'America/NewYork'", "America/New_York"),
        ("estimates = { tokens = 9 }", "estimates.tokens", "counts", "9", ""),
        ("estimates = { request = 1 }", "estimates.request", "counts", "1",
         "did you mean estimates.requests?"),
        ("estimates = { requests = -1 }", "estimates.requests", "0", "-1", ""),
        ("estimates = { 'Many Words' = 1 }", "estimates.Many Words", "name", "Many Words", ""),
        ("chaos = { fault_pct = 101 }", "chaos.fault_pct", "100", "101", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(
    tmp_path: Path, text: str, where: str, rule: str, got: str, fix: str
) -> None:
    """The field's full name, the rule, the value and the fix; and nothing else is said."""
    found = problems_of(tmp_path, f"[policies.edgar]\n{text}\n")
    key = f"policies.edgar.{where}"

    errors = {key: one for key, one in found.items() if one.severity == "error"}
    assert list(errors) == [key]
    assert rule in errors[key].rule
    assert got in errors[key].got
    assert errors[key].fix
    assert fix in errors[key].fix


@pytest.mark.parametrize(
    ("text", "where", "rule"),
    [
        ("[[R]]\nrate = 11\nshared = true", "rates[0].rate", "above 10 in 1 s"),
        ("[[R]]\nrate = 601\nper_s = 60\nshared = true", "rates[0].rate", "above 600 in 60 s"),
        ("[[R]]\nrate = 9\nburst = 3\nshared = true", "rates[0].burst", "17 begin in a second"),
        ("[[R]]\nrate = 11\nper_s = 5\nshared = true\nalgorithm = 'sliding_window'",
         "rates[0].rate", "11 begin in a second"),
        ("[[R]]\nrate = 2", "rates", "shared = true"),
        ("[[R]]\nresource = 'bytes'\nrate = 2\nshared = true", "rates", "shared = true"),
        ("[policies.edgar]\nrates = []", "rates", "shared = true"),
        ("[[R]]\nrate = 1\nshared = true\n[[R]]\nrate = 12", "rates[1].rate", "above 10"),
    ],
)  # fmt: skip
def test_nobody_is_asked_faster_than_he_allows(
    tmp_path: Path, text: str, where: str, rule: str
) -> None:
    """The SEC's ten requests in a second, over all machines, bursts counted."""
    found = problems_of(tmp_path, text.replace("R]]", "policies.edgar.rates]]"))

    assert list(found) == [f"policies.edgar.{where}"]
    assert rule in found[f"policies.edgar.{where}"].rule
    assert CEILINGS["edgar"].source in found[f"policies.edgar.{where}"].rule


@pytest.mark.parametrize(
    "text",
    [
        "[[R]]\nrate = 10\nshared = true",
        "[[R]]\nrate = 10\nshared = true\nalgorithm = 'leaky_bucket'\nburst = 50",
        "[[R]]\nrate = 10\nshared = true\nalgorithm = 'sliding_window'",
        "[[R]]\nrate = 2\nburst = 3\nshared = true",
        "[database]\nprocesses = 1\n[[R]]\nrate = 5\nburst = 6\nshared = true",
        "[[R]]\nrate = 8\nshared = true\n[[R]]\nrate = 300\nper_s = 60\nburst = 100",
    ],
)
def test_what_stays_within_the_ceiling_is_taken(tmp_path: Path, text: str) -> None:
    """All rates hold, so one that is strict enough will do."""
    assert specs_of(tmp_path, text.replace("R]]", "policies.edgar.rates]]"))["edgar"].rates


def test_a_call_that_could_never_pass_is_refused(tmp_path: Path) -> None:
    """A burst below what one call takes would reject every call, for ever."""
    text = (
        "[[policies.claude.rates]]\nrate = 50\nburst = 0.5\n"
        '[[policies.claude.rates]]\nresource = "tokens"\nrate = 1000\nburst = 100\n'
        "[policies.claude.estimates]\ntokens = 5000\n"
    )
    found = problems_of(tmp_path, text)

    assert set(found) == {"policies.claude.rates[0].burst", "policies.claude.rates[1].burst"}
    assert "at least 5000" in found["policies.claude.rates[1].burst"].rule
    assert "lower estimates.tokens" in found["policies.claude.rates[1].burst"].fix
    debt = text.replace("rate = 50\nburst = 0.5", "rate = 50").replace(
        "burst = 100", 'algorithm = "token_bucket"'
    )
    assert specs_of(tmp_path, debt)["claude"].estimates == {"tokens": 5000}


def test_a_call_that_an_account_could_never_bear_is_refused(tmp_path: Path) -> None:
    """What is estimated of one call must be within the limit; else none could be made."""
    found = problems_of(
        tmp_path, "[policies.database]\nestimates.requests = 9\nquotas = [{ limit = 5 }]\n"
    )

    assert list(found) == ["policies.database.quotas[0].limit"]
    assert "at least 9" in found["policies.database.quotas[0].limit"].rule


def test_all_problems_come_out_together(tmp_path: Path) -> None:
    """Of one number, of several together, unknown keys, and the rest of the file; entries are
    counted as the file has them though the one before them cannot be used."""
    found = problems_of(
        tmp_path,
        "[web]\nport = 0\n[memory]\nshed_below_pct = 95\n"
        "[policies.edgar]\nwait_s = 20\nattemps = 2\nslow_s = -1\n"
        "[[policies.edgar.rates]]\nrate = 0\n"
        "[[policies.edgar.rates]]\nrate = 70\nshared = true\nbrust = 2\n"
        "[policies.claude]\ntimeout_s = 800\n[policies.nobody]\nattempts = 1\n",
        RETAILXAI_LOGGING_LEVEL="LOUD",
    )
    names = {name.rpartition(": ")[2] for name in found}

    assert names == {
        "RETAILXAI_LOGGING_LEVEL (environment)",
        "web.port",
        "memory.shed_below_pct",
        "policies.edgar.wait_s",
        "policies.edgar.attemps",
        "policies.edgar.slow_s",
        "policies.edgar.rates[0].rate",
        "policies.edgar.rates[1].rate",
        "policies.edgar.rates[1].brust",
        "policies.claude.timeout_s",
        "policies.nobody",
    }


def test_a_number_that_was_refused_is_held_against_no_other(tmp_path: Path) -> None:
    """Of a deadline out of range, nothing follows for the time-out."""
    found = problems_of(tmp_path, "[policies.edgar]\ndeadline_s = 99_999\ntimeout_s = 300\n")

    assert list(found) == ["policies.edgar.deadline_s"]


def test_faults_on_purpose_are_not_for_production(tmp_path: Path) -> None:
    """Elsewhere they are allowed, and never forgotten: each start says that they are on."""
    chaos = "[policies.claude.chaos]\nlatency_pct = 10\nlatency_s = 2\n"
    (warning,) = settings_of(tmp_path, chaos, APP_ENV="staging").warnings
    assert warning.where == "my.toml: policies.claude.chaos"

    found = problems_of(tmp_path, chaos, APP_ENV="production", RETAILXAI_ALLOW_EMBEDDED="1")
    assert list(found) == ["policies.claude.chaos"]
    assert "production" in found["policies.claude.chaos"].rule


def test_settings_read_without_our_rules_are_refused_all_the_same(tmp_path: Path) -> None:
    """Whoever made them, no policy is made of numbers that do not fit together."""
    path = tmp_path / "my.toml"
    path.write_text("[policies.claude]\ntimeout_s = 800\n", encoding="utf-8")

    with pytest.raises(SettingsError, match=r"policies\.claude\.timeout_s: must not be above"):
        policy_specs(load({}, path))


def test_the_door_refuses_and_check_says_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command reads its settings through the door: exit code 78, each problem's fix."""
    path = tmp_path / "my.toml"
    path.write_text(
        NOBODY + "[policies.claude]\ntimeout_s = 800\n[[policies.edgar.rates]]\nrate = 80\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("RETAILXAI_CONFIG", str(path))
    monkeypatch.setenv("RETAILXAI_ENV_FILE", "")
    house = HouseDoor()

    for command in ("check", "status"):
        said = typed(command, door=FakeDoor(settings=house.load_settings))
        assert said.code == ExitCode.CONFIGURATION
        text = said.out + said.err
        assert "policies.edgar.rates[0].rate" in text
        assert "policies.claude.timeout_s" in text
        assert text.count("fix: ") == 3


# ---- any TOML ---------------------------------------------------------------------------------

ODD: st.SearchStrategy[object] = st.one_of(
    st.integers(-3, 2000),
    st.floats(width=32),
    st.booleans(),
    st.sampled_from(["", "http", "llm", "gcra", "day", "UTC", "Mars/Base", "requests", "full"]),
    st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    st.just([]),
    st.just({}),
)


def words(literal: Any) -> st.SearchStrategy[object]:
    return st.sampled_from(get_args(literal))


def policies_of(*, odd: bool) -> st.SearchStrategy[dict[str, object]]:
    """Tables of numbers that fit by themselves; `odd`: also those of any kind anywhere, and
    keys and services that there are not."""

    def table(model: Any, **likely: st.SearchStrategy[object]) -> st.SearchStrategy[Any]:
        keys: dict[str, st.SearchStrategy[object]] = {
            name: likely.get(name, st.integers(1, 9)) for name in model.model_fields
        }
        required = {n: keys.pop(n) for n, info in model.model_fields.items() if info.is_required()}
        if not odd:
            return st.fixed_dictionaries(required, optional=keys)
        wild = {name: one | ODD for name, one in {**required, **keys, "wiat_s": ODD}.items()}
        return st.fixed_dictionaries({}, optional=wild)

    resources = st.sampled_from(["requests", "no name"] if odd else ["requests", "tokens"])
    rate = table(
        RateSettings, resource=resources, algorithm=words(Algorithm), shared=st.just(not odd)
    )
    quota = table(
        QuotaSettings, resource=resources, per=words(Period), zone=st.sampled_from(["UTC", "Japan"])
    )
    policy = table(
        PolicySettings,
        preset=words(Preset),
        jitter=words(Jitter),
        persists=st.booleans(),
        rates=st.lists(rate, min_size=1, max_size=3),
        quotas=st.lists(quota, max_size=2),
        estimates=st.dictionaries(resources, ODD if odd else st.integers(1, 9), max_size=2),
        chaos=table(ChaosSettings),
    )
    services = [*sorted(SHIPPED_SERVICES), *(["elsewhere"] if odd else [])]
    return st.dictionaries(st.sampled_from(services), policy | ODD if odd else policy, max_size=3)


def as_toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{name}" = {as_toml(one)}' for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(as_toml(one) for one in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


@given(
    policies=policies_of(odd=False) | policies_of(odd=True),
    env=st.sampled_from(["development", "production"]),
)
def test_any_policies_are_sound_or_refused_by_name(
    tmp_path_factory: pytest.TempPathFactory,
    policies: dict[str, object],
    env: Literal["development", "production"],
) -> None:
    """Whatever stands in the file: specifications that hold, or problems that name a field."""
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(f"{NOBODY}policies = {as_toml(policies)}\n", encoding="utf-8")
    try:
        settings = load(
            {"APP_ENV": env, "RETAILXAI_ALLOW_EMBEDDED": "1"}, path, further=policy_problems
        )
    except SettingsError as error:
        refused = error
    else:
        specs = policy_specs(settings)
        assert set(specs) == SHIPPED_SERVICES | {"default"}
        assert any(rate.shared for rate in specs["edgar"].rates)
        assert env == "development" or not any(spec.chaos for spec in specs.values())
        return
    assert all(one.rule and one.fix and "policies" in one.where for one in refused.problems)


def test_every_feed_that_is_read_has_a_policy_of_its_own(tmp_path: Path) -> None:
    """With the numbers of [policies.feeds]; none is made for a feed that is off."""
    text = (
        "[feeds]\nenabled = true\n[feeds.list]\n"
        'mine = { url = "https://mine.example/rss" }\nretaildive = { enabled = false }\n'
        "[policies.feeds]\nopen_s = 7\n"
    )
    specs = specs_of(tmp_path, text)
    assert specs["feeds.mine"] == specs["feeds.grocerydive"] == specs["feeds"]
    assert specs["feeds"].open_s == 7
    assert "feeds.retaildive" not in specs
    assert not [name for name in specs_of(tmp_path, "") if name.startswith("feeds.")]
