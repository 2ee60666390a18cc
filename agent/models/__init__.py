"""Chat models by name. Each public file registers a way to open one; the agent runs any of them alike."""

from collections.abc import Callable
from pathlib import Path

from langchain_core.language_models import BaseChatModel

from parstock.errors import SetupError
from parstock.registry import Registry
from parstock.settings import Settings

OpenModel = Callable[[Settings, str], BaseChatModel]
"""Opens a model from the settings and what follows "name:" in `settings.model`. Raises SetupError where it cannot."""

chat_models: Registry[OpenModel] = Registry("chat model", "agent.models")
"""Every kind of chat model."""

ACCEPTED = (
    "embedded; scripted[:FILE.json]; local:FOLDER or local:HUB/ID (or just the folder or hub id); openai:MODEL@BASE_URL, "
    "such as openai:Qwen/Qwen3-8B@http://127.0.0.1:8000/v1"
)


def open_model(settings: Settings) -> BaseChatModel:
    """Open the chat model that `settings.model` names.

    Raises:
        SetupError: No such kind of model, or it cannot be loaded; one line that says what would be right.
    """
    name, _, spec = settings.model.strip().partition(":")
    if name in chat_models:
        return chat_models.get(name)(settings, spec)
    path = Path(settings.model).expanduser()
    looks_like_hub_id = (
        settings.model.count("/") == 1 and ":" not in settings.model and not settings.model.startswith((".", "~", "/"))
    )
    if path.is_dir() or path.is_absolute() or settings.model.startswith((".", "~")) or looks_like_hub_id:
        return chat_models.get("local")(settings, settings.model)
    known = ", ".join(chat_models.names())
    raise SetupError(f"unknown chat model {settings.model!r} (PARSTOCK_MODEL); kinds: {known}; accepted: {ACCEPTED}")
