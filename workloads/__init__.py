"""The workloads: each is defined once, and depends on neither side nor the harness."""
