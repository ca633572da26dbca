"""A format as a SystemVerilog package (IEEE 1800-2012): parameters, a type for codes, a packed struct of their fields, named codes, flags."""

from conformance.headers.facts import Facts, facts
from formats.family import Format


def package(fmt: Format) -> str:
    """The text of the package ``<format>_pkg``."""
    known = facts(fmt)
    lines = [f"// {known.title}.", f"package {known.identifier}_pkg;"]
    lines += [f"  localparam int {one.name} = {one.value};  // {one.about}" for one in known.parameters]
    lines += ["", "  typedef logic [WIDTH-1:0] code_t;"]
    lines += _struct(known) if known.fields else []
    lines += ["", *(f"  localparam code_t {one.name} = {known.width}'h{one.code:0{-(-known.width // 4)}x};  // {one.about}" for one in known.codes)]
    lines += ["", "  // Exception flags, as bits.", *(f"  localparam logic [4:0] FLAG_{one.name} = 5'd{one.value};" for one in known.flags)]
    return "\n".join([*lines, "endpackage", ""])


def _struct(known: Facts) -> list[str]:
    fields = [f"    logic [{field.bits - 1}:0] {field.name};" if field.bits > 1 else f"    logic {field.name};" for field in known.fields]
    return ["", "  typedef struct packed {", *fields, "  } fields_t;"]
