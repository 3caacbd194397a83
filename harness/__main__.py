"""`python -m harness` is `workbench`."""

from harness.cli.entry import entry_point

entry_point()
