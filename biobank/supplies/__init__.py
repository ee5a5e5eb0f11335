"""Kits mailed to participants: what was asked for, sent and delivered."""
