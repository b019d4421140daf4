"""A drop folder of one feed, and runs that look there as its DAG does."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor import carrying
from monitor.arrivals import folder
from monitor.arrivals.thing import Seen, Thing
from monitor.carrying import Slip
from monitor.clock import HandClock
from monitor.feeds.places import QUIET, DropFolder
from monitor.model import Advance, Feed
from monitor.store.accounts import accounting
from monitor.store.derived import digest
from monitor.wire import decode
from monitor.wiring import Service
from monitor.worker import settle, work
from tests.factories import organisations
from tests.feeds.samples import SICKNESS, contract, file_of, sickness_row

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
TRUSTS = organisations(10)
SICK, REPORTS = contract("staff_sickness"), contract("incident_reports")


def month(day: str, lost: int, *more: str) -> bytes:
    return file_of(
        SICKNESS, *(sickness_row(one.code, day=day, triple=f"{lost},10000,{lost / 100}") for one in TRUSTS), *more
    )


JULY, AUGUST, JULY_AGAIN = month("31/07/2025", 510), month("31/08/2025", 520), month("31/07/2025", 560)


class Ticking(HandClock):
    """A clock on which no two looks give the same instant, as on a real one."""

    def now(self) -> datetime:
        """Give the instant, and go on by a microsecond."""
        self.move(super().now() + timedelta(microseconds=1))
        return super().now()


class Place:
    """A drop folder of one feed, and runs that look there as its DAG does."""

    def __init__(self, path: Path, service: Service, clock: HandClock, feed: Feed = SICK) -> None:
        self.path, self.service, self.clock, self.feed, self.files = path, service, clock, feed, 0
        self.untaken: tuple[str, ...] = ()
        path.mkdir()

    def drop(self, name: str, content: bytes) -> None:
        """Put a file there, a minute after the one before."""
        self.files += 1
        (self.path / name).write_bytes(content)
        at = (NOW - timedelta(days=1) + timedelta(minutes=self.files)).timestamp()
        os.utime(self.path / name, (at, at))

    def look(self, *, again: bool = False, published: str | None = None, quiet: timedelta = QUIET) -> list[Slip]:
        """Land what is there, a minute later than last time, and give the slips of the run."""
        self.clock.move(self.clock.now() + timedelta(minutes=1))

        def found(_: Seen) -> list[Thing]:
            return list(folder.things(self.path, published=published, quiet=quiet, now=self.clock.now()))

        where = DropFolder(published=published, quiet=quiet)
        self.untaken = carrying.land(self.service, self.feed, where, found, again=again)
        return list(carrying.waiting(self.service, self.feed))

    def carry(self, slip: Slip, *, run: str = "run:1") -> None:
        """Take every step with one file."""
        carrying.read(self.service, self.feed, slip)
        carrying.check(self.service, self.feed, slip)
        carrying.publish(self.service, self.feed, slip, run)
        carrying.advance(self.service, self.feed, slip, run)

    def run(self, **how: object) -> int:
        """Run the DAG once and give the number of files that it carried."""
        slips = self.look(**how)  # type: ignore[arg-type]
        for slip in slips:
            self.carry(slip)
        return len(slips)

    def advances(self) -> list[Advance]:
        """Give the advances on the topic."""
        said = [decode(message) for message in self.service.bus.read(self.feed.key, 0, 100_000).messages]
        return [message for message in said if isinstance(message, Advance)]


Made = Callable[..., Place]


def outcome(place: Place) -> tuple[str, dict[str, object]]:
    """Settle at one instant; give the hash of all that is derived, and of the account what may not differ."""
    place.clock.move(NOW + timedelta(days=1))
    settle(place.service, place.feed.key)
    account = accounting(place.service.engine, place.service.bus, place.feed.key)
    assert account["difference"] == 0
    return digest(place.service.engine), {
        name: account[name] for name in ("applied", "pending", "dead_lettered_by_worker")
    }


def held(place: Place) -> set[float]:
    """Give the numerators that the store holds, once a worker has taken everything in; nothing lies aside."""
    work(place.service, until_idle=True)
    assert accounting(place.service.engine, place.service.bus, SICK.key)["dead_lettered"] == {}
    figures = place.service.store.figures("sickness_rate", "official", "monthly", 0, 3_000).numerator
    return {float(figure) for figure in figures.ravel() if figure == figure}
