"""Drivers on other machines: Celery workers with one task, which talk to the session over the broker."""
