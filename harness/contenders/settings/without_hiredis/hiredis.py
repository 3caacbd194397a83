"""Hides the real package on a worker's path, so that redis-py does not use it."""

raise ImportError("hiredis is disabled by the setting no-hiredis")
