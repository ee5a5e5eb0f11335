"""The outbox: what participants are to be told, in codes only; addresses are looked up when it is sent."""
