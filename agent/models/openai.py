"""Any OpenAI-compatible server (vLLM, SGLang, hosted ones) as a chat model, reached by URL."""

from urllib.parse import urlsplit

from langchain_core.language_models import BaseChatModel

from agent.models import chat_models
from parstock.errors import SetupError
from parstock.settings import Settings

TIMEOUT_SECONDS = 60.0
RETRIES = 2
MOST_TOKENS = 1024
"""A turn's calls or explanation; what runs on longer is cut by the server."""


@chat_models.register("openai")
def open_openai(settings: Settings, spec: str) -> BaseChatModel:
    """Open "MODEL@BASE_URL"; the key is `settings.model_api_key`. Connects with the first message.

    Raises:
        SetupError: The specification is not of that form.
    """
    model, at, base_url = spec.rpartition("@")
    parts = urlsplit(base_url)
    if not at or not model or parts.scheme not in ("http", "https") or not parts.netloc:
        raise SetupError(
            f"chat model {'openai:' + spec!r} is not openai:MODEL@BASE_URL; right would be "
            "openai:Qwen/Qwen3-8B@http://127.0.0.1:8000/v1"
        )
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    return ChatOpenAI(
        model=model,
        base_url=base_url,
        api_key=SecretStr(settings.model_api_key or "none"),
        temperature=0,
        timeout=TIMEOUT_SECONDS,
        max_retries=RETRIES,
        max_tokens=MOST_TOKENS,
        use_responses_api=False,
    )
