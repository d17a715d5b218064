"""The way from notebooks to results: parameters, provenance, files, batches."""
