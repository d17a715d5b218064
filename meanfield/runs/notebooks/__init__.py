"""The parameter models of the notebooks: NAME.py holds that of ``notebooks/NAME.ipynb``."""
