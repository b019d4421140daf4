"""What stands beside one signal, in words that tell no small number (pure).

How often chance does as much, what its peers did in the same period, and what speaks against it.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import floor, log10

from monitor.casefile import Exhibit, Signal
from monitor.coarsening import SMALLEST_SHOWN
from monitor.model import Period

COMPLETE = 0.9
"""Share of the peers from which on a period is not called incomplete: the quorum of settling (design.md §3)."""
WORTH_TELLING = 0.05
"""A figure that moved by less since it was first known is as good as the same."""
STEP = 0.05
LEAST_SHARED = 0.02
PLAIN = 3
"""Half powers of ten, as `often` tells them, from which on a change is called one: once in 30."""
RAREST = 6
"""Tens: what chance does less than once in a million is not told more closely; no model knows that much."""


def often(signal: Signal) -> str:
    """Say how often chance alone moves a series as far, in half powers of ten, so that no figure can be worked out.

    >>> from datetime import date
    >>> from monitor.model import Family, Reading
    >>> day = date(2026, 5, 1)
    >>> by = ("RXX", "new_complaints", "local", Family.PATIENTS, Reading.WORSENING)
    >>> often(Signal(*by, 0.0021, day, (day, day), day, True))
    'by chance alone, about one such series in 300 has moved as far'
    """
    halves = _halves(signal)
    if halves >= 2 * RAREST:
        return "by chance alone, fewer than one such series in a million has moved as far"
    if halves < 2:
        return "nothing new: chance alone often does as much"
    one_in = 10 ** (halves // 2) * (3 if halves % 2 else 1)
    return f"by chance alone, about one such series in {one_in:,} has moved as far"


def leans(signal: Signal) -> bool:
    """Say whether a signal is so weak that chance does as much once in ten: it leans, and has not plainly moved."""
    return not signal.latched and _halves(signal) < PLAIN


def _halves(signal: Signal) -> int:
    return floor(2 * -log10(max(signal.p, 1e-300)))


def peers_moved(exhibit: Exhibit, *, worse: int) -> str:
    """Say what all peers shared in the last period, and what their median did beyond that, in one sentence.

    Parameters
    ----------
    worse
        +1 where a rise of this indicator is the concern, -1 where a fall is: scores are positive towards it.
    """
    shared = shock(exhibit)
    if exhibit.peers_z is None or exhibit.peers < SMALLEST_SHOWN:
        return shared or "there were too few peers to compare with"
    moved = _moved(exhibit.peers_z * (worse if exhibit.signal.rises else -worse))
    if shared is None:
        return moved
    return f"{shared}, and beyond it {moved}"


def _moved(z: float) -> str:
    """Say what the peers' median did beside the signal; one deviate is what half of them would do by chance."""
    if abs(z) < 1:
        return "peers stayed about where they were expected"
    return "peers moved the same way" if z > 0 else "peers moved the other way"


def shock(exhibit: Exhibit) -> str | None:
    """Say what all peers shared in the last period; None under two percent, which nobody would see in a chart."""
    if exhibit.shock is None or abs(exhibit.shock - 1) < LEAST_SHARED:
        return None
    direction = "above" if exhibit.shock > 1 else "below"
    stood = f"stood {abs(exhibit.shock - 1):.0%} {direction} what was expected here"
    return f"what all peers share {stood}; that share was taken out"


def caveats(exhibit: Exhibit, moved: float | None) -> tuple[str, ...]:
    """Say what speaks against a signal.

    Parameters
    ----------
    moved
        By what share the newest figure, as shown, has changed since it was first shown; None: not at all, or hidden.
    """
    return tuple(_caveats(exhibit, moved))


def _caveats(exhibit: Exhibit, moved: float | None) -> Iterator[str]:
    if exhibit.heard is not None and exhibit.heard < COMPLETE:
        yield f"only about {round(10 * exhibit.heard) * 10} % of its peers had reported this period"
    if moved is not None and abs(moved) >= WORTH_TELLING:
        yield f"the newest figure has {'risen' if moved > 0 else 'fallen'} by {_about(abs(moved))} since first known"
    if exhibit.exposed is not None and exhibit.exposed[1] <= exhibit.signal.period[0]:
        yield f"what it is counted against is carried on from {_month(exhibit.exposed)}"
    if exhibit.is_young:
        yield "it has been followed for less than a year"
    if exhibit.peers < SMALLEST_SHOWN:
        yield "too few peers to tell what all of them share"
    if exhibit.signal.latched and exhibit.signal.latched_since:
        yield "its own usual level has moved with it since"


def _about(share: float) -> str:
    """Say a share in twentieths: what is shown is rounded, so nothing finer is known."""
    return f"about {round(share / STEP) * STEP:.0%}" if share < 1 else "more than its own size"


def _month(period: Period) -> str:
    return f"{period[0]:%B %Y}"
