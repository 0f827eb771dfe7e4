"""One module per chat network; all of them speak messages.Incoming and messages.Outgoing."""
