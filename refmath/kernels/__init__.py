"""The array engine: the pipeline of the reference on NumPy arrays of codes, compiled by Numba.

decode every operand exactly, compute exactly, round once, saturate, encode: the same steps, on 64-bit integers. Formats and
projections are run-time parameters, so that a kernel is compiled once for all of them and kept on disk. What the carrier cannot hold,
the engine does not do: ``formats.arrays`` then runs the reference.
"""
