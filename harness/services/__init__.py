"""The services that a run needs in addition to drivers and workers: brokers, the origin, PostgreSQL.

May import `recording` and what lies below it.
"""
