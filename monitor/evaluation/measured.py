"""What a measurement gives, and a process of its own for what must not disturb another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

from monitor.settings import Receiver, read_settings
from monitor.wiring import Service, opened

Given = ParamSpec("Given")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure as measured; `goal` None: reported only."""

    name: str
    value: float
    unit: str
    goal: Mapping[str, float] | None
    conditions: str


def alone(function: Callable[Given, Result], *given: Given.args, **named: Given.kwargs) -> Result:
    """Run a function of a module in a new process and give what it gives."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(function, *given, **named).result()


@contextmanager
def service(home: Path) -> Iterator[Service]:
    """Open a service of the benchmark's own: settled without rest, one receiver that is told of everything."""
    told = (Receiver(name="bench", by="file"),)
    stated = read_settings(home=home, database_url=None, settle_after_days=0.0, receivers=told)
    with opened(stated) as one:
        yield one
