"""Made-up trusts: codes, names, peer groups, regions, sizes, and the mergers among them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from monitor.model import Organisation, PeerGroup, Succession

SHARES = {
    PeerGroup.ACUTE: 0.5,
    PeerGroup.MENTAL_HEALTH: 0.23,
    PeerGroup.COMMUNITY: 0.18,
    PeerGroup.AMBULANCE: 0.09,
}
"""About England's mix of trusts."""
SIZE = {PeerGroup.ACUTE: 1.15, PeerGroup.MENTAL_HEALTH: 0.8, PeerGroup.COMMUNITY: 0.6, PeerGroup.AMBULANCE: 0.8}
"""Median size by peer group, 1 = the median organisation of detection.md §3."""
SIZE_SPREAD = 0.6
"""Standard deviation of log size (detection.md §3)."""
REGIONS = (
    "East of England", "London", "Midlands", "North East and Yorkshire", "North West", "South East", "South West",
)  # fmt: skip
SUFFIX = {
    PeerGroup.ACUTE: "Hospitals NHS Trust",
    PeerGroup.MENTAL_HEALTH: "Mental Health NHS Trust",
    PeerGroup.COMMUNITY: "Community NHS Trust",
    PeerGroup.AMBULANCE: "Ambulance Service NHS Trust",
}
HEADS = ("Alder", "Birch", "Cinder", "Dun", "Elm", "Fallow", "Glen", "Heron", "Iron", "Juniper", "Kestrel", "Lark",
         "Marl", "Nettle", "Otter", "Pebble", "Quill", "Rowan", "Saffron", "Thistle")  # fmt: skip
TAILS = ("brook", "cott", "dale", "fold", "garth", "holt", "mere", "ness", "stead", "thorpe", "wick", "wold")
OPENED = date(2001, 4, 1)
ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Trusts:
    """The units that work, and the organisations that report for them.

    A merger never changes what the units do, only who reports it. `sizes` and `units` are in one order.
    """

    units: tuple[str, ...]  # code under which each unit began
    sizes: np.ndarray
    organisations: tuple[Organisation, ...]
    successions: tuple[Succession, ...]

    def reporter(self, unit: str, last_day: date) -> str:
        """Name who reports a unit's period that ends with this day; one with the legal date in it is the heir's."""
        for step in self.successions:
            if step.predecessor == unit and last_day >= step.legal_date:
                return step.successor
        return unit

    def merged(self) -> frozenset[str]:
        """Name all codes that take part in a merger."""
        return frozenset(code for step in self.successions for code in (step.predecessor, step.successor))


def trusts(rng: np.random.Generator, count: int, *, keeping: date, founding: date) -> Trusts:
    """Make the nation's organisations and two mergers.

    Parameters
    ----------
    keeping, founding
        Legal dates of the merger whose successor keeps its code, and of the one that founds a new one.
    """
    groups = _groups(count)
    codes = _codes(rng, count + 1)
    names = _names(rng, count + 1)
    sizes = np.array([SIZE[group] for group in groups]) * np.exp(SIZE_SPREAD * rng.standard_normal(count))
    regions = [REGIONS[place] for place in rng.permutation(np.arange(count) % len(REGIONS))]
    made = [
        Organisation(code, f"{name} {SUFFIX[group]}", group, region, OPENED)
        for code, name, group, region in zip(codes, names, groups, regions, strict=False)
    ]
    acute = [place for place in range(count) if groups[place] is PeerGroup.ACUTE][:4]
    mental = [place for place in range(count) if groups[place] is PeerGroup.MENTAL_HEALTH][:2]
    return _merge(made, sizes, acute[:2], mental, codes[count], names[count], keeping, founding)


def _merge(
    made: list[Organisation],
    sizes: np.ndarray,
    kept: list[int],
    founders: list[int],
    code: str,
    name: str,
    keeping: date,
    founding: date,
) -> Trusts:
    units = tuple(organisation.code for organisation in made)
    heir, joining = (made[place] for place in kept)
    first = made[founders[0]]
    new = Organisation(code, f"{name} and {first.name}", first.peer_group, first.region, founding)
    successions = [Succession(joining.code, heir.code, keeping)]
    successions += [Succession(made[place].code, code, founding) for place in founders]
    ends = {step.predecessor: step.legal_date for step in successions}
    ended = [_ended(organisation, ends.get(organisation.code)) for organisation in made]
    return Trusts(units, sizes, (*ended, new), tuple(successions))


def _ended(organisation: Organisation, end: date | None) -> Organisation:
    return Organisation(
        organisation.code, organisation.name, organisation.peer_group, organisation.region, organisation.start, end
    )


def _groups(count: int) -> list[PeerGroup]:
    """Give at least two to each peer group, the rest by their shares, acute filling up."""
    sizes = {group: max(2, round(share * count)) for group, share in SHARES.items()}
    sizes[PeerGroup.ACUTE] = count - sum(size for group, size in sizes.items() if group is not PeerGroup.ACUTE)
    return [group for group, size in sizes.items() for _ in range(size)]


def _codes(rng: np.random.Generator, count: int) -> list[str]:
    """Give ODS-like codes R??; a nation is no real place, so it belongs in a home of its own."""
    places = rng.permutation(len(ALPHABET) ** 2)[:count]
    return [f"R{ALPHABET[place // len(ALPHABET)]}{ALPHABET[place % len(ALPHABET)]}" for place in places]


def _names(rng: np.random.Generator, count: int) -> list[str]:
    pairs = [head + tail for head in HEADS for tail in TAILS]
    order = rng.permutation(len(pairs))
    return [pairs[place % len(pairs)] if nth < len(pairs) else f"{pairs[place % len(pairs)]} {nth}"
            for nth, place in zip(range(count), np.resize(order, count), strict=True)]  # fmt: skip
