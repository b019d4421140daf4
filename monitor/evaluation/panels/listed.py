"""Several panels named in one TOML file: `[[panel]]` with path, indicator, family, cadence, kind and worse."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from monitor.errors import BadRequest
from monitor.evaluation.panels.asked import Asked, Worse
from monitor.model import Kind

KEYS = ("path", "indicator", "family", "cadence", "kind", "worse")


def listed(file: Path, asked: Asked) -> tuple[Asked, ...]:
    """Read the panels that a file names; what one leaves out is as `asked`, its family is its indicator.

    Paths are read from the file's own folder; each panel's output has its name, in the folder `asked.output`.
    """
    panels = _panels(file)
    if asked.output.suffix:
        raise BadRequest(f"--output {asked.output}: several panels need a folder; name one without a suffix")
    made = tuple(_one(file, number, panel, asked) for number, panel in enumerate(panels, 1))
    names = [each.output.name for each in made]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise BadRequest(f"{file.name}: two panels are called {twice[0]}; their outputs would be one file: rename one")
    return made


def _panels(file: Path) -> list[Mapping[str, object]]:
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadRequest(f"{file.name}: no TOML file ({error}); see `monitor score --help`") from error
    panels = document.get("panel")
    if not isinstance(panels, list) or not panels or not all(isinstance(panel, dict) for panel in panels):
        raise BadRequest(f"{file.name}: names no panel; write [[panel]] with a path for each")
    return panels


def _one(file: Path, number: int, panel: Mapping[str, object], asked: Asked) -> Asked:
    unknown = [key for key in panel if key not in KEYS]
    if unknown:
        raise BadRequest(f"{file.name}, panel {number}: {unknown[0]} is unknown; a panel has {', '.join(KEYS)}")
    wrong = [key for key, value in panel.items() if not isinstance(value, str)]
    if wrong:
        raise BadRequest(f"{file.name}, panel {number}: {wrong[0]} {panel[wrong[0]]!r} is no text; put it in quotes")
    texts = {key: str(value) for key, value in panel.items()}
    if "path" not in texts:
        raise BadRequest(f"{file.name}, panel {number}: no path; name its CSV or Parquet file")
    path = file.parent / texts["path"]
    if not path.is_file():
        raise BadRequest(f"{file.name}, panel {number}: {path} is no file; correct its path")
    kind, worse = texts.get("kind", asked.kind), texts.get("worse", asked.worse)
    if kind not in [*Kind] or worse not in [*Worse]:
        raise BadRequest(
            f"{file.name}, panel {number}: kind {kind}, worse {worse}; "
            f"kind is one of {', '.join(Kind)}, worse one of {', '.join(Worse)}"
        )
    indicator = texts.get("indicator", path.stem)
    return replace(
        asked, path=path, output=asked.output / path.name, cadence=texts.get("cadence", asked.cadence),
        kind=Kind(kind), worse=Worse(worse), family=texts.get("family", indicator),
    )  # fmt: skip
