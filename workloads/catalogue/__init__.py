"""One file a workload; the file name is the workload's name."""
