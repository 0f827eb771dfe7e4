"""Tickets and the people who work on them: events, queues, agents, cards, the promises that clocks make."""
