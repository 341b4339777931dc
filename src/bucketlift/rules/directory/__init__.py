"""Merge rules, the undo of loads, and the targets of a directory of people."""
