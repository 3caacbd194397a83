"""One file a workload; each holds the task of the same name."""
