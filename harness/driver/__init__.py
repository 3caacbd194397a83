"""One trial in its own process, here or on another machine. May import `loads` and the rooms below it."""
