"""The tables of retailxai.toml: every key, its default, its range and what it means.

Money is USD, times are seconds unless the name says otherwise.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, field_validator

from settings import shapes


class Section(BaseModel):
    # hide_input_in_errors: pydantic prints the bad value otherwise, and it may be a secret.
    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False
    )


def revealed(secret: SecretStr | None) -> str | None:
    """A secret as it is, for whoever sends it; None if there is none, or an empty one."""
    return secret.get_secret_value() if secret else None


BaseUrl = Annotated[str, BeforeValidator(shapes.base_url)]
DatabaseUrl = Annotated[SecretStr, BeforeValidator(shapes.database_url)]
WebhookUrl = Annotated[SecretStr, BeforeValidator(shapes.webhook_url)]
ClaudeKey = Annotated[SecretStr, BeforeValidator(shapes.claude_key)]
GroqKey = Annotated[SecretStr, BeforeValidator(shapes.groq_key)]
OllamaHost = Annotated[str, BeforeValidator(shapes.ollama_host)]
ModelName = Annotated[str, BeforeValidator(shapes.model_name)]
YoutubeKey = Annotated[SecretStr, BeforeValidator(shapes.youtube_key)]
Channel = Annotated[str, BeforeValidator(shapes.channel)]
Contact = Annotated[str, BeforeValidator(shapes.contact)]
At = Annotated[str, BeforeValidator(shapes.at)]
Zone = Annotated[str, BeforeValidator(shapes.zone)]
LoopbackHost = Annotated[str, BeforeValidator(shapes.loopback)]
Handle = Annotated[str, BeforeValidator(shapes.handle)]
Ticker = Annotated[str, BeforeValidator(shapes.ticker)]
# TOML's true is no 1.
Whole = Annotated[int, BeforeValidator(shapes.number)]
Number = Annotated[float, BeforeValidator(shapes.number)]
Usd = Annotated[Decimal, BeforeValidator(shapes.number), Field(ge=0, le=1_000_000)]
Cap = Annotated[Annotated[Decimal, Field(ge=0, le=1_000_000)] | None, BeforeValidator(shapes.cap)]
Upper = BeforeValidator(lambda value: value.upper() if isinstance(value, str) else value)


class DatabaseSettings(Section):
    url: DatabaseUrl | None = Field(
        default=None,
        description="PostgreSQL; unset: an embedded one is started under the data folder",
    )
    pool_size: Whole = Field(
        default=20, ge=1, le=500, description="connections a process keeps open"
    )
    max_overflow: Whole = Field(
        default=10, ge=0, le=500, description="connections beyond those at peaks"
    )
    pool_timeout_s: Number = Field(
        default=30, gt=0, le=600, description="how long to wait for a free connection"
    )
    recycle_s: Whole = Field(
        default=3600, ge=1, le=86_400, description="age at which one is replaced"
    )
    statement_timeout_s: Number = Field(
        default=30, gt=0, le=3600, description="longest a statement may take"
    )
    processes: Whole = Field(
        default=4,
        ge=1,
        le=100,
        description="processes that share the server; for the connection budget",
    )
    allow_embedded: bool = Field(
        default=False, description="lets production run on the embedded PostgreSQL"
    )


class SecSettings(Section):
    contact: Contact | None = Field(
        default=None,
        description="who asks the SEC, its fair-access rule: your name or company, and an e-mail "
        "address you read; unset: EDGAR is off",
    )
    www_url: BaseUrl = Field(default="https://www.sec.gov", description="where filings are read")
    data_url: BaseUrl = Field(
        default="https://data.sec.gov", description="where submissions are listed"
    )
    requests_per_s: Number = Field(
        default=8, gt=0, le=10, description="pace; the SEC allows 10 in all, over all machines"
    )


class PriceSettings(Section):
    """USD for a million tokens, as the provider listed them on `read_on` for `model`."""

    model: str = Field(
        default="claude-sonnet-5-5", min_length=1, description="the model they are for"
    )
    input_usd: Usd = Field(default=Decimal("2"), description="input, USD for a million tokens")
    cache_write_usd: Usd = Field(default=Decimal("2.5"), description="input written to the cache")
    cache_read_usd: Usd = Field(default=Decimal("0.2"), description="input read from the cache")
    output_usd: Usd = Field(default=Decimal("10"), description="output")
    batch_share: Decimal = Field(
        default=Decimal("0.5"), gt=0, le=1, description="what an answer costs in a batch, of these"
    )
    read_on: date = Field(default=date(2026, 11, 22), description="the day the prices were read")


class ClaudeSettings(Section):
    api_key: ClaudeKey | None = Field(default=None, description="unset: the analyst Claude is off")
    base_url: BaseUrl = Field(
        default="https://api.anthropic.com", description="where Claude is asked"
    )
    model: str = Field(
        default="claude-sonnet-5-5",
        min_length=1,
        max_length=100,
        description="the model that is asked",
    )
    api_version: str = Field(
        default="2023-06-01",
        pattern=r"^\d{4}-\d{2}-\d{2}$",
        description="the version of its interface",
    )
    max_output_tokens: Whole = Field(
        default=16_000,
        ge=256,
        le=128_000,
        description="longest answer; a longer one is cut and not used",
    )
    daily_cap_usd: Usd = Field(
        default=Decimal("5"), description="no further call once a day cost this"
    )
    monthly_cap_usd: Usd = Field(
        default=Decimal("50"), description="no further call once a calendar month cost this"
    )
    batches: bool = Field(
        default=True,
        description="send what scheduled scans ask together, later and for less; a scan by hand "
        "asks at once",
    )
    batch_wait_h: Number = Field(
        default=4,
        gt=0,
        le=24,
        description="a batch without its answers by then is cancelled, and the rest asked singly",
    )
    batch_gather_s: Number = Field(
        default=15,
        ge=0.1,
        le=3600,
        description="a batch is sent when no question joined it for so long",
    )
    batch_look_s: Number = Field(
        default=30, ge=0.1, le=3600, description="how often a batch is asked for its answers"
    )
    prices: PriceSettings = PriceSettings()


class GroqPriceSettings(Section):
    """USD for a million tokens, as Groq listed them on `read_on` for `model`; 0 on a free plan."""

    model: str = Field(
        default="openai/gpt-oss-120b", min_length=1, description="the model they are for"
    )
    input_usd: Usd = Field(
        default=Decimal("0.15"), description="input, USD for a million tokens; 0 on a free plan"
    )
    cache_read_usd: Usd = Field(default=Decimal("0.075"), description="input read from the cache")
    output_usd: Usd = Field(default=Decimal("0.6"), description="output, thoughts included")
    read_on: date = Field(default=date(2026, 11, 29), description="the day the prices were read")


class GroqSettings(Section):
    api_key: GroqKey | None = Field(default=None, description="unset: the analyst Groq is off")
    base_url: BaseUrl = Field(default="https://api.groq.com", description="where Groq is asked")
    model: str = Field(
        default="openai/gpt-oss-120b",
        min_length=1,
        max_length=100,
        description="the model that is asked",
    )
    max_output_tokens: Whole = Field(
        default=3_000,
        ge=256,
        le=128_000,
        description="longest answer; Groq counts all of it against the tokens of a minute",
    )
    context_tokens: Whole = Field(
        default=131_072,
        ge=4_096,
        le=10_000_000,
        description="what the model reads and writes at most; a longer document is trimmed",
    )
    json_mode: Literal["auto", "strict", "object"] = Field(
        default="auto",
        description="strict: the answer is held to its schema while it is written; object: asked "
        "for in words; auto: strict where the model is known to take it",
    )
    daily_cap_usd: Usd = Field(
        default=Decimal("1"), description="no further call once a day cost this"
    )
    monthly_cap_usd: Usd = Field(
        default=Decimal("10"), description="no further call once a calendar month cost this"
    )
    prices: GroqPriceSettings = GroqPriceSettings()


class OllamaSettings(Section):
    base_url: OllamaHost = Field(
        default="http://127.0.0.1:11434",
        description="where Ollama runs, as Ollama itself takes it: host, host:port or a URL",
    )
    model: ModelName | None = Field(
        default=None,
        description="a model that `ollama list` shows; unset: the analyst Ollama is off",
    )
    max_context_tokens: Whole = Field(
        default=32_768,
        ge=4_096,
        le=10_000_000,
        description="longest context asked for: it takes memory; a longer document is trimmed",
    )
    max_output_tokens: Whole = Field(
        default=4_000, ge=256, le=128_000, description="longest answer; a longer one is not used"
    )
    keep_alive: str = Field(
        default="10m",
        pattern=r"^(-1|\d{1,6}(ms|s|m|h)?)$",
        description="how long the model stays in memory after an answer",
    )


class AlarmSettings(Section):
    webhook_url: WebhookUrl | None = Field(
        default=None,
        description="who is told, as JSON with a `text`, that the service stays down "
        "(deploy/retailxai-failed@.service) or does not come up for an hour; unset: the journal "
        "alone",
    )


class BudgetSettings(Section):
    """Over all paid analysts together; each has caps of its own beside."""

    daily_cap_usd: Cap = Field(
        default=None,
        description="no further paid call once a day cost this on all providers together; unset: "
        "only their own caps hold",
    )
    monthly_cap_usd: Cap = Field(default=None, description="the same for a calendar month")


Task = Literal["figures", "guidance", "quotes"]
TaskList = Annotated[tuple[Task, ...], BeforeValidator(shapes.tasks)]


class TaskSettings(Section):
    """What each analyst may give; the rest of its answer is dropped, and local fills in."""

    claude: TaskList = Field(
        default=("figures", "guidance", "quotes"), description="what Claude may give"
    )
    groq: TaskList = Field(
        default=("figures", "guidance", "quotes"), description="what Groq may give"
    )
    ollama: TaskList = Field(
        default=("figures", "quotes"),
        description="what Ollama may give; small models misjudge how guidance moved",
    )


class AnalystSettings(Section):
    order: tuple[Literal["claude", "groq", "ollama", "local"], ...] = Field(
        default=("claude", "groq", "ollama", "local"),
        description="who is asked first; local reads first in any case",
    )

    tasks: TaskSettings = TaskSettings()
    upgrade: bool = Field(
        default=False,
        description="what an analyst read in the stead of one before it is asked of that one by a "
        "later scan, and paid for once more",
    )

    @field_validator("order", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return shapes.analysts(value)


def over(defaults: dict[str, dict[str, object]], given: object) -> object:
    """Named tables laid over the shipped ones: naming one key of one keeps all the others."""
    if not isinstance(given, dict):
        return given
    merged: dict[str, Any] = {name: dict(table) for name, table in defaults.items()}
    for name, table in given.items():
        if isinstance(table, dict):
            merged[name] = {**merged.get(name, {}), **table}
        else:
            merged[name] = table
    return merged


class JobSchedule(Section):
    at: At = Field(description='time of day, "07:00", or of a week, "Mon 08:00"')
    catch_up: Literal["latest", "all", "none"] = Field(
        default="latest", description="which missed runs are made up for"
    )
    max_age_h: Number = Field(
        default=24, gt=0, le=24 * 366, description="a missed run older than this is skipped"
    )
    overlap: Literal["auto", "skip", "queue"] = Field(
        default="auto",
        description="of a slot that falls due while the job runs: skip it, or queue it until that "
        "run has ended; auto: queue with catch_up = all, else skip",
    )
    enabled: bool = Field(default=True, description="false: it runs by hand only")


DEFAULT_JOBS: dict[str, dict[str, object]] = {
    "daily_earnings_scan": {"at": "07:00", "catch_up": "latest", "max_age_h": 24},
    "edgar_watch": {"at": "06:00", "catch_up": "latest", "max_age_h": 24},
    "health_check": {"at": "00:00", "catch_up": "none", "max_age_h": 1},
    "memory_cleanup": {"at": "02:00", "catch_up": "none", "max_age_h": 1},
    "quota_check": {"at": "23:00", "catch_up": "none", "max_age_h": 1},
    "weekly_summary": {"at": "Mon 08:00", "catch_up": "latest", "max_age_h": 144},
}


class ScheduleSettings(Section):
    zone: Zone = Field(default="America/New_York", description="the time zone of all schedules")
    tick_s: Number = Field(
        default=5, ge=0.1, le=60, description="how often the table of jobs is looked at"
    )
    jobs: dict[str, JobSchedule] = Field(default_factory=dict, validate_default=True)

    @field_validator("jobs", mode="before")
    @classmethod
    def _over_defaults(cls, value: object) -> object:
        return over(DEFAULT_JOBS, value)


class WebSettings(Section):
    enabled: bool = Field(default=True, description="serve /health and /metrics")
    host: LoopbackHost = Field(
        default="127.0.0.1", description="address to listen on; loopback only"
    )
    port: Whole = Field(
        default=8717, ge=1, le=65_535, description="the next free one is used when taken"
    )
    in_container: bool = Field(
        default=False,
        description="listen on every address of this container, whose network and published "
        "ports are the wall; never on a machine itself",
    )


class LoggingSettings(Section):
    level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], Upper] = Field(
        default="INFO", description="least important line that is written"
    )
    format: Literal["auto", "json", "console"] = Field(
        default="auto", description="on stderr; auto: console on a terminal, else JSON"
    )
    max_bytes: Whole = Field(
        default=10_485_760,
        ge=10_240,
        le=1_073_741_824,
        description="size at which the file is rotated",
    )
    backups: Whole = Field(default=5, ge=0, le=100, description="rotated files that are kept")


class RetentionSettings(Section):
    history_entries: Whole = Field(
        default=1000, ge=10, le=1_000_000, description="entries kept per history"
    )
    history_hours: Number = Field(
        default=24, gt=0, le=24 * 366, description="age at which they are dropped"
    )
    call_days: Whole = Field(
        default=7, ge=1, le=366, description="days that single calls are kept, for the back-test"
    )
    headline_days: Whole = Field(
        default=90, ge=14, le=3660, description="days that headlines are kept"
    )


class MemorySettings(Section):
    """When new calls are turned away because this machine is short of memory."""

    shed_above_pct: Number = Field(
        default=92, gt=0, le=100, description="memory in use from which new calls are turned away"
    )
    shed_below_pct: Number = Field(
        default=85, gt=0, le=100, description="memory in use below which they are let in again"
    )


class InboxSettings(Section):
    enabled: bool = Field(default=True, description="read files dropped into the inbox folder")
    max_bytes: Whole = Field(
        default=10_485_760, ge=1024, le=104_857_600, description="a larger file is refused"
    )


class EdgarSettings(Section):
    enabled: bool = Field(default=True, description="read filings from the SEC (needs SEC_CONTACT)")
    max_document_bytes: Whole = Field(
        default=25_000_000, ge=100_000, le=500_000_000, description="a larger filing is refused"
    )
    facts: bool = Field(
        default=True,
        description="compare figures with those of the company's 10-Q or 10-K, one request for "
        "each that it files, and the report itself while the SEC has not put its figures together",
    )
    watch: Literal["season", "always", "never"] = Field(
        default="season",
        description="when the feed of the latest filings is looked at: in the weeks in which "
        "companies of the watch list report, by their fiscal years, while the SEC takes filings; "
        "always; or never",
    )
    watch_every_s: Number = Field(
        default=900, ge=1, le=86_400, description="how often, one request for a look"
    )


class YoutubeSettings(Section):
    """Earnings calls on the companies' own channels."""

    enabled: bool = Field(
        default=True,
        description="read earnings calls from YouTube (needs YOUTUBE_API_KEY and the companies' "
        "channels)",
    )
    api_key: YoutubeKey | None = Field(
        default=None, description="a key for the YouTube Data API v3; unset: YouTube is off"
    )
    transcripts: bool = Field(
        default=True, description="fetch what is said; false: only what the publisher wrote"
    )
    search: bool = Field(
        default=False,
        description="for a channel that there is not, tell which ones a search by the company's "
        "name finds (one of a hundred searches a day)",
    )
    languages: tuple[str, ...] = Field(
        default=("en",), description='captions to take, the first there is: "en" takes "en-US"'
    )
    wait_for_transcript_days: Number = Field(
        default=3,
        ge=0,
        le=30,
        description="how long a call waits for captions that cannot be had (a blocked address); "
        "then its description is read alone",
    )
    max_document_bytes: Whole = Field(
        default=25_000_000, ge=100_000, le=500_000_000, description="larger captions are refused"
    )
    api_url: BaseUrl = Field(
        default="https://youtube.googleapis.com", description="where the Data API is asked"
    )
    watch_url: BaseUrl = Field(
        default="https://www.youtube.com", description="where captions are asked for"
    )

    @field_validator("languages", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return shapes.languages(value)


class CompanyEntry(Section):
    """One company of the watch list."""

    ticker: Ticker = Field(description="as its exchange has it")
    name: str = Field(min_length=1, max_length=200, description="as people know it")
    cik: Whole | None = Field(
        default=None,
        ge=1,
        le=9_999_999_999,
        description="its number at the SEC; unset: not on EDGAR",
    )
    fiscal_year_end: str = Field(
        default="", description='month and day the year ends, as the SEC writes it: "0131"'
    )
    sector: str = Field(default="", max_length=60, description="for grouping in reports")
    youtube: Channel | None = Field(
        default=None,
        description='its own channel on YouTube: "@handle", or its id; unset: not asked',
    )
    aliases: tuple[Annotated[str, Field(min_length=2, max_length=100)], ...] = Field(
        default=(), description='other names it goes by in the news: `["Sprouts"]`'
    )

    x: Handle = Field(default="", description='its own account on X: `"@handle"`')

    @field_validator("fiscal_year_end")
    @classmethod
    def _month_and_day(cls, value: str) -> str:
        return shapes.month_and_day(value)
