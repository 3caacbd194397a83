"""The contract of a contender, and one file per contender, named after it.

May import `services` and what lies below it.
"""
