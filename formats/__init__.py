"""Number formats: one family a file, the named ones in ``catalogue``, their text in ``notation``; operations on codes in ``arithmetic``, on numbers in ``context``."""

from formats.arithmetic import operate, operation
from formats.catalogue import CATALOGUE
from formats.context import Context, current
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float, Specials
from formats.notation import parse, text
from formats.number import Number
from formats.projection import AbsentNaN, AbsentZero, NaNs, Negatives, Projection

__all__ = [
    "CATALOGUE",
    "AbsentNaN",
    "AbsentZero",
    "Context",
    "Fixed",
    "Float",
    "Format",
    "NaNs",
    "Negatives",
    "Number",
    "Projection",
    "Specials",
    "current",
    "operate",
    "operation",
    "parse",
    "text",
]
