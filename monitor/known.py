"""Who is watched, what is measured, and today: what whoever judges or shows something needs to know first (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from monitor.cases import NATION
from monitor.model import Feed, Indicator, Organisation
from monitor.organisations import Registry

THE_NATION = "The nation as a whole"


@dataclass(frozen=True, slots=True)
class Known:
    """Who is watched, what is measured, and today."""

    registry: Registry
    contracts: Mapping[str, Feed]
    indicators: Mapping[str, Indicator]
    today: date

    @property
    def watched(self) -> frozenset[str]:
        """Give the organisations that are compared with others today."""
        return self.registry.watched(self.today)

    def organisation(self, code: str) -> Organisation:
        """Give who a case is about: a feed or the nation too, which the registry does not hold.

        Whom nobody knows is called by their code.
        """
        found = self.registry.organisations.get(code)
        if found is not None:
            return found
        names = {NATION: THE_NATION} | {key: feed.name for key, feed in self.contracts.items()}
        return Organisation(code, names.get(code, code), None, None)
