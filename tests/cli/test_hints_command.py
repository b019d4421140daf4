"""`monitor hints` and the doctor's word on models: what operators see beside the detectors."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.factories import month

from .conftest import Ask, Run
from .test_schemas import assert_keeps

HEADER = "source,organisation,indicator,start,end,key,revision,published,numerator,denominator,value,respondents"
TRUSTS = [f"R{letter}{digit}" for letter in "ABC" for digit in range(10)]
MONTHS, BREAK = 44, 30
ODD = "RA5"


def rows(*, breaks: bool) -> Iterator[str]:
    """Complaints and their shares by month; `breaks`: from one month on some trusts count what others do not."""
    rng = np.random.default_rng(6)
    for number in range(MONTHS):
        start, end = month(number)
        for code in TRUSTS:
            is_counted = not breaks or number < BREAK or rng.random() < 0.8
            count = rng.poisson(200 if is_counted else 20)
            conduct = 0.6 * count if code == ODD and number == MONTHS - 1 else 0.25 * count
            yield f"local,{code},new_complaints,{start},{end},,,{end},{count},1000,,"
            yield f"local,{code},conduct_complaints_share,{start},{end},,,{end},{round(conduct)},{count},,"


def publish(run: Run, folder: Path, *, breaks: bool) -> None:
    """Take in and settle everything in one go."""
    registry = [{"code": code, "name": f"Trust {code}", "type": "acute", "region": "London"} for code in TRUSTS]
    (folder / "organisations.json").write_text(json.dumps({"organisations": registry}), encoding="utf-8")
    (folder / "complaints.csv").write_text("\n".join([HEADER, *rows(breaks=breaks)]) + "\n", encoding="utf-8")
    run("organisations", "load", str(folder / "organisations.json"))
    run("publish", "complaints", str(folder / "complaints.csv"))
    run("worker", "--until-idle")
    run("settle", "complaints")


def test_a_model_that_no_longer_fits_is_found_and_dated(run: Run, ask: Ask, tmp_path: Path) -> None:
    publish(run, tmp_path, breaks=True)
    answer = ask("hints")
    assert_keeps("hints", answer)
    (broken,) = [each for each in answer["models"] if each["indicator"] == "new_complaints"]
    assert not broken["fits"]
    assert str(month(BREAK - 3)[0]) <= broken["misfit"]["since"] <= str(month(BREAK + 6)[0])
    found = [each for each in ask("doctor", expect=1) if each["check"] == "model new_complaints"]
    assert "no longer fits since" in found[0]["said"]
    assert "no longer fits since" in run("hints").stdout


def test_an_unusual_mixture_names_who_and_what_and_is_no_case(run: Run, ask: Ask, tmp_path: Path) -> None:
    publish(run, tmp_path, breaks=False)
    answer = ask("hints")
    odd = {each["organisation"]: each for each in answer["mixtures"]}
    assert len(odd) <= 2
    assert len(odd[ODD]["higher"]) == 1
    assert ODD not in {case["organisation"] for case in ask("cases", "list")}


@pytest.mark.parametrize("words", ["no unusual mixture", "all models fit, as far as is known", "no signal, no case"])
def test_a_new_home_has_nothing_to_hint_at(run: Run, ask: Ask, words: str) -> None:
    assert words in run("hints").stdout
    assert ask("hints") == {"mixtures": [], "models": []}
