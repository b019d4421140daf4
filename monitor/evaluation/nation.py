"""A simulated nation: what each of its organisations would publish, and the truth about who gets worse.

It shares no code with the detectors that it judges. Everything is drawn per unit (a trust as it began);
a merger only changes under whose code a unit's figures are published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from monitor.calendars import calendar
from monitor.evaluation.circumstances import Circumstance, Kind, befallen
from monitor.evaluation.deterioration import Deterioration, plant
from monitor.evaluation.drawing import draw
from monitor.evaluation.figures import Series, world
from monitor.evaluation.incidents import Incidents
from monitor.evaluation.trusts import REGIONS, Trusts, trusts

END = date(2025, 4, 1)
"""The last month ends here unless told otherwise: a date that has passed, so that no figure lies in the future."""
FEWEST, SHORTEST_YEARS = 12, 2


@dataclass(frozen=True, slots=True)
class Nation:
    """Everything that is published, and the truth. `silent` stops sending its local figures on `silent_from`.

    The shock begins on `shock_from`, in one region weeks earlier. What `befell` others is no deterioration.
    """

    seed: int
    begin: date
    live_from: date
    live_until: date
    trusts: Trusts
    planted: tuple[Deterioration, ...]
    bright: tuple[Deterioration, ...]
    befell: tuple[Circumstance, ...]
    silent: str
    silent_from: date
    shock_from: date
    early_region: str
    series: Mapping[str, Series]
    incidents: Incidents

    def those(self, kind: Kind) -> tuple[Circumstance, ...]:
        """Give all whom one kind of thing befell."""
        return tuple(one for one in self.befell if one.kind is kind)


def nation(seed: int, organisations: int = 220, years: int = 5, end: date = END) -> Nation:
    """Make a nation; the same arguments give the same nation.

    Parameters
    ----------
    organisations
        Trusts at the start, at least 12; a merger founds one more.
    years
        Length of its past, at least 2. The last two years (at most half of it) are the live window.
    end
        First day that is not simulated; the first of its month is taken.
    """
    organisations, years = max(organisations, FEWEST), max(years, SHORTEST_YEARS)
    rng = np.random.default_rng(seed)
    stop = end.replace(day=1)
    begin, live_from = _months_on(stop, -12 * years), _months_on(stop, -min(24, 6 * years))
    silent_from = _months_on(stop, -4) + timedelta(days=10)
    made = trusts(rng, organisations, keeping=_months_on(stop, -9), founding=_months_on(stop, -6))
    steady = [code for code in made.units if code not in made.merged()]
    planted, bright = plant(rng, steady, live_from=live_from, live_until=stop)
    busy = {change.organisation for change in (*planted, *bright)}
    controls = [code for code in steady if code not in busy]
    silent = controls.pop(int(rng.integers(len(controls))))
    befell = befallen(rng, controls, begin=begin, live_from=live_from, live_until=stop)
    shock_from = _months_on(stop, -min(11, 3 * years))
    early = REGIONS[int(rng.integers(len(REGIONS)))]
    changes = (*planted, *bright, *(one.change() for one in befell))
    shared = world(rng, made, changes, begin=begin, stop=stop, shock=shock_from, early_region=early)
    series, events = draw(shared, quiet=frozenset({silent}), befell=befell)
    return Nation(
        seed, begin, live_from, stop, made, planted, bright, befell, silent, silent_from, shock_from, early,
        series, events,
    )  # fmt: skip


def _months_on(day: date, months: int) -> date:
    periods = calendar("monthly")
    return periods.start(periods.number(day) + months)
