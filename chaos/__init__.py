"""Draws faults, injects them into runs of the real command line from outside, and checks what becomes of them."""
