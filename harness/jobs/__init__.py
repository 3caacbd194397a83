"""Jobs of the user's own, as workloads: found, imported in the run's children alone, and compared side by side.

May import only errors.
"""
