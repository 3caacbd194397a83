"""From a recording to a trial, from trials to a summary. May import `driver` and what lies below it."""
