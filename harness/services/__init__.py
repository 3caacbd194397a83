"""What a run needs beside its drivers and workers: brokers, the origin, PostgreSQL.

May import `recording` and what lies below it.
"""
