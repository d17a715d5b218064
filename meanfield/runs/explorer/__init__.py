"""The explorer: theory's predictions for a network, and the widgets that move its parameters."""
