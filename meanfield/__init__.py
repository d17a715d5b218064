"""What mean-field theory predicts for a network of spiking neurons, whether it is right, and if not, why not."""

import lazy_loader

# The stub beside this file says which name stands where. Each is imported when it is first used: a run of a batch pays
# only for what its notebook uses, and depends on no other file (see runs/batch/dependencies.py).
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
