"""A format for those who write hardware and C: a SystemVerilog package, a C header. One language a file; what they say is gathered in ``facts``."""
