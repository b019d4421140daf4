"""How a place is looked at: what it lacks is told by the name under which somebody can add it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from monitor.arrivals.thing import Seen
from monitor.errors import BadRequest
from monitor.feeds.places import Page
from monitor.looking import looking
from monitor.settings import Settings
from monitor.wiring import opened
from tests.feeds.samples import contract


@pytest.mark.parametrize("host", [None, ""])
def test_a_connection_without_a_host_is_named(tmp_path: Path, host: str | None) -> None:
    place, connection = Page("nhs_digital", "/list", links="csv$"), SimpleNamespace(conn_type="https", host=host)
    with opened(Settings(home=tmp_path / "home", config=tmp_path / "none.toml")) as service:
        look = looking(place, contract("complaints"), service, connection=lambda _: connection, store=lambda *_: None)
        with pytest.raises(BadRequest, match="connection nhs_digital has no host"):
            list(look(Seen(tmp_path / "seen.json", b"key")))
