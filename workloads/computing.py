"""CPU work that is the same on both sides: plain Python, which holds the GIL."""

import time


def compute(cpu_s: float) -> float:
    """Use `cpu_s` seconds of CPU time in this thread; return the CPU time used, in seconds."""
    start = time.thread_time()
    while (used := time.thread_time() - start) < cpu_s:
        sum(range(100))
    return used
