"""What becomes of small disturbances, by either theory."""
