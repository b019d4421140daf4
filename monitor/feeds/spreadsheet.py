"""Text that a spreadsheet shows and never runs (pure)."""

from __future__ import annotations

import re

_RUNS = re.compile("[=+\\-@\t\r＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
QUOTE = "'"


def harmless(text: str) -> str:
    r"""Write a text so that a spreadsheet opens it as text: what begins a formula gets an apostrophe before it.

    For every cell of text in a CSV of ours that somebody else's file has named. A number stays a number.

    References
    ----------
    OWASP, CSV Injection: cells that begin with = + - @, a tab or a carriage return, or with their full-width forms.

    Examples
    --------
    >>> harmless("=HYPERLINK(1)"), harmless("RX1 complaints"), harmless("-5"), harmless("-5+1")
    ("'=HYPERLINK(1)", 'RX1 complaints', '-5', "'-5+1")
    """
    return QUOTE + text if _RUNS.match(text) and not _NUMBER.fullmatch(text) else text
