"""What `workbench decide` concludes from measured figures: pure functions. `harness.report.card` has its sentences."""
