"""What may happen to a run from outside: one file a fault; the file name is the fault's name."""
