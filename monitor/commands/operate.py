"""`monitor doctor` and `monitor db`: is all well, and if not, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from monitor.commands.output import Json, emit, say
from monitor.errors import MonitorError, Outage

if TYPE_CHECKING:
    from monitor.commands.checks import Finding

PANEL = "Operate"
ASK_AGAIN = "do what it says, then ask the doctor again"
app = typer.Typer(help="The database.", no_args_is_help=True)


@app.callback()
def _database() -> None:
    pass


@app.command("upgrade")
def upgrade_(as_json: Json = False) -> None:
    """Bring the database to the tables of this version; stop workers and relays before, keep a copy."""
    from monitor.settings import read_settings
    from monitor.store.engine import open_engine
    from monitor.store.upgrade import upgrade, versions
    from monitor.wiring import private

    settings = read_settings()
    private(settings.home)
    engine = open_engine(settings.database)
    before, _ = versions(engine)
    upgrade(engine)
    now, _ = versions(engine)
    engine.dispose()
    emit({"before": before, "now": now}) if as_json else say(f"the database was at step {before}, is at {now}")


def doctor(as_json: Json = False) -> None:
    """Check home, database, feeds, positions, outbox and accounts; say in words what to do. Exit 1 if anything is."""
    findings = _findings()
    if as_json:
        emit([finding._asdict() for finding in findings])
    else:
        for finding in findings:
            typer.echo(f"{'ok   ' if finding.ok else 'LOOK '} {finding.check}: {finding.said}")
            if finding.remedy:
                typer.echo(f"      → {finding.remedy}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _findings() -> list[Finding]:
    from monitor.commands.checks import Finding, examine, open_to_others
    from monitor.settings import read_settings
    from monitor.wiring import opened

    try:
        settings = read_settings()
        exposed = open_to_others(settings.home)
        with opened(settings) as service:
            return examine(service, exposed)
    except MonitorError as error:
        remedy = error.remedy if isinstance(error, Outage) else None
        return [Finding("database", ok=False, said=str(error), remedy=remedy or ASK_AGAIN)]


COMMANDS = (doctor,)
