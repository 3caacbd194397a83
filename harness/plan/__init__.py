"""From TOML and the command line to the cells to measure: `making` is the beginning, `cells` the end.

May import `spoilers` and what lies below it.
"""
