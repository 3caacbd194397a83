"""What measures the harness itself, against hand-written scripts: ratios, paired in one run."""
