"""A home of the monitor that DAGs publish into: what is dropped there, and what came of it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from monitor import wire
from monitor.calendars import calendar
from monitor.feeds.folder import feed
from monitor.feeds.publish import publish
from monitor.handed import deliver
from monitor.model import Advance, Feed, Message, Observation, Receipt
from monitor.settings import Settings
from monitor.store import tables
from monitor.store.accounts import accounting
from monitor.store.derived import digest
from monitor.store.engine import reading
from monitor.store.registry import load_organisations
from monitor.wiring import Service, opened
from monitor.worker import settle, work
from tests.conftest import ROOT
from tests.factories import organisations
from tests.feeds.samples import SICKNESS, file_of, sickness_row

DAGS = ROOT / "dags"
TRUSTS = organisations(10)
MONTHLY = calendar("monthly")
FIRST = MONTHLY.number(date(2020, 1, 1))
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC).timestamp()


def contract(name: str) -> Feed:
    """Give the contract of one of this repository's feeds."""
    return feed(name, DAGS)


@dataclass(frozen=True)
class Home:
    """A folder with a home and its drop folders."""

    folder: Path

    @property
    def drops(self) -> Path:
        """Give the folder of the drop folders."""
        return self.folder / "drops"

    @property
    def settings(self) -> Settings:
        """Give the settings of a service that works here; nothing rests before it settles."""
        return Settings(home=self.folder / "home", config=self.folder / "none.toml", drops=self.drops, dags=DAGS)

    def environment(self, **more: object) -> dict[str, str]:
        """Give these settings as an environment."""
        stated = {"MONITOR_HOME": self.folder / "home", "MONITOR_DROPS": self.drops, "MONITOR_DAGS": DAGS, **more}
        return {name: str(value) for name, value in stated.items()}

    def drop(self, name: str, file: str, content: bytes, *, order: int = 0) -> Path:
        """Put a file into a drop folder as if it had lain there for long; of two, the lower order lay there first."""
        path = self.drops / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (LONG_AGO + order, LONG_AGO + order))
        return path

    @contextmanager
    def service(self) -> Iterator[Service]:
        """Open the service of this home."""
        with opened(self.settings) as service:
            yield service

    def register(self) -> None:
        """Register ten trusts."""
        with self.service() as service:
            load_organisations(service.engine, TRUSTS, (), by="tests", at=service.clock.now())

    def publish(self, name: str, path: Path) -> None:
        """Publish a file by hand, as `monitor publish` does."""
        with self.service() as service:
            publish(
                contract(name), deliver(path), bus=service.bus, landing=service.landing, now=service.clock.now(),
                registered=service.store.organisations()[0].keys(),
            )  # fmt: skip

    def messages(self, name: str) -> Sequence[Message]:
        """Give what lies on a feed's topic."""
        with self.service() as service:
            return [wire.decode(message) for message in service.bus.read(name, 0, 1_000_000).messages]

    def kinds(self, name: str) -> list[str]:
        """Name the kinds of message on a topic, each run of one kind once."""
        kinds = [type(message).__name__ for message in self.messages(name)]
        return [kind for place, kind in enumerate(kinds) if place == 0 or kinds[place - 1] != kind]

    def origins(self, name: str) -> list[str]:
        """Give the origins of the observations on a topic."""
        return [message.origin for message in self.messages(name) if isinstance(message, Observation)]

    def advances(self, name: str) -> list[Advance]:
        """Give the advances on a topic."""
        return [message for message in self.messages(name) if isinstance(message, Advance)]

    def receipts(self, name: str) -> list[Receipt]:
        """Give the receipts on a topic."""
        return [message for message in self.messages(name) if isinstance(message, Receipt)]

    def taken_in(self, name: str) -> dict[str, Any]:
        """Let a worker take everything in, and give the feed's account."""
        with self.service() as service:
            work(service, until_idle=True, feeds=[name])
            return accounting(service.engine, service.bus, name)

    def held(self, name: str) -> tuple[list[tuple[object, ...]], dict[str, Any], list[tuple[object, ...]]]:
        """Give what is held of a feed once a worker has taken it in: sums, coverage, dead letters."""
        account = self.taken_in(name)
        assert account["difference"] == 0, account
        put_aside = tables.dead_letters.c
        letters = select(put_aside.file, put_aside.row, put_aside.reason).where(put_aside.feed == name)
        with self.service() as service, reading(service.engine) as connection:
            coverage = {" ".join(pair): dict(spans) for pair, spans in service.store.coverage(name).items()}
            return list(_sums(service, name)), coverage, sorted(map(tuple, connection.execute(letters)))

    def settled(self, name: str) -> str:
        """Settle a feed and give the hash of all that is derived."""
        with self.service() as service:
            settle(service, name)
            return digest(service.engine)


def complaints(new: int) -> bytes:
    """Give an extract of one month's complaints of everyone registered."""
    rows = [f"{trust.code},new_complaints,2025-01-01,{new},1000" for trust in TRUSTS]
    return "\n".join(["organisation,indicator,start,numerator,denominator", *rows, ""]).encode()


def months(first: int, count: int, codes: int = 40) -> bytes:
    """Give the official figures of many trusts over some months."""
    rows = [
        sickness_row(f"R{code:03d}", day=f"{MONTHLY.start(FIRST + number):%d/%m/%Y}", triple=f"{500 + number},10000,")
        for number in range(first, first + count)
        for code in range(codes)
    ]
    return file_of(SICKNESS, *rows)


def by_hand(folder: Path, home: Home, feed: str) -> Home:
    """Give a home in which the same files were published by hand, in order."""
    other = Home(folder)
    other.register()
    for path in sorted((home.drops / feed).iterdir(), key=lambda path: (path.stat().st_mtime, path.name)):
        other.publish(feed, path)
    return other


def _sums(service: Service, name: str) -> Iterator[tuple[object, ...]]:
    for source, terms in sorted(contract(name).sources.items()):
        for indicator, periods in sorted(terms.calendars.items()):
            found = service.store.figures(indicator, source, periods, 0, 3_000)
            for code, above, below in zip(found.organisations, found.numerator, found.denominator, strict=True):
                figures = [(place, a, b) for place, (a, b) in enumerate(zip(above, below, strict=True)) if a == a]
                yield source, indicator, code, tuple(figures)
