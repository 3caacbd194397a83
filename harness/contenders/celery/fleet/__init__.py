"""Workers and drivers that wait for runs, on any machine: who they are, which run has leased them, and for how long."""
