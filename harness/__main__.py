"""`python -m harness` is `workbench`."""

from harness.cli.main import main

main()
