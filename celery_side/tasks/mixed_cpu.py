"""Celery: both hold the slot; on prefork the computing has a core of its own."""

import time

from celery_side.app import app
from workloads.computing import compute
from workloads.side import CelerySide


@app.task(name="mixed_cpu")
def mixed_cpu(wait_s: float, cpu_s: float) -> float:
    """Wait, then compute."""
    time.sleep(wait_s)
    return compute(cpu_s)


SIDE = CelerySide(task=mixed_cpu)
