"""What people asked to hear of unasked: a day to query their own report, and incidents of a platform."""
