"""How it is configured: the only reader of the environment and of retailxai.toml."""

from settings.describe import describe
from settings.loading import load
from settings.model import Configured, Settings
from settings.problems import Problem, SettingsError
from settings.sections import revealed

__all__ = ["Configured", "Problem", "Settings", "SettingsError", "describe", "load", "revealed"]
