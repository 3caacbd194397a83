"""What is to be done: each workload defined once, knowing no side and no harness."""
