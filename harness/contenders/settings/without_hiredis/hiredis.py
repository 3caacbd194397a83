"""Stands before the real package on a worker's path, so that redis-py does without it."""

raise ImportError("hiredis is left out by the setting no-hiredis")
