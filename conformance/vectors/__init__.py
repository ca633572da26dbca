"""Files of test cases: one file format a module."""
