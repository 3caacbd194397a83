"""`python -m harness` is `workbench`."""

from harness.cli import main

main()
