"""Make a nation and write it: what `monitor simulate` and the demo do first."""

from __future__ import annotations

from pathlib import Path

from monitor.evaluation.arrivals import Arrival
from monitor.evaluation.files import Progress, write
from monitor.evaluation.nation import nation


def simulate(
    output: Path, seed: int, organisations: int = 220, years: int = 5, progress: Progress | None = None
) -> tuple[Arrival, ...]:
    """Write a simulated nation into a folder and give its files in order of arrival; the same seed, the same bytes.

    Parameters
    ----------
    output
        Holds FEED/SOURCE/FILE, organisations.json, successions.json, truth.json and arrivals.json afterwards.
    progress
        Called with 1 for every file written.
    """
    return write(nation(seed, organisations, years), output, progress)
