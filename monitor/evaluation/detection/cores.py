"""A function over many jobs, on all cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


def on_all_cores(
    function: Callable[[Job], Result], jobs: Sequence[Job], progress: Callable[[int], None]
) -> dict[Job, Result]:
    """Give what a function says of each job; `progress` is told of each that is done."""
    found = {}
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(function, job): job for job in jobs}
        for done in as_completed(waiting):
            found[waiting[done]] = done.result()
            progress(1)
    return found
