"""What an operator can decide, with the defaults that a laptop needs.

The environment (MONITOR_NAME) wins over the file that MONITOR_CONFIG names, and that over the defaults.
The README lists every setting; a test compares.
"""

from __future__ import annotations

import os
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from monitor.errors import BadRequest
from monitor.model import Family, PeerGroup

PREFIX = "MONITOR_"
CONFIG = Path("deploy/monitor.toml")


class Receiver(BaseModel):
    """Somebody who is told: by which way, of which organisations, and how often.

    Parameters
    ----------
    peer_groups, regions, families
        Only cases of these; empty means all.
    messages_per_month
        More than these a month go into the digest instead. Higher means more interruptions; None means every one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    by: Literal["terminal", "file"] = "terminal"
    peer_groups: frozenset[PeerGroup] = frozenset()
    regions: frozenset[str] = frozenset()
    families: frozenset[Family] = frozenset()
    messages_per_month: float | None = Field(default=None, ge=0)


class Settings(BaseSettings):
    """All settings; the description of each is its row in the README."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    home: Path = Field(Path(".monitor"), description="private folder: database, landed files, hash key")
    database_url: str | None = Field(None, description="SQLAlchemy URL of the database; SQLite in the home without it")
    bus: Literal["embedded"] = Field("embedded", description="where feeds travel: the log in the database")
    config: Path = Field(CONFIG, description="TOML file with any of these settings")
    dags: Path = Field(Path("dags"), description="folder of the feeds, one file each")
    drops: Path = Field(Path("drops"), description="folder of the drop folders, one for each feed")
    store: str | None = Field(
        None, description="object store that files are dropped in, as s3://CONNECTION@BUCKET/PATH; none without it"
    )
    pool: str = Field("default_pool", description="Airflow pool of the feeds' tasks; `airflow pools set` makes one")
    organisations: str | None = Field(
        None, description="address of a directory of organisations (ORD API) to synchronise with; none without it"
    )
    events: Path | None = Field(None, description="CSV of outside events for the scheduled backtest; none without it")
    chance_cases_per_month: float = Field(
        1.0, gt=0, le=100, description="cases a month, nationwide, that chance alone may open; more finds more, sooner"
    )
    settle_after_days: float = Field(
        1.0, ge=0, le=60, description="days from a period's first close to its scoring; more waits for late revisions"
    )
    clock: Path | None = Field(
        None,
        description="file that holds an instant, from which the clock goes on since it was written, for demos; the "
        "machine's clock without it",
    )
    batch_messages: int = Field(1_250, ge=1, le=100_000, description="messages the worker takes at a turn")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "warning", description="least level of log lines on the error stream"
    )
    log_format: Literal["text", "json"] = Field("text", description="log lines for people or for machines")
    receivers: tuple[Receiver, ...] = Field(
        (Receiver(name="terminal"),), description="who is told, by which way, of what (TOML: `[[receivers]]`)"
    )

    @property
    def settle_after(self) -> timedelta:
        """How long after its first close a period is scored."""
        return timedelta(days=self.settle_after_days)

    @property
    def database(self) -> str:
        """The URL of the database, in the home unless another is named."""
        return self.database_url or f"sqlite:///{(self.home / 'monitor.sqlite').absolute()}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the TOML file."""
        return init_settings, env_settings, InitSettingsSource(settings_cls, _file())


PRIVATE = frozenset({"database_url"})
"""Settings that may hold a password: what stands there is never repeated."""


def read_settings(**arguments: Any) -> Settings:
    """Read the settings; `BadRequest` names the first one that is wrong, and where it may stand."""
    try:
        return Settings(**arguments)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in fault["loc"])
        what = "" if place in PRIVATE else f" {fault['input']!r}:"
        raise BadRequest(f"setting {place}:{what} {fault['msg']}; see {PREFIX}{place.upper()} or {_path()}") from error


def _file() -> dict[str, Any]:
    path = _path()
    if not path.exists() and path == CONFIG:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadRequest(f"{PREFIX}CONFIG: {path} cannot be read; name a TOML file or leave it out") from error
    except tomllib.TOMLDecodeError as error:
        raise BadRequest(f"{path} is not TOML: {error}") from error


def _path() -> Path:
    return Path(os.environ.get(f"{PREFIX}CONFIG", CONFIG))
