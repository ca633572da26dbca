"""The commands of the command line, one a file; each is imported when it is invoked, and not before.

A module of this package that is named here defines ``command``, a ``click.Command``. Its callback returns an exit status, or
None for success.
"""

COMMANDS = {
    "formats": "List the formats that have a name.",
    "show": "Show a format, or what one of its codes means.",
    "table": "List codes as text, CSV, Markdown, JSON or LaTeX.",
    "convert": "Convert values or codes, with every policy by name.",
    "operations": "List the operations, with their names and clauses.",
    "eval": "Evaluate an expression, rounding once at every step.",
    "explain": "Explain a result: the gap, the bits, the rule that decided.",
    "check": "Hold libraries to the reference: what differs, and why.",
    "campaign": "Check for hours: start, resume, status and report of a plan.",
    "identify": "Find which format and which policies a function implements.",
    "vectors": "Write test vectors for hardware, in any syntax.",
    "verify": "Recompute the cases of files of vectors.",
    "header": "Write a format as a SystemVerilog package or a C header.",
    "serve": "Answer a simulator, line by line.",
    "order": "Find in which order a library sums, and which model it equals.",
    "completion": "Print the shell completion script for bash, zsh or fish.",
}
"""The commands in the order of the help, with their one-line helps."""
