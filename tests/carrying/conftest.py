"""A place with a home of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.model import Feed
from monitor.settings import Settings
from monitor.store.registry import load_organisations
from monitor.wiring import opened
from tests.carrying.place import NOW, SICK, TRUSTS, Made, Place, Ticking


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Make a place with a home of its own, in which ten trusts are registered."""
    closing = []

    def make(name: str = "one", feed: Feed = SICK) -> Place:
        clock, home = Ticking(NOW), tmp_path / name
        context = opened(Settings(home=home, config=home / "none.toml"), clock)
        closing.append(context)
        service = context.__enter__()
        load_organisations(service.engine, TRUSTS, (), by="tests", at=NOW)
        return Place(tmp_path / f"{name} drops", service, clock, feed)

    yield make
    for context in closing:
        context.__exit__(None, None, None)
