"""Who is compared with whom, and who stands where another stood: the registry, as plain values.

Days are half-open like everything else: an organisation ends on the first day that it is not there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from monitor.model import Organisation, PeerGroup, Succession

PEER_GROUPS: dict[str, PeerGroup] = {
    "acute": PeerGroup.ACUTE,
    "mental health": PeerGroup.MENTAL_HEALTH,
    "community provider trust": PeerGroup.COMMUNITY,
    "community": PeerGroup.COMMUNITY,
    "ambulance": PeerGroup.AMBULANCE,
}
"""Organisation types as published, in lower case. Every other type is out of scope."""

REGIONS: dict[str, str] = {
    "Y56": "London",
    "Y58": "South West",
    "Y59": "South East",
    "Y60": "Midlands",
    "Y61": "East of England",
    "Y62": "North West",
    "Y63": "North East and Yorkshire",
    "W00": "Wales",
}
"""ODS codes of the NHS England regions since 2020 (and of Wales)."""

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Registry:
    """Organisations by code, and who succeeded whom.

    `onward` and `backward` hold, per code, the successions that lead from it and to it, oldest first;
    build a registry with `registry`, which derives them. One that keeps its own code through a merger
    (its predecessor is itself) has a date in `joined` but is no successor of itself.
    """

    organisations: Mapping[str, Organisation]
    successions: tuple[Succession, ...]
    onward: Mapping[str, tuple[Succession, ...]]
    backward: Mapping[str, tuple[Succession, ...]]

    def only_heir(self, code: str, on: date | None = None) -> str | None:
        """Give the one code that `code` was succeeded by until this day; None: by nobody, or split up."""
        heirs = {step.successor for step in self.onward.get(code, ()) if _by(step, on)} - {code}
        return heirs.pop() if len(heirs) == 1 else None

    def end(self, code: str) -> date | None:
        """Give the first day on which the organisation is gone: as stated, else by the last of its successions."""
        organisation, onward = self.organisations.get(code), self.onward.get(code)
        stated = organisation.end if organisation else None
        if stated or not onward:  # so of most: asked of every figure
            return stated
        return max((step.legal_date for step in onward if step.successor != code), default=None)

    def ended(self, code: str, on: date) -> bool:
        """Say whether the organisation is gone on this day."""
        end = self.end(code)
        return end is not None and end <= on

    def successor(self, code: str, on: date) -> str | None:
        """Give who stands for an ended organisation on this day, through any chain of successions.

        None: nobody does, since it was split up, or since the chain ends at a body that is gone itself.
        """
        if code not in self.onward:  # nearly all
            return None
        seen = {code}
        heir = self.only_heir(code, on)
        while heir is not None and heir not in seen and self.ended(heir, on):
            seen.add(heir)
            heir = self.only_heir(heir, on)
        return None if heir in seen else heir

    def lineage(self, code: str, on: date | None = None) -> tuple[str, ...]:
        """Give the codes whose history is summed into this one's: itself first, then all only-predecessors."""
        if code not in self.backward:  # nearly all
            return (code,)
        found, waiting = [code], [code]
        while waiting:
            current = waiting.pop(0)
            for step in self.backward.get(current, ()):
                before = step.predecessor
                if before not in found and self.only_heir(before, on) == current:
                    found.append(before)
                    waiting.append(before)
        return (code, *sorted(found[1:]))

    def joined(self, code: str, on: date | None = None) -> tuple[date, ...]:
        """Give the days at which the level of this one's summed history may have jumped, oldest first."""
        line = self.lineage(code, on)
        return tuple(
            sorted({step.legal_date for member in line for step in self.backward.get(member, ()) if _by(step, on)})
        )

    def watched(self, on: date) -> frozenset[str]:
        """Give the organisations that are compared with others on this day: of a peer group, and not ended."""
        compared = (code for code, stated in self.organisations.items() if stated.peer_group is not None)
        return frozenset(code for code in compared if not self.ended(code, on))

    def unwatched(self, on: date) -> tuple[str, ...]:
        """Give those that have not ended by this day and lack a peer group, in code order: only counted."""
        lacking = (code for code, stated in sorted(self.organisations.items()) if stated.peer_group is None)
        return tuple(code for code in lacking if not self.ended(code, on))


def registry(organisations: Iterable[Organisation], successions: Iterable[Succession] = ()) -> Registry:
    """Build a registry; successions recorded from both ends, or one day apart, count once."""
    steps = distinct(successions)
    onward: dict[str, list[Succession]] = defaultdict(list)
    backward: dict[str, list[Succession]] = defaultdict(list)
    for step in steps:
        onward[step.predecessor].append(step)
        backward[step.successor].append(step)
    return Registry(
        {organisation.code: organisation for organisation in organisations},
        steps,
        {code: tuple(found) for code, found in onward.items()},
        {code: tuple(found) for code, found in backward.items()},
    )


def distinct(successions: Iterable[Succession]) -> tuple[Succession, ...]:
    """Keep one of each (predecessor, successor, legal date), and the later of two that are one day apart.

    The organisation data service records a succession from both ends, some of them with the last day
    of the old body at one end and the first of the new one at the other (domain.md §1.6).
    """
    dates: dict[tuple[str, str], set[date]] = defaultdict(set)
    for step in successions:
        dates[step.predecessor, step.successor].add(step.legal_date)
    kept = [
        Succession(predecessor, successor, day)
        for (predecessor, successor), days in dates.items()
        for day in _later_of_neighbours(days)
    ]
    return tuple(sorted(kept, key=lambda step: (step.legal_date, step.predecessor, step.successor)))


def circle(successions: Iterable[Succession]) -> tuple[str, ...] | None:
    """Find successions that lead back to where they began, by their codes; None: there are none.

    Whoever keeps its own code through a merger leads nowhere, and is no circle.

    >>> circle([Succession("R01", "R02", date(2020, 4, 1)), Succession("R02", "R01", date(2021, 4, 1))])
    ('R01', 'R02', 'R01')
    """
    steps = sorted({(step.predecessor, step.successor) for step in successions if step.predecessor != step.successor})
    graph: TopologicalSorter[str] = TopologicalSorter()
    for predecessor, successor in steps:
        graph.add(successor, predecessor)
    try:
        graph.prepare()
    except CycleError as error:
        codes = error.args[1][:-1]  # its first stands at both ends, and may be any
        first = codes.index(min(codes))
        return (*codes[first:], *codes[:first], codes[first])
    return None


def with_facts(known: Organisation | None, stated: Organisation) -> Organisation:
    """Lay newly stated facts over what is known; a fact that is not stated stays as it was."""
    if known is None:
        return stated
    return replace(
        stated,
        name=stated.name or known.name,
        peer_group=stated.peer_group or known.peer_group,
        region=stated.region or known.region,
        start=stated.start or known.start,
        end=stated.end or known.end,
    )


def _by(step: Succession, on: date | None) -> bool:
    return on is None or step.legal_date <= on


def _later_of_neighbours(days: set[date]) -> list[date]:
    ordered = sorted(days)
    followed = {day for day, following in pairwise(ordered) if following - day == ONE_DAY}
    return [day for day in ordered if day not in followed]
