"""Commas in the numbers of a file that parts its cells with semicolons: thousands, decimals, or nobody knows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import remedy
from tests.feeds.samples import EXTRACT, file_of, reasons, state

UNCLEAR = "ambiguous number"


def read(*figures: str) -> tuple[list[float], list[str]]:
    """Read a month's sickness of several organisations from a file with semicolons: days lost of 100,000."""
    rows = [f"local;R0{chr(65 + at)};sickness_rate;2025-04-01;;;;;{one};100000;;" for at, one in enumerate(figures)]
    found = state("staff_sickness", file_of(EXTRACT.replace(",", ";"), *rows))
    return [part.numerator for draft in found.drafts for part in draft.contributions], reasons(found)


@pytest.mark.parametrize(
    ("figures", "read_as", "put_aside"),
    [
        (("1,234",), [], [UNCLEAR]),
        (("1,234", "567"), [567], [UNCLEAR]),
        (("1,234", "1,234.0"), [1_234, 1_234], []),
        (("1,234", "0,5"), [1.234, 0.5], []),
        (("1,234", "4,1234"), [1.234, 4.1234], []),
        (("1,234", "0,125"), [1.234, 0.125], []),
        (("1,234", "2335,481"), [1.234, 2_335.481], []),
        (("1,234", "1.234,5"), [1.234, 1_234.5], []),
        (("1,234", "0,5", "1,234.0"), [0.5, 1_234], [UNCLEAR]),
        (("1,234", "0,5", "4.25"), [0.5, 4.25], [UNCLEAR]),
        (("1,234", "4.25"), [4.25], [UNCLEAR]),
        (("1.234", "4.25"), [1.234, 4.25], []),
        (("1.234", "0,5"), [0.5], [UNCLEAR]),
    ],
)
def test_a_comma_is_read_as_the_other_numbers_of_its_file_show(
    figures: tuple[str, ...], read_as: list[float], put_aside: list[str]
) -> None:
    assert read(*figures) == (read_as, put_aside)


def test_the_remedy_says_what_is_not_known_and_repeats_nothing() -> None:
    row = "local;R0A;sickness_rate;2025-04-01;;;;;1,234;99999;;"
    (aside,) = state("staff_sickness", file_of(EXTRACT.replace(",", ";"), row)).asides
    assert (aside.field, aside.value) == ("numerator", None)
    assert remedy(aside.reason, aside.value).startswith("thousands or decimals?")


whole = st.integers(1_000, 90_000)


@given(st.lists(whole, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_no_figure_is_ever_a_thousand_times_too_small(counts: list[int], chance: object) -> None:
    written = [chance.choice((f"{count}", f"{count:,}", f"{count:,}.0")) for count in counts]  # type: ignore[attr-defined]
    found, _ = read(*written)
    assert set(found) <= set(map(float, counts))
