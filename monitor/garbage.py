"""When Python looks for garbage that lies in circles: not while much is made that has none."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Put garbage collection off for a while; also a decorator. What nobody holds any more still goes at once.

    A full one looks at every object there is: up to 90 ms of a worker's tick, and over a third of the reading of a
    large file, whose rows all stay.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
