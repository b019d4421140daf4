"""Starts a `monitor` command as a process of its own: whoever schedules it needs nothing of what it does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from monitor.errors import MonitorError, Outage
from monitor.settings import PREFIX, Settings, read_settings

AWAY = 4
"""Exit code of a command to which a part was away: trying again helps. After any other but 0 it does not."""
PRIVATE = 0o077
"""Files of a scheduled command are for their owner alone: some of them lie in the home."""


class Unneeded(Exception):
    """There is nothing to do."""


class Failed(MonitorError):
    """A command has ended in a way that no other try can help."""


class Ended(NamedTuple):
    """How a process ended (None: it took too long and was killed), and all that it said until then."""

    code: int | None
    said: str


def perform(command: Sequence[str], needs: str | None, within: timedelta) -> None:
    """Start a command with the settings' values filled in, print what it said, and end as it ended.

    Raises `Unneeded` where the setting that it needs is not there; `Outage` where another try helps, else `Failed`.
    """
    settings = read_settings()
    if needs is not None and getattr(settings, needs) is None:
        raise Unneeded(f"{PREFIX}{needs.upper()} is not set")
    code, said = start(filled(command, settings), within)
    print(said)
    if code is None:
        raise Failed(f"monitor {command[0]} was killed after {within}: its words until then are above")
    if code == AWAY:
        raise Outage("a part is away", remedy="it is tried again")
    if code:
        raise Failed(f"monitor {command[0]} ended with exit code {code}: its words are above")


def start(command: Sequence[str], within: timedelta) -> Ended:
    """Run `monitor COMMAND…` and wait for its end; one that takes longer than this is killed."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "monitor", *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=within.total_seconds(),
            umask=PRIVATE,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        return Ended(None, (late.output or b"").decode(errors="replace"))
    return Ended(done.returncode, done.stdout.decode(errors="replace"))


def filled(command: Sequence[str], settings: Settings) -> tuple[str, ...]:
    """Put the values of settings in place of their names in braces.

    >>> filled(("backtest", "{events}"), Settings(events="events.csv"))
    ('backtest', 'events.csv')
    """
    return tuple(word.format(**dict(settings)) for word in command)
