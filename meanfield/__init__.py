"""What mean-field theory predicts for a network of spiking neurons, whether it is right, and if not, why not."""

import lazy_loader

# The stub beside this file says which name stands where. Each is imported when it is first used: a run of a batch pays
# only for what its notebook uses, and depends on no other file (see runs/batch/dependencies.py).
_get, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name):
    try:
        return _get(name)
    except ModuleNotFoundError as error:  # an extra of pyproject.toml that is not installed
        if (error.name or "meanfield").split(".")[0] == "meanfield":
            raise
        help = "pip install 'meanfield[notebooks]' installs all that is needed"
        raise ModuleNotFoundError(f"meanfield.{name} needs {error.name}; {help}", name=error.name) from None
