"""Descriptions: quantities with units and bounds, networks, Brunel's network."""
