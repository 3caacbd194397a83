"""Servers of the run's own: started on a free loopback port, ended with the run, their data removed."""
