"""Celery: waiting and computing both hold the slot; with prefork, each slot is a process that can use its own core."""

import time

from celery_side.app import app
from workloads.computing import compute
from workloads.side import CelerySide


@app.task(name="mixed_cpu")
def mixed_cpu(wait_s: float, cpu_s: float) -> float:
    """Wait, then compute; return the CPU time used, in seconds."""
    time.sleep(wait_s)
    return compute(cpu_s)


SIDE = CelerySide(task=mixed_cpu)
