"""What scripts rely on: every answer of --json keeps its committed schema."""

import json
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from tests.conftest import ROOT

from .conftest import Ask


@cache
def schema(name: str) -> Draft202012Validator:
    document = json.loads((ROOT / "monitor" / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document, format_checker=FormatChecker())


def assert_keeps(name: str, answer: Any) -> None:
    faults = [f"{fault.json_path}: {fault.message}" for fault in schema(name).iter_errors(answer)]
    assert not faults


@pytest.mark.parametrize("path", sorted((ROOT / "monitor" / "schemas").glob("*.json")), ids=lambda path: path.stem)
def test_every_schema_is_one(path: Any) -> None:
    schema(path.stem)


@pytest.mark.parametrize(
    ("command", "exit_code"),
    [("cases list", 0), ("feeds list", 0), ("feeds freshness", 0), ("organisations list", 0),
     ("deadletters list", 0), ("accounting", 0), ("budget", 0), ("doctor", 1), ("hints", 0), ("relay --until-idle", 0)],
)  # fmt: skip
def test_a_new_home_answers_in_the_promised_form(ask: Ask, command: str, exit_code: int) -> None:
    name = command.split(" --")[0].replace(" ", "_")
    assert_keeps(name, ask(*command.split(), expect=exit_code))
