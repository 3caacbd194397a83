"""Rows of `benchmarks.impossible`: what is asked, what is reported, and what must be by other means."""
