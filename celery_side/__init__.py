"""The workloads as Celery tasks: plain application code."""
