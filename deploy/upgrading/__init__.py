"""From one release to the next, and back."""
