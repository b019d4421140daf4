"""`monitor hints`: what river sees beside the detectors; for operators, and never a signal."""

from __future__ import annotations

from dataclasses import asdict

import typer

from monitor.commands.output import Json, emit, table

PANEL = "Operate"


def hints(as_json: Json = False) -> None:
    """List unusual mixtures of scores, and models that no longer fit. Hints for operators: none of them is a signal."""
    from monitor.hints import health, stored, unusual
    from monitor.overview import known
    from monitor.wiring import opened

    with opened() as service:
        one = known(service)
        scores = stored(service, one)
        mixed, models = unusual(one, scores), health(scores)
    if as_json:
        emit(
            {
                "mixtures": [
                    {
                        "organisation": each.organisation.code, "name": each.organisation.name,
                        "peer_group": each.peer_group.value, "month": f"{each.month:%Y-%m}",
                        "higher": each.higher, "lower": each.lower,
                    }
                    for each in mixed
                ],
                "models": [
                    {
                        "indicator": each.indicator, "source": each.source, "fits": each.misfit is None,
                        "misfit": asdict(each.misfit) | {"since": each.misfit.since[0]} if each.misfit else None,
                    }
                    for each in models
                ],
            }
        )  # fmt: skip
        return
    rows = [
        (each.organisation.name, each.peer_group.value, ", ".join(each.higher), ", ".join(each.lower)) for each in mixed
    ]
    table(("unusual mixture", "among", "higher than expected", "lower than expected"), rows, "no unusual mixture")
    typer.echo()
    misfits = [(one.indicators[each.indicator].name, each.source, each.misfit.said) for each in models if each.misfit]
    table(("model", "source", "what is wrong"), misfits, "all models fit, as far as is known")
    typer.echo("\nHints for operators: no signal, no case, and no message comes of them.")


COMMANDS = (hints,)
