"""The workloads as in-process coroutines: plain application code, one file per workload."""
