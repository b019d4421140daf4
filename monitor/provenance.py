"""Where a case's newest figures come from: for each of its signals the run, the file and the row that said so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from monitor.casefile import Case, Signal
from monitor.kept import Cell
from monitor.known import Known
from monitor.model import Indicator, Period
from monitor.store.origins import Origin, origins
from monitor.wiring import Service

ONE_DAY = timedelta(days=1)
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Provenance:
    """The newest period of one signal, and what was published of it; nothing: no report, or sealed since."""

    signal: Signal
    indicator: Indicator
    places: Sequence[Origin]

    @property
    def period(self) -> Period:
        """Give the newest period of the signal."""
        return self.signal.period

    @property
    def said(self) -> str:
        """Say it in words, the first files by name."""
        if not self.places:
            return "no row: nothing was reported, or it has been summed up since"
        named = "; ".join(_said(place) for place in self.places[:SHOWN])
        return f"{named} and {len(self.places) - SHOWN} more" if len(self.places) > SHOWN else named

    def row(self) -> dict[str, Any]:
        """Give it as scripts read it."""
        return {
            "indicator": self.signal.indicator,
            "source": self.signal.source,
            "from": self.period[0].isoformat(),
            "through": (self.period[1] - ONE_DAY).isoformat(),
            "places": [place._asdict() for place in self.places],
        }


def _said(place: Origin) -> str:
    if place.row is None:
        return f"file {place.file}, published by run {place.run}, and perhaps others: of events one place is told"
    return f"file {place.file}, row {place.row}, published by run {place.run}"


def provenance(service: Service, one: Known, cases: Sequence[Case]) -> Mapping[str, tuple[Provenance, ...]]:
    """Give it for each of these cases, by their ids, as it is held now; predecessors' rows count as one's own."""
    wanted = {case.id: {signal: _cells(one, signal) for signal in case.signals} for case in cases}
    held = origins(
        service.engine, {cell for signals in wanted.values() for cells in signals.values() for cell in cells}
    )
    return {
        case: tuple(
            Provenance(signal, one.indicators[signal.indicator], [at for cell in cells for at in held.get(cell, ())])
            for signal, cells in signals.items()
            if signal.indicator in one.indicators
        )
        for case, signals in wanted.items()
    }


def _cells(one: Known, signal: Signal) -> list[Cell]:
    lineage = one.registry.lineage(signal.organisation, one.today)
    return [Cell(signal.indicator, signal.source, code, signal.period[0]) for code in lineage]
