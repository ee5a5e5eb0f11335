"""What is asked out of the freezers: pick lists as a walk, due times, what came back."""
