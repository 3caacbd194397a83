"""Two lists in Redis between a driver and a worker process: the least that leaving the process can cost."""
