"""farringtonFlexible of R's `surveillance`, run by Rscript where both are installed (Debian: r-cran-surveillance).

It reads plain counts only. About 100 series-periods a second, so it is run on named wishes or small settings.

References
----------
Noufaily et al. (2013), Statistics in Medicine 32, 1206-1222; Salmon, Schumacher and Höhle (2016), Journal of
Statistical Software 70(10), sec. 3 (the package).
"""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from monitor.errors import Outage
from monitor.evaluation.detection.methods.method import SILENT, Method
from monitor.evaluation.detection.panel import Panel

SCRIPT = Path(__file__).with_suffix(".R")
USUAL = 2.0
"""-log10 of a p-value of 1 %."""
SMALLEST = 1e-300


@cache
def is_installed() -> bool:
    """Say whether Rscript is here and finds the package."""
    rscript = shutil.which("Rscript")
    asked = "quit(status = !requireNamespace('surveillance', quietly = TRUE))"
    return rscript is not None and subprocess.run([rscript, "-e", asked], capture_output=True).returncode == 0


def _evidence(panel: Panel) -> np.ndarray:
    evidence = np.full(panel.numerator.shape, SILENT)
    plain = np.isnan(panel.denominator).all(axis=0) & (panel.kind == "count")
    with TemporaryDirectory(prefix="monitor-farrington-") as folder:
        counts, found = Path(folder) / "counts.csv", Path(folder) / "found.csv"
        np.savetxt(counts, panel.numerator[:, plain], fmt="%d", delimiter=",")
        _run("Rscript", str(SCRIPT), str(counts), str(panel.judged.start + 1), str(panel.per_year), str(found))
        tails = np.genfromtxt(found, delimiter=",", ndmin=2)
    evidence[panel.judged, plain] = np.where(np.isnan(tails), SILENT, -np.log10(np.maximum(tails, SMALLEST)))
    return evidence


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise Outage(f"farringtonFlexible: Rscript ended with {done.returncode}: {last}")


farrington = Method("farrington_flexible", "farringtonFlexible of R surveillance, p-value", _evidence, USUAL, True)
