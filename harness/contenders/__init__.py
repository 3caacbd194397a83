"""The contract of a contender and one file each; the file name is the name.

May import `services` and what lies below it.
"""
