"""The harness: drives every contender in the same way, measures, and writes results."""
