"""What a backtest leaves and says, whichever kind it is, and the folder that it is left in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.errors import Outage
from monitor.evaluation.detection.curves import Curves
from monitor.evaluation.detection.report import Table
from monitor.plots import curves


@dataclass(frozen=True, slots=True)
class Laid:
    """The document, tables for the file and for the terminal, plots (each has its table), and notes."""

    document: Mapping[str, Any]
    tables: Sequence[Table]
    headlines: Sequence[Table]
    plots: Sequence[Curves]
    notes: Sequence[str]


def leave(output: Path, laid: Laid, text: str) -> None:
    """Leave `backtest.json`, `backtest.txt` and the plots in a folder; `Outage` where it cannot be written."""
    written = json.dumps(laid.document, indent=1, ensure_ascii=False)
    try:
        output.mkdir(parents=True, exist_ok=True)
        (output / "backtest.json").write_text(written + "\n", encoding="utf-8")
        (output / "backtest.txt").write_text(text + "\n", encoding="utf-8")
        for plot in laid.plots:
            picture = curves(plot.lines, title=plot.title, across=plot.across, up=plot.up, is_log=plot.is_log)
            (output / f"{plot.name}.svg").write_bytes(picture)
    except OSError as error:
        raise Outage(f"{output}: cannot be written ({error.strerror or error}); choose another folder") from error
