"""What a run reports during the run: to a terminal and to a journal. May import `plan` and the rooms below it."""
