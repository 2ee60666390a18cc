"""Settings, read once at a door and passed down. No other module reads the environment."""

from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from parstock.errors import InputError, SetupError
from parstock.special_days import check_countries


def _countries(value: object) -> object:
    """ISO codes from a text such as "GB, US"; anything but texts is left for pydantic to refuse."""
    parts = value.split(",") if isinstance(value, str) else value
    if not (isinstance(parts, (list, tuple)) and all(isinstance(part, str) for part in parts)):
        return value
    try:
        return check_countries([part for part in parts if part.strip()])
    except InputError as error:
        raise ValueError(str(error)) from error


class Settings(BaseSettings):
    """What an operator may set, by `PARSTOCK_<NAME>` in the environment or in `<home>/settings.env`."""

    model_config = SettingsConfigDict(env_prefix="PARSTOCK_", env_ignore_empty=True, extra="ignore")

    home: Path = Path("parstock-home")
    """Folder of the database, the index, and the settings."""
    database_url: str | None = None
    """SQLAlchemy URL; default: SQLite in the home. PostgreSQL: `postgresql+psycopg://user@host/db`."""
    model: str = "embedded"
    """Chat model: `embedded`, `scripted`, a local folder or hub id (transformers), or `openai:MODEL@BASE_URL`."""
    model_api_key: Annotated[str | None, Field(repr=False)] = None
    """Key for an OpenAI-compatible server; never logged."""
    as_of: date | None = None
    """The planner's "today"; default: the day after the last recorded sale. Days between that and a later one are unknown."""
    countries: Annotated[tuple[str, ...] | None, NoDecode, BeforeValidator(_countries)] = None
    """Countries whose holidays and shopping days move demand, ISO codes separated by commas; default: those of the warehouses."""
    currency: str = "GBP"
    """ISO code of the shop's currency, shown with money."""
    service_level: Annotated[float, Field(gt=0, lt=1)] = 0.95
    """Target probability of no stockout per cycle where neither the planner nor a policy names one."""
    review_days: Annotated[int, Field(ge=1, le=365)] = 7
    """Days between two ordering occasions."""
    holding_rate: Annotated[float, Field(ge=0, le=10)] = 0.25
    """Yearly cost of holding one unit of money in stock."""
    policy: str = "base_stock"
    """Replenishment policy, such as `base_stock` (a service target for every item) or `cost_optimal` (least expected cost)."""
    order_cost: Annotated[float, Field(ge=0)] = 25.0
    """Fixed cost of one purchase-order line, in the shop's currency."""
    transfer_days: Annotated[int, Field(ge=0, le=365)] = 2
    """Days that a transfer between warehouses takes where no policy says."""
    transfer_cost: Annotated[float, Field(ge=0)] = 10.0
    """Fixed cost of one transfer line where no policy says, in the shop's currency."""
    transfer_cost_rate: Annotated[float, Field(ge=0, le=10)] = 0.03
    """Cost of moving one unit where no policy says, as a share of its purchase price."""
    horizon_days: Annotated[int, Field(ge=1, le=365)] = 28
    """Forecast horizon where the planner gives none."""
    ray_address: str = "local"
    """Cluster of `parstock forecast --workers`: `local` starts one for the run, `auto` or `HOST:PORT` joins one."""

    def resolved_database_url(self) -> str:
        """Return the database URL, SQLite in the home where none is set."""
        return self.database_url or f"sqlite:///{(self.home / 'parstock.sqlite').resolve()}"

    @classmethod
    def load(cls, home: Path | None = None, **overrides: object) -> "Settings":
        """Read the environment and `<home>/settings.env`; keyword arguments win over both.

        Raises:
            SetupError: A setting has a value that it cannot have; the message names it.
        """
        chosen = {"home": home} if home is not None else {}
        try:
            base = cls(**chosen, **overrides)  # type: ignore[arg-type]
            return cls(_env_file=base.home / "settings.env", **chosen, **overrides)  # type: ignore[arg-type]
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            name = "_".join(("PARSTOCK", *(str(part).upper() for part in first["loc"])))
            raise SetupError(f"{name} is {first['input']!r}: {first['msg'].removeprefix('Value error, ')}") from error
