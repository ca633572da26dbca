"""Number formats: one family a file, the named ones in ``catalogue``, their text in ``notation``."""

from formats.catalogue import CATALOGUE
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float, Specials
from formats.notation import parse, text
from formats.projection import AbsentNaN, AbsentZero, NaNs, Negatives, Projection

__all__ = ["CATALOGUE", "AbsentNaN", "AbsentZero", "Fixed", "Float", "Format", "NaNs", "Negatives", "Projection", "Specials", "parse", "text"]
