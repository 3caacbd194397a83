"""One trial in a process of its own, here or on another machine. May import `loads` and what lies below it."""
