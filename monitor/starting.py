"""Starts a `monitor` command as a process of its own: whoever schedules it needs nothing of what it does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from monitor.settings import Settings

OUTAGE = 4
"""Exit code of a command to which a part was away: trying again helps. After any other but 0 it does not."""
PRIVATE = 0o077
"""Files of a scheduled command are for their owner alone: some of them lie in the home."""


class Ended(NamedTuple):
    """How a process ended, and all that it said."""

    code: int
    said: str


def start(command: Sequence[str], within: timedelta) -> Ended:
    """Run `monitor COMMAND…` and wait for its end; one that takes longer than this is killed (`TimeoutExpired`)."""
    done = subprocess.run(
        [sys.executable, "-m", "monitor", *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=within.total_seconds(),
        umask=PRIVATE,
        check=False,
    )
    return Ended(done.returncode, done.stdout)


def filled(command: Sequence[str], settings: Settings) -> tuple[str, ...]:
    """Put the values of settings in place of their names in braces.

    >>> filled(("backtest", "{events}"), Settings(events="events.csv"))
    ('backtest', 'events.csv')
    """
    return tuple(word.format(**dict(settings)) for word in command)
