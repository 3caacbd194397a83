"""One file per workload; each contains the task of the same name."""
