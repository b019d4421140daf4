"""What people type into a command that others will read: their name, and words about a case."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.sound import LETTERS


def sound(text: str) -> str:
    """Give a text as it was typed, or say why nobody else's terminal should print it.

    >>> sound("seen, and asked the trust")
    'seen, and asked the trust'
    """
    if len(text) > LETTERS:
        raise typer.BadParameter(f"{len(text):,} letters; at most {LETTERS:,}: keep the rest where the matter is kept")
    if not text.isprintable():  # nor are bytes that were no text
        raise typer.BadParameter("one line of plain text is needed: no line breaks or control characters")
    return text


By = Annotated[str, typer.Option("--by", help="Your name or your body's; it is kept with what you do.", callback=sound)]
Text = Annotated[str, typer.Option(help="What others should know about it.", callback=sound)]
Because = Annotated[str, typer.Option(help="Why the new level is the normal one from now on.", callback=sound)]
Note = Annotated[
    str,
    typer.Argument(help="The note; name no patient and no member of staff.", metavar="TEXT", callback=sound),
]
Id = Annotated[str, typer.Argument(help="The case, as `monitor cases list` names it.", metavar="CASE", callback=sound)]
