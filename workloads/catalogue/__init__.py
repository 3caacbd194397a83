"""One file per workload; the file name is the workload's name."""
