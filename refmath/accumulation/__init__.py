"""Sums, dot products and matrix products as models: everything that decides their result bit for bit is a parameter.

``terms`` says what is summed, ``ordered``, ``exact``, ``blocked`` and ``aligned`` how, ``units`` names the matrix units of GPUs, ``notation`` turns text into models,
``probe`` finds the order of a function that is not known, and ``reductions`` are those of IEEE 754-2019. ``formats.accumulate`` applies models to codes.
"""

from refmath.accumulation.aligned import Aligned, NaNResult, When
from refmath.accumulation.blocked import Blocked
from refmath.accumulation.exact import Exact, Quire
from refmath.accumulation.model import Model
from refmath.accumulation.notation import parse as parse_model
from refmath.accumulation.ordered import Addend, Fold, Given, Lanes, Ordered, Pairwise, Sequential, Tail
from refmath.accumulation.probe import Box, Probed, probe
from refmath.accumulation.reductions import REDUCTIONS, SCALED_PRODUCTS
from refmath.accumulation.terms import Accumulator, Operand, Term, exponent_of, multiplied, single
from refmath.accumulation.trees import Node, Tree
from refmath.accumulation.units import UNITS

__all__ = [
    "REDUCTIONS",
    "SCALED_PRODUCTS",
    "UNITS",
    "Accumulator",
    "Addend",
    "Aligned",
    "Blocked",
    "Box",
    "Exact",
    "Fold",
    "Given",
    "Lanes",
    "Model",
    "NaNResult",
    "Node",
    "Operand",
    "Ordered",
    "Pairwise",
    "Probed",
    "Quire",
    "Sequential",
    "Tail",
    "Term",
    "Tree",
    "When",
    "exponent_of",
    "multiplied",
    "parse_model",
    "probe",
    "single",
]
