"""Which signals lead what is told of a case, and which stand beside (pure).

A case rests on the families that agree; what else moved is said after it, and never names or dates the case.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from monitor.casefile import Case
from monitor.cases import families_agreeing
from monitor.disclosure import DisclosedExhibit
from monitor.model import Reading
from monitor.renewal import long_held

CONCERNS = (Reading.WORSENING, Reading.SILENCE)


def ordered(exhibits: Sequence[DisclosedExhibit], case: Case) -> list[DisclosedExhibit]:
    """Put concerns before others and families that agree first, by how much of the evidence they bring.

    Within a family the order stays as given: a pack's signals are sorted by how surprising they are.
    """
    agreeing = sorted(
        families_agreeing(case), key=lambda family: (-case.shares.get(family, 0.0), case.families[family])
    )
    place = {family: number for number, family in enumerate(agreeing)}
    return sorted(
        exhibits,
        key=lambda exhibit: (exhibit.reading not in CONCERNS, place.get(exhibit.family, len(place))),
    )


def leading(exhibits: Sequence[DisclosedExhibit], case: Case) -> list[DisclosedExhibit]:
    """Give those of `ordered` that say what the case is about: of each family that agrees what is more than a lean.

    Where no family agrees, all concerns; where there are none, everything.
    """
    agreeing = families_agreeing(case)
    concerns = [exhibit for exhibit in exhibits if exhibit.reading in CONCERNS]
    found = [exhibit for exhibit in concerns if exhibit.family in agreeing]
    plain = {exhibit.family for exhibit in found if not exhibit.leans}
    firsts = {exhibit.family: exhibit for exhibit in reversed(found)}
    led = [
        exhibit
        for exhibit in found
        if (not exhibit.leans if exhibit.family in plain else exhibit is firsts[exhibit.family])
    ]
    return led or concerns or list(exhibits)


def holding(exhibits: Sequence[DisclosedExhibit], case: Case) -> list[DisclosedExhibit]:
    """Give those of `ordered` that a person is asked about: what has held for half a year, whatever agrees."""
    asked = {(signal.indicator, signal.source) for signal in long_held(case.signals)}
    return [exhibit for exhibit in exhibits if (exhibit.indicator.key, exhibit.source) in asked]


def onset(led: Sequence[DisclosedExhibit]) -> date | None:
    """Date a case by its news; by what still holds only where there is no news. None: it has no signals."""
    news = [exhibit.since for exhibit in led if not exhibit.latched_since]
    return min(news or [exhibit.since for exhibit in led], default=None)
