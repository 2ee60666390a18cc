"""The open shop behind the web door: database, tools, agent, and whether each of them is ready. Knows nothing about HTTP."""

from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotDone
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from inventory.store import Store
from parstock.errors import ParstockError, SetupError
from parstock.settings import Settings
from tools.context import ToolContext

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from agent.loop import Agent
    from retrieval.index import PassageIndex

PATIENCE_SECONDS = 120.0
"""How long a request waits for a chat model that is still loading."""

State: TypeAlias = Literal["ready", "starting", "failed"]


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether one part of the shop can do its work."""

    state: State
    reason: str = ""
    """Why not, "" where it is ready."""


@dataclass(eq=False, slots=True)
class Shop:
    """Everything that requests share. Safe in several threads; made by `open`."""

    settings: Settings
    store: Store
    context: ToolContext
    model: "BaseChatModel | None" = None
    """Instead of the one that the settings name."""
    _loader: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, "shop-loader"))
    _agent: "Future[Agent]" = field(init=False)
    _index: "Future[PassageIndex]" = field(init=False)

    def __post_init__(self) -> None:
        self._agent = self._loader.submit(self._open_agent)
        self._index = self._loader.submit(self.context.index)

    @classmethod
    def open(cls, settings: Settings, *, model: "BaseChatModel | None" = None) -> "Shop":
        """Open the database, and begin to load the chat model and the search index in the background.

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
        """Return how the database, the search index and the chat model are."""
        return {"database": self._database(), "index": _loaded(self._index), "model": _loaded(self._agent)}

    def close(self) -> None:
        """Stop loading and close the database."""
        self._loader.shutdown(wait=True, cancel_futures=True)
        self.store.close()

    def _open_agent(self) -> "Agent":
        from agent.loop import Agent
        from agent.models import open_model

        return Agent(self.settings, self.context, self.model or open_model(self.settings))

    def _database(self) -> Readiness:
        try:
            self.context.records.fingerprint()
        except ParstockError as error:
            return Readiness("failed", str(error))
        return Readiness("ready")


def _loaded(part: "Future[Agent] | Future[PassageIndex]") -> Readiness:
    if not part.done():
        return Readiness("starting", "still loading")
    if part.cancelled():
        return Readiness("failed", "the server is stopping")
    error = part.exception()
    return Readiness("ready") if error is None else Readiness("failed", _reason(error))


def _reason(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:300] or type(error).__name__
