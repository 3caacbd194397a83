"""How many slots and processes a rate needs, and how long requests then wait: pure functions."""
