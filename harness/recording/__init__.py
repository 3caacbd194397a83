"""What one trial recorded: stamps in a spool, request ids, the fold into histograms.

May import `statistics` and what lies below it.
"""
