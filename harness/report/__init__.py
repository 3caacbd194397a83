"""Results rendered: the answer, tables, charts, pages, the comparison of two runs. Imports nothing that runs."""
