"""What can be changed of a contender by a name: one file a side."""
