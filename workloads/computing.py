"""Computing that both sides do alike: plain Python, which holds the GIL."""

import time


def compute(cpu_s: float) -> float:
    """Use that much CPU time of this thread; reply with how much it was, in seconds."""
    start = time.thread_time()
    while (used := time.thread_time() - start) < cpu_s:
        sum(range(100))
    return used
