"""From TOML and the command line to the cells to measure. May import `accounting` and what lies below it."""
