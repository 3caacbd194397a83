"""Servers that the run starts on a free loopback port, and stops with their data removed."""
