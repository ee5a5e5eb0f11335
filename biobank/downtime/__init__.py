"""Paper for the hours without a network, and its way back."""
