"""What a run reports while it goes on: to people, and to a journal. May import `plan` and what lies below it."""
