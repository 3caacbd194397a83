"""From TOML and the command line to the cells to measure: `making` is the beginning, `cells` the end.

May import `accounting` and what lies below it.
"""
