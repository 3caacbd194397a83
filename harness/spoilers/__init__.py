"""What in a job spoils the comparison: rules over its source, and over what was seen while it ran. One file a rule.

May import `accounting` and what lies below it.
"""
