"""Imports go one way (design.md §4): read from the source, so that a broken rule names its line."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import pytest

from tests.conftest import ROOT

# Lowest first; a room stands for all that is in it, unless a longer name says otherwise.
LAYERS = (
    "monitor monitor.acceptance monitor.model monitor.casefile monitor.errors monitor.garbage",
    "monitor.catalogue monitor.patterns monitor.organisations monitor.calendars monitor.wire monitor.sound"
    " monitor.ranks monitor.millionths monitor.evidence monitor.kept monitor.ports",
    "monitor.feeds monitor.periods monitor.detectors monitor.budget monitor.assessment monitor.against monitor.levels"
    " monitor.cases monitor.other_cases monitor.renewal monitor.caveats monitor.tally"
    " monitor.coverage monitor.settlement monitor.gathering monitor.folding monitor.packs monitor.silence"
    " monitor.belief monitor.patching"
    " monitor.fusion monitor.disclosure monitor.rounding monitor.coarsening monitor.spc monitor.twin monitor.sparkline"
    " monitor.health monitor.freshness monitor.heartbeat monitor.known"
    " monitor.alerts",
    "monitor.pipeline monitor.memory monitor.intake monitor.scoring monitor.review monitor.rules monitor.standings"
    " monitor.sight monitor.freezing monitor.telling monitor.promises monitor.feeds.publish monitor.alerts.relay",
    "monitor.bus monitor.store monitor.keeping monitor.handed monitor.landing monitor.feeds.folder"
    " monitor.alerts.terminal monitor.directory"
    " monitor.sheet monitor.chart monitor.plots monitor.drawn monitor.report monitor.settings"
    " monitor.logs monitor.clock monitor.arrivals",
    "monitor.wiring monitor.overview monitor.pages monitor.mend monitor.provenance monitor.hints",
    # Below evaluation, against design.md: the demo and the benchmark run them.
    "monitor.worker monitor.replay monitor.carrying monitor.looking monitor.retention",
    "monitor.evaluation",
    "monitor.cli monitor.commands monitor.__main__"
    " monitor.airflow monitor.airflow_tasks monitor.airflow_operations monitor.starting",
)
LAYER = {room: height for height, rooms in enumerate(LAYERS) for room in rooms.split()}
STORY = LAYER["monitor.pipeline"]  # asks ports, and touches the outside no more than the core does

FILES = {"glob", "os", "pathlib", "shutil", "tempfile"}
NETWORK = {"asyncio", "http", "httpx", "kafka", "requests", "select", "slack_sdk", "socket", "urllib"}
DATABASES = {"alembic", "sqlalchemy", "sqlite3"}
PROCESSES = {"concurrent", "multiprocessing", "psutil", "signal", "subprocess", "threading"}
CHANCE_AND_TIME = {"random", "secrets", "time"}
VOICE = {"logging", "prometheus_client", "rich", "structlog", "typer"}
OUTSIDE = FILES | NETWORK | DATABASES | PROCESSES | CHANCE_AND_TIME | VOICE
ALLOWED_IN_THE_STORY = {"structlog"}  # one log line per outcome
CLOCKS = {"now", "utcnow", "today"}
DOORS = {"open", "input", "print"}
ONLY_IN = {
    "pydantic": {"monitor.settings"},
    "msgspec": {"monitor.wire"},
    "pydantic_settings": {"monitor.settings"},
    "matplotlib": {"monitor.sheet", "monitor.chart"},
    "airflow": {"monitor.airflow", "monitor.airflow_tasks", "monitor.airflow_operations"},
}
SIMULATOR = {
    f"monitor.evaluation.{name}"
    for name in (
        *("simulate", "nation", "files", "layouts", "official", "bystanders", "documents", "eventfiles", "arrivals"),
        *("drawing", "figures", "incidents", "measures", "trusts", "weather", "deterioration", "circumstances"),
        *("detection.chance", "detection.changes", "detection.family_a", "detection.family_b", "detection.family_k"),
    )
}
FEED_FILES_KNOW = [
    *("monitor.model", "monitor.errors", "monitor.feeds", "monitor.catalogue"),
    *("monitor.landing", "monitor.bus", "monitor.settings", "monitor.airflow"),
]

KNOW = {"dags.operations": ["monitor.airflow_operations"]}  # the one that is no feed


class Import(NamedTuple):
    name: str
    line: int


def module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def sources(folder: str) -> dict[str, ast.Module]:
    """Parse every module of a folder, by its dotted name."""
    paths = sorted((ROOT / folder).rglob("*.py"))
    names = [path.relative_to(ROOT).as_posix() for path in paths]
    return {
        module_name(name): ast.parse(path.read_text(encoding="utf-8"))
        for name, path in zip(names, paths, strict=True)
        if "/migrations/" not in name
    }


def imports(tree: ast.AST) -> Iterator[Import]:
    """Every import, inside functions too; `from monitor import cases` counts as `monitor.cases`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute"
            yield from (Import(named(node.module or "", alias.name), node.lineno) for alias in node.names)


def named(module: str, name: str) -> str:
    return f"{module}.{name}" if f"{module}.{name}" in sources("monitor") else module


def layer(module: str) -> int | None:
    """Find the height of the longest name in LAYER that holds the module; None where nobody has said."""
    parts = module.split(".")
    rooms = [".".join(parts[:length]) for length in range(len(parts), 1, -1)] or ["monitor"]
    return next((LAYER[room] for room in rooms if room in LAYER), None)


