"""To a millionth: what figures, words and their sums are kept to (pure).

Adding and taking away in any order then gives the same sum, for sums below 2^31, of which a float64 still tells
millionths apart after two roundings.
"""

from __future__ import annotations

DECIMALS = 6
LEAST = 10**-DECIMALS


def rounded(figure: float) -> float:
    """Give a figure to a millionth; a whole one is that already, as most are, and rounding it takes four times as long.

    >>> rounded(57.0), rounded(0.1 + 0.2)
    (57.0, 0.3)
    """
    return figure if figure % 1 == 0 else round(figure, DECIMALS)
