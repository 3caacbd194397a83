"""How work arrives: one file a load; the file name is the load's name.

May import `contenders` and what lies below it.
"""
