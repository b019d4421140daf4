"""`monitor worker`, `relay`, `settle`, `replay`: the two loops, the end of a first load, the rebuild."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.commands.output import Json, counted, emit, progress, say
from monitor.errors import Outage

if TYPE_CHECKING:
    from monitor.wiring import Service

PANEL = "The way of a figure"
REST_SECONDS = 1.0
"""How long the relay waits where nothing is to be sent: the most that a message is late."""
COMPLETES = "publish its files again with --covers all (or a coverage file) --through DATE"
"""What ends a wait for completeness: event files do not say what they cover."""
UntilIdle = Annotated[bool, typer.Option("--until-idle", help="End when nothing is pending, instead of waiting.")]


def worker(
    feeds: Annotated[list[str] | None, typer.Argument(help="Only these feeds; all without them.")] = None,
    until_idle: UntilIdle = False,
) -> None:
    """Take what was published off the bus, close and score periods, and open or change cases.

    One worker may run beside another, and may be stopped at any moment: each turn is one transaction.
    """
    from monitor.wiring import opened
    from monitor.worker import work

    with opened() as service, progress("working") as done:
        for feed in feeds or ():
            _check(service, feed)
        work(service, until_idle=until_idle, feeds=feeds or None, progress=done)


def _check(service: Service, feed: str) -> None:
    """Raise `BadRequest` with the feeds that there are where this is none, and nothing came on a topic of its name."""
    from monitor.feeds.folder import feed as contract

    if service.bus.topic(feed) is None:
        contract(feed, service.settings.dags)


def relay(until_idle: UntilIdle = False, as_json: Json = False) -> None:
    """Send what is queued for receivers; what fails is tried again later, and nothing is lost.

    What was held for the digest goes out once a week, and at once with --until-idle.
    """
    from monitor.wiring import console_for, opened

    with opened(console=console_for(stderr=as_json)) as service:
        sent = _relay(service, until_idle)
        waiting = service.outbox.oldest_pending() is not None
    if as_json:
        emit({"sent": sent, "waiting": waiting})
    if waiting:
        raise Outage("a receiver is away and its messages wait: start the relay again later, or leave it running")
    say(f"{counted(sent, 'message')} sent")


def _relay(service: Service, until_idle: bool) -> int:
    from time import sleep

    from monitor.alerts.relay import digests, turn
    from monitor.overview import around

    sent = 0
    while True:
        now = service.clock.now()
        try:
            digests(service.outbox, now, at_once=until_idle, around=partial(around, service))
            done = turn(service.outbox, service.notifiers, now)
            sent += done.sent
            if done.sent or done.failed:
                continue
        except Outage as outage:
            if until_idle:
                raise
            say(f"waiting: {outage}")
        if until_idle:
            return sent
        sleep(REST_SECONDS)


def settle(feed: Annotated[str, typer.Argument(help="The feed whose first load is complete.")]) -> None:
    """End a feed's first load: score its history, oldest period first, and make it live.

    Until then nothing of a new feed opens a case. What stands at the start goes into one digest. Exit 1 where
    nothing of it is complete, so that there is nothing to settle.
    """
    from monitor.wiring import opened
    from monitor.worker import settle as end_first_load

    with opened() as service, progress(f"settling {feed}") as done:
        _check(service, feed)
        turned = end_first_load(service, feed, progress=done)
    live = turned.memory.live
    waiting = {source for _, source in turned.memory.heard} - live
    if not turned.changes.live and (waiting or not live):
        say(f"nothing of {feed}{_from(waiting)} is complete yet: {COMPLETES}, then run this again")
        raise typer.Exit(1)
    say(f"{feed} is live{_from(live)}; see `monitor cases list`")


def _from(sources: Iterable[str]) -> str:
    return f" from {', '.join(sorted(sources))}" if sources else ""


def replay(as_json: Json = False) -> None:
    """Rebuild scores and cases from what was taken in, and print a hash of the result.

    Two replays of the same history print the same hash; people's acts and sent messages stay.
    """
    from monitor.replay import replay as rebuild
    from monitor.wiring import opened

    with opened() as service, progress("replaying") as done:
        state = rebuild(service, progress=done)
    emit({"state": state}) if as_json else typer.echo(state)


COMMANDS = (worker, relay, settle, replay)
