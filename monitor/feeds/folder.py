"""The folder of feeds: one file, one feed; read by path, so that any folder can be named."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from monitor.errors import BadRequest
from monitor.feeds.contract import faults
from monitor.model import Feed

SAMPLES = "samples"
"""Folder beside the feeds with invented files of each, for the contract tests and `monitor feeds check`."""


def feed(name: str, folder: Path) -> Feed:
    """Read the contract of one feed; `BadRequest` says which feeds there are, or what is wrong with this one."""
    path = folder / f"{name}.py"
    found = _contract(path) if name.isidentifier() and path.is_file() else None
    if found is None:
        known = ", ".join(one.key for one in feeds(folder)) or "none; MONITOR_DAGS names their folder"
        raise BadRequest(f"there is no feed {name!r}; feeds are: {known}")
    return found


def feeds(folder: Path) -> tuple[Feed, ...]:
    """Read every feed of a folder, by name; files without a `FEED` are something else."""
    return tuple(_feeds(folder))


def examined(path: Path) -> tuple[Feed | None, tuple[str, ...]]:
    """Read one feed's file to find out what is wrong with it, in words; the contract is None where it states none."""
    module = _run(path)
    found = getattr(module, "FEED", None)
    if not isinstance(found, Feed):
        what = "FEED is no Feed" if found is not None else "it states no FEED"
        return None, (f"{what}; write FEED = Feed(…)",)
    wrong = _wrong(found, path)
    if not hasattr(module, "dag"):
        wrong.append("it makes no DAG; end it with dag = feed_dag(FEED)")
    return found, tuple(wrong)


def samples(path: Path) -> tuple[Path, ...]:
    """Give the samples beside a feed's file, samples/NAME.*, the plain one first: NAME.LAYOUT.csv holds another."""
    found = (path.parent / SAMPLES).glob(f"{path.stem}.*")
    return tuple(sorted(found, key=lambda one: (len(one.suffixes), one.name)))


def _feeds(folder: Path) -> Iterator[Feed]:
    for path in sorted(folder.glob("*.py")):
        found = _contract(path)
        if found is not None:
            yield found


def _contract(path: Path) -> Feed | None:
    found = getattr(_run(path), "FEED", None)
    if found is None:
        return None
    if not isinstance(found, Feed):
        raise BadRequest(f"{path.name}: FEED is no Feed; write FEED = Feed(…)")
    wrong = _wrong(found, path)
    if wrong:
        raise BadRequest(f"{path.name}: {'; '.join(wrong)}")
    return found


def _wrong(found: Feed, path: Path) -> list[str]:
    wrong = list(faults(found))
    if found.key != path.stem:
        wrong.append(f"its key is {found.key!r}; name the file {found.key}.py, or change the key")
    return wrong


def _run(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"dags_{path.stem}", path)
    assert spec is not None, path
    assert spec.loader is not None, path
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever a person's file does when read, an exit included, is its own fault
        why = ": ".join(part for part in (type(error).__name__, str(error)) if part)
        raise BadRequest(f"{path.name} cannot be read: {why}; mend it, or move it to another folder") from error
    return module
