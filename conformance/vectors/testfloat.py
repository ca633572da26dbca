"""TestFloat text: one case a line, ``operand{ operand} result flags``, in upper-case hexadecimal of fixed width, one space, a newline at the end of every line.

What ``testfloat_gen`` prints and ``testfloat_ver`` accepts, and the same for any other operation and format. A stochastic mode has its random operand behind
the operands. There is no room for a header: a file has a sidecar.
"""

from collections.abc import Iterator

from conformance.vectors.careful import read_line
from conformance.vectors.lines import Shape, separated
from conformance.vectors.scan import Item, scan
from conformance.vectors.streams import Pieces
from conformance.vectors.subject import Subject


def shape(subject: Subject) -> Shape:
    """How its lines look."""
    return separated(subject, b" ")


def read(pieces: Pieces, subject: Subject) -> Iterator[Item]:
    """The cases and the slips of a file, in order."""
    return scan(pieces, shape(subject), lambda line, number: read_line(line, number, subject))
