"""What is measured in simulated spikes."""
