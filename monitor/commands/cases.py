"""`monitor cases`: what is open and why, and what people do about it; acts are kept and never changed."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.casefile import Act, ActKind, CaseChange, Outcome
from monitor.commands.output import Json, emit, local, local_day, say, table
from monitor.commands.typed import Because, By, Id, Note, Text
from monitor.errors import BadRequest

if TYPE_CHECKING:
    from monitor.wiring import Service

app = typer.Typer(help="Cases: concerns about one organisation, and what people do about them.", no_args_is_help=True)


class Found(StrEnum):
    """What a person can have found; a case fades or is merged by itself."""

    CONCERN = Outcome.CONCERN_FOUND.value
    NO_CONCERN = Outcome.NO_CONCERN.value
    DATA_FAULT = Outcome.DATA_FAULT.value


@app.command("list")
def list_(
    everything: Annotated[bool, typer.Option("--all", help="Closed cases too.")] = False, as_json: Json = False
) -> None:
    """List the open cases, the newest first. No alert is not assurance."""
    from monitor.overview import known
    from monitor.overview import rows as lines
    from monitor.store.cases import list_cases
    from monitor.wiring import opened

    with opened() as service:
        one = known(service)
        rows = lines(service, one, list_cases(service.engine, open_only=not everything))
    if as_json:
        emit(rows)
        return
    table(
        ("case", "organisation", "opened", "state", "families that agree", "why it opened"),
        [
            (
                *(each["case"], each["name"], local_day(each["opened"])),
                _state(each),
                ", ".join(each["agreeing"]),
                each["because"],
            )
            for each in rows
        ],
        "no open case; no alert is not assurance",
    )


@app.command()
def show(case: Id, as_json: Json = False) -> None:
    """Show one case: the message as people get it, its history, and what was done."""
    from monitor.alerts.correction import named
    from monitor.overview import known, rows
    from monitor.overview import message as compose
    from monitor.provenance import provenance
    from monitor.store.acts import acts
    from monitor.store.cases import case as find
    from monitor.store.cases import changes
    from monitor.wiring import opened

    with opened() as service:
        one = known(service)
        (shown,) = rows(service, one, [find(service.engine, case)])
        history, done = changes(service.engine, case), acts(service.engine, case)
        message = compose(one, history[-1], [step.pack for step in history if step.pack])
        places = provenance(service, one, [history[-1].case])[case]
    if as_json:
        emit(
            shown
            | {"message": message, "history": [_step(step) for step in history], "acts": [_act(act) for act in done]}
            | {"evidence": [each.row() for each in places]}
        )
        return
    _print(shown, message, history, done)
    for each in places:
        typer.echo(f"{each.indicator.name} ({each.signal.source}), {named(each.period)}: {each.said}")


@app.command()
def ack(case: Id, by: By, text: Text = "") -> None:
    """Say that you have seen a case and take it up: it no longer fades by itself."""
    _do(case, ActKind.ACKNOWLEDGE, by, text)


@app.command()
def watch(case: Id, by: By, text: Text = "") -> None:
    """Say that you keep an eye on a case without acting yet."""
    _do(case, ActKind.WATCH, by, text)


@app.command()
def note(
    case: Id,
    by: By,
    words: Note = "",
    text: Text = "",
) -> None:
    """Leave a note beside a case."""
    said = [given for given in (words, text) if given.strip()]
    if len(said) != 1:
        raise BadRequest(f"a note needs its text once: monitor cases note {case} TEXT --by NAME")
    _do(case, ActKind.NOTE, by, said[0])


@app.command()
def accept(
    case: Id,
    by: By,
    because: Because,
    indicator: Annotated[
        list[str] | None, typer.Option(help="Only this indicator, by its key; may be given again.")
    ] = None,
) -> None:
    """Take the level of what still holds in a case as the new normal: its baselines begin anew at the next tick."""
    from monitor.cases import holding
    from monitor.store.cases import case as find
    from monitor.wiring import opened

    if not because.strip():
        raise BadRequest("--because needs words: whoever reads the case later wants to know why this is normal now")
    with opened() as service:
        one = find(service.engine, case)
        every = holding(one, service.store.evidence().get(one.organisation, ()))
        keys = sorted({level.indicator for level in every})
        unknown = [key for key in indicator or () if key not in keys]
        if keys and unknown:
            raise BadRequest(f"--indicator {unknown[0]} names nothing that holds in {case}; {', '.join(keys)} do")
        levels = tuple(level for level in every if not indicator or level.indicator in indicator)
        _perform(service, Act(case, ActKind.ACCEPT, by, service.clock.now(), because, accepted=levels))
    named = ", ".join(f"{level.indicator} ({level.source}) from {level.start}" for level in levels)
    say(f"{case}: new normal, accepted by {by}: {named}")


@app.command()
def close(
    case: Id,
    by: By,
    outcome: Annotated[Found, typer.Option(help="What was found.")],
    text: Text = "",
) -> None:
    """Close a case with what was found; it stays on record."""
    _do(case, ActKind.CLOSE, by, text, Outcome(outcome.value))


def _do(case: str, kind: ActKind, by: str, text: str, outcome: Outcome | None = None) -> None:
    from monitor.wiring import opened

    with opened() as service:
        _perform(service, Act(case, kind, by, service.clock.now(), text, outcome))
    say(f"{case}: {kind} by {by}")


def _perform(service: Service, act: Act) -> None:
    from monitor.commands.acting import perform

    if not act.by.strip():
        raise BadRequest("--by needs a name: whoever reads the case later asks that person")
    perform(service, act)


def _state(row: dict[str, Any]) -> str:
    from monitor.renewal import AWAITS_ANSWER

    return f"{row['state']}; {AWAITS_ANSWER}" if row["asked"] else str(row["state"])


def _said(step: CaseChange) -> str:
    from monitor.alerts.route import said

    return said(step)


def _step(step: CaseChange) -> dict[str, object]:
    return {"at": step.at.isoformat(), "what": step.what, "reason": _said(step)}


def _act(act: Act) -> dict[str, object]:
    return {"at": act.at.isoformat(), "kind": act.kind, "by": act.by, "text": act.text, "outcome": act.outcome}


def _print(
    shown: dict[str, Any], message: dict[str, object], history: Sequence[CaseChange], done: Sequence[Act]
) -> None:
    from monitor.alerts.plain import plain

    typer.echo(plain(message))
    typer.echo(f"\nState: {_state(shown)}")
    lines = [(step.at, f"{step.what}: {_said(step)}") for step in history]
    lines += [(act.at, f"{act.kind} by {act.by}{f': {act.text}' if act.text else ''}") for act in done]
    for at, line in sorted(lines):
        typer.echo(f"{local(at)}  {line}")
