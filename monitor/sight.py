"""What a review looks at: the view of the store, the registry, the contracts, and the instant of the tick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from monitor.calendars import day_of
from monitor.kept import Block, Scores
from monitor.known import Known
from monitor.model import Tick
from monitor.organisations import Registry
from monitor.packs import READ
from monitor.ports import View


@dataclass(frozen=True, slots=True)
class Sight(Known):
    """One tick's sight of everything that cases rest on; its today is the tick's."""

    view: View
    tick: Tick
    _read: dict[tuple[Block, int, int], Sequence[Scores]] = field(default_factory=dict)

    def history(self, block: Block, first: int, last: int) -> Sequence[Scores]:
        """Give the scores of a block's periods first..last as packs read them; cases of one tick share them."""
        span = block, first, last
        if span not in self._read:
            self._read[span] = self.view.scores(*span, READ)
        return self._read[span]

    @property
    def now(self) -> datetime:
        """Give the instant of the tick."""
        return self.tick.now


def look(view: View, registry: Registry, tick: Tick) -> Sight:
    """Look at everything as it stands at this tick."""
    contracts = view.contracts()
    indicators = {indicator.key: indicator for feed in contracts.values() for indicator in feed.indicators}
    return Sight(registry, contracts, indicators, day_of(tick.now), view, tick)
