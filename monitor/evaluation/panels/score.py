"""`monitor score`: panels in, a row of expectation, score and evidence out for every row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from monitor.detectors.contract import IntVector
from monitor.errors import BadRequest
from monitor.evaluation.panels.asked import Asked, Worse, check_suffix
from monitor.evaluation.panels.listed import listed
from monitor.evaluation.panels.months import Found, by_month
from monitor.evaluation.panels.panel import checked
from monitor.evaluation.panels.scoring import scored
from monitor.evaluation.panels.signals import IMPROVING, WORSENING, signalled
from monitor.evaluation.panels.table import read
from monitor.evaluation.panels.written import rows_table, write

Advance = Callable[[int], None]
Stage = Callable[[str, int | None], Advance]


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one panel: its rows, those scored, the signals each way, and how many chance alone would give."""

    path: Path
    output: Path
    rows: int
    scored: int
    worsening: int
    improving: int
    by_chance: float
    notes: tuple[str, ...]


def score(asked: Asked, organisations: Path | None, stage: Stage) -> tuple[Told, ...]:
    """Score one panel, or all that a TOML file names, and write what was found.

    Parameters
    ----------
    organisations
        Where the fused evidence by month goes; None: nowhere.
    stage
        Begins a stage of so many steps (None: unknown) and gives what to call as they are done.
    """
    several = asked.path.suffix.lower() == ".toml"
    panels = listed(asked.path, asked) if several else (asked,)
    _check_outputs(panels, organisations)
    told, found = [], []
    for one in panels:
        done, signals = _scored(one, stage)
        write(rows_table(done.panel, done.rows, signals), one.output)
        told.append(_told(done, signals))
        if organisations is not None:
            found.append(done)
    if organisations is not None:
        stage("fusing the evidence of organisations", None)
        write(by_month(found, asked.rate), organisations)
    return tuple(told)


def _check_outputs(panels: Sequence[Asked], organisations: Path | None) -> None:
    """Refuse an output that would overwrite a panel, or another output."""
    outputs = [one.output for one in panels] + ([] if organisations is None else [organisations])
    for output in outputs:
        check_suffix(output)
    given = {one.path.resolve() for one in panels}
    places = [output.resolve() for output in outputs]
    for output, place in zip(outputs, places, strict=True):
        if place in given or places.count(place) > 1:
            raise BadRequest(f"{output}: would be written over a panel or another output; name another file")


def _scored(asked: Asked, stage: Stage) -> tuple[Found, IntVector]:
    stage(f"reading {asked.path.name}", None)
    panel = checked(read(asked.path), asked)
    advance = stage(f"scoring {len(panel.groups):,} series over {panel.periods:,} periods", panel.periods)
    rows = scored(panel, asked, advance)
    stage(f"writing {asked.output.name}", None)
    return Found(asked, panel, rows), signalled(rows.worse, rows.better, asked.rate)


def _told(found: Found, signals: IntVector) -> Told:
    asked, rows = found.asked, int(np.isfinite(found.rows.score).sum())
    ways = 1 if asked.worse is Worse.BOTH else 2
    return Told(
        asked.path, asked.output, len(signals), rows, int((signals == WORSENING).sum()),
        int((signals == IMPROVING).sum()), rows * asked.rate * ways, found.panel.notes,
    )  # fmt: skip
