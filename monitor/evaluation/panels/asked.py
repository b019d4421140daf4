"""What is asked of a panel: how its figures are to be read, and how often chance may signal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from monitor.errors import BadRequest
from monitor.model import Kind


class Worse(StrEnum):
    """Which way is worse; `both`: any change is looked for, a rise reads worsening and a fall improving."""

    HIGHER = "higher"
    LOWER = "lower"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Asked:
    """One panel and what is asked of it.

    Parameters
    ----------
    cadence
        `weekly`, `monthly`, `quarterly`, `yearly`, or listed months as calendars are written (`months:2,5,8`).
    rate
        Signals that chance alone may give per series and period, each way; more finds more, sooner.
    family
        What kind of voice the panel is: panels of one family are combined before families are.
    """

    path: Path
    output: Path
    cadence: str
    kind: Kind
    worse: Worse
    rate: float
    family: str

    @property
    def sign(self) -> float:
        """+1 where a rise is worse, or where either is looked for; -1 where a fall is."""
        return -1.0 if self.worse is Worse.LOWER else 1.0


SUFFIXES = (".csv", ".parquet")


def check_suffix(path: Path) -> None:
    """Refuse a file that is neither CSV nor Parquet by its name."""
    if path.suffix.lower() not in SUFFIXES:
        raise BadRequest(f"{path}: a panel is CSV or Parquet by its suffix; name it {path.stem}.csv or .parquet")
