"""How Ollama is reached: its address, which models it has, and how much each of them takes.

It asks for no key and bills nobody. What it says of its models is kept for a while, because it
is asked before each document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus

from earnings.analysts.ollama_messages import SERVICE
from earnings.analysts.refusals import ModelRefusal, Pauses
from outside.answers import HttpAnswer
from outside.errors import BadAnswer, Unreachable
from outside.http import HttpDoor
from resilience.clock import Clock

KEPT_S = 600.0
_TOLD_WITHIN_S = 15.0  # what it has, and of what kind: no answer takes minutes but a chat's
# A model is pulled in minutes, and nobody is billed for asking: soon tried again.
_PAUSE_S = 300.0
_UNTOLD_CONTEXT = 8_192  # tokens, of a model that does not say
_DEFAULT_TAG = ":latest"


@dataclass(frozen=True)
class OllamaSetup:
    """`model` None: nobody named one, and it is off."""

    model: str | None = None
    base_url: str = "http://127.0.0.1:11434"
    max_context_tokens: int = 32_768
    max_output_tokens: int = 4_000
    keep_alive: str = "10m"
    max_document_characters: int = 240_000
    timeout_s: float = 600.0


@dataclass(frozen=True)
class ModelFacts:
    """`context_tokens`: the most the model itself can read and write together."""

    context_tokens: int
    thinks: bool


class OllamaWire:
    def __init__(self, door: HttpDoor, setup: OllamaSetup, clock: Clock) -> None:
        self.door = door
        self.setup = setup
        self._clock = clock
        self._pauses = Pauses(SERVICE, clock, _PAUSE_S)
        self._known: tuple[float, ModelFacts] | None = None  # since when (monotonic), what

    def switched_off(self) -> str | None:
        if self.setup.model:
            return None
        return "no model named: set ollama.model to one that `ollama list` shows"

    @property
    def model(self) -> str:
        return self.setup.model or ""

    def url(self, path: str) -> str:
        return f"{self.setup.base_url.rstrip('/')}/api/{path}"

    def facts(self) -> ModelFacts:
        """Of the model. Raises CallError, ModelRefusal if it is not there."""
        now = self._clock.monotonic()
        if self._known is not None and now - self._known[0] < KEPT_S:
            return self._known[1]
        with self.asking():
            self._find_model()
            facts = self._shown()
        self._known = (now, facts)
        return facts

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Round what is sent. Raises Rejected while nothing is to be asked."""
        try:
            with self._pauses.watched():
                yield
        except Unreachable as away:
            away.fix = away.fix or (
                f"does Ollama run at {self.setup.base_url}? Start it (ollama serve), or set "
                "OLLAMA_HOST to where it does"
            )
            raise

    def check_refusal(self, answer: HttpAnswer) -> None:
        """Seen by the policy: what the door cannot know of Ollama's errors. Raises CallFailed."""
        if answer.status == HTTPStatus.NOT_FOUND and _error_of(answer):
            self._known = None
            raise self._missing()

    # ---- within -------------------------------------------------------------------------

    def _find_model(self) -> None:
        answer = self.door.get(SERVICE, self.url("tags"), deadline_at=self._soon())
        names = _names(answer)
        wanted = self.model if ":" in self.model.rpartition("/")[2] else self.model + _DEFAULT_TAG
        if not names & {self.model, wanted}:
            raise self._missing(names)

    def _shown(self) -> ModelFacts:
        answer = self.door.post_json(
            SERVICE,
            self.url("show"),
            {"model": self.model},
            deadline_at=self._soon(),
            check=self.check_refusal,
            repeatable=True,
        )
        body = answer.json()
        if not isinstance(body, dict):
            raise BadAnswer(SERVICE, "answered JSON that describes no model", answer=answer)
        can = body.get("capabilities")
        return ModelFacts(
            context_tokens=_context(body) or _UNTOLD_CONTEXT,
            thinks=isinstance(can, list) and "thinking" in can,
        )

    def _soon(self) -> float:
        return self._clock.monotonic() + _TOLD_WITHIN_S

    def _missing(self, names: set[str] | None = None) -> ModelRefusal:
        has = f"; it has {', '.join(sorted(names)[:8])}" if names else ""
        return ModelRefusal(
            SERVICE,
            f"the model {self.model} is not there{has}",
            meets_all=True,
            fix=f"ollama pull {self.model}",
        )


def _names(answer: HttpAnswer) -> set[str]:
    body = answer.json()
    listed = body.get("models") if isinstance(body, dict) else None
    if not isinstance(listed, list):
        raise BadAnswer(SERVICE, "answered JSON that is no list of models", answer=answer)
    found = [one.get(key) for one in listed if isinstance(one, dict) for key in ("name", "model")]
    return {name for name in found if isinstance(name, str) and name}


def _context(body: Mapping[str, object]) -> int | None:
    """The number under "<architecture>.context_length"."""
    info = body.get("model_info")
    if not isinstance(info, dict):
        return None
    lengths = [
        value
        for key, value in info.items()
        if key.endswith(".context_length")
        and isinstance(value, int)
        and not isinstance(value, bool)
        and value > 0
    ]
    return min(lengths, default=None)


def _error_of(answer: HttpAnswer) -> str:
    """The words of an error body; "" if it is none of Ollama's."""
    try:
        body = answer.json()
    except BadAnswer:
        return ""
    said = body.get("error") if isinstance(body, dict) else None
    return said if isinstance(said, str) else ""
