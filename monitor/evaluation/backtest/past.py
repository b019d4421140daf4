"""Where a past comes from: a copy of a home's database, or files published into a home that goes away."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from sqlalchemy import Engine, make_url

from monitor.errors import BadRequest, Outage
from monitor.feeds.delivery import Stated
from monitor.feeds.folder import feed as contract
from monitor.feeds.publish import publish
from monitor.feeds.readers.organisations import read_organisations
from monitor.handed import deliver
from monitor.settings import Settings
from monitor.store.engine import open_engine, unusable
from monitor.store.registry import load_organisations
from monitor.store.upgrade import ready
from monitor.wiring import Service, opened
from monitor.worker import settle, work

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class File:
    """One published file of a feed; `published` None: no day is stated for it."""

    feed: str
    path: Path
    published: date | None


def file_named(text: str) -> File:
    """Read FEED=FILE or FEED=FILE@DATE; the file has to be there."""
    feed, _, rest = text.partition("=")
    name, _, day = rest.rpartition("@")
    try:
        published = date.fromisoformat(day) if name else None
    except ValueError as error:
        raise BadRequest(f"--published {text}: {day} is no date; write FEED=FILE@YYYY-MM-DD") from error
    path = Path(name or rest)
    if not feed or not path.is_file():
        raise BadRequest(f"--published {text}: write FEED=FILE with a file that is there, or FEED=FILE@YYYY-MM-DD")
    return File(feed, path, published)


@contextmanager
def copied(settings: Settings) -> Iterator[Engine]:
    """Open a copy of a home's database as it stands; the home's own is only read.

    `BadRequest` where nothing has been published yet, or the database is none that can be copied here.
    """
    address = make_url(settings.database)
    if address.get_backend_name() != "sqlite" or not address.database:
        raise BadRequest("backtest copies an SQLite database; name published files with --published instead")
    original = Path(address.database)
    if not original.is_file():
        raise BadRequest(f"{settings.home}: nothing has been published here; see MONITOR_HOME, or name --published")
    with TemporaryDirectory(prefix="monitor-backtest-") as folder:
        copy = Path(folder, "monitor.sqlite")
        address_read_only = f"{original.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address_read_only, uri=True)) as source, closing(sqlite3.connect(copy)) as target:
            try:
                source.backup(target)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):  # locked or away: nothing is wrong with the file
                    raise Outage(f"the database cannot be used now ({error})", remedy="run it again") from error
                raise unusable(original, error) from error
        engine = open_engine(f"sqlite:///{copy}")
        try:
            ready(engine)
            yield engine
        finally:
            engine.dispose()


@contextmanager
def published(
    settings: Settings, files: Sequence[File], registries: Sequence[Path], progress: Progress
) -> Iterator[Engine]:
    """Publish files, those with the oldest day first, into a home of their own; one step of progress a file.

    Each is taken in before the next, so that what one corrects in another is kept as it was.
    """
    with TemporaryDirectory(prefix="monitor-backtest-") as folder:
        own = settings.model_copy(update={"home": Path(folder), "database_url": None})
        with opened(own, console=Console(quiet=True)) as service:
            for path in registries:
                _register(service, path)
            live: set[str] = set()
            for file in sorted(files, key=lambda file: file.published or date.min):
                _take_in(service, file, live)
                progress(1)
            yield service.engine


def _register(service: Service, path: Path) -> None:
    found = read_organisations(path.read_bytes())
    load_organisations(
        service.engine, found.organisations, found.successions, by="monitor backtest", at=service.clock.now()
    )


def _take_in(service: Service, file: File, live: set[str]) -> None:
    promised = contract(file.feed, service.settings.dags)
    publish(
        promised, deliver(file.path), Stated(published=file.published), bus=service.bus, landing=service.landing,
        now=service.clock.now(), registered=service.store.organisations()[0].keys(),
    )  # fmt: skip
    if file.feed in live:
        work(service, until_idle=True, feeds=[file.feed])
    else:  # from now on what a file corrects is kept as it was
        settle(service, file.feed)
        live.add(file.feed)
