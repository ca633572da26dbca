"""Emulators that are described in a file or on the command line and need no code here: any program, any Python function.

``description`` is what is said about one and how it is read; ``claims`` reads a claim; ``program`` and ``function`` call it;
``spec/emulators.md`` is the guide.
"""
