"""`python -m harness` is `workbench`."""

from harness.cli.main import entry_point

entry_point()
