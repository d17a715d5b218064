"""What mean-field theory predicts: rates, their stability, irregularity and fluctuations. Never imports a simulator."""