def is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


MODULES = sorted(sources("monitor"))
HEIGHTS = {module: height for module in MODULES if (height := layer(module)) is not None}
PURE = [module for module, height in HEIGHTS.items() if height <= STORY]


def test_every_module_stands_on_a_layer() -> None:
    homeless = set(MODULES) - set(HEIGHTS)
    assert not homeless, "say in LAYERS above where these stand"
    assert set(LAYER) <= set(MODULES), "and nothing of what there is not"


@pytest.mark.parametrize("module", HEIGHTS)
def test_imports_go_one_way(module: str) -> None:
    assert not [
        found
        for found in imports(sources("monitor")[module])
        if is_in(found.name, "monitor") and HEIGHTS.get(found.name, 0) > HEIGHTS[module]
    ]


@pytest.mark.parametrize("module", PURE)
def test_the_core_does_not_import_the_outside(module: str) -> None:
    forbidden = OUTSIDE - (ALLOWED_IN_THE_STORY if HEIGHTS[module] == STORY else set())
    assert not [found for found in imports(sources("monitor")[module]) if found.name.split(".")[0] in forbidden]


@pytest.mark.parametrize("module", PURE)
def test_the_core_reads_no_clock_and_opens_no_file(module: str) -> None:
    calls = [node for node in ast.walk(sources("monitor")[module]) if isinstance(node, ast.Call)]
    assert not [f"line {call.lineno}: {ast.unparse(call)}" for call in calls if reads_the_world(call)]


def reads_the_world(call: ast.Call) -> bool:
    """`datetime.now()`, `date.today()`, `open(…)`, and a random generator without a seed."""
    if isinstance(call.func, ast.Name):
        return call.func.id in DOORS
    if not isinstance(call.func, ast.Attribute):
        return False
    is_clock = call.func.attr in CLOCKS and ast.unparse(call.func.value).split(".")[-1] in {"datetime", "date"}
    is_unseeded = call.func.attr == "default_rng" and not (call.args or call.keywords)
    return is_clock or is_unseeded


@pytest.mark.parametrize(("library", "homes"), ONLY_IN.items(), ids=list(ONLY_IN))
def test_a_library_has_its_home(library: str, homes: set[str]) -> None:
    strays = [
        (module, found.line)
        for module, tree in sources("monitor").items()
        if module not in homes
        for found in imports(tree)
        if is_in(found.name, library)
    ]
    assert not strays


@pytest.mark.parametrize("module", sorted(ONLY_IN["airflow"]))
def test_airflow_is_named_only_inside_functions(module: str) -> None:
    tree = sources("monitor")[module]
    at_the_top = [statement for statement in tree.body if not isinstance(statement, ast.FunctionDef | ast.ClassDef)]
    assert not [found for statement in at_the_top for found in imports(statement) if is_in(found.name, "airflow")]


def test_feed_files_know_only_what_a_feed_needs() -> None:
    strays = [
        (module, found)
        for module, tree in sources("dags").items()
        for found in imports(tree)
        if is_in(found.name, "monitor")
        and not any(is_in(found.name, known) for known in KNOW.get(module, FEED_FILES_KNOW))
    ]
    assert not strays


def test_the_worker_never_reads_feed_files() -> None:
    assert not [
        (module, found)
        for module, tree in sources("monitor").items()
        for found in imports(tree)
        if is_in(found.name, "dags") and not is_in(module, "monitor.evaluation")
    ]


def test_the_simulator_shares_no_code_with_the_detectors() -> None:
    assert set(MODULES) >= SIMULATOR, "a rule about modules that are gone holds nothing"
    assert not [
        (simulator, reached)
        for simulator in sorted(SIMULATOR)
        for reached in reachable(simulator)
        if is_in(reached, "monitor.detectors")
    ]


def reachable(module: str) -> set[str]:
    """All of ours that importing a module brings in."""
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        current = waiting.pop()
        if current not in seen and current in sources("monitor"):
            seen.add(current)
            waiting.extend(found.name for found in imports(sources("monitor")[current]))
    return seen


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("datetime.now(UTC)", True),
        ("date.today()", True),
        ("np.random.default_rng()", True),
        ("np.random.default_rng(seed)", False),
        ("clock.now()", False),
        ("open('x')", True),
        ("archive.open('x')", False),
    ],
)
def test_the_rule_itself_sees_what_it_should(code: str, expected: bool) -> None:
    call = ast.parse(code, mode="eval").body
    assert isinstance(call, ast.Call)
    assert reads_the_world(call) is expected


def rows() -> list[set[str]]:
    """Give the rooms that the README names, by row of its table."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## Rooms")[1].split("\n## ")[0].split("|---|")[1]
    return [set(re.findall(r"`(\w+)/?`", row)) for row in section.splitlines() if row.startswith("|")]


def test_every_room_stands_in_the_readme() -> None:
    named = set().union(*rows())
    inside = [path for path in (ROOT / "monitor").iterdir() if path.is_dir() or path.suffix == ".py"]
    there = {path.stem for path in inside} - {"__init__", "__pycache__"}
    assert there - named == set()
    assert named - there == {"readers", "publish", "relay"}


def test_the_readme_s_table_goes_up_from_floor_to_floor() -> None:
    floors = [{LAYER[f"monitor.{name}"] for name in row if f"monitor.{name}" in LAYER} for row in rows()]
    assert all(floors)
    assert [max(upper) <= min(lower) for upper, lower in pairwise(floors)] == [True] * (len(floors) - 1)
