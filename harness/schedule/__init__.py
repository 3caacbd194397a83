"""Which trials a run has, in which order, and until when. May import `progress` and what lies below it."""
