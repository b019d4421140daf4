"""Small files are there whole or not at all, and a place without room is an outage that says so."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitor.errors import Outage
from monitor.keeping import create, replace


@contextmanager
def room(most: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes: the nearest to a full disk that needs no disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("keep", [create, replace])
def test_without_room_nothing_is_left_and_a_person_reads_what_to_do(tmp_path: Path, keep: object) -> None:
    assert callable(keep)
    with room(1_000), pytest.raises(Outage, match="takes no file now") as caught:
        keep(tmp_path / "landed" / "file", bytes(10_000))
    assert "make room where" in str(caught.value.remedy)
    assert [*(tmp_path / "landed").iterdir()] == []
    keep(tmp_path / "landed" / "file", bytes(10_000))
    assert (tmp_path / "landed" / "file").stat().st_size == 10_000


def test_what_is_there_first_stays(tmp_path: Path) -> None:
    assert create(tmp_path / "key", b"first")
    assert not create(tmp_path / "key", b"second")
    assert (tmp_path / "key").read_bytes() == b"first"
