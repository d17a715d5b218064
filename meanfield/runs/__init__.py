"""How notebooks become results: parameters, provenance, files, batches."""
