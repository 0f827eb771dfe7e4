"""Many people with one trouble: incidents, and tickets that follow another."""
