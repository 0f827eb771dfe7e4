"""Telegram: raw updates in (committed before they are confirmed), paced and signed messages out."""
