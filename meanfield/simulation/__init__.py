"""Networks simulated in NEST; the only place that imports it."""
