"""What can be configured, as one tree.

The path of a field is its key in retailxai.toml; `settings.variables` derives the
environment variables from the same tree, and docs/configuration.md is written from it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator

from settings import shapes
from settings.backup import BackupSettings
from settings.environment import Terminal
from settings.news import FeedsSettings, TavilySettings, XSettings
from settings.policies import DEFAULT_POLICIES, PolicySettings
from settings.problems import Problem
from settings.sections import (
    AlarmSettings,
    AnalystSettings,
    BudgetSettings,
    ClaudeSettings,
    CompanyEntry,
    DatabaseSettings,
    EdgarSettings,
    GroqSettings,
    InboxSettings,
    LoggingSettings,
    MemorySettings,
    OllamaSettings,
    RetentionSettings,
    ScheduleSettings,
    SecSettings,
    Section,
    WebSettings,
    YoutubeSettings,
    over,
)

InstanceName = Annotated[str, BeforeValidator(shapes.instance)]


class Configured(Section):
    """All that can be set, by variable or by TOML key."""

    app_env: Literal["development", "staging", "production"] = Field(
        default="development",
        description="production refuses weak secrets and an embedded database",
    )
    instance: InstanceName = Field(
        default="retailxai", description="name of this daemon; two with one name are refused"
    )
    data_dir: Path = Field(
        default=Path("data"), description="all that is kept; systemd: its state directory"
    )
    log_dir: Path = Field(
        default=Path("logs"), description="log files; systemd: its logs directory"
    )
    reports_dir: Path = Field(default=Path("reports"), description="weekly reports")
    inbox_dir: Path | None = Field(
        default=None, description="where people drop documents; unset: inbox in the data folder"
    )
    samples: Literal["auto", "on", "off"] = Field(
        default="auto",
        description="bundled samples of invented companies; auto: on while neither SEC_CONTACT "
        "nor a key is set",
    )
    database: DatabaseSettings = DatabaseSettings()
    sec: SecSettings = SecSettings()
    claude: ClaudeSettings = ClaudeSettings()
    groq: GroqSettings = GroqSettings()
    ollama: OllamaSettings = OllamaSettings()
    analysts: AnalystSettings = AnalystSettings()
    budget: BudgetSettings = BudgetSettings()
    alarm: AlarmSettings = AlarmSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    policies: dict[str, PolicySettings] = Field(default_factory=dict, validate_default=True)
    web: WebSettings = WebSettings()
    logging: LoggingSettings = LoggingSettings()
    retention: RetentionSettings = RetentionSettings()
    backup: BackupSettings = BackupSettings()
    memory: MemorySettings = MemorySettings()
    inbox: InboxSettings = InboxSettings()
    edgar: EdgarSettings = EdgarSettings()
    youtube: YoutubeSettings = YoutubeSettings()
    feeds: FeedsSettings = FeedsSettings()
    tavily: TavilySettings = TavilySettings()
    x: XSettings = XSettings()
    companies: tuple[CompanyEntry, ...] = ()

    @field_validator("policies", mode="before")
    @classmethod
    def _over_defaults(cls, value: object) -> object:
        return over(DEFAULT_POLICIES, value)


class Settings(Configured):
    """A checked configuration, and where it came from."""

    inbox_dir: Path  # resolved: never unset here
    terminal: Terminal = Terminal()
    config_file: Path | None = None
    origins: dict[str, str] = Field(default_factory=dict)  # key -> "environment", "default", ...
    warnings: tuple[Problem, ...] = ()

    @property
    def log_file(self) -> Path:
        return self.log_dir / "retailxai.log"

    @property
    def backup_dir(self) -> Path:
        """Where backups go for which no place is named."""
        return (self.backup.dir or self.data_dir / "backups").expanduser().absolute()

    @property
    def scratch_dir(self) -> Path:
        """For databases that live for one look at a backup."""
        return self.data_dir / "scratch"

    @property
    def use_samples(self) -> bool:
        """Whether the bundled samples are read."""
        if self.samples == "auto":
            keys = (self.claude.api_key, self.groq.api_key, self.youtube.api_key)
            return self.sec.contact is None and not any(keys)
        return self.samples == "on"
