"""The open shop behind the web door: database, tools, agent, and whether each of them is ready. Knows nothing about HTTP."""

from collections.abc import Callable
from concurrent.futures import Future, wait
from concurrent.futures import TimeoutError as NotDone
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from inventory.store import Store
from parstock.errors import InsufficientData, ParstockError, SetupError
from parstock.settings import Settings
from tools.context import ToolContext
from tools.note_reader import LateNoteReader
from tools.plans import FORECAST_DAYS
from web.background import Background, Stopped, T

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from agent.loop import Agent

PATIENCE_SECONDS = 120.0
"""How long a request waits for a chat model that is still loading."""
GRACE_SECONDS = 0.5
"""How long background work may take to stop."""

State: TypeAlias = Literal["ready", "starting", "failed"]


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether one part of the shop can do its work."""

    state: State
    reason: str = ""
    """Why not, "" where it is ready."""
    share: float | None = None
    """Share done, 0 to 1, where it is being made and says how far it is."""


@dataclass(eq=False, slots=True)
class Shop:
    """Everything that requests share. Safe in several threads; made by `open`."""

    settings: Settings
    store: Store
    context: ToolContext
    model: "BaseChatModel | None" = None
    """Instead of the one that the settings name."""
    _background: Background = field(default_factory=Background)
    _share: float = 0.0
    """Share of the whole shop's forecast that is done."""
    _agent: "Future[Agent]" = field(init=False)
    _parts: dict[str, "Future[Any]"] = field(init=False)
    """What is made in the background, by its name in `readiness`."""

    def __post_init__(self) -> None:
        self.context = replace(self.context, note_reader=LateNoteReader(lambda: self.agent().note_reader))
        begin = self._background.begin
        self._agent = begin("agent", self._open_agent)
        model = begin("model", self._warm_model)  # first, as every question needs it
        self._parts = {
            "model": model,
            "index": begin("index", lambda: self._after(model, self.context.index)),
            "forecasts": begin("forecasts", lambda: self._after(model, self._forecast)),
        }

    @classmethod
    def open(cls, settings: Settings, *, model: "BaseChatModel | None" = None) -> "Shop":
        """Open the database, and begin in the background what the first question would otherwise wait for.

        That is the chat model, the search index, and the forecast of the whole shop.

        Args:
            settings: Which database and model.
            model: A chat model that is open already, instead of the one that `settings` names.

        Raises:
            SetupError: The database cannot be used.
        """
        store = Store.open(settings)
        return cls(settings, store, ToolContext.open(settings, store), model)

    def agent(self, patience: float | None = PATIENCE_SECONDS) -> "Agent":
        """Return the agent, waiting up to `patience` seconds (None: as long as it takes) while its model loads.

        Raises:
            SetupError: The model cannot be used, or is not there yet.
        """
        try:
            return self._agent.result(patience)
        except NotDone:
            raise SetupError(f"the chat model {self.settings.model!r} is still loading; try again in a minute") from None
        except ParstockError:
            raise
        except Exception as error:
            raise SetupError(f"the chat model {self.settings.model!r} cannot be loaded: {_reason(error)}") from error

    def readiness(self) -> dict[str, Readiness]:
        """Return how the database, the search index, the chat model and the forecasts are."""
        found = {"database": self._database(), **{name: _made(part) for name, part in self._parts.items()}}
        if found["forecasts"].state == "starting" and self._share:
            found["forecasts"] = Readiness("starting", f"{self._share:.0%} done", round(self._share, 3))
        return found

    def watch(self, tell: Callable[[str, Readiness], None]) -> tuple[str, ...]:
        """Have `tell` called with each part's name once it is ready or has failed; return the names."""
        for name, part in self._parts.items():
            part.add_done_callback(partial(_told, name, tell))
        return tuple(self._parts)

    def close(self) -> None:
        """Stop what goes on in the background and close the database.

        Nothing is lost: forecasts and index are caches, whole on disk or made anew.
        """
        self._background.stop(GRACE_SECONDS)
        self.store.close()

    def _open_agent(self) -> "Agent":
        from agent.loop import Agent
        from agent.models import open_model

        return Agent(self.settings, self.context, self.model or open_model(self.settings))

    def _warm_model(self) -> None:
        """Let the chat model make its first pass."""
        agent = self._agent.result()
        self._background.check()
        agent.warm_up()

    def _after(self, earlier: "Future[Any]", work: Callable[[], T]) -> T:
        """Do `work` once `earlier` is over, whatever came of it."""
        wait([earlier])
        self._background.check()
        return work()

    def _forecast(self) -> None:
        """Forecast the whole shop; where nothing is recorded there is nothing to wait for."""
        try:
            self.context.forecasts.of_shop("", FORECAST_DAYS, progress=self._forecast_so_far)
        except InsufficientData:
            return

    def _forecast_so_far(self, share: float, _what: str) -> None:
        self._background.check()
        self._share = share

    def _database(self) -> Readiness:
        try:
            self.context.records.fingerprint()
        except ParstockError as error:
            return Readiness("failed", str(error))
        return Readiness("ready")


def _told(name: str, tell: Callable[[str, Readiness], None], part: "Future[Any]") -> None:
    if not isinstance(part.exception(), Stopped):
        tell(name, _made(part))


def _made(part: "Future[Any]") -> Readiness:
    if not part.done():
        return Readiness("starting", "still loading")
    error = part.exception()
    return Readiness("ready") if error is None else Readiness("failed", _reason(error))


def _reason(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:300] or type(error).__name__
