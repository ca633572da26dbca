"""Which operands to try."""
