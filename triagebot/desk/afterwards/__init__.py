"""What comes after the end of a ticket: coming back to the person, stars, reopening."""
