"""What mean-field theory predicts: rates, their stability and irregularity. Never imports a simulator."""
