"""What a review looks at: the view of the store, the registry, the contracts, and the instant of the tick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from monitor.calendars import day_of
from monitor.cases import NATION
from monitor.model import Feed, Indicator, Organisation, Tick
from monitor.organisations import Registry
from monitor.packs import READ
from monitor.ports import Block, Scores, View


@dataclass(frozen=True, slots=True)
class Sight:
    """One tick's sight of everything that cases rest on."""

    view: View
    registry: Registry
    tick: Tick
    contracts: Mapping[str, Feed]
    indicators: Mapping[str, Indicator]
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

    @property
    def today(self) -> date:
        """Give the day of the tick in Europe/London."""
        return day_of(self.tick.now)

    def organisation(self, code: str) -> Organisation:
        """Give who a case is about: an organisation, or a feed or the nation for faults of data."""
        known = self.registry.organisations.get(code)
        if known is not None:
            return known
        contract = self.contracts.get(code)
        name = contract.name if contract else "The nation as a whole"
        return Organisation(code if contract else NATION, name, None, None)


def look(view: View, registry: Registry, tick: Tick) -> Sight:
    """Look at everything as it stands at this tick."""
    contracts = view.contracts()
    indicators = {indicator.key: indicator for feed in contracts.values() for indicator in feed.indicators}
    return Sight(view, registry, tick, contracts, indicators)
