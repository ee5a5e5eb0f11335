"""The bench: centrifuging in time, aliquots that inherit participant, consent and holds."""
