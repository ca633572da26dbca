"""Number formats: one family a file, the named ones in ``catalogue``, their text in ``notation``; operations on codes in ``arithmetic``, on arrays of codes
in ``arrays``, on numbers in ``context``."""

from formats.affine import Affine
from formats.arithmetic import operate, operation
from formats.catalogue import CATALOGUE
from formats.codebook import Codebook
from formats.context import Context, current
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float, Specials
from formats.logarithmic import Logarithmic
from formats.notation import parse, text
from formats.number import Number
from formats.posit import Posit
from formats.projection import AbsentNaN, AbsentZero, NaNs, Negatives, Projection
from formats.quire import Quire
from formats.takum import Takum

__all__ = [
    "CATALOGUE",
    "AbsentNaN",
    "AbsentZero",
    "Affine",
    "Codebook",
    "Context",
    "Fixed",
    "Float",
    "Format",
    "Logarithmic",
    "NaNs",
    "Negatives",
    "Number",
    "Posit",
    "Projection",
    "Quire",
    "Specials",
    "Takum",
    "current",
    "operate",
    "operation",
    "parse",
    "text",
]
