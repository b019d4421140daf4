"""How this process is asked to end, and what it began is still ended in order."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What asks a program in front of a terminal to end: Ctrl-C, the system, the terminal that closes."""


@contextmanager
def ending_once() -> Iterator[None]:
    """Take what asks this process to end as Ctrl-C, so that what it started is ended first; once is enough.

    What it was started to ignore (nohup) it goes on ignoring.
    """
    for one in ENDS:
        if signal.getsignal(one) is not signal.SIG_IGN:
            signal.signal(one, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        for one in ENDS:  # a Python that is ending has no handler any more: the next would kill it half way
            signal.signal(one, signal.SIG_IGN)
        raise


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let no second Ctrl-C, or a terminal that closes, cut short what the first has begun."""
    before = {one: signal.signal(one, signal.SIG_IGN) for one in ENDS}
    try:
        yield
    finally:
        for one, how in before.items():
            signal.signal(one, how)
