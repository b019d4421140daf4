"""The one place that joins the parts; every entry point and every test of the whole calls `opened`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from sqlalchemy import Engine

from monitor import settings as configured
from monitor.alerts.route import Receiver
from monitor.alerts.terminal import File, Last, Terminal
from monitor.bus.embedded import EmbeddedBus
from monitor.clock import FileClock, SystemClock
from monitor.errors import BadRequest
from monitor.heartbeat import HEARTBEAT
from monitor.landing import Landing
from monitor.logs import configure
from monitor.ports import Clock, Notifier
from monitor.settings import Settings, read_settings
from monitor.store.engine import open_engine
from monitor.store.outbox import Outbox
from monitor.store.store import SqlStore
from monitor.store.upgrade import ready

MESSAGES = "messages.jsonl"
"""Where receivers that are told by file find their messages, in the home."""


@dataclass(frozen=True, slots=True)
class Service:
    """The parts, joined: what a worker, a relay or a command works with."""

    settings: Settings
    clock: Clock
    engine: Engine
    store: SqlStore
    bus: EmbeddedBus
    landing: Landing
    outbox: Outbox
    receivers: tuple[Receiver, ...]
    notifiers: Mapping[str, Notifier]


@contextmanager
def opened(
    settings: Settings | None = None,
    clock: Clock | None = None,
    console: Console | None = None,
    *,
    logs: bool = True,
) -> Iterator[Service]:
    """Open the service and close it again; a home and a database that are missing are made.

    Parameters
    ----------
    settings
        None: those of the environment and the file.
    clock
        None: as the settings say. Demos and tests move theirs by hand.
    console
        Where terminal receivers read; None: standard output.
    logs
        False: whoever runs this process has set up its log lines, as Airflow does for each task.
    """
    settings = settings or read_settings()
    if logs:
        configure(settings.log_level, settings.log_format)
    private(settings.home)
    engine = open_engine(settings.database)
    try:
        ready(engine)
        yield Service(
            settings,
            clock or _clock(settings),
            engine,
            SqlStore(engine),
            EmbeddedBus(engine),
            Landing(settings.home),
            Outbox(engine),
            receivers(settings),
            notifiers(settings, console or console_for(stderr=False)),
        )
    finally:
        engine.dispose()


def _clock(settings: Settings) -> Clock:
    return FileClock(settings.clock) if settings.clock else SystemClock()


def console_for(*, stderr: bool) -> Console:
    """Make the console of terminal receivers; into a file or a pipe its lines go as they are, unbroken."""
    made = Console(stderr=stderr)
    made.soft_wrap = not made.is_terminal
    return made


def private(home: Path) -> None:
    """Make the home folder, for its owner alone."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        home.chmod(0o700)
    except OSError as error:
        raise BadRequest(f"MONITOR_HOME {home}: {error.strerror}; name a folder that can be written") from error


def receivers(settings: Settings) -> tuple[Receiver, ...]:
    """Give the receivers as the core knows them: who is told of what, not by which way."""
    return tuple(
        Receiver(stated.name, stated.peer_groups, stated.regions, stated.families, stated.messages_per_month)
        for stated in settings.receivers
    )


def notifiers(settings: Settings, console: Console) -> dict[str, Notifier]:
    """Give each receiver the way that its messages take."""
    stated = {one.name: _notifier(one, settings.home, console) for one in settings.receivers}
    return {HEARTBEAT: Last(settings.home / f"{HEARTBEAT}.json")} | stated


def _notifier(stated: configured.Receiver, home: Path, console: Console) -> Notifier:
    return File(home / MESSAGES) if stated.by == "file" else Terminal(console)
